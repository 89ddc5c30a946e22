//! Who gains and who loses by a change that is not made yet: everybody asked before and after, by the same rules.
//! For dry runs; reads everybody.

use chat::{Category, Person, PersonState, Right, Room};

use crate::errand::Errand;
use crate::error::AdminError;
use crate::view::AccessView;

/// The rights that tell who gets in and who is shut out.
const TOLD: [Right; 5] = [Right::See, Right::Read, Right::Join, Right::Post, Right::Manage];
/// People listed at most (ours: a preview is read, not processed; the first of a change that touches everybody say enough).
const PEOPLE_MAX: usize = 1_000;

/// A room with its category, before or after.
pub(crate) type Before<'a> = Option<(&'a Room, &'a Category)>;

/// Whose rights in a room would change; nothing unless it is a dry run.
pub(crate) async fn room_preview(
    errand: &Errand<'_>,
    before: Before<'_>,
    after: Before<'_>,
) -> Result<Vec<AccessView>, AdminError> {
    let held = |at: Before<'_>, person: &Person| match at {
        Some((room, category)) => TOLD
            .into_iter()
            .filter(|right| room.allows(category, person, *right).is_ok())
            .map(Right::word)
            .collect(),
        None => Vec::new(),
    };
    compared(errand, |person| (held(before, person), held(after, person))).await
}

/// Whose place in a category would change; nothing unless it is a dry run.
pub(crate) async fn category_preview(
    errand: &Errand<'_>,
    before: Option<&Category>,
    after: Option<&Category>,
) -> Result<Vec<AccessView>, AdminError> {
    let held = |at: Option<&Category>, person: &Person| {
        let Some(category) = at else { return Vec::new() };
        let scope = category.explain_scope(person).0.then_some("scope");
        let create = category.may_create(person).then_some("create");
        scope.into_iter().chain(create).collect()
    };
    compared(errand, |person| (held(before, person), held(after, person))).await
}

async fn compared(
    errand: &Errand<'_>,
    held: impl Fn(&Person) -> (Vec<&'static str>, Vec<&'static str>),
) -> Result<Vec<AccessView>, AdminError> {
    if !errand.dry_run {
        return Ok(Vec::new());
    }
    let mut changed = Vec::new();
    let mut everybody = errand.store.people().await?;
    everybody.retain(|person| person.state == PersonState::Enabled);
    everybody.sort_by(|a, b| a.address.cmp(&b.address));
    for person in everybody {
        let (before, after) = held(&person);
        if before != after {
            let only = |ours: &[&'static str], theirs: &[&'static str]| {
                ours.iter().filter(|word| !theirs.contains(word)).map(|word| (*word).to_owned()).collect()
            };
            let (gains, loses) = (only(&after, &before), only(&before, &after));
            changed.push(AccessView { address: person.address.to_string(), gains, loses });
            if changed.len() == PEOPLE_MAX {
                break;
            }
        }
    }
    Ok(changed)
}
