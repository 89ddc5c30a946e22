//! What can go wrong while a command of the workshop runs, said so that the reader knows the next step.
//! Complaints of tidy are not here: they are its result, counted in one variant.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::counts::TOLERANCE;

/// Why a command stopped.
#[derive(Debug)]
pub enum Trouble {
    /// The current folder is not inside the project.
    NotInProject,
    /// A program could not be started at all.
    NotStarted {
        /// The program as it was called.
        program: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A program ran and ended with a failure.
    Failed {
        /// What the program was run for.
        step: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A file or folder could not be read, written or made.
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file does not have the form this crate relies on.
    Unreadable {
        /// The file, or the program whose output it was.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// Packages of the distribution are missing and cannot be installed from here.
    PackagesMissing {
        /// Their names.
        packages: Vec<&'static str>,
        /// Why they were not installed.
        why: &'static str,
    },
    /// A part of the Rust toolchain is missing and could not be added.
    ComponentMissing(&'static str),
    /// `cargo xtask tidy` found this many faults.
    Untidy(usize),
    /// These figures of `cargo xtask counts` are off what is written down.
    OffBaseline(Vec<String>),
    /// `cargo xtask bench` measured, and this is wrong with it.
    Figures(Vec<String>),
    /// The session with the real client did not do what was asked.
    Client(String),
    /// An option has a value that cannot be used.
    Option(String),
    /// A parser failed on an input, which is kept.
    Broken {
        /// The fuzz target.
        target: String,
        /// Where the input lies.
        input: String,
    },
}

impl Trouble {
    /// The trouble of a file at `path`, for `map_err`.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Trouble {
        let path = path.to_path_buf();
        move |error| Trouble::File { path, error }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::NotInProject => {
                write!(out, "not inside the project: start it from a folder of the checkout")
            }
            Trouble::NotStarted { program, error } => write!(out, "cannot start {program}: {error}"),
            Trouble::Failed { step, status } => write!(out, "{step} failed ({status})"),
            Trouble::File { path, error } => write!(out, "{}: {error}", path.display()),
            Trouble::Unreadable { what, why } => write!(out, "{what}: {why}"),
            Trouble::PackagesMissing { packages, why } => write!(
                out,
                "{why}; run this as root and try again:\n\n    apt-get update && apt-get install -y --no-install-recommends {}\n",
                packages.join(" ")
            ),
            Trouble::ComponentMissing(component) => write!(
                out,
                "the Rust toolchain has no {component} and it could not be added; run this and try again:\n\n    \
                 rustup component add {component}\n\n(without rustup: install the {component} package that belongs to \
                 your Rust)"
            ),
            Trouble::Untidy(count) => {
                write!(out, "tidy: {count} fault{}", if *count == 1 { "" } else { "s" })
            }
            Trouble::OffBaseline(figures) => write!(
                out,
                "counts: off what is written down (instructions by more than {TOLERANCE} %, allocations by any):\n\n    {}\n\n\
                 find out why (`valgrind --tool=callgrind`, `callgrind_annotate`); what shall be so from now on is written \
                 down by `cargo xtask counts --write`, with the reason in the commit",
                figures.join("\n    ")
            ),
            Trouble::Figures(faults) => write!(out, "bench: {}", faults.join("\n       ")),
            Trouble::Client(why) | Trouble::Option(why) => out.write_str(why),
            Trouble::Broken { target, input } => write!(
                out,
                "{target} fails on {input}; mend the parser, then move the input to fuzz/corpus/{target}/ so that \
                 every test run repeats it"
            ),
        }
    }
}
