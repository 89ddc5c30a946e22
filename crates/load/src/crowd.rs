//! Many people at once: they arrive, so many at a time, and are ready for a run.
//! What they do then is `listen.rs`.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::limits::ARRIVING_MAX;
use crate::person::{Crowd, Person};
use crate::progress::Progress;
use crate::server::address;
use crate::trouble::Trouble;

/// What somebody does to arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// Signs on, no more.
    SignOn,
    /// Signs on and subscribes to what clients subscribe to.
    Subscribe,
    /// Signs on and opens the chat dialog.
    Enter,
    /// All of it.
    Whole,
}

/// Lets people arrive, each with so many endpoints, and join these rooms; the order of their numbers is kept.
///
/// # Errors
/// The first [`Trouble`] anybody has.
pub async fn arrive(
    crowd: &Crowd,
    links: usize,
    endpoints: usize,
    arrival: Arrival,
    rooms: &[String],
) -> Result<Vec<Person>, Trouble> {
    let progress = Progress::of("people arrive", links as u64);
    let (turns, rooms): (_, Arc<[String]>) = (Arc::new(Semaphore::new(ARRIVING_MAX)), rooms.into());
    let mut arriving = JoinSet::new();
    for index in 0..links {
        let (crowd, turns, rooms) = (crowd.clone(), turns.clone(), rooms.clone());
        let address = address(index / endpoints.max(1));
        arriving.spawn(async move {
            let _turn = turns.acquire().await;
            one(&crowd, index, &address, arrival, &rooms).await.map(|person| (index, person))
        });
    }
    let mut people = Vec::with_capacity(links);
    while let Some(arrived) = arriving.join_next().await {
        people.push(arrived.expect("a task neither panics nor is cut off")?);
        progress.step();
    }
    people.sort_by_key(|(index, _)| *index);
    Ok(people.into_iter().map(|(_, person)| person).collect())
}

async fn one(
    crowd: &Crowd,
    index: usize,
    address: &str,
    arrival: Arrival,
    rooms: &[String],
) -> Result<Person, Trouble> {
    let mut person = Person::sign_on(crowd, index, address).await?;
    if matches!(arrival, Arrival::Subscribe | Arrival::Whole) {
        person.subscribe().await?;
    }
    if matches!(arrival, Arrival::Enter | Arrival::Whole) {
        person.enter().await?;
    }
    if !rooms.is_empty() {
        person.join(rooms).await?;
    }
    person.rest();
    Ok(person)
}
