//! Credentials and challenges: a scheme and its parameters (RFC 3261 20.7, 20.44; [MS-SIPAE] 2.2 for NTLM).
//! Knows no scheme; reads and writes them all alike.

use std::borrow::Cow;

use super::Name;
use super::params::is_among;
use crate::fault::Fault;
use crate::limits::PARAMETERS_MAX;
use crate::text::{self, Pair};

/// The value of Authorization, Proxy-Authorization, WWW-Authenticate or Authentication-Info, read in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Auth<'a> {
    /// The scheme as written: `NTLM`, `Kerberos`, `TLS-DSK` ...
    pub scheme: &'a str,
    parameters: &'a str,
}

impl<'a> Auth<'a> {
    /// Reads one value; `name` is the header field it stands in. No parameter is there twice.
    ///
    /// # Errors
    /// [`Fault::Bad`] with that name.
    pub fn parse(value: &'a str, name: Name) -> Result<Self, Fault> {
        Self::read(value).ok_or(Fault::Bad(name))
    }

    fn read(value: &'a str) -> Option<Self> {
        let value = text::trim(value);
        let (scheme, parameters) = value.split_at(text::first_blank(value));
        text::is_token(scheme).then_some(())?;
        let auth = Self { scheme, parameters: text::trim(parameters) };
        let mut names = [""; PARAMETERS_MAX];
        for (index, pair) in auth.pairs().enumerate() {
            let value = pair.value?;
            let well =
                pair.plain || text::is_token(pair.name) && (text::is_quoted(value) || text::is_bare(value));
            if !well || index >= PARAMETERS_MAX || is_among(&names[..index], pair.name) {
                return None;
            }
            names[index] = pair.name;
        }
        Some(auth)
    }

    /// All but empty pieces.
    fn pairs(self) -> impl Iterator<Item = Pair<'a>> {
        text::pairs(self.parameters, b',').filter(|pair| !pair.name.is_empty() || pair.value.is_some())
    }

    /// Name and value of each parameter in order; a quoted value still in its quotes.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.pairs().filter_map(|pair| Some((pair.name, pair.value?)))
    }

    /// The value of the named parameter out of its quotes; `None` when it is absent.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| text::unquote(value))
    }

    /// The values of several parameters out of their quotes, in one reading; as [`Auth::get`] each.
    #[must_use]
    pub fn get_all<const N: usize>(self, names: [&str; N]) -> [Option<Cow<'a, str>>; N] {
        let mut values = [const { None }; N];
        for (name, value) in self.iter() {
            let place = names.iter().position(|wanted| wanted.eq_ignore_ascii_case(name));
            if let Some(place) = place {
                values[place] = Some(text::unquote(value));
            }
        }
        values
    }

    /// Whether this is the scheme.
    #[must_use]
    pub fn is(self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }
}

/// Octets of a value at first: those of a signature fit.
const VALUE_OCTETS: usize = 256;

/// Credentials or a challenge in the making.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthValue {
    text: String,
    any: bool,
}

impl AuthValue {
    /// The scheme, no parameter yet.
    #[must_use]
    pub fn new(scheme: &str) -> Self {
        let mut text = String::with_capacity(VALUE_OCTETS);
        text.push_str(scheme);
        Self { text, any: false }
    }

    /// Adds a parameter in quotes.
    #[must_use]
    pub fn quoted(mut self, name: &str, value: &str) -> Self {
        self.begin(name);
        self.text.push('"');
        if memchr::memchr2(b'"', b'\\', value.as_bytes()).is_some() {
            for c in value.chars() {
                if matches!(c, '"' | '\\') {
                    self.text.push('\\');
                }
                self.text.push(c);
            }
        } else {
            self.text.push_str(value);
        }
        self.text.push('"');
        self
    }

    /// Adds a parameter without quotes, as clients expect of `version`. The value is the caller's own, never a peer's.
    #[must_use]
    pub fn bare(mut self, name: &str, value: &str) -> Self {
        self.begin(name);
        self.text.push_str(value);
        self
    }

    /// The value of the header field.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    fn begin(&mut self, name: &str) {
        self.text.push_str(if self.any { ", " } else { " " });
        self.any = true;
        self.text.push_str(name);
        self.text.push('=');
    }
}
