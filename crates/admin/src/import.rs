//! `directory import`: the export of a directory beside what is known, said first, then done in portions under one number.
//! Reads exports by `directory::ldif` and finds differences by `directory::compare`; this file only carries them over.

mod known;
mod portions;
mod preview;
mod report;

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor};

use chat::Actor;
use directory::ldif::LdifSource;
use directory::{Alteration, Census, Plan, compare};
use store::{Premise, RowChange};

use crate::affiliate::Belonging;
use crate::changes::Work;
use crate::desk::Asker;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::DirectoryImport;
use crate::outcome::{Outcome, Rows};
use crate::unfinished::Unfinished;

use known::{Kept, Known};
use portions::Portions;

/// The source an import belongs to unless it says another.
const SOURCE: &str = "ldif";
/// Longest name of a source, in characters (ours: as other names).
const SOURCE_CHARS_MAX: usize = 256;
/// Share of the people who may sign on that an import may shut out without being told twice (ours: one in twenty).
const SHUT_OUT_SHARE_MAX: f64 = 0.05;
/// Fewer people than this are never a share worth asking about (ours).
const SHUT_OUT_LEAST: u64 = 3;
/// People with roles beyond the asker's whom a refusal names (ours: a line or two).
const NAMED_MAX: usize = 10;
/// People or groups whose affiliations one transaction writes (design of the journals: chunks of 500).
const PORTION: usize = 500;
/// How often the rest is found out anew, and affiliations are, because somebody else changed things meanwhile (ours).
const TRIES: usize = 16;

pub(crate) async fn import(errand: &Errand<'_>, asked: &DirectoryImport) -> Result<Outcome, AdminError> {
    let source = asked.source.as_deref().unwrap_or(SOURCE).trim().to_owned();
    if source.is_empty() || source.chars().count() > SOURCE_CHARS_MAX || source.chars().any(char::is_control)
    {
        let message = format!("a source is named by 1 to {SOURCE_CHARS_MAX} characters on one line");
        return Err(AdminError::invalid("source", message));
    }
    let field = if asked.ldif.is_some() { "ldif" } else { "file" };
    if asked.file.is_some() && !matches!(errand.asker.by, Actor::Shell(_) | Actor::Server) {
        return Err(AdminError::Denied(
            "a file is read for whoever has a shell on the server's machine: send the export itself as `ldif`".into(),
        ));
    }
    // Two at once would stand in each other's way; in a dry run nobody does.
    let _turn = if errand.dry_run { None } else { Some(errand.turns.imports.lock().await) };
    let mapping = directory::ldif::Mapping {
        address_attribute: asked.address_attribute.clone(),
        address_from_mail: asked.address_from_mail,
    };
    let (name, file, ldif) = (source.clone(), asked.file.clone(), asked.ldif.clone());
    // A file system may take its time to open a file, too.
    let read = tokio::task::spawn_blocking(move || {
        let input = opened(file, ldif)?;
        let census = Census::take(&mut LdifSource::new(name, input, mapping));
        census.map_err(|fault| AdminError::invalid(field, fault))
    });
    let census = read
        .await
        .map_err(|error| AdminError::Unavailable(format!("the export was not read: {error}")))??;
    let mut import = Import { errand, asked, field, source: &source, census: &census, operation: None };
    import.carry_out().await
}

/// An export that was read, on its way in.
struct Import<'a, 'e> {
    errand: &'a Errand<'e>,
    asked: &'a DirectoryImport,
    field: &'static str,
    source: &'a str,
    census: &'a Census,
    /// The number of the operation, once something was written.
    operation: Option<u64>,
}

impl Import<'_, '_> {
    async fn carry_out(&mut self) -> Result<Outcome, AdminError> {
        let errand = self.errand;
        let (mut known, mut plan) = self.compared().await?;
        let mut work = Work::default();
        report::list(&plan, &known, &mut work);
        guard(errand, &plan, self.asked, &mut work)?;
        let rows = report::counts(&plan);
        if errand.dry_run {
            let access = preview::preview(errand, &plan, &known).await?;
            return Ok(work.outcome(Rows::Import(rows)).with_access(access));
        }
        for attempt in 1.. {
            match apply(errand, &plan, known, self.source, &mut self.operation).await {
                Ok(()) => break,
                // Somebody else changed what was looked at: the rest is found out anew, and goes on under the same number.
                Err(AdminError::Stale(_) | AdminError::NotFound(_) | AdminError::Duplicate { .. })
                    if attempt < TRIES => {}
                Err(error) => return Err(self.interrupted(error).await),
            }
            (known, plan) = match self.compared().await {
                Ok(compared) => compared,
                Err(error) => return Err(self.interrupted(error).await),
            };
        }
        settle(errand, self.operation).await?;
        Ok(work.outcome(Rows::Import(rows)))
    }

    /// What is known now, and what the export changes of it.
    async fn compared(&self) -> Result<(Known, Plan), AdminError> {
        let known = Known::read(self.errand, self.source).await?;
        let plan = compare(self.census, &known.present);
        let plan = plan.map_err(|conflicts| report::conflict(self.field, &conflicts))?;
        reserved(self.errand, self.field, &plan).await?;
        not_above(self.errand, &plan, &known)?;
        Ok((known, plan))
    }

    /// Says how far it came. Whoever left a group by then has what it gave no more.
    async fn interrupted(&self, error: AdminError) -> AdminError {
        // Not stale: whoever asked would begin all of it anew.
        let error = match error {
            AdminError::Stale(why) => AdminError::Limit(why),
            other => other,
        };
        let Some(operation) = self.operation else { return error };
        let settled = match settle(self.errand, self.operation).await {
            Ok(()) => "",
            Err(_) => "; who belongs to what by it is worked out at the next start of the server",
        };
        error.told(|why| {
            format!(
                "{why} (part of the export is imported: `causerie audit get {operation}` shows what{settled}; import the same \
                 again to go on with the rest)"
            )
        })
    }
}

/// The export: a file of this machine, or the text itself.
fn opened(file: Option<String>, ldif: Option<String>) -> Result<Box<dyn BufRead + Send>, AdminError> {
    match (file, ldif) {
        (None, Some(text)) => Ok(Box::new(Cursor::new(text.into_bytes()))),
        (Some(file), None) => {
            let wrong = |error| AdminError::invalid("file", format!("{file}: {error}"));
            // Opening a pipe would wait for whoever writes to it.
            if !std::fs::metadata(&file).map_err(wrong)?.is_file() {
                let message = format!(
                    "{file} is no file: name the file of the export, or send the export itself as `ldif`"
                );
                return Err(AdminError::invalid("file", message));
            }
            let opened = File::open(&file).map_err(wrong)?;
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

/// Nobody changes somebody with a role beyond his own: no more by an export than one by one.
fn not_above(errand: &Errand<'_>, plan: &Plan, known: &Known) -> Result<(), AdminError> {
    let altered = plan.altered.iter().map(|altered| altered.guid);
    let changed = altered.chain(plan.gone.iter().map(|gone| gone.guid));
    let above = |guid| {
        let kept: &Kept = known.rows.get(&guid)?;
        Some((kept.address.as_ref()?, errand.beyond(kept.roles)?))
    };
    let mut above: Vec<_> = changed.filter_map(above).collect();
    if above.is_empty() {
        return Ok(());
    }
    above.sort_unstable_by_key(|(address, _)| *address);
    let named = above.iter().take(NAMED_MAX).map(|(address, role)| format!("{address} ({role})"));
    let named: Vec<String> = named.collect();
    let more = above.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(AdminError::Denied(format!(
        "the export changes people with a role which you do not have, so nothing of it is imported: {}{more}; an administrator \
         can import it",
        named.join(", ")
    )))
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
    source: &str,
    operation: &mut Option<u64>,
) -> Result<(), AdminError> {
    let mut portions = Portions::new(errand, known, source, operation);
    portions.free(plan).await?;
    for step in plan.steps() {
        portions.take(step).await?;
    }
    portions.finish().await
}

/// Works out what everybody belongs to now and writes where it is new, as further parts of the operation of this number. What was
/// imported counts, so the server does that itself when whoever asked may not any more.
pub(crate) async fn settle(errand: &Errand<'_>, operation: Option<u64>) -> Result<(), AdminError> {
    match follow(errand, operation).await {
        Err(AdminError::Denied(_)) => {
            let server = Asker::new(Actor::Server, errand.asker.from.clone());
            follow(&errand.by_server(&server), operation).await
        }
        done => done,
    }
}

/// The same, once more when somebody else changed memberships.
async fn follow(errand: &Errand<'_>, mut operation: Option<u64>) -> Result<(), AdminError> {
    for attempt in 0..TRIES {
        // At first whoever changes a membership waits for one portion only; when that spoils it, for all of the rest.
        let waiting = if attempt == 0 { None } else { Some(errand.turns.memberships.lock().await) };
        match settled(errand, waiting.is_some(), &mut operation).await {
            Err(AdminError::Stale(_)) => {}
            Ok(()) => return Unfinished::end(errand, |note| *note == Unfinished::Belonging).await,
            failed => return failed,
        }
    }
    // Not stale: that would begin all of the import anew.
    Err(AdminError::Limit(
        "memberships change faster than they can be followed: `causerie principal refresh` goes on".into(),
    ))
}

/// One try: portion by portion, as long as nobody else changes a membership; `undisturbed` when nobody can.
async fn settled(
    errand: &Errand<'_>,
    undisturbed: bool,
    operation: &mut Option<u64>,
) -> Result<(), AdminError> {
    let belonging = Belonging::read(errand.store).await?;
    let number = belonging.number;
    for row in belonging.moved(errand.store).await?.rows(PORTION) {
        let _turn = if undisturbed { None } else { Some(errand.turns.memberships.lock().await) };
        let rows = vec![RowChange::Assert(Premise::Graph(number)), row];
        *operation = Some(errand.write_told(&[], rows, *operation).await?.operation);
    }
    Ok(())
}
