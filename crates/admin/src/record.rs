//! The record of what administrators did: found by who, about what, when and by which verb, and read.
//! Reads only: no operation changes an entry, and none of this crate takes one away.

use std::collections::{HashMap, HashSet};

use chat::{Actor, Address, PersonId, Subject, folded};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use store::{Node, OperationFilter, OperationRow};
use uuid::Uuid;

use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{AuditGet, AuditList};
use crate::outcome::{Changed, Outcome, Rows};
use crate::page::{self, closed};
use crate::principal::{GROUP, groups_of};
use crate::view::RecordView;

/// Changes of one operation that a list shows (ours: what fits a screen); all of them are shown for one operation.
const CHANGES_LISTED: usize = 20;
/// Operations read at once (ours: some milliseconds).
const READ_AT_ONCE: usize = 200;
/// Operations looked through for one page of a list that is sieved by verb or text (ours: well below a second); the next page goes
/// on there.
const LOOKED_THROUGH_MAX: usize = 20_000;

pub(crate) async fn list(errand: &Errand<'_>, asked: &AuditList) -> Result<Outcome, AdminError> {
    let (limit, last) = page::begin(asked.limit, asked.cursor.as_deref())?;
    if limit == 0 {
        return Ok(Outcome::of(Rows::Record(Vec::new())));
    }
    let mut before = number_of(&last)?;
    let about = match &asked.about {
        Some(text) => About::read(errand, text).await?,
        None => About::Anything,
    };
    let filter = OperationFilter {
        by: asked_by(errand, asked).await?,
        about: about.subjects(),
        from: asked.start_date.as_ref().map(|moment| moment.first("startDate")).transpose()?,
        to: asked.end_date.as_ref().map(|moment| moment.last("endDate")).transpose()?,
    };
    let verb = asked.what.as_ref().map(|verb| verb.trim().to_lowercase().replace(' ', "-"));
    let means = |told: &Told| verb.as_ref().is_none_or(|verb| told.verb() == verb) && about.means(told);
    let (mut found, mut looked_through, mut next) = (Vec::<(OperationRow, Told)>::new(), 0, None);
    'reading: loop {
        let read = errand.store.operations(filter.clone(), before, READ_AT_ONCE).await?;
        if read.is_empty() {
            break;
        }
        looked_through += read.len();
        for operation in read {
            let told = Told::of(operation.body.as_deref(), about.looks_at());
            before = Some(operation.operation);
            if !means(&told) {
                continue;
            }
            if found.len() == limit {
                next = found.last().map(|(last, _)| last.operation);
                break 'reading;
            }
            found.push((operation, told));
        }
        if looked_through >= LOOKED_THROUGH_MAX {
            next = before;
            break;
        }
    }
    let actors: Vec<Actor> = found.iter().map(|(operation, _)| operation.by).collect();
    let names = Names::of(errand, actors).await?;
    let views = found.into_iter().map(|(operation, told)| listed(&names, operation, told));
    let next = next.map(|last| closed(&last.to_string()));
    Ok(Outcome { next, ..Outcome::of(Rows::Record(views.collect())) })
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &AuditGet) -> Result<Outcome, AdminError> {
    let none = || {
        AdminError::NotFound(format!(
            "there is no operation '{}': `causerie audit list` shows them",
            asked.operation
        ))
    };
    let number: u64 = asked.operation.trim().parse().map_err(|_| none())?;
    let newest = errand.store.operations(OperationFilter::default(), number.checked_add(1), 1).await?;
    let operation = newest.into_iter().next().filter(|found| found.operation == number).ok_or_else(none)?;
    let first = Told::of(operation.body.as_deref(), 0);
    let names = Names::of(errand, vec![operation.by]).await?;
    let (limit, last) = page::begin(asked.limit, asked.cursor.as_deref())?;
    let (after, shown) = last.split_once('.').unwrap_or_default();
    let (after, mut shown) = (number_of(after)?.unwrap_or_default(), number_of(shown)?.unwrap_or_default());
    let parts = errand.store.operation_parts(number, after, limit).await?;
    let mut views = Vec::new();
    for part in &parts {
        shown += 1;
        let told = Told::of(part.body.as_deref(), usize::MAX);
        views.push(RecordView {
            operation: number,
            time: part.time.iso7(),
            by: names.show(operation.by),
            from: first.from.clone(),
            verb: first.verb().to_owned(),
            asked: told.asked(),
            changes: told.changes.kept,
            more_changes: 0,
            part: usize::try_from(shown).unwrap_or(usize::MAX),
            things: part.entries,
        });
    }
    let more = usize::try_from(shown).is_ok_and(|shown| shown < operation.parts);
    let next = parts.last().filter(|_| more).map(|last| closed(&format!("{}.{shown}", last.number)));
    Ok(Outcome { next, ..Outcome::of(Rows::Record(views)) })
}

fn listed(names: &Names, operation: OperationRow, told: Told) -> RecordView {
    let asked = told.asked();
    let verb = told.verb().to_owned();
    let First { mut kept, more } = told.changes;
    let more_changes = more + kept.len().saturating_sub(CHANGES_LISTED);
    kept.truncate(CHANGES_LISTED);
    RecordView {
        operation: operation.operation,
        time: operation.time.iso7(),
        by: names.show(operation.by),
        from: told.from,
        verb,
        asked,
        changes: kept,
        more_changes,
        part: operation.parts,
        things: operation.entries,
    }
}

/// The number in a cursor; none at the beginning.
fn number_of(text: &str) -> Result<Option<u64>, AdminError> {
    if text.is_empty() {
        return Ok(None);
    }
    let bad = "this is no cursor of this list: give the `next` of the list before, as it was";
    text.parse().map(Some).map_err(|_| AdminError::invalid("cursor", bad))
}

/// Who is asked for.
async fn asked_by(errand: &Errand<'_>, asked: &AuditList) -> Result<Option<Vec<Actor>>, AdminError> {
    let Some(text) = asked.by.as_deref().map(str::trim) else { return Ok(None) };
    let number = |text: &str| text.parse::<i64>().map_err(of_field("by"));
    let actors = if let Some(uid) = text.strip_prefix("uid:") {
        vec![Actor::Shell(uid.parse().map_err(of_field("by"))?)]
    } else if let Some(token) = text.strip_prefix("token:") {
        vec![Actor::Token(number(token)?)]
    } else if text == "server" {
        vec![Actor::Server]
    } else if text.contains('@') || text.starts_with("sip:") {
        let address = Address::typed(text).map_err(of_field("by"))?;
        errand.store.people_ever_at(&address).await?.into_iter().map(Actor::Person).collect()
    } else {
        let message =
            format!("'{text}' is nobody: write sip:user@example.com, uid:NUMBER, token:NUMBER or server");
        return Err(AdminError::invalid("by", message));
    };
    Ok(Some(actors))
}

/// What the operations asked for are about.
enum About {
    Anything,
    /// These rows, which are there or were removed.
    These(Vec<Subject>),
    /// Something whose row is gone: its name as the record has it, folded.
    Named(String),
}

impl About {
    async fn read(errand: &Errand<'_>, text: &str) -> Result<Self, AdminError> {
        let mut subjects = Vec::new();
        if let Ok(address) = Address::typed(text) {
            subjects.extend(errand.store.people_ever_at(&address).await?.into_iter().map(Subject::Person));
        }
        subjects.extend(groups_of(errand.store, text).await?.into_iter().map(Subject::Group));
        let removed = errand.store.nodes_removed(&folded(text.trim()), Uuid::parse_str(text).ok()).await?;
        let nodes = errand.node(text).await?.into_iter().chain(removed);
        subjects.extend(nodes.map(|node| match node {
            Node::Room(id) => Subject::Room(id),
            Node::Category(id) => Subject::Category(id),
        }));
        if !subjects.is_empty() {
            return Ok(Self::These(subjects));
        }
        // The record has a group as `group NAME`.
        let text = text.trim();
        let named = text.strip_prefix(GROUP).map(|name| format!("group {}", name.trim()));
        Ok(Self::Named(folded(named.as_deref().unwrap_or(text))))
    }

    fn subjects(&self) -> Option<Vec<Subject>> {
        match self {
            Self::These(subjects) => Some(subjects.clone()),
            Self::Anything | Self::Named(_) => None,
        }
    }

    /// How many changes of an operation are looked at.
    fn looks_at(&self) -> usize {
        match self {
            Self::Anything | Self::These(_) => CHANGES_LISTED,
            Self::Named(_) => usize::MAX,
        }
    }

    fn means(&self, told: &Told) -> bool {
        let Self::Named(name) = self else { return true };
        told.changes.kept.iter().any(|change| {
            let object = folded(&change.object);
            object == *name || object.split_once(' ').is_some_and(|(_, rest)| rest == name)
        })
    }
}

/// What the body of an entry tells. A body of another form, or one that was taken away, tells nothing.
#[derive(Default)]
struct Told {
    operation: Map<String, Value>,
    from: String,
    changes: First,
}

/// The first changes of a list; one of a large import has thousands.
#[derive(Default)]
struct First {
    kept: Vec<Changed>,
    /// How many more there are.
    more: usize,
}

impl Told {
    /// Reads a body, and of its changes the first so many.
    fn of(body: Option<&str>, changes: usize) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Form<'a> {
            operation: Map<String, Value>,
            from: String,
            #[serde(borrow)]
            changes: Vec<&'a RawValue>,
        }
        let form: Form<'_> = body.and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        let read = form.changes.iter().take(changes);
        let kept: Vec<Changed> = read.filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
        let more = form.changes.len().saturating_sub(changes);
        Self { operation: form.operation, from: form.from, changes: First { kept, more } }
    }

    fn verb(&self) -> &str {
        self.operation.get("verb").and_then(Value::as_str).unwrap_or_default()
    }

    /// The operation's fields; null when there are none.
    fn asked(&self) -> Value {
        let mut fields = self.operation.clone();
        fields.shift_remove("verb");
        if fields.is_empty() { Value::Null } else { Value::Object(fields) }
    }
}

/// Who did something, in words.
pub(crate) struct Names(HashMap<PersonId, Address>);

impl Names {
    pub(crate) async fn of(errand: &Errand<'_>, actors: Vec<Actor>) -> Result<Self, AdminError> {
        let people: HashSet<PersonId> = actors
            .into_iter()
            .filter_map(|actor| match actor {
                Actor::Person(id) => Some(id),
                _ => None,
            })
            .collect();
        let found = errand.store.addresses(people.into_iter().collect()).await?;
        Ok(Self(found.into_iter().collect()))
    }

    pub(crate) fn show(&self, actor: Actor) -> String {
        match actor {
            Actor::Shell(uid) => format!("uid {uid}"),
            Actor::Server => "the server".to_owned(),
            Actor::Token(id) => format!("token {id}"),
            Actor::Person(id) => {
                self.0.get(&id).map_or_else(|| "(unknown)".to_owned(), |address| address.to_string())
            }
        }
    }
}
