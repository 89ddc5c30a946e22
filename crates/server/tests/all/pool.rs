//! Several machines of one pool, as processes over one database: who is there, who takes people, who is refused, whose time is over.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::process::Command;

use rustix::process::Signal;
use serde_json::json;
use testkit::cluster::answer;
use testkit::wire::{Closed, Person, Way};
use testkit::{Cluster, Program, Running};

use super::office::{INVALID, Office, PASSWORD, UNAVAILABLE};

/// A further machine with a data directory of its own, and the secrets of the first.
pub fn machine(office: &Office, folder: &str) -> Program {
    let data = office.folder.path().join(folder);
    DirBuilder::new().mode(0o700).create(&data).unwrap();
    for name in ["secret", "store.toml"] {
        let copied = Command::new("cp").arg("-a").arg(office.file(name)).arg(&data).status().unwrap();
        assert!(copied.success());
    }
    super::program(&data)
}

/// Alice in the room Engineering, and its address.
async fn inside(running: &Running) -> (Person, String) {
    let way = Way::Tcp(running.address("sip-tcp"));
    let mut alice = Person::arrive(&way, "sip:alice@example.com", PASSWORD, 1).await;
    let room = alice.room("Engineering").await.unwrap();
    let joined = alice.join(&room).await.unwrap();
    assert!(joined.contains("<chanib "), "{joined}");
    (alice, room)
}

async fn sign_on(running: &Running) -> Option<u16> {
    let way = Way::Tcp(running.address("sip-tcp"));
    let mut alice = Person::connect(&way, "sip:alice@example.com", PASSWORD, 1).await.unwrap();
    alice.sign_on().await.expect("the link stays open").status()
}

#[tokio::test]
async fn machines_of_one_pool_know_each_other_and_only_active_ones_take_people() {
    let url = Cluster::running().database();
    let office = Office::with_store_in(&url, &["alice"]);
    let second = machine(&office, "second");
    let one = office.program.serve(&["--machine", "Chat1.example.com"]);
    let two = second.serve(&["--machine", "chat2.example.com"]);
    let states = || -> Vec<_> {
        let rows = office.rows(&["pool", "servers"]);
        rows.iter().map(|row| json!([row["server"], row["state"], row["running"]])).collect()
    };
    assert_eq!(
        states(),
        [json!(["chat1.example.com", "active", true]), json!(["chat2.example.com", "active", true])]
    );
    assert_eq!((sign_on(&one).await, sign_on(&two).await), (Some(200), Some(200)));
    assert!(two.terminate().0.success());

    office.must(&["pool", "active-servers", "set", "--remove-server", "chat2.example.com"]);
    let two = second.serve(&["--machine", "chat2.example.com"]);
    assert_eq!((sign_on(&one).await, sign_on(&two).await), (Some(200), Some(503)));
    assert_eq!(states()[1], json!(["chat2.example.com", "standby", true]));
}

#[tokio::test]
async fn a_machine_that_died_starts_again_at_once_and_nobody_else_takes_its_name() {
    let url = Cluster::running().database();
    let office = Office::with_store_in(&url, &["alice"]);
    let second = machine(&office, "second");
    let first = ["--machine", "chat1.example.com"];
    office.program.serve(&first).kill();
    let again = office.program.serve(&first);
    assert_eq!(sign_on(&again).await, Some(200));

    let listen = ["--sip-tls", "127.0.0.1:0", "--sip-tcp", "off", "--https", "off", "--metrics", "off"];
    let output = second.ask(&[&["serve"][..], &first, &listen].concat(), "");
    assert_eq!(output.status.code(), Some(UNAVAILABLE));
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(
        why.contains("runs the server chat1.example.com") && why.contains("stop it there, or wait"),
        "{why}"
    );

    // Somebody ends its time, as another server does when it was stopped for too long.
    answer(&url, "UPDATE server SET epoch = epoch + 1; DELETE FROM lease");
    let (status, log) = again.ended();
    assert_eq!(status.code(), Some(UNAVAILABLE));
    assert!(log.contains("the time of this server is over"), "{log}");
}

#[tokio::test]
async fn what_is_answered_holds_at_every_machine() {
    let url = Cluster::running().database();
    let office = Office::with_store_in(&url, &["alice"]);
    let second = machine(&office, "second");
    let _one = office.program.serve(&["--machine", "chat1.example.com"]);
    let two = second.serve(&["--machine", "chat2.example.com"]);
    let (mut alice, room) = inside(&two).await;
    assert_eq!(alice.post(&room, "still here").await, Ok(200));
    office.must(&["room", "set", "Engineering", "--disabled"]);
    assert_ne!(alice.post(&room, "and now?").await, Ok(200));
    office.must(&["room", "set", "Engineering", "--disabled=false"]);
    assert!(alice.join(&room).await.unwrap().contains("<chanib "));
    assert_eq!(alice.post(&room, "back").await, Ok(200));

    two.signal(Signal::STOP);
    let said = office.told(&["user", "disable", "sip:alice@example.com"]);
    two.signal(Signal::CONT);
    assert_eq!(said, "", "whoever cannot follow serves nobody any more when that is answered");
    assert_eq!(alice.post(&room, "unseen").await, Err(Closed));
}

#[test]
fn a_way_to_the_others_that_is_none_is_refused_with_what_to_write() {
    let office = Office::founded();
    let why = office.refused(&["serve", "--peers", "smoke signals"], INVALID);
    assert!(why.contains("write notify, nats://127.0.0.1:4222 or tls://name:4222"), "{why}");
    let why = office.refused(&["serve", "--peers", "nats://a:secret@127.0.0.1:4222"], INVALID);
    assert!(why.contains("put it into the settings file") && !why.contains("secret"), "{why}");
}

#[test]
fn what_is_no_name_of_a_machine_is_refused_before_anything_is_opened() {
    let office = Office::founded();
    for odd in ["", "../x;\"", "cs1\n", "sip:cs1.example.com", "cs1.example.com.", "cs_1.example.com"] {
        for verb in ["serve", "preflight"] {
            let why = office.refused(&[verb, "--machine", odd], INVALID);
            assert!(
                why.contains("no name of a machine") && why.contains("cs1.example.com"),
                "{odd:?}: {why}"
            );
        }
    }
    drop(office.program.serve(&["--machine", "CS1"]));
}

#[test]
fn a_server_that_is_removed_leaves_a_list_of_those_that_stay() {
    let url = Cluster::running().database();
    let office = Office::with_store_in(&url, &[]);
    let (second, third) = (machine(&office, "second"), machine(&office, "third"));
    for (program, name) in [(&office.program, "chat1"), (&second, "chat2"), (&third, "chat3")] {
        assert!(program.serve(&["--machine", name]).terminate().0.success());
    }
    let said = office.must(&["pool", "remove", "chat3", "--yes"]);
    assert!(said.contains("chat1") && said.contains("chat2") && !said.contains("removed the pool"), "{said}");
    assert!(!said.contains("chat3"), "{said}");
}

#[test]
fn secrets_are_not_sealed_under_another_key() {
    let office = Office::with(&["alice"]);
    let key = office.file("secret/sealing.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::write(&key, [7; 32]).unwrap();
    for command in [&["serve", "--sip-tls", "127.0.0.1:0", "--sip-tcp", "off"][..], &["user", "list"]] {
        let why = office.refused(command, UNAVAILABLE);
        assert!(why.contains("secret/sealing.key") && why.contains("another key"), "{command:?}: {why}");
    }
    std::fs::write(&key, right).unwrap();
    assert_eq!(office.rows(&["user", "list"]).len(), 1);
}

#[test]
fn a_database_server_that_nobody_knows_is_named() {
    let office = Office::empty();
    let install = ["database", "install", "--admin", "postgres://postgres@nowhere.invalid:5433/postgres"];
    let said = office.refused(&install, UNAVAILABLE);
    assert!(said.contains("nowhere.invalid:5433"), "{said}");
}

#[test]
fn a_database_that_was_installed_is_where_the_first_command_founds_the_pool() {
    let administrator = Cluster::running().database();
    let office = Office::empty();
    let install = ["database", "install", "--admin", &administrator];
    office.must(&[&install[..], &["--database", "noted", "--role", "noted_servers"]].concat());
    office.found();
    assert!(!office.file("store.db").exists(), "no embedded store is made beside it");
    assert!(std::fs::read_to_string(office.file("store.toml")).unwrap().contains("/noted"));
    let within = administrator.rsplit_once('/').expect("it names a database").0.to_owned() + "/noted";
    assert_eq!(answer(&within, "SELECT count(*) FROM category"), "1");
    drop(office.program.serve(&[]));
    // Where a pool was founded already, a database for another day changes nothing.
    let other = Office::founded();
    other.must(&[&install[..], &["--database", "spare", "--role", "spare_servers"]].concat());
    assert_eq!(other.rows(&["category", "list"]).len(), 1);
}
