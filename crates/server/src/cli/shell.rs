//! What shells and manuals want of the command line: completion scripts and man pages, from its grammar.
//! Writes nothing but those.

use std::path::Path;

use clap_complete::Shell;

use super::print;
use crate::trouble::{Trouble, at};

/// Prints the completion script of a shell.
///
/// # Errors
/// As of printing.
pub fn completion(shell: Shell) -> Result<(), Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::grammar(), "causerie", &mut script);
    print::say(&String::from_utf8_lossy(&script))
}

/// Writes a page for every command into a folder, which is made if need be.
///
/// # Errors
/// [`Trouble::Unavailable`] when it cannot be written.
pub fn man(folder: &Path) -> Result<(), Trouble> {
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    clap_mangen::generate_to(super::grammar(), folder).map_err(at(folder))
}
