//! Verbs of a topology that need no store: defining, judging, showing, comparing, bringing in and giving out documents.
//! What is published, and everything that needs the central store, is an operation.

mod files;
mod interview;
mod new;
mod questions;
mod show;
mod spelled;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use topology::import::Strictness;
use topology::{Facts, Finding, Severity, Topology, line_of, validate};

use self::files::Out;
use self::new::NewOptions;
use super::print;
use crate::data::Data;
use crate::machine;
use crate::replica::Replica;
use crate::restart;
use crate::seat::no_pool;
use crate::survey;
use crate::trouble::Trouble;

/// Verbs of a topology.
#[derive(Subcommand, Debug)]
pub enum TopologyVerb {
    /// Define a topology: question by question at a terminal, or from options
    New(Box<NewOptions>),
    /// Say every rule that a topology breaks, with what to do; code 1 when an error keeps it from being published
    Validate {
        /// The topology; - is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// What is published now, which some rules compare it with
        #[arg(long, value_name = "FILE")]
        published: Option<PathBuf>,
        /// Look also at DNS, stores and file stores from this machine, as publishing does
        #[arg(long)]
        survey: bool,
        /// Look as the machine of this name [default: its host name]
        #[arg(long, value_name = "NAME", env = "CAUSERIE_MACHINE", hide_env_values = true)]
        machine: Option<String>,
    },
    /// Show a topology as a tree
    Show {
        /// The topology; - is standard input [default: the published one, as this server keeps it]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Say what two topologies differ in
    Diff {
        /// The older one
        #[arg(value_name = "OLDER")]
        older: PathBuf,
        /// The newer one
        #[arg(value_name = "NEWER")]
        newer: PathBuf,
    },
    /// Make a topology of a document of Lync Server (.tbxml, or Get-CsTopology -AsXml), or of one of our own
    Import {
        /// The document; - is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Leave out what is not known, and say what that was; otherwise there is no import
        #[arg(long)]
        accept_unknown: bool,
        /// Where to write the topology; - is standard output
        #[arg(long, value_name = "FILE", default_value = "topology.toml")]
        out: PathBuf,
        /// Write it over a file that is there
        #[arg(long)]
        replace: bool,
    },
    /// Write a topology as documents are kept: in order, with every default, a comment for every field
    Export {
        /// The topology; - is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// As what
        #[arg(long, value_name = "FORM", default_value = "toml")]
        form: Form,
        /// Where to write it; - is standard output
        #[arg(long, value_name = "FILE", default_value = "-")]
        out: PathBuf,
        /// Write it over a file that is there
        #[arg(long)]
        replace: bool,
    },
    /// Print the JSON Schema of the document, for editors and programs
    Schema,
}

impl TopologyVerb {
    /// Whether it is about the copy that the server here keeps.
    #[must_use]
    pub fn needs_data(&self) -> bool {
        matches!(self, Self::Show { file: None })
    }
}

/// How a topology is written out.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// The document itself
    Toml,
    /// The same as a JSON object
    Json,
}

/// A finding and where it is.
#[derive(Serialize)]
struct Found<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

/// Carries it out.
///
/// # Errors
/// [`Trouble`]; [`Trouble::Broken`] when what was asked about could not be published.
pub async fn run(place: &Path, verb: &TopologyVerb, json: bool) -> Result<(), Trouble> {
    match verb {
        TopologyVerb::New(options) => new::run(options),
        TopologyVerb::Validate { file, published, survey, machine } => {
            let here = || machine.clone().map_or_else(|| machine::here(place), Ok);
            let machine = survey.then(here).transpose()?;
            judge(file, published.as_deref(), machine, json).await
        }
        TopologyVerb::Show { file } => {
            let topology = file.as_deref().map_or_else(|| kept(place), files::topology)?;
            print::fact(&topology, show::tree(&topology).trim_end(), json)
        }
        TopologyVerb::Diff { older, newer } => {
            differ(&files::topology(older)?, &files::topology(newer)?, json)
        }
        TopologyVerb::Import { file, accept_unknown, out, replace } => {
            import(file, *accept_unknown, Out::at(out, *replace)?)
        }
        TopologyVerb::Export { file, form, out, replace } => export(file, *form, Out::at(out, *replace)?),
        TopologyVerb::Schema => {
            let schema = serde_json::to_string_pretty(&topology::schema()).expect("a schema is plain values");
            print::say(&(schema + "\n"))
        }
    }
}

/// The copy of the published topology; it is said beside it what waits for a restart to be so.
fn kept(place: &Path) -> Result<Topology, Trouble> {
    let data = Data::open(place)?.ok_or_else(|| no_pool(place))?;
    let topology = Replica::of(&data).topology()?.ok_or_else(|| {
        Trouble::Invalid(format!(
            "{} has no topology, published or not: `causerie topology publish` publishes one",
            place.display()
        ))
    })?;
    if let Some(why) = restart::pending(&data)? {
        print::aside(&format!("note: {why}"));
    }
    Ok(topology)
}

/// Asks every rule; with what the machine of a name sees, if there is one to look as.
async fn judge(
    file: &Path,
    published: Option<&Path>,
    machine: Option<String>,
    json: bool,
) -> Result<(), Trouble> {
    let octets = files::octets(file)?;
    let topology = topology::parse(&octets).map_err(|fault| files::wrong(file)(fault.to_string()))?;
    let published = published.map(files::topology).transpose()?;
    let surveyed = match machine {
        Some(machine) => Some(survey::survey(&topology, &machine, false).await),
        None => None,
    };
    let seen = surveyed.as_ref().map(|surveyed| &surveyed.seen);
    let facts = Facts { published: published.as_ref(), seen, legacy_targets: None };
    let mut findings = validate(&topology, &facts);
    findings.extend(surveyed.iter().flat_map(|surveyed| surveyed.findings.clone()));
    // It was read as a document, so it is a text.
    let document = String::from_utf8_lossy(&octets);
    let found = findings.iter().map(|finding| Found { finding, line: line_of(&document, &finding.place) });
    let mut said = String::new();
    for found in found {
        said.push_str(&line(file, &found, json));
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    print::say(&said)?;
    match (errors, warnings) {
        (0, 0) if json => Ok(()),
        (0, 0) => print::say("it can be published\n"),
        (0, _) if json => Ok(()),
        (0, warnings) => print::say(&format!("it can be published, with {}\n", counted(warnings, "warning"))),
        (errors, _) => Err(Trouble::Broken(counted(errors, "error"))),
    }
}

fn line(file: &Path, found: &Found<'_>, json: bool) -> String {
    if json {
        return serde_json::to_string(found).expect("a finding is plain values") + "\n";
    }
    match found.line {
        Some(line) => format!("{}:{line}: {}\n", file.display(), found.finding),
        None => format!("{}: {}\n", file.display(), found.finding),
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn differ(older: &Topology, newer: &Topology, json: bool) -> Result<(), Trouble> {
    let changes = topology::diff(older, newer);
    if changes.is_empty() && !json {
        return print::say("they say the same\n");
    }
    changes.iter().try_for_each(|change| print::fact(change, &change.to_string(), json))
}

fn import(file: &Path, accept_unknown: bool, out: Out) -> Result<(), Trouble> {
    let strictness = if accept_unknown { Strictness::Accept } else { Strictness::Refuse };
    let imported = topology::import(&files::octets(file)?, strictness).map_err(|fault| {
        let hint = match fault {
            topology::ImportFault::Unknown { .. } => " with --accept-unknown",
            _ => "",
        };
        files::wrong(file)(format!("{fault}{hint}"))
    })?;
    for unknown in &imported.unknown {
        print::aside(&format!("left out: {unknown}"));
    }
    for remark in &imported.remarks {
        print::aside(&format!("note: {remark}"));
    }
    out.write(&topology::print(&imported.topology))?;
    let findings = validate(&imported.topology, &Facts::default());
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors > 0 {
        let errors = counted(errors, "error");
        print::aside(&format!(
            "{errors} keep it from being published: `causerie topology validate` says what is missing"
        ));
    }
    Ok(())
}

fn export(file: &Path, form: Form, out: Out) -> Result<(), Trouble> {
    let topology = files::topology(file)?;
    out.write(&match form {
        Form::Toml => topology::print(&topology),
        Form::Json => serde_json::to_string_pretty(&topology).expect("a topology is plain values") + "\n",
    })
}
