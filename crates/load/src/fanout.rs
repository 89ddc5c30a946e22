//! M1: many people in one room, one of them posts, with so many posts unacknowledged at most; the same against the raw server.
//! The pace is the server's: the next post waits for an acknowledgement, never for a clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::calls::{Calls, Counted};
use crate::crowd::{arrive, gather, look_up};
use crate::ledger::{Findings, Wrong};
use crate::link::Way;
use crate::listen::{Heeded, Run, Sample, listen, post};
use crate::person::{Crowd, Person};
use crate::process::{Meter, Process, Spent};
use crate::progress::Progress;
use crate::raw::{AUTHOR, Manner, RECEIVER};
use crate::report::{Line, three};
use crate::rival::Rival;
use crate::server::Server;
use crate::trouble::Trouble;

/// How long a run must be for its system calls to be told (ours).
const COUNTED_SECONDS: f64 = 1.0;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Fanout {
    /// Endpoints that listen; one more posts, and listens too.
    pub receivers: usize,
    /// Endpoints of one person.
    pub endpoints: usize,
    /// Posts that may be unacknowledged: one run for each; with none the next waits until everybody has the one before.
    pub windows: Vec<usize>,
    /// Posts of a run.
    pub posts: u32,
    /// Octets of a post.
    pub octets: usize,
    /// The name of the room.
    pub room: String,
    /// The program of the raw server, which is this program; nothing where it is not compared.
    pub raw: Option<PathBuf>,
    /// Tasks of the raw server that share the receivers.
    pub shards: usize,
}

/// The measure over one way; `say` gets each line as soon as it is there.
///
/// # Errors
/// [`Trouble`] where no figure came about.
pub async fn measure(
    fanout: &Fanout,
    server: &Server,
    crowd: &Crowd,
    mut say: impl FnMut(Line),
) -> Result<(), Trouble> {
    let links = fanout.receivers + 1;
    let names = std::slice::from_ref(&fanout.room);
    let room = look_up(crowd, names, 0).await?.swap_remove(0);
    let before = server.memory_kib()?;
    let signed_on = arrive(crowd, links, fanout.endpoints, &Arc::default()).await?.end().await?;
    let joining = signed_on.into_iter().map(|mut person| {
        let room = room.clone();
        async move {
            person.enter().await?;
            person.join(&[room]).await?;
            Ok(person)
        }
    });
    let mut people = gather("people join", joining, &Arc::default()).await?.end().await?;
    let each = before.zip(server.memory_kib()?).map(|(before, after)| three((after - before) / links as f64));
    for &window in &fanout.windows {
        let run = Run::new(fanout.posts, fanout.octets, window, links);
        let head = Line { measure: "fanout", way: crowd.way.name(), seed: crowd.seed, ..Line::default() };
        let outcome = go_round(&run, people, &room, (&server.processes, &server.store)).await?;
        let mut line = outcome.line(head.clone(), &run);
        let sample = outcome.sample;
        people = outcome.people;
        line.server = "causerie".to_owned();
        line.kib_per_endpoint = each;
        if let Some(program) = &fanout.raw {
            let raw = against_raw(fanout, program, window, crowd, head, &sample).await?;
            let ratio = line.cpu_s_per_million.zip(raw.cpu_s_per_million.filter(|cpu| *cpu > 0.0));
            line.cpu_ratio = ratio.map(|(ours, raw)| three(ours / raw));
            say(raw);
        }
        say(line);
    }
    Ok(())
}

/// What a run brought.
struct Outcome {
    people: Vec<Person>,
    sample: Sample,
    findings: Findings,
    first: Option<String>,
    spent: Spent,
    /// Its system calls, where they can be counted.
    calls: Option<Counted>,
}

/// One run: the first of the people posts, all listen.
async fn go_round(
    run: &Arc<Run>,
    mut people: Vec<Person>,
    room: &str,
    (processes, store): (&[Process], &[Process]),
) -> Result<Outcome, Trouble> {
    let deliveries = u64::from(run.posts()) * people.len() as u64;
    let progress = Progress::of("posts go round", deliveries);
    // Counting costs something: of what is compared with a pool nothing is counted.
    let calls = match (processes, store) {
        ([process], []) => Calls::of(*process),
        _ => None,
    };
    let meter = Meter::of(processes, store)?;
    let author = people.remove(0);
    let mut listening = JoinSet::new();
    for (index, person) in people.into_iter().enumerate() {
        let run = run.clone();
        listening.spawn(async move { listen(person, run).await.map(|heeded| (index, heeded)) });
    }
    let posting = tokio::spawn(post(author, run.clone(), room.to_owned()));
    let posted = async { posting.await.expect("a task neither panics nor is cut off") };
    let heard = async {
        let mut heeded = Vec::with_capacity(listening.len());
        while let Some(done) = listening.join_next().await {
            heeded.push(done.expect("a task neither panics nor is cut off")?);
        }
        heeded.sort_by_key(|(index, _)| *index);
        Ok(heeded)
    };
    // Whoever loses his link first says so, and nobody goes on without him.
    let all = async { tokio::try_join!(posted, heard) };
    let (author, heeded) = progress.during(all, || run.times.count()).await?;
    let spent = meter.spent()?;
    let calls = match calls {
        Some(calls) => calls.end().await,
        None => None,
    };
    let mut outcome = Outcome {
        calls,
        people: Vec::with_capacity(heeded.len() + 1),
        sample: author.sample.clone(),
        findings: Findings::default(),
        first: None,
        spent,
    };
    outcome.take(author, run.posts());
    for (_, heeded) in heeded {
        outcome.sample.shown.clone_from(&heeded.sample.shown);
        outcome.take(heeded, run.posts());
    }
    Ok(outcome)
}

impl Outcome {
    fn take(&mut self, heeded: Heeded, posts: u32) {
        let findings = heeded.ledger.findings(posts);
        if !findings.is_clean() && self.first.is_none() {
            let who = &heeded.person.address;
            self.first = Some(match heeded.ledger.first() {
                Some(Wrong::Missing(number)) => format!("{who} did not get post {number} in its turn"),
                Some(Wrong::Doubled(number)) => format!("{who} got post {number} twice"),
                None => format!("{who} got nothing after {} posts", heeded.ledger.next()),
            });
        }
        self.findings += findings;
        self.people.push(heeded.person);
    }

    fn line(&self, head: Line, run: &Run) -> Line {
        let each = |calls: u64| three(calls as f64 / run.times.count().max(1) as f64);
        let line = Line {
            // Counting begins a little later than the run: of a short one it says too little.
            calls_each: self
                .calls
                .filter(|_| run.seconds() >= COUNTED_SECONDS)
                .map(|calls| [each(calls.reads), each(calls.writes)]),
            endpoints: self.people.len(),
            window: Some(run.window()),
            spread: run.times.spread(),
            findings: self.findings,
            first_finding: self.first.clone(),
            ..head
        };
        line.done(run.times.count(), "deliveries", run.seconds()).computed(self.spent)
    }
}

/// The same run against the raw server, which shows what was shown and answers what was answered.
async fn against_raw(
    fanout: &Fanout,
    program: &Path,
    window: usize,
    crowd: &Crowd,
    head: Line,
    sample: &Sample,
) -> Result<Line, Trouble> {
    let manner = Manner {
        connections: fanout.receivers + 1,
        batched: window > 1,
        tls: matches!(crowd.way, Way::Tls(..)),
        shards: fanout.shards,
    };
    let rival = Rival::start(program, crowd, manner, sample).await?;
    let mut people = Vec::with_capacity(manner.connections);
    for index in 0..manner.connections {
        people.push(Rival::connect(&rival.crowd, index, if index == 0 { AUTHOR } else { RECEIVER }).await?);
    }
    let run = Run::new(fanout.posts, fanout.octets, window, manner.connections);
    let outcome =
        go_round(&run, people, "ma-chan://example.com/raw", (rival.process().as_slice(), &[])).await?;
    let mut line = outcome.line(head, &run);
    line.server = if manner.batched { "raw batched" } else { "raw one-write" }.to_owned();
    Ok(line)
}
