//! Stories of followed rooms: one list, whoever writes it, and nothing of a client's document is lost.

use chat::{Actor, Domain, NodeName, PersonId, Time};
use directory::{
    FOLLOWED_MAX, FollowOutcome, Followed, Publication, PublicationName, PutOutcome, ROOM_SETTING,
    RoomSetting,
};
use store::{Order, RowChange};
use uuid::Uuid;

use crate::House;

const FLOOR: Uuid = Uuid::from_u128(0x094f_5a4a_c492_4f6b_91c2_385e_ba13_4fd3);

fn home() -> Domain {
    Domain::parse("example.com").expect("a domain")
}

fn named(name: &str) -> NodeName {
    NodeName::parse(name).expect("a name")
}

/// A document as a chat client writes it: a wrapper, a list of properties, some of which nobody else knows.
fn clients(url: &str, name: &str) -> String {
    format!(
        "<roomSetting xmlns:x=\"urn:x\"><propertyList xmlns=\"http://schemas.microsoft.com/2010/12/sip/propertyList\">\
         <property name=\"notify\" type=\"object\"><value><sound x:loud=\"1\">ping &amp; pong</sound></value></property>\
         <property name=\"url\" type=\"string\"><value>{url}</value></property>\
         <property name=\"name\" type=\"string\"><value>{name}</value></property>\
         <property name=\"order\" type=\"numeric\"><value>7</value></property>\
         </propertyList><x:more/></roomSetting>"
    )
}

async fn publish(house: &House, person: PersonId, instance: u32, document: &str) -> PublicationName {
    let name = PublicationName::new(ROOM_SETTING, 1, instance).expect("a good name");
    let content = Publication::dated(Time::parse_iso("2026-01-02T03:04:05Z").expect("a time"), document);
    let put = house.directory.publish(person, &name, Some(0), Some(content)).await.expect("decided");
    assert_eq!(put, PutOutcome::Stored(1));
    name
}

async fn names(house: &House, person: PersonId) -> Vec<(Uuid, Option<String>)> {
    let followed = house.directory.followed(person).await.expect("the store is there");
    followed.into_iter().map(|followed| (followed.room, followed.name)).collect()
}

#[test]
fn a_clients_document_tells_its_room_and_keeps_everything_else() {
    let text = clients("ma-chan://example.com/094f5a4a-c492-4f6b-91c2-385eba134fd3", "Trading &amp; floor");
    let read = RoomSetting::read(&text, &home()).expect("it names a room");
    assert_eq!((read.room(), read.name(), read.as_str()), (FLOOR, Some("Trading & floor"), &*text));

    let renamed = read.renamed(&named("Floor <1>"));
    assert_eq!(renamed.as_str(), text.replace("Trading &amp; floor", "Floor &lt;1&gt;"));
    assert_eq!(RoomSetting::read(renamed.as_str(), &home()), Some(renamed), "it reads as what it says");
}

#[test]
fn what_we_write_is_what_a_client_would_write() {
    let made = RoomSetting::new(&home(), FLOOR, &named("Trading & floor"));
    assert_eq!(
        made.as_str(),
        "<roomSetting><propertyList xmlns=\"http://schemas.microsoft.com/2010/12/sip/propertyList\">\
         <property name=\"url\" type=\"string\">\
         <value>ma-chan://example.com/094f5a4a-c492-4f6b-91c2-385eba134fd3</value></property>\
         <property name=\"name\" type=\"string\"><value>Trading &amp; floor</value></property>\
         </propertyList></roomSetting>"
    );
    assert_eq!(RoomSetting::read(made.as_str(), &home()), Some(made));
}

#[test]
fn what_names_no_room_of_ours_is_nobodys_followed_room() {
    let guid = "094f5a4a-c492-4f6b-91c2-385eba134fd3";
    let good = format!("ma-chan://example.com/{guid}");
    let read = |text: &str| RoomSetting::read(text, &home()).is_some();
    assert!(read(&clients(&good, "")));
    assert!(read(&clients(&good.to_ascii_uppercase(), "")), "in any case");
    assert!(
        read(
            &clients(&good, "")
                .replace("roomSetting", "p:roomSetting")
                .replace("<property ", "<q:property ")
                .replace("</property>", "</q:property>")
        ),
        "with prefixes"
    );
    let without_name =
        format!("<roomSetting><property name=\"url\"><value>{good}</value></property></roomSetting>");
    let nameless = RoomSetting::read(&without_name, &home()).expect("a name need not be");
    assert_eq!((nameless.name(), nameless.renamed(&named("Floor")).as_str()), (None, &*without_name));

    for text in [
        String::new(),
        "no XML".into(),
        clients(&format!("ma-chan://other.example/{guid}"), ""),
        clients(&format!("ma-cat://example.com/{guid}"), ""),
        clients("ma-chan://example.com/lobby", ""),
        clients("", ""),
        clients(&good, "").replace("roomSetting", "note"),
        clients(&good, "").replace("</propertyList>", ""),
        clients(&good, "&unknown;"),
        format!("<!DOCTYPE a>{}", clients(&good, "")),
        clients(&good, &"x".repeat(20_000)),
        format!("<roomSetting><property name=\"url\">{good}</property></roomSetting>"),
    ] {
        assert!(!read(&text), "{text}");
    }
}

#[tokio::test]
async fn clients_and_we_share_one_list() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    let by_client = clients(&format!("ma-chan://example.com/{FLOOR}"), "Trading floor");
    let published = publish(&house, alice, 1_873_520_114, &by_client).await;
    publish(&house, alice, 5, &clients("ma-chan://example.com/nothing", "Nothing")).await;
    let lobby = Uuid::from_u128(0xffff_ffff_0000_0000_0000_0000_0000_0001);
    let follow = async |room, name: &str| {
        house.directory.follow(alice, room, &named(name)).await.expect("the store is there")
    };
    assert_eq!(follow(lobby, "Lobby").await, FollowOutcome::Followed);
    assert_eq!(follow(lobby, "Lobby").await, FollowOutcome::Already);
    assert_eq!(follow(FLOOR, "Trading floor").await, FollowOutcome::Already, "a client did it before");
    let row = |room, name: &str| (room, Some(name.to_owned()));
    assert_eq!(names(&house, alice).await, [row(lobby, "Lobby"), row(FLOOR, "Trading floor")]);

    let ours = house.directory.publications(alice).await.expect("the store is there");
    let ours = ours.iter().find(|one| one.name.instance == 0x7fff_ffff).expect("a number clients can keep");
    assert_eq!((ours.name.container, ours.version), (1, 1));
    let (_, document) = ours.document().expect("it is dated");
    assert_eq!(document, RoomSetting::new(&home(), lobby, &named("Lobby")).as_str());

    assert_eq!(follow(FLOOR, "Great floor").await, FollowOutcome::Followed, "it was renamed");
    let all = house.directory.publications(alice).await.expect("the store is there");
    let now = all.iter().find(|one| one.name == published).expect("it is the same publication");
    let (_, document) = now.document().expect("it is dated");
    assert_eq!((now.version, document), (2, &*by_client.replace("Trading floor", "Great floor")));

    for (was, followed) in [(true, vec![row(lobby, "Lobby")]), (false, vec![row(lobby, "Lobby")])] {
        let unfollowed = house.directory.unfollow(alice, FLOOR).await.expect("the store is there");
        assert_eq!((unfollowed, names(&house, alice).await), (was, followed));
    }
    let left = house.directory.publications(alice).await.expect("the store is there");
    assert_eq!(left.len(), 2, "a document that names no room of ours is left alone");
}

#[tokio::test]
async fn a_room_published_twice_is_followed_once_and_left_at_once() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    let document = clients(&format!("ma-chan://example.com/{FLOOR}"), "Floor");
    publish(&house, alice, 1, &document).await;
    publish(&house, alice, 2, &document).await;
    assert_eq!(names(&house, alice).await.len(), 1);
    let time = Time::parse_iso("2026-01-02T03:04:05Z").expect("a time");
    let followed = house.directory.followed(alice).await.expect("the store is there");
    assert_eq!(followed, [Followed { room: FLOOR, name: Some("Floor".into()), time }]);
    assert!(house.directory.unfollow(alice, FLOOR).await.expect("the store is there"));
    assert!(names(&house, alice).await.is_empty());
}

#[tokio::test]
async fn rooms_whose_guids_begin_alike_do_not_take_each_others_place() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    let rooms = [1, 2, 3].map(|n| Uuid::from_u128((0x7fff_ffff << 96) + n));
    for room in rooms {
        let done = house.directory.follow(alice, room, &named("Room")).await.expect("the store is there");
        assert_eq!(done, FollowOutcome::Followed);
    }
    assert_eq!(names(&house, alice).await.len(), 3);
}

#[tokio::test]
async fn more_rooms_than_a_client_joins_at_once_are_not_followed() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    for n in 0..FOLLOWED_MAX {
        let room = Uuid::from_u128(u128::try_from(n).expect("a small number") << 96);
        let document = RoomSetting::new(&home(), room, &named("Room"));
        publish(&house, alice, u32::try_from(n).expect("a small number"), document.as_str()).await;
    }
    let refused = house.directory.follow(alice, FLOOR, &named("Floor")).await.expect("the store is there");
    assert_eq!(refused, FollowOutcome::TooMany { limit: FOLLOWED_MAX });
    let gone = RowChange::RemovePerson(alice);
    house.store.administer(Order::of(Actor::Server, "{}".into()), vec![gone]).await.expect("she leaves");
    let nobody = house.directory.follow(alice, FLOOR, &named("Floor")).await.expect("the store is there");
    assert_eq!(nobody, FollowOutcome::NoSuchPerson);
}
