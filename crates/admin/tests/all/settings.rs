//! Stories of settings by scope: what is in force, what is reset, and what is refused.

use admin::{
    ConfigurationEffective, ConfigurationFields, ConfigurationGet, ConfigurationList, ConfigurationNew,
    ConfigurationRemove, ConfigurationSet, Operation, Revised, Spec,
};
use serde_json::{Value, json};

use crate::house::{House, conflict, denied, invalid, not_found, stale, value, values};

fn new(identity: &str, fields: ConfigurationFields) -> Operation {
    Operation::ConfigurationNew(ConfigurationNew { identity: identity.into(), fields })
}

fn set(configuration: &str, fields: ConfigurationFields) -> Operation {
    Operation::ConfigurationSet(ConfigurationSet { configuration: configuration.into(), fields })
}

fn remove(configuration: &str) -> Operation {
    Operation::ConfigurationRemove(ConfigurationRemove { configuration: configuration.into() })
}

fn get(configuration: &str) -> Operation {
    Operation::ConfigurationGet(ConfigurationGet { configuration: configuration.into() })
}

fn history(posts: u16) -> ConfigurationFields {
    ConfigurationFields { default_chat_history: Some(posts), ..ConfigurationFields::default() }
}

fn url(url: Revised<String>) -> ConfigurationFields {
    ConfigurationFields { room_management_url: url, ..ConfigurationFields::default() }
}

impl House {
    /// The identity of the settings in force and how many messages a room shows by them.
    async fn in_force(&self) -> (Value, Value) {
        let effective = self.must(Operation::ConfigurationEffective(ConfigurationEffective {})).await;
        (value(&effective, "identity"), value(&effective, "defaultChatHistory"))
    }
}

#[tokio::test]
async fn a_pool_begins_with_the_documented_defaults() {
    let house = House::found();
    let global = house.must(get("global")).await;
    for (field, expected) in [
        ("defaultChatHistory", json!(30)),
        ("maxFileSizeKB", json!(20_000)),
        ("participantUpdateLimit", json!(75)),
        ("roomManagementUrl", Value::Null),
    ] {
        assert_eq!(value(&global, field), expected, "{field}");
    }
    assert_eq!(house.in_force().await, (json!("global"), json!(30)));
}

#[tokio::test]
async fn the_most_specific_collection_is_in_force_as_a_whole() {
    let house = House::found();
    house.must(set("global", history(50))).await;
    house.must(new("site:Default", history(60))).await;
    assert_eq!(house.in_force().await, (json!("site:Default"), json!(60)));
    let made = house
        .must(new("service:PersistentChatServer:pool.example.com", ConfigurationFields::default()))
        .await;
    assert!(made.warnings.is_empty(), "{:?}", made.warnings);
    let pool = "service:PersistentChatServer:pool.example.com";
    assert_eq!(house.in_force().await, (json!(pool), json!(30)), "its own default, not what others say");
    house.must(remove(pool)).await;
    house.must(remove("site:default")).await;
    assert_eq!(house.in_force().await, (json!("global"), json!(50)));
    not_found(house.run(remove("site:Default")).await);
    let elsewhere = house.must(new("site:Leeds", history(70))).await;
    assert!(elsewhere.warnings[0].contains("applies to nobody here"), "{:?}", elsewhere.warnings);
    assert_eq!(house.in_force().await.0, json!("global"));
}

#[tokio::test]
async fn global_is_reset_and_never_removed_or_made() {
    let house = House::found();
    house.must(set("global", history(50))).await;
    let would = house.rehearse(remove("global")).await;
    assert_eq!(house.in_force().await.1, json!(50), "it was only rehearsed");
    let reset = house.must(remove("global")).await;
    assert_eq!(reset.changes, would.changes);
    assert!(reset.warnings[0].contains("only reset"), "{:?}", reset.warnings);
    assert_eq!(house.in_force().await, (json!("global"), json!(30)));
    assert!(house.must(remove("global")).await.changes.is_empty(), "it is reset already");
    let message = conflict(house.run(new("global", history(1))).await);
    assert!(message.contains("causerie configuration set global"), "{message}");
}

#[tokio::test]
async fn a_page_for_managing_rooms_is_set_and_taken_away() {
    let house = House::found();
    let page = "https://rooms.example.com/".to_owned();
    let done = house.must(set("global", url(Revised::To(page.clone())))).await;
    assert_eq!(value(&done, "roomManagementUrl"), json!(page));
    assert!(house.must(set("global", url(Revised::To(page)))).await.changes.is_empty());
    let done = house.must(set("global", url(Revised::Cleared))).await;
    assert_eq!(value(&done, "roomManagementUrl"), Value::Null);
    for bad in
        ["rooms.example.com", "ftp://rooms.example.com/", "https://", "https://a b/", "javascript:alert(1)"]
    {
        let message = invalid(house.run(set("global", url(Revised::To(bad.into())))).await);
        assert!(message.contains("write https://"), "{message}");
    }
}

#[tokio::test]
async fn numbers_outside_their_range_are_refused_wherever_they_come_from() {
    let house = House::found();
    for posts in [0, 501] {
        let message = invalid(house.run(set("global", history(posts))).await);
        assert!(message.contains("from 1 to 500"), "{message}");
        let given = json!({ "configuration": "global", "defaultChatHistory": posts });
        let spec = Spec::find("configuration", "set").expect("there is one");
        let bad = spec.read(given.as_object().cloned().expect("an object")).expect_err("it is out of range");
        assert_eq!(bad.field, "defaultChatHistory");
        assert!(bad.message.contains("from 1 to 500"), "{}", bad.message);
    }
    house.must(set("global", history(1))).await;
    house.must(set("global", history(500))).await;
    let none = ConfigurationFields { max_file_size_kb: Some(0), ..ConfigurationFields::default() };
    invalid(house.run(set("global", none)).await);
}

#[tokio::test]
async fn settings_that_never_were_are_refused_by_name() {
    let house = House::found();
    for (field, given) in
        [("maxChatContentSizeMB", json!(5)), ("fileServiceUrl", json!("https://files.example.com/"))]
    {
        let fields = json!({ "configuration": "global", field: given });
        let spec = Spec::find("configuration", "set").expect("there is one");
        let asked = spec.read(fields.as_object().cloned().expect("an object")).expect("it can be read");
        let refused = house.run(asked).await.expect_err("it is obsolete");
        assert_eq!(refused.field(), Some(field));
        assert!(refused.to_string().contains("obsolete"), "{refused}");
    }
    assert_eq!(house.told().await, "", "nothing was done");
}

#[tokio::test]
async fn settings_are_never_for_single_people() {
    let house = House::found();
    for identity in ["Pilot", "tag:Pilot"] {
        let message = invalid(house.run(new(identity, history(10))).await);
        assert!(message.contains("never for single people"), "{message}");
        invalid(house.run(get(identity)).await);
    }
}

#[tokio::test]
async fn settings_are_found_by_a_pattern() {
    let house = House::found();
    for identity in ["site:Leeds", "site:York", "service:other.example.com"] {
        house.must(new(identity, ConfigurationFields::default())).await;
    }
    for (filter, expected) in [
        (Some("site:*"), vec!["site:Leeds", "site:York"]),
        (Some("service:*"), vec!["service:PersistentChatServer:other.example.com"]),
        (None, vec!["global", "service:PersistentChatServer:other.example.com", "site:Leeds", "site:York"]),
    ] {
        let filter = filter.map(str::to_owned);
        let list = Operation::ConfigurationList(ConfigurationList { filter, ..ConfigurationList::default() });
        assert_eq!(values(&house.must(list).await, "identity"), expected);
    }
}

#[tokio::test]
async fn whoever_saw_older_settings_changes_nothing_and_whoever_has_no_role_never_does() {
    let house = House::furnished().await;
    let etag = value(&house.must(get("global")).await, "etag").as_str().expect("an etag").to_owned();
    house.on(&etag, set("global", history(40))).await.expect("that is how it is");
    stale(house.on(&etag, set("global", history(41))).await);
    stale(house.on(&etag, remove("global")).await);
    assert_eq!(house.in_force().await.1, json!(40));
    denied(house.by("sip:alice@example.com", set("global", history(10))).await);
    invalid(house.run(set("global", ConfigurationFields::default())).await);
}
