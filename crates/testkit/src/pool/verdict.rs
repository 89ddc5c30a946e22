//! Whether what was met in a simulation agrees with what is kept: each promise of the pool has its own check.
//! Corrects nothing, and says of each fault who met what and where.

mod kept;
mod order;
mod rights;
mod roster;

use std::collections::BTreeMap;

use chat::PersonId;

use crate::pool::Pool;
use crate::pool::diary::{Met, trace};
use crate::pool::guest::denies;
pub(super) use kept::Kept;

/// What is to be said of a simulation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// What is wrong, in words.
    pub faults: Vec<String>,
    /// Equal for two runs in which everybody met the same in the same order.
    pub trace: u64,
    /// Posts that are kept.
    pub posts: usize,
    /// Posts that were shown, once for each endpoint.
    pub shown: usize,
}

impl Pool {
    /// Judges everything that was met so far.
    ///
    /// # Panics
    /// When no server answers that could be asked for what is kept.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let kept = Kept::read(self);
        let mut faults = kept.faults.clone();
        faults.extend(self.one_order(&kept));
        faults.extend(self.kept_once(&kept));
        faults.extend(self.seen_by_right(&kept));
        faults.extend(self.said_by_right(&kept));
        faults.extend(self.notices_agree());
        faults.extend(self.nobody_broke());
        Verdict {
            faults,
            trace: trace(&self.lines),
            posts: kept.rooms.values().map(|room| room.posts.len()).sum(),
            shown: self.lines.iter().filter(|line| matches!(line.met, Met::Post { .. })).count(),
        }
    }

    /// Every answer that something is kept names its place, nothing is kept twice, and nothing of which all was told that it is not.
    fn kept_once(&self, kept: &Kept) -> Vec<String> {
        let mut faults = Vec::new();
        let mut places: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for (number, post) in kept.rooms.values().flat_map(|room| &room.posts) {
            if let Some(text) = post.said.as_deref() {
                places.entry(text).or_default().push(*number);
            }
        }
        faults.extend(
            places
                .iter()
                .filter(|(_, at)| at.len() > 1)
                .map(|(text, at)| format!("{text} is kept twice: {at:?}")),
        );
        let mut denied: BTreeMap<&str, usize> = BTreeMap::new();
        for line in &self.lines {
            let Met::Answered { text, outcome } = &line.met else { continue };
            if let Ok(position) = outcome {
                let known = kept.rooms.values().any(|room| {
                    let post = room.posts.get(&position.number);
                    post.is_some_and(|post| post.said.as_ref().is_none_or(|said| said == text))
                });
                if !known {
                    faults.push(format!("{text} was answered as kept at {position:?} and is not there"));
                }
            }
            *denied.entry(text).or_default() += usize::from(denies(outcome));
        }
        for (text, denied) in denied {
            // Of a try that nobody answered nobody knows.
            if places.contains_key(text) && self.tries(text) == denied {
                faults.push(format!("{text} was answered as not kept and is there"));
            }
        }
        faults
    }

    /// A server breaks by a fault of the program only.
    fn nobody_broke(&self) -> Vec<String> {
        let broke = self.lines.iter().filter(|line| matches!(line.met, Met::Ended(rooms::EndReason::Broken)));
        broke.map(|line| format!("the server of {} broke", self.name(line.endpoint))).collect()
    }

    /// How often a text was sent.
    fn tries(&self, text: &str) -> usize {
        self.said.get(text).copied().unwrap_or(0)
    }

    /// Whoever holds an endpoint, for people to read.
    pub(super) fn name(&self, endpoint: usize) -> String {
        let at = &self.endpoints[endpoint];
        format!("{} ({endpoint}, at {})", self.name_of(at.person), at.machine)
    }

    pub(super) fn name_of(&self, person: PersonId) -> &str {
        let known = self.ground.people.iter().find(|(_, id)| *id == person);
        known.map_or("somebody", |(name, _)| name.as_str())
    }
}
