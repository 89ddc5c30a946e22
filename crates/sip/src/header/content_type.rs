//! Content-Type: what the body is (RFC 3261 20.15).
//! Does not look at the body.

use super::Name;
use super::params::Params;
use crate::fault::Fault;
use crate::text;

/// A media type and its parameters, read in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContentType<'a> {
    /// The type, as written: `text`.
    pub kind: &'a str,
    /// The subtype, as written: `plain`.
    pub subtype: &'a str,
    /// `charset`, `boundary` and others.
    pub params: Params<'a>,
}

impl<'a> ContentType<'a> {
    /// Reads a value.
    ///
    /// # Errors
    /// [`Fault::Bad`] with [`Name::ContentType`].
    pub fn parse(value: &'a str) -> Result<Self, Fault> {
        Self::read(value).ok_or(Fault::Bad(Name::ContentType))
    }

    fn read(value: &'a str) -> Option<Self> {
        let (media, params) = value.split_at(value.find(';').unwrap_or(value.len()));
        let (kind, subtype) = media.split_once('/')?;
        let (kind, subtype) = (text::trim(kind), text::trim(subtype));
        (text::is_token(kind) && text::is_token(subtype)).then_some(())?;
        Some(Self { kind, subtype, params: Params::of_header(params)? })
    }

    /// Whether this is the media type, `text/plain`, in any case and with any parameters.
    #[must_use]
    pub fn is(&self, media: &str) -> bool {
        let same = |(kind, subtype): (&str, &str)| {
            self.kind.eq_ignore_ascii_case(kind) && self.subtype.eq_ignore_ascii_case(subtype)
        };
        media.split_once('/').is_some_and(same)
    }
}
