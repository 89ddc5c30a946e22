//! Responses: what is copied from the request, what the caller adds, in the order clients read (RFC 3261 8.2.6).
//! Does not choose the status, and does not sign.

use std::borrow::Cow;

use bytes::Bytes;

use crate::compose::{Additions, line};
use crate::draft::uri_and_tag;
use crate::header::Name;
use crate::header::name_addr::NameAddr;
use crate::message::Request;
use crate::method::Method;
use crate::pieces::Pieces;
use crate::salvage::Salvage;
use crate::status::Status;

/// A response in the making: Via as received, From, To with our tag, Call-ID, CSeq, then what is added in its order,
/// Authentication-Info, Content-Length, body. Names are long.
#[derive(Clone, Debug)]
pub struct Reply<'a> {
    status: Status,
    vias: Vec<&'a str>,
    from: &'a str,
    to: &'a str,
    /// Empty when To has a tag already, or the answer has none.
    to_tag: &'a str,
    call_id: &'a str,
    cseq: &'a str,
    /// Of a request that begins a dialog.
    record_routes: Vec<&'a str>,
    additions: Additions,
}

impl<'a> Reply<'a> {
    /// A response to the request. `our_tag` is added to To where it has none, except in a 100. Record-Route is copied where a
    /// dialog begins (RFC 3261 12.1.1).
    #[must_use]
    pub fn to(request: &'a Request, status: Status, our_tag: &'a str) -> Self {
        let opens = matches!(request.method(), Method::Invite | Method::Subscribe | Method::Refer);
        let untagged = request.to().tag().is_none();
        let opens = opens && untagged && status != Status::TRYING && status.code() < 300;
        Self {
            status,
            vias: request.values(Name::Via).collect(),
            from: request.value(Name::From).unwrap_or_default(),
            to: request.value(Name::To).unwrap_or_default(),
            to_tag: if untagged && status != Status::TRYING { our_tag } else { "" },
            call_id: request.call_id(),
            cseq: request.value(Name::CSeq).unwrap_or_default(),
            record_routes: if opens { request.values(Name::RecordRoute).collect() } else { Vec::new() },
            additions: Additions::default(),
        }
    }

    /// The refusal of a request that could not be read, as far as it could be. Lines that are missing stay so.
    #[must_use]
    pub fn refusing(salvage: &'a Salvage, status: Status, our_tag: &'a str) -> Self {
        let to = salvage.to.as_deref().unwrap_or_default();
        let untagged = NameAddr::parse(to, Name::To).is_ok_and(|to| to.tag().is_none());
        Self {
            status,
            vias: salvage.vias.iter().map(String::as_str).collect(),
            from: salvage.from.as_deref().unwrap_or_default(),
            to,
            to_tag: if untagged { our_tag } else { "" },
            call_id: salvage.call_id.as_deref().unwrap_or_default(),
            cseq: salvage.cseq.as_deref().unwrap_or_default(),
            record_routes: Vec::new(),
            additions: Additions::default(),
        }
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

    /// The status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// The parts a signature of the response covers, as they stand now.
    #[must_use]
    pub fn pieces(&self) -> Pieces<'_> {
        let (from_uri, from_tag) = uri_and_tag(self.from, Name::From);
        let (to_uri, to_tag) = uri_and_tag(self.to, Name::To);
        let (cseq, method) = self.cseq.split_once([' ', '\t']).unwrap_or_default();
        Pieces {
            call_id: self.call_id,
            cseq: cseq.into(),
            method: method.trim_start_matches([' ', '\t']),
            from_uri,
            from_tag,
            to_uri,
            to_tag: if to_tag.is_empty() { self.to_tag } else { to_tag },
            asserted_sip: "",
            asserted_tel: "",
            expires: self.additions.expires(),
            code: Some(self.status.code()),
        }
    }

    /// The octets of the response, with the signature of [`Reply::pieces`] as the value of Authentication-Info.
    #[must_use]
    pub fn finish(&self, authentication_info: Option<&str>) -> Vec<u8> {
        let mut head = String::with_capacity(1024);
        head.push_str("SIP/2.0 ");
        head.push_str(&self.status.to_string());
        head.push(' ');
        head.push_str(self.status.phrase());
        head.push_str("\r\n");
        self.vias.iter().for_each(|via| line(&mut head, "Via", via));
        for (name, value, tag) in [
            ("From", self.from, ""),
            ("To", self.to, self.to_tag),
            ("Call-ID", self.call_id, ""),
            ("CSeq", self.cseq, ""),
        ] {
            if !value.is_empty() {
                let with_tag: Cow<str> =
                    if tag.is_empty() { value.into() } else { format!("{value};tag={tag}").into() };
                line(&mut head, name, &with_tag);
            }
        }
        self.record_routes.iter().for_each(|route| line(&mut head, "Record-Route", route));
        self.additions.finish(head, authentication_info)
    }
}
