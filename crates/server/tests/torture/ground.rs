//! The pool that suffers: a database, a broker of hints, servers behind doors, rooms and people.
//! Decides nothing about what happens to it.

use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use hyper::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::cluster::{Cluster, name_in};
use testkit::{Browser, Program, Running};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::crowd::{Names, name};
use super::cut::{Behind, Cut};
use super::memory::Kept;

/// Everybody's.
pub const PASSWORD: &str = "correct horse 9";
/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Posts of one page.
const PAGE: usize = 500;

/// One server and its doors.
struct Machine {
    name: String,
    program: Program,
    database: Cut,
    broker: Cut,
    running: Option<Running>,
}

/// Everything.
pub struct Ground {
    /// The database.
    pub postgres: Cluster,
    /// The servers, as people find them.
    pub names: Names,
    /// The addresses of the rooms.
    pub rooms: Vec<String>,
    machines: Vec<Machine>,
    database: String,
    _broker: Child,
    _folder: TempDir,
}

impl Ground {
    /// A pool of so many servers with so many open rooms and so many people, who can sign on.
    pub async fn laid(servers: usize, rooms: usize, people: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let postgres = Cluster::start();
        let url = postgres.database();
        let (broker, broker_at) = broker(folder.path()).await;
        let mut machines = Vec::new();
        for number in 1..=servers {
            let data = folder.path().join(format!("server{number}"));
            machines.push(Machine {
                name: format!("server{number}.example.com"),
                program: program(&data),
                database: Cut::before(Behind::Socket(postgres.socket())).await,
                broker: Cut::before(Behind::Port(broker_at)).await,
                running: None,
            });
        }
        let database = name_in(&url).to_owned();
        let mut ground = Self {
            postgres,
            names: Names::default(),
            rooms: Vec::new(),
            machines,
            database,
            _broker: broker,
            _folder: folder,
        };
        ground.found(rooms, people).await;
        for server in 1..servers {
            ground.start(server).await;
        }
        ground
    }

    /// Rooms and people, made by the first server's machine; the others get the secrets of the pool from it.
    async fn found(&mut self, rooms: usize, people: usize) {
        let url = self.url(0);
        let program = &self.machines[0].program;
        program.must(
            &["category", "new", "General", "--add-allowed-member", "domain:example.com", "--store", &url],
            "",
        );
        let first = self.serve(0);
        self.names = Names::of(vec![first; self.machines.len()]);
        // What is left is asked of the running server.
        let program = &self.machines[0].program;
        for room in 1..=rooms {
            let name = format!("Room {room}");
            let made = program
                .must(&["room", "new", &name, "--category", "General", "--privacy", "open", "--json"], "");
            let row: Value = serde_json::from_str(made.trim()).expect("the room as JSON");
            self.rooms.push(row["uri"].as_str().expect("it has an address").to_owned());
        }
        let first = sip(0);
        let new = ["user", "new", &first, "--display-name", &name(0), "--legacy-sign-on", "--password-stdin"];
        program.must(&new, PASSWORD);
        program.must(&["role", "grant", "administrator", &first], "");
        let mut browser = Browser::new(self.running(0).address("http"), None);
        assert_eq!(browser.sign_on(&name(0), PASSWORD).await.status, 201);
        for person in 1..people {
            let (address, name) = (sip(person), name(person));
            let new = json!({
                "address": address, "displayName": name, "password": PASSWORD, "legacySignOn": true,
            });
            let made = browser.ask(Method::POST, "/api/v1/users", Some(&new)).await;
            assert_eq!(made.status, 201, "{}", made.text());
        }
        let program = &self.machines[0].program;
        for machine in &self.machines[1..] {
            share_secrets(program.data(), machine.program.data());
        }
    }

    /// Where the database is for this server.
    fn url(&self, server: usize) -> String {
        format!("postgres://causerie@{}/{}", self.machines[server].database.address(), self.database)
    }

    fn serve(&mut self, server: usize) -> SocketAddr {
        let url = self.url(server);
        let machine = &mut self.machines[server];
        let peers = format!("nats://{}", machine.broker.address());
        let running = machine.program.serve(&[
            "--store",
            &url,
            "--machine",
            &machine.name,
            "--peers",
            &peers,
            "--http",
            "127.0.0.1:0",
        ]);
        let address = running.address("sip-tcp");
        machine.running = Some(running);
        address
    }

    /// Starts a server that is down. One that died holds its lease until that ends.
    pub async fn start(&mut self, server: usize) {
        let address = self.serve(server);
        self.names.moved(server, address);
    }

    /// `kill -9`.
    pub fn kill(&mut self, server: usize) {
        self.machines[server].running.take().expect("it runs").kill();
    }

    /// SIGSTOP.
    pub fn freeze(&self, server: usize) {
        self.running(server).signal(Signal::STOP);
    }

    /// SIGCONT.
    pub fn thaw(&self, server: usize) {
        self.running(server).signal(Signal::CONT);
    }

    /// Waits until a server that may not serve any more has ended, and that it said why.
    pub async fn ends_by_itself(&mut self, server: usize) {
        let running = self.machines[server].running.take().expect("it runs");
        let ended = tokio::task::spawn_blocking(move || running.ended());
        let (status, log) =
            timeout(PATIENCE, ended).await.expect("it ends by itself").expect("it is waited for");
        assert!(!status.success(), "a server that lost its lease fails");
        assert!(log.contains("lease"), "it says that it lost its lease: {log}");
    }

    /// Drains a server and waits until it has stopped.
    pub async fn drain(&mut self, server: usize) {
        let machine = &mut self.machines[server];
        machine.program.must(&["pool", "drain", &machine.name], "");
        let running = machine.running.take().expect("it runs");
        let ended = tokio::task::spawn_blocking(move || running.terminate());
        let (status, log) = timeout(PATIENCE, ended).await.expect("it ends").expect("it is waited for");
        assert!(status.success(), "a drained server stops in order: {log}");
    }

    /// The door between a server and the database.
    pub fn database_door(&self, server: usize) -> &Cut {
        &self.machines[server].database
    }

    /// The door between a server and the broker of hints.
    pub fn broker_door(&self, server: usize) -> &Cut {
        &self.machines[server].broker
    }

    /// All posts of all rooms, through the door of people.
    pub async fn everything_kept(&self) -> Vec<Kept> {
        let mut browser = Browser::new(self.running(0).address("http"), None);
        assert_eq!(browser.sign_on(&name(0), PASSWORD).await.status, 201);
        let mut rooms = Vec::new();
        for room in &self.rooms {
            let guid = room.rsplit('/').next().expect("an address ends in a GUID");
            let mut kept = Kept::new();
            let mut after = "1.0".to_owned();
            loop {
                let path = format!("/api/v1/rooms/{guid}/messages?after={after}&limit={PAGE}");
                let heard = browser.get(&path).await;
                assert_eq!(heard.status, 200, "{}", heard.text());
                let page = heard.json();
                for post in page["messages"].as_array().expect("a page has messages") {
                    let text = post["text"].as_str().expect("a text").to_owned();
                    let other = kept.insert(post["post"].as_u64().expect("a number"), text);
                    assert!(other.is_none(), "no two posts have one number");
                }
                if page["next"] == page["at"] {
                    break;
                }
                page["next"].as_str().expect("a position").clone_into(&mut after);
            }
            rooms.push(kept);
        }
        rooms
    }

    fn running(&self, server: usize) -> &Running {
        self.machines[server].running.as_ref().expect("it runs")
    }
}

/// The program that suffers, on a data directory.
fn program(data: &Path) -> Program {
    Program::new(Path::new(env!("CARGO_BIN_EXE_causerie")), data)
}

/// The address of a person of the crowd.
fn sip(person: usize) -> String {
    format!("sip:{}@example.com", name(person))
}

/// What the machines of a pool share and the database does not hold.
fn share_secrets(from: &Path, to: &Path) {
    let folder = to.join("secret");
    DirBuilder::new().mode(0o700).recursive(true).create(&folder).expect("a folder for secrets");
    for file in ["ca.pem", "secret/ca.key", "secret/sealing.key"] {
        std::fs::copy(from.join(file), to.join(file)).expect("the first server has made it");
    }
}

/// A broker on a port of its own choice, which ends with this process, and where it listens.
async fn broker(folder: &Path) -> (Child, SocketAddr) {
    let mut broker = Command::new("nats-server")
        .args(["--addr", "127.0.0.1", "--port", "-1", "--ports_file_dir"])
        .arg(folder)
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("nats-server is installed");
    let mut lines = BufReader::new(broker.stderr.take().expect("it was piped")).lines();
    let listens = async {
        loop {
            let line = lines.next_line().await.expect("it speaks").expect("it starts");
            if let Some((_, at)) = line.split_once("client connections on ") {
                break at.trim().parse().expect("an address");
            }
        }
    };
    let address = timeout(PATIENCE, listens).await.expect("it listens");
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (broker, address)
}
