//! The dialogs of one link that lead to a chat server elsewhere: begun with a server that serves, passed on message by message in
//! both directions, ended with the link. What time ends in them, and what is said in them, is the chat server's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use sip::{Contacts, Draft, Message, Method, Name, Reply, Request, Response, Status, TransactionKey};
use tokio::time::{Instant, sleep};

use crate::answer::Answer;
use crate::codes::{Refused, is_not_serving};
use crate::end::End;
use crate::limits::SERVERS_LOST_MAX;
use crate::link::{About, Link, Work};
use crate::proxy::pool::Way;
use crate::proxy::uplink::Uplink;
use crate::proxy::{CLOSE_LINK, relay};
use crate::trunk::inbox::Inbox;

/// All of them.
#[derive(Default)]
pub(crate) struct Routes {
    dialogs: Vec<Routed>,
    /// Somebody was told that there is no server: until there is one, and then a while.
    back: Option<Work<()>>,
}

/// One dialog, or what may become one.
struct Routed {
    /// By what the chat server's requests name it.
    token: u64,
    pool: usize,
    /// Whom we vouch for: the value of P-Asserted-Identity.
    asserted: String,
    way: Option<Way>,
    /// A server is waited for.
    seeking: Option<Work<Option<Way>>>,
    /// How long one may be.
    until: Instant,
    /// How many servers were lost before they answered.
    lost: usize,
    tried: BTreeSet<usize>,
    inbox: Arc<Inbox<Message>>,
    /// The number of the last request passed on.
    number: u64,
    /// Requests passed on and not answered. Until the dialog is open, its INVITE.
    asked: BTreeMap<u64, (Request, TransactionKey)>,
    open: Option<Open>,
    /// Whether either side ended it: what was asked before is still answered.
    over: bool,
}

/// What is needed to end a dialog for a client that is gone.
struct Open {
    /// The chat server's.
    tag: String,
    call_id: String,
    from: String,
    to: String,
    target: String,
    cseq: u32,
}

/// Something a chat server asked of a client, and whom its answer goes to.
#[derive(Clone, Debug)]
pub(crate) struct Returning {
    token: u64,
    uplink: Arc<Uplink>,
    request: Request,
}

/// What happened in a dialog, by its place.
pub(crate) enum Came {
    /// A server was found, or none is there.
    Found(usize, Option<Way>),
    /// The chat server sent this.
    Message(usize, Box<Message>),
    /// The chat server is gone.
    Lost(usize),
    /// A server is there again.
    Back,
}

impl Routes {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.dialogs.len()
    }

    /// Requests of the client without an answer.
    pub(crate) fn pending(&self) -> usize {
        self.dialogs.iter().map(|routed| routed.asked.len()).sum()
    }

    /// Octets of them.
    pub(crate) fn pending_octets(&self) -> usize {
        let asked = self.dialogs.iter().flat_map(|routed| routed.asked.values());
        asked.map(|(request, _)| request.octets()).sum()
    }

    /// Whether an answer in an open dialog is waited for.
    pub(crate) fn is_busy(&self) -> bool {
        self.dialogs.iter().any(|routed| routed.open.is_some() && !routed.asked.is_empty())
    }

    /// The dialog in which a request of the client is.
    pub(crate) fn find(&self, request: &Request) -> Option<usize> {
        let to = request.to();
        let tag = to.tag()?;
        let same = |open: &Open| open.tag == tag && open.call_id == request.call_id();
        self.dialogs.iter().position(|routed| !routed.over && routed.open.as_ref().is_some_and(same))
    }

    /// A dialog is over; it goes when what was asked in it is answered.
    fn over(&mut self, at: usize) {
        self.dialogs[at].over = true;
        if self.dialogs[at].asked.is_empty() {
            self.dialogs.remove(at);
        }
    }

    /// The next thing that happens in any of them. Messages are left while `may_fill` is false.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>, may_fill: bool) -> Poll<Came> {
        for (at, routed) in self.dialogs.iter_mut().enumerate() {
            if let Poll::Ready(came) = routed.poll(context, at, may_fill) {
                return Poll::Ready(came);
            }
        }
        match &mut self.back {
            Some(back) => back.as_mut().poll(context).map(|()| Came::Back),
            None => Poll::Pending,
        }
    }
}

impl Routed {
    fn poll(&mut self, context: &mut Context<'_>, at: usize, may_fill: bool) -> Poll<Came> {
        if let Some(seeking) = &mut self.seeking {
            return seeking.as_mut().poll(context).map(|way| Came::Found(at, way));
        }
        if !may_fill {
            return self.inbox.poll_over(context).map(|()| Came::Lost(at));
        }
        self.inbox.poll_take(context).map(|taken| match taken {
            Some(message) => Came::Message(at, Box::new(message)),
            None => Came::Lost(at),
        })
    }

    /// Passes a request on; the number it is known by.
    fn pass_on(&mut self, request: &Request, record_route: Option<&str>) -> Result<u64, Refused> {
        let way = self.way.as_ref().ok_or(Refused::NoDialog)?;
        self.number += 1;
        let branch = Uplink::branch(self.token, self.number);
        let mut draft = relay::request(request, &way.uplink.hop, &branch)?
            .header(Name::PAssertedIdentity, &self.asserted);
        if let Some(record_route) = record_route {
            draft = draft.header(Name::RecordRoute, record_route);
        }
        way.uplink.send(&draft.finish(None));
        if let Some(open) = &mut self.open {
            open.cseq = open.cseq.max(request.cseq().number);
        }
        Ok(self.number)
    }

    /// Lets go of the server it has, if any.
    fn let_go(&mut self) {
        if let Some(way) = self.way.take() {
            way.uplink.leave(self.token);
        }
    }

    /// The chat server accepted the dialog.
    fn opened(&mut self, invite: &Request, response: &Response) {
        let target = match response.contacts() {
            Ok(Contacts::Listed(contacts)) => contacts.first().map(|contact| contact.uri.to_owned()),
            Ok(Contacts::All) | Err(_) => None,
        };
        self.open = Some(Open {
            tag: response.to().tag().unwrap_or_default().to_owned(),
            call_id: invite.call_id().to_owned(),
            from: response.value(Name::From).unwrap_or_default().to_owned(),
            to: response.value(Name::To).unwrap_or_default().to_owned(),
            target: target.unwrap_or_else(|| invite.uri().to_owned()),
            cseq: invite.cseq().number,
        });
    }

    /// Ends the dialog at the chat server for a client that is gone.
    fn hang_up(&mut self) {
        if let (Some(open), Some(way), false) = (&self.open, &self.way, self.over) {
            self.number += 1;
            let branch = Uplink::branch(self.token, self.number);
            let bye = Draft::new(Method::Bye, &open.target, &way.uplink.hop, &branch)
                .parties(&open.from, &open.to)
                .call(&open.call_id, open.cseq.saturating_add(1))
                .header(Name::PAssertedIdentity, &self.asserted);
            way.uplink.send(&bye.finish(None));
        }
    }
}

impl Drop for Routed {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Link {
    /// An INVITE to a pool elsewhere.
    pub(crate) fn route(&mut self, request: Request, key: TransactionKey, pool: usize) {
        let (Some(proxy), Some(endpoint)) = (self.house.proxy.clone(), &self.endpoint) else {
            return self.refuse(&request, &key, &Refused::NotSignedOn);
        };
        self.routes.dialogs.push(Routed {
            token: proxy.next_token(),
            pool,
            asserted: format!("<{}>", endpoint.person.address),
            way: None,
            seeking: None,
            until: Instant::now() + self.house.limits.trunk_patience,
            lost: 0,
            tried: BTreeSet::new(),
            inbox: Arc::default(),
            number: 0,
            asked: BTreeMap::from([(0, (request, key))]),
            open: None,
            over: false,
        });
        self.seek(self.routes.dialogs.len() - 1, Refused::NoServer.answer(&self.house.names.host));
    }

    /// Begins the dialog with a server that was not tried; with none the INVITE is answered so, at once when one was tried.
    fn seek(&mut self, at: usize, otherwise: Answer) {
        let Some(proxy) = self.house.proxy.clone() else { return };
        let routed = &mut self.routes.dialogs[at];
        let pool = proxy.pool(routed.pool).clone();
        if let Some(way) = pool.pick(&routed.tried) {
            return self.call(at, way);
        }
        if routed.tried.is_empty() {
            routed.seeking = Some(Box::pin(pool.seek(routed.until)));
            return;
        }
        self.give_up(at, &otherwise);
    }

    /// The INVITE goes to this server.
    fn call(&mut self, at: usize, way: Way) {
        let Some(proxy) = self.house.proxy.clone() else { return };
        let routed = &mut self.routes.dialogs[at];
        routed.seeking = None;
        routed.let_go();
        routed.inbox = Arc::default();
        way.uplink.enter(routed.token, &routed.inbox);
        routed.way = Some(way);
        let Some((_, (request, key))) = routed.asked.pop_first() else { return };
        let record_route = proxy.record_route(routed.token);
        match routed.pass_on(&request, Some(&record_route)) {
            Ok(number) => drop(routed.asked.insert(number, (request, key))),
            Err(refused) => {
                self.routes.dialogs.remove(at);
                self.refuse(&request, &key, &refused);
            }
        }
    }

    /// The client wants no answer to its INVITE any more.
    pub(crate) fn cancel_route(&mut self, invite: &TransactionKey) {
        let waits =
            |routed: &Routed| routed.open.is_none() && routed.asked.values().any(|(_, key)| key == invite);
        if let Some(at) = self.routes.dialogs.iter().position(waits) {
            self.give_up(at, &Answer::new(Status::TERMINATED));
        }
    }

    /// There will be no dialog.
    fn give_up(&mut self, at: usize, answer: &Answer) {
        let mut routed = self.routes.dialogs.remove(at);
        if let Some((_, (request, key))) = routed.asked.pop_first() {
            self.reply(&request, &key, answer);
        }
    }

    /// A request of the client in an open dialog.
    pub(crate) fn pass_on(&mut self, at: usize, request: Request, key: TransactionKey) {
        let routed = &mut self.routes.dialogs[at];
        match routed.pass_on(&request, None) {
            Ok(number) => drop(routed.asked.insert(number, (request, key))),
            Err(refused) => self.refuse(&request, &key, &refused),
        }
    }

    /// The ACK of an INVITE that was passed on.
    pub(crate) fn pass_acknowledgement_on(&mut self, at: usize, request: &Request) {
        // It is never answered, whatever is wrong with it.
        let _ = self.routes.dialogs[at].pass_on(request, None);
    }

    /// Something happened in a dialog with a chat server elsewhere.
    pub(crate) fn routed(&mut self, came: Came) {
        match came {
            Came::Found(at, Some(way)) => self.call(at, way),
            Came::Found(at, None) => self.nobody_there(at),
            Came::Message(at, message) => match *message {
                Message::Response(response) => self.chat_server_answered(at, &response),
                Message::Request(request) => self.chat_server_asks(at, request),
            },
            Came::Lost(at) if self.routes.dialogs[at].open.is_none() => {
                let routed = &mut self.routes.dialogs[at];
                routed.lost += 1;
                let answer = Refused::NoServer.answer(&self.house.names.host);
                // Whatever it is that servers die of, it is not carried to all of them.
                if routed.lost < SERVERS_LOST_MAX { self.seek(at, answer) } else { self.give_up(at, &answer) }
            }
            Came::Lost(at) if self.routes.dialogs[at].over => drop(self.routes.dialogs.remove(at)),
            // With the link the client comes back at once, and into its rooms; told by an answer it would not.
            Came::Lost(_) => self.end = Some(End::ServerLost),
            Came::Back => self.end = Some(End::ServerBack),
        }
    }

    /// No server of the pool serves. The client is told, and brought back when one does: by itself it would come after minutes, or
    /// never.
    fn nobody_there(&mut self, at: usize) {
        let Some(proxy) = self.house.proxy.clone() else { return };
        let pool = proxy.pool(self.routes.dialogs[at].pool).clone();
        let spread = self.house.limits.trunk_comeback.as_millis().max(1);
        let wait = u128::from(self.house.clock.random_u64()) % spread;
        let wait = Duration::from_millis(u64::try_from(wait).unwrap_or_default());
        self.routes.back = Some(Box::pin(async move {
            pool.back().await;
            sleep(wait).await;
        }));
        let answer = Refused::NoServer.answer(&self.house.names.host);
        self.give_up(at, &answer);
    }

    fn chat_server_answered(&mut self, at: usize, response: &Response) {
        let Some((_, number)) = Uplink::read_branch(response) else { return };
        let status = response.status();
        let routed = &mut self.routes.dialogs[at];
        if status.is_provisional() || !routed.asked.contains_key(&number) {
            return;
        }
        let answer = relay::answer(response);
        if routed.open.is_none() && status == Status::UNAVAILABLE {
            // One that does not serve is asked again when it says that it does.
            match &routed.way {
                Some(way) if is_not_serving(response) => way.stands_by(),
                way => routed.tried.extend(way.as_ref().map(|way| way.server)),
            }
            return self.seek(at, answer);
        }
        let Some((request, key)) = routed.asked.remove(&number) else { return };
        let mut answer = answer;
        if routed.open.is_none() && status.is_success() {
            routed.opened(&request, response);
            for route in response.values(Name::RecordRoute) {
                answer = answer.line(Name::RecordRoute, route);
            }
        }
        let over = *request.method() == Method::Bye || status == Status::NO_DIALOG || routed.open.is_none();
        let tag = response.to().tag().unwrap_or_default().to_owned();
        if over || self.routes.dialogs[at].over {
            self.routes.over(at);
        }
        self.reply_tagged(&request, &key, &tag, &answer);
    }

    fn chat_server_asks(&mut self, at: usize, request: Request) {
        let routed = &self.routes.dialogs[at];
        let Some(uplink) = routed.way.as_ref().map(|way| way.uplink.clone()) else { return };
        let ends = *request.method() == Method::Bye;
        if ends && request.value(Name::Reason) == Some(CLOSE_LINK) {
            uplink.send(&Reply::to(&request, Status::OK, "").finish(None));
            self.routes.dialogs.remove(at);
            self.end = Some(End::ServerCloses);
            return;
        }
        let now = self.now();
        let returning = Returning { token: routed.token, uplink, request };
        let method = returning.request.method().clone();
        let about = About::Routed(Box::new(returning.clone()));
        let branch = self.ours.begin(method, about, now).map(|branch| branch.to_string());
        let draft = branch.and_then(|branch| relay::request(&returning.request, &self.hop, &branch).ok());
        let Some(draft) = draft else {
            self.end = Some(End::TooSlow);
            return;
        };
        let signature = self.security.as_mut().map(|security| security.sign(&draft.pieces()));
        self.out.pen().extend_from_slice(&draft.finish(signature.as_deref()));
        if ends {
            self.routes.over(at);
        }
    }

    /// The client answered something a chat server asked.
    pub(crate) fn routed_answered(&mut self, returning: Returning, status: Status) {
        let reply = Reply::to(&returning.request, status, "");
        returning.uplink.send(&reply.finish(None));
        let place = self.routes.dialogs.iter().position(|routed| routed.token == returning.token);
        if let (Status::NO_DIALOG | Status::TERMINATED, Some(at)) = (status, place) {
            self.routes.over(at);
        }
    }

    /// Nobody is signed on any more: the dialogs are ended at their chat servers.
    pub(crate) fn hang_up_routes(&mut self) {
        self.routes.dialogs.iter_mut().for_each(Routed::hang_up);
        self.routes = Routes::default();
    }
}
