//! Tables of texts and whom they mention.

use chat::limits::{MENTIONS_MAX, NAMESAKES_MAX, SIGNS_MAX};
use chat::{DisplayName, Names, Person, PersonId};

use crate::people::person;

/// Who is mentioned, under which name.
type Named<'a> = &'a [(i64, &'a str)];

fn called(number: i64, address: &str, display_name: &str) -> Person {
    Person { display_name: DisplayName::parse(display_name).unwrap(), ..person(number, address) }
}

/// Alice (1), Bob Example (2), Bobby Tables of another domain (3), Élodie Weiß (4), Bob (5).
fn names() -> Names {
    let mut names = Names::default();
    for person in [
        called(1, "sip:alice@example.com", "Alice"),
        called(2, "sip:bob@example.com", "Bob Example"),
        called(3, "sip:bob@example.org", "Bobby Tables"),
        called(4, "sip:e.weiss@example.com", "Élodie Weiß"),
        called(5, "sip:robert@example.com", "Bob"),
    ] {
        names.put(&person);
    }
    names
}

fn mentioned(text: &str, reader: impl Fn(i64) -> bool) -> Vec<(i64, String)> {
    let found = names().mentioned(text, |person| reader(person.0));
    found.into_iter().map(|mention| (mention.person.0, mention.name.into())).collect()
}

#[test]
fn a_name_after_a_sign_mentions_whoever_has_it() {
    let table: &[(&str, Named<'_>)] = &[
        ("nobody is named, alice", &[]),
        ("@alice", &[(1, "alice")]),
        ("ask @Alice, (@ALICE) and @alice!", &[(1, "Alice"), (1, "ALICE"), (1, "alice")]),
        ("@alice @alice", &[(1, "alice")]),
        ("@bob", &[(2, "bob"), (3, "bob"), (5, "bob")]),
        ("@Bob Example, please", &[(2, "Bob Example")]),
        ("@Bob Examples", &[(2, "Bob"), (3, "Bob"), (5, "Bob")]),
        ("@bob@example.com", &[(2, "bob"), (3, "bob"), (5, "bob")]),
        ("@Bob\nExample", &[(2, "Bob"), (3, "Bob"), (5, "Bob")]),
        ("@bobby tables", &[(3, "bobby tables")]),
        ("@bobb", &[]),
        ("@alice_2", &[]),
        ("mail alice@alice.example", &[]),
        ("_@alice", &[]),
        ("https://example.com/@alice?to=,@alice @alice", &[(1, "alice")]),
        ("see:@alice://x", &[(1, "alice")]),
        ("@e.weiss", &[(4, "e.weiss")]),
        (
            "@e\u{301}lodie weiß, @E\u{301}LODIE WEI\u{df}.",
            &[(4, "e\u{301}lodie weiß"), (4, "E\u{301}LODIE WEI\u{df}")],
        ),
        ("@", &[]),
        ("@@alice", &[(1, "alice")]),
        ("@ alice", &[]),
        ("[STORY:@alice] @alice", &[(1, "alice")]),
    ];
    for (text, expected) in table {
        let expected: Vec<(i64, String)> = expected.iter().map(|(n, name)| (*n, (*name).into())).collect();
        assert_eq!(mentioned(text, |_| true), expected, "{text}");
        for (_, name) in expected {
            assert!(text.contains(&format!("@{name}")), "{name} stands in {text} as it is told");
        }
    }
}

#[test]
fn whoever_may_not_read_is_as_good_as_nobody() {
    let table: &[(&str, i64, Named<'_>)] = &[
        ("@alice", 1, &[]),
        ("@nobody", 1, &[]),
        ("@bob", 2, &[(3, "bob"), (5, "bob")]),
        ("@Bob Example", 2, &[(3, "Bob"), (5, "Bob")]),
    ];
    for (text, outside, expected) in table {
        let expected: Vec<(i64, String)> = expected.iter().map(|(n, name)| (*n, (*name).into())).collect();
        assert_eq!(mentioned(text, |person| person != *outside), expected, "{text}");
    }
}

#[test]
fn a_name_that_was_given_up_mentions_nobody() {
    let mut names = names();
    names.remove(&called(2, "sip:bob@example.com", "Bob Example"));
    names.put(&called(2, "sip:bob@example.com", "Robert Example"));
    let who = |text: &str| names.mentioned(text, |_| true).iter().map(|one| one.person.0).collect::<Vec<_>>();
    assert_eq!(who("@Robert Example"), [2]);
    assert_eq!(who("@Bob Example"), [2, 3, 5], "that is Bob now, whoever that is");
}

#[test]
fn nobody_is_asked_about_a_text_without_a_sign() {
    let found = names().mentioned("alice and bob", |_| panic!("nobody is named"));
    assert_eq!(found, []);
    assert!(!chat::may_mention("alice and bob"));
    assert!(chat::may_mention("alice@example.com"), "looked at, and found to be none");
}

#[test]
fn mentions_signs_and_namesakes_have_limits() {
    let mut names = Names::default();
    let many = i64::try_from(MENTIONS_MAX).unwrap() + 1;
    for number in 1..=many {
        names.put(&called(number, &format!("sip:person{number}@example.com"), "Somebody Else"));
    }
    let all: String = (1..=many).map(|number| format!("@person{number} ")).collect();
    let found = names.mentioned(&all, |_| true);
    assert_eq!(found.len(), MENTIONS_MAX);
    assert_eq!(found.last().unwrap().person, PersonId(many - 1));

    let late = format!("{}@person1", "@nobody ".repeat(SIGNS_MAX));
    assert_eq!(names.mentioned(&late, |_| true), []);
    assert_eq!(names.mentioned(&late["@nobody ".len()..], |_| true).len(), 1);

    assert!(many > i64::try_from(NAMESAKES_MAX).unwrap());
    assert_eq!(names.mentioned("@Somebody Else", |_| true), [], "too many have the name");
}

#[test]
fn the_longest_text_is_looked_through_in_no_time() {
    let mut names = Names::default();
    let longest = "a ".repeat(chat::limits::DISPLAY_NAME_CHARS_MAX / 2);
    for number in 1..=128_i64 {
        let name = &longest[..usize::try_from(number).unwrap() * 2 - 1];
        names.put(&called(number, &format!("sip:p{number}@example.com"), name));
    }
    let text = format!("@{longest}").repeat(chat::limits::STORY_BYTES_MAX / (longest.len() + 1));
    let mut asked = 0;
    let found = names.mentioned(&text, |_| {
        asked += 1;
        false
    });
    assert_eq!(found, []);
    assert!(asked <= SIGNS_MAX * 128, "{asked} names were tried");
}

#[test]
fn whoever_has_a_name_that_begins_so_is_found_by_it() {
    let table: &[(&str, &[i64])] = &[
        ("al", &[1]),
        ("BOB", &[2, 3, 5, 2, 3]),
        ("bob e", &[2]),
        ("robert", &[5]),
        ("e\u{301}lo", &[4]),
        ("weiß", &[]),
        ("x", &[]),
    ];
    let names = names();
    for (text, expected) in table {
        let mut found: Vec<i64> = names.beginning(text).map(|person| person.0).collect();
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
    let by_name: Vec<i64> =
        names.beginning("bob e").chain(names.beginning("bobb")).map(|person| person.0).collect();
    assert_eq!(by_name, [2, 3]);
}
