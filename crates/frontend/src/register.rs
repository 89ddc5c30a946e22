//! REGISTER: who signs on, stays signed on and signs off, and the 200 in exactly the form clients need ([MS-SIPREGE] 3.2).
//! Whether a password was proven is `signon.rs`; who is signed on is remembered in `registrar.rs`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::{Address, Person, PersonId};
use sip::header::name_addr::NameAddr;
use sip::{Contacts, Moment, Name, Request, TransactionKey};
use uuid::Uuid;

use crate::answer::Answer;
use crate::codes::Refused;
use crate::end::End;
use crate::limits::{KEEP_ALIVE_SECONDS, REGISTRATION_SECONDS_MIN};
use crate::link::{Finished, Link};
use crate::security::{NTLM, Security};
use crate::signon::{Examined, Step, invitation};
use crate::subscribe::PACKAGES;

/// Who is signed on through a link.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) person: Arc<Person>,
    /// When the registration runs out.
    pub(crate) until: Moment,
}

impl Link {
    /// A REGISTER: `proven` when it was signed under the association of the link.
    pub(crate) fn register(&mut self, request: Request, key: TransactionKey, proven: bool) {
        let address = match self.registered_address(&request) {
            Ok(address) => address,
            Err(refused) => return self.refuse(&request, &key, &refused),
        };
        if self.endpoint.is_none() && !self.house.rooms.admits() {
            return self.refuse(&request, &key, &Refused::NotServing);
        }
        if proven {
            return match self.endpoint.clone() {
                Some(endpoint) if endpoint.person.address == address => {
                    self.bind(&request, &key, endpoint.person);
                }
                _ => self.refuse(&request, &key, &Refused::NotThePerson),
            };
        }
        match self.signon.step(&self.house, &request) {
            Step::Answer(answer) => self.reply(&request, &key, &answer),
            Step::Signed => {
                let answer = invitation(&self.house.names.host);
                self.reply(&request, &key, &answer);
            }
            Step::Proof(proof) => {
                let (house, from) = (self.house.clone(), self.peer.ip());
                // Nothing more is read until it is known who this is.
                self.signing_on = true;
                self.begin(async move {
                    let examined = proof.examine(house, from).await;
                    Finished::Examined { request, key, examined }
                });
            }
        }
    }

    /// The proof that a REGISTER carried was examined.
    pub(crate) fn examined(&mut self, request: &Request, key: &TransactionKey, examined: Examined) {
        self.signing_on = false;
        let (person, mut security) = match examined {
            Examined::Proven(person, security) => (*person, *security),
            Examined::Refused(answer) => return self.reply(request, key, &answer),
        };
        let auth = request.auth(Name::Authorization, NTLM).ok().flatten();
        if auth.is_some_and(|auth| auth.get("response").is_some())
            && let Err(unproven) = security.verify(request, None)
        {
            tracing::info!(reason = %unproven, "signon.signature");
            let answer = invitation(&self.house.names.host);
            return self.reply(request, key, &answer);
        }
        let other = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.person.id != person.id);
        if other || self.registered_address(request).as_ref() != Ok(&person.address) {
            tracing::warn!(person = person.id.0, "signon.other_address");
            return self.refuse(request, key, &Refused::NotThePerson);
        }
        self.secure(security);
        tracing::info!(person = person.id.0, "signon.proven");
        self.bind(request, key, Arc::new(person));
    }

    fn secure(&mut self, security: Security) {
        self.security = Some(security);
    }

    /// Answers the REGISTER of somebody who proved who he is.
    fn bind(&mut self, request: &Request, key: &TransactionKey, person: Arc<Person>) {
        let (contact, asked) = match asked(request) {
            Ok(asked) => asked,
            Err(refused) => return self.refuse(request, key, &refused),
        };
        if asked == Some(0) {
            let answer = Answer::ok().line(Name::Expires, "0");
            self.reply(request, key, &answer);
            return self.sign_off();
        }
        if asked.is_some_and(|asked| asked < REGISTRATION_SECONDS_MIN) {
            return self.refuse(request, key, &Refused::RegistrationTooBrief);
        }
        let longest = self.house.limits.registration_seconds;
        let seconds = asked.map_or(longest, |asked| asked.min(longest));
        let until = self.now() + Duration::from_secs(seconds.into());
        if self.endpoint.is_none() {
            let registrar = &self.house.registrar;
            if registrar.sign_on(&person, self.id, &self.bell).is_err() {
                return self.refuse(request, key, &Refused::LinkFull);
            }
            self.stranger = None;
            tracing::info!(person = person.id.0, "link.signed_on");
        }
        let answer = accepted(contact.as_ref(), &person.address, seconds);
        self.endpoint = Some(Endpoint { person, until });
        self.reply(request, key, &answer);
        // What changed since the proof was examined may have rung already.
        self.person_stays();
    }

    /// Nobody is signed on any more; the client closes the link now, or signs on again.
    fn sign_off(&mut self) {
        let Some(endpoint) = self.endpoint.take() else { return };
        tracing::info!(person = endpoint.person.id.0, "link.signed_off");
        self.house.registrar.sign_off(endpoint.person.id, self.id);
        self.drop_subscriptions();
        self.drop_chats();
        self.strange_since = self.now();
        self.stranger = self.house.strangers.enter(self.peer.ip());
        if self.stranger.is_none() {
            self.end = Some(End::TooManyStrangers);
        }
    }

    /// Whose registration this is: From and To name the same address of ours.
    fn registered_address(&self, request: &Request) -> Result<Address, Refused> {
        let target = request.target();
        let domain = self.house.names.domain.as_str();
        let from = address_of(&request.from()).ok_or(Refused::BadRequest("From names no person"))?;
        let here = target.host.to_string().eq_ignore_ascii_case(domain) && from.domain() == domain;
        if !here {
            return Err(Refused::NoSuchAddress);
        }
        if address_of(&request.to()).as_ref() != Some(&from) {
            return Err(Refused::NotThePerson);
        }
        Ok(from)
    }

    /// Whether the person is still who he was and enabled; ends the link otherwise.
    pub(crate) fn person_stays(&mut self) -> bool {
        let Some(endpoint) = &self.endpoint else { return true };
        let person = &endpoint.person;
        let now = admission(&self.house.rooms, person.id, &person.address);
        let stays = now.is_some_and(|now| now <= person.admission);
        if !stays {
            self.end = Some(End::PersonGone);
        }
        stays
    }
}

/// The admission under which whoever has this number and address signs on now; `None` when he may not.
pub(crate) fn admission(rooms: &rooms::Rooms, id: PersonId, address: &Address) -> Option<u64> {
    let person = rooms.person(address)?;
    (person.id == id && person.state == chat::PersonState::Enabled).then_some(person.admission)
}

/// The person that a From or To names.
pub(crate) fn address_of(name: &NameAddr<'_>) -> Option<Address> {
    let uri = name.sip_uri().ok()?;
    Address::parse(&format!("sip:{}", uri.address()?)).ok()
}

/// The one Contact of a REGISTER, and for how long it asks; `None` leaves that to us.
fn asked(request: &Request) -> Result<(Option<NameAddr<'_>>, Option<u32>), Refused> {
    let expires = request.expires().map_err(Refused::Malformed)?;
    match request.contacts().map_err(Refused::Malformed)? {
        Contacts::All if expires == Some(0) => Ok((None, expires)),
        Contacts::All => Err(Refused::BadRequest("Contact '*' is for Expires 0")),
        Contacts::Listed(contacts) if contacts.len() > 1 => {
            Err(Refused::BadRequest("one Contact for each link"))
        }
        Contacts::Listed(contacts) => {
            let contact = contacts.into_iter().next();
            let own = contact.as_ref().and_then(NameAddr::expires);
            Ok((contact, own.or(expires)))
        }
    }
}

/// The 200. Without Expires the client waits for ever; Allow-Events is read without blanks; `msrtc-event-categories` must
/// stand alone in its line.
fn accepted(contact: Option<&NameAddr<'_>>, address: &Address, seconds: u32) -> Answer {
    let mut answer = Answer::ok().line(Name::Expires, seconds.to_string());
    if let Some(contact) = contact {
        answer = answer.line(Name::Contact, binding(contact, address, seconds));
    }
    answer
        .line(Name::AllowEvents, PACKAGES)
        .line(Name::Supported, "msrtc-event-categories")
        .line(Name::Supported, "gruu-10")
        .line(
            Name::MsKeepAlive,
            format!("UAS; tcp=no; hop-hop=yes; end-end=no; timeout={KEEP_ALIVE_SECONDS}"),
        )
        .line(Name::Server, concat!("Causerie/", env!("CARGO_PKG_VERSION")))
}

/// The Contact in the 200, with the endpoint's own address (GRUU) when it says which instance it is.
fn binding(contact: &NameAddr<'_>, address: &Address, seconds: u32) -> String {
    let mut value = format!("<{}>;expires={seconds}", contact.uri);
    let instance = contact.instance();
    let uuid =
        instance.as_deref().and_then(|instance| Uuid::try_parse(instance.strip_prefix("urn:uuid:")?).ok());
    if let Some(uuid) = uuid {
        let epid = URL_SAFE_NO_PAD.encode(uuid.as_bytes());
        value.push_str(&format!(
            ";+sip.instance=\"<urn:uuid:{uuid}>\";gruu=\"{address};opaque=user:epid:{epid};gruu\""
        ));
    }
    value
}
