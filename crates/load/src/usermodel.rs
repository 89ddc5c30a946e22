//! M2: people use rooms as the published model says, at its own pace whatever the server does; a post counts from the moment it
//! was to be made. Every endpoint must get every post of its rooms once, in the order of the room, which is the same for all.
//! What happens is `model.rs`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::crowd::{gather, look_up};
use crate::ledger::{Findings, Ledger, Wrong};
use crate::listen::{Run, text};
use crate::model::{Plan, Scale};
use crate::person::{Crowd, Person};
use crate::process::Spent;
use crate::progress::Progress;
use crate::receipt::take;
use crate::report::Line;
use crate::server::{Server, address};
use crate::times::{Counts, Times};
use crate::trouble::Trouble;
use crate::wire::between;

/// The names of the rooms of a plan.
#[must_use]
pub fn rooms(plan: &Plan) -> Vec<String> {
    (0..plan.rooms).map(|number| format!("Load-{number}")).collect()
}

/// The part of the endpoints that one process carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    /// Which part, from 0.
    pub index: usize,
    /// How many parts there are.
    pub count: usize,
}

/// Endpoints of a share, in their rooms and ready to begin.
#[derive(Debug)]
pub struct Ready {
    people: Vec<(usize, Person)>,
    addresses: Vec<String>,
}

/// What a share of a run brought.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Brought {
    /// From the planned moment to receipt.
    pub times: Counts,
    /// When the last receipt was, in microseconds of the run.
    pub last: u64,
    /// For each post, from the planned moment to its last receipt, in microseconds; 0 where nobody got it.
    pub lasts: Vec<u64>,
    /// What was wrong.
    pub findings: Findings,
    /// The first of it, in words.
    pub first: Option<String>,
}

/// The measure, all of it in this process.
///
/// # Errors
/// [`Trouble`] where no figure came about.
pub async fn measure(
    scale: &Scale,
    server: &Server,
    crowd: &Crowd,
    say: impl FnOnce(Line),
) -> Result<(), Trouble> {
    let plan = Arc::new(Plan::of(scale));
    let ready = come(&plan, Share { index: 0, count: 1 }, crowd).await?;
    let meter = server.meter()?;
    let (brought, _people) = go(ready, plan.clone(), scale, crowd, Instant::now()).await?;
    say(brought.line(&plan, crowd, meter.spent()?));
    Ok(())
}

/// Everybody of a share signs on, subscribes, and joins all rooms at once.
///
/// # Errors
/// [`Trouble`] of anybody.
pub async fn come(plan: &Arc<Plan>, share: Share, crowd: &Crowd) -> Result<Ready, Trouble> {
    let addresses = look_up(crowd, &rooms(plan), share.index).await?;
    let links: Vec<usize> = (share.index..plan.links).step_by(share.count).collect();
    let one = |link: &usize| {
        let (crowd, link, who) = (crowd.clone(), *link, plan.person_of(*link));
        let own: Vec<String> = plan.rooms_of[who].iter().map(|room| addresses[*room].clone()).collect();
        async move {
            let mut person = Person::sign_on(&crowd, link, &address(who)).await?;
            person.subscribe().await?;
            person.enter().await?;
            person.join(&own).await?;
            Ok(person)
        }
    };
    let people = gather("people come into their rooms", links.iter().map(one), &Arc::default()).await?;
    Ok(Ready { people: links.iter().copied().zip(people.end().await?).collect(), addresses })
}

/// Carries the plan out, as far as it is this share's. Everybody stays until all are done, and comes back still signed on: who
/// left would give the server other work than the plan's.
///
/// # Errors
/// [`Trouble`] of anybody.
pub async fn go(
    ready: Ready,
    plan: Arc<Plan>,
    scale: &Scale,
    crowd: &Crowd,
    begun: Instant,
) -> Result<(Brought, Vec<Person>), Trouble> {
    let course = Arc::new(Course {
        begun,
        numbers: plan.posts.iter().map(|_| AtomicU32::new(0)).collect(),
        lasts: plan.posts.iter().map(|_| AtomicU64::new(0)).collect(),
        times: Times::default(),
        last: AtomicU64::new(0),
        going: AtomicUsize::new(ready.people.len()),
        all_done: watch::Sender::new(false),
        patience: crowd.patience,
        seconds: scale.seconds,
        octets: scale.octets,
        addresses: ready.addresses,
        per_room: plan.posts_of_rooms(),
        plan,
    });
    let expected = ready.people.iter().map(|(link, _)| u64::from(course.expected(*link))).sum();
    let mut living = JoinSet::new();
    for (link, person) in ready.people {
        living.spawn(live(link, person, course.clone()));
    }
    let (mut brought, mut people) = (Brought::default(), Vec::with_capacity(living.len()));
    let all = async {
        while let Some(done) = living.join_next().await {
            let (found, wrong, person) = done.expect("a task neither panics nor is cut off")?;
            brought.findings += found;
            brought.first = brought.first.take().or(wrong);
            people.push(person);
        }
        Ok(())
    };
    Progress::of("people use their rooms", expected).during(all, || course.times.count()).await?;
    brought.last = course.last.load(Ordering::Relaxed);
    brought.times = course.times.counts();
    brought.lasts = course.lasts.iter().map(|last| last.load(Ordering::Relaxed)).collect();
    Ok((brought, people))
}

impl Brought {
    /// With what another share brought.
    pub fn add(&mut self, other: Self) {
        let times = Times::default();
        times.add(&self.times);
        times.add(&other.times);
        self.times = times.counts();
        self.last = self.last.max(other.last);
        self.lasts.resize(self.lasts.len().max(other.lasts.len()), 0);
        for (last, others) in self.lasts.iter_mut().zip(other.lasts) {
            *last = (*last).max(others);
        }
        self.findings += other.findings;
        self.first = self.first.take().or(other.first);
    }

    /// What is said of it, and of what was computed for it.
    #[must_use]
    pub fn line(&self, plan: &Plan, crowd: &Crowd, spent: Spent) -> Line {
        let times = Times::default();
        times.add(&self.times);
        let whole = Times::default();
        self.lasts.iter().filter(|last| **last > 0).for_each(|last| whole.enter(*last));
        let line = Line {
            measure: "usermodel",
            server: "causerie".to_owned(),
            way: crowd.way.name(),
            seed: crowd.seed,
            endpoints: plan.links,
            spread: times.spread(),
            whole: Some(whole.spread()),
            findings: self.findings,
            first_finding: self.first.clone(),
            ..Line::default()
        };
        line.done(times.count(), "deliveries", self.last as f64 / 1e6).computed(spent)
    }
}

/// What all endpoints share.
struct Course {
    begun: Instant,
    plan: Arc<Plan>,
    /// The number in its room that each post was first seen under.
    numbers: Box<[AtomicU32]>,
    /// How long after its planned moment each post was seen last, in microseconds.
    lasts: Box<[AtomicU64]>,
    times: Times,
    /// When the last receipt was, in microseconds.
    last: AtomicU64,
    /// Endpoints that have something to do, or to get.
    going: AtomicUsize,
    /// Whether there are none.
    all_done: watch::Sender<bool>,
    patience: Duration,
    seconds: u32,
    octets: usize,
    addresses: Vec<String>,
    per_room: Vec<u32>,
}

impl Course {
    /// How many posts an endpoint must get.
    fn expected(&self, link: usize) -> u32 {
        self.plan.rooms_of[self.plan.person_of(link)].iter().map(|room| self.per_room[*room]).sum()
    }

    /// One endpoint is done.
    fn done(&self) {
        if self.going.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.all_done.send_replace(true);
        }
    }

    fn carry_out(&self, deed: Deed, person: &mut Person) {
        match deed {
            Deed::Post(number) => {
                let room = self.plan.posts[number].room;
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                person.post(&self.addresses[room], &text(number, self.octets));
            }
            Deed::Change => person.change_presence(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// What an endpoint will do.
#[derive(Clone, Copy)]
enum Deed {
    Post(usize),
    Change,
}

/// One endpoint: does what is planned when it is due, keeps account of each room, and stays until all are done.
async fn live(
    link: usize,
    mut person: Person,
    course: Arc<Course>,
) -> Result<(Findings, Option<String>, Person), Trouble> {
    let mut deeds = deeds_of(link, &course.plan).into_iter().peekable();
    let expected = course.expected(link);
    let mut account = Account::default();
    // What the server sent twice comes before its answer to the last question.
    let (mut has_asked, mut is_done) = (false, false);
    let mut all_done = course.all_done.subscribe();
    let end = course.begun + Duration::from_secs(course.seconds.into()) + course.patience;
    loop {
        account.look(&mut person, &course)?;
        while let Some((_, deed)) = deeds.next_if(|(at, _)| *at <= course.now()) {
            account.unanswered += 1;
            course.carry_out(deed, &mut person);
        }
        if !is_done && deeds.peek().is_none() && account.unanswered == 0 && account.got >= expected {
            if has_asked {
                is_done = true;
                course.done();
            } else {
                has_asked = true;
                account.unanswered += 1;
                person.update();
            }
        }
        person.send("it used its rooms").await?;
        let due = deeds.peek().map_or(end, |(at, _)| course.begun + Duration::from_micros(*at));
        let read = tokio::select! {
            biased;
            read = person.link.read() => Some(read),
            _ = all_done.wait_for(|all| *all), if is_done => break,
            () = sleep_until(due) => None,
        };
        match read {
            Some(Ok(1..)) => (),
            Some(Ok(0) | Err(_)) => return Err(person.closed("it used its rooms")),
            None if due == end => break,
            None => (),
        }
    }
    if !is_done {
        course.done();
    }
    let (found, wrong) = account.closed(&person, link, &course);
    Ok((found, wrong, person))
}

fn deeds_of(link: usize, plan: &Plan) -> Vec<(u64, Deed)> {
    let posts = plan.posts.iter().enumerate().filter(|(_, post)| post.author == link);
    let mut deeds: Vec<(u64, Deed)> = posts.map(|(number, post)| (post.at, Deed::Post(number))).collect();
    deeds.extend(plan.changes.iter().filter(|(_, of)| *of == link).map(|(at, _)| (*at, Deed::Change)));
    deeds.sort_by_key(|(at, _)| *at);
    deeds
}

/// What one endpoint got.
#[derive(Default)]
struct Account {
    /// By room: the number of the first post that came, and the ledger from there on.
    rooms: HashMap<usize, (u32, Ledger)>,
    /// Posts that came, repeated ones left out.
    got: u32,
    unanswered: u32,
    /// Posts that others saw under another number.
    elsewhere: u64,
}

impl Account {
    fn look(&mut self, person: &mut Person, course: &Course) -> Result<(), Trouble> {
        let now = course.now();
        let mut refusal = None;
        let taken = take(&mut person.link, person.signing.as_mut(), |heard, _| match heard.code() {
            Some(200) => self.unanswered = self.unanswered.saturating_sub(1),
            Some(100..200) => (),
            Some(_) => refusal = Some(heard.start.to_owned()),
            None => self.shown(heard.body, course, now),
        });
        taken.map_err(|begin| person.not_sip(begin))?;
        refusal.map_or(Ok(()), |refusal| Err(person.refused("a post or a change of presence", &refusal)))
    }

    fn shown(&mut self, body: &[u8], course: &Course, now: u64) {
        let post = Run::number(body).map(|number| number as usize);
        let number =
            between(body, b"chatId=\"", b"\"").and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
        let (Some(post), Some(number)) = (post, number) else { return };
        let (Some(planned), Some(first_seen)) = (course.plan.posts.get(post), course.numbers.get(post))
        else {
            return;
        };
        let seen = first_seen.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed);
        self.elsewhere += u64::from(seen.is_err_and(|other| other != number));
        let (base, ledger) = self.rooms.entry(planned.room).or_insert_with(|| (number, Ledger::default()));
        let fresh = match number.checked_sub(*base) {
            Some(number) => ledger.enter(number),
            // One that was posted before the first that came: it is late.
            None => {
                self.elsewhere += 1;
                true
            }
        };
        self.got += u32::from(fresh);
        let late = now.saturating_sub(planned.at);
        course.times.enter(late);
        course.lasts[post].fetch_max(late, Ordering::Relaxed);
        course.last.fetch_max(now, Ordering::Relaxed);
    }

    /// What was wrong, and the first of it in words.
    fn closed(&self, person: &Person, link: usize, course: &Course) -> (Findings, Option<String>) {
        let mut findings = Findings { reordered: self.elsewhere, ..Findings::default() };
        let mut wrong = None;
        for &room in &course.plan.rooms_of[course.plan.person_of(link)] {
            let nothing = (0, Ledger::default());
            let (base, ledger) = self.rooms.get(&room).unwrap_or(&nothing);
            let found = ledger.findings(course.per_room[room]);
            if !found.is_clean() && wrong.is_none() {
                let what = match ledger.first() {
                    Some(Wrong::Missing(number)) => format!("did not get post {} in its turn", base + number),
                    Some(Wrong::Doubled(number)) => format!("got post {} twice", base + number),
                    None => format!("got {} of {} posts", ledger.next(), course.per_room[room]),
                };
                wrong = Some(format!("{} {what} in Load-{room}", person.address));
            }
            findings += found;
        }
        let elsewhere = || format!("{} got a post out of the order of others", person.address);
        (findings, wrong.or_else(|| (self.elsewhere > 0).then(elsewhere)))
    }
}
