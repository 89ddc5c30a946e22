//! `cargo xtask tidy`: the rules of the house that a compiler does not know, each in a file of its own.
//! It changes nothing and judges no style beyond these rules; formatting and lints are other tools' work.
//!
//! | File | Rules |
//! | --- | --- |
//! | `table.rs` | the crate table of ARCHITECTURE.md, read |
//! | `graph.rs` | who uses whom, against that table and `cargo metadata` |
//! | `purity.rs` | the words shelf: no ambient world in it |
//! | `limits.rs` | file, function and nesting limits |
//! | `waivers.rs` | `tidy-waivers.txt`, which only shrinks |
//! | `habits.rs` | module heads, unfinished code, ignored tests, tests living apart |
//! | `outside.rs` | nothing refers to files outside the project |
//! | `documents.rs` | links of documents, references of docs/protocol.md |
//! | `source.rs` | Rust source with comments and texts blanked out, and its functions |
//! | `tree.rs` | the files of the project |
//! | `complaint.rs` | what a broken rule looks like |

mod complaint;
mod documents;
mod graph;
mod habits;
mod limits;
mod outside;
mod purity;
mod source;
mod table;
mod tree;
mod waivers;

use std::path::PathBuf;

use clap::Args;

use self::complaint::Complaint;
use self::table::Table;
use self::tree::Tree;
use self::waivers::Waivers;
use crate::place::Place;
use crate::step;
use crate::trouble::Trouble;

/// Options of `cargo xtask tidy`.
#[derive(Args, Default)]
pub struct TidyOptions {
    /// Check the project in this folder instead of the current one
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Checks every rule and prints every complaint.
///
/// # Errors
/// [`Trouble::Untidy`] with the number of complaints; others when the project cannot be read.
pub fn run(place: &Place, options: &TidyOptions) -> Result<(), Trouble> {
    match &options.root {
        Some(root) => step::timed("tidy", || check(&Place::at(root))),
        None => step::timed("tidy", || check(place)),
    }
}

fn check(place: &Place) -> Result<(), Trouble> {
    let metadata = place.metadata()?;
    let tree = Tree::read(place.root())?;
    let mut complaints = Vec::new();
    let table = Table::read(&tree, &mut complaints);
    let mut waivers = Waivers::read(&tree, &mut complaints);
    graph::check(&table, &metadata, place.root(), &tree, &mut complaints);
    purity::check(&table, &tree, &mut complaints);
    limits::check(&tree, &mut waivers, &mut complaints);
    habits::check(&table, &tree, &mut complaints);
    outside::check(&tree, &mut complaints);
    documents::check(&tree, &mut complaints);
    waivers.unused(&mut complaints);
    complaints.sort();
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    if complaints.is_empty() { Ok(()) } else { Err(Trouble::Untidy(complaints.len())) }
}

/// Adds a complaint; a name for what every rule does.
fn complain(complaints: &mut Vec<Complaint>, file: &str, line: usize, rule: &'static str, what: String) {
    complaints.push(Complaint { file: file.to_owned(), line, rule, what });
}
