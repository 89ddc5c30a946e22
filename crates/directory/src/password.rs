//! What a password must be, and its argon2id hash.
//! Keeps nothing.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;

/// Shortest password, in characters (NIST SP 800-63B-4 asks for 15 where it is the only factor and 8 otherwise; ours: 8).
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password, in octets (ours: room for any phrase, and a bound on the work of hashing).
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Memory of one argon2id computation in KiB, and passes (OWASP password storage: 19 MiB, 2 passes, 1 lane).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// A password that keeps the rules. Never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Which rule a password breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordRefused {
    /// Too short.
    #[error("the password is too short: at least {PASSWORD_CHARS_MIN} characters are needed")]
    TooShort,
    /// Too long.
    #[error("the password is too long: at most {PASSWORD_BYTES_MAX} octets are kept")]
    TooLong,
    /// A control character, most likely a line end that slipped in.
    #[error("the password holds a control character")]
    Control,
    /// Legacy clients cut a password at the first character that is not printable ASCII.
    #[error(
        "the password for legacy sign-on may hold printable ASCII only, because such clients cut it at the first other \
         character: choose another one or switch legacy sign-on off"
    )]
    NotAscii,
}

impl Password {
    /// Reads a password; one line end at its end is not part of it.
    pub fn parse(text: &str) -> Result<Self, PasswordRefused> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.chars().count() < PASSWORD_CHARS_MIN {
            Err(PasswordRefused::TooShort)
        } else if text.len() > PASSWORD_BYTES_MAX {
            Err(PasswordRefused::TooLong)
        } else if text.chars().any(char::is_control) {
            Err(PasswordRefused::Control)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The password, where legacy clients can send it whole.
    ///
    /// # Errors
    /// [`PasswordRefused::NotAscii`] otherwise.
    pub fn legacy(&self) -> Result<&str, PasswordRefused> {
        if self.0.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            Ok(&self.0)
        } else {
            Err(PasswordRefused::NotAscii)
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

/// The PHC string of the password under this salt. Takes tens of milliseconds and 19 MiB.
pub(crate) fn hash(password: &[u8], salt: &[u8; 16]) -> Result<String, String> {
    let hash = hasher()?.hash_password_with_salt(password, salt).map_err(|e| e.to_string())?;
    Ok(hash.to_string())
}

/// A PHC string that takes the same work as any other and that no password is behind. Computes nothing.
pub(crate) fn decoy(salt: &[u8; 16], unknown: &[u8]) -> Result<String, String> {
    let mut output = [0; 32];
    for (to, from) in output.iter_mut().zip(unknown.iter().cycle()) {
        *to = *from;
    }
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes);
    let phc = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${}${}", encode(salt), encode(&output));
    PasswordHash::new(&phc).map(|_| ()).map_err(|e| e.to_string())?;
    Ok(phc)
}

/// Whether the password is the one behind the PHC string. The same work whatever the answer.
pub(crate) fn matches(password: &[u8], phc: &str) -> bool {
    match (PasswordHash::new(phc), hasher()) {
        (Ok(hash), Ok(hasher)) => hasher.verify_password(password, &hash).is_ok(),
        _ => false,
    }
}

fn hasher() -> Result<Argon2<'static>, String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|e| e.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
