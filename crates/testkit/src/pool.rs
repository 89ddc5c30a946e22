//! A pool in one process, on one thread and from one seed: servers that stand still and die, a database that goes away, hints
//! that get lost, and people who come back. The same seed gives the same story. Has no wire of SIP; the front end's tests have.
//!
//! | file | what |
//! | --- | --- |
//! | `machine.rs`, `weather.rs`, `wire.rs` | a server; what its database is like; hints between servers |
//! | `guest.rs`, `diary.rs` | an endpoint; what all endpoints meet |
//! | `ground.rs` | the store that every simulation begins with |
//! | `storm.rs` | everything at once, as chance will have it |
//! | `verdict.rs`, `verdict/` | whether what was met agrees with what is kept |

mod chance;
mod diary;
mod ground;
mod guest;
mod machine;
mod storm;
mod verdict;
mod weather;
mod wire;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use ::chat::{Actor, PersonId, Position, RoomId, Time};
use ::rooms::{Limits, Rooms, Trouble};
use ::store::{Order, PersonDraft, RowChange, Store};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

use chance::Chance;
use diary::{Diary, Ear};
pub use diary::{Line, Met, trace};
use ground::Ground;
use guest::{Command, Reader};
use machine::Machine;
pub use storm::{Storm, Strength};
pub use verdict::Verdict;
use weather::Weather;
use wire::Wire;

/// When every simulation begins.
const BEGIN: &str = "2026-11-24T10:00:00Z";

/// A simulated pool.
#[derive(Debug)]
pub struct Pool {
    folder: TempDir,
    ground: &'static Ground,
    limits: Limits,
    time: Arc<AtomicI64>,
    chance: Chance,
    machines: Vec<Machine>,
    endpoints: Vec<Endpoint>,
    wire: Wire,
    diary: Diary,
    lines: Vec<Line>,
    /// What is met passes through it, if something is wrong on purpose.
    ear: Option<Ear>,
    hurry: Arc<AtomicBool>,
    /// How often each text was sent.
    said: BTreeMap<String, usize>,
}

/// One endpoint of somebody, past or present.
#[derive(Debug)]
pub struct Endpoint {
    /// Who.
    pub person: PersonId,
    /// At which machine.
    pub machine: usize,
    /// In which of its lives.
    life: u64,
    /// Whether the person holds it still.
    commands: Option<UnboundedSender<Command>>,
}

impl Pool {
    /// A pool of so many servers, all of which run.
    ///
    /// # Panics
    /// When the machine has no room for it.
    #[must_use]
    pub fn of(seed: u64, machines: usize) -> Self {
        Self::with(seed, machines, Limits::default())
    }

    /// As [`Pool::of`], with other limits of live rooms.
    ///
    /// # Panics
    /// As [`Pool::of`].
    #[must_use]
    pub fn with(seed: u64, machines: usize, limits: Limits) -> Self {
        let ground = Ground::laid();
        let folder = ground.copy();
        let mut chance = Chance::of(seed);
        let time = Time::parse_iso(BEGIN).expect("a time").unix_micros();
        let name = |index: usize| format!("server{index}.example.com");
        let machines =
            (1..=machines).map(|index| Machine::new(name(index), Weather::new(chance.branch()))).collect();
        let wire = Wire::new(chance.branch());
        let mut pool = Self {
            folder,
            ground,
            limits,
            time: Arc::new(AtomicI64::new(time)),
            chance,
            machines,
            endpoints: Vec::new(),
            wire,
            diary: Diary::default(),
            lines: Vec::new(),
            ear: None,
            hurry: Arc::default(),
            said: BTreeMap::new(),
        };
        for machine in 0..pool.machines.len() {
            pool.start(machine);
        }
        pool
    }

    /// Starts the server of a machine; it may fail to when its database is away.
    pub fn start(&mut self, machine: usize) {
        let (file, seed) = (self.file(), self.chance.draw());
        self.machines[machine].start(&file, &self.time, seed, &self.limits);
    }

    /// Kills the server of a machine.
    pub fn kill(&mut self, machine: usize) {
        self.machines[machine].kill();
    }

    /// Lets the server of a machine stand still, as SIGSTOP does.
    pub fn freeze(&mut self, machine: usize) {
        self.machines[machine].is_frozen = true;
    }

    /// Lets it go on, as SIGCONT does.
    pub fn thaw(&mut self, machine: usize) {
        self.machines[machine].is_frozen = false;
    }

    /// Whether the server of a machine runs, or stands still.
    #[must_use]
    pub fn is_up(&self, machine: usize) -> bool {
        self.machines[machine].is_up()
    }

    /// Takes the database away from a machine, or brings it back.
    pub fn database_away(&mut self, machine: usize, away: bool) {
        self.machines[machine].weather.away(away);
    }

    /// The connection is lost in the next commit of words of a machine; says whether it was kept.
    pub fn sever_commit(&mut self, machine: usize, kept: bool) {
        self.machines[machine].weather.sever(kept);
    }

    /// The database refuses whatever a machine writes about a room.
    pub fn poison(&mut self, machine: usize, room: Option<&str>) {
        let room = room.map(|room| self.room(room).0);
        self.machines[machine].weather.poison(room);
    }

    /// Stops the server of a machine in good order.
    pub fn stop(&mut self, machine: usize) {
        self.machines[machine].stop();
    }

    /// A copy of the store; all servers are stopped.
    ///
    /// # Panics
    /// When one runs.
    #[must_use]
    pub fn backup(&self) -> Vec<u8> {
        assert!(self.machines.iter().all(|machine| !machine.is_up()), "a running server writes");
        std::fs::read(self.file()).expect("the store is there")
    }

    /// Puts a copy back, as after a loss, and says so to the store.
    ///
    /// # Panics
    /// When a server runs.
    pub fn restore(&mut self, copy: &[u8]) {
        assert!(self.machines.iter().all(|machine| !machine.is_up()), "a running server writes");
        for suffix in ["-wal", "-shm"] {
            // There is none after a stop in good order.
            drop(std::fs::remove_file(self.folder.path().join(format!("store.db{suffix}"))));
        }
        std::fs::write(self.file(), copy).expect("there is room for a small file");
        Store::raise_era(&self.file()).expect("the copy is a store");
    }

    /// Lets whatever a machine writes wait so long before it is.
    pub fn slow_writes(&mut self, machine: usize, each: Duration) {
        self.machines[machine].weather.slow_writes(each);
    }

    /// What became of a text, as often as it was answered.
    #[must_use]
    pub fn answers(&self, text: &str) -> Vec<Result<Position, Trouble>> {
        let answers = self.lines.iter().filter_map(|line| match &line.met {
            Met::Answered { text: answered, outcome } if answered == text => Some(outcome.clone()),
            _ => None,
        });
        answers.collect()
    }

    /// Lets every read of a machine take so long until it is told.
    pub fn slow_reads(&mut self, machine: usize, each: Duration) {
        self.machines[machine].weather.slow_reads(each);
    }

    /// Lets no hint through any more, or all again.
    pub fn cut_wire(&mut self, cut: bool) {
        self.wire.cut = cut;
    }

    /// Lets time pass, in small steps.
    pub fn pass(&mut self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(Duration::from_millis(10));
            left -= step;
            self.step(step);
        }
    }

    /// Somebody comes to a machine; `None` when it does not answer or does not admit him.
    pub fn come(&mut self, who: &str, machine: usize) -> Option<usize> {
        let person = self.person(who);
        self.admit(person, machine, self.reader(32, Duration::ZERO))
    }

    fn reader(&self, most: usize, rest: Duration) -> Reader {
        Reader { most, rest, hurry: self.hurry.clone() }
    }

    /// Slow readers are slow no more.
    pub fn hurry(&self) {
        self.hurry.store(true, Ordering::Relaxed);
    }

    fn admit(&mut self, person: PersonId, machine: usize, reader: Reader) -> Option<usize> {
        let endpoint = self.endpoints.len();
        let at = &self.machines[machine];
        let commands = at.admit(person, reader, &self.diary, endpoint)?;
        self.endpoints.push(Endpoint { person, machine, life: at.lives, commands: Some(commands) });
        Some(endpoint)
    }

    /// As [`Pool::come`], for somebody who reads one thing at a time and then rests for so long.
    pub fn come_slowly(&mut self, who: &str, machine: usize, rest: Duration) -> Option<usize> {
        let person = self.person(who);
        self.admit(person, machine, self.reader(1, rest))
    }

    /// An endpoint goes into a room.
    pub fn join(&mut self, endpoint: usize, room: &str) {
        let room = self.room(room).1;
        self.tell(endpoint, Command::Join(vec![room]));
    }

    /// An endpoint leaves a room.
    pub fn part(&mut self, endpoint: usize, room: &str) {
        let room = self.room(room).1;
        self.tell(endpoint, Command::Part(room));
    }

    /// An endpoint says something, under its text as client id.
    pub fn say(&mut self, endpoint: usize, room: &str, text: &str) {
        let room = self.room(room).1;
        self.tell(endpoint, Command::Say(room, text.to_owned()));
    }

    /// An endpoint asks what happened in a room after a place.
    pub fn catch_up(&mut self, endpoint: usize, room: &str, after: Position) {
        let room = self.room(room).1;
        self.tell(endpoint, Command::CatchUp(room, after));
    }

    /// An endpoint is let go of, as when a link breaks.
    pub fn drop_link(&mut self, endpoint: usize) {
        self.endpoints[endpoint].commands = None;
    }

    /// An endpoint leaves in good order.
    pub fn close(&mut self, endpoint: usize) {
        self.tell(endpoint, Command::Close);
        self.endpoints[endpoint].commands = None;
    }

    fn tell(&mut self, endpoint: usize, command: Command) {
        if let Command::Say(_, text) = &command {
            *self.said.entry(text.clone()).or_default() += 1;
        }
        if let Some(commands) = &self.endpoints[endpoint].commands {
            // An endpoint that is over hears nothing; its person has been told, or will find out.
            drop(commands.send(command));
        }
    }

    /// Changes rows through a machine and waits until they are kept; the live rooms may not have heard of it yet.
    ///
    /// # Panics
    /// When the change is refused.
    pub fn change(&self, machine: usize, changes: Vec<RowChange>) {
        self.machines[machine].ask(|store, _| async move {
            let order = Order::of(Actor::Server, "{}".into());
            store.administer(order, changes).await.expect("the change is taken");
        });
    }

    /// Disables somebody through a machine.
    ///
    /// # Panics
    /// When there is nobody of that name, or the change is refused.
    pub fn disable(&self, machine: usize, who: &str) {
        let id = self.person(who);
        let read = self.at(machine, |store, _| async move { store.person(id).await });
        let person = read.expect("a read").expect("somebody");
        let draft = PersonDraft { enabled: false, ..PersonDraft::local(person.address, person.display_name) };
        self.change(machine, vec![RowChange::SetPerson { id, expected_standing: None, draft }]);
    }

    /// Does something at the server of a machine and waits for it.
    ///
    /// # Panics
    /// When the server is down.
    pub fn at<T, F: Future<Output = T>>(&self, machine: usize, work: impl FnOnce(Store, Rooms) -> F) -> T {
        self.machines[machine].ask(work)
    }

    /// Changes what was met, to see whether it is found out.
    pub fn forge(&mut self, change: impl FnOnce(&mut Vec<Line>)) {
        change(&mut self.lines);
    }

    /// Whether a running server would admit a person.
    fn may_come(&self, person: PersonId) -> bool {
        let running = self.machines.iter().find(|machine| machine.answers());
        running.is_none_or(|machine| machine.ask(|_, rooms| async move { rooms.of(person).is_ok() }))
    }

    /// The number of a person.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn person(&self, who: &str) -> PersonId {
        *self.ground.people.iter().find(|(name, _)| name == who).map(|(_, id)| id).expect("a person")
    }

    /// The number and the GUID of a room.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn room(&self, name: &str) -> (RoomId, Uuid) {
        let found = self.ground.rooms.iter().find(|room| room.name.as_str() == name).expect("a room");
        (found.id, found.guid)
    }

    /// Everything that was met so far.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The texts an endpoint was shown in a room, in order.
    #[must_use]
    pub fn shown(&self, endpoint: usize, room: &str) -> Vec<String> {
        let guid = self.room(room).1;
        let own = self.lines.iter().filter(|line| line.endpoint == endpoint);
        let texts = own.filter_map(|line| match &line.met {
            Met::Post { room, text, .. } if *room == guid => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    }

    /// Everything an endpoint met, in order.
    pub fn met(&self, endpoint: usize) -> impl Iterator<Item = &Met> {
        self.lines.iter().filter(move |line| line.endpoint == endpoint).map(|line| &line.met)
    }

    /// Where the store lies.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn now(&self) -> i64 {
        self.time.load(Ordering::Relaxed)
    }

    /// One step: hints come in, then every server runs for so long, in any order.
    fn step(&mut self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).expect("a step is short");
        self.time.fetch_add(micros, Ordering::Relaxed);
        let now = self.now();
        self.diary.at(now);
        for (to, hint) in self.wire.arrived(now) {
            self.machines[to].hear(hint);
        }
        let mut order: Vec<usize> = (0..self.machines.len()).collect();
        self.chance.shuffle(&mut order);
        for index in order {
            self.machines[index].run(time);
            for hint in self.machines[index].take_hints() {
                for to in (0..self.machines.len()).filter(|to| *to != index) {
                    self.wire.send(now, to, hint);
                }
            }
        }
        let mut met = self.diary.take();
        if let Some(Ear(hears)) = &mut self.ear {
            met.retain_mut(hears);
        }
        self.lines.extend(met);
    }
}
