//! One link, owned by one task: octets in, messages in their order, octets out in one write per wake-up.
//! What a message means is `incoming.rs` and `dispatch.rs`; what passes through a chat dialog is `session.rs`.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use chat::Person;
use sip::{
    ClientTransactions, Framer, Hop, Moment, Reply, Request, ServerTransactions, Side, Status,
    TransactionKey, Transport,
};
use tokio::time::{Instant, sleep_until, timeout};

use crate::answer::Answer;
use crate::codes::Refused;
use crate::end::End;
use crate::event::Event;
use crate::house::House;
use crate::limits::{
    AHEAD_OCTETS_MAX, FAREWELL_TIME, PENDING_MAX, PENDING_OCTETS, STOP_TIME, WAITING_OCTETS,
};
use crate::outbound::Outbound;
use crate::proxy::routed::{Returning, Routes};
use crate::register::Endpoint;
use crate::registrar::{Bell, Ring};
use crate::security::Security;
use crate::seldom::Seldom;
use crate::session::{self, Chat};
use crate::show::Body;
use crate::signon::{Examined, SignOn};
use crate::strangers::Stranger;
use crate::stream::{Read, Stream};
use crate::subscribe::Subscription;
use crate::trunk::strand::Tagged;

/// Something that is being done while the link goes on.
pub(crate) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a link does one after the other, with the octets of the request it is done for.
pub(crate) struct Job {
    pub(crate) work: Work<Finished>,
    octets: usize,
}

/// One link.
pub(crate) struct Link {
    pub(crate) house: Arc<House>,
    /// A number no other link of this run has.
    pub(crate) id: u64,
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) hop: Hop,
    /// The value of our Contact.
    pub(crate) contact: String,
    pub(crate) out: Outbound,
    pub(crate) framer: Framer,
    pub(crate) requests: ServerTransactions,
    /// Our own requests, each with what it is about.
    pub(crate) ours: ClientTransactions<About>,
    pub(crate) signon: SignOn,
    /// Whether a proof is being examined; until then nothing more is taken. What comes is read, to learn of a hang-up.
    pub(crate) signing_on: bool,
    /// Octets that were read meanwhile.
    pub(crate) ahead: usize,
    pub(crate) security: Option<Security>,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) chats: Vec<Chat>,
    pub(crate) next_chat: u64,
    /// Of a dialog that came over a trunk: by what it is known there. Such a link has this one dialog, and nobody signs on.
    pub(crate) strand: Option<Tagged>,
    /// Whether a request came.
    pub(crate) begun: bool,
    /// Dialogs with chat servers elsewhere.
    pub(crate) routes: Routes,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) bell: Arc<Bell>,
    /// Held as long as nobody is signed on.
    pub(crate) stranger: Option<Stranger>,
    /// Since when nobody is signed on.
    pub(crate) strange_since: Moment,
    /// Until when a quiet moment is waited for, once it is this link's turn to go.
    pub(crate) leaves: Option<Moment>,
    /// Why the link ends, once it does.
    pub(crate) end: Option<End>,
    pub(crate) jobs: VecDeque<Job>,
    /// Octets of the request that is being taken.
    pub(crate) taking: usize,
    pub(crate) heard: Moment,
    /// When to look at the time, as far as was known when nothing else was to be done.
    pub(crate) due: Moment,
    /// When it last woke.
    pub(crate) present: Moment,
    pub(crate) origin: Instant,
}

/// What a request of ours is about.
#[derive(Clone, Debug)]
pub(crate) enum About {
    /// The chat dialog of this number, and how many octets it was.
    Chat { id: u64, octets: usize },
    /// Something a chat server elsewhere asked for: it gets the answer.
    Routed(Box<Returning>),
    /// The subscription whose dialog has this tag of ours.
    Subscription(String),
}

/// What came of something that took time.
pub(crate) enum Finished {
    /// The proof in a REGISTER was examined.
    Examined { request: Request, key: TransactionKey, examined: Examined },
    /// A request is to be answered so.
    Answered { request: Request, key: TransactionKey, answer: Answer },
    /// A SUBSCRIBE is to be answered so; `tag` is that of its dialog.
    Subscribed { request: Request, key: TransactionKey, tag: String, answer: Answer },
    /// The document of a notification in the dialog with this tag.
    Notified { tag: String, body: Option<Body> },
}

impl Link {
    /// A link over an accepted connection.
    pub(crate) fn new(
        house: Arc<House>,
        peer: SocketAddr,
        local: SocketAddr,
        transport: Transport,
        stranger: Option<Stranger>,
    ) -> Self {
        let word = match transport {
            Transport::Tls => "tls",
            Transport::Tcp => "tcp",
        };
        Self {
            id: house.registrar.next_link(),
            peer,
            local,
            hop: Hop::new(transport, &local.to_string()),
            contact: house.names.contact(word, local.port()),
            out: Outbound::default(),
            framer: Framer::new(Side::Server, sip::Limits::default()),
            requests: ServerTransactions::new(),
            ours: ClientTransactions::new(house.clock.random_u64()),
            signon: SignOn::default(),
            signing_on: false,
            ahead: 0,
            security: None,
            endpoint: None,
            chats: Vec::new(),
            next_chat: 0,
            strand: None,
            begun: false,
            routes: Routes::default(),
            subscriptions: Vec::new(),
            bell: Arc::default(),
            stranger,
            strange_since: Moment::default(),
            leaves: None,
            end: None,
            jobs: VecDeque::new(),
            taking: 0,
            heard: Moment::default(),
            due: Moment::default(),
            present: Moment::default(),
            origin: Instant::now(),
            house,
        }
    }

    /// A link in place of a connection: of one dialog that a front end brought over a trunk, and vouches for this person.
    pub(crate) fn carried(
        house: Arc<House>,
        peer: SocketAddr,
        local: SocketAddr,
        person: Arc<Person>,
        strand: Tagged,
    ) -> Result<Self, Refused> {
        let mut link = Self::new(house, peer, local, Transport::Tls, None);
        let signed_on = link.house.registrar.sign_on(&person, link.id, &link.bell);
        // How long it lasts is the front end's to say.
        link.endpoint = Some(Endpoint { person, until: Moment::default() });
        link.strand = Some(strand);
        signed_on.map(|()| link).map_err(|_| Refused::LinkFull)
    }

    /// Serves the link until it ends, then lets everything of it end. Boxed, because a future holds what it is given several times.
    pub(crate) async fn run(mut self: Box<Self>, mut stream: Stream) {
        let mut stopping = self.house.stopping.clone();
        let mut stopped = Seldom::new(async move {
            // Whoever would say so being gone is the same.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        });
        let mut timer = Box::pin(sleep_until(self.origin));
        let end = loop {
            self.take_frames();
            self.advance();
            if let Some(end) = self.end.take() {
                break end;
            }
            let next = |context: &mut Context<'_>| {
                self.poll_event(context, &mut stream, &mut stopped, timer.as_mut())
            };
            match poll_fn(next).await {
                Event::Stop => break End::Stopping,
                Event::Time => {
                    self.look_at_the_time();
                    self.due = self.deadline();
                }
                Event::Chat(at, happened) => self.chat_event(at, happened),
                Event::Routed(came) => self.routed(came),
                Event::Job(finished) => self.finished(*finished),
                Event::Rung(rung) => self.rung(rung),
                Event::Read(Read::Octets(octets)) => self.hear(octets),
                Event::Read(Read::Closed) => break End::Closed,
                Event::Read(Read::Broken(kind)) => break End::Network(kind),
                Event::Written => (),
            }
        };
        match end {
            End::Closed | End::LedOut | End::Stopping => tracing::debug!(reason = %end, "link.ended"),
            _ => tracing::info!(reason = %end, "link.ended"),
        }
        self.finish(stream, end).await;
    }

    /// The present moment of this link: when it last woke.
    pub(crate) fn now(&self) -> Moment {
        self.present
    }

    /// Something came.
    fn hear(&mut self, octets: usize) {
        self.heard = self.now();
        self.ahead = if self.signing_on { self.ahead + octets } else { 0 };
        if self.ahead > AHEAD_OCTETS_MAX && self.endpoint.is_none() {
            self.end = Some(End::TooMuchAhead);
        }
    }

    /// Begins something that takes time. One at a time, in order.
    pub(crate) fn begin(&mut self, work: impl Future<Output = Finished> + Send + 'static) {
        self.jobs.push_back(Job { work: Box::pin(work), octets: self.taking });
    }

    /// Octets of requests that have not been carried out.
    pub(crate) fn pending_octets(&self) -> usize {
        let jobs: usize = self.jobs.iter().map(|job| job.octets).sum();
        jobs + self.chats.iter().map(Chat::pending_octets).sum::<usize>() + self.routes.pending_octets()
    }

    /// Whether more frames may be taken from what was read, and more be read.
    pub(crate) fn may_take(&self) -> bool {
        let mut pending = self.jobs.len() + self.routes.pending();
        let jobs = self.jobs.iter().map(|job| job.octets).sum::<usize>();
        let mut octets = jobs + self.routes.pending_octets();
        // A dialog that waits for answers of the client must not keep them from being read; it refuses instead.
        if !self.chats.iter().any(Chat::awaits_answers) {
            pending += self.chats.iter().map(Chat::pending).sum::<usize>();
            octets = self.pending_octets();
        }
        !self.signing_on
            && self.end.is_none()
            && pending < PENDING_MAX
            && octets < PENDING_OCTETS
            && self.out.waiting().len() < WAITING_OCTETS
    }

    /// Answers a request, with the tag of a dialog or a fresh one.
    pub(crate) fn reply(&mut self, request: &Request, key: &TransactionKey, answer: &Answer) {
        let tag = self.house.tag();
        self.reply_tagged(request, key, &tag, answer);
    }

    /// Answers a request under this tag of ours.
    pub(crate) fn reply_tagged(
        &mut self,
        request: &Request,
        key: &TransactionKey,
        tag: &str,
        answer: &Answer,
    ) {
        let reply = answer.address(Reply::to(request, answer.status, tag));
        let octets = self.seal(&reply);
        let now = self.now();
        if self.requests.answer(key, answer.status, octets.clone(), now) {
            self.out.pen().extend_from_slice(&octets);
        }
    }

    /// Refuses a request.
    pub(crate) fn refuse(&mut self, request: &Request, key: &TransactionKey, refused: &Refused) {
        tracing::debug!(method = request.method().as_str(), reason = %refused, "request.refused");
        let answer = refused.answer(&self.house.names.host);
        self.reply(request, key, &answer);
    }

    /// Sends an answer that is not remembered.
    pub(crate) fn send_reply(&mut self, reply: &Reply<'_>) {
        let octets = self.seal(reply);
        self.out.pen().extend_from_slice(&octets);
    }

    /// The octets of an answer, signed if it must be: all but provisional answers and challenges, once a key is shared.
    fn seal(&mut self, reply: &Reply<'_>) -> Bytes {
        let unsigned = reply.status().is_provisional() || reply.status() == Status::UNAUTHORIZED;
        let signature = match &mut self.security {
            Some(security) if !unsigned => Some(security.sign(&reply.pieces())),
            _ => None,
        };
        // What is remembered of it is no larger than it is.
        Bytes::from(reply.finish(signature.as_deref()).into_boxed_slice())
    }

    /// Everything that can go on by itself does.
    fn advance(&mut self) {
        let now = self.now();
        if self.end.is_none() {
            for chat in &mut self.chats {
                let security = self.security.as_mut();
                if let Err(end) = chat.send(security, &mut self.ours, &mut self.out, now) {
                    self.end = Some(end);
                }
            }
        }
        // One command of the link at a time, and none before the replies of others went out.
        let mut may_command = !self.chats.iter().any(Chat::commands)
            && self.chats.iter().map(Chat::unsent_octets).sum::<usize>() < WAITING_OCTETS;
        for chat in &mut self.chats {
            chat.advance(&self.house, &mut may_command);
        }
        self.chats.retain(|chat| !chat.is_gone());
        if self.strand.is_some() && self.chats.is_empty() && self.end.is_none() && self.begun {
            self.end = Some(End::DialogOver);
        }
        self.leave_if_quiet();
    }

    fn finished(&mut self, finished: Finished) {
        match finished {
            Finished::Examined { request, key, examined } => self.examined(&request, &key, examined),
            Finished::Answered { request, key, answer } => self.reply(&request, &key, &answer),
            Finished::Subscribed { request, key, tag, answer } => {
                self.reply_tagged(&request, &key, &tag, &answer);
            }
            Finished::Notified { tag, body } => self.notify(&tag, body),
        }
    }

    fn rung(&mut self, rung: std::collections::BTreeSet<Ring>) {
        for ring in rung {
            match ring {
                Ring::PersonGone => {
                    self.person_stays();
                }
                Ring::Leave => self.begin_to_leave(),
                Ring::Own => self.own_changed(),
                Ring::Presence(person) => self.presence_changed(person),
            }
        }
    }

    /// Says what is left to say, ends the connection, and leaves all rooms. Never a BYE: clients would stay without chat.
    async fn finish(mut self: Box<Self>, mut stream: Stream, end: End) {
        self.depart();
        let stopping = matches!(end, End::Stopping | End::LedOut);
        if stopping && !self.house.rooms.are_given_up() {
            let _ = timeout(STOP_TIME, self.answer_running(&mut stream)).await;
        }
        // Whoever is cut off hears nothing more, so what ran is answered before.
        self.hang_up_routes();
        if self.strand.is_some() {
            self.cut_off();
        }
        if end.says_goodbye() || self.strand.is_some() {
            // Whoever takes nothing within this time gets nothing more.
            let _ = timeout(FAREWELL_TIME, self.flush(&mut stream)).await;
        }
        let farewell = async {
            if end.says_goodbye() {
                stream.end().await;
            } else {
                drop(stream);
            }
        };
        // Others need not wait for this client to close its side.
        let departure = async {
            for chat in &mut self.chats {
                chat.end().await;
            }
        };
        tokio::join!(farewell, departure);
    }

    /// Nobody is signed on through this link any more.
    fn depart(&mut self) {
        if let Some(endpoint) = self.endpoint.take() {
            self.house.registrar.sign_off(endpoint.person.id, self.id);
        }
        self.drop_subscriptions();
    }

    /// Answers the posts that run, here or at a chat server elsewhere; those that have not begun are refused.
    async fn answer_running(&mut self, stream: &mut Stream) {
        for (request, key) in self.chats.iter_mut().flat_map(Chat::stop).collect::<Vec<_>>() {
            self.refuse(&request, &key, &Refused::Post(rooms::Trouble::Stopping));
        }
        while self.chats.iter().any(Chat::is_busy) || self.routes.is_busy() {
            let Self { chats, routes, out, .. } = self;
            let running = poll_fn(|context| {
                if let Poll::Ready((at, happened)) = session::poll_any(chats, context, false) {
                    return Poll::Ready(Event::Chat(at, happened));
                }
                if let Poll::Ready(came) = routes.poll_next(context, true) {
                    return Poll::Ready(Event::Routed(came));
                }
                match stream.poll_write_from(context, out) {
                    Poll::Ready(Err(fault)) => Poll::Ready(Event::Read(Read::Broken(fault))),
                    Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
                }
            });
            match running.await {
                Event::Chat(at, happened) => self.chat_event(at, happened),
                Event::Routed(came) => self.routed(came),
                _ => return,
            }
        }
    }

    /// Writes what waits, as far as the peer takes it.
    async fn flush(&mut self, stream: &mut Stream) {
        let _ = poll_fn(|context| stream.poll_write_from(context, &mut self.out)).await;
    }

    /// Refuses what no transaction is made for: too much waits.
    pub(crate) fn refuse_unremembered(&mut self, request: &Request, refused: &Refused) {
        let tag = self.house.tag();
        let answer = refused.answer(&self.house.names.host);
        let reply = answer.address(Reply::to(request, answer.status, &tag));
        self.send_reply(&reply);
    }
}

impl Drop for Link {
    /// Also a link that failed leaves nobody signed on.
    fn drop(&mut self) {
        self.depart();
    }
}
