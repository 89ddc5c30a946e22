//! Who is signed on through which links, what they publish for as long as that lasts, and who wants to know of it.
//! Keeps nothing beyond the run and answers no request; REGISTER is `register.rs`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use chat::{Address, Person, PersonId, Time};
use directory::PublicationName;

use crate::limits::{LINKS_PER_PERSON_MAX, LIVE_PUBLICATIONS_MAX};

/// Everybody who is signed on.
#[derive(Debug, Default)]
pub(crate) struct Registrar {
    state: Mutex<State>,
    links: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    people: HashMap<PersonId, Present>,
    /// By person: the links that show the person's presence.
    watchers: HashMap<PersonId, BTreeMap<u64, Arc<Bell>>>,
}

/// Somebody with at least one link.
#[derive(Debug)]
struct Present {
    address: Address,
    /// Under which the links signed on, or the last for which their bells rang.
    admission: u64,
    links: BTreeMap<u64, Binding>,
    live: BTreeMap<PublicationName, Live>,
    /// What the person says of himself, on all endpoints.
    user_state: Option<u32>,
}

#[derive(Debug)]
struct Binding {
    bell: Arc<Bell>,
    /// What the endpoint says of the person.
    machine_state: Option<u32>,
    /// Whether it was told to go.
    leaves: bool,
}

/// A publication that ends with its endpoint or with the last of them.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    /// The link it ends with; `None` for one that ends with the last.
    pub(crate) link: Option<u64>,
    pub(crate) version: u64,
    pub(crate) time: Time,
    /// `endpoint`, `user` or `time`, as published.
    pub(crate) expire_type: &'static str,
    /// The content, as it came.
    pub(crate) content: Arc<str>,
}

/// How a link is told that something happened elsewhere. Ringing twice for the same is ringing once.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<BTreeSet<Ring>>,
    /// The link it hangs at.
    listener: AtomicWaker,
}

/// For what a bell rings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Ring {
    /// The person may no longer be signed on.
    PersonGone,
    /// It is this link's turn to go: the server is emptied.
    Leave,
    /// The person's own publications changed.
    Own,
    /// The presence of somebody changed.
    Presence(PersonId),
}

/// No more links, or publications, of one person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Full;

/// Why a publication is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotPublished {
    Full,
    /// The version that is there; 0 when there is none.
    Conflict(u64),
}

/// Nobody is there ([MS-PRES], availability).
pub(crate) const OFFLINE: u32 = 18_500;
/// Somebody is there and has not said otherwise.
const AVAILABLE: u32 = 3_500;

impl Registrar {
    /// How many people are signed on, and through how many links.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.state();
        let links = state.people.values().map(|present| present.links.len()).sum();
        (state.people.len(), links)
    }

    /// A number no other link of this run has.
    pub(crate) fn next_link(&self) -> u64 {
        self.links.fetch_add(1, Ordering::Relaxed)
    }

    /// Somebody signed on through a link.
    ///
    /// # Errors
    /// [`Full`] at the limit of links of one person.
    pub(crate) fn sign_on(&self, person: &Person, link: u64, bell: &Arc<Bell>) -> Result<(), Full> {
        let mut state = self.state();
        let present = state.people.entry(person.id).or_insert_with(|| Present {
            address: person.address.clone(),
            admission: person.admission,
            links: BTreeMap::new(),
            live: BTreeMap::new(),
            user_state: None,
        });
        if present.links.len() >= LINKS_PER_PERSON_MAX && !present.links.contains_key(&link) {
            return Err(Full);
        }
        present.links.insert(link, Binding { bell: bell.clone(), machine_state: None, leaves: false });
        state.changed(person.id);
        Ok(())
    }

    /// A link is no longer signed on as this person: what it published ends with it.
    pub(crate) fn sign_off(&self, person: PersonId, link: u64) {
        let mut state = self.state();
        let Some(present) = state.people.get_mut(&person) else { return };
        present.links.remove(&link);
        present.live.retain(|_, live| live.link != Some(link));
        if present.links.is_empty() {
            state.people.remove(&person);
        }
        state.changed(person);
    }

    /// The link wants to know of changes in somebody's presence.
    pub(crate) fn watch(&self, person: PersonId, link: u64, bell: &Arc<Bell>) {
        self.state().watchers.entry(person).or_default().insert(link, bell.clone());
    }

    /// The link no longer wants to.
    pub(crate) fn unwatch(&self, person: PersonId, link: u64) {
        let mut state = self.state();
        if let Some(watchers) = state.watchers.get_mut(&person) {
            watchers.remove(&link);
            if watchers.is_empty() {
                state.watchers.remove(&person);
            }
        }
    }

    /// Keeps or (with `None`) ends a publication. `expected` is the version it must have, 0 for none.
    ///
    /// # Errors
    /// [`NotPublished`].
    pub(crate) fn publish(
        &self,
        person: PersonId,
        name: PublicationName,
        expected: u64,
        live: Option<Live>,
    ) -> Result<(), NotPublished> {
        let mut state = self.state();
        let Some(present) = state.people.get_mut(&person) else { return Err(NotPublished::Full) };
        let there = present.live.get(&name).map_or(0, |live| live.version);
        if there != expected {
            return Err(NotPublished::Conflict(there));
        }
        match live {
            Some(live) if there > 0 || present.live.len() < LIVE_PUBLICATIONS_MAX => {
                present.live.insert(name, Live { version: there + 1, ..live });
            }
            Some(_) => return Err(NotPublished::Full),
            None => {
                present.live.remove(&name);
            }
        }
        state.changed(person);
        Ok(())
    }

    /// The publications of somebody that last as long as a link.
    pub(crate) fn live(&self, person: PersonId) -> Vec<(PublicationName, Live)> {
        let state = self.state();
        let Some(present) = state.people.get(&person) else { return Vec::new() };
        present.live.iter().map(|(name, live)| (name.clone(), live.clone())).collect()
    }

    /// The person says how available he is, on all endpoints.
    pub(crate) fn set_user_state(&self, person: PersonId, availability: Option<u32>) {
        let mut state = self.state();
        if let Some(present) = state.people.get_mut(&person) {
            present.user_state = availability;
            state.changed(person);
        }
    }

    /// An endpoint says how available its person is.
    pub(crate) fn set_machine_state(&self, person: PersonId, link: u64, availability: Option<u32>) {
        let mut state = self.state();
        if let Some(binding) = state.people.get_mut(&person).and_then(|present| present.links.get_mut(&link))
        {
            binding.machine_state = availability;
            state.changed(person);
        }
    }

    /// Something the person keeps beyond the run changed.
    pub(crate) fn note_change(&self, person: PersonId) {
        self.state().changed(person);
    }

    /// Something that somebody keeps changed, and it is not known whose.
    pub(crate) fn note_all(&self) {
        let state = self.state();
        state.people.keys().for_each(|person| state.changed(*person));
    }

    /// How available somebody is: as the most available endpoint says, unless the person says less ([MS-PRES], aggregation).
    pub(crate) fn availability(&self, person: PersonId) -> u32 {
        let state = self.state();
        let Some(present) = state.people.get(&person) else { return OFFLINE };
        let machine = present.links.values().map(|binding| binding.machine_state.unwrap_or(AVAILABLE)).min();
        machine.unwrap_or(OFFLINE).max(present.user_state.unwrap_or(0))
    }

    /// Rings at every link of those who may no longer be signed on, or not by what they signed on with: `admission` says under
    /// which somebody signs on now, if he may. Each link looks for itself.
    pub(crate) fn review(&self, admission: impl Fn(PersonId, &Address) -> Option<u64>) {
        let people: Vec<(PersonId, Address)> =
            self.state().people.iter().map(|(id, present)| (*id, present.address.clone())).collect();
        for (person, address) in people {
            let now = admission(person, &address);
            let mut state = self.state();
            let Some(present) = state.people.get_mut(&person) else { continue };
            if now.is_some_and(|now| now <= present.admission) {
                continue;
            }
            present.admission = now.unwrap_or(present.admission);
            for binding in present.links.values() {
                binding.bell.ring(Ring::PersonGone);
            }
        }
    }

    /// Rings at so many links that were not told to go yet.
    pub(crate) fn lead_out(&self, links: usize) {
        let mut state = self.state();
        let all = state.people.values_mut().flat_map(|present| present.links.values_mut());
        for binding in all.filter(|binding| !binding.leaves).take(links) {
            binding.leaves = true;
            binding.bell.ring(Ring::Leave);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn changed(&self, person: PersonId) {
        for binding in self.people.get(&person).into_iter().flat_map(|present| present.links.values()) {
            binding.bell.ring(Ring::Own);
        }
        for bell in self.watchers.get(&person).into_iter().flat_map(BTreeMap::values) {
            bell.ring(Ring::Presence(person));
        }
    }
}

impl Bell {
    /// Rings; wakes whoever listens.
    pub(crate) fn ring(&self, ring: Ring) {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner).insert(ring);
        self.listener.wake();
    }

    /// What it rang for, once it has; wakes the task that asked last.
    pub(crate) fn poll_heard(&self, context: &Context<'_>) -> Poll<BTreeSet<Ring>> {
        // In this order, so that nothing rings unheard in between.
        self.listener.register(context.waker());
        let rung = std::mem::take(&mut *self.rung.lock().unwrap_or_else(PoisonError::into_inner));
        if rung.is_empty() { Poll::Pending } else { Poll::Ready(rung) }
    }
}

#[cfg(test)]
mod tests;
