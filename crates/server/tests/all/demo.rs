//! The demo: everything a newcomer needs stands on the screen, and nothing stays behind.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use testkit::Browser;
use testkit::wire::{Person, Way};

use super::office::{CONFLICT, INVALID, Office, UNAVAILABLE, error, program};

/// A running demo and everything it printed up to its ready line.
/// Where a demo listens for the web: where it is in nobody's way.
const WEB: [&str; 6] = ["--https", "127.0.0.1:0", "--http", "127.0.0.1:0", "--metrics", "off"];

struct Demo {
    child: Child,
    said: String,
}

impl Demo {
    /// Starts it with these words, its temporary folder below `folder`.
    fn start(folder: &Path, words: &[&str]) -> Self {
        let mut command = Command::new(program());
        command.args(["demo", "--sip-tls", "127.0.0.1:0", "--sip-tcp", "127.0.0.1:0"]).args(WEB).args(words);
        command.env_remove("CAUSERIE_DATA").env("TMPDIR", folder).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut out = BufReader::new(child.stdout.take().expect("standard output was piped"));
        let mut said = String::new();
        while !said.lines().last().is_some_and(|line| line.starts_with("ready ")) {
            assert_ne!(out.read_line(&mut said).expect("it is text"), 0, "it ends too soon: {said}");
        }
        Self { child, said }
    }

    fn value(&self, before: &str) -> String {
        let (_, rest) = self.said.split_once(before).unwrap_or_else(|| panic!("'{before}' in {}", self.said));
        rest.split_whitespace().next().expect("something follows").to_owned()
    }

    /// Addresses and passwords as shown.
    fn people(&self) -> Vec<(String, String)> {
        let lines = self.said.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("@example.com "));
        let lines = lines.filter(|(user, _)| !user.contains(' '));
        lines
            .map(|(user, password)| (format!("sip:{user}@example.com"), password.trim().to_owned()))
            .collect()
    }

    /// Ends it as `kill` does and returns its exit code.
    fn end(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("a child can be sent signals");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn left_in(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).expect("it is ours").map(|entry| entry.expect("it is ours").path());
    entries.collect()
}

#[tokio::test]
async fn a_newcomer_posts_with_nothing_but_what_is_shown_and_nothing_stays() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let demo = Demo::start(folder.path(), &[]);
    let people = demo.people();
    assert_eq!(people.len(), 13, "{}", demo.said);
    let passwords: BTreeSet<&String> = people.iter().map(|(_, password)| password).collect();
    assert_eq!(passwords.len(), 13, "everybody has another password");
    let way = Way::Tcp(demo.value("sip-tcp=").parse().expect("an address"));
    let (address, password) = &people[0];
    let mut alice = Person::arrive(&way, address, password, 1).await;
    let room = alice.room("Engineering").await.expect("the room list comes");
    alice.join(&room).await.expect("it is open");
    assert!(alice.history(&room, 50).await.expect("history comes").len() > 3, "a week was said");
    assert_eq!(alice.post(&room, "Hello").await, Ok(200));
    let port = demo.value("sip-tls=").rsplit(':').next().expect("a port").to_owned();
    let line =
        demo.said.lines().find(|line| line.trim().starts_with("cargo xtask client ")).expect("the line");
    let ca = demo.value("--ca ");
    for part in [
        "--user alice@example.com",
        &format!("--password {password}"),
        &format!("--server localhost:{port} --transport tls"),
        "--room Engineering --say 'Hello'",
    ] {
        assert!(line.contains(part), "'{part}' in '{line}'");
    }
    assert!(Path::new(&ca).exists(), "{ca} can be trusted");
    for part in ["libxml2", "Username alice@example.com", "NTLM", "SSL/TLS", &format!("localhost:{port}")] {
        assert!(demo.said.contains(part), "'{part}' in {}", demo.said);
    }
    drop(alice);
    let (administrator, password) = people.last().expect("she is one of them");
    assert!(demo.said.contains("maya@example.com is an administrator"), "{}", demo.said);
    let panel = demo.value("Control panel: http://");
    let (place, page) = panel.split_once('/').expect("an address with a path");
    assert_eq!(page, "admin");
    let mut maya = Browser::new(place.parse().expect("an address"), None);
    assert_eq!(administrator, "sip:maya@example.com");
    assert_eq!(maya.sign_on("maya", password).await.status, 201);
    for list in ["policies", "audit"] {
        let heard = maya.get(&format!("/api/v1/{list}")).await;
        assert_eq!(heard.status, 200, "everything is hers to see: {heard:?}");
    }
    assert_eq!(left_in(folder.path()).len(), 1);
    assert_eq!(demo.end(), Some(0));
    assert!(left_in(folder.path()).is_empty(), "the temporary directory is gone");
}

#[tokio::test]
async fn one_password_for_all_and_a_given_directory_that_stays() {
    let office = Office::empty();
    let data = office.program.data().to_string_lossy().into_owned();
    let demo = Demo::start(office.folder.path(), &["--data", &data, "--password", "it's a horse"]);
    assert!(demo.people().iter().all(|(_, password)| password == "it's a horse"));
    let way = Way::Tcp(demo.value("sip-tcp=").parse().expect("an address"));
    Person::arrive(&way, "sip:leo@example.com", "it's a horse", 1).await;
    assert!(demo.said.contains("--password 'it'\\''s a horse'"), "the line can be pasted: {}", demo.said);
    assert_eq!(office.rows(&["room", "list"]).len(), 8, "it is administered like any other");
    assert_eq!(office.rows(&["category", "list"]).len(), 3);
    assert_eq!(demo.end(), Some(0));
    assert_eq!(office.rows(&["user", "list"]).len(), 13);
    let again = office.program.ask(&["demo"], "");
    assert_eq!(again.status.code(), Some(CONFLICT));
    assert!(error(&again).contains("is not empty") && error(&again).contains("causerie serve"), "{again:?}");
}

#[test]
fn a_demo_that_does_not_start_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = taken.local_addr().map(|at| (at.to_string(), taken)).expect("it listens");
    let given = folder.path().join("given");
    std::fs::create_dir(&given).expect("a new directory");
    std::fs::set_permissions(&given, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .expect("it is ours");
    let run = |words: &[&str]| {
        let mut command = Command::new(program());
        command.args(["demo", "--sip-tls", &taken.0, "--sip-tcp", "off"]).args(WEB).args(words);
        command.env_remove("CAUSERIE_DATA").env("TMPDIR", folder.path()).stdin(Stdio::null());
        command.output().expect("it starts")
    };
    let given_words = ["--data", &*given.to_string_lossy()];
    for words in [&[][..], &given_words] {
        let output = run(words);
        assert_eq!(output.status.code(), Some(UNAVAILABLE), "{}", error(&output));
        assert!(error(&output).contains(&taken.0), "{}", error(&output));
        for (password, part) in [("short", "at least 8"), ("grüne Pumpe 9", "printable ASCII")] {
            let output = run(&[words, &["--password", password]].concat());
            assert_eq!(output.status.code(), Some(INVALID), "{}", error(&output));
            assert!(error(&output).contains(part), "{}", error(&output));
        }
    }
    assert!(left_in(&given).is_empty());
    assert_eq!(left_in(folder.path()), [given]);
}

#[test]
fn a_demo_whose_output_nobody_reads_goes_on() {
    let office = Office::empty();
    let place = office.folder.path().join("notify");
    let manager = UnixDatagram::bind(&place).expect("a new socket");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = Command::new(program());
    command.args(["demo", "--sip-tls", "127.0.0.1:0", "--sip-tcp", "off"]).args(WEB);
    command.env("CAUSERIE_DATA", office.program.data()).env("NOTIFY_SOCKET", &place);
    let child = command.stdin(Stdio::null()).stdout(writer).spawn().expect("it starts");
    let demo = Demo { child, said: String::new() };
    let mut buffer = [0; 64];
    let size = manager.recv(&mut buffer).expect("it is told");
    assert!(buffer[..size].starts_with(b"READY=1"));
    assert_eq!(office.rows(&["room", "list"]).len(), 8);
    assert_eq!(demo.end(), Some(0));
}

#[test]
fn of_two_demos_on_one_directory_one_runs_and_neither_takes_the_others_store_away() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let data = folder.path().join("data");
    let words =
        ["demo", "--sip-tls", "127.0.0.1:0", "--sip-tcp", "127.0.0.1:0", "--password", "correct horse 9"];
    let start = || {
        let mut command = Command::new(program());
        command.args(words).args(WEB).arg("--data").arg(&data).env_remove("CAUSERIE_DATA");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().expect("it starts")
    };
    let mut demos = [start(), start()];
    let ready = demos.each_mut().map(|demo| {
        let out = demo.stdout.take().expect("standard output was piped");
        std::thread::spawn(move || {
            let mut lines = BufReader::new(out).lines().map_while(Result::ok);
            lines.any(|line| line.starts_with("ready "))
        })
    });
    let ready = ready.map(|reading| reading.join().expect("it is read"));
    assert_eq!(ready.iter().filter(|ready| **ready).count(), 1, "one of them runs: {ready:?}");
    for (demo, ready) in demos.iter_mut().zip(ready) {
        if !ready {
            assert_eq!(demo.wait().expect("it ends").code(), Some(CONFLICT));
        }
    }
    assert!(data.join("store.db").exists(), "the store of the other is there");
    for demo in &mut demos {
        let _ = demo.kill();
        let _ = demo.wait();
    }
}
