//! Categories and rooms: who may be what in them, and advice that does what it says.

use super::office::{CONFLICT, INVALID, NOT_FOUND, Office, USAGE, advised, error, list};

#[test]
fn each_list_of_a_category_is_added_to_and_taken_from() {
    let office = Office::with(&["alice", "bob"]);
    for (option, name) in
        [("allowed-member", "allowedMembers"), ("denied-member", "deniedMembers"), ("creator", "creators")]
    {
        let whole = format!("{option}s");
        let before = list(&office.row(&["category", "get", "General"]), name);
        let (add, remove) = (format!("--add-{option}"), format!("--remove-{option}"));
        let bob = "sip:bob@example.com";
        let more = list(&office.row(&["category", "set", "General", &add, bob]), name);
        assert!(more.contains(&bob.to_owned()), "{option}: {more:?}");
        let (replace, clear) = (format!("--replace-{whole}"), format!("--clear-{whole}"));
        let only = list(&office.row(&["category", "set", "General", &replace, bob]), name);
        assert_eq!(only, [bob], "{option}");
        let none = list(&office.row(&["category", "set", "General", &remove, bob]), name);
        assert!(none.is_empty(), "{option}: {none:?}");
        office.must(&["category", "set", "General", &replace, bob]);
        let none = list(&office.row(&["category", "set", "General", &clear]), name);
        assert!(none.is_empty(), "{option}: {none:?}");
        for one in before {
            office.must(&["category", "set", "General", &add, &one]);
        }
    }
}

#[test]
fn a_category_without_members_says_so_and_the_advice_works() {
    let office = Office::founded();
    let told = office.told(&["category", "new", "Nobody's"]);
    assert!(told.contains("nobody can be a member"), "{told}");
    let done = office.shell(advised(&told));
    assert!(done.status.success(), "{}", error(&done));
    assert_eq!(error(&done), "", "now there is nothing to note");
    assert_eq!(list(&office.row(&["category", "get", "nobody's"]), "allowedMembers"), ["domain:example.com"]);
}

#[test]
fn a_category_with_rooms_stays_until_they_are_gone() {
    let office = Office::with(&[]);
    let said = office.refused(&["category", "remove", "General", "--yes"], CONFLICT);
    assert!(said.contains("still has rooms"), "{said}");
    let listed = office.shell(advised(&said));
    assert!(String::from_utf8_lossy(&listed.stdout).contains("Engineering"));
    office.must(&["room", "remove", "Engineering", "--yes"]);
    office.must(&["category", "remove", "general", "--yes"]);
    assert!(office.rows(&["category", "list"]).is_empty());
}

#[test]
fn a_category_is_changed_as_a_whole() {
    let office = Office::founded();
    let words = ["category", "set", "General", "--rename", "Everybody", "--description", "Rooms for all"];
    let more = ["--invitations", "--file-upload=true", "--chat-history=false"];
    let row = office.row(&[&words[..], &more].concat());
    assert_eq!((&row["name"], &row["description"]), (&"Everybody".into(), &"Rooms for all".into()));
    assert_eq!((&row["invitations"], &row["fileUpload"]), (&true.into(), &true.into()));
    assert_eq!(row["chatHistory"], false);
    let guid = row["guid"].as_str().expect("a GUID").to_owned();
    assert_eq!(office.row(&["category", "get", &guid])["name"], "Everybody", "a GUID serves as a name");
}

#[test]
fn whoever_is_unknown_is_named() {
    let office = Office::with(&[]);
    for words in [
        &["category", "set", "General", "--add-denied-member", "sip:ghost@example.com"][..],
        &["category", "new", "Other", "--add-creator", "sip:ghost@example.com"],
        &["room", "set", "Engineering", "--add-member", "sip:ghost@example.com"],
        &["room", "set", "Engineering", "--remove-manager", "sip:ghost@example.com"],
    ] {
        let said = office.refused(words, NOT_FOUND);
        assert!(said.contains("there is no person sip:ghost@example.com"), "{said}");
        assert!(said.contains("causerie user new sip:ghost@example.com"), "{said}");
    }
    for nobody in ["ghost", "domain:", "mailto:ghost@example.com", "sip:ghost"] {
        let said = office.refused(&["room", "set", "Engineering", "--add-member", nobody], INVALID);
        assert!(said.contains("example.com"), "it shows how: {said}");
    }
}

#[test]
fn a_room_from_its_beginning_to_its_end() {
    let office = Office::with(&["alice"]);
    let alice = "sip:alice@example.com";
    let row = office.row(&["room", "new", "Stage", "--category", "general"]);
    assert_eq!((&row["privacy"], &row["type"]), (&"closed".into(), &"normal".into()));
    let stage =
        ["--privacy", "secret", "--type", "auditorium", "--add-member", alice, "--add-presenter", alice];
    let row = office.row(&[&["room", "set", "Stage", "--rename", "Town hall"][..], &stage].concat());
    assert_eq!((&row["name"], &row["privacy"]), (&"Town hall".into(), &"secret".into()));
    assert_eq!((&row["type"], list(&row, "presenters")), (&"auditorium".into(), vec![alice.to_owned()]));
    let row = office.row(&["room", "set", "town HALL", "--disabled", "--invitations", "false"]);
    assert_eq!((&row["disabled"], &row["invitations"]), (&true.into(), &"false".into()));
    let row = office.row(&["room", "set", "Town hall", "--disabled=false", "--remove-presenter", alice]);
    assert_eq!((&row["disabled"], list(&row, "presenters")), (&false.into(), Vec::<String>::new()));
    office.must(&["category", "new", "Empty"]);
    assert!(office.rows(&["room", "list", "--category", "Empty"]).is_empty());
    assert_eq!(office.rows(&["room", "list", "--category", "General"]).len(), 2);
    office.must(&["room", "remove", "Town hall", "--yes"]);
    office.refused(&["room", "get", "Town hall"], NOT_FOUND);
}

#[test]
fn a_closed_room_without_members_says_so_and_the_advice_works() {
    let office = Office::with(&["alice"]);
    for privacy in ["closed", "secret"] {
        let name = format!("The {privacy} one");
        let told = office.told(&["room", "new", &name, "--category", "General", "--privacy", privacy]);
        assert!(told.contains("nobody can join it"), "{told}");
        let done = office.shell(&advised(&told).replace("somebody", "alice"));
        assert!(done.status.success() && done.stderr.is_empty(), "{}", error(&done));
        assert_eq!(list(&office.row(&["room", "get", &name]), "members"), ["sip:alice@example.com"]);
    }
    assert_eq!(office.told(&["room", "set", "Engineering", "--description", "Pumps"]), "");
}

#[test]
fn who_is_outside_the_category_gets_no_role_until_the_advice_is_followed() {
    let office = Office::with(&[]);
    office.must(&["user", "new", "sip:eve@other.example", "--display-name", "Eve"]);
    for role in ["--add-member", "--add-manager"] {
        let words = ["room", "set", "Engineering", role, "sip:eve@other.example"];
        let said = office.refused(&words, INVALID);
        assert!(said.contains("sip:eve@other.example") && said.contains("'General'"), "{said}");
        assert!(office.shell(advised(&said)).status.success());
        office.must(&words);
        let narrow = ["category", "set", "General", "--remove-allowed-member", "sip:eve@other.example"];
        let told = office.told(&narrow);
        assert!(told.contains("Engineering") && told.contains("sip:eve@other.example"), "{told}");
    }
    let said =
        office.refused(&["room", "set", "Engineering", "--add-presenter", "domain:example.com"], INVALID);
    assert!(said.contains("--type auditorium"), "{said}");
}

#[test]
fn names_are_taken_once_and_are_one_line_of_at_most_256_characters() {
    let office = Office::with(&[]);
    let long = "x".repeat(257);
    for noun in ["room", "category"] {
        let refused = |name: &str, code: i32, part: &str| {
            let more: &[&str] = if noun == "room" { &["--category", "General"] } else { &[] };
            let said = office.refused(&[&[noun, "new", name][..], more].concat(), code);
            assert!(said.contains(part), "{noun} {name:?}: '{part}' in '{said}'");
        };
        refused("ENGINEERING", CONFLICT, "choose another name");
        refused("general", CONFLICT, "choose another name");
        refused(&long, INVALID, "257 characters, at most 256");
        refused("", INVALID, "empty");
        refused(" \t ", INVALID, "empty");
        refused("two\nlines", INVALID, "not allowed");
        refused("a bell \u{7}", INVALID, "not allowed");
        refused("--odd", USAGE, "--odd");
    }
    let words = ["room", "set", "Engineering", "--description", &long];
    assert!(office.refused(&words, INVALID).contains("at most 256"));
    let most = "ü".repeat(256);
    office.must(&["room", "new", &most, "--category", "General"]);
    assert_eq!(office.row(&["room", "get", &most.to_uppercase()])["name"], most);
}

#[test]
fn advice_about_a_malicious_name_is_harmless() {
    let office = Office::with(&["alice"]);
    for name in ["$(touch harmed)", "`touch harmed`", "'; touch harmed; '", "--yes", "a\\'b"] {
        let told = office.told(&["room", "new", "--category", "General", "--", name]);
        let (_, advice) = told.split_once("join it: `").expect("it advises");
        let advice = advice.trim_end().strip_suffix('`').expect("it ends").replace("somebody", "alice");
        let done = office.shell(&advice);
        assert!(!office.folder.path().join("harmed").exists(), "{advice}");
        if name != "--yes" {
            assert!(done.status.success(), "{advice}: {}", error(&done));
        }
    }
}
