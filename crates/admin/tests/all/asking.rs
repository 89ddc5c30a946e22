//! How operations are asked: the table of them, their JSON, and what of it is refused before anything is looked at.

use std::collections::BTreeSet;

use admin::{
    BadOperation, CategorySet, FieldKind, ListChange, Need, Operation, RoomFields, RoomInvitations, RoomNew,
    RoomPrivacy, RoomSet, RoomType, SPECS, Spec, UserList,
};
use chat::Role;
use serde_json::{Value, json};

use crate::house::{PASSWORD, add, allowed, new_user, replace};

/// An object with every field of an operation.
fn example(spec: &Spec) -> Value {
    let value = |kind: &FieldKind| match kind {
        FieldKind::Text | FieldKind::Secret | FieldKind::Json => json!("something"),
        FieldKind::Moment => json!("2026-11-24T10:15:00Z"),
        FieldKind::Flag => json!(true),
        FieldKind::Whole { min, .. } => json!(min.max(&7)),
        FieldKind::Words(words) => json!(words[0].word),
        FieldKind::Texts => json!(["something"]),
        FieldKind::Change => json!({ "add": ["domain:example.com"], "remove": ["sip:bob@example.com"] }),
    };
    spec.fields().iter().map(|field| (field.name.clone(), value(&field.kind))).collect()
}

fn read(noun: &str, verb: &str, fields: Value) -> Result<Operation, BadOperation> {
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    Spec::find(noun, verb).expect("there is such an operation").read(fields)
}

#[test]
fn the_table_names_everything_once_and_only_what_there_is() {
    let (mut words, mut routes) = (BTreeSet::new(), BTreeSet::new());
    for spec in SPECS {
        let what = format!("{} {}", spec.noun, spec.verb);
        assert!(words.insert(what.clone()), "{what} twice");
        assert!(routes.insert((spec.method.name(), spec.path)), "{what}: {} twice", spec.path);
        let required =
            |name: &&str| spec.field(name).unwrap_or_else(|| panic!("{what} has no field {name}")).required;
        assert!(spec.path_fields().iter().all(required), "{what}: what is in the path must be given");
        let placed: Vec<bool> = spec.positional.iter().map(required).collect();
        assert!(placed.is_sorted_by(|a, b| a >= b), "{what}: what must be given comes first");
        assert!(
            spec.fields().iter().all(|field| !field.description.is_empty()),
            "{what}: a field is not described"
        );
        assert!(spec.summary().ends_with('.'), "{what}: '{}' is no sentence", spec.summary());
        assert!(spec.only_reads || !matches!(spec.need, Need::Role(Role::Reader)), "{what} is for readers");
        assert!(spec.only_reads || spec.method.name() != "GET", "{what} changes something");
        let asked = spec.question.unwrap_or_default().split(['{', '}']).skip(1).step_by(2).map(str::to_owned);
        assert!(asked.into_iter().all(|name| spec.field(&name).is_some()), "{what} asks about no field");
    }
}

#[test]
fn each_operation_is_read_from_its_fields_and_is_the_same_after_its_way_as_json() {
    for spec in SPECS {
        let what = format!("{} {}", spec.noun, spec.verb);
        let given = example(spec);
        let operation =
            read(spec.noun, spec.verb, given.clone()).unwrap_or_else(|bad| panic!("{what}: {bad}"));
        assert_eq!(operation.words(), (spec.noun, spec.verb));
        assert_eq!(Value::Object(operation.fields()), given, "{what} loses nothing");
        let json = serde_json::to_string(&operation).expect("it can be written");
        assert_eq!(serde_json::from_str::<Operation>(&json).expect("it can be read"), operation, "{json}");
    }
}

#[test]
fn what_is_not_given_does_not_travel() {
    let set =
        CategorySet { category: "General".into(), fields: allowed(&["domain:example.com"]), name: None };
    for (operation, json) in [
        (Operation::UserList(UserList::default()), json!({ "verb": "user-list" })),
        (
            Operation::CategorySet(set),
            json!({ "verb": "category-set", "category": "General", "allowedMembers": { "add": ["domain:example.com"] } }),
        ),
        (
            Operation::RoomNew(RoomNew {
                name: "Hall".into(),
                category: "General".into(),
                fields: RoomFields {
                    kind: Some(RoomType::Auditorium),
                    members: replace(&[]),
                    ..RoomFields::default()
                },
            }),
            json!({
                "verb": "room-new", "name": "Hall", "category": "General", "type": "auditorium",
                "members": { "replace": [] }
            }),
        ),
    ] {
        assert_eq!(serde_json::to_value(&operation).expect("it can be written"), json);
        assert_eq!(serde_json::from_value::<Operation>(json).expect("it can be read"), operation);
    }
}

#[test]
fn a_list_is_changed_replaced_cleared_or_left() {
    let members = |members: Value| match read("room", "set", json!({ "room": "Hall", "members": members })) {
        Ok(Operation::RoomSet(set)) => set.fields.members,
        other => panic!("not read: {other:?}"),
    };
    let alice = "sip:alice@example.com";
    assert_eq!(members(json!({ "add": [alice] })), add(&[alice]));
    assert_eq!(members(json!({ "replace": [alice] })), replace(&[alice]));
    assert_eq!(members(json!([alice])), replace(&[alice]));
    assert_eq!(members(Value::Null), replace(&[]));
    assert_eq!(members(json!({})), ListChange::default());
    let left = read("room", "set", json!({ "room": "Hall" }));
    assert_eq!(left, Ok(Operation::RoomSet(RoomSet { room: "Hall".into(), ..RoomSet::default() })));
}

#[test]
fn words_are_taken_in_any_case_and_a_word_may_look_like_no() {
    let given = json!({ "room": "Hall", "privacy": "SECRET", "type": "Auditorium", "invitations": false });
    let fields = RoomFields {
        privacy: Some(RoomPrivacy::Secret),
        kind: Some(RoomType::Auditorium),
        invitations: Some(RoomInvitations::False),
        ..RoomFields::default()
    };
    let set = Operation::RoomSet(RoomSet { room: "Hall".into(), fields, ..RoomSet::default() });
    assert_eq!(read("room", "set", given), Ok(set));
}

#[test]
fn whoever_asks_wrongly_is_told_the_field_and_what_it_may_hold() {
    for (noun, verb, fields, field, said) in [
        ("room", "set", json!({ "room": "Hall", "privacy": "hidden" }), "privacy", "open, closed or secret"),
        ("room", "set", json!({ "room": "Hall", "members": "alice" }), "members", "{\"replace\": []}"),
        ("room", "set", json!({ "room": "Hall", "members": { "plus": [] } }), "members", "\"add\""),
        (
            "room",
            "set",
            json!({ "room": "Hall", "colour": "red" }),
            "colour",
            "there is room, name, category",
        ),
        ("room", "new", json!({ "name": "Hall" }), "category", "category is missing"),
        ("room", "list", json!({ "limit": -1 }), "limit", "from 0 to 10000"),
        ("room", "list", json!({ "disabled": "yes" }), "disabled", "true or false"),
        ("user", "get", json!({ "user": 7 }), "user", "give a text"),
    ] {
        let bad = read(noun, verb, fields).expect_err("it is refused");
        assert_eq!(bad.field, field);
        assert!(bad.message.contains(said), "'{said}' in '{}'", bad.message);
    }
    let password = read("user", "set", json!({ "user": "sip:bob@example.com", "password": 12_345_678 }));
    let said = password.expect_err("a number is no password").message;
    assert!(!said.contains("12345678"), "{said}");
}

#[test]
fn a_query_is_read_by_the_kinds_of_its_fields() {
    let list = Spec::find("room", "list").expect("there is one");
    let fields = list.read_texts([("disabled", "true"), ("limit", "10"), ("q", "7"), ("privacy", "Open")]);
    let read = list.read(fields.expect("it is good")).expect("it is good");
    let expected = json!({
        "verb": "room-list", "q": "7", "searchDescription": false, "disabled": true, "privacy": "open", "limit": 10
    });
    assert_eq!(serde_json::to_value(read).expect("it can be written"), expected);
    for (name, text, said) in [("disabled", "perhaps", "true or false"), ("limit", "all", "a whole number")] {
        let bad = list.read_texts([(name, text)]).expect_err("it is refused");
        assert_eq!((bad.field.as_str(), bad.message.contains(said)), (name, true), "{}", bad.message);
    }
    assert_eq!(list.read_texts([("q", "a"), ("q", "b")]).expect_err("it is refused").field, "q");
}

#[test]
fn what_is_recorded_holds_no_secret() {
    let recorded = new_user("sip:alice@example.com", Some(PASSWORD), true).recorded();
    assert_eq!(recorded["password"], "(set)");
    assert_eq!(recorded["address"], "sip:alice@example.com");
}

#[test]
fn an_administrator_may_everything_and_every_role_may_look() {
    for role in Role::ALL {
        assert!(Role::Administrator.includes(role), "{role}");
        assert!(role.includes(role) && role.includes(Role::Reader), "{role}");
        assert_eq!(Role::of_word(role.word()), Some(role));
    }
    assert!(!Role::Reader.includes(Role::UserAdministrator));
    assert!(!Role::UserAdministrator.includes(Role::ChatAdministrator));
    assert!(!Role::ChatAdministrator.includes(Role::Administrator));
}

#[test]
fn no_text_of_an_operation_holds_the_character_of_number_0() {
    for (field, fields) in [
        ("room", json!({ "room": "Eng\0ineering" })),
        ("members", json!({ "room": "Engineering", "members": { "add": ["sip:a\0b@example.com"] } })),
    ] {
        let bad = read("room", "set", fields).expect_err("nothing that is kept holds it");
        assert_eq!(bad.field, field);
        assert!(bad.message.contains("U+0000"), "{bad}");
    }
    let asked = r#"{ "operation": { "user-list": { "filter": "a\u0000b" } } }"#;
    let bad = admin::Request::read(asked.as_bytes()).expect_err("nothing that is kept holds it");
    assert!(bad.to_string().contains("U+0000"), "{bad}");
}
