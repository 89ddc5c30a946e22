//! What people of a run do while posts go round: listen and keep account, or post with so many unacknowledged at most.
//! Chooses neither the people nor the room.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::ledger::Ledger;
use crate::person::Person;
use crate::receipt::take;
use crate::times::Times;
use crate::trouble::Trouble;
use crate::wire::between;

/// What all who take part in a run of numbered posts share.
#[derive(Debug)]
pub struct Run {
    begun: Instant,
    /// When each post was sent, in microseconds of the run.
    sent: Box<[AtomicU64]>,
    /// From post to receipt.
    pub times: Times,
    /// When the last receipt was, in microseconds of the run.
    last: AtomicU64,
    octets: usize,
    window: usize,
    /// How many get each post.
    receivers: u64,
    /// Told when everybody has one more, where the next waits for that.
    all_have_it: Notify,
}

/// What one person of a run brings back.
#[derive(Debug)]
pub struct Heeded {
    /// The person, for the next run.
    pub person: Person,
    /// What came.
    pub ledger: Ledger,
    /// Messages of the run, as they came.
    pub sample: Sample,
}

/// Messages of a run, for the raw server to repeat.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// An INFO that showed a post.
    pub shown: String,
    /// The answer to a post; empty at those who did not post.
    pub answer: String,
}

impl Run {
    /// A run of so many posts of so many octets, of which as many as the window has may be unacknowledged; without a window the next
    /// waits until `receivers`, the author among them, have the one before. It begins now.
    #[must_use]
    pub fn new(posts: u32, octets: usize, window: usize, receivers: usize) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            sent: (0..posts).map(|_| AtomicU64::new(0)).collect(),
            times: Times::default(),
            last: AtomicU64::new(0),
            octets,
            window,
            receivers: receivers.max(1) as u64,
            all_have_it: Notify::new(),
        })
    }

    /// How many posts there are.
    #[must_use]
    pub fn posts(&self) -> u32 {
        u32::try_from(self.sent.len()).unwrap_or(u32::MAX)
    }

    /// How many posts may be unacknowledged.
    #[must_use]
    pub fn window(&self) -> usize {
        self.window
    }

    /// From the first post to the last receipt, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let first = self.sent.first().map_or(0, |sent| sent.load(Ordering::Relaxed));
        self.last.load(Ordering::Relaxed).saturating_sub(first) as f64 / 1e6
    }

    /// The text of a post: its number first.
    #[must_use]
    pub fn text(&self, number: u32) -> String {
        text(number, self.octets)
    }

    /// The number in the body of an INFO that shows a post of a run.
    #[must_use]
    pub fn number(body: &[u8]) -> Option<u32> {
        let text = between(body, b"<chat>", b"</chat>")?.strip_prefix(MARK.as_bytes())?;
        str::from_utf8(text.get(..DIGITS)?).ok()?.parse().ok()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn received(&self, number: u32, at: u64) {
        if let Some(sent) = self.sent.get(number as usize) {
            self.times.enter(at.saturating_sub(sent.load(Ordering::Relaxed)));
            self.last.fetch_max(at, Ordering::Relaxed);
            if self.window == 0 && self.times.count().is_multiple_of(self.receivers) {
                self.all_have_it.notify_one();
            }
        }
    }

    /// How many posts count as acknowledged, of those that their author saw answered and shown.
    fn acknowledged(&self, seen: u32) -> u32 {
        if self.window > 0 {
            return seen;
        }
        seen.min(u32::try_from(self.times.count() / self.receivers).unwrap_or(u32::MAX))
    }
}

/// Listens until the last post of the run came.
///
/// # Errors
/// [`Trouble`] when the link ends or nothing comes.
pub async fn listen(mut person: Person, run: Arc<Run>) -> Result<Heeded, Trouble> {
    let mut heeding = Heeding::default();
    loop {
        heeding.look(&mut person, &run)?;
        person.send("its receipts were answered").await?;
        if heeding.ledger.next() >= run.posts() {
            return heeding.settled(person, &run).await;
        }
        if let Err(silence) = person.read("a post was expected").await {
            return heeding.silent(person, silence);
        }
    }
}

/// Posts all posts of the run in a room, and listens to its own.
///
/// # Errors
/// [`Trouble`] when the link ends, a post is refused or nothing comes.
pub async fn post(mut person: Person, run: Arc<Run>, room: String) -> Result<Heeded, Trouble> {
    let mut heeding = Heeding::default();
    let window = u32::try_from(run.window.max(1)).unwrap_or(u32::MAX);
    let mut posted = 0;
    loop {
        let acknowledged = run.acknowledged(heeding.answered.min(heeding.ledger.next()));
        while posted < run.posts() && posted - acknowledged < window {
            run.sent[posted as usize].store(run.now(), Ordering::Relaxed);
            person.post(&room, &run.text(posted));
            posted += 1;
        }
        person.send("it posted").await?;
        if acknowledged >= run.posts() {
            return heeding.settled(person, &run).await;
        }
        let read = tokio::select! {
            biased;
            read = person.read("a post was to be acknowledged") => read,
            () = run.all_have_it.notified() => continue,
        };
        if let Err(silence) = read {
            return heeding.silent(person, silence);
        }
        heeding.look(&mut person, &run)?;
    }
}

#[derive(Default)]
struct Heeding {
    ledger: Ledger,
    /// Requests of this person that were answered 200.
    answered: u32,
    sample: Sample,
}

impl Heeding {
    fn look(&mut self, person: &mut Person, run: &Run) -> Result<(), Trouble> {
        let now = run.now();
        let mut refusal = None;
        let taken = take(&mut person.link, person.signing.as_mut(), |heard, octets| match heard.code() {
            Some(200) => {
                self.answered += 1;
                keep(&mut self.sample.answer, octets);
            }
            Some(100..200) => (),
            Some(_) => refusal = Some(heard.start.to_owned()),
            None => {
                if let Some(number) = Run::number(heard.body) {
                    run.received(number, now);
                    self.ledger.enter(number);
                    keep(&mut self.sample.shown, octets);
                }
            }
        });
        taken.map_err(|begin| person.not_sip(begin))?;
        refusal.map_or(Ok(()), |refusal| Err(person.refused("a post", &refusal)))
    }

    /// Asks the server something, when there is a real one: what it sent twice comes before the answer.
    async fn settled(mut self, mut person: Person, run: &Run) -> Result<Heeded, Trouble> {
        if person.is_signed_on() {
            let before = self.answered;
            person.update();
            while self.answered == before {
                person.send("it settled").await?;
                person.read("it settled").await?;
                self.look(&mut person, run)?;
            }
            person.send("it settled").await?;
        }
        Ok(self.done(person))
    }

    fn done(self, person: Person) -> Heeded {
        Heeded { person, ledger: self.ledger, sample: self.sample }
    }

    /// Nothing comes any more: of a run that lost its end that is a finding, of a run that never began a trouble.
    fn silent(self, person: Person, silence: Trouble) -> Result<Heeded, Trouble> {
        match silence {
            Trouble::Silence { .. } if self.ledger.next() > 0 => Ok(self.done(person)),
            other => Err(other),
        }
    }
}

/// The text of a post with this number, so many octets long.
pub(crate) fn text(number: u32, octets: usize) -> String {
    let mut text = format!("{MARK}{number:0width$}", width = DIGITS);
    for word in WORDS.iter().cycle() {
        if text.len() + 1 + word.len() > octets {
            break;
        }
        text.push(' ');
        text.push_str(word);
    }
    while text.len() < octets {
        text.push('.');
    }
    text
}

/// Keeps the first of its kind.
fn keep(kept: &mut String, octets: &[u8]) {
    if kept.is_empty() {
        *kept = String::from_utf8_lossy(octets).into_owned();
    }
}

/// How the text of every post of a run begins.
pub(crate) const MARK: &str = "load ";
/// Digits of a number.
pub(crate) const DIGITS: usize = 8;
/// What posts say.
const WORDS: [&str; 12] = [
    "copper", "opens", "firm", "after", "the", "harbour", "strike", "ends", "two", "ships", "sail", "tonight",
];
