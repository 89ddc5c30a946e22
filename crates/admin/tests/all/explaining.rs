//! Stories of explanations: what somebody may and why, who put it so, and who else may. What the curious are not told is
//! `hiding.rs`, what a change would give and take `previewing.rs`.

use admin::{
    About, AdminError, Asker, CategoryFields, Explain, GroupSet, Operation, Outcome, Request, RightName,
    RoomFields, RoomPrivacy, RoomType, UserDisable, WhoCan,
};
use chat::{Actor, Description, Draft, PersonState, Right, Role, ScopeName, Text, Under};
use serde_json::{Value, json};
use store::{
    Act, Amend, AmendOutcome, Amendment, NewPost, Order, PolicyDraft, PostOutcome, RowChange, RowDone,
};

use crate::groups::{grant, new_group};
use crate::house::{House, ROOT, add, allowed, members, new_room, remove, root, set_room};

pub const ALICE: &str = "sip:alice@example.com";
pub const BOB: &str = "sip:bob@example.com";
pub const CAROL: &str = "sip:carol@example.com";
pub const DAVE: &str = "sip:dave@example.com";
pub const ERIN: &str = "sip:erin@example.com";
pub const FRANK: &str = "sip:frank@example.com";
pub const GRETA: &str = "sip:greta@example.com";
const MALLORY: &str = "sip:mallory@other.example";
const EVERYBODY: [&str; 8] = [ALICE, BOB, CAROL, DAVE, ERIN, FRANK, GRETA, MALLORY];

pub fn explain(person: &str, about: About, name: &str) -> Operation {
    Operation::Explain(Explain { person: person.into(), about, name: name.into(), right: None })
}

pub fn who_can(right: RightName, about: About, name: &str) -> WhoCan {
    WhoCan { right, about, name: name.into(), limit: None, cursor: None }
}

/// The right of an explanation, as JSON.
fn right(outcome: &Outcome, word: &str) -> Value {
    let rights = outcome.rows.values();
    rights.into_iter().find(|right| right["right"] == word).unwrap_or_else(|| panic!("{word} is not told"))
}

/// The fact of a right.
fn fact(outcome: &Outcome, word: &str, fact: &str) -> Value {
    let right = right(outcome, word);
    let found = right["facts"].as_array().expect("facts").iter().find(|one| one["fact"] == fact).cloned();
    found.unwrap_or_else(|| panic!("no {fact} in {right}"))
}

pub async fn as_person(house: &House, address: &str) -> Asker {
    Asker::new(Actor::Person(house.id(address).await), "192.0.2.7")
}

pub async fn asked_by(house: &House, address: &str, operation: Operation) -> Result<Outcome, AdminError> {
    house.desk.run(as_person(house, address).await, Request::of(operation)).await
}

pub async fn write(house: &House, change: RowChange) -> RowDone {
    let order = Order::of(ROOT, "{}".into());
    house.store.administer(order, vec![change]).await.expect("it is written").done.remove(0)
}

/// A room with settings of its own, in a category.
pub async fn room_in(house: &House, category: &str, name: &str, fields: RoomFields) {
    let Operation::RoomNew(mut room) = new_room(name, fields) else { unreachable!() };
    room.category = category.into();
    house.must(Operation::RoomNew(room)).await;
}

/// An office. In Trading (the domain but the Trainees, rooms by Greta) are FX, closed, of Alice and the group Staff in which
/// the group Desk is, of which Bob is; Carol manages it; and the secret Plans of Alice. Hall, an open auditorium, is in
/// General, which Mallory's domain is not in. Dave is in nothing, Erin disabled, Frank a trainee.
pub async fn office() -> House {
    office_of(House::found()).await
}

pub async fn office_of(house: House) -> House {
    for address in EVERYBODY {
        house.person(address).await;
    }
    house.must(new_group("Desk", &[BOB])).await;
    house.must(new_group("Staff", &["group:Desk", ERIN])).await;
    house.must(new_group("Trainees", &[FRANK])).await;
    let trading = CategoryFields {
        denied_members: add(&["group:Trainees"]),
        creators: add(&[GRETA]),
        ..allowed(&["domain:example.com"])
    };
    house.category("Trading", trading).await;
    house.category("General", allowed(&["domain:example.com"])).await;
    let fx = RoomFields { managers: add(&[CAROL]), ..members(&[ALICE, "group:Staff"]) };
    room_in(&house, "Trading", "FX", fx).await;
    let plans = RoomFields { privacy: Some(RoomPrivacy::Secret), ..members(&[ALICE]) };
    room_in(&house, "Trading", "Plans", plans).await;
    let hall = RoomFields {
        privacy: Some(RoomPrivacy::Open),
        kind: Some(RoomType::Auditorium),
        presenters: add(&[GRETA]),
        ..RoomFields::default()
    };
    room_in(&house, "General", "Hall", hall).await;
    house.must(Operation::UserDisable(UserDisable { user: ERIN.into() })).await;
    house
}

#[tokio::test]
async fn what_is_explained_is_what_is_enforced_for_everybody_every_room_and_every_right() {
    let house = office().await;
    let (people, rooms) =
        (house.store.people().await.expect("a read"), house.store.rooms().await.expect("a read"));
    for room in &rooms {
        let home = house.store.category(room.category).await.expect("a read").expect("a category");
        for person in &people {
            let told = house.must(explain(person.address.as_str(), About::Room, room.name.as_str())).await;
            assert_eq!(told.rows.values().len(), Right::ALL.len());
            for one in Right::ALL {
                let told = right(&told, one.word());
                let enforced = room.allows(&home, person, one).is_ok();
                assert_eq!(told["allowed"], enforced, "{} {} {one:?}", person.address, room.name);
                assert!(!told["because"].as_array().expect("reasons").is_empty(), "{told}");
            }
        }
    }
}

#[tokio::test]
async fn each_reason_names_the_fact_behind_it() {
    let house = office().await;
    let told = async |who: &str, room: &str| house.must(explain(who, About::Room, room)).await;
    let alice = told(ALICE, "FX").await;
    assert_eq!(fact(&alice, "join", "in-scope")["by"], "domain:example.com");
    assert_eq!(fact(&alice, "join", "member")["by"], ALICE);
    let bob = told(BOB, "FX").await;
    assert_eq!(fact(&bob, "read", "member")["by"], "group:Staff");
    assert_eq!(fact(&bob, "read", "member")["path"], json!(["group:Desk", "group:Staff"]));
    let carol = told(CAROL, "FX").await;
    assert_eq!(fact(&carol, "manage", "manager")["by"], CAROL);
    assert_eq!(right(&carol, "manage")["allowed"], true);
    fact(&carol, "join", "not-member");
    let greta = told(GRETA, "Hall").await;
    assert_eq!(fact(&greta, "post", "presenter")["by"], GRETA);
    fact(&greta, "post", "open-room");
    fact(&told(ALICE, "Hall").await, "post", "not-presenter");
    let frank = told(FRANK, "FX").await;
    assert_eq!(fact(&frank, "see", "denied")["by"], "group:Trainees");
    fact(&told(MALLORY, "FX").await, "see", "out-of-scope");
    fact(&told(ERIN, "FX").await, "join", "person-not-enabled");
    fact(&told(DAVE, "Plans").await, "see", "hidden");
    fact(&told(DAVE, "FX").await, "files", "files-off");
    let off = PolicyDraft {
        scope: ScopeName::Tag("Temps".into()),
        enabled: false,
        description: Description::default(),
    };
    let RowDone::Policy(policy) = write(&house, RowChange::NewPolicy(off)).await else { panic!("a policy") };
    write(&house, RowChange::GrantPolicy(house.id(ALICE).await, Some(policy.id))).await;
    let alice = told(ALICE, "FX").await;
    fact(&alice, "join", "policy-off");
    let said = right(&alice, "join")["because"].to_string();
    assert!(said.contains("Temps"), "the policy is named: {said}");
    let only =
        Explain { right: Some(RightName::Read), person: BOB.into(), name: "FX".into(), about: About::Room };
    let only = house.must(Operation::Explain(only)).await.rows.values();
    assert_eq!((only.len(), &only[0]["right"]), (1, &json!("read")));
}

#[tokio::test]
async fn whoever_put_somebody_on_a_list_is_named_whatever_changed_since() {
    let house = office().await;
    let carol = house.id(CAROL).await;
    house.clock.advance_micros(3_600_000_000);
    asked_by(&house, CAROL, set_room("FX", members(&[DAVE]))).await.expect("she manages it");
    let at = chat::Time::parse_iso("2026-11-24T11:00:00Z").expect("a time").iso7();
    house.clock.advance_micros(3_600_000_000);
    let described = RoomFields { description: Some("Currencies".into()), ..RoomFields::default() };
    house.must(set_room("FX", described)).await;
    let alice = house.must(explain(ALICE, About::Room, "FX")).await;
    assert_eq!(fact(&alice, "join", "member")["grantedBy"], "uid 0");
    let dave = house.must(explain(DAVE, About::Room, "FX")).await;
    let member = fact(&dave, "join", "member");
    assert_eq!((&member["grantedBy"], &member["grantedAt"]), (&json!(CAROL), &json!(at)));
    let said = right(&dave, "join")["because"].to_string();
    assert!(said.contains(&format!("granted by {CAROL} at {at}")), "{said}");
    house.must(set_room("FX", RoomFields { members: remove(&[DAVE]), ..RoomFields::default() })).await;
    house.must(set_room("FX", members(&[DAVE]))).await;
    let dave = house.must(explain(DAVE, About::Room, "FX")).await;
    assert_eq!(fact(&dave, "join", "member")["grantedBy"], "uid 0", "it was put there anew");
    assert_eq!(fact(&dave, "join", "in-scope")["grantedBy"], "uid 0");
    assert_eq!(house.id(CAROL).await, carol);
}

#[tokio::test]
async fn roles_of_administration_are_explained_with_who_gave_them() {
    let house = office().await;
    grant(&house, house.id(DAVE).await, Role::ChatAdministrator).await;
    let told = house.must(explain(DAVE, About::Room, "Plans")).await;
    assert_eq!(right(&told, "remove")["allowed"], true);
    let role = fact(&told, "remove", "role");
    assert_eq!(role["grantedBy"], "uid 0");
    assert!(right(&told, "remove")["because"].to_string().contains("persistent-chat-administrator"));
    assert_eq!(right(&told, "read")["allowed"], false, "an administrator is no member");
    fact(&house.must(explain(CAROL, About::Room, "FX")).await, "remove", "needs-role");
}

#[tokio::test]
async fn of_a_category_it_is_told_whom_it_admits_and_who_creates() {
    let house = office().await;
    let told = async |who: &str| house.must(explain(who, About::Category, "Trading")).await;
    let greta = told(GRETA).await;
    assert_eq!(right(&greta, "create")["allowed"], true);
    assert_eq!(fact(&greta, "create", "creator")["by"], GRETA);
    let alice = told(ALICE).await;
    assert_eq!(
        (&right(&alice, "scope")["allowed"], &right(&alice, "create")["allowed"]),
        (&json!(true), &json!(false))
    );
    fact(&alice, "create", "not-creator");
    let frank = told(FRANK).await;
    assert_eq!(right(&frank, "scope")["allowed"], false);
    assert_eq!(fact(&frank, "scope", "denied")["by"], "group:Trainees");
    fact(&told(MALLORY).await, "scope", "out-of-scope");
}

/// Something is said in a room.
async fn say(house: &House, who: &str, room: &str, kept: bool) -> u32 {
    let author = house.store.person(house.id(who).await).await.expect("a read").expect("a person");
    let rooms = house.store.rooms().await.expect("a read");
    let room = rooms.iter().find(|one| one.name.as_str() == room).expect("a room");
    let home = house.store.category(room.category).await.expect("a read").expect("a category");
    let post = NewPost {
        room: room.id,
        author: author.id,
        under: Under { room_rules: room.rules, category_rules: home.rules, standing: author.standing },
        client_id: None,
        draft: Draft { text: Text::parse("a word").expect("a text"), rtf: None, alert: false },
        kept,
        story: false,
        mentions: Vec::new(),
    };
    assert!(matches!(house.store.post(post).await.expect("a post"), PostOutcome::Recorded(_)));
    house.store.head(chat::JournalKey::Room(room.id)).await.expect("a read").posts
}

#[tokio::test]
async fn of_a_post_it_is_told_what_became_of_it() {
    let house = office().await;
    let rooms = house.store.rooms().await.expect("a read");
    let fx = rooms.iter().find(|room| room.name.as_str() == "FX").expect("a room").id;
    let (kept, unkept, gone) = (
        say(&house, ALICE, "FX", true).await,
        say(&house, ALICE, "FX", false).await,
        say(&house, ALICE, "FX", true).await,
    );
    let act = Act::of(ROOT, "{}".into());
    let away = Amend { room: fx, posts: vec![gone], to: Amendment::Remove, act };
    assert!(matches!(house.store.amend(away).await.expect("a write"), AmendOutcome::Amended { .. }));
    for (number, read, said) in [
        (kept, true, "part of the history"),
        (unkept, false, "history was off"),
        (gone, false, "was removed"),
        (99, false, "no such post"),
    ] {
        let told = house.must(explain(BOB, About::Message, &format!("FX#{number}"))).await;
        let read_it = right(&told, "read");
        assert_eq!(read_it["allowed"], read, "{read_it}");
        assert!(read_it["because"].to_string().contains(said), "'{said}' in {read_it}");
        let dave = house.must(explain(DAVE, About::Message, &format!("FX#{number}"))).await;
        assert_eq!(right(&dave, "read")["allowed"], false, "he is no member");
        let own = asked_by(&house, DAVE, explain(DAVE, About::Message, &format!("FX#{number}"))).await;
        let own = serde_json::to_string(&own.expect("he sees the room")).expect("JSON");
        assert!(!own.contains("post "), "who may not read is not told of posts: {own}");
    }
    let refused = house.run(explain(BOB, About::Message, "FX")).await.expect_err("no number");
    assert!(refused.to_string().contains("ROOM#NUMBER"), "{refused}");
    let mine = asked_by(&house, BOB, explain(BOB, About::Message, &format!("FX#{gone}")))
        .await
        .expect("he reads there");
    assert!(right(&mine, "read")["because"].to_string().contains("was removed"));
}

#[tokio::test]
async fn whoever_manages_a_room_is_told_everything_about_it_and_nothing_of_others() {
    let house = office().await;
    let own = asked_by(&house, CAROL, explain(BOB, About::Room, "FX")).await.expect("it is hers");
    let all = house.must(explain(BOB, About::Room, "FX")).await;
    assert_eq!(own, all);
    let holders =
        asked_by(&house, CAROL, Operation::WhoCan(who_can(RightName::Join, About::Room, "FX"))).await;
    assert_eq!(holders.expect("it is hers").rows.values().len(), 2);
    for (person, about, name) in
        [(ALICE, About::Room, "Plans"), (ALICE, About::Room, "Hall"), (ALICE, About::Category, "Trading")]
    {
        let refused = asked_by(&house, CAROL, explain(person, about, name)).await;
        assert!(matches!(refused, Err(AdminError::NotFound(_))), "{name}: {refused:?}");
        let refused = asked_by(&house, CAROL, Operation::WhoCan(who_can(RightName::See, about, name))).await;
        assert!(matches!(refused, Err(AdminError::NotFound(_))), "{name}: {refused:?}");
    }
}

#[tokio::test]
async fn of_oneself_everybody_is_told_without_groups_and_grantors() {
    let house = office().await;
    for (who, about, name) in [
        (BOB, About::Room, "FX"),
        (BOB, About::Message, "FX#1"),
        (BOB, About::Category, "Trading"),
        (DAVE, About::Room, "FX"),
        (GRETA, About::Room, "Hall"),
    ] {
        let own = asked_by(&house, who, explain(who, about, name)).await.expect("it is about oneself");
        let all = house.must(explain(who, about, name)).await;
        let verdicts = |outcome: &Outcome| {
            let rows = outcome.rows.values().into_iter();
            rows.map(|row| (row["right"].clone(), row["allowed"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(verdicts(&own), verdicts(&all), "the verdicts are the same");
        let text = serde_json::to_string(&own).expect("JSON");
        for secret in ["group:", "Staff", "Desk", "domain:", "uid 0", "granted", "path", CAROL, "2026"] {
            assert!(!text.contains(secret), "'{secret}' in {text}");
        }
        assert!(serde_json::to_string(&all).expect("JSON").contains("granted"), "others are told");
    }
}

#[tokio::test]
async fn who_can_is_everybody_who_may_in_pages() {
    let house = office().await;
    grant(&house, house.id(DAVE).await, Role::ChatAdministrator).await;
    let people = house.store.people().await.expect("a read");
    let listed = |outcome: &Outcome| {
        let rows = outcome.rows.values();
        rows.iter().map(|row| row["address"].as_str().expect("an address").to_owned()).collect::<Vec<_>>()
    };
    for room in house.store.rooms().await.expect("a read") {
        let home = house.store.category(room.category).await.expect("a read").expect("a category");
        for one in Right::ALL {
            let word: RightName = serde_json::from_value(json!(one.word())).expect("it is the same word");
            let told = house.must(Operation::WhoCan(who_can(word, About::Room, room.name.as_str()))).await;
            let holds = |person: &&chat::Person| {
                person.state == PersonState::Enabled && room.allows(&home, person, one).is_ok()
            };
            let mut holders: Vec<String> =
                people.iter().filter(holds).map(|p| p.address.to_string()).collect();
            holders.sort();
            assert_eq!(listed(&told), holders, "{} {one:?}", room.name);
        }
    }
    let mut pages = Vec::new();
    let mut asked = WhoCan { limit: Some(3), ..who_can(RightName::Scope, About::Category, "General") };
    loop {
        let page = house.must(Operation::WhoCan(asked.clone())).await;
        assert!(page.rows.values().len() <= 3);
        pages.extend(listed(&page));
        asked.cursor = page.next;
        if asked.cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, [ALICE, BOB, CAROL, DAVE, FRANK, GRETA]);
    let create = house.must(Operation::WhoCan(who_can(RightName::Create, About::Category, "Trading"))).await;
    assert_eq!(listed(&create), [DAVE, GRETA]);
    for wrong in
        [who_can(RightName::Create, About::Room, "FX"), who_can(RightName::Read, About::Category, "Trading")]
    {
        assert_eq!(
            house.run(Operation::WhoCan(wrong)).await.expect_err("no such right").code(),
            "InvalidArgument"
        );
    }
}

#[tokio::test]
async fn whoever_is_not_there_and_what_is_not_there_is_said_to_administrators() {
    let house = office().await;
    for (person, about, name, said) in [
        ("sip:ghost@example.com", About::Room, "FX", "there is no room 'FX', or no such person"),
        (ALICE, About::Room, "Ghosts", "there is no room 'Ghosts'"),
        (ALICE, About::Category, "FX", "there is no category 'FX'"),
        (ALICE, About::Message, "Ghosts#1", "there is no post 'Ghosts#1'"),
    ] {
        let refused = house.run(explain(person, about, name)).await.expect_err("there is none");
        assert_eq!(refused.code(), "NoSuchNode");
        assert!(refused.to_string().contains(said), "{refused}");
    }
    let refused = house.run(explain("alice", About::Room, "FX")).await.expect_err("no address");
    assert_eq!((refused.code(), refused.field()), ("InvalidArgument", Some("person")));
    grant(&house, house.id(DAVE).await, Role::Reader).await;
    let told = asked_by(&house, DAVE, explain(BOB, About::Room, "Plans")).await.expect("a reader sees all");
    assert_eq!(told, house.must(explain(BOB, About::Room, "Plans")).await);
    let none = house.desk.run(root(), Request::of(Operation::GroupSet(GroupSet::default()))).await;
    assert_eq!(none.expect_err("no group").code(), "NoSuchNode");
}
