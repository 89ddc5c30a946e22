//! SIP messages as a client under load reads them: where one ends, and the few lines that an answer repeats.
//! Shares no code with the server's own reading, so that a fault there cannot hide itself here.

use crate::limits::MESSAGE_OCTETS_MAX;

/// One message, in place.
#[derive(Clone, Copy, Default, Debug)]
pub struct Heard<'a> {
    /// The first line.
    pub start: &'a str,
    /// Via, as it stands.
    pub via: &'a str,
    /// From, as it stands.
    pub from: &'a str,
    /// To, as it stands.
    pub to: &'a str,
    /// Call-ID.
    pub call_id: &'a str,
    /// CSeq, as it stands.
    pub cseq: &'a str,
    /// Contact, as it stands; empty when there is none.
    pub contact: &'a str,
    /// The challenge of a sign-on; empty when there is none.
    pub challenge: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// How many octets the whole message has.
    pub octets: usize,
}

/// What was read is no SIP, or too much of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotSip;

/// The message that begins here, if all of it is there.
///
/// # Errors
/// [`NotSip`].
pub fn first(input: &[u8]) -> Result<Option<Heard<'_>>, NotSip> {
    let Some(head_end) = memchr::memmem::find(input, b"\r\n\r\n") else {
        return if input.len() > MESSAGE_OCTETS_MAX { Err(NotSip) } else { Ok(None) };
    };
    let head = str::from_utf8(&input[..head_end]).map_err(|_| NotSip)?;
    let mut lines = head.split("\r\n");
    let mut heard = Heard { start: lines.next().unwrap_or_default(), ..Heard::default() };
    if !heard.start.contains("SIP/2.0") {
        return Err(NotSip);
    }
    let mut length = 0;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { return Err(NotSip) };
        let value = value.trim();
        match name {
            "Via" => heard.via = value,
            "From" => heard.from = value,
            "To" => heard.to = value,
            "Call-ID" => heard.call_id = value,
            "CSeq" => heard.cseq = value,
            "Contact" => heard.contact = value,
            "WWW-Authenticate" => heard.challenge = value,
            "Content-Length" => length = value.parse().map_err(|_| NotSip)?,
            _ => (),
        }
    }
    if length > MESSAGE_OCTETS_MAX {
        return Err(NotSip);
    }
    heard.octets = head_end + 4 + length;
    if input.len() < heard.octets {
        return Ok(None);
    }
    heard.body = &input[head_end + 4..heard.octets];
    Ok(Some(heard))
}

impl Heard<'_> {
    /// The code of a response; nothing for a request.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }
}

/// The URI of an address.
#[must_use]
pub fn uri(address: &str) -> &str {
    address.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(address, |(uri, _)| uri)
}

/// The tag of an address; empty when there is none.
#[must_use]
pub fn tag(address: &str) -> &str {
    let after = address.rsplit_once('>').map_or(address, |(_, rest)| rest);
    after.split(';').find_map(|part| part.trim().strip_prefix("tag=")).unwrap_or_default()
}

/// What stands between two marks in a body.
#[must_use]
pub fn between<'a>(body: &'a [u8], before: &[u8], after: &[u8]) -> Option<&'a [u8]> {
    let rest = &body[memchr::memmem::find(body, before)? + before.len()..];
    Some(&rest[..memchr::memmem::find(rest, after)?])
}
