//! Any octets may come as a body: nothing panics, and what was read and printed is read again as the same.
//! Begins with bodies of real clients and damages them.

use proptest::collection::vec;
use proptest::prelude::*;

use super::read_document;
use super::tests::{CONTAINERS, NO_CONTACTS, PUBLISHED};

const BATCH: &str = concat!(
    r#"<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:bob@example.com" name="">"#,
    r#"<action name="subscribe" id="1"><adhocList><resource uri="sip:alice@example.com"/></adhocList></action></batchSub>"#
);
const ROAMING: &str = concat!(
    r#"<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">"#,
    r#"<roaming type="categories"/><roaming type="containers"/><roaming type="subscribers"/></roamingList>"#
);
const CONTACT: &str = concat!(
    r#"<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>"#,
    r#"<m:setContact xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><m:displayName>Alice</m:displayName>"#,
    r#"<m:groups>1 </m:groups><m:subscribed>true</m:subscribed><m:URI>sip:alice@example.com</m:URI>"#,
    r#"<m:externalURI/><m:deltaNum>1</m:deltaNum></m:setContact></SOAP-ENV:Body></SOAP-ENV:Envelope>"#
);

/// What is put into a body: whole pieces of XML and single octets.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 14] = [
        b"<",
        b">",
        b"/>",
        b"\"",
        b"&",
        b"&#x0;",
        b"]]>",
        b"<!--",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"<a>",
        b"</a>",
        b" xmlns:x=\"\"",
        b"\xff",
        b"-1",
    ];
    prop_oneof![proptest::sample::select(pieces.to_vec()).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..4)]
}

/// A body with some of its octets taken out and others put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let bodies = proptest::sample::select(vec![PUBLISHED, CONTAINERS, NO_CONTACTS, BATCH, ROAMING, CONTACT]);
    let cuts = vec((any::<proptest::sample::Index>(), 0..6_usize, piece()), 0..5);
    (bodies, cuts).prop_map(|(body, cuts)| {
        let mut octets = body.as_bytes().to_vec();
        for (at, out, into) in cuts {
            let at = at.index(octets.len() + 1);
            let end = octets.len().min(at + out);
            octets.splice(at..end, into);
        }
        octets
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn no_body_is_too_strange(body in damaged()) {
        let _ = read_document(&body);
    }
}

#[test]
fn what_clients_send_is_read_as_something() {
    // As a tree and as its own kind; whatever is well formed could be a contact list.
    for body in [PUBLISHED, CONTAINERS, NO_CONTACTS, BATCH, ROAMING, CONTACT] {
        assert!(read_document(body.as_bytes()) >= 2, "{body}");
    }
    assert_eq!(read_document(b"words"), 0);
}
