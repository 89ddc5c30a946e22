//! How long a large store takes to answer: each question some hundred times, one after another, in places or with words drawn by
//! chance; the search of the busy room for certain words is the same each time.
//! The kernel keeps of the file what it likes; nothing is emptied before.

use std::path::Path;
use std::time::Duration;

use chat::{MatchClause, RoomId, TextFilter};
use store::{Search, Store, Window};
use tokio::time::Instant;

use crate::build::id;
use crate::model::{Chance, Model};
use crate::texts::frequent_word;
use crate::{Failed, room};

/// Times each question is asked.
const ASKED: u64 = 300;

/// Prints every measure.
pub async fn measure(store: &Store, model: &Model, began: Instant, file: &Path) -> Result<(), Failed> {
    start(store, model, began, file).await?;
    pages(store, model).await?;
    searches(store, model).await?;
    own(store, model).await
}

/// What a server reads before it serves.
async fn start(store: &Store, model: &Model, began: Instant, file: &Path) -> Result<(), Failed> {
    let opened = began.elapsed();
    let (categories, people, rooms) =
        (store.categories().await?, store.people().await?, store.rooms().await?);
    if rooms.len() as u64 != model.rooms() || people.len() as u64 != model.people {
        return Err(format!("{} rooms and {} people are there", rooms.len(), people.len()).into());
    }
    let read = began.elapsed();
    println!(
        "{{\"server\":\"store\",\"way\":\"embedded\",\"unit\":\"start\",\"posts\":{},\"rooms\":{},\"people\":{},\"categories\":{},\"fileMib\":{},\"openedMs\":{:.1},\"maxMs\":{:.1},\"residentMib\":{}}}",
        model.posts,
        rooms.len(),
        people.len(),
        categories.len(),
        std::fs::metadata(file)?.len() >> 20,
        millis(opened),
        millis(read),
        resident_kib()? >> 10,
    );
    Ok(())
}

async fn pages(store: &Store, model: &Model) -> Result<(), Failed> {
    let mut chance = Chance::of(1);
    let mut times = Times::of("history_newest_100");
    for _ in 0..ASKED {
        let room = room(chance.below(model.rooms()));
        times.count += times.timed(store.history(room, Window::Last(100))).await?.posts.len();
    }
    times.print();
    for (name, room) in
        [("history_middle_100", None), ("history_middle_100_of_the_busy_room", Some(room(model.busy())))]
    {
        let mut times = Times::of(name);
        for _ in 0..ASKED {
            let room = room.unwrap_or_else(|| crate::room(chance.below(model.rooms())));
            let last = store.head(chat::JournalKey::Room(room)).await?.position.number;
            let number = 1 + last / 4 + chance.below(1 + last / 2);
            times.count +=
                times.timed(store.history(room, Window::Before { number, count: 100 })).await?.posts.len();
        }
        times.print();
    }
    Ok(())
}

async fn searches(store: &Store, model: &Model) -> Result<(), Failed> {
    let mut chance = Chance::of(2);
    let busy = vec![room(model.busy())];
    for (name, words) in [
        ("search_busy_room_two_frequent_words", "quarterly invoice"),
        ("search_busy_room_to_its_beginning", "quarterly migration"),
        ("search_busy_room_frequent_and_rare_word", "quarterly zeppelin"),
        ("search_busy_room_two_words_never_together", "okapi zeppelin"),
        ("search_busy_room_one_frequent_word", "invoice"),
    ] {
        let mut times = Times::of(name);
        for _ in 0..ASKED {
            times.count += times.timed(store.search(search(busy.clone(), words)?)).await?.posts.len();
        }
        times.print();
    }
    let mut times = Times::of("search_busy_room_two_drawn_words");
    for _ in 0..ASKED {
        let words = format!("{} {}", frequent_word(&mut chance), frequent_word(&mut chance));
        times.count += times.timed(store.search(search(busy.clone(), &words)?)).await?.posts.len();
    }
    times.print();
    for (name, rooms, words) in [
        ("search_16_rooms_two_frequent_words", 16, "quarterly invoice"),
        ("search_24_rooms_two_frequent_words", 24, "quarterly invoice"),
        ("search_24_rooms_frequent_and_rare_word", 24, "quarterly zeppelin"),
    ] {
        let mut times = Times::of(name);
        for _ in 0..ASKED {
            let rooms = model.rooms_of(chance.below(model.people), rooms).into_iter().map(room).collect();
            times.count += times.timed(store.search(search(rooms, words)?)).await?.posts.len();
        }
        times.print();
    }
    Ok(())
}

fn search(rooms: Vec<RoomId>, words: &str) -> Result<Search, Failed> {
    let filter = TextFilter::parse(words, MatchClause::And, false)?;
    Ok(Search { rooms, filter, authors: None, from: None, to: None, limit: 100 })
}

/// What is asked for when somebody comes: the rooms, and what is unread.
async fn own(store: &Store, model: &Model) -> Result<(), Failed> {
    let mut chance = Chance::of(3);
    for (name, count) in [("rooms_of_a_person_in_16", 16), ("rooms_of_a_person_in_24", 24)] {
        let mut times = Times::of(name);
        for _ in 0..ASKED {
            let rooms = model.rooms_of(chance.below(model.people), count).into_iter().map(room).collect();
            times.count += times.timed(store.rooms_of(rooms)).await?.len();
        }
        times.print();
    }
    let mut times = Times::of("unread_of_a_person");
    for _ in 0..ASKED {
        times.count += times.timed(store.reading(id(chance.below(model.people)), &[])).await?.len();
    }
    times.print();
    Ok(())
}

/// How long one question took, each time.
struct Times {
    name: &'static str,
    all: Vec<Duration>,
    /// What came back, all in all.
    count: usize,
    /// The CPU time of this process before.
    cpu: u64,
}

impl Times {
    fn of(name: &'static str) -> Self {
        Self { name, all: Vec::new(), count: 0, cpu: cpu_ticks() }
    }

    async fn timed<T>(&mut self, question: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let answer = question.await;
        self.all.push(began.elapsed());
        answer
    }

    /// The time it took, and the time a processor worked for it, in seconds for a million: on a busy machine that is less.
    fn print(mut self) {
        self.all.sort_unstable();
        let at = |hundredth: usize| millis(self.all[(self.all.len() - 1) * hundredth / 100]);
        let cpu = (cpu_ticks() - self.cpu) as f64 * 1e4 / self.all.len() as f64;
        println!(
            "{{\"server\":\"store\",\"way\":\"embedded\",\"unit\":\"{}\",\"count\":{},\"rows\":{},\"cpuSPerMillion\":{cpu:.0},\"p50Ms\":{:.2},\"p95Ms\":{:.2},\"p99Ms\":{:.2},\"maxMs\":{:.2}}}",
            self.name,
            self.all.len(),
            self.count,
            at(50),
            at(95),
            at(99),
            at(100),
        );
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Memory of this process that lies in the machine's (proc(5): `VmRSS`).
fn resident_kib() -> Result<u64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// CPU time of this process so far, in hundredths of a second (proc(5): fields 14 and 15); 0 where it is not told.
fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}
