//! Rooms by what they are: the options of `room list`, which the store answers from its own tables, page by page.
//! For administrators, who see every room; what others may find is decided by `chat`.

use std::collections::HashMap;

use chat::{Principal, Room, folded};
use store::{Node, RoomFilter};

use super::{principals, view};

use crate::add_in::AddIns;
use crate::category;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::RoomList;
use crate::outcome::{Outcome, Rows};
use crate::page;
use crate::principal::People;

/// Octets of a megabyte, as file sizes are counted here.
const MB: u64 = 1_000_000;

pub(crate) async fn list(errand: &Errand<'_>, asked: &RoomList) -> Result<Outcome, AdminError> {
    let (limit, last) = page::begin(asked.limit, asked.cursor.as_deref())?;
    let add_ins = AddIns::read(errand.store).await?;
    let filter = filter(errand, asked, &add_ins).await?;
    let Some(filter) = filter else { return Ok(Outcome::of(Rows::Rooms(Vec::new()))) };
    let mut rooms = errand.store.rooms_page(filter, last, limit.saturating_add(1)).await?;
    let next = page::end(&mut rooms, limit, |room: &Room| room.name.folded());
    let names: HashMap<_, _> = errand.store.category_names().await?.into_iter().collect();
    let people = People::shown_on(errand.store, rooms.iter().flat_map(principals)).await?;
    // A category that was removed between the two reads has no rooms any more.
    let views = rooms
        .iter()
        .filter_map(|room| Some(view(errand, &people, &add_ins, names.get(&room.category)?, room)));
    Ok(Outcome { next, ..Outcome::of(Rows::Rooms(views.collect())) })
}

/// What is asked, as the store takes it; `None` when no room can be meant.
async fn filter(
    errand: &Errand<'_>,
    asked: &RoomList,
    add_ins: &AddIns,
) -> Result<Option<RoomFilter>, AdminError> {
    let only = match &asked.identity {
        Some(identity) => match errand.node(identity).await? {
            Some(Node::Room(room)) => Some(room),
            _ => return Ok(None),
        },
        None => None,
    };
    let category = match &asked.category {
        Some(name) => Some(category::find(errand, name).await?.id),
        None => None,
    };
    let texts = [&asked.member, &asked.manager];
    let people = People::named(errand.store, texts.into_iter().flatten().map(String::as_str), []).await?;
    let standing = |field: &str, text: &Option<String>| -> Result<Option<Vec<Principal>>, AdminError> {
        let principal = text.as_deref().map(|text| people.read_one(field, text)).transpose()?;
        Ok(principal.map(|principal| people.standing_for(&principal)))
    };
    let octets_over = asked.content_exceeds_mb.map(|size| u64::from(size) * MB);
    Ok(Some(RoomFilter {
        only,
        category,
        text: asked.q.as_deref().map(folded),
        descriptions: asked.search_description,
        member: standing("member", &asked.member)?,
        manager: standing("manager", &asked.manager)?,
        add_in: asked.add_in.as_ref().map(|name| add_ins.named(errand, name)).transpose()?.map(|one| one.id),
        disabled: asked.disabled,
        privacy: asked.privacy.map(Into::into),
        kind: asked.kind.map(Into::into),
        invitations: asked.invitations.map(Into::into),
        octets_over,
    }))
}
