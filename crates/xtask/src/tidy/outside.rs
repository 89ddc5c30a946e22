//! The project stands alone: no file names a place of somebody's machine or climbs out of the checkout.
//! Links between documents are checked in `documents.rs`.

use super::complain;
use super::complaint::Complaint;
use super::documents::resolve;
use super::tree::Tree;

/// Beginnings of paths that only some machine has; in two halves, so that this file does not name them itself.
const MACHINES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("../sha", "red"),
];

/// Where every foreign library comes from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

const RULE: &str = "outside";

/// Checks every text file.
pub fn check(tree: &Tree, complaints: &mut Vec<Complaint>) {
    for (path, text) in tree.texts() {
        for (index, line) in text.lines().enumerate() {
            let foreign = MACHINES.iter().find(|place| names(line, place)).map(|place| (*place).to_owned());
            if let Some(place) = foreign.or_else(|| climbs(path, line)) {
                let what = format!("names {place}, which is not in the project; bring it in or take it out");
                complain(complaints, path, index + 1, RULE, what);
            }
            if path.ends_with("Cargo.lock") && line.starts_with("source = ") && !line.contains(REGISTRY) {
                let what = "a library from somewhere else than crates.io; take the published one".to_owned();
                complain(complaints, path, index + 1, RULE, what);
            }
        }
    }
}

/// Whether a line names the place as the beginning of a path, and not in the middle of an address.
fn names(line: &str, place: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | '}' | ')');
    line.match_indices(place).any(|(at, _)| !line[..at].chars().next_back().is_some_and(inside))
}

/// The relative path in this line that leaves the project, where lines of this file stand for paths.
fn climbs(path: &str, line: &str) -> Option<String> {
    let counts = path.ends_with(".toml")
        || (path.ends_with(".rs") && (line.contains("include") || line.contains("#[path")));
    if !counts {
        return None;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let targets = line.split(['"', '\'', ' ', '(', ')']).filter(|part| part.starts_with("../"));
    targets.filter(|target| resolve(folder, target).is_none()).map(str::to_owned).next()
}
