//! Habits of every Rust file: it begins by saying what it is for, nothing in it is unfinished, tests live apart.
//! What clippy can check is left to clippy.

use super::complain;
use super::complaint::Complaint;
use super::purity::says;
use super::source::Source;
use super::table::Table;
use super::tree::{Tree, is_test};

/// What no file may contain, tests included.
const UNFINISHED: &[(&str, &str)] = &[
    ("todo!", "write it, or leave the feature out"),
    ("unimplemented!", "write it, or leave the feature out"),
    ("dbg!", "take it out"),
    ("#[ignore", "a test runs or it goes"),
];

/// Checks every Rust file.
pub fn check(table: &Table, tree: &Tree, complaints: &mut Vec<Complaint>) {
    for (path, source) in tree.sources() {
        if !source.lines().first().is_some_and(|line| line.starts_with("//!")) {
            let what =
                "does not begin with `//!`; say in one sentence what the file is for, in one what it is not";
            complain(complaints, path, 1, "head", what.to_owned());
        }
        for (index, line) in source.code().iter().enumerate() {
            for (word, mend) in UNFINISHED.iter().filter(|(word, _)| says(line, word)) {
                complain(complaints, path, index + 1, "unfinished", format!("`{word}`; {mend}"));
            }
        }
        if ships(table, path) {
            production(path, source, complaints);
        }
    }
}

fn production(path: &str, source: &Source, complaints: &mut Vec<Complaint>) {
    for (index, line) in source.code().iter().enumerate() {
        if line.trim_start().starts_with("mod tests {") {
            let what = "tests stand among the code; move them to tests/ or to a file tests.rs".to_owned();
            complain(complaints, path, index + 1, "apart", what);
        }
        if line.contains(".unwrap()") {
            let what = "`.unwrap()`; return an error, or say with `.expect(\"...\")` why it holds".to_owned();
            complain(complaints, path, index + 1, "unwrap", what);
        }
    }
}

/// Whether this file becomes part of the server.
fn ships(table: &Table, path: &str) -> bool {
    let owner = path.strip_prefix("crates/").and_then(|rest| rest.split('/').next());
    let dev = owner.and_then(|name| table.row_of(name)).is_some_and(super::table::Row::is_dev);
    !is_test(path) && !dev
}
