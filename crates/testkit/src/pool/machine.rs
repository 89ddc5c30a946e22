//! One server of a simulation, on a runtime of its own: so that it can stand still, go on and die without the others.
//! What is between servers is `wire.rs`.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chat::{Clock, PersonId, Time};
use pool::{Heard, Hint, PeerLink};
use rooms::{Limits, Rooms};
use store::{Options, Place, Store};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::clock::split_mix;
use crate::pool::diary::Diary;
use crate::pool::guest::{Command, Reader, attend};
use crate::pool::weather::Weather;

/// Time and randomness of one server: the time is everybody's.
#[derive(Debug)]
struct SimulatedClock {
    time: Arc<AtomicI64>,
    seed: Mutex<u64>,
}

impl Clock for SimulatedClock {
    fn now(&self) -> Time {
        Time::from_unix_micros(self.time.load(Ordering::Relaxed))
    }

    fn fill_random(&self, out: &mut [u8]) {
        let mut seed = self.seed.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in out.chunks_mut(8) {
            let bytes = split_mix(&mut seed).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// A machine that a server runs on, or does not.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) name: String,
    pub(crate) weather: Weather,
    /// While it stands still.
    pub(crate) is_frozen: bool,
    /// What it has slept through.
    missed: Duration,
    /// How often it was started.
    pub(crate) lives: u64,
    life: Option<Life>,
}

/// A running server.
#[derive(Debug)]
struct Life {
    runtime: Runtime,
    store: Store,
    rooms: Rooms,
    /// Its part in the pool; its tasks end with the runtime.
    part: pool::Pool,
    wire: mpsc::UnboundedSender<Hint>,
    hints: Arc<Mutex<Vec<Hint>>>,
    lost: Arc<AtomicBool>,
}

impl Machine {
    pub(crate) fn new(name: String, weather: Weather) -> Self {
        Self { name, weather, is_frozen: false, missed: Duration::ZERO, lives: 0, life: None }
    }

    /// Starts the server.
    pub(crate) fn start(&mut self, file: &Path, time: &Arc<AtomicI64>, seed: u64, limits: &Limits) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime without threads");
        let clock = Arc::new(SimulatedClock { time: time.clone(), seed: Mutex::new(seed) });
        let options = Options { pace: Some(self.weather.pace()), ..Options::default() };
        let place = Place::of(&self.name, &self.name);
        let hints: Arc<Mutex<Vec<Hint>>> = Arc::default();
        let (wire, heard) = mpsc::unbounded_channel();
        let end = End { out: hints.clone(), heard: heard.into() };
        let begun = runtime.block_on(async {
            let store = Store::open_place(file, None, &place, clock, &options).ok()?;
            let part = pool::Pool::start(store.clone(), end, pool::Options::default()).await.ok()?;
            let rooms = Rooms::start_among(store.clone(), limits.clone(), Some(part.heads())).await.ok()?;
            Some((store, part, rooms))
        });
        // A database that is away lets nobody start; whoever starts it tries again.
        let Some((store, part, rooms)) = begun else { return };
        let lost = Arc::new(AtomicBool::new(false));
        let (ended, past, over) = (rooms.clone(), part.clone(), lost.clone());
        runtime.spawn(async move {
            tokio::select! {
                biased;
                () = past.over() => (),
                () = ended.ended() => (),
            }
            over.store(true, Ordering::Relaxed);
        });
        self.lives += 1;
        self.is_frozen = false;
        self.missed = Duration::ZERO;
        self.life = Some(Life { runtime, store, rooms, part, wire, hints, lost });
    }

    pub(crate) fn is_up(&self) -> bool {
        self.life.is_some()
    }

    /// Whether it serves now.
    pub(crate) fn answers(&self) -> bool {
        self.is_up() && !self.is_frozen
    }

    /// Kills the server.
    pub(crate) fn kill(&mut self) {
        self.life = None;
    }

    /// Stops the server in good order.
    pub(crate) fn stop(&mut self) {
        if let Some(Life { runtime, store, rooms, part, .. }) = self.life.take() {
            runtime.block_on(async {
                rooms.stop().await;
                part.stop().await;
                store.close().await;
            });
        }
    }

    /// Lets some time pass; `false` when the server has ended itself in it.
    pub(crate) fn run(&mut self, time: Duration) -> bool {
        if self.is_frozen {
            self.missed += time;
            return true;
        }
        let Some(life) = &self.life else { return true };
        let missed = std::mem::take(&mut self.missed);
        life.runtime.block_on(async {
            if !missed.is_zero() {
                tokio::time::advance(missed).await;
            }
            sleep(time).await;
        });
        if life.lost.load(Ordering::Relaxed) {
            self.life = None;
            return false;
        }
        true
    }

    /// What it has to tell the others.
    pub(crate) fn take_hints(&self) -> Vec<Hint> {
        let life = self.life.as_ref();
        life.map_or_else(Vec::new, |life| {
            std::mem::take(&mut *life.hints.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }

    /// A hint comes in; one that stands still will find it when it goes on.
    pub(crate) fn hear(&self, hint: Hint) {
        if let Some(life) = &self.life {
            // A server that has just ended hears nothing.
            let _ = life.wire.send(hint);
        }
    }

    /// Somebody comes in; `None` when the server does not answer or does not admit the person.
    pub(crate) fn admit(
        &self,
        person: PersonId,
        reader: Reader,
        diary: &Diary,
        endpoint: usize,
    ) -> Option<mpsc::UnboundedSender<Command>> {
        let life = self.life.as_ref().filter(|_| !self.is_frozen)?;
        let session = life.rooms.open(person).ok()?;
        let (commands, told) = mpsc::unbounded_channel();
        life.runtime.spawn(attend(session, told, reader, diary.clone(), endpoint));
        Some(commands)
    }

    /// Does something at the server beside what people do.
    pub(crate) fn spawn<F: Future<Output = ()> + Send + 'static>(
        &self,
        work: impl FnOnce(Store, Rooms) -> F,
    ) {
        if let Some(life) = &self.life {
            life.runtime.spawn(work(life.store.clone(), life.rooms.clone()));
        }
    }

    /// Does something at the server and waits for it.
    ///
    /// # Panics
    /// When the server is down.
    pub(crate) fn ask<T, F: Future<Output = T>>(&self, work: impl FnOnce(Store, Rooms) -> F) -> T {
        let life = self.life.as_ref().expect("whoever is asked is up");
        life.runtime.block_on(work(life.store.clone(), life.rooms.clone()))
    }
}

/// A server's end of the wire.
struct End {
    out: Arc<Mutex<Vec<Hint>>>,
    heard: tokio::sync::Mutex<mpsc::UnboundedReceiver<Hint>>,
}

impl PeerLink for End {
    async fn tell(&self, hint: Hint) {
        self.out.lock().unwrap_or_else(PoisonError::into_inner).push(hint);
    }

    async fn hear(&self) -> Heard {
        match self.heard.lock().await.recv().await {
            Some(hint) => Heard::Hint(hint),
            None => std::future::pending().await,
        }
    }
}
