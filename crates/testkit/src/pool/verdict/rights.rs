//! Whether nobody saw, and nobody said, what they had no right to at that moment.
//! Asks the lists that are kept, not the rules of `chat`: those are what is tested.

use chat::PersonId;
use uuid::Uuid;

use super::kept::{Kept, KeptPost, KeptRoom};
use crate::pool::Pool;
use crate::pool::diary::Met;

/// How late a right that was withdrawn may still be used to look at what is kept: until the pool was asked again, or the lease is
/// over and nobody answers, in microseconds.
const GRACE: i64 = 15_000_000;

impl Pool {
    /// Nobody was shown a post of a room they were put out of before, or that their category denied them.
    pub(super) fn seen_by_right(&self, kept: &Kept) -> Vec<String> {
        let mut faults = Vec::new();
        for line in &self.lines {
            let person = self.endpoints[line.endpoint].person;
            match &line.met {
                Met::Post { room, at, .. } => {
                    let who = self.name(line.endpoint);
                    let why = denied(kept, *room, at.number, person, Some(line.time));
                    faults.extend(why.map(|why| format!("{who} was shown {at:?} {why}")));
                    let post = kept.rooms.get(room).and_then(|room| room.posts.get(&at.number));
                    let late = post.filter(|post| is_late(kept, person, post.time, line.time));
                    faults.extend(late.map(|_| format!("{who} was shown {at:?} long after being disabled")));
                }
                Met::Page { room, posts, .. } => {
                    let Some(known) = kept.rooms.get(room) else { continue };
                    let out = posts.first().and_then(|_| put_out(known, person, line.time));
                    let (who, room) = (self.name(line.endpoint), &known.name);
                    faults.extend(out.map(|since| format!("{who} read {room} and was put out at {since}")));
                }
                _ => (),
            }
        }
        faults
    }

    /// Nobody said anything where they were no member, or denied, or disabled.
    pub(super) fn said_by_right(&self, kept: &Kept) -> Vec<String> {
        let mut faults = Vec::new();
        for (guid, room) in &kept.rooms {
            for (number, post) in &room.posts {
                let why = denied(kept, *guid, *number, post.author, None);
                let why = why.or_else(|| {
                    is_disabled(kept, post.author, post.time, 0).then(|| "while disabled".to_owned())
                });
                if let Some(why) = why {
                    faults.push(format!(
                        "{} said {number} in {} {why}",
                        self.name_of(post.author),
                        room.name
                    ));
                }
            }
        }
        faults
    }
}

/// Whether somebody was shown a post that was said long after he was disabled; whoever was enabled again by then may read all there is.
fn is_late(kept: &Kept, person: PersonId, said: i64, shown: i64) -> bool {
    [said, shown].into_iter().all(|time| is_disabled(kept, person, time, GRACE))
}

/// Why a person has nothing to do with a post. Whoever looks at it later may have got the right since, and then may read all there
/// is; `until` says when that is.
fn denied(kept: &Kept, room: Uuid, number: u64, person: PersonId, until: Option<i64>) -> Option<String> {
    let known = kept.rooms.get(&room)?;
    let post: &KeptPost = known.posts.get(&number)?;
    let in_time = |time: i64| until.is_some_and(|until| time <= until);
    let is_member = known.members.as_ref().is_none_or(|members| {
        let then = members.range(..number).next_back();
        let later = members
            .range(number..)
            .filter(|(at, _)| known.changed.get(at).is_some_and(|time| in_time(*time)));
        then.into_iter().chain(later).any(|(_, members)| members.contains(&person))
    });
    if !is_member {
        return Some(format!("of {}, being no member then", known.name));
    }
    let from = (known.category, post.category_rules);
    let since = kept.denied.range(from..=(known.category, u64::MAX));
    let mut rules = since.filter(|(rules, denied)| **rules == from || in_time(denied.time));
    let is_denied = rules.all(|(_, denied)| denied.people.contains(&person));
    (is_denied && kept.denied.contains_key(&from)).then(|| format!("of {}, being denied then", known.name))
}

/// Since when, longer ago than the grace, a person is no member.
fn put_out(room: &KeptRoom, person: PersonId, now: i64) -> Option<i64> {
    let members = room.members.as_ref()?;
    let then = members.iter().rev().find_map(|(number, members)| {
        let time = room.changed.get(number).copied().unwrap_or(i64::MIN);
        (time <= now).then_some((time, members))
    });
    let (time, members) = then?;
    (!members.contains(&person) && now - time > GRACE && time > i64::MIN).then_some(time)
}

/// Whether a person was disabled at a time, and had been for longer than `grace`.
fn is_disabled(kept: &Kept, person: PersonId, time: i64, grace: i64) -> bool {
    let Some(changes) = kept.enabled.get(&person) else { return false };
    let before = changes.iter().rev().find(|(at, _)| *at < time);
    let same = changes.iter().any(|(at, _)| *at == time);
    before.is_some_and(|(at, enabled)| !enabled && time - at > grace) && !same
}
