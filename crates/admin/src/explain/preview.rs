//! Who gains and who loses by a change that is not made yet: everybody asked before and after, by the same rules.
//! For dry runs; reads everybody.

use std::collections::HashSet;

use chat::{Category, Person, PersonState, Principal, Right, Room};

use crate::errand::Errand;
use crate::error::AdminError;
use crate::view::AccessView;

/// The rights that tell who gets in and who is shut out.
const TOLD: [Right; 5] = [Right::See, Right::Read, Right::Join, Right::Post, Right::Manage];
/// Lines listed at most (ours: a preview is read, not processed; the first of a change that touches everybody say enough).
const PEOPLE_MAX: usize = 1_000;

/// A room with its category, before or after.
pub(crate) type Before<'a> = Option<(&'a Room, &'a Category)>;

/// Whose rights in a room would change; nothing unless it is a dry run.
pub(crate) async fn room_preview(
    errand: &Errand<'_>,
    before: Before<'_>,
    after: Before<'_>,
) -> Result<Vec<AccessView>, AdminError> {
    let mut listed = Vec::new();
    let room = before.or(after).map(|(room, _)| about(room)).unwrap_or_default();
    for person in everybody(errand).await? {
        listed.extend(compared(&room, &person, &in_room(before, &person), &in_room(after, &person)));
        if listed.len() == PEOPLE_MAX {
            break;
        }
    }
    Ok(listed)
}

/// Whose place in a category would change, and who would lose rooms because these, as they are and as they would be, lose a
/// principal by which it had them; nothing unless it is a dry run.
pub(crate) async fn category_preview(
    errand: &Errand<'_>,
    before: &Category,
    after: &Category,
    rooms: &[(Room, Room)],
) -> Result<Vec<AccessView>, AdminError> {
    let mut listed = Vec::new();
    let category = format!("category {}", before.name);
    let lost: Vec<Vec<Principal>> = rooms.iter().map(|(room, left)| gone(room, left)).collect();
    for person in everybody(errand).await? {
        listed.extend(compared(
            &category,
            &person,
            &in_category(before, &person),
            &in_category(after, &person),
        ));
        // Who is out of the scope has lost every room by that.
        let inside = after.explain_scope(&person).0;
        for ((room, left), _) in rooms.iter().zip(&lost).filter(|(_, lost)| inside && person.is_any(lost)) {
            let (held, holds) =
                (in_room(Some((room, before)), &person), in_room(Some((left, after)), &person));
            listed.extend(compared(&about(room), &person, &held, &holds));
        }
        if listed.len() >= PEOPLE_MAX {
            break;
        }
    }
    listed.truncate(PEOPLE_MAX);
    Ok(listed)
}

/// Everybody who may sign on, by address; nobody unless it is a dry run.
async fn everybody(errand: &Errand<'_>) -> Result<Vec<Person>, AdminError> {
    if !errand.dry_run {
        return Ok(Vec::new());
    }
    let mut everybody = errand.store.people().await?;
    everybody.retain(|person| person.state == PersonState::Enabled);
    everybody.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(everybody)
}

fn in_room(at: Before<'_>, person: &Person) -> Vec<&'static str> {
    let Some((room, category)) = at else { return Vec::new() };
    let held = TOLD.into_iter().filter(|right| room.allows(category, person, *right).is_ok());
    held.map(Right::word).collect()
}

fn in_category(category: &Category, person: &Person) -> Vec<&'static str> {
    let scope = category.explain_scope(person).0.then_some("scope");
    let create = category.may_create(person).then_some("create");
    scope.into_iter().chain(create).collect()
}

fn compared(about: &str, person: &Person, before: &[&str], after: &[&str]) -> Option<AccessView> {
    let only = |ours: &[&str], theirs: &[&str]| {
        ours.iter().filter(|word| !theirs.contains(word)).map(|word| (*word).to_owned()).collect()
    };
    let (gains, loses): (Vec<String>, Vec<String>) = (only(after, before), only(before, after));
    let changes = !gains.is_empty() || !loses.is_empty();
    changes.then(|| AccessView { about: about.to_owned(), address: person.address.to_string(), gains, loses })
}

/// Whom a room does not name any more.
fn gone(room: &Room, left: &Room) -> Vec<Principal> {
    let lists = [
        (&room.members, &left.members),
        (&room.managers, &left.managers),
        (&room.presenters, &left.presenters),
    ];
    let gone = lists.into_iter().flat_map(|(before, after)| {
        let after: HashSet<&Principal> = after.iter().collect();
        before.iter().filter(move |principal| !after.contains(principal)).cloned()
    });
    gone.collect()
}

fn about(room: &Room) -> String {
    format!("room {}", room.name)
}
