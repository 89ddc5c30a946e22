//! Dialogs, transactions and session timers: Bob's client and our end, message by message.
//! No time passes but what a test says.

use std::time::Duration;

use sip::header::Name;
use sip::{
    Admitted, Arrival, Cancelled, ClientTransactions, Dialog, Ending, Fault, Hop, Info, InfoTemplate,
    Matched, Message, Method, Moment, Reply, Request, ServerTransactions, SessionTimer, Status, TooBrief,
    Transport, limits,
};

use crate::wire::{request, response};

const GRUU: &str = "Contact: <sip:bob@example.com;opaque=user:epid:x;gruu>";

fn at(seconds: u64) -> Moment {
    Moment::after_origin(Duration::from_secs(seconds))
}

fn invite(more: &[&str]) -> Request {
    let fixed = [
        "INVITE sip:pchat@example.com SIP/2.0",
        "Via: SIP/2.0/tcp 127.0.0.1:38636",
        "From: <sip:bob@example.com>;tag=16;epid=6a",
        "To: <sip:pchat@example.com>",
        "CSeq: 1 INVITE",
        "Call-ID: C8",
    ];
    request(&[&fixed[..], more, &[""]].concat())
}

/// A request of Bob's in the dialog.
fn inside(method: &str, cseq: u32, more: &[&str]) -> Request {
    let start = format!("{method} sip:server.example.com:5060 SIP/2.0");
    let cseq = format!("CSeq: {cseq} {method}");
    let fixed = [
        &start,
        "Via: SIP/2.0/tcp 127.0.0.1:38636",
        "From: <sip:bob@example.com>;tag=16;epid=6a",
        "To: <sip:pchat@example.com>;tag=ours",
        &cseq,
        "Call-ID: C8",
    ];
    request(&[&fixed[..], more, &[""]].concat())
}

fn opened() -> Dialog {
    let invite = invite(&[GRUU]);
    let mut dialog = Dialog::open(&invite, "ours").unwrap();
    dialog.accepted(1, SessionTimer::agree(&invite, at(0)).unwrap(), at(0));
    dialog
}

#[test]
fn numbers_of_a_dialog_only_rise() {
    let mut dialog = opened();
    dialog.admit(&inside("ACK", 1, &[]), at(0)).unwrap();
    assert_eq!(dialog.admit(&inside("INFO", 2, &[]), at(1)), Ok(Admitted::Plain));
    assert_eq!(dialog.admit(&inside("INFO", 2, &[]), at(1)), Err(Status::INTERNAL_ERROR));
    assert_eq!(dialog.admit(&inside("INFO", 9, &[]), at(1)), Ok(Admitted::Plain));
    assert_eq!(dialog.admit(&inside("INFO", 3, &[]), at(1)), Err(Status::INTERNAL_ERROR));
}

#[test]
fn who_is_not_of_the_dialog_is_not_let_in() {
    let mut dialog = opened();
    let other = |lines: [&str; 2]| {
        request(&[
            "INFO sip:server.example.com SIP/2.0",
            "Via: SIP/2.0/tcp 127.0.0.1:38636",
            lines[0],
            "To: <sip:pchat@example.com>;tag=ours",
            "CSeq: 2 INFO",
            lines[1],
            "",
        ])
    };
    let stranger = other(["From: <sip:bob@example.com>;tag=17", "Call-ID: C8"]);
    let elsewhere = other(["From: <sip:bob@example.com>;tag=16", "Call-ID: C9"]);
    let bob = other(["From: <sip:bob@example.com>;tag=16", "Call-ID: C8"]);
    assert_eq!(dialog.admit(&stranger, at(1)), Err(Status::NO_DIALOG));
    assert_eq!(dialog.admit(&elsewhere, at(1)), Err(Status::NO_DIALOG));
    assert_eq!(dialog.admit(&bob, at(1)), Ok(Admitted::Plain));
}

#[test]
fn a_bye_ends_the_dialog() {
    let mut dialog = opened();
    assert_eq!(dialog.admit(&inside("BYE", 2, &[]), at(1)), Ok(Admitted::Plain));
    assert!(dialog.is_ended());
    assert_eq!(dialog.admit(&inside("INFO", 3, &[]), at(1)), Err(Status::NO_DIALOG));
    assert_eq!((dialog.deadline(), dialog.ending(at(9999))), (None, None));
}

#[test]
fn an_answer_without_ack_ends_the_dialog_after_32_seconds() {
    let mut dialog = opened();
    dialog.admit(&inside("ACK", 7, &[]), at(1)).unwrap();
    assert_eq!(dialog.deadline(), Some(at(32)));
    assert_eq!(dialog.ending(at(31)), None);
    assert_eq!(dialog.ending(at(32)), Some(Ending::NoAck));
    dialog.admit(&inside("ACK", 1, &[]), at(31)).unwrap();
    assert_eq!(dialog.ending(at(32)), None);
}

#[test]
fn any_request_keeps_a_session_alive() {
    let mut dialog = opened();
    dialog.admit(&inside("ACK", 1, &[]), at(1)).unwrap();
    dialog.admit(&inside("INFO", 2, &[]), at(1000)).unwrap();
    assert_eq!(dialog.deadline(), Some(at(2800)));
    assert_eq!(dialog.ending(at(2799)), None);
    assert_eq!(dialog.ending(at(2800)), Some(Ending::Idle));
}

#[test]
fn the_interval_of_a_session_is_ours_unless_less_is_asked() {
    for (lines, wanted) in [
        (&[][..], Ok(("1800;refresher=uac", false))),
        (&["Supported: timer"], Ok(("1800;refresher=uac", true))),
        (&["Session-Expires: 600;refresher=uas", "k: 100rel, timer"], Ok(("600;refresher=uac", true))),
        (&["Session-Expires: 90"], Ok(("90;refresher=uac", false))),
        (&["Session-Expires: 99999999999"], Ok(("1800;refresher=uac", false))),
        (&["x: 100", "Min-SE: 200"], Ok(("200;refresher=uac", false))),
        (&["Min-SE: 4000"], Ok(("4000;refresher=uac", false))),
        (&["Min-SE: 99999999999"], Ok(("7200;refresher=uac", false))),
        (&["Session-Expires: 89"], Err(TooBrief::Interval)),
        (&["Session-Expires: x"], Err(TooBrief::Malformed(Fault::Bad(Name::SessionExpires)))),
        (&["Min-SE: -3"], Err(TooBrief::Malformed(Fault::Bad(Name::MinSe)))),
    ] {
        let agreed = SessionTimer::agree(&invite(lines), at(0));
        let agreed = agreed.map(|timer| (timer.value(), timer.is_understood()));
        assert_eq!(agreed, wanted.map(|(value, understood)| (value.to_owned(), understood)), "{lines:?}");
    }
}

#[test]
fn an_update_with_a_contact_moves_the_client() {
    let mut dialog = opened();
    let hop = Hop::new(Transport::Tls, "server.example.com:5061");
    assert_eq!(dialog.admit(&inside("UPDATE", 2, &[]), at(1)), Ok(Admitted::Plain));
    assert_eq!(dialog.admit(&inside("UPDATE", 3, &[GRUU]), at(1)), Ok(Admitted::Plain));
    assert_eq!(
        dialog.admit(&inside("UPDATE", 4, &["Contact: <sip:bob@192.0.2.7>"]), at(1)),
        Ok(Admitted::Moved)
    );
    assert_eq!(dialog.request(Method::Info, 1, &hop, "z9hG4bK1").target, "sip:bob@192.0.2.7");
    assert_eq!(dialog.admit(&inside("UPDATE", 5, &["Contact: *"]), at(1)), Err(Status::BAD_REQUEST));
}

#[test]
fn a_dialog_needs_one_contact_it_can_reach() {
    for (lines, wanted) in [
        (&[][..], Fault::Missing(Name::Contact)),
        (&["Contact: *"], Fault::Bad(Name::Contact)),
        (&["Contact: <tel:+1>"], Fault::Bad(Name::Contact)),
        (&["Contact: <sip:a@b>, <sip:c@d>"], Fault::Bad(Name::Contact)),
        (&[GRUU, "Record-Route: <sip:a;lr"], Fault::Bad(Name::RecordRoute)),
    ] {
        assert_eq!(Dialog::open(&invite(lines), "ours").err(), Some(wanted), "{lines:?}");
    }
}

#[test]
fn our_requests_go_the_way_back() {
    let routed = invite(&[
        GRUU,
        "Record-Route: <sip:a.example.com;lr>,<sip:b.example.com;lr>",
        "Record-Route: <sip:c.example.com;lr>",
    ]);
    let hop = Hop::new(Transport::Tcp, "127.0.0.1:5060");
    let mut dialog = Dialog::open(&routed, "ours").unwrap();
    let cseq = dialog.next_cseq().unwrap();
    let octets = dialog.request(Method::Bye, cseq, &hop, "z9hG4bK1").finish(None);
    let Message::Request(bye) = Message::parse(octets).unwrap() else { panic!("a response") };
    assert_eq!(bye.uri(), "sip:bob@example.com;opaque=user:epid:x;gruu");
    let routes = bye.values(Name::Route).collect::<Vec<_>>();
    assert_eq!(routes, ["<sip:a.example.com;lr>", "<sip:b.example.com;lr>", "<sip:c.example.com;lr>"]);
    assert_eq!((bye.from().tag(), bye.to().tag(), bye.call_id(), cseq), (Some("ours"), Some("16"), "C8", 1));

    let strict = invite(&[GRUU, "Record-Route: <sip:old.example.com>, <sip:b.example.com;lr>"]);
    let bye = Dialog::open(&strict, "ours").unwrap().request(Method::Bye, 1, &hop, "z9hG4bK1");
    assert_eq!(bye.target, "sip:old.example.com");
    assert_eq!(bye.routes, ["<sip:b.example.com;lr>", "<sip:bob@example.com;opaque=user:epid:x;gruu>"]);
}

#[test]
fn a_template_renders_the_info_the_client_knows() {
    let mut dialog = opened();
    let hop = Hop::new(Transport::Tcp, "127.0.0.1:5060");
    let template = InfoTemplate::new(&dialog, &hop, "text/plain");
    let cseq = dialog.next_cseq().unwrap();
    let info = Info {
        cseq,
        branch: "z9hG4bKa0",
        authentication_info: Some("NTLM snum=\"9\""),
        body: "<xccos ä/>".as_bytes(),
    };
    let octets = template.render(&info);
    let wanted = "INFO sip:bob@example.com;opaque=user:epid:x;gruu SIP/2.0\r\n\
                  Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKa0\r\n\
                  From: <sip:pchat@example.com>;tag=ours\r\n\
                  To: <sip:bob@example.com>;tag=16;epid=6a\r\n\
                  Call-ID: C8\r\n\
                  CSeq: 1 INFO\r\n\
                  Max-Forwards: 70\r\n\
                  Content-Type: text/plain\r\n\
                  Authentication-Info: NTLM snum=\"9\"\r\n\
                  Content-Length: 11\r\n\
                  \r\n\
                  <xccos ä/>";
    assert_eq!(str::from_utf8(&octets).unwrap(), wanted);
    let unsigned = Info { authentication_info: None, ..info };
    let by_draft = dialog.request(Method::Info, cseq, &hop, "z9hG4bKa0").body("text/plain", info.body);
    assert_eq!(template.render(&unsigned), by_draft.finish(None));
    assert_eq!(template.pieces(cseq), by_draft.pieces());
    let Message::Request(read) = Message::parse(octets).unwrap() else { panic!("a response") };
    assert_eq!(read.pieces(None).unwrap(), template.pieces(cseq));
}

#[test]
fn a_template_takes_one_allocation_per_info() {
    let template =
        InfoTemplate::new(&opened(), &Hop::new(Transport::Tls, "server.example.com:5061"), "text/plain");
    let body = vec![b'x'; limits::BODY_OCTETS_MAX];
    let info = Info {
        cseq: limits::CSEQ_END - 1,
        branch: "z9hG4bKa0",
        authentication_info: Some("NTLM"),
        body: &body,
    };
    let mut out = Vec::new();
    template.render_into(&info, &mut out);
    let (place, room) = (out.as_ptr(), out.capacity());
    out.clear();
    template.render_into(&info, &mut out);
    assert_eq!((out.as_ptr(), out.capacity()), (place, room));
    assert!(room - out.len() < 128, "as much as needed, not a doubling: {room} for {}", out.len());
}

#[test]
fn a_repeated_request_gets_the_same_answer_and_is_not_executed_again() {
    let mut transactions = ServerTransactions::new();
    let info = inside("INFO", 2, &[]);
    let Arrival::New(key) = transactions.arrive(&info, at(0)) else { panic!("known already") };
    assert_eq!(transactions.arrive(&info, at(0)), Arrival::Repeated(None));
    let trying = Reply::to(&info, Status::TRYING, "").finish(None);
    assert!(transactions.answer(&key, Status::TRYING, trying.clone().into(), at(1)));
    assert_eq!(transactions.arrive(&info, at(1)), Arrival::Repeated(Some(trying.into())));
    assert!(transactions.answer(&key, Status::OK, "the answer".into(), at(1)));
    assert!(!transactions.answer(&key, Status::UNAVAILABLE, "another".into(), at(1)));
    assert_eq!(transactions.arrive(&info, at(32)), Arrival::Repeated(Some("the answer".into())));
    assert_eq!(transactions.arrive(&info, at(33)), Arrival::New(key));
}

#[test]
fn requests_are_told_apart_with_and_without_branch() {
    let mut transactions = ServerTransactions::new();
    let branch = |via: &str, cseq: &str| {
        let method = cseq.split(' ').nth(1).unwrap();
        request(&[
            &format!("{method} sip:a@example.com SIP/2.0"),
            &format!("Via: SIP/2.0/TLS 192.0.2.1{via}"),
            "From: <sip:bob@example.com>;tag=16",
            "To: <sip:a@example.com>",
            &format!("CSeq: {cseq}"),
            "Call-ID: C8",
            "",
        ])
    };
    for (via, cseq) in [
        ("", "1 INFO"),
        (";branch=z9hG4bK1", "1 INFO"),
        (";branch=z9hG4bK2", "1 INFO"),
        (":5061;branch=z9hG4bK2", "1 INFO"),
        ("", "2 INFO"),
        ("", "2 SERVICE"),
    ] {
        let request = branch(via, cseq);
        assert!(matches!(transactions.arrive(&request, at(0)), Arrival::New(_)), "{via} {cseq}");
        assert_eq!(transactions.arrive(&request, at(0)), Arrival::Repeated(None), "{via} {cseq}");
    }
    assert_eq!(transactions.arrive(&inside("ACK", 1, &[]), at(0)), Arrival::Acknowledgement);
    assert_eq!(transactions.unanswered(), 6);
}

#[test]
fn what_waits_and_what_is_remembered_is_bounded() {
    let mut transactions = ServerTransactions::new();
    let mut keys = Vec::new();
    for number in 1..=u32::try_from(limits::UNANSWERED_MAX).unwrap() {
        let Arrival::New(key) = transactions.arrive(&inside("INFO", number, &[]), at(0)) else {
            panic!("full")
        };
        keys.push(key);
    }
    assert_eq!(transactions.arrive(&inside("INFO", 1000, &[]), at(0)), Arrival::Full);
    for key in &keys {
        transactions.answer(key, Status::OK, "answer".into(), at(0));
    }
    assert_eq!(transactions.unanswered(), 0);
    let remembered = (1..=u32::try_from(limits::UNANSWERED_MAX).unwrap()).filter(|number| {
        matches!(transactions.arrive(&inside("INFO", *number, &[]), at(0)), Arrival::Repeated(_))
    });
    assert_eq!(remembered.count(), limits::ANSWERS_KEPT_MAX);
}

/// Requests with these numbers, each answered by so many octets.
fn answered(transactions: &mut ServerTransactions, numbers: std::ops::RangeInclusive<u32>, octets: usize) {
    for number in numbers {
        let Arrival::New(key) = transactions.arrive(&inside("INFO", number, &[]), at(0)) else {
            panic!("{number} is known already")
        };
        assert!(transactions.answer(&key, Status::OK, vec![b'x'; octets].into(), at(0)));
    }
}

/// How many octets a repeated request is answered with; `None` when it is known and there is nothing to say.
fn repeated(transactions: &mut ServerTransactions, number: u32) -> Option<usize> {
    match transactions.arrive(&inside("INFO", number, &[]), at(0)) {
        Arrival::Repeated(answer) => answer.map(|answer| answer.len()),
        other => panic!("{number} is executed again: {other:?}"),
    }
}

#[test]
fn remembered_answers_have_a_budget_and_the_oldest_give_way() {
    let mut transactions = ServerTransactions::new();
    let third = limits::ANSWERS_KEPT_OCTETS_MAX / 3;
    answered(&mut transactions, 1..=3, third);
    assert_eq!(transactions.octets(), 3 * third);
    answered(&mut transactions, 4..=4, third);
    assert_eq!(repeated(&mut transactions, 1), None, "it was dropped, and is not executed again");
    for number in 2..=4 {
        assert_eq!(repeated(&mut transactions, number), Some(third), "{number}");
    }
    answered(&mut transactions, 5..=5, limits::ANSWERS_KEPT_OCTETS_MAX + 1);
    assert_eq!(repeated(&mut transactions, 5), None);
    assert_eq!(repeated(&mut transactions, 4), Some(third), "what never fits drops nothing");
    answered(&mut transactions, 6..=6, limits::ANSWERS_KEPT_OCTETS_MAX);
    assert_eq!(transactions.octets(), limits::ANSWERS_KEPT_OCTETS_MAX);
    assert_eq!(repeated(&mut transactions, 4), None);
}

#[test]
fn a_thousand_answers_of_a_megabyte_keep_nothing() {
    let mut transactions = ServerTransactions::new();
    for number in 1..=1_000 {
        answered(&mut transactions, number..=number, 1 << 20);
        assert!(transactions.octets() <= limits::ANSWERS_KEPT_OCTETS_MAX);
    }
    let Arrival::New(key) = transactions.arrive(&inside("INFO", 1_001, &[]), at(0)) else { panic!("known") };
    for octets in [60_000, 1, 1 << 20, 60_000] {
        assert!(transactions.answer(&key, Status::TRYING, vec![b'x'; octets].into(), at(0)));
        assert!(transactions.octets() <= limits::ANSWERS_KEPT_OCTETS_MAX, "nor do provisional ones");
    }
    assert!(transactions.answer(&key, Status::OK, "at last".into(), at(0)));
    assert_eq!((transactions.octets(), repeated(&mut transactions, 1_001)), (7, Some(7)));
}

#[test]
fn what_is_remembered_has_an_end_that_can_be_waited_for() {
    let mut transactions = ServerTransactions::new();
    assert_eq!(transactions.deadline(), None);
    let Arrival::New(first) = transactions.arrive(&inside("INFO", 1, &[]), at(0)) else { panic!("known") };
    assert_eq!(transactions.deadline(), None, "a request that waits is not forgotten");
    let Arrival::New(second) = transactions.arrive(&inside("INFO", 2, &[]), at(0)) else { panic!("known") };
    transactions.answer(&first, Status::OK, "answer".into(), at(0));
    transactions.answer(&second, Status::OK, "answer".into(), at(5));
    assert_eq!(transactions.deadline(), Some(at(37)), "everything goes at once");
    transactions.forget(at(37));
    assert_eq!((transactions.deadline(), transactions.octets()), (None, 0));
    assert!(matches!(transactions.arrive(&inside("INFO", 1, &[]), at(37)), Arrival::New(_)));
}

#[test]
fn a_cancel_stops_only_an_invite_that_waits() {
    let cancel = request(&[
        "CANCEL sip:pchat@example.com SIP/2.0",
        "Via: SIP/2.0/tcp 127.0.0.1:38636",
        "From: <sip:bob@example.com>;tag=16;epid=6a",
        "To: <sip:pchat@example.com>",
        "CSeq: 1 CANCEL",
        "Call-ID: C8",
        "",
    ]);
    let mut transactions = ServerTransactions::new();
    assert_eq!(transactions.cancel(&cancel), Cancelled::Unknown);
    let Arrival::New(key) = transactions.arrive(&invite(&[]), at(0)) else { panic!("known already") };
    assert!(matches!(transactions.arrive(&cancel, at(0)), Arrival::New(_)));
    assert_eq!(transactions.cancel(&cancel), Cancelled::Stop(key.clone()));
    transactions.answer(&key, Status::TERMINATED, "487".into(), at(0));
    assert_eq!(transactions.cancel(&cancel), Cancelled::TooLate);

    let mut transactions = ServerTransactions::new();
    let Arrival::New(key) = transactions.arrive(&invite(&[]), at(0)) else { panic!("known already") };
    transactions.answer(&key, Status::OK, "200".into(), at(0));
    assert_eq!(transactions.cancel(&cancel), Cancelled::Unknown);
}

#[test]
fn an_answer_finds_what_was_asked() {
    let mut transactions = ClientTransactions::new(0xfeed);
    let hop = Hop::new(Transport::Tls, "server.example.com:5061");
    let dialog = opened();
    let mut send = |about: &'static str| {
        let branch = transactions.begin(Method::Info, about, at(0)).unwrap().to_string();
        let octets = dialog.request(Method::Info, 1, &hop, &branch).finish(None);
        let Message::Request(info) = Message::parse(octets).unwrap() else { panic!("a response") };
        info
    };
    let (first, second) = (send("first"), send("second"));
    let answer = |info, status| response(Reply::to(info, status, "").finish(None));
    assert_eq!(transactions.respond(&answer(&second, Status::TRYING)), Matched::Provisional);
    assert_eq!(transactions.respond(&answer(&second, Status::NO_DIALOG)), Matched::Final("second"));
    assert_eq!(transactions.respond(&answer(&second, Status::OK)), Matched::Stray);
    let foreign = ClientTransactions::<()>::new(1).respond(&answer(&first, Status::OK));
    assert_eq!(foreign, Matched::Stray);
    assert_eq!(transactions.respond(&answer(&first, Status::OK)), Matched::Final("first"));
    assert_eq!((transactions.outstanding(), transactions.deadline()), (0, None));
}

#[test]
fn what_is_never_answered_runs_out_after_32_seconds() {
    let mut transactions = ClientTransactions::new(1);
    transactions.begin(Method::Info, "early", at(0)).unwrap();
    transactions.begin(Method::Info, "late", at(5)).unwrap();
    assert_eq!(transactions.deadline(), Some(at(32)));
    assert_eq!(transactions.expire(at(31)), None);
    assert_eq!(transactions.expire(at(32)), Some("early"));
    assert_eq!(transactions.expire(at(32)), None);
    assert_eq!(transactions.expire(at(40)), Some("late"));
}

#[test]
fn no_more_is_asked_than_may_wait() {
    let mut transactions = ClientTransactions::new(1);
    for number in 0..limits::OUTSTANDING_MAX {
        assert!(transactions.begin(Method::Info, number, at(0)).is_some());
    }
    assert!(transactions.begin(Method::Info, 0, at(0)).is_none());
    assert_eq!(transactions.expire(at(32)), Some(0));
    assert!(transactions.begin(Method::Info, 0, at(32)).is_some());
}
