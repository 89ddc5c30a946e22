//! What the kernel says of a process: the time it computed and the memory that is its own. Linux only (/proc).
//! Starts and ends nothing.

use std::fs;

use crate::trouble::Trouble;

/// A process that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

/// What was computed since a meter was read first, in seconds; nothing of what is elsewhere.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Spent {
    /// By the server, or by those of a pool.
    pub server: Option<f64>,
    /// By the database, where the store is one.
    pub store: Option<f64>,
}

/// A reading to compare later ones with.
#[derive(Debug)]
pub struct Meter<'a> {
    servers: &'a [Process],
    store: Option<Process>,
    first: Spent,
}

impl<'a> Meter<'a> {
    /// The first reading of these servers and their database.
    ///
    /// # Errors
    /// [`Trouble::File`] when one does not run.
    pub fn of(servers: &'a [Process], store: Option<Process>) -> Result<Self, Trouble> {
        let mut meter = Self { servers, store, first: Spent::default() };
        meter.first = meter.now()?;
        Ok(meter)
    }

    /// What was computed since the first reading.
    ///
    /// # Errors
    /// [`Trouble::File`] when one does not run any more.
    pub fn spent(&self) -> Result<Spent, Trouble> {
        let now = self.now()?;
        let since = |first: Option<f64>, now: Option<f64>| first.zip(now).map(|(first, now)| now - first);
        Ok(Spent { server: since(self.first.server, now.server), store: since(self.first.store, now.store) })
    }

    fn now(&self) -> Result<Spent, Trouble> {
        let each: Vec<f64> = self.servers.iter().map(|one| one.computed()).collect::<Result<_, _>>()?;
        let server = (!each.is_empty()).then(|| each.iter().sum());
        Ok(Spent { server, store: self.store.map(Process::computed_with_children).transpose()? })
    }
}

impl Process {
    /// The seconds it computed since it began; the kernel counts hundredths.
    ///
    /// # Errors
    /// [`Trouble::File`] when it does not run.
    pub fn computed(self) -> Result<f64, Trouble> {
        let [user, system, ..] = ticks(&self.read("stat")?);
        Ok((user + system) / second())
    }

    /// The same, with all that it started itself, those that have ended among them.
    ///
    /// # Errors
    /// [`Trouble::File`] when it does not run.
    pub fn computed_with_children(self) -> Result<f64, Trouble> {
        let mut all: f64 = ticks(&self.read("stat")?).iter().sum();
        let what = "/proc".to_owned();
        for entry in fs::read_dir(&what).map_err(|fault| Trouble::File { what, fault })?.flatten() {
            // What is no process, or has ended since, has nothing to read.
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
            if fields(&stat).nth(1).and_then(|parent| parent.parse().ok()) == Some(self.0) {
                all += ticks(&stat).iter().sum::<f64>();
            }
        }
        Ok(all / second())
    }

    /// Its own share of memory (PSS), in KiB.
    ///
    /// # Errors
    /// [`Trouble::File`] when it does not run.
    pub fn memory_kib(self) -> Result<f64, Trouble> {
        let text = self.read("smaps_rollup")?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
        Ok(line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0))
    }

    fn read(self, name: &str) -> Result<String, Trouble> {
        let what = format!("/proc/{}/{name}", self.0);
        fs::read_to_string(&what).map_err(|fault| Trouble::File { what, fault })
    }
}

/// The fields of a line of the kernel after the name of the program, which stands in brackets and may hold blanks.
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

/// The time in the program and in the kernel, its own and that of children that have ended.
fn ticks(stat: &str) -> [f64; 4] {
    let mut times = fields(stat).skip(11).map(|field| field.parse().unwrap_or(0.0));
    std::array::from_fn(|_| times.next().unwrap_or(0.0))
}

fn second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}
