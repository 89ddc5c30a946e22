//! Everything at once, as chance will have it: people talk, move and come back, administrators change rules, servers stand still
//! and die, databases go away, hints get lost. Then all grows calm, and everybody must be back and have everything.

mod body;
mod ruler;

use std::time::Duration;

use chat::RoomKind;
use rooms::Limits;

use crate::pool::Pool;
use crate::pool::chance::Chance;
use crate::pool::diary::{Ear, Line};
use crate::pool::verdict::{Kept, Verdict};
use body::Body;

/// Until when everybody must be back after all grew calm, in microseconds.
const BACK_WITHIN: i64 = 60_000_000;

/// For how many steps nothing must be waited for: longer than five seconds, after which a server tries again to write who has left
/// while its database was away.
const QUIET: usize = 130;

/// How strong a storm is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Strength {
    /// Servers.
    pub machines: usize,
    /// People; at most as many as there are.
    pub people: usize,
    /// How long it lasts, in simulated seconds.
    pub seconds: u64,
}

impl Default for Strength {
    fn default() -> Self {
        Self { machines: 4, people: 24, seconds: 30 }
    }
}

/// A storm.
#[derive(Debug)]
pub struct Storm {
    pool: Pool,
    chance: Chance,
    bodies: Vec<Body>,
    strength: Strength,
    /// When each machine comes to itself again.
    back_at: Vec<Option<i64>>,
    database_back_at: Vec<Option<i64>>,
    /// The first line nobody has read.
    unread: usize,
    faults: Vec<String>,
}

impl Storm {
    /// Runs the storm of a seed and judges it.
    ///
    /// # Panics
    /// When the machine has no room for it.
    #[must_use]
    pub fn run(seed: u64, strength: Strength) -> Verdict {
        let (pool, faults) = Self::weather(seed, strength);
        let mut verdict = pool.verdict();
        verdict.faults.extend(faults);
        verdict
    }

    /// As [`Storm::run`], but leaves the judgement to whoever asks: the pool, and what was not well in the end.
    ///
    /// # Panics
    /// As [`Storm::run`].
    #[must_use]
    pub fn weather(seed: u64, strength: Strength) -> (Pool, Vec<String>) {
        let mut storm = Self::brew(seed, strength);
        storm.rise();
        storm.calm();
        (storm.pool, storm.faults)
    }

    /// What is not well in the end of a storm in which something is wrong on purpose, to see whether it is found out: `meddles`
    /// does something when all grows calm, and `hears` changes what is met, or says that it never is.
    ///
    /// # Panics
    /// As [`Storm::run`].
    #[must_use]
    pub fn spoilt(
        seed: u64,
        strength: Strength,
        meddles: impl FnOnce(&mut Pool),
        hears: impl FnMut(&mut Line) -> bool + 'static,
    ) -> Vec<String> {
        let mut storm = Self::brew(seed, strength);
        storm.pool.ear = Some(Ear(Box::new(hears)));
        storm.rise();
        meddles(&mut storm.pool);
        storm.calm();
        storm.faults
    }

    fn brew(seed: u64, strength: Strength) -> Self {
        let mut chance = Chance::of(seed ^ 0x5707);
        let limits = Limits {
            outbox: if chance.once_in(2) { 12 } else { 200 },
            mailbox_idle: Duration::from_secs(3),
            memory_bytes: if chance.once_in(3) { 20_000 } else { 1 << 20 },
            participant_updates: chance.once_in(3).then_some(9),
            ..Limits::default()
        };
        let pool = Pool::with(seed, strength.machines, limits);
        let bodies = (0..strength.people.min(pool.ground.people.len()))
            .map(|index| Body::new(&pool, index, &mut chance))
            .collect();
        let none = vec![None; strength.machines];
        Self {
            pool,
            chance,
            bodies,
            strength,
            back_at: none.clone(),
            database_back_at: none,
            unread: 0,
            faults: Vec::new(),
        }
    }

    fn rise(&mut self) {
        self.pool.wire.rough = true;
        self.pool.machines.iter().for_each(|machine| machine.weather.rough(true));
        let end = self.pool.now() + i64::try_from(self.strength.seconds).expect("a short time") * 1_000_000;
        while self.pool.now() < end {
            self.strike();
            self.recover();
            if self.chance.once_in(12) {
                self.rule();
            }
            self.people_act(true);
            let step = self.chance.millis(5, 45);
            self.pool.step(step);
            self.read();
        }
    }

    /// Now and then a server dies or stands still, or its database goes away.
    fn strike(&mut self) {
        for machine in 0..self.strength.machines {
            let now = self.pool.now();
            if self.pool.machines[machine].answers() {
                if self.chance.once_in(500) {
                    self.pool.kill(machine);
                    self.back_at[machine] = Some(now + self.micros(200, 8_000));
                } else if self.chance.once_in(400) {
                    self.pool.freeze(machine);
                    self.back_at[machine] = Some(now + self.micros(200, 14_000));
                }
            }
            if self.database_back_at[machine].is_none() && self.chance.once_in(600) {
                self.pool.database_away(machine, true);
                // Now and then for longer than its lease, while it hears the others: it ends by itself, and is started again in vain.
                let away = if self.chance.once_in(4) { (14_000, 20_000) } else { (200, 7_000) };
                self.database_back_at[machine] = Some(now + self.micros(away.0, away.1));
            }
        }
    }

    /// What has struck passes.
    fn recover(&mut self) {
        for machine in 0..self.strength.machines {
            let now = self.pool.now();
            if self.database_back_at[machine].is_some_and(|at| at <= now) {
                self.pool.database_away(machine, false);
                self.database_back_at[machine] = None;
            }
            if !self.pool.is_up(machine) && self.back_at[machine].is_none() {
                // It has ended itself.
                self.back_at[machine] = Some(now + self.micros(100, 3_000));
            }
            if self.back_at[machine].is_some_and(|at| at <= now) {
                self.back_at[machine] = None;
                self.pool.thaw(machine);
                if !self.pool.is_up(machine) {
                    self.pool.start(machine);
                }
            }
        }
    }

    fn people_act(&mut self, restless: bool) {
        for body in &mut self.bodies {
            body.act(&mut self.pool, &mut self.chance, restless);
        }
    }

    /// Everybody takes in what was met since.
    fn read(&mut self) {
        while let Some(line) = self.pool.lines.get(self.unread) {
            self.unread += 1;
            let body = self.bodies.iter_mut().find(|body| body.endpoint == Some(line.endpoint));
            if let Some(body) = body {
                body.take_in(&line.met, &mut self.faults);
            }
        }
    }

    /// All grows calm; everybody comes back and gets what is missing.
    fn calm(&mut self) {
        self.pool.wire.rough = false;
        self.pool.hurry();
        for machine in 0..self.strength.machines {
            self.pool.machines[machine].weather.rough(false);
            self.database_back_at[machine] = Some(self.pool.now());
            self.back_at[machine] = Some(self.pool.now());
        }
        let end = self.pool.now() + BACK_WITHIN;
        let mut quiet = 0;
        while quiet < QUIET && self.pool.now() < end {
            self.recover();
            self.people_act(false);
            self.pool.step(Duration::from_millis(50));
            self.read();
            let settled = self.bodies.iter().all(|body| body.is_settled(&self.pool));
            quiet = if settled { quiet + 1 } else { 0 };
        }
        let kept = Kept::read(&self.pool);
        for body in &self.bodies {
            self.faults.extend(body.missing(&self.pool));
            self.faults.extend(body.lacks(&kept));
        }
        self.compare_rosters();
    }

    /// Every server, and everybody in a room, tells the same of who is there.
    fn compare_rosters(&mut self) {
        let rooms: Vec<_> =
            self.pool.ground.rooms.iter().filter(|room| room.kind == RoomKind::Normal).collect();
        for room in rooms {
            let name = room.name.as_str();
            let inside: Vec<&Body> =
                self.bodies.iter().filter(|body| body.is_in(&self.pool, room.guid)).collect();
            let names = inside.iter().map(|body| body.name.clone()).collect();
            let heads = self.pool.headcounts(name);
            // Whoever may not see the room is told nothing.
            if heads.iter().any(|head| *head != usize::MAX && *head != inside.len()) {
                self.faults.push(format!(
                    "{} are in {name}, and the servers say {heads:?}: {names:?}",
                    inside.len()
                ));
            }
            for body in &inside {
                let told = body.endpoint.and_then(|endpoint| self.pool.told_of(endpoint, name));
                if told.as_ref().is_some_and(|told| *told != names)
                    && self.pool.limits.participant_updates.is_none()
                {
                    self.faults.push(format!("{} believes {told:?} in {name}, not {names:?}", body.name));
                }
            }
        }
    }

    fn micros(&mut self, least: usize, most: usize) -> i64 {
        i64::try_from(self.chance.millis(least, most).as_micros()).expect("a few seconds")
    }
}
