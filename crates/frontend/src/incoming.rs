//! What comes in on a link: frames, keep-alives, requests and responses, each verified before anything is done.
//! What a request asks for is `dispatch.rs`.

use sip::{Arrival, Frame, Matched, Message, Method, Name, ParseFault, Reply, Request, Response, Status};

use crate::answer::Answer;
use crate::codes::{Refused, warning};
use crate::end::End;
use crate::limits::PENDING_OCTETS;
use crate::link::{About, Link};
use crate::register::address_of;
use crate::security::{NTLM, Unproven};
use crate::trunk::exchange;

/// The extensions a request may require: those clients of this family name.
const EXTENSIONS: [&str; 8] = [
    "timer",
    "gruu",
    "gruu-10",
    "adhoclist",
    "categoryList",
    "ms-benotify",
    "ms-piggyback-first-notify",
    "com.microsoft.autoextend",
];

impl Link {
    /// Takes the messages that were read, as long as not too much of them waits.
    pub(crate) fn take_frames(&mut self) {
        while self.may_take() {
            match self.framer.next_frame() {
                Ok(None) => return,
                Ok(Some(Frame::Ping)) => self.out.pen().extend_from_slice(b"\r\n"),
                Ok(Some(Frame::Pong)) => (),
                Ok(Some(Frame::Message(framed))) => match Message::parse(framed) {
                    Ok(Message::Request(request)) => self.request(request),
                    Ok(Message::Response(response)) => self.response(&response),
                    Err(fault) => self.unreadable(&fault),
                },
                Err(fault) => {
                    self.unreadable(&fault);
                    self.end = Some(End::Framing(fault.fault));
                }
            }
        }
    }

    /// Refuses what could not be read, as far as it says whom to answer; what cannot be answered ends the link.
    fn unreadable(&mut self, fault: &ParseFault) {
        tracing::info!(fault = %fault.fault, "message.unreadable");
        let (Some(salvage), Some(status)) = (&fault.salvage, fault.status()) else {
            self.end = Some(End::Framing(fault.fault));
            return;
        };
        let tag = self.house.tag();
        let text = warning(&self.house.names.host, &fault.fault.to_string());
        let answer = Answer::new(status).line(Name::Warning, text);
        let reply = answer.address(Reply::refusing(salvage, status, &tag));
        self.send_reply(&reply);
    }

    fn request(&mut self, request: Request) {
        if self.turned_away(&request) {
            return;
        }
        let step = *request.method() == Method::Register && is_step_of_sign_on(&request);
        let proven = match &mut self.security {
            Some(_) if step => false,
            Some(security) => match security.verify(&request, None) {
                Ok(()) => {
                    self.signon.settled();
                    true
                }
                Err(unproven) => return self.close_unproven(unproven),
            },
            None => false,
        };
        if *request.method() == Method::Benotify || !self.person_stays() {
            return;
        }
        self.begun = true;
        let now = self.now();
        let key = match self.requests.arrive(&request, now) {
            Arrival::New(key) => key,
            Arrival::Acknowledgement => return self.acknowledge(&request),
            Arrival::Repeated(answer) => {
                return self.out.pen().extend_from_slice(&answer.unwrap_or_default());
            }
            Arrival::Full => return self.refuse_unremembered(&request, &Refused::LinkFull),
        };
        match self.admit(&request) {
            Err(refused) => self.refuse(&request, &key, &refused),
            Ok(()) => {
                self.taking = request.octets();
                self.dispatch(request, key, proven);
                self.taking = 0;
            }
        }
    }

    /// Tells somebody to come later when too many links have nobody signed on.
    fn turned_away(&mut self, request: &Request) -> bool {
        let turned_away = self.stranger.as_ref().is_some_and(|stranger| !stranger.is_welcome());
        if turned_away {
            if *request.method() != Method::Ack {
                self.refuse_unremembered(request, &Refused::SignOnsFull);
            }
            self.end = Some(End::TooManyStrangers);
        }
        turned_away
    }

    /// What every request must satisfy, whatever it asks.
    fn admit(&self, request: &Request) -> Result<(), Refused> {
        let own = self.endpoint.as_ref().map(|endpoint| &endpoint.person.address);
        if self.strand.is_some() && exchange::asserted(request).as_ref() != own {
            return Err(Refused::NotThePerson);
        }
        if self.strand.is_none() && request.value(Name::PAssertedIdentity).is_some() {
            return Err(Refused::Asserted);
        }
        if *request.method() != Method::Register {
            let endpoint = self.endpoint.as_ref().ok_or(Refused::NotSignedOn)?;
            if address_of(&request.from()).as_ref() != Some(&endpoint.person.address) {
                return Err(Refused::NotThePerson);
            }
        }
        // Where all that waits goes on by itself, no more was read instead.
        if *request.method() == Method::Info && self.pending_octets() >= PENDING_OCTETS {
            return Err(Refused::LinkFull);
        }
        let unknown = |word: &&str| !EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(word));
        let required: Vec<&str> = request.elements(Name::Require).filter(unknown).collect();
        if required.is_empty() { Ok(()) } else { Err(Refused::Extension(required.join(", "))) }
    }

    fn response(&mut self, response: &Response) {
        if let Some(security) = &mut self.security
            && !response.status().is_provisional()
        {
            match security.verify(response, Some(response.status().code())) {
                Ok(()) => self.signon.settled(),
                // COMPAT(pidgin-sipe, it forgets its old key when it signs on anew, and answers what it is shown meanwhile).
                Err(Unproven::Unsigned) if self.signon.is_under_way() => (),
                Err(unproven) => return self.close_unproven(unproven),
            }
        }
        let status = response.status();
        match self.ours.respond(response) {
            Matched::Final(About::Chat { id, octets }) => self.chat_answered(id, octets, status),
            Matched::Final(About::Routed(returning)) => self.routed_answered(*returning, status),
            // Whoever refuses a notification has no such subscription (RFC 6665 4.2.2).
            Matched::Final(About::Subscription(tag)) if !status.is_success() => {
                self.forget_subscription(&tag)
            }
            Matched::Final(About::Subscription(_)) | Matched::Provisional | Matched::Stray => (),
        }
    }

    /// An INFO of ours in the dialog of this number was answered.
    fn chat_answered(&mut self, id: u64, octets: usize, status: Status) {
        let Some(chat) = self.chats.iter_mut().find(|known| known.id == id) else { return };
        chat.answered(octets);
        if status.is_success() || !chat.is_open() {
            return;
        }
        if matches!(status, Status::NO_DIALOG | Status::TERMINATED) {
            // The client's way to get rid of a dialog it no longer knows: nothing is said to it.
            tracing::info!(status = status.code(), "dialog.dropped_by_client");
            chat.leave();
        } else {
            tracing::warn!(status = status.code(), "dialog.refused_by_client");
            self.end = Some(End::RefusedByClient);
        }
    }

    fn close_unproven(&mut self, unproven: Unproven) {
        tracing::warn!(peer = %self.peer, reason = %unproven, "link.unproven");
        self.end = Some(End::Unproven(unproven));
    }
}

/// Whether a REGISTER begins or continues a sign-on, instead of being signed under one.
fn is_step_of_sign_on(request: &Request) -> bool {
    match request.auth(Name::Authorization, NTLM) {
        Ok(Some(auth)) => auth.get("gssapi-data").is_some() || auth.get("response").is_none(),
        Ok(None) | Err(_) => true,
    }
}
