//! The connection to one chat server: made again whenever it is lost, asked every few seconds whether the server serves, and
//! the messages that come over it handed to the links they are for. One that is silent for too long is dead, and everybody it
//! carried is told.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use sip::{Draft, Framed, Hop, Message, Method, Name, Reply, Request, Response, Status, Transport};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{interval, sleep, timeout};
use tokio_rustls::{TlsConnector, TlsStream};

use crate::limits::{Limits, ROUTED_OCTETS_MAX, TRUNK_CONNECT};
use crate::proxy::Proxy;
use crate::proxy::pool::Pool;
use crate::trunk::inbox::Inbox;
use crate::trunk::outlet::Outlet;
use crate::trunk::wire::{self, Broken, Reader};

/// How the branch of a request begins that we pass on: the cookie of RFC 3261, then what names the dialog.
const COOKIE: &str = "z9hG4bK";
/// The highest number of CSeq (RFC 3261 8.1.1.5).
const CSEQ_LAST: u32 = (1 << 31) - 1;
/// What names our own questions in place of a dialog.
const PROBE: u64 = 0;

type Dialogs = HashMap<u64, Arc<Inbox<Message>>>;

/// One connection to a chat server.
#[derive(Debug)]
pub(crate) struct Uplink {
    pub(crate) hop: Hop,
    outlet: Outlet,
    /// The dialogs it carries; `None` once it is over.
    dialogs: Mutex<Option<Dialogs>>,
    /// What the server answered last.
    serves: watch::Sender<bool>,
}

/// Keeps up a connection to a server of a pool until everything stops.
pub(crate) async fn keep(
    proxy: Arc<Proxy>,
    pool: Arc<Pool>,
    server: usize,
    tls: Arc<ClientConfig>,
    mut stopping: watch::Receiver<bool>,
) {
    let name = pool.servers[server].at.name.clone();
    let kept = async {
        let mut told = String::new();
        loop {
            let end = match dial(&pool, server, tls.clone()).await {
                Ok(stream) => carry(&proxy, &pool, server, stream).await.to_string(),
                Err(fault) => fault.to_string(),
            };
            // A server that is away is told of once.
            if end != told {
                tracing::warn!(server = name, reason = end, "uplink.lost");
                told = end;
            }
            sleep(TRUNK_CONNECT / 3).await;
        }
    };
    tokio::select! {
        biased;
        _ = stopping.wait_for(|stopping| *stopping) => (),
        () = kept => (),
    }
}

/// A connection whose other end has the name it should have.
async fn dial(pool: &Pool, server: usize, tls: Arc<ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
    let at = &pool.servers[server].at;
    let name = ServerName::try_from(at.name.clone()).map_err(io::Error::other)?;
    let dialled = async {
        let tcp = TcpStream::connect(&at.address).await?;
        tcp.set_nodelay(true)?;
        TlsConnector::from(tls).connect(name, tcp).await
    };
    let late = |_| io::Error::from(io::ErrorKind::TimedOut);
    timeout(TRUNK_CONNECT, dialled).await.map_err(late)?.map(TlsStream::from)
}

/// Everything of one connection.
async fn carry(proxy: &Proxy, pool: &Arc<Pool>, server: usize, stream: TlsStream<TcpStream>) -> Broken {
    let local = stream.get_ref().0.local_addr().map_or_else(|_| proxy.host.clone(), |at| at.to_string());
    let uplink = Arc::new(Uplink {
        hop: Hop::new(Transport::Tls, &local),
        outlet: Outlet::default(),
        dialogs: Mutex::new(Some(Dialogs::new())),
        serves: watch::Sender::new(false),
    });
    let (read, written) = tokio::io::split(stream);
    let mut reader = Reader::new(read, proxy.limits.trunk_silence);
    let reading = async {
        loop {
            match reader.next().await {
                Ok(octets) => uplink.message(octets),
                Err(broken) => break broken,
            }
        }
    };
    let writing = wire::write(written, &uplink.outlet, proxy.limits.trunk_silence);
    let name = &pool.servers[server].at.name;
    let standing = async {
        let mut serves = uplink.serves.subscribe();
        while serves.changed().await.is_ok() {
            let now = *serves.borrow_and_update();
            tracing::info!(server = name, serves = now, "uplink.serves");
            pool.set(server, now.then(|| uplink.clone()));
        }
    };
    let end = tokio::select! {
        broken = reading => broken,
        done = writing => done.err().unwrap_or(Broken::Closed),
        () = uplink.probe(&proxy.host, &proxy.limits) => Broken::Closed,
        () = standing => Broken::Closed,
    };
    pool.set(server, None);
    uplink.end();
    end
}

impl Uplink {
    /// A dialog goes over this connection from now on: what comes for it goes there, and the end when it is over already.
    pub(crate) fn enter(&self, token: u64, inbox: &Arc<Inbox<Message>>) {
        match &mut *self.dialogs() {
            Some(dialogs) => drop(dialogs.insert(token, inbox.clone())),
            None => inbox.close(),
        }
    }

    /// The dialog does no longer.
    pub(crate) fn leave(&self, token: u64) {
        if let Some(dialogs) = &mut *self.dialogs() {
            dialogs.remove(&token);
        }
    }

    /// Sends a message. Everybody may have so much under way, and one whose server takes nothing is dead soon.
    pub(crate) fn send(&self, message: &[u8]) {
        self.outlet.put(message);
    }

    /// The branch of a request of a dialog.
    pub(crate) fn branch(token: u64, number: u64) -> String {
        format!("{COOKIE}{token:x}.{number:x}")
    }

    /// The dialog and number in a branch of ours.
    pub(crate) fn read_branch(response: &Response) -> Option<(u64, u64)> {
        let (token, number) = response.via().branch()?.get(COOKIE.len()..)?.split_once('.')?;
        let hex = |text| u64::from_str_radix(text, 16).ok();
        Some((hex(token)?, hex(number)?))
    }

    /// Asks again and again whether the server serves.
    async fn probe(&self, host: &str, limits: &Limits) {
        let mut tick = interval(limits.trunk_probe);
        let mut number: u32 = 0;
        loop {
            tick.tick().await;
            number = number % CSEQ_LAST + 1;
            let own = format!("<sip:{host}>");
            let draft = Draft::new(
                Method::Options,
                &format!("sip:{host}"),
                &self.hop,
                &Self::branch(PROBE, number.into()),
            )
            .parties(&format!("{own};tag=probe"), &own)
            .call(&format!("probe-{host}"), number);
            self.send(&draft.finish(None));
        }
    }

    fn message(&self, framed: Framed) {
        match Message::parse(framed) {
            Err(fault) => tracing::warn!(fault = %fault.fault, "uplink.unreadable"),
            Ok(Message::Response(response)) => match Self::read_branch(&response) {
                Some((PROBE, _)) => self.answered(response.status()),
                Some((token, _)) => self.hand_over(token, Message::Response(response)),
                None => (),
            },
            Ok(Message::Request(request)) => match self.dialog_of(&request) {
                Some(token) => self.hand_over(token, Message::Request(request)),
                None if *request.method() == Method::Ack => (),
                None => {
                    let reply = Reply::to(&request, Status::NO_DIALOG, "");
                    self.send(&reply.finish(None));
                }
            },
        }
    }

    /// The dialog that the Route of a request names, if it goes over this connection.
    fn dialog_of(&self, request: &Request) -> Option<u64> {
        let routes = request.addresses(Name::Route).ok()?;
        let token = u64::from_str_radix(routes.first()?.sip_uri().ok()?.user?, 16).ok()?;
        self.find(token).map(|_| token)
    }

    /// Until the server says that it serves again.
    pub(crate) fn stands_by(&self) {
        self.answered(Status::UNAVAILABLE);
    }

    fn answered(&self, status: Status) {
        if !status.is_provisional() {
            let serves = status.is_success();
            self.serves.send_if_modified(|before| std::mem::replace(before, serves) != serves);
        }
    }

    fn hand_over(&self, token: u64, message: Message) {
        let Some(inbox) = self.find(token) else { return };
        let octets = message.fields().octets();
        if inbox.push(message, octets, ROUTED_OCTETS_MAX).is_err() {
            tracing::warn!("uplink.dialog_overrun");
        }
    }

    /// Everybody it carried is told that it is over.
    fn end(&self) {
        self.outlet.close();
        let dialogs = self.dialogs().take();
        dialogs.iter().flatten().for_each(|(_, inbox)| inbox.close());
    }

    fn find(&self, token: u64) -> Option<Arc<Inbox<Message>>> {
        self.dialogs().as_ref()?.get(&token).cloned()
    }

    fn dialogs(&self) -> MutexGuard<'_, Option<Dialogs>> {
        self.dialogs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
