//! A house whose front ends and chat servers are apart: each of them a listener of its own, over mutual TLS between them.
//! They share the rooms and the directory of the house; that servers of a pool agree is not tested here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chat::{Clock, Time};

use frontend::limits::Limits;
use frontend::{Apart, Frontend, Routing, Settings, TrunkDoor};

use crate::authority::{Authority, POOL_CONTACT};
use crate::clock::TestClock;
use crate::house::{House, PASSWORD};
use crate::wire::{Person, Way};

/// Any time: it is not asked for.
const BEGIN: &str = "2026-11-24T10:00:00Z";

/// The time of the house with lots of its own, so that what the house draws is the same whoever stands around it.
#[derive(Debug)]
struct OtherClock(Arc<TestClock>, TestClock);

impl Clock for OtherClock {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.1.fill_random(out);
    }
}

impl House {
    fn other_clock(&self) -> Arc<dyn Clock> {
        let seed = 1_000 + self.clients.fetch_add(1, Ordering::Relaxed);
        Arc::new(OtherClock(self.clock.clone(), TestClock::at(BEGIN, seed)))
    }

    /// Begins a chat server of the house that front ends reach; returns where. Several are as one here: they share the rooms.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn open_door(&mut self, door: TrunkDoor, contact: Option<&str>) -> SocketAddr {
        let apart = Apart { contact: contact.map(str::to_owned), door: Some(door), ..Apart::default() };
        let settings = Settings {
            tls: None,
            tcp: None,
            tls_config: None,
            host: "chat.example.com".into(),
            pages: None,
            limits: Limits::default(),
            apart,
        };
        let server =
            Frontend::start(settings, self.rooms.clone(), self.directory.clone(), self.other_clock());
        let server = server.await.expect("the chat server starts");
        let address = server.addresses().trunk.expect("it listens for front ends");
        self.servers.push(Some(server));
        address
    }

    /// Ends the chat server that was begun as this one.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn close_door(&mut self, server: usize) {
        self.servers[server].take().expect("it runs").stop().await;
    }

    /// Another front end of the house, without rooms: dialogs go to the chat servers. Returns how clients reach it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn open_front(&self, host: &str, routing: Routing, limits: Limits) -> (Frontend, Way) {
        let settings = Settings {
            tls: None,
            tcp: Some(([127, 0, 0, 1], 0).into()),
            tls_config: None,
            host: host.into(),
            pages: None,
            limits,
            apart: Apart { without_chat: true, routing: Some(routing), ..Apart::default() },
        };
        let front = Frontend::start(settings, self.rooms.clone(), self.directory.clone(), self.other_clock());
        let front = front.await.expect("the front end starts");
        let way = Way::Tcp(front.addresses().tcp.expect("it listens on TCP"));
        (front, way)
    }

    /// Has everybody who arrives from now on come by a front end apart.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn stand_apart(&mut self, authority: &Authority) {
        let (_, serving) = tokio::sync::watch::channel(true);
        let door = authority.door(&["fe.example.com"], serving);
        let address = self.open_door(door, None).await;
        let routing = authority.routing("fe.example.com", &[(POOL_CONTACT, &[address])]);
        let (front, way) = self.open_front("pool.example.com", routing, Limits::default()).await;
        self.way = way;
        self.frontend.replace(front).expect("the house runs").stop().await;
    }

    /// Somebody signs on by this front end and opens the chat dialog.
    ///
    /// # Panics
    /// When any step is refused.
    pub async fn arrive_by(&self, way: &Way, who: &str) -> Person {
        let unique = self.clients.fetch_add(1, Ordering::Relaxed);
        Person::arrive(way, &format!("sip:{who}@example.com"), PASSWORD, unique).await
    }

    /// Somebody connects to this front end, without signing on.
    ///
    /// # Panics
    /// When the connection is refused.
    pub async fn client_by(&self, way: &Way, who: &str) -> Person {
        let unique = self.clients.fetch_add(1, Ordering::Relaxed);
        let address = format!("sip:{who}@example.com");
        Person::connect(way, &address, PASSWORD, unique).await.expect("the front end accepts connections")
    }
}
