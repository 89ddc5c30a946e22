//! The computations of [MS-NLMP] 3.3.2 and 3.4: NTLMv2 keys, RC4, and comparison in constant time.
//! MD4, MD5 and RC4 are broken; they are what the protocol prescribes, and protect nothing else here.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

/// Sixteen octets: every key and digest of this protocol.
pub(crate) type Key = [u8; 16];

/// The keys of one direction ([MS-NLMP] 3.4.5).
pub(crate) struct DirectionKeys {
    pub(crate) signing: Key,
    pub(crate) sealing: Key,
}

/// Who wrote a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ClientToServer,
    ServerToClient,
}

/// NTOWFv2: the key made of the NT hash and the names as they are sent. Only ASCII letters of the user are raised, as
/// the clients do.
pub(crate) fn ntowf_v2(nt_hash: &Key, user: &str, domain: &str) -> Key {
    let name = utf16le(&user.to_ascii_uppercase());
    hmac_md5(nt_hash, &[&name, &utf16le(domain)])
}

/// The keys of one direction out of the exported session key, for 128-bit extended session security.
pub(crate) fn direction_keys(session: &Key, direction: Direction) -> DirectionKeys {
    let way = match direction {
        Direction::ClientToServer => "client-to-server",
        Direction::ServerToClient => "server-to-client",
    };
    let key = |purpose: &str| {
        let magic = format!("session key to {way} {purpose} key magic constant\0");
        md5(&[session, magic.as_bytes()])
    };
    DirectionKeys { signing: key("signing"), sealing: key("sealing") }
}

/// HMAC-MD5 over the parts in order.
pub(crate) fn hmac_md5(key: &Key, parts: &[&[u8]]) -> Key {
    KeyedMac::new(key).of(parts)
}

/// HMAC-MD5 under one key, whose two blocks are digested once and not for every message. Wiped when it is dropped.
#[derive(Clone)]
pub(crate) struct KeyedMac(Hmac<Md5>);

impl KeyedMac {
    pub(crate) fn new(key: &Key) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    /// Over the parts in order.
    pub(crate) fn of(&self, parts: &[&[u8]]) -> Key {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// MD5 over the parts in order.
pub(crate) fn md5(parts: &[&[u8]]) -> Key {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
}

/// MD4 of the octets.
pub(crate) fn md4(octets: &[u8]) -> Key {
    md4::Md4::digest(octets).into()
}

/// RC4 with a fresh state: the data against the beginning of the key's stream. Its own inverse.
pub(crate) fn rc4<const N: usize>(key: &Key, mut data: [u8; N]) -> [u8; N] {
    let mut state: [u8; 256] = std::array::from_fn(|i| i as u8);
    let mut j = 0_u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    for octet in &mut data {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        *octet ^= state[usize::from(state[usize::from(i)].wrapping_add(state[usize::from(j)]))];
    }
    wipe(&mut state);
    data
}

/// Whether both are the same, in a time that does not tell where they differ.
pub(crate) fn same(left: &Key, right: &Key) -> bool {
    let difference = left.iter().zip(right).fold(0, |all, (a, b)| all | (a ^ b));
    std::hint::black_box(difference) == 0
}

/// The text in UTF-16LE.
pub(crate) fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Overwrites a secret before it is given back, as far as safe code can.
pub(crate) fn wipe(secret: &mut [u8]) {
    secret.fill(0);
    std::hint::black_box(secret);
}
