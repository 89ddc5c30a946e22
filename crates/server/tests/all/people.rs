//! People: made, changed, shut out and removed, and what of it they notice at their clients.

use testkit::wire::{Person, Way};

use super::office::{CONFLICT, INVALID, NOT_FOUND, Office, PASSWORD, USAGE, list, signs_on};

#[test]
fn bob_from_his_first_day_to_his_last() {
    let office = Office::founded();
    let new = ["user", "new", "sip:Bob@Example.COM", "--display-name", "Bob Okafor"];
    let bob = office.row(&new);
    assert_eq!((&bob["address"], &bob["enabled"]), (&"sip:bob@example.com".into(), &true.into()));
    assert_eq!((&bob["hasPassword"], &bob["legacySignOn"]), (&false.into(), &false.into()));
    let address = "sip:bob@example.com";
    office.refused(&new, CONFLICT);
    assert_eq!(office.row(&["user", "set", address, "--display-name", "Robert"])["displayName"], "Robert");
    assert_eq!(office.row(&["user", "disable", address])["enabled"], false);
    assert_eq!(office.row(&["user", "disable", address])["enabled"], false, "twice is no trouble");
    assert_eq!(office.row(&["user", "enable", address])["enabled"], true);
    assert_eq!(office.row(&["user", "get", address])["guid"], bob["guid"], "he is the same all the while");
    office.must(&["user", "remove", address, "--yes"]);
    assert!(office.rows(&["user", "list"]).is_empty());
    for verb in [&["get"][..], &["disable"], &["enable"], &["set"], &["remove", "--yes"]] {
        office.refused(&[&["user"], verb, &[address]].concat(), NOT_FOUND);
    }
}

#[test]
fn who_has_no_password_is_told_how_to_get_one_and_the_advice_works() {
    let office = Office::founded();
    let told = office.told(&["user", "new", "sip:bob@example.com", "--display-name", "Bob"]);
    let advice = super::office::advised(&told).to_owned();
    let done = office.shell(&format!("echo '{PASSWORD}' | {advice}"));
    assert!(done.status.success(), "{advice}: {}", super::office::error(&done));
    assert_eq!(office.row(&["user", "get", "sip:bob@example.com"])["hasPassword"], true);
}

#[test]
fn a_bad_password_is_refused_with_the_reason_and_the_old_one_stays() {
    let office = Office::with(&["bob"]);
    let set = ["user", "set", "sip:bob@example.com", "--password-stdin"];
    let refused = |input: &str, code: i32, reason: &str| {
        let said = office.refused_with(&set, input, code);
        assert!(said.contains(reason), "'{reason}' in '{said}'");
    };
    refused("", USAGE, "no password came in");
    refused("\n", USAGE, "no password came in");
    refused("short", INVALID, "at least 8 characters");
    refused(&"x".repeat(257), INVALID, "at most 256 octets");
    refused(&"ü".repeat(5_000), INVALID, "at most 256 octets");
    refused("two\nlines here", INVALID, "");
    refused("grüne Pumpe 9", INVALID, "printable ASCII only, because such clients cut it");
    let new = ["user", "new", "sip:eve@example.com", "--display-name", "Eve", "--legacy-sign-on"];
    let said = office.refused(&new, INVALID);
    assert!(said.contains("add --password-stdin"), "{said}");
    office.refused(&["user", "get", "sip:eve@example.com"], NOT_FOUND);
    let latin =
        office.shell("printf 'gr\\374ne Pumpe 9' | causerie user set sip:bob@example.com --password-stdin");
    assert_eq!(latin.status.code(), Some(INVALID));
    assert!(super::office::error(&latin).contains("UTF-8"), "{}", super::office::error(&latin));
    let bob = office.row(&["user", "get", "sip:bob@example.com"]);
    assert_eq!((&bob["hasPassword"], &bob["legacySignOn"]), (&true.into(), &true.into()));
}

#[tokio::test]
async fn one_line_end_is_not_part_of_a_password() {
    let office = Office::with(&["bob"]);
    let (_running, way) = office.serve();
    for (number, end) in ["", "\n", "\r\n"].into_iter().enumerate() {
        let password = format!("new horse number {number}");
        let set = ["user", "set", "sip:bob@example.com", "--password-stdin"];
        office.program.must(&set, &format!("{password}{end}"));
        assert!(signs_on(&way, "bob", &password).await, "{end:?} is cut");
    }
}

#[tokio::test]
async fn a_new_password_is_the_only_one_and_without_legacy_sign_on_there_is_none() {
    let office = Office::with(&["bob"]);
    let (_running, way) = office.serve();
    assert!(signs_on(&way, "bob", PASSWORD).await);
    office.program.must(&["user", "set", "sip:bob@example.com", "--password-stdin"], "another horse 7");
    assert!(!signs_on(&way, "bob", PASSWORD).await);
    assert!(signs_on(&way, "bob", "another horse 7").await);
    let off = office.row(&["user", "set", "sip:bob@example.com", "--legacy-sign-on=false"]);
    assert_eq!((&off["hasPassword"], &off["legacySignOn"]), (&true.into(), &false.into()));
    assert!(!signs_on(&way, "bob", "another horse 7").await, "what such clients prove is erased");
    let again = ["user", "set", "sip:bob@example.com", "--legacy-sign-on"];
    let said = office.refused(&again, INVALID);
    assert!(said.contains("--password-stdin"), "{said}");
    office.program.must(&[&again[..], &["--password-stdin"]].concat(), "another horse 7");
    assert!(signs_on(&way, "bob", "another horse 7").await);
}

#[tokio::test]
async fn a_disabled_person_is_gone_and_comes_back_when_enabled() {
    let office = Office::with(&["alice", "bob"]);
    let (_running, way) = office.serve();
    let mut alice = Person::arrive(&way, "sip:alice@example.com", PASSWORD, 1).await;
    let mut bob = Person::arrive(&way, "sip:bob@example.com", PASSWORD, 2).await;
    office.must(&["user", "disable", "sip:bob@example.com"]);
    bob.until_closed().await;
    assert!(!signs_on(&way, "bob", PASSWORD).await);
    let room = alice.room("Engineering").await.expect("nobody else is touched");
    alice.join(&room).await.expect("nobody else is touched");
    office.must(&["user", "enable", "sip:bob@example.com"]);
    assert!(signs_on(&way, "bob", PASSWORD).await);
}

#[tokio::test]
async fn a_removed_person_is_gone() {
    let office = Office::with(&["bob"]);
    let (_running, way) = office.serve();
    let mut bob = Person::arrive(&way, "sip:bob@example.com", PASSWORD, 2).await;
    office.must(&["user", "remove", "sip:bob@example.com", "--yes"]);
    bob.until_closed().await;
    assert!(!signs_on(&way, "bob", PASSWORD).await);
}

#[tokio::test]
async fn whoever_gets_bobs_address_has_none_of_his_rights_and_bobs_posts_stay_his() {
    let office = Office::with(&["alice", "bob"]);
    let closed_room =
        ["room", "new", "Board", "--category", "General", "--add-member", "sip:bob@example.com"];
    office.must(&[&closed_room[..], &["--add-manager", "sip:bob@example.com"]].concat());
    office.must(&["category", "set", "General", "--add-creator", "sip:bob@example.com"]);
    let old = office.row(&["user", "get", "sip:bob@example.com"]);
    let (_running, way) = office.serve();
    let mut bob = Person::arrive(&way, "sip:bob@example.com", PASSWORD, 1).await;
    let room = bob.room("Engineering").await.expect("he sees it");
    let board = bob.room("Board").await.expect("he sees it");
    bob.join(&room).await.expect("it is open");
    assert_eq!(bob.post(&room, "I was here first").await, Ok(200));
    office.must(&["user", "remove", "sip:bob@example.com", "--yes"]);
    let row = office.row(&["room", "get", "Board"]);
    assert!(list(&row, "members").is_empty() && list(&row, "managers").is_empty(), "{row}");
    assert!(list(&office.row(&["category", "get", "General"]), "creators").is_empty());
    office.person("bob");
    assert_ne!(office.row(&["user", "get", "sip:bob@example.com"])["guid"], old["guid"]);
    let mut second = Person::arrive(&way, "sip:bob@example.com", PASSWORD, 2).await;
    let refused = second.join(&board).await.expect("he is answered");
    assert!(!refused.contains("<resp code=\"200\""), "the board is not his: {refused}");
    let old_words = ("sip:bob@example.com".to_owned(), "I was here first".to_owned());
    assert_eq!(history(&way, "alice", &room).await, [old_words], "what was said stays, and whose it was");
}

/// What somebody reads in a room: authors and texts.
async fn history(way: &Way, who: &str, room: &str) -> Vec<(String, String)> {
    let mut person = Person::arrive(way, &format!("sip:{who}@example.com"), PASSWORD, 99).await;
    person.join(room).await.expect("the room is joined");
    let page = person.history(room, 10).await.expect("history comes");
    page.into_iter().map(|(_, author, text)| (author, text)).collect()
}
