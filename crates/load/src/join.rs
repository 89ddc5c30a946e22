//! M4, the storm of joins: everybody joins all of his rooms at once and asks for the last 25 posts of each, all of which must be
//! there, in order.
//! Who is signed on already is not counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use crate::crowd::{arrive, gather, look_up};
use crate::ledger::{Findings, Ledger};
use crate::listen::{Run, post};
use crate::person::{Crowd, Person};
use crate::report::Line;
use crate::server::{Server, address};
use crate::times::Times;
use crate::trouble::Trouble;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Join {
    /// How many endpoints join.
    pub links: usize,
    /// Endpoints of one person.
    pub endpoints: usize,
    /// Rooms of each.
    pub rooms_each: usize,
    /// Octets of a post.
    pub octets: usize,
}

/// Posts that everybody asks for after a join.
const LAST: u32 = 25;
/// People in one room (the published model: small rooms have 30).
const PER_ROOM: usize = 30;
/// Posts without acknowledgement while rooms are filled.
const WINDOW: usize = 16;
/// The number of the link that fills the rooms: none of the people's.
const FILLER: usize = 0xffff_0000;

impl Join {
    /// The names of the rooms.
    #[must_use]
    pub fn rooms(&self) -> Vec<String> {
        let count = (self.links * self.rooms_each).div_ceil(PER_ROOM).max(self.rooms_each);
        (0..count).map(|number| format!("Load-{number}")).collect()
    }
}

/// The storm.
///
/// # Errors
/// [`Trouble`] of anybody: who is refused is no figure.
pub async fn storm(
    join: &Join,
    server: &Server,
    crowd: &Crowd,
    say: impl FnOnce(Line),
) -> Result<(), Trouble> {
    let rooms = look_up(crowd, &join.rooms(), 0).await?;
    fill(join, crowd, &rooms).await?;
    let people = arrive(crowd, join.links, join.endpoints, &Arc::default()).await?.end().await?;
    let entering = people.into_iter().map(|mut person| async move {
        person.enter().await?;
        Ok(person)
    });
    let people = gather("people enter", entering, &Arc::default()).await?.end().await?;
    let (times, missing, reordered) = (Arc::<Times>::default(), Count::default(), Count::default());
    let each = join.rooms_each;
    let joining = people.into_iter().enumerate().map(|(index, person)| {
        let own = (0..each).map(|step| rooms[(index * each + step) % rooms.len()].clone()).collect();
        one(person, own, missing.clone(), reordered.clone())
    });
    let (meter, begun) = (server.meter()?, Instant::now());
    let joined = gather("people join", joining, &times).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let spent = meter.spent()?;
    joined.end().await?;
    let read = |count: &Count| count.load(Ordering::Relaxed);
    let findings = Findings { missing: read(&missing), doubled: 0, reordered: read(&reordered), foreign: 0 };
    let line = Line {
        measure: "join",
        server: "causerie".to_owned(),
        way: crowd.way.name(),
        seed: crowd.seed,
        endpoints: join.links,
        spread: times.spread(),
        findings,
        first_finding: (!findings.is_clean())
            .then(|| "the last posts of a room are not all there".to_owned()),
        ..Line::default()
    };
    say(line.done(times.count() * each as u64, "joins", seconds).computed(spent));
    Ok(())
}

type Count = Arc<AtomicU64>;

async fn one(
    mut person: Person,
    rooms: Vec<String>,
    missing: Count,
    reordered: Count,
) -> Result<Person, Trouble> {
    person.join(&rooms).await?;
    for room in &rooms {
        let numbers = person.history(room, LAST as usize).await?;
        let mut ledger = Ledger::default();
        for number in numbers {
            ledger.enter(number);
        }
        let Findings { missing: lost, doubled, reordered: late, .. } = ledger.findings(LAST);
        missing.fetch_add(lost, Ordering::Relaxed);
        reordered.fetch_add(late + doubled, Ordering::Relaxed);
    }
    Ok(person)
}

/// Posts what will be asked for.
async fn fill(join: &Join, crowd: &Crowd, rooms: &[String]) -> Result<(), Trouble> {
    let mut person = Person::sign_on(crowd, FILLER, &address(0)).await?;
    person.enter().await?;
    for room in rooms {
        person.join(std::slice::from_ref(room)).await?;
        let run = Run::new(LAST, join.octets, WINDOW, 1);
        person = post(person, run, room.clone()).await?.person;
    }
    Ok(())
}
