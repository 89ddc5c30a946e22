//! One trunk at the chat server: requests and responses handed to the dialogs they belong to; dialogs begun for people the front end
//! vouches for. What a dialog does is its link's.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use chat::{Address, Person, PersonState};
use sip::{Message, Method, Name, Reply, Request};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsStream;

use crate::codes::Refused;
use crate::dispatch::capabilities;
use crate::house::House;
use crate::limits::{FAREWELL_TIME, STRAND_OCTETS_MAX, TRUNK_IDLE};
use crate::link::Link;
use crate::register::address_of;
use crate::stream::Stream;
use crate::trunk::outlet::Outlet;
use crate::trunk::strand::{Strand, Strands};
use crate::trunk::wire::{self, Broken, Reader};

/// One trunk.
pub(crate) struct Exchange {
    house: Arc<House>,
    peer: SocketAddr,
    local: SocketAddr,
    serving: watch::Receiver<bool>,
    /// Places for dialogs, shared with the links of clients.
    places: Arc<Semaphore>,
    strands: Arc<Strands>,
    outlet: Arc<Outlet>,
    links: JoinSet<()>,
}

impl Exchange {
    /// A trunk without dialogs.
    pub(crate) fn new(
        house: Arc<House>,
        peer: SocketAddr,
        local: SocketAddr,
        serving: watch::Receiver<bool>,
        places: Arc<Semaphore>,
    ) -> Self {
        let (strands, outlet) = (Arc::default(), Arc::default());
        Self { house, peer, local, serving, places, strands, outlet, links: JoinSet::new() }
    }

    /// Serves the trunk until it ends or its front end is gone from the topology, and everybody who came over it has left.
    pub(crate) async fn run(
        mut self,
        stream: TlsStream<TcpStream>,
        gone: impl Future<Output = ()>,
    ) -> Broken {
        let mut gone = std::pin::pin!(gone);
        let (read, written) = tokio::io::split(stream);
        let mut reader = Reader::new(read, TRUNK_IDLE);
        let outlet = self.outlet.clone();
        let mut writing = std::pin::pin!(wire::write(written, &outlet, self.house.limits.stall));
        let mut stopping = self.house.stopping.clone();
        let mut stops = false;
        let mut written_out = false;
        let end = loop {
            tokio::select! {
                biased;
                Some(ended) = self.links.join_next(), if !self.links.is_empty() => report(ended),
                _ = stopping.wait_for(|stopping| *stopping), if !stops => stops = true,
                () = &mut gone => break Broken::Distrusted,
                done = &mut writing => {
                    written_out = true;
                    break done.err().unwrap_or(Broken::Closed);
                }
                came = reader.next() => match came {
                    Ok(octets) => self.message(octets),
                    Err(broken) => break broken,
                },
            }
            // Every link says what it has to say when everything stops.
            if stops && self.links.is_empty() {
                break Broken::Closed;
            }
        };
        if !stops || !self.links.is_empty() {
            // Nobody waits to say anything to a front end that is gone.
            self.outlet.close();
        }
        self.strands.close();
        while let Some(ended) = self.links.join_next().await {
            report(ended);
        }
        self.outlet.close();
        if !written_out {
            // A peer that takes nothing any more gets nothing more.
            let _ = timeout(FAREWELL_TIME, writing).await;
        }
        end
    }

    /// A message came. One that cannot be read is of nobody, and says nothing of those that follow.
    fn message(&mut self, octets: Bytes) {
        match Message::parse(octets) {
            Err(fault) => tracing::warn!(peer = %self.peer, fault = %fault.fault, "trunk.unreadable"),
            Ok(Message::Response(response)) => {
                let from = response.from();
                if let Some(inbox) = from.tag().and_then(|tag| self.strands.find(tag)) {
                    self.hand_over(&inbox, response.to_bytes());
                }
            }
            Ok(Message::Request(request)) => self.request(request),
        }
    }

    fn request(&mut self, request: Request) {
        let to = request.to();
        let inside = to.tag().map(|tag| self.strands.find(tag));
        match (inside, request.method()) {
            (
                Some(Some(inbox)),
                Method::Invite | Method::Ack | Method::Info | Method::Update | Method::Bye | Method::Options,
            ) => self.hand_over(&inbox, request.to_bytes()),
            (_, Method::Ack) => (),
            (Some(None), _) => self.refuse(&request, &Refused::NoDialog),
            (None, Method::Options) => self.probed(&request),
            (None, Method::Invite) => {
                if let Err(refused) = self.begin(&request) {
                    self.refuse(&request, &refused);
                }
            }
            _ => self.refuse(&request, &Refused::NotAllowedHere),
        }
    }

    /// Somebody who has a dialog gets a message in it. More than a front end that keeps the rules has under way ends the dialog.
    fn hand_over(&self, inbox: &crate::trunk::inbox::Inbox<Bytes>, octets: Bytes) {
        let size = octets.len();
        if inbox.push(octets, size, STRAND_OCTETS_MAX).is_err() {
            tracing::warn!(peer = %self.peer, "trunk.dialog_overrun");
        }
    }

    /// The front end asks whether dialogs may be begun.
    fn probed(&self, request: &Request) {
        if self.serves() {
            let tag = self.house.tag();
            let answer = capabilities();
            self.outlet.put(&answer.address(Reply::to(request, answer.status, &tag)).finish(None));
        } else {
            self.refuse(request, &Refused::NotServing);
        }
    }

    fn serves(&self) -> bool {
        *self.serving.borrow() && !*self.house.stopping.borrow()
    }

    /// A dialog for the person the front end vouches for.
    fn begin(&mut self, request: &Request) -> Result<(), Refused> {
        if !self.serves() {
            return Err(Refused::NotServing);
        }
        let person = self.vouched(request)?;
        let place = self.places.clone().try_acquire_owned().map_err(|_| Refused::LinkFull)?;
        let strand = Strand::new(&self.strands, &self.outlet, request.to_bytes());
        let link = Link::carried(self.house.clone(), self.peer, self.local, person, strand.tagged())?;
        self.links.spawn(async move {
            Box::new(link).run(Stream::Strand(Box::new(strand))).await;
            drop(place);
        });
        Ok(())
    }

    /// Whom the front end says this is: one person, whom the pool knows and who may sign on.
    fn vouched(&self, request: &Request) -> Result<Arc<Person>, Refused> {
        let asserted = asserted(request).ok_or(Refused::NotSignedOn)?;
        if address_of(&request.from()).as_ref() != Some(&asserted) {
            return Err(Refused::NotThePerson);
        }
        let person = self.house.rooms.person(&asserted);
        let enabled = person.filter(|person| person.state == PersonState::Enabled);
        enabled.ok_or(Refused::Session(chat::Refusal::NotAllowed))
    }

    fn refuse(&self, request: &Request, refused: &Refused) {
        tracing::debug!(method = request.method().as_str(), reason = %refused, "trunk.refused");
        let answer = refused.answer(&self.house.names.host);
        let tag = self.house.tag();
        self.outlet.put(&answer.address(Reply::to(request, answer.status, &tag)).finish(None));
    }
}

/// The person a front end vouches for: the sip address in P-Asserted-Identity, which stands there once.
pub(crate) fn asserted(request: &Request) -> Option<Address> {
    let all = request.addresses(Name::PAssertedIdentity).ok()?;
    let mut sip = all.iter().filter_map(address_of);
    let first = sip.next()?;
    sip.next().is_none().then_some(first)
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(failed) = ended {
        tracing::error!(failed = %failed, "link.failed");
    }
}
