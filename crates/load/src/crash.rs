//! M6: somebody posts as fast as 32 unacknowledged posts allow, the server is killed in the middle, started again, and everything
//! that was acknowledged must be in the room: once, in order. Kills are drawn from the seed, at a count of posts, not at a time.

use std::sync::Arc;

use tokio::time::Instant;

use crate::chance::Chance;
use crate::ledger::{Findings, Ledger};
use crate::limits::WINDOW_MAX;
use crate::link::Way;
use crate::listen::text;
use crate::person::{Crowd, Person};
use crate::receipt::take;
use crate::report::Line;
use crate::server::{Browsers, Program, Server, address};
use crate::times::Times;
use crate::trouble::Trouble;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Crash {
    /// How often the server is killed.
    pub rounds: u32,
    /// Octets of a post.
    pub octets: usize,
    /// Whether people come over TLS.
    pub tls: bool,
    /// The name of the room.
    pub room: String,
}

/// Acknowledged posts before a kill: at least, and at most. With those on their way they fit into one page of history, which has
/// 500 posts, so that each round is looked at whole.
const KILL_AFTER: (u32, u32) = (20, 450);
/// Posts of one page of history.
const PAGE: usize = 500;

/// Kills the server of this program again and again.
///
/// # Errors
/// [`Trouble`] when the server does not start again, or refuses what it should not.
pub async fn measure(
    crash: &Crash,
    program: &Program,
    crowd: &Crowd,
    say: impl FnOnce(Line),
) -> Result<(), Trouble> {
    let mut chance = Chance::new(crowd.seed);
    let (times, begun) = (Times::default(), Instant::now());
    let (mut findings, mut first_finding, mut acknowledged, mut next) = (Findings::default(), None, 0, 0);
    for round in 0..crash.rounds {
        let kill_after = chance.between(KILL_AFTER.0, KILL_AFTER.1);
        let server = program.serve(Browsers::StayAway).await?;
        let (person, room) = come(crash, &server, crowd).await?;
        let sent = post_until_killed(crash, person, &room, server, next, kill_after).await?;
        acknowledged += u64::from(sent.answered);
        let (again, mut server) = (Instant::now(), program.serve(Browsers::StayAway).await?);
        let (mut person, room) = come(crash, &server, crowd).await?;
        let numbers = person.history(&room, PAGE).await?;
        times.enter(u64::try_from(again.elapsed().as_micros()).unwrap_or(u64::MAX));
        server.kill().await;
        let found = check(&numbers, next, sent.answered);
        if !found.is_clean() && first_finding.is_none() {
            let all = sent.answered;
            first_finding =
                Some(format!("kill {round} after {all} acknowledged posts, from number {next} on"));
        }
        findings += found;
        next += sent.posted;
    }
    let line = Line {
        measure: "crash",
        server: "causerie".to_owned(),
        way: if crash.tls { "tls" } else { "tcp" },
        seed: crowd.seed,
        endpoints: 1,
        window: Some(WINDOW_MAX),
        spread: times.spread(),
        findings,
        first_finding,
        ..Line::default()
    };
    say(line.done(acknowledged, "acknowledged posts", begun.elapsed().as_secs_f64()));
    Ok(())
}

/// What is wrong with the numbers of a room, of which so many from `first` on were acknowledged. Others that were on their way
/// may have been kept, as long as none before them is missing.
#[must_use]
pub fn check(numbers: &[u32], first: u32, acknowledged: u32) -> Findings {
    let mut ledger = Ledger::default();
    for number in numbers.iter().filter_map(|number| number.checked_sub(first)) {
        ledger.enter(number);
    }
    ledger.findings(acknowledged)
}

struct Sent {
    posted: u32,
    answered: u32,
}

async fn come(crash: &Crash, server: &Server, crowd: &Crowd) -> Result<(Person, String), Trouble> {
    let way = match (&server.tls, &server.tcp) {
        (Some((doors, trust)), _) if crash.tls => Way::Tls(doors.clone(), Arc::clone(trust)),
        (_, Some(doors)) => Way::Tcp(doors.clone()),
        (_, None) => return Err(Trouble::Words("the server listens on no such way".to_owned())),
    };
    let mut person = Person::sign_on(&Crowd { way, ..crowd.clone() }, 0, &address(0)).await?;
    person.enter().await?;
    let room = person.room(&crash.room).await?;
    person.join(std::slice::from_ref(&room)).await?;
    Ok((person, room))
}

/// Posts until so many were acknowledged, kills the server, and reads what it still had answered.
async fn post_until_killed(
    crash: &Crash,
    mut person: Person,
    room: &str,
    mut server: Server,
    first: u32,
    kill_after: u32,
) -> Result<Sent, Trouble> {
    let (mut sent, mut killed) = (Sent { posted: 0, answered: 0 }, false);
    loop {
        while !killed && sent.posted - sent.answered < WINDOW_MAX as u32 {
            person.post(room, &text(first + sent.posted, crash.octets));
            sent.posted += 1;
        }
        if !killed {
            person.send("it posted").await?;
        }
        if !matches!(person.link.read().await, Ok(1..)) {
            return if killed { Ok(sent) } else { Err(person.closed("it posted")) };
        }
        let mut refusal = None;
        let taken = take(&mut person.link, person.signing.as_mut(), |heard, _| match heard.code() {
            Some(200) => sent.answered += 1,
            Some(code) if code > 200 => refusal = Some(heard.start.to_owned()),
            _ => (),
        });
        taken.map_err(|begin| person.not_sip(begin))?;
        if let Some(refusal) = refusal {
            return Err(person.refused("a post", &refusal));
        }
        if sent.answered >= kill_after && !killed {
            server.kill().await;
            killed = true;
        }
    }
}
