//! Notifications: who is told when, in NOTIFY or BENOTIFY, and the end of subscriptions.
//! Builds no document, and answers no request.

use std::collections::BTreeSet;

use chat::{Address, PersonId};
use sip::{Method, Moment, Name};

use super::{Package, Shows, Subscription, state};
use crate::codes::Refused;
use crate::document::batch::Batch;
use crate::document::presence::SEVERAL;
use crate::limits::{NOTICES_WAITING_OCTETS, WATCHED_MAX};
use crate::link::{About, Finished, Link};
use crate::show::{Body, View};

impl Subscription {
    pub(super) fn is_of(&self, package: Package) -> bool {
        match &self.shows {
            Shows::Contacts => package == Package::Contacts,
            Shows::Own(_) => package == Package::Own,
            Shows::Presence { .. } => package == Package::Presence,
        }
    }

    /// Everybody it shows; nobody for one that shows the subscriber's own.
    pub(super) fn everybody(&self) -> BTreeSet<Address> {
        match &self.shows {
            Shows::Presence { people, .. } => people.keys().cloned().collect(),
            Shows::Contacts | Shows::Own(_) => BTreeSet::new(),
        }
    }

    /// What is to be shown, of these people if it shows people.
    pub(super) fn view(&self, people: BTreeSet<Address>) -> View {
        match &self.shows {
            Shows::Contacts => View::Contacts,
            Shows::Own(parts) => View::Own(*parts),
            Shows::Presence { format, .. } => View::Presence { format: *format, people },
        }
    }

    /// The numbers of those it shows.
    fn watched(&self) -> impl Iterator<Item = PersonId> {
        let people = match &self.shows {
            Shows::Presence { people, .. } => Some(people),
            Shows::Contacts | Shows::Own(_) => None,
        };
        people.into_iter().flat_map(|people| people.values().copied().flatten())
    }
}

impl Link {
    /// Something of the person's own changed.
    pub(crate) fn own_changed(&mut self) {
        for at in 0..self.subscriptions.len() {
            let subscription = &mut self.subscriptions[at];
            if matches!(subscription.shows, Shows::Contacts | Shows::Own(_)) {
                subscription.due.get_or_insert_default();
                self.begin_notice(at);
            }
        }
    }

    /// The presence of somebody changed.
    pub(crate) fn presence_changed(&mut self, person: PersonId) {
        for at in 0..self.subscriptions.len() {
            let subscription = &mut self.subscriptions[at];
            let Shows::Presence { people, .. } = &subscription.shows else { continue };
            let changed = people.iter().filter(|(_, id)| **id == Some(person));
            let changed: Vec<Address> = changed.map(|(address, _)| address.clone()).collect();
            if !changed.is_empty() {
                subscription.due.get_or_insert_default().extend(changed);
                self.begin_notice(at);
            }
        }
    }

    /// The document of a notification is there; `None` when nothing is new after all.
    pub(crate) fn notify(&mut self, tag: &str, body: Option<Body>) {
        let Some(at) = self.subscriptions.iter().position(|known| known.dialog.tag() == tag) else { return };
        let now = self.now();
        let subscription = &mut self.subscriptions[at];
        subscription.busy = false;
        if subscription.last {
            self.send_notice(at, &state(0), body);
            return self.end_subscription(at, false);
        }
        let left = subscription.until.since_origin().saturating_sub(now.since_origin());
        let active = format!("active;expires={}", left.as_secs());
        let congested = self.out.waiting().len() >= NOTICES_WAITING_OCTETS;
        if body.is_some() && (congested || !self.send_notice(at, &active, body)) {
            // The client takes little: with the next change it is shown everything anew.
            let subscription = &mut self.subscriptions[at];
            subscription.shown.forget();
            subscription.due = Some(subscription.everybody());
            return;
        }
        self.begin_notice(at);
    }

    /// Begins to build what is due, unless that is being done already.
    pub(super) fn begin_notice(&mut self, at: usize) {
        let subscription = &mut self.subscriptions[at];
        if subscription.busy || subscription.shown.is_ended() {
            return;
        }
        let Some(people) = subscription.due.take() else { return };
        subscription.busy = true;
        let tag = subscription.dialog.tag().to_owned();
        let work = self.document(at, people);
        self.begin(async move {
            let body = work.await.unwrap_or_else(|refused| {
                tracing::warn!(reason = %refused, "notification.lost");
                None
            });
            Finished::Notified { tag, body }
        });
    }

    /// Sends a notification; `false` when it cannot be sent now.
    fn send_notice(&mut self, at: usize, state: &str, body: Option<Body>) -> bool {
        let now = self.now();
        let subscription = &mut self.subscriptions[at];
        let (method, branch) = if subscription.quiet {
            // Nobody answers it, so nobody needs to find it again.
            (Method::Benotify, format!("z9hG4bK{}", self.house.tag()))
        } else {
            let about = About::Subscription(subscription.dialog.tag().to_owned());
            let Some(branch) = self.ours.begin(Method::Notify, about, now) else { return false };
            (Method::Notify, branch.to_string())
        };
        let Some(number) = subscription.dialog.next_cseq() else { return false };
        let mut draft = subscription
            .dialog
            .request(method, number, &self.hop, &branch)
            .header(Name::Contact, &self.contact)
            .header(Name::Event, &subscription.event)
            .header(Name::SubscriptionState, state);
        if let Some((media_type, body)) = body {
            if media_type == SEVERAL {
                draft = draft.header(Name::Require, "eventlist");
            }
            draft = draft.body(media_type, body);
        }
        let signature = self.security.as_mut().map(|security| security.sign(&draft.pieces()));
        self.out.pen().extend_from_slice(&draft.finish(signature.as_deref()));
        true
    }

    /// A subscription is over; `told` with a last notification.
    pub(super) fn end_subscription(&mut self, at: usize, told: bool) {
        if told {
            self.send_notice(at, &state(0), None);
        }
        let ended = self.subscriptions.remove(at);
        self.unwatch(ended.watched().collect());
    }

    /// The client does not know the subscription whose dialog has this tag, or does not answer: nothing more is shown to it.
    pub(crate) fn forget_subscription(&mut self, tag: &str) {
        if let Some(at) = self.subscriptions.iter().position(|known| known.dialog.tag() == tag) {
            self.end_subscription(at, false);
        }
    }

    /// Ends the subscriptions that were not asked for again in time. Those who want no answers to notifications want none
    /// about this either.
    pub(crate) fn expire_subscriptions(&mut self, now: Moment) {
        for at in (0..self.subscriptions.len()).rev() {
            let subscription = &self.subscriptions[at];
            if subscription.shown.is_ended() {
                self.end_subscription(at, false);
            } else if subscription.until <= now {
                let told = !subscription.quiet;
                self.end_subscription(at, told);
            }
        }
    }

    /// Ends all subscriptions without a word: the link ends, or nobody is signed on.
    pub(crate) fn drop_subscriptions(&mut self) {
        let ended = std::mem::take(&mut self.subscriptions);
        self.unwatch(ended.iter().flat_map(Subscription::watched).collect());
    }

    /// Wants to know of changes in the presence of those the subscription shows.
    pub(super) fn watch(&self, at: usize) {
        for person in self.subscriptions[at].watched() {
            self.house.registrar.watch(person, self.id, &self.bell);
        }
    }

    /// No longer wants to know of these people, but for those another subscription shows.
    fn unwatch(&self, people: BTreeSet<PersonId>) {
        let still: BTreeSet<PersonId> = self.subscriptions.iter().flat_map(Subscription::watched).collect();
        for person in people.difference(&still) {
            self.house.registrar.unwatch(*person, self.id);
        }
    }

    /// Adds people to a subscription, and takes others out of it.
    pub(super) fn extend(&mut self, at: usize, batch: Batch) -> Result<(), Refused> {
        let more: Vec<_> = batch.subscribe.into_iter().map(|address| self.known(address)).collect();
        self.check_watched(more.len())?;
        let Shows::Presence { people, .. } = &mut self.subscriptions[at].shows else { return Ok(()) };
        let gone: Vec<_> =
            batch.unsubscribe.iter().filter_map(|address| people.remove(address).flatten()).collect();
        people.extend(more);
        self.watch(at);
        self.unwatch(gone.into_iter().collect());
        Ok(())
    }

    /// Whether so many more people may be watched.
    pub(super) fn check_watched(&self, more: usize) -> Result<(), Refused> {
        let shown = self.subscriptions.iter().map(|subscription| match &subscription.shows {
            Shows::Presence { people, .. } => people.len(),
            Shows::Contacts | Shows::Own(_) => 0,
        });
        if shown.sum::<usize>() + more > WATCHED_MAX {
            return Err(Refused::Limit("people whose presence is shown"));
        }
        Ok(())
    }
}
