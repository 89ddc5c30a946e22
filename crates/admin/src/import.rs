//! `directory import`: the export of a directory beside what is known, said first, then done in portions under one number.
//! Reads exports by `directory::ldif` and finds differences by `directory::compare`; this file only carries them over.

mod known;
mod portions;
mod report;

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor};

use chat::Actor;
use directory::ldif::LdifSource;
use directory::{Alteration, Census, Plan, compare};

use crate::affiliate::Belonging;
use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::DirectoryImport;
use crate::outcome::{Outcome, Rows};

use known::Known;
use portions::Portions;

/// The source an import belongs to unless it says another.
const SOURCE: &str = "ldif";
/// Longest name of a source, in characters (ours: as other names).
const SOURCE_CHARS_MAX: usize = 256;
/// Share of the people who may sign on that an import may shut out without being told twice (ours: one in twenty).
const SHUT_OUT_SHARE_MAX: f64 = 0.05;
/// Fewer people than this are never a share worth asking about (ours).
const SHUT_OUT_LEAST: u64 = 3;
/// People or groups whose affiliations one transaction writes (design of the journals: chunks of 500).
const PORTION: usize = 500;
/// How often affiliations are worked out again because memberships changed meanwhile (ours).
const TRIES: usize = 16;

pub(crate) async fn import(errand: &Errand<'_>, asked: &DirectoryImport) -> Result<Outcome, AdminError> {
    let source = asked.source.as_deref().unwrap_or(SOURCE).trim().to_owned();
    if source.is_empty() || source.chars().count() > SOURCE_CHARS_MAX || source.chars().any(char::is_control)
    {
        let message = format!("a source is named by 1 to {SOURCE_CHARS_MAX} characters on one line");
        return Err(AdminError::invalid("source", message));
    }
    let field = if asked.ldif.is_some() { "ldif" } else { "file" };
    let input = opened(errand, asked)?;
    // Two at once would stand in each other's way; in a dry run nobody does.
    let _turn = if errand.dry_run { None } else { Some(errand.turns.imports.lock().await) };
    let mapping = directory::ldif::Mapping {
        address_attribute: asked.address_attribute.clone(),
        address_from_mail: asked.address_from_mail,
    };
    let name = source.clone();
    let read = tokio::task::spawn_blocking(move || Census::take(&mut LdifSource::new(name, input, mapping)));
    let census =
        read.await.map_err(|error| AdminError::Unavailable(format!("the export was not read: {error}")))?;
    let census = census.map_err(|fault| AdminError::invalid(field, fault))?;
    let known = Known::read(errand, &source).await?;
    let plan = compare(&census, &known.present).map_err(|conflicts| report::conflict(field, &conflicts))?;
    reserved(errand, field, &plan).await?;
    let mut work = Work::default();
    report::list(&plan, &mut work);
    guard(errand, &plan, asked, &mut work)?;
    let rows = report::counts(&plan);
    if !errand.dry_run {
        apply(errand, &plan, known, source, &work).await?;
    }
    Ok(work.outcome(Rows::Import(rows)))
}

/// The export: a file of this machine for whoever has a shell on it, or the text itself.
fn opened(errand: &Errand<'_>, asked: &DirectoryImport) -> Result<Box<dyn BufRead + Send>, AdminError> {
    match (&asked.file, &asked.ldif) {
        (None, Some(text)) => Ok(Box::new(Cursor::new(text.clone().into_bytes()))),
        (Some(file), None) => {
            if !matches!(errand.asker.by, Actor::Shell(_) | Actor::Server) {
                return Err(AdminError::Denied(
                    "a file is read for whoever has a shell on the server's machine: send the export itself as `ldif`".into(),
                ));
            }
            // Opening a pipe would wait for whoever writes to it.
            let is_file = std::fs::metadata(file).map(|facts| facts.is_file());
            if is_file.is_ok_and(|is_file| !is_file) {
                return Err(AdminError::invalid(
                    "file",
                    format!("{file} is no file: name the file of the export"),
                ));
            }
            let opened = File::open(file);
            let opened = opened.map_err(|error| AdminError::invalid("file", format!("{file}: {error}")))?;
            Ok(Box::new(BufReader::with_capacity(1 << 20, opened)))
        }
        _ => Err(AdminError::invalid(
            "file",
            "name the file of the export, or send the export itself as `ldif`: one of the two",
        )),
    }
}

/// The addresses under which clients find the pool are nobody's. Those of the server itself no export brings this far.
async fn reserved(errand: &Errand<'_>, field: &str, plan: &Plan) -> Result<(), AdminError> {
    let endpoints: HashSet<_> = errand.store.endpoints().await?.into_iter().map(|one| one.address).collect();
    let added = plan.added.iter().filter_map(|added| Some((&added.name, added.address.as_ref()?)));
    let given = plan.readdressed().flat_map(|altered| {
        altered.alterations.iter().filter_map(|alteration| match alteration {
            Alteration::Address { after, .. } => Some((&altered.name, after)),
            _ => None,
        })
    });
    for (name, address) in added.chain(given) {
        if endpoints.contains(address) {
            let message = format!("{name}: {address} is an address of the pool: give the person another");
            return Err(AdminError::rule(field, message));
        }
    }
    Ok(())
}

/// Whoever imports half a file by mistake is asked before half the house is shut out.
fn guard(
    errand: &Errand<'_>,
    plan: &Plan,
    asked: &DirectoryImport,
    work: &mut Work,
) -> Result<(), AdminError> {
    let (share, count) = (plan.share_disabled(), plan.shut_out());
    if share <= SHUT_OUT_SHARE_MAX || count < SHUT_OUT_LEAST {
        return Ok(());
    }
    let message = format!(
        "{count} of {} people who may sign on now could not any more ({:.0} %): is the export whole? `--dry-run` lists them, \
         `--yes` does it",
        plan.enabled_now,
        share * 100.0
    );
    // A dry run says everything, this too.
    if asked.yes || errand.dry_run {
        work.warnings.push(message);
        return Ok(());
    }
    Err(AdminError::Conflict(message))
}

async fn apply(
    errand: &Errand<'_>,
    plan: &Plan,
    known: Known,
    source: String,
    work: &Work,
) -> Result<(), AdminError> {
    let mut portions = Portions::new(errand, known, source, work);
    portions.free(plan).await?;
    for step in plan.steps() {
        portions.take(step).await?;
    }
    let operation = portions.finish().await?;
    settle(errand, operation, work).await
}

/// Works out what everybody belongs to now and writes where it is new; once more when somebody else changed memberships.
async fn settle(errand: &Errand<'_>, mut operation: Option<u64>, work: &Work) -> Result<(), AdminError> {
    for attempt in 0..TRIES {
        // At first whoever changes a membership waits for one portion only; when that spoils it, for all of the rest.
        let waiting = if attempt == 0 { None } else { Some(errand.turns.memberships.lock().await) };
        match settled(errand, waiting.is_some(), &mut operation, work).await {
            Err(AdminError::Stale(_)) => {}
            done => return done,
        }
    }
    Err(AdminError::Stale(
        "memberships change faster than they can be followed: `causerie principal refresh` goes on".into(),
    ))
}

/// One try: portion by portion, as long as nobody else changes a membership; `undisturbed` when nobody can.
async fn settled(
    errand: &Errand<'_>,
    undisturbed: bool,
    operation: &mut Option<u64>,
    work: &Work,
) -> Result<(), AdminError> {
    let belonging = Belonging::read(errand.store).await?;
    let number = belonging.number;
    for row in belonging.moved(errand.store).await?.rows(PORTION) {
        let _turn = if undisturbed { None } else { Some(errand.turns.memberships.lock().await) };
        let rows = vec![store::RowChange::Assert(store::Premise::Graph(number)), row];
        *operation = Some(errand.write_part(work, rows, *operation).await?.operation);
    }
    Ok(())
}
