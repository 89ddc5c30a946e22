//! The signed text, piece by piece.
//! That it is the right text is shown by the transcripts.

use ntlm::{SignVersion, Signable};

fn request() -> Signable<'static> {
    Signable {
        version: SignVersion::Four,
        rand: "60f768af",
        num: "1",
        realm: "SIP Communications Service",
        target_name: "server.example.com",
        call_id: "94AC",
        cseq: "3",
        method: "REGISTER",
        from_uri: "sip:bob@example.com",
        from_tag: "605",
        to_uri: "sip:alice@example.com",
        to_tag: "reg1",
        asserted_sip: "sip:bob@example.com",
        asserted_tel: "tel:+4912",
        expires: "3600",
        code: None,
    }
}

#[test]
fn versions_3_and_4_have_every_piece() {
    let text = "<NTLM><60f768af><1><SIP Communications Service><server.example.com><94AC><3><REGISTER>\
                <sip:bob@example.com><605><sip:alice@example.com><reg1><sip:bob@example.com><tel:+4912><3600>";
    assert_eq!(request().text(), text);
    assert_eq!(Signable { version: SignVersion::Three, ..request() }.text(), text);
}

#[test]
fn version_2_lacks_the_uri_of_to_and_the_asserted_identity() {
    let text = "<NTLM><60f768af><1><SIP Communications Service><server.example.com><94AC><3><REGISTER>\
                <sip:bob@example.com><605><reg1><3600>";
    assert_eq!(Signable { version: SignVersion::Two, ..request() }.text(), text);
}

#[test]
fn a_response_ends_with_its_code_and_missing_pieces_are_empty() {
    let bare = Signable { asserted_sip: "", asserted_tel: "", expires: "", code: Some(200), ..request() };
    assert!(bare.text().ends_with("<reg1><><><><200>"), "{}", bare.text());
}

#[test]
fn a_piece_that_could_be_two_is_seen() {
    assert_eq!(request().plain_text(), Some(request().text()));
    let answer = Signable { code: Some(200), ..request() };
    assert_eq!(answer.plain_text(), Some(answer.text()));
    assert_eq!(Signable { call_id: "94AC><4", ..request() }.plain_text(), None);
    assert_eq!(Signable { rand: "<", ..request() }.plain_text(), None);
    assert_eq!(Signable { to_tag: ">", ..answer }.plain_text(), None);
}

#[test]
fn the_version_parameter() {
    for version in [SignVersion::Two, SignVersion::Three, SignVersion::Four] {
        assert_eq!(SignVersion::from_parameter(version.parameter()), Some(version));
    }
    for none in ["", "1", "5", "04", "four"] {
        assert_eq!(SignVersion::from_parameter(none), None);
    }
}
