//! M5: people connect, sign on and subscribe, 64 at a time; beside it connections to the raw server, which asks for nothing.
//! M3: what they hold of the server's memory then, and once they are in their rooms, idle; and what the server computed for each step.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::time::Instant;

use crate::crowd::{Attending, gather, look_up};
use crate::person::{Crowd, Person};
use crate::process::{Meter, Process};
use crate::raw::RECEIVER;
use crate::report::{Line, three};
use crate::rival::Rival;
use crate::server::Server;
use crate::times::Times;
use crate::trouble::Trouble;

/// What is measured.
#[derive(Clone, Debug)]
pub struct SignOn {
    /// How many endpoints come.
    pub links: usize,
    /// Endpoints of one person.
    pub endpoints: usize,
    /// Rooms of each person, when their memory is measured: their names are those of [`SignOn::rooms`].
    pub rooms_each: usize,
    /// The program of the raw server, which is this program; nothing where it is not compared.
    pub raw: Option<PathBuf>,
}

/// People in one room (the published model: small rooms have 30).
const PER_ROOM: usize = 30;

impl SignOn {
    /// The names of the rooms that people of a measure of memory are in.
    #[must_use]
    pub fn rooms(&self) -> Vec<String> {
        let count = (self.links * self.rooms_each).div_ceil(PER_ROOM).max(self.rooms_each);
        (0..count).map(|number| format!("Load-{number}")).collect()
    }
}

/// The storm of sign-ons.
///
/// # Errors
/// [`Trouble`] of anybody: who is refused is no figure.
pub async fn storm(
    signon: &SignOn,
    server: &Server,
    crowd: &Crowd,
    mut say: impl FnMut(Line),
) -> Result<(), Trouble> {
    let head = head("signon", crowd, signon.links);
    let raw = match &signon.raw {
        Some(program) => Some(connections(signon, program, crowd, &head).await?),
        None => None,
    };
    let (times, meter, begun) = (Arc::<Times>::default(), server.meter()?, Instant::now());
    let coming = sign_on(signon, crowd, &times).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let spent = meter.spent()?;
    coming.end().await?;
    let mut line = Line { server: "causerie".to_owned(), spread: times.spread(), ..head };
    line = line.done(times.count(), "sign-ons", seconds).computed(spent);
    if let Some(raw) = raw {
        let both = line.cpu_s_per_million.zip(raw.cpu_s_per_million.filter(|cpu| *cpu > 0.0));
        line.cpu_ratio = both.map(|(ours, raw)| three(ours / raw));
        say(raw);
    }
    say(line);
    Ok(())
}

/// What idle people hold of the server's memory.
///
/// # Errors
/// [`Trouble`] of anybody.
pub async fn memory(
    signon: &SignOn,
    server: &Server,
    crowd: &Crowd,
    mut say: impl FnMut(Line),
) -> Result<(), Trouble> {
    let head = head("memory", crowd, signon.links);
    if let Some(program) = &signon.raw {
        say(connections(signon, program, crowd, &head).await?);
    }
    let rooms = look_up(crowd, &signon.rooms(), 0).await?;
    let before = server.memory_kib()?;
    let mut meter = server.meter()?;
    let mut line = |unit: &'static str, times: &Times, seconds: f64| {
        let (after, spent) = (server.memory_kib()?, meter.spent()?);
        meter = server.meter()?;
        let each = before.zip(after).map(|(before, after)| three((after - before) / signon.links as f64));
        let line = Line {
            server: "causerie".to_owned(),
            kib_per_endpoint: each,
            spread: times.spread(),
            ..head.clone()
        };
        Ok::<_, Trouble>(line.done(times.count(), unit, seconds).computed(spent))
    };
    let (times, begun) = (Arc::<Times>::default(), Instant::now());
    let signed_on = sign_on(signon, crowd, &times).await?;
    say(line("signed on", &times, begun.elapsed().as_secs_f64())?);
    let people = signed_on.end().await?;
    let (times, begun) = (Arc::<Times>::default(), Instant::now());
    let each = signon.rooms_each;
    let joining = people.into_iter().enumerate().map(|(index, mut person)| {
        let own: Vec<String> =
            (0..each).map(|step| rooms[(index * each + step) % rooms.len()].clone()).collect();
        async move {
            person.enter().await?;
            person.join(&own).await?;
            Ok(person)
        }
    });
    let in_rooms = gather("people join", joining, &times).await?;
    say(line("in their rooms", &times, begun.elapsed().as_secs_f64())?);
    in_rooms.end().await.map(drop)
}

async fn sign_on(signon: &SignOn, crowd: &Crowd, times: &Arc<Times>) -> Result<Attending, Trouble> {
    let one = |index: usize| {
        let (crowd, address) = (crowd.clone(), crate::server::address(index / signon.endpoints.max(1)));
        async move {
            let mut person = Person::sign_on(&crowd, index, &address).await?;
            person.subscribe().await?;
            Ok(person)
        }
    };
    gather("people sign on", (0..signon.links).map(one), times).await
}

/// As many connections to the raw server.
async fn connections(
    signon: &SignOn,
    program: &std::path::Path,
    crowd: &Crowd,
    head: &Line,
) -> Result<Line, Trouble> {
    let rival = Rival::idle(program, crowd, signon.links).await?;
    let process = rival.process();
    let held = || process.map(Process::memory_kib).transpose();
    let (before, meter) = (held()?, Meter::of(process.as_slice(), &[])?);
    let (times, begun) = (Arc::<Times>::default(), Instant::now());
    let one = |index: usize| {
        let crowd = rival.crowd.clone();
        async move { Rival::connect(&crowd, index, RECEIVER).await }
    };
    let there = gather("connections to the raw server", (0..signon.links).map(one), &times).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let each = before.zip(held()?).map(|(before, after)| three((after - before) / signon.links as f64));
    let spent = meter.spent()?;
    drop(there);
    let line =
        Line { server: "raw".to_owned(), kib_per_endpoint: each, spread: times.spread(), ..head.clone() };
    Ok(line.done(times.count(), "connections", seconds).computed(spent))
}

fn head(measure: &'static str, crowd: &Crowd, links: usize) -> Line {
    Line { measure, way: crowd.way.name(), seed: crowd.seed, endpoints: links, ..Line::default() }
}
