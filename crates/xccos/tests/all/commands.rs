//! Each command is read from what clients write, in every spelling that is let through, and printed by our own client.

use xccos::{
    Ask, BcContext, ChanSrch, Code, Command, CommandId, GetAssociations, GetInv, GetServerInfo, PrefBlock,
    Role, RoomRef, SetPref, XccosFault, parse, print_command,
};

use crate::people::{ENGINEERING, SALES, asked, home};

fn body(id: &str, data: &str) -> String {
    format!(
        "<xccos ver=\"1\" envid=\"139132350\" xmlns=\"urn:parlano:xml:ns:xccos\">\
         <cmd id=\"{id}\" seqid=\"1\">{data}</cmd></xccos>"
    )
}

fn read(id: &str, data: &str) -> Result<Command, XccosFault> {
    match parse(body(id, data).as_bytes()).expect("an envelope").items.remove(0).ask {
        Ask::Command { command, .. } => command,
        Ask::Post(_) => panic!("a post"),
    }
}

/// The command is read from these words, and printed as them.
fn says(command: &Command, data: &str) {
    let name = command.name().to_owned();
    let data = if data.is_empty() { "<data/>".to_owned() } else { format!("<data>{data}</data>") };
    let body = body(&format!("cmd:{name}"), &data);
    let item = parse(body.as_bytes()).expect("an envelope").items.remove(0);
    assert_eq!(item.id, asked());
    assert_eq!(item.ask, Ask::Command { name: name.into(), command: Ok(command.clone()) });
    assert_eq!(print_command(&asked(), command), body);
}

fn engineering() -> RoomRef {
    RoomRef::new(&home(), ENGINEERING)
}

const CHANID: &str =
    "<chanid key=\"0\" domain=\"contoso.com\" value=\"094f5a4a-c492-4f6b-91c2-385eba134fd3\"/>";
const CHANIB: &str = "<chanib uri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\"/>";

#[test]
fn commands_are_written_one_way() {
    let sales = RoomRef::new(&home(), SALES);
    let second = "<chanid key=\"1\" domain=\"contoso.com\" value=\"41b7084d-1484-5193-9e24-d190f2f7768c\"/>";
    says(&Command::ReqUri, "");
    says(&Command::NodesPermCreateChild, "");
    says(&Command::Join(engineering()), CHANID);
    says(&Command::BJoin(vec![engineering(), sales]), &format!("{CHANID}{second}"));
    says(&Command::Part(vec![engineering()]), CHANIB);
    says(&Command::BcContext(BcContext { room: engineering(), last: None }), CHANIB);
    let last = BcContext { room: engineering(), last: Some(25) };
    says(&Command::BcContext(last), &format!("{CHANIB}<bcq><last cnt=\"25\"/></bcq>"));
    let info = GetServerInfo { domain: "contoso.com".into(), info_type: "123".into() };
    says(&Command::GetServerInfo(info), "<sib domain=\"contoso.com\" infoType=\"123\"/>");
    let managed = GetAssociations { domain: "contoso.com".into(), role: Role::Manager, limit: Some(500) };
    says(
        &Command::GetAssociations(managed),
        "<association domain=\"contoso.com\" type=\"MANAGER\" maxResults=\"500\"/>",
    );
    let inv = GetInv { after: 1, domain: "contoso.com".into() };
    says(&Command::GetInv(inv), "<inv inviteId=\"1\" domain=\"contoso.com\"/>");
    says(&Command::ChanSrch(ChanSrch::default()), "<qib qtype=\"BYNAME\" criteria=\"\" extended=\"false\"/>");
    let words = ChanSrch {
        criteria: "a \"b\"".into(),
        room: None,
        extended: true,
        match_all: true,
        exact_phrase: true,
        limit: Some(7),
    };
    says(
        &Command::ChanSrch(words),
        "<qib qtype=\"BYNAME\" criteria=\"a &quot;b&quot;\" extended=\"true\" matchall=\"true\" \
         matchexactphrase=\"true\" maxresults=\"7\"/>",
    );
}

#[test]
fn preferences_are_asked_for_and_stored() {
    let asked = PrefBlock {
        label: "kedzie.GroupChannels".into(),
        version: Some(71),
        create_default: true,
        content: None,
    };
    says(
        &Command::GetPref(asked),
        "<pref label=\"kedzie.GroupChannels\" seqid=\"71\" createdefault=\"true\"/>",
    );
    let stored =
        SetPref { label: "kedzie.GroupChannels".into(), version: Some(71), content: "QmFzZTY0".into() };
    says(
        &Command::SetPref(stored),
        "<pref label=\"kedzie.GroupChannels\" seqid=\"71\" createdefault=\"false\" content=\"QmFzZTY0\"/>",
    );
}

#[test]
fn a_room_is_known_in_every_spelling() {
    let spellings = [
        CHANID.to_owned(),
        CHANIB.to_owned(),
        CHANIB.to_uppercase(),
        CHANID.replace("contoso.com", "Contoso.COM"),
        CHANIB.replace("ma-chan", "MA-CHAN").replace("094f5a4a", "094F5A4A"),
        CHANIB.replace("chanib uri", "ftdb channelUri"),
        CHANIB.replace("chanib", "p:chanib"),
        format!("{CHANID}<unknown/>"),
    ];
    for spelling in spellings {
        for name in ["join", "bjoin", "part", "bccontext"] {
            let data = format!("<data>{spelling}</data>");
            let rooms = match read(&format!("cmd:{name}"), &data).expect("a command") {
                Command::Join(room) | Command::BcContext(BcContext { room, .. }) => vec![room],
                Command::BJoin(rooms) | Command::Part(rooms) => rooms,
                other => panic!("{other:?}"),
            };
            assert_eq!(rooms.len(), 1, "{spelling}");
            assert_eq!(rooms[0].guid(&home()), Some(ENGINEERING), "{spelling}");
        }
    }
}

#[test]
fn what_is_no_room_of_ours_is_an_unknown_room() {
    let addresses = [
        "ma-chan://fabrikam.com/094f5a4a-c492-4f6b-91c2-385eba134fd3",
        "ma-chan://contoso.com/300",
        "ma-chan://contoso.com/",
        "ma-chan:///094f5a4a-c492-4f6b-91c2-385eba134fd3",
        "ma-chan://contoso.com/{094f5a4a-c492-4f6b-91c2-385eba134fd3}",
        "ma-chan://contoso.com/094f5a4ac4924f6b91c2385eba134fd3",
        "ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3/x",
        "ma-cat://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3",
        "sip:bob@contoso.com",
        "ä",
        "",
    ];
    for address in addresses {
        let room = RoomRef::parse(address).expect("short enough");
        assert_eq!(room.guid(&home()), None, "{address}");
        assert_eq!(room.uri(), address);
    }
}

#[test]
fn associations_are_understood_however_they_are_asked_for() {
    let table = [
        ("<association type=\"MEMBER\"/>", Role::Member, None),
        ("<association type=\"manager\" maxResults=\"-1\"/>", Role::Manager, None),
        ("<assoc kind=\"Manager\" MAXRESULTS=\"5\"/>", Role::Manager, Some(5)),
        ("<association>MANAGER</association>", Role::Manager, None),
        ("<q><type>MANAGER</type><maxResults>9</maxResults></q>", Role::Manager, Some(9)),
        ("<q><type>MEMBER</type></q>", Role::Member, None),
    ];
    for (data, role, limit) in table {
        let command = read("cmd:getassociations", &format!("<data>{data}</data>")).expect("a command");
        let Command::GetAssociations(asked) = command else { panic!("{command:?}") };
        assert_eq!((asked.role, asked.limit), (role, limit), "{data}");
    }
}

#[test]
fn a_search_may_be_for_an_address() {
    let uri = "ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3";
    let search = |qib: &str| match read("cmd:chansrch", &format!("<data>{qib}</data>")) {
        Ok(Command::ChanSrch(search)) => search,
        other => panic!("{other:?}"),
    };
    for kind in ["BYNAME", "BYURI", "byuri"] {
        let found = search(&format!("<qib qtype=\"{kind}\" criteria=\" {uri} \"/>"));
        assert_eq!(found.room.and_then(|room| room.guid(&home())), Some(ENGINEERING));
    }
    let unknown = search("<qib qtype=\"BYURI\" criteria=\"engineering\"/>");
    assert_eq!(unknown.room.map(|room| room.guid(&home())), Some(None));
    let words = search("<qib criteria=\"engineering\"><matchAll>1</matchAll></qib>");
    assert_eq!((words.room, words.match_all, &*words.criteria), (None, true, "engineering"));
    let long = "word ".repeat(200);
    assert_eq!(search(&format!("<qib criteria=\"{long}\"/>")).room, None);
}

#[test]
fn several_commands_come_in_document_order_and_one_fault_leaves_the_others() {
    let text = format!(
        "<xccos envid=\"7\"><cmd id=\"cmd:requri\" seqid=\"1\"/><cmd id=\"cmd:join\" seqid=\"2\"><data/></cmd>\
         <nonsense/><cmd id=\"CMD:Part\" seqid=\"3\"><data>{CHANIB}</data></cmd>\
         <cmd id=\"cmd:bcbydate\" seqid=\"0004\"><data/></cmd></xccos>"
    );
    let envelope = parse(text.as_bytes()).expect("an envelope");
    let order: Vec<_> = envelope.items.iter().map(|item| (&*item.id.seqid, item.ask.name())).collect();
    assert_eq!(order, [("1", "requri"), ("2", "join"), ("3", "part"), ("0004", "bcbydate")]);
    assert!(envelope.items.iter().all(|item| &*item.id.envid == "7"));
    let missing = Err(XccosFault::MissingBlock { block: "chanid" });
    assert_eq!(envelope.items[1].ask, Ask::Command { name: "join".into(), command: missing });
    let unknown = Ok(Command::Unknown { name: "bcbydate".into() });
    assert_eq!(envelope.items[3].ask, Ask::Command { name: "bcbydate".into(), command: unknown });
}

#[test]
fn identities_are_echoed_as_sent() {
    let text =
        "<xccos envid=\"18446744073709551616\"><cmd id=\"cmd:requri\" seqid=\"-1 &amp; more\"/></xccos>";
    let envelope = parse(text.as_bytes()).expect("an envelope");
    assert_eq!(&*envelope.envid, "18446744073709551616");
    assert_eq!(&*envelope.items[0].id.seqid, "-1 & more");
}

#[test]
fn what_xml_cannot_carry_is_left_out() {
    let text = "<xccos envid=\"7&#1;\"><cmd id=\"cmd:chansrch\" seqid=\"1\u{2}\"><data>\
         <qib criteria=\"a\u{1}b&#2;c\u{FFFF}\"/></data></cmd></xccos>";
    let item = parse(text.as_bytes()).expect("an envelope").items.remove(0);
    assert_eq!(item.id, CommandId::new(7, 1));
    let Ask::Command { command: Ok(Command::ChanSrch(search)), .. } = item.ask else { panic!("a search") };
    assert_eq!(&*search.criteria, "abc");
}

#[test]
fn what_a_command_lacks_is_named_and_answered_by_400() {
    let missing_block = |block| XccosFault::MissingBlock { block };
    let missing = |block, name| XccosFault::MissingValue { block, name };
    let bad = |block, name| XccosFault::BadValue { block, name };
    let table = [
        ("join", "", missing_block("chanid")),
        ("bjoin", "<data/>", missing_block("chanid")),
        ("part", "<data/>", missing_block("chanid")),
        ("bccontext", "<data><bcq/></data>", missing_block("chanid")),
        ("getserverinfo", "<data/>", missing_block("sib")),
        ("getassociations", "<data/>", missing_block("association")),
        ("chansrch", "<data/>", missing_block("qib")),
        ("getinv", "<data/>", missing_block("inv")),
        ("getpref", "<data/>", missing_block("pref")),
        ("setpref", "<data/>", missing_block("pref")),
        ("join", "<data><chanid domain=\"contoso.com\"/></data>", missing("chanid", "value")),
        ("join", "<data><chanid value=\"x\"/></data>", missing("chanid", "domain")),
        ("part", "<data><chanib/></data>", missing("chanib", "uri")),
        ("getpref", "<data><pref/></data>", missing("pref", "label")),
        ("getpref", "<data><pref label=\"\"/></data>", bad("pref", "label")),
        ("getpref", "<data><pref label=\"a\" seqid=\"x\"/></data>", bad("pref", "seqid")),
        ("setpref", "<data><pref label=\"a\"/></data>", missing("pref", "content")),
        ("getinv", "<data><inv inviteId=\"x\"/></data>", bad("inv", "inviteId")),
        ("chansrch", "<data><qib qtype=\"BYUSER\"/></data>", bad("qib", "qtype")),
        ("chansrch", "<data><qib extended=\"perhaps\"/></data>", bad("qib", "extended")),
        ("join", "<data/><data/>", XccosFault::Repeated { block: "data" }),
    ];
    for (name, data, fault) in table {
        let read = read(&format!("cmd:{name}"), data);
        assert_eq!(read, Err(fault.clone()), "{name} {data}");
        assert_eq!(fault.code(), Code::InvalidArgument);
    }
    for count in ["0", "-5", "x", ""] {
        let data = format!("<data>{CHANIB}<bcq><last cnt=\"{count}\"/></bcq></data>");
        assert_eq!(read("cmd:bccontext", &data), Err(bad("last", "cnt")), "{count}");
    }
    let twice = format!("<data>{CHANID}{CHANID}</data>");
    assert_eq!(read("cmd:join", &twice), Err(XccosFault::Repeated { block: "room" }));
}

#[test]
fn what_is_too_much_is_answered_by_413() {
    let rooms = CHANID.repeat(chat::limits::JOIN_ROOMS_MAX);
    assert!(read("cmd:bjoin", &format!("<data>{rooms}</data>")).is_ok());
    let label = "l".repeat(256);
    let address = "a".repeat(513);
    let words = "w".repeat(1025);
    let table = [
        ("bjoin", format!("<data>{rooms}{CHANID}</data>")),
        ("part", format!("<data>{rooms}{CHANID}</data>")),
        ("getpref", format!("<data><pref label=\"{label}\"/></data>")),
        ("join", format!("<data><chanib uri=\"{address}\"/></data>")),
        ("join", format!("<data><chanib uri=\"ma-chan://contoso.com/{address}\"/></data>")),
        ("chansrch", format!("<data><qib criteria=\"{words}\"/></data>")),
    ];
    for (name, data) in table {
        let fault = read(&format!("cmd:{name}"), &data).expect_err(name);
        assert_eq!(fault.code(), Code::LimitExceeded, "{name}: {fault}");
    }
}
