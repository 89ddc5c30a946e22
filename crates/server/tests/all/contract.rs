//! What scripts rely on: exit codes, JSON, and that a command does the same through a running server and without one.

use std::fs::{File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use admin::{Operation, Request, RoomRemove};

use super::office::{CONFLICT, DENIED, INVALID, NOT_FOUND, Office, UNAVAILABLE, USAGE, error, list, program};

/// Commands that are refused by what they say, whoever carries them out.
fn refusals(office: &Office) {
    let refused = |words: &[&str], code: i32, part: &str| {
        let said = office.refused(words, code);
        assert!(said.contains(part), "{words:?}: '{part}' in '{said}'");
    };
    refused(&["user", "get", "sip:ghost@example.com"], NOT_FOUND, "sip:ghost@example.com");
    refused(&["category", "get", "Nowhere"], NOT_FOUND, "'Nowhere'");
    refused(&["room", "set", "Nowhere", "--privacy", "open"], NOT_FOUND, "'Nowhere'");
    refused(&["room", "new", "Lost", "--category", "Nowhere"], NOT_FOUND, "causerie category new");
    let bob = ["user", "new", "sip:bob@example.com", "--display-name", "Bob"];
    refused(&bob, CONFLICT, "exists already");
    refused(&["category", "new", "general"], CONFLICT, "another name");
    refused(&["user", "get", "bob"], INVALID, "sip:user@example.com");
    refused(&["room", "new", "Lost", "--category", "General", "--privacy", "hidden"], INVALID, "secret");
    refused(&["user", "set", "sip:bob@example.com"], INVALID, "--display-name");
    refused(&["category", "set", "General"], INVALID, "causerie category set --help");
    refused(&["user", "remove", "sip:bob@example.com"], USAGE, "--yes");
}

#[test]
fn refusals_have_their_codes_without_a_server() {
    let office = Office::with(&["bob"]);
    refusals(&office);
}

#[test]
fn refusals_have_their_codes_through_a_server() {
    let office = Office::with(&["bob"]);
    let _running = office.program.serve(&[]);
    refusals(&office);
}

#[test]
fn a_line_that_makes_no_sense_is_a_matter_of_usage() {
    let office = Office::empty();
    for words in [
        &[][..],
        &["user"],
        &["user", "make", "sip:bob@example.com"],
        &["user", "new", "sip:bob@example.com"],
        &["room", "new", "Lost"],
        &["user", "list", "--nonsense"],
        &["user", "set", "sip:bob@example.com", "--legacy-sign-on=perhaps"],
        &["category", "set", "General", "--clear-creators", "--replace-creators", "domain:example.com"],
        &["serve", "--data", ""],
    ] {
        office.refused(words, USAGE);
    }
    assert!(!office.program.data().exists());
}

#[test]
fn a_directory_open_to_others_is_denied_and_a_store_without_its_key_unavailable() {
    let office = Office::founded();
    std::fs::set_permissions(office.program.data(), Permissions::from_mode(0o750)).expect("it is ours");
    office.refused(&["user", "list"], DENIED);
    std::fs::set_permissions(office.program.data(), Permissions::from_mode(0o700)).expect("it is ours");
    std::fs::remove_file(office.file("secret/sealing.key")).expect("it was made");
    let said = office.refused(&["user", "list"], UNAVAILABLE);
    assert!(said.contains("sealing.key") && said.contains("restore it"), "{said}");
}

#[test]
fn json_names_stay() {
    let office = Office::with(&["bob"]);
    let names = |row: &serde_json::Value| {
        let mut names: Vec<String> = row.as_object().expect("an object").keys().cloned().collect();
        names.sort();
        names.join(" ")
    };
    let user = "address bot chat displayName enabled etag guid hasPassword legacySignOn policy";
    let category = "allowedMembers chatHistory creators deniedMembers description etag fileUpload guid invitations \
                    name rooms uri";
    let room = "addIn category description disabled etag guid invitations managers members name presenters privacy type \
                uri";
    let served = office.program.serve(&[]);
    for running in [Some(served), None] {
        assert_eq!(names(&office.row(&["user", "get", "sip:bob@example.com"])), user);
        assert_eq!(names(&office.row(&["category", "get", "General"])), category);
        assert_eq!(names(&office.row(&["room", "get", "Engineering"])), room);
        for (noun, expected) in [("user", user), ("category", category), ("room", room)] {
            let rows = office.rows(&[noun, "list"]);
            assert!(rows.iter().all(|row| names(row) == expected), "{rows:?}");
        }
        drop(running);
    }
    let changed = office.row(&["room", "set", "Engineering", "--description", "Pumps"]);
    assert_eq!(changed["description"], "Pumps", "a change prints the row as it is now");
    let removed = office.row(&["room", "remove", "Engineering", "--yes"]);
    assert_eq!(removed["name"], "Engineering", "and a removal as it was");
    assert_eq!(office.must(&["room", "list", "--json"]), "", "an empty list has no lines");
}

#[test]
fn people_read_tables() {
    let office = Office::with(&["bob"]);
    let users = office.must(&["user", "list"]);
    assert!(users.contains("ADDRESS") && users.contains("sip:bob@example.com"), "{users}");
    assert!(users.contains("enabled") && users.contains("set"), "{users}");
    office.must(&["room", "set", "Engineering", "--description", "Pumps and drives"]);
    let room = office.must(&["room", "get", "Engineering"]);
    for part in ["Pumps and drives", "ma-chan://example.com/", "guid", "inherit", "presenters"] {
        assert!(room.contains(part), "'{part}' in {room}");
    }
    assert_eq!(office.must(&["room", "remove", "Engineering", "--yes"]), "removed the room Engineering\n");
    assert_eq!(
        office.must(&["user", "remove", "sip:bob@example.com", "--yes"]),
        "removed sip:bob@example.com\n"
    );
    let rooms = office.must(&["room", "list"]);
    assert!(rooms.contains("ROOM") && !rooms.contains("Engineering"), "{rooms}");
}

#[test]
fn what_is_changed_through_a_server_is_there_without_it_and_the_other_way_round() {
    let office = Office::founded();
    office.must(&["room", "new", "Before", "--category", "General", "--privacy", "open"]);
    let running = office.program.serve(&[]);
    let mode = std::fs::metadata(office.file("admin.sock")).expect("a server has a socket").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600, "nobody else opens it");
    office.must(&["room", "set", "Before", "--rename", "Renamed"]);
    office.must(&["room", "new", "During", "--category", "General", "--privacy", "open"]);
    running.kill();
    office.must(&["room", "new", "After", "--category", "General", "--privacy", "open"]);
    let names: Vec<String> =
        office.rows(&["room", "list"]).iter().map(|room| room["name"].to_string()).collect();
    assert_eq!(names, ["\"After\"", "\"During\"", "\"Renamed\""], "an old socket is in nobody's way");
}

#[test]
fn what_says_a_thing_twice_is_refused_at_the_socket_and_in_lines() {
    let office = Office::founded();
    let line = "{\"user\":\"sip:alice@example.com\",\"user\":\"sip:bob@example.com\"}\n";
    let said = office.refused_with(&["user", "remove", "--from-stdin", "--yes"], line, INVALID);
    assert!(said.contains("'user' is given twice: leave one of them out"), "{said}");
    let running = office.program.serve(&[]);
    let mut stream = UnixStream::connect(office.file("admin.sock")).expect("a server has a socket");
    let asked = Request::of(Operation::RoomRemove(RoomRemove { room: "Engineering".into() }));
    let asked = serde_json::to_string(&asked).expect("plain values");
    let twice = asked.replace("\"Engineering\"", "\"Engineering\",\"room\":\"Kitchen\"");
    assert_ne!(asked, twice);
    stream.write_all(format!("{twice}\n").as_bytes()).expect("the server listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    assert!(answer.contains("'room' is given twice: leave one of them out"), "{answer}");
    running.kill();
}

#[test]
fn a_dozen_commands_at_once_wait_for_each_other() {
    let office = Office::founded();
    std::thread::scope(|scope| {
        for number in 0..12 {
            let office = &office;
            let name = format!("Room {number}");
            scope.spawn(move || office.must(&["room", "new", &name, "--category", "General"]));
        }
    });
    assert_eq!(office.rows(&["room", "list"]).len(), 12);
}

#[test]
fn a_server_starts_while_commands_run() {
    let office = &Office::founded();
    std::thread::scope(|scope| {
        let making = |number: usize| {
            let name = format!("Room {number}");
            scope.spawn(move || office.must(&["room", "new", &name, "--category", "General"]))
        };
        let making: Vec<_> = (0..6).map(making).collect();
        let running = office.program.serve(&[]);
        making.into_iter().for_each(|one| drop(one.join().expect("every room is made")));
        assert!(running.terminate().0.success());
    });
    assert_eq!(office.rows(&["room", "list"]).len(), 6);
}

#[test]
fn a_full_disk_behind_standard_output_is_said_and_a_reader_that_went_away_is_not() {
    let office = Office::with(&["bob"]);
    let run = |out: Stdio, err: Stdio, words: &[&str]| {
        let mut command = Command::new(program());
        command.args(words).env("CAUSERIE_DATA", office.program.data()).stdin(Stdio::null());
        command.stdout(out).stderr(err).spawn().expect("it starts").wait_with_output().expect("it ends")
    };
    let full = || Stdio::from(File::options().write(true).open("/dev/full").expect("Linux has it"));
    let output = run(full(), Stdio::piped(), &["user", "list"]);
    assert_eq!(output.status.code(), Some(UNAVAILABLE));
    assert!(error(&output).contains("standard output"), "{}", error(&output));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = run(writer.into(), Stdio::piped(), &["user", "list"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let output = run(Stdio::piped(), full(), &["user", "get", "sip:ghost@example.com"]);
    assert_eq!(output.status.code(), Some(NOT_FOUND), "the code says it where words cannot");
    let output = run(Stdio::piped(), full(), &["category", "new", "Nobody's"]);
    assert!(output.status.success(), "a note that nobody reads is no trouble");
}

#[test]
fn help_says_what_there_is() {
    let office = Office::empty();
    let said = |words: &[&str]| office.must(&[words, &["--help"]].concat());
    let main = said(&[]);
    for part in
        ["serve", "demo", "user", "category", "room", "--data", "--json", "CAUSERIE_DATA", "7 unavailable"]
    {
        assert!(main.contains(part), "'{part}' in {main}");
    }
    for noun in ["user", "category", "room"] {
        let help = said(&[noun]);
        for verb in ["new", "list", "get", "set", "remove"] {
            assert!(help.contains(&format!("\n  {verb} ")), "{verb} in {help}");
        }
    }
    for words in [["user", "set"], ["category", "set"], ["room", "set"], ["room", "new"], ["user", "new"]] {
        let help = said(&words);
        let bare =
            help.lines().find(|line| line.trim_start().starts_with("--") && !line.trim().contains("  "));
        let long = |line: &str| line.ends_with('>') || line.ends_with(']');
        assert!(bare.is_none_or(long), "every option says what it does: {bare:?}");
    }
    assert!(!office.program.data().exists());
}

#[test]
fn the_last_of_an_option_given_twice_counts() {
    let office = Office::with(&["bob"]);
    let twice = ["user", "set", "sip:bob@example.com", "--display-name", "Rob", "--display-name", "Robert"];
    assert_eq!(office.row(&twice)["displayName"], "Robert");
    let both = ["--add-member", "sip:bob@example.com", "--add-member", "domain:example.com"];
    let room = office.row(&[&["room", "set", "Engineering"][..], &both].concat());
    assert_eq!(list(&room, "members"), ["sip:bob@example.com", "domain:example.com"], "but lists add up");
}
