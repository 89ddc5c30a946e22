//! One dialog that a client opened with us: who, where, in which order (RFC 3261 12, RFC 3311, RFC 6086).
//! Lives on one link under our tag, which the caller keeps the map of: clients collide in Call-ID and tag. Sends nothing.

use crate::draft::{Draft, Hop};
use crate::fault::Fault;
use crate::fields::Contacts;
use crate::header::Name;
use crate::header::name_addr::NameAddr;
use crate::limits::{CSEQ_END, TRANSACTION_LIFE};
use crate::message::Request;
use crate::method::Method;
use crate::moment::Moment;
use crate::session_timer::SessionTimer;
use crate::status::Status;
use crate::uri::Uri;

/// The state of one dialog, at our end, from the request that opened it.
#[derive(Clone, Debug)]
pub struct Dialog {
    call_id: String,
    /// The value of From of our requests: To of theirs with our tag.
    local: String,
    /// The value of To of our requests: From of theirs.
    remote: String,
    local_tag: String,
    /// Empty for a client of RFC 2543.
    remote_tag: String,
    target: String,
    routes: Vec<String>,
    local_cseq: u32,
    remote_cseq: u32,
    /// The INVITE answered with 2xx whose ACK is awaited: its number and until when.
    unacknowledged: Option<(u32, Moment)>,
    session: Option<SessionTimer>,
    ended: bool,
}

/// What a request that was let in did to the dialog.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admitted {
    /// Nothing that the caller need know.
    Plain,
    /// The client is reached by another URI now: templates must be made again.
    Moved,
}

/// Why a dialog is over without a BYE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// The 200 to an INVITE was never acknowledged.
    NoAck,
    /// No sign of life for the interval of the session.
    Idle,
}

impl Dialog {
    /// The dialog that an accepted INVITE or SUBSCRIBE opens; `our_tag` is the one its answers carry.
    ///
    /// # Errors
    /// [`Fault::Missing`] or [`Fault::Bad`] when it has not one Contact with a sip or sips URI, or a malformed Record-Route.
    pub fn open(request: &Request, our_tag: &str) -> Result<Self, Fault> {
        let routes = request.addresses(Name::RecordRoute)?;
        if routes.iter().any(|route| route.sip_uri().is_err()) {
            return Err(Fault::Bad(Name::RecordRoute));
        }
        let untagged = request.to().tag().is_none();
        let to = request.value(Name::To).unwrap_or_default();
        Ok(Self {
            call_id: request.call_id().to_owned(),
            local: if untagged { format!("{to};tag={our_tag}") } else { to.to_owned() },
            remote: request.value(Name::From).unwrap_or_default().to_owned(),
            local_tag: our_tag.to_owned(),
            remote_tag: request.from().tag().unwrap_or_default().to_owned(),
            target: target(request)?.ok_or(Fault::Missing(Name::Contact))?,
            routes: request.elements(Name::RecordRoute).map(str::to_owned).collect(),
            local_cseq: 0,
            remote_cseq: request.cseq().number,
            unacknowledged: None,
            session: None,
            ended: false,
        })
    }

    /// Our tag: the key of the dialog.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.local_tag
    }

    /// Call-ID.
    #[must_use]
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The value of From of our requests, our tag included.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The value of To of our requests, the client's tag included.
    #[must_use]
    pub fn remote(&self) -> &str {
        &self.remote
    }

    /// Whether a BYE ended it.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Lets in a request that names our tag, of any method but CANCEL. An ACK is never answered; the refusal of one is ignored.
    ///
    /// # Errors
    /// The status to refuse with: 481 when Call-ID or the client's tag are not those of the dialog, or it is over; 500 when the
    /// number is not above the last one (RFC 3261 12.2.2); 400 when a new Contact cannot be read.
    pub fn admit(&mut self, request: &Request, now: Moment) -> Result<Admitted, Status> {
        let from = request.from();
        let ours = request.call_id() == self.call_id && from.tag().unwrap_or_default() == self.remote_tag;
        if !ours || self.ended {
            return Err(Status::NO_DIALOG);
        }
        let number = request.cseq().number;
        if *request.method() == Method::Ack {
            self.unacknowledged = self.unacknowledged.filter(|(awaited, _)| *awaited != number);
            self.touch(now);
            return Ok(Admitted::Plain);
        }
        if number <= self.remote_cseq {
            return Err(Status::INTERNAL_ERROR);
        }
        let refreshes = matches!(request.method(), Method::Invite | Method::Update | Method::Subscribe);
        let moved = if refreshes { target(request).map_err(|_| Status::BAD_REQUEST)? } else { None };
        self.remote_cseq = number;
        self.touch(now);
        self.ended = *request.method() == Method::Bye;
        match moved.filter(|target| *target != self.target) {
            Some(target) => {
                self.target = target;
                Ok(Admitted::Moved)
            }
            None => Ok(Admitted::Plain),
        }
    }

    /// The INVITE of this number was answered with 2xx: its ACK is due within [`TRANSACTION_LIFE`].
    pub fn accepted(&mut self, cseq: u32, session: SessionTimer, now: Moment) {
        self.unacknowledged = Some((cseq, now + TRANSACTION_LIFE));
        self.session = Some(session);
    }

    /// An UPDATE was answered with 2xx and this interval.
    pub fn refreshed(&mut self, session: SessionTimer) {
        self.session = Some(session);
    }

    /// When to ask [`Dialog::ending`] again; `None` when no time limit runs.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        let ack = self.unacknowledged.map(|(_, until)| until);
        let idle = self.session.map(|session| session.ends());
        ack.into_iter().chain(idle).min().filter(|_| !self.ended)
    }

    /// Whether time ended the dialog.
    #[must_use]
    pub fn ending(&self, now: Moment) -> Option<Ending> {
        if self.ended {
            return None;
        }
        if self.unacknowledged.is_some_and(|(_, until)| until <= now) {
            return Some(Ending::NoAck);
        }
        self.session.filter(|session| session.ends() <= now).map(|_| Ending::Idle)
    }

    /// The number of our next request; `None` when the numbers are used up and the dialog must end.
    pub fn next_cseq(&mut self) -> Option<u32> {
        let next = self.local_cseq + 1;
        (next < CSEQ_END).then(|| {
            self.local_cseq = next;
            next
        })
    }

    /// A request of ours in the dialog, with a number of [`Dialog::next_cseq`].
    #[must_use]
    pub fn request(&self, method: Method, cseq: u32, hop: &Hop, branch: &str) -> Draft {
        let (target, routes) = self.way();
        let mut draft = Draft::new(method, target, hop, branch)
            .parties(&self.local, &self.remote)
            .call(&self.call_id, cseq);
        draft.routes = routes;
        draft
    }

    /// Request-URI and Route of our requests. A first route without `lr` takes the place of the target, which then comes last
    /// (RFC 3261 12.2.1.1).
    pub(crate) fn way(&self) -> (&str, Vec<String>) {
        let strict = self.routes.first().and_then(|first| NameAddr::parse(first, Name::Route).ok());
        let strict = strict.filter(|first| first.sip_uri().is_ok_and(|uri| !uri.params.has("lr")));
        match strict {
            Some(first) => {
                let last = format!("<{}>", self.target);
                (first.uri, self.routes[1..].iter().cloned().chain([last]).collect())
            }
            None => (&self.target, self.routes.clone()),
        }
    }

    fn touch(&mut self, now: Moment) {
        if let Some(session) = &mut self.session {
            session.touch(now);
        }
    }
}

/// The URI of the one Contact; `None` when there is no Contact.
fn target(request: &Request) -> Result<Option<String>, Fault> {
    let Contacts::Listed(contacts) = request.contacts()? else { return Err(Fault::Bad(Name::Contact)) };
    match &contacts[..] {
        [] => Ok(None),
        [one] if Uri::parse(one.uri).is_ok() => Ok(Some(one.uri.to_owned())),
        _ => Err(Fault::Bad(Name::Contact)),
    }
}
