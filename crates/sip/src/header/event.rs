//! Event: the package of a subscription (RFC 6665 8.2.1).
//! Which packages exist is the front end's business.

use super::Name;
use super::params::Params;
use crate::fault::Fault;
use crate::text;

/// An event package and its parameters, read in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event<'a> {
    /// The package, as written: `vnd-microsoft-provisioning-v2`, `presence` ...
    pub package: &'a str,
    /// `id` and others.
    pub params: Params<'a>,
}

impl<'a> Event<'a> {
    /// Reads a value.
    ///
    /// # Errors
    /// [`Fault::Bad`] with [`Name::Event`].
    pub fn parse(value: &'a str) -> Result<Self, Fault> {
        let (package, params) = value.split_at(value.find(';').unwrap_or(value.len()));
        let package = text::trim(package);
        let params = Params::of_header(params).filter(|_| text::is_token(package));
        Ok(Self { package, params: params.ok_or(Fault::Bad(Name::Event))? })
    }
}
