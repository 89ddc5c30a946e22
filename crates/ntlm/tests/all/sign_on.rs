//! A sign-on from CHALLENGE to signatures, and who does not get through.
//! Names and lengths that are refused while reading are in `refusals.rs`.

use ntlm::{Applicant, Authenticate, FileTime, Flags, Fresh, NtHash, ReceivedChallenge, Refused, answer};

use crate::people::{TIME, alices_answer, alices_hash, answer_of, challenge};

#[test]
fn alice_signs_on_and_both_sides_sign() {
    let (octets, client) = answer_of("alice@example.com", "", &alices_hash());
    let answer = Authenticate::parse(&octets).unwrap();
    assert_eq!((answer.user(), answer.domain(), answer.workstation()), ("alice@example.com", "", "TEAPOT"));

    let server = challenge().accept(&answer, &alices_hash()).unwrap();
    let (asked, answered) = (client.sign("<INFO>"), server.sign("<200>"));
    assert!(server.verify("<INFO>", &asked));
    assert!(client.verify("<200>", &answered));
}

#[test]
fn a_signature_holds_for_its_text_and_direction_only() {
    let (octets, client) = answer_of("alice", "", &alices_hash());
    let server = challenge().accept(&Authenticate::parse(&octets).unwrap(), &alices_hash()).unwrap();
    let signature = client.sign("<INFO>");
    assert!(server.verify("<INFO>", &signature.to_lowercase()), "digits may be of either case");
    assert!(!server.verify("<INFO> ", &signature), "another text");
    assert!(!client.verify("<INFO>", &signature), "the client's own signature does not come from the server");
    for place in 0..32 {
        let mut changed = signature.clone().into_bytes();
        changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
        assert!(!server.verify("<INFO>", std::str::from_utf8(&changed).unwrap()), "digit {place} changed");
    }
    for nonsense in
        ["", "01", "zz", &signature[1..], &format!("{signature}0"), &"\u{e4}".repeat(16), &"g".repeat(32)]
    {
        assert!(!server.verify("<INFO>", nonsense), "{nonsense:?} is no signature");
    }
}

#[test]
fn a_signature_has_version_1_and_the_sequence_number_100() {
    let (_, client) = answer_of("alice", "", &alices_hash());
    let (first, second) = (client.sign("<INFO>"), client.sign("<INFO>"));
    assert!(first.starts_with("01000000") && first.ends_with("64000000") && first.len() == 32, "{first}");
    assert_eq!(first, second, "every message has a cipher state of its own");
}

#[test]
fn alice_signs_on_in_each_form_of_her_name() {
    for (user, domain) in
        [("alice", ""), ("alice", "EXAMPLE"), ("alice@example.com", ""), ("ALICE", "example")]
    {
        let answer = Authenticate::parse(&answer_of(user, domain, &alices_hash()).0).unwrap();
        assert_eq!((answer.user(), answer.domain()), (user, domain));
        challenge().accept(&answer, &alices_hash()).unwrap();
    }
}

#[test]
fn a_wrong_password_is_refused() {
    let (octets, _) = answer_of("alice", "", &NtHash::of_password("wonderland 8"));
    let refused = challenge().accept(&Authenticate::parse(&octets).unwrap(), &alices_hash()).unwrap_err();
    assert_eq!(refused, Refused::WrongPassword);
}

#[test]
fn somebody_unknown_is_refused_as_a_wrong_password_is() {
    let decoy = NtHash::from_bytes([7; 16]);
    let answer = Authenticate::parse(&answer_of("mallory", "", &alices_hash()).0).unwrap();
    assert_eq!(challenge().accept(&answer, &decoy).unwrap_err(), Refused::WrongPassword);
}

#[test]
fn an_answer_proves_nothing_under_another_name() {
    let mut octets = alices_answer();
    let name = crate::people::start(&octets, crate::people::at::USER);
    octets[name] = b'b';
    let answer = Authenticate::parse(&octets).unwrap();
    assert_eq!(answer.user(), "blice@example.com");
    assert_eq!(challenge().accept(&answer, &alices_hash()).unwrap_err(), Refused::WrongPassword);
}

#[test]
fn an_answer_to_another_challenge_is_refused() {
    let names = ntlm::TargetNames::new("example.com", "server.example.com").unwrap();
    let other = ntlm::Challenge::new([8, 7, 6, 5, 4, 3, 2, 1], &names, TIME);
    let answer = Authenticate::parse(&alices_answer()).unwrap();
    assert_eq!(other.accept(&answer, &alices_hash()).unwrap_err(), Refused::WrongPassword);
}

#[test]
fn a_change_in_any_octet_of_the_response_is_refused() {
    let octets = alices_answer();
    let begin = crate::people::start(&octets, crate::people::at::NT);
    let length =
        usize::from(octets[crate::people::at::NT]) | usize::from(octets[crate::people::at::NT + 1]) << 8;
    for place in begin..begin + length {
        let mut changed = octets.clone();
        changed[place] ^= 1;
        let Ok(answer) = Authenticate::parse(&changed) else { continue };
        assert!(
            challenge().accept(&answer, &alices_hash()).is_err(),
            "octet {} of the response",
            place - begin
        );
    }
}

#[test]
fn another_session_key_makes_other_signatures() {
    let (mut octets, client) = answer_of("alice", "", &alices_hash());
    let key = crate::people::start(&octets, crate::people::at::SESSION_KEY);
    octets[key] ^= 1;
    let server = challenge().accept(&Authenticate::parse(&octets).unwrap(), &alices_hash()).unwrap();
    assert!(!server.verify("<INFO>", &client.sign("<INFO>")));
}

#[test]
fn the_published_example_comes_out_of_a_clients_answer() {
    // [MS-NLMP] 4.2.4 with the flags of datagram mode, on which its keys do not depend.
    let mut octets = b"NTLMSSP\0".to_vec();
    octets.extend([2, 0, 0, 0]);
    octets.extend([0; 8]);
    octets.extend(Flags::CHALLENGE_NEEDS.bits().to_le_bytes());
    octets.extend([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    octets.extend([0; 8]);
    octets.extend([36, 0, 36, 0, 48, 0, 0, 0]);
    octets.extend(b"\x02\0\x0c\0D\0o\0m\0a\0i\0n\0\x01\0\x0c\0S\0e\0r\0v\0e\0r\0\0\0\0\0");
    let received = ReceivedChallenge::parse(&octets).unwrap();
    let hash = NtHash::of_password("Password");
    let who = Applicant { user: "User", domain: "Domain", workstation: "COMPUTER", hash: &hash };
    let fresh = Fresh { client_challenge: [0xaa; 8], session_key: [0x55; 16], time: FileTime::from_ticks(0) };
    let (message, _) = answer(&received, &who, &fresh).unwrap();
    let hex: String = message.iter().map(|octet| format!("{octet:02x}")).collect();
    assert!(hex.contains("86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"), "the LMv2 response");
    assert!(hex.contains("68cd0ab851e51c96aabc927bebef6a1c01010000"), "the NTLMv2 response");
    assert!(hex.ends_with("c5dad2544fc9799094ce1ce90bc9d03e"), "the encrypted session key");
}

#[test]
fn secrets_are_not_printed() {
    let (octets, client) = answer_of("alice", "", &alices_hash());
    let answer = Authenticate::parse(&octets).unwrap();
    assert_eq!(format!("{:?} {client:?}", alices_hash()), "NtHash(..) Association(..)");
    assert_eq!(
        format!("{answer:?}"),
        r#"Authenticate { user: "alice", domain: "", workstation: "TEAPOT", .. }"#
    );
    assert_eq!(format!("{:?}", challenge()), "Challenge(..)");
}

#[test]
fn file_times_count_from_1601() {
    assert_eq!(FileTime::from_unix_micros(0).ticks(), 116_444_736_000_000_000);
    assert_eq!(FileTime::from_unix_micros(1).ticks(), 116_444_736_000_000_010);
    assert_eq!(FileTime::from_unix_micros(i64::MIN).ticks(), 0);
    assert!(FileTime::from_unix_micros(i64::MAX).ticks() > 0);
}
