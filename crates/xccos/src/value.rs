//! Small values as blocks carry them: truth, numbers, GUIDs, short words.
//! Reads text only; what a value means is said where it is used.

use uuid::Uuid;

use crate::fault::XccosFault;
use crate::limits::WORD_BYTES_MAX;
use crate::xml::Element;

impl Element {
    /// A parameter that may be an attribute or a child of its own; the name is given in lower case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.attribute(name).or_else(|| self.child(name).map(|child| child.text.trim()))
    }

    /// A truth value; absent means `false`.
    pub(crate) fn flag(&self, block: &'static str, name: &'static str) -> Result<bool, XccosFault> {
        let Some(text) = self.parameter(&name.to_ascii_lowercase()) else { return Ok(false) };
        truth(text).ok_or(XccosFault::BadValue { block, name })
    }

    /// A number of at least zero; absent or negative means none.
    pub(crate) fn count(&self, block: &'static str, name: &'static str) -> Result<Option<u64>, XccosFault> {
        let Some(text) = self.parameter(&name.to_ascii_lowercase()) else { return Ok(None) };
        match text.trim().parse::<i128>() {
            Ok(number) if number < 0 => Ok(None),
            Ok(number) => Ok(Some(u64::try_from(number).unwrap_or(u64::MAX))),
            Err(_) => Err(XccosFault::BadValue { block, name }),
        }
    }

    /// A short word; absent means empty.
    pub(crate) fn word(&self, name: &'static str) -> Result<Box<str>, XccosFault> {
        let text = self.attribute(&name.to_ascii_lowercase()).unwrap_or_default();
        bounded(name, text, WORD_BYTES_MAX)
    }
}

/// `true`, `false`, `1` or `0`, in any case.
pub(crate) fn truth(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") || text == "1" {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") || text == "0" {
        Some(false)
    } else {
        None
    }
}

/// A text that may have at most so many octets.
pub(crate) fn bounded(what: &'static str, text: &str, limit: usize) -> Result<Box<str>, XccosFault> {
    if text.len() > limit { Err(XccosFault::TooLong { what, limit }) } else { Ok(text.into()) }
}

/// A GUID with its hyphens and without braces, in any case.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}
