//! Stories of tokens: who is behind one, and when nobody is any more.

use std::collections::BTreeSet;

use chat::{Actor, DisplayName, PersonId, Role, Time};
use directory::{Bearer, Minted, TokenScope};
use store::{Order, PersonDraft, RowChange, RowDone, TokenDraft};

use crate::{House, address};

/// A second, as clocks count.
const SECOND: i64 = 1_000_000;

impl House {
    async fn change(&self, change: RowChange) -> RowDone {
        let order = Order::of(Actor::Server, "{}".into());
        self.store.administer(order, vec![change]).await.expect("it can be changed").done.remove(0)
    }

    /// Keeps a token and returns its secret and number.
    async fn token(&self, owner: Option<PersonId>, scope: &str, expires: Option<Time>) -> (String, i64) {
        let Minted { secret, hash } = self.directory.mint();
        let name = DisplayName::parse("the printer").expect("a name");
        let draft = TokenDraft { hash, name, scope: scope.into(), person: owner, expires };
        match self.change(RowChange::NewToken(draft)).await {
            RowDone::Token(token) => (secret, token.id),
            other => panic!("not a token: {other:?}"),
        }
    }

    async fn behind(&self, secret: &str) -> Option<Bearer> {
        self.directory.token(secret).await.expect("the store is there")
    }

    async fn enable(&self, id: PersonId, user: &str, enabled: bool) {
        let name = DisplayName::parse(user).expect("a name");
        let draft = PersonDraft { enabled, ..PersonDraft::local(address(user), name) };
        self.change(RowChange::SetPerson { id, expected_standing: None, draft }).await;
    }
}

#[tokio::test]
async fn alice_is_behind_her_token_and_nobody_behind_another_text() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    let (secret, id) = house.token(Some(alice), "user", None).await;
    let bearer = house.behind(&secret).await.expect("it is a good token");
    assert_eq!((bearer.token.id, bearer.scope), (id, TokenScope::User));
    assert_eq!(bearer.person.map(|person| person.id), Some(alice));
    for other in ["", "cst_", "alice", &secret[4..], &secret.to_uppercase(), &format!("{secret} ")] {
        assert_eq!(house.behind(other).await, None, "'{other}'");
    }
}

#[tokio::test]
async fn a_secret_is_long_says_what_it_is_and_is_never_the_same() {
    let house = House::found();
    let secrets: BTreeSet<String> = (0..100).map(|_| house.directory.mint().secret).collect();
    assert_eq!(secrets.len(), 100);
    for secret in secrets {
        let rest = secret.strip_prefix("cst_").expect("what it is");
        assert_eq!(rest.len(), 43, "32 octets in base64");
        assert!(rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{rest}");
    }
    assert_eq!(format!("{:?}", house.directory.mint()), "Minted(..)", "debugging shows no secret");
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    let end = Time::parse_iso("2026-11-24T10:00:10Z").expect("a time");
    let (secret, _) = house.token(Some(alice), "reader", Some(end)).await;
    house.clock.advance_micros(10 * SECOND - 1);
    assert!(house.behind(&secret).await.is_some());
    house.clock.advance_micros(1);
    assert_eq!(house.behind(&secret).await, None);
    assert!(house.directory.is_past(end));
}

#[tokio::test]
async fn a_revoked_token_is_good_for_nothing() {
    let house = House::found();
    let (secret, id) = house.token(None, "admin", None).await;
    let bearer = house.behind(&secret).await.expect("it acts for itself");
    assert_eq!((bearer.person, bearer.scope), (None, TokenScope::Admin));
    house.change(RowChange::RevokeToken(id)).await;
    assert_eq!(house.behind(&secret).await, None);
}

#[tokio::test]
async fn whoever_is_disabled_or_removed_has_no_token_for_ever() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    let (secret, _) = house.token(Some(alice), "user", None).await;
    house.enable(alice, "alice", false).await;
    assert_eq!(house.behind(&secret).await, None);
    house.enable(alice, "alice", true).await;
    assert_eq!(house.behind(&secret).await, None, "to enable somebody gives nothing back");
    let (secret, _) = house.token(Some(alice), "user", None).await;
    assert!(house.behind(&secret).await.is_some());
    house.change(RowChange::RemovePerson(alice)).await;
    assert_eq!(house.behind(&secret).await, None);
    let second = house.person("alice", false).await;
    assert_ne!(second, alice);
    assert_eq!(house.behind(&secret).await, None, "the address is somebody else's now");
}

#[tokio::test]
async fn a_scope_nobody_knows_and_a_persons_scope_without_a_person_are_nothing() {
    let house = House::found();
    for scope in ["everything", "user"] {
        let (secret, _) = house.token(None, scope, None).await;
        assert_eq!(house.behind(&secret).await, None, "{scope}");
    }
}

#[test]
fn each_scope_has_a_word_and_gives_no_more_than_it_says() {
    for scope in TokenScope::ALL {
        assert_eq!(TokenScope::of_word(scope.word()), Some(scope));
    }
    for (scope, may, may_not) in [
        (TokenScope::Admin, Some(Role::Administrator), None),
        (TokenScope::ChatAdmin, Some(Role::ChatAdministrator), Some(Role::UserAdministrator)),
        (TokenScope::UserAdmin, Some(Role::UserAdministrator), Some(Role::ChatAdministrator)),
        (TokenScope::Reader, Some(Role::Reader), Some(Role::UserAdministrator)),
        (TokenScope::User, None, Some(Role::Reader)),
    ] {
        let roles = scope.roles();
        assert!(may.is_none_or(|role| roles.granting(role).is_some()), "{scope:?} may");
        assert!(may_not.is_none_or(|role| roles.granting(role).is_none()), "{scope:?} may not");
    }
}
