//! The AUTHENTICATE message ([MS-NLMP] 2.2.1.3), read: names, NTLMv2 response, encrypted key.
//! Whether it proves a password is decided in `accept.rs`.

use crate::av;
use crate::crypt::Key;
use crate::flags::Flags;
use crate::limits::AUTHENTICATE_OCTETS_MAX;
use crate::refused::{Field, Refused};
use crate::wire::Message;

/// An answer to a CHALLENGE that is fit to be checked: NTLMv2, by somebody named, with all flags signing needs.
#[derive(Clone)]
pub struct Authenticate {
    pub(crate) user: String,
    pub(crate) domain: String,
    workstation: String,
    /// HMAC over the challenge and `blob`.
    pub(crate) proof: Key,
    /// What the client put into its response: time, own challenge, target information.
    pub(crate) blob: Vec<u8>,
    pub(crate) encrypted_key: Key,
    pub(crate) integrity: Option<Integrity>,
}

/// A message integrity code and what it was computed over.
#[derive(Clone)]
pub(crate) struct Integrity {
    pub(crate) code: Key,
    /// The whole message with the code's place set to zero.
    pub(crate) octets: Vec<u8>,
}

pub(crate) const KIND: u32 = 3;
/// Without version and integrity code, as old clients do.
const HEADER_LEAST: usize = 64;
/// With the version.
pub(crate) const HEADER: usize = 72;
/// With version and integrity code.
const HEADER_INTEGRITY: usize = 88;
const INTEGRITY_AT: usize = 72;

/// The parts of the NTLMv2 response: proof, then a fixed part, then target information of at least its end mark.
const PROOF_OCTETS: usize = 16;
const BLOB_FIXED_OCTETS: usize = 28;
/// What an LM, LMv2 or NTLMv1 response has.
const OLD_RESPONSE_OCTETS: usize = 24;

impl Authenticate {
    /// Reads an AUTHENTICATE. Any octets may come in.
    ///
    /// # Errors
    ///
    /// [`Refused::TooLong`], [`Refused::TooShort`], [`Refused::OtherMessage`] for the frame; [`Refused::Anonymous`];
    /// [`Refused::MissingFlags`] if it lacks one of [`Flags::AUTHENTICATE_NEEDS`]; [`Refused::OldResponse`] for LM and
    /// NTLMv1; [`Refused::Outside`], [`Refused::Size`], [`Refused::NotText`], [`Refused::LongName`] and
    /// [`Refused::Broken`] for its fields.
    pub fn parse(octets: &[u8]) -> Result<Self, Refused> {
        let message = Message::open(octets, KIND, HEADER_LEAST, AUTHENTICATE_OCTETS_MAX)?;
        let flags = Flags::from_bits(message.number(60));
        if flags.has(Flags::ANONYMOUS) {
            return Err(Refused::Anonymous);
        }
        let missing = Flags::AUTHENTICATE_NEEDS.without(flags);
        if !missing.is_empty() {
            return Err(Refused::MissingFlags(missing));
        }
        let message = if flags.has(Flags::VERSION) { message.with_header(HEADER)? } else { message };

        let user = message.name(36, Field::User)?;
        let domain = message.name(28, Field::Domain)?;
        let workstation = message.name(44, Field::Workstation)?;
        if user.is_empty() {
            return Err(Refused::Anonymous);
        }
        let lm = message.field(12, Field::LmResponse)?;
        if !lm.is_empty() && lm.len() != OLD_RESPONSE_OCTETS {
            return Err(Refused::Size { field: Field::LmResponse, octets: lm.len() });
        }
        let (proof, blob, known) = response(message.field(20, Field::NtResponse)?)?;
        let key = message.field(52, Field::SessionKey)?;
        let encrypted_key =
            key.try_into().map_err(|_| Refused::Size { field: Field::SessionKey, octets: key.len() })?;
        let integrity = if known.integrity_code { Some(integrity(message, octets)?) } else { None };
        Ok(Self { user, domain, workstation, proof, blob: blob.to_vec(), encrypted_key, integrity })
    }

    /// The user as sent: "alice" or "alice@example.com". Not empty.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The domain as sent: "EXAMPLE" or empty.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The name of the client's machine, or empty. The client's word, proven by nothing.
    #[must_use]
    pub fn workstation(&self) -> &str {
        &self.workstation
    }
}

impl std::fmt::Debug for Authenticate {
    /// Names only: with the response at hand a password can be guessed offline.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticate")
            .field("user", &self.user)
            .field("domain", &self.domain)
            .field("workstation", &self.workstation)
            .finish_non_exhaustive()
    }
}

/// Takes the NTLMv2 response ([MS-NLMP] 2.2.2.7 and 2.2.2.8) apart.
fn response(nt: &[u8]) -> Result<(Key, &[u8], av::Known), Refused> {
    if nt.is_empty() || nt.len() == OLD_RESPONSE_OCTETS {
        return Err(Refused::OldResponse);
    }
    let size = Refused::Size { field: Field::NtResponse, octets: nt.len() };
    let (proof, blob) = nt.split_first_chunk::<PROOF_OCTETS>().ok_or(size)?;
    let (fixed, target_info) = blob.split_at_checked(BLOB_FIXED_OCTETS).ok_or(size)?;
    let broken = Refused::Broken(Field::NtResponse);
    // Both versions of the response structure are 1; no other exists.
    if !fixed.starts_with(&[1, 1]) {
        return Err(broken);
    }
    let known = av::read(target_info).ok_or(broken)?;
    Ok((*proof, blob, known))
}

fn integrity(message: Message<'_>, octets: &[u8]) -> Result<Integrity, Refused> {
    let code = message.with_header(HEADER_INTEGRITY)?.array(INTEGRITY_AT);
    let mut octets = octets.to_vec();
    octets[INTEGRITY_AT..HEADER_INTEGRITY].fill(0);
    Ok(Integrity { code, octets })
}
