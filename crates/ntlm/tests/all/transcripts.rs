//! Sign-ons of the real client (pidgin-sipe 1.25.0) as they went over the wire, without the bodies, which no signature
//! covers: every signature in them is verified, and made again, with this crate.
//! Reads just enough of SIP to cut out the signed pieces; it is no model of how the front end does it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ntlm::{
    Applicant, Association, Authenticate, Challenge, FileTime, Fresh, NtHash, ReceivedChallenge, Refused,
    SignVersion, Signable, TargetNames, answer,
};

const TWO_PEOPLE: &str = include_str!("../data/two-people.txt");
const WRONG_PASSWORD: &str = include_str!("../data/wrong-password.txt");

/// Where the time stands from the end of our CHALLENGE: before the end mark of four octets.
const TIME_FROM_END: usize = 12;

struct Sip<'a> {
    from_client: bool,
    link: &'a str,
    start: &'a str,
    headers: HashMap<&'a str, &'a str>,
}

fn messages(transcript: &str) -> impl Iterator<Item = Sip<'_>> {
    transcript.split("\n\n").map(|block| {
        let mut lines = block.lines();
        let (side, link) = lines.next().unwrap().split_once(' ').unwrap();
        let start = lines.next().unwrap();
        Sip {
            from_client: side == "C->S",
            link,
            start,
            headers: lines.filter_map(|l| l.split_once(": ")).collect(),
        }
    })
}

impl<'a> Sip<'a> {
    fn header(&self, name: &str) -> &'a str {
        self.headers.get(name).copied().unwrap_or_default()
    }

    fn credentials(&self) -> &'a str {
        let names = ["Authorization", "Authentication-Info", "WWW-Authenticate"];
        names.into_iter().map(|name| self.header(name)).find(|value| !value.is_empty()).unwrap_or_default()
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        let (_, rest) = self.credentials().split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"')?.0)
    }

    /// The NTLM message in it, if there is one.
    fn token(&self) -> Option<Vec<u8>> {
        self.parameter("gssapi-data")
            .filter(|data| !data.is_empty())
            .map(|data| STANDARD.decode(data).unwrap())
    }

    /// The signature on it, if there is one.
    fn signature(&self) -> Option<&'a str> {
        self.parameter(if self.from_client { "response" } else { "rspauth" })
    }

    fn text(&self) -> String {
        let own = |client, server| self.parameter(if self.from_client { client } else { server }).unwrap();
        let (cseq, method) = self.header("CSeq").split_once(' ').unwrap();
        let code = self.start.strip_prefix("SIP/2.0 ").map(|rest| rest[..3].parse().unwrap());
        let signable = Signable {
            version: SignVersion::Four,
            rand: own("crand", "srand"),
            num: own("cnum", "snum"),
            realm: self.parameter("realm").unwrap(),
            target_name: self.parameter("targetname").unwrap(),
            call_id: self.header("Call-ID"),
            cseq,
            method,
            from_uri: uri(self.header("From")),
            from_tag: tag(self.header("From")),
            to_uri: uri(self.header("To")),
            to_tag: tag(self.header("To")),
            asserted_sip: "",
            asserted_tel: "",
            expires: self.header("Expires"),
            code,
        };
        signable.plain_text().expect("no piece holds an angle bracket")
    }
}

fn uri(header: &str) -> &str {
    header.split_once('<').unwrap().1.split_once('>').unwrap().0
}

fn tag(header: &str) -> &str {
    let parameters = header.split_once('>').unwrap().1;
    parameters.split(';').find_map(|p| p.strip_prefix("tag=")).unwrap_or_default()
}

/// Our CHALLENGE with the random octets and the time of a recorded one.
fn challenge_again(recorded: &[u8]) -> Challenge {
    let names = TargetNames::new("example.com", "server.example.com").unwrap();
    let time = recorded.len() - TIME_FROM_END;
    let time = u64::from_le_bytes(recorded[time..time + 8].try_into().unwrap());
    Challenge::new(recorded[24..32].try_into().unwrap(), &names, FileTime::from_ticks(time))
}

#[test]
fn our_challenge_is_the_one_the_client_answered() {
    let mut seen = 0;
    for message in messages(TWO_PEOPLE).filter(|message| !message.from_client) {
        let Some(recorded) = message.token() else { continue };
        assert_eq!(challenge_again(&recorded).octets(), recorded);
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn every_signature_of_two_people_is_verified_and_made_again() {
    let mut challenges: HashMap<&str, Challenge> = HashMap::new();
    let mut links: HashMap<&str, Association> = HashMap::new();
    let (mut from_clients, mut from_server) = (0, 0);
    for message in messages(TWO_PEOPLE) {
        match (message.token(), message.from_client) {
            (Some(octets), false) => {
                challenges.insert(message.link, challenge_again(&octets));
            }
            (Some(octets), true) => {
                let answer = Authenticate::parse(&octets).unwrap();
                let name = answer.user().strip_suffix("@example.com").unwrap();
                let hash = NtHash::of_password(&format!("{name}-pw"));
                let challenge = challenges.remove(message.link).unwrap();
                links.insert(message.link, challenge.accept(&answer, &hash).unwrap());
            }
            (None, _) => {}
        }
        let Some(signature) = message.signature() else { continue };
        let server = &links[message.link];
        let text = message.text();
        if message.from_client {
            assert!(server.verify(&text, signature), "{} {text}", message.start);
            from_clients += 1;
        } else {
            assert_eq!(server.sign(&text), signature, "{} {text}", message.start);
            from_server += 1;
        }
    }
    assert_eq!((from_clients, from_server), (87, 83), "no signature was passed over");
}

#[test]
fn our_client_answers_as_the_real_one_did() {
    let mut alices = messages(TWO_PEOPLE).filter(|m| uri(m.header("From")) == "sip:alice@example.com");
    let recorded = alices.find_map(|m| m.token().filter(|_| !m.from_client)).unwrap();
    let signed = alices.find(|m| m.token().is_some()).unwrap();

    let received = ReceivedChallenge::parse(&recorded).unwrap();
    let hash = NtHash::of_password("alice-pw");
    let who = Applicant { user: "alice@example.com", domain: "", workstation: "VM", hash: &hash };
    // What that client rolled: its challenge stands in its response, the key was computed from it by other means.
    let fresh = Fresh {
        client_challenge: 0x26f2_6fe7_9c4c_c746_u64.to_be_bytes(),
        session_key: 0xbf6b_1a50_c7e7_9882_f398_4120_d728_c2b0_u128.to_be_bytes(),
        time: FileTime::from_ticks(0),
    };
    let (octets, client) = answer(&received, &who, &fresh).unwrap();
    assert_eq!(octets, signed.token().unwrap());
    assert_eq!(client.sign(&signed.text()), signed.signature().unwrap());
    let answered = alices.find(|m| !m.from_client && m.signature().is_some()).unwrap();
    assert!(client.verify(&answered.text(), answered.signature().unwrap()));
}

#[test]
fn the_answer_with_a_wrong_password_is_refused() {
    let tokens: Vec<_> = messages(WRONG_PASSWORD).filter_map(|message| message.token()).collect();
    let [challenge, answer] = &tokens[..] else { panic!("one CHALLENGE and one answer") };
    let answer = Authenticate::parse(answer).unwrap();
    let right = NtHash::of_password("alice-pw");
    assert_eq!(challenge_again(challenge).accept(&answer, &right).unwrap_err(), Refused::WrongPassword);
    // It is the password that was wrong: with the one that was typed the same answer passes.
    challenge_again(challenge).accept(&answer, &NtHash::of_password("wrong")).unwrap();
}
