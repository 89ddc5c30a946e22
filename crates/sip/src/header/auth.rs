//! Credentials and challenges: a scheme and its parameters (RFC 3261 20.7, 20.44; [MS-SIPAE] 2.2 for NTLM).
//! Knows no scheme; reads and writes them all alike.

use std::borrow::Cow;

use super::Name;
use crate::fault::Fault;
use crate::limits::PARAMETERS_MAX;
use crate::text;

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
        let (scheme, parameters) = value.split_once([' ', '\t']).unwrap_or((value, ""));
        text::is_token(scheme).then_some(())?;
        let auth = Self { scheme, parameters: text::trim(parameters) };
        for (index, piece) in auth.pieces().enumerate() {
            let (name, value) = pair(piece)?;
            let twice = auth.iter().take(index).any(|(other, _)| other.eq_ignore_ascii_case(name));
            let well = text::is_token(name) && (text::is_quoted(value) || text::is_bare(value));
            if twice || !well || index >= PARAMETERS_MAX {
                return None;
            }
        }
        Some(auth)
    }

    fn pieces(self) -> impl Iterator<Item = &'a str> {
        text::split_outside(self.parameters, b',').filter(|piece| !piece.is_empty())
    }

    /// Name and value of each parameter in order; a quoted value still in its quotes.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.pieces().filter_map(pair)
    }

    /// The value of the named parameter out of its quotes; `None` when it is absent.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| text::unquote(value))
    }

    /// Whether this is the scheme.
    #[must_use]
    pub fn is(self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }
}

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
        Self { text: scheme.to_owned(), any: false }
    }

    /// Adds a parameter in quotes.
    #[must_use]
    pub fn quoted(mut self, name: &str, value: &str) -> Self {
        self.begin(name);
        self.text.push('"');
        for c in value.chars() {
            if matches!(c, '"' | '\\') {
                self.text.push('\\');
            }
            self.text.push(c);
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

fn pair(piece: &str) -> Option<(&str, &str)> {
    piece.split_once('=').map(|(name, value)| (text::trim(name), text::trim(value)))
}
