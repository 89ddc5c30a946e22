//! The system calls of a process that move octets, counted by the kernel through `perf stat` while a run goes on.
//! Where perf cannot count there are no counts; nothing else depends on them. Counting costs both servers some 2 % of their time.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::process::Process;

/// A count under way.
#[derive(Debug)]
pub struct Calls(Child);

/// Calls that read and calls that wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    /// `read`, `recvfrom` and their kin, files included.
    pub reads: u64,
    /// `write`, `sendto` and their kin, files included.
    pub writes: u64,
}

const READS: &[&str] = &["read", "readv", "recvfrom", "recvmsg", "pread64"];
const WRITES: &[&str] = &["write", "writev", "sendto", "sendmsg", "pwrite64"];
/// How long perf may take to say what it counted.
const SAY_TIME: Duration = Duration::from_secs(10);

impl Calls {
    /// Counts the calls of a process from now on; nothing where perf cannot be started.
    #[must_use]
    pub fn of(process: Process) -> Option<Self> {
        let events: Vec<String> =
            READS.iter().chain(WRITES).map(|call| format!("syscalls:sys_enter_{call}")).collect();
        let mut perf = Command::new("perf");
        perf.args(["stat", "-x", ",", "-e", &events.join(","), "-p", &process.0.to_string()]);
        perf.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        perf.spawn().ok().map(Self)
    }

    /// Ends the count; nothing where perf may not count.
    pub async fn end(self) -> Option<Counted> {
        let pid = Pid::from_raw(i32::try_from(self.0.id()?).ok()?)?;
        kill_process(pid, Signal::INT).ok()?;
        let output = timeout(SAY_TIME, self.0.wait_with_output()).await.ok()?.ok()?;
        read(&String::from_utf8_lossy(&output.stderr))
    }
}

/// Reads the lines of `perf stat -x ,`: count, unit, event ...
#[must_use]
pub fn read(said: &str) -> Option<Counted> {
    let sum = |calls: &[&str]| {
        let of = |call: &&str| {
            let event = format!(",,syscalls:sys_enter_{call},");
            let count = said.lines().find_map(|line| line.split_once(&event)).map(|(count, _)| count)?;
            // A call that never came is not counted.
            if count.starts_with('<') { Some(0) } else { count.parse::<u64>().ok() }
        };
        calls.iter().map(of).sum::<Option<u64>>()
    };
    Some(Counted { reads: sum(READS)?, writes: sum(WRITES)? })
}
