//! Values of header fields and URIs: what is read of good ones, and that bad ones are refused.
//! Whole messages are tested in `torture.rs`.

use sip::header::Name;
use sip::header::auth::{Auth, AuthValue};
use sip::header::content_type::ContentType;
use sip::header::cseq::CSeq;
use sip::header::event::Event;
use sip::header::name_addr::NameAddr;
use sip::header::session_expires::SessionExpires;
use sip::header::via::Via;
use sip::{Fault, Host, Method, Status, Uri};

#[test]
fn uris_of_real_clients_are_read() {
    let gruu = Uri::parse("sip:alice@example.com;opaque=user:epid:Ejc2ef90b902bc5d5393cd;gruu").unwrap();
    assert_eq!((gruu.user, gruu.host, gruu.port), (Some("alice"), Host::Name("example.com"), None));
    assert_eq!(gruu.params.get("opaque").as_deref(), Some("user:epid:Ejc2ef90b902bc5d5393cd"));
    assert!(gruu.params.has("GRUU"));
    let contact = Uri::parse("sip:alice@example.com:54220;maddr=127.0.0.1;transport=tcp").unwrap();
    assert_eq!((contact.port, contact.params.raw("maddr")), (Some(54220), Some("127.0.0.1")));
    let host = Uri::parse("SIPS:[2001:db8::1]:5061").unwrap();
    assert_eq!((host.secure, host.user, host.port), (true, None, Some(5061)));
    assert_eq!(host.host, Host::V6("2001:db8::1".parse().unwrap()));
}

#[test]
fn a_person_has_one_address_however_it_is_written() {
    for same in [
        "sip:alice@example.com",
        "SIP:Alice@EXAMPLE.com",
        "sips:al%69ce:secret@example.com;transport=tls?a=b",
        "sip:alice@example.com:5061;gruu",
    ] {
        assert_eq!(Uri::parse(same).unwrap().address().as_deref(), Some("alice@example.com"), "{same}");
    }
    for none in [
        "sip:example.com",
        "sip:a%40evil.test@example.com",
        "sip:a%00@example.com",
        "sip:a%0d%0a@example.com",
    ] {
        assert_eq!(Uri::parse(none).unwrap().address(), None, "{none}");
    }
    let same = |a, b| Uri::parse(a).unwrap().same_address(&Uri::parse(b).unwrap());
    assert!(same("sip:Alice@Example.com;x=y", "sips:%61lice@example.COM"));
    assert!(!same("sip:alice@example.com", "sip:bob@example.com"));
    assert!(!same("sip:alice@example.com", "sip:alice@example.com:5061"));
    assert!(!same("sip:alice@example.com", "sip:example.com"));
}

#[test]
fn what_is_no_sip_uri_is_refused() {
    for bad in [
        "",
        "sip",
        "sip:",
        ":a@b",
        "sip:@example.com",
        "sip:a@",
        "sip:a@b@c",
        "sip:a@b:",
        "sip:a@b:65536",
        "sip:a@b:-1",
        "sip:a@b:5060x",
        "sip:a b@c",
        "sip:a@b;;x",
        "sip:a@b;=x",
        "sip:a@b;x=1;X=2",
        "sip:a@[::1",
        "sip:a@[::g]",
        "sip:a@[::1]5060",
        "sip:a%4@b",
        "sip:a%zz@b",
        "sip:a%ff@b",
        "<sip:a@b>",
        "sip:a@b;x=\"y\"",
        "sip:a@b/c",
        "sip:a@b\r\n",
    ] {
        assert_eq!(Uri::parse(bad), Err(Fault::BadUri), "{bad}");
    }
    assert_eq!(Uri::parse("tel:+12015550123"), Err(Fault::OtherScheme));
    assert_eq!(Uri::parse("http://example.com/"), Err(Fault::OtherScheme));
}

#[test]
fn addresses_of_real_clients_are_read() {
    let value = "<sip:127.0.0.1:38640;transport=tcp;ms-opaque=d3470f2e1d>;methods=\"INVITE, MESSAGE; INFO\";proxy=replace;\
                 +sip.instance=\"<urn:uuid:b7878522-d7fe-5c33-b30d-265f6618ae78>\";expires=3600";
    let contact = NameAddr::parse(value, Name::Contact).unwrap();
    assert_eq!(contact.uri, "sip:127.0.0.1:38640;transport=tcp;ms-opaque=d3470f2e1d");
    assert_eq!(contact.params.get("methods").as_deref(), Some("INVITE, MESSAGE; INFO"));
    assert_eq!(contact.instance().as_deref(), Some("urn:uuid:b7878522-d7fe-5c33-b30d-265f6618ae78"));
    assert_eq!((contact.expires(), contact.proxy_replace()), (Some(3600), true));
    let from = NameAddr::parse("\"A \\\"B\\\" <c>\" <sip:a@b>;TAG=7;epid=cf0b98dadeb9", Name::From).unwrap();
    assert_eq!(from.display.as_deref(), Some("A \"B\" <c>"));
    assert_eq!((from.tag(), from.epid().as_deref()), (Some("7"), Some("cf0b98dadeb9")));
    let bare = NameAddr::parse("sip:a@b;tag=1", Name::From).unwrap();
    assert_eq!((bare.uri, bare.tag(), bare.display), ("sip:a@b", Some("1"), None));
}

#[test]
fn what_is_no_address_is_refused() {
    for bad in [
        "",
        "<>",
        "<sip:a@b",
        "sip:a@b>",
        "\"Alice <sip:a@b>",
        "\"A\"B\" <sip:a@b>",
        "Bell, Alexander <sip:a@b>",
        "<sip:a@b> x",
        "<\"Watson\" sip:a@b>",
        "< sip:a@b>",
        "<sip:a@b>;tag=1;tag=2",
        "<sip:a@b>;tag=\"1",
        "<sip:a@b>;;",
        "<sip:a@b>,<sip:c@d>",
        "sip:a@b?x=y",
        "sip:a@b,sip:c@d",
        "nothing",
        "<nothing>",
        "<sip:a@b>;tag=a b",
    ] {
        assert_eq!(NameAddr::parse(bad, Name::To), Err(Fault::Bad(Name::To)), "{bad}");
    }
    let many = (0..33).map(|number| format!(";p{number}")).collect::<String>();
    assert!(NameAddr::parse(&format!("<sip:a@b>{many}"), Name::To).is_err());
    assert!(NameAddr::parse(&format!("<sip:a@b>{}", many.strip_suffix(";p32").unwrap()), Name::To).is_ok());
}

#[test]
fn a_via_is_read_with_and_without_branch() {
    let via = Via::parse("SIP/2.0/tcp 127.0.0.1:38636").unwrap();
    assert_eq!(
        (via.transport, via.sent_by, via.port, via.branch()),
        ("tcp", "127.0.0.1:38636", Some(38636), None)
    );
    let via =
        Via::parse("SIP / 2.0 / TLS\t[2001:db8::1] : 5061 ; branch = z9hG4bKx ; received=192.0.2.1").err();
    assert_eq!(via, Some(Fault::Bad(Name::Via)));
    let via = Via::parse("SIP / 2.0 / TLS  first.example.com: 5061 ; branch = z9hG4bKx;rport").unwrap();
    assert_eq!(
        (via.host, via.port, via.branch()),
        (Host::Name("first.example.com"), Some(5061), Some("z9hG4bKx"))
    );
    assert!(via.params.has("rport"));
    for none in ["SIP/2.0/TLS a;branch=z9hG4bK", "SIP/2.0/TLS a;branch=1", "SIP/2.0/TLS a;branch"] {
        assert_eq!(Via::parse(none).unwrap().branch(), None, "{none}");
    }
    for bad in [
        "",
        "SIP/2.0",
        "SIP/2.0/TLS",
        "SIP/2.0/TLS ",
        "SIP/3.0/TLS a",
        "HTTP/2.0/TLS a",
        "SIP/2.0/T<S a",
        "SIP/2.0/TLS a b",
    ] {
        assert_eq!(Via::parse(bad), Err(Fault::Bad(Name::Via)), "{bad}");
    }
}

#[test]
fn a_number_of_a_sequence_has_its_bounds() {
    assert_eq!(CSeq::parse("0009 \t INVITE"), Ok(CSeq { number: 9, method: Method::Invite }));
    assert_eq!(CSeq::parse("2147483647 x-odd").unwrap().method, Method::Other("x-odd".into()));
    for bad in [
        "",
        "1",
        "INVITE",
        "INVITE 1",
        "-1 INFO",
        "2147483648 INFO",
        "99999999999999999999 INFO",
        "1 IN FO",
        "1 ",
    ] {
        assert_eq!(CSeq::parse(bad), Err(Fault::Bad(Name::CSeq)), "{bad}");
    }
}

#[test]
fn credentials_are_read_and_written_alike() {
    let value = AuthValue::new("NTLM")
        .quoted("qop", "auth")
        .quoted("realm", "SIP \"Communications\\ Service")
        .quoted("gssapi-data", "TlRM,U1NQ==")
        .bare("version", "4");
    let value = value.into_string();
    assert_eq!(
        value,
        r#"NTLM qop="auth", realm="SIP \"Communications\\ Service", gssapi-data="TlRM,U1NQ==", version=4"#
    );
    let auth = Auth::parse(&value, Name::Authorization).unwrap();
    assert!(auth.is("ntlm"));
    assert_eq!(auth.get("REALM").as_deref(), Some("SIP \"Communications\\ Service"));
    assert_eq!(auth.get("gssapi-data").as_deref(), Some("TlRM,U1NQ=="));
    assert_eq!((auth.get("version").as_deref(), auth.get("opaque")), (Some("4"), None));
    assert_eq!(Auth::parse("Negotiate", Name::Authorization).unwrap().iter().count(), 0);
    for bad in [
        "",
        "\"NTLM\" a=b",
        "NTLM a",
        "NTLM a=\"b",
        "NTLM a=b, A=c",
        "NTLM =b",
        "NTLM a=b c=d",
        "NTLM a=\"b\"c",
    ] {
        assert_eq!(Auth::parse(bad, Name::Authorization), Err(Fault::Bad(Name::Authorization)), "{bad}");
    }
}

#[test]
fn small_values_are_read_or_refused() {
    let session = SessionExpires::parse("1800 ; refresher=uac").unwrap();
    assert_eq!((session.seconds, session.refresher), (1800, Some("uac")));
    assert!(["", "x", "-1", "1;;"].iter().all(|bad| SessionExpires::parse(bad).is_err()));
    assert_eq!(
        Event::parse("vnd-microsoft-provisioning-v2;id=7").unwrap().package,
        "vnd-microsoft-provisioning-v2"
    );
    assert!(["", ";id=1", "a b", "a;\"b"].iter().all(|bad| Event::parse(bad).is_err()));
    let media = ContentType::parse("Text / Plain;charset=\"utf-8\"").unwrap();
    assert!(media.is("text/plain") && !media.is("text/html") && !media.is("text"));
    assert_eq!(media.params.get("charset").as_deref(), Some("utf-8"));
    assert!(
        ["", "text", "text/", "/plain", "te xt/plain"].iter().all(|bad| ContentType::parse(bad).is_err())
    );
    assert_eq!((Status::from_code(99), Status::from_code(700)), (None, None));
    assert_eq!(Status::from_code(481), Some(Status::NO_DIALOG));
}

#[test]
fn header_fields_are_found_by_any_of_their_names() {
    for (name, written) in [
        (Name::CallId, "call-id"),
        (Name::CallId, "I"),
        (Name::ContentLength, "l"),
        (Name::SessionExpires, "x"),
        (Name::AllowEvents, "u"),
        (Name::WwwAuthenticate, "WWW-Authenticate"),
    ] {
        assert_eq!(Name::recognise(written), Some(name));
    }
    assert_eq!(Name::recognise("X-Odd"), None);
    assert_eq!(Name::recognise("z"), None);
}
