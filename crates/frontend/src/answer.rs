//! A response before it is addressed: status, lines, body.
//! Says nothing of whom it answers; `link.rs` copies that from the request, signs and sends.

use std::borrow::Cow;

use bytes::Bytes;
use sip::{Name, Reply, Status};

/// What a request is answered with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    lines: Vec<(Name, String)>,
    body: Option<(Cow<'static, str>, Bytes)>,
}

impl Answer {
    /// This status and nothing more.
    pub(crate) fn new(status: Status) -> Self {
        Self { status, lines: Vec::new(), body: None }
    }

    /// 200.
    pub(crate) fn ok() -> Self {
        Self::new(Status::OK)
    }

    /// Adds a line.
    pub(crate) fn line(mut self, name: Name, value: impl Into<String>) -> Self {
        self.lines.push((name, value.into()));
        self
    }

    /// Adds the body.
    pub(crate) fn body(mut self, content_type: impl Into<Cow<'static, str>>, body: impl Into<Bytes>) -> Self {
        self.body = Some((content_type.into(), body.into()));
        self
    }

    /// The same, addressed.
    pub(crate) fn address<'a>(&self, mut reply: Reply<'a>) -> Reply<'a> {
        for (name, value) in &self.lines {
            reply = reply.header(*name, value);
        }
        match &self.body {
            Some((content_type, body)) => reply.body(content_type, body.clone()),
            None => reply,
        }
    }
}
