//! Who may make, see and change a room: administrators by their role, managers and creators by the rules of `chat`.
//! Decides nothing itself; gives everybody else one answer, whether the room is there or not.

use chat::{Category, Person, Refusal, Right, Role, Room};

use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::{RoomFields, RoomSet};

/// The rights a change takes.
pub(super) fn needed(asked: &RoomSet) -> Vec<Right> {
    let settings = RoomFields { disabled: None, ..asked.fields.clone() };
    let mut rights = Vec::new();
    match asked.fields.disabled {
        Some(true) => rights.push(Right::Disable),
        Some(false) => rights.push(Right::Enable),
        None => {}
    }
    if asked.category.is_some() {
        rights.push(Right::Move);
    }
    if asked.name.is_some() || settings != RoomFields::default() || rights.is_empty() {
        rights.push(Right::Manage);
    }
    rights
}

/// The room of this name with its category, if the asker has all these rights there.
pub(crate) async fn room(
    errand: &Errand<'_>,
    name: &str,
    rights: &[Right],
) -> Result<(Room, Category), AdminError> {
    let found = errand.room_and_home(name).await?;
    let needed = if rights == [Right::Inspect] { Role::Reader } else { Role::ChatAdministrator };
    if errand.has(needed) {
        return found.ok_or_else(|| no_room(name));
    }
    let asker = errand.asking().await?;
    let (Some((room, home)), Some(asker)) = (found, asker) else { return Err(unseen(errand, name)) };
    for right in rights {
        match room.allows(&home, &asker, *right) {
            Ok(()) => {}
            Err(Refusal::NotAllowed) if room.allows(&home, &asker, Right::Manage).is_ok() => {
                return Err(AdminError::Denied(denied(*right).to_owned()));
            }
            // Who may see a room's settings is no secret to who reads them anyway.
            Err(_) if errand.has(Role::Reader) => return Err(AdminError::Denied(denied(*right).to_owned())),
            Err(_) => return Err(unseen(errand, name)),
        }
    }
    Ok((room, home))
}

/// Whether the asker may move a room into this category.
pub(super) async fn target(
    errand: &Errand<'_>,
    room: &Room,
    home: &Category,
    target: &str,
) -> Result<(), AdminError> {
    if errand.has(Role::ChatAdministrator) {
        return Ok(());
    }
    let refused = || no_creator(target);
    let target = errand.category(target).await?.ok_or_else(refused)?;
    let asker = errand.asking().await?.ok_or_else(refused)?;
    room.decide_move(home, &target, &asker).map_err(|_| refused())
}

/// The person who makes a room by the right of a creator; `None` for an administrator.
pub(crate) async fn creator(errand: &Errand<'_>, category: &str) -> Result<Option<Person>, AdminError> {
    if errand.has(Role::ChatAdministrator) {
        return Ok(None);
    }
    let found = errand.category(category).await?;
    match (found, errand.asking().await?) {
        (Some(home), Some(asker)) if home.may_create(&asker) => Ok(Some(asker)),
        _ => Err(no_creator(category)),
    }
}

fn no_room(name: &str) -> AdminError {
    AdminError::NotFound(format!(
        "there is no room '{name}': `causerie room list` shows them, `causerie room new` makes one"
    ))
}

/// One answer for a room that is not there and one the asker may not manage or know of.
fn unseen(errand: &Errand<'_>, name: &str) -> AdminError {
    if errand.has(Role::Reader) {
        return no_room(name);
    }
    AdminError::NotFound(format!("there is no room '{name}' that you manage"))
}

/// One answer for a category that is not there and one the asker may not create rooms in.
fn no_creator(category: &str) -> AdminError {
    AdminError::NotFound(format!(
        "there is no category '{category}' in which you may create rooms: ask an administrator to make you a creator"
    ))
}

fn denied(right: Right) -> &'static str {
    match right {
        Right::Enable => "a disabled room is enabled again by a persistent-chat-administrator only",
        Right::Move => {
            "a room is moved by a persistent-chat-administrator, or a manager who may create rooms in the target"
        }
        _ => "this takes a manager of the room or the role persistent-chat-administrator",
    }
}
