//! The verbs of the published topology: publish, history, download. What may be published is said by the rules of `topology`, with
//! what was seen of the world by the survey this desk was given.
//! Keeps no copy for servers; each fetches its own.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chat::Actor;
use serde_json::Value;
use store::{RowChange, TopologyDraft, TopologyRow};
use topology::version::Hash;
use topology::{
    Facts, Finding, Seen, Severity, Topology, Version, derived_from, diff, line_of, parse, validate,
};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{TopologyDownload, TopologyHistory, TopologyPublish};
use crate::outcome::{Changed, Outcome, Rows};
use crate::page;
use crate::record::Names;
use crate::view::TopologyView;

/// Longest remark, in characters (documented: 256 for descriptions).
const REMARK_CHARS_MAX: usize = 256;
/// What the record calls it.
const OBJECT: &str = "topology";
/// The field that holds the document.
const DOCUMENT: &str = "document";

/// What was seen of the world for a topology that is about to be published.
#[derive(Clone, Debug, Default)]
pub struct Surveyed {
    /// What the rules need to know.
    pub seen: Seen,
    /// What else was found, as rules would say it.
    pub findings: Vec<Finding>,
}

/// What is asked of whoever surveys.
#[derive(Clone, Debug)]
pub struct Surveying {
    /// What is about to be published.
    pub topology: Topology,
    /// Whether file stores may be prepared on the way: their rights narrowed to the service. Not when it is only rehearsed.
    pub prepares: bool,
}

/// Looks at the world. The desk does not know how.
#[derive(Clone)]
pub struct Survey(Arc<Look>);

type Look = dyn Fn(Surveying) -> Pin<Box<dyn Future<Output = Surveyed> + Send>> + Send + Sync;

impl Survey {
    /// By this function.
    pub fn new<F>(look: impl Fn(Surveying) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Surveyed> + Send + 'static,
    {
        Self(Arc::new(move |asked| Box::pin(look(asked))))
    }
}

impl fmt::Debug for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Survey")
    }
}

pub(crate) async fn publish(errand: &Errand<'_>, asked: &TopologyPublish) -> Result<Outcome, AdminError> {
    let remark = remark(asked.remark.as_deref().unwrap_or_default())?;
    let topology = parse(asked.document.as_bytes()).map_err(of_field(DOCUMENT))?;
    let newest = match errand.store.topology(None).await? {
        Some(row) => Some(version(&row)?),
        None => None,
    };
    follows(errand, asked, newest.as_ref())?;
    let published = newest.as_ref().map(Version::topology);
    let mut work = Work {
        warnings: judged(errand, asked, &topology, published.as_ref()).await?,
        changes: changes(published.as_ref(), &topology),
        ..Work::default()
    };
    let next = Version::next(newest.as_ref(), &topology).map_err(of_field(DOCUMENT))?;
    if newest.as_ref().is_some_and(|newest| newest.document() == next.document()) {
        let number = next.number() - 1;
        work.warnings.push(format!("version {number} says the same, so no new one was published"));
        return Ok(work.outcome(shown(errand, Some(number)).await?));
    }
    work.rows.push(RowChange::PublishTopology(TopologyDraft {
        number: next.number(),
        previous: next.previous().0,
        hash: next.hash().0,
        document: next.document().to_owned(),
        remark: remark.clone(),
    }));
    errand.write(&work).await?;
    if errand.dry_run {
        let planned = TopologyView { remark, ..of_version(&next) };
        return Ok(work.outcome(Rows::Topologies(vec![planned])));
    }
    let rows = shown(errand, Some(next.number())).await?;
    Ok(work.outcome(rows))
}

pub(crate) async fn history(errand: &Errand<'_>, asked: &TopologyHistory) -> Result<Outcome, AdminError> {
    let (limit, last) = page::begin(asked.limit, asked.cursor.as_deref())?;
    let before = if last.is_empty() { None } else { Some(last.parse().map_err(of_field("cursor"))?) };
    let mut rows = errand.store.topologies(before, limit + 1).await?;
    let next = page::end(&mut rows, limit, |row| row.number.to_string());
    Ok(Outcome { next, ..Outcome::of(Rows::Topologies(views(errand, &rows).await?)) })
}

pub(crate) async fn download(errand: &Errand<'_>, asked: &TopologyDownload) -> Result<Outcome, AdminError> {
    let number = asked.version.map(u64::from);
    let Some(row) = errand.store.topology(number).await? else {
        return Err(AdminError::NotFound(match number {
            Some(number) => {
                format!("there is no version {number}: `causerie topology history` shows those there are")
            }
            None => "nothing is published yet: `causerie topology publish FILE` does it".to_owned(),
        }));
    };
    let document = version(&row)?.document().to_owned();
    let mut views = views(errand, &[row]).await?;
    views.iter_mut().for_each(|view| view.document = Some(document.clone()));
    Ok(Outcome::of(Rows::Topologies(views)))
}

/// What is published now, if anything is.
pub(crate) async fn in_force(errand: &Errand<'_>) -> Result<Option<Topology>, AdminError> {
    let newest = errand.store.topology(None).await?;
    newest.map(|row| version(&row).map(|version| version.topology())).transpose()
}

/// Refuses what was made from another version than the newest.
fn follows(errand: &Errand<'_>, asked: &TopologyPublish, newest: Option<&Version>) -> Result<(), AdminError> {
    let number = newest.map_or(0, Version::number);
    if errand.names_state() {
        return errand.matches("the published topology", &number.to_string());
    }
    match derived_from(&asked.document) {
        Some(base) if base == number => Ok(()),
        Some(base) if base > number => Err(AdminError::Conflict(format!(
            "the document was made from version {base}, and the newest here is {number}: publish it where it comes from"
        ))),
        Some(base) => Err(AdminError::Stale(format!(
            "the document was made from version {base}, and version {number} has been published since: `causerie topology download` \
             gives that, `causerie topology diff` says what differs; put your change into it and publish again"
        ))),
        None if number == 0 => Ok(()),
        None => Err(AdminError::rule(
            DOCUMENT,
            format!(
                "the document does not say from which version it was made: change the one that `causerie topology download` gives, or \
                 name the version as its etag (--if-match {number} if it was made from the newest)"
            ),
        )),
    }
}

/// What the rules and the survey say: warnings, when nothing keeps the topology from being published.
async fn judged(
    errand: &Errand<'_>,
    asked: &TopologyPublish,
    topology: &Topology,
    published: Option<&Topology>,
) -> Result<Vec<String>, AdminError> {
    let Some(survey) = errand.survey else {
        let message =
            "nobody can look from here whether what the topology names is there: publish it through a server";
        return Err(AdminError::Unavailable(message.into()));
    };
    // What is wrong with the document alone is said at once; DNS and stores may take long.
    refused(&asked.document, &validate(topology, &Facts::defining(published)))?;
    let surveying = Surveying { topology: topology.clone(), prepares: !errand.dry_run };
    let Surveyed { seen, findings } = (survey.0)(surveying).await;
    let mut all = validate(topology, &Facts::publishing(published, &seen));
    all.extend(findings);
    refused(&asked.document, &all)?;
    let mut said = BTreeSet::new();
    let all = all.iter().map(ToString::to_string).filter(|line| said.insert(line.clone()));
    Ok(all.collect())
}

/// Refuses a topology with errors, naming all of them.
fn refused(document: &str, findings: &[Finding]) -> Result<(), AdminError> {
    let errors: Vec<&Finding> =
        findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    if errors.is_empty() {
        return Ok(());
    }
    let said = |finding: &&Finding| match line_of(document, &finding.place) {
        Some(line) => format!("\n  line {line}: {finding}"),
        None => format!("\n  {finding}"),
    };
    let lines: String = errors.iter().map(said).collect();
    let count = if errors.len() == 1 { "an error".to_owned() } else { format!("{} errors", errors.len()) };
    Err(AdminError::rule(DOCUMENT, format!("the topology has {count}, and nothing was published:{lines}")))
}

/// What changes, object by object.
fn changes(published: Option<&Topology>, topology: &Topology) -> Vec<Changed> {
    let nothing = Topology::default();
    let mut changes = Vec::new();
    let value = |text: Option<String>| text.map_or(Value::Null, Value::from);
    for change in diff(published.unwrap_or(&nothing), topology) {
        let object = format!("{OBJECT}: {}", change.object);
        if change.fields.is_empty() {
            let (before, after) = match change.effect {
                topology::Effect::Removed => (true.into(), Value::Null),
                _ => (Value::Null, true.into()),
            };
            changes.push(Changed { object, field: "present".into(), before, after });
            continue;
        }
        changes.extend(change.fields.into_iter().map(|field| Changed {
            object: object.clone(),
            field: field.field,
            before: value(field.before),
            after: value(field.after),
        }));
    }
    changes
}

/// The version in a row, proved by its hash.
fn version(row: &TopologyRow) -> Result<Version, AdminError> {
    let document = row.document.clone().unwrap_or_default();
    Version::kept(row.number, Hash(row.previous), document, Hash(row.hash))
        .map_err(|fault| AdminError::Unavailable(fault.to_string()))
}

async fn shown(errand: &Errand<'_>, number: Option<u64>) -> Result<Rows, AdminError> {
    let row = errand.store.topology(number).await?;
    Ok(Rows::Topologies(views(errand, row.as_slice()).await?))
}

async fn views(errand: &Errand<'_>, rows: &[TopologyRow]) -> Result<Vec<TopologyView>, AdminError> {
    let actors: Vec<Actor> = rows.iter().map(|row| row.by).collect();
    let names = Names::of(errand, actors).await?;
    let view = |row: &TopologyRow| TopologyView {
        version: row.number,
        time: row.time.iso7(),
        by: names.show(row.by),
        remark: row.remark.clone(),
        hash: Hash(row.hash).to_string(),
        previous: Hash(row.previous).to_string(),
        document: None,
        etag: row.number.to_string(),
    };
    Ok(rows.iter().map(view).collect())
}

fn of_version(version: &Version) -> TopologyView {
    TopologyView {
        version: version.number(),
        hash: version.hash().to_string(),
        previous: version.previous().to_string(),
        etag: version.number().to_string(),
        ..TopologyView::default()
    }
}

fn remark(text: &str) -> Result<String, AdminError> {
    let text = text.trim();
    let is_good = text.chars().count() <= REMARK_CHARS_MAX && !text.chars().any(char::is_control);
    if is_good {
        return Ok(text.to_owned());
    }
    let message = format!("the remark is one line of {REMARK_CHARS_MAX} characters at most: make it shorter");
    Err(AdminError::invalid("remark", message))
}
