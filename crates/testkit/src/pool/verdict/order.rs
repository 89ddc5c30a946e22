//! Whether everybody was shown the order that is kept, whole, and nothing else.
//! Who may see what is `rights.rs`.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::kept::{Kept, KeptRoom};
use crate::pool::Pool;
use crate::pool::diary::{Line, Met};

impl Pool {
    /// Each endpoint saw, in each room, every post after the place it came in at, once, in the order of the journal.
    pub(super) fn one_order(&self, kept: &Kept) -> Vec<String> {
        let mut faults = Vec::new();
        let mut places: BTreeMap<(usize, Uuid), u64> = BTreeMap::new();
        for line in &self.lines {
            match &line.met {
                Met::Joined { again: true, .. } => (),
                Met::Joined { room, at, .. } => _ = places.insert((line.endpoint, *room), at.number),
                Met::Removed { room } | Met::Parted { room } => {
                    places.remove(&(line.endpoint, *room));
                }
                Met::Post { room, at, text } => {
                    let Some(kept) = kept.rooms.get(room) else { continue };
                    let place = places.get_mut(&(line.endpoint, *room));
                    faults.extend(self.next_post(line, kept, place, at.number, text));
                }
                Met::Page { room, posts, .. } => {
                    let Some(kept) = kept.rooms.get(room) else { continue };
                    let unknown = posts.iter().filter(|(at, text)| !kept.has(at.number, text.as_deref()));
                    let who = self.name(line.endpoint);
                    let room = &kept.name;
                    faults.extend(unknown.map(|(at, text)| format!("{who} read {at:?} {text:?} in {room}")));
                }
                _ => (),
            }
        }
        faults
    }

    /// A post was shown to an endpoint that stood at this place.
    fn next_post(
        &self,
        line: &Line,
        kept: &KeptRoom,
        place: Option<&mut u64>,
        number: u64,
        text: &str,
    ) -> Vec<String> {
        let who = || format!("{} in {}", self.name(line.endpoint), kept.name);
        let Some(place) = place else { return vec![format!("{}: shown {number} without a seat", who())] };
        let mut faults = Vec::new();
        if number <= *place {
            faults.push(format!("{}: shown {number} after {place}", who()));
        }
        let skipped = kept.posts.range(*place + 1..number.max(*place + 1)).filter(|(_, post)| !post.is_gone);
        faults.extend(skipped.map(|(missed, _)| format!("{}: {missed} left out before {number}", who())));
        if !kept.has(number, Some(text)) {
            faults.push(format!("{}: shown {number} {text}, which is not kept", who()));
        }
        *place = number.max(*place);
        faults
    }
}

impl KeptRoom {
    /// Whether something is kept at this place that had this text; of a text that is gone, nobody knows.
    fn has(&self, number: u64, text: Option<&str>) -> bool {
        let Some(post) = self.posts.get(&number) else {
            // Pages also name the entries that changed a post; they stand at the place of the post.
            return text.is_none();
        };
        let is_known = |text: &str| post.texts.contains(text);
        text.is_none_or(|text| post.is_gone || post.is_changed || !post.kept || is_known(text))
    }
}
