//! Domains, people's addresses and the numbers by which people, rooms, categories and servers are known.
//! Says nothing about who exists or may do what.

use std::fmt;
use std::str::FromStr;

use crate::limits::{ADDRESS_BYTES_MAX, DOMAIN_BYTES_MAX};

/// A domain name in lower case, such as `example.com`. Never empty, at most 255 octets (RFC 1035, 2.3.4).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Domain(Box<str>);

/// A person's address in its one canonical spelling, `sip:user@domain` in lower case.
///
/// Two spellings of one address parse to equal values, so it can be used as a key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Address {
    text: Box<str>,
    at: usize,
}

/// Why a text is no domain or no address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadAddress {
    /// A domain with an empty label, a character outside `a-z 0-9 -`, or too long.
    #[error(
        "'{0}' is not a domain name: write it as example.com (letters, digits, hyphens, dots; at most 255 octets)"
    )]
    Domain(String),
    /// Not of the form `sip:user@domain`.
    #[error("'{0}' is not an address: write it as sip:user@example.com (at most 256 octets, no blanks)")]
    Address(String),
}

/// The users of the pool's own addresses, in lower case: the chat server's, and those under which clients look it up. They are
/// nobody's.
pub const SERVER_USERS: [&str; 3] = ["gc-1-persistentchatservice-1", "ocschat", "lyncchat"];

const SCHEME: &str = "sip:";

impl Domain {
    /// Reads a domain; upper case is folded.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let lower = text.to_ascii_lowercase();
        let label = |l: &str| {
            !l.is_empty()
                && l.len() <= 63
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if lower.len() <= DOMAIN_BYTES_MAX && lower.split('.').all(label) {
            Ok(Self(lower.into()))
        } else {
            Err(BadAddress::Domain(shown(text)))
        }
    }

    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Address {
    /// Reads `sip:user@domain`; upper case is folded, parameters are refused.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let bad = || BadAddress::Address(shown(text));
        let rest = match text.get(..SCHEME.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => &text[SCHEME.len()..],
            _ => return Err(bad()),
        };
        let (user, domain) = rest.split_once('@').ok_or_else(bad)?;
        let domain = Domain::parse(domain).map_err(|_| bad())?;
        let user_ok = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'&=+$".contains(&b);
        if user.is_empty() || !user.bytes().all(user_ok) || text.len() > ADDRESS_BYTES_MAX {
            return Err(bad());
        }
        Ok(Self::of(&user.to_ascii_lowercase(), &domain))
    }

    /// Reads an address as people type it: also `user@domain`, unless there is a `=` in it, which is of distinguished names.
    /// What comes over a wire of SIP is read by [`Address::parse`].
    pub fn typed(text: &str) -> Result<Self, BadAddress> {
        if text.contains([':', '=']) || !text.contains('@') {
            return Self::parse(text);
        }
        Self::parse(&format!("{SCHEME}{text}")).map_err(|_| BadAddress::Address(shown(text)))
    }

    /// Reads an address where nothing else can stand: `sip:` may be left out, and the domain, which is this one then.
    ///
    /// # Errors
    /// [`BadAddress`] for what is no address however it is completed.
    pub fn typed_at(text: &str, home: &Domain) -> Result<Self, BadAddress> {
        let text = text.trim();
        let scheme = text.get(..SCHEME.len()).filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
        let name = scheme.map_or(text, |scheme| &text[scheme.len()..]);
        let whole =
            if name.contains('@') { format!("{SCHEME}{name}") } else { format!("{SCHEME}{name}@{home}") };
        Self::parse(&whole).map_err(|_| BadAddress::Address(shown(text)))
    }

    /// The part before the `@`.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.text[SCHEME.len()..self.at]
    }

    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The whole address, `sip:user@domain`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn of(user: &str, domain: &Domain) -> Self {
        Self { text: format!("{SCHEME}{user}@{domain}").into(), at: SCHEME.len() + user.len() }
    }
}

/// What a refusal repeats of a bad text: enough to find it, never a whole flood.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Domain {
    type Err = BadAddress;
    fn from_str(s: &str) -> Result<Self, BadAddress> {
        Self::parse(s)
    }
}

impl FromStr for Address {
    type Err = BadAddress;
    fn from_str(s: &str) -> Result<Self, BadAddress> {
        Self::parse(s)
    }
}

/// The number of a person; never given to anybody else, also when the address is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PersonId(pub i64);

/// The number of a room inside the store; the wire knows rooms by their GUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct RoomId(pub i64);

/// The number of a category inside the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct CategoryId(pub i64);

/// The number of a group, container or directory domain. Small, because sets of them are kept for every person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct GroupId(pub u32);

/// The number of a registered add-in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct AddInId(pub i64);

/// The number of a server of the pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ServerId(pub i64);
