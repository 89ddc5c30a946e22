//! The verbs of add-ins: list, get, new, set, remove; and finding those that rooms show.
//! Makes no page; what a page may do beside a room is up to clients.

use std::collections::HashMap;

use chat::{AddIn, AddInId, AddInName, Role, Url, folded};
use store::{AddInDraft, Premise, RowChange, RowDone, Store, StoreFault};
use uuid::Uuid;

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{AddInGet, AddInList, AddInNew, AddInRemove, AddInSet};
use crate::outcome::{Changed, Outcome, Rows, quoted};
use crate::page;
use crate::view::AddInView;

/// Most add-ins of a pool (ours: a list somebody chooses from).
const ADD_INS_MAX: usize = 1_000;
/// How many rooms a message names (ours: a line or two).
const ROOMS_NAMED: usize = 10;

/// The registered add-ins.
#[derive(Default)]
pub(crate) struct AddIns(HashMap<AddInId, AddIn>);

impl AddIns {
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreFault> {
        Ok(Self(store.add_ins().await?.into_iter().map(|add_in| (add_in.id, add_in)).collect()))
    }

    /// The name of what a room shows.
    pub(crate) fn shown(&self, id: Option<AddInId>) -> Option<String> {
        self.0.get(&id?).map(|add_in| add_in.name.to_string())
    }

    /// The add-in of this name (case aside), `pool\\name` or GUID; what reads as a GUID is nobody's name.
    pub(crate) fn named(&self, errand: &Errand<'_>, text: &str) -> Result<&AddIn, AdminError> {
        let bare = errand.bare(text);
        let found = match Uuid::try_parse(bare) {
            Ok(guid) => self.0.values().find(|add_in| add_in.guid == guid),
            Err(_) => {
                let key = folded(bare);
                self.0.values().find(|add_in| add_in.name.folded() == key)
            }
        };
        found.ok_or_else(|| {
            AdminError::NotFound(format!(
                "there is no add-in '{text}': `causerie add-in list` shows them, `causerie add-in new` registers one"
            ))
        })
    }
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &AddInList) -> Result<Outcome, AdminError> {
    anybody(errand).await?;
    let wanted = asked.q.as_deref().map(folded);
    let mut add_ins = errand.store.add_ins().await?;
    add_ins.retain(|add_in| {
        wanted.as_ref().is_none_or(|text| {
            add_in.name.folded().contains(text) || folded(add_in.url.as_str()).contains(text)
        })
    });
    add_ins.sort_by_cached_key(|add_in| add_in.name.folded());
    let key = |add_in: &AddIn| add_in.name.folded();
    let (add_ins, next) = page::cut(add_ins, asked.limit, asked.cursor.as_deref(), key)?;
    Ok(Outcome { next, ..Outcome::of(Rows::AddIns(add_ins.iter().map(view).collect())) })
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &AddInGet) -> Result<Outcome, AdminError> {
    anybody(errand).await?;
    let add_in = find(errand, &asked.add_in).await?;
    Ok(Outcome::of(Rows::AddIns(vec![view(&add_in)])))
}

pub(crate) async fn new(errand: &Errand<'_>, asked: &AddInNew) -> Result<Outcome, AdminError> {
    let add_ins = AddIns::read(errand.store).await?;
    if add_ins.0.len() >= ADD_INS_MAX {
        let message =
            format!("there are {ADD_INS_MAX} add-ins, and no more fit: remove one that no room shows");
        return Err(AdminError::Limit(message));
    }
    let draft = AddInDraft { name: name(&asked.name)?, url: page_at(&asked.url)? };
    free(&add_ins, &draft.name, None)?;
    let planned = drafted(&draft, None);
    let mut work = Work::default();
    work.compare(&object(&draft.name), None, Some(&view(&planned)));
    work.rows.push(RowChange::NewAddIn(draft));
    let done = errand.write(&work).await?;
    Ok(work.outcome(Rows::AddIns(vec![view(add_in_of(&done).unwrap_or(&planned))])))
}

pub(crate) async fn set(errand: &Errand<'_>, asked: &AddInSet) -> Result<Outcome, AdminError> {
    let add_in = find(errand, &asked.add_in).await?;
    let before = view(&add_in);
    errand.matches(&object(&add_in.name), &before.etag)?;
    if asked.name.is_none() && asked.url.is_none() {
        return Err(AdminError::invalid("", "nothing to change was given: --rename or --url"));
    }
    let draft = AddInDraft {
        name: asked.name.as_deref().map_or(Ok(add_in.name.clone()), name)?,
        url: asked.url.as_deref().map_or(Ok(add_in.url.clone()), page_at)?,
    };
    free(&AddIns::read(errand.store).await?, &draft.name, Some(add_in.id))?;
    let planned = drafted(&draft, Some(&add_in));
    let mut work = Work::default();
    work.compare(&object(&add_in.name), Some(&before), Some(&view(&planned)));
    if !work.changes.is_empty() {
        work.rows.push(RowChange::SetAddIn { id: add_in.id, expected_version: Some(add_in.version), draft });
    }
    let done = errand.write(&work).await?;
    Ok(work.outcome(Rows::AddIns(vec![view(add_in_of(&done).unwrap_or(&planned))])))
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &AddInRemove) -> Result<Outcome, AdminError> {
    let add_in = find(errand, &asked.add_in).await?;
    let view = view(&add_in);
    errand.matches(&object(&add_in.name), &view.etag)?;
    let showing = errand.store.rooms_showing(add_in.id).await?;
    let names: Vec<&str> = showing.iter().map(|(_, name)| name.as_str()).collect();
    if !names.is_empty() && !asked.force {
        return Err(AdminError::Conflict(format!(
            "the add-in '{}' is shown by {}: say --force to remove it all the same, and they show none then",
            add_in.name,
            listed(&names)
        )));
    }
    let mut work = Work::default();
    work.compare(&object(&add_in.name), Some(&view), None);
    for name in &names {
        work.changes.push(Changed {
            object: format!("room {name}"),
            field: "addIn".into(),
            before: view.name.as_str().into(),
            after: serde_json::Value::Null,
        });
    }
    if !names.is_empty() {
        work.warnings.push(format!("no add-in is shown any more by {}", listed(&names)));
    }
    let rooms = showing.iter().map(|(room, _)| *room).collect();
    work.rows.push(RowChange::Assert(Premise::AddIn { id: add_in.id, version: add_in.version, rooms }));
    work.rows.push(RowChange::RemoveAddIn(add_in.id));
    errand.write(&work).await?;
    Ok(work.outcome(Rows::AddIns(vec![view])))
}

/// The registered add-ins are shown to whoever is signed on.
async fn anybody(errand: &Errand<'_>) -> Result<(), AdminError> {
    if errand.has(Role::Reader) || errand.asking().await?.is_some() {
        return Ok(());
    }
    Err(AdminError::Denied("add-ins are shown to people who may sign on: you may not".into()))
}

async fn find(errand: &Errand<'_>, text: &str) -> Result<AddIn, AdminError> {
    AddIns::read(errand.store).await?.named(errand, text).cloned()
}

fn name(text: &str) -> Result<AddInName, AdminError> {
    AddInName::parse(text).map_err(of_field("name"))
}

fn page_at(text: &str) -> Result<Url, AdminError> {
    Url::parse(text).map_err(of_field("url"))
}

fn free(add_ins: &AddIns, name: &AddInName, own: Option<AddInId>) -> Result<(), AdminError> {
    let taken = add_ins.0.values().any(|other| Some(other.id) != own && other.name.folded() == name.folded());
    if !taken {
        return Ok(());
    }
    let message = format!(
        "there is an add-in '{name}' already: choose another name, or change that one (`causerie add-in set {}`)",
        quoted(name.as_str())
    );
    Err(AdminError::Duplicate { field: "name".into(), message })
}

/// The first of many rooms, and how many more there are.
fn listed(names: &[&str]) -> String {
    let first: Vec<String> = names.iter().take(ROOMS_NAMED).map(|name| format!("'{name}'")).collect();
    let rest = names.len() - first.len();
    let rooms = if names.len() == 1 { "the room" } else { "the rooms" };
    match rest {
        0 => format!("{rooms} {}", first.join(", ")),
        _ => format!("{rooms} {} and {rest} more", first.join(", ")),
    }
}

/// The add-in as it is to be: this one changed, or a new one without number and GUID.
fn drafted(draft: &AddInDraft, old: Option<&AddIn>) -> AddIn {
    AddIn {
        id: old.map_or(AddInId(0), |old| old.id),
        guid: old.map_or(Uuid::nil(), |old| old.guid),
        name: draft.name.clone(),
        url: draft.url.clone(),
        version: old.map_or(0, |old| old.version),
    }
}

fn add_in_of(done: &[RowDone]) -> Option<&AddIn> {
    done.iter().find_map(|one| match one {
        RowDone::AddIn(add_in) => Some(add_in),
        _ => None,
    })
}

fn object(name: &AddInName) -> String {
    format!("add-in {name}")
}

fn view(add_in: &AddIn) -> AddInView {
    AddInView {
        name: add_in.name.to_string(),
        url: add_in.url.as_str().to_owned(),
        guid: add_in.guid.to_string(),
        etag: add_in.version.to_string(),
    }
}
