//! The hashes of the store: the chain over headers, the code of a body under its salt, the digest that finds equal sets.
//! Keeps nothing.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::mentions;
use crate::record::Body;

/// SHA-256 of the chain before and the header's bytes.
pub(crate) type Chain = [u8; 32];

/// The chain before the first entry.
pub(crate) const CHAIN_START: Chain = [0; 32];

/// The chain after one more header.
pub(crate) fn link(before: &Chain, header: &[u8]) -> Chain {
    Sha256::new().chain_update(before).chain_update(header).finalize().into()
}

/// SHA-256.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA-256 of a body under its salt: the length of the text (64 bits, big-endian), the text; when it mentions
/// somebody 2, the length of the mentions as they are kept and these; then 1 and the rich rendering, or 0. Without the salt the code says nothing about the text.
pub(crate) fn body_mac(salt: &[u8], body: &Body) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes keys of any length");
    mac.update(&(body.text.len() as u64).to_be_bytes());
    mac.update(body.text.as_bytes());
    if let Some(mentions) = mentions::pack(&body.mentions) {
        mac.update(&[2]);
        mac.update(&(mentions.len() as u64).to_be_bytes());
        mac.update(&mentions);
    }
    match &body.rtf {
        None => mac.update(&[0]),
        Some(rtf) => {
            mac.update(&[1]);
            mac.update(rtf.as_bytes());
        }
    }
    mac.finalize().into_bytes().into()
}
