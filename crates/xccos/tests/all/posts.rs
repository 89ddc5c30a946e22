//! Posts: what a client sends becomes a draft, what the server delivers is the same for everybody.

use chat::{BadText, Domain};
use xccos::{Ask, GrpChat, PostBlock, ServerItem, XccosFault, notice, parse, parse_answer};

use crate::people::{ENGINEERING, home, noon};

pub fn post_43() -> PostBlock<'static> {
    PostBlock {
        room: ENGINEERING,
        number: Some(43),
        time: noon(),
        author: "sip:alice@contoso.com".into(),
        author_name: Some("Alice Adams".into()),
        alert: false,
        text: "hello & welcome".into(),
        rtf: Some("{\\rtf1 hello}".into()),
    }
}

/// What Alice's client sends with these attributes and children.
fn alices(attributes: &str, children: &str) -> Result<GrpChat, XccosFault> {
    let body = format!(
        "<xccos ver=\"1\" envid=\"7\" xmlns=\"urn:parlano:xml:ns:xccos\">\
         <grpchat id=\"grpchat\" seqid=\"1\" {attributes}>{children}</grpchat></xccos>"
    );
    match parse(body.as_bytes()).expect("an envelope").items.remove(0).ask {
        Ask::Post(post) => post,
        Ask::Command { name, .. } => panic!("a command {name}"),
    }
}

const WELL: &str = "chanUri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\" \
     author=\"sip:alice@contoso.com\" ts=\"2013-08-03T10:15:00Z\"";

fn text_of(children: &str) -> String {
    alices(WELL, children).expect("a post").draft.text.as_str().to_owned()
}

#[test]
fn a_delivered_post_is_printed_once_for_all() {
    let printed = notice::post(7_962_449_779_256_945_090, &home(), &post_43());
    let expected = "<xccos xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ver=\"1\" envid=\"7962449779256945090\" \
         xmlns=\"urn:parlano:xml:ns:xccos\"><grpchat id=\"grpchat\" seqid=\"1\" \
         chanUri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\" author=\"sip:alice@contoso.com\" \
         authdisp=\"Alice Adams\" alert=\"false\" chatId=\"43\" ts=\"2013-08-03T10:15:00.4470000Z\">\
         <chat>hello &amp; welcome</chat><rtf>{\\rtf1 hello}</rtf></grpchat></xccos>";
    assert_eq!(printed, expected);
    let envelope = parse_answer(printed.as_bytes()).expect("our own words");
    assert_eq!(&*envelope.envid, "7962449779256945090");
    assert_eq!(envelope.items, [ServerItem::Post(post_43())]);
}

#[test]
fn alices_post_becomes_a_draft() {
    let post =
        alices(&format!("{WELL} alert=\"True\""), "<chat>hi</chat><rtf>{\\rtf1 hi}</rtf>").expect("a post");
    assert_eq!(post.room.guid(&home()), Some(ENGINEERING));
    assert_eq!((&*post.author, &*post.sent), ("sip:alice@contoso.com", "2013-08-03T10:15:00Z"));
    assert_eq!(post.draft.text.as_str(), "hi");
    assert_eq!(post.draft.rtf.as_ref().map(chat::Rtf::as_str), Some("{\\rtf1 hi}"));
    assert!(post.draft.alert);
}

#[test]
fn every_way_to_write_a_character_is_read() {
    let table = [
        ("a&lt;b&gt;&amp;&quot;&apos;c", "a<b>&\"'c"),
        ("&#65;&#x42;&#x1F600;&#228;", "AB\u{1F600}ä"),
        ("one&#10;two", "one\ntwo"),
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("one&#13;&#10;two", "one\ntwo"),
        ("a<![CDATA[<b>&amp;]]>c", "a<b>&amp;c"),
        ("a<!-- not said -->b", "ab"),
        ("a<?not said?>b", "ab"),
        ("&amp;lt;", "&lt;"),
        (" kept as it is ", " kept as it is "),
        ("bell&#7;\u{8}gone", "bellgone"),
        ("ä€😀", "ä€😀"),
    ];
    for (sent, meant) in table {
        assert_eq!(text_of(&format!("<chat>{sent}</chat>")), meant, "{sent:?}");
    }
}

#[test]
fn attributes_may_be_in_any_case_and_unknown_ones_do_no_harm() {
    let attributes = WELL.replace("chanUri", "CHANURI").replace("author", "Author");
    let post =
        alices(&format!("{attributes} authdisp=\"Not Alice\" xyz=\"1\" p:author=\"x\""), "<chat>hi</chat>");
    assert_eq!(&*post.expect("a post").author, "sip:alice@contoso.com");
}

#[test]
fn a_room_may_be_named_in_other_ways() {
    let rest = "author=\"sip:alice@contoso.com\" ts=\"2013-08-03T10:15:00Z\"";
    let uri = "ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3";
    let table = [
        (format!("{rest} channelUri=\"{uri}\""), String::new()),
        (rest.to_owned(), format!("<chanib uri=\"{uri}\"/>")),
        (
            rest.to_owned(),
            format!("<chanid key=\"0\" domain=\"CONTOSO.com\" value=\"{}\"/>", ENGINEERING.hyphenated()),
        ),
    ];
    for (attributes, children) in table {
        let post = alices(&attributes, &format!("{children}<chat>hi</chat>")).expect("a post");
        assert_eq!(post.room.guid(&home()), Some(ENGINEERING));
    }
}

#[test]
fn what_a_post_lacks_is_named() {
    let block = "grpchat";
    for name in ["chanUri", "author", "ts"] {
        let attributes = WELL.replace(&format!("{name}="), "other=");
        assert_eq!(alices(&attributes, "<chat>hi</chat>"), Err(XccosFault::MissingValue { block, name }));
    }
    assert_eq!(alices(WELL, ""), Err(XccosFault::MissingValue { block, name: "chat" }));
    assert_eq!(alices(WELL, "<chat>a</chat><chat>b</chat>"), Err(XccosFault::Repeated { block: "chat" }));
    assert_eq!(alices(WELL, "<chat>a <b>b</b></chat>"), Err(XccosFault::BadValue { block, name: "chat" }));
    let shouted = format!("{WELL} alert=\"loud\"");
    assert_eq!(alices(&shouted, "<chat>a</chat>"), Err(XccosFault::BadValue { block, name: "alert" }));
}

#[test]
fn empty_and_endless_texts_are_refused_each_with_its_status() {
    let empty = alices(WELL, "<chat> \r\n </chat>").expect_err("blank");
    assert_eq!((empty.is_too_large(), empty.code().number()), (false, 400));
    let longest = "x".repeat(chat::limits::MESSAGE_BYTES_MAX);
    assert!(alices(WELL, &format!("<chat>{longest}</chat>")).is_ok());
    let long = alices(WELL, &format!("<chat>{longest}x</chat>")).expect_err("one octet too long");
    assert!(matches!(long, XccosFault::Text(BadText::TooLong { .. })));
    assert_eq!((long.is_too_large(), long.code().number()), (true, 413));
    let story = format!("[STORY]{longest}");
    assert!(alices(WELL, &format!("<chat>{story}</chat>")).is_ok());
    let rtf = alices(WELL, "<chat>hi</chat><rtf>no rtf</rtf>").expect_err("not RTF");
    assert!(matches!(rtf, XccosFault::Text(BadText::Character { .. })));
    assert_eq!(alices(WELL, "<chat>hi</chat><rtf/>").expect("no rtf").draft.rtf, None);
}

#[test]
fn a_room_of_somebody_else_is_nobodys_room() {
    let elsewhere = Domain::parse("fabrikam.com").expect("a domain");
    let post = alices(WELL, "<chat>hi</chat>").expect("a post");
    assert_eq!(post.room.guid(&elsewhere), None);
}
