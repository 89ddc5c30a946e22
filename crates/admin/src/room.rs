//! The verbs of rooms: new, get, set, remove; what they lose to a narrower category.
//! Who may be what in one, and who may join or post, is decided by `chat`, not here.

mod draft;
mod import;
mod list;
pub(crate) mod rights;
mod table;

use chat::{
    Bounds, Breach, Category, NodeName, Principal, Privacy, Right, Room, RoomRoles, RoomValues, Rule,
    outsiders,
};
use store::{Premise, RowChange, RowDone};

use crate::add_in::AddIns;
use crate::category;
use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::explain::room_preview;
use crate::operation::{RoomFields, RoomGet, RoomNew, RoomRemove, RoomSet};
use crate::outcome::{Outcome, Rows, quoted};
use crate::principal::People;
use crate::view::RoomView;

use draft::{changed, draft_of, privacy_word, unmade};

pub(crate) use import::import;
pub(crate) use list::list;

pub(crate) async fn new(errand: &Errand<'_>, asked: &RoomNew) -> Result<Outcome, AdminError> {
    let (home, creator) = rights::creator(errand, &asked.category).await?;
    let name = errand.new_name(&asked.name)?;
    // Whoever makes a room manages it, unless he could not be a manager there.
    let own = RoomValues::new(&home, name.clone(), creator.as_ref()).roles.managers;
    let held = category::principals(&home).chain(&own);
    let people = People::named(errand.store, texts(&asked.fields), held).await?;
    let add_ins = AddIns::read(errand.store).await?;
    let blank = RoomValues::new(&home, name.clone(), None);
    let mut values = changed(errand, &people, &add_ins, blank, &asked.fields)?;
    for own in own {
        if !values.roles.managers.contains(&own) {
            values.roles.managers.push(own);
        }
    }
    check(&people, &home, &values, None)?;
    let planned = view(errand, &people, &add_ins, &home.name, &unmade(values.clone()));
    let mut work = Work::default();
    work.compare(&object(&name), None, Some(&planned));
    work.warnings.extend(no_members(errand, &values));
    work.rows.push(RowChange::NewRoom(draft_of(values, home.rules)));
    let done = rights::write(errand, &work, Some(&name)).await?;
    let view = room_of(&done).map_or(planned, |room| view(errand, &people, &add_ins, &home.name, room));
    Ok(work.outcome(Rows::Rooms(vec![view])))
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &RoomGet) -> Result<Outcome, AdminError> {
    let (room, home) = rights::room(errand, &asked.room, Right::Inspect).await?;
    let people = People::on(errand.store, principals(&room)).await?;
    let add_ins = AddIns::read(errand.store).await?;
    Ok(Outcome::of(Rows::Rooms(vec![view(errand, &people, &add_ins, &home.name, &room)])))
}

pub(crate) async fn set(errand: &Errand<'_>, asked: &RoomSet) -> Result<Outcome, AdminError> {
    let (room, old_home) = rights::room(errand, &asked.room, Right::Manage).await?;
    let people = People::named(errand.store, texts(&asked.fields), principals(&room)).await?;
    let add_ins = AddIns::read(errand.store).await?;
    let before = view(errand, &people, &add_ins, &old_home.name, &room);
    errand.matches(&object(&room.name), &before.etag)?;
    if asked.name.is_none() && asked.category.is_none() && asked.fields == RoomFields::default() {
        let message = "nothing to change was given: `causerie room set --help` lists what can be set";
        return Err(AdminError::invalid("", message));
    }
    let mut old = room.values();
    if let Some(new_name) = &asked.name {
        old.name = errand.new_name(new_name)?;
    }
    let home = match &asked.category {
        Some(name) => rights::target(errand, &room, &old_home, name).await?,
        None => old_home.clone(),
    };
    let mut work = Work::default();
    if home.id != room.category {
        let gone = outsiders(&old, &Bounds::of(&home.scope), |principal| people.known(principal));
        work.warnings.extend(lost(&people, &room, &gone));
        old = RoomValues { category: home.id, roles: old.roles.without(&gone), ..old };
    }
    let kind = asked.fields.kind.map_or(old.kind, Into::into);
    let new = changed(errand, &people, &add_ins, old.clone().of_kind(kind), &asked.fields)?;
    rights::change(errand, &room, &old_home, &home, &new).await?;
    check(&people, &home, &new, Some(&old))?;
    work.warnings.extend(no_members(errand, &new));
    let after = room.with(new.clone());
    let planned = view(errand, &people, &add_ins, &home.name, &after);
    work.compare(&object(&room.name), Some(&before), Some(&planned));
    if !work.changes.is_empty() {
        if home.id != room.category {
            work.rows.push(RowChange::Assert(Premise::Category(old_home.id, old_home.rules)));
        }
        let draft = draft_of(new, home.rules);
        work.rows.push(RowChange::SetRoom { id: room.id, expected_rules: Some(room.rules), draft });
    }
    let access = room_preview(errand, Some((&room, &old_home)), Some((&after, &home))).await?;
    let renamed = Some(&after.name).filter(|name| name.folded() != room.name.folded());
    let done = rights::write(errand, &work, renamed).await?;
    let view = room_of(&done).map_or(planned, |room| view(errand, &people, &add_ins, &home.name, room));
    Ok(work.outcome(Rows::Rooms(vec![view])).with_access(access))
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &RoomRemove) -> Result<Outcome, AdminError> {
    let (room, home) = find(errand, &asked.room).await?;
    let people = People::on(errand.store, principals(&room)).await?;
    let add_ins = AddIns::read(errand.store).await?;
    let view = view(errand, &people, &add_ins, &home.name, &room);
    errand.matches(&object(&room.name), &view.etag)?;
    let mut work = Work::default();
    work.compare(&object(&room.name), Some(&view), None);
    work.rows.push(RowChange::Assert(Premise::Room(room.id, room.rules)));
    let access = room_preview(errand, Some((&room, &home)), None).await?;
    work.rows.push(RowChange::RemoveRoom(room.id));
    errand.write(&work).await?;
    Ok(work.outcome(Rows::Rooms(vec![view])).with_access(access))
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
    let values = room.values();
    let gone = outsiders(&values, &Bounds::of(&category.scope), |principal| people.known(principal));
    let told = lost(people, room, &gone)?;
    let roles = values.roles.without(&gone);
    let values = RoomValues { roles, ..values };
    // Which add-in it shows is the same before and after.
    let left = room.with(values.clone());
    let seen = |room: &Room| view(errand, people, &AddIns::default(), &category.name, room);
    work.compare(&object(&room.name), Some(&seen(room)), Some(&seen(&left)));
    let draft = draft_of(values, category.rules);
    work.rows.push(RowChange::SetRoom { id: room.id, expected_rules: Some(room.rules), draft });
    work.warnings.push(told);
    Some(left)
}

/// Who lost a role because the category does not admit them; `None` if nobody did.
fn lost(people: &People, room: &Room, gone: &RoomRoles) -> Option<String> {
    let lists = [(&gone.members, "member"), (&gone.managers, "manager"), (&gone.presenters, "presenter")];
    let shown = |(list, role): (&Vec<Principal>, &str)| {
        list.iter().map(|who| format!("{} ({role})", people.show(who))).collect::<Vec<_>>()
    };
    let who: Vec<String> = lists.into_iter().flat_map(shown).collect();
    (!gone.is_empty())
        .then(|| format!("room '{}' lost {}, whom its category does not admit", room.name, who.join(", ")))
}

/// The room of this name (case aside) or GUID, with its category.
pub(crate) async fn find(errand: &Errand<'_>, name: &str) -> Result<(Room, Category), AdminError> {
    errand.room_and_home(name).await?.ok_or_else(|| rights::no_room(name))
}

/// Everybody on a room's lists.
pub(crate) fn principals(room: &Room) -> impl Iterator<Item = &Principal> {
    room.members.iter().chain(&room.managers).chain(&room.presenters)
}

fn texts(fields: &RoomFields) -> impl Iterator<Item = &str> {
    fields.members.texts().chain(fields.managers.texts()).chain(fields.presenters.texts())
}

/// Refuses values that break a rule, those aside that `before` breaks as well: what a directory changed meanwhile stands in
/// nobody's way. What a person may do is decided whenever it is done.
fn check(
    people: &People,
    home: &Category,
    values: &RoomValues,
    before: Option<&RoomValues>,
) -> Result<(), AdminError> {
    let known = |principal: &Principal| people.known(principal);
    let breaches = match before {
        Some(before) => values.breaches_since(before, home, known),
        None => values.breaches(home, known),
    };
    breaches.first().map_or(Ok(()), |breach| Err(broken(people, home, &values.name, breach)))
}

/// A broken rule in the words of whoever gave the values.
fn broken(people: &People, home: &Category, name: &NodeName, breach: &Breach) -> AdminError {
    let shown = breach.principal.as_ref().map(|principal| people.show(principal)).unwrap_or_default();
    let message = match breach.rule {
        Rule::OutOfScope => format!(
            "{shown} cannot be a {role} of '{}', because the category '{}' does not allow it: \
             `causerie category set {} --add-allowed-member {shown}`",
            name,
            home.name,
            quoted(home.name.as_str()),
            role = breach.field.trim_end_matches('s'),
        ),
        Rule::NotAuditorium => format!(
            "'{name}' is a normal room and has no presenters: make it an auditorium with --type auditorium"
        ),
        Rule::NotMember => {
            format!(
                "{shown} cannot be a presenter of '{name}' without being a member: add --add-member {shown}"
            )
        }
        Rule::TooMany => Rule::TooMany.to_string(),
    };
    AdminError::rule(breach.field, message)
}

fn no_members(errand: &Errand<'_>, values: &RoomValues) -> Option<String> {
    let privacy = privacy_word(values.privacy);
    (values.privacy != Privacy::Open && values.roles.members.is_empty()).then(|| {
        format!(
            "'{name}' is {privacy} and has no members, so nobody can join it: \
             `causerie room set {word} --add-member sip:somebody@{domain}`",
            name = values.name,
            word = quoted(values.name.as_str()),
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
