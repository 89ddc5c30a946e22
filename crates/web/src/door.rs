//! Where connections come in: accepts within limits, shakes hands, serves each until it ends or the web stops.
//! Looks into no request; that is `guard.rs`.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rooms::Welcome;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet, yield_now};
use tokio::time::{sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;

use crate::entrance::Entrance;
use crate::limits::{HANDSHAKE_TIME, HEAD_FIELDS_MAX, HEAD_OCTETS_MAX, STALL, STOP_TIME};
use crate::places::Places;
use crate::stall::Stall;

/// How long accepting pauses when the system gives no connection, as when descriptors are used up (ours).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Both ends of a connection, as requests find them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    /// Who is there.
    pub(crate) peer: IpAddr,
    /// Which of our addresses was called.
    pub(crate) local: IpAddr,
    /// Whether nobody between can read it.
    pub(crate) tls: bool,
}

/// What a connection does once its requests are over, if one of them asked for that: until it ends, or the door closes.
pub(crate) type Lasting =
    Box<dyn FnOnce(watch::Receiver<bool>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Where a request leaves what its connection is to do afterwards, so that the connection keeps its place and is joined.
#[derive(Clone, Default)]
pub(crate) struct After(Arc<Mutex<Option<Lasting>>>);

impl After {
    /// Leaves it; there is one request that can.
    pub(crate) fn put(&self, lasting: Lasting) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(lasting);
    }

    fn take(&self) -> Option<Lasting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Where connections of one listener come in.
#[derive(Clone)]
pub(crate) struct Door {
    /// Everything that is answered here.
    pub(crate) router: Router,
    /// For TLS.
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// How many may be in.
    pub(crate) places: Arc<Places>,
    /// How long the head of a request may take.
    pub(crate) head_time: Duration,
    /// Whether people are to go to another server.
    pub(crate) welcome: watch::Receiver<Welcome>,
    /// Becomes `true` when this door closes.
    pub(crate) closing: watch::Receiver<bool>,
}

impl Door {
    /// Accepts until the door closes, then waits for what runs to end.
    pub(crate) async fn accept(self, mut entrance: Entrance) {
        let mut closing = self.closing.clone();
        let mut tasks = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = closed(&mut closing) => break,
                Some(ended) = tasks.join_next(), if !tasks.is_empty() => {
                    report(ended);
                    continue;
                }
                accepted = entrance.next() => accepted,
            };
            match accepted {
                Ok((tcp, peer)) => self.enter(tcp, peer, &mut tasks),
                Err(fault) if is_of_one_connection(&fault) => tracing::debug!(%fault, "web.accept"),
                // Whoever is in is served meanwhile.
                Err(fault) => {
                    tracing::warn!(%fault, "web.accept");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(entrance);
        while let Some(ended) = tasks.join_next().await {
            report(ended);
        }
    }

    /// One more connection; when there is no place for it, it is closed at once.
    fn enter(&self, tcp: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        let Some(place) = self.places.take(peer.ip()) else {
            return tracing::warn!(%peer, "web.full");
        };
        let door = self.clone();
        tasks.spawn(async move {
            let mut closing = door.closing.clone();
            let served = door.serve(tcp, peer);
            tokio::pin!(served);
            tokio::select! {
                biased;
                () = &mut served => (),
                // What still runs after that is cut.
                () = closed(&mut closing) => drop(timeout(STOP_TIME, served).await),
            }
            drop(place);
        });
    }

    /// Everything of one connection.
    async fn serve(&self, tcp: TcpStream, peer: SocketAddr) {
        // Answers are written whole: nothing is gained by holding them back.
        let _ = tcp.set_nodelay(true);
        let Ok(local) = tcp.local_addr() else { return };
        let ends = Ends { peer: peer.ip(), local: local.ip(), tls: self.tls.is_some() };
        match self.tls.clone() {
            None => self.converse(tcp, ends).await,
            Some(tls) => match self.shake_hands(tls, tcp).await {
                Some(stream) => self.converse(stream, ends).await,
                None => tracing::debug!(%peer, "web.tls_failed"),
            },
        }
    }

    /// The TLS handshake; `None` when it fails, takes too long or the door closes.
    async fn shake_hands(
        &self,
        tls: Arc<ServerConfig>,
        tcp: TcpStream,
    ) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
        let mut closing = self.closing.clone();
        let handshake = async {
            let hello = timeout(HANDSHAKE_TIME, LazyConfigAcceptor::new(Acceptor::default(), tcp)).await;
            // To answer a hello is much to compute: whoever is in comes first.
            yield_now().await;
            timeout(HANDSHAKE_TIME, hello.ok()?.ok()?.into_stream(tls)).await.ok()?.ok()
        };
        tokio::select! {
            biased;
            () = closed(&mut closing) => None,
            stream = handshake => stream,
        }
    }

    /// Requests and answers, until one side has had enough.
    async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S, ends: Ends) {
        let after = After::default();
        let router = self.router.clone().layer(Extension(ends)).layer(Extension(after.clone()));
        let service = TowerToHyperService::new(router);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.head_time)
            .max_buf_size(HEAD_OCTETS_MAX)
            .max_headers(HEAD_FIELDS_MAX)
            .serve_connection(TokioIo::new(Stall::new(stream, STALL)), service)
            .with_upgrades();
        let (mut closing, mut welcome) = (self.closing.clone(), self.welcome.clone());
        tokio::pin!(connection);
        let no_more = async {
            tokio::select! {
                () = closed(&mut closing) => (),
                () = elsewhere(&mut welcome) => (),
            }
        };
        let ended = tokio::select! {
            biased;
            ended = connection.as_mut() => ended,
            () = no_more => {
                // The request that runs is answered, and none after it.
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(fault) = ended {
            tracing::debug!(%fault, "web.connection");
        }
        if let Some(lasting) = after.take() {
            lasting(closing).await;
        }
    }
}

/// Waits until the door closes, or nobody is left who could say so.
async fn closed(closing: &mut watch::Receiver<bool>) {
    drop(closing.wait_for(|closing| *closing).await);
}

/// Waits until people are to go to another server.
async fn elsewhere(welcome: &mut watch::Receiver<Welcome>) {
    if welcome.wait_for(|whom| whom.is_elsewhere()).await.is_err() {
        // The rooms are gone; the door is closed by whoever took them away.
        std::future::pending().await
    }
}

/// Whether a connection was lost before it was accepted, which says nothing of the next.
fn is_of_one_connection(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

fn report(ended: Result<(), JoinError>) {
    if let Err(failed) = ended {
        tracing::error!(%failed, "web.connection_failed");
    }
}
