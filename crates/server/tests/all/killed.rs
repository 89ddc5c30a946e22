//! The promise of the house against `kill -9`: whatever its author got back is there afterwards, once, in one order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use testkit::wire::{Person, Way, said};
use testkit::{Cluster, Running, TestClock};
use tokio::sync::mpsc;

use chat::Clock;

use super::office::{Office, PASSWORD};

/// Rounds on a file and on a database; in four of five a post must have been unanswered at the kill.
const ROUNDS: u32 = 50;
const ROUNDS_ON_POSTGRES: u32 = 10;
/// Posts one person sends in a round at most, so that one page of history (500) holds a round of four people.
const POSTS_MAX: usize = 120;
/// The kill comes after this many answers at most: fewer than two people can send, so that two others are still posting.
const ANSWERS_MAX: u64 = 200;
/// Posts one person has sent and not yet seen answered, at most.
const IN_FLIGHT: usize = 2;
const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// What one person knows when the link dies.
#[derive(Debug, Default)]
struct Memory {
    /// All of it went out before the kill.
    sent: Vec<String>,
    answered: Vec<String>,
    /// Everything seen in the room, with the numbers it bore.
    seen: Vec<(u64, String)>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_saw_kept_survives_fifty_kills() {
    survives_kills(Office::with(&PEOPLE), ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_saw_kept_in_a_database_survives_ten_kills() {
    let url = Cluster::running().database();
    survives_kills(Office::with_store_in(&url, &PEOPLE), ROUNDS_ON_POSTGRES).await;
}

async fn survives_kills(office: Office, rounds: u32) {
    let program = &office.program;
    let chance = TestClock::at("2026-11-24T10:00:00Z", 2026);
    let mut history: BTreeMap<u64, String> = BTreeMap::new();
    let mut unanswered = 0;
    for round in 0..rounds {
        let running = program.serve(&[]);
        let memories = one_round(running, round, &chance).await;
        unanswered += u32::from(memories.iter().any(|m| m.sent.len() > m.answered.len()));
        let running = program.serve(&[]);
        let page = read_back(&running, &mut history).await;
        running.kill();
        for memory in &memories {
            check(memory, &history, &page, round);
        }
    }
    assert!(unanswered * 5 >= rounds * 4, "only {unanswered} of {rounds} kills met an unanswered post");
    let numbers: Vec<u64> = history.keys().copied().collect();
    let dense: Vec<u64> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, dense, "numbers are dense");
    let texts: BTreeSet<&String> = history.values().collect();
    assert_eq!(texts.len(), history.len(), "nothing is there twice");
    println!("{} posts kept over {rounds} kills, {unanswered} of them with a post unanswered", history.len());
}

/// What people who post and the one who kills tell each other.
#[derive(Clone)]
struct Signs {
    /// Somebody saw an answer, and has posted again.
    answered: mpsc::UnboundedSender<()>,
    /// The kill comes now: nobody sends any more, so that what is unanswered then was so at the kill.
    killing: Arc<AtomicBool>,
}

/// Four people post as fast as they can until the server is killed, after as many answers as chance says.
async fn one_round(running: Running, round: u32, chance: &TestClock) -> Vec<Memory> {
    let way = Way::Tcp(running.address("sip-tcp"));
    let mut arriving = Vec::new();
    for (number, who) in PEOPLE.iter().enumerate() {
        let unique = u64::from(round) * 10 + number as u64 + 1;
        arriving.push(arrive(&way, who, unique).await);
    }
    let (answered, mut seen) = mpsc::unbounded_channel();
    let signs = Signs { answered, killing: Arc::default() };
    let mut posting = Vec::new();
    for (who, (person, room)) in PEOPLE.iter().zip(arriving) {
        posting.push(tokio::spawn(post_until_killed(person, room, format!("{who} {round}"), signs.clone())));
    }
    for _ in 0..=chance.random_u64() % ANSWERS_MAX {
        seen.recv().await.expect("people post until the kill");
    }
    signs.killing.store(true, Ordering::SeqCst);
    running.kill();
    let mut memories = Vec::new();
    for person in posting {
        memories.push(person.await.expect("a person who posts does not fail"));
    }
    memories
}

async fn arrive(way: &Way, who: &str, unique: u64) -> (Person, String) {
    let mut person = Person::arrive(way, &format!("sip:{who}@example.com"), PASSWORD, unique).await;
    let room = person.room("Engineering").await.expect("the room list comes");
    person.join(&room).await.expect("the room is joined");
    (person, room)
}

/// Keeps `IN_FLIGHT` posts unanswered until the link dies.
async fn post_until_killed(mut person: Person, room: String, prefix: String, signs: Signs) -> Memory {
    let mut memory = Memory::default();
    let mut waiting: BTreeMap<String, String> = BTreeMap::new();
    let mut told = 0;
    loop {
        while waiting.len() < IN_FLIGHT
            && memory.sent.len() < POSTS_MAX
            && !signs.killing.load(Ordering::SeqCst)
        {
            let text = format!("{prefix} {}", memory.sent.len());
            let element = person.post_element(&room, &text);
            let body = person.envelope(&element);
            let Ok((_, cseq)) = person.start_in_dialog("INFO", "Content-Type: text/plain\r\n", &body).await
            else {
                return memory;
            };
            memory.sent.push(text.clone());
            waiting.insert(cseq, text);
        }
        while told < memory.answered.len() {
            // After the kill nobody listens.
            let _ = signs.answered.send(());
            told += 1;
        }
        let Ok(message) = person.any_answered().await else { return memory };
        if message.status() == Some(200) && message.cseq_method() == "INFO" {
            memory.answered.extend(waiting.remove(message.cseq()));
        } else if let Some((number, _, text)) = said(&message.body) {
            memory.seen.push((number, text));
        }
    }
}

/// Reads the last page of history and adds it to what is known; returns the numbers of that page.
async fn read_back(running: &Running, history: &mut BTreeMap<u64, String>) -> BTreeSet<u64> {
    let (mut alice, room) = arrive(&Way::Tcp(running.address("sip-tcp")), "alice", 9_999_999).await;
    let page = alice.history(&room, 500).await.expect("history comes");
    let numbers: Vec<u64> = page.iter().map(|(number, _, _)| *number).collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] < pair[1]),
        "history comes in the order of its numbers: {numbers:?}"
    );
    for (number, _, text) in page {
        let before = history.insert(number, text.clone());
        assert!(before.is_none_or(|before| before == text), "number {number} names another post than before");
    }
    numbers.into_iter().collect()
}

fn check(memory: &Memory, history: &BTreeMap<u64, String>, page: &BTreeSet<u64>, round: u32) {
    for (number, text) in &memory.seen {
        assert_eq!(
            history.get(number),
            Some(text),
            "round {round}: a post that was shown is there as it was shown"
        );
    }
    let shown: Vec<u64> = memory.seen.iter().map(|(number, _)| *number).collect();
    assert!(
        shown.windows(2).all(|pair| pair[0] + 1 == pair[1]),
        "round {round}: shown in order, none missing: {shown:?}"
    );
    for text in &memory.answered {
        let found = page.iter().filter(|number| history.get(number) == Some(text)).count();
        assert_eq!(found, 1, "round {round}: '{text}' was answered as kept and is there {found} times");
    }
}
