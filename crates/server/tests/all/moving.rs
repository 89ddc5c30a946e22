//! A pool whose store is in a database: founded there, moved there and back, and what goes wrong with that.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use testkit::cluster::answer;
use testkit::wire::{Person, Way};
use testkit::{Cluster, Running};

use super::office::{CONFLICT, DENIED, FOUND, INVALID, Office, PASSWORD, UNAVAILABLE, USAGE, error, program};

/// How often it is looked whether a move has come to a certain place; each look takes some milliseconds.
const LOOKS_MAX: usize = 10_000;

async fn alice(running: &Running) -> (Person, String) {
    let way = Way::Tcp(running.address("sip-tcp"));
    let mut alice = Person::arrive(&way, "sip:alice@example.com", PASSWORD, 1).await;
    let room = alice.room("Engineering").await.expect("the room list comes");
    alice.join(&room).await.expect("the room is joined");
    (alice, room)
}

/// Alice signs on, says this and the server is stopped; returns numbers and texts of all that was ever said.
async fn alice_says(office: &Office, text: &str) -> Vec<(u64, String)> {
    let running = office.program.serve(&[]);
    let (mut alice, room) = alice(&running).await;
    assert_eq!(alice.post(&room, text).await, Ok(200));
    let history = alice.history(&room, 500).await.expect("history comes");
    drop(alice);
    assert!(running.terminate().0.success(), "the server stops well");
    history.into_iter().map(|(number, _, text)| (number, text)).collect()
}

fn said(history: &[(u64, String)]) -> Vec<&str> {
    history.iter().map(|(_, text)| text.as_str()).collect()
}

#[tokio::test]
async fn a_pool_is_founded_in_a_database_and_its_directory_knows() {
    let url = Cluster::running().database();
    let office = Office::with_store_in(&url, &["alice"]);
    assert!(!office.file("store.db").exists(), "there is one store");
    assert_eq!(answer(&url, "SELECT count(*) FROM room"), "1");
    let history = alice_says(&office, "into the database").await;
    assert_eq!(said(&history), ["into the database"]);
    assert_eq!(office.row(&["store", "verify"])["journals"], 4, "pool, room, server, command line");
    assert_eq!(office.row(&["store", "restored"])["era"], 2);
    let history = alice_says(&office, "after a restore").await;
    assert!(history[1].0 > 1_000_000, "no number is given again: {history:?}");
    answer(&url, "UPDATE pool SET era = 1");
    alice_says(&office, "after the same copy was put back, and nobody said so").await;
    assert_eq!(answer(&url, "SELECT era FROM pool"), "3");
}

#[test]
fn a_first_command_that_is_refused_or_rehearsed_leaves_nothing_in_a_database() {
    let url = Cluster::running().database();
    let office = Office::empty();
    let bad = ["room", "new", "Lost", "--category", "General", "--store", &url];
    office.refused(&bad, UNAVAILABLE);
    assert_eq!(answer(&url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
    let new = ["user", "new", "sip:bob@example.com", "--display-name", "Bob", "--store", &url];
    office.refused_with(&[&new[..], &["--password-stdin"]].concat(), "short", INVALID);
    office.must(&[&new[..], &["--dry-run"]].concat());
    assert_eq!(answer(&url, "SELECT count(*) FROM pool"), "0");
    assert!(!office.file("store.toml").exists() && !office.file("secret/sealing.key").exists());
    office.must(&new);
    assert_eq!(answer(&url, "SELECT count(*) FROM pool"), "1");
}

#[tokio::test]
async fn a_store_moves_into_a_database_and_back_and_nothing_is_lost() {
    let url = Cluster::running().database();
    let office = Office::with(&["alice"]);
    alice_says(&office, "in the file").await;
    let moved = office.row(&["store", "move", "--to", &url]);
    assert_eq!(moved["to"], url.as_str());
    assert!(moved["rows"].as_u64() > Some(20) && moved["bodies"].as_u64() > Some(0), "{moved}");

    let history = alice_says(&office, "in the database").await;
    assert_eq!(said(&history), ["in the file", "in the database"]);
    assert_eq!(history[1].0, history[0].0 + 1, "it goes on counting");
    office.must(&["store", "verify"]);
    let why = office.refused(&["store", "move", "--to", &url], CONFLICT);
    assert!(why.contains("already"), "{why}");
    let why = office.refused(&["store", "move", "--to", "embedded"], CONFLICT);
    assert!(why.contains("store.db is there already") && why.contains("move it"), "{why}");

    let old = office.folder.path().join("old.db");
    fs::rename(office.file("store.db"), old).expect("it is moved out of the way");
    office.must(&["store", "move", "--to", "embedded"]);
    assert!(!office.file("store.toml").exists());
    let history = alice_says(&office, "in the file again").await;
    assert_eq!(said(&history), ["in the file", "in the database", "in the file again"]);

    // What was left is not what it keeps to.
    let why = office.refused(&["user", "list", "--store", &url], CONFLICT);
    assert!(why.contains("is another"), "{why}");
}

#[tokio::test]
async fn a_store_that_was_left_serves_nothing() {
    let url = Cluster::running().database();
    let office = Office::with(&["alice"]);
    office.must(&["store", "move", "--to", &url]);
    fs::remove_file(office.file("store.toml")).expect("the note is lost");
    for words in [&["serve"][..], &["user", "list"], &["store", "restored"]] {
        let why = office.refused(words, UNAVAILABLE);
        assert!(why.contains("it was moved to postgres://"), "{why}");
    }
    let moved = office.row(&["store", "move", "--to", &url]);
    assert_eq!(moved["tables"], 0, "only the note was missing");
    assert_eq!(said(&alice_says(&office, "here").await), ["here"]);
}

#[tokio::test]
async fn a_move_that_is_killed_in_the_middle_leaves_the_store_where_it_was() {
    let url = Cluster::running().database();
    let office = Office::with(&["alice"]);
    alice_says(&office, "before").await;
    // The tables are there, and the third person never arrives.
    Office::empty().must(&[&FOUND[..], &["--dry-run", "--store", &url]].concat());
    answer(
        &url,
        "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END';
         CREATE TRIGGER linger BEFORE INSERT ON person FOR EACH ROW EXECUTE FUNCTION linger()",
    );
    let mut moving = Command::new(program())
        .args(["store", "move", "--to", &url])
        .env("CAUSERIE_DATA", office.program.data())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let there =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    let looked = (0..LOOKS_MAX).find(|_| answer(&url, there) == "1");
    assert!(looked.is_some(), "the move has come to the people");
    moving.kill().expect("it runs");
    moving.wait().expect("it ends");

    assert_eq!(said(&alice_says(&office, "and on").await), ["before", "and on"]);
    answer(&url, "DROP TRIGGER linger ON person");
    assert_eq!(answer(&url, "SELECT count(*) FROM pool"), "0", "nothing of it is there");
    office.must(&["store", "move", "--to", &url]);
    let history = alice_says(&office, "in the database").await;
    assert_eq!(said(&history), ["before", "and on", "in the database"]);
}

#[test]
fn a_store_goes_nowhere_under_a_running_server_and_into_no_other_pool() {
    let (url, taken) = (Cluster::running().database(), Cluster::running().database());
    let office = Office::with(&["alice"]);
    let other = Office::with_store_in(&taken, &["bob"]);
    let running = office.program.serve(&[]);
    let why = office.refused(&["store", "move", "--to", &url], CONFLICT);
    assert!(why.contains("stop it first"), "{why}");
    assert!(running.terminate().0.success());
    let why = office.refused(&["store", "move", "--to", &taken], CONFLICT);
    assert!(why.contains("name an empty database"), "{why}");
    let why = other.refused(&["user", "list", "--store", &url], UNAVAILABLE);
    assert!(why.contains("has no store in it") && why.contains("belongs to the pool"), "{why}");
    office.must(&["store", "move", "--to", &url]);
    let why = office.refused(&["user", "list", "--store", &taken], INVALID);
    assert!(why.contains("has the pool") && why.contains("name the right database"), "{why}");
    assert_eq!(other.rows(&["user", "list"]).len(), 1, "nobody took its place");
}

#[test]
fn a_store_needs_the_right_password_out_of_a_file_that_is_closed_to_others() {
    let cluster = Cluster::running();
    let url = cluster.database();
    let strange = cluster.as_stranger(&url, "open sesame");
    answer(&url, "GRANT CREATE ON SCHEMA public TO stranger");
    let office = Office::empty();
    let file = office.folder.path().join("password");
    let with = |text: &str, mode: u32| {
        fs::write(&file, text).expect("a new file");
        fs::set_permissions(&file, Permissions::from_mode(mode)).expect("it is ours");
    };
    let settings = office.folder.path().join("settings.toml");
    fs::write(&settings, format!("store = \"{strange}\"\nstore-password-file = {file:?}\n"))
        .expect("a new file");
    let settings = settings.to_string_lossy().into_owned();
    let serve = ["serve", "--config", &settings, "--domain", "example.com"];
    with("open sesame\n", 0o644);
    let why = office.refused_serve(&serve[1..], DENIED);
    assert!(why.contains("chmod 600"), "{why}");
    with("sesame\n", 0o600);
    let why = office.refused_serve(&serve[1..], UNAVAILABLE);
    assert!(why.contains("password authentication failed") && why.contains("store-password-file"), "{why}");
    with("open sesame\n", 0o600);
    assert!(office.program.serve(&serve[1..]).terminate().0.success());
    // The directory knows the file.
    office.must(&["category", "list"]);

    let open = strange.replacen("stranger@", "stranger:open sesame@", 1).replace(' ', "%20");
    let why = office.refused(&["user", "list", "--store", &open], INVALID);
    assert!(why.contains("~/.pgpass") && !why.contains("sesame"), "{why}");
    let why = office.refused(&["store", "move", "--to", "mysql://db/chat"], INVALID);
    assert!(why.contains("postgres://USER@HOST:PORT/DATABASE"), "{why}");
}

#[test]
fn a_password_may_stand_in_settings_that_are_closed_to_others() {
    let cluster = Cluster::running();
    let url = cluster.database();
    let strange = url.replacen("causerie@", "causerie:any@", 1);
    let office = Office::empty();
    let file = office.folder.path().join("settings.toml");
    fs::write(&file, format!("store = \"{strange}\"\n")).expect("a new file");
    let settings = file.to_string_lossy().into_owned();
    let serve = ["--config", &settings, "--domain", "example.com"];
    fs::set_permissions(&file, Permissions::from_mode(0o640)).expect("it is ours");
    let why = office.refused_serve(&serve, DENIED);
    assert!(why.contains("holds a password"), "{why}");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");
    assert!(office.program.serve(&serve).terminate().0.success());
    let note = fs::read_to_string(office.file("store.toml")).expect("the directory says where");
    assert!(note.contains(&url) && !note.contains("any"), "{note}");
}

#[test]
fn a_demo_fills_an_empty_database_and_says_where_its_keys_go() {
    let (url, taken) = (Cluster::running().database(), Cluster::running().database());
    let office = Office::with_store_in(&taken, &["alice"]);
    let asked = office.shell(&format!("unset CAUSERIE_DATA; causerie demo --store '{url}'"));
    assert_eq!(asked.status.code(), Some(USAGE), "{}", error(&asked));
    assert!(error(&asked).contains("--data DIR"), "{}", error(&asked));
    let new = office.folder.path().join("demo");
    let new = new.to_string_lossy();
    let why = office.refused(&["demo", "--data", &new, "--store", &taken], CONFLICT);
    assert!(why.contains("name another one"), "{why}");
    assert_eq!(office.rows(&["user", "list"]).len(), 1, "nobody came to it");
    assert_eq!(answer(&url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
}
