//! One dialog with the chat server and the session of rooms behind it: commands are carried out in the order they came, and
//! what the rooms have to show goes out in the order it happened. The dialog itself is opened and ended in `invite.rs`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use chat::PartReason;
use rooms::{EndReason, Outgoing, Session, Trouble};
use sip::{ClientTransactions, Dialog, Hop, Info, InfoTemplate, Method, Moment, Request, TransactionKey};
use xccos::{Compat, GrpChat, Item};

use crate::codes::Refused;
use crate::command::{self, Caller};
use crate::deliver::{self, Body, Receiver};
use crate::end::End;
use crate::house::House;
use crate::limits::{OUTSTANDING_MAX, OUTSTANDING_OCTETS, PENDING_MAX, WAITING_OCTETS};
use crate::link::{About, Link, Work};
use crate::outbound::Outbound;
use crate::security::Security;

/// The type of everything that passes through a chat dialog.
pub(crate) const XCCOS: &str = "text/plain";

/// One dialog with the chat server.
pub(crate) struct Chat {
    /// A number no other dialog of this link has.
    pub(crate) id: u64,
    pub(crate) dialog: Dialog,
    template: InfoTemplate,
    compat: Compat,
    /// `None` once it is being closed.
    session: Option<Arc<Session>>,
    /// What came and has not begun, in its order.
    waiting: VecDeque<Asked>,
    /// What is being carried out: one command, or posts one after the other.
    running: VecDeque<Running>,
    /// What the rooms have to show, while it is read from the store.
    reading: Option<Work<Vec<Outgoing>>>,
    /// Whether it was told that the rooms have ended the session.
    over: bool,
    /// Bodies of INFO requests that have not been sent.
    to_send: VecDeque<Body>,
    /// INFO requests of ours without their answer, and the octets of them.
    outstanding: usize,
    outstanding_octets: usize,
    /// How many of these there may be.
    outstanding_octets_max: usize,
    open: bool,
    /// The end of the session, while it is being kept.
    closing: Option<Work<()>>,
}

/// What a client asks for inside the dialog.
pub(crate) enum Asked {
    /// A post: its INFO is answered when it is kept or refused.
    Post { request: Box<Request>, key: TransactionKey, post: GrpChat },
    /// A command: its INFO was answered. `octets` is its part of it.
    Command { item: Item, octets: usize },
}

enum Running {
    Post { request: Box<Request>, key: TransactionKey, work: Work<Result<(), Refused>> },
    Command { work: Work<String>, octets: usize },
}

/// What happened in a dialog.
pub(crate) enum Happened {
    /// A post is kept or refused: its request is to be answered so.
    Posted { request: Box<Request>, key: TransactionKey, answer: Result<(), Refused> },
    /// A command was carried out, and this is the body of the reply.
    Replied(String),
    /// The rooms have this to show.
    Showed(Vec<Outgoing>),
    /// The rooms have ended the session.
    Over(EndReason),
    /// The session has ended.
    Closed,
}

impl Chat {
    /// A dialog that was just accepted.
    pub(crate) fn new(id: u64, dialog: Dialog, hop: &Hop, session: Session, compat: Compat) -> Self {
        let template = InfoTemplate::new(&dialog, hop, XCCOS);
        Self {
            id,
            dialog,
            template,
            compat,
            session: Some(Arc::new(session)),
            waiting: VecDeque::new(),
            running: VecDeque::new(),
            reading: None,
            over: false,
            to_send: VecDeque::new(),
            outstanding: 0,
            outstanding_octets: 0,
            outstanding_octets_max: usize::MAX,
            open: true,
            closing: None,
        }
    }

    /// The client is reached by another URI now.
    pub(crate) fn moved(&mut self, hop: &Hop) {
        self.template = InfoTemplate::new(&self.dialog, hop, XCCOS);
    }

    /// Takes what a client asks for.
    pub(crate) fn ask(&mut self, asked: Asked) {
        self.waiting.push_back(asked);
    }

    /// Whether requests of either side may still pass.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Requests that have not been carried out.
    pub(crate) fn pending(&self) -> usize {
        self.waiting.len() + self.running.len()
    }

    /// Octets of these requests.
    pub(crate) fn pending_octets(&self) -> usize {
        let waiting = self.waiting.iter().map(|asked| match asked {
            Asked::Post { request, .. } => octets(request),
            Asked::Command { octets, .. } => *octets,
        });
        let running = self.running.iter().map(|running| match running {
            Running::Post { request, .. } => octets(request),
            Running::Command { octets, .. } => *octets,
        });
        waiting.chain(running).sum()
    }

    /// Whether no more may be asked for: too much waits.
    pub(crate) fn is_full(&self) -> bool {
        self.pending() >= PENDING_MAX
    }

    /// Whether nothing goes on before the client has answered some of our requests.
    pub(crate) fn awaits_answers(&self) -> bool {
        !self.may_send() && !self.to_send.is_empty()
    }

    /// Octets of replies and notices that have not been sent. Posts are shared with everybody and not counted.
    pub(crate) fn unsent_octets(&self) -> usize {
        let own = self.to_send.iter().filter(|body| matches!(body, Body::Own(_)));
        own.map(|body| body.octets().len()).sum()
    }

    /// Whether a command is being carried out.
    pub(crate) fn commands(&self) -> bool {
        matches!(self.running.front(), Some(Running::Command { .. }))
    }

    /// Whether something is being carried out.
    pub(crate) fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    /// Whether nothing of it is left.
    pub(crate) fn is_gone(&self) -> bool {
        !self.open && self.pending() == 0 && self.session.is_none() && self.closing.is_none()
    }

    /// One of our requests, of so many octets, got its final answer.
    pub(crate) fn answered(&mut self, octets: usize) {
        self.outstanding = self.outstanding.saturating_sub(1);
        self.outstanding_octets = self.outstanding_octets.saturating_sub(octets);
    }

    /// The client is behind a front end, which always takes what is sent: that it is slow is told by its answers alone.
    pub(crate) fn behind_front_end(&mut self) {
        self.outstanding_octets_max = OUTSTANDING_OCTETS;
    }

    /// Whether the client has answered enough to be sent more.
    fn may_send(&self) -> bool {
        self.outstanding < OUTSTANDING_MAX && self.outstanding_octets < self.outstanding_octets_max
    }

    /// The dialog is over. Posts that came before are still kept and answered; nothing more is shown.
    pub(crate) fn leave(&mut self) {
        self.open = false;
        self.reading = None;
        self.to_send.clear();
        self.waiting.retain(|asked| matches!(asked, Asked::Post { .. }));
    }

    /// The server stops: what has not begun is given back, to be refused.
    pub(crate) fn stop(&mut self) -> Vec<(Box<Request>, TransactionKey)> {
        let posts = self.waiting.drain(..).filter_map(|asked| match asked {
            Asked::Post { request, key, .. } => Some((request, key)),
            Asked::Command { .. } => None,
        });
        posts.collect()
    }

    /// Begins what may begin: posts follow each other at once, a command waits for what came before it and holds up what
    /// comes after. While a command is carried out nothing is shown, so that its reply comes before what happens after it; and
    /// none begins while anything waits to be sent, or without a turn, so that replies never pile up.
    pub(crate) fn advance(&mut self, house: &Arc<House>, may_command: &mut bool) {
        let Some(session) = &self.session else { return };
        while let Some(asked) = self.waiting.front() {
            let may_begin = match asked {
                Asked::Post { .. } => !self.commands(),
                Asked::Command { .. } => {
                    *may_command && self.running.is_empty() && (self.to_send.is_empty() || !self.open)
                }
            };
            if !may_begin {
                break;
            }
            let caller = Caller { house: house.clone(), session: session.clone(), compat: self.compat };
            let running = match self.waiting.pop_front() {
                Some(Asked::Post { request, key, post }) => {
                    Running::Post { request, key, work: Box::pin(command::grpchat::post(caller, post)) }
                }
                Some(Asked::Command { item, octets }) => {
                    *may_command = false;
                    Running::Command { work: Box::pin(command::carry_out(caller, item)), octets }
                }
                None => break,
            };
            self.running.push_back(running);
        }
        if !self.open && self.pending() == 0 {
            let session = self.session.take().and_then(Arc::into_inner);
            self.closing = session.map(|session| Box::pin(session.close(PartReason::Gone)) as Work<()>);
        }
    }

    /// Writes what waits to be sent, as long as the client keeps up.
    ///
    /// # Errors
    /// [`End::NumbersUsedUp`] when the dialog has no further number.
    pub(crate) fn send(
        &mut self,
        mut security: Option<&mut Security>,
        ours: &mut ClientTransactions<About>,
        out: &mut Outbound,
        now: Moment,
    ) -> Result<(), End> {
        while !self.to_send.is_empty() && self.may_send() && out.waiting().len() < WAITING_OCTETS {
            let octets = self.to_send.front().map_or(0, |body| body.octets().len());
            let about = About::Chat { id: self.id, octets };
            let Some(branch) = ours.begin(Method::Info, about, now) else { break };
            let body = self.to_send.pop_front().expect("it is not empty");
            let cseq = self.dialog.next_cseq().ok_or(End::NumbersUsedUp)?;
            let signature = security.as_mut().map(|security| security.sign(&self.template.pieces(cseq)));
            let info = Info {
                cseq,
                branch: &branch.to_string(),
                authentication_info: signature.as_deref(),
                body: body.octets(),
            };
            self.template.render_into(&info, out.pen());
            self.outstanding += 1;
            self.outstanding_octets += octets;
        }
        Ok(())
    }

    /// Everything ends now: what runs is no longer waited for, and the rooms are left.
    pub(crate) async fn end(&mut self) {
        self.waiting.clear();
        self.running.clear();
        self.reading = None;
        if let Some(closing) = &mut self.closing {
            closing.await;
        }
        if let Some(session) = self.session.take().and_then(Arc::into_inner) {
            session.close(PartReason::Gone).await;
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, may_show: bool) -> Poll<Happened> {
        if let Some(closing) = &mut self.closing
            && closing.as_mut().poll(context).is_ready()
        {
            self.closing = None;
            return Poll::Ready(Happened::Closed);
        }
        // The end is not kept waiting by what there is to show.
        if self.open
            && !self.over
            && let Some(session) = &self.session
            && let Poll::Ready(reason) = session.poll_over(context)
        {
            self.over = true;
            return Poll::Ready(Happened::Over(reason));
        }
        for at in 0..self.running.len() {
            let done = match &mut self.running[at] {
                Running::Post { work, .. } => work.as_mut().poll(context).map(Result::Ok),
                Running::Command { work, .. } => work.as_mut().poll(context).map(Result::Err),
            };
            let Poll::Ready(done) = done else { continue };
            let running = self.running.remove(at).expect("it was just polled");
            return Poll::Ready(match (running, done) {
                (Running::Post { request, key, .. }, Ok(answer)) => Happened::Posted { request, key, answer },
                (_, Err(body)) => Happened::Replied(body),
                (Running::Command { .. }, Ok(_)) => unreachable!("a command is no post"),
            });
        }
        if may_show && self.open && !self.commands() {
            return self.poll_shown(context).map(Happened::Showed);
        }
        Poll::Pending
    }

    /// What the rooms have to show next, once all before it is sent and the client has answered enough.
    fn poll_shown(&mut self, context: &mut Context<'_>) -> Poll<Vec<Outgoing>> {
        let room = OUTSTANDING_MAX.saturating_sub(self.outstanding);
        let Some(session) = self.session.as_ref().filter(|_| self.to_send.is_empty() && room > 0) else {
            return Poll::Pending;
        };
        if self.reading.is_none() {
            ready!(session.poll_ready(context));
            if let Some(shown) = session.take_at_once(room) {
                return Poll::Ready(shown);
            }
        }
        let session = session.clone();
        let reading = self.reading.get_or_insert_with(|| Box::pin(async move { session.take(room).await }));
        let shown = ready!(reading.as_mut().poll(context));
        self.reading = None;
        Poll::Ready(shown)
    }
}

fn octets(request: &Request) -> usize {
    request.octets()
}

/// The next thing that happens in any of the dialogs, and in which.
pub(crate) fn poll_any(
    chats: &mut [Chat],
    context: &mut Context<'_>,
    may_show: bool,
) -> Poll<(usize, Happened)> {
    for (at, chat) in chats.iter_mut().enumerate() {
        if let Poll::Ready(happened) = chat.poll(context, may_show) {
            return Poll::Ready((at, happened));
        }
    }
    Poll::Pending
}

impl Link {
    /// Something happened in the dialog with this index.
    pub(crate) fn chat_event(&mut self, at: usize, happened: Happened) {
        match happened {
            Happened::Posted { request, key, answer: Ok(()) } => {
                self.reply(&request, &key, &crate::answer::Answer::ok());
            }
            // Any answer would say that it is kept or that it is not.
            Happened::Posted { answer: Err(Refused::Post(Trouble::Unknown)), .. } => {
                self.end = Some(End::OutcomeUnknown);
            }
            Happened::Posted { request, key, answer: Err(refused) } => self.refuse(&request, &key, &refused),
            Happened::Replied(body) => {
                let chat = &mut self.chats[at];
                if chat.open {
                    chat.to_send.push_back(Body::from(body));
                }
            }
            Happened::Showed(shown) => shown.iter().for_each(|outgoing| self.show(at, outgoing)),
            Happened::Over(reason) => self.session_over(at, reason),
            Happened::Closed => (),
        }
    }

    /// The rooms have ended the session behind a dialog: with it goes the link, but for somebody who is still who he was.
    fn session_over(&mut self, at: usize, reason: EndReason) {
        match reason {
            EndReason::PolicyOff if self.chats[at].open => self.hang_up(at),
            EndReason::PolicyOff => (),
            _ => self.end = Some(End::from(reason)),
        }
    }

    fn show(&mut self, at: usize, outgoing: &Outgoing) {
        let (chat, Some(endpoint)) = (&mut self.chats[at], &self.endpoint) else { return };
        if let Outgoing::Ended(reason) = outgoing {
            self.session_over(at, *reason);
        } else if chat.open {
            let receiver = Receiver { address: &endpoint.person.address, compat: chat.compat };
            chat.to_send.push_back(deliver::body(&self.house, &receiver, outgoing));
        }
    }
}
