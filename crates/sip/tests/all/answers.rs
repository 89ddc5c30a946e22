//! What we write: responses copy what they must, in the order clients read, and no value starts a line of its own.
//! Which answer is due when is the front end's business.

use sip::header::Name;
use sip::{Fault, Message, Method, Reply, Status};

use crate::wire::{request, response, wire};

const INVITE: &[&str] = &[
    "INVITE sip:pchat@example.com SIP/2.0",
    "Via: SIP/2.0/tcp 127.0.0.1:38636",
    "v: SIP/2.0/TLS [2001:db8::1]:5061 ;branch=z9hG4bKa1;received=192.0.2.1",
    "From: <sip:bob@example.com>;tag=160766514;epid=6a5dd544d8bb",
    "To: <sip:pchat@example.com>",
    "CSeq: 1 INVITE",
    "Call-ID: C8EEg",
    "Record-Route: <sip:a.example.com;lr>, <sip:b.example.com;lr>",
    "Contact: <sip:bob@example.com;opaque=user:epid:x;gruu>",
    "",
];

#[test]
fn an_answer_copies_what_it_must_and_keeps_the_order_of_what_is_added() {
    let invite = request(INVITE);
    let reply = Reply::to(&invite, Status::OK, "t1")
        .header(Name::Supported, "msrtc-event-categories")
        .header(Name::Supported, "adhoclist")
        .extension("X-Odd", "1")
        .body("text/plain", "hi");
    let wanted = wire(&[
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/tcp 127.0.0.1:38636",
        "Via: SIP/2.0/TLS [2001:db8::1]:5061 ;branch=z9hG4bKa1;received=192.0.2.1",
        "From: <sip:bob@example.com>;tag=160766514;epid=6a5dd544d8bb",
        "To: <sip:pchat@example.com>;tag=t1",
        "Call-ID: C8EEg",
        "CSeq: 1 INVITE",
        "Record-Route: <sip:a.example.com;lr>, <sip:b.example.com;lr>",
        "Supported: msrtc-event-categories",
        "Supported: adhoclist",
        "X-Odd: 1",
        "Content-Type: text/plain",
        "Authentication-Info: NTLM snum=\"1\"",
        "Content-Length: 2",
        "",
    ]);
    let octets = reply.finish(Some("NTLM snum=\"1\""));
    assert_eq!(String::from_utf8(octets).unwrap(), format!("{}hi", str::from_utf8(&wanted).unwrap()));
}

#[test]
fn trying_has_no_tag_of_ours_and_a_refusal_no_record_route() {
    let invite = request(INVITE);
    let trying = response(Reply::to(&invite, Status::TRYING, "t1").finish(None));
    assert_eq!(trying.to().tag(), None);
    let refusal = response(Reply::to(&invite, Status::NOT_FOUND, "t1").finish(None));
    assert_eq!(refusal.to().tag(), Some("t1"));
    assert_eq!(refusal.value(Name::RecordRoute), None);
}

#[test]
fn what_is_signed_of_an_answer_is_what_a_client_reads_of_it() {
    let invite = request(INVITE);
    let reply = Reply::to(&invite, Status::OK, "t1").header(Name::Expires, "3600");
    let octets = reply.finish(None);
    let received = response(octets);
    assert_eq!(reply.pieces(), received.pieces(Some(received.status().code())).unwrap());
    assert_eq!(reply.pieces().expires, "3600");
    assert_eq!(reply.pieces().to_tag, "t1");
}

#[test]
fn no_value_begins_a_line_of_its_own() {
    let invite = request(INVITE);
    let reply = Reply::to(&invite, Status::FORBIDDEN, "t1")
        .header(Name::MsDiagnostics, "1;reason=\"a\r\nServer: x\nb\"");
    let read = response(reply.finish(None));
    assert_eq!(read.value(Name::Server), None);
    assert_eq!(read.value(Name::MsDiagnostics), Some("1;reason=\"a  Server: x b\""));
}

#[test]
fn a_request_that_cannot_be_read_is_refused_by_name() {
    let broken = wire(&[
        "INVITE sip:pchat@example.com SIP/2.0",
        "v: SIP/2.0/TLS 192.0.2.1:5061",
        "  ;branch=z9hG4bKa1",
        "f: sip:alice@example.com;tag=9",
        "t: sip:pchat@example.com",
        "i: a1",
        "CSeq: 1 INFO",
        "",
    ]);
    let fault = Message::parse(broken).unwrap_err();
    assert_eq!((fault.fault, fault.status()), (Fault::MethodsDiffer, Some(Status::BAD_REQUEST)));
    let salvage = fault.salvage.unwrap();
    let answer = Reply::refusing(&salvage, Status::BAD_REQUEST, "t2").finish(None);
    let wanted = wire(&[
        "SIP/2.0 400 Bad Request",
        "Via: SIP/2.0/TLS 192.0.2.1:5061 ;branch=z9hG4bKa1",
        "From: sip:alice@example.com;tag=9",
        "To: sip:pchat@example.com;tag=t2",
        "Call-ID: a1",
        "CSeq: 1 INFO",
        "Content-Length: 0",
        "",
    ]);
    assert_eq!(String::from_utf8(answer).unwrap(), str::from_utf8(&wanted).unwrap());
    assert_eq!(request(INVITE).method(), &Method::Invite);
}
