//! What the kernel says of a process: the time it computed and the memory that is its own. Linux only (/proc, clocks of processes).
//! Starts and ends nothing.

use std::fs;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

use crate::trouble::Trouble;

/// A process that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

/// What was computed since a meter was read first, in seconds; nothing of what is elsewhere.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Spent {
    /// By the server, or by those of a pool.
    pub server: Option<f64>,
    /// By the database, where the store is one, and by what else serves the servers of a pool.
    pub store: Option<f64>,
}

/// A reading to compare later ones with.
#[derive(Debug)]
pub struct Meter<'a> {
    servers: &'a [Process],
    store: &'a [Process],
    first: Spent,
}

impl<'a> Meter<'a> {
    /// The first reading of these servers and of what they have their store by.
    ///
    /// # Errors
    /// [`Trouble::File`] when one does not run.
    pub fn of(servers: &'a [Process], store: &'a [Process]) -> Result<Self, Trouble> {
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
        let sum = |all: &[Process], read: fn(Process) -> Result<f64, Trouble>| {
            let each: Vec<f64> = all.iter().map(|one| read(*one)).collect::<Result<_, _>>()?;
            Ok((!each.is_empty()).then(|| each.iter().sum()))
        };
        Ok(Spent {
            server: sum(self.servers, Process::computed)?,
            store: sum(self.store, Process::computed_with_children)?,
        })
    }
}

impl Process {
    /// The seconds it computed since it began, with threads that have ended.
    ///
    /// # Errors
    /// [`Trouble::File`] when it does not run.
    pub fn computed(self) -> Result<f64, Trouble> {
        // What is in /proc is counted in hundredths, of which a short run has ten.
        let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(self.0.cast_signed()));
        let time = clock.and_then(clock_gettime).map(Duration::from);
        time.map(|time| time.as_secs_f64()).map_err(|fault| Trouble::File {
            what: format!("the clock of process {}", self.0),
            fault: fault.into(),
        })
    }

    /// The same, with all that it started itself; of those that have ended the kernel counts hundredths.
    ///
    /// # Errors
    /// [`Trouble::File`] when it does not run.
    pub fn computed_with_children(self) -> Result<f64, Trouble> {
        let mut all = self.computed()? + of_ended(&self.read("stat")?);
        let what = "/proc".to_owned();
        for entry in fs::read_dir(&what).map_err(|fault| Trouble::File { what, fault })?.flatten() {
            // What is no process, or has ended since, has nothing to read.
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
            let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if fields(&stat).nth(1).and_then(|parent| parent.parse().ok()) == Some(self.0)
                && let Some(computed) = pid.and_then(|pid| Self(pid).computed().ok())
            {
                all += computed + of_ended(&stat);
            }
        }
        Ok(all)
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

/// The seconds that children computed, in the program and in the kernel, which have ended.
fn of_ended(stat: &str) -> f64 {
    let ticks: f64 = fields(stat).skip(13).take(2).map(|field| field.parse().unwrap_or(0.0)).sum();
    ticks / rustix::param::clock_ticks_per_second() as f64
}
