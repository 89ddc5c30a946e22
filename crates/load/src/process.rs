//! What the kernel says of a process: the time it computed and the memory that is its own. Linux only (/proc).
//! Starts and ends nothing.

use std::fs;

use serde::Serialize;

use crate::trouble::Trouble;

/// A process that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

/// The time a process computed, in seconds.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
pub struct Computed {
    /// In the program.
    pub user_s: f64,
    /// In the kernel.
    pub system_s: f64,
}

impl Process {
    /// The time it computed since it began; the kernel counts hundredths of a second.
    ///
    /// # Errors
    /// [`Trouble::File`] when it does not run.
    pub fn computed(self) -> Result<Computed, Trouble> {
        let text = self.read("stat")?;
        // The name of the program, in brackets, may hold blanks.
        let fields: Vec<&str> =
            text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
        let second = rustix::param::clock_ticks_per_second() as f64;
        Ok(Computed { user_s: ticks(11) / second, system_s: ticks(12) / second })
    }

    /// What several computed since they began; nothing of none.
    ///
    /// # Errors
    /// [`Trouble::File`] when one does not run.
    pub fn computed_by(processes: &[Self]) -> Result<Option<Computed>, Trouble> {
        let mut all = None;
        for process in processes {
            let (sum, one) = (all.unwrap_or(Computed::default()), process.computed()?);
            all = Some(Computed { user_s: sum.user_s + one.user_s, system_s: sum.system_s + one.system_s });
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

impl Computed {
    /// What was computed since an earlier reading, in seconds.
    #[must_use]
    pub fn since(self, before: Self) -> f64 {
        self.user_s + self.system_s - before.user_s - before.system_s
    }
}
