//! The verbs of rooms: new, list, get, set, remove, and who may be what in one.
//! Whether somebody may join or post is decided by `chat`, not here.

use chat::{Category, Description, Invitations, NodeName, Principal, Privacy, Room, RoomKind, Scope};
use store::{RoomDraft, RowChange};

use crate::category;
use crate::desk::Request;
use crate::error::AdminError;
use crate::operation::RoomFields;
use crate::outcome::{Outcome, RoomView, Rows, quoted};
use crate::principal::People;

pub(crate) async fn new(
    request: &Request<'_>,
    name: &str,
    category: &str,
    fields: &RoomFields,
) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let category = category::find(request, category).await?;
    let blank = RoomDraft {
        category: category.id,
        under_category_rules: Some(category.rules),
        name: NodeName::parse(name)?,
        description: Description::default(),
        privacy: Privacy::Closed,
        kind: RoomKind::Normal,
        invitations: Invitations::Inherit,
        disabled: false,
        add_in: None,
        members: Vec::new(),
        managers: Vec::new(),
        presenters: Vec::new(),
    };
    let draft = changed(&people, blank, fields)?;
    check(&people, &category, &draft)?;
    let name = draft.name.to_string();
    let hint = no_members(request, &draft);
    request.write(vec![RowChange::NewRoom(draft)]).await?;
    let mut outcome = get(request, &name).await?;
    outcome.warnings.extend(hint);
    Ok(outcome)
}

pub(crate) async fn list(request: &Request<'_>, category: Option<&str>) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let only = match category {
        Some(name) => Some(category::find(request, name).await?.id),
        None => None,
    };
    let categories = request.store.categories().await?;
    let mut rooms = request.store.rooms().await?;
    rooms.retain(|room| only.is_none_or(|only| room.category == only));
    rooms.sort_by_key(|room| room.name.folded());
    let views = rooms.iter().map(|room| view(request, &people, &categories, room));
    Ok(Outcome::of(Rows::Rooms(views.collect())))
}

pub(crate) async fn get(request: &Request<'_>, name: &str) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let room = find(request, name).await?;
    let categories = request.store.categories().await?;
    Ok(Outcome::of(Rows::Rooms(vec![view(request, &people, &categories, &room)])))
}

pub(crate) async fn set(
    request: &Request<'_>,
    name: &str,
    new_name: Option<&str>,
    category: Option<&str>,
    fields: &RoomFields,
) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let room = find(request, name).await?;
    if new_name.is_none() && category.is_none() && *fields == RoomFields::default() {
        return Err(AdminError::Invalid(
            "nothing to change was given: `causerie room set --help` lists what can be set".into(),
        ));
    }
    let mut old = draft_of(&room);
    if let Some(new_name) = new_name {
        old.name = NodeName::parse(new_name)?;
    }
    let home = match category {
        Some(name) => category::find(request, name).await?,
        None => category::find(request, &home_of(request, &room).await?).await?,
    };
    let mut warnings = Vec::new();
    if home.id != room.category {
        let (kept, gone) = purged(&people, &room, &home.scope);
        old = RoomDraft { category: home.id, name: old.name, ..kept };
        if !gone.is_empty() {
            warnings.push(lost(&room, &gone));
        }
    }
    if fields.kind.as_deref() == Some("normal") && old.kind == RoomKind::Auditorium {
        old.presenters.clear();
    }
    old.under_category_rules = Some(home.rules);
    let draft = changed(&people, old, fields)?;
    check(&people, &home, &draft)?;
    warnings.extend(no_members(request, &draft));
    request.write(vec![RowChange::SetRoom { id: room.id, expected_rules: Some(room.rules), draft }]).await?;
    let mut outcome = get(request, &room.guid.to_string()).await?;
    outcome.warnings = warnings;
    Ok(outcome)
}

pub(crate) async fn remove(request: &Request<'_>, name: &str) -> Result<Outcome, AdminError> {
    let outcome = get(request, name).await?;
    let room = find(request, name).await?;
    request.write(vec![RowChange::RemoveRoom(room.id)]).await?;
    Ok(outcome)
}

/// The room as it stays when its category admits only this scope, and who lost a role by it.
pub(crate) fn purged(people: &People, room: &Room, scope: &Scope) -> (RoomDraft, Vec<String>) {
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

pub(crate) fn lost(room: &Room, who: &[String]) -> String {
    format!("room '{}' lost {}, whom its category does not admit", room.name, who.join(", "))
}

async fn home_of(request: &Request<'_>, room: &Room) -> Result<String, AdminError> {
    let home = request.store.category(room.category).await?;
    Ok(home.map(|category| category.guid.to_string()).unwrap_or_default())
}

/// The room of this name (case aside) or GUID.
async fn find(request: &Request<'_>, name: &str) -> Result<Room, AdminError> {
    let folded = chat::folded(name.trim());
    let rooms = request.store.rooms().await?;
    let found = rooms.into_iter().find(|r| r.name.folded() == folded || r.guid.to_string() == folded);
    found.ok_or_else(|| {
        AdminError::NotFound(format!(
            "there is no room '{name}': `causerie room list` shows them, `causerie room new` makes one"
        ))
    })
}

fn changed(people: &People, old: RoomDraft, fields: &RoomFields) -> Result<RoomDraft, AdminError> {
    Ok(RoomDraft {
        category: old.category,
        under_category_rules: old.under_category_rules,
        name: old.name,
        description: fields.description.as_deref().map_or(Ok(old.description), Description::parse)?,
        privacy: fields.privacy.as_deref().map_or(Ok(old.privacy), privacy)?,
        kind: fields.kind.as_deref().map_or(Ok(old.kind), kind)?,
        invitations: fields.invitations.as_deref().map_or(Ok(old.invitations), invitations)?,
        disabled: fields.disabled.unwrap_or(old.disabled),
        add_in: old.add_in,
        members: people.changed(&old.members, &fields.members)?,
        managers: people.changed(&old.managers, &fields.managers)?,
        presenters: people.changed(&old.presenters, &fields.presenters)?,
    })
}

/// Everybody with a role is inside the scope; presenters only where they mean something.
fn check(people: &People, category: &Category, draft: &RoomDraft) -> Result<(), AdminError> {
    let lists = [(&draft.members, "member"), (&draft.managers, "manager"), (&draft.presenters, "presenter")];
    for (list, role) in lists {
        if let Some(outsider) = people.outsider(&category.scope, list) {
            let shown = people.show(outsider);
            return Err(AdminError::Invalid(format!(
                "{shown} cannot be a {role} of '{}', because the category '{}' does not allow it: \
                 `causerie category set {} --add-allowed-member {shown}`",
                draft.name,
                category.name,
                quoted(category.name.as_str())
            )));
        }
    }
    let Some(first) = draft.presenters.first() else { return Ok(()) };
    if draft.kind == RoomKind::Normal {
        return Err(AdminError::Invalid(format!(
            "'{}' is a normal room and has no presenters: make it an auditorium with --type auditorium",
            draft.name
        )));
    }
    let stranger = |principal: &&Principal| !people.named(&draft.members, principal);
    match draft.presenters.iter().find(stranger) {
        Some(stranger) if draft.privacy != Privacy::Open => Err(AdminError::Invalid(format!(
            "{shown} cannot be a presenter of '{}' without being a member: add --add-member {shown}",
            draft.name,
            shown = people.show(stranger)
        ))),
        _ => {
            debug_assert!(people.admitted(&category.scope, first), "checked above");
            Ok(())
        }
    }
}

fn no_members(request: &Request<'_>, draft: &RoomDraft) -> Option<String> {
    let privacy = privacy_word(draft.privacy);
    (draft.privacy != Privacy::Open && draft.members.is_empty()).then(|| {
        format!(
            "'{name}' is {privacy} and has no members, so nobody can join it: \
             `causerie room set {word} --add-member sip:somebody@{domain}`",
            name = draft.name,
            word = quoted(draft.name.as_str()),
            domain = request.store.identity().domain
        )
    })
}

fn draft_of(room: &Room) -> RoomDraft {
    RoomDraft {
        category: room.category,
        under_category_rules: None,
        name: room.name.clone(),
        description: room.description.clone(),
        privacy: room.privacy,
        kind: room.kind,
        invitations: room.invitations,
        disabled: room.disabled,
        add_in: room.add_in,
        members: room.members.clone(),
        managers: room.managers.clone(),
        presenters: room.presenters.clone(),
    }
}

fn privacy(word: &str) -> Result<Privacy, AdminError> {
    match word.to_ascii_lowercase().as_str() {
        "open" => Ok(Privacy::Open),
        "closed" => Ok(Privacy::Closed),
        "secret" => Ok(Privacy::Secret),
        _ => Err(AdminError::Invalid(format!("'{word}' is no privacy: open, closed or secret"))),
    }
}

fn privacy_word(privacy: Privacy) -> &'static str {
    match privacy {
        Privacy::Open => "open",
        Privacy::Closed => "closed",
        Privacy::Secret => "secret",
    }
}

fn kind(word: &str) -> Result<RoomKind, AdminError> {
    match word.to_ascii_lowercase().as_str() {
        "normal" => Ok(RoomKind::Normal),
        "auditorium" => Ok(RoomKind::Auditorium),
        _ => Err(AdminError::Invalid(format!("'{word}' is no type of room: normal or auditorium"))),
    }
}

fn invitations(word: &str) -> Result<Invitations, AdminError> {
    match word.to_ascii_lowercase().as_str() {
        "inherit" => Ok(Invitations::Inherit),
        "false" => Ok(Invitations::Off),
        _ => Err(AdminError::Invalid(format!("'{word}' says nothing about invitations: inherit or false"))),
    }
}

fn view(request: &Request<'_>, people: &People, categories: &[Category], room: &Room) -> RoomView {
    let category = categories.iter().find(|category| category.id == room.category);
    RoomView {
        name: room.name.to_string(),
        uri: format!("ma-chan://{}/{}", request.store.identity().domain, room.guid),
        category: category.map(|category| category.name.to_string()).unwrap_or_default(),
        description: room.description.to_string(),
        privacy: privacy_word(room.privacy).to_owned(),
        kind: if room.kind == RoomKind::Normal { "normal" } else { "auditorium" }.to_owned(),
        invitations: if room.invitations == Invitations::Inherit { "inherit" } else { "false" }.to_owned(),
        disabled: room.disabled,
        members: people.show_all(&room.members),
        managers: people.show_all(&room.managers),
        presenters: people.show_all(&room.presenters),
        guid: room.guid.to_string(),
    }
}
