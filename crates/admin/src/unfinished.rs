//! Work of many transactions that a stop of the server can leave half done: noted beside the change that begins it, and gone on
//! with at the next start. What there is to do is found out anew by whoever does it; a note says only that there is something.

use chat::CategoryId;
use store::{RowChange, Store};

use crate::errand::Errand;
use crate::error::AdminError;

/// What the names of all notes begin with, among the settings.
const NOTE: &str = "unfinished.";

/// Work that is not done as long as its note is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unfinished {
    /// Taking from the rooms of a category whom it does not admit since it was changed from the rules of this number: each change
    /// has a note of its own, which whoever looked at an earlier category leaves alone.
    Narrowing(CategoryId, u64),
    /// Working out what everybody belongs to after an import.
    Belonging,
}

impl Unfinished {
    /// All that is not done.
    pub(crate) async fn all(store: &Store) -> Result<Vec<Self>, AdminError> {
        let settings = store.settings().await?;
        Ok(settings.iter().filter_map(|(name, _)| Self::read(name)).collect())
    }

    /// Notes it in the transaction that begins it.
    pub(crate) fn begun(self) -> RowChange {
        RowChange::NoteUnfinished { name: self.name(), is_open: true }
    }

    /// Takes the notes of what is done away, if there are any.
    pub(crate) async fn end(errand: &Errand<'_>, is_done: impl Fn(&Self) -> bool) -> Result<(), AdminError> {
        if errand.dry_run {
            return Ok(());
        }
        let all = Self::all(errand.store).await?.into_iter().filter(is_done);
        let ended: Vec<_> =
            all.map(|note| RowChange::NoteUnfinished { name: note.name(), is_open: false }).collect();
        if !ended.is_empty() {
            errand.write_told(&[], ended, None).await?;
        }
        Ok(())
    }

    fn name(self) -> String {
        match self {
            Self::Narrowing(category, rules) => format!("{NOTE}narrowing.{}.{rules}", category.0),
            Self::Belonging => format!("{NOTE}belonging"),
        }
    }

    fn read(name: &str) -> Option<Self> {
        let what = name.strip_prefix(NOTE)?;
        match what.strip_prefix("narrowing.") {
            Some(numbers) => {
                let (category, rules) = numbers.split_once('.')?;
                Some(Self::Narrowing(CategoryId(category.parse().ok()?), rules.parse().ok()?))
            }
            None => (what == "belonging").then_some(Self::Belonging),
        }
    }
}
