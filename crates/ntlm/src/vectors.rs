//! The published NTLMv2 example of [MS-NLMP] 4.2.4, checked key by key, and known values of the ciphers.
//! What can be seen from outside is tested in `tests/`.

use crate::crypt::{self, Direction};
use crate::hash::NtHash;

const SERVER_CHALLENGE: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
const CLIENT_CHALLENGE: [u8; 8] = [0xaa; 8];
const SESSION_KEY: [u8; 16] = [0x55; 16];

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The blob of the example: time 0, target information with the domain "Domain" and the server "Server".
fn blob() -> Vec<u8> {
    let mut blob = vec![1, 1, 0, 0, 0, 0, 0, 0];
    blob.extend([0; 8]);
    blob.extend(CLIENT_CHALLENGE);
    blob.extend([0; 4]);
    for (id, name) in [(2_u16, "Domain"), (1, "Server")] {
        blob.extend(id.to_le_bytes());
        blob.extend(12_u16.to_le_bytes());
        blob.extend(crypt::utf16le(name));
    }
    blob.extend([0; 8]);
    blob
}

fn ntowf() -> crypt::Key {
    crypt::ntowf_v2(NtHash::of_password("Password").as_bytes(), "User", "Domain")
}

#[test]
fn the_hash_of_the_password() {
    assert_eq!(hex(NtHash::of_password("Password").as_bytes()), "a4f49c406510bdcab6824ee7c30fd852");
}

#[test]
fn the_key_of_user_and_domain() {
    assert_eq!(hex(&ntowf()), "0c868a403bfd7a93a3001ef22ef02e3f");
}

#[test]
fn the_responses() {
    let proof = crypt::hmac_md5(&ntowf(), &[&SERVER_CHALLENGE, &blob()]);
    assert_eq!(hex(&proof), "68cd0ab851e51c96aabc927bebef6a1c");
    let lm = crypt::hmac_md5(&ntowf(), &[&SERVER_CHALLENGE, &CLIENT_CHALLENGE]);
    assert_eq!(hex(&lm), "86c35097ac9cec102554764a57cccc19");
}

#[test]
fn the_session_keys() {
    let proof = crypt::hmac_md5(&ntowf(), &[&SERVER_CHALLENGE, &blob()]);
    let base = crypt::hmac_md5(&ntowf(), &[&proof]);
    assert_eq!(hex(&base), "8de40ccadbc14a82f15cb0ad0de95ca3");
    assert_eq!(hex(&crypt::rc4(&base, SESSION_KEY)), "c5dad2544fc9799094ce1ce90bc9d03e");
}

#[test]
fn the_keys_of_the_client() {
    let keys = crypt::direction_keys(&SESSION_KEY, Direction::ClientToServer);
    assert_eq!(hex(&keys.signing), "4788dc861b4782f35d43fd98fe1a2d39");
    assert_eq!(hex(&keys.sealing), "59f600973cc4960a25480a7c196e4c58");
}

#[test]
fn each_direction_has_keys_of_its_own() {
    let client = crypt::direction_keys(&SESSION_KEY, Direction::ClientToServer);
    let server = crypt::direction_keys(&SESSION_KEY, Direction::ServerToClient);
    assert_ne!(client.signing, server.signing);
    assert_ne!(client.sealing, server.sealing);
}

#[test]
fn rc4_of_a_known_key() {
    // RFC 6229, 2.: the stream of the 128-bit key 0102..10 begins so.
    let key: crypt::Key = std::array::from_fn(|i| i as u8 + 1);
    assert_eq!(hex(&crypt::rc4(&key, [0; 16])), "9ac7cc9a609d1ef7b2932899cde41b97");
}

#[test]
fn md4_of_known_texts() {
    // RFC 1320, A.5.
    assert_eq!(hex(&crypt::md4(b"")), "31d6cfe0d16ae931b73c59d7e0c089c0");
    assert_eq!(hex(&crypt::md4(b"abc")), "a448017aaf21d8525fc10ae87aa6729d");
}

#[test]
fn only_ascii_letters_of_the_user_are_raised() {
    let hash = NtHash::of_password("pw");
    let key = |user: &str, domain: &str| crypt::ntowf_v2(hash.as_bytes(), user, domain);
    assert_eq!(key("alice", "Ex"), key("ALICE", "Ex"));
    assert_ne!(key("alice", "Ex"), key("alice", "EX"), "the domain counts as it was sent");
    assert_ne!(key("j\u{f6}rg", ""), key("J\u{d6}RG", ""), "an umlaut is not raised");
}

#[test]
fn comparison_sees_every_octet() {
    let zero = [0_u8; 16];
    assert!(crypt::same(&zero, &zero));
    for place in 0..16 {
        let mut other = zero;
        other[place] = 1;
        assert!(!crypt::same(&zero, &other), "a difference in octet {place}");
    }
}
