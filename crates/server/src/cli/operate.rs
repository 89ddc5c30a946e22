//! One command that is an operation: asked about, carried out (once, or for each object on standard input, or page by
//! page), printed. Where it is carried out is `ask.rs` or `remote.rs`.

use std::collections::BTreeSet;
use std::io::{BufRead, Read};
use std::path::Path;

use admin::{Distinct, PAGE_MAX, Request, Spec};
use clap::ArgMatches;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::grammar::{DRY_RUN, FROM_STDIN, IF_MATCH, YES, given};
use super::print::{self, Form};
use super::progress::Progress;
use super::remote::Remote;
use super::{ask, files, reverse};
use crate::seat::StoreAt;
use crate::trouble::Trouble;

/// Longest line of standard input, in octets (ours: as of an operation at the socket).
const LINE_BYTES_MAX: u64 = 64 << 20;

/// Where operations are carried out.
pub enum Office<'a> {
    /// By the server on this directory, or here.
    Here(&'a Path, &'a StoreAt),
    /// By a server elsewhere.
    There(Remote),
}

/// An operation that was asked for.
struct Asked<'a> {
    office: Office<'a>,
    spec: &'static Spec,
    dry_run: bool,
    yes: bool,
    form: Form,
}

/// Carries out what a command line says.
///
/// # Errors
/// [`Trouble`]: that of the operation, of the first that failed if there were several.
pub async fn run(
    spec: &'static Spec,
    matches: &ArgMatches,
    office: Office<'_>,
    json: bool,
) -> Result<(), Trouble> {
    let flag = |name: &str| matches!(matches.try_get_one::<bool>(name), Ok(Some(true)));
    let (spec, mut fields) = match reverse::read(spec, matches)? {
        Some(other) => other,
        None => (spec, given(spec, matches)?),
    };
    files::sent(spec, &mut fields, matches!(office, Office::There(_)))?;
    let form = Form::of(spec, json);
    let asked = Asked { office, spec, dry_run: flag(DRY_RUN), yes: flag(YES), form };
    let if_match = matches.try_get_one::<String>(IF_MATCH).ok().flatten().cloned();
    if flag(FROM_STDIN) {
        return asked.each_line(&fields, if_match.as_deref()).await;
    }
    asked.once(fields, if_match).await
}

impl Asked<'_> {
    async fn once(&self, fields: Map<String, Value>, if_match: Option<String>) -> Result<(), Trouble> {
        if let Some(question) = self.spec.question(&fields).filter(|_| !self.yes && !self.dry_run) {
            print::confirmed(&question)?;
        }
        let all = self.spec.field("cursor").is_some()
            && !fields.contains_key("limit")
            && !fields.contains_key("cursor");
        if all {
            return self.every_page(fields).await;
        }
        let whole = fields.get("skipBad") != Some(&Value::Bool(true));
        let outcome = self.begun().during(self.carry_out(fields, if_match)).await?;
        print::outcome(&outcome, self.spec, self.form)?;
        match failed(&outcome) {
            // What is done would be refused: whoever looks at the code alone must see it.
            failed if failed > 0 && outcome.dry_run && whole => Err(Trouble::Rehearsed(failed)),
            _ => Ok(()),
        }
    }

    /// What is shown at a terminal while it is carried out.
    fn begun(&self) -> Progress {
        Progress::of(self.spec.said())
    }

    /// A whole list, however many pages it has.
    async fn every_page(&self, mut fields: Map<String, Value>) -> Result<(), Trouble> {
        fields.insert("limit".to_owned(), PAGE_MAX.into());
        let mut rows = Vec::new();
        let mut progress = self.begun();
        let kind = loop {
            let outcome = progress.during(self.carry_out(fields.clone(), None)).await?;
            progress.beside(|| print::warnings(&outcome));
            rows.extend(outcome.rows);
            progress.is_at(format!("{}: {} so far", self.spec.said(), rows.len()));
            match outcome.next {
                Some(next) => drop(fields.insert("cursor".to_owned(), next.into())),
                None => break outcome.kind,
            }
        };
        drop(progress);
        print::rows(&kind, &rows, self.spec, self.form)
    }

    /// One operation for each line of standard input; those that fail are said, and the rest is carried out all the same.
    async fn each_line(&self, options: &Map<String, Value>, if_match: Option<&str>) -> Result<(), Trouble> {
        if self.spec.question.is_some() && !self.yes && !self.dry_run {
            return Err(Trouble::Usage(format!(
                "`causerie {}` asks before something is lost, and nobody can be asked for each line of standard input: say --yes \
                 to do it for all of them, --dry-run to see what it would do",
                self.spec.said()
            )));
        }
        let (mut all, mut failed, mut code) = (0, 0, None);
        let (mut kind, mut rows) = (String::new(), Vec::new());
        let mut progress = self.begun();
        for number in 1_u64.. {
            let mut line = Vec::new();
            let read = std::io::stdin().lock().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
            if read.map_err(|error| Trouble::Unavailable(format!("standard input: {error}")))? == 0 {
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            all += 1;
            progress.is_at(format!("{}: line {number}", self.spec.said()));
            match progress.during(self.line(&line, options, if_match)).await {
                // Programs are told at once; people get one table in the end.
                Ok(outcome) if outcome.dry_run || self.form == Form::Json => {
                    progress.beside(|| print::outcome(&outcome, self.spec, self.form))?;
                }
                Ok(outcome) => {
                    progress.beside(|| print::warnings(&outcome));
                    kind = outcome.kind;
                    rows.extend(outcome.rows);
                }
                Err(trouble) => {
                    progress.beside(|| print::aside(&format!("line {number}: {trouble}")));
                    failed += 1;
                    code.get_or_insert(trouble.code());
                }
            }
        }
        drop(progress);
        if !rows.is_empty() {
            print::rows(&kind, &rows, self.spec, self.form)?;
        }
        code.map_or(Ok(()), |code| Err(Trouble::Lines { failed, all, code }))
    }

    async fn line(
        &self,
        line: &[u8],
        options: &Map<String, Value>,
        if_match: Option<&str>,
    ) -> Result<Answer, Trouble> {
        let Distinct(value) = serde_json::from_slice(line).map_err(no_object)?;
        let object: Map<String, Value> = serde_json::from_value(value).map_err(no_object)?;
        let (mut fields, etag) = merged(self.spec, object);
        fields.extend(options.clone());
        self.carry_out(fields, if_match.map(str::to_owned).or(etag)).await
    }

    async fn carry_out(
        &self,
        fields: Map<String, Value>,
        if_match: Option<String>,
    ) -> Result<Answer, Trouble> {
        match &self.office {
            Office::Here(place, store) => {
                let operation = self.spec.read(fields).map_err(admin::AdminError::from)?;
                Ok(ask::carry_out(place, store, Request { operation, dry_run: self.dry_run, if_match })
                    .await?
                    .into())
            }
            Office::There(remote) => remote.carry_out(self.spec, fields, self.dry_run, if_match).await,
        }
    }
}

fn no_object(bad: serde_json::Error) -> Trouble {
    Trouble::Invalid(format!("this is no JSON object in one line: {bad}"))
}

/// How many lines of a table cannot be done.
fn failed(outcome: &Answer) -> usize {
    let failed =
        outcome.rows.iter().filter(|row| row["result"] == "failed").filter_map(|row| row["line"].as_u64());
    failed.collect::<BTreeSet<_>>().len()
}

/// The fields an object gives to an operation, and the state it names.
///
/// An object that was printed (it has an etag) may hold more than the operation takes: it names what it is about by its
/// GUID or address, and gives those values that the operation can set. A row has its etag also where none is looked at: it is
/// passed over there, while one that somebody names is refused.
fn merged(spec: &Spec, mut object: Map<String, Value>) -> (Map<String, Value>, Option<String>) {
    let Some(etag) = object.shift_remove("etag") else { return (object, None) };
    if let Some(about) = spec.positional.first().filter(|about| !object.contains_key(**about)) {
        let identity = ["address", "guid", "name"].into_iter().find_map(|name| object.get(name).cloned());
        object.extend(identity.map(|identity| ((*about).to_owned(), identity)));
    }
    object.retain(|name, _| spec.field(name).is_some());
    (object, etag.as_str().filter(|_| spec.takes_state).map(str::to_owned))
}
