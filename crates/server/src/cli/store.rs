//! Verbs of the store itself: proving it, saying that it was put back from a copy, moving it. No server may run meanwhile.
//! Changes no row but the era.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chat::JournalKey;
use clap::Subcommand;
use serde::Serialize;
use store::{Store, StoreFault};

use super::print;
use super::progress::Progress;
use crate::clock::SystemClock;
use crate::data::Hold;
use crate::house::House;
use crate::membership::Opened;
use crate::moving::{self, Whereto};
use crate::seat::{Seat, StoreAt};
use crate::socket;
use crate::trouble::Trouble;

/// Verbs of the store.
#[derive(Subcommand, Debug)]
pub enum StoreVerb {
    /// Prove every journal: numbers without gaps, an unbroken chain, texts as they were said
    Verify,
    /// Say that the store was put back from a copy: begin a new era, so that no number names two posts
    Restored,
    /// Move the store into a database of PostgreSQL, or back; prove it there, and serve it from there from now on
    Move {
        /// Where to: postgres://USER@HOST:PORT/DATABASE, or "embedded" for a file in the data directory
        #[arg(long, value_name = "URL|embedded")]
        to: String,
        /// A file with the password of that database [default: what ~/.pgpass or PGPASSFILE says]
        #[arg(long, value_name = "FILE")]
        to_password_file: Option<PathBuf>,
    },
}

/// What was proven.
#[derive(Serialize)]
struct Proof {
    journals: usize,
    entries: u64,
    bodies: u64,
}

/// The era that begins.
#[derive(Serialize)]
struct Era {
    era: u32,
}

/// Carries a verb out.
///
/// # Errors
/// [`Trouble::Conflict`] while a server runs, [`Trouble::Unavailable`] for a damaged store, naming the place.
pub async fn run(place: &Path, store: &StoreAt, verb: &StoreVerb, json: bool) -> Result<(), Trouble> {
    let seat = Seat::find(place, store, None)?;
    let data = seat.data();
    let Some(hold) = socket::wait_for_hold(data).await? else {
        return Err(Trouble::Conflict(format!("a server runs on {}: stop it first", data.path().display())));
    };
    match verb {
        StoreVerb::Verify => {
            let proof = Progress::of("store verify").during(verify(&seat, hold)).await?;
            let said = format!(
                "{} journals with {} entries and {} texts agree",
                proof.journals, proof.entries, proof.bodies
            );
            print::fact(&proof, &said, json)
        }
        StoreVerb::Restored => {
            let era = Store::raise_era(seat.location().clone()).map_err(unavailable)?;
            drop(hold);
            let said = format!("era {era} begins: no number that was shown before will name anything else");
            print::fact(&Era { era }, &said, json)
        }
        StoreVerb::Move { to, to_password_file } => {
            let whereto = Whereto::read(to, to_password_file.as_deref())?;
            let mut progress = Progress::of("store move");
            let teller = progress.teller();
            let moved = progress.during(moving::carry(&seat, whereto, teller)).await?;
            drop((progress, hold));
            print::fact(&moved, &moved.said(), json)
        }
    }
}

async fn verify(seat: &Seat, hold: Hold) -> Result<Proof, Trouble> {
    let house = House::open(seat, hold, None, Opened::Command, Arc::new(SystemClock::default())).await?;
    let proof = prove(&house.store).await;
    house.close().await;
    proof.map_err(unavailable)
}

async fn prove(store: &Store) -> Result<Proof, StoreFault> {
    let rooms = store.rooms().await?.into_iter().map(|room| JournalKey::Room(room.id));
    let servers = store.heads().await?.into_keys().map(JournalKey::Server);
    let journals: Vec<_> = [JournalKey::Pool].into_iter().chain(servers).chain(rooms).collect();
    let mut proof = Proof { journals: journals.len(), entries: 0, bodies: 0 };
    for journal in journals {
        let found = store.verify(journal).await?;
        proof.entries += found.entries;
        proof.bodies += found.bodies;
    }
    Ok(proof)
}

fn unavailable(fault: StoreFault) -> Trouble {
    Trouble::Unavailable(fault.to_string())
}
