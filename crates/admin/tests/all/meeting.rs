//! Stories of two askers who meet: what one of them may is taken away while what he asked for waits to be written.
//! That nothing is written under an older standing is the store's to show.

use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};

use admin::{
    AdminError, Asker, CategoryFields, ConfigurationFields, ConfigurationNew, MessageRemove, Operation,
    Outcome, Request, RoleGrant, RoleName, RoleRevoke, RoomFields, RoomGet, RoomImport, Spec, TokenNew,
    TokenRevoke, TokenScopeName, UserDisable, UserEnable,
};
use chat::{Actor, Clock, PersonState, Role, Roles, Time};
use serde_json::json;
use store::{Options, Order, RowChange, Statements};
use testkit::TestClock;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Duration, timeout};

use crate::groups::grant;
use crate::house::{
    House, ROOT, add, denied, members, new_room, remove, room, root, set_category, set_room, stale, value,
};
use crate::office::{ANA, BEN, OFFICE, import, of, office, principals};

const ALICE: &str = "sip:alice@example.com";
/// How long a story waits for what is sure to come (ours: far longer than it takes).
const PATIENCE: Duration = Duration::from_secs(60);

/// The clock of a store, at which its writer waits while the door is closed.
struct Door {
    clock: Arc<TestClock>,
    closed: Mutex<bool>,
    opened: Condvar,
    knocks: mpsc::UnboundedSender<()>,
}

impl Door {
    fn close(&self, closed: bool) {
        *self.closed.lock().expect("nobody panics here") = closed;
        self.opened.notify_all();
    }
}

impl Clock for Door {
    fn now(&self) -> Time {
        let closed = self.closed.lock().expect("nobody panics here");
        if *closed {
            let _ = self.knocks.send(());
        }
        let _open = self.opened.wait_while(closed, |closed| *closed).expect("nobody panics here");
        self.clock.now()
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.clock.fill_random(out);
    }
}

/// A house whose store waits at a door, with Alice, who has every place that can be taken from her.
struct Street {
    house: House,
    door: Arc<Door>,
    knocked: mpsc::UnboundedReceiver<()>,
    statements: Statements,
}

impl Street {
    async fn found() -> Self {
        let statements = Statements::default();
        let options = Options { statements: Some(statements.clone()), ..Options::default() };
        let (knocks, knocked) = mpsc::unbounded_channel();
        let mut door = None;
        let house = House::timed(&options, |clock| {
            let made = Door { clock, closed: Mutex::new(false), opened: Condvar::new(), knocks };
            Arc::clone(door.insert(Arc::new(made)))
        });
        house.person(ALICE).await;
        let creator = CategoryFields {
            allowed_members: add(&["domain:example.com"]),
            creators: add(&[ALICE]),
            ..CategoryFields::default()
        };
        house.category("General", creator).await;
        let managed = RoomFields { managers: add(&[ALICE]), ..RoomFields::default() };
        house.room("Engineering", managed).await;
        let role = RowChange::GrantRole(house.id(ALICE).await, Role::ChatAdministrator);
        house.store.administer(Order::of(ROOT, "{}".into()), vec![role]).await.expect("it is granted");
        Self { house, door: door.expect("the house has one"), knocked, statements }
    }

    fn ask(&self, asker: Asker, request: Request) -> JoinHandle<Result<Outcome, AdminError>> {
        let desk = self.house.desk.clone();
        tokio::spawn(async move { desk.run(asker, request).await })
    }

    async fn alice(&self) -> Asker {
        Asker::new(Actor::Person(self.house.id(ALICE).await), "127.0.0.1")
    }

    /// Has Alice ask for something while something else is being done: what she asks is looked at, up to its last read, before
    /// that is written, and is to be written after it.
    async fn overtaken(&mut self, by: Operation, asked: (Request, &str)) -> Result<Outcome, AdminError> {
        let alice = self.alice().await;
        self.overtaken_as(alice, by, asked).await
    }

    /// The same with what another asker shows.
    async fn overtaken_as(
        &mut self,
        asker: Asker,
        by: Operation,
        asked: (Request, &str),
    ) -> Result<Outcome, AdminError> {
        while self.knocked.try_recv().is_ok() {}
        self.door.close(true);
        let overtaking = self.ask(root(), Request::of(by));
        self.knocked.recv().await.expect("the store is open");
        let (request, last_read) = asked;
        let _ = self.statements.take();
        let asking = self.ask(asker, request);
        let read = async {
            while !self.statements.take().iter().any(|statement| statement.contains(last_read)) {
                tokio::task::yield_now().await;
            }
        };
        let waited = timeout(PATIENCE, read).await;
        waited
            .unwrap_or_else(|_| panic!("no statement with '{last_read}' was begun: is it called so still?"));
        self.door.close(false);
        overtaking.await.expect("it ends").expect("it can be done");
        asking.await.expect("it ends")
    }
}

#[tokio::test]
async fn what_somebody_lost_while_it_waited_is_not_done() {
    let mut street = Street::found().await;
    let site = Operation::ConfigurationNew(ConfigurationNew {
        identity: "site:Default".into(),
        fields: ConfigurationFields::default(),
    });
    let no_role =
        Operation::RoleRevoke(RoleRevoke { role: RoleName::PersistentChatAdministrator, user: ALICE.into() });
    let uncreated = CategoryFields { creators: remove(&[ALICE]), ..CategoryFields::default() };
    let unmanaged = RoomFields { managers: remove(&[ALICE]), ..RoomFields::default() };
    let disabled = Operation::UserDisable(UserDisable { user: ALICE.into() });
    let in_engineering = || set_room("Engineering", members(&[ALICE]));
    for (lost, asked, code) in [
        (no_role, (site, "FROM configuration"), "ErrorPermission"),
        (
            set_category("General", uncreated),
            (new_room("Attic", RoomFields::default()), "FROM add_in"),
            "NoSuchNode",
        ),
        (set_room("Engineering", unmanaged), (in_engineering(), "FROM add_in"), "NoSuchNode"),
    ] {
        let (operation, last_read) = asked;
        let asked = (Request::of(operation), last_read);
        let refused = street.overtaken(lost, asked).await.expect_err("she may not any more");
        assert_eq!(refused.code(), code, "{refused}");
    }
    let managed = RoomFields { managers: add(&[ALICE]), ..RoomFields::default() };
    street.house.set_room("Engineering", managed).await.expect("she manages it again");
    let asked = (Request::of(in_engineering()), "FROM add_in");
    let refused = street.overtaken(disabled, asked).await.expect_err("she may nothing any more");
    assert_eq!(refused.code(), "NoSuchNode", "{refused}");

    assert_eq!(
        street.house.store.configurations().await.expect("a read").len(),
        1,
        "there is the global one"
    );
    assert_eq!(street.house.store.rooms().await.expect("a read").len(), 1, "the Attic was not made");
    assert!(street.house.room_now("Engineering").await.members.is_empty(), "nobody was added");
}

#[tokio::test]
async fn what_was_asked_by_a_token_that_was_revoked_while_it_waited_is_not_done() {
    let mut street = Street::found().await;
    street.house.say("alice", "Engineering", "hello").await;
    let site = Operation::ConfigurationNew(ConfigurationNew {
        identity: "site:Default".into(),
        fields: ConfigurationFields::default(),
    });
    let away = MessageRemove { room: "Engineering".into(), remove: true, ..MessageRemove::default() };
    let lines: String = (1..=3).map(|number| format!("Room {number},General\n")).collect();
    let rooms = RoomImport { rows: format!("name,category\n{lines}"), skip_bad: false };
    for (asked, last_read) in [
        (site, "FROM configuration"),
        (Operation::MessageRemove(away), "JOIN body b"),
        (Operation::RoomImport(rooms), "FROM add_in"),
    ] {
        let new = TokenNew {
            name: "the printer".into(),
            scope: TokenScopeName::ChatAdmin,
            owner: None,
            expires: None,
        };
        let made = street.house.by(ALICE, Operation::TokenNew(new)).await.expect("it is her own");
        let guid = value(&made, "guid").as_str().expect("a GUID").to_owned();
        let within = Some(Roles::of(&[Role::ChatAdministrator]));
        let alice = Asker { within, token: guid.parse().ok(), ..street.alice().await };
        let revoked = Operation::TokenRevoke(TokenRevoke { token: guid });
        let refused = street.overtaken_as(alice.clone(), revoked, (Request::of(asked), last_read)).await;
        let said = denied(refused);
        assert!(said.contains("the token you show was revoked"), "{said}");
        let look = Operation::RoomGet(RoomGet { room: "Engineering".into() });
        denied(street.house.desk.run(alice, Request::of(look)).await);
    }
    assert_eq!(street.house.store.configurations().await.expect("a read").len(), 1);
    assert_eq!(street.house.store.rooms().await.expect("a read").len(), 1);
    assert_eq!(street.house.shown("Engineering").await, ["1: hello"]);
}

#[tokio::test]
async fn messages_are_taken_away_from_the_room_in_the_state_that_was_named() {
    let mut street = Street::found().await;
    street.house.say("alice", "Engineering", "hello").await;
    let away = || {
        let away = MessageRemove { room: "Engineering".into(), remove: true, ..MessageRemove::default() };
        Operation::MessageRemove(away)
    };
    let described = |text: &str| {
        set_room("Engineering", RoomFields { description: Some(text.into()), ..RoomFields::default() })
    };
    let if_match = Some(street.house.room_now("Engineering").await.etag);
    let asked = Request { if_match, ..Request::of(away()) };
    let said = stale(street.overtaken(described("Pumps"), (asked, "JOIN body b")).await);
    assert!(said.contains("room Engineering has been changed since you read it"), "{said}");
    assert_eq!(street.house.shown("Engineering").await, ["1: hello"]);
    let done = street.overtaken(described("Valves"), (Request::of(away()), "JOIN body b")).await;
    done.expect("no state was named");
    assert_eq!(street.house.shown("Engineering").await, [""; 0]);
}

#[tokio::test]
async fn who_only_gains_meanwhile_is_served_also_on_a_state_that_was_named() {
    let mut street = Street::found().await;
    let named = Some(street.house.room_now("Engineering").await.etag);
    let asked = Request { if_match: named, ..Request::of(set_room("Engineering", members(&[ALICE]))) };
    let more = Operation::RoleGrant(RoleGrant { role: RoleName::UserAdministrator, user: ALICE.into() });
    let done = street.overtaken(more, (asked.clone(), "FROM add_in")).await;
    assert_eq!(room(done.expect("the room is as it was")).members, [ALICE]);
    let unmanaged = RoomFields { managers: remove(&[ALICE]), ..RoomFields::default() };
    let etag = Some(street.house.room_now("Engineering").await.etag);
    let again = Request {
        if_match: etag,
        ..Request::of(set_room(
            "Engineering",
            RoomFields { description: Some("Pumps".into()), ..RoomFields::default() },
        ))
    };
    let late = street.overtaken(set_room("Engineering", unmanaged), (again, "FROM add_in")).await;
    let said = stale(late);
    assert!(said.contains("room Engineering has been changed since you read it"), "{said}");
}

#[tokio::test]
async fn who_loses_a_role_meanwhile_changes_nobody_who_has_it_by_an_export() {
    let mut street = Street::found().await;
    let house = &street.house;
    house.must(of(import(OFFICE))).await;
    let (alice, ben) = (house.id(ALICE).await, house.id(BEN).await);
    for (person, role) in
        [(ben, Role::Administrator), (alice, Role::Administrator), (alice, Role::UserAdministrator)]
    {
        grant(house, person, role).await;
    }
    let before = principals(house).await;
    let lost = Operation::RoleRevoke(RoleRevoke { role: RoleName::Administrator, user: ALICE.into() });
    let crafted = of(import(&office(&[("sip:ben@", "sip:nobody@")])));
    let refused = street.overtaken(lost, (Request::of(crafted), "FROM endpoint")).await;
    let said = denied(refused);
    assert!(said.contains("administrator"), "{said}");
    assert_eq!(principals(&street.house).await, before);
}

#[tokio::test]
async fn who_loses_the_role_between_two_parts_does_the_first_alone() {
    let mut street = Street::found().await;
    let lines: String = (1..=501).map(|number| format!("Room {number},General\n")).collect();
    let rows = format!("name,category\n{lines}");
    street.door.close(true);
    let import = Operation::RoomImport(RoomImport { rows, skip_bad: false });
    let importing = street.ask(street.alice().await, Request::of(import));
    street.knocked.recv().await.expect("the store is open");
    // The first rooms are being written; the revocation comes next, and the last room after it.
    let house = &street.house;
    let revoke = vec![RowChange::RevokeRole(house.id(ALICE).await, Role::ChatAdministrator)];
    let mut revoking = pin!(house.store.administer(Order::of(ROOT, "{}".into()), revoke));
    tokio::select! {
        biased;
        _ = &mut revoking => panic!("nothing is written while the door is closed"),
        () = std::future::ready(()) => {}
    }
    street.door.close(false);
    revoking.await.expect("it is revoked");
    let refused = importing.await.expect("it ends").expect_err("the role is gone");
    assert_eq!(refused.code(), "ErrorPermission");
    let said = refused.to_string();
    assert!(said.contains("you do not have the role persistent-chat-administrator any more"), "{said}");
    assert!(said.contains("500 rooms were made"), "{said}");
    assert_eq!(house.store.rooms().await.expect("a read").len(), 1 + 500);
}

#[tokio::test]
async fn whoever_is_disabled_here_while_an_export_says_enabled_stays_disabled_whichever_is_first() {
    let mut street = Street::found().await;
    let off = office(&[("userAccountControl: 512", "userAccountControl: 514")]);
    let disable = || Operation::UserDisable(UserDisable { user: ANA.into() });
    let importing = (Request::of(of(import(OFFICE))), "FROM endpoint ORDER");
    let disabling = (Request::of(disable()), "gone, held FROM person");
    for import_is_first in [true, false] {
        street.house.must(of(import(OFFICE))).await;
        street.house.must(Operation::UserEnable(UserEnable { user: ANA.into() })).await;
        street.house.must(of(import(&off))).await;
        let done = if import_is_first {
            street.overtaken_as(root(), of(import(OFFICE)), disabling.clone()).await
        } else {
            street.overtaken_as(root(), disable(), importing.clone()).await
        };
        done.expect("it can be done");
        let ana = street.house.id(ANA).await;
        let state = async || street.house.store.person(ana).await.expect("a read").expect("a person").state;
        assert_eq!(state().await, PersonState::Disabled, "the import was first: {import_is_first}");
        street.house.must(of(import(OFFICE))).await;
        assert_eq!(state().await, PersonState::Disabled, "the import was first: {import_is_first}");
    }
}

#[tokio::test]
async fn whoever_signed_on_before_a_new_password_changes_nothing_after_it() {
    let street = Street::found().await;
    let password = |password: &str| {
        let asked = json!({ "user": ALICE, "password": password });
        let spec = Spec::find("user", "set").expect("there is such an operation");
        Request::of(spec.read(asked.as_object().cloned().expect("an object")).expect("it is one"))
    };
    street.house.desk.run(root(), password("correct horse 7")).await.expect("it is set");
    let asker = Asker { admission: Some(1), ..street.alice().await };
    let (scope, owner) = (TokenScopeName::User, None);
    let mine =
        Request::of(Operation::TokenNew(TokenNew { name: "mine".into(), scope, owner, expires: None }));
    street.house.desk.run(asker.clone(), mine.clone()).await.expect("she is signed on");
    street.house.desk.run(root(), password("another horse 8")).await.expect("it is set");
    let refused = street.house.desk.run(asker, mine.clone()).await.expect_err("that is over");
    assert!(refused.to_string().contains("sign on again"), "{refused}");
    let anew = Asker { admission: Some(2), ..street.alice().await };
    street.house.desk.run(anew, mine).await.expect("she is signed on again");
}
