//! Stories of several servers that write to one store: one order for all, nothing lost, nothing twice, nobody held up for ever.
//! Leases and takeover are told elsewhere.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chat::{Entry, JournalKey, Mask, PartReason, RoomEntry, RoomId, ServerEntry, Stand};
use store::{NewPost, Place, PostOutcome, PutOutcome, RowChange, Shelf, Store, StoreFault};
use tokio::task::JoinSet;

use crate::stage::{
    Cast, Stage, administer, category_draft, client_id, new_post, new_room, recorded, said, texts, under,
};
use cluster::{Cluster, answer, psql};

/// The stores of so many servers; the first is the one the people of the cast were made on.
async fn pool(stage: &Stage, servers: usize) -> (Cast, Vec<Store>) {
    let cast = Cast::on(stage).await;
    let mut stores = vec![cast.store.clone()];
    for n in 2..=servers {
        stores.push(open_as(stage, &format!("chat{n}.example.com")));
    }
    (cast, stores)
}

fn open_as(stage: &Stage, name: &str) -> Store {
    let place = Place::of(name, name);
    let founding = stage.founding();
    Store::open_place(
        stage.location(),
        Some(&founding),
        &place,
        Arc::clone(&stage.clock) as _,
        &stage.options,
    )
    .unwrap()
}

/// Keeps a post, decided anew as often as what it was decided under has moved.
async fn keep(store: &Store, mut post: NewPost) -> PostOutcome {
    loop {
        match store.post(post.clone()).await.unwrap() {
            PostOutcome::Moved => post.under = under(store, post.author, post.room).await,
            outcome => return outcome,
        }
    }
}

pub async fn four_servers_post_to_the_same_rooms(stage: Stage) {
    let (cast, stores) = pool(&stage, 4).await;
    let mut rooms = vec![cast.engineering, cast.kitchen];
    for n in 0..4 {
        rooms.push(new_room(&cast.store, cast.general, &format!("Room {n}")).await);
    }
    let mut posting = JoinSet::new();
    for (n, store) in stores.iter().enumerate() {
        for m in 0..48 {
            let (author, room) = ([cast.alice, cast.bob, cast.carol][m % 3], rooms[(m + n) % rooms.len()]);
            let mut post = new_post(store, author, room, &format!("{n} says {m}")).await;
            post.client_id = Some(client_id(&format!("{n}-{m}")));
            let store = store.clone();
            posting.spawn(async move { (post.clone(), said(&recorded(keep(&store, post).await))) });
        }
    }
    let kept = posting.join_all().await;
    let mut all: BTreeSet<String> = BTreeSet::new();
    for room in &rooms {
        let entries = cast.store.entries(JournalKey::Room(*room), 0, 1_000).await.unwrap();
        let numbers: Vec<u64> = entries.iter().map(|entry| entry.header.position.number).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "numbers are dense");
        for entry in
            entries.iter().filter(|entry| matches!(entry.header.entry, Entry::Room(RoomEntry::Posted { .. })))
        {
            assert!(all.insert(entry.body.as_ref().unwrap().text.clone()), "said once: {entry:?}");
        }
        cast.store.verify(JournalKey::Room(*room)).await.unwrap();
    }
    assert_eq!(all.len(), kept.len(), "nothing is lost and nothing is there twice");
    for store in &stores {
        store.verify(JournalKey::Server(store.identity().server)).await.unwrap();
    }
    for (n, (post, place)) in kept.into_iter().enumerate() {
        assert_eq!(
            keep(&stores[n % 4], post).await,
            PostOutcome::Repeated(place),
            "wherever it is sent again"
        );
    }
}

pub async fn what_is_named_in_a_journal_of_a_server_is_there_whole(stage: Stage) {
    let (cast, stores) = pool(&stage, 2).await;
    let mut posting = JoinSet::new();
    for n in 0..40 {
        let store = stores[n % 2].clone();
        let post = new_post(&store, cast.alice, cast.engineering, &format!("post {n}")).await;
        posting.spawn(async move { recorded(keep(&store, post).await) });
    }
    posting.join_all().await;
    let mut told: Vec<u64> = Vec::new();
    for store in &stores {
        let key = JournalKey::Server(store.identity().server);
        for entry in cast.store.entries(key, 0, 1_000).await.unwrap() {
            let Entry::Server(ServerEntry::Moved(ranges)) = &entry.header.entry else { continue };
            let here = ranges.iter().filter(|range| range.journal == JournalKey::Room(cast.engineering));
            told.extend(here.flat_map(|range| range.from..=range.to));
        }
    }
    told.sort_unstable();
    let head = cast.store.head(JournalKey::Room(cast.engineering)).await.unwrap();
    assert_eq!(told, (1..=head.position.number).collect::<Vec<_>>(), "each number by exactly one server");
}

pub async fn a_narrowed_category_is_narrow_on_every_server_at_once(stage: Stage) {
    let (cast, stores) = pool(&stage, 3).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut posting = JoinSet::new();
    for store in &stores[1..] {
        for (author, room) in [(cast.alice, cast.engineering), (cast.bob, cast.kitchen)] {
            let (store, over) = (store.clone(), Arc::clone(&over));
            posting.spawn(async move {
                let mut said = 0;
                while !over.load(Ordering::Relaxed) {
                    let post = new_post(&store, author, room, "on and on").await;
                    recorded(keep(&store, post).await);
                    said += 1;
                    assert!(said < 5_000, "the administrator is never let in");
                }
            });
        }
    }
    let mut places = Vec::new();
    for _ in 0..8 {
        let rules = cast.store.category(cast.general).await.unwrap().unwrap().rules;
        let draft = category_draft("General");
        administer(
            &cast.store,
            RowChange::SetCategory { id: cast.general, expected_rules: Some(rules), draft },
        )
        .await;
        for room in [cast.engineering, cast.kitchen] {
            let head = cast.store.head(JournalKey::Room(room)).await.unwrap().position.number;
            places.push((room, head, rules + 1));
        }
    }
    over.store(true, Ordering::Relaxed);
    posting.join_all().await;
    for (room, head, rules) in places {
        for entry in cast.store.entries(JournalKey::Room(room), head, 1_000).await.unwrap() {
            let Entry::Room(RoomEntry::Posted { category_rules, .. }) = entry.header.entry else { continue };
            assert!(category_rules >= rules, "said behind the change, decided before it: {entry:?}");
        }
    }
}

pub async fn one_of_two_who_replace_the_same_document_is_told_so(stage: Stage) {
    let (cast, stores) = pool(&stage, 2).await;
    for version in 0..20 {
        let mut putting = JoinSet::new();
        for store in &stores {
            let (store, person) = (store.clone(), cast.alice);
            putting.spawn(async move {
                let content = Some(vec![u8::try_from(store.identity().server.0).unwrap()]);
                store
                    .put_document(person, Shelf::Preference, "colours", Some(version), content)
                    .await
                    .unwrap()
            });
        }
        let outcomes: BTreeSet<String> =
            putting.join_all().await.iter().map(|outcome| format!("{outcome:?}")).collect();
        let stored = format!("{:?}", PutOutcome::Stored(version + 1));
        let conflict = format!("{:?}", PutOutcome::Conflict(version + 1));
        assert_eq!(outcomes, BTreeSet::from([stored, conflict]));
    }
}

pub async fn invitations_are_numbered_once_on_two_servers(stage: Stage) {
    let (cast, stores) = pool(&stage, 2).await;
    let mut rooms = Vec::new();
    for n in 0..12 {
        rooms.push(new_room(&cast.store, cast.general, &format!("Room {n}")).await);
    }
    let mut asking = JoinSet::new();
    for (n, room) in rooms.iter().enumerate() {
        let (store, person, room) = (stores[n % 2].clone(), cast.bob, *room);
        asking.spawn(async move { store.invitations(person, &[room]).await.unwrap()[0].id });
    }
    let ids: BTreeSet<u64> = asking.join_all().await.into_iter().collect();
    assert_eq!(ids, (1..=12).collect());
}

#[tokio::test]
async fn a_room_that_somebody_else_writes_to_is_waited_for() {
    let url = Cluster::running().database();
    let cast = Cast::on(&Stage::postgres_at(url.clone())).await;
    let mut other = Session::on(&url);
    other.writes_to(cast.engineering);
    let mut posting = JoinSet::new();
    for (room, text) in
        [(cast.engineering, "first"), (cast.engineering, "second"), (cast.kitchen, "meanwhile")]
    {
        let (store, post) = (cast.store.clone(), cast.draft(cast.alice, room, text).await);
        posting.spawn(async move { recorded(store.post(post).await.unwrap()) });
        tokio::task::yield_now().await;
    }
    while answer(&url, WAITING) == "0" {
        tokio::task::yield_now().await;
    }
    other.does("COMMIT");
    posting.join_all().await;
    assert_eq!(texts(&cast.store, cast.engineering).await, ["first", "second"]);
    assert_eq!(texts(&cast.store, cast.kitchen).await, ["meanwhile"]);
}

#[tokio::test]
async fn whoever_leaves_does_not_leave_before_what_they_said_is_kept() {
    let url = Cluster::running().database();
    let cast = Cast::on(&patient(&url)).await;
    let hall = new_room(&cast.store, cast.general, "Hall").await;
    let at = cast.store.head(JournalKey::Room(cast.kitchen)).await.unwrap().position;
    let kitchen = Stand { room: cast.kitchen, at, mask: Mask::JOIN };
    cast.store.join(cast.alice, 1, vec![kitchen]).await.unwrap();
    let own = JournalKey::Server(cast.store.identity().server);
    let before = cast.store.head(own).await.unwrap().position.number;
    let (mut engineering, mut door) = (Session::on(&url), Session::on(&url));
    engineering.writes_to(cast.engineering);
    door.writes_to(hall);
    let first = cast.draft(cast.bob, hall, "holding everybody up").await;
    let busy = cast.draft(cast.alice, cast.engineering, "before I go").await;
    let free = cast.draft(cast.alice, cast.kitchen, "good-bye").await;
    let other = cast.draft(cast.carol, cast.kitchen, "who was that?").await;
    let mut posting = JoinSet::new();
    let say = |post| {
        let store = cast.store.clone();
        async move { recorded(store.post(post).await.unwrap()) }
    };
    posting.spawn(say(first));
    while answer(&url, WAITING) == "0" {
        tokio::task::yield_now().await;
    }
    posting.spawn(say(busy));
    posting.spawn(say(free));
    posting.spawn(say(other));
    tokio::task::yield_now().await;
    let (store, alice) = (cast.store.clone(), cast.alice);
    let leaving = tokio::spawn(async move { store.part(alice, 1, PartReason::Left, vec![kitchen]).await });
    tokio::task::yield_now().await;
    door.does("COMMIT");
    while texts(&cast.store, hall).await.is_empty() || answer(&url, WAITING) == "0" {
        tokio::task::yield_now().await;
    }
    assert!(!leaving.is_finished(), "she is there as long as her words are on their way");
    engineering.does("COMMIT");
    posting.join_all().await;
    leaving.await.unwrap().unwrap();

    let mut order = Vec::new();
    for entry in cast.store.entries(own, before, 1_000).await.unwrap() {
        match &entry.header.entry {
            Entry::Server(ServerEntry::Moved(ranges)) => {
                order.extend(ranges.iter().map(|range| range.journal))
            }
            Entry::Server(ServerEntry::Parted { .. }) => order.push(own),
            _ => (),
        }
    }
    let [engineering, kitchen] = [cast.engineering, cast.kitchen].map(JournalKey::Room);
    let said = order.iter().filter(|key| [engineering, kitchen, own].contains(key));
    assert_eq!(said.copied().collect::<Vec<_>>(), [engineering, kitchen, own]);
    assert_eq!(texts(&cast.store, cast.kitchen).await, ["good-bye", "who was that?"]);
}

#[tokio::test]
async fn a_room_that_somebody_else_never_lets_go_is_refused_and_everything_else_goes_on() {
    let url = Cluster::running().database();
    let mut stage = Stage::postgres_at(url.clone());
    stage.options.busy_wait = Duration::from_millis(500);
    let cast = Cast::on(&stage).await;
    let mut other = Session::on(&url);
    other.writes_to(cast.engineering);
    let post = cast.draft(cast.alice, cast.engineering, "in vain").await;
    let fault = cast.store.post(post).await.unwrap_err();
    assert!(matches!(fault, StoreFault::Unavailable { .. }), "{fault:?}");
    cast.say(cast.bob, cast.kitchen, "and on").await;
    assert_eq!(texts(&cast.store, cast.kitchen).await, ["and on"]);
}

#[tokio::test]
async fn a_thousand_posts_that_had_to_wait_go_together() {
    let url = Cluster::running().database();
    let cast = Cast::on(&Stage::postgres_at(url.clone())).await;
    let mut other = Session::on(&url);
    other.writes_to(cast.engineering);
    let mut posting = JoinSet::new();
    let first = cast.draft(cast.alice, cast.engineering, "first").await;
    let store = cast.store.clone();
    posting.spawn(async move { recorded(store.post(first).await.unwrap()) });
    while answer(&url, WAITING) == "0" {
        tokio::task::yield_now().await;
    }
    let post = cast.draft(cast.bob, cast.kitchen, "all together").await;
    for n in 0..1_000 {
        let (store, post) =
            (cast.store.clone(), NewPost { client_id: Some(client_id(&n.to_string())), ..post.clone() });
        posting.spawn(async move { recorded(store.post(post).await.unwrap()) });
    }
    tokio::task::yield_now().await;
    let batches = || -> u64 { answer(&url, "SELECT max(batch) FROM server").parse().unwrap() };
    let before = batches();
    other.does("COMMIT");
    posting.join_all().await;
    assert_eq!(batches(), before + 2, "one commit for the first, and one for all others");
    cast.store.verify(JournalKey::Room(cast.kitchen)).await.unwrap();
}

/// A stage on which everybody waits longer for each other than a story takes.
pub fn patient(url: &str) -> Stage {
    let mut stage = Stage::postgres_at(url.to_owned());
    stage.options.busy_wait = Duration::from_secs(20);
    stage
}

/// How many sessions wait for another.
pub const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Another session of the same database, which does what it is told.
pub struct Session {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Session {
    pub fn on(url: &str) -> Self {
        let mut process = psql()
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        Self { process, said }
    }

    /// Writes to a room for so long that everybody else finds it busy.
    pub fn writes_to(&mut self, room: RoomId) {
        self.does(&format!(
            "BEGIN; SELECT journal FROM head WHERE kind = 1 AND subject = {} FOR UPDATE",
            room.0
        ));
    }

    /// Has done it when this returns.
    pub fn does(&mut self, sql: &str) {
        writeln!(self.process.stdin.as_ref().unwrap(), "{sql};\n\\echo done").unwrap();
        let mut line = String::new();
        while line.trim() != "done" {
            line.clear();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "the session has ended");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
