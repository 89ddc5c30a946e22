//! The session that two people of the real client had with a server, as it was recorded for the tests of `sip`: TLS, signed, with
//! posts in both directions. Chooses none of it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ntlm::{Association, Authenticate, Challenge, FileTime, NtHash, TargetNames};
use sip::Message;

const RECORDED: &str = include_str!("../../sip/tests/data/tls-ntlm-two-users.txt");

/// Where the octets that were rolled for a CHALLENGE stand in it, and how far from its end its time.
const ROLLED_AT: std::ops::Range<usize> = 24..32;
const TIME_FROM_END: usize = 12;

/// Everything that was said.
pub struct Session {
    /// In order.
    pub messages: Vec<Said>,
    /// By link.
    associations: HashMap<&'static str, Association>,
}

/// One message.
pub struct Said {
    /// The link it went over.
    pub link: &'static str,
    /// Whether a client said it.
    pub by_client: bool,
    /// Its octets as they were on the wire.
    pub octets: Vec<u8>,
    /// What it is.
    pub message: Message,
}

impl Session {
    /// The session.
    pub fn recorded() -> Self {
        let messages: Vec<Said> = RECORDED.split("======== ").skip(1).map(Said::read).collect();
        let associations = associations(&messages);
        Self { messages, associations }
    }

    /// What both ends of the link shared over which this was said.
    pub fn shared(&self, said: &Said) -> &Association {
        &self.associations[said.link]
    }
}

impl Said {
    /// Reads a block of the file, which has line ends as LF alone where they were CR LF: in heads and, as Content-Length shows, in
    /// some bodies.
    fn read(block: &'static str) -> Self {
        let (title, message) = block.split_once('\n').expect("a title stands over each message");
        let (head, body) = message.split_once("\n\n").expect("an empty line follows each head");
        let mut words = title.split_whitespace();
        let by_client = words.next() == Some("C->S");
        let link = words.next().expect("a title names the link");
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).expect("each message has a length");
        let body = body.strip_suffix('\n').expect("a line end follows each message");
        let body = body.replacen('\n', "\r\n", length - body.len());
        let octets = format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes();
        let message = Message::parse(Bytes::copy_from_slice(&octets)).expect("the recorded messages are SIP");
        Self { link, by_client, octets, message }
    }

    /// The text of it.
    pub fn text(&self) -> &str {
        str::from_utf8(&self.octets).expect("the file is text")
    }

    /// The NTLM message in it, if there is one.
    fn token(&self) -> Option<Vec<u8>> {
        let (_, rest) = self.text().split_once("gssapi-data=\"")?;
        let (token, _) = rest.split_once('"')?;
        let token = STANDARD.decode(token).expect("tokens are base64");
        (!token.is_empty()).then_some(token)
    }
}

/// Signs everybody on again: the server's CHALLENGE is made anew with what was rolled for it, the client's answer is the recorded one.
fn associations(messages: &[Said]) -> HashMap<&'static str, Association> {
    let mut challenges = HashMap::new();
    let mut associations = HashMap::new();
    for said in messages {
        let Some(token) = said.token() else { continue };
        if !said.by_client {
            challenges.insert(said.link, challenge_again(&token));
            continue;
        }
        let answer = Authenticate::parse(&token).expect("the answer of a client");
        let (user, _) = answer.user().split_once('@').expect("clients sign on with an address");
        let hash = NtHash::of_password(&format!("{user}-pw"));
        let challenge = challenges.remove(said.link).expect("a challenge comes before its answer");
        associations.insert(said.link, challenge.accept(&answer, &hash).expect("the password was right"));
    }
    associations
}

fn challenge_again(recorded: &[u8]) -> Challenge {
    let names = TargetNames::new("example.com", "server.example.com").expect("the names are short");
    let rolled = recorded[ROLLED_AT].try_into().expect("there are eight");
    let time = recorded.len() - TIME_FROM_END;
    let time = u64::from_le_bytes(recorded[time..time + 8].try_into().expect("there are eight"));
    Challenge::new(rolled, &names, FileTime::from_ticks(time))
}
