//! What an administrator does with the store itself: proving it, putting a copy back, and a server whose place was taken.

use std::fs;

use rusqlite::Connection;
use testkit::wire::{Person, Way};

use super::office::{CONFLICT, Office, PASSWORD, UNAVAILABLE};

async fn alice(way: &Way) -> (Person, String) {
    let mut alice = Person::arrive(way, "sip:alice@example.com", PASSWORD, 1).await;
    let room = alice.room("Engineering").await.expect("the room list comes");
    alice.join(&room).await.expect("the room is joined");
    (alice, room)
}

/// Alice signs on, says this, and the server is stopped.
async fn alice_says(office: &Office, text: &str) -> Vec<(u64, String, String)> {
    let (running, way) = office.serve();
    let (mut alice, room) = alice(&way).await;
    assert_eq!(alice.post(&room, text).await, Ok(200));
    let history = alice.history(&room, 500).await.expect("history comes");
    drop(alice);
    assert!(running.terminate().0.success(), "the server stops well");
    history
}

#[tokio::test]
async fn a_store_put_back_from_a_copy_gives_no_number_again() {
    let office = Office::with(&["alice"]);
    alice_says(&office, "before the copy").await;
    fs::copy(office.file("store.db"), office.folder.path().join("copy.db")).expect("the store is copied");
    let lost = alice_says(&office, "after the copy").await;
    fs::copy(office.folder.path().join("copy.db"), office.file("store.db")).expect("the copy is put back");
    assert_eq!(office.row(&["store", "restored"])["era"], 2);
    let now = alice_says(&office, "after the loss").await;
    let texts: Vec<&str> = now.iter().map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(texts, ["before the copy", "after the loss"]);
    let lost = lost.last().expect("it was said").0;
    assert!(now.iter().all(|(number, _, _)| *number != lost), "{lost} named what was lost: {now:?}");
    office.must(&["store", "verify"]);
}

#[test]
fn a_store_is_proven_and_a_damaged_one_is_named() {
    let office = Office::with(&["alice"]);
    assert!(office.row(&["store", "verify"])["journals"].as_u64() >= Some(3));
    let store = Connection::open(office.file("store.db")).expect("the file is a database");
    store.execute("UPDATE entry SET chain = zeroblob(32) WHERE number = 1", []).expect("it is damaged");
    drop(store);
    let why = office.refused(&["store", "verify"], UNAVAILABLE);
    assert!(why.contains("damaged"), "{why}");
}

#[test]
fn nobody_puts_a_store_back_under_a_running_server() {
    let office = Office::with(&["alice"]);
    let (_running, _way) = office.serve();
    for verb in ["restored", "verify"] {
        let why = office.refused(&["store", verb], CONFLICT);
        assert!(why.contains("stop it"), "{why}");
    }
}

#[tokio::test]
async fn a_store_whose_file_is_gone_is_not_founded_anew_over_its_log() {
    let office = Office::with(&["alice"]);
    let (running, way) = office.serve();
    let (mut alice, room) = alice(&way).await;
    assert_eq!(alice.post(&room, "only in the log").await, Ok(200));
    running.kill();
    let moved = office.folder.path().join("moved.db");
    fs::rename(office.file("store.db"), &moved).expect("the file is moved away");
    for words in [&["serve", "--domain", "example.com"][..], &["user", "list"]] {
        let why = office.refused(words, UNAVAILABLE);
        assert!(why.contains("store.db is missing") || why.contains("no pool"), "{why}");
    }
    fs::rename(&moved, office.file("store.db")).expect("the file is put back");
    let history = alice_says(&office, "and the rest").await;
    assert_eq!(history.len(), 2, "nothing was lost: {history:?}");
}

#[tokio::test]
async fn an_empty_file_is_not_taken_for_a_store() {
    let office = Office::with(&["alice"]);
    alice_says(&office, "kept").await;
    fs::write(office.file("store.db"), []).expect("the file is cut");
    for words in [&["serve"][..], &["user", "list"], &["store", "restored"]] {
        let why = office.refused(words, UNAVAILABLE);
        assert!(why.contains("empty"), "{why}");
    }
    assert_eq!(fs::read(office.file("store.db")).expect("it is there").len(), 0, "it was left alone");
}

#[tokio::test]
async fn nothing_is_kept_in_a_file_that_was_taken_away() {
    let office = Office::with(&["alice"]);
    let (_running, way) = office.serve();
    let (mut alice, room) = alice(&way).await;
    let moved = office.folder.path().join("moved.db");
    fs::rename(office.file("store.db"), &moved).expect("the file is moved away");
    assert_eq!(alice.post(&room, "into nothing").await, Ok(503));
    fs::rename(&moved, office.file("store.db")).expect("the file is put back");
    assert_eq!(alice.post(&room, "kept again").await, Ok(200));
}

#[tokio::test]
async fn a_server_whose_place_was_taken_ends_by_itself() {
    let office = Office::with(&["alice"]);
    let (running, way) = office.serve();
    let (mut alice, room) = alice(&way).await;
    let store = Connection::open(office.file("store.db")).expect("the file is a database");
    store.execute("UPDATE server SET epoch = epoch + 1", []).expect("another server begins");
    let answer = alice.post(&room, "into the past").await;
    assert_ne!(answer, Ok(200), "nothing is kept any more");
    let (status, log) = running.ended();
    assert_eq!(status.code(), Some(UNAVAILABLE), "{log}");
    assert!(log.contains("another server took its place"), "{log}");
}
