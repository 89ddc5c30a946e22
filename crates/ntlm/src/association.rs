//! What both sides share after a sign-on: signing and verifying in each direction ([MS-NLMP] 3.4.4.2, [MS-SIPAE] 3.1).
//! Does not count messages or look for repetitions; that is the link's duty.

use crate::crypt::{self, Direction, Key, KeyedMac};

/// A security association in the role of one side. Its keys never leave it, and are wiped when it is dropped.
pub struct Association {
    ours: Seal,
    theirs: Seal,
}

/// What makes the signatures of one direction.
struct Seal {
    signing: KeyedMac,
    /// In datagram mode every message has an RC4 state of its own, keyed by the sealing key and the sequence number. As
    /// that number never changes here, neither do the eight octets the checksum is encrypted with.
    pad: [u8; 8],
}

/// Every SIP message carries this sequence number ([MS-SIPAE]).
const SEQUENCE: [u8; 4] = 100_u32.to_le_bytes();
/// The version of the signature structure.
const VERSION: [u8; 4] = 1_u32.to_le_bytes();

impl Association {
    pub(crate) fn of_server(session: &Key) -> Self {
        Self {
            ours: Seal::new(session, Direction::ServerToClient),
            theirs: Seal::new(session, Direction::ClientToServer),
        }
    }

    pub(crate) fn of_client(session: &Key) -> Self {
        Self {
            ours: Seal::new(session, Direction::ClientToServer),
            theirs: Seal::new(session, Direction::ServerToClient),
        }
    }

    /// Our signature of a text (see [`crate::Signable`]): 32 hexadecimal digits in upper case.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        hex(&self.ours.signature(text))
    }

    /// Whether `signature` is the peer's signature of the text. Digits may be of either case; anything that is not 32
    /// hexadecimal digits is no signature. The time taken does not tell how much of it was right.
    #[must_use]
    pub fn verify(&self, text: &str, signature: &str) -> bool {
        unhex(signature).is_some_and(|given| crypt::same(&given, &self.theirs.signature(text)))
    }
}

impl std::fmt::Debug for Association {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Association(..)")
    }
}

impl Seal {
    fn new(session: &Key, direction: Direction) -> Self {
        let mut keys = crypt::direction_keys(session, direction);
        let message_key = crypt::md5(&[&keys.sealing, &SEQUENCE]);
        let signing = KeyedMac::new(&keys.signing);
        crypt::wipe(&mut keys.signing);
        crypt::wipe(&mut keys.sealing);
        Self { signing, pad: crypt::rc4(&message_key, [0; 8]) }
    }

    fn signature(&self, text: &str) -> Key {
        let digest = self.signing.of(&[&SEQUENCE, text.as_bytes()]);
        let mut signature = [0; 16];
        signature[..4].copy_from_slice(&VERSION);
        for (place, (octet, pad)) in signature[4..12].iter_mut().zip(digest.iter().zip(self.pad)) {
            *place = octet ^ pad;
        }
        signature[12..].copy_from_slice(&SEQUENCE);
        signature
    }
}

impl Drop for Seal {
    fn drop(&mut self) {
        crypt::wipe(&mut self.pad);
    }
}

fn hex(octets: &Key) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS[usize::from(value)];
    let digits: [u8; 32] = std::array::from_fn(|at| {
        let octet = octets[at / 2];
        digit(if at % 2 == 0 { octet >> 4 } else { octet & 15 })
    });
    str::from_utf8(&digits).expect("digits are ASCII").to_owned()
}

fn unhex(text: &str) -> Option<Key> {
    let digits: &[u8; 32] = text.as_bytes().try_into().ok()?;
    let mut octets = [0; 16];
    for (octet, [high, low]) in octets.iter_mut().zip(digits.as_chunks::<2>().0) {
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        *octet = value(*high)? << 4 | value(*low)?;
    }
    Some(octets)
}
