//! The verbs of rooms: new, list, get, set, remove, and who may be what in one.
//! Whether somebody may join or post is decided by `chat`, not here.

mod draft;
mod import;
mod list;
mod rights;
mod table;

use chat::{Category, NodeName, Principal, Privacy, Right, Room, RoomKind, Scope};
use store::{Node, RoomDraft, RowChange, RowDone};

use crate::add_in::AddIns;
use crate::category;
use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::explain::room_preview;
use crate::operation::{RoomFields, RoomGet, RoomNew, RoomRemove, RoomSet, RoomType};
use crate::outcome::{Outcome, Rows, quoted};
use crate::principal::People;
use crate::view::RoomView;

use draft::{blank, changed, draft_of, drafted, privacy_word};

pub(crate) use import::import;
pub(crate) use list::list;

pub(crate) async fn new(errand: &Errand<'_>, asked: &RoomNew) -> Result<Outcome, AdminError> {
    let creator = rights::creator(errand, &asked.category).await?;
    let home = category::find(errand, &asked.category).await?;
    let own = creator.iter().map(|person| Principal::Person(person.id)).collect::<Vec<_>>();
    let held = category::principals(&home).chain(&own);
    let people = People::named(errand.store, texts(&asked.fields), held).await?;
    let add_ins = AddIns::read(errand.store).await?;
    let name = NodeName::parse(&asked.name).map_err(of_field("name"))?;
    let mut draft = changed(errand, &people, &add_ins, blank(&home, name), &asked.fields)?;
    // Whoever makes a room manages it, unless he could not be a manager there.
    draft.managers.extend(own.into_iter().filter(|own| people.admitted(&home.scope, own)));
    check(&people, &home, &draft, None)?;
    let planned = view(errand, &people, &add_ins, &home.name, &drafted(&draft, None));
    let mut work = Work::default();
    work.compare(&object(&draft.name), None, Some(&planned));
    work.warnings.extend(no_members(errand, &draft));
    work.rows.push(RowChange::NewRoom(draft));
    let done = errand.write(&work).await?;
    let view = room_of(&done).map_or(planned, |room| view(errand, &people, &add_ins, &home.name, room));
    Ok(work.outcome(Rows::Rooms(vec![view])))
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &RoomGet) -> Result<Outcome, AdminError> {
    let (room, home) = rights::room(errand, &asked.room, &[Right::Inspect]).await?;
    let people = People::on(errand.store, principals(&room)).await?;
    let add_ins = AddIns::read(errand.store).await?;
    Ok(Outcome::of(Rows::Rooms(vec![view(errand, &people, &add_ins, &home.name, &room)])))
}

pub(crate) async fn set(errand: &Errand<'_>, asked: &RoomSet) -> Result<Outcome, AdminError> {
    let (room, old_home) = rights::room(errand, &asked.room, &rights::needed(asked)).await?;
    let people = People::named(errand.store, texts(&asked.fields), principals(&room)).await?;
    let add_ins = AddIns::read(errand.store).await?;
    let before = view(errand, &people, &add_ins, &old_home.name, &room);
    errand.matches(&object(&room.name), &before.etag)?;
    if asked.name.is_none() && asked.category.is_none() && asked.fields == RoomFields::default() {
        let message = "nothing to change was given: `causerie room set --help` lists what can be set";
        return Err(AdminError::invalid("", message));
    }
    let mut old = draft_of(&room);
    if let Some(new_name) = &asked.name {
        old.name = NodeName::parse(new_name).map_err(of_field("name"))?;
    }
    let home = match &asked.category {
        Some(name) => {
            rights::target(errand, &room, &old_home, name).await?;
            category::find(errand, name).await?
        }
        None => old_home.clone(),
    };
    let mut work = Work::default();
    if home.id != room.category {
        let (kept, gone) = purged(&people, &room, &home.scope);
        old = RoomDraft { category: home.id, name: old.name, ..kept };
        if !gone.is_empty() {
            work.warnings.push(lost(&room, &gone));
        }
    }
    if asked.fields.kind == Some(RoomType::Normal) && old.kind == RoomKind::Auditorium {
        old.presenters.clear();
    }
    old.under_category_rules = Some(home.rules);
    let draft = changed(errand, &people, &add_ins, old, &asked.fields)?;
    check(&people, &home, &draft, Some(&room).filter(|_| home.id == room.category))?;
    work.warnings.extend(no_members(errand, &draft));
    let planned = view(errand, &people, &add_ins, &home.name, &drafted(&draft, Some(&room)));
    let planned_draft = draft.clone();
    work.compare(&object(&room.name), Some(&before), Some(&planned));
    if !work.changes.is_empty() {
        work.rows.push(RowChange::SetRoom { id: room.id, expected_rules: Some(room.rules), draft });
    }
    let after = drafted(&planned_draft, Some(&room));
    let access = room_preview(errand, Some((&room, &old_home)), Some((&after, &home))).await?;
    let done = errand.write(&work).await?;
    let view = room_of(&done).map_or(planned, |room| view(errand, &people, &add_ins, &home.name, room));
    Ok(Outcome { access, ..work.outcome(Rows::Rooms(vec![view])) })
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &RoomRemove) -> Result<Outcome, AdminError> {
    let room = find(errand, &asked.room).await?;
    let home = home_of(errand, &room).await?;
    let people = People::on(errand.store, principals(&room)).await?;
    let add_ins = AddIns::read(errand.store).await?;
    let view = view(errand, &people, &add_ins, &home.name, &room);
    errand.matches(&object(&room.name), &view.etag)?;
    let mut work = Work::default();
    work.compare(&object(&room.name), Some(&view), None);
    if errand.names_state() {
        let draft = draft_of(&room);
        work.rows.push(RowChange::SetRoom { id: room.id, expected_rules: Some(room.rules), draft });
    }
    let access = room_preview(errand, Some((&room, &home)), None).await?;
    work.rows.push(RowChange::RemoveRoom(room.id));
    errand.write(&work).await?;
    Ok(Outcome { access, ..work.outcome(Rows::Rooms(vec![view])) })
}

/// Takes from a room whom its category does not admit, under the category's present number.
///
/// Returns the room as it stays, if anybody is taken from it.
pub(crate) fn purge(
    errand: &Errand<'_>,
    people: &People,
    category: &Category,
    room: &Room,
    work: &mut Work,
) -> Option<Room> {
    let (mut draft, gone) = purged(people, room, &category.scope);
    if gone.is_empty() {
        return None;
    }
    draft.under_category_rules = Some(category.rules);
    // Which add-in it shows is the same before and after.
    let left = drafted(&draft, Some(room));
    let seen = |room: &Room| view(errand, people, &AddIns::default(), &category.name, room);
    work.compare(&object(&room.name), Some(&seen(room)), Some(&seen(&left)));
    work.rows.push(RowChange::SetRoom { id: room.id, expected_rules: Some(room.rules), draft });
    work.warnings.push(lost(room, &gone));
    Some(left)
}

/// The room as it stays when its category admits only this scope, and who lost a role by it.
fn purged(people: &People, room: &Room, scope: &Scope) -> (RoomDraft, Vec<String>) {
    let mut draft = draft_of(room);
    let mut lost = Vec::new();
    let lists = [
        (&mut draft.members, "member"),
        (&mut draft.managers, "manager"),
        (&mut draft.presenters, "presenter"),
    ];
    for (list, role) in lists {
        list.retain(|principal| {
            let stays = people.admitted(scope, principal);
            if !stays {
                lost.push(format!("{} ({role})", people.show(principal)));
            }
            stays
        });
    }
    (draft, lost)
}

fn lost(room: &Room, who: &[String]) -> String {
    format!("room '{}' lost {}, whom its category does not admit", room.name, who.join(", "))
}

async fn home_of(errand: &Errand<'_>, room: &Room) -> Result<Category, AdminError> {
    let home = errand.store.category(room.category).await?;
    home.ok_or_else(|| {
        AdminError::Stale(format!("the category of '{}' was removed meanwhile: try again", room.name))
    })
}

/// The room of this name (case aside) or GUID.
pub(crate) async fn find(errand: &Errand<'_>, name: &str) -> Result<Room, AdminError> {
    let found = match errand.node(name).await? {
        Some(Node::Room(id)) => errand.store.room(id).await?,
        _ => None,
    };
    found.ok_or_else(|| {
        AdminError::NotFound(format!(
            "there is no room '{name}': `causerie room list` shows them, `causerie room new` makes one"
        ))
    })
}

/// Everybody on a room's lists.
pub(crate) fn principals(room: &Room) -> impl Iterator<Item = &Principal> {
    room.members.iter().chain(&room.managers).chain(&room.presenters)
}

fn texts(fields: &RoomFields) -> impl Iterator<Item = &str> {
    fields.members.texts().chain(fields.managers.texts()).chain(fields.presenters.texts())
}

/// Everybody who is given a role is inside the scope; presenters only where they mean something. Who had the role before and is
/// outside now, because a group was left, stands in nobody's way: what the person may do is decided whenever it is done.
fn check(
    people: &People,
    category: &Category,
    draft: &RoomDraft,
    old: Option<&Room>,
) -> Result<(), AdminError> {
    let held = |list: fn(&Room) -> &Vec<Principal>| old.map(list).map_or(&[][..], Vec::as_slice);
    let lists = [
        (&draft.members, held(|room| &room.members), "member", "members"),
        (&draft.managers, held(|room| &room.managers), "manager", "managers"),
        (&draft.presenters, held(|room| &room.presenters), "presenter", "presenters"),
    ];
    for (list, held, role, field) in lists {
        if let Some(outsider) = people.outsider(&category.scope, list, held) {
            let shown = people.show(outsider);
            let message = format!(
                "{shown} cannot be a {role} of '{}', because the category '{}' does not allow it: \
                 `causerie category set {} --add-allowed-member {shown}`",
                draft.name,
                category.name,
                quoted(category.name.as_str())
            );
            return Err(AdminError::rule(field, message));
        }
    }
    if draft.presenters.is_empty() {
        return Ok(());
    }
    if draft.kind == RoomKind::Normal {
        let message = format!(
            "'{}' is a normal room and has no presenters: make it an auditorium with --type auditorium",
            draft.name
        );
        return Err(AdminError::rule("presenters", message));
    }
    let stays = |room: &&Room| {
        room.members == draft.members && room.privacy == draft.privacy && room.kind == draft.kind
    };
    let settled = old.filter(stays).map_or(&[][..], |room| &room.presenters);
    let stranger = |principal: &&Principal| {
        !people.names(&draft.members, principal) && !people.is_gone(principal) && !settled.contains(principal)
    };
    match draft.presenters.iter().find(stranger) {
        Some(stranger) if draft.privacy != Privacy::Open => {
            let message = format!(
                "{shown} cannot be a presenter of '{}' without being a member: add --add-member {shown}",
                draft.name,
                shown = people.show(stranger)
            );
            Err(AdminError::rule("presenters", message))
        }
        _ => Ok(()),
    }
}

fn no_members(errand: &Errand<'_>, draft: &RoomDraft) -> Option<String> {
    let privacy = privacy_word(draft.privacy);
    (draft.privacy != Privacy::Open && draft.members.is_empty()).then(|| {
        format!(
            "'{name}' is {privacy} and has no members, so nobody can join it: \
             `causerie room set {word} --add-member sip:somebody@{domain}`",
            name = draft.name,
            word = quoted(draft.name.as_str()),
            domain = errand.store.identity().domain
        )
    })
}

fn room_of(done: &[RowDone]) -> Option<&Room> {
    done.iter().find_map(|one| match one {
        RowDone::Room(room) => Some(room),
        _ => None,
    })
}

fn object(name: &NodeName) -> String {
    format!("room {name}")
}

/// A room as administrators see it; its category by name.
fn view(
    errand: &Errand<'_>,
    people: &People,
    add_ins: &AddIns,
    category: &NodeName,
    room: &Room,
) -> RoomView {
    RoomView {
        name: room.name.to_string(),
        uri: format!("ma-chan://{}/{}", errand.store.identity().domain, room.guid),
        category: category.to_string(),
        description: room.description.to_string(),
        privacy: room.privacy.into(),
        kind: room.kind.into(),
        invitations: room.invitations.into(),
        disabled: room.disabled,
        add_in: add_ins.shown(room.add_in),
        members: people.show_all(&room.members),
        managers: people.show_all(&room.managers),
        presenters: people.show_all(&room.presenters),
        guid: room.guid.to_string(),
        etag: room.rules.to_string(),
    }
}
