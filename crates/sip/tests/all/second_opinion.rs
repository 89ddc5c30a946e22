//! Another reader of SIP, `ezk-sip-types`, over the same messages, whole and damaged: where both accept, they agree.
//! That reader is more lenient in many places; what it alone accepts is not compared.

use bytes::Bytes;
use ezk_sip_types::header::typed::{CSeq, CallID, FromTo, Via};
use ezk_sip_types::msg::{Line, MessageLine, PullParser};
use ezk_sip_types::parse::Parse as _;
use ezk_sip_types::uri::{SipUri, SipUriUserPart};
use ezk_sip_types::{Headers, Name};
use proptest::prelude::*;
use sip::{Message, Method};

use crate::anything::damaged;
use crate::wire::all_heard;

/// What is compared of a message.
#[derive(PartialEq, Debug)]
struct Opinion {
    /// The method or the code.
    start: String,
    /// User and host of the Request-URI, of From and of To; `None` for the first of a response.
    people: [Option<(String, String)>; 3],
    call_id: String,
    cseq: (u32, String),
    tags: [Option<String>; 2],
    via_transport: String,
}

fn ours(octets: &Bytes) -> Option<Opinion> {
    let message = Message::parse(octets.clone()).ok()?;
    let fields = message.fields();
    let person = |uri: &str| {
        let uri = sip::Uri::parse(uri).ok()?;
        let user = uri.user.map_or(Some(String::new()), |_| {
            uri.address().map(|address| address.split('@').next().unwrap().into())
        });
        Some((user?, uri.host.to_string().to_lowercase()))
    };
    let (start, target) = match &message {
        Message::Request(request) => (request.method().to_string(), person(request.uri())),
        Message::Response(response) => (response.status().to_string(), None),
    };
    let cseq = fields.cseq();
    Some(Opinion {
        start,
        people: [target, person(fields.from().uri), person(fields.to().uri)],
        call_id: fields.call_id().to_owned(),
        cseq: (cseq.number, cseq.method.to_string()),
        tags: [fields.from().tag().map(str::to_owned), fields.to().tag().map(str::to_owned)],
        via_transport: fields.via().transport.to_owned(),
    })
}

fn theirs(octets: &Bytes) -> Option<Opinion> {
    let mut lines = PullParser::new(octets, 0);
    let start = str::from_utf8(lines.next()?.ok()?).ok()?;
    let start = MessageLine::parse(octets)(start).ok().filter(|(rest, _)| rest.is_empty())?.1;
    let mut headers = Headers::new();
    for line in lines {
        let line = Line::parse(octets, str::from_utf8(line.ok()?).ok()?).ok()?.1;
        headers.insert(line.name, line.value);
    }
    let person = |uri: &SipUri| {
        let user = match &uri.user_part {
            SipUriUserPart::Empty => "",
            SipUriUserPart::User(user) => user.as_str(),
            SipUriUserPart::UserPw(both) => both.user.as_str(),
        };
        (user.to_lowercase(), uri.host_port.host.to_string().to_lowercase())
    };
    let from: FromTo = headers.get(Name::FROM).ok()?;
    let to: FromTo = headers.get(Name::TO).ok()?;
    let cseq: CSeq = headers.get_named().ok()?;
    let call_id: CallID = headers.get_named().ok()?;
    let via: Via = headers.get_named().ok()?;
    let (start, target) = match &start {
        MessageLine::Request(line) => (line.method.to_string(), Some(person(&line.uri))),
        MessageLine::Response(line) => (line.code.into_u16().to_string(), None),
    };
    Some(Opinion {
        start,
        people: [target, Some(person(&from.uri.uri)), Some(person(&to.uri.uri))],
        call_id: call_id.0.to_string(),
        cseq: (cseq.cseq, cseq.method.to_string()),
        tags: [from.tag.map(|tag| tag.to_string()), to.tag.map(|tag| tag.to_string())],
        via_transport: via.transport.to_string(),
    })
}

#[test]
fn both_readers_accept_and_agree_on_what_the_real_client_said() {
    for one in all_heard() {
        let octets = Bytes::from(one.octets);
        let ours = ours(&octets);
        assert!(ours.is_some());
        assert_eq!(ours, theirs(&octets));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn both_readers_agree_on_damaged_messages_they_accept(octets in damaged()) {
        let octets = Bytes::from(octets);
        if let (Some(ours), Some(mut theirs)) = (ours(&octets), theirs(&octets)) {
            // Whom we do not take for a person is not compared.
            let pairs = ours.people.iter().zip(&mut theirs.people);
            pairs.filter(|(ours, _)| ours.is_none()).for_each(|(_, theirs)| *theirs = None);
            // The other reader takes a method for a known one that it begins with.
            let other = |method: &str| matches!(Method::parse(method), Some(Method::Other(_)));
            for (ours, theirs) in [(&ours.start, &mut theirs.start), (&ours.cseq.1, &mut theirs.cseq.1)] {
                if other(ours) {
                    theirs.clone_from(ours);
                }
            }
            // It knows tag in lower case only.
            let text = String::from_utf8_lossy(&octets);
            if text.matches("tag").count() < text.to_lowercase().matches("tag").count() {
                let pairs = ours.tags.iter().zip(&mut theirs.tags);
                pairs.filter(|(_, theirs)| theirs.is_none()).for_each(|(ours, theirs)| theirs.clone_from(ours));
            }
            // It takes escapes out of tags, where none are known.
            let pairs = ours.tags.iter().zip(&mut theirs.tags);
            let escaped = |tag: &Option<String>| tag.as_ref().is_some_and(|tag| tag.contains('%'));
            pairs.filter(|(ours, _)| escaped(ours)).for_each(|(ours, theirs)| theirs.clone_from(ours));
            prop_assert_eq!(ours, theirs, "{}", String::from_utf8_lossy(&octets));
        }
    }
}
