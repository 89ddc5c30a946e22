//! Addresses with a display name and parameters: From, To, Contact, Route, Record-Route, P-Asserted-Identity
//! (RFC 3261 20.10, 20.20, 20.39; RFC 3325; [MS-SIPREGE] for `epid` and `gruu`).
//! The URI inside is read by `uri.rs`, and only when asked for.

use std::borrow::Cow;

use super::Name;
use super::params::Params;
use crate::fault::Fault;
use crate::text::{self, Pair};
use crate::uri::{self, Uri};

/// One address, read in place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameAddr<'a> {
    /// The display name out of its quotes; `None` when there is none.
    pub display: Option<Cow<'a, str>>,
    /// The URI as written, without angle brackets; of any scheme.
    pub uri: &'a str,
    /// The parameters of the header field, not of the URI.
    pub params: Params<'a>,
    /// The one that is called so.
    pub(crate) tag: Option<Pair<'a>>,
}

impl<'a> NameAddr<'a> {
    /// Reads one address; `name` is the header field it stands in.
    ///
    /// # Errors
    /// [`Fault::Bad`] with that name.
    pub fn parse(value: &'a str, name: Name) -> Result<Self, Fault> {
        Self::read(value).ok_or(Fault::Bad(name))
    }

    fn read(value: &'a str) -> Option<Self> {
        let value = text::trim(value);
        let (display, uri, params) = match text::find_outside(value, b'<') {
            Some(open) => {
                let (uri, rest) = uri::split_clean(&value[open + 1..])?;
                (display(text::trim(&value[..open]))?, uri, rest.strip_prefix('>')?)
            }
            // Without brackets what follows a semicolon belongs to the header field, and a comma or question mark would be
            // ambiguous (RFC 3261 20).
            None => {
                let (uri, params) = value.split_at(value.find(';').unwrap_or(value.len()));
                let uri = text::trim(uri);
                (uri::is_clean(uri) && !uri.contains([',', '?'])).then_some(())?;
                (None, uri, params)
            }
        };
        text::split_at_octet(uri, b':').filter(|(scheme, _)| text::is_token(scheme))?;
        let (params, tag) = Params::of_header_with(params, "tag")?;
        Some(Self { display, uri, params, tag })
    }

    /// The URI, if it is a sip or sips one.
    ///
    /// # Errors
    /// As [`Uri::parse`].
    pub fn sip_uri(&self) -> Result<Uri<'a>, Fault> {
        Uri::parse(self.uri)
    }

    /// The tag of this side of the dialog; `None` when absent or empty.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.tag.and_then(|tag| tag.value).filter(|tag| !tag.is_empty())
    }

    /// The endpoint's identifier.
    #[must_use]
    pub fn epid(&self) -> Option<Cow<'a, str>> {
        self.params.get("epid")
    }

    /// The endpoint's instance, `urn:uuid:...`, without quotes and brackets (RFC 5626 4.1).
    #[must_use]
    pub fn instance(&self) -> Option<Cow<'a, str>> {
        let inner =
            |text: &str| text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).map(str::to_owned);
        let value = self.params.get("+sip.instance")?;
        Some(inner(&value).map_or(value, Cow::Owned))
    }

    /// The address of exactly this endpoint, as given by a registrar.
    #[must_use]
    pub fn gruu(&self) -> Option<Cow<'a, str>> {
        self.params.get("gruu")
    }

    /// The seconds of `expires`; `None` when absent or malformed. More than fit are as many as fit.
    #[must_use]
    pub fn expires(&self) -> Option<u32> {
        seconds(self.params.raw("expires")?)
    }

    /// Whether `proxy=replace` asks the server to put the address it sees in place of this one ([MS-SIPREGE]).
    #[must_use]
    pub fn proxy_replace(&self) -> bool {
        self.params.get("proxy").is_some_and(|value| value.eq_ignore_ascii_case("replace"))
    }
}

/// Seconds as header fields count them (delta-seconds): digits; what does not fit is as much as fits.
pub(crate) fn seconds(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}

/// A display name: nothing, a quoted string, or words. The outer `None` says malformed.
fn display(text: &str) -> Option<Option<Cow<'_, str>>> {
    if text.is_empty() {
        return Some(None);
    }
    let words = !text.contains(['"', '<', '>', ',', ';', '\\']);
    (words || text::is_quoted(text)).then(|| Some(text::unquote(text)))
}
