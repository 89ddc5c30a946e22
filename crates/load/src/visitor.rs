//! A client that reads by browser: people who ask in turn, over connections from several addresses, because the server lets one person
//! and one address ask only so often. What is asked is none of its business.

use std::time::Duration;

use tokio::time::Instant;

use crate::door::{Door, Session};
use crate::limits::{
    ASKED_OF_ADDRESS, ASKED_OF_ONE, LINKS_PER_SOURCE, SOURCES_MAX, VISITOR_DOORS_MAX, VISITOR_PEOPLE_MAX,
};
use crate::person::Crowd;
use crate::server::address;
use crate::trouble::Trouble;

/// One client.
#[derive(Debug)]
pub struct Visitor {
    doors: Vec<Door>,
    sessions: Vec<Session>,
    asked: usize,
}

impl Visitor {
    /// How many people a client is that asks so often.
    #[must_use]
    pub fn people_for(requests: usize) -> usize {
        requests.div_ceil(ASKED_OF_ONE).clamp(1, VISITOR_PEOPLE_MAX)
    }

    /// Connects, and signs its people on. It has people and addresses that no client of another number has, as far as there are
    /// addresses: so each begins with all it may ask.
    ///
    /// # Errors
    /// [`Trouble`] when one of them is refused.
    pub async fn arrive(crowd: &Crowd, number: usize, requests: usize) -> Result<Self, Trouble> {
        let addresses = requests.div_ceil(ASKED_OF_ADDRESS).clamp(1, VISITOR_DOORS_MAX);
        let mut doors = Vec::with_capacity(addresses);
        for source in number * addresses..(number + 1) * addresses {
            doors.push(Door::open(crowd, source % SOURCES_MAX * LINKS_PER_SOURCE).await?);
        }
        let people = Self::people_for(requests);
        let mut sessions = Vec::with_capacity(people);
        for person in number * people..(number + 1) * people {
            sessions.push(doors[person % addresses].sign_on(&address(person)).await?);
        }
        Ok(Self { doors, sessions, asked: 0 })
    }

    /// Asks, as the next of its people; returns the body of the answer, and how long all of it took to come.
    ///
    /// # Errors
    /// As [`Door::get`].
    pub async fn ask(&mut self, path: &str) -> Result<(&[u8], Duration), Trouble> {
        let session = &self.sessions[self.asked % self.sessions.len()];
        let door = self.asked % self.doors.len();
        self.asked += 1;
        let begun = Instant::now();
        let body = self.doors[door].get(session, path).await?;
        Ok((body, begun.elapsed()))
    }
}
