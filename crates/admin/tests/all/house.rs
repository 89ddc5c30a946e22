//! The house the stories play in, and short words for what is asked there. No story is here.

use admin::{
    AdminError, Asker, CategoryFields, CategoryNew, CategorySet, CategoryView, Desk, ListChange, Operation,
    Outcome, Request, RoomFields, RoomGet, RoomNew, RoomSet, RoomView, Rows, Secret, Survey, UserNew,
    UserSet, UserView,
};
use chat::{Actor, Clock, Domain, JournalKey, PersonId};
use directory::{Directory, SealingKey};
use std::path::PathBuf;
use std::sync::Arc;
use store::{Credentials, Founding, Options, Store};
use testkit::TestClock;

pub const PASSWORD: &str = "correct horse 9";
pub const ROOT: Actor = Actor::Shell(0);
const FILE: &str = "store.db";

pub struct House {
    pub folder: tempfile::TempDir,
    pub clock: Arc<TestClock>,
    pub store: Store,
    pub directory: Directory,
    pub desk: Desk,
}

/// The certificate by which joining machines recognise the house.
const ANCHOR: [u8; 32] = [7; 32];

impl House {
    pub fn found() -> Self {
        Self::with(&Options::default())
    }

    /// A house whose store is opened with these options.
    pub fn with(options: &Options) -> Self {
        Self::timed(options, |clock| clock)
    }

    /// As [`House::with`], with another clock of the store, made from that of everything else.
    pub fn timed<C: Clock + 'static>(options: &Options, of: impl FnOnce(Arc<TestClock>) -> Arc<C>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let clock = Arc::new(TestClock::at("2026-11-24T10:00:00Z", 7));
        let founding = Founding {
            domain: Domain::parse("example.com").expect("a domain"),
            pool_name: "pool.example.com".into(),
            pool_guid: clock.guid(),
            site: "Default".into(),
            chat: true,
        };
        let file = folder.path().join(FILE);
        let store = Store::open_with(&file, &founding, of(clock.clone()), options).expect("a new store");
        let key = SealingKey::make(&folder.path().join("key"), &*clock).expect("a new key");
        let directory = Directory::open(store.clone(), clock.clone(), key).expect("argon2id works");
        let desk = Desk::new(store.clone(), directory.clone());
        desk.vouch(Box::new(|| Ok(ANCHOR)));
        Self { folder, clock, store, directory, desk }
    }

    /// The same house with a desk that looks at the world so.
    pub fn surveyed(self, survey: Survey) -> Self {
        let desk = Desk::surveying(self.store.clone(), self.directory.clone(), survey);
        desk.vouch(Box::new(|| Ok(ANCHOR)));
        Self { desk, ..self }
    }

    /// A house with Alice, Bob and Mallory of elsewhere, a category for everybody of the domain, and a closed room in it.
    pub async fn furnished() -> Self {
        let house = Self::found();
        for address in ["sip:alice@example.com", "sip:bob@example.com", "sip:mallory@other.example"] {
            house.person(address).await;
        }
        house.category("General", allowed(&["domain:example.com"])).await;
        house.room("Engineering", RoomFields::default()).await;
        house
    }

    /// The file of its store.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    pub async fn run(&self, operation: Operation) -> Result<Outcome, AdminError> {
        self.ask(Request::of(operation)).await
    }

    pub async fn ask(&self, request: Request) -> Result<Outcome, AdminError> {
        self.desk.run(root(), request).await
    }

    /// As somebody who signed on with the password.
    pub async fn by(&self, address: &str, operation: Operation) -> Result<Outcome, AdminError> {
        let asker = Asker::new(Actor::Person(self.id(address).await), "127.0.0.1");
        self.desk.run(asker, Request::of(operation)).await
    }

    /// Only rehearsed, by whoever has a shell.
    pub async fn rehearse(&self, operation: Operation) -> Outcome {
        self.ask(Request { dry_run: true, ..Request::of(operation) }).await.expect("it can be done")
    }

    /// On the state that this etag names.
    pub async fn on(&self, etag: &str, operation: Operation) -> Result<Outcome, AdminError> {
        self.ask(Request { if_match: Some(etag.to_owned()), ..Request::of(operation) }).await
    }

    pub async fn must(&self, operation: Operation) -> Outcome {
        let asked = operation.recorded();
        self.run(operation).await.unwrap_or_else(|error| panic!("{asked}: {error}"))
    }

    pub async fn person(&self, address: &str) -> UserView {
        user(self.must(new_user(address, None, false)).await)
    }

    pub async fn category(&self, name: &str, fields: CategoryFields) -> Outcome {
        self.must(new_category(name, fields)).await
    }

    pub async fn room(&self, name: &str, fields: RoomFields) -> Outcome {
        self.must(new_room(name, fields)).await
    }

    pub async fn set_room(&self, name: &str, fields: RoomFields) -> Result<Outcome, AdminError> {
        self.run(set_room(name, fields)).await
    }

    pub async fn set_category(&self, name: &str, fields: CategoryFields) -> Result<Outcome, AdminError> {
        self.run(set_category(name, fields)).await
    }

    pub async fn room_now(&self, name: &str) -> RoomView {
        room(self.must(Operation::RoomGet(RoomGet { room: name.into() })).await)
    }

    pub async fn credentials(&self, address: &str) -> Credentials {
        self.store.credentials(self.id(address).await).await.expect("a read").unwrap_or_default()
    }

    pub async fn id(&self, address: &str) -> PersonId {
        let address = address.parse().expect("an address");
        self.store.person_at(&address).await.expect("a read").expect("the person exists").id
    }

    /// Everything the pool's journal keeps of operations.
    pub async fn told(&self) -> String {
        let entries = self.store.entries(JournalKey::Pool, 0, 1_000).await.expect("a read");
        entries.iter().filter_map(|entry| entry.body.as_ref()).map(|body| body.text.clone() + "\n").collect()
    }
}

/// A server that was asked for something, and may end wherever that is.
pub struct Doomed(tokio::runtime::Runtime);

impl Doomed {
    pub fn asked(house: &House, operation: Operation) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("there is a thread");
        let desk = house.desk.clone();
        runtime.spawn(async move { desk.run(root(), Request::of(operation)).await });
        Self(runtime)
    }

    /// Ends it, with all that it does.
    pub async fn ends(self) {
        tokio::task::spawn_blocking(move || drop(self.0)).await.expect("it ends");
    }
}

/// Whoever has a shell as root.
pub fn root() -> Asker {
    Asker::new(ROOT, "socket")
}

pub fn new_user(address: &str, password: Option<&str>, legacy_sign_on: bool) -> Operation {
    Operation::UserNew(UserNew {
        address: address.into(),
        display_name: "Somebody".into(),
        password: password.map(|text| Secret(text.into())),
        legacy_sign_on,
        bot: false,
    })
}

pub fn set_user(address: &str, password: Option<&str>, legacy_sign_on: Option<bool>) -> Operation {
    Operation::UserSet(UserSet {
        user: address.into(),
        display_name: None,
        password: password.map(|text| Secret(text.into())),
        legacy_sign_on,
    })
}

pub fn new_category(name: &str, fields: CategoryFields) -> Operation {
    Operation::CategoryNew(CategoryNew { name: name.into(), fields })
}

pub fn set_category(name: &str, fields: CategoryFields) -> Operation {
    Operation::CategorySet(CategorySet { category: name.into(), name: None, fields })
}

/// A room of the category General.
pub fn new_room(name: &str, fields: RoomFields) -> Operation {
    Operation::RoomNew(RoomNew { name: name.into(), category: "General".into(), fields })
}

pub fn set_room(name: &str, fields: RoomFields) -> Operation {
    Operation::RoomSet(RoomSet { room: name.into(), fields, ..RoomSet::default() })
}

pub fn add(who: &[&str]) -> ListChange {
    ListChange { add: who.iter().map(|w| (*w).to_owned()).collect(), ..ListChange::default() }
}

pub fn remove(who: &[&str]) -> ListChange {
    ListChange { remove: who.iter().map(|w| (*w).to_owned()).collect(), ..ListChange::default() }
}

pub fn replace(who: &[&str]) -> ListChange {
    ListChange { replace: Some(who.iter().map(|w| (*w).to_owned()).collect()), ..ListChange::default() }
}

pub fn allowed(who: &[&str]) -> CategoryFields {
    CategoryFields { allowed_members: add(who), ..CategoryFields::default() }
}

pub fn members(who: &[&str]) -> RoomFields {
    RoomFields { members: add(who), ..RoomFields::default() }
}

pub fn user(outcome: Outcome) -> UserView {
    match outcome.rows {
        Rows::Users(users) => users.into_iter().next().expect("one user"),
        other => panic!("not users: {other:?}"),
    }
}

pub fn category(outcome: Outcome) -> CategoryView {
    match outcome.rows {
        Rows::Categories(categories) => categories.into_iter().next().expect("one category"),
        other => panic!("not categories: {other:?}"),
    }
}

pub fn room(outcome: Outcome) -> RoomView {
    match outcome.rows {
        Rows::Rooms(rooms) => rooms.into_iter().next().expect("one room"),
        other => panic!("not rooms: {other:?}"),
    }
}

pub fn not_found(refused: Result<Outcome, AdminError>) -> String {
    match refused {
        Err(AdminError::NotFound(message) | AdminError::NoPrincipal { message, .. }) => message,
        other => panic!("not refused as not found: {other:?}"),
    }
}

pub fn invalid(refused: Result<Outcome, AdminError>) -> String {
    match refused {
        Err(AdminError::Invalid { message, .. } | AdminError::Rule { message, .. }) => message,
        other => panic!("not refused as invalid: {other:?}"),
    }
}

pub fn denied(refused: Result<Outcome, AdminError>) -> String {
    match refused {
        Err(AdminError::Denied(message)) => message,
        other => panic!("not denied: {other:?}"),
    }
}

pub fn stale(refused: Result<Outcome, AdminError>) -> String {
    match refused {
        Err(AdminError::Stale(message)) => message,
        other => panic!("not refused as changed: {other:?}"),
    }
}

/// One value of the first row.
pub fn value(outcome: &Outcome, field: &str) -> serde_json::Value {
    outcome.rows.values().first().expect("a row")[field].clone()
}

/// One value of every row.
pub fn values(outcome: &Outcome, field: &str) -> Vec<String> {
    let all = outcome.rows.values();
    all.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}

pub fn conflict(refused: Result<Outcome, AdminError>) -> String {
    match refused {
        Err(AdminError::Conflict(message) | AdminError::Duplicate { message, .. }) => message,
        other => panic!("not refused as a conflict: {other:?}"),
    }
}
