//! Stories of what belongs to one person: invitations, preferences, and how far it has read.

use chat::Refusal;
use chat::limits::{PREFERENCE_BYTES_MAX, PREFERENCE_LABEL_CHARS_MAX, PREFERENCES_MAX};
use rooms::{Preference, Trouble};
use testkit::admin::{CategoryFields, RoomFields, RoomInvitations};

use crate::house::{Guest, House, add, all, remove, within};

async fn invited(guest: &Guest, after: u64) -> Vec<(u64, String)> {
    let found = within(guest.session.visitor().invitations(after)).await.expect("she may ask");
    found.into_iter().map(|invited| (invited.id, invited.card.name.to_string())).collect()
}

/// A house whose category lets rooms invite.
async fn inviting() -> House {
    let house = House::open().await;
    house.set_category(CategoryFields { invitations: Some(true), ..CategoryFields::default() }).await;
    house
}

fn row(id: u64, room: &str) -> (u64, String) {
    (id, room.to_owned())
}

#[tokio::test]
async fn members_are_invited_once_under_numbers_of_their_own() {
    let house = inviting().await;
    let (alice, carol) = (house.guest("alice").await, house.guest("carol").await);
    assert_eq!(invited(&alice, 0).await, [row(1, "Engineering"), row(2, "Board")]);
    assert_eq!(invited(&alice, 0).await, [row(1, "Engineering"), row(2, "Board")], "asked again");
    assert_eq!(invited(&alice, 1).await, [row(2, "Board")], "what she has not seen");
    assert!(invited(&carol, 0).await.is_empty(), "a manager is not invited");

    let members = RoomFields { members: add(&["alice", "carol"]), ..RoomFields::default() };
    house.new_room("Garden", members).await;
    assert_eq!(invited(&alice, 2).await, [row(3, "Garden")]);
    assert_eq!(invited(&carol, 0).await, [row(1, "Garden")], "each person counts for itself");
}

#[tokio::test]
async fn an_invitation_lasts_as_long_as_the_membership_and_keeps_its_number() {
    let house = inviting().await;
    let alice = house.guest("alice").await;
    assert_eq!(invited(&alice, 0).await.len(), 2);
    house.set_room("Engineering", RoomFields { members: remove(&["alice"]), ..RoomFields::default() }).await;
    assert_eq!(invited(&alice, 0).await, [row(2, "Board")]);
    house.set_room("Engineering", RoomFields { members: add(&["alice"]), ..RoomFields::default() }).await;
    assert_eq!(invited(&alice, 0).await, [row(1, "Engineering"), row(2, "Board")]);
    house.set_room("Board", RoomFields { disabled: Some(true), ..RoomFields::default() }).await;
    assert_eq!(invited(&alice, 0).await, [row(1, "Engineering")]);
}

#[tokio::test]
async fn nobody_is_invited_where_category_or_room_say_no() {
    let house = House::open().await;
    let alice = house.guest("alice").await;
    assert!(invited(&alice, 0).await.is_empty(), "the category says no");
    house.set_category(CategoryFields { invitations: Some(true), ..CategoryFields::default() }).await;
    house
        .set_room("Board", RoomFields { invitations: Some(RoomInvitations::False), ..RoomFields::default() })
        .await;
    assert_eq!(invited(&alice, 0).await, [row(1, "Engineering")], "Board says no");
    house.set_category(CategoryFields { denied_members: add(&["alice"]), ..CategoryFields::default() }).await;
    assert!(invited(&alice, 0).await.is_empty(), "she is out of scope");
}

#[tokio::test]
async fn a_preference_has_a_version_and_is_the_same_at_every_endpoint() {
    let house = House::open().await;
    let (desk, phone) = (house.guest("alice").await, house.guest("alice").await);
    let read = async |guest: &Guest, seen| within(guest.session.visitor().preference("groups", seen)).await;
    let kept = |version, content: Option<&str>| {
        Ok(Preference { version, content: content.map(|content| content.as_bytes().to_vec()) })
    };
    let put = async |guest: &Guest, content: &str| {
        within(guest.session.visitor().set_preference("groups", content.into())).await.expect("it is kept")
    };
    assert_eq!(read(&desk, None).await, kept(0, None), "nothing is there");
    assert_eq!(put(&desk, "work, friends").await, 1);
    assert_eq!(put(&phone, "friends").await, 2);
    assert_eq!(read(&desk, None).await, kept(2, Some("friends")));
    assert_eq!(read(&desk, Some(1)).await, kept(2, Some("friends")), "what was seen is old");
    assert_eq!(read(&desk, Some(2)).await, kept(2, None), "nothing new");
    assert_eq!(read(&house.guest("bob").await, None).await, kept(0, None), "Bob has his own");
}

#[tokio::test]
async fn a_label_is_one_line_of_1_to_255_characters() {
    let house = House::open().await;
    let alice = house.guest("alice").await;
    let bad = Trouble::Refused(Refusal::BadArgument("the label of a preference"));
    for label in ["", "two\nlines", &"é".repeat(PREFERENCE_LABEL_CHARS_MAX + 1)] {
        assert_eq!(alice.session.visitor().preference(label, None).await, Err(bad.clone()), "{label:?}");
        assert_eq!(
            alice.session.visitor().set_preference(label, vec![1]).await,
            Err(bad.clone()),
            "{label:?}"
        );
    }
    for label in ["x", "with blanks", &"é".repeat(PREFERENCE_LABEL_CHARS_MAX)] {
        assert_eq!(alice.session.visitor().set_preference(label, vec![1]).await, Ok(1), "{label:?}");
    }
}

#[tokio::test]
async fn preferences_are_limited_in_size_and_number() {
    let house = House::open().await;
    let alice = house.guest("alice").await;
    let put = async |label: &str, size: usize| {
        within(alice.session.visitor().set_preference(label, vec![7; size])).await
    };
    let limit = PREFERENCE_BYTES_MAX;
    let too_large = Refusal::TooMany { what: "octets of a preference", limit };
    assert_eq!(put("large", limit + 1).await, Err(Trouble::Refused(too_large)));
    assert_eq!(put("large", limit).await, Ok(1));
    let labels: Vec<String> = (1..PREFERENCES_MAX).map(|n| format!("label {n}")).collect();
    for kept in all(labels.iter().map(|label| put(label, 1))).await {
        assert_eq!(kept, Ok(1));
    }
    let too_many = Refusal::TooMany { what: "preferences", limit: PREFERENCES_MAX };
    assert_eq!(put("one more", 1).await, Err(Trouble::Refused(too_many)));
    assert_eq!(put("large", 1).await, Ok(2), "what is there may be replaced");
}

#[tokio::test]
async fn how_far_somebody_has_read_is_kept_and_never_goes_back() {
    let house = House::open().await;
    let (alice, bob) = (house.guest("alice").await, house.guest_in("bob", "Lobby").await);
    let phone = house.guest_in("bob", "Lobby").await;
    alice.join_all(&["Lobby", "Kitchen"]).await;
    for text in ["one", "two", "three"] {
        alice.say("Lobby", text).await;
    }
    alice.say("Kitchen", "coffee?").await;
    house.settle().await;
    let carol = house.guest("carol").await;
    assert_eq!(bob.session.take(3).await.len(), 3, "Alice came, one, two");
    assert_eq!(phone.session.take(2).await.len(), 2, "on his phone only: Alice came, one");
    carol.history("Lobby", Some(1)).await.expect("she may read");
    house.stop().await;

    let marks = async |name: &str| {
        let marks = house.store.reading(house.id(name).await, &[]).await.expect("a read");
        marks.into_iter().map(|mark| (mark.room, mark.read)).collect::<Vec<_>>()
    };
    let lobby = house.room("Lobby");
    assert_eq!(marks("bob").await, [(lobby, 2)], "as far as he has taken anywhere, not what waits");
    assert_eq!(marks("carol").await, [(lobby, 3)], "history counts, too");
    assert!(marks("alice").await.is_empty(), "she has taken nothing, not even her own words");
    assert_eq!(bob.waiting().await, ["Lobby 3 alice: three"]);
}
