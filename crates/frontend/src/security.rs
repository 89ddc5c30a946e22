//! The security association of a link: every message that comes is verified, every message that goes is signed
//! ([MS-SIPAE] 3.1). How it comes about is `signon.rs`.

use std::fmt::Write as _;

use ntlm::{Association, SignVersion, Signable};
use sip::header::auth::AuthValue;
use sip::{Fields, Name, Pieces};

/// The realm of all our challenges; clients of this family expect this one.
pub(crate) const REALM: &str = "SIP Communications Service";
/// The scheme.
pub(crate) const NTLM: &str = "NTLM";

/// What both ends share since the sign-on.
#[derive(Debug)]
pub(crate) struct Security {
    association: Association,
    opaque: String,
    target: String,
    version: SignVersion,
    /// The highest number of the client so far.
    cnum: u64,
    /// The last number of ours.
    snum: u64,
    /// Makes our random values unlike those of other associations.
    seed: u64,
}

/// Why a message is not proven to come from whom it says. The link is closed, never challenged: clients loop on that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unproven {
    #[error("unsigned")]
    Unsigned,
    #[error("its signature cannot be read")]
    Unreadable,
    #[error("signed under another association")]
    OtherAssociation,
    #[error("its number was used before")]
    Replayed,
    #[error("a signed part holds an angle bracket")]
    Ambiguous,
    #[error("wrongly signed")]
    WronglySigned,
}

impl Security {
    /// A new association, under the `opaque` of its challenge. `seed` is random.
    pub(crate) fn new(
        association: Association,
        opaque: String,
        target: &str,
        version: SignVersion,
        seed: u64,
    ) -> Self {
        Self { association, opaque, target: target.to_owned(), version, cnum: 0, snum: 0, seed }
    }

    /// Verifies a message of the client, a response if there is a code, and takes its number as used.
    pub(crate) fn verify(&mut self, fields: &Fields, code: Option<u16>) -> Result<(), Unproven> {
        let wanted = ["response", "opaque", "crand", "cnum"];
        let auth = fields.auth_with(Name::Authorization, NTLM, wanted).map_err(|_| Unproven::Unreadable)?;
        let (_, [signature, opaque, rand, num]) = auth.ok_or(Unproven::Unsigned)?;
        let signature = signature.ok_or(Unproven::Unsigned)?;
        if opaque.as_deref() != Some(self.opaque.as_str()) {
            return Err(Unproven::OtherAssociation);
        }
        let (Some(rand), Some(num)) = (rand, num) else {
            return Err(Unproven::Unreadable);
        };
        let digits = num.bytes().all(|octet| octet.is_ascii_digit());
        let number: u64 =
            Some(&num).filter(|_| digits).and_then(|num| num.parse().ok()).ok_or(Unproven::Unreadable)?;
        let pieces = fields.pieces(code).map_err(|_| Unproven::Unreadable)?;
        let text = self.signable(&pieces, &rand, &num).plain_text().ok_or(Unproven::Ambiguous)?;
        if !self.association.verify(&text, &signature) {
            return Err(Unproven::WronglySigned);
        }
        if number <= self.cnum {
            return Err(Unproven::Replayed);
        }
        self.cnum = number;
        Ok(())
    }

    /// The value of Authentication-Info for a message of ours.
    pub(crate) fn sign(&mut self, pieces: &Pieces<'_>) -> String {
        self.snum += 1;
        let num = self.snum.to_string();
        let mut rand = String::with_capacity(8);
        let mixed = self.seed.wrapping_mul(self.snum | 1).rotate_left(29) ^ self.snum;
        write!(rand, "{:08X}", (mixed >> 32) ^ (mixed & 0xffff_ffff))
            .expect("a string takes all that is written");
        let signature = self.association.sign(&self.signable(pieces, &rand, &num).text());
        AuthValue::new(NTLM)
            .quoted("rspauth", &signature)
            .quoted("srand", &rand)
            .quoted("snum", &num)
            .quoted("opaque", &self.opaque)
            .quoted("qop", "auth")
            .quoted("targetname", &self.target)
            .quoted("realm", REALM)
            .into_string()
    }

    fn signable<'a>(&'a self, pieces: &'a Pieces<'a>, rand: &'a str, num: &'a str) -> Signable<'a> {
        Signable {
            version: self.version,
            rand,
            num,
            realm: REALM,
            target_name: &self.target,
            call_id: pieces.call_id,
            cseq: &pieces.cseq,
            method: pieces.method,
            from_uri: pieces.from_uri,
            from_tag: pieces.from_tag,
            to_uri: pieces.to_uri,
            to_tag: pieces.to_tag,
            asserted_sip: pieces.asserted_sip,
            asserted_tel: pieces.asserted_tel,
            expires: pieces.expires,
            code: pieces.code,
        }
    }
}
