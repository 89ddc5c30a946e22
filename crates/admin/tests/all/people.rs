//! Stories of people: who may be what, what is kept of a password, and what never is.

use admin::{
    Asker, ListChange, Operation, Request, RoomFields, RoomGet, RoomSet, Rows, UserDisable, UserEnable,
    UserGet, UserList, UserRemove, UserSet,
};
use chat::{Actor, Draft, Entry, JournalKey, PoolEntry, Text, Under};
use store::{NewPost, PostOutcome, Window};

use crate::house::{House, PASSWORD, conflict, invalid, members, new_user, not_found, root, set_user, user};

#[tokio::test]
async fn alice_is_made_listed_renamed_disabled_enabled_and_removed() {
    let house = House::found();
    let alice = user(house.must(new_user("sip:Alice@Example.com", Some(PASSWORD), false)).await);
    assert_eq!(alice.address, "sip:alice@example.com");
    assert!(alice.enabled && alice.has_password && !alice.legacy_sign_on);
    let renamed = Operation::UserSet(UserSet {
        user: alice.address.clone(),
        display_name: Some("Alice Martin".into()),
        ..UserSet::default()
    });
    assert_eq!(user(house.must(renamed).await).display_name, "Alice Martin");
    let disabled = house.must(Operation::UserDisable(UserDisable { user: alice.address.clone() })).await;
    assert!(!user(disabled).enabled);
    let enabled = house.must(Operation::UserEnable(UserEnable { user: alice.address.clone() })).await;
    assert!(user(enabled).enabled);
    house.must(Operation::UserRemove(UserRemove { user: alice.address.clone() })).await;
    assert_eq!(house.must(Operation::UserList(UserList::default())).await.rows, Rows::Users(Vec::new()));
    not_found(house.run(Operation::UserGet(UserGet { user: alice.address })).await);
}

#[tokio::test]
async fn an_address_that_is_taken_is_a_conflict() {
    let house = House::found();
    house.person("sip:alice@example.com").await;
    let message = conflict(house.run(new_user("sip:ALICE@example.com", None, false)).await);
    assert!(message.contains("exists already"), "{message}");
}

#[tokio::test]
async fn somebody_without_a_password_is_told_how_to_get_one() {
    let house = House::found();
    let outcome = house.must(new_user("sip:alice@example.com", None, false)).await;
    assert!(outcome.warnings[0].contains("causerie user set sip:alice@example.com --password-stdin"));
}

#[tokio::test]
async fn a_password_change_writes_both_hashes() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), true)).await;
    let before = house.credentials("sip:alice@example.com").await;
    house.must(set_user("sip:alice@example.com", Some("another horse 7"), None)).await;
    let after = house.credentials("sip:alice@example.com").await;
    assert!(after.argon2.is_some() && after.argon2 != before.argon2, "the argon2id hash is another one");
    assert!(after.nt.is_some() && after.nt != before.nt, "the legacy hash is another one");
    house.must(new_user("sip:bob@example.com", Some("another horse 7"), true)).await;
    let alice = house.directory.legacy("alice", "EXAMPLE").await.expect("a read");
    let bob = house.directory.legacy("bob", "EXAMPLE").await.expect("a read");
    assert_eq!(alice.hash.as_bytes(), bob.hash.as_bytes(), "it is the hash of the new password");
}

#[tokio::test]
async fn a_refused_password_change_writes_neither_hash() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), true)).await;
    let before = house.credentials("sip:alice@example.com").await;
    for bad in ["short", "pässword with umlaut", "a line\nbreak inside"] {
        invalid(house.run(set_user("sip:alice@example.com", Some(bad), None)).await);
    }
    let after = house.credentials("sip:alice@example.com").await;
    assert_eq!((after.argon2, after.nt), (before.argon2, before.nt));
}

#[tokio::test]
async fn switching_legacy_sign_on_off_erases_its_hash_and_on_again_needs_the_password() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), true)).await;
    let off = user(house.must(set_user("sip:alice@example.com", None, Some(false))).await);
    assert!(off.has_password && !off.legacy_sign_on);
    assert_eq!(house.credentials("sip:alice@example.com").await.nt, None);
    let message = invalid(house.run(set_user("sip:alice@example.com", None, Some(true))).await);
    assert!(message.contains("--legacy-sign-on --password-stdin"), "{message}");
    let on = user(house.must(set_user("sip:alice@example.com", Some(PASSWORD), Some(true))).await);
    assert!(on.legacy_sign_on);
}

#[tokio::test]
async fn two_changes_of_credentials_at_once_do_not_undo_each_other() {
    let house = House::found();
    let alice = "sip:alice@example.com";
    house.must(new_user(alice, Some(PASSWORD), true)).await;
    let before = house.credentials(alice).await;
    // Both read what is kept; the first hashes for a while, so the second is written meanwhile.
    let (password, off) = tokio::join!(
        house.run(set_user(alice, Some("another horse 7"), None)),
        house.run(set_user(alice, None, Some(false)))
    );
    let after = house.credentials(alice).await;
    assert!(password.is_ok() && off.is_ok(), "{password:?} {off:?}");
    assert!(after.nt.is_none(), "a hash that was erased does not come back");
    assert_ne!(after.argon2, before.argon2, "an old password does not come back");
}

#[tokio::test]
async fn many_who_add_members_at_once_all_add_theirs() {
    let house = House::furnished().await;
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..12 {
        let address = format!("sip:person{number}@example.com");
        house.person(&address).await;
        let members = ListChange { add: vec![address], ..ListChange::default() };
        let fields = RoomFields { members, ..RoomFields::default() };
        let set = Operation::RoomSet(RoomSet { room: "Engineering".into(), fields, ..RoomSet::default() });
        let desk = house.desk.clone();
        asking.spawn(async move { desk.run(root(), Request::of(set)).await });
    }
    while let Some(done) = asking.join_next().await {
        done.expect("nobody panics").expect("everybody adds somebody");
    }
    let get = Operation::RoomGet(RoomGet { room: "Engineering".into() });
    let Rows::Rooms(rooms) = house.must(get).await.rows else { panic!("a room") };
    assert_eq!(rooms[0].members.len(), 12);
}

#[tokio::test]
async fn an_address_of_the_server_is_nobodys() {
    let house = House::furnished().await;
    let message = invalid(house.run(new_user("sip:ocschat@example.com", Some(PASSWORD), false)).await);
    assert!(message.contains("the chat server itself"), "{message}");
    house.must(new_user("sip:ocschat@other.example", Some(PASSWORD), false)).await;
}

#[tokio::test]
async fn any_characters_serve_where_legacy_sign_on_is_off() {
    let house = House::found();
    let alice = user(house.must(new_user("sip:alice@example.com", Some("пароль длинный"), false)).await);
    assert!(alice.has_password);
    let message =
        invalid(house.run(set_user("sip:alice@example.com", Some("пароль другой"), Some(true))).await);
    assert!(message.contains("printable ASCII"), "{message}");
}

#[tokio::test]
async fn no_password_stands_in_the_journal_or_in_what_is_shown() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), true)).await;
    let set = set_user("sip:alice@example.com", Some("another horse 7"), None);
    assert!(!format!("{set:?}").contains("another"), "debugging shows no password");
    let outcome = house.must(set).await;
    let told = house.told().await;
    assert!(
        told.contains("user-new") && told.contains("sip:alice@example.com"),
        "operations are told: {told}"
    );
    for secret in [PASSWORD, "another horse 7", "argon2id"] {
        assert!(!told.contains(secret), "'{secret}' stands in the journal");
        assert!(!format!("{outcome:?}").contains(secret), "'{secret}' is shown");
    }
}

#[tokio::test]
async fn the_journal_names_who_did_it() {
    let house = House::found();
    house
        .desk
        .run(
            Asker::new(Actor::Shell(1234), "socket"),
            Request::of(new_user("sip:alice@example.com", None, false)),
        )
        .await
        .expect("Alice is made");
    let entries = house.store.entries(JournalKey::Pool, 0, 10).await.expect("a read");
    let by: Vec<Actor> = entries
        .iter()
        .filter_map(|entry| match &entry.header.entry {
            Entry::Pool(PoolEntry::Administered { by, .. }) => Some(*by),
            _ => None,
        })
        .collect();
    assert_eq!(by, [Actor::Shell(1234)]);
}

#[tokio::test]
async fn whoever_gets_a_removed_address_is_somebody_else() {
    let house = House::furnished().await;
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    let first = user(house.must(Operation::UserGet(UserGet { user: "sip:alice@example.com".into() })).await);
    let first_id = house.id("sip:alice@example.com").await;
    let room = house.store.rooms().await.expect("a read").remove(0);
    let category = house.store.categories().await.expect("a read").remove(0);
    let person = house.store.person(first_id).await.expect("a read").expect("Alice exists");
    let post = NewPost {
        room: room.id,
        author: first_id,
        under: Under { room_rules: room.rules, category_rules: category.rules, standing: person.standing },
        client_id: None,
        draft: Draft { text: Text::parse("I was here").expect("a text"), rtf: None, alert: false },
        kept: true,
        story: false,
        mentions: Vec::new(),
    };
    assert!(matches!(house.store.post(post).await.expect("a post"), PostOutcome::Recorded(_)));
    house.must(Operation::UserRemove(UserRemove { user: "sip:alice@example.com".into() })).await;
    let second = house.person("sip:alice@example.com").await;
    assert_ne!(first.guid, second.guid);
    assert!(
        house.room_now("Engineering").await.members.is_empty(),
        "the new Alice has none of the old rights"
    );
    let history = house.store.history(room.id, Window::Last(10)).await.expect("a read").posts;
    assert_eq!(history.iter().map(|post| post.author).collect::<Vec<_>>(), [first_id]);
    assert_ne!(house.id("sip:alice@example.com").await, first_id);
}

// Principals and scopes
