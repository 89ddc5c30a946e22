//! Moving the store of a seat into a database, or back into its directory, which then names the new place.
//! What is carried, and that it is whole, is the store's business.

use std::path::{Path, PathBuf};

use serde::Serialize;
use store::{Carried, Carrying, Location, MoveFault, Store, StoreFault};
use tokio::task::spawn_blocking;

use crate::seat::{STORE, Seat, StoreAt};
use crate::trouble::{Trouble, at};

/// What asks for a file in the data directory.
const EMBEDDED: &str = "embedded";
/// The name of that file until it is complete.
const MOVING: &str = "moving.db";

/// Where a store is to go.
#[derive(Debug)]
pub enum Whereto {
    /// Into a database, whose password is in a file.
    Database(Location, Option<PathBuf>),
    /// Into the data directory.
    Directory,
}

/// What was moved.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    to: String,
    tables: usize,
    rows: u64,
    journals: usize,
    entries: u64,
    bodies: u64,
}

impl Whereto {
    /// Reads it as it is said at the command line.
    ///
    /// # Errors
    /// As [`StoreAt::told`] and [`StoreAt::database`].
    pub fn read(to: &str, password_file: Option<&Path>) -> Result<Self, Trouble> {
        if to == EMBEDDED {
            return Ok(Self::Directory);
        }
        let at = StoreAt::told(Some(to), password_file)?;
        let location = at.database()?.expect("an address was given");
        Ok(Self::Database(location, at.password_file().map(Path::to_owned)))
    }
}

impl Moved {
    fn of(to: &str, carried: Carried) -> Self {
        let Carried { tables, rows, journals, entries, bodies } = carried;
        Self { to: to.to_owned(), tables, rows, journals, entries, bodies }
    }

    /// What people are told.
    #[must_use]
    pub fn said(&self) -> String {
        let to = &self.to;
        if self.tables == 0 {
            return format!("the store had been moved to {to} already; it is served from there");
        }
        format!(
            "the store is in {to} now, and is served from there: {} rows of {} tables are the same, and {} journals with {} \
             entries and {} texts agree",
            self.rows, self.tables, self.journals, self.entries, self.bodies
        )
    }
}

/// Moves the store; whoever asks holds the directory.
///
/// # Errors
/// [`Trouble::Conflict`] when it is there already, or something else is, or a server has it open; [`Trouble::Unavailable`] when
/// either end does not answer. The store is then served from where it was, or the same request finishes what was begun.
pub async fn carry(
    seat: &Seat,
    to: Whereto,
    tell: impl FnMut(String) + Send + 'static,
) -> Result<Moved, Trouble> {
    match to {
        Whereto::Database(location, password_file) => {
            into_database(seat, location, password_file, tell).await
        }
        Whereto::Directory => into_directory(seat, tell).await,
    }
}

async fn into_database(
    seat: &Seat,
    location: Location,
    password_file: Option<PathBuf>,
    tell: impl FnMut(String) + Send + 'static,
) -> Result<Moved, Trouble> {
    let name = location.to_string();
    if seat.location().to_string() == name {
        return Err(there_already(&name));
    }
    let carried = carried(seat, &location, &called(seat), &name, tell).await?;
    let pool = pool_at(&location)?;
    seat.elsewhere(location, password_file)?.note(pool)?;
    Ok(Moved::of(&name, carried))
}

async fn into_directory(seat: &Seat, tell: impl FnMut(String) + Send + 'static) -> Result<Moved, Trouble> {
    let data = seat.data();
    let name = data.path().display().to_string();
    if seat.is_embedded() {
        return Err(there_already(&name));
    }
    let (file, moving) = (data.file(STORE), data.file(MOVING));
    let mut done = Carried::default();
    if file.exists() {
        only_the_end_is_missing(seat, &file, &name)?;
    } else {
        done = carried(seat, &Location::from(&moving), &called(seat), &name, tell).await?;
        if data.file(&format!("{MOVING}-wal")).exists() {
            return Err(Trouble::Unavailable(format!("{}: it could not be completed", moving.display())));
        }
        std::fs::rename(&moving, &file).map_err(at(&moving))?;
        data.sync()?;
    }
    seat.forget_note()?;
    Ok(Moved::of(&name, done))
}

/// What the store of a seat is called to whoever finds a copy that is not finished.
fn called(seat: &Seat) -> String {
    if seat.is_embedded() { seat.data().path().display().to_string() } else { seat.location().to_string() }
}

async fn carried(
    seat: &Seat,
    to: &Location,
    from_name: &str,
    to_name: &str,
    mut tell: impl FnMut(String) + Send + 'static,
) -> Result<Carried, Trouble> {
    let (from, to) = (seat.location().clone(), to.clone());
    let (from_name, to_name) = (from_name.to_owned(), to_name.to_owned());
    let work = spawn_blocking(move || {
        Store::carry(&from, &to, (&from_name, &to_name), &mut |carrying| tell(shown(carrying)))
    });
    let carried = work.await.expect("it does not panic and is not ended");
    carried.map_err(|fault| match fault {
        MoveFault::Store(fault) => unavailable(fault),
        MoveFault::Differs { .. } => Trouble::Unavailable(fault.to_string()),
        MoveFault::Running | MoveFault::Occupied | MoveFault::Left { .. } | MoveFault::Arriving => {
            Trouble::Conflict(fault.to_string())
        }
    })
}

fn shown(carrying: Carrying<'_>) -> String {
    match carrying {
        Carrying::Rows { table, done, of } => format!("store move: {done} of {of} rows of {table}"),
        Carrying::Texts { done, of } => format!("store move: {done} of {of} texts into the index"),
        Carrying::Journals { done, of } => format!("store move: {done} of {of} journals proven"),
    }
}

/// Whether the file in the directory is what an earlier move brought, which was broken off before the note was taken away.
fn only_the_end_is_missing(seat: &Seat, file: &Path, name: &str) -> Result<(), Trouble> {
    let here = Store::standing(&Location::from(file)).map_err(unavailable)?;
    let there = Store::standing(seat.location()).map_err(unavailable)?;
    let left = there.as_ref().and_then(|there| there.left_for.as_deref()) == Some(name);
    let same = here.as_ref().map(|here| here.pool) == there.as_ref().map(|there| there.pool);
    if left && same && here.is_some_and(|here| here.left_for.is_none()) {
        return Ok(());
    }
    Err(Trouble::Conflict(format!("{} is there already: move it out of the way first", file.display())))
}

fn pool_at(location: &Location) -> Result<uuid::Uuid, Trouble> {
    let standing = Store::standing(location).map_err(unavailable)?;
    Ok(standing.expect("the store was carried there").pool)
}

fn there_already(name: &str) -> Trouble {
    Trouble::Conflict(format!("the store is in {name} already"))
}

fn unavailable(fault: StoreFault) -> Trouble {
    Trouble::Unavailable(fault.to_string())
}
