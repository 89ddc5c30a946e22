//! The server's decision ([MS-NLMP] 3.3.2 and 3.2.5.1.2): does an answer prove the password behind a hash.
//! Does not know whose hash it is; for a name nobody has the caller passes a decoy and gets the same work and answer.

use crate::association::Association;
use crate::authenticate::Authenticate;
use crate::challenge::Challenge;
use crate::crypt;
use crate::hash::NtHash;
use crate::refused::Refused;

impl Challenge {
    /// Checks the answer to this CHALLENGE against the hash of the person it names.
    ///
    /// The work and the time do not depend on whether the hash is right, only the derivation of keys after a success
    /// does. The CHALLENGE is used up either way.
    ///
    /// # Errors
    ///
    /// [`Refused::WrongPassword`]; [`Refused::WrongIntegrityCode`] if the client sent such a code and it is wrong.
    pub fn accept(self, answer: &Authenticate, hash: &NtHash) -> Result<Association, Refused> {
        let key = crypt::ntowf_v2(hash.as_bytes(), &answer.user, &answer.domain);
        let proof = crypt::hmac_md5(&key, &[self.server_challenge(), &answer.blob]);
        if !crypt::same(&proof, &answer.proof) {
            return Err(Refused::WrongPassword);
        }
        let base = crypt::hmac_md5(&key, &[&proof]);
        let session = crypt::rc4(&base, answer.encrypted_key);
        if let Some(integrity) = &answer.integrity {
            // There is no NEGOTIATE in datagram mode, so the code covers our CHALLENGE and the answer.
            let code = crypt::hmac_md5(&session, &[self.octets(), &integrity.octets]);
            if !crypt::same(&code, &integrity.code) {
                return Err(Refused::WrongIntegrityCode);
            }
        }
        Ok(Association::of_server(&session))
    }
}
