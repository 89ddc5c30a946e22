//! The handle of everything over HTTP: listens, mounts the routes, ends everything in order.
//! Reads no settings file and makes no certificate; both come from the caller.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use admin::Desk;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use axum::response::Response;
use axum::routing::{MethodFilter, get, on};
use axum::{Extension, Router, middleware};
use chat::Clock;
use directory::Directory;
use rooms::{Rooms, Welcome};
use rustls::ServerConfig;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::body;
use crate::caller::admitted;
use crate::client;
use crate::door::{Door, Ends};
use crate::entrance::Entrance;
use crate::fault::StartFault;
use crate::guard::{self, refused};
use crate::health::{self, Health};
use crate::host::Hosts;
use crate::house::House;
use crate::limits::{HEALTH_CONNECTIONS_MAX, Limits, REVIEW_EVERY};
use crate::openapi::{self, ROOT};
use crate::page;
use crate::places::Places;
use crate::problem::{Code, Problem};
use crate::resource::{self, Joining};
use crate::route::Route;
use crate::tally::{Remark, Source};

/// What the web must know.
pub struct Settings {
    /// The address for HTTPS.
    pub https: Option<SocketAddr>,
    /// The address for plain HTTP; loopback only.
    pub http: Option<SocketAddr>,
    /// The address for health and metrics over plain HTTP; loopback only.
    pub metrics: Option<SocketAddr>,
    /// Certificate and suites.
    pub tls_config: Arc<ServerConfig>,
    /// The names of this host. Whatever means this machine is known anyway.
    pub hosts: Vec<String>,
    /// How much is too much.
    pub limits: Limits,
    /// Numbers of other parts, for the metrics.
    pub sources: Vec<Source>,
    /// What is to be done soon, for whoever asks whether the server is ready.
    pub remarks: Vec<Remark>,
    /// What a machine gets that joins the deployment.
    pub joining: Joining,
}

/// Where clients reach us; with port 0 in the settings, the port the system chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Addresses {
    /// HTTPS.
    pub https: Option<SocketAddr>,
    /// Plain HTTP.
    pub http: Option<SocketAddr>,
    /// Health and metrics.
    pub metrics: Option<SocketAddr>,
}

/// The web, serving.
#[derive(Debug)]
pub struct Web {
    addresses: Addresses,
    live_links: Arc<AtomicUsize>,
    stopping: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    unwatched: watch::Sender<bool>,
    watched: Option<JoinHandle<()>>,
}

impl Web {
    /// Listens; when this returns, clients can connect.
    ///
    /// # Errors
    /// [`StartFault`] naming what is refused.
    pub async fn start(
        settings: Settings,
        rooms: Rooms,
        directory: Directory,
        desk: Desk,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartFault> {
        let Settings { https, http, metrics, tls_config, hosts, limits, sources, remarks, joining } =
            settings;
        if let Some(open) = metrics.filter(|address| !address.ip().is_loopback()) {
            return Err(StartFault::HealthOffLoopback(open));
        }
        if let Some(open) = http.filter(|address| !address.ip().is_loopback()) {
            return Err(StartFault::PlainOffLoopback(open));
        }
        let mut addresses = Addresses::default();
        // Whoever watches the server does so also while it is emptied.
        let always = watch::Sender::new(Welcome::Everybody);
        let https = listen(https, &rooms.welcome(), &mut addresses.https).await?;
        let http = listen(http, &rooms.welcome(), &mut addresses.http).await?;
        let metrics = listen(metrics, &always.subscribe(), &mut addresses.metrics).await?;
        let (stopping, stop) = watch::channel(false);
        let (unwatched, unwatch) = watch::channel(false);
        let places = Places::new(limits.connections, limits.connections_per_address);
        let head_time = limits.head_time;
        let house = Arc::new(House::new(rooms, directory, desk, clock, Hosts::new(hosts), limits, joining));
        let mut tasks = vec![tokio::spawn(review(house.clone(), stop.clone()))];
        let tls = https.is_some().then(|| offering_http(&tls_config));
        for (entrance, tls) in [(https, tls), (http, None)] {
            let Some(entrance) = entrance else { continue };
            let router = guarded(api(&house).fallback(no_page), &house);
            let (places, closing, welcome) = (places.clone(), stop.clone(), house.rooms.welcome());
            let door = Door { router, tls, places, head_time, welcome, closing };
            tasks.push(tokio::spawn(door.accept(entrance)));
        }
        let watched = metrics.map(|entrance| {
            let (sources, remarks) = (Arc::new(sources), Arc::new(remarks));
            let health = Health { house: house.clone(), places, sources, remarks, stopping: stop };
            let router = guarded(health::router(health).fallback(nothing), &house);
            let places = Places::new(HEALTH_CONNECTIONS_MAX, HEALTH_CONNECTIONS_MAX);
            let welcome = always.subscribe();
            let door = Door { router, tls: None, places, head_time, welcome, closing: unwatch };
            tokio::spawn(door.accept(entrance))
        });
        Ok(Self { addresses, live_links: house.live_links.clone(), stopping, tasks, unwatched, watched })
    }

    /// Where clients reach us.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// What counts live links whenever it is called; good beyond the end of the web.
    pub fn counter(&self) -> impl Fn() -> usize + Send + Sync + 'static {
        let live_links = self.live_links.clone();
        move || live_links.load(Ordering::Relaxed)
    }

    /// Stops accepting, lets running requests be answered, and closes every connection; health is told of to the end.
    pub async fn stop(self) {
        // Every task holds a receiver, unless all of them have ended already.
        let _ = self.stopping.send(true);
        for task in self.tasks {
            joined(task).await;
        }
        let _ = self.unwatched.send(true);
        if let Some(task) = self.watched {
            joined(task).await;
        }
    }
}

/// The OpenAPI document of this version, as it is served.
///
/// # Panics
/// Never: a document is plain values.
#[must_use]
pub fn reference() -> String {
    let document = openapi::document(&resource::routes());
    serde_json::to_string_pretty(&document).expect("a document is plain values") + "\n"
}

async fn listen(
    address: Option<SocketAddr>,
    welcome: &watch::Receiver<Welcome>,
    bound: &mut Option<SocketAddr>,
) -> Result<Option<Entrance>, StartFault> {
    let Some(address) = address else { return Ok(None) };
    let opened = Entrance::open(address, welcome.clone()).await;
    let entrance = opened.map_err(|cause| StartFault::Listen { address, cause })?;
    *bound = Some(entrance.address());
    Ok(Some(entrance))
}

/// The same certificate and suites; clients are told that HTTP/1.1 is spoken.
fn offering_http(config: &ServerConfig) -> Arc<ServerConfig> {
    let mut config = config.clone();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Everything below `/api/v1`.
fn api(house: &Arc<House>) -> Router {
    let document = || get(|| about(|about| &about.document));
    let page = || get(|| about(|about| &about.page));
    let mut router = client::router()
        .route(&format!("{ROOT}/openapi.json"), document())
        .route(ROOT, page())
        .route(&format!("{ROOT}/"), page());
    for route in resource::routes() {
        router = mounted(router, route, house);
    }
    router
}

fn mounted(router: Router, route: Route, house: &Arc<House>) -> Router {
    let path = format!("{ROOT}{}", route.path);
    let filter = MethodFilter::try_from(route.method.clone()).expect("routes have usual methods");
    let (route, house) = (Arc::new(route), house.clone());
    let answer = move |Extension(ends): Extension<Ends>, request: Request| {
        let (route, house) = (route.clone(), house.clone());
        async move { route.answer(house, ends, request).await.unwrap_or_else(refused) }
    };
    router.route(&path, on(filter, answer))
}

/// What there is to read of the API, made when somebody first asks: many servers are never asked.
static ABOUT: LazyLock<About> = LazyLock::new(|| {
    let document = openapi::document(&resource::routes());
    let policy = HeaderValue::from_str(&page::policy()).expect("a policy is a value of a header field");
    let page = page::page(&document).into();
    let document = serde_json::to_vec(&document).expect("a document is plain values");
    About {
        document: Fixed { kind: "application/json", body: document.into(), policy: None },
        page: Fixed { kind: "text/html; charset=utf-8", body: page, policy: Some(policy) },
    }
});

/// Answers with a part of it; whoever asks first waits beside everybody else.
async fn about(part: fn(&'static About) -> &'static Fixed) -> Response {
    let made = tokio::task::spawn_blocking(move || part(&ABOUT).response()).await;
    made.unwrap_or_else(|_| refused(Problem::unavailable("the document cannot be made")))
}

/// The document of the API, for programs and for readers.
struct About {
    document: Fixed,
    page: Fixed,
}

/// A document that is the same for everybody.
struct Fixed {
    kind: &'static str,
    body: Bytes,
    /// What a browser may load for it, if it is a page.
    policy: Option<HeaderValue>,
}

/// The answer where nothing is.
async fn nothing(request: Request) -> Response {
    body::pass_over(request.into_body()).await;
    refused(Problem::absent())
}

/// The same where people go with browsers, who are shown a page.
async fn no_page(request: Request) -> Response {
    if let Some(page) = client::absent(&request) {
        return page;
    }
    let varies = client::may_be_page(&request);
    let mut refusal = nothing(request).await;
    if varies {
        refusal.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    }
    refusal
}

/// What holds for every request, around these routes.
fn guarded(router: Router, house: &Arc<House>) -> Router {
    let other_method = |request: Request| async {
        body::pass_over(request.into_body()).await;
        refused(Problem::of(Code::MethodNotAllowed))
    };
    let router = router.method_not_allowed_fallback(other_method);
    router.layer(middleware::from_fn_with_state(house.clone(), guard::guard))
}

impl Fixed {
    fn response(&self) -> Response {
        let mut response = Response::new(self.body.clone().into());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        if let Some(policy) = &self.policy {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy.clone());
        }
        response
    }
}

/// Looks again and again whether everybody who has a session may still have it, until the web stops.
async fn review(house: Arc<House>, mut stopping: watch::Receiver<bool>) {
    let mut tick = interval(REVIEW_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let may_stay = |person, admission| admitted(&house, person, admission).is_some();
    loop {
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => break,
            _ = tick.tick() => (),
        }
        house.sessions.review(house.clock.now(), may_stay);
        let agreed = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => break,
            agreed = house.sessions.agree(&house.directory) => agreed,
        };
        if let Err(fault) = agreed {
            tracing::warn!(%fault, "session.review_waits");
        }
    }
    house.sessions.leave(&house.directory).await;
}

async fn joined(task: JoinHandle<()>) {
    if let Err(failed) = task.await {
        tracing::error!(%failed, "web.task_failed");
    }
}
