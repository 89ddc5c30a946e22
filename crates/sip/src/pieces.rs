//! The parts of a message that a signature of [MS-SIPAE] 3.1 covers, besides the parameters of the signature itself.
//! Does not sign: joining and signing them is the caller's and another crate's business.

use std::borrow::Cow;

/// Parts of one message; what it lacks is an empty text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pieces<'a> {
    /// Call-ID.
    pub call_id: &'a str,
    /// The number of CSeq, in the digits it is written with.
    pub cseq: Cow<'a, str>,
    /// The method of CSeq.
    pub method: &'a str,
    /// The URI of From, without angle brackets.
    pub from_uri: &'a str,
    /// The tag of From.
    pub from_tag: &'a str,
    /// The URI of To, without angle brackets.
    pub to_uri: &'a str,
    /// The tag of To.
    pub to_tag: &'a str,
    /// The first sip URI of P-Asserted-Identity.
    pub asserted_sip: &'a str,
    /// The first tel URI of P-Asserted-Identity.
    pub asserted_tel: &'a str,
    /// The value of Expires.
    pub expires: &'a str,
    /// The code of a response; `None` for a request.
    pub code: Option<u16>,
}
