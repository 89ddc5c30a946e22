//! The INFO requests of one dialog, rendered beforehand: only number, branch, signature and body differ.
//! The road of every delivered post; other requests of ours come from `draft.rs`.

use std::io::Write as _;

use crate::compose::line;
use crate::dialog::Dialog;
use crate::draft::{Hop, MAX_FORWARDS, uri_and_tag};
use crate::header::Name;
use crate::pieces::Pieces;

/// What all INFO requests of a dialog have in common. Made again when the client moved ([`crate::Admitted::Moved`]).
#[derive(Clone, Debug)]
pub struct InfoTemplate {
    /// Start line and Via, up to the value of branch.
    before_branch: String,
    /// From the end of Via up to the number of CSeq.
    before_cseq: String,
    /// From the end of CSeq up to what differs again.
    after_cseq: String,
    call_id: String,
    from: Party,
    to: Party,
}

/// One end of the dialog, as a signature covers it.
#[derive(Clone, Debug)]
struct Party {
    uri: String,
    tag: String,
}

/// What differs from one INFO to the next.
#[derive(Clone, Copy, Debug)]
pub struct Info<'a> {
    /// The number, of [`Dialog::next_cseq`].
    pub cseq: u32,
    /// The branch, with its cookie.
    pub branch: &'a str,
    /// The value of Authentication-Info: the signature of [`InfoTemplate::pieces`].
    pub authentication_info: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

const AUTHENTICATION_INFO: &str = "Authentication-Info: ";
const CONTENT_LENGTH: &str = "Content-Length: ";
/// Octets of the line ends, the two numbers and the empty line at most.
const SLACK: usize = 64;

impl InfoTemplate {
    /// The template of the dialog as it stands. `content_type` is that of all bodies.
    #[must_use]
    pub fn new(dialog: &Dialog, hop: &Hop, content_type: &str) -> Self {
        let (target, routes) = dialog.way();
        let mut before_cseq = String::from("\r\n");
        routes.iter().for_each(|route| line(&mut before_cseq, "Route", route));
        line(&mut before_cseq, "From", dialog.local());
        line(&mut before_cseq, "To", dialog.remote());
        line(&mut before_cseq, "Call-ID", dialog.call_id());
        before_cseq.push_str("CSeq: ");
        let mut after_cseq = String::from(" INFO\r\n");
        line(&mut after_cseq, "Max-Forwards", &MAX_FORWARDS.to_string());
        line(&mut after_cseq, "Content-Type", content_type);
        Self {
            before_branch: format!("INFO {target} SIP/2.0\r\nVia: {}", hop.via()),
            before_cseq,
            after_cseq,
            call_id: dialog.call_id().to_owned(),
            from: Party::new(dialog.local(), Name::From),
            to: Party::new(dialog.remote(), Name::To),
        }
    }

    /// The parts a signature of the INFO with this number covers.
    #[must_use]
    pub fn pieces(&self, cseq: u32) -> Pieces<'_> {
        Pieces {
            call_id: &self.call_id,
            cseq: cseq.to_string().into(),
            method: "INFO",
            from_uri: &self.from.uri,
            from_tag: &self.from.tag,
            to_uri: &self.to.uri,
            to_tag: &self.to.tag,
            asserted_sip: "",
            asserted_tel: "",
            expires: "",
            code: None,
        }
    }

    /// The octets of one INFO.
    #[must_use]
    pub fn render(&self, info: &Info<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        self.render_into(info, &mut out);
        out
    }

    /// Appends the octets of one INFO; the buffer grows at most once.
    pub fn render_into(&self, info: &Info<'_>, out: &mut Vec<u8>) {
        let signature = info.authentication_info.unwrap_or_default();
        let fixed = self.before_branch.len() + self.before_cseq.len() + self.after_cseq.len();
        let names = AUTHENTICATION_INFO.len() + CONTENT_LENGTH.len() + SLACK;
        out.reserve(fixed + info.branch.len() + signature.len() + names + info.body.len());
        out.extend_from_slice(self.before_branch.as_bytes());
        out.extend_from_slice(info.branch.as_bytes());
        out.extend_from_slice(self.before_cseq.as_bytes());
        write!(out, "{}", info.cseq).expect("a vector takes all that is written");
        out.extend_from_slice(self.after_cseq.as_bytes());
        if info.authentication_info.is_some() {
            out.extend_from_slice(AUTHENTICATION_INFO.as_bytes());
            out.extend_from_slice(signature.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        write!(out, "{CONTENT_LENGTH}{}\r\n\r\n", info.body.len())
            .expect("a vector takes all that is written");
        out.extend_from_slice(info.body);
    }
}

impl Party {
    fn new(value: &str, name: Name) -> Self {
        let (uri, tag) = uri_and_tag(value, name);
        Self { uri: uri.to_owned(), tag: tag.to_owned() }
    }
}
