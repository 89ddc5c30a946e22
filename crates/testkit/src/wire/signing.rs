//! The client's half of a legacy sign-on: what it answers to a challenge and how it signs and checks messages.
//! The pieces it signs are cut out of the text itself, not out of what the server understood.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ntlm::{
    Applicant, Association, FileTime, Fresh, NtHash, ReceivedChallenge, SignVersion, Signable, answer,
};

use super::message::Message;

/// A security association in the client's role.
#[derive(Debug)]
pub struct Signing {
    association: Association,
    realm: String,
    target: String,
    opaque: String,
    crand: String,
    /// The number of the last message that was signed.
    pub cnum: u32,
}

/// The `Authorization` of the second REGISTER: no message yet.
#[must_use]
pub fn hello(offer: &str) -> String {
    let (realm, target) = (parameter(offer, "realm"), parameter(offer, "targetname"));
    format!("NTLM qop=\"auth\", realm=\"{realm}\", targetname=\"{target}\", gssapi-data=\"\", version=4")
}

impl Signing {
    /// The `Authorization` of the third REGISTER and what signs from then on; `None` when the challenge is none.
    #[must_use]
    pub fn answer(
        challenge: &str,
        login: &(String, String),
        password: &str,
        unique: u64,
    ) -> Option<(String, Self)> {
        let message = STANDARD.decode(parameter(challenge, "gssapi-data")).ok()?;
        let received = ReceivedChallenge::parse(&message).ok()?;
        let hash = NtHash::of_password(password);
        let who = Applicant { user: &login.0, domain: &login.1, workstation: "TESTKIT", hash: &hash };
        let fresh = Fresh {
            client_challenge: unique.to_be_bytes(),
            session_key: u128::from(unique)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
                .to_be_bytes(),
            time: FileTime::from_unix_micros(1_795_514_400_000_000),
        };
        let (reply, association) = answer(&received, &who, &fresh).ok()?;
        let signing = Self {
            association,
            realm: parameter(challenge, "realm"),
            target: parameter(challenge, "targetname"),
            opaque: parameter(challenge, "opaque"),
            crand: format!("{:08x}", unique & 0xffff_ffff),
            cnum: 0,
        };
        let header = format!(
            "NTLM qop=\"auth\", opaque=\"{}\", realm=\"{}\", targetname=\"{}\", gssapi-data=\"{}\", version=4",
            signing.opaque,
            signing.realm,
            signing.target,
            STANDARD.encode(reply)
        );
        Some((header, signing))
    }

    /// The `Authorization` line for a request or response whose text up to here is given.
    pub fn authorization(&mut self, head: &str) -> String {
        self.cnum += 1;
        let num = self.cnum.to_string();
        let message = message_of(head);
        let text = self.text(&message, &self.crand, &num);
        format!(
            "Authorization: NTLM qop=\"auth\", opaque=\"{}\", realm=\"{}\", targetname=\"{}\", crand=\"{}\", cnum=\"{num}\", \
             response=\"{}\"\r\n",
            self.opaque,
            self.realm,
            self.target,
            self.crand,
            self.association.sign(&text)
        )
    }

    /// Checks the server's signature; provisional answers and challenges may go without.
    ///
    /// # Panics
    /// When a message that must be signed is not, or wrongly.
    pub fn check(&self, message: &Message) {
        let status = message.status();
        if status.is_some_and(|status| status < 200 || status == 401) {
            return;
        }
        let info = message.header("Authentication-Info");
        let info = info.unwrap_or_else(|| panic!("the server signs every message: {message:?}"));
        let text = self.text(message, &parameter(info, "srand"), &parameter(info, "snum"));
        assert!(
            self.association.verify(&text, &parameter(info, "rspauth")),
            "a wrong signature of the server: {message:?}"
        );
    }

    fn text(&self, message: &Message, rand: &str, num: &str) -> String {
        Signable {
            version: SignVersion::Four,
            rand,
            num,
            realm: &self.realm,
            target_name: &self.target,
            call_id: message.header("Call-ID").unwrap_or_default(),
            cseq: message.cseq(),
            method: message.cseq_method(),
            from_uri: message.uri("From"),
            from_tag: message.tag("From"),
            to_uri: message.uri("To"),
            to_tag: message.tag("To"),
            asserted_sip: message.uri("P-Asserted-Identity"),
            asserted_tel: "",
            expires: message.header("Expires").unwrap_or_default(),
            code: message.status(),
        }
        .text()
    }
}

pub(super) fn message_of(head: &str) -> Message {
    let mut lines = head.split("\r\n");
    let start = lines.next().unwrap_or_default().to_owned();
    let headers = lines
        .filter_map(|line| {
            line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        })
        .collect();
    Message { start, headers, body: String::new() }
}

/// The value of a parameter, without quotes; empty if there is none.
pub(super) fn parameter(header: &str, name: &str) -> String {
    let rest = header.split_once(' ').map_or("", |(_, rest)| rest);
    rest.split(", ")
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        .map(|value| value.trim_matches('"').to_owned())
        .unwrap_or_default()
}
