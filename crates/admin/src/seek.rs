//! Principals in pages: people by address, then groups by number; `principal list`, and what `eligible.rs` picks from.
//! Looks at so many at most, and says where to go on: whoever is found may be one in many thousands.

use chat::{Group, GroupId, GroupKind, Person, PersonState, folded};
use store::Seek;

use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::{PrincipalKind, PrincipalList};
use crate::outcome::{Outcome, Rows};
use crate::page;
use crate::principal::{groups_of, shown_group};
use crate::scope;
use crate::view::PrincipalView;

/// Most people and groups one operation looks at (ours: some twenty milliseconds).
const LOOKED_AT_MAX: usize = 5_000;
/// How many are read at a time (ours: a read that holds nobody up).
const CHUNK: usize = 500;

/// Somebody who may be what is looked for.
#[derive(Clone, Copy)]
pub(crate) enum Candidate<'c> {
    Person(&'c Person),
    Group(&'c Group),
}

/// Which principals are looked through.
#[derive(Default)]
pub(crate) struct Sought {
    /// A pattern for addresses and names.
    pub(crate) named: Option<String>,
    /// A pattern for addresses; no group has one.
    pub(crate) address: Option<String>,
    /// Without people.
    pub(crate) no_people: bool,
    /// Without groups.
    pub(crate) no_groups: bool,
}

/// How far it has come.
#[derive(Clone)]
enum Place {
    People(Option<String>),
    Groups(Option<GroupId>),
    End,
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &PrincipalList) -> Result<Outcome, AdminError> {
    let ou = match &asked.ou {
        Some(name) => Some(container(errand, name).await?),
        None => None,
    };
    let named = asked.q.as_deref().map(|text| scope::pattern("q", text)).transpose()?;
    let person = asked.kind.is_none_or(|kind| kind == PrincipalKind::Person);
    let sought = Sought {
        named: named.map(|text| if text.contains('*') { text } else { format!("*{text}*") }),
        no_people: !person,
        no_groups: asked.kind == Some(PrincipalKind::Person),
        ..Sought::default()
    };
    page(errand, &sought, asked.limit, asked.cursor.as_deref(), |candidate| match candidate {
        Candidate::Person(person) => ou.is_none_or(|ou| person.ancestors.contain(ou)),
        Candidate::Group(group) => {
            asked.kind.is_none_or(|kind| kind == group.kind.into())
                && ou.is_none_or(|ou| group.ancestors.contain(ou))
        }
    })
    .await
}

/// A page of those who are picked.
pub(crate) async fn page(
    errand: &Errand<'_>,
    sought: &Sought,
    limit: Option<u32>,
    cursor: Option<&str>,
    picks: impl Fn(Candidate<'_>) -> bool,
) -> Result<Outcome, AdminError> {
    let limit = page::limit(limit);
    let mut place = if limit == 0 { Place::End } else { Place::of(cursor)? };
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    while rows.len() < limit && looked_at < LOOKED_AT_MAX {
        looked_at += CHUNK;
        place = match place {
            Place::People(_) if sought.no_people => Place::Groups(None),
            Place::People(after) => {
                let found = errand.store.seek_people(sought.behind(after)).await?;
                let ends = found.len() < CHUNK;
                people(found, limit, ends, &mut rows, &picks)
            }
            Place::Groups(_) if sought.no_groups => Place::End,
            Place::Groups(after) => {
                let found = errand.store.seek_groups(sought.behind(after)).await?;
                let ends = found.len() < CHUNK;
                groups(found, limit, ends, &mut rows, &picks)
            }
            Place::End => break,
        };
    }
    Ok(Outcome { next: place.cursor(), ..Outcome::of(Rows::Principals(rows)) })
}

/// Takes from people who is picked, until there are enough; returns where it came to.
fn people(
    found: Vec<Person>,
    limit: usize,
    ends: bool,
    rows: &mut Vec<PrincipalView>,
    picks: impl Fn(Candidate<'_>) -> bool,
) -> Place {
    let mut last = None;
    for person in found {
        if rows.len() == limit {
            return Place::People(last);
        }
        if picks(Candidate::Person(&person)) {
            rows.push(person_view(&person));
        }
        last = Some(person.address.to_string());
    }
    if ends { Place::Groups(None) } else { Place::People(last) }
}

/// The same for groups.
fn groups(
    found: Vec<Group>,
    limit: usize,
    ends: bool,
    rows: &mut Vec<PrincipalView>,
    picks: impl Fn(Candidate<'_>) -> bool,
) -> Place {
    let mut last = None;
    for group in found {
        if rows.len() == limit {
            return Place::Groups(last);
        }
        if picks(Candidate::Group(&group)) {
            rows.push(group_view(&group));
        }
        last = Some(group.id);
    }
    if ends { Place::End } else { Place::Groups(last) }
}

impl Sought {
    fn behind<K>(&self, after: Option<K>) -> Seek<K> {
        Seek { after, named: self.named.clone(), address: self.address.clone(), limit: CHUNK }
    }
}

impl Place {
    fn of(cursor: Option<&str>) -> Result<Self, AdminError> {
        let Some(cursor) = cursor else { return Ok(Self::People(None)) };
        let key = page::opened(cursor)?;
        if let Some(number) = key.strip_prefix("group:") {
            let id = if number.is_empty() { Ok(None) } else { number.parse().map(GroupId).map(Some) };
            return id.map(Self::Groups).map_err(|_| page::no_cursor());
        }
        if key.starts_with("sip:") { Ok(Self::People(Some(key))) } else { Err(page::no_cursor()) }
    }

    fn cursor(&self) -> Option<String> {
        match self {
            Self::People(after) => after.as_deref().map(page::closed),
            Self::Groups(after) => Some(page::closed(&format!(
                "group:{}",
                after.map_or_else(String::new, |id| id.0.to_string())
            ))),
            Self::End => None,
        }
    }
}

/// The container, or domain of a directory, of this distinguished name.
async fn container(errand: &Errand<'_>, name: &str) -> Result<GroupId, AdminError> {
    let found = groups_of(errand.store, name).await?;
    let group = match found.as_slice() {
        [id] => errand.store.group(*id).await?,
        _ => None,
    };
    let group = group.ok_or_else(|| {
        AdminError::NotFound(format!(
            "there is no container '{name}': `causerie principal list --kind container` shows them"
        ))
    })?;
    if group.kind == GroupKind::Group {
        let message = format!("'{name}' is a group and no container: `causerie group get` shows its members");
        return Err(AdminError::rule("ou", message));
    }
    Ok(group.id)
}

/// A pattern for addresses, as people write one: with or without `sip:`.
pub(crate) fn address_pattern(field: &str, text: &str) -> Result<String, AdminError> {
    let pattern = scope::pattern(field, text)?;
    let whole = pattern.starts_with(['*', '?']) || pattern.starts_with("sip:");
    Ok(if whole { pattern } else { folded(&format!("sip:{pattern}")) })
}

pub(crate) fn person_view(person: &Person) -> PrincipalView {
    PrincipalView {
        principal: person.address.to_string(),
        name: person.display_name.to_string(),
        kind: PrincipalKind::Person,
        address: Some(person.address.to_string()),
        distinguished_name: None,
        enabled: person.state == PersonState::Enabled,
        guid: person.guid.to_string(),
    }
}

fn group_view(group: &Group) -> PrincipalView {
    PrincipalView {
        principal: shown_group(group),
        name: group.name.to_string(),
        kind: group.kind.into(),
        address: None,
        distinguished_name: group.distinguished_name.as_deref().map(str::to_owned),
        enabled: !group.gone,
        guid: group.guid.to_string(),
    }
}

impl From<GroupKind> for PrincipalKind {
    fn from(kind: GroupKind) -> Self {
        match kind {
            GroupKind::Group => Self::Group,
            GroupKind::Container => Self::Container,
            GroupKind::Domain => Self::Domain,
        }
    }
}
