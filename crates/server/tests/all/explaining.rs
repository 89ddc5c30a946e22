//! Rights explained at the command line: in tables and as JSON, from both ends, and before a change is made.

use super::office::{INVALID, NOT_FOUND, Office, USAGE, list};

/// A closed room for traders, of whom Ana is one by a group and Bob is none.
fn office() -> Office {
    let office = Office::with(&["ana", "bob"]);
    office.must(&["group", "new", "Traders", "--add-member", "sip:ana@example.com"]);
    office.must(&["room", "new", "Trading FX", "--category", "General", "--add-member", "group:Traders"]);
    office
}

#[test]
fn each_right_is_yes_or_no_with_its_reasons_and_those_that_are_alike_stand_together() {
    let office = office();
    let table = office.must(&["explain", "sip:ana@example.com", "room", "Trading FX"]);
    let heads: Vec<&str> = table.lines().next().unwrap_or_default().split('┆').map(str::trim).collect();
    assert_eq!(heads, ["RIGHT", "MAY", "BECAUSE"], "{table}");
    let cells = |line: &str| line.split('┆').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let see = table.lines().map(cells).find(|row| row[0] == "see").expect("it is a right");
    assert_eq!(see[1], "yes");
    assert!(see[2].starts_with("the category allows the person as a member"), "{see:?}");
    assert_eq!(
        table.matches("as group:Traders").count(),
        table.matches(" yes ").count() + table.matches(" no ").count()
    );
    let rows = office.rows(&["explain", "sip:ana@example.com", "room", "Trading FX"]);
    let rights: Vec<&str> = rows.iter().filter_map(|row| row["right"].as_str()).collect();
    assert!(rights.starts_with(&["see", "participants", "join", "read", "post"]), "one by one: {rights:?}");
    assert!(rights.iter().all(|right| table.contains(right)), "{table}");
}

#[test]
fn a_program_gets_the_facts() {
    let office = office();
    let read = ["explain", "sip:ana@example.com", "room", "Trading FX", "--right", "read"];
    let row = office.row(&read);
    assert_eq!(row["allowed"], true);
    let facts = row["facts"].as_array().expect("facts are a list");
    let member = facts.iter().find(|fact| fact["fact"] == "member").expect("she is one");
    assert_eq!(member["by"], "group:Traders");
    assert!(member["grantedBy"].as_str().is_some_and(|by| by.starts_with("uid ")), "{member}");
    let row = office.row(&["explain", "sip:bob@example.com", "room", "Trading FX", "--right", "read"]);
    assert_eq!(row["allowed"], false);
    assert_eq!(
        list(&row, "because").last().map(String::as_str),
        Some("the person is not a member, and the room is not open")
    );
}

#[test]
fn the_question_can_be_asked_from_its_other_end() {
    let office = office();
    for words in [
        &["who-can", "read", "room", "Trading FX"][..],
        &["explain", "--who-can", "read", "room", "Trading FX"],
        &["explain", "room", "Trading FX", "--who-can", "read"],
    ] {
        assert_eq!(office.row(words)["address"], "sip:ana@example.com", "{words:?}");
        let table = office.must(words);
        assert!(table.contains("sip:ana@example.com") && !table.contains("bob"), "{table}");
    }
    let refused = |words: &[&str], code: i32, part: &str| {
        let said = office.refused(words, code);
        assert!(said.contains(part), "{words:?}: '{part}' in '{said}'");
    };
    refused(
        &["explain", "--who-can", "read", "sip:ana@example.com", "room", "Trading FX"],
        USAGE,
        "one word too many",
    );
    refused(&["explain", "--who-can", "read", "room"], USAGE, "name is missing");
    refused(&["explain", "--who-can", "read", "--right", "read", "room", "Trading FX"], USAGE, "--right");
    refused(&["explain", "--who-can", "paint", "room", "Trading FX"], INVALID, "participants");
    refused(&["explain", "--who-can", "read", "room", "Nowhere"], NOT_FOUND, "Nowhere");
}

#[test]
fn a_dry_run_says_who_would_gain_and_who_would_lose() {
    let office = office();
    let open = office.must(&["room", "set", "Trading FX", "--privacy", "open", "--dry-run"]);
    assert!(open.contains("would change room Trading FX: privacy closed -> open\n"), "{open}");
    assert!(open.contains("sip:bob@example.com would gain read, join, post in room Trading FX\n"), "{open}");
    assert!(!open.contains("sip:ana"), "nothing changes for her: {open}");
    let swapped = [
        "room",
        "set",
        "Trading FX",
        "--replace-members",
        "sip:bob@example.com",
        "--add-manager",
        "sip:ana@example.com",
    ];
    let said = office.must(&[&swapped[..], &["--dry-run"]].concat());
    assert!(said.contains("sip:bob@example.com would gain read, join, post in room Trading FX\n"), "{said}");
    let narrowed = office.must(&[
        "category",
        "set",
        "General",
        "--replace-allowed-members",
        "group:Traders",
        "--dry-run",
    ]);
    assert!(narrowed.contains("sip:bob@example.com would lose scope in category General\n"), "{narrowed}");
    let rows = office.rows(&["room", "set", "Trading FX", "--clear-members", "--dry-run"]);
    let ana = rows.iter().find(|row| row["address"] == "sip:ana@example.com").expect("she loses");
    assert_eq!(list(ana, "loses"), ["read", "join", "post"]);
    assert_eq!(office.row(&["room", "get", "Trading FX"])["members"][0], "group:Traders", "nothing was done");
}
