//! A client that reads by browser: one connection, and people who ask over it in turn, because the server lets one person ask only
//! so often. What is asked is none of its business.

use std::ops::Range;
use std::time::Duration;

use tokio::time::Instant;

use crate::door::{Door, Session};
use crate::limits::{ASKED_OF_ONE, LINKS_PER_SOURCE, VISITOR_PEOPLE_MAX};
use crate::person::Crowd;
use crate::server::address;
use crate::trouble::Trouble;

/// One client.
#[derive(Debug)]
pub struct Visitor {
    door: Door,
    sessions: Vec<Session>,
    asked: usize,
}

impl Visitor {
    /// How many people a client is that asks so often.
    #[must_use]
    pub fn people_for(requests: usize) -> usize {
        requests.div_ceil(ASKED_OF_ONE).clamp(1, VISITOR_PEOPLE_MAX)
    }

    /// Connects from an address of its own, and signs these people on.
    ///
    /// # Errors
    /// [`Trouble`] when one of them is refused.
    pub async fn arrive(doors: &Crowd, index: usize, people: Range<usize>) -> Result<Self, Trouble> {
        let mut door = Door::open(doors, index * LINKS_PER_SOURCE).await?;
        let mut sessions = Vec::with_capacity(people.len());
        for number in people {
            sessions.push(door.sign_on(&address(number)).await?);
        }
        Ok(Self { door, sessions, asked: 0 })
    }

    /// Asks, as the next of its people; returns the body of the answer, and how long all of it took to come.
    ///
    /// # Errors
    /// As [`Door::get`].
    pub async fn ask(&mut self, path: &str) -> Result<(&[u8], Duration), Trouble> {
        let session = &self.sessions[self.asked % self.sessions.len()];
        self.asked += 1;
        let begun = Instant::now();
        let body = self.door.get(session, path).await?;
        Ok((body, begun.elapsed()))
    }
}
