//! The crate table of ARCHITECTURE.md, as data: each crate's shelf and what it may use.
//! Whether the crates keep to it is checked in `graph.rs` and `purity.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::complain;
use super::complaint::Complaint;
use super::tree::Tree;

/// The file that holds the table.
pub const FILE: &str = "ARCHITECTURE.md";

/// The shelves, lowest first; `dev` stands beside them.
const SHELVES: &[&str] = &["words", "keeping", "work", "faces", "roof"];

/// The line below the table that names the libraries a pure crate may use.
const PURE: &str = "Pure libraries:";

const RULE: &str = "table";

/// What the table says.
#[derive(Default)]
pub struct Table {
    crates: BTreeMap<String, Row>,
    pure: BTreeSet<String>,
}

/// One crate of the table.
pub struct Row {
    /// The line in ARCHITECTURE.md.
    pub line: usize,
    /// The shelf it stands on.
    pub shelf: String,
    uses: BTreeSet<String>,
    uses_all: bool,
}

impl Row {
    /// Whether it may use the crate of this name.
    pub fn may_use(&self, name: &str) -> bool {
        self.uses_all || self.uses.contains(name)
    }

    /// Whether it serves development only.
    pub fn is_dev(&self) -> bool {
        self.shelf == "dev"
    }
}

impl Table {
    /// Reads the table; complains about rows that contradict the shelves.
    pub fn read(tree: &Tree, complaints: &mut Vec<Complaint>) -> Table {
        let text = tree.text(FILE).unwrap_or_default();
        let mut table = Table::default();
        let mut columns = None;
        for (index, line) in text.lines().enumerate() {
            if let Some(libraries) = line.trim().strip_prefix(PURE) {
                table.pure.extend(ticked(libraries));
            }
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
            match columns {
                _ if !line.trim_start().starts_with('|') => columns = None,
                None => columns = columns_of(&cells),
                Some(columns) => table.row(index + 1, &cells, columns),
            }
        }
        if table.crates.is_empty() {
            let what =
                "no table with the columns Crate, Shelf and May use; the crates of the project stand in one";
            complain(complaints, FILE, 1, RULE, what.to_owned());
        }
        table.check_shelves(complaints);
        table
    }

    /// The row of a crate.
    pub fn row_of(&self, name: &str) -> Option<&Row> {
        self.crates.get(name)
    }

    /// All crates with their rows.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.crates.iter().map(|(name, row)| (name.as_str(), row))
    }

    /// The crates of the pure shelf.
    pub fn pure_crates(&self) -> impl Iterator<Item = &str> {
        self.rows().filter(|(_, row)| row.shelf == SHELVES[0]).map(|(name, _)| name)
    }

    /// Whether a pure crate may use this library of others.
    pub fn is_pure_library(&self, name: &str) -> bool {
        self.pure.contains(name)
    }

    fn row(&mut self, line: usize, cells: &[&str], (name, shelf, uses): (usize, usize, usize)) {
        let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
        let Some(name) = ticked(cell(name)).next() else { return };
        let uses_all = cell(uses) == "all";
        let uses = ticked(cell(uses)).collect();
        self.crates.insert(name, Row { line, shelf: cell(shelf).to_owned(), uses, uses_all });
    }

    fn check_shelves(&self, complaints: &mut Vec<Complaint>) {
        let height = |shelf: &str| SHELVES.iter().position(|known| *known == shelf);
        for (name, row) in self.rows().filter(|(_, row)| !row.is_dev()) {
            let Some(own) = height(&row.shelf) else {
                let what = format!(
                    "{name}: no shelf is called \"{}\"; the shelves are {SHELVES:?} and dev",
                    row.shelf
                );
                complain(complaints, FILE, row.line, RULE, what);
                continue;
            };
            for used in &row.uses {
                let Some(other) = self.row_of(used) else {
                    let what = format!("{name} may use {used}, which has no row; give it one or take it out");
                    complain(complaints, FILE, row.line, RULE, what);
                    continue;
                };
                if height(&other.shelf).is_none_or(|height| height > own) {
                    let what = format!(
                        "{name} ({}) may not use {used} ({}); only lower shelves",
                        row.shelf, other.shelf
                    );
                    complain(complaints, FILE, row.line, RULE, what);
                }
            }
        }
    }
}

fn columns_of(cells: &[&str]) -> Option<(usize, usize, usize)> {
    let column = |title: &str| cells.iter().position(|cell| cell.starts_with(title));
    Some((column("Crate")?, column("Shelf")?, column("May use")?))
}

/// The words between backticks.
fn ticked(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}
