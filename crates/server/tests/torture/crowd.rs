//! People who post, read, and come back when their link dies, each on its own.
//! They know the servers of the pool as a name server would tell them, and nothing of what is done to these.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use testkit::TestClock;
use testkit::chat::Clock;
use testkit::wire::{Message, Person, Way, said};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::ground::{Ground, PASSWORD};
use super::memory::{Absence, Fate, Memory, Sent, Stretch, hash};

/// Between two posts of one person: from one to this many milliseconds, drawn from the seed.
const PAUSE_MS_MAX: u64 = 16_000;
/// A client that hears nothing for so long asks whether the link is alive; no answer for as long again means that it is not.
const PATIENCE: Duration = Duration::from_secs(4);
/// A client waits so long before it tries the next server.
const BACK_OFF: Duration = Duration::from_millis(250);
/// How long one step of coming back may take before the next server is tried.
const STEP: Duration = Duration::from_secs(10);

/// Where the servers are reached, as the names of the pool say; a server that is down has the address it had.
#[derive(Clone, Debug, Default)]
pub struct Names(Arc<Mutex<Vec<SocketAddr>>>);

impl Names {
    /// Servers at these addresses.
    pub fn of(addresses: Vec<SocketAddr>) -> Self {
        Self(Arc::new(Mutex::new(addresses)))
    }

    /// A server came back elsewhere.
    pub fn moved(&self, server: usize, address: SocketAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[server] = address;
    }

    /// How many there are.
    pub fn servers(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn at(&self, server: usize) -> SocketAddr {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[server]
    }
}

/// One of the crowd.
pub struct Member {
    /// The number that tells people apart.
    pub number: usize,
    /// The servers.
    pub names: Names,
    /// The addresses of the rooms this person is in, with their places in the list.
    pub rooms: Vec<(usize, String)>,
    /// Whether people still post.
    pub going: watch::Receiver<bool>,
    /// How many are in all their rooms at this moment, by server.
    pub there: Arc<watch::Sender<Vec<usize>>>,
}

impl Member {
    /// Lives until nobody posts any more and everything sent is answered; returns what is known then.
    pub async fn live(self) -> Memory {
        let chance = TestClock::at("2026-11-24T10:00:00Z", self.number as u64);
        let who = format!("sip:{}@example.com", name(self.number));
        let mut life = Life {
            memory: Memory { who, ..Memory::default() },
            chance,
            turn: self.number,
            unique: self.number as u64 * 100_000 + 1,
            said: 0,
            member: self,
        };
        let mut lost = None;
        loop {
            let person = life.come_back().await;
            life.memory.absences.extend(lost.map(|lost| Absence { lost, back: Instant::now() }));
            let server = life.server();
            life.member.there.send_modify(|there| there[server] += 1);
            let ended = life.stay(person).await;
            life.member.there.send_modify(|there| there[server] -= 1);
            match ended {
                Ended::Done => return life.memory,
                Ended::Lost(since) => lost = Some(since),
            }
        }
    }
}

/// All of them.
pub struct Crowd {
    going: watch::Sender<bool>,
    there: Arc<watch::Sender<Vec<usize>>>,
    people: Vec<JoinHandle<Memory>>,
}

impl Crowd {
    /// So many people go to the servers, each into so many rooms.
    pub fn gathered(ground: &Ground, people: usize, rooms_each: usize) -> Self {
        let (going, seen) = watch::channel(true);
        let there = Arc::new(watch::channel(vec![0; ground.names.servers()]).0);
        let member = |number: usize| {
            let rooms = (0..rooms_each).map(|step| (number + step * 7) % ground.rooms.len());
            Member {
                number,
                names: ground.names.clone(),
                rooms: rooms.map(|place| (place, ground.rooms[place].clone())).collect(),
                going: seen.clone(),
                there: there.clone(),
            }
        };
        let people = (0..people).map(|number| tokio::spawn(member(number).live())).collect();
        Self { going, there, people }
    }

    /// Waits until everybody is in all rooms.
    pub async fn all_there(&self, patience: Duration) {
        let mut there = self.there.subscribe();
        let all = self.people.len();
        let came = timeout(patience, there.wait_for(|there| there.iter().sum::<usize>() == all)).await;
        assert!(
            came.is_ok(),
            "only {:?} of {all} are in their rooms after {patience:?}",
            *self.there.borrow()
        );
    }

    /// A server with its share of the people, or as near to it as there is one; never one without people.
    pub fn sharing(&self) -> usize {
        let there = self.there.borrow();
        let share = self.people.len() / there.len();
        let apart = |server: &usize| (there[*server] == 0, there[*server].abs_diff(share));
        (0..there.len()).min_by_key(apart).expect("there are servers")
    }

    /// Nobody posts any more; what everybody knows when everything sent is answered.
    pub async fn goes_home(self) -> Vec<Memory> {
        self.going.send_replace(false);
        let mut memories = Vec::new();
        for person in self.people {
            memories.push(person.await.expect("nobody of the crowd fails"));
        }
        memories
    }
}

/// The name of a person of the crowd.
pub fn name(number: usize) -> String {
    format!("person{number}")
}

/// How a link ended.
enum Ended {
    /// Nobody posts any more.
    Done,
    /// It died; the moment from which on it was dead for this person.
    Lost(Instant),
}

struct Life {
    member: Member,
    memory: Memory,
    chance: TestClock,
    turn: usize,
    unique: u64,
    said: u32,
}

/// A link and what waits on it.
struct Link {
    person: Person,
    /// By the number of the request: which of the sent posts.
    waiting: HashMap<String, usize>,
    seen: HashMap<String, (usize, Stretch)>,
    heard: Instant,
    asked: bool,
}

impl Life {
    /// Tries one server after the other until it is in all rooms.
    async fn come_back(&mut self) -> Link {
        loop {
            self.turn += 1;
            let way = Way::Tcp(self.member.names.at(self.server()));
            self.unique += 1;
            if let Ok(Some(link)) = timeout(STEP, self.arrive(&way)).await {
                return link;
            }
            tokio::time::sleep(BACK_OFF).await;
        }
    }

    /// The server that was tried last.
    fn server(&self) -> usize {
        self.turn % self.member.names.servers()
    }

    async fn arrive(&mut self, way: &Way) -> Option<Link> {
        let mut person = Person::connect(way, &self.memory.who, PASSWORD, self.unique).await.ok()?;
        if person.sign_on().await.ok()?.status() != Some(200) || person.try_to_enter().await.ok()?.is_some() {
            return None;
        }
        let mut seen = HashMap::new();
        for (place, room) in &self.member.rooms {
            let reply = person.join(room).await.ok()?;
            if !reply.contains("<chanib ") {
                return None;
            }
            seen.insert(room.clone(), (*place, Stretch::default()));
        }
        Some(Link { person, waiting: HashMap::new(), seen, heard: Instant::now(), asked: false })
    }

    /// Posts and reads until the link dies or all is over.
    async fn stay(&mut self, mut link: Link) -> Ended {
        let mut next_post = self.next_post();
        let lost = loop {
            let quiet = link.heard + PATIENCE;
            let going = *self.member.going.borrow();
            let until = if going { next_post.min(quiet) } else { quiet.min(Instant::now() + PATIENCE / 8) };
            match link.person.answered_until(until).await {
                Ok(Some(message)) => self.hear(&mut link, &message),
                Err(_) => break Instant::now(),
                Ok(None) if Instant::now() >= quiet => {
                    if link.asked || !link.ask().await {
                        break Instant::now();
                    }
                }
                Ok(None) if going => {
                    next_post = self.next_post();
                    if !self.post(&mut link).await {
                        break Instant::now();
                    }
                }
                Ok(None) if link.waiting.is_empty() => {
                    self.remember(link);
                    return Ended::Done;
                }
                Ok(None) => {}
            }
        };
        self.remember(link);
        Ended::Lost(lost)
    }

    fn next_post(&self) -> Instant {
        Instant::now() + Duration::from_millis(1 + self.chance.random_u64() % PAUSE_MS_MAX)
    }

    fn hear(&mut self, link: &mut Link, message: &Message) {
        link.heard = Instant::now();
        link.asked = false;
        if let Some(status) = message.status() {
            if let Some(sent) = link.waiting.remove(message.cseq()).filter(|_| status >= 200) {
                self.memory.sent[sent].fate = if status == 200 { Fate::Kept } else { Fate::Refused };
            }
            return;
        }
        let room = message.body.split_once("chanUri=\"").and_then(|(_, rest)| rest.split_once('"'));
        let Some((number, _, text)) = said(&message.body).filter(|_| message.body.contains("<grpchat"))
        else {
            return;
        };
        let (_, stretch) =
            room.and_then(|(room, _)| link.seen.get_mut(room)).expect("a post names a joined room");
        stretch.0.push((number, hash(&text)));
    }

    async fn post(&mut self, link: &mut Link) -> bool {
        let rooms = self.member.rooms.len() as u64;
        let chosen = usize::try_from(self.chance.random_u64() % rooms).expect("a place in a short list");
        let (room, address) = self.member.rooms[chosen].clone();
        self.said += 1;
        let text = format!("{} says {}", name(self.member.number), self.said);
        let element = link.person.post_element(&address, &text);
        let body = link.person.envelope(&element);
        self.memory.sent.push(Sent { room, text, fate: Fate::Unknown });
        match link.person.start_in_dialog("INFO", "Content-Type: text/plain\r\n", &body).await {
            Ok((_, cseq)) => {
                link.waiting.insert(cseq, self.memory.sent.len() - 1);
                true
            }
            Err(_) => false,
        }
    }

    fn remember(&mut self, link: Link) {
        self.memory.seen.extend(link.seen.into_values());
    }
}

impl Link {
    /// Asks for a sign of life; whether that could be sent.
    async fn ask(&mut self) -> bool {
        self.asked = true;
        self.heard = Instant::now();
        self.person.start_in_dialog("UPDATE", "", "").await.is_ok()
    }
}
