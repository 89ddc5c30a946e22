//! SUBSCRIBE and what follows from it: subscriptions of one link, their dialogs and notifications (RFC 6665, [MS-SIP] for
//! BENOTIFY and piggybacked notifications). What is shown is built in `show.rs`.
//!
//! People may subscribe to their own contacts, publications and provisioning only. The presence of anybody of our domain may
//! be subscribed to; somebody who does not exist looks like somebody who is offline.

mod notice;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chat::{Address, PersonId};
use sip::{Dialog, Moment, Name, Request, TransactionKey};

use crate::answer::Answer;
use crate::codes::Refused;
use crate::document::batch;
use crate::document::presence::{CATEGORIES, Format, PIDF, SEVERAL};
use crate::document::roaming::{self, Parts};
use crate::limits::{
    LAST_NOTICE_SECONDS, SUBSCRIBE_HEAD_OCTETS_MAX, SUBSCRIPTION_SECONDS, SUBSCRIPTIONS_MAX,
};
use crate::link::{Finished, Link};
use crate::own;
use crate::register::address_of;
use crate::show::{self, Body, Shown, View};

/// The packages we serve, as Allow-Events lists them. Clients do not recognise a name behind a blank.
pub(crate) const PACKAGES: &str =
    "vnd-microsoft-provisioning-v2,vnd-microsoft-roaming-contacts,vnd-microsoft-roaming-self,presence";

/// The extensions of ours that every answer names.
const SUPPORTED: &str = "ms-benotify, ms-piggyback-first-notify";

/// An event package.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Package {
    Provisioning,
    Contacts,
    Own,
    Presence,
}

/// What every SUBSCRIBE says besides whom it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    /// How long the subscription is to hold, at most as long as we let it; 0 asks once or ends it.
    pub(crate) seconds: u32,
    /// Whether the answer may carry the first notification.
    pub(crate) piggyback: bool,
    /// Whether notifications need no answer.
    quiet: bool,
    /// The value of Event, as written.
    event: String,
}

/// A subscription of a link.
pub(crate) struct Subscription {
    /// When it ends, unless it is asked for again.
    pub(crate) until: Moment,
    dialog: Dialog,
    event: String,
    quiet: bool,
    /// Whether the next notification is the last.
    last: bool,
    shows: Shows,
    shown: Arc<Shown>,
    /// Whether a notification is being made; there is one at a time, so a slow directory makes no queue.
    busy: bool,
    /// What is to be shown next, if anything: of these people, if it shows people.
    due: Option<BTreeSet<Address>>,
}

/// What a subscription shows.
enum Shows {
    Contacts,
    Own(Parts),
    Presence { format: Format, people: BTreeMap<Address, Option<PersonId>> },
}

impl Package {
    fn of(request: &Request) -> Result<Self, Refused> {
        let event = request.event().map_err(Refused::Malformed)?.ok_or(Refused::UnknownEvent)?;
        let all = [Self::Provisioning, Self::Contacts, Self::Own, Self::Presence];
        let known = PACKAGES.split(',').zip(all).find(|(name, _)| name.eq_ignore_ascii_case(event.package));
        known.map(|(_, package)| package).ok_or(Refused::UnknownEvent)
    }
}

impl Asked {
    pub(crate) fn read(request: &Request) -> Result<Self, Refused> {
        let seconds = request.expires().map_err(Refused::Malformed)?.unwrap_or(SUBSCRIPTION_SECONDS);
        let benotify = [Name::ProxyRequire, Name::Supported];
        Ok(Self {
            seconds: seconds.min(SUBSCRIPTION_SECONDS),
            piggyback: request.lists(Name::Supported, "ms-piggyback-first-notify"),
            quiet: benotify.into_iter().any(|name| request.lists(name, "ms-benotify")),
            event: request.value(Name::Event).unwrap_or_default().to_owned(),
        })
    }

    /// The same, asked once.
    pub(crate) fn once(self) -> Self {
        Self { seconds: 0, ..self }
    }

    /// The body of the request, if it has one; it must be of this type.
    pub(crate) fn body<'a>(
        &self,
        request: &'a Request,
        media_type: &'static str,
    ) -> Result<Option<&'a [u8]>, Refused> {
        if request.body().is_empty() {
            return Ok(None);
        }
        Refused::unless_type(request, media_type)?;
        Ok(Some(request.body()))
    }

    /// The 200, with a notification and its number if it carries one.
    pub(crate) fn answer(&self, contact: &str, notice: Option<(u32, Body)>) -> Answer {
        let answer = Answer::ok()
            .line(Name::Event, &*self.event)
            .line(Name::Contact, contact)
            .line(Name::Expires, self.seconds.to_string())
            .line(Name::SubscriptionState, state(self.seconds))
            .line(Name::Supported, SUPPORTED);
        match notice {
            Some((number, (media_type, body))) => {
                let answer = answer.line(Name::MsPiggybackCseq, number.to_string());
                let several = media_type == SEVERAL;
                let answer = if several { answer.line(Name::Require, "eventlist") } else { answer };
                answer.body(media_type, body)
            }
            None => answer,
        }
    }
}

/// The value of subscription-state.
fn state(seconds: u32) -> String {
    let word = if seconds == 0 { "terminated" } else { "active" };
    format!("{word};expires={seconds}")
}

impl Link {
    /// A SUBSCRIBE.
    pub(crate) fn subscribe(&mut self, request: Request, key: TransactionKey) {
        let head = request.octets() - request.body().len();
        if head > SUBSCRIBE_HEAD_OCTETS_MAX {
            return self.refuse(&request, &key, &Refused::Limit("octets of the head of a SUBSCRIBE"));
        }
        let done = Package::of(&request).and_then(|package| match package {
            Package::Provisioning => self.provision(&request, &key),
            _ if request.to().tag().is_some() => self.subscribe_again(package, &request, &key),
            _ => self.subscribe_anew(package, &request, &key),
        });
        if let Err(refused) = done {
            self.refuse(&request, &key, &refused);
        }
    }

    /// The address of the subscriber or publisher, who must be whom the request is about.
    pub(crate) fn own_address(&self, request: &Request) -> Result<Address, Refused> {
        let own = self.endpoint.as_ref().map(|endpoint| &endpoint.person.address);
        let own = own.ok_or(Refused::NotSignedOn)?;
        if address_of(&request.to()).as_ref() == Some(own) {
            Ok(own.clone())
        } else {
            Err(Refused::NotThePerson)
        }
    }

    /// A subscription is opened, or with 0 seconds asked for once.
    fn subscribe_anew(
        &mut self,
        package: Package,
        request: &Request,
        key: &TransactionKey,
    ) -> Result<(), Refused> {
        let asked = Asked::read(request)?;
        let shows = match package {
            Package::Presence => self.people(&asked, request)?,
            Package::Own => {
                self.own_address(request)?;
                let body = asked.body(request, roaming::MEDIA_TYPE)?.unwrap_or_default();
                Shows::Own(Parts::read(body)?)
            }
            Package::Contacts | Package::Provisioning => {
                self.own_address(request)?;
                Shows::Contacts
            }
        };
        if asked.seconds > 0 && package != Package::Presence {
            self.replace(package);
        }
        let at = self.open(&asked, request, shows)?;
        self.watch(at);
        let everybody = self.subscriptions[at].everybody();
        self.answer_and_show(at, request, key, &asked, everybody);
        Ok(())
    }

    /// A link has one subscription to each of its own packages: a client that asks anew has forgotten the dialog of the old.
    fn replace(&mut self, package: Package) {
        let same = |known: &Subscription| known.is_of(package) && !known.last;
        if let Some(at) = self.subscriptions.iter().position(same) {
            self.end_subscription(at, false);
        }
    }

    /// Answers, and sends this one notification after it: to clients that read none in an answer.
    pub(crate) fn answer_and_notify_once(
        &mut self,
        request: &Request,
        key: &TransactionKey,
        asked: Asked,
        body: Body,
    ) -> Result<(), Refused> {
        let at = self.open(&asked, request, Shows::Contacts)?;
        let tag = self.subscriptions[at].dialog.tag().to_owned();
        self.reply_tagged(request, key, &tag, &asked.answer(&self.contact, None));
        self.notify(&tag, Some(body));
        Ok(())
    }

    /// A new subscription among those of the link; where it is.
    fn open(&mut self, asked: &Asked, request: &Request, shows: Shows) -> Result<usize, Refused> {
        if self.subscriptions.len() >= SUBSCRIPTIONS_MAX {
            return Err(Refused::DialogsFull);
        }
        let dialog = Dialog::open(request, &self.house.tag()).map_err(Refused::Malformed)?;
        let last = asked.seconds == 0;
        let seconds = if last { LAST_NOTICE_SECONDS } else { asked.seconds };
        self.subscriptions.push(Subscription {
            until: self.now() + Duration::from_secs(seconds.into()),
            dialog,
            event: asked.event.clone(),
            quiet: asked.quiet,
            last,
            shows,
            shown: Arc::default(),
            busy: false,
            due: None,
        });
        Ok(self.subscriptions.len() - 1)
    }

    /// A subscription is asked for again in its dialog: prolonged, ended, or extended by people.
    fn subscribe_again(
        &mut self,
        package: Package,
        request: &Request,
        key: &TransactionKey,
    ) -> Result<(), Refused> {
        let now = self.now();
        let tag = request.to().tag();
        let at = self.subscriptions.iter().position(|known| Some(known.dialog.tag()) == tag);
        let at = at.filter(|at| self.subscriptions[*at].is_of(package)).ok_or(Refused::NoDialog)?;
        self.subscriptions[at].dialog.admit(request, now).map_err(Refused::by_dialog)?;
        let asked = Asked::read(request)?;
        if asked.seconds == 0 {
            let answer = asked.answer(&self.contact, None);
            self.reply(request, key, &answer);
            self.end_subscription(at, !asked.piggyback);
            return Ok(());
        }
        let mut named = BTreeSet::new();
        if let Some(body) = asked.body(request, batch::MEDIA_TYPE)?.filter(|_| package == Package::Presence) {
            let batch = batch::read(body)?;
            named.clone_from(&batch.subscribe);
            self.extend(at, batch)?;
        }
        let subscription = &mut self.subscriptions[at];
        subscription.until = now + Duration::from_secs(asked.seconds.into());
        (subscription.quiet, subscription.last) = (asked.quiet, false);
        if named.is_empty() {
            named = subscription.everybody();
        }
        // Presence is always told again. Of the rest only what is new, to those who read it in the answer: clients take a
        // contact list that is told twice for more contacts.
        subscription.shown.forget_people(&named);
        if !asked.piggyback {
            subscription.shown.forget();
        }
        self.answer_and_show(at, request, key, &asked, named);
        Ok(())
    }

    /// Answers a SUBSCRIBE and shows what there is of these people: in the answer or right after it.
    fn answer_and_show(
        &mut self,
        at: usize,
        request: &Request,
        key: &TransactionKey,
        asked: &Asked,
        people: BTreeSet<Address>,
    ) {
        let subscription = &mut self.subscriptions[at];
        let tag = subscription.dialog.tag().to_owned();
        let number = if asked.piggyback { subscription.dialog.next_cseq() } else { None };
        let Some(number) = number else {
            self.reply_tagged(request, key, &tag, &asked.answer(&self.contact, None));
            self.subscriptions[at].due.get_or_insert_default().extend(people);
            return self.begin_notice(at);
        };
        let (work, shown) = (self.document(at, people), self.subscriptions[at].shown.clone());
        let anew = request.to().tag().is_none();
        let (request, key, asked) = (request.clone(), key.clone(), asked.clone());
        let (contact, host) = (self.contact.clone(), self.house.names.host.clone());
        self.begin(async move {
            let body = work.await;
            if anew && body.is_err() {
                shown.end();
            }
            let answer = match body {
                Ok(body) => asked.answer(&contact, body.map(|body| (number, body))),
                Err(refused) => refused.answer(&host),
            };
            Finished::Subscribed { request, key, tag, answer }
        });
        // Nothing follows the answer to somebody who asked once.
        if self.subscriptions[at].last {
            self.end_subscription(at, false);
        }
    }

    /// The work of building what a subscription shows of these people.
    fn document(
        &self,
        at: usize,
        people: BTreeSet<Address>,
    ) -> impl Future<Output = Result<Option<Body>, Refused>> + Send + 'static {
        let subscription = &self.subscriptions[at];
        let (house, shown) = (self.house.clone(), subscription.shown.clone());
        let view = subscription.view(people);
        let person = self.endpoint.as_ref().map(|endpoint| endpoint.person.clone());
        async move {
            let person = person.ok_or(Refused::NotSignedOn)?;
            if matches!(view, View::Own(_)) && shown.is_new() {
                own::remember_state(&house, &person).await?;
            }
            show::document(&house, &person, view, &shown).await
        }
    }

    /// Whose presence a SUBSCRIBE asks for: that of a list of people, or of the one it is about.
    fn people(&self, asked: &Asked, request: &Request) -> Result<Shows, Refused> {
        let (format, people) = match asked.body(request, batch::MEDIA_TYPE)? {
            Some(body) => {
                self.own_address(request)?;
                (Format::Categories, batch::read(body)?.subscribe)
            }
            None => {
                let address = address_of(&request.to()).ok_or(Refused::NoSuchAddress)?;
                if address.domain() != self.house.names.domain.as_str() {
                    return Err(Refused::NoSuchAddress);
                }
                (format(request)?, BTreeSet::from([address]))
            }
        };
        self.check_watched(people.len())?;
        Ok(Shows::Presence {
            format,
            people: people.into_iter().map(|address| self.known(address)).collect(),
        })
    }

    /// The number of whoever has this address, if anybody.
    fn known(&self, address: Address) -> (Address, Option<PersonId>) {
        let id = self.house.rooms.person(&address).map(|person| person.id);
        (address, id)
    }
}

/// The best form of presence that the client reads.
fn format(request: &Request) -> Result<Format, Refused> {
    let accepted = || {
        let types = request.elements(Name::Accept);
        types.map(|element| element.split(';').next().unwrap_or_default().trim())
    };
    let accepts = |media_type: &str| accepted().any(|word| word.eq_ignore_ascii_case(media_type));
    if accepts(CATEGORIES) {
        return Ok(Format::Categories);
    }
    // Without Accept a client reads pidf (RFC 3856 6.7).
    let pidf = accepted().next().is_none() || [PIDF, "application/*", "*/*"].into_iter().any(accepts);
    if pidf {
        Ok(Format::Pidf)
    } else {
        Err(Refused::MediaType("application/msrtc-event-categories+xml, application/pidf+xml"))
    }
}
