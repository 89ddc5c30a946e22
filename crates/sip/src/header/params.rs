//! Parameters behind a semicolon, of a header field or of a URI (RFC 3261 25.1, generic-param and uri-parameter).
//! Knows no parameter by name.

use std::borrow::Cow;

use crate::limits::PARAMETERS_MAX;
use crate::text::{self, Pair, Pairs};

/// Parameters, read in place; names are compared in any case, and none is there twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Params<'a> {
    text: &'a str,
}

impl<'a> Params<'a> {
    /// Parameters of a header field, `;a=b;c="d"` or nothing; `None` when malformed.
    #[must_use]
    pub fn of_header(text: &'a str) -> Option<Self> {
        Self::of_header_with(text, "").map(|(params, _)| params)
    }

    /// As [`Params::of_header`], and in the same go the one of this name.
    pub(crate) fn of_header_with(text: &'a str, wanted: &str) -> Option<(Self, Option<Pair<'a>>)> {
        let good = |value: &str| text::is_quoted(value) || text::is_bare(value);
        Self::checked(text::trim(text), wanted, |pair| pair.plain || pair.value.is_none_or(good))
    }

    /// Parameters of a URI, `;a=b;c` or nothing; `None` when malformed.
    #[must_use]
    pub fn of_uri(text: &'a str) -> Option<Self> {
        let checked = Self::checked(text, "", |pair| pair.value.is_none_or(|value| !value.contains('"')));
        checked.map(|(params, _)| params)
    }

    fn checked(
        text: &'a str,
        wanted: &str,
        good: impl Fn(&Pair<'_>) -> bool,
    ) -> Option<(Self, Option<Pair<'a>>)> {
        if !(text.is_empty() || text.starts_with(';')) {
            return None;
        }
        let params = Self { text };
        if text.is_empty() {
            return Some((params, None));
        }
        let mut found = None;
        let mut names = [None; PARAMETERS_MAX];
        for (index, pair) in params.pairs().enumerate() {
            let well = !pair.name.is_empty() && (pair.plain || text::is_bare(pair.name)) && good(&pair);
            if !well || index >= PARAMETERS_MAX || is_among(&names[..index], pair.name) {
                return None;
            }
            names[index] = Some(pair.name);
            if pair.name.eq_ignore_ascii_case(wanted) {
                found = Some(pair);
            }
        }
        Some((params, found))
    }

    /// Name and value of each, in order; a quoted value still in its quotes.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.pairs().map(|pair| (pair.name, pair.value))
    }

    fn pairs(self) -> Pairs<'a> {
        // Before the first semicolon there is nothing.
        text::pairs(self.text.get(1..), b';')
    }

    /// The value of the named one, out of its quotes; `None` when it is absent or has none.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name).map(text::unquote)
    }

    /// The value of the named one as written; `None` when it is absent or has none.
    #[must_use]
    pub fn raw(self, name: &str) -> Option<&'a str> {
        self.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).and_then(|(_, value)| value)
    }

    /// Whether the named one is there, with or without a value.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// As written, with the first semicolon; empty when there are none.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.text
    }
}

/// Whether one of these is the name, in any case.
pub(crate) fn is_among(names: &[Option<&str>], name: &str) -> bool {
    names.iter().flatten().any(|other| other.eq_ignore_ascii_case(name))
}
