//! The words of a topology: what each may be, as a table.
//! What a document does with a bad one is in `text.rs`.

use topology::word::{DatabaseName, Fqdn, Identity, Kind, LocalPath, ShareName, Text, Word};

#[test]
fn each_kind_takes_what_is_good_and_refuses_what_is_not() {
    let long_label = format!("{}.example", "a".repeat(64));
    let long_name = vec!["abcdefghij"; 24].join(".");
    check::<topology::word::FqdnKind>(
        &["chat.example.com", "a.b", "CHAT.Example.com", "xn--caf-dma.example", "4.example"],
        &[
            "",
            "chat",
            "chat.",
            ".example",
            "a..b",
            "-a.example",
            "a-.example",
            "a_b.example",
            "10.0.0.1",
            "a.b/c",
            "ä.example",
            "a.b\n",
            &long_label,
            &long_name,
        ],
    );
    let long = "a".repeat(64);
    check::<topology::word::IdentityKind>(
        &["paris", "Site-1", "0_a", &long[1..]],
        &["", "-a", "_a", "a b", "a.b", "ä", &long],
    );
    let wordy = "é".repeat(257);
    check::<topology::word::TextKind>(&["Café", " a ", &wordy[2..]], &["", " ", "a\nb", "\u{7f}", &wordy]);
    check::<topology::word::ShareKind>(
        &["chat", "chat$", "chat files"],
        &["", ".", "..", "a/b", "a\\b", " a", "a:", &"s".repeat(81)],
    );
    check::<topology::word::PathKind>(
        &["/srv", "/srv/chat files/"],
        &["", "srv", "/", "//", "/a/../b", "/..", "/a\0", &format!("/{}", "p".repeat(4095))],
    );
    check::<topology::word::DatabaseKind>(&["rtc", "Causerie_1"], &["", "1a", "_a", "a-b", "a b", &long]);
}

#[test]
fn names_are_one_in_any_case_and_texts_are_not() {
    assert_eq!(Fqdn::parse("CHAT.Example.COM"), Fqdn::parse("chat.example.com"));
    assert_eq!(Identity::parse("Paris"), Identity::parse("paris"));
    assert_eq!(DatabaseName::parse("RTC"), DatabaseName::parse("rtc"));
    assert_ne!(Text::parse("Paris"), Text::parse("paris"));
    assert_ne!(ShareName::parse("Chat"), ShareName::parse("chat"));
    assert_ne!(LocalPath::parse("/Srv"), LocalPath::parse("/srv"));
}

#[test]
fn a_name_says_its_machine_and_its_domain() {
    let name = Fqdn::parse("db1.paris.example").expect("it is a name");
    assert_eq!((name.host(), name.domain()), ("db1", "paris.example"));
}

#[test]
fn a_bad_word_is_repeated_in_one_short_line() {
    let fault = Fqdn::parse(&format!("a\nb{}", "x".repeat(500))).expect_err("it is no name").to_string();
    assert!(fault.starts_with("'a\u{FFFD}bxxx") && fault.contains("x...' is not a fully"), "{fault}");
}

fn check<K: Kind>(good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(Word::<K>::parse(text).is_ok(), "{}: {text}", K::NAME);
    }
    for text in bad {
        assert!(Word::<K>::parse(text).is_err(), "{}: {text}", K::NAME);
    }
}
