//! Each reply and notice of the server has one printed form, and our own client reads it back as what it was.

use xccos::{
    AddInBlock, Arrival, BatchJoined, CategoryBlock, Code, Departure, History, Invitation, Invitations,
    Joined, Notice, PrefBlock, ROOT_CATEGORY, Reply, RoomBlock, RoomRef, ServerInfo, ServerItem, notice,
    parse_answer, reply,
};

use crate::people::{
    ENGINEERING, GENERAL, MANAGER, MEMBER, SALES, alice, asked, bob, carol, heading, home, noon, room,
};
use crate::posts::post_43;

const ROOT: &str = "<xccos xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
     xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ver=\"1\" envid=\"7962449779256945056\" \
     xmlns=\"urn:parlano:xml:ns:xccos\">";
const ALICE: &str = "uri=\"sip:alice@contoso.com\" guid=\"00000000-0000-0000-0000-000000000061\" type=\"5\" \
     uname=\"alice\" dispname=\"Alice Adams\"";
const BOB: &str = "uri=\"sip:bob@contoso.com\" guid=\"00000000-0000-0000-0000-000000000062\" type=\"5\" \
     uname=\"bob\" dispname=\"Bob Brown\"";
const CAROL: &str = "uri=\"sip:carol@contoso.com\" guid=\"00000000-0000-0000-0000-000000000063\" type=\"5\" \
     uname=\"carol\" dispname=\"Carol Cole\"";
const FACTS: &str = "<info id=\"urn:parlano:ma:info:ucnt\">2</info>\
     <info id=\"urn:parlano:ma:info:visibilty\">SCOPE</info>\
     <info id=\"urn:parlano:ma:info:visibility\">SCOPE</info>\
     <prop id=\"urn:parlano:ma:prop:logged\">True</prop>\
     <prop id=\"urn:parlano:ma:prop:invite\">False</prop>\
     <prop id=\"urn:parlano:ma:prop:filepost\">True</prop></chanib>";
const FOUND: &str = "<chanib name=\"Engineering\" description=\"EMEA desk\" \
     uri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\" \
     parent=\"ma-cat://contoso.com/396ac1bf-a36a-4633-a0c7-dbf74991ec7a\" behavior=\"NORMAL\" disabled=\"false\">";
const ENGINEERING_JOINED: &str = "<chanib uri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\" \
     name=\"Engineering\" description=\"EMEA desk\" \
     parent=\"ma-cat://contoso.com/396ac1bf-a36a-4633-a0c7-dbf74991ec7a\" behavior=\"NORMAL\" topic=\"\" \
     disabled=\"false\">";
const SALES_JOINED: &str = "<chanib uri=\"ma-chan://contoso.com/41b7084d-1484-5193-9e24-d190f2f7768c\" \
     name=\"Sales\" description=\"EMEA desk\" \
     parent=\"ma-cat://contoso.com/396ac1bf-a36a-4633-a0c7-dbf74991ec7a\" behavior=\"NORMAL\" topic=\"\" \
     disabled=\"false\">";

/// The reply is printed with this inside its `data`, and read back as it was.
fn reply_prints(reply: &Reply<'static>, data: &str) {
    let home = home();
    let printed = reply::print(&heading(&home), &asked(), reply);
    let data = if data.is_empty() { "<data/>".to_owned() } else { format!("<data>{data}</data>") };
    let frame = format!(
        "{ROOT}<rpl id=\"rpl:{}\" seqid=\"1\"><commandid seqid=\"1\" envid=\"139132350\"/>\
         <resp code=\"200\">SUCCESS_OK</resp>{data}</rpl></xccos>",
        reply.name()
    );
    assert_eq!(printed, frame);
    let envelope = parse_answer(printed.as_bytes()).expect("our own words");
    let [ServerItem::Reply(read)] = &envelope.items[..] else { panic!("one reply") };
    assert_eq!((read.data.as_ref(), read.to.as_ref()), (Some(reply), Some(&asked())));
}

/// The notice is printed with this inside its `data`, and read back as it was.
fn notice_prints(notice: &Notice<'static>, name: &str, data: &str) {
    let home = home();
    let printed = notice::print(&heading(&home), notice);
    let frame = format!("{ROOT}<ntc id=\"ntc:{name}\" seqid=\"1\"><data>{data}</data></ntc></xccos>");
    assert_eq!(printed, frame);
    let envelope = parse_answer(printed.as_bytes()).expect("our own words");
    assert_eq!(envelope.items, [ServerItem::Notice(notice.clone())]);
}

#[test]
fn requri_names_the_server() {
    let uri = "sip:GC-1-PersistentChatService-1@contoso.com";
    reply_prints(&Reply::ReqUri { uri: uri.into() }, &format!("<uib uri=\"{uri}\"/>"));
}

fn server_info() -> ServerInfo<'static> {
    ServerInfo {
        info_type: "123".into(),
        time: noon(),
        search_limit: 999,
        message_limit: 8000,
        story_limit: 64000,
        root: ROOT_CATEGORY,
        db_version: SALES,
        room_management: None,
        display_name: Some("pool.contoso.com".into()),
    }
}

#[test]
fn getserverinfo_tells_the_limits() {
    reply_prints(
        &Reply::GetServerInfo(server_info()),
        "<sib infoType=\"123\" serverTime=\"2013-08-03T10:15:00.4470000Z\" searchLimit=\"999\" \
         messageSizeLimit=\"8000\" storySizeLimit=\"64000\" \
         rootUri=\"ma-cat://contoso.com/00000000-0000-0000-0000-000000000001\" \
         dbVersion=\"41b7084d-1484-5193-9e24-d190f2f7768c\" displayName=\"pool.contoso.com\"/>",
    );
}

#[test]
fn getserverinfo_tells_the_pages_for_managing_rooms() {
    let pages = Some("https://rooms.contoso.com/?a=1&b=2".into());
    let info = ServerInfo { room_management: pages, ..server_info() };
    reply_prints(
        &Reply::GetServerInfo(info),
        "<sib infoType=\"123\" serverTime=\"2013-08-03T10:15:00.4470000Z\" searchLimit=\"999\" \
         messageSizeLimit=\"8000\" storySizeLimit=\"64000\" \
         rootUri=\"ma-cat://contoso.com/00000000-0000-0000-0000-000000000001\" \
         dbVersion=\"41b7084d-1484-5193-9e24-d190f2f7768c\" \
         roomManagementUrl=\"https://rooms.contoso.com/?a=1&amp;b=2\" displayName=\"pool.contoso.com\"/>",
    );
}

#[test]
fn a_page_shown_beside_a_room_stands_among_its_attributes() {
    let page = AddInBlock {
        guid: SALES,
        name: "Orders & \"more\"".into(),
        url: "https://pages.contoso.com/?a=1&b=2".into(),
    };
    let shown = " siopid=\"41b7084d-1484-5193-9e24-d190f2f7768c\" siopname=\"Orders &amp; &quot;more&quot;\" \
                 siopurl=\"https://pages.contoso.com/?a=1&amp;b=2\">";
    let room = RoomBlock { add_in: Some(page), ..room(ENGINEERING, "Engineering") };
    let beside = |block: &str| block.strip_suffix('>').expect("it ends so").to_owned() + shown;
    reply_prints(&Reply::ChanSrch(vec![room.clone()]), &format!("{}{FACTS}", beside(FOUND)));
    let joined = Joined { room, participants: Vec::new() };
    reply_prints(&Reply::Join(joined), &format!("{}{FACTS}", beside(ENGINEERING_JOINED)));
}

#[test]
fn found_rooms_come_one_after_the_other() {
    let rooms = vec![room(ENGINEERING, "Engineering")];
    reply_prints(&Reply::ChanSrch(rooms.clone()), &format!("{FOUND}{FACTS}"));
    reply_prints(&Reply::GetAssociations(rooms), &format!("{FOUND}{FACTS}"));
    reply_prints(&Reply::ChanSrch(Vec::new()), "");
}

#[test]
fn a_joined_room_lists_its_people_by_mask() {
    let participants = vec![alice(MEMBER), bob(MANAGER), carol(MEMBER)];
    let joined = Joined { room: room(ENGINEERING, "Engineering"), participants };
    reply_prints(
        &Reply::Join(joined),
        &format!(
            "{ENGINEERING_JOINED}<aib key=\"3456\" value=\"0,2\"/><aib key=\"11652\" value=\"1\"/>{FACTS}\
             <uib id=\"0\" {ALICE}/><uib id=\"1\" {BOB}/><uib id=\"2\" {CAROL}/>"
        ),
    );
}

#[test]
fn a_batch_names_everybody_once_and_each_room_that_failed() {
    let joined = vec![
        Joined { room: room(ENGINEERING, "Engineering"), participants: vec![alice(MEMBER), bob(MEMBER)] },
        Joined { room: room(SALES, "Sales"), participants: vec![alice(MANAGER), carol(MEMBER)] },
    ];
    let failed = vec![RoomRef::new(&home(), GENERAL)];
    reply_prints(
        &Reply::BJoin(BatchJoined { joined, failed }),
        &format!(
            "{ENGINEERING_JOINED}<aib key=\"3456\" value=\"0,1\"/>{FACTS}\
             {SALES_JOINED}<aib key=\"3456\" value=\"2\"/><aib key=\"11652\" value=\"0\"/>{FACTS}\
             <uib id=\"0\" {ALICE}/><uib id=\"1\" {BOB}/><uib id=\"2\" {CAROL}/>\
             <fib key=\"OPERATION_FAILED\" value=\"396ac1bf-a36a-4633-a0c7-dbf74991ec7a\" domain=\"contoso.com\"/>"
        ),
    );
}

#[test]
fn a_left_room_is_named_again() {
    let uri = "<chanib uri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\"/>";
    reply_prints(&Reply::Part(vec![ENGINEERING]), uri);
}

#[test]
fn history_holds_posts_as_they_were_delivered() {
    let history = History { room: ENGINEERING, name: Some("Engineering".into()), posts: vec![post_43()] };
    reply_prints(
        &Reply::BcContext(history),
        "<chanib uri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\" name=\"Engineering\">\
         <msg id=\"grpchat\" chanUri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\" \
         author=\"sip:alice@contoso.com\" authdisp=\"Alice Adams\" alert=\"false\" chatId=\"43\" \
         ts=\"2013-08-03T10:15:00.4470000Z\"><chat>hello &amp; welcome</chat><rtf>{\\rtf1 hello}</rtf></msg></chanib>",
    );
    let uri = "ma-chan://contoso.com/41b7084d-1484-5193-9e24-d190f2f7768c";
    let nothing = History { room: SALES, name: None, posts: Vec::new() };
    reply_prints(&Reply::BcContext(nothing), &format!("<chanib uri=\"{uri}\"/>"));
}

#[test]
fn invitations_come_with_their_rooms() {
    let invitation = Invitation { id: 17, time: noon(), room: room(ENGINEERING, "Engineering") };
    reply_prints(
        &Reply::GetInv(Invitations { newest: Some(17), invitations: vec![invitation] }),
        &format!(
            "<inv inviteId=\"17\" domain=\"contoso.com\"/>\
             {FOUND}<inv inviteId=\"17\" createdOn=\"2013-08-03T10:15:00.4470000Z\"/>{FACTS}"
        ),
    );
}

#[test]
fn preferences_come_with_their_version() {
    let stored = PrefBlock {
        label: "kedzie.GroupChannels".into(),
        version: Some(72),
        create_default: false,
        content: Some("QmFzZTY0".into()),
    };
    let label = "label=\"kedzie.GroupChannels\" seqid=\"72\" createdefault=\"false\"";
    reply_prints(&Reply::GetPref(stored.clone()), &format!("<pref {label} content=\"QmFzZTY0\"/>"));
    let version = PrefBlock { content: None, ..stored };
    reply_prints(&Reply::SetPref(version), &format!("<pref {label}/>"));
}

#[test]
fn categories_to_create_in_are_listed() {
    reply_prints(&Reply::NodesPermCreateChild(Vec::new()), "");
    let finance = CategoryBlock {
        guid: GENERAL,
        name: "Finance".into(),
        description: "Finance rooms".into(),
        invites: true,
    };
    reply_prints(
        &Reply::NodesPermCreateChild(vec![finance]),
        "<chanib name=\"Finance\" description=\"Finance rooms\" \
         uri=\"ma-cat://contoso.com/396ac1bf-a36a-4633-a0c7-dbf74991ec7a\">\
         <prop id=\"urn:parlano:ma:prop:invite\">True</prop></chanib>",
    );
}

#[test]
fn a_refusal_names_command_and_code_and_carries_nothing() {
    let home = home();
    let printed = reply::refuse(&heading(&home), &asked(), "grpchat", Code::NotAllowed);
    let expected = format!(
        "{ROOT}<rpl id=\"rpl:grpchat\" seqid=\"1\"><commandid seqid=\"1\" envid=\"139132350\"/>\
         <resp code=\"403\">ERROR_PERMISSION</resp><data/></rpl></xccos>"
    );
    assert_eq!(printed, expected);
    let envelope = parse_answer(printed.as_bytes()).expect("our own words");
    let [ServerItem::Reply(read)] = &envelope.items[..] else { panic!("one reply") };
    assert_eq!((read.code, &*read.text, read.data.as_ref()), (403, "ERROR_PERMISSION", None));
}

#[test]
fn people_come_and_go() {
    let came = |person, rooms: &[_]| vec![Arrival { person, rooms: rooms.to_vec() }];
    let engineering =
        "<aib key=\"3456\" domain=\"contoso.com\" value=\"094f5a4a-c492-4f6b-91c2-385eba134fd3\"/>";
    let sales = "<aib key=\"11652\" domain=\"contoso.com\" value=\"41b7084d-1484-5193-9e24-d190f2f7768c\"/>";
    notice_prints(
        &Notice::Join(came(alice(MEMBER).person, &[(ENGINEERING, MEMBER)])),
        "join",
        &format!("<uib {ALICE}>{engineering}</uib>"),
    );
    notice_prints(
        &Notice::BJoin(came(bob(MEMBER).person, &[(ENGINEERING, MEMBER), (SALES, MANAGER)])),
        "bjoin",
        &format!("<uib {BOB}>{engineering}{sales}</uib>"),
    );
    let gone = vec![Departure { room: ENGINEERING, people: vec!["sip:alice@contoso.com".into()] }];
    let left = "<chanib uri=\"ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3\">\
         <uib uri=\"sip:alice@contoso.com\"/></chanib>";
    notice_prints(&Notice::Part(gone.clone()), "part", left);
    notice_prints(&Notice::Kick(gone), "kick", left);
}

#[test]
fn every_code_stands_once_in_the_table() {
    for number in 0..1000 {
        if let Some(code) = Code::from_number(number) {
            assert_eq!(code.number(), number);
            assert!(!code.text().is_empty());
        }
    }
    assert_eq!((Code::Success.number(), Code::Success.text()), (200, "SUCCESS_OK"));
    assert_eq!((Code::Database.number(), Code::NotJoined.number()), (503, 406));
    assert_eq!(Code::from_number(299), None);
}

#[test]
fn a_mask_of_an_empty_list_still_has_its_value() {
    let data = format!("{ENGINEERING_JOINED}<aib key=\"3984\" value=\"\"/>{FACTS}");
    let body = format!("{ROOT}<rpl id=\"rpl:join\"><resp code=\"200\"/><data>{data}</data></rpl></xccos>");
    let envelope = parse_answer(body.as_bytes()).expect("as other servers write it");
    let [ServerItem::Reply(read)] = &envelope.items[..] else { panic!("one reply") };
    let Some(Reply::Join(joined)) = &read.data else { panic!("a joined room") };
    assert!(joined.participants.is_empty());
    assert_eq!(joined.room.privacy, chat::Privacy::Closed);
}
