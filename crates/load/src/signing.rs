//! The client's half of a sign-on, and the signature of everything it sends after.
//! Does not check what the server signed: the tests of the server do.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ntlm::{
    Applicant, Association, Challenge, FileTime, Fresh, NtHash, ReceivedChallenge, SignVersion, Signable,
    TargetNames, answer,
};

/// A security association in the client's role.
#[derive(Debug)]
pub struct Signing {
    association: Association,
    realm: String,
    target: String,
    opaque: String,
    crand: String,
    /// How many messages were signed.
    signed: u32,
}

/// What of a message is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// Call-ID.
    pub call_id: &'a str,
    /// The number of CSeq.
    pub cseq: &'a str,
    /// The method of CSeq.
    pub method: &'a str,
    /// URI and tag of From.
    pub from: (&'a str, &'a str),
    /// URI and tag of To.
    pub to: (&'a str, &'a str),
    /// Expires; empty when there is none.
    pub expires: &'a str,
    /// The code of a response.
    pub code: Option<u16>,
}

/// The value of Authorization that asks for a challenge.
#[must_use]
pub fn hello(offer: &str) -> String {
    let (realm, target) = (parameter(offer, "realm"), parameter(offer, "targetname"));
    format!("NTLM qop=\"auth\", realm=\"{realm}\", targetname=\"{target}\", gssapi-data=\"\", version=4")
}

impl Signing {
    /// The value of Authorization that answers a challenge, and what signs from then on; nothing when it is no challenge.
    /// `unique` is a number no other link of the run has.
    #[must_use]
    pub fn answer(challenge: &str, user: &str, hash: &NtHash, unique: u64) -> Option<(String, Self)> {
        let message = STANDARD.decode(parameter(challenge, "gssapi-data")).ok()?;
        let received = ReceivedChallenge::parse(&message).ok()?;
        let (reply, association) = answered(&received, user, hash, unique)?;
        let signing = Self {
            association,
            realm: parameter(challenge, "realm").to_owned(),
            target: parameter(challenge, "targetname").to_owned(),
            opaque: parameter(challenge, "opaque").to_owned(),
            crand: format!("{:08x}", unique & 0xffff_ffff),
            signed: 0,
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

    /// An association with nobody, for links to the raw server: whoever answers it has as much to do as with a real one.
    #[must_use]
    pub fn with_nobody(hash: &NtHash, unique: u64) -> Option<Self> {
        let names = TargetNames::new("example.com", "raw.example.com").ok()?;
        let challenge = Challenge::new(unique.to_be_bytes(), &names, TIME);
        let received = ReceivedChallenge::parse(challenge.octets()).ok()?;
        let (_, association) = answered(&received, "raw@example.com", hash, unique)?;
        Some(Self {
            association,
            realm: "SIP Communications Service".to_owned(),
            target: "raw.example.com".to_owned(),
            opaque: "00000000".to_owned(),
            crand: format!("{:08x}", unique & 0xffff_ffff),
            signed: 0,
        })
    }

    /// Appends the line Authorization of a message.
    pub fn sign(&mut self, message: &Signed<'_>, out: &mut Vec<u8>) {
        self.signed += 1;
        let num = self.signed.to_string();
        let text = Signable {
            version: SignVersion::Four,
            rand: &self.crand,
            num: &num,
            realm: &self.realm,
            target_name: &self.target,
            call_id: message.call_id,
            cseq: message.cseq,
            method: message.method,
            from_uri: message.from.0,
            from_tag: message.from.1,
            to_uri: message.to.0,
            to_tag: message.to.1,
            asserted_sip: "",
            asserted_tel: "",
            expires: message.expires,
            code: message.code,
        }
        .text();
        let signature = self.association.sign(&text);
        let Self { opaque, realm, target, crand, .. } = self;
        write!(
            out,
            "Authorization: NTLM qop=\"auth\", opaque=\"{opaque}\", realm=\"{realm}\", targetname=\"{target}\", \
             crand=\"{crand}\", cnum=\"{num}\", response=\"{signature}\"\r\n"
        )
        .expect("a vector takes all that is written");
    }
}

/// The moment every client of a run believes in; the server's own is used before it.
const TIME: FileTime = FileTime::from_ticks(134_399_880_000_000_000);

fn answered(
    challenge: &ReceivedChallenge,
    user: &str,
    hash: &NtHash,
    unique: u64,
) -> Option<(Vec<u8>, Association)> {
    let who = Applicant { user, domain: "", workstation: "LOAD", hash };
    let session_key = u128::from(unique | 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    let fresh =
        Fresh { client_challenge: unique.to_be_bytes(), session_key: session_key.to_be_bytes(), time: TIME };
    answer(challenge, &who, &fresh).ok()
}

/// The value of a parameter, without quotes; empty when there is none.
fn parameter<'a>(header: &'a str, name: &str) -> &'a str {
    let rest = header.split_once(' ').map_or("", |(_, rest)| rest);
    rest.split(", ")
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        .map_or("", |value| value.trim_matches('"'))
}
