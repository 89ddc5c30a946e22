//! Many people at once: they arrive, so many at a time, and attend from then on: what they are shown is answered.
//! What they do in a run is `listen.rs`.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::limits::ARRIVING_MAX;
use crate::person::{Crowd, Person};
use crate::progress::Progress;
use crate::receipt::take;
use crate::server::address;
use crate::times::Times;
use crate::trouble::Trouble;

/// People who attend.
#[derive(Debug)]
pub struct Attending {
    stop: watch::Sender<bool>,
    people: JoinSet<Result<(usize, Person), Trouble>>,
}

/// Lets so many endpoints sign on, each person with so many of them.
///
/// # Errors
/// The first [`Trouble`] anybody has.
pub async fn arrive(
    crowd: &Crowd,
    links: usize,
    endpoints: usize,
    times: &Arc<Times>,
) -> Result<Attending, Trouble> {
    let one = |index: usize| {
        let (crowd, address) = (crowd.clone(), address(index / endpoints.max(1)));
        async move { Person::sign_on(&crowd, index, &address).await }
    };
    gather("people arrive", (0..links).map(one), times).await
}

/// Does something for each of many, so many at a time; whoever is done attends. `times` counts how long each took.
///
/// # Errors
/// The first [`Trouble`] anybody has.
pub async fn gather<F>(
    what: &str,
    deeds: impl ExactSizeIterator<Item = F>,
    times: &Arc<Times>,
) -> Result<Attending, Trouble>
where
    F: Future<Output = Result<Person, Trouble>> + Send + 'static,
{
    let progress = Progress::of(what, deeds.len() as u64);
    let turns = Arc::new(Semaphore::new(ARRIVING_MAX));
    let (stop, stopped) = watch::channel(false);
    let mut attending = Attending { stop, people: JoinSet::new() };
    let mut arriving = JoinSet::new();
    for (index, deed) in deeds.enumerate() {
        let (turns, times) = (turns.clone(), times.clone());
        arriving.spawn(async move {
            let _turn = turns.acquire().await;
            let begun = Instant::now();
            let person = deed.await?;
            times.enter(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
            Ok((index, person))
        });
    }
    while let Some(arrived) = arriving.join_next().await {
        let (index, person) = arrived.expect("a task neither panics nor is cut off")?;
        attending.people.spawn(attend(index, person, stopped.clone()));
        progress.step();
    }
    Ok(attending)
}

impl Attending {
    /// Ends their attending; they come back in the order of their numbers, with their links.
    ///
    /// # Errors
    /// The [`Trouble`] of the first whose link ended meanwhile.
    pub async fn end(mut self) -> Result<Vec<Person>, Trouble> {
        self.stop.send_replace(true);
        let mut people = Vec::with_capacity(self.people.len());
        while let Some(done) = self.people.join_next().await {
            people.push(done.expect("a task neither panics nor is cut off")?);
        }
        people.sort_by_key(|(index, _)| *index);
        Ok(people.into_iter().map(|(_, person)| person).collect())
    }
}

/// Looks rooms up by name, as the first of the people, over a link of its own; each share of a run has another.
///
/// # Errors
/// [`Trouble::Refused`] when there is none of a name.
pub async fn look_up(crowd: &Crowd, names: &[String], share: usize) -> Result<Vec<String>, Trouble> {
    let mut scout = Person::sign_on(crowd, SCOUT - share, &address(0)).await?;
    scout.enter().await?;
    let mut rooms = Vec::with_capacity(names.len());
    for name in names {
        rooms.push(scout.room(name).await?);
    }
    Ok(rooms)
}

/// The number of a link that is none of the people's.
const SCOUT: usize = 0xffff_ffff;

async fn attend(
    index: usize,
    mut person: Person,
    mut stopped: watch::Receiver<bool>,
) -> Result<(usize, Person), Trouble> {
    loop {
        let taken = take(&mut person.link, person.signing.as_mut(), |_, _| ());
        taken.map_err(|begin| person.not_sip(begin))?;
        person.send("it attended").await?;
        person.rest();
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => return Ok((index, person)),
            read = person.link.read() => match read {
                Ok(1..) => (),
                Ok(0) | Err(_) => return Err(person.closed("it attended")),
            },
        }
    }
}
