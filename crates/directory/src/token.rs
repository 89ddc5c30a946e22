//! Tokens: what a program shows instead of a password, what each may be used for, and who is behind one.
//! Keeps none and ends none; administration does, and only the hash of a secret is ever kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::{Person, PersonId, PersonState, Role, Roles, Time};
use ring::digest::{SHA256, digest};
use store::TokenRow;

use crate::directory::Directory;
use crate::fault::DirectoryFault;

/// What every token begins with, so that whoever finds one lying about knows what it is.
const PREFIX: &str = "cst_";
/// What is kept as the scope of a join code. No token may be used for it, and a join code for nothing else.
pub const JOIN_CODE: &str = "join";
/// Octets of a secret (ours: as many as its hash has; nobody guesses it).
const SECRET_LEN: usize = 32;

/// What a token may be used for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenScope {
    /// All administration.
    Admin,
    /// Categories, rooms, add-ins, messages, policies and settings.
    ChatAdmin,
    /// People, groups and the policy each person has.
    UserAdmin,
    /// Everything administration shows.
    Reader,
    /// What its owner does as a person: rooms, messages, search.
    User,
}

/// A new secret. Nobody can read it again once this value is gone.
pub struct Minted {
    /// The secret, as its owner shows it.
    pub secret: String,
    /// What is kept of it.
    pub hash: [u8; 32],
}

/// Who is behind a token that is good now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bearer {
    /// The token.
    pub token: TokenRow,
    /// Whose it is, enabled; `None` for a token that acts for itself.
    pub person: Option<Person>,
    /// What it may be used for.
    pub scope: TokenScope,
}

impl TokenScope {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Admin, Self::ChatAdmin, Self::UserAdmin, Self::Reader, Self::User];

    /// The word people write.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::ChatAdmin => "chat-admin",
            Self::UserAdmin => "user-admin",
            Self::Reader => "reader",
            Self::User => "user",
        }
    }

    /// The scope of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    /// What its bearer may administer at most; nothing for what a person does as a person.
    #[must_use]
    pub fn roles(self) -> Roles {
        match self {
            Self::Admin => Roles::of(&[Role::Administrator]),
            Self::ChatAdmin => Roles::of(&[Role::ChatAdministrator]),
            Self::UserAdmin => Roles::of(&[Role::UserAdministrator]),
            Self::Reader => Roles::of(&[Role::Reader]),
            Self::User => Roles::default(),
        }
    }
}

impl Directory {
    /// A new secret for a token.
    #[must_use]
    pub fn mint(&self) -> Minted {
        let mut random = [0; SECRET_LEN];
        self.clock().fill_random(&mut random);
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let hash = hashed(&secret);
        Minted { secret, hash }
    }

    /// Whether this time is over.
    #[must_use]
    pub fn is_past(&self, time: Time) -> bool {
        time <= self.now()
    }

    /// The time that long from now, in microseconds.
    #[must_use]
    pub fn in_future(&self, micros: i64) -> Time {
        self.now().plus_micros(micros)
    }

    /// Who is behind a token; `None` for one that is unknown, has expired or was revoked, or whose owner is disabled or gone.
    /// The same is done for all of these, and finding one by its hash tells nothing about the hashes of others.
    ///
    /// # Errors
    /// [`DirectoryFault::Store`] when the store cannot be read.
    pub async fn token(&self, secret: &str) -> Result<Option<Bearer>, DirectoryFault> {
        let token = self.store().token(hashed(secret)).await?;
        let owner = token.as_ref().and_then(|token| token.person).unwrap_or(PersonId(0));
        let person = self.store().person(owner).await?;
        Ok(token.and_then(|token| self.bearer(token, person)))
    }

    /// The join code of this secret that is still good; it lets nobody sign on.
    ///
    /// # Errors
    /// As [`Directory::token`].
    pub async fn join_code(&self, secret: &str) -> Result<Option<TokenRow>, DirectoryFault> {
        let token = self.store().token(hashed(secret)).await?;
        let is_good = |token: &TokenRow| {
            token.scope == JOIN_CODE
                && token.revoked.is_none()
                && token.expires.is_some_and(|end| !self.is_past(end))
        };
        Ok(token.filter(is_good))
    }

    fn bearer(&self, token: TokenRow, person: Option<Person>) -> Option<Bearer> {
        let ended = token.revoked.is_some() || token.expires.is_some_and(|end| self.is_past(end));
        let person = person.filter(|person| person.state == PersonState::Enabled);
        let orphan = token.person.is_some() && person.is_none();
        let scope = TokenScope::of_word(&token.scope)?;
        // What a person does as a person needs a person.
        let nobody = scope == TokenScope::User && person.is_none();
        (!ended && !orphan && !nobody).then_some(Bearer { token, person, scope })
    }
}

fn hashed(secret: &str) -> [u8; 32] {
    digest(&SHA256, secret.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 octets")
}

impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Minted(..)")
    }
}
