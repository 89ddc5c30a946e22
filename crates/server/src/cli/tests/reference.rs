//! The reference pages, written from the program; a page that says something else is refused.
//! `UPDATE_REFERENCE=1 cargo test -p server` writes them anew.

mod errors;
mod operations;
mod rest;
mod settings;

use std::path::Path;

/// Where the pages lie, seen from this crate.
const FOLDER: &str = "../../docs/reference";
/// What each page says of itself.
const WRITTEN: &str =
    "This page is written from the program;\n`UPDATE_REFERENCE=1 cargo test -p server` writes it anew.";

/// Compares a page with what it must say, or writes it.
fn compare(name: &str, page: &str) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&place, page).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(&place).unwrap_or_default();
    let line = kept.lines().zip(page.lines()).position(|(kept, new)| kept != new);
    assert!(
        kept == page,
        "docs/reference/{name} differs from line {} on: write it anew with UPDATE_REFERENCE=1 cargo test -p server",
        line.unwrap_or_else(|| kept.lines().count().min(page.lines().count())) + 1
    );
}

/// A row of a table.
fn row<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A table with these heads.
fn table(heads: &[&str], rows: impl IntoIterator<Item = String>) -> String {
    let rules = vec!["---"; heads.len()];
    let mut table = row(heads) + &row(&rules);
    table.extend(rows);
    table
}

/// A word of the program.
fn code(word: &str) -> String {
    format!("`{word}`")
}
