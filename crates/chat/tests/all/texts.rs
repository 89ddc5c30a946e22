//! Names, addresses, texts and times: what is read, what is refused, what is printed.

use chat::limits::{MESSAGE_BYTES_MAX, NAME_CHARS_MAX, STORY_BYTES_MAX};
use chat::{Address, BadText, Description, Domain, NodeName, Rtf, Text, Time};

#[test]
fn an_address_has_one_spelling() {
    let address = Address::parse("SIP:Alice.Martin@Example.COM").expect("an address");
    assert_eq!(address.as_str(), "sip:alice.martin@example.com");
    assert_eq!((address.user(), address.domain()), ("alice.martin", "example.com"));
    assert_eq!(address, Address::parse(address.as_str()).expect("its own spelling"));
}

#[test]
fn what_is_no_address_is_refused() {
    let long = format!("sip:{}@example.com", "a".repeat(300));
    for text in [
        "",
        "alice",
        "alice@example.com",
        "sip:@example.com",
        "sip:alice@",
        "sip:a b@example.com",
        "sip:a@b@c",
        "sip:alice@example.com;gruu",
        "sip:älice@example.com",
        "sips:alice@example.com",
        &long,
    ] {
        assert!(Address::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_no_domain_is_refused() {
    for text in
        ["", ".", "a..b", "-a.com", "a-.com", "a_b.com", "exämple.com", &"a".repeat(64), &"a.".repeat(200)]
    {
        assert!(Domain::parse(text).is_err(), "{text}");
    }
    assert_eq!(Domain::parse("EXAMPLE.com").expect("a domain").as_str(), "example.com");
}

#[test]
fn names_are_cut_at_the_ends_and_counted_in_characters() {
    assert_eq!(NodeName::parse("  Ops & <Duty> ü ").expect("a name").as_str(), "Ops & <Duty> ü");
    assert!(NodeName::parse(&"ü".repeat(NAME_CHARS_MAX)).is_ok());
    let long = NodeName::parse(&"ü".repeat(NAME_CHARS_MAX + 1));
    assert!(matches!(long, Err(BadText::TooLong { size: 257, limit: 256, .. })), "{long:?}");
    for text in ["", "   ", "two\nlines", "bell\u{7}", "left\u{202E}right"] {
        assert!(NodeName::parse(text).is_err(), "{text:?}");
    }
    assert_eq!(NodeName::parse("Straße").expect("a name").folded(), "straße");
    assert!(Description::parse("").is_ok());
}

#[test]
fn a_text_keeps_its_lines_and_loses_what_xml_cannot_carry() {
    let text = Text::parse("one\r\ntwo\rthree\u{0}\u{8}\u{FFFE}\tfour 😀").expect("a text");
    assert_eq!(text.as_str(), "one\ntwo\nthree\tfour 😀");
}

#[test]
fn blank_and_too_long_texts_are_refused_with_their_sizes() {
    for text in ["", " ", "\r\n\t", "\u{0}"] {
        assert!(matches!(Text::parse(text), Err(BadText::Empty { .. })), "{text:?}");
    }
    assert!(Text::parse(&"a".repeat(MESSAGE_BYTES_MAX)).is_ok());
    let long = Text::parse(&"a".repeat(MESSAGE_BYTES_MAX + 1));
    assert!(
        matches!(long, Err(BadText::TooLong { size: 8_001, limit: 8_000, unit: "octets", .. })),
        "{long:?}"
    );
    assert!(
        Text::parse(&"ä".repeat(MESSAGE_BYTES_MAX / 2 + 1)).is_err(),
        "octets are counted, not characters"
    );
}

#[test]
fn a_story_may_be_longer_than_a_message() {
    let story = format!("[STORY]{}", "a".repeat(MESSAGE_BYTES_MAX));
    assert!(Text::parse(&story).expect("a story").is_story());
    assert!(Text::parse(&format!("[STORY]{}", "a".repeat(STORY_BYTES_MAX))).is_err());
}

#[test]
fn rich_text_is_seven_bit_and_begins_as_such() {
    assert!(Rtf::parse("{\\rtf1\\ansi hello}").is_ok());
    for text in ["hello", "{\\rtf1 ü}", "{\\rtf1 \u{1}}"] {
        assert!(Rtf::parse(text).is_err(), "{text}");
    }
}

#[test]
fn times_are_read_liberally_and_printed_in_one_way() {
    let table = [
        ("2026-11-24T10:15:00Z", "2026-11-24T10:15:00.0000000Z"),
        ("2026-11-24T10:15:00", "2026-11-24T10:15:00.0000000Z"),
        ("2010-09-14T14:26:17.6206356Z", "2010-09-14T14:26:17.6206350Z"),
        ("2026-11-24T12:15:00+02:00", "2026-11-24T10:15:00.0000000Z"),
    ];
    for (text, printed) in table {
        assert_eq!(Time::parse_iso(text).expect(text).iso7(), printed);
    }
    for text in ["", "yesterday", "2026-13-01T00:00:00Z", &"2".repeat(100)] {
        assert!(Time::parse_iso(text).is_err(), "{text}");
    }
}

#[test]
fn no_number_of_microseconds_is_beyond_printing() {
    for micros in [i64::MIN, i64::MAX, 0, -1] {
        let time = Time::from_unix_micros(micros);
        assert!(time.iso7().ends_with('Z'));
        assert_eq!(time.plus_micros(i64::MAX), Time::from_unix_micros(i64::MAX));
    }
}

#[test]
fn names_that_look_alike_are_one_name() {
    let folded = |text: &str| NodeName::parse(text).expect("a name").folded();
    for (one, other) in [
        ("Café", "cafe\u{301}"),
        ("OPS", "ops"),
        ("👩\u{200D}🔧", "👩🔧"),
        ("Heart \u{2764}\u{FE0F}", "heart \u{2764}"),
    ] {
        assert_eq!(folded(one), folded(other), "{one}");
    }
    assert_eq!(NodeName::parse("cafe\u{301}").expect("a name").as_str(), "café", "written one way");
}

#[test]
fn what_nobody_sees_is_no_part_of_a_name() {
    assert_eq!(NodeName::parse("\u{200D}"), Err(BadText::Empty { what: "name" }), "nothing but a joiner");
    for unseen in
        ['\u{200B}', '\u{FEFF}', '\u{E0041}', '\u{AD}', '\u{202E}', '\u{2060}', '\u{2800}', '\u{3164}']
    {
        let name = format!("Open{unseen}");
        assert_eq!(NodeName::parse(&name), Err(BadText::Character { what: "name" }), "{unseen:?}");
    }
}
