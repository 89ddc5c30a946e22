//! Session timers: a session without a sign of life ends (RFC 4028).
//! The client refreshes, we watch; as real clients refresh without saying so, any request of theirs counts.

use std::time::Duration;

use crate::fault::Fault;
use crate::header::Name;
use crate::limits::{SESSION_SECONDS, SESSION_SECONDS_MIN};
use crate::message::Request;
use crate::moment::Moment;

/// The agreed interval of one session and when it runs out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionTimer {
    seconds: u32,
    /// Whether the client knows session timers, so that `Require: timer` may be said to it.
    understood: bool,
    ends: Moment,
}

/// The client asks for less than [`SESSION_SECONDS_MIN`]: refuse with 422 and `Min-SE`, or the value is malformed: 400.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TooBrief {
    /// Below the minimum; answer 422 with [`SessionTimer::MIN_SE`].
    #[error("session interval too small")]
    Interval,
    /// Session-Expires or Min-SE cannot be read.
    #[error("{0}")]
    Malformed(Fault),
}

impl SessionTimer {
    /// The value of Min-SE in a 422.
    pub const MIN_SE: &'static str = "90";

    /// What an INVITE or UPDATE is answered with: what it asks for, at most [`SESSION_SECONDS`] unless its Min-SE is higher.
    /// A request that asks for nothing gets [`SESSION_SECONDS`].
    ///
    /// # Errors
    /// [`TooBrief`] when the request must be refused.
    pub fn agree(request: &Request, now: Moment) -> Result<Self, TooBrief> {
        let asked = request.session_expires().map_err(TooBrief::Malformed)?.map(|asked| asked.seconds);
        let least = match request.value(Name::MinSe) {
            Some(value) => {
                let number =
                    value.split(';').next().and_then(|text| crate::text::number(crate::text::trim(text)));
                let number = number.ok_or(TooBrief::Malformed(Fault::Bad(Name::MinSe)))?;
                u32::try_from(number).unwrap_or(u32::MAX)
            }
            None => SESSION_SECONDS_MIN,
        };
        if asked.is_some_and(|asked| asked < SESSION_SECONDS_MIN) {
            return Err(TooBrief::Interval);
        }
        let seconds =
            asked.unwrap_or(SESSION_SECONDS).min(SESSION_SECONDS).max(least.min(SESSION_SECONDS_MAX));
        let understood = request.lists(Name::Supported, "timer") || request.lists(Name::Require, "timer");
        let mut timer = Self { seconds, understood, ends: now };
        timer.touch(now);
        Ok(timer)
    }

    /// The value of Session-Expires in the 200. It is said even to a client that did not ask: without it one never refreshes.
    #[must_use]
    pub fn value(&self) -> String {
        format!("{};refresher=uac", self.seconds)
    }

    /// Whether the 200 says `Require: timer`.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.understood
    }

    /// A sign of life.
    pub fn touch(&mut self, now: Moment) {
        self.ends = now + Duration::from_secs(self.seconds.into());
    }

    /// When the session ends without another sign of life.
    #[must_use]
    pub fn ends(&self) -> Moment {
        self.ends
    }
}

/// What a client's Min-SE can raise the interval to, in seconds. Ours: a lost client is noticed within two hours.
const SESSION_SECONDS_MAX: u32 = 7200;
