//! Whole messages at the edges of the grammar: the cases of RFC 4475 in words of our own, and a few more.
//! Where we are stricter than that document, the case says why.

use bytes::Bytes;
use sip::header::Name;
use sip::{Contacts, Fault, Message, Method, Status};

use crate::wire::{request, response, wire};

/// The lines of an OPTIONS with one line replaced; a replacement of several lines is joined by line feeds.
fn options_with(replaced: &str, by: &str) -> Bytes {
    let lines = [
        ("start", "OPTIONS sip:bob@example.com SIP/2.0"),
        ("Via", "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1"),
        ("From", "From: <sip:alice@example.com>;tag=1"),
        ("To", "To: <sip:bob@example.com>"),
        ("Call-ID", "Call-ID: 1@192.0.2.1"),
        ("CSeq", "CSeq: 7 OPTIONS"),
        ("Max-Forwards", "Max-Forwards: 70"),
        ("Contact", "Contact: <sip:alice@192.0.2.1>"),
        ("Length", "Content-Length: 0"),
    ];
    assert!(lines.iter().any(|(name, _)| *name == replaced));
    let lines = lines.iter().map(|(name, line)| if *name == replaced { by } else { line });
    let lines = lines.flat_map(|line| line.split('\n')).filter(|line| !line.is_empty());
    wire(&lines.chain([""]).collect::<Vec<_>>())
}

fn refusal(octets: Bytes) -> (Fault, Option<Status>) {
    let fault = Message::parse(octets).expect_err("it was accepted");
    (fault.fault, fault.status())
}

#[test]
fn the_untouched_message_of_these_tests_is_accepted() {
    Message::parse(options_with("Contact", "")).unwrap();
}

#[test]
fn blanks_folds_and_cases_wherever_they_may_be() {
    let invite = request(&[
        "INVITE sip:bob@example.com;unknownparam SIP/2.0",
        "TO :",
        " sip:bob@example.com ;   tag    = 1918n",
        "from   : \"A Rosenberg \\\\\\\"\"       <sip:alice@example.com>",
        "  ;",
        "\ttag = 98asjd8",
        "MaX-fOrWaRdS: 0068",
        "Call-ID: ws.1@192.0.2.1",
        "cseq: 0009",
        "  INVITE",
        "Via  : SIP  /   2.0",
        " /TCP",
        "    192.0.2.2;branch=390skdjuw",
        "v:  SIP  / 2.0  / TLS     first.example.com   ;",
        "  branch  =   z9hG4bK9ikj8  ,",
        " SIP  /    2.0   / UDP  192.168.255.111   ; branch=",
        " z9hG4bK30239",
        "s :",
        "NewFangled:   new value",
        " and more after the fold",
        "Unusual: ;;,,;;,;",
        "Content-Type: application/sdp",
        "Route:",
        " <sip:services.example.com;lr;unknownwith=value;unknown-no-value>",
        "m:\"Quoted \\\"\\\"\" <sip:alice@example.com> ; newparam =",
        "      newvalue ;",
        "  secondparam ; q = 0.33",
        "l: 0",
        "",
    ]);
    assert_eq!((invite.to().uri, invite.to().tag()), ("sip:bob@example.com", Some("1918n")));
    assert_eq!(invite.from().display.as_deref(), Some("A Rosenberg \\\""));
    assert_eq!(invite.from().tag(), Some("98asjd8"));
    assert_eq!(invite.cseq().number, 9);
    assert_eq!((invite.via().transport, invite.via().branch(), invite.branch()), ("TCP", None, None));
    let call = ["From: <sip:a@b>;tag=1", "To: <sip:c@d>;tag=2", "Call-ID: 1", "CSeq: 1 INFO", "l: 0", ""];
    for vias in [
        &["Via: ,", "Via: SIP/2.0/TLS", " a ; branch", " = z9hG4bK7 ,", " SIP/2.0/TLS b"][..],
        &["v: SIP/2.0/TLS a;branch=z9hG4bK7"],
    ] {
        let answer = response(wire(&[&["SIP/2.0 200 OK"], vias, &call].concat()));
        assert_eq!((answer.branch(), answer.via().branch()), (Some("z9hG4bK7"), Some("z9hG4bK7")));
    }
    assert_eq!(invite.elements(Name::Via).count(), 3);
    assert_eq!(invite.extension("newfangled"), Some("new value and more after the fold"));
    assert_eq!(invite.extension("unusual"), Some(";;,,;;,;"));
    assert_eq!(invite.extension("S"), Some(""));
    let Contacts::Listed(contacts) = invite.contacts().unwrap() else { panic!("all") };
    assert_eq!(contacts[0].params.get("newparam").as_deref(), Some("newvalue"));
    assert!(invite.addresses(Name::Route).unwrap()[0].sip_uri().unwrap().params.has("lr"));
}

#[test]
fn characters_that_are_unusual_and_allowed() {
    let odd = request(&[
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1@example.com SIP/2.0",
        "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~",
        "To: \"one \\\" two \\\\ three\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>",
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
        "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
        "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~",
        "Max-Forwards: 255",
        "extensionHeader-!.%*+_`'~:大停電",
        "Content-Length: 0",
        "",
    ]);
    assert_eq!(odd.method(), &Method::Other("!interesting-Method0123456789_*+`.%indeed'~".into()));
    assert_eq!(odd.target().user, Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
    assert_eq!(odd.from().tag(), Some("_token~1'+`*%!-."));
    assert_eq!(odd.from().params.get("fromParam''~+*_!.-%").as_deref(), Some("работающий"));
    assert_eq!(odd.to().display.as_deref(), Some("one \" two \\ three"));
    assert_eq!(odd.extension("extensionheader-!.%*+_`'~"), Some("大停電"));
}

#[test]
fn escapes_name_what_they_name_and_nothing_more() {
    let escaped = request(&[
        "INVITE sips:user;par=u%40example.net@example.com SIP/2.0",
        "Via: SIP/2.0/TLS host;branch=z9hG4bK1",
        "From: <sip:I%20have%20spaces@example.net>;tag=938",
        "To: sip:%75se%72@example.com",
        "Call-ID: esc01",
        "CSeq: 1 INVITE",
        "Contact: caller<sip:null-%00-null@example.com>",
        "",
    ]);
    assert_eq!(escaped.target().user, Some("user;par=u%40example.net"));
    assert_eq!(escaped.to().sip_uri().unwrap().address().as_deref(), Some("user@example.com"));
    assert_eq!(escaped.from().sip_uri().unwrap().address(), None);
    let Contacts::Listed(contacts) = escaped.contacts().unwrap() else { panic!("all") };
    assert_eq!(contacts[0].display.as_deref(), Some("caller"));
    assert_eq!(contacts[0].sip_uri().unwrap().address(), None);
}

#[test]
fn an_escaped_method_is_another_method() {
    let method = "RE%47IST%45R";
    let octets = wire(&[
        &format!("{method} sip:example.com SIP/2.0"),
        "Via: SIP/2.0/TLS host",
        "From: <sip:a@example.com>;tag=1",
        "To: <sip:a@example.com>",
        "Call-ID: 1",
        &format!("CSeq: 1 {method}"),
        "",
    ]);
    let Ok(Message::Request(read)) = Message::parse(octets) else { panic!("refused") };
    assert_ne!(read.method(), &Method::Register);
}

#[test]
fn answers_may_lack_a_phrase_or_have_an_odd_one() {
    let lines = |start: &str| {
        wire(&[
            start,
            "Via: SIP/2.0/TLS host",
            "From: <sip:a@b>;tag=1",
            "To: <sip:c@d>;tag=2",
            "Call-ID: 1",
            "CSeq: 1 INFO",
            "",
        ])
    };
    for (start, code, phrase) in [
        ("SIP/2.0 100 ", 100, ""),
        ("SIP/2.0 100", 100, ""),
        ("sip/2.0 200 = 2**3 * 5**2 но сто девяносто девять", 200, "= 2**3 * 5**2 но сто девяносто девять"),
        ("SIP/2.0 699 Own", 699, "Own"),
    ] {
        let read = response(lines(start));
        assert_eq!((read.status().code(), read.phrase()), (code, phrase));
    }
    for start in [
        "SIP/2.0 4294967301 better",
        "SIP/2.0 099 Low",
        "SIP/2.0 700 High",
        "SIP/2.0 20 OK",
        "SIP/2.0 +20 OK",
        "SIP/2.0 OK",
    ] {
        assert_eq!(refusal(lines(start)), (Fault::BadStartLine, None), "{start}");
    }
    assert_eq!(refusal(lines("SIP/7.0 200 OK")), (Fault::WrongVersion, None));
}

#[test]
fn start_lines_that_are_none() {
    for (start, wanted, status) in [
        ("OPTIONS sip:bob@example.com SIP/7.0", Fault::WrongVersion, Some(Status::WRONG_VERSION)),
        ("OPTIONS sip:bob@example.com SIP/2.00", Fault::WrongVersion, Some(Status::WRONG_VERSION)),
        ("OPTIONS tel:+12015550123 SIP/2.0", Fault::OtherScheme, Some(Status::UNSUPPORTED_URI_SCHEME)),
        (
            "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0",
            Fault::OtherScheme,
            Some(Status::UNSUPPORTED_URI_SCHEME),
        ),
        ("OPTIONS <sip:bob@example.com> SIP/2.0", Fault::BadStartLine, Some(Status::BAD_REQUEST)),
        ("OPTIONS sip:bob@example.com; lr SIP/2.0", Fault::BadStartLine, Some(Status::BAD_REQUEST)),
        ("OPTIONS  sip:bob@example.com  SIP/2.0", Fault::BadStartLine, Some(Status::BAD_REQUEST)),
        ("OPTIONS sip:bob@example.com SIP/2.0  ", Fault::BadStartLine, Some(Status::BAD_REQUEST)),
        ("OPTIONS sip:bob@example.com", Fault::BadStartLine, Some(Status::BAD_REQUEST)),
        ("OPTIONS sip:bob@example.com HTTP/1.1", Fault::BadStartLine, Some(Status::BAD_REQUEST)),
        ("OPTIONS bob@example.com SIP/2.0", Fault::BadStartLine, Some(Status::BAD_REQUEST)),
        ("OPT(IONS sip:bob@example.com SIP/2.0", Fault::BadStartLine, None),
        ("OPTIONS", Fault::BadStartLine, Some(Status::BAD_REQUEST)),
    ] {
        assert_eq!(refusal(options_with("start", start)), (wanted, status), "{start}");
    }
}

#[test]
fn what_is_missing_doubled_or_malformed_is_named() {
    for (line, by, wanted) in [
        ("From", "", Fault::Missing(Name::From)),
        ("To", "", Fault::Missing(Name::To)),
        ("Call-ID", "", Fault::Missing(Name::CallId)),
        ("CSeq", "", Fault::Missing(Name::CSeq)),
        ("To", "To: <sip:bob@example.com>\nt: <sip:carol@example.com>", Fault::Repeated(Name::To)),
        ("Call-ID", "i: 1\nCall-ID: 1", Fault::Repeated(Name::CallId)),
        ("CSeq", "CSeq: 5 OPTIONS\nCSeq: 5 OPTIONS", Fault::Repeated(Name::CSeq)),
        ("Max-Forwards", "Max-Forwards: 1\nMax-Forwards: 2", Fault::Repeated(Name::MaxForwards)),
        ("Contact", "Expires: 1\nExpires: 0", Fault::Repeated(Name::Expires)),
        ("CSeq", "CSeq: 7 INVITE", Fault::MethodsDiffer),
        ("CSeq", "CSeq: 7 options", Fault::MethodsDiffer),
        ("CSeq", "CSeq: 36893488147419103232 OPTIONS", Fault::Bad(Name::CSeq)),
        ("CSeq", "CSeq: OPTIONS", Fault::Bad(Name::CSeq)),
        ("Max-Forwards", "Max-Forwards: 256", Fault::Bad(Name::MaxForwards)),
        ("Max-Forwards", "Max-Forwards: many", Fault::Bad(Name::MaxForwards)),
        ("From", "From: <sip:alice@example.com>;tag=", Fault::Bad(Name::From)),
        ("From", "From: Bell, Alexander <sip:a@example.com>;tag=43", Fault::Bad(Name::From)),
        ("From", "From: <sip:%zz@example.com>", Fault::Bad(Name::From)),
        ("From", "From: <sip:alice@example.com>;tag=a/b", Fault::Bad(Name::From)),
        ("To", "To: \"Mr. User <sip:bob@example.com>", Fault::Bad(Name::To)),
        ("To", "To: <\"Watson\" sip:bob@example.com>", Fault::Bad(Name::To)),
        ("To", "To: <sip:bob@example.com> ;tag=1 2", Fault::Bad(Name::To)),
        ("Call-ID", "Call-ID:", Fault::Bad(Name::CallId)),
        ("Call-ID", "Call-ID: a b", Fault::Bad(Name::CallId)),
        ("Via", "Via: SIP/2.0/TLS", Fault::Bad(Name::Via)),
        ("Via", "Via: SIP/2.0/TLS 192.0.2.15;;,;,,", Fault::Bad(Name::Via)),
        ("Length", "Content-Length: -999", Fault::BadLength),
        ("Length", "Content-Length: 1", Fault::LengthsDiffer),
        ("Length", "Content-Length: 0\nl: 1", Fault::LengthsDiffer),
        ("Contact", "no colon", Fault::BadLine),
        ("Contact", ": no name", Fault::BadLine),
        ("Contact", "two words: x", Fault::BadLine),
        ("Contact", "X: a\tb\x00c", Fault::ControlCharacter),
        ("Contact", "X: \x7f", Fault::ControlCharacter),
        ("Contact", "X: a\rSupported: b", Fault::ControlCharacter),
    ] {
        assert_eq!(refusal(options_with(line, by)), (wanted, Some(Status::BAD_REQUEST)), "{by:?}");
    }
}

#[test]
fn a_control_character_is_refused_even_where_an_escape_allows_it() {
    // RFC 4475 3.1.1.2 escapes one in a display name. We copy From and To into answers and signatures: not worth the risk.
    let to = "To: \"BEL:\\\x07\" <sip:bob@example.com>";
    assert_eq!(refusal(options_with("To", to)), (Fault::ControlCharacter, Some(Status::BAD_REQUEST)));
}

#[test]
fn whom_nobody_can_answer_is_not_answered() {
    assert_eq!(refusal(options_with("Via", "")), (Fault::Missing(Name::Via), None));
    let ack = wire(&["ACK sip:bob@example.com SIP/2.0", "Via: SIP/2.0/TLS 192.0.2.1", ""]);
    assert_eq!(refusal(ack).1, None);
    let benotify = wire(&["BENOTIFY sip:bob@example.com SIP/2.0", "Via: SIP/2.0/TLS 192.0.2.1", ""]);
    assert_eq!(refusal(benotify).1, None);
    for nothing in ["", "\r\n", "\r\n\r\n", "\r\n\r\n\r\n\r\n", "OPTIONS\r\n\r\n", " \r\n\r\n"] {
        assert_eq!(refusal(nothing.into()).1, None, "{nothing:?}");
    }
}

#[test]
fn a_continuation_needs_a_line_to_continue() {
    let octets =
        wire(&["OPTIONS sip:bob@example.com SIP/2.0", " folded: start", "Via: SIP/2.0/TLS 192.0.2.1", ""]);
    assert_eq!(refusal(octets).0, Fault::BadLine);
}

#[test]
fn octets_that_are_no_text_are_refused_and_the_sender_is_told() {
    let mut octets = options_with("Contact", "Subject: ??").to_vec();
    let at = octets.windows(2).position(|pair| pair == b"??").unwrap();
    octets[at] = 0xff;
    assert_eq!(refusal(octets.into()), (Fault::NotText, Some(Status::BAD_REQUEST)));
}

#[test]
fn contacts_are_all_or_listed() {
    let contacts = |line: &str| {
        let Message::Request(read) = Message::parse(options_with("Contact", line)).unwrap() else {
            panic!("a response")
        };
        read.contacts().map(|contacts| match contacts {
            Contacts::All => None,
            Contacts::Listed(listed) => Some(listed.iter().map(|one| one.uri.to_owned()).collect::<Vec<_>>()),
        })
    };
    assert_eq!(contacts("m: *"), Ok(None));
    assert_eq!(contacts(""), Ok(Some(vec![])));
    let two = contacts("Contact: \"a,b\" <sip:a@b;x=1>,, <sip:c@d>\nm: sip:e@f;expires=0").unwrap().unwrap();
    assert_eq!(two, ["sip:a@b;x=1", "sip:c@d", "sip:e@f"]);
    for bad in [
        "Contact: *, <sip:a@b>",
        "Contact: *\nContact: *",
        "Contact: sip:user@example.com?Route=%3Csip:a%3E",
        "Contact: \"\"Joe\"\" <sip:a@b>",
    ] {
        assert_eq!(contacts(bad), Err(Fault::Bad(Name::Contact)), "{bad}");
    }
}

#[test]
fn a_number_that_does_not_fit_is_as_much_as_fits() {
    let Message::Request(read) =
        Message::parse(options_with("Contact", "Expires: 1000000000000000000000000000000")).unwrap()
    else {
        panic!("a response")
    };
    assert_eq!(read.expires(), Ok(Some(u32::MAX)));
    let Message::Request(read) = Message::parse(options_with("Contact", "Expires: 0xx")).unwrap() else {
        panic!("a response")
    };
    assert_eq!(read.expires(), Err(Fault::Bad(Name::Expires)));
}

#[test]
fn one_signature_and_no_second_beside_it() {
    let auth = |lines: &str| {
        let Message::Request(read) = Message::parse(options_with("Contact", lines)).unwrap() else {
            panic!("a response")
        };
        read.auth(Name::Authorization, "NTLM")
            .map(|found| found.map(|auth| auth.get("response").unwrap().into_owned()))
    };
    assert_eq!(auth(""), Ok(None));
    assert_eq!(
        auth("Authorization: Kerberos response=\"0\"\nAuthorization: NTLM response=\"1\""),
        Ok(Some("1".to_owned()))
    );
    let two = "Authorization: NTLM response=\"1\"\nAuthorization: ntlm response=\"2\"";
    assert_eq!(auth(two), Err(Fault::Repeated(Name::Authorization)));
    assert_eq!(auth("Authorization: NTLM response=\"1"), Err(Fault::Bad(Name::Authorization)));
}

#[test]
fn what_is_signed_is_cut_out_without_brackets() {
    let lines = "P-Asserted-Identity: \"Alice\" <sip:alice@example.com>, <tel:+12015550123>\nExpires: 0";
    let Message::Request(read) = Message::parse(options_with("Contact", lines)).unwrap() else {
        panic!("a response")
    };
    let pieces = read.pieces(None).unwrap();
    assert_eq!((pieces.asserted_sip, pieces.asserted_tel), ("sip:alice@example.com", "tel:+12015550123"));
    assert_eq!((pieces.from_uri, pieces.from_tag, pieces.to_tag), ("sip:alice@example.com", "1", ""));
    assert_eq!((&*pieces.cseq, pieces.method, pieces.expires, pieces.code), ("7", "OPTIONS", "0", None));
}

#[test]
fn lists_are_read_over_all_their_lines() {
    let lines = "Supported: timer, gruu-10\nk: ms-BENOTIFY";
    let Message::Request(read) = Message::parse(options_with("Contact", lines)).unwrap() else {
        panic!("a response")
    };
    assert!(read.lists(Name::Supported, "Gruu-10") && read.lists(Name::Supported, "ms-benotify"));
    assert!(!read.lists(Name::Supported, "gruu"));
    assert_eq!(read.values(Name::Supported).collect::<Vec<_>>(), ["timer, gruu-10", "ms-BENOTIFY"]);
}
