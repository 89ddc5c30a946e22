//! A pool of four servers under people who post, while servers are killed, stopped, drained and cut off, and the database dies:
//! nothing kept is lost, doubled or in another order, and everybody is back soon. Real processes on loopback.
//!
//! `cargo xtask test` tells it with one round of every fault, `cargo xtask torture --minutes N` goes on for so long; both with the
//! optimised program and the whole machine. Wires are cut by doors on loopback and not by network namespaces, which
//! only root may make: what passes or does not is the same.

#[path = "torture/crowd.rs"]
mod crowd;
#[path = "torture/cut.rs"]
mod cut;
#[path = "torture/ground.rs"]
mod ground;
#[path = "torture/memory.rs"]
mod memory;

use std::time::Duration;

use testkit::TestClock;
use testkit::chat::Clock;
use tokio::time::{Instant, timeout};

use crowd::Crowd;
use ground::Ground;
use memory::{Absence, faults, spread};

/// Servers of the pool: as many as may be active.
const SERVERS: usize = 4;
/// People; each is in `ROOMS_EACH` rooms.
const PEOPLE: usize = 400;
const ROOMS: usize = 20;
const ROOMS_EACH: usize = 3;
/// How long everybody may take to be back after a server's death, and the half of them (issue of pools).
const BACK_MAX: Duration = Duration::from_secs(15);
const BACK_MEDIAN_MAX: Duration = Duration::from_secs(5);
/// Longer than anything takes; the story has failed then.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longer than a lease.
const BEYOND_LEASE: Duration = Duration::from_secs(13);
/// Shorter than a lease.
const WITHIN_LEASE: Duration = Duration::from_secs(4);
/// People post undisturbed for so long between two faults.
const CALM: Duration = Duration::from_secs(3);

/// What is done to the pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// `kill -9`.
    Killed,
    /// SIGSTOP for longer than the lease, then SIGCONT.
    Frozen,
    /// Drained and stopped, as for an update.
    Drained,
    /// Nothing passes between a server and the database for longer than the lease.
    OffDatabase,
    /// The same for less than the lease.
    OffDatabaseShortly,
    /// Nothing passes between a server and the broker of hints.
    OffBroker,
    /// The database dies and is started again.
    DatabaseDies,
}

/// A lease (design of the journals): whoever cannot renew it is dead for the others when it is over, and not before.
const LEASE: Duration = Duration::from_secs(10);

const ALL: [Fault; 7] = [
    Fault::Killed,
    Fault::OffBroker,
    Fault::Frozen,
    Fault::DatabaseDies,
    Fault::OffDatabaseShortly,
    Fault::Drained,
    Fault::OffDatabase,
];

impl Fault {
    /// Whether the server is lost to its people.
    fn is_a_death(self) -> bool {
        matches!(self, Self::Killed | Self::Frozen | Self::Drained | Self::OffDatabase)
    }

    /// How long after it befell a server this one is dead.
    fn dies_after(self) -> Duration {
        if matches!(self, Self::Frozen | Self::OffDatabase) { LEASE } else { Duration::ZERO }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_kept_is_lost_doubled_or_reordered_whatever_dies() {
    let minutes: u64 = std::env::var("TORTURE_MINUTES").map_or(0, |text| text.parse().expect("minutes"));
    let seed: u64 = std::env::var("TORTURE_SEED").map_or(2026, |text| text.parse().expect("a seed"));
    let chosen = chosen();
    let chance = TestClock::at("2026-11-24T10:00:00Z", seed);
    println!("seed {seed}; wires are cut by doors on loopback, not by network namespaces");
    let begun = Instant::now();
    let mut ground = Ground::laid(SERVERS, ROOMS, PEOPLE).await;
    println!("{SERVERS} servers, {ROOMS} rooms and {PEOPLE} people after {:.1?}", begun.elapsed());
    let crowd = Crowd::gathered(&ground, PEOPLE, ROOMS_EACH);
    crowd.all_there(PATIENCE).await;
    println!("all in their rooms after {:.1?}", begun.elapsed());
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let mut done: Vec<(Fault, Instant)> = Vec::new();
    loop {
        for fault in chosen.clone() {
            let any = usize::try_from(chance.random_u64() % SERVERS as u64).expect("a small number");
            let server = if fault.is_a_death() { crowd.sharing() } else { any };
            let begun = Instant::now();
            println!("{fault:?}, server {}", server + 1);
            befall(&mut ground, fault, server).await;
            crowd.all_there(PATIENCE).await;
            done.push((fault, begun));
            tokio::time::sleep(CALM).await;
        }
        if Instant::now() >= until {
            break;
        }
    }
    let people = timeout(PATIENCE, crowd.goes_home()).await.expect("everything sent is answered");
    let rooms = ground.everything_kept().await;
    let absences: Vec<&Absence> = people.iter().flat_map(|person| &person.absences).collect();
    let mut found = faults(&people, &rooms);
    found.extend(late(&done, &absences));
    let kept: usize = rooms.iter().map(memory::Kept::len).sum();
    let sent: usize = people.iter().map(|person| person.sent.len()).sum();
    let seen: usize = people.iter().flat_map(|person| &person.seen).map(|(_, stretch)| stretch.0.len()).sum();
    println!(
        "{} faults, {sent} posts sent, {kept} kept, {seen} seen, {} links lost",
        done.len(),
        absences.len()
    );
    assert!(
        found.is_empty(),
        "{} faults, the first of them: {:#?}",
        found.len(),
        &found[..found.len().min(20)]
    );
}

/// The faults that are named by `TORTURE_FAULTS`, or all.
fn chosen() -> Vec<Fault> {
    let Ok(names) = std::env::var("TORTURE_FAULTS") else { return ALL.to_vec() };
    let known = |name: &str| ALL.into_iter().find(|fault| format!("{fault:?}") == name);
    names
        .split(',')
        .map(|name| known(name).unwrap_or_else(|| panic!("'{name}' is none of {ALL:?}")))
        .collect()
}

async fn befall(ground: &mut Ground, fault: Fault, server: usize) {
    match fault {
        Fault::Killed => {
            ground.kill(server);
            ground.start(server).await;
        }
        Fault::Frozen => {
            ground.freeze(server);
            tokio::time::sleep(BEYOND_LEASE).await;
            ground.thaw(server);
            ground.ends_by_itself(server).await;
            ground.start(server).await;
        }
        Fault::Drained => {
            ground.drain(server).await;
            ground.start(server).await;
        }
        Fault::OffDatabase => {
            ground.database_door(server).fall_silent();
            tokio::time::sleep(BEYOND_LEASE).await;
            ground.ends_by_itself(server).await;
            ground.database_door(server).open();
            ground.start(server).await;
        }
        Fault::OffDatabaseShortly => {
            ground.database_door(server).fall_silent();
            tokio::time::sleep(WITHIN_LEASE).await;
            ground.database_door(server).open();
        }
        Fault::OffBroker => {
            ground.broker_door(server).shut();
            tokio::time::sleep(WITHIN_LEASE).await;
            ground.broker_door(server).open();
        }
        Fault::DatabaseDies => {
            ground.postgres.crash();
            tokio::time::sleep(WITHIN_LEASE).await;
            ground.postgres.come_back();
        }
    }
}

/// Who came back too late after a server's death, in words; prints how long it took.
fn late(done: &[(Fault, Instant)], absences: &[&Absence]) -> Vec<String> {
    let mut found = Vec::new();
    for (place, (fault, begun)) in done.iter().enumerate() {
        let next = done.get(place + 1).map(|(_, next)| *next);
        let of_this =
            absences.iter().filter(|gone| gone.lost >= *begun && next.is_none_or(|next| gone.lost < next));
        let death = *begun + fault.dies_after();
        // Whoever is drained leads people out one after the other: each is away from then on.
        let from = |gone: &Absence| if *fault == Fault::Drained { gone.lost } else { death };
        let times: Vec<Duration> =
            of_this.map(|gone| gone.back.saturating_duration_since(from(gone))).collect();
        let (count, (median, longest)) = (times.len(), spread(times));
        println!("{fault:?}: {count} people away, back after {median:.1?} (median), {longest:.1?} (longest)");
        if fault.is_a_death() && (longest > BACK_MAX || median > BACK_MEDIAN_MAX) {
            found.push(format!(
                "after {fault:?} people were back after {median:.1?} (median), {longest:.1?} (longest)"
            ));
        }
    }
    found
}
