//! The verbs of policies: list, get, new, set, remove; granting them is `policy/grants.rs`.
//! Who may use persistent chat by them is worked out by `chat` and kept by the store.

mod grants;

use chat::{Description, Policy, ScopeName, in_force};
use store::{PolicyDraft, PolicyHolders, Premise, RowChange, RowDone};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{PolicyGet, PolicyList, PolicyNew, PolicyRemove, PolicySet};
use crate::outcome::{Outcome, Rows, quoted};
use crate::page;
use crate::scope;
use crate::view::PolicyView;

pub(crate) use grants::{assign, effective, grant, revoke};

pub(crate) async fn list(errand: &Errand<'_>, asked: &PolicyList) -> Result<Outcome, AdminError> {
    let pattern = asked.filter.as_deref().map(|text| scope::pattern("filter", text)).transpose()?;
    let mut policies = errand.store.policies().await?;
    policies.retain(|policy| pattern.as_ref().is_none_or(|pattern| scope::is_like(pattern, &policy.scope)));
    policies.sort_by_cached_key(|policy| policy.scope.folded());
    let key = |policy: &Policy| policy.scope.folded();
    let (policies, next) = page::cut(policies, asked.limit, asked.cursor.as_deref(), key)?;
    let holders = errand.store.policy_holders().await?;
    let views = policies.iter().map(|policy| view(policy, &holders));
    Ok(Outcome { next, ..Outcome::of(Rows::Policies(views.collect())) })
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &PolicyGet) -> Result<Outcome, AdminError> {
    let policy = find(&errand.store.policies().await?, "policy", &asked.policy)?;
    let holders = errand.store.policy_holders().await?;
    Ok(Outcome::of(Rows::Policies(vec![view(&policy, &holders)])))
}

pub(crate) async fn new(errand: &Errand<'_>, asked: &PolicyNew) -> Result<Outcome, AdminError> {
    let scope = scope::read("identity", &asked.identity)?;
    let before = errand.store.policies().await?;
    if before.iter().any(|policy| policy.scope.is(&scope)) {
        return Err(taken(&scope));
    }
    let description = described(asked.description.as_deref())?.unwrap_or_default();
    let draft = PolicyDraft { scope, enabled: asked.enable_persistent_chat, description };
    let planned = drafted(&draft, None);
    let mut work = Work::default();
    work.compare(&object(&draft.scope), None, Some(&compared(&planned)));
    work.warnings.extend(scope::elsewhere(errand, &draft.scope));
    if let ScopeName::Tag(name) = &draft.scope {
        let word = quoted(name);
        work.warnings
            .push(format!("nobody has the policy {name} yet: `causerie policy grant {word} --user ADDRESS`"));
    }
    let after: Vec<Policy> = before.iter().cloned().chain([planned.clone()]).collect();
    work.warnings.extend(moved(errand, &after).await?);
    work.rows.push(RowChange::NewPolicy(draft));
    let done = errand.write(&work).await?;
    Ok(work.outcome(Rows::Policies(vec![view(policy_of(&done).unwrap_or(&planned), &[])])))
}

pub(crate) async fn set(errand: &Errand<'_>, asked: &PolicySet) -> Result<Outcome, AdminError> {
    let before = errand.store.policies().await?;
    let policy = find(&before, "policy", &asked.policy)?;
    errand.matches(&object(&policy.scope), &policy.version.to_string())?;
    if asked.enable_persistent_chat.is_none() && asked.description.is_none() {
        let message =
            "nothing to change was given: --enable-persistent-chat=true (or false) or --description";
        return Err(AdminError::invalid("", message));
    }
    let draft = PolicyDraft {
        scope: policy.scope.clone(),
        enabled: asked.enable_persistent_chat.unwrap_or(policy.enabled),
        description: described(asked.description.as_deref())?.unwrap_or_else(|| policy.description.clone()),
    };
    change(errand, &before, &policy, draft, Work::default()).await
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &PolicyRemove) -> Result<Outcome, AdminError> {
    let before = errand.store.policies().await?;
    let policy = find(&before, "policy", &asked.policy)?;
    errand.matches(&object(&policy.scope), &policy.version.to_string())?;
    let mut work = Work::default();
    if policy.scope == ScopeName::Global {
        work.warnings.push(
            "global is there always: it is only reset, and lets nobody use persistent chat \
             (`causerie policy set global --enable-persistent-chat` lets everybody)"
                .into(),
        );
        let draft =
            PolicyDraft { scope: ScopeName::Global, enabled: false, description: Description::default() };
        return change(errand, &before, &policy, draft, work).await;
    }
    let holders = errand.store.policy_holders().await?;
    let view = view(&policy, &holders);
    let granted = view.granted.unwrap_or_default();
    if granted > 0 && !asked.force {
        return Err(AdminError::Conflict(format!(
            "the policy {} is granted to {}, who would lose it: say --force to remove it all the same",
            policy.scope,
            people(granted)
        )));
    }
    if granted > 0 {
        work.warnings.push(format!(
            "{} lost the policy {}, which was granted",
            people(granted),
            policy.scope
        ));
    }
    work.compare(&object(&policy.scope), Some(&view), None);
    let after: Vec<Policy> = before.iter().filter(|other| other.id != policy.id).cloned().collect();
    work.warnings.extend(moved(errand, &after).await?);
    let Policy { id, version, .. } = policy;
    work.rows.push(RowChange::Assert(Premise::Policy { id, version, holders: granted }));
    work.rows.push(RowChange::RemovePolicy(id));
    errand.write(&work).await?;
    Ok(work.outcome(Rows::Policies(vec![view])))
}

/// Writes a policy anew, if it is another one then.
async fn change(
    errand: &Errand<'_>,
    all: &[Policy],
    policy: &Policy,
    draft: PolicyDraft,
    mut work: Work,
) -> Result<Outcome, AdminError> {
    let planned = drafted(&draft, Some(policy));
    work.compare(&object(&policy.scope), Some(&compared(policy)), Some(&compared(&planned)));
    work.warnings.extend(scope::elsewhere(errand, &policy.scope));
    if !work.changes.is_empty() {
        let mut after = all.to_vec();
        after.iter_mut().filter(|one| one.id == policy.id).for_each(|one| *one = planned.clone());
        work.warnings.extend(moved(errand, &after).await?);
        work.rows.push(RowChange::SetPolicy { id: policy.id, expected_version: Some(policy.version), draft });
    }
    let done = errand.write(&work).await?;
    let holders = errand.store.policy_holders().await?;
    Ok(work.outcome(Rows::Policies(vec![view(policy_of(&done).unwrap_or(&planned), &holders)])))
}

/// The policy of this identity, which stands in this field.
fn find(all: &[Policy], field: &str, text: &str) -> Result<Policy, AdminError> {
    let wanted = scope::read(field, text)?;
    let found = all.iter().find(|policy| policy.scope.is(&wanted));
    found.cloned().ok_or_else(|| {
        AdminError::NotFound(format!(
            "there is no policy '{text}': `causerie policy list` shows them, `causerie policy new` makes one"
        ))
    })
}

/// The policy in force for a person of this pool who is granted this one, or none.
pub(crate) fn ruling<'p>(errand: &Errand<'_>, all: &'p [Policy], granted: Option<i64>) -> Option<&'p Policy> {
    let named = all.iter().find(|policy| Some(policy.id) == granted).map(|policy| &policy.scope);
    let tag = match named {
        Some(ScopeName::Tag(tag)) => Some(tag.as_str()),
        _ => None,
    };
    let scopes: Vec<(ScopeName, usize)> =
        all.iter().enumerate().map(|(place, policy)| (policy.scope.clone(), place)).collect();
    let identity = errand.store.identity();
    in_force(&scopes, tag, &identity.pool_name, &identity.site).map(|(_, place)| &all[*place])
}

/// How many people gain and lose persistent chat when these are the policies.
async fn moved(errand: &Errand<'_>, after: &[Policy]) -> Result<Vec<String>, AdminError> {
    let (mut gain, mut lose) = (0, 0);
    for held in errand.store.policy_holders().await? {
        if ruling(errand, after, held.policy).is_some_and(|policy| policy.enabled) {
            gain += held.people - held.with_chat;
        } else {
            lose += held.with_chat;
        }
    }
    let said =
        [(gain, "may use persistent chat from now on"), (lose, "may not use persistent chat any more")];
    Ok(said
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", people(count)))
        .collect())
}

fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

fn described(text: Option<&str>) -> Result<Option<Description>, AdminError> {
    text.map(|text| Description::parse(text).map_err(of_field("description"))).transpose()
}

/// The policy as it is to be: this one changed, or a new one without number.
fn drafted(draft: &PolicyDraft, old: Option<&Policy>) -> Policy {
    Policy {
        id: old.map_or(0, |old| old.id),
        scope: draft.scope.clone(),
        enabled: draft.enabled,
        description: draft.description.clone(),
        version: old.map_or(0, |old| old.version),
    }
}

fn policy_of(done: &[RowDone]) -> Option<&Policy> {
    done.iter().find_map(|one| match one {
        RowDone::Policy(policy) => Some(policy),
        _ => None,
    })
}

fn taken(scope: &ScopeName) -> AdminError {
    let identity = scope.to_string();
    let message = format!(
        "there is a policy {identity} already: change it with `causerie policy set {}`",
        quoted(&identity)
    );
    AdminError::Duplicate { field: "identity".into(), message }
}

fn object(scope: &ScopeName) -> String {
    format!("policy {scope}")
}

fn view(policy: &Policy, holders: &[PolicyHolders]) -> PolicyView {
    let held = holders.iter().find(|held| held.policy == Some(policy.id)).map_or(0, |held| held.people);
    let granted = matches!(policy.scope, ScopeName::Tag(_)).then_some(held);
    PolicyView { granted, ..compared(policy) }
}

/// A policy itself, without who has it.
fn compared(policy: &Policy) -> PolicyView {
    PolicyView {
        identity: policy.scope.to_string(),
        enable_persistent_chat: policy.enabled,
        description: policy.description.to_string(),
        granted: None,
        etag: policy.version.to_string(),
    }
}
