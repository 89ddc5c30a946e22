//! Stories of people whom a directory brings, takes away and brings back while they are in rooms.

use chat::{Refusal, RoomId};
use testkit::admin::{DirectoryImport, GroupNew, GroupSet, ListChange, Operation, RoomFields};

use crate::house::House;

/// Dora and Emil, both in the group Pumps.
const EXPORT: &str = "\
dn: CN=Pumps,DC=example,DC=com
objectClass: group
entryUUID: 00000000-0000-4000-8000-000000000011
member: CN=Dora,DC=example,DC=com
member: CN=Emil,DC=example,DC=com

dn: CN=Emil,DC=example,DC=com
objectClass: user
entryUUID: 00000000-0000-4000-8000-000000000022
msRTCSIP-PrimaryUserAddress: sip:emil@example.com

dn: CN=Dora,DC=example,DC=com
objectClass: user
entryUUID: 00000000-0000-4000-8000-000000000021
msRTCSIP-PrimaryUserAddress: sip:dora@example.com
";

fn import(text: &str) -> Operation {
    Operation::DirectoryImport(DirectoryImport {
        ldif: Some(text.into()),
        yes: true,
        ..DirectoryImport::default()
    })
}

/// Principals put on a list, as they are written.
fn add(who: &str) -> ListChange {
    ListChange { add: vec![who.into()], ..ListChange::default() }
}

async fn put_out(house: &House, name: &str, room: RoomId) -> bool {
    let id = house.id(name).await;
    house.told().await.iter().any(|entry| match entry {
        chat::ServerEntry::Parted { person, rooms, .. } => {
            *person == id && rooms.iter().any(|stand| stand.room == room)
        }
        _ => false,
    })
}

#[tokio::test]
async fn whom_the_directory_does_not_know_any_more_is_out_at_once_and_in_again_when_it_does() {
    let house = House::open().await;
    house.must(import(EXPORT)).await;
    let pumps = RoomFields { members: add("CN=Pumps,DC=example,DC=com"), ..RoomFields::default() };
    house.set_room("Engineering", pumps).await;
    let alice = house.guest_in("alice", "Engineering").await;
    let (dora, emil) =
        (house.guest_in("dora", "Engineering").await, house.guest_in("emil", "Engineering").await);
    let idle = house.guest("dora").await;
    let id = house.id("dora").await;
    emil.heard().await;
    let without = EXPORT.split("dn: CN=Dora").next().expect("the rest");
    house.must(import(without)).await;
    assert_eq!(dora.heard().await.last().map(String::as_str), Some("ended: PersonGone"));
    assert_eq!(idle.heard().await, ["ended: PersonGone"], "wherever she is");
    assert_eq!(dora.try_say("Engineering", "hello?").await, Err(Refusal::NotFound.into()));
    assert_eq!(house.rooms.open(id).err(), Some(Refusal::NotAllowed));
    assert_eq!(emil.heard().await, ["dora leaves Engineering"], "of Emil nothing has changed");
    house.must(import(EXPORT)).await;
    assert_eq!(house.id("dora").await, id);
    let dora = house.guest_in("dora", "Engineering").await;
    dora.say("Engineering", "back").await;
    assert_eq!(emil.heard().await, ["dora comes to Engineering", "Engineering 1 dora: back"]);
    let heard = alice.heard().await;
    assert_eq!(heard.last().map(String::as_str), Some("Engineering 1 dora: back"));
    assert!(put_out(&house, "dora", house.room("Engineering")).await);
}

#[tokio::test]
async fn whoever_leaves_a_group_is_out_of_the_rooms_it_opened_at_once() {
    let house = House::open().await;
    house.must(import(EXPORT)).await;
    let local = GroupNew { name: "Plant".into(), members: add("CN=Pumps,DC=example,DC=com") };
    house.must(Operation::GroupNew(local)).await;
    let plant = RoomFields { members: add("group:Plant"), ..RoomFields::default() };
    house.set_room("Engineering", plant).await;
    let (dora, emil) =
        (house.guest_in("dora", "Engineering").await, house.guest_in("emil", "Engineering").await);
    let without = EXPORT.replace("member: CN=Emil,DC=example,DC=com\n", "");
    house.must(import(&without)).await;
    assert_eq!(emil.try_say("Engineering", "hello?").await, Err(Refusal::NotAllowed.into()));
    assert!(emil.try_join("Engineering").await.is_err());
    dora.say("Engineering", "alone").await;
    let remove = vec!["CN=Pumps,DC=example,DC=com".into()];
    let members = ListChange { remove, ..ListChange::default() };
    house.must(Operation::GroupSet(GroupSet { group: "Plant".into(), name: None, members })).await;
    assert!(dora.try_say("Engineering", "hello?").await.is_err());
    let kept = house.said("Engineering").await;
    assert_eq!(kept.last().map(String::as_str), Some("1 dora: alone"));
}

#[tokio::test]
async fn whose_address_changes_stays_who_he_is() {
    let house = House::open().await;
    house.must(import(EXPORT)).await;
    let pumps = RoomFields { members: add("CN=Pumps,DC=example,DC=com"), ..RoomFields::default() };
    house.set_room("Engineering", pumps).await;
    let (dora, emil) = (house.id("dora").await, house.id("emil").await);
    let swapped =
        EXPORT.replace("sip:dora", "sip:x").replace("sip:emil", "sip:dora").replace("sip:x", "sip:emil");
    house.must(import(&swapped)).await;
    assert_eq!((house.id("dora").await, house.id("emil").await), (emil, dora));
    house.guest_in("dora", "Engineering").await.say("Engineering", "I was Emil").await;
    house.guest_in("emil", "Engineering").await.say("Engineering", "I was Dora").await;
}
