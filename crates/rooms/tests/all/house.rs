//! Where the stories play: a real store in a folder of its own, live rooms over it, a desk, and people who come in.
//! Tells no story. What people are shown is written as lines, such as `Lobby 1 alice: hello` or `bob comes to Lobby`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat::{
    Actor, Domain, Draft, Entry, JournalKey, Mask, Person, PersonId, Position, Refusal, RoomEntry, RoomId,
    ServerEntry, Text,
};
use rooms::{JoinedRoom, Limits, Outgoing, Post, Rooms, Said, Session, Trouble, Visitor};
use store::{Act, Amend, AmendOutcome, Amendment, Founding, Location, Options, Recorded, Store};
use tempfile::TempDir;
use testkit::TestClock;
use testkit::admin::{
    Asker, CategoryFields, CategoryNew, CategorySet, Desk, ListChange, Operation, Request, RoomFields,
    RoomNew, RoomPrivacy, RoomSet, RoomType, UserNew,
};
use testkit::directory::{Directory, SealingKey};
use uuid::Uuid;

use crate::gate::Gate;

/// Only a guard: no story waits for time.
const TOO_LONG: Duration = Duration::from_secs(30);

pub const ROOT: Actor = Actor::Shell(0);

/// Everybody who lives here; Mallory is of another domain, and the porter knows when all is delivered.
const PEOPLE: [&str; 6] = ["alice", "bob", "carol", "dave", "mallory", "porter"];

/// A store with people and rooms, and live rooms over it.
///
/// The category General admits `example.com`. In it are Lobby and Kitchen (open), Engineering (closed) and Board
/// (secret), both with the members Alice and Bob and the manager Carol, and Hall (an open auditorium, Alice presents).
pub struct House {
    pub gate: Arc<Gate>,
    pub store: Store,
    pub rooms: Rooms,
    desk: Desk,
    folder: TempDir,
    plan: Arc<Plan>,
    porter: Arc<Porter>,
}

/// One endpoint of somebody.
pub struct Guest {
    pub session: Session,
    plan: Arc<Plan>,
    porter: Arc<Porter>,
}

/// Which room is which.
#[derive(Default)]
struct Plan(Mutex<HashMap<String, (RoomId, Uuid)>>);

/// Follows what everybody follows, in a room of its own.
struct Porter {
    cellar: Uuid,
    session: tokio::sync::Mutex<Session>,
}

/// Awaits what must come.
pub async fn within<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(TOO_LONG, what).await.expect("it comes long before that")
}

impl House {
    pub async fn open() -> Self {
        Self::with(Limits::default()).await
    }

    pub async fn with(limits: Limits) -> Self {
        Self::built(&Options::default(), limits).await
    }

    pub async fn built(options: &Options, limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = folder.path().join("store.db");
        Self::built_on(&file, folder, options, limits).await
    }

    /// With its store in a database of PostgreSQL.
    pub async fn in_database(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let location = Location::postgres(url).expect("an address");
        Self::built_on(location, folder, &Options::default(), Limits::default()).await
    }

    async fn built_on(
        location: impl Into<Location>,
        folder: TempDir,
        options: &Options,
        limits: Limits,
    ) -> Self {
        let gate = Arc::new(Gate::new(TestClock::at("2026-11-24T10:00:00Z", 7)));
        let store = Store::open_with(location, &founding(), gate.clone(), options).expect("a new store");
        let key = SealingKey::make(&folder.path().join("key"), &*gate).expect("a new key");
        let directory = Directory::open(store.clone(), gate.clone(), key).expect("argon2id works");
        let desk = Desk::new(store.clone(), directory);
        let plan = Arc::new(Plan::default());
        furnish(&desk).await;
        plan.draw(&store).await;

        let rooms = Rooms::start_with(store.clone(), limits).await.expect("the store can be read");
        let cellar = plan.guid("Cellar");
        let session = rooms.open(id(&store, "porter").await).expect("the porter may come in");
        session.join(&[cellar], false).await.expect("it is kept").remove(0).expect("the porter is a member");
        let porter = Arc::new(Porter { cellar, session: session.into() });
        Self { gate, store, rooms, desk, folder, plan, porter }
    }

    /// The file of the store, for those who come from behind.
    pub fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("store.db")
    }

    pub async fn id(&self, name: &str) -> PersonId {
        id(&self.store, name).await
    }

    pub fn guid(&self, room: &str) -> Uuid {
        self.plan.guid(room)
    }

    pub fn room(&self, room: &str) -> RoomId {
        self.plan.0.lock().expect("no test panics inside")[room].0
    }

    /// Somebody comes in.
    pub async fn guest(&self, name: &str) -> Guest {
        self.try_guest(name).await.expect("everybody may come in")
    }

    pub async fn try_guest(&self, name: &str) -> Result<Guest, Refusal> {
        let session = self.rooms.open(self.id(name).await)?;
        Ok(Guest { session, plan: self.plan.clone(), porter: self.porter.clone() })
    }

    /// Somebody comes in and goes to a room.
    pub async fn guest_in(&self, name: &str, room: &str) -> Guest {
        let guest = self.guest(name).await;
        guest.join(room).await;
        guest
    }

    /// Somebody asks without coming in.
    pub async fn visitor(&self, name: &str) -> Visitor {
        self.rooms.of(self.id(name).await).expect("everybody may ask")
    }

    /// Somebody says something without coming in.
    pub async fn post(&self, name: &str, room: &str, text: &str) -> Said {
        let visitor = self.visitor(name).await;
        within(visitor.post(self.guid(room), draft(text), None)).await.expect("it is kept")
    }

    /// An administrator takes texts away or replaces them; when it returns, the live rooms know.
    pub async fn amend(&self, room: &str, posts: &[u32], to: Amendment) {
        let act = Act::of(ROOT, "{}".into());
        let amend = Amend { room: self.room(room), posts: posts.to_vec(), to, act };
        let outcome = self.store.amend(amend).await.expect("it is kept");
        assert!(
            matches!(&outcome, AmendOutcome::Amended { entries, .. } if entries.len() == posts.len()),
            "{outcome:?}"
        );
        self.porter.settle().await;
    }

    /// Somebody new moves in.
    pub async fn new_person(&self, name: &str) {
        self.must(new_user(name)).await;
    }

    /// A room that was not there before.
    pub async fn new_room(&self, name: &str, fields: RoomFields) {
        self.must(Operation::RoomNew(RoomNew { name: name.into(), category: "General".into(), fields }))
            .await;
        self.plan.draw(&self.store).await;
    }

    pub async fn set_room(&self, room: &str, fields: RoomFields) {
        let set = Operation::RoomSet(RoomSet { room: room.into(), fields, ..RoomSet::default() });
        self.must(set).await;
    }

    pub async fn set_category(&self, fields: CategoryFields) {
        let general = CategorySet { category: "General".into(), fields, ..CategorySet::default() };
        self.must(Operation::CategorySet(general)).await;
    }

    /// An operation of an administrator; when it returns, the live rooms know.
    pub async fn must(&self, operation: Operation) {
        self.kept(operation).await;
        self.porter.settle().await;
    }

    /// An operation of an administrator; the live rooms may not have heard of it yet.
    pub async fn kept(&self, operation: Operation) {
        let asked = operation.recorded();
        let done = self.desk.run(root(), Request::of(operation)).await;
        done.unwrap_or_else(|error| panic!("{asked}: {error}"));
    }

    /// The journal of a room.
    pub async fn journal(&self, room: &str) -> Vec<Arc<Recorded>> {
        self.entries(JournalKey::Room(self.room(room))).await
    }

    /// What was said in a room, as `2 alice: hello`, read from its journal.
    pub async fn said(&self, room: &str) -> Vec<String> {
        let people: HashMap<PersonId, Person> =
            self.store.people().await.expect("a read").into_iter().map(|p| (p.id, p)).collect();
        let said = |recorded: &Arc<Recorded>| match &recorded.header.entry {
            Entry::Room(RoomEntry::Posted { post, author, .. }) => {
                let text = recorded.body.as_ref().map_or("(taken away)", |body| body.text.as_str());
                Some(format!("{post} {}: {text}", people[author].address.user()))
            }
            _ => None,
        };
        self.journal(room).await.iter().filter_map(said).collect()
    }

    /// What this server did and saw, the porter and what moved left out.
    pub async fn told(&self) -> Vec<ServerEntry> {
        let porter = self.id("porter").await;
        let told = |recorded: &Arc<Recorded>| match &recorded.header.entry {
            Entry::Server(ServerEntry::Moved(_) | ServerEntry::Started { .. }) => None,
            Entry::Server(ServerEntry::Joined { person, .. }) if *person == porter => None,
            Entry::Server(entry) => Some(entry.clone()),
            _ => None,
        };
        let journal = JournalKey::Server(self.store.identity().server);
        self.entries(journal).await.iter().filter_map(told).collect()
    }

    /// Everything that was kept so far is delivered when this returns.
    pub async fn settle(&self) {
        self.porter.settle().await;
    }

    pub async fn stop(&self) {
        within(self.rooms.stop()).await;
    }

    async fn entries(&self, journal: JournalKey) -> Vec<Arc<Recorded>> {
        let mut all = Vec::new();
        loop {
            let after = all.last().map_or(0, |last: &Arc<Recorded>| last.header.position.number);
            let page = self.store.entries(journal, after, 1_000).await.expect("a read");
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }
}

impl Guest {
    pub async fn join(&self, room: &str) -> JoinedRoom {
        self.try_join(room).await.unwrap_or_else(|refusal| panic!("{room}: {refusal}"))
    }

    pub async fn try_join(&self, room: &str) -> Result<JoinedRoom, Refusal> {
        let joined = within(self.session.join(&[self.plan.guid(room)], false)).await;
        joined.expect("a join is kept").remove(0)
    }

    /// Goes to several rooms by one command.
    pub async fn join_all(&self, rooms: &[&str]) -> Vec<Result<JoinedRoom, Refusal>> {
        let rooms: Vec<Uuid> = rooms.iter().map(|room| self.plan.guid(room)).collect();
        within(self.session.join(&rooms, true)).await.expect("a join is kept")
    }

    pub async fn part(&self, room: &str) -> Result<(), Refusal> {
        let parted = within(self.session.part(&[self.plan.guid(room)])).await;
        parted.expect("a part is kept").remove(0)
    }

    pub async fn say(&self, room: &str, text: &str) -> Position {
        self.try_say(room, text).await.unwrap_or_else(|trouble| panic!("{room}: {trouble}"))
    }

    pub async fn try_say(&self, room: &str, text: &str) -> Result<Position, Trouble> {
        within(self.session.post(self.plan.guid(room), draft(text), None)).await
    }

    pub async fn history(&self, room: &str, last: Option<usize>) -> Result<Vec<String>, Trouble> {
        let shown = within(self.session.visitor().history(self.plan.guid(room), last)).await?;
        Ok(shown.iter().map(|post| self.line(post)).collect())
    }

    pub fn find(&self, query: &rooms::RoomQuery) -> Vec<rooms::RoomCard> {
        self.session.visitor().find(query).rooms
    }

    /// Waits for the next thing to be shown.
    pub async fn next(&self) -> Outgoing {
        within(async {
            loop {
                self.session.ready().await;
                if let Some(item) = self.session.take(1).await.pop() {
                    return item;
                }
            }
        })
        .await
    }

    /// Waits for the next thing to be shown, as a line.
    pub async fn next_line(&self) -> String {
        self.show(&self.next().await)
    }

    /// Everything there is to be shown once all that was kept so far is delivered.
    pub async fn heard(&self) -> Vec<String> {
        self.porter.settle().await;
        self.waiting().await
    }

    /// Everything that waits to be shown now.
    pub async fn waiting(&self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let items = within(self.session.take(7)).await;
            if items.is_empty() {
                return lines;
            }
            lines.extend(items.iter().map(|item| self.show(item)));
        }
    }

    /// The names of the rooms on some cards.
    pub fn names(cards: &[rooms::RoomCard]) -> Vec<&str> {
        cards.iter().map(|card| card.name.as_str()).collect()
    }

    fn line(&self, post: &Post) -> String {
        format!("{} {} {}: {}", self.plan.name(post.room), post.post, post.author.address.user(), post.text)
    }

    fn show(&self, item: &Outgoing) -> String {
        let names = |rooms: &mut dyn Iterator<Item = Uuid>| {
            let mut names: Vec<String> = rooms.map(|room| self.plan.name(room)).collect();
            names.sort();
            names.join(", ")
        };
        match item {
            Outgoing::Post(post) => self.line(post),
            Outgoing::Came { person, rooms, batch } => {
                let rooms = names(&mut rooms.iter().map(|(room, _)| *room));
                format!("{} comes {}to {rooms}", person.address.user(), if *batch { "at once " } else { "" })
            }
            Outgoing::Left { person, rooms } => {
                format!("{} leaves {}", person.address.user(), names(&mut rooms.iter().copied()))
            }
            Outgoing::Present { room, people } => {
                format!("{} has {}", self.plan.name(*room), users(people).join(", "))
            }
            Outgoing::Removed { room } => format!("put out of {}", self.plan.name(*room)),
            Outgoing::Ended(reason) => format!("ended: {reason:?}"),
        }
    }
}

impl Plan {
    async fn draw(&self, store: &Store) {
        let rooms = store.rooms().await.expect("a read");
        let mut plan = self.0.lock().expect("no test panics inside");
        plan.extend(rooms.into_iter().map(|room| (room.name.to_string(), (room.id, room.guid))));
    }

    /// A room nobody has drawn has a GUID that nobody has.
    fn guid(&self, room: &str) -> Uuid {
        let plan = self.0.lock().expect("no test panics inside");
        plan.get(room).map_or(Uuid::from_u128(404), |(_, guid)| *guid)
    }

    fn name(&self, guid: Uuid) -> String {
        let plan = self.0.lock().expect("no test panics inside");
        plan.iter().find(|(_, (_, of))| *of == guid).map_or("?".into(), |(name, _)| name.clone())
    }
}

impl Porter {
    /// Says something and waits until it comes back: what was kept before has been followed then.
    async fn settle(&self) {
        let session = self.session.lock().await;
        let said = within(session.post(self.cellar, draft("all quiet"), None)).await.expect("it is kept");
        within(async {
            loop {
                session.ready().await;
                for item in session.take(9).await {
                    if matches!(&item, Outgoing::Post(post) if post.position == said) {
                        return;
                    }
                }
            }
        })
        .await;
    }
}

pub fn draft(text: &str) -> Draft {
    Draft { text: Text::parse(text).expect("a text"), rtf: None, alert: false }
}

pub fn users(people: &[(Arc<Person>, Mask)]) -> Vec<&str> {
    people.iter().map(|(person, _)| person.address.user()).collect()
}

/// `sip:alice@example.com`; only Mallory is of elsewhere.
pub fn address(name: &str) -> String {
    format!("sip:{name}@{}", if name == "mallory" { "other.example" } else { "example.com" })
}

pub fn add(names: &[&str]) -> ListChange {
    ListChange { add: names.iter().map(|name| address(name)).collect(), ..ListChange::default() }
}

pub fn remove(names: &[&str]) -> ListChange {
    ListChange { remove: names.iter().map(|name| address(name)).collect(), ..ListChange::default() }
}

pub fn founding() -> Founding {
    Founding {
        domain: Domain::parse("example.com").expect("a domain"),
        pool_name: "pool.example.com".into(),
        pool_guid: Uuid::from_u128(1),
        site: "Default".into(),
        chat: true,
    }
}

/// Awaits all, each first polled in order.
pub async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    within(std::future::poll_fn(|context| {
        for (future, done) in pending.iter_mut().filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(output) = future.as_mut().poll(context) {
                *done = Some(output);
            }
        }
        if pending.iter().all(|(_, done)| done.is_some()) {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    }))
    .await;
    pending.into_iter().filter_map(|(_, done)| done).collect()
}

async fn id(store: &Store, name: &str) -> PersonId {
    let address = address(name).parse().expect("an address");
    store.person_at(&address).await.expect("a read").expect("the person exists").id
}

/// Whoever has a shell as root.
fn root() -> Asker {
    Asker::new(ROOT, "socket")
}

fn new_user(name: &str) -> Operation {
    Operation::UserNew(UserNew { address: address(name), display_name: name.into(), ..UserNew::default() })
}

async fn furnish(desk: &Desk) {
    let closed = |privacy: RoomPrivacy| RoomFields {
        privacy: Some(privacy),
        members: add(&["alice", "bob"]),
        managers: add(&["carol"]),
        ..RoomFields::default()
    };
    let open = || RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() };
    let hall = RoomFields { kind: Some(RoomType::Auditorium), presenters: add(&["alice"]), ..open() };
    let cellar = RoomFields { privacy: Some(RoomPrivacy::Secret), members: add(&["porter"]), ..open() };
    let everybody = ListChange { add: vec!["domain:example.com".into()], ..ListChange::default() };
    let general = CategoryFields { allowed_members: everybody, ..CategoryFields::default() };
    let below = CategoryFields { allowed_members: add(&["porter"]), ..CategoryFields::default() };
    let room = |category: &str, name: &str, fields: RoomFields| {
        Operation::RoomNew(RoomNew { name: name.into(), category: category.into(), fields })
    };
    let mut operations: Vec<Operation> = PEOPLE.iter().map(|name| new_user(name)).collect();
    operations.extend([
        Operation::CategoryNew(CategoryNew { name: "General".into(), fields: general }),
        Operation::CategoryNew(CategoryNew { name: "Below".into(), fields: below }),
        room("General", "Lobby", open()),
        room("General", "Kitchen", open()),
        room("General", "Engineering", closed(RoomPrivacy::Closed)),
        room("General", "Board", closed(RoomPrivacy::Secret)),
        room("General", "Hall", hall),
        room("Below", "Cellar", cellar),
    ]);
    for operation in operations {
        let asked = operation.recorded();
        desk.run(root(), Request::of(operation)).await.unwrap_or_else(|error| panic!("{asked}: {error}"));
    }
}
