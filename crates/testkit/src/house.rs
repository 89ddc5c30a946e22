//! A whole house in this process: store, directory, rooms, desk and front end on loopback, under a set clock.
//! The program around them, with its settings and its command line, is tested as a process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use admin::{AdminError, Asker, Desk, Operation, Outcome, Request, Secret, Spec, UserNew};
use chat::{Actor, Clock, Domain, Time};
use cluster::Cluster;
use directory::{Directory, SealingKey};
use frontend::{Apart, Frontend, Settings, limits::Limits};
use rooms::Rooms;
use serde_json::{Map, Value, json};
use store::{Founding, Location, Options, Statements, Store, Window};
use web::Web;

use crate::browser::{Browser, HOST_NAME, Trust};
use crate::clock::TestClock;
use crate::rows::Rows;
use crate::wire::{Person, Way};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse 9";

/// What a house keeps its store in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A database of a server that is there for tests.
    Postgres,
}

/// One house, founded for `example.com`.
pub struct House {
    /// Holds its files as long as it stands.
    folder: tempfile::TempDir,
    location: Location,
    founding: Founding,
    statements: Option<Statements>,
    gate: Arc<Gate>,
    /// The clock everything runs under.
    pub clock: Arc<TestClock>,
    /// What is kept.
    pub store: Store,
    /// Who people are.
    pub directory: Directory,
    /// Administration.
    pub desk: Desk,
    /// Live rooms.
    pub rooms: Rooms,
    pub(crate) frontend: Option<Frontend>,
    /// Its chat servers, when the front end is apart.
    pub(crate) servers: Vec<Option<Frontend>>,
    web: Option<(Web, Trust)>,
    pub(crate) way: Way,
    pub(crate) clients: AtomicU64,
}

/// Keeps the store from writing: it asks what time it is first, and is not told.
#[derive(Debug, Default)]
struct Gate {
    shut: Mutex<bool>,
    opened: Condvar,
}

/// As long as it lives, nothing is kept: what is to be written waits.
#[derive(Debug)]
pub struct Hold(Arc<Gate>);

/// The clock of the store.
#[derive(Debug)]
struct GatedClock(Arc<TestClock>, Arc<Gate>);

impl House {
    /// Founds a house whose clock stands at this ISO time.
    ///
    /// # Panics
    /// When something of it does not start: the test cannot go on.
    pub async fn found(iso: &str) -> Self {
        Self::found_with(iso, Limits::default(), rooms::Limits::default()).await
    }

    /// As [`House::found`], with other limits of links and rooms.
    ///
    /// # Panics
    /// As [`House::found`].
    pub async fn found_with(iso: &str, links: Limits, live: rooms::Limits) -> Self {
        Self::found_on(Engine::Sqlite, iso, links, live, None).await
    }

    /// As [`House::found`], with its store on this engine.
    ///
    /// # Panics
    /// As [`House::found`].
    pub async fn on(engine: Engine, iso: &str) -> Self {
        Self::found_on(engine, iso, Limits::default(), rooms::Limits::default(), None).await
    }

    /// As [`House::found`], and tells which statements its store begins: [`House::statements`].
    ///
    /// # Panics
    /// As [`House::found`].
    pub async fn found_watched(iso: &str) -> Self {
        let (links, live, watched) = (Limits::default(), rooms::Limits::default(), Statements::default());
        Self::found_on(Engine::Sqlite, iso, links, live, Some(watched)).await
    }

    async fn found_on(
        engine: Engine,
        iso: &str,
        links: Limits,
        live: rooms::Limits,
        statements: Option<Statements>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let clock = Arc::new(TestClock::at(iso, 7));
        let founding = Founding {
            domain: Domain::parse("example.com").expect("a domain"),
            pool_name: "pool.example.com".into(),
            pool_guid: clock.guid(),
            site: "Default".into(),
            chat: true,
        };
        let gate = Arc::new(Gate::default());
        let gated = Arc::new(GatedClock(clock.clone(), gate.clone()));
        let options = Options { statements: statements.clone(), ..Options::default() };
        let location = match engine {
            Engine::Sqlite => Location::from(&folder.path().join("store.db")),
            Engine::Postgres => Location::postgres(&Cluster::running().database()).expect("an address"),
        };
        let store = Store::open_with(location.clone(), &founding, gated, &options).expect("a new store");
        let key = SealingKey::make(&folder.path().join("key"), &*clock).expect("a new key");
        let directory = Directory::open(store.clone(), clock.clone(), key).expect("argon2id works");
        let desk = Desk::new(store.clone(), directory.clone());
        let rooms = Rooms::start_with(store.clone(), live).await.expect("the rooms start");
        let settings = Settings {
            tls: None,
            tcp: Some(([127, 0, 0, 1], 0).into()),
            tls_config: None,
            host: "pool.example.com".into(),
            pages: None,
            limits: links,
            apart: Apart::default(),
        };
        let frontend = Frontend::start(settings, rooms.clone(), directory.clone(), clock.clone());
        let frontend = frontend.await.expect("the front end starts");
        let way = Way::Tcp(frontend.addresses().tcp.expect("it listens on TCP"));
        let frontend = Some(frontend);
        let clients = AtomicU64::new(1);
        Self {
            folder,
            location,
            founding,
            statements,
            gate,
            clock,
            store,
            directory,
            desk,
            rooms,
            frontend,
            servers: Vec::new(),
            web: None,
            way,
            clients,
        }
    }

    /// The statements begun since this was asked last; none of a house that is not watched.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        self.statements.as_ref().map(Statements::take).unwrap_or_default()
    }

    /// How clients reach it.
    #[must_use]
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// The GUID of the pool.
    #[must_use]
    pub fn pool_guid(&self) -> String {
        self.rooms.facts().pool_guid.hyphenated().to_string()
    }

    /// Makes `sip:who@example.com`, who may sign on with [`PASSWORD`]; returns the GUID.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn person(&self, who: &str) -> String {
        self.person_with(who, true).await
    }

    /// As [`House::person`]; `legacy` says whether clients of the Lync protocol may sign on as this person.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn person_with(&self, who: &str, legacy: bool) -> String {
        let new = Operation::UserNew(UserNew {
            address: format!("sip:{who}@example.com"),
            display_name: format!("{} Example", capital(who)),
            password: Some(Secret(PASSWORD.into())),
            legacy_sign_on: legacy,
            bot: false,
        });
        guid(&self.run(new).await.expect("a person is made"))
    }

    /// Connects as somebody, without signing on.
    ///
    /// # Panics
    /// When the connection is refused.
    pub async fn client(&self, who: &str) -> Person {
        let unique = self.clients.fetch_add(1, Ordering::Relaxed);
        let address = format!("sip:{who}@example.com");
        let person = Person::connect(&self.way, &address, PASSWORD, unique).await;
        person.expect("the front end accepts connections")
    }

    /// Somebody signs on and opens the chat dialog.
    ///
    /// # Panics
    /// When any step is refused.
    pub async fn arrive(&self, who: &str) -> Person {
        let unique = self.clients.fetch_add(1, Ordering::Relaxed);
        Person::arrive(&self.way, &format!("sip:{who}@example.com"), PASSWORD, unique).await
    }

    /// An operation of the administrator; the live rooms know what it changed.
    ///
    /// # Errors
    /// Those of the desk.
    pub async fn run(&self, operation: Operation) -> Result<Outcome, AdminError> {
        let outcome = self.desk.run(Asker::new(Actor::Shell(0), "socket"), Request::of(operation)).await;
        // Whoever stops the rooms meanwhile does not need to know.
        let _ = self.rooms.settled().await;
        outcome
    }

    /// An operation in the words of the command line, as far as transcripts use them; returns the GUID of what it is about.
    ///
    /// # Panics
    /// When the words are not understood or the operation is refused.
    pub async fn admin(&self, words: &str) -> String {
        let outcome = self.run(operation(words)).await;
        guid(&outcome.unwrap_or_else(|error| panic!("{words}: {error}")))
    }

    /// Returns when the live rooms know everything that was kept until now.
    ///
    /// # Panics
    /// When the rooms are over.
    pub async fn settle(&self) {
        self.rooms.settled().await.expect("the rooms follow");
    }

    /// The rows of the store; the live rooms know a change when it is made.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows::of(&self.store).known_to(&self.rooms)
    }

    /// The file of its store, for those who come from behind.
    #[must_use]
    pub fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("store.db")
    }

    /// Lets nothing be kept until what it returns is dropped.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.gate.set(true);
        Hold(self.gate.clone())
    }

    /// The texts of a room in their order, read from the store after the house was stopped.
    ///
    /// # Panics
    /// When there is no such room, or the house still runs.
    pub async fn kept(&self, room: &str) -> Vec<String> {
        let store = Store::open(self.location.clone(), &self.founding, self.clock.clone())
            .expect("the house was stopped");
        let rooms = store.rooms().await.expect("the store can be read");
        let id = rooms.iter().find(|known| room.ends_with(&known.guid.hyphenated().to_string()));
        let id = id.expect("there is such a room").id;
        let posts = store.history(id, Window::Last(usize::MAX >> 1)).await.expect("history can be read");
        store.close().await;
        posts.posts.into_iter().filter_map(|post| Some(post.body?.text)).collect()
    }

    /// Opens the house to whoever speaks HTTPS, with its health and metrics beside it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn open_web(&mut self, limits: web::limits::Limits) {
        self.web = Some(self.started_web(limits).await);
    }

    /// Opens it once more, as another server of the pool does that has the same store. Whoever asked stops it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn another_web(&self) -> (Web, Browser) {
        let (web, trust) = self.started_web(web::limits::Limits::default()).await;
        let https = web.addresses().https.expect("it listens for HTTPS");
        let browser = Browser::new(https, Some(trust.client));
        (web, browser)
    }

    async fn started_web(&self, limits: web::limits::Limits) -> (Web, Trust) {
        let trust = Trust::make();
        let settings = web::Settings {
            https: Some(([127, 0, 0, 1], 0).into()),
            http: Some(([127, 0, 0, 1], 0).into()),
            metrics: Some(([127, 0, 0, 1], 0).into()),
            tls_config: trust.server.clone(),
            hosts: vec![HOST_NAME.into()],
            limits,
            sources: Vec::new(),
            remarks: Vec::new(),
            joining: Box::new(|_, _| Err("no machine joins this house".to_owned())),
        };
        let web = Web::start(
            settings,
            self.rooms.clone(),
            self.directory.clone(),
            self.desk.clone(),
            self.clock.clone(),
        );
        (web.await.expect("the web starts"), trust)
    }

    /// Somebody at a browser, who has not signed on.
    ///
    /// # Panics
    /// When the house is not open to the web.
    #[must_use]
    pub fn browser(&self) -> Browser {
        let (web, trust) = self.web.as_ref().expect("the house is open to the web");
        let https = web.addresses().https.expect("it listens for HTTPS");
        Browser::new(https, Some(trust.client.clone()))
    }

    /// The same without TLS, as on this machine alone.
    ///
    /// # Panics
    /// When the house is not open to the web.
    #[must_use]
    pub fn plain_browser(&self) -> Browser {
        let (web, _) = self.web.as_ref().expect("the house is open to the web");
        Browser::new(web.addresses().http.expect("it listens for HTTP"), None)
    }

    /// Whoever watches health and metrics.
    ///
    /// # Panics
    /// When the house is not open to the web.
    #[must_use]
    pub fn watcher(&self) -> Browser {
        let (web, _) = self.web.as_ref().expect("the house is open to the web");
        Browser::new(web.addresses().metrics.expect("it listens for watchers"), None)
    }

    /// Closes the house to the web.
    ///
    /// # Panics
    /// When it is not open.
    pub async fn close_web(&mut self) {
        self.web.take().expect("the house is open to the web").0.stop().await;
    }

    /// Stops everything in order; people see their links closed.
    ///
    /// # Panics
    /// When it was stopped before.
    pub async fn stop(&mut self) {
        if let Some((web, _)) = self.web.take() {
            web.stop().await;
        }
        self.frontend.take().expect("the house runs").stop().await;
        for server in self.servers.drain(..).flatten() {
            server.stop().await;
        }
        self.rooms.stop().await;
        self.store.close().await;
    }
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").field("way", &self.way).finish_non_exhaustive()
    }
}

impl Gate {
    fn set(&self, shut: bool) {
        *self.shut.lock().unwrap_or_else(PoisonError::into_inner) = shut;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.opened.wait_while(shut, |shut| *shut));
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Clock for GatedClock {
    fn now(&self) -> Time {
        self.1.pass();
        self.0.now()
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.0.fill_random(out);
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn guid(outcome: &Outcome) -> String {
    let first = outcome.rows.values().into_iter().next();
    first.and_then(|row| row["guid"].as_str().map(str::to_owned)).unwrap_or_default()
}

/// Words between blanks; a quoted one may hold blanks.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in line.split('"').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// The operation of these words: `room set NAME --privacy open --add-member sip:...`, options as at the command line.
///
/// # Panics
/// When these are no words of an operation.
#[must_use]
pub fn operation(words: &str) -> Operation {
    let words = split(words);
    let [noun, verb, name, options @ ..] = words.as_slice() else { panic!("{words:?} is no command") };
    let spec = Spec::find(noun, verb).unwrap_or_else(|| panic!("there is no {noun} {verb}"));
    let mut fields = Map::new();
    fields.insert(spec.positional[0].to_owned(), name.as_str().into());
    let mut options = options.iter().peekable();
    while let Some(option) = options.next() {
        let value = options.next_if(|next| !next.starts_with("--"));
        let (option, value) = (option.trim_start_matches('-'), value.map_or(json!(true), |text| json!(text)));
        if spec.fields().iter().any(|field| field.name == camel(option)) {
            fields.insert(camel(option), value);
        } else {
            put(&mut fields, option, value);
        }
    }
    spec.read(fields).unwrap_or_else(|bad| panic!("{words:?}: {bad}"))
}

/// Puts an option among the fields of an operation.
fn put(fields: &mut Map<String, Value>, option: &str, value: Value) {
    match option.split_once('-') {
        Some(("no", "history")) => drop(fields.insert("chatHistory".to_owned(), json!(false))),
        Some((part @ ("add" | "remove"), list)) => {
            let list = fields.entry(camel(list) + "s").or_insert_with(|| json!({ "add": [], "remove": [] }));
            list[part].as_array_mut().expect("a list of principals").push(value);
        }
        _ => drop(fields.insert(camel(option), value)),
    }
}

/// `allowed-member` as JSON has it: `allowedMember`.
fn camel(option: &str) -> String {
    let mut parts = option.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| whole + &capital(part))
}
