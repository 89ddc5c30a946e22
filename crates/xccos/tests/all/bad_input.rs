//! Bodies nobody should send: each is refused with a fault that names what is wrong, and with a SIP status.

use xccos::{XccosFault, limits, parse, parse_answer};

const REQURI: &str = "<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>";

fn refused(body: &[u8]) -> XccosFault {
    parse(body).expect_err("a body nobody should send")
}

fn wrapped(inside: &str) -> String {
    format!("<xccos ver=\"1\" envid=\"1\" xmlns=\"urn:parlano:xml:ns:xccos\">{inside}</xccos>")
}

#[test]
fn a_document_type_is_refused_before_any_entity_is_looked_at() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let body =
        format!("<?xml version=\"1.0\"?>{bomb}{}", wrapped("<cmd id=\"cmd:join\" seqid=\"1\">&b;</cmd>"));
    assert_eq!(refused(body.as_bytes()), XccosFault::Doctype);
    assert_eq!(refused(b"<!DOCTYPE xccos SYSTEM \"file:///etc/passwd\"><xccos/>"), XccosFault::Doctype);
    assert_eq!(refused(wrapped("<!DOCTYPE a>").as_bytes()), XccosFault::Doctype);
}

#[test]
fn a_body_of_300_kib_is_refused_unread() {
    let body = wrapped(&format!("{REQURI}<!--{}-->", "x".repeat(300 * 1024)));
    let fault = refused(body.as_bytes());
    assert_eq!(fault, XccosFault::TooLarge { size: body.len(), limit: limits::BODY_BYTES_MAX });
    assert!(fault.is_too_large());
}

#[test]
fn depth_elements_attributes_names_and_commands_have_limits() {
    let deep = format!("{}{}", "<a>".repeat(limits::DEPTH_MAX), "</a>".repeat(limits::DEPTH_MAX));
    let wide = "<a/>".repeat(limits::ELEMENTS_MAX);
    let attributes: String = (0..=limits::ATTRIBUTES_MAX).map(|n| format!(" a{n}=\"\"")).collect();
    let name = "n".repeat(limits::NAME_BYTES_MAX + 1);
    let many = REQURI.repeat(limits::COMMANDS_MAX + 1);
    let table = [
        ("levels", deep),
        ("elements", wide),
        ("attributes", format!("<a{attributes}/>")),
        ("octets of a name", format!("<{name}/>")),
        ("octets of a name", format!("<a {name}=\"\"/>")),
        ("commands", many),
    ];
    for (expected, inside) in table {
        let fault = refused(wrapped(&inside).as_bytes());
        assert!(matches!(fault, XccosFault::Excess { what, .. } if what == expected), "{expected}: {fault}");
        assert!(!fault.is_too_large());
    }
    let depth = limits::DEPTH_MAX - 1;
    let deepest = format!("{}{}{REQURI}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(parse(wrapped(&deepest).as_bytes()).is_ok());
    assert!(parse(wrapped(&REQURI.repeat(limits::COMMANDS_MAX)).as_bytes()).is_ok());
}

#[test]
fn what_is_not_well_formed_is_refused() {
    let table = [
        "",
        "   ",
        "hello",
        "<",
        "<xccos",
        "<xccos>",
        "<xccos envid=\"1\"",
        "<xccos envid=\"1></xccos>",
        "<xccos envid=1></xccos>",
        "<xccos envid></xccos>",
        "<xccos envid=\"1\" envid=\"2\"></xccos>",
        "<xccos envid=\"1\" ENVID=\"2\"></xccos>",
        "<xccos envid=\"<\"></xccos>",
        "<xccos envid=\"&nbsp;\"></xccos>",
        "<xccos envid=\"&\"></xccos>",
        "<xccos></XCCOS>",
        "<xccos></xccos2>",
        "<xccos><cmd></xccos></cmd>",
        "<xccos></cmd></xccos>",
        "</xccos>",
        "<xccos/><xccos/>",
        "<xccos/>text",
        "text<xccos/>",
        "<xccos/>&amp;",
        "<xccos/><![CDATA[x]]>",
        "<xccos>&unknown;</xccos>",
        "<xccos>&#0;</xccos>",
        "<xccos>&#xD800;</xccos>",
        "<xccos>&#x110000;</xccos>",
        "<xccos>&#-1;</xccos>",
        "<xccos>&#;</xccos>",
        "<xccos>a & b</xccos>",
        "<xccos><![CDATA[x</xccos>",
        "<xccos><!-- x</xccos>",
        "<xccos><?pi</xccos>",
        "<xccos><?xml version=\"1.0\"?></xccos>",
        " <?xml version=\"1.0\"?><xccos/>",
        "<?xml?><xccos/>",
        "<1a/>",
        "<xccos><a$b/></xccos>",
        "<xccos></ xccos>",
    ];
    for body in table {
        let fault = refused(body.as_bytes());
        assert!(matches!(fault, XccosFault::Malformed { .. }), "{body:?}: {fault:?}");
        assert!(!fault.is_too_large());
    }
}

#[test]
fn only_utf_8_is_read() {
    assert_eq!(refused(b"<xccos envid=\"\xff\"/>"), XccosFault::NotUtf8);
    assert_eq!(refused(b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><xccos/>"), XccosFault::NotUtf8);
    assert_eq!(refused(b"\xff\xfe<\0x\0"), XccosFault::NotUtf8);
    for head in
        ["<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n", "\u{FEFF}", "\n"]
    {
        assert!(parse(format!("{head}{}", wrapped(REQURI)).as_bytes()).is_ok(), "{head:?}");
    }
}

#[test]
fn the_root_must_be_an_envelope_in_any_case_and_under_any_prefix() {
    for root in ["cmd", "grpchat", "xccos2", "html"] {
        assert_eq!(refused(format!("<{root} envid=\"1\"/>").as_bytes()), XccosFault::WrongRoot);
    }
    for root in ["xccos", "XCCOS", "x:Xccos", "p:xccos"] {
        let body = format!("<{root} envid=\"1\"><y:CMD ID=\"Cmd:REQURI\" SeqId=\"1\"/></{root}>");
        let envelope = parse(body.as_bytes()).expect("an envelope");
        assert_eq!(envelope.items[0].ask.name(), "requri");
    }
}

#[test]
fn what_no_reply_could_name_is_refused_as_a_whole() {
    let long = "1".repeat(limits::IDENTITY_BYTES_MAX + 1);
    let name = "n".repeat(limits::COMMAND_NAME_BYTES_MAX + 1);
    let table = [
        ("envid", format!("<xccos>{REQURI}</xccos>")),
        ("envid", format!("<xccos envid=\"\">{REQURI}</xccos>")),
        ("envid", format!("<xccos envid=\"{long}\">{REQURI}</xccos>")),
        ("seqid", wrapped("<cmd id=\"cmd:requri\"/>")),
        ("seqid", wrapped(&format!("<cmd id=\"cmd:requri\" seqid=\"{long}\"/>"))),
        ("seqid", wrapped("<grpchat id=\"grpchat\"/>")),
        ("id", wrapped("<cmd seqid=\"1\"/>")),
        ("id", wrapped("<cmd id=\"\" seqid=\"1\"/>")),
        ("id", wrapped("<cmd id=\"cmd:\" seqid=\"1\"/>")),
        ("id", wrapped("<cmd id=\"requri\" seqid=\"1\"/>")),
        ("id", wrapped("<cmd id=\"cmd:a b\" seqid=\"1\"/>")),
        ("id", wrapped("<cmd id=\"cmä:a\" seqid=\"1\"/>")),
        ("id", wrapped(&format!("<cmd id=\"cmd:{name}\" seqid=\"1\"/>"))),
    ];
    for (expected, body) in table {
        assert_eq!(refused(body.as_bytes()), XccosFault::Unidentified { name: expected }, "{body}");
    }
    for inside in ["", "text", "<rpl id=\"rpl:join\" seqid=\"1\"/>", "<other/>"] {
        assert_eq!(refused(wrapped(inside).as_bytes()), XccosFault::Nothing);
    }
}

#[test]
fn our_own_client_refuses_what_a_server_must_not_send() {
    let joined = "<rpl id=\"rpl:join\" seqid=\"1\"><resp code=\"200\"/><data>\
         <chanib uri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\">\
         <aib key=\"1\" value=\"0\"/></chanib></data></rpl>";
    let table = [
        wrapped("<rpl id=\"rpl:requri\" seqid=\"1\"><resp code=\"200\"/><data/></rpl>"),
        wrapped("<rpl id=\"rpl:requri\" seqid=\"1\"><resp code=\"many\"/><data/></rpl>"),
        wrapped("<rpl seqid=\"1\"/>"),
        wrapped("<ntc id=\"ntc:part\"><data><chanib uri=\"x\"/></data></ntc>"),
        wrapped("<ntc id=\"ntc:join\"><data><uib/></data></ntc>"),
        wrapped("<grpchat><chat>x</chat></grpchat>"),
        wrapped(joined),
        "<xccos/>".to_owned(),
    ];
    for body in table {
        assert!(parse_answer(body.as_bytes()).is_err(), "{body}");
    }
    let code = "<rpl id=\"rpl:requri\" seqid=\"1\"/>";
    let envelope = parse_answer(wrapped(code).as_bytes()).expect("a reply without a code");
    let [xccos::ServerItem::Reply(reply)] = &envelope.items[..] else { panic!("one reply") };
    assert_eq!(reply.code, 500);
}
