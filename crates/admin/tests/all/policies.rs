//! Stories of policies: who may use persistent chat, by which of them, and who gains and loses it when one changes.

use admin::{
    Operation, PolicyAssign, PolicyEffective, PolicyGet, PolicyGrant, PolicyList, PolicyNew, PolicyRemove,
    PolicyRevoke, PolicySet, Revised, Rows, UserGet,
};
use chat::Role;
use serde_json::json;
use store::{Order, RowChange};

use crate::house::{House, ROOT, conflict, denied, invalid, not_found, stale, user, value, values};

const ALICE: &str = "sip:alice@example.com";
const BOB: &str = "sip:bob@example.com";

fn new(identity: &str, on: bool) -> Operation {
    let (identity, enable_persistent_chat) = (identity.into(), on);
    Operation::PolicyNew(PolicyNew { identity, enable_persistent_chat, description: None })
}

fn set(policy: &str, on: bool) -> Operation {
    let enable_persistent_chat = Some(on);
    Operation::PolicySet(PolicySet { policy: policy.into(), enable_persistent_chat, description: None })
}

fn remove(policy: &str, force: bool) -> Operation {
    Operation::PolicyRemove(PolicyRemove { policy: policy.into(), force })
}

fn users(who: &[&str]) -> Vec<String> {
    who.iter().map(|one| (*one).to_owned()).collect()
}

fn grant(policy: &str, who: &[&str]) -> Operation {
    Operation::PolicyGrant(PolicyGrant { policy: policy.into(), users: users(who) })
}

fn revoke(policy: &str, who: &[&str]) -> Operation {
    Operation::PolicyRevoke(PolicyRevoke { policy: policy.into(), users: users(who) })
}

fn assign(user: &str, policy_name: Revised<String>) -> Operation {
    Operation::PolicyAssign(PolicyAssign { user: user.into(), policy_name })
}

impl House {
    /// The identity of the policy in force, and whether the person may use persistent chat; the same in the person's row.
    async fn ruling(&self, address: &str) -> (String, bool) {
        let effective = self.must(Operation::PolicyEffective(PolicyEffective { user: address.into() })).await;
        let row = user(self.must(Operation::UserGet(UserGet { user: address.into() })).await);
        let person = self.store.person(self.id(address).await).await.expect("a read").expect("a person");
        assert_eq!(value(&effective, "enablePersistentChat"), json!(row.chat), "{address}");
        assert_eq!(person.chat, row.chat, "{address}");
        (value(&effective, "policy").as_str().expect("a text").to_owned(), row.chat)
    }

    pub async fn give_role(&self, address: &str, role: Role) {
        let change = RowChange::GrantRole(self.id(address).await, role);
        self.store.administer(Order::of(ROOT, "{}".into()), vec![change]).await.expect("it can be given");
    }
}

#[tokio::test]
async fn the_most_specific_policy_is_in_force_and_says_why() {
    let house = House::furnished().await;
    assert_eq!(house.ruling(ALICE).await, ("global".into(), true));
    house.must(new("site:default", false)).await;
    assert_eq!(house.ruling(ALICE).await, ("site:default".into(), false));
    house.must(new("service:PersistentChatServer:POOL.example.com", true)).await;
    assert_eq!(house.ruling(ALICE).await, ("service:PersistentChatServer:pool.example.com".into(), true));
    house.must(new("Nobody", false)).await;
    house.must(grant("nobody", &[ALICE])).await;
    assert_eq!(house.ruling(ALICE).await, ("Nobody".into(), false));
    assert_eq!(house.ruling(BOB).await.0, "service:PersistentChatServer:pool.example.com");
    let why = |outcome| value(&outcome, "because").as_str().expect("a sentence").to_owned();
    let of = |user: &str| Operation::PolicyEffective(PolicyEffective { user: user.into() });
    assert_eq!(why(house.must(of(ALICE)).await), "it is granted to sip:alice@example.com");
    assert!(why(house.must(of(BOB)).await).contains("for the pool pool.example.com"));
    house.must(remove("service:pool.example.com", false)).await;
    assert!(why(house.must(of(BOB)).await).contains("the site default of the pool"));
    house.must(remove("site:Default", false)).await;
    assert!(why(house.must(of(BOB)).await).contains("everybody's"));
    assert_eq!(house.ruling(ALICE).await, ("Nobody".into(), false), "hers is still her own");
}

#[tokio::test]
async fn whoever_gains_or_loses_chat_is_counted_before_and_gets_a_new_standing() {
    let house = House::furnished().await;
    let standing = |person: chat::Person| person.standing;
    let alice = house.id(ALICE).await;
    let now = || async { house.store.person(alice).await.expect("a read").map(standing) };
    let before = now().await;
    let would = house.rehearse(set("global", false)).await;
    assert_eq!(now().await, before, "it was only rehearsed");
    let done = house.must(set("global", false)).await;
    assert_eq!((&would.changes, &would.warnings), (&done.changes, &done.warnings));
    assert_eq!(done.warnings, ["3 people may not use persistent chat any more"]);
    assert_ne!(now().await, before, "what was decided before is decided again");
    house.must(new("Pilot", true)).await;
    let granted = house.must(grant("Pilot", &[ALICE])).await;
    assert!(user(granted).chat);
    let off = house.must(set("pilot", false)).await;
    assert_eq!(off.warnings, ["1 person may not use persistent chat any more"]);
}

#[tokio::test]
async fn global_is_always_there_and_is_only_reset() {
    let house = House::furnished().await;
    let reset = house.must(remove("GLOBAL", false)).await;
    assert!(reset.warnings[0].contains("only reset"), "{:?}", reset.warnings);
    assert!(reset.warnings[1].contains("3 people may not"), "{:?}", reset.warnings);
    assert_eq!(value(&reset, "enablePersistentChat"), json!(false));
    let again = house.must(remove("global", false)).await;
    assert!(again.changes.is_empty(), "it is reset already");
    assert_eq!(house.ruling(ALICE).await, ("global".into(), false));
    for identity in ["global", "tag:Global"] {
        let refused = house.run(new(identity, true)).await.expect_err("there is one");
        assert!(refused.to_string().contains("global"), "{refused}");
    }
}

#[tokio::test]
async fn a_granted_policy_goes_only_by_force_and_says_how_many_lose_it() {
    let house = House::furnished().await;
    house.must(new("Pilot", true)).await;
    house.must(grant("Pilot", &[ALICE, BOB, ALICE])).await;
    let message = conflict(house.run(remove("Pilot", false)).await);
    assert!(message.contains("2 people") && message.contains("--force"), "{message}");
    let done = house.must(remove("Pilot", true)).await;
    assert!(done.warnings[0].contains("2 people lost the policy Pilot"), "{:?}", done.warnings);
    assert_eq!(house.ruling(ALICE).await, ("global".into(), true));
    not_found(house.run(remove("Pilot", true)).await);
}

#[tokio::test]
async fn policies_are_granted_and_taken_and_twice_is_once() {
    let house = House::furnished().await;
    house.must(new("Pilot", false)).await;
    house.must(new("Other", true)).await;
    let granted = house.must(grant("Pilot", &[ALICE])).await;
    assert_eq!(
        granted.changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(),
        ["policy", "chat"],
        "what changes is the policy and what follows from it"
    );
    assert_eq!(value(&granted, "policy"), json!("Pilot"));
    let told = house.told().await;
    assert!(house.must(grant("pilot", &[ALICE])).await.changes.is_empty());
    assert!(house.must(revoke("Other", &[ALICE])).await.changes.is_empty(), "she has another one");
    assert_eq!(house.told().await, told, "nothing was done");
    assert_eq!(house.ruling(ALICE).await, ("Pilot".into(), false));
    house.must(revoke("Pilot", &[ALICE])).await;
    assert_eq!(house.ruling(ALICE).await, ("global".into(), true));
    house.must(assign(ALICE, Revised::To("Pilot".into()))).await;
    assert_eq!(house.ruling(ALICE).await, ("Pilot".into(), false));
    house.must(assign(ALICE, Revised::Cleared)).await;
    assert_eq!(house.ruling(ALICE).await, ("global".into(), true));
}

#[tokio::test]
async fn only_what_can_be_granted_is_granted_and_only_to_people() {
    let house = House::furnished().await;
    house.must(new("Pilot", true)).await;
    let message = invalid(house.run(grant("global", &[ALICE])).await);
    assert!(message.contains("applies by itself"), "{message}");
    let message = invalid(house.run(grant("Pilot", &["domain:example.com"])).await);
    assert!(message.contains("not one person"), "{message}");
    let message = not_found(house.run(grant("Pilot", &["sip:ghost@example.com"])).await);
    assert!(message.contains("causerie user new"), "{message}");
    not_found(house.run(grant("Nothing", &[ALICE])).await);
    invalid(house.run(grant("Pilot", &[])).await);
    invalid(house.run(grant("Pilot", &[ALICE; 1_001])).await);
    invalid(house.run(assign(ALICE, Revised::Kept)).await);
    let before = house.ruling(ALICE).await;
    not_found(house.run(grant("Pilot", &[ALICE, "sip:ghost@example.com"])).await);
    assert_eq!(house.ruling(ALICE).await, before, "all or nobody");
}

#[tokio::test]
async fn policies_are_listed_found_by_a_pattern_and_read_in_pages() {
    let house = House::furnished().await;
    for identity in ["site:Leeds", "site:Default", "service:pool.example.com", "Pilot", "Sitters"] {
        house.must(new(identity, true)).await;
    }
    house.must(grant("Pilot", &[ALICE])).await;
    let list = |filter: Option<&str>| {
        Operation::PolicyList(PolicyList { filter: filter.map(str::to_owned), ..PolicyList::default() })
    };
    let all = house.must(list(None)).await;
    assert_eq!(all.rows.values().len(), 6);
    for (filter, expected) in [
        ("site:*", "site:Default, site:Leeds"),
        ("SITE:l*", "site:Leeds"),
        ("service:*", "service:PersistentChatServer:pool.example.com"),
        ("tag:*", "Pilot, Sitters"),
        ("*i?ot", "Pilot"),
        ("pilot", "Pilot"),
        ("global", "global"),
        ("nothing*", ""),
        ("", ""),
    ] {
        assert_eq!(
            values(&house.must(list(Some(filter))).await, "identity").join(", "),
            expected,
            "{filter}"
        );
    }
    let Rows::Policies(rows) = all.rows else { panic!("policies") };
    let granted = |name: &str| rows.iter().find(|row| row.identity == name).and_then(|row| row.granted);
    assert_eq!((granted("Pilot"), granted("Sitters"), granted("global")), (Some(1), Some(0), None));
    let page = |cursor| Operation::PolicyList(PolicyList { limit: Some(4), cursor, ..PolicyList::default() });
    let first = house.must(page(None)).await;
    let rest = house.must(page(first.next.clone())).await;
    assert_eq!((first.rows.values().len(), rest.rows.values().len(), rest.next), (4, 2, None));
    invalid(house.run(list(Some(&"*".repeat(300)))).await);
}

#[tokio::test]
async fn what_is_there_is_not_made_again_and_what_is_nowhere_applies_to_nobody() {
    let house = House::furnished().await;
    let made = house.must(new("site:Leeds", false)).await;
    assert!(made.warnings[0].contains("applies to nobody here"), "{:?}", made.warnings);
    assert_eq!(house.ruling(ALICE).await, ("global".into(), true));
    let message = conflict(house.run(new("SITE:leeds", true)).await);
    assert!(message.contains("causerie policy set site:leeds"), "{message}");
    invalid(house.run(new("site:", true)).await);
    invalid(house.run(new("a:b", true)).await);
    let nothing = PolicySet { policy: "site:Leeds".into(), ..PolicySet::default() };
    invalid(house.run(Operation::PolicySet(nothing)).await);
}

#[tokio::test]
async fn whoever_saw_an_older_policy_changes_nothing() {
    let house = House::furnished().await;
    let get = || Operation::PolicyGet(PolicyGet { policy: "global".into() });
    let etag = value(&house.must(get()).await, "etag").as_str().expect("an etag").to_owned();
    let done = house.on(&etag, set("global", false)).await.expect("that is how it is");
    assert_ne!(value(&done, "etag"), json!(etag));
    let message = stale(house.on(&etag, set("global", true)).await);
    assert!(message.contains("has been changed"), "{message}");
    stale(house.on(&etag, remove("global", false)).await);
    assert_eq!(house.ruling(ALICE).await.0, "global");
    let etag = user(house.must(Operation::UserGet(UserGet { user: ALICE.into() })).await).etag;
    house.must(new("Pilot", true)).await;
    house.on(&etag, assign(ALICE, Revised::To("Pilot".into()))).await.expect("that is how she is");
    stale(house.on(&etag, assign(ALICE, Revised::Cleared)).await);
}

#[tokio::test]
async fn user_administrators_grant_policies_and_chat_administrators_make_them_too() {
    let house = House::furnished().await;
    house.must(new("Pilot", true)).await;
    house.give_role(ALICE, Role::UserAdministrator).await;
    house.give_role(BOB, Role::ChatAdministrator).await;
    house.by(ALICE, grant("Pilot", &[BOB])).await.expect("she grants");
    let message = denied(house.by(ALICE, set("Pilot", false)).await);
    assert!(message.contains("persistent-chat-administrator"), "{message}");
    house.by(BOB, set("Pilot", false)).await.expect("he changes");
    // The product lets persistent chat administrators grant as well, and whoever only reads does neither.
    house.by(BOB, revoke("Pilot", &[BOB])).await.expect("he takes it back");
    house.by(BOB, grant("Pilot", &[ALICE])).await.expect("he grants");
    house.by(BOB, assign(ALICE, Revised::Cleared)).await.expect("in any of the ways");
    house.give_role("sip:mallory@other.example", Role::Reader).await;
    let message = denied(house.by("sip:mallory@other.example", grant("Pilot", &[ALICE])).await);
    assert!(message.contains("the role user-administrator or persistent-chat-administrator"), "{message}");
    denied(house.by("sip:mallory@other.example", set("global", true)).await);
    house
        .by("sip:mallory@other.example", Operation::PolicyList(PolicyList::default()))
        .await
        .expect("he reads");
}

#[tokio::test]
async fn people_who_come_later_are_under_the_policies_there_are() {
    let house = House::furnished().await;
    house.must(set("global", false)).await;
    let would = user(house.rehearse(crate::house::new_user("sip:carol@example.com", None, false)).await);
    assert!(!would.chat);
    assert!(!house.person("sip:carol@example.com").await.chat);
    house.must(set("global", true)).await;
    assert!(house.person("sip:dave@example.com").await.chat);
    assert_eq!(house.ruling("sip:carol@example.com").await, ("global".into(), true));
}
