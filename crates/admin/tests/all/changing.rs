//! Stories of what is said to change: in a dry run, in the answer and in the journal the same, and never more than is.

use admin::{
    AdminError, Asker, CategoryFields, Changed, Operation, Request, RoomFields, RoomPrivacy, SPECS, Spec,
    UserDisable,
};
use chat::{Actor, Role, Roles};
use serde_json::{Value, json};

use crate::house::{
    House, PASSWORD, add, members, new_category, new_room, new_user, remove, set_category, set_room, set_user,
};

fn rehearsed(operation: Operation) -> Request {
    Request { dry_run: true, ..Request::of(operation) }
}

fn changed(object: &str, field: &str, before: Value, after: Value) -> Changed {
    Changed { object: object.into(), field: field.into(), before, after }
}

#[tokio::test]
async fn each_value_that_changes_is_named_with_what_it_was_and_is() {
    let house = House::furnished().await;
    house.set_room("Engineering", members(&["sip:bob@example.com"])).await.expect("Bob is in scope");
    let mut fields = RoomFields {
        description: Some("Pumps".into()),
        privacy: Some(RoomPrivacy::Open),
        disabled: Some(false),
        members: remove(&["sip:bob@example.com"]),
        ..RoomFields::default()
    };
    fields.members.add = vec!["sip:alice@example.com".into()];
    let outcome = house.set_room("Engineering", fields).await.expect("it can be set");
    let room = "room Engineering";
    assert_eq!(
        outcome.changes,
        [
            changed(room, "description", Value::Null, json!("Pumps")),
            changed(room, "privacy", json!("closed"), json!("open")),
            changed(room, "members", json!(["sip:bob@example.com"]), json!(["sip:alice@example.com"])),
        ],
        "it was not disabled before, either"
    );
    let told = house.told().await;
    let last: Value = serde_json::from_str(told.lines().last().expect("an entry")).expect("JSON");
    assert_eq!(last["changes"], serde_json::to_value(&outcome.changes).expect("plain values"));
    assert_eq!((&last["from"], &last["operation"]["verb"]), (&json!("socket"), &json!("room-set")));
}

#[tokio::test]
async fn whom_a_narrower_category_puts_out_of_a_room_is_said() {
    let house = House::furnished().await;
    house.set_room("Engineering", members(&["sip:bob@example.com"])).await.expect("Bob is in scope");
    let deny = CategoryFields { denied_members: add(&["sip:bob@example.com"]), ..CategoryFields::default() };
    let outcome = house.set_category("General", deny).await.expect("it can be narrowed");
    let bob = || json!(["sip:bob@example.com"]);
    assert_eq!(
        outcome.changes,
        [
            changed("category General", "deniedMembers", Value::Null, bob()),
            changed("room Engineering", "members", bob(), Value::Null)
        ]
    );
}

#[tokio::test]
async fn a_new_password_is_said_to_be_one_and_not_said() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), false)).await;
    let outcome = house.must(set_user("sip:alice@example.com", Some("another horse 7"), None)).await;
    let set = changed("user sip:alice@example.com", "password", json!("(set)"), json!("(set anew)"));
    assert_eq!(outcome.changes, [set]);
}

#[tokio::test]
async fn what_is_made_twice_collides() {
    let house = House::furnished().await;
    for operation in [
        new_user("sip:carol@example.com", None, false),
        new_category("Other", CategoryFields::default()),
        new_room("Plans", RoomFields::default()),
    ] {
        house.must(operation.clone()).await;
        let again = house.run(operation).await.expect_err("it is there");
        assert_eq!(again.code(), "DuplicateRoomName");
        assert!(
            again.field().is_some_and(|field| again.to_string().contains(field) || field == "address"),
            "{again}"
        );
    }
}

/// Something that is not there, for a field that names what an operation is about; otherwise something that would do.
fn unknown(field: &str) -> Value {
    match field {
        "user" | "endpoint" => json!("sip:ghost@example.com"),
        "configuration" => json!("site:Ghost"),
        "token" => json!("0c057a11-0000-4000-8000-000000000000"),
        "role" => json!("reader"),
        "users" => json!(["sip:alice@example.com"]),
        "url" => json!("https://ghost.example/"),
        "participantUpdateLimit" => json!(7),
        "endDate" => json!("2026-11-24"),
        "policyName" => Value::Null,
        _ => json!("Ghost"),
    }
}

#[tokio::test]
async fn whatever_is_about_something_unknown_says_that_there_is_none() {
    let house = House::furnished().await;
    for spec in SPECS.iter().filter(|spec| !spec.path_fields().is_empty()) {
        let given = spec.fields().iter().map(|field| field.name.as_str()).filter(|name| {
            let changed = ["description", "url", "participantUpdateLimit", "policyName"].contains(name);
            changed || spec.field(name).is_some_and(|field| field.required)
        });
        let fields: serde_json::Map<String, Value> =
            given.map(|name| (name.to_owned(), unknown(name))).collect();
        let operation = spec.read(fields).expect("it is complete");
        let refused = house.run(operation.clone()).await.expect_err("there is none");
        assert_eq!(refused.code(), "NoSuchNode", "{} {}: {refused}", spec.noun, spec.verb);
        let said = refused.to_string();
        let named = |name: &&str| unknown(name).as_str().is_some_and(|text| said.contains(text));
        assert!(spec.path_fields().iter().any(named), "it is named: {refused}");
        assert_eq!(house.ask(rehearsed(operation)).await.expect_err("there is none"), refused);
    }
}

#[tokio::test]
async fn whoever_names_an_older_state_changes_nothing() {
    let house = House::furnished().await;
    let etags = [
        house.room_now("Engineering").await.etag,
        crate::house::user(house.must(user_get()).await).etag,
        crate::house::category(house.must(category_get()).await).etag,
    ];
    let describe = |text: &str| RoomFields { description: Some(text.into()), ..RoomFields::default() };
    let upload = |on: bool| CategoryFields { file_upload: Some(on), ..CategoryFields::default() };
    let off = Operation::UserDisable(UserDisable { user: "sip:alice@example.com".into() });
    let asked = [
        (set_room("Engineering", describe("first")), set_room("Engineering", describe("second"))),
        (off, set_user("sip:alice@example.com", Some(PASSWORD), None)),
        (set_category("General", upload(true)), set_category("General", upload(false))),
    ];
    for (etag, (first, second)) in etags.into_iter().zip(asked) {
        let on = |operation: Operation| Request {
            if_match: Some(format!("\"{etag}\"")),
            ..Request::of(operation)
        };
        let done = house.ask(on(first)).await.expect("that is how it is");
        assert_ne!(done.rows.values()[0]["etag"], etag.as_str(), "it is in another state now");
        let before = house.kept();
        let refused = house.ask(on(second)).await.expect_err("it was changed");
        assert_eq!(refused.code(), "DataCollision");
        assert!(refused.to_string().contains("has been changed"), "{refused}");
        assert_eq!(house.changed_since(&before), [""; 0]);
    }
    let any =
        Request { if_match: Some("*".into()), ..Request::of(set_room("Engineering", describe("third"))) };
    house.ask(any).await.expect("any state will do");
}

#[tokio::test]
async fn what_is_removed_is_what_was_seen() {
    let house = House::furnished().await;
    house.category("Other", CategoryFields::default()).await;
    let seen = |rows: Vec<Value>| rows[0]["etag"].as_str().map(str::to_owned);
    for (noun, field, name) in [
        ("room", "room", "Engineering"),
        ("category", "category", "Other"),
        ("user", "user", "sip:bob@example.com"),
    ] {
        let fields = || [(field.to_owned(), json!(name))].into_iter().collect();
        let ask = |verb: &str| {
            Spec::find(noun, verb).expect("there is one").read(fields()).expect("it is complete")
        };
        let etag = seen(house.must(ask("get")).await.rows.values());
        let wrong = Request { if_match: Some("999".into()), ..Request::of(ask("remove")) };
        assert_eq!(house.ask(wrong).await.expect_err("it is not that").code(), "DataCollision");
        house
            .ask(Request { if_match: etag, ..Request::of(ask("remove")) })
            .await
            .expect("it is as it was seen");
        assert_eq!(house.run(ask("get")).await.expect_err("it is gone").code(), "NoSuchNode");
    }
}

fn user_get() -> Operation {
    read("user", json!({ "user": "sip:alice@example.com" }))
}

fn category_get() -> Operation {
    read("category", json!({ "category": "General" }))
}

fn read(noun: &str, fields: Value) -> Operation {
    let fields = fields.as_object().cloned().expect("an object");
    Spec::find(noun, "get").and_then(|spec| spec.read(fields).ok()).expect("it is complete")
}

#[tokio::test]
async fn a_token_that_is_nobodys_own_may_what_it_says() {
    let house = House::furnished().await;
    let token =
        |roles: &[Role]| Asker { within: Some(Roles::of(roles)), ..Asker::new(Actor::Token(1), "127.0.0.1") };
    let look = || rehearsed(user_get());
    house.desk.run(token(&[Role::Reader]), look()).await.expect("it is for that");
    let none = Asker::new(Actor::Token(1), "127.0.0.1");
    for asker in [token(&[]), none] {
        let refused = house.desk.run(asker, look()).await.expect_err("it is for nothing");
        assert_eq!(refused.code(), "ErrorPermission");
    }
}

#[tokio::test]
async fn somebody_without_a_role_may_nothing() {
    let house = House::furnished().await;
    let alice = Asker::new(Actor::Person(house.id("sip:alice@example.com").await), "127.0.0.1");
    let before = house.kept();
    for operation in [new_user("sip:eve@example.com", None, false), user_get()] {
        let refused = house.desk.run(alice.clone(), Request::of(operation)).await;
        let Err(AdminError::Denied(said)) = refused else { panic!("not denied: {refused:?}") };
        assert!(said.contains("needs the role"), "{said}");
    }
    // Of rooms, which managers change as well, nothing is told: not even that there is one.
    for (room, other) in [("Engineering", "Nowhere1234"), ("Nowhere1234", "Engineering")] {
        let change = set_room(room, members(&["sip:alice@example.com"]));
        let refused = house.desk.run(alice.clone(), Request::of(change)).await;
        let Err(AdminError::NotFound(said)) = refused else { panic!("not unseen: {refused:?}") };
        assert_eq!(said.replace(room, other), format!("there is no room '{other}' that you manage"));
    }
    assert_eq!(house.changed_since(&before), [""; 0]);
}
