//! M4, search: for one word and for two, in one large room and in all rooms, and every answer must be what the generator has posted.
//! Over HTTP as browsers do, because the wire of SIP has no search for texts.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::archive::{Archive, word};
use crate::chance::Chance;
use crate::concordance::{Concordance, Expected};
use crate::door::{Hits, read};
use crate::ledger::{Findings, Ledger, Wrong};
use crate::limits::SEARCH_HITS;
use crate::person::Crowd;
use crate::progress::Progress;
use crate::report::Line;
use crate::server::Server;
use crate::times::Times;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Search {
    /// The rooms; the first is the large one.
    pub archive: Archive,
    /// Clients at the same time: one run of each kind for each.
    pub clients: Vec<usize>,
    /// Searches of each kind that a client carries out.
    pub searches: usize,
}

/// A kind of search.
#[derive(Clone, Copy, Debug)]
struct Kind {
    words: usize,
    everywhere: bool,
    unit: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind { words: 1, everywhere: false, unit: "searches for one word in one room" },
    Kind { words: 2, everywhere: false, unit: "searches for two words in one room" },
    Kind { words: 1, everywhere: true, unit: "searches for one word in all rooms" },
    Kind { words: 2, everywhere: true, unit: "searches for two words in all rooms" },
];

/// What all clients know.
struct Known {
    archive: Archive,
    concordance: Concordance,
    /// The GUIDs of the rooms.
    rooms: Vec<String>,
    times: Times,
}

/// What one client was told.
#[derive(Default)]
struct Told {
    findings: Findings,
    first: Option<String>,
}

impl Search {
    /// How many people take part: none of them in two runs, so that each begins with all it may ask.
    #[must_use]
    pub fn people(&self) -> usize {
        self.clients.iter().sum::<usize>() * KINDS.len() * Visitor::people_for(self.searches)
    }
}

/// The measure over one way: posts come over `crowd`, searches over `doors`. `say` gets each line as soon as it is there.
///
/// # Errors
/// [`Trouble`] where no figure came about.
pub async fn measure(
    search: &Search,
    server: &Server,
    crowd: &Crowd,
    doors: &Crowd,
    mut say: impl FnMut(Line),
) -> Result<(), Trouble> {
    let rooms = search.archive.stock(crowd, doors).await?;
    let concordance = Concordance::of(&search.archive);
    let mut numbers = 0..;
    let archive = search.archive.clone();
    let mut known = Arc::new(Known { archive, concordance, rooms, times: Times::default() });
    for (&clients, kind) in search.clients.iter().flat_map(|clients| KINDS.map(|kind| (clients, kind))) {
        let mut visitors = Vec::with_capacity(clients);
        for number in numbers.by_ref().take(clients) {
            visitors.push(Visitor::arrive(doors, number, search.searches).await?);
        }
        Arc::get_mut(&mut known).expect("all clients of the last run have ended").times = Times::default();
        let head = Line { measure: "search", way: crowd.way.name(), seed: crowd.seed, ..Line::default() };
        say(go_round(search, kind, server, &known, visitors, head).await?);
    }
    Ok(())
}

/// One run: all clients at once, each with its own searches of one kind.
async fn go_round(
    search: &Search,
    kind: Kind,
    server: &Server,
    known: &Arc<Known>,
    visitors: Vec<Visitor>,
    head: Line,
) -> Result<Line, Trouble> {
    let endpoints = visitors.len();
    let progress = Progress::of(kind.unit, (endpoints * search.searches) as u64);
    let (meter, begun) = (server.meter()?, Instant::now());
    let mut searching = JoinSet::new();
    for (index, visitor) in (0..).zip(visitors) {
        let chance = Chance::new(head.seed.wrapping_add(index));
        searching.spawn(ask(visitor, kind, search.searches, known.clone(), chance));
    }
    let all = async {
        let mut all = Told::default();
        while let Some(told) = searching.join_next().await {
            let told = told.expect("a task neither panics nor is cut off")?;
            all.findings += told.findings;
            all.first = all.first.or(told.first);
        }
        Ok::<_, Trouble>(all)
    };
    let told = progress.during(all, || known.times.count()).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let spent = meter.spent()?;
    let line = Line {
        server: "causerie".to_owned(),
        endpoints,
        spread: known.times.spread(),
        findings: told.findings,
        first_finding: told.first,
        ..head
    };
    Ok(line.done(known.times.count(), kind.unit, seconds).computed(spent))
}

/// The searches of one client, one after the other. It looks for what some post says, so that there is always something to find.
async fn ask(
    mut visitor: Visitor,
    kind: Kind,
    searches: usize,
    known: Arc<Known>,
    mut chance: Chance,
) -> Result<Told, Trouble> {
    let among = if kind.everywhere { known.concordance.everywhere() } else { known.concordance.room(0) };
    let within = if kind.everywhere { String::new() } else { format!("&room={}", known.rooms[0]) };
    let mut all = Told::default();
    for _ in 0..searches {
        let ranks = said(&known, chance.between(among.start, among.end - 1), kind.words, &mut chance);
        let words: Vec<String> = ranks.iter().map(|rank| word(*rank)).collect();
        let path = format!("/search?q={}&limit={SEARCH_HITS}{within}", words.join("%20"));
        let (body, took) = visitor.ask(&path).await?;
        known.times.enter(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        let expected = known.concordance.expected(&ranks, &among, SEARCH_HITS);
        let (findings, wrong) = check(&known, &read(body)?, &expected);
        all.findings += findings;
        all.first = all.first.or(wrong.map(|wrong| format!("{} '{}': {wrong}", kind.unit, words.join(" "))));
    }
    Ok(all)
}

/// Some of the words of a post, none of them twice.
fn said(known: &Known, post: u32, wanted: usize, chance: &mut Chance) -> Vec<u32> {
    let (room, number) = known.concordance.place(post);
    let mut ranks = known.archive.ranks(room, number);
    ranks.sort_unstable();
    ranks.dedup();
    while ranks.len() > wanted {
        ranks.swap_remove(chance.below(ranks.len()));
    }
    ranks
}

/// What is wrong with an answer.
fn check(known: &Known, hits: &Hits<'_>, expected: &Expected) -> (Findings, Option<String>) {
    let (mut ledger, mut foreign) = (Ledger::default(), 0);
    for message in &hits.messages {
        let room = known.rooms.iter().position(|room| *room == message.room);
        let text = message.text.as_deref();
        let post = room.zip(text).and_then(|(room, text)| {
            known.archive.number(room, text).map(|number| known.concordance.room(room).start + number)
        });
        // They lie newest first.
        let place = post.and_then(|post| expected.posts.binary_search_by(|other| post.cmp(other)).ok());
        match place.and_then(|place| u32::try_from(place).ok()) {
            Some(place) => drop(ledger.enter(place)),
            None => foreign += 1,
        }
    }
    let mut findings =
        Findings { foreign, ..ledger.findings(u32::try_from(expected.posts.len()).unwrap_or(u32::MAX)) };
    let silent = expected.more && !hits.exceeded;
    findings.missing += u64::from(silent);
    let hit = |place: u32| {
        let (room, number) = known.concordance.place(expected.posts[place as usize]);
        format!("post {number} of Load-{room}")
    };
    let first = (!findings.is_clean()).then(|| match ledger.first() {
        Some(Wrong::Missing(place)) => format!("{} was not in its place", hit(place)),
        Some(Wrong::Doubled(place)) => format!("{} was found twice", hit(place)),
        None if foreign > 0 => "a post was found that should not have been".to_owned(),
        None if silent => "it was not said that there are more".to_owned(),
        None => format!("{} was not found", hit(ledger.next())),
    });
    (findings, first)
}
