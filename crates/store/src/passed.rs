//! What a round of commits passes over because another server writes there just now, and what must wait behind it: nobody's later
//! words overtake earlier ones. Puts nothing back; the writer does.

use std::collections::BTreeSet;

use chat::{PersonId, RoomId};

use crate::queue::Job;

/// The rooms and people of whom something waits for the next round.
#[derive(Clone, Default, Debug)]
pub(crate) struct Passed {
    rooms: BTreeSet<RoomId>,
    people: BTreeSet<PersonId>,
}

impl Passed {
    /// Whether a job is to wait because an earlier one of its room or its person does.
    pub(crate) fn holds(&self, job: &Job) -> bool {
        job.room.is_some_and(|room| self.rooms.contains(&room))
            || job.person.is_some_and(|person| self.people.contains(&person))
    }

    /// Says of each job, in their order, whether it waits: because its room is busy, or because of an earlier one.
    pub(crate) fn pass(&mut self, jobs: &[Job], busy: &BTreeSet<RoomId>) -> Vec<bool> {
        let mut waiting = Vec::with_capacity(jobs.len());
        for job in jobs {
            let waits = job.room.is_some_and(|room| busy.contains(&room)) || self.holds(job);
            if waits {
                self.rooms.extend(job.room);
                self.people.extend(job.person);
            }
            waiting.push(waits);
        }
        waiting
    }
}
