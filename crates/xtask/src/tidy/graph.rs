//! Who uses whom: what `cargo metadata` says about the workspace against the crate table.
//! Versions and licences of foreign libraries are cargo-deny's work.

use std::path::Path;

use serde_json::Value;

use super::complain;
use super::complaint::Complaint;
use super::table::{self, Table};
use super::tree::Tree;

const RULE: &str = "graph";

/// One dependency of a crate as its manifest states it.
struct Use<'a> {
    by: &'a str,
    name: &'a str,
    kind: Kind,
    is_ours: bool,
}

#[derive(PartialEq, Eq)]
enum Kind {
    Normal,
    Dev,
    Build,
}

/// Checks every dependency of every crate.
pub fn check(table: &Table, metadata: &Value, root: &Path, tree: &Tree, complaints: &mut Vec<Complaint>) {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    for (name, row) in table.rows().filter(|(name, _)| !names.contains(name)) {
        let what = format!("there is no crate {name}; take its row out until it comes");
        complain(complaints, table::FILE, row.line, RULE, what);
    }
    for package in packages {
        let by = package["name"].as_str().unwrap_or_default();
        let manifest = manifest_of(package, root);
        if table.row_of(by).is_none() {
            let what = format!("{by} has no row in the crate table; add one to {}", table::FILE);
            complain(complaints, &manifest, 1, RULE, what);
            continue;
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = dependency["name"].as_str().unwrap_or_default();
            let kind = match dependency["kind"].as_str() {
                Some("dev") => Kind::Dev,
                Some("build") => Kind::Build,
                _ => Kind::Normal,
            };
            let used = Use { by, name, kind, is_ours: names.contains(&name) };
            if let Some(what) = refusal(table, &used) {
                complain(complaints, &manifest, line_of(tree, &manifest, name), RULE, what);
            }
        }
    }
}

/// Why a dependency is refused, if it is.
fn refusal(table: &Table, used: &Use<'_>) -> Option<String> {
    let Use { by, name, .. } = used;
    let row = table.row_of(by)?;
    if used.is_ours {
        let dev = table.row_of(name).is_some_and(table::Row::is_dev);
        if dev && used.kind != Kind::Dev && !row.is_dev() {
            return Some(format!("{by} ships {name}, which serves tests only; make it a dev-dependency"));
        }
        if dev || row.may_use(name) {
            return None;
        }
        return Some(format!(
            "{by} ({}) must not use {name}; see the crate table of {}: take the dependency out, or change the table \
             by a decision record",
            row.shelf,
            table::FILE
        ));
    }
    let is_pure = table.pure_crates().any(|pure| pure == *by);
    if is_pure && used.kind != Kind::Dev && !table.is_pure_library(name) {
        return Some(format!(
            "{by} is pure and {name} is not known to be; take it out, or, when it neither waits, draws, opens nor asks \
             the clock, add it to \"Pure libraries\" in {}",
            table::FILE
        ));
    }
    None
}

fn manifest_of(package: &Value, root: &Path) -> String {
    let path = package["manifest_path"].as_str().unwrap_or_default();
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let inside = Path::new(path).strip_prefix(&root).unwrap_or(Path::new(path));
    inside.display().to_string()
}

/// The line of the manifest that names the dependency.
fn line_of(tree: &Tree, manifest: &str, name: &str) -> usize {
    let text = tree.text(manifest).unwrap_or_default();
    let found = text.lines().position(|line| {
        let rest = line.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    });
    found.map_or(1, |index| index + 1)
}
