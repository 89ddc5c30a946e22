//! Where front ends come in: mutual TLS, and a certificate that bears the name of a front end of the published topology.
//! Whoever has a good certificate and no such name is told so, and then closed; a certificate of another authority does not get so far.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use sip::{Message, Reply};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::{TlsAcceptor, TlsStream};

use crate::codes::Refused;
use crate::house::House;
use crate::limits::{FAREWELL_TIME, TRUNKS_MAX};
use crate::trunk::TrunkDoor;
use crate::trunk::exchange::Exchange;
use crate::trunk::outlet::Outlet;
use crate::trunk::wire::{self, Reader};

/// How long accepting pauses when the system gives no connection (ours).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// A host nobody has: a certificate that stands for it stands for any name of its domain.
const NOBODY: &str = "no-host-has-this-name";

/// Accepts until everything stops, then waits for the trunks to end.
pub(crate) async fn accept(
    house: Arc<House>,
    door: TrunkDoor,
    listener: TcpListener,
    dialogs: Arc<Semaphore>,
) {
    let mut stopping = house.stopping.clone();
    let places = Arc::new(Semaphore::new(TRUNKS_MAX));
    let door = Arc::new(door);
    let mut tasks = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => break,
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => {
                report(ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let (tcp, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(fault) => {
                tracing::warn!(%fault, "trunk.accept");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::warn!(%peer, "trunk.full");
            continue;
        };
        let entry = Entry { house: house.clone(), door: door.clone(), dialogs: dialogs.clone(), peer };
        tasks.spawn(async move {
            entry.serve(tcp).await;
            drop(place);
        });
    }
    drop(listener);
    while let Some(ended) = tasks.join_next().await {
        report(ended);
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(failed) = ended {
        tracing::error!(failed = %failed, "trunk.failed");
    }
}

/// One connection that came in.
struct Entry {
    house: Arc<House>,
    door: Arc<TrunkDoor>,
    dialogs: Arc<Semaphore>,
    peer: SocketAddr,
}

impl Entry {
    async fn serve(self, tcp: TcpStream) {
        // Small messages that wait for each other's answers: nothing is gained by holding them back.
        let _ = tcp.set_nodelay(true);
        let Ok(local) = tcp.local_addr() else { return };
        let mut stopping = self.house.stopping.clone();
        let shaken = timeout(
            self.house.limits.handshake_time,
            TlsAcceptor::from(self.door.tls_config.clone()).accept(tcp),
        );
        let stream = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => return,
            shaken = shaken => match shaken {
                Ok(Ok(stream)) => stream,
                Ok(Err(fault)) => return tracing::warn!(peer = %self.peer, %fault, "trunk.tls"),
                Err(_) => return tracing::warn!(peer = %self.peer, "trunk.tls_too_slow"),
            },
        };
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let trusted = self.door.trusted.clone();
        let named = certificate.and_then(|certificate| front_end(certificate, &trusted.borrow()));
        let Some(named) = named else {
            tracing::warn!(peer = %self.peer, "trunk.not_a_front_end");
            return self.turn_away(stream.into()).await;
        };
        tracing::info!(peer = %self.peer, front_end = named, "trunk.opened");
        let exchange = Exchange::new(self.house, self.peer, local, self.door.serving.clone(), self.dialogs);
        let end = exchange.run(stream.into(), gone(trusted, &named)).await;
        tracing::info!(peer = %self.peer, front_end = named, reason = %end, "trunk.ended");
    }

    /// Answers the first request with what is wrong, and closes.
    async fn turn_away(self, stream: TlsStream<TcpStream>) {
        let (read, written) = tokio::io::split(stream);
        let outlet = Outlet::default();
        let answered = async {
            let mut reader = Reader::new(read, FAREWELL_TIME);
            if let Ok(framed) = reader.next().await
                && let Ok(Message::Request(request)) = Message::parse(framed)
            {
                let answer = Refused::NotAFrontEnd.answer(&self.house.names.host);
                let tag = self.house.tag();
                outlet.put(&answer.address(Reply::to(&request, answer.status, &tag)).finish(None));
            }
            outlet.close();
            wire::write(written, &outlet, FAREWELL_TIME).await
        };
        // Whether it hears why or not, it is closed.
        let _ = timeout(FAREWELL_TIME * 2, answered).await;
    }
}

/// Which front end of the topology has this certificate. One that stands for any name of a domain is nobody's.
fn front_end(certificate: &CertificateDer<'_>, trusted: &BTreeSet<String>) -> Option<String> {
    let parsed = rustls::server::ParsedCertificate::try_from(certificate).ok()?;
    let bears = |name: &str| {
        let name = ServerName::try_from(name.to_owned());
        name.is_ok_and(|name| rustls::client::verify_server_name(&parsed, &name).is_ok())
    };
    let any =
        |name: &str| name.split_once('.').is_some_and(|(_, domain)| bears(&format!("{NOBODY}.{domain}")));
    trusted.iter().find(|name| bears(name) && !any(name)).cloned()
}

/// Resolves when there is no front end of this name any more.
async fn gone(mut trusted: watch::Receiver<BTreeSet<String>>, name: &str) {
    if trusted.wait_for(|names| !names.contains(name)).await.is_err() {
        // Whoever could say so is gone itself: it stays as it is.
        std::future::pending::<()>().await;
    }
}
