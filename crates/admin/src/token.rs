//! The verbs of tokens: new, list, revoke; for whom somebody may make one, and with which scope.
//! Secrets come from the directory, are shown once, and are kept and recorded nowhere.

use chat::{Actor, DisplayName, Person, PersonId, PersonState, Principal, Role, Roles, Time, folded};
use directory::TokenScope;
use store::{RowChange, RowDone, TokenDraft, TokenRow};
use uuid::Uuid;

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{TokenList, TokenNew, TokenRevoke, TokenScopeName};
use crate::outcome::{Outcome, Rows};
use crate::page;
use crate::principal::People;
use crate::user;
use crate::value::Secret;
use crate::view::TokenView;

/// Most tokens of one owner that are good at the same time (ours: one for each program, and some).
const TOKENS_MAX: usize = 100;

/// Whose a token is to be.
enum Owner {
    /// A person or bot.
    Person(Box<Person>),
    /// Nobody: it acts for itself.
    Nobody,
}

pub(crate) async fn new(errand: &Errand<'_>, asked: &TokenNew) -> Result<Outcome, AdminError> {
    let name = DisplayName::parse(&asked.name).map_err(of_field("name"))?;
    let scope = TokenScope::from(asked.scope);
    let owner = owner(errand, asked.owner.as_deref()).await?;
    owner.may_use(errand, scope)?;
    let expires = asked.expires.as_ref().map(|end| end.last("expires")).transpose()?;
    if expires.is_some_and(|end| errand.directory.is_past(end)) {
        let message =
            "the token would have ended already: give a later time, or none for one that does not end";
        return Err(AdminError::rule("expires", message));
    }
    let kept = errand.store.tokens_of(owner.id()).await?;
    if kept.iter().filter(|token| is_good(errand, token)).count() >= TOKENS_MAX {
        let message =
            format!("there are {TOKENS_MAX} tokens of this owner already: revoke one that is not used");
        return Err(AdminError::Limit(message));
    }
    let mut work = Work::default();
    if expires.is_none() {
        work.warnings.push("the token is good until it is revoked: --expires DATE ends it by itself".into());
    }
    let planned = TokenView {
        name: name.to_string(),
        scope: asked.scope,
        owner: owner.address(),
        made: String::new(),
        expires: expires.map(Time::iso7),
        revoked: None,
        guid: String::new(),
        secret: None,
    };
    work.compare(&object(&planned), None, Some(&planned));
    if let Owner::Person(person) = &owner {
        work.rows.push(user::as_read(person));
    }
    let minted = errand.directory.mint();
    let scope = scope.word().to_owned();
    work.rows.push(RowChange::NewToken(TokenDraft {
        hash: minted.hash,
        name,
        scope,
        person: owner.id(),
        expires,
    }));
    let done = errand.write(&work).await?;
    // What a rehearsal made was taken back, and its secret opens nothing.
    let made = token_of(&done).filter(|_| !errand.dry_run);
    let view = match made {
        Some(token) => TokenView {
            made: token.made.iso7(),
            guid: token.guid.to_string(),
            secret: Some(Secret(minted.secret)),
            ..planned
        },
        None => planned,
    };
    Ok(work.outcome(Rows::Tokens(vec![view])))
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &TokenList) -> Result<Outcome, AdminError> {
    let mut tokens = if errand.has(Role::Reader) {
        match &asked.owner {
            Some(address) => {
                let person = user::find(errand, "for", address).await?;
                errand.store.tokens_of(Some(person.id)).await?
            }
            None => errand.store.tokens().await?,
        }
    } else {
        let own = oneself(errand).await?;
        if asked.owner.as_ref().is_some_and(|address| !own.address.as_str().eq_ignore_ascii_case(address)) {
            return Err(AdminError::Denied(
                "the tokens of others are shown to readers: an administrator can grant the role (`causerie role grant`)"
                    .into(),
            ));
        }
        errand.store.tokens_of(Some(own.id)).await?
    };
    tokens.retain(|token| asked.ended || is_good(errand, token));
    // Numbers are given in the order in which tokens are made.
    let key = |token: &TokenRow| format!("{:020}", token.id);
    let (tokens, next) = page::cut(tokens, asked.limit, asked.cursor.as_deref(), key)?;
    Ok(Outcome { next, ..Outcome::of(Rows::Tokens(views(errand, &tokens).await?)) })
}

pub(crate) async fn revoke(errand: &Errand<'_>, asked: &TokenRevoke) -> Result<Outcome, AdminError> {
    if asked.token.trim().starts_with("cst_") {
        let message = "that is the secret of a token: name the token by GUID or name (`causerie token list`)";
        return Err(AdminError::invalid("token", message));
    }
    // Everybody's for an administrator, one's own for everybody else.
    let own = if errand.has(Role::Administrator) { None } else { Some(oneself(errand).await?.id) };
    let token = named(errand, asked.token.trim(), own).await?;
    let view = views(errand, std::slice::from_ref(&token)).await?.pop();
    let before = view.ok_or_else(|| absent(&asked.token))?;
    let mut work = Work::default();
    if token.revoked.is_none() {
        work.compare(&object(&before), Some(&before), None);
        work.rows.push(RowChange::RevokeToken(token.id));
    }
    let done = errand.write(&work).await?;
    let revoked = token_of(&done).filter(|_| !errand.dry_run).and_then(|token| token.revoked);
    let view = TokenView { revoked: revoked.map(Time::iso7).or(before.revoked.clone()), ..before };
    Ok(work.outcome(Rows::Tokens(vec![view])))
}

/// The token of this GUID, or the good one of this name, if it is this person's or (with `None`) whoever's it is.
async fn named(errand: &Errand<'_>, text: &str, own: Option<PersonId>) -> Result<TokenRow, AdminError> {
    let may = |token: &TokenRow| own.is_none() || token.person == own;
    if let Ok(guid) = Uuid::parse_str(text) {
        return errand.store.token_of(guid).await?.filter(may).ok_or_else(|| absent(text));
    }
    let all = match own {
        Some(_) => errand.store.tokens_of(own).await?,
        None => errand.store.tokens().await?,
    };
    let key = folded(text);
    let is = |token: &TokenRow| is_good(errand, token) && folded(token.name.as_str()) == key;
    let mut found: Vec<TokenRow> = all.into_iter().filter(is).collect();
    match (found.pop(), found.is_empty()) {
        (Some(token), true) => Ok(token),
        (None, _) => Err(absent(text)),
        _ => {
            let message = format!(
                "several tokens are called '{text}': name the one you mean by its GUID (`causerie token list --json`)"
            );
            Err(AdminError::rule("token", message))
        }
    }
}

fn absent(text: &str) -> AdminError {
    AdminError::NotFound(format!(
        "there is no token '{text}' that you may revoke: `causerie token list` shows yours"
    ))
}

/// Whose the token is to be: oneself, a bot account, or (at the shell of the server) nobody.
async fn owner(errand: &Errand<'_>, named: Option<&str>) -> Result<Owner, AdminError> {
    let asking = match errand.asker.by {
        Actor::Person(_) => Some(errand.behind().await?.ok_or_else(nobody)?),
        Actor::Shell(_) | Actor::Server | Actor::Token(_) => None,
    };
    let named = match named {
        Some(address) => {
            Some(user::find(errand, "for", address).await.map_err(|error| unknown(errand, error))?)
        }
        None => None,
    };
    match (named, asking) {
        (Some(named), Some(asking)) if named.id == asking.id => for_oneself(errand, asking),
        (None, Some(asking)) => for_oneself(errand, asking),
        (Some(named), _) => for_a_bot(errand, named),
        (None, None) if matches!(errand.asker.by, Actor::Token(_)) => Err(AdminError::Denied(
            "a token that acts for itself is made at the shell of the server only: give --for a bot account"
                .into(),
        )),
        (None, None) => Ok(Owner::Nobody),
    }
}

fn for_oneself(errand: &Errand<'_>, asking: Person) -> Result<Owner, AdminError> {
    if errand.asker.within.is_some() {
        // Whoever finds a token could make itself another one, and revoking the first would not help.
        let message = "a token makes no token for whose it is: sign on with the password to make one";
        return Err(AdminError::Denied(message.into()));
    }
    Ok(Owner::Person(Box::new(asking)))
}

fn for_a_bot(errand: &Errand<'_>, named: Person) -> Result<Owner, AdminError> {
    if !errand.has(Role::Administrator) {
        return Err(AdminError::Denied(
            "tokens for others need the role administrator, and are for bot accounts only; for yourself leave --for out"
                .into(),
        ));
    }
    if !named.bot {
        let message = format!(
            "{} is no bot account: people make their own tokens, and a bot is made with `causerie user new ADDRESS --bot`",
            named.address
        );
        return Err(AdminError::rule("for", message));
    }
    if named.state != PersonState::Enabled {
        let message = format!("{} is disabled: `causerie user enable {}`", named.address, named.address);
        return Err(AdminError::Disabled(message));
    }
    Ok(Owner::Person(Box::new(named)))
}

/// Who exists is told to those who may make tokens for others only.
fn unknown(errand: &Errand<'_>, error: AdminError) -> AdminError {
    match error {
        AdminError::NotFound(_) if !errand.has(Role::Administrator) => AdminError::Denied(
            "tokens for others need the role administrator, and are for bot accounts only; for yourself leave --for out"
                .into(),
        ),
        error => error,
    }
}

/// The person who asks.
async fn oneself(errand: &Errand<'_>) -> Result<Person, AdminError> {
    let asking = errand.asking().await?;
    asking.ok_or_else(nobody)
}

fn nobody() -> AdminError {
    AdminError::Denied("only people who may sign on have tokens of their own".into())
}

impl Owner {
    fn id(&self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person.id),
            Self::Nobody => None,
        }
    }

    fn address(&self) -> Option<String> {
        match self {
            Self::Person(person) => Some(person.address.to_string()),
            Self::Nobody => None,
        }
    }

    /// A token gives nobody more than its owner has.
    fn may_use(&self, errand: &Errand<'_>, scope: TokenScope) -> Result<(), AdminError> {
        let field = "scope";
        let Self::Person(person) = self else {
            if scope == TokenScope::User {
                let message = "the scope user is what somebody does as a person: give --for a bot account";
                return Err(AdminError::rule(field, message));
            }
            return Ok(());
        };
        let own = |role: Role| person.roles.granting(role).is_some();
        let Some(missing) = Roles::iter(scope.roles()).find(|role| !own(*role)) else { return Ok(()) };
        let word = scope.word();
        let hint = if errand.has(Role::Administrator) {
            format!("`causerie role grant {missing} {}`", person.address)
        } else {
            "an administrator can grant it".to_owned()
        };
        let message =
            format!("{} has not the role {missing}, which the scope {word} is for: {hint}", person.address);
        Err(AdminError::rule(field, message))
    }
}

/// Whether whoever shows it is somebody, as far as the token itself goes.
fn is_good(errand: &Errand<'_>, token: &TokenRow) -> bool {
    token.revoked.is_none() && token.expires.is_none_or(|end| !errand.directory.is_past(end))
}

fn token_of(done: &[RowDone]) -> Option<&TokenRow> {
    done.iter().find_map(|one| match one {
        RowDone::Token(token) => Some(token),
        _ => None,
    })
}

fn object(view: &TokenView) -> String {
    match &view.owner {
        Some(owner) => format!("token {} of {owner}", view.name),
        None => format!("token {}", view.name),
    }
}

/// Tokens as they are shown, in their order; those of a scope that this program does not know are left out.
async fn views(errand: &Errand<'_>, tokens: &[TokenRow]) -> Result<Vec<TokenView>, AdminError> {
    let owners: Vec<Principal> =
        tokens.iter().filter_map(|token| token.person).map(Principal::Person).collect();
    let people = People::on(errand.store, &owners).await?;
    let shown = |token: &TokenRow| {
        Some(TokenView {
            name: token.name.to_string(),
            scope: TokenScope::of_word(&token.scope)?.into(),
            owner: token.person.map(|person| people.show(&Principal::Person(person))),
            made: token.made.iso7(),
            expires: token.expires.map(Time::iso7),
            revoked: token.revoked.map(Time::iso7),
            guid: token.guid.to_string(),
            secret: None,
        })
    };
    Ok(tokens.iter().filter_map(shown).collect())
}

impl From<TokenScopeName> for TokenScope {
    fn from(name: TokenScopeName) -> Self {
        match name {
            TokenScopeName::Admin => Self::Admin,
            TokenScopeName::ChatAdmin => Self::ChatAdmin,
            TokenScopeName::UserAdmin => Self::UserAdmin,
            TokenScopeName::Reader => Self::Reader,
            TokenScopeName::User => Self::User,
        }
    }
}

impl From<TokenScope> for TokenScopeName {
    fn from(scope: TokenScope) -> Self {
        match scope {
            TokenScope::Admin => Self::Admin,
            TokenScope::ChatAdmin => Self::ChatAdmin,
            TokenScope::UserAdmin => Self::UserAdmin,
            TokenScope::Reader => Self::Reader,
            TokenScope::User => Self::User,
        }
    }
}
