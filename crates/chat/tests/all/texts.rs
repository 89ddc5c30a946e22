//! Names, addresses, texts and times: what is read, what is refused, what is printed.

use chat::limits::{
    CLIENT_ID_BYTES_MAX, DESCRIPTION_CHARS_MAX, MESSAGE_BYTES_MAX, NAME_CHARS_MAX, RTF_BYTES_MAX,
    STORY_BYTES_MAX,
};
use chat::{
    AddInName, Address, BadText, ClientId, Description, DisplayName, Domain, Draft, NodeName, Rtf, Text,
    Time, folded,
};
use proptest::prelude::*;

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
fn people_type_addresses_without_the_scheme() {
    for text in ["alice@example.com", "sip:alice@example.com", "SIP:ALICE@Example.com", "Alice@EXAMPLE.com"] {
        assert_eq!(Address::typed(text).expect("an address").as_str(), "sip:alice@example.com", "{text}");
    }
    for text in [
        "alice",
        "",
        "@example.com",
        "alice@",
        "a b@example.com",
        "sips:alice@example.com",
        "cn=alice@example.com",
    ] {
        let bad = Address::typed(text).expect_err("no address").to_string();
        assert!(bad.contains(&format!("'{text}'")), "it is named as it was typed: {bad}");
    }
    assert!(Address::typed("sip:a=b@example.com").is_ok(), "with the scheme there is no doubt");
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
fn what_reads_as_a_guid_is_no_name() {
    for text in [
        "4f0c1a2e-0000-4000-8000-00000000000a",
        "4F0C1A2E-0000-4000-8000-00000000000A",
        "  4f0c1a2e-0000-4000-8000-00000000000a ",
        "4f0c1a2e00004000800000000000000a",
        "{4f0c1a2e-0000-4000-8000-00000000000a}",
        "urn:uuid:4f0c1a2e-0000-4000-8000-00000000000a",
        "URN:UUID:4F0C1A2E-0000-4000-8000-00000000000A",
        "4f0c\u{200D}1a2e-0000-4000-8000-00000000000a",
        "00000000-0000-0000-0000-000000000000",
    ] {
        assert_eq!(NodeName::parse(text), Err(BadText::Guid), "{text:?}");
        assert_eq!(AddInName::parse(text), Err(BadText::Guid), "{text:?}");
        assert_eq!(DisplayName::parse_unlike_guid(text), Err(BadText::Guid), "{text:?}");
    }
    for text in
        ["Room 4f0c1a2e-0000-4000-8000-00000000000a", "4f0c1a2e", "4f0c1a2e-0000-4000-8000-00000000000g"]
    {
        assert!(NodeName::parse(text).is_ok(), "{text:?}");
    }
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
fn a_story_says_something_beside_its_mark() {
    for text in ["[STORY]", "[STORY: ]\n", "[STORY ]\n\t", "[STORY"] {
        assert_eq!(Text::parse(text), Err(BadText::Empty { what: "story" }), "{text:?}");
    }
    for text in
        ["[STORY]The day\nIt was long.", "[STORY:The day]It was long.", "[STORY]The day", "[STORY:The day]"]
    {
        assert!(Text::parse(text).expect(text).is_story(), "{text:?}");
    }
    for text in ["a [STORY]", "[story]The day", "STORY"] {
        assert!(!Text::parse(text).expect(text).is_story(), "{text:?}");
    }
}

#[test]
fn rich_text_is_seven_bit_and_begins_as_such() {
    assert!(Rtf::parse("{\\rtf1\\ansi hello}").is_ok());
    for text in ["", "hello", "{\\rtf1 ü}", "{\\rtf1 \u{1}}"] {
        assert!(Rtf::parse(text).is_err(), "{text}");
    }
    let rtf = |size: usize| format!("{{\\rtf1{}}}", "x".repeat(size - "{\\rtf1}".len()));
    assert!(Rtf::parse(&rtf(RTF_BYTES_MAX)).is_ok());
    let long = Rtf::parse(&rtf(RTF_BYTES_MAX + 1));
    assert!(matches!(long, Err(BadText::TooLong { size: 128_001, unit: "octets", .. })), "{long:?}");
}

#[test]
fn rich_text_never_comes_without_plain_text() {
    let rtf = Rtf::parse("{\\rtf1\\ansi hello}").expect("rich text");
    // A draft without a text cannot be written down, and an empty text cannot be made.
    let draft = Draft { text: Text::parse("hello").expect("a text"), rtf: Some(rtf), alert: true };
    assert_eq!(draft.text.as_str(), "hello");
    assert_eq!(Text::parse("\u{FFFE} \r\n"), Err(BadText::Empty { what: "message" }));
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

#[test]
fn a_name_is_counted_as_it_is_kept() {
    // Two characters that become one, and one that becomes two.
    let composed = NodeName::parse(&"e\u{301}".repeat(NAME_CHARS_MAX)).expect("256 letters with accents");
    assert_eq!(composed.as_str().chars().count(), NAME_CHARS_MAX);
    let longer = NodeName::parse(&"\u{958}".repeat(NAME_CHARS_MAX));
    assert!(
        matches!(longer, Err(BadText::TooLong { size: 512, limit: 256, unit: "characters", .. })),
        "{longer:?}"
    );
    assert!(Description::parse(&"ü".repeat(DESCRIPTION_CHARS_MAX)).is_ok());
    assert!(Description::parse(&"ü".repeat(DESCRIPTION_CHARS_MAX + 1)).is_err());
}

#[test]
fn names_differ_by_more_than_case() {
    for (one, other) in [("ΟΔΟΣ", "οδος"), ("ΣΟΦΟΣ", "σοφοσ"), ("ÉTÉ", "été"), ("ДЕЛО", "дело"), ("ǅ", "ǆ")]
    {
        assert_eq!(folded(one), folded(other), "{one}");
    }
    for (one, other) in [("ı", "i"), ("été", "ete"), ("Ops 1", "Ops 2"), ("Ops", "Ops ")] {
        assert_ne!(folded(one), folded(other), "{one}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn what_was_read_is_read_back_as_it_is(text in "\\PC{0,300}") {
        if let Ok(name) = NodeName::parse(&text) {
            prop_assert_eq!(NodeName::parse(name.as_str()), Ok(name.clone()));
            prop_assert!((1..=NAME_CHARS_MAX).contains(&name.as_str().chars().count()));
            prop_assert!(!name.folded().is_empty());
        }
        if let Ok(read) = Text::parse(&text) {
            prop_assert_eq!(Text::parse(read.as_str()), Ok(read.clone()));
        }
        prop_assert_eq!(folded(&folded(&text)), folded(&text));
    }
}

#[test]
fn a_client_id_is_one_short_line_and_stays_as_it_came() {
    for good in ["1", " urn:uuid:1 ", "É", &"x".repeat(CLIENT_ID_BYTES_MAX)] {
        assert_eq!(ClientId::parse(good).expect("it is one").as_str(), good);
    }
    let what = "client id";
    let too_long = BadText::TooLong { what, size: 257, limit: CLIENT_ID_BYTES_MAX, unit: "octets" };
    for (bad, why) in [
        ("", BadText::Empty { what }),
        ("\0", BadText::Character { what }),
        ("one\ntwo", BadText::Character { what }),
        ("\u{85}", BadText::Character { what }),
        (&"x".repeat(257), too_long),
    ] {
        assert_eq!(ClientId::parse(bad), Err(why), "{bad:?}");
    }
}
