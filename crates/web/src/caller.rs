//! Who asks: found from a session's cookie or a token, and what that lets it do.
//! Decides no right in a room and no operation; that is done below.

use std::net::IpAddr;
use std::sync::Arc;

use admin::Asker;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use chat::{Actor, Person, PersonId, PersonState, Role, Roles};
use directory::TokenScope;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::sleep;
use uuid::Uuid;

use crate::door::Ends;
use crate::house::House;
use crate::limits::REVIEW_EVERY;
use crate::problem::{Code, Problem};
use crate::rate::Whose;
use crate::sessions::SessionKey;

/// The cookie that holds a session's secret. Browsers take one of this beginning only over TLS, for this host alone.
pub(crate) const COOKIE_NAME: &str = "__Host-causerie";
/// The cookie where no TLS is spoken, which is on this machine alone.
const PLAIN_COOKIE_NAME: &str = "causerie";

/// How somebody shows who he is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Credential {
    /// By the cookie of a session, which began under this admission of the person.
    Session { key: SessionKey, admission: u64 },
    /// By a token.
    Token(Uuid),
}

/// What may be done with a credential. It never gives more than its owner has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Whatever the person may: a session.
    Everything,
    /// What people do for themselves: rooms, posts, what they follow.
    User,
    /// To look at everything.
    Reader,
    /// What user administrators do.
    UserAdmin,
    /// What persistent chat administrators do.
    ChatAdmin,
    /// What administrators do.
    Admin,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// As the journal records it.
    pub(crate) actor: Actor,
    /// The person, if it is one.
    pub(crate) person: Option<Arc<Person>>,
    /// What the credential allows.
    pub(crate) scope: Scope,
    /// What it was shown by.
    pub(crate) credential: Credential,
}

/// What a route needs of whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// Nothing: also strangers may.
    Nobody,
    /// Somebody, whatever its scope.
    Somebody,
    /// A person's own things: rooms, posts, what it follows.
    Person,
    /// What an operation of administration needs.
    Operation(admin::Need),
}

impl Scope {
    /// The word people write.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::User => "user",
            Self::Reader => "reader",
            Self::UserAdmin => "user-admin",
            Self::ChatAdmin => "chat-admin",
            Self::Admin => "admin",
        }
    }

    /// Whether it is enough for a person's own things.
    #[must_use]
    pub fn is_personal(self) -> bool {
        matches!(self, Self::Everything | Self::User)
    }

    /// The most roles it gives; `None` for whatever the person has.
    #[must_use]
    pub fn roles(self) -> Option<Roles> {
        Some(match self {
            Self::Everything => return None,
            Self::User => Roles::default(),
            Self::Reader => Roles::of(&[Role::Reader]),
            Self::UserAdmin => Roles::of(&[Role::UserAdministrator]),
            Self::ChatAdmin => Roles::of(&[Role::ChatAdministrator]),
            Self::Admin => Roles::of(&[Role::Administrator]),
        })
    }
}

impl From<TokenScope> for Scope {
    fn from(scope: TokenScope) -> Self {
        match scope {
            TokenScope::User => Self::User,
            TokenScope::Reader => Self::Reader,
            TokenScope::UserAdmin => Self::UserAdmin,
            TokenScope::ChatAdmin => Self::ChatAdmin,
            TokenScope::Admin => Self::Admin,
        }
    }
}

impl Caller {
    /// Whose rate its requests count for.
    pub(crate) fn whose(&self, from: IpAddr) -> Whose {
        match (self.credential, &self.person) {
            (Credential::Token(guid), _) => Whose::Token(guid),
            (Credential::Session { .. }, Some(person)) => Whose::Person(person.id),
            (Credential::Session { .. }, None) => Whose::Address(directory::origin(from)),
        }
    }

    /// The administrative roles it can use: those of the person, as far as the credential gives them.
    pub(crate) fn roles(&self) -> Roles {
        match (&self.person, self.scope.roles()) {
            (Some(person), None) => person.roles,
            (Some(person), Some(most)) => person.roles.within(most),
            (None, most) => most.unwrap_or_default(),
        }
    }

    /// Refuses what the credential does not allow.
    ///
    /// # Errors
    /// 403.
    pub(crate) fn may(&self, need: Need) -> Result<(), Problem> {
        match need {
            Need::Nobody | Need::Somebody => Ok(()),
            Need::Person if self.scope.is_personal() && self.person.is_some() => Ok(()),
            Need::Person => {
                let remedy = "sign on by password, or use a token of scope user that belongs to a person";
                Err(Problem::new(Code::ErrorPermission, format!("this is for people: {remedy}")))
            }
            Need::Operation(need) if need.is_met(self.roles()) => Ok(()),
            Need::Operation(need) => {
                let said = format!("this needs {need}, and a credential whose scope includes it");
                Err(Problem::new(Code::ErrorPermission, format!("{said}: ask an administrator")))
            }
        }
    }

    /// Who asks, as operations of administration want to know it.
    pub(crate) fn asker(&self, from: IpAddr) -> Asker {
        let (token, admission, credential) = match self.credential {
            Credential::Session { admission, .. } => (None, Some(admission), "session".to_owned()),
            Credential::Token(guid) => (Some(guid), None, format!("token {guid}")),
        };
        let asker = Asker::new(self.actor, format!("https {from} {credential}"));
        Asker { within: self.scope.roles(), token, admission, ..asker }
    }

    /// Whether it may still be answered: the session is open, the token good, and the person there.
    pub(crate) async fn stays(&self, house: &House, headers: &HeaderMap) -> bool {
        match self.credential {
            Credential::Session { key, admission } => {
                let known = self.person.as_ref().and_then(|person| admitted(house, person.id, admission));
                house.sessions.holds(key) && known.is_some()
            }
            // A store that does not answer now says nothing of the token.
            Credential::Token(_) => !matches!(
                token(house, headers).await,
                Err(problem) if problem.code() == Code::NotSignedOn
            ),
        }
    }

    /// Waits until this caller may no longer be answered.
    pub(crate) async fn lost(&self, house: &House, headers: &HeaderMap) {
        loop {
            sleep(REVIEW_EVERY).await;
            if !self.stays(house, headers).await {
                return;
            }
        }
    }
}

/// Who sent a request with these headers.
///
/// # Errors
/// 401 when they show nobody who may be here now.
pub(crate) async fn find(house: &House, headers: &HeaderMap, ends: Ends) -> Result<Caller, Problem> {
    if carries_token(headers) {
        return token(house, headers).await;
    }
    let secret = cookie(headers, cookie_name(ends)).ok_or_else(Problem::nobody)?;
    let found = house.sessions.find(&house.directory, secret, house.clock.now()).await?;
    let (key, person, admission) = found.ok_or_else(Problem::nobody)?;
    let person = admitted(house, person, admission).ok_or_else(Problem::nobody)?;
    Ok(Caller {
        actor: Actor::Person(person.id),
        person: Some(person),
        scope: Scope::Everything,
        credential: Credential::Session { key, admission },
    })
}

/// Whether the request shows a token. Pages of other sites cannot make a browser send one.
pub(crate) fn carries_token(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}

/// The caller behind `Authorization: Bearer`.
async fn token(house: &House, headers: &HeaderMap) -> Result<Caller, Problem> {
    let unknown = || {
        let said = "the token is not known, was revoked, is over, or belongs to somebody who may not be here";
        Problem::new(Code::NotSignedOn, format!("{said}: make a new one"))
    };
    let token = house.directory.token(bearer(headers).ok_or_else(unknown)?).await?.ok_or_else(unknown)?;
    let person = match token.person {
        Some(owner) => Some(enabled(house, owner.id).ok_or_else(unknown)?),
        None => None,
    };
    let actor = person.as_ref().map_or(Actor::Token(token.token.id), |person| Actor::Person(person.id));
    let credential = Credential::Token(token.token.guid);
    Ok(Caller { actor, person, scope: token.scope.into(), credential })
}

/// The secret in the one field `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else { return None };
    let (scheme, secret) = field.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// The session whose cookie a request shows, whether it is open or not.
pub(crate) fn shown_session(headers: &HeaderMap, ends: Ends) -> Option<SessionKey> {
    cookie(headers, cookie_name(ends)).map(SessionKey::of)
}

/// What the cookie is called on such a connection.
fn cookie_name(ends: Ends) -> &'static str {
    if ends.tls { COOKIE_NAME } else { PLAIN_COOKIE_NAME }
}

/// The field that gives a browser this secret, or takes it away when there is none.
pub(crate) fn cookie_field(ends: Ends, secret: Option<&str>) -> String {
    let (name, secure) = (cookie_name(ends), if ends.tls { " Secure;" } else { "" });
    let (secret, age) = secret.map_or(("", "; Max-Age=0"), |secret| (secret, ""));
    format!("{name}={secret}; Path=/;{secure} HttpOnly; SameSite=Strict{age}")
}

/// The secret in the one cookie of this name; two of them are none.
fn cookie<'h>(headers: &'h HeaderMap, ours: &str) -> Option<&'h str> {
    let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
    let mut found = fields.flat_map(|field| field.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == ours).then_some(value)
    });
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

/// The person, if whoever signed on under this admission may be here.
pub(crate) fn admitted(house: &House, person: PersonId, admission: u64) -> Option<Arc<Person>> {
    enabled(house, person).filter(|person| person.admission <= admission)
}

fn enabled(house: &House, person: PersonId) -> Option<Arc<Person>> {
    house.rooms.person_by_id(person).filter(|person| person.state == PersonState::Enabled)
}
