//! Stories of a store that cannot write, or refuses one thing: nothing is said to be done that is not, reading goes on,
//! and when the trouble is over all goes on without a new start.

use std::time::Duration;

use chat::{PartReason, Refusal, ServerEntry};
use rooms::{Limits, Trouble};
use rusqlite::Connection;
use store::{Options, Shelf, Store, StoreFault};
use testkit::Cluster;
use testkit::admin::{Operation, RoomFields, RoomSet};

use crate::house::{House, all, founding, remove};

/// The file as somebody else sees it.
fn behind(house: &House) -> Connection {
    let conn = Connection::open(house.file()).expect("the file exists");
    conn.busy_timeout(Duration::from_secs(5)).expect("a timeout can be set");
    conn
}

/// Makes the database refuse something from now on: one such event on one table.
fn refuse(house: &House, event: &str) {
    let trigger = format!("CREATE TRIGGER refuse {event} BEGIN SELECT RAISE(ABORT, 'refused'); END");
    behind(house).execute_batch(&trigger).expect("a trigger can be made");
}

fn relent(house: &House) {
    behind(house).execute_batch("DROP TRIGGER refuse").expect("it is there");
}

/// A house whose store gives up at once when somebody else holds its file.
async fn impatient() -> House {
    let options = Options { busy_wait: Duration::from_millis(1), ..Options::default() };
    House::built(&options, Limits::default()).await
}

async fn views(house: &House) -> usize {
    house.told().await.iter().filter(|told| matches!(told, ServerEntry::Viewed { .. })).count()
}

#[tokio::test]
async fn on_a_full_disk_posts_are_refused_history_is_shown_and_all_recovers() {
    let options = Options { pages_max: Some(450), ..Options::default() };
    let house = House::built(&options, Limits::default()).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    alice.session.visitor().set_preference("big", vec![7; 512 * 1024]).await.expect("there is room for it");
    let long = "a long line of text that fills the disk ".repeat(190);
    let mut said = 0;
    let full = loop {
        match alice.try_say("Lobby", &long).await {
            Ok(_) => said += 1,
            Err(trouble) => break trouble,
        }
        assert!(said < 1_000, "the disk never got full");
    };
    assert_eq!(full, Trouble::Store(StoreFault::Full));
    assert_eq!(bob.try_say("Lobby", &long).await, Err(Trouble::Store(StoreFault::Full)));
    assert_eq!(bob.history("Lobby", Some(500)).await.expect("he may read").len(), said);

    house
        .store
        .put_document(house.id("alice").await, Shelf::Preference, "big", None, None)
        .await
        .expect("it goes");
    bob.say("Lobby", "there is room again").await;
    let heard = bob.heard().await;
    assert_eq!(heard.len(), said + 1, "what was refused was never shown");
    assert_eq!(heard[said], format!("Lobby {} bob: there is room again", said + 1));
    house.stop().await;
    assert_eq!(views(&house).await, 1, "that history was shown is kept, at the latest afterwards");
}

#[tokio::test]
async fn while_somebody_holds_the_file_nothing_is_done_and_afterwards_everything() {
    let house = impatient().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest("bob").await);
    alice.say("Lobby", "before").await;
    house.settle().await;
    let holder = behind(&house);
    holder.execute_batch("BEGIN IMMEDIATE").expect("nobody else holds it");

    let unavailable = |trouble: Trouble| matches!(trouble, Trouble::Store(StoreFault::Unavailable { .. }));
    assert!(unavailable(alice.try_say("Lobby", "meanwhile").await.unwrap_err()));
    assert!(unavailable(bob.session.join(&[house.guid("Lobby")], false).await.unwrap_err()));
    assert!(unavailable(alice.session.part(&[house.guid("Lobby")]).await.unwrap_err()));
    assert!(unavailable(alice.session.visitor().set_preference("groups", vec![1]).await.unwrap_err()));
    assert_eq!(bob.history("Lobby", None).await.expect("he may read"), ["Lobby 1 alice: before"]);
    holder.execute_batch("ROLLBACK").expect("it was begun");

    bob.join("Lobby").await;
    alice.say("Lobby", "after").await;
    assert_eq!(bob.heard().await, ["Lobby 2 alice: after"]);
    assert_eq!(alice.heard().await, ["Lobby 1 alice: before", "bob comes to Lobby", "Lobby 2 alice: after"]);
    house.stop().await;
    assert_eq!(views(&house).await, 1, "that history was shown is kept afterwards");
}

#[tokio::test]
async fn a_database_that_is_away_refuses_what_is_said_and_is_used_again_when_it_is_back() {
    let cluster = Cluster::start();
    let house = House::in_database(&cluster.database()).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    alice.say("Lobby", "before").await;
    house.settle().await;
    assert_eq!(bob.history("Lobby", None).await.expect("he may read"), ["Lobby 1 alice: before"]);
    cluster.crash();

    let unavailable = |trouble: Trouble| matches!(trouble, Trouble::Store(StoreFault::Unavailable { .. }));
    for _ in 0..2 {
        assert!(unavailable(alice.try_say("Lobby", "meanwhile").await.unwrap_err()));
    }
    assert_eq!(bob.history("Lobby", None).await.expect("out of memory"), ["Lobby 1 alice: before"]);
    cluster.come_back();

    alice.say("Lobby", "after").await;
    let heard = ["Lobby 1 alice: before", "Lobby 2 alice: after"];
    assert_eq!(bob.heard().await, heard);
    assert_eq!(bob.history("Lobby", None).await.expect("he may read"), heard);
    house.stop().await;
}

#[tokio::test]
async fn a_session_that_ends_while_nothing_can_be_written_is_owed_its_entry() {
    let house = impatient().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let carol = house.guest_in("carol", "Lobby").await;
    let holder = behind(&house);
    holder.execute_batch("BEGIN IMMEDIATE").expect("nobody else holds it");
    bob.session.close(PartReason::Gone).await;
    drop(carol);
    let waiting = alice.waiting().await;
    assert_eq!(
        waiting[2..],
        ["bob leaves Lobby", "carol leaves Lobby"],
        "they are gone, whatever is written"
    );
    holder.execute_batch("ROLLBACK").expect("it was begun");
    house.stop().await;

    let told = house.told().await;
    let gone =
        told.iter().filter(|told| matches!(told, ServerEntry::Parted { reason: PartReason::Gone, .. }));
    assert_eq!(gone.count(), 2, "{told:?}");
}

#[tokio::test]
async fn a_join_that_is_not_kept_is_not_made() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest("bob").await);
    refuse(&house, "BEFORE INSERT ON present");
    let rooms = ["Kitchen", "Lobby"].map(|room| house.guid(room));
    let refused = bob.session.join(&rooms, true).await;
    assert!(matches!(refused, Err(Trouble::Store(StoreFault::Rejected { .. }))), "{refused:?}");
    alice.say("Lobby", "who is there?").await;
    assert!(bob.heard().await.is_empty());
    assert_eq!(bob.try_say("Lobby", "me").await, Err(Refusal::NotJoined.into()));

    relent(&house);
    bob.join_all(&["Kitchen", "Lobby"]).await;
    assert_eq!(alice.heard().await, ["Lobby 1 alice: who is there?", "bob comes at once to Lobby"]);
}

#[tokio::test]
async fn who_cannot_part_is_still_in_and_misses_nothing() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    assert_eq!(alice.next_line().await, "bob comes to Lobby");
    refuse(&house, "BEFORE DELETE ON present");
    let shut = house.gate.shut();
    let saying = alice.say("Lobby", "meanwhile");
    tokio::pin!(saying);
    tokio::select! {
        biased;
        _ = &mut saying => panic!("it was answered before it was kept"),
        () = shut.reached() => (),
    }
    // Bob's part waits behind what Alice says, and is refused when that has long been shown.
    let lobby = [house.guid("Lobby")];
    let shown = async {
        shut.pass_one();
        shut.reached().await;
        assert_eq!(alice.next_line().await, "Lobby 1 alice: meanwhile");
        assert!(bob.waiting().await.is_empty(), "he is on his way out");
        drop(shut);
    };
    let (refused, (), _) = tokio::join!(bob.session.part(&lobby), shown, saying);
    assert!(matches!(refused, Err(Trouble::Store(StoreFault::Rejected { .. }))), "{refused:?}");
    alice.say("Lobby", "after").await;
    bob.say("Lobby", "I am still here").await;

    let said: Vec<String> = house.said("Lobby").await.iter().map(|line| format!("Lobby {line}")).collect();
    assert_eq!(said.len(), 3);
    assert_eq!(bob.heard().await, said);
    assert!(!alice.heard().await.contains(&"bob leaves Lobby".to_owned()));
    relent(&house);
    bob.part("Lobby").await.expect("he is in");
    assert_eq!(alice.heard().await, ["bob leaves Lobby"]);
}

#[tokio::test]
async fn who_cannot_part_and_lost_the_right_meanwhile_is_out_nevertheless() {
    let house = House::open().await;
    house
        .set_room(
            "Engineering",
            RoomFields { members: crate::house::add(&["dave"]), ..RoomFields::default() },
        )
        .await;
    let (alice, bob) =
        (house.guest_in("alice", "Engineering").await, house.guest_in("bob", "Engineering").await);
    let dave = house.guest_in("dave", "Engineering").await;
    alice.heard().await;
    bob.heard().await;
    refuse(&house, "BEFORE DELETE ON present");
    let fields = RoomFields { members: remove(&["bob", "dave"]), ..RoomFields::default() };
    let name = "Engineering".into();
    let removal = house.kept(Operation::RoomSet(RoomSet { room: name, fields, ..RoomSet::default() }));
    let shut = house.gate.shut();
    tokio::pin!(removal);
    tokio::select! {
        biased;
        () = &mut removal => panic!("it was kept behind a shut gate"),
        () = shut.reached() => (),
    }
    // The removal is being written; behind it waits Bob's part, which the database will refuse.
    let engineering = [house.guid("Engineering")];
    let parting = bob.session.part(&engineering);
    let followed = async {
        shut.pass_one();
        shut.reached().await;
        assert_eq!(alice.next_line().await, "dave leaves Engineering");
        drop(shut);
    };
    let (refused, (), ()) = tokio::join!(parting, followed, removal);
    assert!(matches!(refused, Err(Trouble::Store(StoreFault::Rejected { .. }))), "{refused:?}");

    relent(&house);
    alice.say("Engineering", "between you and me").await;
    assert_eq!(bob.heard().await, ["dave leaves Engineering", "put out of Engineering"]);
    assert_eq!(dave.heard().await, ["put out of Engineering"]);
    assert_eq!(alice.heard().await, ["bob leaves Engineering", "Engineering 1 alice: between you and me"]);
}

#[tokio::test]
async fn a_post_the_database_cannot_bear_is_refused_alone() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    refuse(&house, "BEFORE INSERT ON body WHEN NEW.text = 'poison'");
    let texts = ["one", "two", "poison", "three", "four"];
    let answers = all(texts.iter().map(|text| alice.try_say("Lobby", text))).await;
    for (text, answer) in texts.iter().zip(answers) {
        match answer {
            Ok(_) => assert_ne!(*text, "poison"),
            Err(Trouble::Store(StoreFault::Rejected { .. })) => assert_eq!(*text, "poison"),
            Err(other) => panic!("{text}: {other}"),
        }
    }
    let said = ["Lobby 1 alice: one", "Lobby 2 alice: two", "Lobby 3 alice: three", "Lobby 4 alice: four"];
    assert_eq!(alice.heard().await, said);
}

#[tokio::test]
async fn when_another_server_takes_the_store_every_session_ends_and_nothing_follows() {
    for memory_bytes in [0, Limits::default().memory_bytes] {
        let house = House::with(Limits { memory_bytes, outbox: 5, ..Limits::default() }).await;
        let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
        for n in 1..=8 {
            alice.say("Lobby", &format!("line {n}")).await;
        }
        house.settle().await;
        let clock = house.gate.clone();
        let other = Store::open(&house.file(), &founding(), clock).expect("it may be taken over");
        assert_eq!(alice.try_say("Lobby", "too late").await, Err(Trouble::Stopping));

        for guest in [&alice, &bob] {
            let shown = guest.waiting().await;
            assert_eq!(shown.last().expect("it is told"), "ended: Superseded", "{shown:?}");
        }
        assert_eq!(alice.history("Lobby", None).await, Err(Trouble::Stopping));
        assert_eq!(house.try_guest("carol").await.err(), Some(Refusal::NotAllowed));
        assert_eq!(house.said("Lobby").await.len(), 8);
        other.close().await;
    }
}
