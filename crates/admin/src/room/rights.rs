//! Who may make, see and change a room: administrators by their role, managers and creators by the rules of `chat`.
//! Decides nothing itself; gives everybody else one answer, whether the room is there or not.

use chat::{
    Category, CategoryId, NodeName, Person, Refusal, Right, Role, Room, RoomId, RoomValues, rights_needed,
};
use store::{Node, RowDone};

use crate::category;
use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;

/// The room of this name with its category, if the asker may inspect it, or may change something of it.
pub(super) async fn room(
    errand: &Errand<'_>,
    name: &str,
    right: Right,
) -> Result<(Room, Category), AdminError> {
    let found = errand.room_and_home(name).await?;
    let needed = if right == Right::Inspect { Role::Reader } else { Role::ChatAdministrator };
    if errand.has(needed) {
        return found.ok_or_else(|| no_room(name));
    }
    let asker = errand.asking().await?;
    let (Some((room, home)), Some(asker)) = (found, asker) else { return Err(unseen(errand, name)) };
    match room.allows(&home, &asker, right) {
        Ok(()) => Ok((room, home)),
        // Who may see a room's settings is no secret to who reads them anyway.
        Err(_) if errand.has(Role::Reader) => Err(AdminError::Denied(denied(right).to_owned())),
        Err(_) => Err(unseen(errand, name)),
    }
}

/// The category a room is to lie in, if the asker may move it there. To name the one it lies in moves nothing.
pub(super) async fn target(
    errand: &Errand<'_>,
    room: &Room,
    home: &Category,
    name: &str,
) -> Result<Category, AdminError> {
    let found = errand.category(name).await?;
    if errand.has(Role::ChatAdministrator) {
        return found.ok_or_else(|| category::no_category(name));
    }
    let asker = errand.asking().await?;
    match found.zip(asker) {
        Some((found, _)) if found.id == home.id => Ok(found),
        Some((found, asker)) if room.decide_move(home, &found, &asker).is_ok() => Ok(found),
        _ => Err(no_creator(name)),
    }
}

/// Refuses to turn a room into these values, which lie in `target`, if the asker may not. What stays as it is takes no right.
pub(super) async fn change(
    errand: &Errand<'_>,
    room: &Room,
    home: &Category,
    target: &Category,
    new: &RoomValues,
) -> Result<(), AdminError> {
    if errand.has(Role::ChatAdministrator) {
        return Ok(());
    }
    let asker = errand.asking().await?.ok_or_else(|| unseen(errand, room.name.as_str()))?;
    room.decide_change(home, target, &asker, new).map_err(|_| {
        let enables = rights_needed(room, new).contains(&Right::Enable);
        AdminError::Denied(denied(if enables { Right::Enable } else { Right::Manage }).to_owned())
    })
}

/// The category a room is made in, and the person who makes it by the right of a creator; `None` for an administrator.
pub(super) async fn creator(
    errand: &Errand<'_>,
    name: &str,
) -> Result<(Category, Option<Person>), AdminError> {
    let found = errand.category(name).await?;
    if errand.has(Role::ChatAdministrator) {
        return Ok((found.ok_or_else(|| category::no_category(name))?, None));
    }
    match (found, errand.asking().await?) {
        (Some(home), Some(asker)) if home.may_create(&asker) => Ok((home, Some(asker))),
        _ => Err(no_creator(name)),
    }
}

/// Writes what makes a room of this name, or renames one to it; `None` if it keeps its name.
///
/// Names are one for all categories, so making a room tells a creator whether a name is taken. A dry run, which costs nothing,
/// tells it only of what the creator may know of, and takes the same steps in any case.
pub(super) async fn write(
    errand: &Errand<'_>,
    work: &Work,
    name: Option<&NodeName>,
) -> Result<Vec<RowDone>, AdminError> {
    let Some(name) = name.filter(|_| errand.dry_run && !errand.has(Role::Reader)) else {
        return errand.write(work).await;
    };
    let asker = errand.asking().await?.ok_or_else(|| unseen(errand, name.as_str()))?;
    let (room, category) = match errand.store.node_named(&name.folded()).await? {
        Some(Node::Room(room)) => (room, CategoryId(0)),
        Some(Node::Category(category)) => (RoomId(0), category),
        None => (RoomId(0), CategoryId(0)),
    };
    let room = errand.store.room(room).await?;
    let home = room.as_ref().map_or(category, |room| room.category);
    let home = errand.store.category(home).await?;
    let known = match (room, home) {
        (Some(room), Some(home)) => room.allows(&home, &asker, Right::See).is_ok(),
        (None, Some(category)) => category.decide_create(&asker) != Err(Refusal::NotFound),
        (_, None) => false,
    };
    if known { Err(store::AdminFault::DuplicateName.into()) } else { Ok(Vec::new()) }
}

pub(super) fn no_room(name: &str) -> AdminError {
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
        _ => "this takes a manager of the room or the role persistent-chat-administrator",
    }
}
