//! Messages as octets before they are sent, so that a test can spoil, split or repeat them.
//! Sends nothing; `person.rs` does.

use super::message::Message;
use super::person::{Dialog, Person};
use super::signing::message_of;

/// A request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Written {
    /// What is sent; a test may change it.
    pub octets: Vec<u8>,
    /// By what its answer is known.
    named: [String; 3],
}

impl Written {
    /// The same request with other octets.
    #[must_use]
    pub fn with(&self, octets: impl Into<Vec<u8>>) -> Self {
        Self { octets: octets.into(), named: self.named.clone() }
    }

    /// The request as text.
    ///
    /// # Panics
    /// When a test made it something else.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.octets.clone()).expect("it was written as text")
    }

    /// The same request with one hexadecimal digit of its signature changed.
    ///
    /// # Panics
    /// When it is not signed.
    #[must_use]
    pub fn spoilt(&self) -> Self {
        self.with(spoilt(self.text()))
    }

    /// Call-ID.
    #[must_use]
    pub fn call_id(&self) -> &str {
        &self.named[0]
    }

    /// The number in CSeq.
    #[must_use]
    pub fn cseq(&self) -> &str {
        &self.named[1]
    }

    /// Whether this is its final answer.
    #[must_use]
    pub fn is_answered_by(&self, answer: &Message) -> bool {
        let named = [answer.header("Call-ID").unwrap_or_default(), answer.cseq(), answer.cseq_method()];
        answer.status() >= Some(200) && named == self.named.each_ref().map(String::as_str)
    }
}

/// The same message with one hexadecimal digit of its signature changed.
///
/// # Panics
/// When it is not signed.
#[must_use]
pub fn spoilt(mut message: String) -> String {
    // Behind the version of the signature, which is `01000000`.
    let at = message.find("response=\"").expect("the message is signed") + "response=\"".len() + 12;
    let other = if message[at..].starts_with('0') { "1" } else { "0" };
    message.replace_range(at..=at, other);
    message
}

impl Person {
    /// A request of the dialog, signed once there is a key, unless signing is switched off or `headers` bring credentials.
    ///
    /// A line of `headers` takes the place of the usual one of its name; one without a value takes it away.
    pub(super) fn compose(
        &mut self,
        dialog: &Dialog,
        method: &str,
        cseq: u32,
        headers: &str,
        body: &str,
    ) -> Written {
        let own: Vec<(&str, &str)> = headers.split("\r\n").filter_map(|line| line.split_once(':')).collect();
        let to_tag =
            if dialog.remote_tag.is_empty() { String::new() } else { format!(";tag={}", dialog.remote_tag) };
        let usual = [
            ("Via", "SIP/2.0/tcp 127.0.0.1:5".to_owned()),
            ("From", format!("<{}>;tag={};epid={}", self.address, dialog.local_tag, self.epid)),
            ("To", format!("<{}>{to_tag}", dialog.uri)),
            ("Max-Forwards", "70".to_owned()),
            ("CSeq", format!("{cseq} {method}")),
            ("User-Agent", "testkit".to_owned()),
            ("Call-ID", dialog.call_id.clone()),
            ("Content-Length", body.len().to_string()),
        ];
        let mut text = format!("{method} {} SIP/2.0\r\n", dialog.target);
        let last = usual.len() - 1;
        let others = own.iter().filter(|(name, _)| !usual.iter().any(|(known, _)| known == name));
        let others = others.map(|(name, value)| (*name, value.trim()));
        let chosen = usual.iter().map(|(name, value)| {
            let replaced = own.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim());
            (*name, replaced.unwrap_or(value))
        });
        let chosen: Vec<_> = chosen.collect();
        for (name, value) in chosen[..last].iter().copied().chain(others).chain([chosen[last]]) {
            if !value.is_empty() {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        let signs = self.signs && !own.iter().any(|(name, _)| *name == "Authorization");
        if let (true, Some(signing)) = (signs, self.signing.as_mut()) {
            text.push_str(&signing.authorization(&text));
        }
        let head = message_of(&text);
        let named = [head.header("Call-ID").unwrap_or_default(), head.cseq(), head.cseq_method()];
        let named = named.map(str::to_owned);
        text.push_str("\r\n");
        text.push_str(body);
        Written { octets: text.into_bytes(), named }
    }

    /// The octets of a response to a request of the server, signed as requests are.
    pub fn response(&mut self, request: &Message, status: &str) -> Vec<u8> {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for (name, value) in &request.headers {
            if ["via", "from", "to", "call-id", "cseq"].contains(&name.to_ascii_lowercase().as_str()) {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        text.push_str("Content-Length: 0\r\n");
        if let (true, Some(signing)) = (self.signs, self.signing.as_mut()) {
            // The method of a response is that of its CSeq, its status a part of what is signed.
            text.push_str(&signing.authorization(&text));
        }
        text.push_str("\r\n");
        text.into_bytes()
    }
}
