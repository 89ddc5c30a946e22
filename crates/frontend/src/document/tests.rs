//! Bodies read and printed: those of the recorded sessions, and those nobody should send.

use std::collections::BTreeSet;

use chat::{Address, Time};
use directory::{Publication, PublicationName};

use super::batch;
use super::category::{Availability, Entry, Expire};
use super::contacts::{self, Change, Changed, Contact, ContactList};
use super::containers::{self, Containers};
use super::presence::{Format, Presence, SEVERAL, print_several};
use super::publish;
use super::roaming::{self, Categories, Parts, Told};
use super::soap::{self, Operation};
use super::stale::{self, Stale};
use super::xml::{Bounds, Unreadable, read};
use crate::limits::{
    CONTACT_GROUPS_MAX, CONTAINER_MEMBERS_MAX, DOCUMENT_ELEMENTS_MAX, DOCUMENT_OCTETS_MAX,
    PUBLICATION_OCTETS_MAX, PUBLICATIONS_MAX, WATCHED_MAX, XML_DEPTH_MAX,
};

/// What pidgin-sipe publishes at sign-on, as recorded in session 01.
pub(super) const PUBLISHED: &str = concat!(
    r#"<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:bob@example.com">"#,
    r#"<publication categoryName="device" instance="1784534340" container="2" version="0" expireType="endpoint">"#,
    r#"<device xmlns="http://schemas.microsoft.com/2006/09/sip/device" endpointId="c74661f8-b226-586a-a01d-6cd3e9f2b9cc">"#,
    r#"<capabilities preferred="false" uri="sip:bob@example.com"><text capture="true" render="true" publish="false"/>"#,
    r#"</capabilities><timezone>00:00:00+01:00</timezone><machineName>vm</machineName></device></publication>"#,
    r#"<publication categoryName="state" instance="916839764" container="2" version="0" expireType="endpoint">"#,
    r#"<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="false" "#,
    r#"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="machineState">"#,
    r#"<availability>3500</availability><endpointLocation/></state></publication>"#,
    r#"<publication categoryName="state" instance="536870912" container="2" version="0" expireType="static">"#,
    r#"<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="true" "#,
    r#"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="userState">"#,
    r#"<availability>6500</availability><endpointLocation/></state></publication>"#,
    "</publications></publish>"
);

/// What it sets its containers to, as recorded there.
pub(super) const CONTAINERS: &str = concat!(
    r#"<setContainerMembers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management">"#,
    r#"<container id="200" version="0"><member action="add" type="sameEnterprise"/></container>"#,
    r#"<container id="100" version="0"><member action="add" type="federated"/></container></setContainerMembers>"#
);

/// What it was told of itself there.
const NOTHING_OWN: &str = concat!(
    r#"<roamingData xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">"#,
    r#"<categories xmlns="http://schemas.microsoft.com/2006/09/sip/categories" uri="sip:bob@example.com"/>"#,
    r#"<containers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management"/>"#,
    r#"<subscribers xmlns="http://schemas.microsoft.com/2006/09/sip/presence-subscribers"/></roamingData>"#
);

/// And its contacts.
pub(super) const NO_CONTACTS: &str = concat!(
    r#"<contactList xmlns="http://schemas.microsoft.com/2006/09/sip/contacts" deltaNum="1">"#,
    r#"<group id="1" name="~" externalURI=""/></contactList>"#
);

fn bob() -> Address {
    Address::parse("sip:bob@example.com").unwrap()
}

fn alice() -> Address {
    Address::parse("sip:alice@example.com").unwrap()
}

fn entry(category: &str, container: u32, content: &str) -> Entry {
    Entry {
        name: PublicationName::new(category, container, 7).unwrap(),
        version: 3,
        time: Time::from_unix_micros(0),
        expire_type: Expire::Static.as_str(),
        content: content.into(),
    }
}

fn soap(operation: &str) -> Vec<u8> {
    format!(
        r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><s:Body>{operation}</s:Body></s:Envelope>"#
    )
    .into_bytes()
}

fn change_of(operation: &str) -> Change {
    match soap::read(&soap(operation)).unwrap() {
        Operation::Contacts { change, .. } => change,
        Operation::Other => panic!("{operation} is an operation on contacts"),
    }
}

#[test]
fn what_the_client_publishes_is_read_as_it_says() {
    let changes = publish::read(PUBLISHED.as_bytes(), &bob()).unwrap();
    let names: Vec<String> = changes.iter().map(|change| change.name.to_string()).collect();
    assert_eq!(names, ["device/2/1784534340", "state/2/916839764", "state/2/536870912"]);
    let expires: Vec<Expire> = changes.iter().map(|change| change.expire).collect();
    assert_eq!(expires, [Expire::Endpoint, Expire::Endpoint, Expire::Static]);
    let device = changes[0].content.as_deref().unwrap();
    assert!(PUBLISHED.contains(device), "{device}");
}

#[test]
fn states_say_how_available_somebody_is() {
    let changes = publish::read(PUBLISHED.as_bytes(), &bob()).unwrap();
    let said: Vec<_> = changes
        .iter()
        .map(|change| {
            let content = change.content.as_deref().unwrap();
            Entry { name: change.name.clone(), ..entry("state", 2, content) }.availability()
        })
        .collect();
    assert_eq!(said, [None, Some(Availability::Machine(3500)), Some(Availability::User(6500))]);
}

#[test]
fn a_publication_of_somebody_else_is_refused() {
    assert_eq!(publish::read(PUBLISHED.as_bytes(), &alice()), Err(Unreadable::OtherPerson));
}

#[test]
fn a_followed_room_comes_back_as_it_was_published() {
    let room = concat!(
        r#"<roomSetting><propertyList xmlns="http://schemas.microsoft.com/2010/12/sip/propertyList">"#,
        r#"<property name="url" type="string"><value>ma-chan://contoso.com/094f5a4a-c492-4f6b-91c2-385eba134fd3</value>"#,
        r#"</property><property name="name" type="string"><value>Trading &amp; floor</value></property>"#,
        "</propertyList></roomSetting>"
    );
    let body = format!(
        r#"<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:bob@example.com"><publication categoryName="roomSetting" instance="1873520114" container="1" version="0" expireType="static">{room}</publication></publications></publish>"#
    );
    let changes = publish::read(body.as_bytes(), &bob()).unwrap();
    let [change] = &changes[..] else { panic!("one room is followed") };
    let content = change.content.as_deref().unwrap();
    let kept = Publication::dated(Time::from_unix_micros(1_000_000), content);
    let publication = Publication { name: change.name.clone(), version: 1, content: kept };
    let entry = Entry::kept(publication).unwrap();
    assert_eq!(&*entry.content, room);
    let mut told = String::new();
    entry.print(&mut told);
    assert_eq!(
        told,
        format!(
            r#"<category name="roomSetting" instance="1873520114" publishTime="1970-01-01T00:00:01.0000000Z" container="1" version="1" expireType="static">{room}</category>"#
        )
    );
}

#[test]
fn a_publication_is_ended_by_expires_0_and_needs_no_content() {
    let body = r#"<publish><publications><publication categoryName="note" instance="0" container="200" version="4" expireType="static" expires="0"/></publications></publish>"#;
    let changes = publish::read(body.as_bytes(), &bob()).unwrap();
    assert_eq!((changes[0].version, &changes[0].content), (4, &None));
}

#[test]
fn contents_take_the_prefixes_along_that_they_use() {
    let body = r#"<p:publish xmlns:p="urn:p" xmlns:x="urn:x"><p:publications><p:publication categoryName="a" instance="0" container="2" expireType="user"><b x:c="1"/></p:publication></p:publications></p:publish>"#;
    let changes = publish::read(body.as_bytes(), &bob()).unwrap();
    let content = changes[0].content.as_deref().unwrap();
    assert_eq!(content, r#"<b x:c="1" xmlns:p="urn:p" xmlns:x="urn:x"/>"#);
    assert!(read(content.as_bytes(), Bounds::BODY).is_ok());
}

#[test]
fn publications_that_cannot_be_are_refused() {
    let of = |publication: &str| {
        let body = format!("<publish><publications>{publication}</publications></publish>");
        publish::read(body.as_bytes(), &bob()).unwrap_err()
    };
    for publication in [
        r#"<publication instance="0" container="2" expireType="static"/>"#,
        r#"<publication categoryName=".containers" instance="0" container="0" expireType="static"/>"#,
        r#"<publication categoryName="a/b" instance="0" container="0" expireType="static"/>"#,
        r#"<publication categoryName="note" instance="-1" container="2" expireType="static"/>"#,
        r#"<publication categoryName="note" instance="0" container="4294967296" expireType="static"/>"#,
        r#"<publication categoryName="note" instance="0" container="2" expireType="never"/>"#,
        r#"<publication categoryName="note" instance="0" container="2" expireType="user">words</publication>"#,
        concat!(
            r#"<publication categoryName="note" instance="0" container="2" expireType="user"/>"#,
            r#"<publication categoryName="note" instance="0" container="2" expireType="user"/>"#
        ),
    ] {
        assert!(matches!(of(publication), Unreadable::Wrong(_)), "{publication}");
    }
    let large = "x".repeat(PUBLICATION_OCTETS_MAX);
    let large = format!(
        r#"<publication categoryName="note" instance="0" container="2" expireType="user"><n>{large}</n></publication>"#
    );
    assert_eq!(of(&large), Unreadable::TooLarge);
    let many =
        |at| format!(r#"<publication categoryName="n" instance="{at}" container="2" expireType="user"/>"#);
    assert_eq!(of(&(0..=PUBLICATIONS_MAX).map(many).collect::<String>()), Unreadable::TooMany);
}

#[test]
fn documents_nobody_should_send_are_refused() {
    let deep = "<a>".repeat(XML_DEPTH_MAX + 1) + &"</a>".repeat(XML_DEPTH_MAX + 1);
    let large = format!("<a>{}</a>", "x".repeat(DOCUMENT_OCTETS_MAX));
    let many = format!("<a>{}</a>", "<b/>".repeat(DOCUMENT_ELEMENTS_MAX));
    for (body, why) in [
        (r#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#, Unreadable::Doctype),
        (r#"<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>"#, Unreadable::Doctype),
        (&*deep, Unreadable::TooDeep),
        (&*large, Unreadable::TooLarge),
        (&*many, Unreadable::TooMany),
    ] {
        assert_eq!(read(body.as_bytes(), Bounds::BODY), Err(why));
        // Each reader refuses the same, whatever it expects.
        assert_eq!(publish::read(body.as_bytes(), &bob()), Err(why));
        assert_eq!(containers::read(body.as_bytes()), Err(why));
        assert_eq!(soap::read(body.as_bytes()), Err(why));
        assert_eq!(batch::read(body.as_bytes()), Err(why));
        assert_eq!(Parts::read(body.as_bytes()), Err(why));
    }
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for body in [
        "",
        "words",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>words",
        "<a>&b;</a>",
        "<a>&#0;</a>",
        r#"<a b="1" b="2"/>"#,
        r#"<a b="<"/>"#,
        "<a:b/>",
        r#"<a b:c="1"/>"#,
        "<a:b:c/>",
        "<xmlns:a/>",
        "<1/>",
        "<a",
        "<",
    ] {
        assert!(
            matches!(read(body.as_bytes(), Bounds::BODY), Err(Unreadable::Malformed(_))),
            "{body:?} gives {:?}",
            read(body.as_bytes(), Bounds::BODY)
        );
    }
    assert_eq!(read(b"<a>\xff</a>", Bounds::BODY), Err(Unreadable::NotUtf8));
    assert_eq!(
        read(br#"<?xml version="1.0" encoding="utf-16"?><a/>"#, Bounds::BODY),
        Err(Unreadable::NotUtf8)
    );
}

#[test]
fn what_is_printed_is_read_again_and_has_no_line_breaks() {
    let body = "<a b='x&#10;y &lt;&quot;'>one\r\n&amp;<c/>two<![CDATA[<d>]]><!-- no --></a>";
    let element = read(body.as_bytes(), Bounds::BODY).unwrap();
    let mut out = String::new();
    element.print(&mut out);
    assert_eq!(out, r#"<a b="x&#10;y &lt;&quot;">one&#10;&amp;<c/>two&lt;d&gt;</a>"#);
    assert_eq!(read(out.as_bytes(), Bounds::BODY), Ok(element));
}

#[test]
fn somebody_without_anything_is_told_what_was_recorded() {
    let asked = concat!(
        r#"<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self"><roaming type="categories"/>"#,
        r#"<roaming type="containers"/><roaming type="subscribers"/></roamingList>"#
    );
    assert_eq!(Parts::read(asked.as_bytes()), Ok(Parts::ALL));
    let containers = Containers::default();
    let told =
        Told { categories: Some(Categories::default()), containers: Some(&containers), subscribers: true };
    assert_eq!(roaming::print(&bob(), &told), NOTHING_OWN);
}

#[test]
fn a_category_that_is_gone_is_named_without_a_container() {
    let gone = Categories { entries: Vec::new(), gone: BTreeSet::from(["note"]) };
    let told = roaming::print(&bob(), &Told { categories: Some(gone), ..Told::default() });
    assert!(told.contains(r#"uri="sip:bob@example.com"><category name="note"/></categories></roamingData>"#));
}

#[test]
fn containers_are_changed_under_their_version_and_kept() {
    let changes = containers::read(CONTAINERS.as_bytes()).unwrap();
    let mut own = Containers::default();
    own.change(&changes).unwrap();
    let mut told = String::new();
    own.print(&mut told);
    assert_eq!(
        told,
        concat!(
            r#"<container id="100" version="1"><member type="federated"/></container>"#,
            r#"<container id="200" version="1"><member type="sameEnterprise"/></container>"#
        )
    );
    assert_eq!(Containers::from_bytes(&own.to_bytes()), own);
    let stale = vec![Stale { index: 1, version: 0, current: 1 }, Stale { index: 2, version: 0, current: 1 }];
    assert_eq!(own.change(&changes), Err(containers::Unchanged::Stale(stale)));
}

#[test]
fn the_most_exact_member_says_what_a_watcher_sees() {
    let mut own = Containers::default();
    let body = r#"<setContainerMembers><container id="200" version="0"><member action="add" type="sameEnterprise"/></container><container id="32000" version="0"><member action="add" type="user" value="Alice@Example.com"/></container><container id="2" version="0"><member action="add" type="everyone"/></container></setContainerMembers>"#;
    own.change(&containers::read(body.as_bytes()).unwrap()).unwrap();
    assert_eq!(own.level(&alice(), "example.com"), Some(containers::BLOCKED));
    assert_eq!(own.level(&bob(), "example.com"), Some(200));
    assert_eq!(own.level(&Address::parse("sip:eve@elsewhere.org").unwrap(), "example.com"), None);
}

#[test]
fn too_many_or_too_long_members_change_nothing() {
    let member = |at| format!(r#"<member action="add" type="domain" value="d{at}.org"/>"#);
    let members: String = (0..=CONTAINER_MEMBERS_MAX).map(member).collect();
    let body =
        format!(r#"<setContainerMembers><container id="200">{members}</container></setContainerMembers>"#);
    let mut own = Containers::default();
    let long = |at| format!(r#"<member action="add" type="user" value='{at}{}'/>"#, "\"".repeat(250));
    let long: String = (0..CONTAINER_MEMBERS_MAX).map(long).collect();
    let long =
        format!(r#"<setContainerMembers><container id="200">{long}</container></setContainerMembers>"#);
    for body in [body, long] {
        let changes = containers::read(body.as_bytes()).unwrap();
        assert_eq!(own.change(&changes), Err(containers::Unchanged::Full));
        assert!(own.is_empty());
    }
}

#[test]
fn a_conflict_names_the_present_versions() {
    let body = stale::print(&[Stale { index: 2, version: 1, current: 4 }]);
    assert_eq!(
        body,
        concat!(
            "<Fault><Faultcode>Client.BadCall.WrongDelta</Faultcode><details>",
            r#"<operation index="2" version="1" curVersion="4"/></details></Fault>"#
        )
    );
}

#[test]
fn a_new_contact_list_is_the_recorded_one() {
    assert_eq!(ContactList::default().print(), NO_CONTACTS);
    assert_eq!(ContactList::from_bytes(NO_CONTACTS.as_bytes()), Ok(ContactList::default()));
}

#[test]
fn contacts_are_set_told_and_deleted() {
    let empty = ContactList::default();
    let mut list = empty.clone();
    let group = list.change(change_of(
        "<m:addGroup><m:name>Team</m:name><m:externalURI /><m:deltaNum>1</m:deltaNum></m:addGroup>",
    ));
    assert_eq!(group, Ok(Changed { delta: 2, group: Some(2) }));
    let set = "<m:setContact><m:displayName>Al &amp; Ice</m:displayName><m:groups>2 9</m:groups><m:subscribed>true</m:subscribed><m:URI>sip:Alice@example.com</m:URI><m:externalURI /><m:deltaNum>2</m:deltaNum></m:setContact>";
    list.change(change_of(set)).unwrap();
    assert_eq!(
        list.print_since(&empty).unwrap(),
        concat!(
            r#"<contactDelta xmlns="http://schemas.microsoft.com/2006/09/sip/contacts" deltaNum="3" prevDeltaNum="1">"#,
            r#"<addedGroup id="2" name="Team" externalURI=""/>"#,
            r#"<addedContact uri="sip:alice@example.com" name="Al &amp; Ice" groups="2" subscribed="true" externalURI=""/>"#,
            "</contactDelta>"
        )
    );
    assert_eq!(ContactList::from_bytes(list.print().as_bytes()), Ok(list.clone()));
    let before = list.clone();
    list.change(change_of("<m:deleteGroup><m:groupID>2</m:groupID></m:deleteGroup>")).unwrap();
    list.change(change_of("<m:deleteContact><m:URI>alice@example.com</m:URI></m:deleteContact>")).unwrap();
    let told = list.print_since(&before).unwrap();
    assert!(
        told.contains(r#"<deletedContact uri="sip:alice@example.com"/><deletedGroup id="2"/>"#),
        "{told}"
    );
    assert_eq!(list.print_since(&list), None);
}

#[test]
fn the_first_group_stays_and_groups_have_a_limit() {
    let mut list = ContactList::default();
    let fixed = Change::ModifyGroup { id: 1, name: "Mine".to_owned() };
    assert_eq!(list.change(fixed), Err(contacts::Unchanged::Fixed));
    let unknown = Change::ModifyGroup { id: 5, name: "Mine".to_owned() };
    assert_eq!(list.change(unknown), Err(contacts::Unchanged::NoSuchGroup));
    for at in 1..CONTACT_GROUPS_MAX {
        list.change(Change::AddGroup { name: format!("g{at}") }).unwrap();
    }
    let more = Change::AddGroup { name: "one more".to_owned() };
    assert_eq!(list.change(more), Err(contacts::Unchanged::Full));
    let contact = Contact {
        address: "alice@example.com".to_owned(),
        name: String::new(),
        groups: vec![4_000],
        subscribed: true,
    };
    list.change(Change::SetContact(contact)).unwrap();
    assert!(list.print().contains(r#"groups="1""#));
}

#[test]
fn other_operations_are_unknown_and_nonsense_is_refused() {
    let search = soap("<m:directorySearch><m:maxResults>100</m:maxResults></m:directorySearch>");
    assert_eq!(soap::read(&search), Ok(Operation::Other));
    for operation in [
        "<m:setContact><m:URI>nobody</m:URI></m:setContact>",
        "<m:deleteGroup/>",
        "<m:addGroup><m:name> </m:name></m:addGroup>",
    ] {
        assert!(matches!(soap::read(&soap(operation)), Err(Unreadable::Wrong(_))), "{operation}");
    }
    assert!(matches!(soap::read(b"<Envelope/>"), Err(Unreadable::Wrong(_))));
}

#[test]
fn the_answer_to_a_new_group_names_it() {
    let answer = soap::print("addGroup", Changed { delta: 2, group: Some(5) });
    let answer = read(answer.as_bytes(), Bounds::BODY).unwrap();
    let operation = answer.child("Body").and_then(|body| body.child("addGroup")).unwrap();
    assert_eq!(operation.child("groupID").unwrap().text(), "5");
    assert_eq!(operation.child("deltaNum").unwrap().text(), "2");
}

#[test]
fn a_batch_names_whom_to_show() {
    let body = concat!(
        r#"<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:bob@example.com" name="">"#,
        "\n",
        r#"<action name="subscribe" id="63792024"><adhocList>"#,
        "\n",
        r#"<resource uri="sip:alice@example.com"><context/></resource><resource uri="tel:+1"/>"#,
        "\n</adhocList>\n",
        r#"<categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/categorylist"><category name="state"/>"#,
        "</categoryList></action></batchSub>"
    );
    let batch = batch::read(body.as_bytes()).unwrap();
    assert_eq!(batch.subscribe, BTreeSet::from([alice()]));
    let resources: String =
        (0..=WATCHED_MAX).map(|at| format!(r#"<resource uri="sip:a{at}@b.org"/>"#)).collect();
    let body = format!(
        r#"<batchSub><action name="subscribe"><adhocList>{resources}</adhocList></action></batchSub>"#
    );
    assert_eq!(batch::read(body.as_bytes()), Err(Unreadable::TooMany));
}

#[test]
fn presence_shows_state_name_and_what_is_meant_for_others() {
    let presence = Presence {
        address: bob(),
        availability: 6500,
        name: Some("Bob <B>".to_owned()),
        entries: vec![entry("note", 200, "<note/>")],
    };
    let (media_type, text) = presence.print(Format::Categories, Time::from_unix_micros(0));
    assert_eq!(media_type, "application/msrtc-event-categories+xml");
    let root = read(text.as_bytes(), Bounds::BODY).unwrap();
    assert_eq!(root.attribute("uri"), Some("sip:bob@example.com"));
    let names: Vec<_> = root.named("category").map(|category| category.attribute("name")).collect();
    assert_eq!(names, [Some("state"), Some("contactCard"), Some("note")]);
    let state = root.child("category").and_then(|category| category.child("state")).unwrap();
    assert_eq!(
        (state.child("availability").unwrap().text(), state.prefixed("type")),
        ("6500".to_owned(), Some("aggregateState"))
    );
    assert!(text.contains("<displayName>Bob &lt;B&gt;</displayName>"));
    let (_, pidf) = presence.print(Format::Pidf, Time::from_unix_micros(0));
    assert!(pidf.contains("<basic>open</basic>"), "{pidf}");
    let (_, pidf) = Presence::offline(bob()).print(Format::Pidf, Time::from_unix_micros(0));
    assert!(pidf.contains("<basic>closed</basic>"), "{pidf}");
}

#[test]
fn several_people_stand_in_parts_of_their_own() {
    let boundary = SEVERAL.rsplit_once("boundary=").unwrap().1;
    let note = entry("note", 200, &format!("<note>&#10;--{boundary}--</note>"));
    let bobs = Presence { address: bob(), availability: 3500, name: None, entries: vec![note] };
    let text = print_several(&alice(), &[bobs, Presence::offline(alice())], Time::from_unix_micros(0));
    let parts: Vec<&str> = text.split(&format!("\r\n--{boundary}")).collect();
    let [preamble, list, first, second, end] = &parts[..] else { panic!("{} parts", parts.len()) };
    assert_eq!((*preamble, *end), ("", "--\r\n"));
    let bodies = [list, first, second].map(|part| part.split_once("\r\n\r\n").unwrap().1);
    for body in bodies {
        assert!(read(body.as_bytes(), Bounds::BODY).is_ok(), "{body}");
    }
    assert!(first.contains("Content-ID: bob@example.com\r\n"));
    assert!(bodies[0].contains(r#"<instance id="0" state="active" cid="bob@example.com"/>"#));
}
