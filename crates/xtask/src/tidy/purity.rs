//! The words shelf is pure: its source names nothing of the ambient world.
//! What its manifests may name is checked in `graph.rs`.

use super::complain;
use super::complaint::Complaint;
use super::table::Table;
use super::tree::{Tree, is_test};

/// What a pure crate may not say, and what to do instead.
const AMBIENT: &[(&str, &str)] = &[
    ("std::net", "no sockets here; for the value of an address take core::net"),
    ("std::fs", "no files here; take the bytes as an argument"),
    ("std::env", "no environment here; take the value as an argument"),
    ("std::process", "no processes here"),
    ("std::thread", "no threads here"),
    ("SystemTime", "time is an argument"),
    ("Instant", "time is an argument"),
    ("Timestamp::now", "time is an argument"),
    ("async", "nothing waits here; the caller does"),
    ("tokio", "nothing waits here; the caller does"),
    ("rand::", "randomness is an argument"),
    ("getrandom", "randomness is an argument"),
    ("println!", "nothing is printed here"),
    ("eprintln!", "nothing is printed here"),
];

/// Checks the source of every pure crate.
pub fn check(table: &Table, tree: &Tree, complaints: &mut Vec<Complaint>) {
    for name in table.pure_crates() {
        let home = format!("crates/{name}/src/");
        for (path, source) in tree.sources().filter(|(path, _)| path.starts_with(&home) && !is_test(path)) {
            let said = source.code().iter().enumerate().flat_map(|(index, line)| {
                AMBIENT.iter().filter(move |(word, _)| says(line, word)).map(move |entry| (index + 1, entry))
            });
            for (line, (word, instead)) in said {
                let what = format!("{name} is pure and says `{word}`; {instead}");
                complain(complaints, path, line, "purity", what);
            }
        }
    }
}

/// Whether a line of code says `word`, and not only a longer name that contains it.
pub fn says(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(is_name);
        let after = line[at + word.len()..].chars().next().is_some_and(is_name);
        !(before && word.starts_with(is_name) || after && word.ends_with(is_name))
    })
}
