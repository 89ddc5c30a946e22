//! Stories of tokens: for whom somebody may make one, what its secret is, and where it never stands.

use admin::{
    AdminError, Asker, Moment, Operation, Outcome, Request, RoleGrant, RoleName, Rows, TokenList, TokenNew,
    TokenRevoke, TokenScopeName, UserDisable, UserNew,
};
use chat::{Actor, JournalKey, Role};
use directory::TokenScope;
use serde_json::json;

use crate::house::{House, denied, invalid, not_found, value, values};

const ALICE: &str = "sip:alice@example.com";
const BOB: &str = "sip:bob@example.com";
const ROBOT: &str = "sip:robot@example.com";

fn new(scope: TokenScopeName, owner: Option<&str>) -> Operation {
    let (name, owner) = ("the printer".into(), owner.map(str::to_owned));
    Operation::TokenNew(TokenNew { name, scope, owner, expires: None })
}

fn until(scope: TokenScopeName, end: &str) -> Operation {
    let expires = Some(Moment(end.into()));
    Operation::TokenNew(TokenNew { name: "the printer".into(), scope, owner: None, expires })
}

fn revoke(guid: &str) -> Operation {
    Operation::TokenRevoke(TokenRevoke { token: guid.into() })
}

fn list() -> Operation {
    Operation::TokenList(TokenList::default())
}

fn secret(outcome: &Outcome) -> String {
    match &outcome.rows {
        Rows::Tokens(tokens) => tokens[0].secret.clone().expect("a secret, shown once").0,
        other => panic!("not tokens: {other:?}"),
    }
}

fn guid(outcome: &Outcome) -> String {
    value(outcome, "guid").as_str().expect("a GUID").to_owned()
}

impl House {
    async fn robot(&self) {
        let new =
            UserNew { address: ROBOT.into(), display_name: "Robot".into(), bot: true, ..UserNew::default() };
        self.must(Operation::UserNew(new)).await;
    }

    /// As whoever shows a token.
    async fn with_token(&self, secret: &str, operation: Operation) -> Result<Outcome, AdminError> {
        let bearer = self.directory.token(secret).await.expect("a read").expect("a good token");
        let by = bearer.person.map_or(Actor::Token(bearer.token.id), |person| Actor::Person(person.id));
        let asker = Asker { within: Some(bearer.scope.roles()), ..Asker::new(by, "192.0.2.7") };
        self.desk.run(asker, Request::of(operation)).await
    }

    async fn is_good(&self, secret: &str) -> bool {
        self.directory.token(secret).await.expect("a read").is_some()
    }
}

#[tokio::test]
async fn alice_makes_a_token_for_herself_sees_its_secret_once_and_revokes_it() {
    let house = House::furnished().await;
    let made = house.by(ALICE, new(TokenScopeName::User, None)).await.expect("it is her own");
    let secret = secret(&made);
    assert!(secret.starts_with("cst_"), "it says what it is");
    assert_eq!(value(&made, "for"), json!(ALICE));
    assert!(made.warnings[0].contains("--expires"), "{:?}", made.warnings);
    let bearer = house.directory.token(&secret).await.expect("a read").expect("it is good");
    assert_eq!(
        (bearer.person.map(|person| person.id), bearer.scope),
        (Some(house.id(ALICE).await), TokenScope::User)
    );
    let listed = house.by(ALICE, list()).await.expect("they are her own");
    assert_eq!(values(&listed, "guid"), [guid(&made)]);
    assert!(listed.rows.values()[0].get("secret").is_none(), "never again");
    let revoked = house.by(ALICE, revoke(&guid(&made))).await.expect("it is her own");
    assert!(value(&revoked, "revoked").is_string());
    assert!(!house.is_good(&secret).await);
    assert!(house.by(ALICE, list()).await.expect("hers").rows.values().is_empty());
    let again = house.by(ALICE, revoke(&guid(&made))).await.expect("it is hers still");
    assert!(again.changes.is_empty(), "it has ended already");
    let all = Operation::TokenList(TokenList { ended: true, ..TokenList::default() });
    assert_eq!(house.by(ALICE, all).await.expect("hers").rows.values().len(), 1);
}

#[tokio::test]
async fn no_secret_stands_in_a_journal_or_in_what_is_debugged_and_only_its_hash_is_kept() {
    let house = House::furnished().await;
    let made = house.must(new(TokenScopeName::Reader, None)).await;
    let secret = secret(&made);
    assert!(!format!("{made:?}").contains(&secret[4..]), "debugging shows no secret");
    assert!(!house.told().await.contains(&secret[4..]), "the record holds no secret");
    let entries = house.store.entries(JournalKey::Pool, 0, 1_000).await.expect("a read");
    assert!(!format!("{entries:?}").contains(&secret[4..]));
    assert!(house.told().await.contains("token-new"), "the record says that it was made");
    let message = invalid(house.run(revoke(&secret)).await);
    assert!(!message.contains(&secret[4..]), "who confuses the two is not shown it again: {message}");
}

#[tokio::test]
async fn a_rehearsed_token_opens_nothing() {
    let house = House::furnished().await;
    let would = house.rehearse(new(TokenScopeName::Admin, None)).await;
    let Rows::Tokens(tokens) = &would.rows else { panic!("tokens") };
    assert_eq!(tokens[0].secret, None);
    assert!(house.must(list()).await.rows.values().is_empty());
    let done = house.must(new(TokenScopeName::Admin, None)).await;
    assert_eq!(would.changes, done.changes);
    house.rehearse(revoke(&guid(&done))).await;
    assert!(house.is_good(&secret(&done)).await);
}

#[tokio::test]
async fn a_token_of_the_shell_acts_for_itself_within_its_scope() {
    let house = House::furnished().await;
    let reader = secret(&house.must(new(TokenScopeName::Reader, None)).await);
    house.with_token(&reader, list()).await.expect("it reads");
    denied(house.with_token(&reader, crate::house::new_user("sip:carol@example.com", None, false)).await);
    let people = secret(&house.must(new(TokenScopeName::UserAdmin, None)).await);
    house
        .with_token(&people, crate::house::new_user("sip:carol@example.com", None, false))
        .await
        .expect("it administers people");
    denied(
        house
            .with_token(&people, crate::house::new_category("Other", admin::CategoryFields::default()))
            .await,
    );
    let message = invalid(house.run(new(TokenScopeName::User, None)).await);
    assert!(message.contains("as a person"), "nobody is no person: {message}");
    let admin = secret(&house.must(new(TokenScopeName::Admin, None)).await);
    let message = denied(house.with_token(&admin, new(TokenScopeName::Reader, None)).await);
    assert!(message.contains("at the shell"), "{message}");
}

#[tokio::test]
async fn tokens_for_others_are_for_bots_and_made_by_administrators() {
    let house = House::furnished().await;
    house.robot().await;
    let message = invalid(house.run(new(TokenScopeName::User, Some(ALICE))).await);
    assert!(message.contains("no bot account"), "{message}");
    let made = house.must(new(TokenScopeName::User, Some(ROBOT))).await;
    assert_eq!(value(&made, "for"), json!(ROBOT));
    let to_robot = || new(TokenScopeName::User, Some(ROBOT));
    let message = denied(house.by(ALICE, to_robot()).await);
    assert_eq!(
        message,
        denied(house.by(ALICE, new(TokenScopeName::User, Some("sip:ghost@example.com"))).await),
        "who exists is not told"
    );
    house.give_role(ALICE, Role::UserAdministrator).await;
    denied(house.by(ALICE, to_robot()).await);
    house.give_role(BOB, Role::Administrator).await;
    house.by(BOB, to_robot()).await.expect("he is an administrator");
    invalid(house.by(BOB, new(TokenScopeName::User, Some(ALICE))).await);
    not_found(house.run(new(TokenScopeName::User, Some("sip:ghost@example.com"))).await);
    house.by(ALICE, new(TokenScopeName::User, Some("SIP:Alice@example.com"))).await.expect("she is herself");
    house.must(Operation::UserDisable(UserDisable { user: ROBOT.into() })).await;
    let refused = house.run(to_robot()).await.expect_err("it is disabled");
    assert_eq!(refused.code(), "NodeDisabled");
}

#[tokio::test]
async fn no_scope_goes_beyond_its_owner() {
    let house = House::furnished().await;
    house.robot().await;
    for scope in
        [TokenScopeName::Admin, TokenScopeName::ChatAdmin, TokenScopeName::UserAdmin, TokenScopeName::Reader]
    {
        let message = invalid(house.by(ALICE, new(scope, None)).await);
        assert!(message.contains("an administrator can grant it"), "{message}");
        let message = invalid(house.run(new(scope, Some(ROBOT))).await);
        assert!(message.contains("causerie role grant"), "{message}");
    }
    let role = RoleName::UserAdministrator;
    house.must(Operation::RoleGrant(RoleGrant { role, user: ALICE.into() })).await;
    let secret =
        secret(&house.by(ALICE, new(TokenScopeName::UserAdmin, None)).await.expect("it is her role"));
    house.by(ALICE, new(TokenScopeName::Reader, None)).await.expect("her role includes it");
    invalid(house.by(ALICE, new(TokenScopeName::ChatAdmin, None)).await);
    house
        .with_token(&secret, crate::house::new_user("sip:carol@example.com", None, false))
        .await
        .expect("by her role");
    house.must(Operation::RoleRevoke(admin::RoleRevoke { role, user: ALICE.into() })).await;
    denied(house.with_token(&secret, crate::house::new_user("sip:dave@example.com", None, false)).await);
}

#[tokio::test]
async fn a_token_makes_no_token_for_whose_it_is() {
    let house = House::furnished().await;
    house.robot().await;
    let hers = secret(&house.by(ALICE, new(TokenScopeName::User, None)).await.expect("it is her own"));
    let message = denied(house.with_token(&hers, new(TokenScopeName::User, None)).await);
    assert!(message.contains("sign on with the password"), "{message}");
    house.with_token(&hers, list()).await.expect("it may look at her own");
    house.give_role(BOB, Role::Administrator).await;
    let his = secret(&house.by(BOB, new(TokenScopeName::Admin, None)).await.expect("it is his own"));
    denied(house.with_token(&his, new(TokenScopeName::Admin, None)).await);
    house.with_token(&his, new(TokenScopeName::User, Some(ROBOT))).await.expect("it administers");
}

#[tokio::test]
async fn tokens_of_others_are_seen_by_readers_and_ended_by_administrators() {
    let house = House::furnished().await;
    let hers = house.by(ALICE, new(TokenScopeName::User, None)).await.expect("it is her own");
    let nobodys = house.must(new(TokenScopeName::Reader, None)).await;
    assert!(house.by(BOB, list()).await.expect("his own").rows.values().is_empty());
    let of =
        |owner: &str| Operation::TokenList(TokenList { owner: Some(owner.into()), ..TokenList::default() });
    denied(house.by(BOB, of(ALICE)).await);
    assert_eq!(
        denied(house.by(BOB, of(ALICE)).await),
        denied(house.by(BOB, of("sip:ghost@example.com")).await),
        "who exists is not told"
    );
    let absent = "0c057a11-0000-4000-8000-000000000000";
    let refused = |message: String, guid: &str| message.replace(guid, "it");
    assert_eq!(
        refused(not_found(house.by(BOB, revoke(&guid(&hers))).await), &guid(&hers)),
        refused(not_found(house.by(BOB, revoke(absent)).await), absent),
        "what is not his is not there"
    );
    house.give_role(BOB, Role::Reader).await;
    assert_eq!(house.by(BOB, list()).await.expect("he reads").rows.values().len(), 2);
    assert_eq!(values(&house.by(BOB, of(ALICE)).await.expect("he reads"), "for"), [ALICE]);
    not_found(house.by(BOB, revoke(&guid(&nobodys))).await);
    house.give_role(BOB, Role::Administrator).await;
    house.by(BOB, revoke(&guid(&nobodys))).await.expect("he is an administrator");
    house.by(BOB, revoke(&guid(&hers))).await.expect("he is an administrator");
    assert!(!house.is_good(&secret(&hers)).await && !house.is_good(&secret(&nobodys)).await);
}

#[tokio::test]
async fn a_token_is_also_known_by_a_name_that_only_one_has() {
    let house = House::furnished().await;
    let first = house.by(ALICE, new(TokenScopeName::User, None)).await.expect("it is her own");
    house.by(BOB, new(TokenScopeName::User, None)).await.expect("it is his own");
    house.by(ALICE, revoke("The Printer")).await.expect("of hers only one is called so");
    assert!(!house.is_good(&secret(&first)).await);
    not_found(house.by(ALICE, revoke("the printer")).await);
    for _ in 0..2 {
        house.by(ALICE, new(TokenScopeName::User, None)).await.expect("it is her own");
    }
    let message = invalid(house.by(ALICE, revoke("the printer")).await);
    assert!(message.contains("by its GUID"), "{message}");
    not_found(house.by(ALICE, revoke("the scanner")).await);
}

#[tokio::test]
async fn a_token_ends_when_it_was_said_to() {
    let house = House::furnished().await;
    let message = invalid(house.run(until(TokenScopeName::Reader, "2026-11-23")).await);
    assert!(message.contains("ended already"), "{message}");
    invalid(house.run(until(TokenScopeName::Reader, "soon")).await);
    let made = house.must(until(TokenScopeName::Reader, "2026-11-24")).await;
    assert_eq!(value(&made, "expires"), json!("2026-11-24T23:59:59.9999990Z"), "a date is its last moment");
    assert!(made.warnings.is_empty());
    house.clock.advance_micros(14 * 3_600 * 1_000_000 - 2);
    assert!(house.is_good(&secret(&made)).await);
    house.clock.advance_micros(1);
    assert!(!house.is_good(&secret(&made)).await);
    assert!(house.must(list()).await.rows.values().is_empty(), "it has ended");
}

#[tokio::test]
async fn nobody_has_more_tokens_than_somebody_can_look_after() {
    let house = House::furnished().await;
    let mut last = String::new();
    for _ in 0..100 {
        last = guid(&house.by(ALICE, new(TokenScopeName::User, None)).await.expect("there is room"));
    }
    let refused = house.by(ALICE, new(TokenScopeName::User, None)).await.expect_err("there is none");
    assert_eq!(refused.code(), "LimitExceeded");
    let page = Operation::TokenList(TokenList { limit: Some(60), ..TokenList::default() });
    let first = house.by(ALICE, page).await.expect("hers");
    let page = TokenList { limit: Some(60), cursor: first.next.clone(), ..TokenList::default() };
    let rest = house.by(ALICE, Operation::TokenList(page)).await.expect("hers");
    assert_eq!((first.rows.values().len(), rest.rows.values().len(), rest.next), (60, 40, None));
    house.by(ALICE, revoke(&last)).await.expect("hers");
    house.by(ALICE, new(TokenScopeName::User, None)).await.expect("there is room again");
}

#[tokio::test]
async fn whoever_may_not_sign_on_has_no_tokens() {
    let house = House::furnished().await;
    house.must(Operation::UserDisable(UserDisable { user: ALICE.into() })).await;
    for operation in [new(TokenScopeName::User, None), list(), revoke("0c057a11-0000-4000-8000-000000000000")]
    {
        let refused = house.by(ALICE, operation).await.expect_err("she may not");
        assert!(matches!(refused, AdminError::Denied(_) | AdminError::NotFound(_)), "{refused:?}");
    }
}
