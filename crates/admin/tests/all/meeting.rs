//! Stories of two askers who meet: what one of them may is taken away while what he asked for waits to be written.
//! That nothing is written under an older standing is the store's to show.

use std::sync::{Arc, Condvar, Mutex};

use admin::{
    AdminError, Asker, CategoryFields, ConfigurationFields, ConfigurationNew, Operation, Request, RoleName,
    RoleRevoke, RoomFields, UserDisable,
};
use chat::{Actor, Clock, Role, Time};
use store::{Options, Order, RowChange, Statements};
use testkit::TestClock;
use tokio::sync::mpsc;

use crate::house::{House, ROOT, add, members, new_room, remove, root, set_category, set_room};

const ALICE: &str = "sip:alice@example.com";

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

/// Has Alice ask for something while what is `lost` is being taken from her: it is asked for and looked at before that is
/// written, and is to be written after it. Returns why she is refused.
async fn overtaken(
    house: &House,
    door: &Door,
    knocked: &mut mpsc::UnboundedReceiver<()>,
    statements: &Statements,
    lost: Operation,
    asked: (Operation, &str),
) -> AdminError {
    door.close(true);
    let (desk, request) = (house.desk.clone(), Request::of(lost));
    let taking = tokio::spawn(async move { desk.run(root(), request).await });
    knocked.recv().await.expect("the store is open");
    let _ = statements.take();
    let (operation, last_read) = asked;
    let alice = Asker::new(Actor::Person(house.id(ALICE).await), "127.0.0.1");
    let (desk, request) = (house.desk.clone(), Request::of(operation));
    let asking = tokio::spawn(async move { desk.run(alice, request).await });
    while !statements.take().iter().any(|statement| statement.contains(last_read)) {
        tokio::task::yield_now().await;
    }
    door.close(false);
    taking.await.expect("it ends").expect("it can be taken from her");
    asking.await.expect("it ends").expect_err("she may not any more")
}

#[tokio::test]
async fn what_somebody_lost_while_it_waited_is_not_done() {
    let statements = Statements::default();
    let options = Options { statements: Some(statements.clone()), ..Options::default() };
    let (knocks, mut knocked) = mpsc::unbounded_channel();
    let mut door = None;
    let house = House::timed(&options, |clock| {
        let made = Door { clock, closed: Mutex::new(false), opened: Condvar::new(), knocks };
        Arc::clone(door.insert(Arc::new(made)))
    });
    let door = door.expect("the house has one");
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
        let refused = overtaken(&house, &door, &mut knocked, &statements, lost, asked).await;
        assert_eq!(refused.code(), code, "{refused}");
    }
    let managed = RoomFields { managers: add(&[ALICE]), ..RoomFields::default() };
    house.set_room("Engineering", managed).await.expect("she manages it again");
    let asked = (in_engineering(), "FROM add_in");
    let refused = overtaken(&house, &door, &mut knocked, &statements, disabled, asked).await;
    assert_eq!(refused.code(), "NoSuchNode", "{refused}");

    assert_eq!(house.store.configurations().await.expect("a read").len(), 1, "there is the global one");
    assert_eq!(house.store.rooms().await.expect("a read").len(), 1, "the Attic was not made");
    assert!(house.room_now("Engineering").await.members.is_empty(), "nobody was added");
}
