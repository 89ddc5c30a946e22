//! The verbs of categories: new, list, get, set, remove, and what a narrower scope takes from rooms.
//! Who may be what in a room is `room.rs`.

use chat::{Category, Description, NodeName, Scope};
use store::{CategoryDraft, RowChange};

use crate::desk::Request;
use crate::error::AdminError;
use crate::operation::CategoryFields;
use crate::outcome::{CategoryView, Outcome, Rows, quoted};
use crate::principal::People;
use crate::room;

pub(crate) async fn new(
    request: &Request<'_>,
    name: &str,
    fields: &CategoryFields,
) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let blank = CategoryDraft {
        name: NodeName::parse(name)?,
        description: Description::default(),
        scope: Scope::default(),
        creators: Vec::new(),
        invitations: false,
        file_upload: false,
        history: true,
    };
    let draft = changed(&people, blank, fields)?;
    let name = draft.name.to_string();
    let nobody = draft.scope.allowed.is_empty();
    let forgets = !draft.history;
    request.write(vec![RowChange::NewCategory(draft)]).await?;
    let mut outcome = get(request, &name).await?;
    if nobody {
        outcome.warnings.push(nobody_yet(request, &name));
    }
    if forgets {
        outcome.warnings.push(no_history(&name));
    }
    Ok(outcome)
}

pub(crate) async fn list(request: &Request<'_>) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let mut categories = request.store.categories().await?;
    categories.sort_by_key(|category| category.name.folded());
    let rooms = request.store.rooms().await?;
    let views = categories.iter().map(|category| {
        let count = rooms.iter().filter(|room| room.category == category.id).count();
        view(request, &people, category, count)
    });
    Ok(Outcome::of(Rows::Categories(views.collect())))
}

pub(crate) async fn get(request: &Request<'_>, name: &str) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let category = find(request, name).await?;
    let rooms = request.store.rooms().await?;
    let count = rooms.iter().filter(|room| room.category == category.id).count();
    Ok(Outcome::of(Rows::Categories(vec![view(request, &people, &category, count)])))
}

pub(crate) async fn set(
    request: &Request<'_>,
    name: &str,
    new_name: Option<&str>,
    fields: &CategoryFields,
) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let category = find(request, name).await?;
    if new_name.is_none() && *fields == CategoryFields::default() {
        return Err(AdminError::Invalid(
            "nothing to change was given: `causerie category set --help` lists what can be set".into(),
        ));
    }
    let mut old = draft_of(&category);
    if let Some(new_name) = new_name {
        old.name = NodeName::parse(new_name)?;
    }
    let draft = changed(&people, old, fields)?;
    let guid = category.guid.to_string();
    let shown = draft.name.to_string();
    let nobody = draft.scope.allowed.is_empty();
    let mut warnings = Vec::new();
    let mut changes = vec![RowChange::SetCategory {
        id: category.id,
        expected_rules: Some(category.rules),
        draft: draft.clone(),
    }];
    for room in request.store.rooms().await?.iter().filter(|room| room.category == category.id) {
        let (kept, lost) = room::purged(&people, room, &draft.scope);
        if !lost.is_empty() {
            changes.push(RowChange::SetRoom { id: room.id, expected_rules: Some(room.rules), draft: kept });
            warnings.push(room::lost(room, &lost));
        }
    }
    request.write(changes).await?;
    let mut outcome = get(request, &guid).await?;
    outcome.warnings = warnings;
    if nobody {
        outcome.warnings.push(nobody_yet(request, &shown));
    }
    if fields.chat_history == Some(false) {
        outcome.warnings.push(no_history(&shown));
    }
    Ok(outcome)
}

pub(crate) async fn remove(request: &Request<'_>, name: &str) -> Result<Outcome, AdminError> {
    let outcome = get(request, name).await?;
    let category = find(request, name).await?;
    request.write(vec![RowChange::RemoveCategory(category.id)]).await?;
    Ok(outcome)
}

/// The category of this name (case aside) or GUID.
pub(crate) async fn find(request: &Request<'_>, name: &str) -> Result<Category, AdminError> {
    let folded = chat::folded(name.trim());
    let categories = request.store.categories().await?;
    let found = categories.into_iter().find(|c| c.name.folded() == folded || c.guid.to_string() == folded);
    found.ok_or_else(|| {
        AdminError::NotFound(format!(
            "there is no category '{name}': `causerie category list` shows them, `causerie category new` makes one"
        ))
    })
}

fn changed(
    people: &People,
    old: CategoryDraft,
    fields: &CategoryFields,
) -> Result<CategoryDraft, AdminError> {
    let scope = Scope {
        allowed: people.changed(&old.scope.allowed, &fields.allowed_members)?,
        denied: people.changed(&old.scope.denied, &fields.denied_members)?,
    };
    let mut creators = people.changed(&old.creators, &fields.creators)?;
    let asked: Vec<&String> =
        fields.creators.add.iter().chain(fields.creators.replace.iter().flatten()).collect();
    if let Some(outsider) = people.outsider(&scope, &creators) {
        let shown = people.show(outsider);
        if asked.contains(&&shown) {
            return Err(AdminError::Invalid(format!(
                "{shown} cannot be a creator, because the category does not allow {shown} as a member: \
                 add --add-allowed-member {shown}"
            )));
        }
        // The scope was narrowed: creators outside it lose the role with it.
        creators.retain(|creator| people.admitted(&scope, creator));
    }
    Ok(CategoryDraft {
        name: old.name,
        description: fields.description.as_deref().map_or(Ok(old.description), Description::parse)?,
        scope,
        creators,
        invitations: fields.invitations.unwrap_or(old.invitations),
        file_upload: fields.file_upload.unwrap_or(old.file_upload),
        history: fields.chat_history.unwrap_or(old.history),
    })
}

fn draft_of(category: &Category) -> CategoryDraft {
    CategoryDraft {
        name: category.name.clone(),
        description: category.description.clone(),
        scope: category.scope.clone(),
        creators: category.creators.clone(),
        invitations: category.invitations,
        file_upload: category.file_upload,
        history: category.history,
    }
}

fn nobody_yet(request: &Request<'_>, name: &str) -> String {
    format!(
        "nobody can be a member of a room of '{name}' yet: \
         `causerie category set {} --add-allowed-member domain:{}`",
        quoted(name),
        request.store.identity().domain
    )
}

fn no_history(name: &str) -> String {
    format!(
        "what is said in the rooms of '{name}' is shown to whoever is there and is no history, also when history is kept \
         again later: `causerie category set {} --chat-history=true`",
        quoted(name)
    )
}

fn view(request: &Request<'_>, people: &People, category: &Category, rooms: usize) -> CategoryView {
    CategoryView {
        name: category.name.to_string(),
        uri: format!("ma-cat://{}/{}", request.store.identity().domain, category.guid),
        description: category.description.to_string(),
        allowed_members: people.show_all(&category.scope.allowed),
        denied_members: people.show_all(&category.scope.denied),
        creators: people.show_all(&category.creators),
        invitations: category.invitations,
        file_upload: category.file_upload,
        chat_history: category.history,
        rooms,
        guid: category.guid.to_string(),
    }
}
