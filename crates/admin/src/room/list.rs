//! Rooms by what they are: the options of `room list`.
//! For administrators, who see every room; what others may find is decided by `chat`.

use std::collections::HashMap;

use chat::{Principal, Room, folded};

use super::{principals, view};
use store::Node;

use crate::add_in::AddIns;
use crate::category;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::RoomList;
use crate::outcome::{Outcome, Rows};
use crate::page;
use crate::principal::People;

pub(crate) async fn list(errand: &Errand<'_>, asked: &RoomList) -> Result<Outcome, AdminError> {
    let texts = [&asked.member, &asked.manager];
    let asked_for = People::named(errand.store, texts.into_iter().flatten().map(String::as_str), []).await?;
    let home = match &asked.category {
        Some(name) => Some(category::find(errand, name).await?.id),
        None => None,
    };
    let principal = |field: &str, text: &Option<String>| {
        text.as_deref().map(|text| asked_for.read_one(field, text)).transpose()
    };
    let (member, manager) = (principal("member", &asked.member)?, principal("manager", &asked.manager)?);
    let on = |list: &[Principal], who: &Option<Principal>| {
        who.as_ref().is_none_or(|who| asked_for.names(list, who))
    };
    let add_ins = AddIns::read(errand.store).await?;
    let showing = asked.add_in.as_ref().map(|name| add_ins.named(errand, name)).transpose()?;
    let mut rooms = errand.store.rooms().await?;
    if let Some(identity) = &asked.identity {
        let wanted = errand.node(identity).await?;
        rooms.retain(|room| wanted == Some(Node::Room(room.id)));
    }
    rooms.retain(|room| {
        home.is_none_or(|home| room.category == home)
            && showing.is_none_or(|add_in| room.add_in == Some(add_in.id))
            && is_like(asked, room)
            && on(&room.members, &member)
            && on(&room.managers, &manager)
    });
    rooms.sort_by_cached_key(|room| room.name.folded());
    let key = |room: &Room| room.name.folded();
    let (rooms, next) = page::cut(rooms, asked.limit, asked.cursor.as_deref(), key)?;
    let categories = errand.store.categories().await?;
    let names: HashMap<_, _> = categories.iter().map(|category| (category.id, &category.name)).collect();
    let people = People::on(errand.store, rooms.iter().flat_map(principals)).await?;
    // A category that was removed between the two reads has no rooms any more.
    let views = rooms
        .iter()
        .filter_map(|room| Some(view(errand, &people, &add_ins, names.get(&room.category)?, room)));
    Ok(Outcome { next, ..Outcome::of(Rows::Rooms(views.collect())) })
}

/// Whether a room's own values are as asked.
fn is_like(asked: &RoomList, room: &Room) -> bool {
    let text = asked.q.as_deref().is_none_or(|text| {
        let text = folded(text);
        room.name.folded().contains(&text)
            || asked.search_description && folded(room.description.as_str()).contains(&text)
    });
    text && asked.disabled.is_none_or(|disabled| room.disabled == disabled)
        && asked.privacy.is_none_or(|privacy| room.privacy == privacy.into())
        && asked.kind.is_none_or(|kind| room.kind == kind.into())
        && asked.invitations.is_none_or(|invitations| room.invitations == invitations.into())
}
