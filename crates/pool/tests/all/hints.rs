//! Stories of hints: with them a server knows at once, without them at the next look; told by looks, not by the clock.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chat::ServerId;
use pool::{Alone, Heard, Hint, Hub, Nats, NatsFault, Notify, PeerLink};
use tokio::time::Instant;
use uuid::Uuid;

use crate::stage::{Machine, Stage, only_by_hints, usual};
use cluster::{Cluster, answer};

const POOL: Uuid = Uuid::from_u128(42);
/// How long a server waits between looks for what it hears of strangers (limits.rs).
const LOOK_APART: Duration = Duration::from_millis(200);

#[tokio::test(start_paused = true)]
async fn what_one_writes_the_other_hears_at_once() {
    let stage = Stage::sqlite();
    stage.has("chat1").await;
    let hub = Hub::new();
    let second = stage.start("chat2", hub.link(), only_by_hints()).await;
    let first = stage.start("chat1", hub.link(), usual()).await;
    let number = first.writes("alice").await;
    second.knows(&first, number).await;
    assert_eq!(second.pool.figures().polls, 0, "it did not look for itself");
}

#[tokio::test(start_paused = true)]
async fn whoever_is_new_in_the_pool_is_known_as_soon_as_it_is_heard() {
    let stage = Stage::sqlite();
    let hub = Hub::new();
    let second = stage.start("chat2", hub.link(), only_by_hints()).await;
    let first = stage.start("chat1", hub.link(), usual()).await;
    let number = first.writes("alice").await;
    second.knows(&first, number).await;
    assert_eq!(second.pool.figures().polls, 1, "for it had never heard of it");
}

/// Whoever can send hints, and should not.
#[tokio::test(start_paused = true)]
async fn what_a_stranger_claims_is_forgotten_and_costs_a_look_now_and_then() {
    let stage = Stage::sqlite();
    let hub = Hub::new();
    let first = stage.start("chat1", hub.link(), usual()).await;
    let begun = Instant::now();
    let second = stage.start("chat2", hub.link(), usual()).await;
    let stranger = hub.link();
    for number in 1_000..1_500 {
        stranger.tell(Hint { server: ServerId(number), number: 1 }).await;
    }
    let claimed = Hint { server: first.store.identity().server, number: u64::MAX };
    stranger.tell(claimed).await;
    let mut heads = second.pool.heads();
    heads.wait_for(|heads| heads.servers[&claimed.server] == claimed.number).await.unwrap();
    let number = first.writes("alice").await;
    second.knows(&first, number).await;
    assert_eq!(second.pool.heads().borrow().servers.len(), 2);
    // While files are written the clock of the timers runs ahead, and whatever is due then is done.
    let due = 2 + begun.elapsed().as_millis() / LOOK_APART.as_millis();
    assert!(u128::from(second.pool.figures().polls) <= due, "{due} were due: {:?}", second.pool.figures());
}

/// Nothing is lost with a hint but time.
#[tokio::test(start_paused = true)]
async fn without_hints_it_is_known_within_a_second() {
    let stage = Stage::sqlite();
    let first = stage.start("chat1", Alone, usual()).await;
    let second = stage.start("chat2", Alone, usual()).await;
    let number = first.writes("alice").await;
    let written = Instant::now();
    second.knows(&first, number).await;
    assert!(written.elapsed() <= Duration::from_secs(1), "{:?}", written.elapsed());
    // A look may have begun before the writing and have seen it: the next one says that nothing is missing up to then.
    let mut heads = second.pool.heads();
    heads.wait_for(|heads| heads.asked > written).await.expect("it is known when that was asked");
    assert!(written.elapsed() <= Duration::from_secs(2), "{:?}", written.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_pool_of_one_tells_nobody() {
    let stage = Stage::sqlite();
    let alone = stage.start("chat1", Hub::new().link(), usual()).await;
    let number = alone.writes("alice").await;
    alone.knows(&alone, number).await;
    assert_eq!(alone.pool.figures().hints_told, 0);
}

#[tokio::test]
async fn the_database_carries_hints() {
    let url = Cluster::running().database();
    let stage = Stage::postgres(&url, Duration::ZERO);
    stage.has("chat1").await;
    let second = stage.start_heard("chat2", Notify::over, only_by_hints()).await;
    looks(&second, 1).await;
    let first = stage.start_heard("chat1", Notify::over, only_by_hints()).await;
    looks(&first, 1).await;
    let number = first.writes("alice").await;
    second.knows(&first, number).await;
    assert_eq!(second.pool.figures().polls, 1, "it looked when the session was there, and not again");
    assert!(second.pool.figures().hints_heard > 0);

    // The sessions go; with the next ones everything is looked at once.
    let looked = first.pool.figures().polls;
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = 'causerie notices' AND datname = current_database()";
    answer(&url, ended);
    // What is said while there is no session is lost: the story goes on when both are there again.
    looks(&second, 2).await;
    looks(&first, looked + 1).await;
    let number = first.writes("bob").await;
    second.knows(&first, number).await;
    assert_eq!(second.pool.figures().polls, 2, "once more, when the session was there again");
}

/// Waits until a server has looked so often.
async fn looks(machine: &Machine, times: u64) {
    let mut heads = machine.pool.heads();
    while machine.pool.figures().polls < times {
        heads.changed().await.unwrap();
    }
}

/// A server of NATS that ends with the story.
struct NatsServer {
    process: Child,
    port: u16,
}

impl NatsServer {
    fn start(port: u16) -> Self {
        let mut process = Command::new("nats-server")
            .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
            .stderr(Stdio::piped())
            .spawn()
            .expect("NATS is installed: apt-get install nats-server");
        let said = BufReader::new(process.stderr.take().unwrap());
        let mut lines = said.lines();
        lines.find(|line| line.as_ref().unwrap().contains("Server is ready")).expect("it starts").unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, port }
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn nats_carries_hints() {
    let nats = NatsServer::start(free_port());
    let stage = Stage::sqlite();
    stage.has("chat1").await;
    let link = async || Nats::connect(&nats.url(), POOL, None).await.unwrap();
    let (one, two) = (link().await, link().await);
    assert_eq!(two.hear().await, Heard::Anew, "it is there");
    let second = stage.start("chat2", two, only_by_hints()).await;
    let first = stage.start("chat1", one, usual()).await;
    let number = first.writes("alice").await;
    second.knows(&first, number).await;
    assert_eq!(second.pool.figures().polls, 0, "it did not look for itself");
}

#[tokio::test]
async fn nats_may_come_later_and_go_away() {
    let port = free_port();
    let stage = Stage::sqlite();
    let link = async || Nats::connect(&format!("nats://127.0.0.1:{port}"), POOL, None).await.unwrap();
    let first = stage.start("chat1", link().await, usual()).await;
    let second = stage.start("chat2", link().await, usual()).await;
    let number = first.writes("alice").await;
    second.knows(&first, number).await;

    let heard = second.pool.figures().hints_heard;
    let nats = NatsServer::start(port);
    let mut heads = second.pool.heads();
    for guest in 0.. {
        first.writes(&format!("guest{guest}")).await;
        if second.pool.figures().hints_heard > heard {
            break;
        }
        heads.changed().await.unwrap();
    }
    drop(nats);
    let number = first.writes("carol").await;
    second.knows(&first, number).await;
}

#[tokio::test]
async fn nats_on_another_machine_needs_tls() {
    let refused = async |url: &str| Nats::connect(url, POOL, None).await.unwrap_err();
    assert!(matches!(refused("nats://nats.example.com:4222").await, NatsFault::Plain { .. }));
    assert!(refused("nats://nats.example.com").await.to_string().contains("tls://nats.example.com"));
    assert!(matches!(refused("nats://[").await, NatsFault::Address { .. }));
    let link = Nats::connect("tls://nats.example.com:4222", POOL, None).await;
    link.expect("whoever answers there later must prove who it is");
}
