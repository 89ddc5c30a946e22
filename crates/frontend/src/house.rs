//! What all links of a front end share: the rooms, the directory, our names and addresses, what is counted.
//! Holds no link; whoever is signed on stands in `registrar.rs`.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chat::{Address, Clock, Domain, SERVER_USERS};
use directory::Directory;
use ntlm::TargetNames;
use rooms::Rooms;
use sip::Uri;
use tokio::sync::{Semaphore, watch};

use crate::limits::{HANDSHAKES_MAX, Limits, PROOFS_MAX};
use crate::registrar::Registrar;
use crate::strangers::Strangers;

/// What all links share.
pub(crate) struct House {
    pub(crate) rooms: Rooms,
    pub(crate) directory: Directory,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) names: Names,
    pub(crate) limits: Limits,
    pub(crate) registrar: Registrar,
    pub(crate) strangers: Arc<Strangers>,
    pub(crate) handshakes: Arc<Semaphore>,
    pub(crate) proofs: Arc<Semaphore>,
    /// Becomes `true` when the front end stops.
    pub(crate) stopping: watch::Receiver<bool>,
    envelopes: AtomicU64,
    refused: AtomicU64,
}

/// Our names on the wire.
pub(crate) struct Names {
    /// The organisation's SIP domain.
    pub(crate) domain: Domain,
    /// The full name of this host: the target of sign-ons and the host of our Contact.
    pub(crate) host: String,
    /// The chat server's own address, which everybody is told; requests of ours come from the one that was invited.
    pub(crate) chat: String,
    /// The names in our challenges.
    pub(crate) target: TargetNames,
}

/// The user part of the chat server's address; software in the field knows chat traffic by its middle. In any case it is the
/// first of [`SERVER_USERS`].
const CHAT_USER: &str = "GC-1-PersistentChatService-1";

impl House {
    pub(crate) fn new(
        rooms: Rooms,
        directory: Directory,
        clock: Arc<dyn Clock>,
        names: Names,
        limits: Limits,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        // Well below 2^63, so that no client takes the number for a negative one.
        let first_envelope = clock.random_u64() >> 2;
        Self {
            rooms,
            directory,
            names,
            registrar: Registrar::default(),
            strangers: Strangers::new(&limits),
            handshakes: Arc::new(Semaphore::new(HANDSHAKES_MAX)),
            proofs: Arc::new(Semaphore::new(PROOFS_MAX)),
            limits,
            stopping,
            envelopes: AtomicU64::new(first_envelope),
            refused: AtomicU64::new(0),
            clock,
        }
    }

    /// A sign-on was refused.
    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// How many sign-ons were refused.
    pub(crate) fn refused_sign_ons(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// A number no other envelope of this run has.
    pub(crate) fn next_envelope(&self) -> u64 {
        self.envelopes.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether the URI is one of those that reach the chat server: its own, one of the look-up addresses, or a further one of
    /// the pool.
    pub(crate) fn is_chat(&self, uri: &Uri<'_>) -> bool {
        let Some(address) = uri.address() else { return false };
        let further = || {
            let address = Address::parse(&format!("sip:{address}"));
            address.is_ok_and(|address| self.rooms.endpoints().contains(&address))
        };
        self.names.is_chat(&address) || further()
    }

    /// Whether the policy in force lets whoever has this address chat.
    pub(crate) fn may_chat(&self, address: &Address) -> bool {
        self.rooms.person(address).is_some_and(|person| person.may_chat())
    }

    /// A tag nobody can guess, for our side of a dialog.
    pub(crate) fn tag(&self) -> String {
        format!("{:016x}", self.clock.random_u64())
    }
}

impl Names {
    /// The names of a host; `None` when it is too long or empty.
    pub(crate) fn new(domain: Domain, host: &str) -> Option<Self> {
        let clean =
            !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        let target = TargetNames::new(domain.as_str(), host).ok().filter(|_| clean)?;
        let chat = format!("sip:{CHAT_USER}@{domain}");
        Some(Self { domain, host: host.to_owned(), chat, target })
    }

    /// Whether the address without its scheme is the chat server's own, or one of the look-up addresses.
    fn is_chat(&self, address: &str) -> bool {
        let Some((user, host)) = address.split_once('@') else { return false };
        let ours = SERVER_USERS.iter().any(|known| known.eq_ignore_ascii_case(user));
        ours && host == self.domain.as_str()
    }

    /// Our own Contact on a link, as the value of the header field.
    pub(crate) fn contact(&self, transport: &str, port: u16) -> String {
        format!("<sip:{}:{port};transport={transport}>", self.host)
    }
}

/// An address as SDP writes it.
pub(crate) fn sdp_address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("IP4 {ip}"),
        IpAddr::V6(ip) => format!("IP6 {ip}"),
    }
}
