//! A server of PostgreSQL for stories and measures: started with the first, ended with the process, a database for each; what is in
//! one may be kept. Tells no story.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use tempfile::TempDir;

/// The name of a database in its address.
///
/// # Panics
/// When it is no address.
#[must_use]
pub fn name_in(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

/// Where Debian has the programs of a server.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// The name that stories sign on with, without a password.
const NAME: &str = "causerie";
/// Whoever has this name, if a story makes it, needs a password.
pub const STRANGER: &str = "stranger";

/// A running server; its files go with it, unless they are kept.
pub struct Cluster {
    folder: TempDir,
    data: PathBuf,
    port: u16,
    databases: AtomicU32,
    guard: Mutex<Guard>,
}

/// Starts and ends the server as it is told, and ends it with the pipe, however this process ends.
struct Guard {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Cluster {
    /// The server of this process.
    ///
    /// # Panics
    /// As [`Cluster::start`].
    pub fn running() -> &'static Self {
        static RUNNING: OnceLock<Cluster> = OnceLock::new();
        RUNNING.get_or_init(Self::start)
    }

    /// A server of its own, for a story that ends it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with("", |_| ())
    }

    /// A server of its own that speaks TLS on a loopback address, as `localhost`; with the port and the certificate to trust.
    ///
    /// # Panics
    /// As [`Cluster::start`].
    #[must_use]
    pub fn start_secured() -> (Self, u16, String) {
        // Free a moment ago; nobody else on this machine is likely to be given it again before the server is.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let options = format!("-c ssl=on -c listen_addresses=127.0.0.1 -c port={port}");
        let mut cluster = Self::start_with(&options, |data| {
            for (name, content) in [("server.crt", &certificate), ("server.key", &key)] {
                let file = data.join(name);
                std::fs::write(&file, content).unwrap();
                std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
                give_away(&file);
            }
        });
        cluster.port = port;
        (cluster, port, certificate)
    }

    /// A server of its own whose files stay in this directory for the next time, looked after as a real one is.
    ///
    /// # Panics
    /// As [`Cluster::start`].
    #[must_use]
    pub fn kept(data: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        give_away(folder.path());
        if !data.join("PG_VERSION").exists() {
            std::fs::create_dir_all(data).expect("its directory can be made");
            give_away(data);
            found(data, folder.path());
        }
        Self::begin(folder, data.to_owned(), "-c autovacuum=on")
    }

    fn start_with(options: &str, prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        give_away(folder.path());
        found(&data, folder.path());
        prepare(&data);
        Self::begin(folder, data, options)
    }

    fn begin(folder: TempDir, data: PathBuf, options: &str) -> Self {
        let mut process = as_somebody(Path::new("/bin/sh"), folder.path())
            .args(["-c", GUARD, "sh"])
            .arg(programs().join("pg_ctl"))
            .arg(&data)
            .arg(folder.path())
            .arg(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It outlives whoever is interrupted at a terminal, and ends the server then.
            .process_group(0)
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let guard = Mutex::new(Guard { process, said });
        let cluster = Self { folder, data, port: 5432, databases: AtomicU32::new(0), guard };
        cluster.order("start");
        cluster
    }

    /// Ends the server at once, as a crash does: nothing is told to anybody.
    ///
    /// # Panics
    /// When it does not end.
    pub fn crash(&self) {
        self.order("crash");
    }

    /// Starts it again.
    ///
    /// # Panics
    /// When it does not start.
    pub fn come_back(&self) {
        self.order("start");
    }

    fn order(&self, order: &str) {
        let mut guard = self.guard.lock().unwrap();
        writeln!(guard.process.stdin.as_ref().unwrap(), "{order}").unwrap();
        let mut line = String::new();
        guard.said.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "done", "see {}", self.folder.path().join("log").display());
    }

    /// The process all others of the server come from.
    ///
    /// # Panics
    /// When the server does not run.
    #[must_use]
    pub fn pid(&self) -> u32 {
        let file = std::fs::read_to_string(self.data.join("postmaster.pid")).expect("the server runs");
        file.lines().next().and_then(|line| line.trim().parse().ok()).expect("its first line is the process")
    }

    /// The socket on which the server listens.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(format!(".s.PGSQL.{}", self.port))
    }

    /// The address of a new, empty database.
    ///
    /// # Panics
    /// When it is not made.
    #[must_use]
    pub fn database(&self) -> String {
        self.made(&format!("story{}", self.databases.fetch_add(1, Ordering::Relaxed)))
    }

    /// The address of the database that is kept, which is empty the first time.
    ///
    /// # Panics
    /// When it is not made.
    #[must_use]
    pub fn kept_database(&self) -> String {
        let known = "SELECT count(*) FROM pg_database WHERE datname = 'kept'";
        if answer(&self.url("postgres"), known) == "0" { self.made("kept") } else { self.url("kept") }
    }

    fn made(&self, name: &str) -> String {
        let url = self.url(name);
        let made = Command::new(programs().join("createdb"))
            .args(["--host", self.folder.path().to_str().unwrap(), "--port", &self.port.to_string()])
            .args(["--username", NAME, name])
            .status()
            .unwrap();
        assert!(made.success(), "no database was made");
        url
    }

    /// The address of a database.
    fn url(&self, database: &str) -> String {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://{NAME}@{folder}:{}/{database}", self.port)
    }

    /// The address of the same database for the stranger, who has this password from now on and no rights.
    ///
    /// # Panics
    /// When the database refuses.
    #[must_use]
    pub fn as_stranger(&self, url: &str, password: &str) -> String {
        let made = format!(
            "DO $$ BEGIN CREATE ROLE {STRANGER} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$; ALTER ROLE {STRANGER} PASSWORD '{password}'"
        );
        answer(url, &made);
        url.replacen(&format!("{NAME}@"), &format!("{STRANGER}@"), 1)
    }
}

/// Makes the files of a server.
fn found(data: &Path, folder: &Path) {
    let made = as_somebody(&programs().join("initdb"), folder)
        .args(["--auth=trust", "--encoding=UTF8", "--no-locale", "--username", NAME, "--pgdata"])
        .arg(data)
        .stdout(Stdio::null())
        .status()
        .expect("initdb can be started");
    assert!(made.success(), "initdb made no cluster");
    let rules = data.join("pg_hba.conf");
    let trusting = std::fs::read_to_string(&rules).expect("initdb has written it");
    std::fs::write(&rules, format!("local all {STRANGER} scram-sha-256\n{trusting}"))
        .expect("it can be written");
}

/// The program that speaks to a database for somebody else.
///
/// # Panics
/// As [`Cluster::start`].
#[must_use]
pub fn psql() -> Command {
    Command::new(programs().join("psql"))
}

/// What a database answers to somebody else.
///
/// # Panics
/// When it refuses.
pub fn answer(url: &str, sql: &str) -> String {
    let said = psql().args(["-XAtqc", sql, url]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

impl Drop for Cluster {
    /// The guard ends the server when its pipe ends.
    fn drop(&mut self) {
        let guard = self.guard.get_mut().unwrap();
        drop(guard.process.stdin.take());
        let _ = guard.process.wait();
    }
}

const GUARD: &str = r#"
while read -r order; do
    case $order in
    start) "$1" start --wait --silent --pgdata "$2" --log "$3/log" \
        --options "-c listen_addresses='' -c unix_socket_directories='$3' -c max_connections=400 -c autovacuum=off $4" ;;
    crash) "$1" stop --wait --silent --mode immediate --pgdata "$2" ;;
    esac && echo done || echo failed
done
"$1" stop --wait --silent --mode immediate --pgdata "$2"
rm -rf "$3"
"#;

/// The folder of the programs of the newest version that is installed.
pub fn programs() -> PathBuf {
    let versions = std::fs::read_dir(PROGRAMS).expect("PostgreSQL is installed: apt-get install postgresql");
    let newest = versions.map(|version| version.unwrap().path()).max().expect("a version of PostgreSQL");
    newest.join("bin")
}

/// The server refuses to run as root.
fn as_somebody(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    if let Some((user, group)) = somebody() {
        command.uid(user).gid(group);
    }
    command
}

/// The user and group `postgres`, if these tests run as root.
fn somebody() -> Option<(u32, u32)> {
    let of = |what: &str| -> u32 {
        let said = Command::new("id").arg(what).arg("postgres").output().unwrap();
        String::from_utf8(said.stdout).unwrap().trim().parse().expect("the user postgres")
    };
    let me = Command::new("id").arg("-u").output().unwrap();
    (me.stdout.trim_ascii() == b"0").then(|| (of("-u"), of("-g")))
}

fn give_away(folder: &Path) {
    if let Some((user, group)) = somebody() {
        std::os::unix::fs::chown(folder, Some(user), Some(group)).unwrap();
    }
}

/// Sessions of a database that stand still, until this goes: as behind a wire that was cut, nothing is refused and nothing answered.
pub struct Hanging(Vec<String>);

impl Hanging {
    /// All there are of a database.
    ///
    /// # Panics
    /// When they cannot be stopped.
    #[must_use]
    pub fn all_of(url: &str) -> Self {
        let sessions = "SELECT string_agg(CAST(pid AS TEXT), ' ') FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let hanging = Self(answer(url, sessions).split(' ').map(str::to_owned).collect());
        hanging.send("-STOP");
        hanging
    }

    fn send(&self, signal: &str) {
        let sent = Command::new("kill").arg(signal).args(&self.0).status().unwrap();
        assert!(sent.success(), "{signal} to {:?}", self.0);
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.send("-CONT");
    }
}
