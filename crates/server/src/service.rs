//! The server as a service of this machine: its unit, whether it runs and as which process, starting and stopping it, with
//! systemd or without. Says nothing of pools.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use crate::data::{Data, MYSELF};
use crate::socket;
use crate::trouble::{Trouble, at};

/// The name of the unit.
pub const UNIT: &str = "causerie.service";
/// Where units lie, below the root.
pub const UNIT_FOLDER: &str = "etc/systemd/system";
/// The settings file in a data directory.
pub const SETTINGS: &str = "causerie.toml";
/// What a server that was started without systemd writes, in a data directory.
pub const LOG: &str = "serve.log";
/// Where systemd says that it runs.
const SYSTEMD: &str = "/run/systemd/system";
/// The unit as it is packaged.
const TEMPLATE: &str = include_str!("../../../packaging/causerie.service");
/// How long a server may take to accept people (ours: a store that was left open is gone through first).
const START_TIME: Duration = Duration::from_secs(60);
/// How long it may take to end (contract: ten seconds).
const STOP_TIME: Duration = Duration::from_secs(15);
/// How often it is looked (ours).
const LOOK: Duration = Duration::from_millis(50);

/// Whether systemd runs this machine.
#[must_use]
pub fn systemd_runs() -> bool {
    Path::new(SYSTEMD).exists()
}

/// Whether systemd has our unit, for this data directory.
#[must_use]
pub fn is_installed(place: &Path) -> bool {
    let Ok(place) = std::path::absolute(place) else { return false };
    let line = format!("Environment=\"CAUSERIE_DATA={}\"", place.display());
    let shown = || Command::new("systemctl").args(["cat", UNIT]).output();
    systemd_runs()
        && shown().is_ok_and(|said| String::from_utf8_lossy(&said.stdout).lines().any(|one| one == line))
}

/// Tells systemd something.
///
/// # Errors
/// [`Trouble::Unavailable`] with what it says.
pub fn systemctl(words: &[&str]) -> Result<(), Trouble> {
    let said = Command::new("systemctl").args(words).output();
    let said = said.map_err(|error| Trouble::Unavailable(format!("systemctl: {error}")))?;
    if said.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&said.stderr);
    Err(Trouble::Unavailable(format!("systemctl {}: {}", words.join(" "), why.trim())))
}

/// The unit for this data directory and user.
///
/// # Errors
/// [`Trouble::Invalid`] for names that cannot stand in a unit.
pub fn unit(data: &Path, user: &str) -> Result<String, Trouble> {
    let program = std::env::current_exe()
        .map_err(|error| Trouble::Unavailable(format!("where this program lies is not known: {error}")))?;
    let user_fits = |octet: u8| octet.is_ascii_alphanumeric() || b"_-.".contains(&octet);
    if user.is_empty() || user.starts_with('-') || !user.bytes().all(user_fits) {
        return Err(Trouble::Invalid(format!("'{user}' is no name of a user of this machine")));
    }
    let (data, program) = (quotable(data)?, quotable(&program)?);
    Ok(TEMPLATE.replace("@USER@", user).replace("@DATA@", data).replace("@PROGRAM@", program))
}

/// A path that stands between quotes in a unit and means itself.
fn quotable(path: &Path) -> Result<&str, Trouble> {
    let fits = |text: &&str| !text.contains(['"', '\\', '%', '$', '@']) && !text.contains(char::is_control);
    path.to_str().filter(fits).ok_or_else(|| {
        let why = "it cannot stand in a unit of systemd: use a path without quotes, backslashes, %, $ and @";
        Trouble::Invalid(format!("{}: {why}", path.display()))
    })
}

/// The process of the running server; `None` when none takes commands.
pub async fn process(data: &Data) -> Option<i32> {
    socket::server(data).await
}

/// Starts a server that goes on when this process ends; returns once it takes commands.
///
/// # Errors
/// [`Trouble::Unavailable`] when it ends before that, with the end of its log.
pub async fn start(data: &Data) -> Result<i32, Trouble> {
    let log = data.file(LOG);
    let open = || OpenOptions::new().create(true).append(true).mode(0o600).open(&log);
    let (out, err) = (open().map_err(at(&log))?, open().map_err(at(&log))?);
    // By its own name, under which lists of processes show it; the name is gone when another version was put there.
    let own = std::env::current_exe().ok().filter(|program| program.is_file());
    let mut command = Command::new(own.unwrap_or_else(|| MYSELF.into()));
    command.arg0("causerie").arg("serve").arg("--data").arg(data.path());
    command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
    let mut child = command.spawn().map_err(at(&log))?;
    let started = timeout(START_TIME, until_it_takes_commands(data, &mut child)).await;
    match started {
        Ok(Some(process)) => Ok(process),
        Ok(None) | Err(_) => {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            let last = text.lines().last().unwrap_or("it said nothing").to_owned();
            Err(Trouble::Unavailable(format!("the server did not start: {last} ({})", log.display())))
        }
    }
}

/// `None` when it ended.
async fn until_it_takes_commands(data: &Data, child: &mut Child) -> Option<i32> {
    loop {
        if let Some(process) = process(data).await {
            return Some(process);
        }
        if child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return None;
        }
        sleep(LOOK).await;
    }
}

/// Asks the server to end, and returns once it has given the data directory up.
///
/// # Errors
/// [`Trouble::Unavailable`] when it cannot be asked, or does not end in time.
pub async fn stop(data: &Data, process: i32) -> Result<(), Trouble> {
    let pid = Pid::from_raw(process).ok_or_else(|| Trouble::Unavailable("no such process".into()))?;
    kill_process(pid, Signal::TERM).map_err(|error| {
        Trouble::Denied(format!("the server, process {process}, cannot be asked to end: {error}"))
    })?;
    let ended = async {
        while data.hold()?.is_none() {
            sleep(LOOK).await;
        }
        Ok(())
    };
    timeout(STOP_TIME, ended).await.unwrap_or_else(|_| {
        Err(Trouble::Unavailable(format!(
            "the server, process {process}, did not end within {STOP_TIME:?}: see its log"
        )))
    })
}
