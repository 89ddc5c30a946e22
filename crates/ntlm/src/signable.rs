//! The text that is signed for a SIP message ([MS-SIPAE] 3.1): chosen pieces, each in angle brackets.
//! Does not read SIP: the caller cuts the pieces out of the message. The body is not among them.

/// The pieces of one SIP message that its signature covers. What the message lacks is an empty text.
///
/// The pieces are joined without escaping, so a piece that itself holds `<` or `>` could be read as two; a receiver
/// refuses such a message ([`Signable::is_plain`]).
#[derive(Clone, Copy, Debug)]
pub struct Signable<'a> {
    /// The `version` agreed in the sign-on.
    pub version: SignVersion,
    /// `crand` of the client or `srand` of the server, without quotes, as all parameters here.
    pub rand: &'a str,
    /// `cnum` of the client or `snum` of the server.
    pub num: &'a str,
    /// `realm`.
    pub realm: &'a str,
    /// `targetname`.
    pub target_name: &'a str,
    /// The Call-ID.
    pub call_id: &'a str,
    /// The number of CSeq.
    pub cseq: &'a str,
    /// The method of CSeq, in responses too.
    pub method: &'a str,
    /// The URI of From, without angle brackets.
    pub from_uri: &'a str,
    /// The tag of From.
    pub from_tag: &'a str,
    /// The URI of To, without angle brackets.
    pub to_uri: &'a str,
    /// The tag of To.
    pub to_tag: &'a str,
    /// The sip: URI of P-Asserted-Identity.
    pub asserted_sip: &'a str,
    /// The tel: URI of P-Asserted-Identity.
    pub asserted_tel: &'a str,
    /// The value of the Expires header field.
    pub expires: &'a str,
    /// The status code of a response; `None` for a request.
    pub code: Option<u16>,
}

/// The versions of the signed text that exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignVersion {
    /// Version 2: without the URI of To and without P-Asserted-Identity.
    Two,
    /// Version 3.
    Three,
    /// Version 4: the same text as version 3.
    Four,
}

impl SignVersion {
    /// From the `version` parameter; `None` if there is no such version.
    #[must_use]
    pub fn from_parameter(value: &str) -> Option<Self> {
        match value {
            "2" => Some(Self::Two),
            "3" => Some(Self::Three),
            "4" => Some(Self::Four),
            _ => None,
        }
    }

    /// The value of the `version` parameter.
    #[must_use]
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Two => "2",
            Self::Three => "3",
            Self::Four => "4",
        }
    }
}

impl Signable<'_> {
    /// The text to sign or verify.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(512);
        for piece in ["NTLM"].into_iter().chain(self.pieces()) {
            text.push('<');
            text.push_str(piece);
            text.push('>');
        }
        if let Some(code) = self.code {
            text.push('<');
            text.push_str(&code.to_string());
            text.push('>');
        }
        text
    }

    /// Whether no piece holds an angle bracket, so that the text can be read in one way only.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        // All of it is looked at, which is quicker than to stop at the first.
        let bracket = |octet: u8| (octet == b'<') | (octet == b'>');
        !self.pieces().any(|piece| piece.bytes().fold(false, |found, octet| found | bracket(octet)))
    }

    fn pieces(&self) -> impl Iterator<Item = &str> {
        let wide = self.version != SignVersion::Two;
        [
            Some(self.rand),
            Some(self.num),
            Some(self.realm),
            Some(self.target_name),
            Some(self.call_id),
            Some(self.cseq),
            Some(self.method),
            Some(self.from_uri),
            Some(self.from_tag),
            wide.then_some(self.to_uri),
            Some(self.to_tag),
            wide.then_some(self.asserted_sip),
            wide.then_some(self.asserted_tel),
            Some(self.expires),
        ]
        .into_iter()
        .flatten()
    }
}
