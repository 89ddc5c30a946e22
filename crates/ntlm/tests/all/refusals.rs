//! Answers that are refused before any password is looked at, and the setup they share with an answer that is not.
//! Every case spoils one thing of Alice's right answer.

use ntlm::limits::{AUTHENTICATE_OCTETS_MAX, CHALLENGE_OCTETS_MAX, NAME_UNITS_MAX};
use ntlm::{Authenticate, Field, Flags, ReceivedChallenge, Refused, TargetNames};

use crate::people::{
    alices_answer, alices_hash, answer_of, at, challenge, change_flags, set_length, set_start, start,
};

/// Alice's answer after `spoil`.
fn spoilt(spoil: impl FnOnce(&mut Vec<u8>)) -> Result<Authenticate, Refused> {
    let mut octets = alices_answer();
    spoil(&mut octets);
    Authenticate::parse(&octets)
}

fn refusal(spoil: impl FnOnce(&mut Vec<u8>)) -> Refused {
    spoilt(spoil).unwrap_err()
}

#[test]
fn the_answer_as_it_is_passes() {
    spoilt(|_| ()).unwrap();
}

#[test]
fn another_signature_or_type() {
    assert_eq!(refusal(|m| m[0] = b'X'), Refused::OtherMessage);
    assert_eq!(refusal(|m| m[8] = 1), Refused::OtherMessage);
    assert_eq!(
        Authenticate::parse(&[challenge().octets(), &[0; 64]].concat()).unwrap_err(),
        Refused::OtherMessage
    );
}

#[test]
fn too_short_and_too_long() {
    assert_eq!(Authenticate::parse(b"").unwrap_err(), Refused::TooShort { octets: 0, header: 64 });
    assert_eq!(refusal(|m| m.truncate(63)), Refused::TooShort { octets: 63, header: 64 });
    assert_eq!(refusal(|m| m.truncate(70)), Refused::TooShort { octets: 70, header: 72 });
    let octets = AUTHENTICATE_OCTETS_MAX + 1;
    assert_eq!(refusal(|m| m.resize(octets, 0)), Refused::TooLong { octets, limit: AUTHENTICATE_OCTETS_MAX });
    spoilt(|m| m.resize(AUTHENTICATE_OCTETS_MAX, 0)).unwrap();
}

#[test]
fn each_field_beyond_the_end_or_inside_the_header() {
    for (pointer, field) in [
        (at::NT, Field::NtResponse),
        (at::LM, Field::LmResponse),
        (at::USER, Field::User),
        (at::WORKSTATION, Field::Workstation),
        (at::SESSION_KEY, Field::SessionKey),
    ] {
        assert_eq!(refusal(|m| set_start(m, pointer, u32::MAX)), Refused::Outside(field));
        assert_eq!(refusal(|m| set_start(m, pointer, 71)), Refused::Outside(field));
        let end = u32::try_from(alices_answer().len()).unwrap();
        assert_eq!(refusal(|m| set_start(m, pointer, end - 1)), Refused::Outside(field));
    }
    assert_eq!(refusal(|m| set_length(m, at::DOMAIN, u16::MAX)), Refused::Outside(Field::Domain));
}

#[test]
fn where_an_empty_field_points_does_not_matter() {
    spoilt(|m| set_start(m, at::DOMAIN, u32::MAX)).unwrap();
}

#[test]
fn each_flag_signing_rests_on() {
    for flag in [
        Flags::UNICODE,
        Flags::SIGN,
        Flags::DATAGRAM,
        Flags::NTLM,
        Flags::EXTENDED_SESSION_SECURITY,
        Flags::KEY_EXCHANGE,
        Flags::KEY_128,
    ] {
        let refused = refusal(|m| change_flags(m, |bits| bits & !flag.bits()));
        assert_eq!(refused, Refused::MissingFlags(flag));
    }
}

#[test]
fn nobody() {
    assert_eq!(refusal(|m| change_flags(m, |bits| bits | Flags::ANONYMOUS.bits())), Refused::Anonymous);
    assert_eq!(refusal(|m| set_length(m, at::USER, 0)), Refused::Anonymous);
}

#[test]
fn responses_of_older_protocols() {
    assert_eq!(refusal(|m| set_length(m, at::NT, 0)), Refused::OldResponse, "LM only");
    assert_eq!(refusal(|m| set_length(m, at::NT, 24)), Refused::OldResponse, "NTLMv1");
}

#[test]
fn responses_of_no_protocol() {
    for octets in [1_u16, 15, 16, 43] {
        let refused = refusal(|m| set_length(m, at::NT, octets));
        assert_eq!(refused, Refused::Size { field: Field::NtResponse, octets: octets.into() });
    }
    assert_eq!(
        refusal(|m| set_length(m, at::NT, 46)),
        Refused::Broken(Field::NtResponse),
        "a list without end"
    );
    let version = |m: &mut Vec<u8>| {
        let nt = start(m, at::NT);
        m[nt + 16] = 2;
    };
    assert_eq!(refusal(version), Refused::Broken(Field::NtResponse));
    let longer_pair = |m: &mut Vec<u8>| {
        let nt = start(m, at::NT);
        m[nt + 16 + 28 + 3] = 0xff;
    };
    assert_eq!(refusal(longer_pair), Refused::Broken(Field::NtResponse));
    assert_eq!(
        refusal(|m| set_length(m, at::LM, 23)),
        Refused::Size { field: Field::LmResponse, octets: 23 }
    );
}

#[test]
fn a_session_key_of_another_length() {
    for octets in [0_u16, 8, 15] {
        let refused = refusal(|m| set_length(m, at::SESSION_KEY, octets));
        assert_eq!(refused, Refused::Size { field: Field::SessionKey, octets: octets.into() });
    }
}

#[test]
fn names_that_are_no_text_or_too_long() {
    assert_eq!(refusal(|m| set_length(m, at::USER, 3)), Refused::NotText(Field::User));
    let lone_surrogate = |m: &mut Vec<u8>| {
        let user = start(m, at::USER);
        m[user..user + 2].copy_from_slice(&[0x00, 0xd8]);
    };
    assert_eq!(refusal(lone_surrogate), Refused::NotText(Field::User));

    let units = NAME_UNITS_MAX + 1;
    let long_name = |m: &mut Vec<u8>| {
        let end = u32::try_from(m.len()).unwrap();
        set_start(m, at::WORKSTATION, end);
        set_length(m, at::WORKSTATION, u16::try_from(units * 2).unwrap());
        m.extend([b'w', 0].repeat(units));
    };
    let limit = NAME_UNITS_MAX;
    assert_eq!(refusal(long_name), Refused::LongName { field: Field::Workstation, units, limit });
}

#[test]
fn an_integrity_code_is_checked_if_the_client_says_it_sends_one() {
    // The flags pair stands before the end mark of the list inside the response, which the proof covers: so the whole
    // answer is made anew, by a client that was given a CHALLENGE with that pair.
    let plain = challenge();
    let mut octets = plain.octets().to_vec();
    let (length_at, end) = (40, octets.len() - 4);
    octets.splice(end..end, [6, 0, 4, 0, 2, 0, 0, 0]);
    let length = u16::from_le_bytes([octets[length_at], octets[length_at + 1]]) + 8;
    octets[length_at..length_at + 2].copy_from_slice(&length.to_le_bytes());
    let received = ReceivedChallenge::parse(&octets).unwrap();
    let hash = alices_hash();
    let who = ntlm::Applicant { user: "alice", domain: "", workstation: "TEAPOT", hash: &hash };
    let fresh = ntlm::Fresh { client_challenge: [3; 8], session_key: [4; 16], time: crate::people::TIME };
    let (message, _) = ntlm::answer(&received, &who, &fresh).unwrap();

    // Without room for the code the names would lie inside of the longer header, where nothing of ours is.
    let mut message: Vec<u8> = [&message[..72], &[0; 16], &message[72..]].concat();
    for pointer in [at::LM, at::NT, at::DOMAIN, at::USER, at::WORKSTATION, at::SESSION_KEY] {
        let moved = u32::try_from(start(&message, pointer) + 16).unwrap();
        set_start(&mut message, pointer, moved);
    }
    let code = integrity_code(&[4; 16], plain.octets(), &message);
    let answer = Authenticate::parse(&message).unwrap();
    assert_eq!(challenge().accept(&answer, &hash).unwrap_err(), Refused::WrongIntegrityCode);
    message[72..88].copy_from_slice(&code);
    let answer = Authenticate::parse(&message).unwrap();
    challenge().accept(&answer, &hash).unwrap();
}

fn integrity_code(key: &[u8], challenge: &[u8], message: &[u8]) -> [u8; 16] {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<md5::Md5>::new_from_slice(key).unwrap();
    mac.update(challenge);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[test]
fn a_client_refuses_a_challenge_it_cannot_answer() {
    let spoilt = |spoil: &dyn Fn(&mut Vec<u8>)| {
        let mut octets = challenge().octets().to_vec();
        spoil(&mut octets);
        ReceivedChallenge::parse(&octets)
    };
    spoilt(&|_| ()).unwrap();
    assert_eq!(spoilt(&|m| m[8] = 3).unwrap_err(), Refused::OtherMessage);
    assert_eq!(spoilt(&|m| m.truncate(47)).unwrap_err(), Refused::TooShort { octets: 47, header: 48 });
    let octets = CHALLENGE_OCTETS_MAX + 1;
    assert_eq!(
        spoilt(&|m| m.resize(octets, 0)).unwrap_err(),
        Refused::TooLong { octets, limit: CHALLENGE_OCTETS_MAX }
    );
    assert_eq!(spoilt(&|m| m[20] &= !0x10).unwrap_err(), Refused::MissingFlags(Flags::SIGN));
    assert_eq!(spoilt(&|m| m[47] = 1).unwrap_err(), Refused::Outside(Field::TargetInfo));
    assert_eq!(spoilt(&|m| m[40] -= 1).unwrap_err(), Refused::Broken(Field::TargetInfo));
}

#[test]
fn names_of_a_server_have_the_length_of_dns_names() {
    let label = "a".repeat(63);
    let longest = [&label[..], &label, &label, &label].join(".");
    TargetNames::new("example.com", &longest).unwrap();
    let refused = TargetNames::new("example.com", &format!("{longest}.b")).unwrap_err();
    assert_eq!(refused, Refused::LongName { field: Field::TargetInfo, units: 257, limit: 255 });
}

#[test]
fn an_applicants_names_have_a_limit() {
    let hash = alices_hash();
    let (longest, _) = answer_of(&"a".repeat(NAME_UNITS_MAX), "", &hash);
    Authenticate::parse(&longest).unwrap();
    let received = ReceivedChallenge::parse(challenge().octets()).unwrap();
    let user = "a".repeat(NAME_UNITS_MAX + 1);
    let who = ntlm::Applicant { user: &user, domain: "", workstation: "", hash: &hash };
    let fresh = ntlm::Fresh { client_challenge: [3; 8], session_key: [4; 16], time: crate::people::TIME };
    let (units, limit) = (NAME_UNITS_MAX + 1, NAME_UNITS_MAX);
    let refused = ntlm::answer(&received, &who, &fresh).unwrap_err();
    assert_eq!(refused, Refused::LongName { field: Field::User, units, limit });
}
