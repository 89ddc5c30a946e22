//! Tokens: what a person or a bot shows instead of a password. Only the hash of one is kept.
//! Says whose a token is and what it may be used for; what that lets somebody do is decided elsewhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::{Clock, DisplayName, PersonId};
use ring::digest::{SHA256, digest};
use uuid::Uuid;

use crate::directory::Directory;
use crate::fault::DirectoryFault;

/// What every token begins with, so that one that was left lying about is known for what it is.
const BEGINNING: &str = "cst_";
/// Octets of a token's secret: nobody guesses 256 bits.
const SECRET_OCTETS: usize = 32;

/// A token that may be used now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// Its GUID.
    pub guid: Uuid,
    /// What it is called.
    pub name: DisplayName,
    /// What it may be used for, as its face says it.
    pub scope: String,
    /// Whose it is.
    pub person: Option<PersonId>,
}

/// A new secret, shown once, and what is kept of it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// The token as its owner shows it.
    pub token: String,
    /// Its SHA-256.
    pub hash: [u8; 32],
}

impl NewSecret {
    /// One that nobody can foresee.
    #[must_use]
    pub fn make(clock: &dyn Clock) -> Self {
        let mut secret = [0; SECRET_OCTETS];
        clock.fill_random(&mut secret);
        let token = format!("{BEGINNING}{}", URL_SAFE_NO_PAD.encode(secret));
        Self { hash: hash(&token), token }
    }
}

impl Directory {
    /// The token with this secret, if it may be used now; `None` for one that is unknown, revoked or over.
    ///
    /// # Errors
    /// [`DirectoryFault::Store`].
    pub async fn token(&self, secret: &str) -> Result<Option<Token>, DirectoryFault> {
        let right = secret.starts_with(BEGINNING) && secret.len() == BEGINNING.len() + encoded_octets();
        if !right {
            return Ok(None);
        }
        let row = self.store().token(hash(secret)).await?;
        let now = self.now();
        let row = row.filter(|row| row.revoked.is_none() && row.expires.is_none_or(|end| end > now));
        Ok(row.map(|row| Token {
            id: row.id,
            guid: row.guid,
            name: row.name,
            scope: row.scope,
            person: row.person,
        }))
    }
}

impl std::fmt::Debug for NewSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewSecret(..)")
    }
}

/// Octets of the secret as it is written: six bits in each.
const fn encoded_octets() -> usize {
    (SECRET_OCTETS * 8).div_ceil(6)
}

fn hash(token: &str) -> [u8; 32] {
    let digest = digest(&SHA256, token.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has thirty-two octets")
}
