//! What goes over the live link, in both directions, as types: the document describes them, and programs generate theirs from it.
//! Says nothing of when; that is `link.rs`.

use chat::{Mask, Person};
use rooms::{JoinedRoom, Post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::value::{Card, MessageValue, Moment, PersonValue, Place, ReadMark, Right, standing};

/// What a client says, as one JSON text per frame.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(crate) enum LiveCommand {
    /// Joins rooms. What happens there from then on is told; with a position, also what has happened after it.
    Join {
        /// The rooms, each once.
        #[schemars(length(min = 1, max = 1_000))]
        rooms: Vec<Wanted>,
    },
    /// Leaves rooms.
    Part {
        /// Their GUIDs.
        #[schemars(length(min = 1, max = 1_000))]
        rooms: Vec<Uuid>,
    },
    /// Notes that the person has read a room up to a post.
    Read {
        /// The GUID of the room.
        room: Uuid,
        /// The number of the post.
        post: u32,
    },
}

/// A room to be joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Its GUID.
    pub(crate) room: Uuid,
    /// The last `after` that was told of this room, by whichever link.
    #[serde(default)]
    pub(crate) after: Option<Place>,
}

/// What the server says, as one JSON text per frame. Events of one room come in the order in which things happened there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(crate) enum LiveEvent {
    /// The first event.
    Hello {
        /// Who is signed on.
        person: PersonValue,
        /// The GUID of the pool's store: with another one, positions of before mean nothing.
        pool: Uuid,
        /// What time it is here.
        now: Moment,
        /// So often `beat` comes at least; when nothing came for twice as long, the link is dead.
        beat_seconds: u64,
    },
    /// Nothing has happened; the link lives.
    Beat {
        /// What time it is here.
        now: Moment,
    },
    /// A room was joined. Then comes what had happened before `at` after the position that was asked for, and what happens.
    Joined {
        /// The room.
        room: Card,
        /// Who is there, the caller included; in a large room the caller alone.
        people: Vec<Present>,
        /// Whether the room is large, and so the list not complete.
        large: bool,
        /// The end of the room's journal at that moment.
        at: Place,
        /// The last post read; null when nothing ever was.
        read: Option<u32>,
        /// Posts after the last one read; null when nothing ever was.
        unread: Option<u32>,
        /// Those of them that mention the caller; null when nothing ever was read.
        mentions: Option<u32>,
    },
    /// A room was not joined, or a command was not carried out.
    Refused {
        /// The room, if it was one.
        room: Option<Uuid>,
        /// What is wrong, as a program tells it apart.
        code: Code,
        /// What is wrong, and what to do about it.
        detail: String,
    },
    /// What was seen of this room after a position was lost with a failure of the store, and is to be forgotten.
    Reset {
        /// The GUID of the room.
        room: Uuid,
        /// The last position that stands.
        to: Place,
    },
    /// More has happened than is told here: what was kept of the room is to be read again, in pages.
    Far {
        /// The GUID of the room.
        room: Uuid,
        /// The position to name when joining again.
        after: Place,
    },
    /// Something was said.
    Message {
        /// What, as it is now.
        message: MessageValue,
        /// The position to name when joining again.
        after: Place,
    },
    /// A post was replaced or taken away.
    Changed {
        /// The post as it is now.
        message: MessageValue,
        /// The position to name when joining again.
        after: Place,
    },
    /// Everything up to a position has been told.
    Told {
        /// The GUID of the room.
        room: Uuid,
        /// The position to name when joining again.
        after: Place,
    },
    /// How far rooms are read, where that has changed.
    Read {
        /// One for each room.
        rooms: Vec<ReadMark>,
    },
    /// Somebody came into rooms, through the first of his endpoints there.
    Came {
        /// Who.
        person: PersonValue,
        /// Into which, and what he may do there.
        rooms: Vec<Entered>,
    },
    /// The last endpoint of somebody left rooms.
    Left {
        /// The GUID of the person.
        person: Uuid,
        /// The GUIDs of the rooms.
        rooms: Vec<Uuid>,
    },
    /// A room is no longer large: these people are there, too.
    People {
        /// The GUID of the room.
        room: Uuid,
        /// Who.
        people: Vec<Present>,
    },
    /// A room is another one than it was: its name, its description, what the caller may do there.
    Room {
        /// The room as it is now.
        room: Card,
    },
    /// The caller is no longer in a room.
    Parted {
        /// The GUID of the room.
        room: Uuid,
        /// Whether the caller was put out.
        removed: bool,
    },
    /// The rooms the caller follows or is invited to may be others: they are to be read again.
    Lists {},
    /// The last event of a server that is emptied: whoever opens a link again by the name of the pool comes to another server, where
    /// every position stands as it does here.
    Goodbye {},
}

/// Somebody in a room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Present {
    /// Who.
    person: PersonValue,
    /// What that person is there, whether a presenter or a manager among it; who may post is told to that person alone, by the card.
    rights: Vec<Right>,
}

/// A room somebody came into.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entered {
    /// The GUID of the room.
    room: Uuid,
    /// What that person is there, whether a presenter or a manager among it; who may post is told to that person alone, by the card.
    rights: Vec<Right>,
}

impl LiveEvent {
    /// A room that was joined, and how far the person has read there.
    pub(crate) fn joined(joined: &JoinedRoom, mark: Option<&ReadMark>) -> Self {
        Self::Joined {
            room: Card::of(&joined.card),
            people: joined.participants.iter().map(|(person, mask)| Present::of(person, *mask)).collect(),
            large: joined.large,
            at: Place(joined.at),
            read: mark.map(|mark| mark.read),
            unread: mark.map(|mark| mark.unread),
            mentions: mark.map(|mark| mark.mentions),
        }
    }

    /// Something was said just now.
    pub(crate) fn said(post: &Post, after: Place) -> Self {
        Self::Message { message: MessageValue::said(post), after }
    }

    /// Why not.
    pub(crate) fn refused(room: Option<Uuid>, problem: &Problem) -> Self {
        Self::Refused { room, code: problem.code(), detail: problem.detail().to_owned() }
    }

    /// Somebody came.
    pub(crate) fn came(person: &Person, rooms: &[(Uuid, Mask)]) -> Self {
        let rooms = rooms.iter().map(|(room, mask)| Entered { room: *room, rights: standing(*mask) });
        Self::Came { person: PersonValue::of(person), rooms: rooms.collect() }
    }
}

impl Present {
    pub(crate) fn of(person: &Person, mask: Mask) -> Self {
        Self { person: PersonValue::of(person), rights: standing(mask) }
    }
}
