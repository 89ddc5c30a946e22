//! The NT hash of a password ([MS-NLMP] 3.3.1, NTOWFv1): as good as the password itself, and treated so.
//! Never printed; where it is kept and sealed is not decided here.

use crate::crypt;

/// The NT hash: MD4 over the password in UTF-16LE. Wiped when dropped.
#[derive(Clone)]
pub struct NtHash([u8; 16]);

impl NtHash {
    /// The hash of a password.
    ///
    /// Clients may cut or convert what is not ASCII, so callers take only printable ASCII.
    #[must_use]
    pub fn of_password(password: &str) -> Self {
        let mut units = crypt::utf16le(password);
        let hash = Self(crypt::md4(&units));
        crypt::wipe(&mut units);
        hash
    }

    /// From the 16 octets that [`NtHash::as_bytes`] gave.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 octets, to be sealed and kept.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Drop for NtHash {
    fn drop(&mut self) {
        crypt::wipe(&mut self.0);
    }
}

impl std::fmt::Debug for NtHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NtHash(..)")
    }
}
