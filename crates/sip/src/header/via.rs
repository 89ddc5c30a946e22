//! Via: the way a request came and its answer goes (RFC 3261 20.42).
//! Real clients leave the branch out; nothing here insists on it.

use super::Name;
use super::params::Params;
use crate::fault::Fault;
use crate::text;
use crate::uri::Host;

/// One hop, read in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Via<'a> {
    /// The transport as written: `TLS`, `tcp` ...
    pub transport: &'a str,
    /// Host and port as written.
    pub sent_by: &'a str,
    /// The host of `sent_by`.
    pub host: Host<'a>,
    /// The port of `sent_by`, if one is written.
    pub port: Option<u16>,
    /// Branch, received ...
    pub params: Params<'a>,
}

/// How the branch of a client that follows RFC 3261 begins (8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

impl<'a> Via<'a> {
    /// Reads one hop.
    ///
    /// # Errors
    /// [`Fault::Bad`] with [`Name::Via`].
    pub fn parse(value: &'a str) -> Result<Self, Fault> {
        Self::read(value).ok_or(Fault::Bad(Name::Via))
    }

    fn read(value: &'a str) -> Option<Self> {
        let (protocol, rest) = text::split_at_octet(value, b'/')?;
        let (version, rest) = text::split_at_octet(rest, b'/')?;
        if !text::trim(protocol).eq_ignore_ascii_case("SIP") || text::trim(version) != "2.0" {
            return None;
        }
        let (transport, rest) = text::trim(rest).split_once([' ', '\t'])?;
        let (sent_by, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let sent_by = text::trim(sent_by);
        let (host, port) = Host::with_port(sent_by)?;
        text::is_token(transport).then_some(())?;
        Some(Self { transport, sent_by, host, port, params: Params::of_header(params)? })
    }

    /// The branch that names the transaction; `None` when absent or not of the form of RFC 3261.
    #[must_use]
    pub fn branch(&self) -> Option<&'a str> {
        let cookie = |branch: &&str| {
            branch.get(..MAGIC_COOKIE.len()).is_some_and(|c| c.eq_ignore_ascii_case(MAGIC_COOKIE))
        };
        self.params.raw("branch").filter(|branch| branch.len() > MAGIC_COOKIE.len()).filter(cookie)
    }
}
