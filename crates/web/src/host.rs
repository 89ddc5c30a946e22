//! Which host names are ours, and whether a request comes from a page of ours.
//! Knows nobody: who asks is `caller.rs`.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri};

use crate::door::Ends;
use crate::problem::{Code, Problem};

/// The names of this server.
#[derive(Debug)]
pub(crate) struct Hosts(Vec<String>);

/// The host a request names, once it was found to be ours.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    /// As written, with its port.
    written: String,
    /// Whether it can only be this machine.
    pub(crate) loopback: bool,
}

impl Hosts {
    /// These, and whatever means this machine.
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().map(|name| name.trim_end_matches('.').to_ascii_lowercase()).collect())
    }

    /// The host that the request names.
    ///
    /// # Errors
    /// 400 when it names none or several, 421 when it is not ours: a page of somebody else may have been pointed here.
    pub(crate) fn named(&self, uri: &Uri, headers: &HeaderMap, ends: Ends) -> Result<Host, Problem> {
        let mut fields = headers.get_all(HOST).iter();
        let field = fields.next().and_then(|field| field.to_str().ok());
        let (Some(field), None) = (field, fields.next()) else {
            return Err(Problem::field("Host", "the request must name this server in one header field Host"));
        };
        // The target's own authority comes first (RFC 9112, 3.2.2).
        let written = uri.authority().map_or(field, Authority::as_str);
        let unknown = || Problem::of(Code::MisdirectedRequest);
        if written.contains('@') {
            return Err(unknown());
        }
        let authority: Authority = written.parse().map_err(|_| unknown())?;
        let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
        let number: Option<IpAddr> = name.trim_matches(['[', ']']).parse().ok();
        let loopback = name == "localhost" || number.is_some_and(|ip| ip.is_loopback());
        let called = number.is_some_and(|ip| ip.to_canonical() == ends.local.to_canonical());
        if loopback || called || self.0.contains(&name) {
            return Ok(Host { written: written.to_ascii_lowercase(), loopback });
        }
        Err(unknown())
    }
}

impl Host {
    /// Refuses a request that changes something and does not say that it comes from a page of this server.
    ///
    /// # Errors
    /// 403 when the origin is another one, or none is named.
    pub(crate) fn must_be_origin(
        &self,
        method: &Method,
        headers: &HeaderMap,
        ends: Ends,
    ) -> Result<(), Problem> {
        if method.is_safe() { Ok(()) } else { self.must_be_same(headers, ends) }
    }

    /// Refuses a request that does not say that it comes from a page of this server.
    ///
    /// # Errors
    /// 403 when the origin is another one, or none is named.
    pub(crate) fn must_be_same(&self, headers: &HeaderMap, ends: Ends) -> Result<(), Problem> {
        let scheme = if ends.tls { "https" } else { "http" };
        let ours = format!("{scheme}://{}", self.written);
        let mut origins = headers.get_all(ORIGIN).iter();
        let same = match (origins.next(), origins.next()) {
            (Some(origin), None) => origin.as_bytes().eq_ignore_ascii_case(ours.as_bytes()),
            (None, _) => headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin"),
            _ => false,
        };
        if same { Ok(()) } else { Err(Problem::of(Code::ForeignOrigin)) }
    }
}
