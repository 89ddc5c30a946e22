//! What a person does with everything that comes: requests of the server are answered 200, at once and in their order.
//! What they mean is looked at elsewhere.

use std::io::Write as _;

use crate::link::Link;
use crate::signing::{Signed, Signing};
use crate::wire::{self, Heard};

/// Looks at every whole message of a link. Requests of the server are answered 200 first, but for those that want no answer.
/// Returns, as an error, the beginning of what is no SIP.
pub(crate) fn take(
    link: &mut Link,
    mut signing: Option<&mut Signing>,
    mut look: impl FnMut(&Heard<'_>, &[u8]),
) -> Result<(), String> {
    loop {
        let blank = link.input[link.seen..].iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        link.seen += blank;
        let rest = &link.input[link.seen..];
        let heard = wire::first(rest)
            .map_err(|_| String::from_utf8_lossy(&rest[..rest.len().min(80)]).into_owned())?;
        let Some(heard) = heard else { return Ok(()) };
        if heard.code().is_none() && !heard.start.starts_with("BENOTIFY") {
            answer(&heard, signing.as_deref_mut(), &mut link.out);
        }
        look(&heard, &rest[..heard.octets]);
        link.seen += heard.octets;
    }
}

/// Appends the 200 to a request of the server.
fn answer(heard: &Heard<'_>, signing: Option<&mut Signing>, out: &mut Vec<u8>) {
    let Heard { via, from, to, call_id, cseq, .. } = heard;
    write!(
        out,
        "SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n"
    )
    .expect("a vector takes all that is written");
    if let Some(signing) = signing {
        let (number, method) = cseq.split_once(' ').unwrap_or_default();
        let signed = Signed {
            call_id,
            cseq: number,
            method,
            from: (wire::uri(from), wire::tag(from)),
            to: (wire::uri(to), wire::tag(to)),
            expires: "",
            code: Some(200),
        };
        signing.sign(&signed, out);
    }
    out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
}
