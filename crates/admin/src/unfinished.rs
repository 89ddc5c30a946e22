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
    /// Taking from the rooms of a category whom it does not admit.
    Narrowing(CategoryId),
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

    /// Takes the note away, if there is one: it is done.
    pub(crate) async fn end(self, errand: &Errand<'_>) -> Result<(), AdminError> {
        if !errand.dry_run && Self::all(errand.store).await?.contains(&self) {
            let ended = RowChange::NoteUnfinished { name: self.name(), is_open: false };
            errand.write_told(&[], vec![ended], None).await?;
        }
        Ok(())
    }

    fn name(self) -> String {
        match self {
            Self::Narrowing(category) => format!("{NOTE}narrowing.{}", category.0),
            Self::Belonging => format!("{NOTE}belonging"),
        }
    }

    fn read(name: &str) -> Option<Self> {
        let what = name.strip_prefix(NOTE)?;
        match what.strip_prefix("narrowing.") {
            Some(category) => Some(Self::Narrowing(CategoryId(category.parse().ok()?))),
            None => (what == "belonging").then_some(Self::Belonging),
        }
    }
}
