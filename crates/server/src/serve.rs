//! The server: everything built bottom-up, run, and taken down top-down.
//! Decides nothing; each part knows its own job.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use admin::Desk;
use chat::{Clock, Domain};
use frontend::{Frontend, Settings, StartFault};
use pool::Pool;
use rooms::Rooms;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sd_notify::NotifyState;
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::timeout;
use web::Web;
use web::limits::HEALTH_CONNECTIONS_MAX;

use crate::apart;
use crate::certificate::{Certificates, Shown};
use crate::cli::{ServeOptions, Serving};
use crate::clock::SystemClock;
use crate::data::Data;
use crate::deployment::Deployment;
use crate::house::House;
use crate::join;
use crate::machine::Machine;
use crate::membership::{self, Membership, Opened};
use crate::replica::{self, Centre, Replica};
use crate::restart::Begun;
use crate::seat::{Seat, StoreAt};
use crate::settings::{self, File, Listening, Wanted};
use crate::socket::{self, Socket};
use crate::trouble::Trouble;
use crate::watched;

/// How long everything may take to end (contract: ten seconds for the whole program).
const STOP_TIME: Duration = Duration::from_secs(9);
/// How long an operation under way may take to end; the next start goes on with what is broken off (ours: leaves time for the rest).
const OPERATION_TIME: Duration = Duration::from_secs(5);

/// A server that accepts people.
pub struct Server {
    house: House,
    /// Its part in the pool.
    pool: Pool,
    faces: Faces,
    /// Going on with what the last stop left half done.
    resuming: tokio::task::JoinHandle<()>,
    /// Letting people in as long as it serves.
    admitting: tokio::task::JoinHandle<()>,
}

/// `causerie serve`.
///
/// # Errors
/// [`Trouble`] when the server cannot start.
pub async fn run(place: &Path, store: StoreAt, options: &ServeOptions) -> Result<(), Trouble> {
    let signals = Signals::listen()?;
    let (domain, listening, store, membership) =
        settle(&options.serving, options.machine.machine.as_deref(), store)?;
    let seat = Seat::find(place, &store, domain.as_ref())?;
    let deployment = Deployment::of(options)?;
    let server = Server::start(&seat, domain.as_ref(), listening, &deployment, &membership).await?;
    server.ready();
    server.run_until(signals).await
}

/// Domain, addresses, the place of the store and that in the pool, out of command line and settings file.
///
/// # Errors
/// [`Trouble::Invalid`] for what cannot be used.
pub fn settle(
    options: &Serving,
    machine: Option<&str>,
    store: StoreAt,
) -> Result<(Option<Domain>, Listening, StoreAt, Membership), Trouble> {
    let file = options.config.as_deref().map_or(Ok(File::default()), settings::read)?;
    let wanted = Wanted {
        sip_tls: options.sip_tls.as_deref(),
        sip_tcp: options.sip_tcp.as_deref(),
        https: options.https.as_deref(),
        http: options.http.as_deref(),
        metrics: options.metrics.as_deref(),
        trunk: options.trunk.as_deref(),
    };
    let listening = settings::listening(wanted, &file)?;
    let domain = options.domain.as_deref().or(file.domain.as_deref());
    let domain = domain.map(Domain::parse).transpose().map_err(|bad| Trouble::Invalid(bad.to_string()))?;
    let password_file = file.store_password_file.as_deref();
    let store = store.or_settings(file.store.as_deref(), password_file, options.config.as_deref())?;
    let membership = Membership::settle(options, machine, &file)?;
    Ok((domain, listening, store, membership))
}

impl Server {
    /// Builds everything at a seat; when this returns, people are accepted.
    ///
    /// # Errors
    /// [`Trouble`] naming what does not start.
    pub async fn start(
        seat: &Seat,
        domain: Option<&Domain>,
        listening: Listening,
        deployment: &Deployment,
        membership: &Membership,
    ) -> Result<Self, Trouble> {
        let data = seat.data();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let Some(hold) = socket::wait_for_hold(data).await? else {
            return Err(Trouble::Conflict(format!(
                "a server runs on {} already: stop it, or use another data directory",
                data.path().display()
            )));
        };
        // Who has no part in the topology takes no place among the servers of a pool.
        let machine = deployment.machine(&membership.machine, data)?;
        machine.must_keep_in(seat)?;
        let state = machine.state();
        let opened = Opened::Server(&membership.machine, state);
        let house = House::open(seat, hold, domain, opened, clock.clone()).await?;
        if house.is_new() {
            let domain = &house.store.identity().domain;
            tracing::info!(%domain, note = "the domain stays for ever", "serve.founded");
        }
        let placed = match placed(seat, &house, deployment, &membership.machine).await {
            Ok(placed) => placed,
            Err(trouble) => {
                house.give_up().await;
                return Err(trouble);
            }
        };
        let pool = match membership.join(&house.store, seat.is_embedded()).await {
            Ok(pool) => pool,
            Err(trouble) => {
                house.give_up().await;
                return Err(trouble);
            }
        };
        let (open, serving) = watch::channel(false);
        match Faces::open(data, &house, listening, placed, (&pool, serving), clock).await {
            Ok(faces) => {
                let (links, live_links) = (faces.frontend.counter(), faces.web.counter());
                pool.counted_by(move || (links().links + live_links()) as u64);
                let resuming = tokio::spawn(resume(house.desk.clone()));
                let admitting = tokio::spawn(membership::admit(pool.clone(), faces.rooms.clone(), open));
                Ok(Self { house, pool, faces, resuming, admitting })
            }
            Err(trouble) => {
                pool.stop().await;
                house.give_up().await;
                Err(trouble)
            }
        }
    }

    /// Where people reach it.
    #[must_use]
    pub fn addresses(&self) -> frontend::Addresses {
        self.faces.frontend.addresses()
    }

    /// Where people reach it with a browser on this machine.
    #[must_use]
    pub fn web_addresses(&self) -> web::Addresses {
        self.faces.web.addresses()
    }

    /// Says so to whoever waits: one line on standard output, and the service manager.
    pub fn ready(&self) {
        let at = self.addresses();
        let shown = |address: Option<std::net::SocketAddr>| {
            address.map_or_else(|| "off".to_owned(), |address| address.to_string())
        };
        let web = self.faces.web.addresses();
        let (https, http, metrics) = (shown(web.https), shown(web.http), shown(web.metrics));
        let (tls, tcp) = (shown(at.tls), shown(at.tcp));
        let trunk = at.trunk.map_or_else(String::new, |address| format!(" trunk={address}"));
        say(&format!(
            "ready sip-tls={tls} sip-tcp={tcp} https={https} http={http} metrics={metrics}{trunk}\n"
        ));
        if let Err(error) = sd_notify::notify(&[NotifyState::Ready]) {
            tracing::debug!(%error, "serve.no_service_manager");
        }
    }

    /// Runs until a signal comes, then stops. Stops also when a part it cannot do without has failed.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when a part has failed.
    pub async fn run_until(self, mut signals: Signals) -> Result<(), Trouble> {
        let failed = tokio::select! {
            biased;
            () = signals.next() => false,
            () = self.faces.rooms.ended() => true,
            () = self.house.store.ended() => true,
            () = self.pool.over() => true,
        };
        // Whichever part has noticed it first.
        let over = failed && self.pool.is_over().await;
        tokio::select! {
            () = self.end(over) => (),
            () = signals.next() => tracing::warn!("serve.second_signal"),
        }
        if over {
            return Err(Trouble::Unavailable(
                "the time of this server is over: it could not renew its lease in time while others of the pool could, or the same \
                 server was started somewhere else. Nothing that was kept is lost; start it again if it is meant to run"
                    .into(),
            ));
        }
        if failed {
            return Err(Trouble::Unavailable(
                "the server ended because a part of it failed or another server took its place: its log says which".into(),
            ));
        }
        Ok(())
    }

    /// Stops accepting, lets running appends finish, closes every link, then the store. A server whose time is over lets people go at
    /// once, since nothing of theirs can be finished here.
    async fn end(self, over: bool) {
        tracing::info!("serve.stopping");
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
        self.admitting.abort();
        let resuming = self.resuming;
        resuming.abort();
        let ended = timeout(STOP_TIME, async {
            let Faces { rooms, frontend, web, stopping, socket, following, showing } = self.faces;
            let _ = stopping.send(true);
            // Nothing is written any more when the store closes.
            let work = async {
                let _ =
                    tokio::join!(self.house.desk.stop(OPERATION_TIME), socket, following, showing, resuming);
            };
            let people = async {
                tokio::join!(web.stop(), frontend.stop());
            };
            if over {
                rooms.give_up();
                tokio::join!(people, work);
            } else {
                work.await;
                people.await;
            }
            rooms.stop().await;
            self.pool.stop().await;
            self.house.close().await;
        });
        if ended.await.is_err() {
            tracing::error!("serve.stopped_hard");
        }
    }
}

/// What this machine is, and where the topology comes from that says so.
struct Placed {
    machine: Machine,
    begun: Begun,
    centre: Centre,
    /// Where the copy of it is kept.
    copy: Data,
}

/// Learns what is published and what this machine is by it. A centre that is away is no reason not to start: what was published before
/// is kept here.
async fn placed(seat: &Seat, house: &House, deployment: &Deployment, name: &str) -> Result<Placed, Trouble> {
    let data = seat.data();
    let centre = deployment.centre(&house.store)?;
    if let Err(trouble) = Replica::of(data).renew(&centre).await {
        tracing::warn!(%trouble, "serve.topology_not_renewed");
    }
    let machine = deployment.machine(name, data)?;
    // What was published meanwhile may have its store elsewhere.
    machine.must_keep_in(seat)?;
    if let Some(roles) = &machine.roles {
        let (front_end, chat) = (roles.front_end.is_some(), roles.chat.is_some());
        tracing::info!(machine = %roles.machine, front_end, chat, "serve.roles");
    }
    let begun = Begun::now(data, &machine, deployment.follows())?;
    Ok(Placed { machine, begun, centre, copy: Data::make(data.path())? })
}

async fn resume(desk: Desk) {
    if let Err(error) = desk.resume().await {
        tracing::warn!(%error, "serve.not_resumed");
    }
}

/// What stands on an open house and lets people in.
struct Faces {
    rooms: Rooms,
    frontend: Frontend,
    web: Web,
    stopping: watch::Sender<bool>,
    socket: tokio::task::JoinHandle<()>,
    /// Looking whether another certificate is assigned.
    showing: tokio::task::JoinHandle<()>,
    /// Keeping the copy of the topology up to date.
    following: tokio::task::JoinHandle<()>,
}

impl Faces {
    async fn open(
        data: &Data,
        house: &House,
        listening: Listening,
        Placed { machine, begun, centre, copy }: Placed,
        (pool, serving): (&Pool, watch::Receiver<bool>),
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Trouble> {
        let identity = house.store.identity().clone();
        let host = machine.host().unwrap_or_else(|| identity.pool_name.clone());
        let certificates = Certificates::of(data)?;
        let shown = Shown::prepare(&certificates, &identity.domain, &host, &clock)?;
        let part = apart::part(&machine, &certificates, &shown, &listening, serving, clock.now())?;
        let (tls, joining) = (shown.server_config()?, join::joining(data, clock.clone())?);
        let rooms = rooms_among(house, pool).await?;
        let (limits, links) = (Limits::of_this_machine(&listening), Arc::new(OnceLock::new()));
        let settings = web::Settings {
            https: listening.https,
            http: listening.http,
            metrics: listening.metrics,
            tls_config: tls.clone(),
            hosts: listening.host_names.iter().cloned().chain([host.clone()]).collect(),
            limits: limits.web,
            sources: watched::sources(links.clone(), pool, &shown, &clock),
            remarks: watched::remarks(Data::make(data.path())?, &shown, &clock),
            joining,
        };
        let (directory, desk) = (house.directory.clone(), house.desk.clone());
        // First, so that everybody who signs on is told where rooms are managed.
        let web = match Web::start(settings, rooms.clone(), directory.clone(), desk, clock.clone()).await {
            Ok(web) => web,
            Err(fault) => {
                rooms.stop().await;
                return Err(web_not_started(&fault));
            }
        };
        let https = web.addresses().https.filter(|_| !part.apart.without_chat);
        let settings = Settings {
            tls: part.signs_on.then_some(listening.tls),
            tcp: listening.tcp.filter(|_| part.signs_on),
            tls_config: Some(tls),
            pages: pages(&host, https, listening.tls),
            host,
            limits: limits.links,
            apart: part.apart,
        };
        let frontend = match Frontend::start(settings, rooms.clone(), directory, clock).await {
            Ok(frontend) => frontend,
            Err(fault) => {
                web.stop().await;
                rooms.stop().await;
                return Err(not_started(fault));
            }
        };
        let _ = links.set(Box::new(frontend.counter()) as watched::Counter);
        // Last, so that no command is taken by a server that does not start.
        let admin = match Socket::open(data) {
            Ok(admin) => admin,
            Err(trouble) => {
                tokio::join!(web.stop(), frontend.stop());
                rooms.stop().await;
                return Err(trouble);
            }
        };
        let (stopping, stop) = watch::channel(false);
        let following = on_own_thread(replica::follow(copy, centre, begun, part.believed, stop.clone()));
        let serving = admin.serve(house.desk.clone(), stop.clone());
        let (socket, showing) = (tokio::spawn(serving), tokio::spawn(shown.follow(stop)));
        Ok(Self { rooms, frontend, web, stopping, socket, following, showing })
    }
}

/// Goes on beside everything else, on a thread that may wait for files.
fn on_own_thread(work: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
    tokio::task::spawn_blocking(|| Handle::current().block_on(work))
}

/// The rooms, following every server of the pool.
async fn rooms_among(house: &House, pool: &Pool) -> Result<Rooms, Trouble> {
    let heads = Some(pool.heads());
    let rooms = Rooms::start_among(house.store.clone(), rooms::Limits::default(), heads).await;
    rooms.map_err(|trouble| Trouble::Unavailable(trouble.to_string()))
}

/// Where people manage rooms with a browser; nowhere when they sign on from other machines and HTTPS is for this one alone.
fn pages(host: &str, https: Option<SocketAddr>, links: SocketAddr) -> Option<String> {
    let for_all = https.filter(|https| !https.ip().is_loopback() || links.ip().is_loopback())?;
    Some(format!("https://{host}:{}/manage", for_all.port()))
}

/// Descriptors that are kept for the store, the administration and whatever else is not a link (ours); those who watch the server, where
/// they may, come on top.
const DESCRIPTORS_KEPT: usize = 128;

/// One in so many of the others is for the web where it is served (ours: a request is over soon, a link stays).
const DESCRIPTORS_WEB_SHARE: usize = 8;

/// How much is too much, as far as this machine says it.
struct Limits {
    links: frontend::limits::Limits,
    web: web::limits::Limits,
}

impl Limits {
    /// As many connections as there are descriptors for; at most half of the links without anybody signed on, so that these do
    /// not keep others out.
    fn of_this_machine(listening: &Listening) -> Self {
        let web_is_served = listening.https.or(listening.http).is_some();
        let kept = DESCRIPTORS_KEPT + listening.metrics.map_or(0, |_| HEALTH_CONNECTIONS_MAX);
        let (usual, web) = (frontend::limits::Limits::default(), web::limits::Limits::default());
        let free = descriptors().saturating_sub(kept).max(DESCRIPTORS_KEPT);
        let share = if web_is_served { free / DESCRIPTORS_WEB_SHARE } else { 0 };
        let connections = share.min(web.connections);
        let connections_per_address = web.connections_per_address.min(connections.div_ceil(4));
        let links = (free - connections).min(usual.links);
        if links < usual.links {
            tracing::info!(links, connections, "serve.links_limited_by_descriptors");
        }
        let strangers = usual.strangers.min(links / 2);
        let strangers_per_address = usual.strangers_per_address.min(strangers / 4);
        Self {
            links: frontend::limits::Limits { links, strangers, strangers_per_address, ..usual },
            web: web::limits::Limits { connections, connections_per_address, ..web },
        }
    }
}

/// How many descriptors this process may have, raised as far as it goes.
fn descriptors() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let most = Rlimit { current: limit.maximum, ..limit };
        if let Err(error) = setrlimit(Resource::Nofile, most) {
            tracing::warn!(%error, "serve.descriptors_not_raised");
        }
        limit = getrlimit(Resource::Nofile);
    }
    limit.current.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX))
}

fn web_not_started(fault: &web::StartFault) -> Trouble {
    Trouble::Unavailable(format!("{fault}: --https, --http and --metrics choose where to listen"))
}

fn not_started(fault: StartFault) -> Trouble {
    let hint = match fault {
        StartFault::Listen { .. } => ": --sip-tls, --sip-tcp and --trunk choose where to listen",
        _ => "",
    };
    Trouble::Unavailable(format!("{fault}{hint}"))
}

/// Writes to standard output; a reader that has gone away does not end a server.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        tracing::warn!("serve.nobody_reads_standard_output");
    }
}

/// The signals that end the program.
pub struct Signals {
    term: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the system does not deliver signals.
    pub fn listen() -> Result<Self, Trouble> {
        let listen = |kind| signal(kind).map_err(|error| Trouble::Unavailable(format!("signals: {error}")));
        Ok(Self { term: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }
}
