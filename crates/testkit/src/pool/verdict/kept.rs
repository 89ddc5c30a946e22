//! What is kept at the end: the posts of every room, and under which rules each was said.
//! Judges only whether journals are whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chat::{CategoryId, Entry, JournalKey, PersonId, PoolEntry, RoomEntry, ServerEntry, Subject};
use serde_json::Value;
use store::{Recorded, Store};
use uuid::Uuid;

use crate::pool::Pool;

/// Everything that is kept.
#[derive(Debug, Default)]
pub(in crate::pool) struct Kept {
    pub(in crate::pool) rooms: BTreeMap<Uuid, KeptRoom>,
    /// Whom each category denied, under each of its rules.
    pub(in crate::pool) denied: BTreeMap<(CategoryId, u64), Denied>,
    /// When people were disabled and enabled again, in order.
    pub(in crate::pool) enabled: BTreeMap<PersonId, Vec<(i64, bool)>>,
    pub(in crate::pool) faults: Vec<String>,
}

/// Whom a category denied, and since when.
#[derive(Debug, Default)]
pub(in crate::pool) struct Denied {
    pub(in crate::pool) people: BTreeSet<PersonId>,
    pub(in crate::pool) time: i64,
}

/// One room.
#[derive(Debug)]
pub(in crate::pool) struct KeptRoom {
    pub(in crate::pool) name: String,
    pub(in crate::pool) category: CategoryId,
    /// By number in the journal.
    pub(in crate::pool) posts: BTreeMap<u64, KeptPost>,
    /// Who was a member from which number on; `None` in a room that is open to all.
    pub(in crate::pool) members: Option<BTreeMap<u64, BTreeSet<PersonId>>>,
    /// When each of these changes was made.
    pub(in crate::pool) changed: BTreeMap<u64, i64>,
}

/// One post.
#[derive(Debug)]
pub(in crate::pool) struct KeptPost {
    pub(in crate::pool) author: PersonId,
    pub(in crate::pool) time: i64,
    pub(in crate::pool) category_rules: u64,
    /// Whether it is history.
    pub(in crate::pool) kept: bool,
    /// What was said; `None` when that is not there any more.
    pub(in crate::pool) said: Option<String>,
    /// Every text it ever had, as far as is known.
    pub(in crate::pool) texts: BTreeSet<String>,
    /// Whether its text was replaced; the first one is not there any more.
    pub(in crate::pool) is_changed: bool,
    /// Whether its text was taken away.
    pub(in crate::pool) is_gone: bool,
}

impl Kept {
    /// Reads it through any server.
    pub(in crate::pool) fn read(pool: &Pool) -> Self {
        let machine = pool.machines.iter().position(|machine| machine.answers()).expect("a server answers");
        let mut kept = pool.at(machine, |store, _| async move { Self::read_from(pool, &store).await });
        kept.category_rules(pool);
        kept
    }

    async fn read_from(pool: &Pool, store: &Store) -> Self {
        let mut kept = Self::default();
        for room in &pool.ground.rooms {
            let journal = JournalKey::Room(room.id);
            if let Err(fault) = store.verify(journal).await {
                kept.faults.push(format!("the journal of {}: {fault}", room.name));
            }
            let entries = entries(store, journal).await;
            let ids = |who: &chat::Principal| match who {
                chat::Principal::Person(id) => Some(*id),
                _ => None,
            };
            let founded = room.members.iter().filter_map(ids).collect();
            let members = (room.privacy != chat::Privacy::Open).then(|| BTreeMap::from([(0, founded)]));
            let mut read = KeptRoom {
                name: room.name.to_string(),
                category: room.category,
                posts: BTreeMap::new(),
                members,
                changed: BTreeMap::new(),
            };
            read.take_in(&entries, &mut kept.faults);
            kept.rooms.insert(room.guid, read);
        }
        let heads = store.heads().await.expect("a read");
        for server in heads.keys() {
            if let Err(fault) = store.verify(JournalKey::Server(*server)).await {
                kept.faults.push(format!("the journal of {server:?}: {fault}"));
            }
            let mut after = 0;
            while let page = store.followed(*server, after, 256).await.expect("a read")
                && let Some(last) = page.last()
            {
                after = last.entry.header.position.number;
                page.iter()
                    .filter(|one| matches!(one.entry.header.entry, Entry::Server(ServerEntry::Moved(_))))
                    .for_each(|one| kept.take_in_order(pool, &one.moved));
            }
        }
        kept
    }

    /// The numbers of the posts of a room's history after a number that still have a text.
    pub(in crate::pool) fn history_after(&self, room: Uuid, after: u64) -> impl Iterator<Item = u64> {
        let posts = self.rooms.get(&room).into_iter().flat_map(move |room| room.posts.range(after + 1..));
        posts.filter(|(_, post)| post.kept && !post.is_gone).map(|(number, _)| *number)
    }

    /// Takes in what one operation changed, as its own words say.
    fn take_in_order(&mut self, pool: &Pool, moved: &[Arc<Recorded>]) {
        let asked = moved.iter().find_map(|recorded| match &recorded.header.entry {
            Entry::Pool(PoolEntry::Administered { .. }) => recorded.body.as_ref(),
            _ => None,
        });
        let Some(asked) = asked.and_then(|body| serde_json::from_str::<Value>(&body.text).ok()) else {
            return;
        };
        for recorded in moved {
            let (JournalKey::Room(id), Entry::Room(RoomEntry::Changed { .. })) =
                (recorded.header.journal, &recorded.header.entry)
            else {
                continue;
            };
            let guid = pool.ground.rooms.iter().find(|room| room.id == id).map(|room| room.guid);
            let Some(room) = guid.and_then(|guid| self.rooms.get_mut(&guid)) else { continue };
            if let (Some(members), Some(set)) = (&mut room.members, people(&asked["members"])) {
                members.insert(recorded.header.position.number, set);
                room.changed.insert(recorded.header.position.number, recorded.header.time.unix_micros());
            }
        }
    }

    /// Takes in, from the pool's journal, which rules of a category denied whom, and who was disabled when.
    fn category_rules(&mut self, pool: &Pool) {
        let machine = pool.machines.iter().position(|machine| machine.answers()).expect("a server answers");
        let all = pool.at(machine, |store, _| async move {
            let sound = store.verify(JournalKey::Pool).await.map(drop);
            (sound, entries(&store, JournalKey::Pool).await)
        });
        if let Err(fault) = all.0 {
            self.faults.push(format!("the journal of the pool: {fault}"));
        }
        let mut rules: BTreeMap<CategoryId, u64> = BTreeMap::new();
        for category in &pool.ground.categories {
            rules.insert(category.id, category.rules);
            self.denied.insert((category.id, category.rules), Denied::default());
        }
        let began = chat::Time::parse_iso(super::super::BEGIN).expect("a time").unix_micros();
        for recorded in all.1.iter().filter(|recorded| recorded.header.time.unix_micros() >= began) {
            let Entry::Pool(PoolEntry::Administered { subject, .. }) = &recorded.header.entry else {
                continue;
            };
            let Some(body) = &recorded.body else { continue };
            let asked: Value = serde_json::from_str(&body.text).unwrap_or_default();
            match subject {
                Subject::Category(id) => {
                    let number = rules.entry(*id).or_default();
                    *number += 1;
                    let people = people(&asked["denied"]).unwrap_or_default();
                    let time = recorded.header.time.unix_micros();
                    self.denied.insert((*id, *number), Denied { people, time });
                }
                Subject::Person(id) => {
                    let change =
                        asked["enabled"].as_bool().map(|is| (recorded.header.time.unix_micros(), is));
                    self.enabled.entry(*id).or_default().extend(change);
                }
                _ => (),
            }
        }
    }
}

impl KeptRoom {
    fn take_in(&mut self, entries: &[Arc<Recorded>], faults: &mut Vec<String>) {
        let mut last = 0;
        let mut posts = 0;
        for recorded in entries {
            let number = recorded.header.position.number;
            match &recorded.header.entry {
                Entry::Room(RoomEntry::Gap { fork, to }) if *fork == last && *to == number => {
                    posts += u32::try_from(to - fork).unwrap_or(u32::MAX);
                }
                _ if number == last + 1 => (),
                _ => faults.push(format!("{}: {number} comes after {last}", self.name)),
            }
            last = number;
            let text = recorded.body.as_ref().map(|body| body.text.clone());
            match &recorded.header.entry {
                Entry::Room(RoomEntry::Posted { post, author, kept, category_rules, .. }) => {
                    posts += 1;
                    let wrong = || format!("{}: post {post} stands where {posts} should", self.name);
                    faults.extend((*post != posts).then(wrong));
                    let time = recorded.header.time.unix_micros();
                    self.posts.insert(number, KeptPost::said(*author, time, *category_rules, *kept, text));
                }
                Entry::Room(RoomEntry::Removed { post, .. }) => {
                    self.nth(*post).into_iter().for_each(|post| post.is_gone = true);
                }
                Entry::Room(RoomEntry::Replaced { post, .. }) => {
                    self.nth(*post).into_iter().for_each(|post| post.replace(text.clone()));
                }
                _ => (),
            }
        }
    }

    fn nth(&mut self, post: u32) -> Option<&mut KeptPost> {
        let index = usize::try_from(post).ok()?.checked_sub(1)?;
        self.posts.values_mut().nth(index)
    }
}

impl KeptPost {
    fn said(author: PersonId, time: i64, category_rules: u64, kept: bool, text: Option<String>) -> Self {
        let texts = text.iter().cloned().collect();
        Self { author, time, category_rules, kept, texts, said: text, is_changed: false, is_gone: false }
    }

    fn replace(&mut self, text: Option<String>) {
        self.is_changed = true;
        self.texts.extend(text);
    }
}

async fn entries(store: &Store, journal: JournalKey) -> Vec<Arc<Recorded>> {
    let mut all: Vec<Arc<Recorded>> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.header.position.number);
        let page = store.entries(journal, after, 1_000).await.expect("a read");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn people(value: &Value) -> Option<BTreeSet<PersonId>> {
    Some(value.as_array()?.iter().filter_map(Value::as_i64).map(PersonId).collect())
}
