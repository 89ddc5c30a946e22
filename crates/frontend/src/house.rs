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
use crate::proxy::Proxy;
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
    /// The pools that are elsewhere.
    pub(crate) proxy: Option<Arc<Proxy>>,
    /// Whether there is a chat server here.
    pub(crate) chats: bool,
    /// Becomes `true` when the front end stops.
    pub(crate) stopping: watch::Receiver<bool>,
    envelopes: AtomicU64,
    refused: AtomicU64,
}

/// Where a dialog leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Destination {
    /// To the chat server here.
    Here,
    /// To the pool of this number elsewhere.
    Pool(usize),
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
    /// Our own pages for managing rooms.
    pages: Option<String>,
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
        (proxy, chats): (Option<Arc<Proxy>>, bool),
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
            proxy,
            chats,
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

    /// The pages where people manage rooms: those the setting names, else our own.
    pub(crate) fn pages(&self) -> Option<String> {
        let set = self.rooms.settings().room_management_url.as_ref().map(|url| url.as_str().to_owned());
        set.or_else(|| self.names.pages.clone())
    }

    /// A number no other envelope of this run has.
    pub(crate) fn next_envelope(&self) -> u64 {
        self.envelopes.fetch_add(1, Ordering::Relaxed)
    }

    /// Which chat server a URI reaches: that here or that of a pool by its own contact, that of the default pool by one of the
    /// look-up addresses or a further one of the pool; `None` when none.
    pub(crate) fn destination(&self, uri: &Uri<'_>) -> Option<Destination> {
        let address = uri.address()?;
        let here = self.chats.then_some(Destination::Here);
        if self.chats && self.names.is_contact(&address) {
            return here;
        }
        if let Some(pool) = self.proxy.as_ref().and_then(|proxy| proxy.by_contact(&address)) {
            return Some(Destination::Pool(pool));
        }
        let further = || {
            let address = Address::parse(&format!("sip:{address}"));
            address.is_ok_and(|address| self.rooms.endpoints().contains(&address))
        };
        let looked_up = self.names.is_lookup(&address) || further();
        let default = self.proxy.as_ref().and_then(|proxy| proxy.default_pool());
        if looked_up { default.map(Destination::Pool).or(here) } else { None }
    }

    /// The address of the chat server in which people who sign on here make rooms.
    pub(crate) fn default_contact(&self) -> &str {
        let elsewhere = self.proxy.as_ref().and_then(|proxy| proxy.default_contact());
        elsewhere.unwrap_or(&self.names.chat)
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
    /// The names of a host, whose chat server has this contact beside the usual one; `None` when it is too long or empty.
    pub(crate) fn new(
        domain: Domain,
        host: &str,
        contact: Option<&str>,
        pages: Option<String>,
    ) -> Option<Self> {
        let clean =
            !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        let target = TargetNames::new(domain.as_str(), host).ok().filter(|_| clean)?;
        let chat = contact.map_or_else(|| format!("sip:{CHAT_USER}@{domain}"), str::to_owned);
        Some(Self { domain, host: host.to_owned(), chat, target, pages })
    }

    /// Whether the address without its scheme is the chat server's own.
    fn is_contact(&self, address: &str) -> bool {
        self.chat.strip_prefix("sip:").is_some_and(|own| own.eq_ignore_ascii_case(address))
    }

    /// Whether the address without its scheme is one of the look-up addresses, or the usual one of a chat server.
    fn is_lookup(&self, address: &str) -> bool {
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
