//! The verbs of groups: new, list, get, set, remove; and working out anew what a principal belongs to.
//! What belongs to what, all the way, is worked out in `affiliate.rs`.

use chat::{Ancestors, DisplayName, Group, GroupKind, Principal, folded};
use store::{GroupDraft, GroupPage, Member, Premise, RowChange, RowDone};
use uuid::Uuid;

use crate::affiliate::{Belonging, principal};
use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::explain::{Access, after_memberships};
use crate::operation::{GroupGet, GroupList, GroupNew, GroupRemove, GroupSet, PrincipalRefresh};
use crate::outcome::{Outcome, Rows, quoted};
use crate::page;
use crate::principal::{People, groups_of, shown_group};
use crate::value::ListChange;
use crate::view::GroupView;

/// Most direct members of a local group (ours: as many as a list of a room holds).
const MEMBERS_MAX: usize = chat::limits::PRINCIPALS_MAX;

pub(crate) async fn new(errand: &Errand<'_>, asked: &GroupNew) -> Result<Outcome, AdminError> {
    let name = DisplayName::parse_unlike_guid(&asked.name).map_err(of_field("name"))?;
    let _turn = errand.turns.memberships.lock().await;
    let people = People::named(errand.store, asked.members.texts(), []).await?;
    let members = members_of(&people, &[], &asked.members)?;
    let mut belonging = Belonging::around(errand.store, members.clone(), Vec::new()).await?;
    let group = Group {
        id: belonging.next_group,
        guid: Uuid::nil(),
        kind: GroupKind::Group,
        name: name.clone(),
        distinguished_name: None,
        domain: Some(errand.store.identity().domain.clone()),
        ancestors: Ancestors::default(),
        gone: false,
        version: 0,
    };
    belonging.change(group.id, &members, &[]);
    let draft = GroupDraft { name, kind: GroupKind::Group, domain: group.domain.clone(), entry: None };
    let planned = view(&people, &group, None, Some(&members));
    let mut work = Work::default();
    work.compare(&object(&group), None, Some(&planned));
    work.rows.push(RowChange::Assert(Premise::Graph(belonging.number)));
    work.rows.push(RowChange::NewGroup(draft));
    work.rows.push(RowChange::SetMembers { group: group.id, add: members.clone(), remove: Vec::new() });
    let moved = belonging.moved(errand.store).await?;
    let access = after_memberships(errand, &moved.people).await?;
    work.rows.extend(moved.rows(usize::MAX));
    let done = errand.write(&work).await?;
    let view = group_of(&done).map_or(planned, |group| view(&people, group, None, Some(&members)));
    Ok(work.outcome(Rows::Groups(vec![view])).with_access(access))
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &GroupList) -> Result<Outcome, AdminError> {
    let (limit, last) = page::begin(asked.limit, asked.cursor.as_deref())?;
    let after = match last.rsplit_once(' ') {
        Some((name, number)) => (name.to_owned(), number.parse().map_err(|_| page::no_cursor())?),
        None if last.is_empty() => (String::new(), 0),
        None => return Err(page::no_cursor()),
    };
    let named = asked.q.as_deref().map(folded);
    let page = GroupPage { after, named, local: asked.local, limit: limit + 1 };
    let mut found = errand.store.group_page(page).await?;
    let key =
        |(group, _): &(Group, Option<String>)| format!("{} {:010}", folded(group.name.as_str()), group.id.0);
    let next = page::end(&mut found, limit, key);
    let above: Vec<Principal> = found.iter().flat_map(|(group, _)| above(group)).collect();
    let people = People::on(errand.store, &above).await?;
    let views = found.iter().map(|(group, source)| view(&people, group, source.as_ref(), None));
    Ok(Outcome { next, ..Outcome::of(Rows::Groups(views.collect())) })
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &GroupGet) -> Result<Outcome, AdminError> {
    let group = find(errand, &asked.group).await?;
    Ok(Outcome::of(Rows::Groups(vec![view_now(errand, &group).await?])))
}

pub(crate) async fn set(errand: &Errand<'_>, asked: &GroupSet) -> Result<Outcome, AdminError> {
    let _turn = errand.turns.memberships.lock().await;
    // The number first: whatever moves after it is noticed when this is written.
    let number = errand.store.graph_number().await?;
    let group = local(errand, &asked.group).await?;
    let before = view_now(errand, &group).await?;
    errand.matches(&object(&group), &before.etag)?;
    if asked.name.is_none() && asked.members == ListChange::default() {
        let message = "nothing to change was given: `causerie group set --help` lists what can be set";
        return Err(AdminError::invalid("", message));
    }
    let name = match &asked.name {
        Some(name) => DisplayName::parse_unlike_guid(name).map_err(of_field("name"))?,
        None => group.name.clone(),
    };
    let old = errand.store.members(group.id).await?;
    let held: Vec<Principal> = old.iter().map(principal).chain(above(&group)).collect();
    let people = People::named(errand.store, asked.members.texts(), &held).await?;
    let members = members_of(&people, &old, &asked.members)?;
    let add: Vec<Member> = members.iter().filter(|member| !old.contains(member)).copied().collect();
    let remove: Vec<Member> = old.iter().filter(|member| !members.contains(member)).copied().collect();
    let renamed = Group { name: name.clone(), ..group.clone() };
    let planned = view(&people, &renamed, None, Some(&members));
    let mut work = Work::default();
    work.compare(&object(&group), Some(&before), Some(&planned));
    let mut access = Access::default();
    if !work.changes.is_empty() {
        let touched = add.iter().chain(&remove).copied().collect();
        let mut belonging = Belonging::around(errand.store, touched, vec![Member::Group(group.id)]).await?;
        belonging.change(group.id, &add, &remove);
        work.rows.push(RowChange::Assert(Premise::Graph(number)));
        if name != group.name {
            let draft = GroupDraft { name, kind: group.kind, domain: group.domain.clone(), entry: None };
            let expected_version = Some(group.version);
            work.rows.push(RowChange::SetGroup { id: group.id, expected_version, draft });
        }
        work.rows.push(RowChange::SetMembers { group: group.id, add, remove });
        let moved = belonging.moved(errand.store).await?;
        access = after_memberships(errand, &moved.people).await?;
        work.rows.extend(moved.rows(usize::MAX));
    }
    let done = errand.write(&work).await?;
    let view = group_of(&done).map_or(planned, |group| view(&people, group, None, Some(&members)));
    Ok(work.outcome(Rows::Groups(vec![view])).with_access(access))
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &GroupRemove) -> Result<Outcome, AdminError> {
    let _turn = errand.turns.memberships.lock().await;
    let number = errand.store.graph_number().await?;
    let group = local(errand, &asked.group).await?;
    let view = view_now(errand, &group).await?;
    errand.matches(&object(&group), &view.etag)?;
    let mut belonging = Belonging::around(errand.store, vec![Member::Group(group.id)], Vec::new()).await?;
    belonging.remove(group.id);
    let mut work = Work::default();
    work.compare(&object(&group), Some(&view), None);
    work.rows.push(RowChange::Assert(Premise::Graph(number)));
    work.rows.push(RowChange::RemoveGroup(group.id));
    let moved = belonging.moved(errand.store).await?;
    let access = after_memberships(errand, &moved.people).await?;
    work.rows.extend(moved.rows(usize::MAX));
    errand.write(&work).await?;
    Ok(work.outcome(Rows::Groups(vec![view])).with_access(access))
}

pub(crate) async fn refresh(errand: &Errand<'_>, asked: &PrincipalRefresh) -> Result<Outcome, AdminError> {
    let people = People::named(errand.store, [asked.principal.as_str()], []).await?;
    let principal = people.read_one("principal", &asked.principal)?;
    let member = member_of("principal", &principal)?;
    let _turn = errand.turns.memberships.lock().await;
    let belonging = Belonging::around(errand.store, Vec::new(), vec![member]).await?;
    let moved = belonging.moved(errand.store).await?;
    let access = after_memberships(errand, &moved.people).await?;
    let mut work = Work::default();
    let sets = moved.people.iter().map(|(_, set)| set).chain(moved.groups.iter().map(|(_, set)| set));
    for set in sets {
        let named: Vec<Principal> = set.as_slice().iter().map(|id| Principal::Group(*id)).collect();
        let groups = People::on(errand.store, &named).await?.show_all(&named);
        work.compare(
            &format!("principal {}", asked.principal),
            None,
            Some(&serde_json::json!({ "belongsTo": groups })),
        );
    }
    if !work.changes.is_empty() {
        work.rows.push(RowChange::Assert(Premise::Graph(belonging.number)));
        work.rows.extend(moved.rows(usize::MAX));
    }
    errand.write(&work).await?;
    if work.changes.is_empty() {
        work.warnings.push(format!("what {} belongs to is up to date", asked.principal));
    }
    Ok(work.outcome(Rows::Groups(Vec::new())).with_access(access))
}

/// The group a text means, which stands in the field `group`. What reads as a GUID is no name; a directory's group that is called
/// so is found by `group:NAME` and by its distinguished name.
pub(crate) async fn find(errand: &Errand<'_>, text: &str) -> Result<Group, AdminError> {
    let text = text.trim();
    let found = match Uuid::try_parse(text) {
        Ok(guid) => errand.store.group_of(guid).await?.map(|group| group.id).into_iter().collect(),
        Err(_) => {
            let found = groups_of(errand.store, text).await?;
            if found.is_empty() { groups_of(errand.store, &format!("group:{text}")).await? } else { found }
        }
    };
    let [id] = found.as_slice() else {
        return Err(if found.is_empty() {
            AdminError::NotFound(format!(
                "there is no group '{text}': `causerie group list` shows them, `causerie group new {}` makes one",
                quoted(text)
            ))
        } else {
            AdminError::rule(
                "group",
                format!("several groups are called '{text}': give the distinguished name"),
            )
        });
    };
    let group = errand.store.group(*id).await?;
    group.ok_or_else(|| AdminError::Stale(format!("group '{text}' was removed meanwhile: try again")))
}

/// A group that can be changed here.
async fn local(errand: &Errand<'_>, text: &str) -> Result<Group, AdminError> {
    let group = find(errand, text).await?;
    match &group.distinguished_name {
        None => Ok(group),
        Some(name) => Err(AdminError::Conflict(format!(
            "{name} comes from a directory: change it there, and import again (`causerie directory import FILE`)"
        ))),
    }
}

/// Members as they are to be.
fn members_of(people: &People, old: &[Member], change: &ListChange) -> Result<Vec<Member>, AdminError> {
    let old: Vec<Principal> = old.iter().map(principal).collect();
    let members = people.changed("members", &old, change)?;
    if members.len() > MEMBERS_MAX {
        let message = format!(
            "a group has at most {MEMBERS_MAX} direct members: put some of them into a group of their own"
        );
        return Err(AdminError::rule("members", message));
    }
    members.iter().map(|principal| member_of("members", principal)).collect()
}

/// A principal that can belong to groups.
fn member_of(field: &str, principal: &Principal) -> Result<Member, AdminError> {
    match principal {
        Principal::Person(id) => Ok(Member::Person(*id)),
        Principal::Group(id) => Ok(Member::Group(*id)),
        Principal::Domain(domain) => {
            let message = format!(
                "domain:{domain} is in no group: name people and groups, or put the domain on a list itself"
            );
            Err(AdminError::rule(field, message))
        }
    }
}

fn above(group: &Group) -> Vec<Principal> {
    group.ancestors.as_slice().iter().map(|id| Principal::Group(*id)).collect()
}

fn group_of(done: &[RowDone]) -> Option<&Group> {
    done.iter().rev().find_map(|one| match one {
        RowDone::Group(group) => Some(group),
        _ => None,
    })
}

fn object(group: &Group) -> String {
    format!("group {}", group.name)
}

async fn view_now(errand: &Errand<'_>, group: &Group) -> Result<GroupView, AdminError> {
    let members = errand.store.members(group.id).await?;
    let held: Vec<Principal> = members.iter().map(principal).chain(above(group)).collect();
    let people = People::on(errand.store, &held).await?;
    let source = errand.store.group_source(group.id).await?;
    Ok(view(&people, group, source.as_ref(), Some(&members)))
}

fn view(people: &People, group: &Group, source: Option<&String>, members: Option<&[Member]>) -> GroupView {
    let shown = |members: &[Member]| {
        let mut shown: Vec<String> = members.iter().map(|member| people.show(&principal(member))).collect();
        shown.sort();
        shown
    };
    GroupView {
        name: group.name.to_string(),
        principal: shown_group(group),
        kind: match group.kind {
            GroupKind::Group => "group",
            GroupKind::Container => "container",
            GroupKind::Domain => "domain",
        }
        .to_owned(),
        source: source.cloned(),
        gone: group.gone,
        members: members.map(shown),
        belongs_to: people.show_all(&above(group)),
        guid: group.guid.to_string(),
        etag: group.version.to_string(),
    }
}
