//! Telling a person's other live links here that it has read something or follows another room.
//! Only a hint: whoever misses one reads the same when it joins again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chat::PersonId;
use tokio::sync::watch;

/// What a person has changed for itself, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Own {
    /// How far it has read.
    pub(crate) marks: u64,
    /// Which rooms it follows.
    pub(crate) lists: u64,
}

/// The people with live links here.
#[derive(Debug, Default)]
pub(crate) struct Nudges(Mutex<HashMap<PersonId, watch::Sender<Own>>>);

impl Nudges {
    /// Hears of what the person changes from now on.
    pub(crate) fn watch(&self, person: PersonId) -> watch::Receiver<Own> {
        let mut people = self.people();
        people.retain(|_, sender| sender.receiver_count() > 0);
        people.entry(person).or_default().subscribe()
    }

    /// The person has read something.
    pub(crate) fn marked(&self, person: PersonId) {
        self.tell(person, |own| own.marks += 1);
    }

    /// The person follows other rooms than before.
    pub(crate) fn followed(&self, person: PersonId) {
        self.tell(person, |own| own.lists += 1);
    }

    fn tell(&self, person: PersonId, change: impl FnOnce(&mut Own)) {
        if let Some(sender) = self.people().get(&person) {
            sender.send_modify(change);
        }
    }

    fn people(&self) -> MutexGuard<'_, HashMap<PersonId, watch::Sender<Own>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
