//! What every endpoint of a simulation meets, in the order in which it is met.
//! Judges nothing; `verdict.rs` does.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use chat::{PersonId, Position};
use rooms::{EndReason, JoinedRoom, MessagePage, Outgoing, Trouble};
use uuid::Uuid;

/// One thing that an endpoint met.
#[derive(Clone, Debug)]
pub enum Met {
    /// It came into a room.
    Joined {
        /// Which.
        room: Uuid,
        /// Everything after this place is to be shown.
        at: Position,
        /// Who is said to be there.
        people: Vec<PersonId>,
        /// Whether the room is too large to tell.
        large: bool,
        /// Whether it sat there before, and goes on where it was.
        again: bool,
    },
    /// It did not come into a room.
    NotJoined {
        /// Which.
        room: Uuid,
        /// Why not.
        trouble: Trouble,
    },
    /// It left a room.
    Parted {
        /// Which.
        room: Uuid,
    },
    /// It was shown a post.
    Post {
        /// In which room.
        room: Uuid,
        /// Its place there.
        at: Position,
        /// Its text.
        text: String,
    },
    /// It was told that somebody came.
    Came {
        /// Who.
        who: PersonId,
        /// Where.
        rooms: Vec<Uuid>,
    },
    /// It was told that somebody left.
    Left {
        /// Who.
        who: PersonId,
        /// Where.
        rooms: Vec<Uuid>,
    },
    /// It was told who else is there.
    Present {
        /// Where.
        room: Uuid,
        /// Who.
        people: Vec<PersonId>,
    },
    /// It was put out of a room.
    Removed {
        /// Which.
        room: Uuid,
    },
    /// It is over.
    Ended(EndReason),
    /// What it said was answered.
    Answered {
        /// Which of its texts.
        text: String,
        /// Where it is kept, or why not.
        outcome: Result<Position, Trouble>,
    },
    /// It was given what happened after a place.
    Page {
        /// In which room.
        room: Uuid,
        /// Places and texts.
        posts: Vec<(Position, Option<String>)>,
        /// What was seen after this place is void.
        reset: Option<Position>,
        /// Up to where it is told now.
        next: Position,
        /// The end of the room.
        end: Position,
    },
    /// It was not given what happened.
    NoPage {
        /// In which room.
        room: Uuid,
        /// Why.
        trouble: Trouble,
    },
}

/// One line of the diary.
#[derive(Clone, Debug)]
pub struct Line {
    /// When, in microseconds since the Unix epoch.
    pub time: i64,
    /// Which endpoint, counted from 0 through all servers.
    pub endpoint: usize,
    /// What.
    pub met: Met,
}

/// The diary that all endpoints write in. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diary(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    time: i64,
    lines: Vec<Line>,
}

/// Changes what is met, or says that it never is.
pub(crate) struct Ear(pub(crate) Box<dyn FnMut(&mut Line) -> bool>);

impl std::fmt::Debug for Ear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ear")
    }
}

impl Diary {
    /// It is so late now.
    pub(crate) fn at(&self, time: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).time = time;
    }

    pub(crate) fn note(&self, endpoint: usize, met: Met) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let time = pages.time;
        pages.lines.push(Line { time, endpoint, met });
    }

    /// What was written since this was asked last.
    pub(crate) fn take(&self) -> Vec<Line> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).lines)
    }
}

impl Met {
    pub(crate) fn joined(room: Uuid, joined: &JoinedRoom) -> Self {
        let people = joined.participants.iter().map(|(person, _)| person.id).collect();
        Self::Joined { room, at: joined.at, people, large: joined.large, again: joined.again }
    }

    pub(crate) fn shown(item: &Outgoing) -> Self {
        match item {
            Outgoing::Post(post) => {
                Self::Post { room: post.room, at: post.position, text: post.text.to_string() }
            }
            Outgoing::Came { person, rooms, .. } => {
                Self::Came { who: person.id, rooms: rooms.iter().map(|(room, _)| *room).collect() }
            }
            Outgoing::Left { person, rooms } => Self::Left { who: person.id, rooms: rooms.clone() },
            Outgoing::Present { room, people } => {
                Self::Present { room: *room, people: people.iter().map(|(person, _)| person.id).collect() }
            }
            Outgoing::Removed { room } => Self::Removed { room: *room },
            Outgoing::Ended(reason) => Self::Ended(*reason),
        }
    }

    pub(crate) fn page(room: Uuid, page: MessagePage) -> Self {
        let told = |message: rooms::Message| (message.position, message.text.map(String::from));
        Self::Page {
            room,
            posts: page.messages.into_iter().map(told).collect(),
            reset: page.reset,
            next: page.next,
            end: page.at,
        }
    }
}

/// A number that two runs share only if everybody met the same in the same order.
#[must_use]
pub fn trace(lines: &[Line]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for line in lines {
        format!("{line:?}").hash(&mut hasher);
    }
    hasher.finish()
}
