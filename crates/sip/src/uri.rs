//! SIP URIs (RFC 3261 19.1), in the forms that Lync clients write too (`;opaque=user:epid:...;gruu`).
//! Resolves no name; other schemes are told apart, not read.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::borrow::Cow;
use std::fmt;

use crate::fault::Fault;
use crate::header::params::Params;
use crate::text;

/// A sip or sips URI, read in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Uri<'a> {
    /// Whether the scheme is `sips`.
    pub secure: bool,
    /// The user as written, escapes included, without password; `None` for a URI of a host.
    pub user: Option<&'a str>,
    /// The host.
    pub host: Host<'a>,
    /// The port, if one is written.
    pub port: Option<u16>,
    /// The parameters: `transport`, `maddr`, `opaque`, `gruu`, `lr` ...
    pub params: Params<'a>,
    /// What follows `?`, unread.
    pub headers: Option<&'a str>,
}

/// Where a URI or Via points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Host<'a> {
    /// A domain name, as written.
    Name(&'a str),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address, written in brackets.
    V6(Ipv6Addr),
}

impl<'a> Uri<'a> {
    /// Reads a whole URI.
    ///
    /// # Errors
    /// [`Fault::OtherScheme`] for a URI of another scheme, [`Fault::BadUri`] for what is no URI at all.
    pub fn parse(text: &'a str) -> Result<Self, Fault> {
        if !is_clean(text) {
            return Err(Fault::BadUri);
        }
        let (scheme, rest) = text::split_at_octet(text, b':').ok_or(Fault::BadUri)?;
        let secure = match scheme {
            _ if scheme.eq_ignore_ascii_case("sip") => false,
            _ if scheme.eq_ignore_ascii_case("sips") => true,
            _ if text::is_token(scheme) => return Err(Fault::OtherScheme),
            _ => return Err(Fault::BadUri),
        };
        Self::after_scheme(secure, rest).ok_or(Fault::BadUri)
    }

    fn after_scheme(secure: bool, rest: &'a str) -> Option<Self> {
        let (user, rest) = match text::split_at_octet(rest, b'@') {
            Some((info, rest)) => {
                (Some(text::split_at_octet(info, b':').map_or(info, |(user, _)| user)), rest)
            }
            None => (None, rest),
        };
        if user.is_some_and(|user| user.is_empty() || decode(user).is_none()) {
            return None;
        }
        let (rest, headers) =
            text::split_at_octet(rest, b'?').map_or((rest, None), |(rest, headers)| (rest, Some(headers)));
        let (host_port, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let (host, port) = Host::with_port(host_port)?;
        Some(Self { secure, user, host, port, params: Params::of_uri(params)?, headers })
    }

    /// The user and host that name a person, `alice@example.com`, in lower case and without escapes: the address-of-record
    /// without its scheme. `None` when there is no user or its escapes hide a character no user has.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        let user = decode(self.user?)?;
        let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"@<>\"".contains(c);
        user.chars().all(plain).then(|| format!("{user}@{}", self.host).to_lowercase())
    }

    /// Whether both name the same person or the same host: user, host and port equal, scheme and parameters left aside.
    #[must_use]
    pub fn same_address(&self, other: &Uri<'_>) -> bool {
        let user = |uri: &Uri<'_>| uri.user.map(|user| decode(user).map(|user| user.to_lowercase()));
        self.host.is(other.host) && self.port == other.port && user(self) == user(other)
    }
}

impl<'a> Host<'a> {
    /// Reads `host` or `host:port`; `None` when malformed.
    #[must_use]
    pub fn with_port(text: &'a str) -> Option<(Self, Option<u16>)> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (
                    Self::V6(host.parse().ok()?),
                    if port.is_empty() { None } else { Some(port.strip_prefix(':')?) },
                )
            }
            None => {
                let (host, port) =
                    text::split_at_octet(text, b':').map_or((text, None), |(host, port)| (host, Some(port)));
                (Self::name(text::trim(host))?, port)
            }
        };
        let port = match port {
            Some(port) => Some(u16::try_from(text::number(text::trim(port))?).ok()?),
            None => None,
        };
        Some((host, port))
    }

    /// Whether both are the same, names in any case.
    #[must_use]
    pub fn is(self, other: Host<'_>) -> bool {
        match (self, other) {
            (Self::Name(one), Host::Name(other)) => one.eq_ignore_ascii_case(other),
            (one, other) => one == other,
        }
    }

    fn name(text: &'a str) -> Option<Self> {
        if text.starts_with(|first: char| first.is_ascii_digit())
            && let Ok(address) = text.parse()
        {
            return Some(Self::V4(address));
        }
        let clean = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
        (!text.is_empty() && text.bytes().all(clean)).then_some(Self::Name(text))
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}

/// Whether nothing in a URI would end it or the line around it.
pub(crate) fn is_clean(text: &str) -> bool {
    let ends =
        |octet: u8| (octet <= b' ') | (octet == b'<') | (octet == b'>') | (octet == b'"') | (octet == 0x7f);
    // All of it is looked at, which is quicker than to stop at the first.
    let clean = !text.is_empty() && !text.bytes().fold(false, |found, octet| found | ends(octet));
    clean && (text.is_ascii() || !text.contains(|c: char| c.is_control() || c.is_whitespace()))
}

/// A user without its escapes; `None` when an escape is malformed or the result is not UTF-8.
fn decode(user: &str) -> Option<Cow<'_, str>> {
    if !user.contains('%') {
        return Some(Cow::Borrowed(user));
    }
    let mut octets = user.bytes();
    let mut plain = Vec::with_capacity(user.len());
    while let Some(octet) = octets.next() {
        if octet != b'%' {
            plain.push(octet);
            continue;
        }
        let high = char::from(octets.next()?).to_digit(16)?;
        let low = char::from(octets.next()?).to_digit(16)?;
        plain.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(plain).ok().map(Cow::Owned)
}
