//! The server that is measured: the real program on a data directory of this run, or one that runs already.
//! Knows its command line, its ready line and the secrets that servers of a pool share, and nothing else of the inside.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use crate::link::Doors;
use crate::pool::{Pool, Seat, share_secrets};
use crate::process::{Meter, Process};
use crate::progress::Progress;
use crate::trouble::Trouble;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse 9";
/// The domain of a run.
pub(crate) const DOMAIN: &str = "example.com";
/// How long a program may take to say that it is ready.
const READY_TIME: Duration = Duration::from_secs(120);
/// How long a server may take to stop before it is killed (ours: the product has ended after ten seconds, whatever hangs).
const STOP_TIME: Duration = Duration::from_secs(15);
/// Lines of a program's log that are kept to be shown when it fails (ours).
const LOG_LINES_KEPT: usize = 5;
/// The file that says how many people a data directory has.
const PEOPLE_FILE: &str = "load-people";
/// What stands in it while they are made.
const UNFINISHED: &str = "unfinished\n";

/// The program and its data.
#[derive(Debug)]
pub struct Program {
    binary: PathBuf,
    data: PathBuf,
    /// The pool its servers make together; nothing where one has the store to itself.
    pool: Option<Pool>,
    /// Kept as long as the run, where the data are of this run alone.
    _folder: Option<TempDir>,
}

/// Whether somebody comes as browsers do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Browsers {
    /// HTTP and HTTPS are served.
    Come,
    /// They are not, and cost nothing.
    StayAway,
}

/// A server under measurement.
#[derive(Debug)]
pub struct Server {
    /// Where SIP over TCP is.
    pub tcp: Option<Doors>,
    /// Where HTTP is.
    pub http: Option<Doors>,
    /// Where HTTPS is, and whom to trust.
    pub https: Option<(Doors, Arc<ClientConfig>)>,
    /// The file with the authority to trust over TLS.
    pub ca: Option<PathBuf>,
    /// Where SIP over TLS is, and whom to trust.
    pub tls: Option<(Doors, Arc<ClientConfig>)>,
    /// Its process, or those of a pool's servers; none when they are elsewhere.
    pub processes: Vec<Process>,
    /// The processes of the database, where the store is one, and of what else serves the servers, as far as they run on this machine.
    pub store: Vec<Process>,
    /// Ended when the measure is.
    children: Vec<Child>,
}

impl Program {
    /// The program on a data directory that stays, or on one of its own.
    ///
    /// # Errors
    /// [`Trouble::File`] when there can be no directory.
    pub fn new(binary: &Path, data: Option<&Path>, pool: Option<Pool>) -> Result<Self, Trouble> {
        let failed = |what: &Path| {
            let what = what.display().to_string();
            move |fault| Trouble::File { what, fault }
        };
        let folder = match data {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(failed(&std::env::temp_dir()))?),
        };
        let data = match (&folder, data) {
            (Some(folder), _) => folder.path().join("data"),
            (None, Some(data)) => data.to_owned(),
            (None, None) => unreachable!("without data there is a folder"),
        };
        Ok(Self { binary: binary.to_owned(), data, pool, _folder: folder })
    }

    /// Makes the people `load0`, `load1` ... up to this number, as far as they are not there, a category for all and these rooms.
    ///
    /// # Errors
    /// [`Trouble::Program`] with what the program says.
    pub async fn furnish(&self, people: usize, rooms: &[String]) -> Result<(), Trouble> {
        let file = self.data.join(PEOPLE_FILE);
        let text = self.made_before(&file)?;
        let mut words = text.split_whitespace().filter_map(|word| word.parse::<usize>().ok());
        let (known, known_rooms) = (words.next().unwrap_or(0), words.next().unwrap_or(0));
        let new = rooms.get(known_rooms..).unwrap_or_default();
        if people <= known && new.is_empty() {
            return Ok(());
        }
        let write = |text: &str| {
            std::fs::write(&file, text)
                .map_err(|fault| Trouble::File { what: file.display().to_string(), fault })
        };
        // Without a server each line would open the store anew, which takes longer than what it asks for where that is a database.
        let seat = self.seats().swap_remove(0);
        let (mut server, _) = self.begin(&seat, Browsers::StayAway).await?;
        write(UNFINISHED)?;
        let mut lines = String::new();
        for number in known..people {
            writeln!(
                lines,
                "{{\"address\":\"{}\",\"displayName\":\"Load {number}\",\"password\":\"{PASSWORD}\",\"legacySignOn\":true}}",
                address(number)
            )
            .expect("a string takes all that is written");
        }
        if !lines.is_empty() {
            self.run(&seat, &["user", "new", "--from-stdin", "--json"], &lines, people - known).await?;
        }
        if known == 0 {
            let all = format!("domain:{DOMAIN}");
            self.run(&seat, &["category", "new", "Load", "--add-allowed-member", &all], "", 1).await?;
        }
        let lines: String = new.iter().map(|name| format!("{{\"name\":\"{name}\"}}\n")).collect();
        if !lines.is_empty() {
            let words = ["room", "new", "--category", "Load", "--privacy", "open", "--from-stdin", "--json"];
            self.run(&seat, &words, &lines, new.len()).await?;
        }
        stop(&mut server).await;
        write(&format!("{} {}\n", people.max(known), rooms.len().max(known_rooms)))
    }

    /// What a run before this one made here, as its file says.
    fn made_before(&self, file: &Path) -> Result<String, Trouble> {
        let folder = self.data.display();
        match std::fs::read_to_string(file) {
            Ok(text) if text == UNFINISHED => {
                let why = "a run was stopped while it made people there: remove it, and its database if there is one, or name another";
                Err(Trouble::Words(format!("--data {folder}: {why}")))
            }
            Ok(text) => Ok(text),
            Err(_) if std::fs::read_dir(&self.data).is_ok_and(|mut files| files.next().is_some()) => {
                let why = "something else is there, and people of a run with a known password do not belong to it: name another";
                Err(Trouble::Words(format!("--data {folder}: {why}")))
            }
            Err(_) => Ok(String::new()),
        }
    }

    /// Starts the server on loopback, or those of the pool one after the other, and waits until all are ready; browsers find them
    /// only where somebody comes as one.
    ///
    /// # Errors
    /// [`Trouble::Program`] when one does not become ready.
    pub async fn serve(&self, browsers: Browsers) -> Result<Server, Trouble> {
        let seats = self.seats();
        let (mut children, mut ready) = (Vec::new(), Vec::new());
        for (number, seat) in seats.iter().enumerate() {
            if number > 0 {
                share_secrets(&seats[0].data, &seat.data)?;
            }
            let (child, line) = self.begin(seat, browsers).await?;
            children.push(child);
            ready.push(line);
        }
        let said = |key: &str| {
            let said = |part: &str| part.strip_prefix(key)?.strip_prefix('=')?.parse::<SocketAddr>().ok();
            let all: Vec<_> =
                ready.iter().filter_map(|line| line.split_whitespace().find_map(said)).collect();
            Doors::of_all(&all)
        };
        let ca = seats[0].data.join("ca.pem");
        let trust = trust(&ca)?;
        Ok(Server {
            ca: Some(ca),
            tcp: said("sip-tcp"),
            tls: said("sip-tls").map(|doors| (doors, trust.clone())),
            http: said("http"),
            https: said("https").map(|doors| (doors, trust)),
            processes: children.iter().filter_map(|child| child.id().map(Process)).collect(),
            store: self.pool.iter().flat_map(|pool| &pool.store_pids).copied().map(Process).collect(),
            children,
        })
    }

    /// One of its servers, and the line it says when it is ready.
    async fn begin(&self, seat: &Seat, browsers: Browsers) -> Result<(Child, String), Trouble> {
        let somewhere = "127.0.0.1:0";
        let web = if browsers == Browsers::Come { somewhere } else { "off" };
        let sip =
            ["serve", "--domain", DOMAIN, "--metrics", "off", "--sip-tcp", somewhere, "--sip-tls", somewhere];
        let own: Vec<&str> = seat.of_pool.iter().map(String::as_str).collect();
        let words = [&sip[..], &["--http", web, "--https", web], &own].concat();
        start(&self.binary, &words, Some(&seat.data), "").await
    }

    /// Where each of its servers has what is its own.
    fn seats(&self) -> Vec<Seat> {
        match &self.pool {
            Some(pool) => pool.seats(&self.data),
            None => vec![Seat { data: self.data.clone(), of_pool: Vec::new() }],
        }
    }

    /// Asks the server of this place for something; a line is printed for each thing that was made, of which `count` are to be.
    async fn run(&self, seat: &Seat, words: &[&str], input: &str, count: usize) -> Result<(), Trouble> {
        let failed = |said: String| program(&self.binary, words, said);
        let mut command = Command::new(&self.binary);
        command.args(words).env("CAUSERIE_DATA", &seat.data).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|fault| failed(fault.to_string()))?;
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let mut made = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        let progress = Progress::of(&words[..2].join(" "), count as u64);
        let writing = async move {
            // A command that refuses early closes its input; what it says counts.
            drop(stdin.write_all(input.as_bytes()).await);
        };
        let counting = async {
            while let Ok(Some(_)) = made.next_line().await {
                progress.step();
            }
        };
        let ((), (), output) = tokio::join!(writing, counting, child.wait_with_output());
        let output = output.map_err(|fault| failed(fault.to_string()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { Ok(()) } else { Err(failed(said.into_owned())) }
    }
}

impl Server {
    /// A server that runs already; how it is reached is still to be said.
    #[must_use]
    pub fn elsewhere(ca: Option<PathBuf>, pids: &[u32]) -> Self {
        let processes = pids.iter().copied().map(Process).collect();
        Self {
            tcp: None,
            tls: None,
            http: None,
            https: None,
            ca,
            processes,
            store: Vec::new(),
            children: Vec::new(),
        }
    }

    /// The memory of its processes in KiB; nothing when it is elsewhere.
    ///
    /// # Errors
    /// [`Trouble::File`] when it does not run any more.
    pub fn memory_kib(&self) -> Result<Option<f64>, Trouble> {
        let each: Vec<f64> = self.processes.iter().map(|one| one.memory_kib()).collect::<Result<_, _>>()?;
        Ok((!each.is_empty()).then(|| each.iter().sum()))
    }

    /// A first reading of what it and its database compute.
    ///
    /// # Errors
    /// [`Trouble::File`] when one does not run any more.
    pub fn meter(&self) -> Result<Meter<'_>, Trouble> {
        Meter::of(&self.processes, &self.store)
    }

    /// Ends a server that was started here, at once.
    pub async fn kill(&mut self) {
        for child in &mut self.children {
            // One that is gone already is what was wanted.
            drop(child.kill().await);
        }
    }
}

/// Lets a server end as an administrator does, so that nobody waits for its lease.
async fn stop(server: &mut Child) {
    if let Some(pid) = server.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
        // One that has ended already is what was wanted.
        let _ = kill_process(pid, Signal::TERM);
    }
    if timeout(STOP_TIME, server.wait()).await.is_err() {
        let _ = server.kill().await;
    }
}

/// The address of a person by number.
#[must_use]
pub fn address(number: usize) -> String {
    format!("sip:load{number}@{DOMAIN}")
}

/// Starts a program and waits for the line that begins with `ready `; returns that line.
///
/// # Errors
/// [`Trouble::Program`] when none comes.
pub(crate) async fn start(
    binary: &Path,
    words: &[&str],
    data: Option<&Path>,
    input: &str,
) -> Result<(Child, String), Trouble> {
    let failed = |said: String| program(binary, words, said);
    let mut command = Command::new(binary);
    command
        .args(words)
        .kill_on_drop(true)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    data.map(|data| command.env("CAUSERIE_DATA", data));
    let mut child = command.spawn().map_err(|fault| failed(fault.to_string()))?;
    let mut stdin = child.stdin.take().expect("standard input is piped");
    stdin.write_all(input.as_bytes()).await.map_err(|fault| failed(fault.to_string()))?;
    drop(stdin);
    let log = tokio::spawn(last_of(child.stderr.take().expect("standard error is piped")));
    let mut lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
    let ready = async {
        while let Ok(Some(line)) = lines.next_line().await {
            if line.starts_with("ready ") {
                return Some(line);
            }
        }
        None
    };
    match timeout(READY_TIME, ready).await {
        Ok(Some(ready)) => Ok((child, ready)),
        Ok(None) => {
            let last = log.await.expect("reading a log does not panic");
            Err(failed(format!("it ended before it was ready; the last it said: {last}")))
        }
        Err(_) => Err(failed(format!("it was not ready within {} s", READY_TIME.as_secs()))),
    }
}

/// Reads a log to its end, so that a full pipe never stops a program; returns the last lines.
async fn last_of(log: ChildStderr) -> String {
    let (mut lines, mut last) = (BufReader::new(log).lines(), VecDeque::new());
    while let Ok(Some(line)) = lines.next_line().await {
        if last.len() == LOG_LINES_KEPT {
            last.pop_front();
        }
        last.push_back(line);
    }
    Vec::from(last).join("\n")
}

/// Trust in the authorities of a file.
///
/// # Errors
/// [`Trouble::Tls`] when it holds none.
pub fn trust(file: &Path) -> Result<Arc<ClientConfig>, Trouble> {
    let failed = |fault: &dyn std::fmt::Display| Trouble::Tls(format!("{}: {fault}", file.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|fault| failed(&fault))? {
        roots.add(certificate.map_err(|fault| failed(&fault))?).map_err(|fault| failed(&fault))?;
    }
    trusting(roots)
}

/// The TLS of clients that trust these roots. Nothing of an earlier connection is resumed: people share one memory here that they
/// do not have in the world, and each is to cost a whole handshake.
pub(crate) fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, Trouble> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config =
        config.with_safe_default_protocol_versions().map_err(|fault| Trouble::Tls(fault.to_string()))?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

fn program(binary: &Path, words: &[&str], said: String) -> Trouble {
    Trouble::Program { program: binary.display().to_string(), words: words.join(" "), said }
}
