//! Any octets may come in and any text may be said: nothing panics, and no character is lost between printer and reader.

use std::fs;
use std::path::Path;

use chat::{Draft, Text};
use proptest::collection::vec;
use proptest::prelude::*;
use xccos::{
    Ask, Command, CommandId, GrpChat, PostBlock, Reply, RoomRef, ServerItem, SetPref, notice, parse,
    parse_answer, print_command, print_post, reply,
};

use crate::people::{ENGINEERING, asked, heading, home, noon, room};

/// Texts with everything that needs care in XML.
fn said() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("&".to_owned()),
        Just("<".to_owned()),
        Just(">".to_owned()),
        Just("\"".to_owned()),
        Just("'".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("\n".to_owned()),
        Just("\t".to_owned()),
        Just("]]>".to_owned()),
        Just("&amp;".to_owned()),
        Just("&#10;".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("😀".to_owned()),
        Just("\u{0}\u{1}\u{1f}\u{7f}\u{85}".to_owned()),
        Just("\u{2028}\u{FFFD}\u{FFFE}\u{FFFF}".to_owned()),
        any::<char>().prop_map(String::from),
        "[a-zä ]{0,8}",
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// What XML 1.0 can carry of a text.
fn carried(text: &str) -> String {
    let lost = |c: &char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{FFFE}' | '\u{FFFF}');
    text.chars().filter(|c| !lost(c)).collect()
}

fn golden() -> Vec<Vec<u8>> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data"));
    let files =
        ["clients", "servers"].into_iter().flat_map(|whose| fs::read_dir(folder.join(whose)).expect("data"));
    let mut bodies: Vec<_> =
        files.map(|entry| fs::read(entry.expect("an entry").path()).expect("a body")).collect();
    bodies.sort();
    bodies
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn a_post_says_the_same_in_both_directions(text in said()) {
        let Ok(text) = Text::parse(&text) else { return Ok(()) };
        let post = GrpChat {
            room: RoomRef::new(&home(), ENGINEERING),
            author: "sip:alice@contoso.com".into(),
            sent: "2013-08-03T10:15:00Z".into(),
            draft: Draft { text: text.clone(), rtf: None, alert: false },
        };
        let sent = print_post(&CommandId::new(1, 1), &post);
        let item = parse(sent.as_bytes()).expect("our own words").items.remove(0);
        prop_assert_eq!(item.ask, Ask::Post(Ok(post)));

        let delivered = PostBlock {
            room: ENGINEERING,
            number: Some(1),
            time: noon(),
            author: "sip:alice@contoso.com".into(),
            author_name: None,
            alert: true,
            text: text.as_str().to_owned().into(),
            rtf: Some("{\\rtf1\r\n\ttwo lines\\par\r}".into()),
        };
        let printed = notice::post(1, &home(), &delivered);
        let items = parse_answer(printed.as_bytes()).expect("our own words").items;
        prop_assert_eq!(items, vec![ServerItem::Post(delivered)]);
    }

    #[test]
    fn an_attribute_keeps_every_character(label in said(), content in said()) {
        let label: String = label.chars().take(255).collect();
        let (label, content) = (carried(&label), carried(&content));
        prop_assume!(!label.is_empty());
        let command = Command::SetPref(SetPref { label: label.into(), version: None, content: content.into() });
        let sent = print_command(&asked(), &command);
        let item = parse(sent.as_bytes()).expect("our own words").items.remove(0);
        prop_assert_eq!(item.ask, Ask::Command { name: "setpref".into(), command: Ok(command) });
    }

    #[test]
    fn names_and_descriptions_of_rooms_keep_every_character(name in said(), description in said()) {
        let mut found = room(ENGINEERING, "Engineering");
        found.name = carried(&name).into();
        found.description = carried(&description).into();
        let home = home();
        let found = Reply::ChanSrch(vec![found]);
        let printed = reply::print(&heading(&home), &asked(), &found);
        let items = parse_answer(printed.as_bytes()).expect("our own words").items;
        let [ServerItem::Reply(read)] = &items[..] else { panic!("one reply") };
        prop_assert_eq!(read.data.as_ref(), Some(&found));
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in vec(any::<u8>(), 0..400)) {
        let _ = parse(&octets);
        let _ = parse_answer(&octets);
    }

    #[test]
    fn any_text_inside_an_envelope_is_read_or_refused(text in "[<>/a-z\"'= &;:#x0-9!\\[\\]?-]{0,200}") {
        let body = format!("<xccos envid=\"1\"><cmd id=\"cmd:join\" seqid=\"1\"><data>{text}</data></cmd></xccos>");
        let _ = parse(body.as_bytes());
        let _ = parse_answer(body.replace("cmd", "rpl").as_bytes());
    }

    #[test]
    fn a_changed_body_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<Option<prop::sample::Index>>(),
        doubled in any::<Option<prop::sample::Index>>(),
    ) {
        let bodies = golden();
        let mut octets = bodies[which.index(bodies.len())].clone();
        for (place, value) in changes {
            let place = place.index(octets.len());
            octets[place] = value;
        }
        if let Some(place) = doubled {
            let place = place.index(octets.len());
            let tail = octets[place..].to_vec();
            octets.extend(tail);
        }
        if let Some(length) = cut {
            octets.truncate(length.index(octets.len()));
        }
        if let Ok(envelope) = parse(&octets) {
            prop_assert!(!envelope.items.is_empty());
        }
        let _ = parse_answer(&octets);
    }
}

#[test]
fn what_a_server_said_is_the_same_after_printing_and_reading_again() {
    let home = chat::Domain::parse("example.com").expect("a domain");
    for body in golden() {
        let Ok(envelope) = parse_answer(&body) else { continue };
        for item in envelope.items {
            let heading = heading(&home);
            let printed = match &item {
                ServerItem::Reply(said) => match (&said.data, &said.to) {
                    (Some(data), Some(to)) => reply::print(&heading, to, data),
                    _ => continue,
                },
                ServerItem::Notice(said) => notice::print(&heading, said),
                ServerItem::Post(said) => notice::post(1, &home, said),
            };
            let again = parse_answer(printed.as_bytes()).expect("our own words").items;
            assert_eq!(again, [item]);
        }
    }
}
