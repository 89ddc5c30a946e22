//! Where a story plays: a store of an engine, a clock that stands still, and a few people with rooms.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use chat::{
    Actor, Address, CategoryId, ClientId, Clock, Description, DisplayName, Domain, Draft, Invitations,
    JournalKey, MatchClause, NodeName, PersonId, Principal, Privacy, RoomId, RoomKind, Scope, Text,
    TextFilter, Time, Under,
};
use cluster::Cluster;
use store::{
    Act, Amend, AmendOutcome, Amendment, CategoryDraft, Founding, Location, NewPost, Options, Order,
    PersonDraft, Place, PostOutcome, PostRecord, Recorded, RoomDraft, RowChange, RowDone, Said, Search,
    Statements, Store,
};
use tempfile::TempDir;

/// A place for a store, opened as often as the story wants.
pub struct Stage {
    dir: TempDir,
    location: Location,
    url: Option<String>,
    pub clock: Arc<StandingClock>,
    pub options: Options,
}

/// Stands still until moved; its bytes are a counter.
pub struct StandingClock(Mutex<(Time, u64)>);

impl Clock for StandingClock {
    fn now(&self) -> Time {
        self.0.lock().unwrap().0
    }
    fn fill_random(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let mut state = self.0.lock().unwrap();
            state.1 = state.1.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chunk.copy_from_slice(&state.1.to_be_bytes()[..chunk.len()]);
        }
    }
}

impl StandingClock {
    pub fn advance_micros(&self, micros: i64) {
        let mut state = self.0.lock().unwrap();
        state.0 = state.0.plus_micros(micros);
    }
}

impl Stage {
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let location = Location::from(&dir.path().join("store.db"));
        Self::at(dir, location, None)
    }

    pub fn postgres() -> Self {
        Self::postgres_at(Cluster::running().database())
    }

    pub fn postgres_at(url: String) -> Self {
        Self::at(tempfile::tempdir().unwrap(), Location::postgres(&url).unwrap(), Some(url))
    }

    fn at(dir: TempDir, location: Location, url: Option<String>) -> Self {
        let now = Time::parse_iso("2026-03-02T08:00:00Z").unwrap();
        let clock = Arc::new(StandingClock(Mutex::new((now, 7))));
        let options = Options { statements: Some(Statements::default()), ..Options::default() };
        Self { dir, location, url, clock, options }
    }

    /// The statements that are begun on its stores.
    pub fn statements(&self) -> Statements {
        self.options.statements.clone().expect("every stage listens")
    }

    /// The address of a database of PostgreSQL.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    pub fn location(&self) -> Location {
        self.location.clone()
    }

    /// How many rows a table has, as somebody else sees it.
    pub fn count(&self, table: &str) -> u64 {
        let sql = format!("SELECT count(*) FROM {table}");
        match &self.url {
            Some(url) => cluster::answer(url, &sql).parse().unwrap(),
            None => {
                let behind = rusqlite::Connection::open(self.file()).unwrap();
                behind.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
            }
        }
    }

    /// Executes statements, as somebody else does.
    pub fn behind(&self, statements: &[&str]) {
        for sql in statements {
            match &self.url {
                Some(url) => drop(cluster::answer(url, sql)),
                None => rusqlite::Connection::open(self.file()).unwrap().execute_batch(sql).unwrap(),
            }
        }
    }

    /// The file of a store of SQLite.
    pub fn file(&self) -> PathBuf {
        self.dir.path().join("store.db")
    }

    pub fn founding(&self) -> Founding {
        Founding {
            domain: Domain::parse("example.com").unwrap(),
            pool_name: "chat.example.com".into(),
            pool_guid: uuid::Uuid::from_u128(42),
            site: "Default".into(),
            chat: true,
        }
    }

    pub fn open(&self) -> Store {
        self.try_open().unwrap()
    }

    /// Opens it as one server of several.
    pub fn try_open_place(&self, place: &Place) -> Result<Store, store::StoreFault> {
        let founding = self.founding();
        Store::open_place(
            self.location(),
            Some(&founding),
            place,
            Arc::clone(&self.clock) as _,
            &self.options,
        )
    }

    pub fn open_place(&self, place: &Place) -> Store {
        self.try_open_place(place).unwrap()
    }

    pub fn try_open(&self) -> Result<Store, store::StoreFault> {
        Store::open_with(self.location(), &self.founding(), Arc::clone(&self.clock) as _, &self.options)
    }
}

/// A store with Alice, Bob and Carol, the category General and the rooms Engineering and Kitchen.
pub struct Cast {
    pub store: Store,
    pub alice: PersonId,
    pub bob: PersonId,
    pub carol: PersonId,
    pub general: CategoryId,
    pub engineering: RoomId,
    pub kitchen: RoomId,
}

impl Cast {
    pub async fn on(stage: &Stage) -> Self {
        Self::in_store(stage.open()).await
    }

    pub async fn in_store(store: Store) -> Self {
        let alice = new_person(&store, "alice").await;
        let bob = new_person(&store, "bob").await;
        let carol = new_person(&store, "carol").await;
        let general = new_category(&store, "General").await;
        let engineering = new_room(&store, general, "Engineering").await;
        let kitchen = new_room(&store, general, "Kitchen").await;
        Self { store, alice, bob, carol, general, engineering, kitchen }
    }

    /// A post as it is decided now.
    pub async fn draft(&self, author: PersonId, room: RoomId, text: &str) -> NewPost {
        new_post(&self.store, author, room, text).await
    }

    /// Says something that must be kept.
    pub async fn say(&self, author: PersonId, room: RoomId, text: &str) -> Arc<Recorded> {
        say(&self.store, author, room, text).await
    }
}

pub const ROOT: Actor = Actor::Shell(0);

pub async fn new_post(store: &Store, author: PersonId, room: RoomId, text: &str) -> NewPost {
    let under = under(store, author, room).await;
    let draft = Draft { text: Text::parse(text).unwrap(), rtf: None, alert: false };
    NewPost { room, author, under, client_id: None, draft, kept: true, story: false, mentions: Vec::new() }
}

pub async fn under(store: &Store, author: PersonId, room: RoomId) -> Under {
    let room = store.room(room).await.unwrap().unwrap();
    let category = store.category(room.category).await.unwrap().unwrap();
    let person = store.person(author).await.unwrap().unwrap();
    Under { room_rules: room.rules, category_rules: category.rules, standing: person.standing }
}

pub async fn say(store: &Store, author: PersonId, room: RoomId, text: &str) -> Arc<Recorded> {
    recorded(store.post(new_post(store, author, room, text).await).await.unwrap())
}

pub fn recorded(outcome: PostOutcome) -> Arc<Recorded> {
    match outcome {
        PostOutcome::Recorded(recorded) => recorded,
        other => panic!("kept was expected, not {other:?}"),
    }
}

pub fn person_draft(name: &str) -> PersonDraft {
    let address = Address::parse(&format!("sip:{name}@example.com")).unwrap();
    PersonDraft::local(address, DisplayName::parse(name).unwrap())
}

pub fn category_draft(name: &str) -> CategoryDraft {
    CategoryDraft {
        name: NodeName::parse(name).unwrap(),
        description: Description::default(),
        scope: Scope { allowed: vec![everybody()], denied: vec![] },
        creators: vec![],
        invitations: true,
        file_upload: false,
        history: true,
    }
}

pub fn room_draft(category: CategoryId, name: &str) -> RoomDraft {
    RoomDraft {
        category,
        under_category_rules: None,
        name: NodeName::parse(name).unwrap(),
        description: Description::default(),
        privacy: Privacy::Open,
        kind: RoomKind::Normal,
        invitations: Invitations::Inherit,
        disabled: false,
        add_in: None,
        members: vec![],
        managers: vec![],
        presenters: vec![],
    }
}

pub fn everybody() -> Principal {
    Principal::Domain(Domain::parse("example.com").unwrap())
}

pub async fn administer(store: &Store, change: RowChange) -> RowDone {
    store.administer(Order::of(ROOT, "{}".into()), vec![change]).await.unwrap().done.remove(0)
}

pub async fn new_person(store: &Store, name: &str) -> PersonId {
    match administer(store, RowChange::NewPerson(person_draft(name))).await {
        RowDone::Person(person) => person.id,
        other => panic!("a person was expected, not {other:?}"),
    }
}

pub async fn new_category(store: &Store, name: &str) -> CategoryId {
    match administer(store, RowChange::NewCategory(category_draft(name))).await {
        RowDone::Category(category) => category.id,
        other => panic!("a category was expected, not {other:?}"),
    }
}

pub async fn new_room(store: &Store, category: CategoryId, name: &str) -> RoomId {
    match administer(store, RowChange::NewRoom(room_draft(category, name))).await {
        RowDone::Room(room) => room.id,
        other => panic!("a room was expected, not {other:?}"),
    }
}

/// Where and when an entry was said.
pub fn said(recorded: &Recorded) -> Said {
    let chat::Entry::Room(chat::RoomEntry::Posted { post, .. }) = recorded.header.entry else {
        panic!("a post was expected, not {recorded:?}")
    };
    Said { position: recorded.header.position, post, time: recorded.header.time }
}

/// The present text of a post.
pub fn text(post: &PostRecord) -> &str {
    &post.body.as_ref().expect("it was not taken away").text
}

/// What administrators ask for from a shell.
pub fn by_root() -> Act {
    Act::of(ROOT, "{}".into())
}

pub async fn amend(store: &Store, room: RoomId, posts: &[u32], to: Amendment) -> AmendOutcome {
    store.amend(Amend { room, posts: posts.to_vec(), to, act: by_root() }).await.unwrap()
}

pub fn replacement(text: &str) -> Amendment {
    Amendment::Replace(Draft { text: Text::parse(text).unwrap(), rtf: None, alert: false })
}

/// A search for all of some words, whoever said them and whenever.
pub fn search(rooms: &[RoomId], words: &str, limit: usize) -> Search {
    let filter = TextFilter::parse(words, MatchClause::And, false).unwrap();
    Search { rooms: rooms.to_vec(), filter, authors: None, from: None, to: None, limit }
}

/// A client's name of a post.
pub fn client_id(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

/// The texts of a room's journal, in its order.
pub async fn texts(store: &Store, room: RoomId) -> Vec<String> {
    let entries = store.entries(JournalKey::Room(room), 0, usize::MAX).await.unwrap();
    entries.iter().filter_map(|entry| Some(entry.body.as_ref()?.text.clone())).collect()
}
