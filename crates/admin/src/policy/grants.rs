//! Policies granted to people and taken from them, and which one is in force for a person.
//! Only policies with a name of their own are granted; the others apply by site and pool.

use chat::{Person, Policy, Principal, ScopeName};
use store::RowChange;

use super::{find, people, ruling};
use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::{PolicyAssign, PolicyEffective, PolicyGrant, PolicyRevoke};
use crate::outcome::{Outcome, Rows};
use crate::principal::People;
use crate::scope;
use crate::user;
use crate::value::Revised;
use crate::view::{EffectivePolicyView, UserView};

/// Most people one operation grants a policy to (ours: its transaction holds everybody else up for a tenth of a second).
const USERS_MAX: usize = 1_000;

pub(crate) async fn grant(errand: &Errand<'_>, asked: &PolicyGrant) -> Result<Outcome, AdminError> {
    let policies = errand.store.policies().await?;
    let policy = granted(&policies, "policy", &asked.policy)?;
    let persons = persons(errand, &asked.users).await?;
    give(errand, &policies, &persons, |_| Some(policy.id)).await
}

pub(crate) async fn revoke(errand: &Errand<'_>, asked: &PolicyRevoke) -> Result<Outcome, AdminError> {
    let policies = errand.store.policies().await?;
    let policy = granted(&policies, "policy", &asked.policy)?;
    let persons = persons(errand, &asked.users).await?;
    // Who has another one keeps it.
    give(errand, &policies, &persons, |own| own.filter(|own| *own != policy.id)).await
}

pub(crate) async fn assign(errand: &Errand<'_>, asked: &PolicyAssign) -> Result<Outcome, AdminError> {
    let person = user::find(errand, "user", &asked.user).await?;
    errand.matches(&user::object(&person.address), &person.standing.to_string())?;
    let policies = errand.store.policies().await?;
    let wanted = match &asked.policy_name {
        Revised::To(name) => Some(granted(&policies, "policyName", name)?.id),
        Revised::Cleared => None,
        Revised::Kept => {
            let message = "the policy is missing (policyName): name one, or take away the one that was granted (null, on the command line --clear-policy-name)";
            return Err(AdminError::invalid("policyName", message));
        }
    };
    give(errand, &policies, &[person], |_| wanted).await
}

pub(crate) async fn effective(errand: &Errand<'_>, asked: &PolicyEffective) -> Result<Outcome, AdminError> {
    let person = user::find(errand, "user", &asked.user).await?;
    let policies = errand.store.policies().await?;
    let account = errand.store.accounts(vec![person.id]).await?.pop();
    let policy = ruling(errand, &policies, account.and_then(|account| account.policy));
    let policy =
        policy.ok_or_else(|| AdminError::Unavailable("the policy global is missing in the store".into()))?;
    let view = EffectivePolicyView {
        user: person.address.to_string(),
        policy: policy.scope.to_string(),
        enable_persistent_chat: policy.enabled,
        because: scope::because(errand, &policy.scope, person.address.as_str()),
    };
    Ok(Outcome::of(Rows::EffectivePolicies(vec![view])))
}

/// The policy of this name, if it is one to be granted.
fn granted(all: &[Policy], field: &str, text: &str) -> Result<Policy, AdminError> {
    let policy = find(all, field, text)?;
    if let ScopeName::Tag(_) = policy.scope {
        return Ok(policy);
    }
    let message = format!(
        "the policy {} is not granted to people, it applies by itself: \
         make one with a name (`causerie policy new NAME --enable-persistent-chat`) and grant that",
        policy.scope
    );
    Err(AdminError::rule(field, message))
}

/// The people of these addresses, each once.
async fn persons(errand: &Errand<'_>, users: &[String]) -> Result<Vec<Person>, AdminError> {
    let field = "users";
    if users.is_empty() {
        return Err(AdminError::invalid(
            field,
            "users names nobody: give at least one address (--user ADDRESS)",
        ));
    }
    if users.len() > USERS_MAX {
        let message = format!(
            "{} are named, and one operation takes at most {USERS_MAX}: ask several times",
            people(users.len())
        );
        return Err(AdminError::invalid(field, message));
    }
    let named = People::named(errand.store, users.iter().map(String::as_str), []).await?;
    let mut persons: Vec<Person> = Vec::with_capacity(users.len());
    for text in users {
        let Principal::Person(id) = named.read_one(field, text)? else {
            let message =
                format!("'{text}' is not one person: a policy is granted to people, each by address");
            return Err(AdminError::rule(field, message));
        };
        if let Some(person) = named.person(id)
            && persons.iter().all(|known| known.id != id)
        {
            persons.push(person.clone());
        }
    }
    Ok(persons)
}

/// Gives each person the policy that follows from the one it is granted now.
async fn give(
    errand: &Errand<'_>,
    policies: &[Policy],
    persons: &[Person],
    wanted: impl Fn(Option<i64>) -> Option<i64>,
) -> Result<Outcome, AdminError> {
    let accounts = errand.store.accounts(persons.iter().map(|person| person.id).collect()).await?;
    let before = user::views(errand, persons).await?;
    let mut work = Work::default();
    let mut after: Vec<UserView> = Vec::with_capacity(before.len());
    for (person, view) in persons.iter().zip(&before) {
        let own =
            accounts.iter().find(|account| account.person == person.id).and_then(|account| account.policy);
        let new = wanted(own);
        let ruled = ruling(errand, policies, new);
        let planned = UserView {
            policy: policies
                .iter()
                .find(|policy| Some(policy.id) == new)
                .map(|policy| policy.scope.to_string()),
            chat: ruled.is_some_and(|policy| policy.enabled),
            ..view.clone()
        };
        work.compare(&user::object(&person.address), Some(view), Some(&planned));
        if new != own {
            work.rows.push(user::as_read(person));
            work.rows.push(RowChange::GrantPolicy(person.id, new));
        }
        after.push(planned);
    }
    let done = errand.write(&work).await?;
    for (person, view) in persons.iter().zip(&mut after) {
        *view = user::settled(view.clone(), user::person_of(&done, person.id));
    }
    Ok(work.outcome(Rows::Users(after)))
}
