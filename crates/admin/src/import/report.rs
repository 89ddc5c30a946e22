//! What an import would change, in words and numbers.
//! Changes nothing.

use chat::{Address, DisplayName};
use directory::{Added, Alteration, Altered, Conflicts, Gone, ObjectKind, Plan};
use serde_json::{Value, json};

use super::known::{Kept, Known};
use crate::changes::Work;
use crate::error::AdminError;
use crate::outcome::Changed;
use crate::view::ImportView;

/// Changes an answer lists one by one; all are counted (ours: the record has each of them).
const CHANGES_MAX: usize = 10_000;
/// Unusable addresses that are listed; all are counted (ours).
const NOTES_MAX: usize = 20;

/// Lists what changes, each thing once.
pub(super) fn list(plan: &Plan, known: &Known, work: &mut Work) {
    let mut all = 0;
    let mut put = |changed: Changed| {
        all += 1;
        if work.changes.len() < CHANGES_MAX {
            work.changes.push(changed);
        }
    };
    plan.gone.iter().for_each(|one| put(gone(one)));
    plan.added.iter().for_each(|one| put(added(one)));
    plan.altered.iter().flat_map(altered).for_each(&mut put);
    plan.gone.iter().filter_map(|gone| known.rows.get(&gone.guid)).flat_map(revoked).for_each(&mut put);
    for change in &plan.memberships {
        put(members(&change.display_name, change.left.len(), change.joined.len()));
    }
    if all > CHANGES_MAX {
        work.warnings.push(format!("{all} changes; the first {CHANGES_MAX} are listed, and `causerie audit get` shows all that was done"));
    }
    if !plan.held.is_empty() {
        let some: Vec<&str> = plan.held.iter().take(NOTES_MAX).map(Address::as_str).collect();
        let more = plan.held.len() - some.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        work.warnings.push(format!(
            "the directory enables them, but they are disabled here and stay so until `causerie user enable`: {}{more}",
            some.join(", ")
        ));
    }
    let notes = &plan.left_out.passed_over.notes;
    let shown = notes.iter().take(NOTES_MAX).map(|(line, what)| format!("line {line}: {what}"));
    work.warnings.extend(shown);
}

/// That an object goes.
pub(super) fn gone(gone: &Gone) -> Changed {
    let name = gone.name.as_ref().map_or_else(|| gone.display_name.to_string(), ToString::to_string);
    one(gone.kind, &name, "gone", Value::Bool(false), Value::Bool(true))
}

/// That a person loses each of its roles.
pub(super) fn revoked(kept: &Kept) -> impl Iterator<Item = Changed> {
    let name = kept.name.clone();
    kept.roles.iter().map(move |role| one(kept.kind, &name, "role", json!(role.word()), Value::Null))
}

/// That an object comes.
pub(super) fn added(added: &Added) -> Changed {
    let after = added.address.as_ref().map_or(added.display_name.as_str(), |address| address.as_str());
    one(added.kind, added.name.as_str(), "added", Value::Null, json!(after))
}

/// What changes of an object.
pub(super) fn altered(altered: &Altered) -> impl Iterator<Item = Changed> {
    altered.alterations.iter().map(|alteration| {
        let (before, after) = values(alteration);
        one(altered.kind, altered.name.as_str(), alteration.field(), before, after)
    })
}

/// That a person's address is free for somebody else, until the person gets another.
pub(super) fn freed(altered: &Altered, held: &Address) -> Changed {
    one(altered.kind, altered.name.as_str(), "address", json!(held.as_str()), Value::Null)
}

/// How many leave a group, and how many join it.
pub(super) fn members(group: &DisplayName, left: usize, joined: usize) -> Changed {
    let told = |count: usize| if count == 0 { Value::Null } else { json!(count) };
    one(ObjectKind::Group, group.as_str(), "members", told(left), told(joined))
}

/// How many of each.
pub(super) fn counts(plan: &Plan) -> Vec<ImportView> {
    let mut rows = Vec::new();
    let mut row = |what: &str, of: &str, count: u64| {
        if count > 0 {
            rows.push(ImportView { what: what.to_owned(), of: of.to_owned(), count });
        }
    };
    for kind in [ObjectKind::Person, ObjectKind::Group, ObjectKind::Container, ObjectKind::Domain] {
        let word = word(kind);
        let count =
            |kinds: &mut dyn Iterator<Item = ObjectKind>| kinds.filter(|one| *one == kind).count() as u64;
        row("added", word, count(&mut plan.added.iter().map(|one| one.kind)));
        row("changed", word, count(&mut plan.changed().map(|one| one.kind)));
        row("renamed", word, count(&mut plan.renamed().map(|one| one.kind)));
        row("moved", word, count(&mut plan.moved().map(|one| one.kind)));
        row("disabled", word, count(&mut plan.disabled().map(|one| one.kind)));
        row("enabled", word, count(&mut plan.enabled_again().map(|one| one.kind)));
        row("gone", word, count(&mut plan.gone.iter().map(|one| one.kind)));
    }
    row("joined", "membership", plan.memberships.iter().map(|one| one.joined.len() as u64).sum());
    row("left", "membership", plan.memberships.iter().map(|one| one.left.len() as u64).sum());
    row("held", "person who is disabled here", plan.held.len() as u64);
    row("unchanged", "object", plan.unchanged);
    let out = &plan.left_out;
    row("left-out", "person that is not SIP-enabled", out.not_sip_enabled);
    row("left-out", "member that is not in the export", out.outside.members);
    row("left-out", "group that is not in the export", out.outside.groups);
    row("left-out", "address that cannot be used", out.passed_over.bad_addresses);
    for (class, count) in &out.passed_over.classes {
        row("left-out", &format!("object of class {class}"), *count);
    }
    row("left-out", "object of another class", out.passed_over.other_classes);
    rows
}

/// What stands against it.
pub(super) fn conflict(field: &str, conflicts: &Conflicts) -> AdminError {
    let listed: Vec<String> = conflicts.listed.iter().map(ToString::to_string).collect();
    let more = conflicts.count.saturating_sub(conflicts.listed.len());
    let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    AdminError::rule(field, format!("the export cannot be imported as it is: {}{more}", listed.join("; ")))
}

fn one(kind: ObjectKind, name: &str, field: &str, before: Value, after: Value) -> Changed {
    Changed { object: format!("{} {name}", word(kind)), field: field.to_owned(), before, after }
}

fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Person => "person",
        ObjectKind::Group => "group",
        ObjectKind::Container => "container",
        ObjectKind::Domain => "domain",
    }
}

fn values(alteration: &Alteration) -> (Value, Value) {
    match alteration {
        Alteration::Name { before, after } => {
            (before.as_ref().map_or(Value::Null, |name| json!(name.as_str())), json!(after.as_str()))
        }
        Alteration::DisplayName { before, after } => (json!(before.as_str()), json!(after.as_str())),
        Alteration::Address { before, after } => {
            (before.as_ref().map_or(Value::Null, |address| json!(address.as_str())), json!(after.as_str()))
        }
        Alteration::Mail { before, after } => (json!(before), json!(after)),
        Alteration::State { before, after } => (json!(state(*before)), json!(state(*after))),
        Alteration::Container { before, after } => (json!(before), json!(after)),
    }
}

fn state(state: chat::PersonState) -> &'static str {
    match state {
        chat::PersonState::Enabled => "enabled",
        chat::PersonState::Disabled => "disabled",
        chat::PersonState::Removed => "gone",
    }
}
