//! Session-Expires: how long a session lives without a sign of life (RFC 4028 4).
//! What follows from it is in `session_timer.rs`.

use super::Name;
use super::name_addr::seconds;
use super::params::Params;
use crate::fault::Fault;
use crate::text;

/// An offered or agreed interval.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionExpires<'a> {
    /// The interval in seconds.
    pub seconds: u32,
    /// Who refreshes: `uac`, `uas`, or left open.
    pub refresher: Option<&'a str>,
}

impl<'a> SessionExpires<'a> {
    /// Reads a value.
    ///
    /// # Errors
    /// [`Fault::Bad`] with [`Name::SessionExpires`].
    pub fn parse(value: &'a str) -> Result<Self, Fault> {
        Self::read(value).ok_or(Fault::Bad(Name::SessionExpires))
    }

    fn read(value: &'a str) -> Option<Self> {
        let (interval, params) = value.split_at(value.find(';').unwrap_or(value.len()));
        let params = Params::of_header(params)?;
        Some(Self { seconds: seconds(text::trim(interval))?, refresher: params.raw("refresher") })
    }
}
