//! What the rooms have to show, printed as bodies of INFO requests: posts once for everybody, notices for their receiver.
//! Chooses nothing: who is shown what was decided by the rooms.

use std::sync::Arc;

use chat::Address;
use rooms::{Outgoing, Post};
use xccos::notice::{self, Departure, Notice};
use xccos::{Arrival, Compat, Heading, PersonBlock, PostBlock};

use crate::house::House;

/// The body of an INFO request of ours.
pub(crate) enum Body {
    /// Printed once, shared by all who are shown it.
    Shared(Arc<[u8]>),
    /// For one receiver.
    Own(String),
}

impl Body {
    /// What is sent.
    pub(crate) fn octets(&self) -> &[u8] {
        match self {
            Self::Shared(octets) => octets,
            Self::Own(text) => text.as_bytes(),
        }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Own(text)
    }
}

/// Who is shown something.
pub(crate) struct Receiver<'a> {
    pub(crate) address: &'a Address,
    pub(crate) compat: Compat,
}

/// What stands at the head of everything printed for one client.
pub(crate) fn heading(house: &House, compat: Compat) -> Heading<'_> {
    Heading { envid: house.next_envelope(), domain: &house.names.domain, compat }
}

/// The printed form of one thing to show.
pub(crate) fn body(house: &House, receiver: &Receiver<'_>, outgoing: &Outgoing) -> Body {
    let notice = match outgoing {
        Outgoing::Post(post) => return Body::Shared(printed(house, post)),
        Outgoing::Came { person, rooms, batch } => {
            let arrivals = vec![Arrival { person: PersonBlock::from(&**person), rooms: rooms.clone() }];
            if *batch { Notice::BJoin(arrivals) } else { Notice::Join(arrivals) }
        }
        Outgoing::Present { room, people } => {
            let arrivals = people.iter().map(|(person, mask)| Arrival {
                person: PersonBlock::from(&**person),
                rooms: vec![(*room, *mask)],
            });
            Notice::Join(arrivals.collect())
        }
        Outgoing::Left { person, rooms } => {
            let from = |room: &_| Departure { room: *room, people: vec![person.address.as_str().into()] };
            Notice::Part(rooms.iter().map(from).collect())
        }
        Outgoing::Removed { room } => {
            Notice::Kick(vec![Departure { room: *room, people: vec![receiver.address.as_str().into()] }])
        }
        Outgoing::Ended(_) => unreachable!("the end of a session ends its link"),
    };
    Body::Own(notice::print(&heading(house, receiver.compat), &notice))
}

fn printed(house: &House, post: &Post) -> Arc<[u8]> {
    post.printed.or_print(|| {
        let text = notice::post(house.next_envelope(), &house.names.domain, &block(post));
        Arc::from(text.into_bytes())
    })
}

/// A post as the wire shows it.
pub(crate) fn block(post: &Post) -> PostBlock<'_> {
    PostBlock {
        room: post.room,
        number: Some(post.post),
        time: post.time,
        author: post.author.address.as_str().into(),
        author_name: Some(post.author.display_name.as_str().into()),
        alert: post.alert,
        text: (&*post.text).into(),
        rtf: post.rtf.as_deref().map(Into::into),
    }
}
