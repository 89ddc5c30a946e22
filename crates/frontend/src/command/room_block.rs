//! Rooms and the people in them, from the words of the rooms to those of the wire.
//! Every reply that names a room uses these.

use std::sync::Arc;

use chat::{AddIn, Mask, Person};
use rooms::{JoinedRoom, RoomCard};
use xccos::{AddInBlock, Joined, Participant, PersonBlock, RoomBlock};

/// A room as one person sees it.
pub(super) fn room(card: &RoomCard) -> RoomBlock<'_> {
    RoomBlock {
        guid: card.guid,
        name: card.name.as_str().into(),
        description: card.description.as_str().into(),
        category: Some(card.category_guid),
        privacy: card.privacy,
        kind: card.kind,
        disabled: card.disabled,
        participants: Some(card.participants),
        logged: card.logged,
        invites: card.invites,
        file_upload: card.file_upload,
        add_in: card.add_in.as_deref().map(add_in),
    }
}

fn add_in(add_in: &AddIn) -> AddInBlock<'_> {
    AddInBlock { guid: add_in.guid, name: add_in.name.as_str().into(), url: add_in.url.as_str().into() }
}

/// Rooms, in their order.
pub(super) fn rooms(cards: &[RoomCard]) -> Vec<RoomBlock<'_>> {
    cards.iter().map(room).collect()
}

/// A room that has been joined, and who is there.
pub(super) fn joined(joined: &JoinedRoom) -> Joined<'_> {
    let participants = joined.participants.iter().map(participant).collect();
    Joined { room: room(&joined.card), participants }
}

fn participant((person, mask): &(Arc<Person>, Mask)) -> Participant<'_> {
    Participant { person: PersonBlock::from(&**person), mask: *mask }
}
