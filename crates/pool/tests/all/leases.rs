//! Stories of leases with a clock that is moved: who keeps one, who is lost, who comes back too late.

use std::time::Duration;

use chat::{Entry, JournalKey, ServerEntry};
use pool::{Alone, Hint, Hub, Options, PeerLink, Pool, PoolFault, Service, Why};
use store::{Place, ServerState};
use tokio::time::{Instant, sleep};

use crate::stage::{Machine, Stage, place, usual};
use cluster::{Cluster, Hanging};

const ACTIVE: Service = Service::Given(ServerState::Active);

async fn seconds(count: u64) {
    sleep(Duration::from_secs(count)).await;
}

fn takeovers(machines: &[&Machine]) -> u64 {
    machines.iter().map(|machine| machine.pool.figures().takeovers).sum()
}

/// How often a server's journal tells that it was lost.
async fn losses(told_by: &Machine, lost: &store::Identity) -> usize {
    let entries = told_by.store.entries(JournalKey::Server(lost.server), 0, 1_000).await.unwrap();
    let is_loss = |entry: &Entry| matches!(entry, Entry::Server(ServerEntry::ServerLost { .. }));
    entries.iter().filter(|recorded| is_loss(&recorded.header.entry)).count()
}

#[tokio::test(start_paused = true)]
async fn whoever_runs_keeps_its_lease() {
    let stage = Stage::sqlite();
    let alone = stage.start("chat1", Alone, usual()).await;
    let other = stage.start("chat2", Alone, usual()).await;
    seconds(120).await;
    assert_eq!((alone.pool.serves(), other.pool.serves()), (ACTIVE, ACTIVE));
    assert_eq!(takeovers(&[&alone, &other]), 0);
    assert_eq!(alone.pool.figures().peers, 1);
    assert!(alone.pool.figures().lease_ms > 7_000, "{:?}", alone.pool.figures());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_died_is_ended_once_when_its_lease_is_over() {
    let stage = Stage::sqlite();
    let hub = Hub::new();
    let first = stage.start("chat1", hub.link(), usual()).await;
    let second = stage.start("chat2", hub.link(), usual()).await;
    let third = stage.start("chat3", hub.link(), usual()).await;
    seconds(5).await;
    let lost = first.store.identity().clone();
    first.dies();

    seconds(8).await;
    assert_eq!(takeovers(&[&second, &third]), 0, "its lease is not over for sure");
    seconds(4).await;
    assert_eq!(takeovers(&[&second, &third]), 1);
    assert_eq!(losses(&third, &lost).await, 1);
    assert_eq!((second.pool.serves(), third.pool.serves()), (ACTIVE, ACTIVE));
    let number = third.store.heads().await.unwrap()[&lost.server];
    for machine in [second, third] {
        let mut heads = machine.pool.heads();
        heads.wait_for(|heads| heads.servers[&lost.server] == number).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_in_order_is_no_loss() {
    let stage = Stage::sqlite();
    let first = stage.start("chat1", Alone, usual()).await;
    let second = stage.start("chat2", Alone, usual()).await;
    let stopped = first.store.identity().clone();
    first.stops().await;
    seconds(60).await;
    assert_eq!(takeovers(&[&second]), 0);
    assert_eq!(losses(&second, &stopped).await, 0);
}

#[tokio::test(start_paused = true)]
async fn everybody_knows_how_many_endpoints_a_server_has() {
    let stage = Stage::sqlite();
    let first = stage.start("chat1", Alone, usual()).await;
    let second = stage.start("chat2", Alone, usual()).await;
    first.pool.counted_by(|| 12);
    seconds(4).await;
    let seen = second.pool.servers().borrow().clone();
    let told = |of: &Machine| {
        let lease = seen.one(of.store.identity().server).and_then(|server| server.lease.clone());
        lease.map(|lease| lease.endpoints)
    };
    assert_eq!((told(&first), told(&second)), (Some(12), Some(0)));
    assert!(second.pool.others_take_people());
    first.stops().await;
    seconds(2).await;
    assert!(!second.pool.others_take_people());
}

/// As a process that was stopped by a signal: its lease runs out, and when it goes on its time is over.
#[tokio::test(start_paused = true)]
async fn whoever_sleeps_past_its_lease_knows_it_at_once_and_ends() {
    let stage = Stage::sqlite();
    let asleep = Options { renew: Duration::from_secs(20), poll: Duration::from_secs(20), ..usual() };
    let sleeper = stage.start("chat1", Alone, asleep).await;
    let second = stage.start("chat2", Alone, usual()).await;
    let mut told = sleeper.pool.service();
    seconds(9).await;
    assert_eq!(sleeper.pool.serves(), ACTIVE);
    seconds(3).await;
    assert_eq!(*told.borrow_and_update(), ACTIVE, "nobody has told it");
    assert_eq!(sleeper.pool.serves(), Service::Withheld(Why::LeaseRanOut), "its own clock has");
    assert_eq!(takeovers(&[&second]), 1);

    sleeper.pool.over().await;
    assert_eq!(sleeper.pool.serves(), Service::Over);
    let late = sleeper.store.renew_lease(0).await;
    assert_eq!(late.unwrap_err(), store::StoreFault::Superseded);
}

/// Its people would stay where nothing can be kept, while the others have parted them.
#[tokio::test(start_paused = true)]
async fn whoever_alone_is_cut_off_from_the_database_hears_so_from_the_others_and_ends() {
    let stage = Stage::sqlite();
    let hub = Hub::new();
    let never = Duration::from_secs(86_400);
    let cut_off = stage.start("chat1", hub.link(), Options { renew: never, poll: never, ..usual() }).await;
    // It is not told so: the other one takes nobody over yet.
    let second = stage.start("chat2", hub.link(), Options { grace: never, ..usual() }).await;
    seconds(9).await;
    assert_eq!(cut_off.pool.serves(), ACTIVE);
    seconds(2).await;
    assert_eq!(
        cut_off.pool.serves(),
        Service::Withheld(Why::LeaseRanOut),
        "it may be an outage, which all sit out"
    );
    seconds(6).await;
    assert_eq!(cut_off.pool.serves(), Service::Over);
    assert_eq!(takeovers(&[&second]), 0);
    assert_eq!(second.pool.serves(), ACTIVE);
}

/// It would be late to wait until it is sure by itself.
#[tokio::test(start_paused = true)]
async fn whoever_was_taken_over_hears_so_and_ends_at_once() {
    let stage = Stage::sqlite();
    let hub = Hub::new();
    let never = Duration::from_secs(86_400);
    let cut_off = stage.start("chat1", hub.link(), Options { renew: never, poll: never, ..usual() }).await;
    let stranger = hub.link();
    let claimed = Hint { server: cut_off.store.identity().server, number: 1_000 };
    stranger.tell(claimed).await;
    let second = stage.start("chat2", hub.link(), usual()).await;
    seconds(9).await;
    assert_eq!(cut_off.pool.serves(), ACTIVE, "its lease runs, whatever anybody says");
    let died = Instant::now() + Duration::from_secs(1);
    cut_off.pool.over().await;
    assert!(died.elapsed() <= Duration::from_secs(2), "{:?}", died.elapsed());
    assert_eq!(takeovers(&[&second]), 1);
}

/// After an outage all leases have run out: their holders renew them before anybody takes them for lost.
#[tokio::test(start_paused = true)]
async fn after_an_outage_nobody_is_taken_for_lost() {
    let stage = Stage::sqlite();
    let hub = Hub::new();
    let first = stage.start("chat1", hub.link(), usual()).await;
    let second = stage.start("chat2", hub.link(), usual()).await;
    seconds(5).await;
    let elsewhere = rusqlite::Connection::open(stage.file()).unwrap();
    elsewhere.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut service = first.pool.service();
    service.wait_for(|service| *service == Service::Withheld(Why::LeaseRanOut)).await.unwrap();
    seconds(45).await;
    assert_eq!(first.pool.serves(), Service::Withheld(Why::LeaseRanOut));

    elsewhere.execute_batch("ROLLBACK").unwrap();
    let back = Instant::now();
    service.wait_for(|service| *service == ACTIVE).await.unwrap();
    assert!(back.elapsed() <= Duration::from_secs(3), "{:?}", back.elapsed());
    seconds(20).await;
    assert_eq!((first.pool.serves(), second.pool.serves()), (ACTIVE, ACTIVE));
    assert_eq!(takeovers(&[&first, &second]), 0);
}

#[tokio::test(start_paused = true)]
async fn the_same_installation_started_twice_ends_the_first() {
    let stage = Stage::sqlite();
    let first = stage.start("chat1", Alone, usual()).await;
    let again = stage.start("chat1", Alone, usual()).await;
    first.pool.over().await;
    assert_eq!(again.pool.serves(), ACTIVE);
}

#[tokio::test]
async fn a_clock_that_is_wrong_refuses_to_serve() {
    let url = Cluster::running().database();
    let wrong = Stage::postgres(&url, Duration::from_secs(60));
    let refused = wrong.try_start("chat1", Alone, usual()).await.err().expect("a minute is too much");
    assert!(
        matches!(refused, PoolFault::Withheld(Why::Skew { seconds: 59..=60, is_ahead: false })),
        "{refused}"
    );
    assert!(refused.to_string().contains("behind that of the database: set both by NTP"), "{refused}");

    let right = Stage::postgres(&url, Duration::ZERO);
    assert_eq!(right.start("chat1", Alone, usual()).await.pool.serves(), ACTIVE);
}

#[tokio::test]
async fn a_loss_is_seen_over_postgres_too() {
    let url = Cluster::running().database();
    let stage = Stage::postgres(&url, Duration::ZERO);
    let lost = stage.open(&Place { lease: Duration::ZERO, ..place("chat1") });
    let quick = Options { poll: Duration::from_millis(20), grace: Duration::ZERO, ..usual() };
    let second = stage.start("chat2", Alone, quick).await;
    let mut servers = second.pool.servers();
    let is_ended = |servers: &store::Servers| {
        let server = servers.one(lost.identity().server).unwrap();
        server.epoch == lost.identity().epoch + 1 && server.lease.is_none()
    };
    servers.wait_for(|servers| is_ended(servers)).await.unwrap();
    assert_eq!(losses(&second, lost.identity()).await, 1);
}

/// The sessions of a server with the database hang, as behind a wire that was cut: nothing is refused, nothing is answered.
#[tokio::test]
async fn whoever_waits_for_the_database_hears_the_others_all_the_same() {
    let url = Cluster::running().database();
    let stage = Stage::postgres(&url, Duration::ZERO);
    stage.has("chat2").await;
    let hub = Hub::new();
    let quick = Options {
        renew: Duration::from_millis(50),
        poll: Duration::from_millis(50),
        grace: Duration::from_millis(200),
    };
    let store = stage.open(&Place { lease: Duration::from_secs(1), ..place("chat1") });
    let cut_off = Pool::start(store, hub.link(), quick).await.unwrap();
    let hanging = Hanging::all_of(&url);
    let second = stage.start("chat2", hub.link(), quick).await;
    cut_off.over().await;
    assert_eq!(cut_off.serves(), Service::Over);
    assert_eq!(second.pool.serves(), ACTIVE);
    drop(hanging);
}
