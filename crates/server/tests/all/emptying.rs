//! Servers that are emptied: their people go to the others of the pool, nothing that was granted is lost, and it can be taken back.
//! How one link is led out is told in `frontend` and `web`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use testkit::wire::{Person, Way};
use testkit::{Cluster, Running};
use tokio::sync::Barrier;
use tokio::task::{JoinSet, spawn_blocking, yield_now};
use tokio::time::timeout;

use super::office::{CONFLICT, Office, PASSWORD};
use super::pool::machine;

/// Within this everybody is on another server (issue of pools: as after the death of one).
const MOVED_WITHIN: Duration = Duration::from_secs(15);
/// Posts of everybody on every link.
const POSTS: usize = 15;
/// Those who begin on the server that is emptied, and those who are on the other.
const LED_OUT: [&str; 5] = ["ana", "bob", "carol", "dave", "eve"];
const STAYING: [&str; 2] = ["frank", "grace"];

/// A client that has the addresses of the pool in this order.
struct Client {
    who: &'static str,
    addresses: Vec<Way>,
    links: u64,
}

impl Client {
    fn new(who: &'static str, addresses: [&Running; 2]) -> Self {
        let addresses = addresses.map(|running| Way::Tcp(running.address("sip-tcp")));
        Self { who, addresses: addresses.to_vec(), links: u64::from(who.as_bytes()[0]) << 8 }
    }

    /// Comes into the room by the first address at which somebody takes it, as clients do; which address that was.
    async fn comes(&mut self) -> (usize, Person, String) {
        loop {
            for (at, way) in self.addresses.iter().enumerate() {
                self.links += 1;
                if let Some((person, room)) = enters(way, self.who, self.links).await {
                    return (at, person, room);
                }
            }
            yield_now().await;
        }
    }

    /// Talks until it is on the other server; what was granted.
    async fn moves(mut self, all_there: Arc<Barrier>) -> Vec<String> {
        let (mut granted, mut is_new) = (Vec::new(), true);
        loop {
            let (at, mut person, room) = self.comes().await;
            if std::mem::take(&mut is_new) {
                assert_eq!(at, 0, "{} begins where it is", self.who);
                all_there.wait().await;
            }
            talks(&mut person, &room, self.who, self.links, &mut granted).await;
            if at == 1 {
                return granted;
            }
            person.until_closed().await;
        }
    }
}

/// Signs on and joins the room; `None` when it is not let in, or led out on the way.
async fn enters(way: &Way, who: &str, unique: u64) -> Option<(Person, String)> {
    let mut person = Person::connect(way, &format!("sip:{who}@example.com"), PASSWORD, unique).await.ok()?;
    person.sign_on().await.ok().filter(|answer| answer.status() == Some(200))?;
    person.enter().await.ok()?;
    let room = person.room("Engineering").await.ok()?;
    person.join(&room).await.ok().filter(|reply| reply.contains("resp code=\"200\""))?;
    Some((person, room))
}

/// Says one thing after the other, until it is led out.
async fn talks(person: &mut Person, room: &str, who: &str, link: u64, granted: &mut Vec<String>) {
    for number in 0..POSTS {
        let text = format!("{who} {link} {number}");
        match person.post(room, &text).await {
            Ok(200) => granted.push(text),
            _ => return,
        }
    }
}

#[tokio::test]
async fn everybody_on_a_server_that_is_emptied_is_on_the_other_in_time_and_nothing_is_lost() {
    let url = Cluster::running().database();
    let office = Office::with_store_in(&url, &[&LED_OUT[..], &STAYING[..]].concat());
    let second = machine(&office, "second");
    let one = office.program.serve(&["--machine", "chat1.example.com"]);
    let two = second.serve(&["--machine", "chat2.example.com"]);
    let mut stayer = Client::new("grace", [&two, &one]);
    let (_, mut grace, room) = stayer.comes().await;
    let all_there = Arc::new(Barrier::new(LED_OUT.len() + 1));
    let mut people = JoinSet::new();
    for who in LED_OUT {
        people.spawn(Client::new(who, [&one, &two]).moves(all_there.clone()));
    }
    let mut granted = Vec::new();
    all_there.wait().await;
    let program = office.program.clone();
    let drained = spawn_blocking(move || program.ask(&["service", "drain", "--wait", "15", "--json"], ""));
    let mut frank = Client::new("frank", [&two, &one]);
    let (_, mut at_two, _) = frank.comes().await;
    talks(&mut at_two, &room, "frank", 1, &mut granted).await;
    let moved = timeout(MOVED_WITHIN, people.join_all()).await.expect("everybody is elsewhere in time");
    granted.extend(moved.into_iter().flatten());
    let drained = drained.await.expect("it was asked");
    assert!(drained.status.success(), "{}", String::from_utf8_lossy(&drained.stderr));
    let said: serde_json::Value = serde_json::from_slice(&drained.stdout).expect("a row");
    assert_eq!((&said["state"], &said["endpoints"]), (&json!("draining"), &json!(0)));
    assert_eq!(office.row(&["pool", "state"])["leaving"], 0);

    let history = grace.history(&room, 500).await.expect("the link stays open");
    let mut kept: Vec<&str> = history.iter().map(|(_, _, text)| text.as_str()).collect();
    let numbers: Vec<u64> = history.iter().map(|(number, _, _)| *number).collect();
    assert!(numbers.is_sorted_by(|one, other| one < other), "{numbers:?}");
    kept.sort_unstable();
    granted.sort_unstable();
    assert_eq!(kept, granted, "each once, and nothing that was refused");

    office.must(&["pool", "undrain", "chat1.example.com"]);
    let mut ana = Client::new("ana", [&one, &two]);
    let back = timeout(MOVED_WITHIN, async { while ana.comes().await.0 != 0 {} });
    back.await.expect("it takes people again");
    assert!(one.terminate().0.success());
}

#[tokio::test]
async fn the_only_server_is_emptied_with_a_warning_and_says_so_until_it_is_taken_back() {
    let office = Office::with(&["ana"]);
    let said = office.refused(&["service", "drain"], CONFLICT);
    assert!(said.contains("does not run"), "{said}");
    let (running, way) = office.serve();
    let (mut ana, _) = enters(&way, "ana", 1).await.expect("she is let in");
    let told = office.told(&["service", "drain", "--wait", "30"]);
    assert!(
        told.contains("no other server of the pool takes people") && told.contains("pool undrain"),
        "{told}"
    );
    ana.until_closed().await;
    assert!(enters(&way, "ana", 2).await.is_none(), "nobody is let in");
    let name = office.row(&["service", "status"])["server"].as_str().expect("it has a name").to_owned();
    let shown = office.must(&["service", "status"]);
    assert!(shown.contains(&format!("it is {name} (draining) and has 0 endpoints")), "{shown}");
    office.must(&["pool", "undrain", &name]);
    let back = timeout(MOVED_WITHIN, async { while enters(&way, "ana", 3).await.is_none() {} });
    back.await.expect("people are let in again");
    assert!(running.terminate().0.success());
}
