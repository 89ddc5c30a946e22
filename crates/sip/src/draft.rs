//! Requests of our own in the making (RFC 3261 8.1.1).
//! Does not number them: inside a dialog `dialog.rs` does.

use bytes::Bytes;

use crate::compose::{Additions, line};
use crate::header::Name;
use crate::header::name_addr::NameAddr;
use crate::method::Method;
use crate::pieces::Pieces;

/// The transports we speak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// TLS over TCP.
    Tls,
    /// Plain TCP.
    Tcp,
}

/// Our own end of a link, as Via names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    /// The value of Via up to the value of branch.
    via: String,
}

impl Hop {
    /// Our end: the transport and `host:port` of our side.
    #[must_use]
    pub fn new(transport: Transport, sent_by: &str) -> Self {
        let transport = match transport {
            Transport::Tls => "TLS",
            Transport::Tcp => "TCP",
        };
        Self { via: format!("SIP/2.0/{transport} {sent_by};branch=") }
    }

    /// The value of Via up to the value of branch.
    pub(crate) fn via(&self) -> &str {
        &self.via
    }
}

/// A request in the making: Via, Route, From, To, Call-ID, CSeq, Max-Forwards, then what is added in its order,
/// Authentication-Info, Content-Length, body. Names are long.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Request-URI.
    pub target: String,
    /// The method, of the start line and of CSeq.
    pub method: Method,
    /// The value of Via, with its branch.
    pub via: String,
    /// Values of Route, in order.
    pub routes: Vec<String>,
    /// The value of From, with its tag.
    pub from: String,
    /// The value of To.
    pub to: String,
    /// Call-ID.
    pub call_id: String,
    /// The number of CSeq.
    pub cseq: u32,
    /// Max-Forwards: fewer for a request that is passed on.
    pub max_forwards: u32,
    additions: Additions,
}

/// Max-Forwards of our requests (RFC 3261 8.1.1.6).
pub(crate) const MAX_FORWARDS: u32 = 70;

impl Draft {
    /// A request that belongs to no dialog. `branch` is unique among all requests of this end.
    #[must_use]
    pub fn new(method: Method, target: &str, hop: &Hop, branch: &str) -> Self {
        Self {
            target: target.to_owned(),
            method,
            via: format!("{}{branch}", hop.via),
            routes: Vec::new(),
            from: String::new(),
            to: String::new(),
            call_id: String::new(),
            cseq: 1,
            max_forwards: MAX_FORWARDS,
            additions: Additions::default(),
        }
    }

    /// The two parties: values of From, with its tag, and To.
    #[must_use]
    pub fn parties(mut self, from: &str, to: &str) -> Self {
        (self.from, self.to) = (from.to_owned(), to.to_owned());
        self
    }

    /// Call-ID and the number of CSeq.
    #[must_use]
    pub fn call(mut self, call_id: &str, cseq: u32) -> Self {
        (self.call_id, self.cseq) = (call_id.to_owned(), cseq);
        self
    }

    /// Adds a header line. The same name may be added again and stays a line of its own.
    #[must_use]
    pub fn header(mut self, name: Name, value: &str) -> Self {
        self.additions.header(name, value);
        self
    }

    /// Adds a header line whose name has no [`Name`]; the name is the caller's own, never a peer's.
    #[must_use]
    pub fn extension(mut self, name: &str, value: &str) -> Self {
        self.additions.extension(name, value);
        self
    }

    /// Adds the body, and Content-Type as a line at this place.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.additions.body(content_type, body.into());
        self
    }

    /// The parts a signature of the request covers, as they stand now.
    #[must_use]
    pub fn pieces(&self) -> Pieces<'_> {
        let (from_uri, from_tag) = uri_and_tag(&self.from, Name::From);
        let (to_uri, to_tag) = uri_and_tag(&self.to, Name::To);
        Pieces {
            call_id: &self.call_id,
            cseq: self.cseq.to_string().into(),
            method: self.method.as_str(),
            from_uri,
            from_tag,
            to_uri,
            to_tag,
            asserted_sip: "",
            asserted_tel: "",
            expires: self.additions.expires(),
            code: None,
        }
    }

    /// The octets of the request, with the signature of [`Draft::pieces`] as the value of Authentication-Info.
    #[must_use]
    pub fn finish(&self, authentication_info: Option<&str>) -> Vec<u8> {
        let mut head = String::with_capacity(1024);
        head.push_str(self.method.as_str());
        head.push(' ');
        head.push_str(&self.target);
        head.push_str(" SIP/2.0\r\n");
        line(&mut head, "Via", &self.via);
        self.routes.iter().for_each(|route| line(&mut head, "Route", route));
        line(&mut head, "From", &self.from);
        line(&mut head, "To", &self.to);
        line(&mut head, "Call-ID", &self.call_id);
        line(&mut head, "CSeq", &format!("{} {}", self.cseq, self.method));
        line(&mut head, "Max-Forwards", &self.max_forwards.to_string());
        self.additions.finish(head, authentication_info)
    }
}

/// The URI and tag of a From or To; empty where there is none.
pub(crate) fn uri_and_tag(value: &str, name: Name) -> (&str, &str) {
    match NameAddr::parse(value, name) {
        Ok(address) => (address.uri, address.tag().unwrap_or_default()),
        Err(_) => ("", ""),
    }
}
