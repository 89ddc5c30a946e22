//! When a link looks at the time, and what time ends: registrations, silence, requests without an answer, dialogs.
//! Waits for nothing itself; that is `link.rs`.

use std::time::Duration;

use sip::{Ending, Moment};

use crate::end::End;
use crate::limits::TURNED_AWAY_TIME;
use crate::link::{About, Link};
use crate::strangers::Stranger;

impl Link {
    /// When to look at the time again.
    pub(crate) fn deadline(&mut self) -> Moment {
        let now = self.now();
        let limits = &self.house.limits;
        let stall = self.out.stalled_since(now).map(|since| since + limits.stall);
        let endpoint = match &self.endpoint {
            // Of somebody behind a front end, that one knows whether he is still there.
            Some(_) if self.strand.is_some() => [None, None],
            Some(endpoint) => [Some(endpoint.until), Some(self.heard + limits.silence)],
            None if self.signing_on => [None, None],
            None => [Some(self.strange_since + self.sign_on_time()), None],
        };
        let chats = self.chats.iter().filter(|chat| chat.is_open()).filter_map(|chat| chat.dialog.deadline());
        let subscriptions = self.subscriptions.iter().map(|subscription| subscription.until);
        let ours = self.ours.deadline().filter(|_| !self.signing_on);
        let always = [stall, ours, self.requests.deadline(), self.leaves, Some(now + limits.silence)];
        endpoint
            .into_iter()
            .chain(always)
            .flatten()
            .chain(chats)
            .chain(subscriptions)
            .min()
            .expect("the last of them is always there")
    }

    /// Ends what time ends.
    pub(crate) fn look_at_the_time(&mut self) {
        let now = self.now();
        self.requests.forget(now);
        let limits = &self.house.limits;
        let stalled = self.out.stalled_since(now).is_some_and(|since| since + limits.stall <= now);
        let end = match &self.endpoint {
            _ if stalled => Some(End::Stalled),
            Some(_) if self.strand.is_some() => None,
            Some(endpoint) if endpoint.until <= now => Some(End::RegistrationExpired),
            Some(_) if self.heard + limits.silence <= now => Some(End::Silent),
            None if !self.signing_on && self.strange_since + self.sign_on_time() <= now => {
                Some(End::NobodySignedOn)
            }
            _ => None,
        };
        if end.is_some() {
            self.end = end;
            return;
        }
        // While nothing is taken, answers may have come that were not looked at.
        while let Some(about) = if self.signing_on { None } else { self.ours.expire(now) } {
            match about {
                About::Chat { id, .. }
                    if !self.chats.iter().any(|known| known.id == id && known.is_open()) =>
                {
                    continue;
                }
                About::Chat { .. } => self.end = Some(End::Unanswered),
                About::Routed(_) => self.end = Some(End::Unanswered),
                About::Subscription(tag) => self.forget_subscription(&tag),
            }
        }
        for chat in self.chats.iter_mut().filter(|chat| chat.is_open()) {
            match chat.dialog.ending(now) {
                None => (),
                // The client never saw that its dialog was accepted.
                Some(Ending::NoAck) => chat.leave(),
                // Told by a 481 it would open another dialog and not come back into its rooms; a new link does.
                Some(Ending::Idle) => self.end = Some(End::DialogIdle),
            }
        }
        self.expire_subscriptions(now);
    }

    /// How long nobody may be signed on.
    fn sign_on_time(&self) -> Duration {
        let time = self.house.limits.sign_on_time;
        let welcome = self.stranger.as_ref().is_none_or(Stranger::is_welcome);
        if welcome { time } else { time.min(TURNED_AWAY_TIME) }
    }
}
