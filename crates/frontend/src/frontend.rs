//! The handle of all links: listens, accepts within limits, ends everything in order.
//! Reads no settings file and makes no certificate; both come from the caller.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chat::{Clock, PersonId};
use directory::Directory;
use rooms::Rooms;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use sip::Transport;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio::task::{JoinHandle, JoinSet, yield_now};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;

use crate::entrance::Entrance;
use crate::fault::StartFault;
use crate::house::{House, Names};
use crate::leaving::lead_out;
use crate::limits::{Limits, REVIEW_EVERY};
use crate::link::Link;
use crate::proxy::{Proxy, Routing};
use crate::register::admission;
use crate::strangers::Stranger;
use crate::stream::Stream;
use crate::trunk::{self, TrunkDoor};

/// How long accepting pauses when the system gives no connection, as when descriptors are used up (ours).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What the front end must know.
pub struct Settings {
    /// The address for SIP over TLS.
    pub tls: Option<SocketAddr>,
    /// The address for SIP over plain TCP.
    pub tcp: Option<SocketAddr>,
    /// Certificate and suites; needed for TLS.
    pub tls_config: Option<Arc<ServerConfig>>,
    /// The full name of this host.
    pub host: String,
    /// The pages where people manage rooms as long as no setting names others; `None` when there are none here.
    pub pages: Option<String>,
    /// How much is too much.
    pub limits: Limits,
    /// How it stands to front ends and chat servers elsewhere.
    pub apart: Apart,
}

/// How this server stands to others. The default is that of one that has none: front end and chat server in one.
#[derive(Clone, Debug, Default)]
pub struct Apart {
    /// `sip:` and the address of the chat server here, where the usual one would not tell it from others.
    pub contact: Option<String>,
    /// Whether there is no chat server here.
    pub without_chat: bool,
    /// Where front ends elsewhere reach the chat server here.
    pub door: Option<TrunkDoor>,
    /// The pools that are elsewhere.
    pub routing: Option<Routing>,
}

/// Where clients reach us; with port 0 in the settings, the port the system chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Addresses {
    /// SIP over TLS.
    pub tls: Option<SocketAddr>,
    /// SIP over plain TCP.
    pub tcp: Option<SocketAddr>,
    /// SIP over mutual TLS, for front ends.
    pub trunk: Option<SocketAddr>,
}

/// Numbers of the links, for whoever watches the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Connections.
    pub connections: usize,
    /// Links on which somebody is signed on.
    pub links: usize,
    /// People who are signed on.
    pub people: usize,
    /// Sign-ons that were refused since the start.
    pub refused_sign_ons: u64,
}

/// A front end that accepts links.
#[derive(Debug)]
pub struct Frontend {
    addresses: Addresses,
    watched: Watched,
    stopping: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// The connections to chat servers elsewhere, which outlive the links.
    uplinks: (watch::Sender<bool>, Vec<JoinHandle<()>>),
}

impl Frontend {
    /// Listens; when this returns, clients can connect.
    ///
    /// # Errors
    /// [`StartFault`] naming what is missing or refused.
    pub async fn start(
        settings: Settings,
        rooms: Rooms,
        directory: Directory,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartFault> {
        let Settings { tls, tcp, tls_config, host, pages, limits, apart } = settings;
        let Apart { contact, without_chat, door, routing } = apart;
        if tls.is_none() && tcp.is_none() && door.is_none() {
            return Err(StartFault::NoAddress);
        }
        if tls.is_some() && tls_config.is_none() {
            return Err(StartFault::NoCertificate);
        }
        let names = Names::new(rooms.facts().domain.clone(), &host, contact.as_deref(), pages);
        let names = names.ok_or_else(|| StartFault::HostName(host.clone()))?;
        let (stopping, stop) = watch::channel(false);
        let links = Arc::new(Semaphore::new(limits.links));
        let (ended, end) = watch::channel(false);
        let started = routing.map(|routing| Proxy::start(routing, &host, &limits, &end));
        let (proxy, uplinks) = started.unzip();
        let apart = (proxy, !without_chat);
        let house = Arc::new(House::new(rooms, directory, clock, names, limits, apart, stop));
        let watched = Watched { house: house.clone(), links: links.clone() };
        let changes = house.directory.changes();
        let mut tasks = vec![
            tokio::spawn(review(house.clone())),
            tokio::spawn(pass_on(house.clone(), changes)),
            tokio::spawn(lead_out(house.clone())),
        ];
        let mut addresses = Addresses { tls: None, tcp: None, trunk: None };
        for (address, tls_config, bound) in
            [(tls, tls_config, &mut addresses.tls), (tcp, None, &mut addresses.tcp)]
        {
            let Some(address) = address else { continue };
            let listen = |cause| StartFault::Listen { address, cause };
            let entrance = Entrance::open(address, house.rooms.welcome()).await.map_err(listen)?;
            *bound = Some(entrance.address());
            let door = Door { house: house.clone(), tls_config, links: links.clone() };
            tasks.push(tokio::spawn(door.accept(entrance)));
        }
        if let Some(door) = door {
            let address = door.address;
            let listen = |cause| StartFault::Listen { address, cause };
            let listener = TcpListener::bind(address).await.map_err(listen)?;
            addresses.trunk = Some(listener.local_addr().map_err(listen)?);
            tasks.push(tokio::spawn(trunk::door::accept(house.clone(), door, listener, links)));
        }
        let uplinks = (ended, uplinks.unwrap_or_default());
        Ok(Self { addresses, watched, stopping, tasks, uplinks })
    }

    /// Where clients reach us.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// What counts the links whenever it is called; good beyond the end of the front end.
    pub fn counter(&self) -> impl Fn() -> Counts + Send + Sync + 'static {
        let watched = self.watched.clone();
        move || watched.counts()
    }

    /// Stops accepting, lets what is being kept be kept and answered, and closes every link.
    pub async fn stop(self) {
        // Every task holds a receiver, unless all of them have ended already.
        let _ = self.stopping.send(true);
        join(self.tasks).await;
        let (ended, uplinks) = self.uplinks;
        let _ = ended.send(true);
        join(uplinks).await;
    }
}

async fn join(tasks: Vec<JoinHandle<()>>) {
    for task in tasks {
        if let Err(failed) = task.await {
            tracing::error!(failed = %failed, "frontend.task_failed");
        }
    }
}

/// What is counted.
#[derive(Clone)]
struct Watched {
    house: Arc<House>,
    links: Arc<Semaphore>,
}

impl Watched {
    fn counts(&self) -> Counts {
        let (people, links) = self.house.registrar.counts();
        let connections = self.house.limits.links - self.links.available_permits();
        Counts { connections, links, people, refused_sign_ons: self.house.refused_sign_ons() }
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}

/// Where links of one transport come in.
struct Door {
    house: Arc<House>,
    /// For TLS.
    tls_config: Option<Arc<ServerConfig>>,
    links: Arc<Semaphore>,
}

impl Door {
    /// Accepts until the front end stops, then waits for the links to end.
    async fn accept(self, mut entrance: Entrance) {
        let mut stopping = self.house.stopping.clone();
        let mut tasks = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => break,
                Some(ended) = tasks.join_next(), if !tasks.is_empty() => {
                    report(ended);
                    continue;
                }
                accepted = entrance.next() => accepted,
            };
            match accepted {
                Ok((tcp, peer)) => self.enter(tcp, peer, &mut tasks),
                Err(fault) if is_of_one_connection(&fault) => {
                    tracing::debug!(%fault, "frontend.accept");
                }
                // Whoever is on stays on, and is served meanwhile.
                Err(fault) => {
                    tracing::warn!(%fault, "frontend.accept");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(entrance);
        while let Some(ended) = tasks.join_next().await {
            report(ended);
        }
    }

    /// One more connection; over the limits it is closed at once, and nobody who is on is closed for it.
    fn enter(&self, tcp: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        let Ok(permit) = self.links.clone().try_acquire_owned() else {
            return tracing::warn!(%peer, "frontend.links_full");
        };
        let Some(stranger) = self.house.strangers.enter(peer.ip()) else {
            return tracing::warn!(%peer, "frontend.strangers_full");
        };
        let (house, tls_config) = (self.house.clone(), self.tls_config.clone());
        tasks.spawn(async move {
            serve(house, tls_config, tcp, peer, stranger).await;
            drop(permit);
        });
    }
}

/// Whether a connection was lost before it was accepted, which says nothing of the next.
fn is_of_one_connection(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(failed) = ended {
        tracing::error!(failed = %failed, "link.failed");
    }
}

/// Everything of one connection.
async fn serve(
    house: Arc<House>,
    tls_config: Option<Arc<ServerConfig>>,
    tcp: TcpStream,
    peer: SocketAddr,
    stranger: Stranger,
) {
    // Small messages that wait for each other's answers: nothing is gained by holding them back.
    let _ = tcp.set_nodelay(true);
    let Ok(local) = tcp.local_addr() else { return };
    let (stream, transport) = match tls_config {
        None => (Stream::Tcp(tcp), Transport::Tcp),
        Some(tls_config) => match shake_hands(&house, tls_config, tcp).await {
            Some(stream) => (stream, Transport::Tls),
            None => return,
        },
    };
    Box::new(Link::new(house, peer, local, transport, Some(stranger))).run(stream).await;
}

/// The TLS handshake; `None` when it fails, takes too long or the front end stops.
async fn shake_hands(house: &House, config: Arc<ServerConfig>, tcp: TcpStream) -> Option<Stream> {
    let mut stopping = house.stopping.clone();
    tokio::select! {
        biased;
        _ = stopping.wait_for(|stopping| *stopping) => None,
        done = handshake(house, config, tcp) => {
            done.inspect_err(|fault| tracing::info!(%fault, "link.tls")).ok()
        }
    }
}

/// Waits for the client's hello; then, in turn, answers it, which is nearly all there is to compute; then waits for the client
/// to finish. Those who are waited for keep nobody else from their turn.
async fn handshake(house: &House, config: Arc<ServerConfig>, tcp: TcpStream) -> io::Result<Stream> {
    let patience = house.limits.handshake_time;
    let hello = timeout(patience, LazyConfigAcceptor::new(Acceptor::default(), tcp)).await??;
    let finished = {
        let _turn = house.handshakes.acquire().await.map_err(io::Error::other)?;
        let finished = hello.into_stream(config);
        // Whoever is on comes first: the turn ends when everything else went on.
        yield_now().await;
        finished
    };
    let stream = timeout(patience, finished).await??;
    Ok(Stream::Tls(Box::new(stream)))
}

/// Looks again and again whether everybody who is signed on may still be.
async fn review(house: Arc<House>) {
    let mut stopping = house.stopping.clone();
    let mut tick = interval(REVIEW_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => return,
            _ = tick.tick() => house.registrar.review(|id, address| admission(&house.rooms, id, address)),
        }
    }
}

/// Lets people's endpoints know what they changed elsewhere, as in a browser.
async fn pass_on(house: Arc<House>, mut changes: broadcast::Receiver<PersonId>) {
    let mut stopping = house.stopping.clone();
    loop {
        let told = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => return,
            told = changes.recv() => told,
        };
        match told {
            Ok(person) => house.registrar.note_change(person),
            Err(RecvError::Lagged(_)) => house.registrar.note_all(),
            Err(RecvError::Closed) => return,
        }
    }
}
