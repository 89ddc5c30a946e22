//! Stories of places and leases: several servers over one store, and what becomes of one that is lost.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use chat::{Entry, JournalKey, Mask, ServerEntry, Stand};
use store::{AdminFault, Order, Place, PostOutcome, RowChange, ServerState, Store, StoreFault, TakeOver};

use crate::stage::{Cast, ROOT, Stage};
use cluster::Cluster;

/// A server whose lease is as long as usual.
fn place(name: &str) -> Place {
    Place::of(name, &format!("the machine of {name}"))
}

/// A server whose lease has run out as soon as it is taken: its process does not answer.
fn frozen(name: &str) -> Place {
    Place { lease: Duration::ZERO, ..place(name) }
}

async fn last_entry(store: &Store, journal: JournalKey) -> Entry {
    let head = store.head(journal).await.unwrap().position.number;
    store.entries(journal, head - 1, 1).await.unwrap()[0].header.entry.clone()
}

async fn joins(cast: &Cast) {
    let at = cast.store.head(JournalKey::Room(cast.engineering)).await.unwrap().position;
    let stand = Stand { room: cast.engineering, at, mask: Mask(0) };
    cast.store.join(cast.alice, 7, vec![stand]).await.unwrap();
}

pub async fn a_place_is_one_installations_until_its_lease_is_over(stage: Stage) {
    let first = stage.open_place(&place("Chat1.example.com"));
    assert_eq!(first.identity().server_name, "chat1.example.com");

    let elsewhere = Place::of("chat1.example.com", "another machine");
    let StoreFault::Held { name, holder, seconds } = stage.try_open_place(&elsewhere).unwrap_err() else {
        panic!("the lease is not over")
    };
    assert_eq!((name.as_str(), holder.as_str()), ("chat1.example.com", "the machine of Chat1.example.com"));
    assert!((1..=10).contains(&seconds), "{seconds} s");

    let again = stage.open_place(&place("Chat1.example.com"));
    assert_eq!(again.identity().server, first.identity().server);
    assert_eq!(first.renew_lease(0).await.unwrap_err(), StoreFault::Superseded);
    again.close().await;
    assert_eq!(stage.open_place(&elsewhere).identity().server, first.identity().server);
}

pub async fn a_lost_server_is_ended_once_and_nobody_is_there_any_more(stage: Stage) {
    let cast = Cast::in_store(stage.open_place(&frozen("chat1.example.com"))).await;
    joins(&cast).await;
    let lost = cast.store.identity().clone();
    let second = stage.open_place(&place("chat2.example.com"));
    let third = stage.open_place(&place("chat3.example.com"));
    let seen = second.servers().await.unwrap();
    assert_eq!(seen.lost().map(|server| server.id).collect::<Vec<_>>(), [lost.server]);

    assert_eq!(second.take_over(lost.server, lost.epoch).await.unwrap(), TakeOver::Done);
    assert_eq!(third.take_over(lost.server, lost.epoch).await.unwrap(), TakeOver::NotLost);
    let told = ServerEntry::ServerLost { server: lost.server, epoch: lost.epoch };
    assert_eq!(last_entry(&third, JournalKey::Server(lost.server)).await, Entry::Server(told));
    assert!(third.roster().await.unwrap().present.is_empty());

    let late = cast.draft(cast.alice, cast.engineering, "I only slept").await;
    assert_eq!(cast.store.post(late).await.unwrap(), PostOutcome::Superseded);
    assert_eq!(cast.store.renew_lease(0).await.unwrap_err(), StoreFault::Superseded);
    third.verify(JournalKey::Server(lost.server)).await.unwrap();
}

pub async fn who_renews_in_time_or_before_anybody_looked_is_not_lost(stage: Stage) {
    let steady = stage.open_place(&place("chat1.example.com"));
    let late = stage.open_place(&Place { lease: Duration::ZERO, ..place("chat2.example.com") });
    let (server, epoch) = (steady.identity().server, steady.identity().epoch);
    assert_eq!(late.take_over(server, epoch).await.unwrap(), TakeOver::NotLost);
    late.renew_lease(7).await.expect("nobody has ended its time");
    let seen = steady.servers().await.unwrap();
    let told = |id| seen.one(id).and_then(|server| server.lease.as_ref()).map(|lease| lease.endpoints);
    assert_eq!((told(late.identity().server), told(server)), (Some(7), Some(0)));

    let (server, epoch) = (late.identity().server, late.identity().epoch);
    assert_eq!(steady.take_over(server, epoch + 1).await.unwrap(), TakeOver::NotLost, "of another time");
    assert_eq!(steady.take_over(server, epoch).await.unwrap(), TakeOver::Done);
}

pub async fn who_serves_says_how_far_it_has_followed(stage: Stage) {
    let first = stage.open_place(&place("chat1.example.com"));
    let second = stage.open_place(&place("chat2.example.com"));
    let behind = async |number| -> Vec<String> {
        let seen = first.servers().await.unwrap();
        seen.behind(number).map(|server| server.name.clone()).collect()
    };
    assert_eq!(behind(7).await, [""; 0], "who follows nothing is not waited for");
    second.confirm(6).await.unwrap();
    assert_eq!((behind(6).await, behind(7).await), (vec![], vec!["chat2.example.com".to_owned()]));
    second.confirm(9).await.unwrap();
    second.confirm(7).await.expect("it may be late");
    assert_eq!((behind(9).await, behind(10).await), (vec![], vec!["chat2.example.com".to_owned()]));

    let again = stage.open_place(&place("chat2.example.com"));
    assert_eq!(behind(10).await, [""; 0], "a new process says it anew");
    assert_eq!(second.confirm(10).await.unwrap_err(), StoreFault::Superseded);
    again.confirm(9).await.unwrap();
    again.close().await;
    let frozen = stage.open_place(&frozen("chat3.example.com"));
    frozen.confirm(1).await.unwrap();
    assert_eq!(behind(10).await, [""; 0], "whose lease is over serves nobody");
}

pub async fn whose_own_time_is_over_ends_nobody_elses(stage: Stage) {
    let first = stage.open_place(&frozen("chat1.example.com"));
    let second = stage.open_place(&frozen("chat2.example.com"));
    let third = stage.open_place(&place("chat3.example.com"));
    let [one, two] = [&first, &second].map(|store| store.identity().clone());
    assert_eq!(third.take_over(one.server, one.epoch).await.unwrap(), TakeOver::Done);
    assert_eq!(first.take_over(two.server, two.epoch).await.unwrap_err(), StoreFault::Superseded);

    let seen = third.servers().await.unwrap();
    assert_eq!(seen.one(two.server).unwrap().epoch, two.epoch, "nothing became of it");
}

pub async fn a_server_that_stops_leaves_nobody_behind(stage: Stage) {
    let cast = Cast::in_store(stage.open_place(&place("chat1.example.com"))).await;
    joins(&cast).await;
    let stopped = cast.store.identity().clone();
    cast.store.close().await;

    let second = stage.open_place(&place("chat2.example.com"));
    assert!(second.roster().await.unwrap().present.is_empty());
    assert_eq!(second.servers().await.unwrap().one(stopped.server).unwrap().lease, None);
    let told = ServerEntry::ServerLost { server: stopped.server, epoch: stopped.epoch };
    assert_eq!(last_entry(&second, JournalKey::Server(stopped.server)).await, Entry::Server(told));
}

pub async fn what_is_no_name_of_a_machine_takes_no_place(stage: Stage) {
    let odd_names = [
        "",
        "../x;\"",
        "chat1\n",
        "sip:chat1.example.com",
        "chat1.example.com.",
        ".example.com",
        " chat1",
        "ch\u{e4}t1",
    ];
    for odd in odd_names {
        let refused = stage.try_open_place(&place(odd)).expect_err(odd).to_string();
        assert!(refused.contains("cs1.example.com"), "{odd:?}: {refused}");
    }
    let seen = stage.open_place(&place("chat_1")).servers().await.unwrap();
    assert_eq!(seen.all.iter().map(|server| server.name.as_str()).collect::<Vec<_>>(), ["chat_1"]);
}

pub async fn secrets_are_sealed_under_one_key(stage: Stage) {
    let store = stage.open_place(&place("chat1"));
    assert!(store.sealed_under("the first").await.unwrap(), "whoever comes first says which");
    assert!(!store.sealed_under("another").await.unwrap());
    assert!(store.sealed_under("the first").await.unwrap());
    store.close().await;
    assert!(!stage.open_place(&place("chat2")).sealed_under("another").await.unwrap());
}

pub async fn four_are_active_and_eight_there_are(stage: Stage) {
    let name = |number| format!("chat{number}.example.com");
    for number in 1..=8 {
        stage.open_place(&place(&name(number))).close().await;
    }
    let ninth = stage.try_open_place(&place("chat9.example.com")).unwrap_err();
    assert_eq!(ninth, StoreFault::PoolFull { limit: 8 });
    assert!(ninth.to_string().contains("'causerie pool remove'"), "{ninth}");
    let command = Place { state: Some(ServerState::Command), ..place("chat9.example.com") };
    let seen = stage.open_place(&command).servers().await.unwrap();
    let states: Vec<ServerState> = seen.all.iter().map(|server| server.state).collect();
    assert_eq!(states[..4], [ServerState::Active; 4]);
    assert_eq!(states[4..8], [ServerState::Standby; 4]);
    assert_eq!(states[8..], [ServerState::Command]);
}

pub async fn a_roster_names_the_places_at_which_it_is_true(stage: Stage) {
    let cast = Cast::in_store(stage.open_place(&place("chat1.example.com"))).await;
    joins(&cast).await;
    let second = stage.open_place(&place("chat2.example.com"));
    let roster = second.roster().await.unwrap();
    let [alice] = roster.present.as_slice() else { panic!("{roster:?}") };
    assert_eq!(
        (alice.person, alice.endpoint, alice.rooms.as_slice()),
        (cast.alice, 7, &[cast.engineering][..])
    );

    let joined = second.entries(JournalKey::Server(alice.server), 0, 100).await.unwrap();
    assert_eq!(roster.heads[&alice.server], joined.len() as u64);
    assert_eq!(roster.heads, second.heads().await.unwrap());
    assert_eq!(roster.heads, second.servers().await.unwrap().heads());
}

/// Its process was stopped in the middle of a transaction, and the machine with it.
#[tokio::test]
async fn a_transaction_a_lost_server_left_open_is_ended() {
    let url = Cluster::running().database();
    let stage = Stage::postgres_at(url.clone());
    let lost = stage.open_place(&frozen("chat1.example.com")).identity().clone();
    let second = stage.open_place(&place("chat2.example.com"));

    let mut stopped = cluster::psql()
        .args(["-XAtq", &url])
        .env("PGAPPNAME", format!("causerie writer {} epoch {}", lost.server.0, lost.epoch))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut orders = stopped.stdin.take().unwrap();
    let holds = format!("UPDATE server SET batch = batch + 1 WHERE id = {} RETURNING 'held';", lost.server.0);
    writeln!(orders, "BEGIN; {holds}").unwrap();
    let mut said = String::new();
    BufReader::new(stopped.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said.trim(), "held");

    assert_eq!(second.take_over(lost.server, lost.epoch).await.unwrap(), TakeOver::Done);
    writeln!(orders, "COMMIT;").unwrap();
    drop(orders);
    assert!(!stopped.wait().unwrap().success(), "its session was ended");
    assert_eq!(second.servers().await.unwrap().one(lost.server).unwrap().epoch, lost.epoch + 1);
}

/// How many are active is a matter of all: whoever read them before another one was faster has decided about something else.
pub async fn what_servers_do_is_decided_by_all_of_them(stage: Stage) {
    let first = stage.open_place(&place("chat1.example.com"));
    let second = stage.open_place(&place("chat2.example.com"));
    let standing_by = Place { state: Some(ServerState::Standby), ..place("chat3.example.com") };
    let third = stage.open_place(&standing_by);
    let ids = [&first, &second, &third].map(|store| store.identity().server);
    let states = async |store: &Store| -> Vec<_> {
        store.servers().await.unwrap().all.iter().map(|server| (server.id, server.state)).collect()
    };
    let set = async |by: &Store, read: &[_], after: &[_]| {
        let change = RowChange::SetServers { read: read.to_vec(), after: after.to_vec() };
        by.administer(Order::of(ROOT, "{}".into()), vec![change]).await
    };

    let read = states(&first).await;
    set(&first, &read, &[(ids[0], ServerState::Standby)]).await.unwrap();
    let late = set(&second, &read, &[(ids[1], ServerState::Standby)]).await;
    assert_eq!(late.unwrap_err(), AdminFault::Stale, "nobody would be active");

    let read = states(&first).await;
    let removed = (ids[2], ServerState::Command);
    assert_eq!(set(&first, &read, &[removed]).await.unwrap_err(), AdminFault::Stale, "it runs");
    third.close().await;
    set(&first, &read, &[removed]).await.unwrap();
    let fourth = stage.open_place(&place("chat4.example.com")).identity().server;
    assert_eq!(set(&first, &read, &[]).await.unwrap_err(), AdminFault::Stale, "others are there now");
    let third = stage.open_place(&standing_by);
    let now = [
        (ids[0], ServerState::Standby),
        (ids[1], ServerState::Active),
        (third.identity().server, ServerState::Standby),
        (fourth, ServerState::Active),
    ];
    assert_eq!(states(&first).await, now, "whoever is started is a server of the pool again");
}

/// Servers of a new pool are started together.
#[tokio::test]
async fn four_servers_found_one_pool_at_the_same_time() {
    let url = Cluster::running().database();
    let stage = Stage::postgres_at(url);
    let opened: Vec<Store> = std::thread::scope(|scope| {
        let open = |number| stage.open_place(&place(&format!("chat{number}.example.com")));
        let threads: Vec<_> = (1..=4).map(|number| scope.spawn(move || open(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let seen = opened[0].servers().await.unwrap();
    assert_eq!(seen.all.len(), 4);
    assert!(seen.all.iter().all(|server| server.epoch == 1 && server.state == ServerState::Active));
}
