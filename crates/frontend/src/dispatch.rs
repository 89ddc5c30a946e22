//! Which handling each method has, inside a dialog and outside.
//! Carries out nothing itself: INVITE and what follows is `invite.rs`, the rest stands in files of its name.

use sip::{Cancelled, Method, Name, Request, TransactionKey};

use crate::answer::Answer;
use crate::codes::{ALLOW, Refused};
use crate::link::Link;

impl Link {
    /// Carries out an admitted request; `proven` when it was signed under the association of the link.
    pub(crate) fn dispatch(&mut self, request: Request, key: TransactionKey, proven: bool) {
        let inside = request.to().tag().is_some();
        match request.method() {
            Method::Register => self.register(request, key, proven),
            Method::Subscribe => self.subscribe(request, key),
            Method::Service => self.service(request, key),
            Method::Cancel => self.cancel(&request, &key),
            Method::Invite if !inside => self.invite(request, key),
            Method::Options if !inside => self.options(&request, &key),
            Method::Invite | Method::Info | Method::Update | Method::Bye | Method::Options => {
                self.in_dialog(request, key);
            }
            Method::Message | Method::Notify | Method::Refer => {
                self.refuse(&request, &key, &Refused::NotAllowedHere);
            }
            Method::Ack | Method::Benotify | Method::Other(_) => {
                self.refuse(&request, &key, &Refused::UnknownMethod);
            }
        }
    }

    /// What we can do; asked outside of any dialog. Asked of somebody, the answer is that to an INVITE (RFC 3261 11.2).
    fn options(&mut self, request: &Request, key: &TransactionKey) {
        let target = request.target();
        let reached = if target.user.is_some() { self.reachable(&target).map(drop) } else { Ok(()) };
        match reached {
            Ok(()) => self.reply(request, key, &capabilities()),
            Err(refused) => self.refuse(request, key, &refused),
        }
    }

    fn cancel(&mut self, cancel: &Request, key: &TransactionKey) {
        match self.requests.cancel(cancel) {
            // An INVITE to the chat server here is answered before the next request is looked at: one that waits is elsewhere.
            Cancelled::Stop(invite) => {
                self.reply(cancel, key, &Answer::ok());
                self.cancel_route(&invite);
            }
            Cancelled::TooLate => self.reply(cancel, key, &Answer::ok()),
            Cancelled::Unknown => self.refuse(cancel, key, &Refused::NoDialog),
        }
    }
}

/// The 200 to an OPTIONS.
pub(crate) fn capabilities() -> Answer {
    Answer::ok()
        .line(Name::Allow, ALLOW)
        .line(Name::Accept, "application/sdp, text/plain")
        .line(Name::Supported, "timer")
}
