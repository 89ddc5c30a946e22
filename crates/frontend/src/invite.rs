//! INVITE to the chat server and what follows in its dialog: ACK, INFO, UPDATE, BYE, OPTIONS (RFC 3261 12 to 15, RFC 4028).
//! What an INFO carries is carried out by `session.rs`.

use chat::Address;
use rooms::Session;
use sip::{Admitted, Dialog, Method, Moment, Name, Request, SessionTimer, TooBrief, TransactionKey, Uri};
use xccos::{Ask, Compat};

use crate::answer::Answer;
use crate::codes::{ALLOW, Refused};
use crate::dispatch::capabilities;
use crate::end::End;
use crate::house::{Destination, sdp_address};
use crate::limits::DIALOGS_MAX;
use crate::link::{About, Link};
use crate::proxy::CLOSE_LINK;
use crate::session::{Asked, Chat, XCCOS};

/// The type of an offer and its answer.
const SDP: &str = "application/sdp";

impl Link {
    /// Opens a dialog with the chat server here, or has it opened by one elsewhere.
    pub(crate) fn invite(&mut self, request: Request, key: TransactionKey) {
        let full = self.chats.len() + self.routes.len() >= DIALOGS_MAX;
        let begun = match self.reachable(&request.target()) {
            Err(refused) => Err(refused),
            Ok(_) if full => Err(Refused::DialogsFull),
            Ok(Destination::Pool(pool)) => return self.route(request, key, pool),
            Ok(Destination::Here) => self.open_dialog(&request),
        };
        match begun {
            Ok((mut chat, answer)) => {
                let tag = chat.dialog.tag().to_owned();
                if let Some(strand) = &self.strand {
                    strand.name(&tag);
                    chat.behind_front_end();
                }
                self.reply_tagged(&request, &key, &tag, &answer);
                // Nearly every link has one dialog, and a first push makes room for four.
                self.chats.reserve_exact(1);
                self.chats.push(chat);
            }
            Err(refused) => self.refuse(&request, &key, &refused),
        }
    }

    fn open_dialog(&mut self, request: &Request) -> Result<(Chat, Answer), Refused> {
        check_offer(request)?;
        let now = self.now();
        let timer = agree(request, now)?;
        let mut dialog = Dialog::open(request, &self.house.tag()).map_err(Refused::Malformed)?;
        let session = self.open_session()?;
        dialog.accepted(request.cseq().number, timer, now);
        let compat = Compat::of(request.value(Name::UserAgent).unwrap_or_default());
        let chat = Chat::new(self.next_chat, dialog, &self.hop, session, compat);
        self.next_chat += 1;
        Ok((chat, self.accepted(&timer)))
    }

    /// What whoever is signed on reaches under this URI: a chat server. Somebody whose policy is off reaches nothing there, as
    /// at an address that is nobody's.
    pub(crate) fn reachable(&self, target: &Uri<'_>) -> Result<Destination, Refused> {
        let own = self.endpoint.as_ref().map(|endpoint| &endpoint.person.address);
        let own = own.ok_or(Refused::NotSignedOn)?;
        if let Some(destination) = self.house.destination(target) {
            return if self.house.may_chat(own) { Ok(destination) } else { Err(Refused::NoSuchAddress) };
        }
        let address = target.address().and_then(|address| Address::parse(&format!("sip:{address}")).ok());
        let ours = address.is_some_and(|address| address.domain() == self.house.names.domain.as_str());
        // Whether there is such a person makes no difference.
        Err(if ours { Refused::OnlyRooms } else { Refused::NoSuchAddress })
    }

    fn open_session(&self) -> Result<Session, Refused> {
        let person = &self.endpoint.as_ref().ok_or(Refused::NotSignedOn)?.person;
        self.house.rooms.open(person.id).map_err(|refusal| {
            // The policy may have been switched off since it was asked for.
            let off = !self.house.may_chat(&person.address);
            if off { Refused::NoSuchAddress } else { Refused::Session(refusal) }
        })
    }

    /// The 200 to an INVITE. Session-Expires is told to everybody: one client repeats UPDATE without end when it is missing.
    fn accepted(&self, timer: &SessionTimer) -> Answer {
        let address = sdp_address(self.local.ip());
        let sdp = format!(
            "v=0\r\no=- 0 0 IN {address}\r\ns=session\r\nc=IN {address}\r\nt=0 0\r\nm=message {} sip null\r\n\
             a=accept-types:{XCCOS}\r\n",
            self.local.port()
        );
        self.refreshed(timer).line(Name::Allow, ALLOW).body(SDP, sdp)
    }

    /// What every answer that agrees on an interval says.
    fn refreshed(&self, timer: &SessionTimer) -> Answer {
        let answer = Answer::ok()
            .line(Name::Contact, self.contact.clone())
            .line(Name::SessionExpires, timer.value())
            .line(Name::Supported, "timer");
        if timer.is_understood() { answer.line(Name::Require, "timer") } else { answer }
    }

    /// A request inside a dialog with the chat server.
    pub(crate) fn in_dialog(&mut self, request: Request, key: TransactionKey) {
        if let Some(at) = self.routes.find(&request) {
            return self.pass_on(at, request, key);
        }
        let (at, now) = (self.dialog_of(&request), self.now());
        let Some(at) = at else { return self.refuse(&request, &key, &Refused::NoDialog) };
        match self.chats[at].dialog.admit(&request, now) {
            Ok(Admitted::Plain) => (),
            Ok(Admitted::Moved) => self.chats[at].moved(&self.hop),
            Err(status) => return self.refuse(&request, &key, &Refused::by_dialog(status)),
        }
        match request.method() {
            Method::Info => self.info(at, request, key),
            Method::Invite | Method::Update => self.refresh(at, &request, &key, now),
            Method::Bye => {
                self.reply(&request, &key, &Answer::ok());
                self.chats[at].leave();
            }
            _ => self.reply(&request, &key, &capabilities()),
        }
    }

    /// An ACK of an INVITE we accepted; that of a refusal needs nothing.
    pub(crate) fn acknowledge(&mut self, request: &Request) {
        let now = self.now();
        if let Some(at) = self.routes.find(request) {
            self.pass_acknowledgement_on(at, request);
        } else if let Some(at) = self.dialog_of(request) {
            // It is never answered, whatever is wrong with it.
            let _ = self.chats[at].dialog.admit(request, now);
        }
    }

    /// Leaves all dialogs: nobody is signed on any more.
    pub(crate) fn drop_chats(&mut self) {
        self.chats.iter_mut().for_each(Chat::leave);
        self.hang_up_routes();
    }

    /// The person may no longer chat: the dialog is over, and the client is told so. The link stays.
    ///
    /// COMPAT(pidgin-sipe, it has no chat any more until its next sign-on, which is what is meant here).
    pub(crate) fn hang_up(&mut self, at: usize) {
        let now = self.now();
        let chat = &mut self.chats[at];
        chat.leave();
        let branch = self.ours.begin(Method::Bye, About::Chat { id: chat.id, octets: 0 }, now);
        let (Some(branch), Some(cseq)) = (branch, chat.dialog.next_cseq()) else {
            self.end = Some(End::PolicyOff);
            return;
        };
        let bye = chat.dialog.request(Method::Bye, cseq, &self.hop, &branch.to_string());
        let signature = self.security.as_mut().map(|security| security.sign(&bye.pieces()));
        self.out.pen().extend_from_slice(&bye.finish(signature.as_deref()));
    }

    /// The link of a dialog that came over a trunk ends: the front end is told to close that of the client, as we would. A plain
    /// BYE would leave the client without chat.
    pub(crate) fn cut_off(&mut self) {
        let now = self.now();
        for chat in self.chats.iter_mut().filter(|chat| chat.is_open()) {
            let branch = self.ours.begin(Method::Bye, About::Chat { id: chat.id, octets: 0 }, now);
            let (Some(branch), Some(cseq)) = (branch, chat.dialog.next_cseq()) else { continue };
            let bye = chat.dialog.request(Method::Bye, cseq, &self.hop, &branch.to_string());
            self.out.pen().extend_from_slice(&bye.header(Name::Reason, CLOSE_LINK).finish(None));
        }
    }

    /// The dialog under the tag the request names as ours: clients collide in everything else.
    fn dialog_of(&self, request: &Request) -> Option<usize> {
        let to = request.to();
        let tag = to.tag()?;
        self.chats.iter().position(|chat| chat.is_open() && chat.dialog.tag() == tag)
    }

    fn refresh(&mut self, at: usize, request: &Request, key: &TransactionKey, now: Moment) {
        let offered = if *request.method() == Method::Invite { check_offer(request) } else { Ok(()) };
        let timer = match offered.and_then(|()| agree(request, now)) {
            Ok(timer) => timer,
            Err(refused) => return self.refuse(request, key, &refused),
        };
        let answer = if *request.method() == Method::Invite {
            self.chats[at].dialog.accepted(request.cseq().number, timer, now);
            self.accepted(&timer)
        } else {
            self.chats[at].dialog.refreshed(timer);
            self.refreshed(&timer)
        };
        self.reply(request, key, &answer);
    }

    /// An INFO with an XCCOS document. One that holds a post is answered when the post is kept or refused; every other is
    /// answered on receipt.
    fn info(&mut self, at: usize, request: Request, key: TransactionKey) {
        if self.chats[at].is_full() {
            return self.refuse(&request, &key, &Refused::LinkFull);
        }
        let mut envelope = match document(&request) {
            Ok(envelope) => envelope,
            Err(refused) => return self.refuse(&request, &key, &refused),
        };
        if !envelope.items.iter().any(|item| matches!(item.ask, Ask::Post(_))) {
            self.reply(&request, &key, &Answer::ok());
            let octets = self.taking / envelope.items.len().max(1);
            let commands = envelope.items.into_iter().map(|item| Asked::Command { item, octets });
            commands.for_each(|command| self.chats[at].ask(command));
            return;
        }
        // One status can tell what became of one post only.
        let post = match (envelope.items.pop().map(|item| item.ask), envelope.items.is_empty()) {
            (Some(Ask::Post(post)), true) => post.map_err(Refused::Document),
            _ => Err(Refused::BadRequest("a post must be alone in its envelope")),
        };
        match post {
            Ok(post) => self.chats[at].ask(Asked::Post { request: Box::new(request), key, post }),
            Err(refused) => self.refuse(&request, &key, &refused),
        }
    }
}

fn document(request: &Request) -> Result<xccos::Envelope, Refused> {
    Refused::unless_type(request, XCCOS)?;
    xccos::parse(request.body()).map_err(Refused::Document)
}

/// An offer must hold a message line; without a body the answer is ours to offer.
fn check_offer(request: &Request) -> Result<(), Refused> {
    if request.body().is_empty() {
        return Ok(());
    }
    Refused::unless_type(request, SDP)?;
    let media = request.body().split(|octet| *octet == b'\n').any(|line| line.starts_with(b"m=message "));
    if media { Ok(()) } else { Err(Refused::NoMessageMedia) }
}

fn agree(request: &Request, now: Moment) -> Result<SessionTimer, Refused> {
    SessionTimer::agree(request, now).map_err(|brief| match brief {
        TooBrief::Interval => Refused::SessionTooBrief,
        TooBrief::Malformed(fault) => Refused::Malformed(fault),
    })
}
