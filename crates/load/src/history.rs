//! M4, paging: clients go through a whole room, a page at a time, newest to oldest, and every post must be there once, in its place.
//! Over HTTP as browsers do, because the wire of SIP knows only the newest 500 posts of a room (bccontext) and no page before them.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::archive::Archive;
use crate::door::{Page, read};
use crate::ledger::{Findings, Ledger, Wrong};
use crate::limits::PAGE_POSTS;
use crate::person::Crowd;
use crate::progress::Progress;
use crate::report::Line;
use crate::server::Server;
use crate::times::Times;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

/// What is measured.
#[derive(Clone, Debug)]
pub struct History {
    /// The room.
    pub archive: Archive,
    /// Clients at the same time: one run for each.
    pub clients: Vec<usize>,
}

/// What one client saw.
struct Seen {
    posts: u64,
    findings: Findings,
    first: Option<String>,
}

impl History {
    /// How many people take part: none of them in two runs, so that each begins with all it may ask.
    #[must_use]
    pub fn people(&self) -> usize {
        self.clients.iter().sum::<usize>() * Visitor::people_for(self.pages())
    }

    fn pages(&self) -> usize {
        (self.archive.posts[0] as usize).div_ceil(PAGE_POSTS)
    }
}

/// The measure over one way: posts come over `crowd`, pages over `doors`. `say` gets each line as soon as it is there.
///
/// # Errors
/// [`Trouble`] where no figure came about.
pub async fn measure(
    history: &History,
    server: &Server,
    crowd: &Crowd,
    doors: &Crowd,
    mut say: impl FnMut(Line),
) -> Result<(), Trouble> {
    let room = history.archive.stock(crowd, doors).await?.swap_remove(0);
    let mut numbers = 0..;
    for &clients in &history.clients {
        let mut visitors = Vec::with_capacity(clients);
        for number in numbers.by_ref().take(clients) {
            visitors.push(Visitor::arrive(doors, number, history.pages()).await?);
        }
        let head = Line { measure: "history", way: crowd.way.name(), seed: crowd.seed, ..Line::default() };
        say(go_through(history, server, visitors, &room, head).await?);
    }
    Ok(())
}

/// One run: all clients at once, each through the whole room.
async fn go_through(
    history: &History,
    server: &Server,
    visitors: Vec<Visitor>,
    room: &str,
    head: Line,
) -> Result<Line, Trouble> {
    let (times, endpoints) = (Arc::<Times>::default(), visitors.len());
    let progress = Progress::of("pages", (history.pages() * endpoints) as u64);
    let (meter, begun) = (server.meter()?, Instant::now());
    let mut paging = JoinSet::new();
    for visitor in visitors {
        paging.spawn(page(visitor, history.archive.clone(), room.to_owned(), times.clone()));
    }
    let all = async {
        let (mut posts, mut findings, mut first) = (0, Findings::default(), None);
        while let Some(seen) = paging.join_next().await {
            let seen = seen.expect("a task neither panics nor is cut off")?;
            posts += seen.posts;
            findings += seen.findings;
            first = first.or(seen.first);
        }
        Ok::<_, Trouble>((posts, findings, first))
    };
    let (posts, findings, first_finding) = progress.during(all, || times.count()).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let spent = meter.spent()?;
    let line = Line {
        server: "causerie".to_owned(),
        endpoints,
        pages: Some(times.count()),
        spread: times.spread(),
        findings,
        first_finding,
        ..head
    };
    Ok(line.done(posts, "posts", seconds).computed(spent))
}

/// Goes through the room once. A server whose pages never end is left after twice as many as there can be.
async fn page(
    mut visitor: Visitor,
    archive: Archive,
    room: String,
    times: Arc<Times>,
) -> Result<Seen, Trouble> {
    let posts = archive.posts[0];
    let (mut ledger, mut came, mut foreign) = (Ledger::default(), 0, 0);
    let mut path = format!("/rooms/{room}/messages?limit={PAGE_POSTS}");
    for _ in 0..2 * (posts as usize).div_ceil(PAGE_POSTS) {
        let (body, took) = visitor.ask(&path).await?;
        times.enter(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        let page: Page<'_> = read(body)?;
        foreign += page.messages.len().saturating_sub(PAGE_POSTS) as u64;
        for message in page.messages.iter().rev() {
            let text = message.text.as_deref().filter(|_| message.room == room);
            match text.and_then(|text| archive.number(0, text)) {
                // The newest post is the first that is to come.
                Some(number) => drop(ledger.enter(posts - 1 - number)),
                None => foreign += 1,
            }
            came += 1;
        }
        let Some(prev) = page.prev else { break };
        path = format!("/rooms/{room}/messages?limit={PAGE_POSTS}&before={prev}");
    }
    let findings = Findings { foreign, ..ledger.findings(posts) };
    let first = (!findings.is_clean()).then(|| match ledger.first() {
        Some(Wrong::Missing(place)) => format!("post {} was not in its place", posts - 1 - place),
        Some(Wrong::Doubled(place)) => format!("post {} came twice", posts - 1 - place),
        None if foreign > 0 => "a post came that nobody posted, or beyond what a page may have".to_owned(),
        None => format!("pages ended with {} posts to come", posts - ledger.next()),
    });
    Ok(Seen { posts: came, findings, first })
}
