//! Where a story plays: servers over one store, with a clock that moves with the timers of the test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chat::{Actor, Address, Clock, DisplayName, Domain, Time};
use pool::{Options, PeerLink, Pool, PoolFault};
use store::{Founding, Location, Order, PersonDraft, Place, RowChange, Store};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::time::Instant;

/// The usual times.
pub fn usual() -> Options {
    Options::default()
}

/// A server that looks at nothing by itself, but tells and hears.
pub fn only_by_hints() -> Options {
    Options { poll: Duration::from_secs(86_400), ..usual() }
}

/// Goes as the timers of a test go, from a morning in March or from the true time.
pub struct MovingClock {
    timers: Handle,
    start: Time,
    origin: Instant,
    random: AtomicU64,
}

impl MovingClock {
    fn from(start: Time) -> Arc<Self> {
        let (timers, origin) = (Handle::current(), Instant::now());
        Arc::new(Self { timers, start, origin, random: AtomicU64::new(7) })
    }
}

impl Clock for MovingClock {
    fn now(&self) -> Time {
        // Other threads read the timers of the test, not their own.
        let _timers = self.timers.enter();
        self.start.plus_micros(i64::try_from(self.origin.elapsed().as_micros()).unwrap())
    }

    fn fill_random(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let next = self.random.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// A place for a store that several servers open.
pub struct Stage {
    dir: TempDir,
    location: Location,
    clock: Arc<MovingClock>,
}

/// A server: its store and its part in the pool.
pub struct Machine {
    pub store: Store,
    pub pool: Pool,
}

impl Stage {
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let location = Location::from(&dir.path().join("store.db"));
        Self { dir, location, clock: MovingClock::from(Time::parse_iso("2026-03-02T08:00:00Z").unwrap()) }
    }

    /// A database whose clock is before this machine's by so much.
    pub fn postgres(url: &str, ahead: Duration) -> Self {
        let now =
            cluster::answer(url, "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)");
        let ahead = i64::try_from(ahead.as_micros()).unwrap();
        let now = Time::from_unix_micros(now.parse::<i64>().unwrap() - ahead);
        let location = Location::postgres(url).unwrap();
        Self { dir: tempfile::tempdir().unwrap(), location, clock: MovingClock::from(now) }
    }

    pub fn file(&self) -> std::path::PathBuf {
        self.dir.path().join("store.db")
    }

    pub fn open(&self, place: &Place) -> Store {
        let founding = Founding {
            domain: Domain::parse("example.com").unwrap(),
            pool_name: "chat.example.com".into(),
            pool_guid: uuid::Uuid::from_u128(42),
            site: "Default".into(),
            chat: true,
        };
        let options = store::Options { busy_wait: Duration::from_millis(100), ..Default::default() };
        Store::open_place(self.location.clone(), Some(&founding), place, self.clock.clone(), &options)
            .unwrap()
    }

    /// The pool has this server, which does not run yet.
    pub async fn has(&self, name: &str) {
        self.open(&place(name)).close().await;
    }

    pub async fn start(&self, name: &str, link: impl PeerLink, options: Options) -> Machine {
        self.try_start(name, link, options).await.unwrap()
    }

    /// As [`Stage::start`], with a link that is made over the server's own store.
    pub async fn start_heard<L: PeerLink>(
        &self,
        name: &str,
        link: impl FnOnce(Store) -> L,
        options: Options,
    ) -> Machine {
        let store = self.open(&place(name));
        let pool = Pool::start(store.clone(), link(store.clone()), options).await.unwrap();
        Machine { store, pool }
    }

    pub async fn try_start(
        &self,
        name: &str,
        link: impl PeerLink,
        options: Options,
    ) -> Result<Machine, PoolFault> {
        let store = self.open(&place(name));
        let pool = Pool::start(store.clone(), link, options).await?;
        Ok(Machine { store, pool })
    }
}

/// A server of the pool.
pub fn place(name: &str) -> Place {
    Place::of(&format!("{name}.example.com"), &format!("the machine of {name}"))
}

impl Machine {
    /// The process ends without a word: nothing is renewed, parted or given up.
    pub fn dies(self) {
        drop(self);
    }

    pub async fn stops(self) {
        self.pool.stop().await;
        self.store.close().await;
    }

    /// Writes something; the number it has in this server's journal.
    pub async fn writes(&self, name: &str) -> u64 {
        let address = Address::parse(&format!("sip:{name}@example.com")).unwrap();
        let draft = PersonDraft::local(address, DisplayName::parse(name).unwrap());
        let order = Order::of(Actor::Shell(0), "{}".into());
        self.store.administer(order, vec![RowChange::NewPerson(draft)]).await.unwrap();
        self.store.heads().await.unwrap()[&self.store.identity().server]
    }

    /// Waits until this server knows that another's journal has come so far.
    pub async fn knows(&self, other: &Machine, number: u64) {
        let server = other.store.identity().server;
        let mut heads = self.pool.heads();
        heads.wait_for(|heads| heads.servers.get(&server) == Some(&number)).await.unwrap();
    }
}
