//! The verbs of categories: new, list, get, set, remove. What a narrower scope takes from rooms is `category/narrow.rs`.
//! Whom a scope admits is said by `chat`.

mod narrow;

use std::collections::{HashMap, HashSet};

use chat::{Category, CategoryId, Description, NodeName, Principal, Scope, folded};
use store::{CategoryDraft, Premise, RowChange, RowDone};
use uuid::Uuid;

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::explain::category_preview;
use crate::operation::{CategoryFields, CategoryGet, CategoryList, CategoryNew, CategoryRemove, CategorySet};
use crate::outcome::{Outcome, Rows, quoted};
use crate::page;
use crate::principal::People;
use crate::unfinished::Unfinished;
use crate::view::CategoryView;

use narrow::narrow;

pub(crate) async fn new(errand: &Errand<'_>, asked: &CategoryNew) -> Result<Outcome, AdminError> {
    let people = People::named(errand.store, texts(&asked.fields), []).await?;
    let blank = CategoryDraft {
        name: errand.new_name(&asked.name)?,
        description: Description::default(),
        scope: Scope::default(),
        creators: Vec::new(),
        invitations: false,
        file_upload: false,
        history: true,
    };
    let draft = changed(&people, &blank, &asked.fields)?;
    let planned = view(errand, &people, &drafted(&draft, None), 0);
    let mut work = Work::default();
    work.compare(&object(&draft.name), None, Some(&planned));
    work.warnings.extend(nobody_yet(errand, &draft));
    if !draft.history {
        work.warnings.push(no_history(&draft.name));
    }
    work.rows.push(RowChange::NewCategory(draft));
    let done = errand.write(&work).await?;
    let view = category_of(&done).map_or(planned, |category| view(errand, &people, category, 0));
    Ok(work.outcome(Rows::Categories(vec![view])))
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &CategoryList) -> Result<Outcome, AdminError> {
    let wanted = asked.q.as_deref().map(folded);
    let mut categories = errand.store.categories().await?;
    categories.retain(|category| {
        wanted.as_ref().is_none_or(|text| {
            category.name.folded().contains(text) || folded(category.description.as_str()).contains(text)
        })
    });
    categories.sort_by_key(|category| category.name.folded());
    let key = |category: &Category| category.name.folded();
    let (categories, next) = page::cut(categories, asked.limit, asked.cursor.as_deref(), key)?;
    let rooms: HashMap<_, _> = errand.store.room_counts().await?.into_iter().collect();
    let people = People::on(errand.store, categories.iter().flat_map(principals)).await?;
    let count = |category: &Category| rooms.get(&category.id).copied().unwrap_or_default();
    let views = categories.iter().map(|category| view(errand, &people, category, count(category)));
    Ok(Outcome { next, ..Outcome::of(Rows::Categories(views.collect())) })
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &CategoryGet) -> Result<Outcome, AdminError> {
    let category = find(errand, &asked.category).await?;
    let people = People::on(errand.store, principals(&category)).await?;
    let view = view(errand, &people, &category, errand.store.room_count(category.id).await?);
    Ok(Outcome::of(Rows::Categories(vec![view])))
}

pub(crate) async fn set(errand: &Errand<'_>, asked: &CategorySet) -> Result<Outcome, AdminError> {
    let category = find(errand, &asked.category).await?;
    let rooms = errand.store.room_count(category.id).await?;
    let people = People::named(errand.store, texts(&asked.fields), principals(&category)).await?;
    let before = view(errand, &people, &category, rooms);
    errand.matches(&object(&category.name), &before.etag)?;
    if asked.name.is_none() && asked.fields == CategoryFields::default() {
        let message = "nothing to change was given: `causerie category set --help` lists what can be set";
        return Err(AdminError::invalid("", message));
    }
    let mut old = draft_of(&category);
    if let Some(new_name) = &asked.name {
        old.name = errand.new_name(new_name)?;
    }
    let draft = changed(&people, &old, &asked.fields)?;
    let planned = view(errand, &people, &drafted(&draft, Some(&category)), rooms);
    let mut work = Work::default();
    work.compare(&object(&category.name), Some(&before), Some(&planned));
    if !work.changes.is_empty() {
        let expected_rules = Some(category.rules);
        work.rows.push(RowChange::SetCategory { id: category.id, expected_rules, draft: draft.clone() });
    }
    work.warnings.extend(nobody_yet(errand, &draft));
    if asked.fields.chat_history == Some(false) {
        work.warnings.push(no_history(&draft.name));
    }
    let after = drafted(&draft, Some(&category));
    let shuts_out = may_shut_out(&asked.fields);
    // The category's number moves first: from here on nobody acts by a right that the scope does not give.
    let mut operation = None;
    let mut now = after.clone();
    if !work.rows.is_empty() {
        let mut rows = std::mem::take(&mut work.rows);
        rows.extend(
            (shuts_out && rooms > 0).then(|| Unfinished::Narrowing(category.id, category.rules).begun()),
        );
        let written = errand.begin(&work, rows).await?;
        operation = Some(written.operation);
        if let Some(category) = category_of(&written.done) {
            now = category.clone();
        }
    }
    let mut purged = Vec::new();
    if shuts_out {
        narrow(errand, &now, operation, &mut work, &mut purged).await?;
    }
    let access = category_preview(errand, &category, &after, &purged).await?;
    let view = if errand.dry_run { planned } else { view(errand, &people, &now, rooms) };
    Ok(work.outcome(Rows::Categories(vec![view])).with_access(access))
}

/// Goes on with what a stop left in the rooms of a category.
pub(crate) async fn go_on(errand: &Errand<'_>, category: &Category) -> Result<(), AdminError> {
    narrow(errand, category, None, &mut Work::default(), &mut Vec::new()).await
}

/// Whether what is asked can leave people in rooms outside the scope. Asked again it says so again, and whoever is left is found.
fn may_shut_out(fields: &CategoryFields) -> bool {
    let (allowed, denied) = (&fields.allowed_members, &fields.denied_members);
    allowed.replace.is_some() || !allowed.remove.is_empty() || denied.given().next().is_some()
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &CategoryRemove) -> Result<Outcome, AdminError> {
    let category = find(errand, &asked.category).await?;
    let people = People::on(errand.store, principals(&category)).await?;
    let view = view(errand, &people, &category, errand.store.room_count(category.id).await?);
    errand.matches(&object(&category.name), &view.etag)?;
    let mut work = Work::default();
    work.compare(&object(&category.name), Some(&view), None);
    work.rows.push(RowChange::Assert(Premise::Category(category.id, category.rules)));
    work.rows.push(RowChange::RemoveCategory(category.id));
    errand.write(&work).await?;
    Ok(work.outcome(Rows::Categories(vec![view])))
}

/// The category of this name (case aside) or GUID.
pub(crate) async fn find(errand: &Errand<'_>, name: &str) -> Result<Category, AdminError> {
    errand.category(name).await?.ok_or_else(|| no_category(name))
}

pub(crate) fn no_category(name: &str) -> AdminError {
    AdminError::NotFound(format!(
        "there is no category '{name}': `causerie category list` shows them, `causerie category new` makes one"
    ))
}

/// Everybody on a category's lists.
pub(crate) fn principals(category: &Category) -> impl Iterator<Item = &Principal> {
    category.scope.allowed.iter().chain(&category.scope.denied).chain(&category.creators)
}

fn texts(fields: &CategoryFields) -> impl Iterator<Item = &str> {
    fields.allowed_members.texts().chain(fields.denied_members.texts()).chain(fields.creators.texts())
}

fn changed(
    people: &People,
    old: &CategoryDraft,
    fields: &CategoryFields,
) -> Result<CategoryDraft, AdminError> {
    let scope = Scope {
        allowed: people.changed("allowedMembers", &old.scope.allowed, &fields.allowed_members)?,
        denied: people.changed("deniedMembers", &old.scope.denied, &fields.denied_members)?,
    };
    let creators = people.changed("creators", &old.creators, &fields.creators)?;
    let described = |text: &String| Description::parse(text).map_err(of_field("description"));
    let draft = CategoryDraft {
        name: old.name.clone(),
        description: fields.description.as_ref().map_or(Ok(old.description.clone()), described)?,
        scope,
        creators,
        invitations: fields.invitations.unwrap_or(old.invitations),
        file_upload: fields.file_upload.unwrap_or(old.file_upload),
        history: fields.chat_history.unwrap_or(old.history),
    };
    let given = |creator: &Principal| {
        let named = |asked: &String| people.read_one("creators", asked).is_ok_and(|one| one == *creator);
        !old.creators.contains(creator) || fields.creators.given().any(named)
    };
    let narrowed = draft.scope != old.scope;
    let values = drafted(&draft, None).values();
    let mut outside = values.outsiders(|principal| people.known(principal));
    // Whoever was a creator before, and is outside because a group was left, stands in nobody's way.
    outside.retain(|creator| narrowed || !old.creators.contains(creator));
    if let Some(outsider) = outside.iter().find(|creator| given(creator)) {
        let shown = people.show(outsider);
        let message = format!(
            "{shown} cannot be a creator, because the category does not allow {shown} as a member: \
             add --add-allowed-member {shown}"
        );
        return Err(AdminError::rule("creators", message));
    }
    // The scope was narrowed: creators outside it lose the role with it.
    let outside: HashSet<Principal> = outside.into_iter().collect();
    let creators = draft.creators.into_iter().filter(|creator| !outside.contains(creator)).collect();
    Ok(CategoryDraft { creators, ..draft })
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

/// The category as it is to be: this one changed, or a new one without number and GUID.
fn drafted(draft: &CategoryDraft, old: Option<&Category>) -> Category {
    Category {
        id: old.map_or(CategoryId(0), |old| old.id),
        guid: old.map_or(Uuid::nil(), |old| old.guid),
        name: draft.name.clone(),
        description: draft.description.clone(),
        scope: draft.scope.clone(),
        creators: draft.creators.clone(),
        invitations: draft.invitations,
        file_upload: draft.file_upload,
        history: draft.history,
        rules: old.map_or(0, |old| old.rules),
    }
}

fn category_of(done: &[RowDone]) -> Option<&Category> {
    done.iter().find_map(|one| match one {
        RowDone::Category(category) => Some(category),
        _ => None,
    })
}

fn object(name: &NodeName) -> String {
    format!("category {name}")
}

fn nobody_yet(errand: &Errand<'_>, draft: &CategoryDraft) -> Option<String> {
    draft.scope.allowed.is_empty().then(|| {
        format!(
            "nobody can be a member of a room of '{}' yet: \
             `causerie category set {} --add-allowed-member domain:{}`",
            draft.name,
            quoted(draft.name.as_str()),
            errand.store.identity().domain
        )
    })
}

fn no_history(name: &NodeName) -> String {
    format!(
        "what is said in the rooms of '{name}' is shown to whoever is there and is no history, also when history is kept \
         again later: `causerie category set {} --chat-history=true`",
        quoted(name.as_str())
    )
}

fn view(errand: &Errand<'_>, people: &People, category: &Category, rooms: usize) -> CategoryView {
    CategoryView {
        name: category.name.to_string(),
        uri: format!("ma-cat://{}/{}", errand.store.identity().domain, category.guid),
        description: category.description.to_string(),
        allowed_members: people.show_all(&category.scope.allowed),
        denied_members: people.show_all(&category.scope.denied),
        creators: people.show_all(&category.creators),
        invitations: category.invitations,
        file_upload: category.file_upload,
        chat_history: category.history,
        rooms,
        guid: category.guid.to_string(),
        etag: category.rules.to_string(),
    }
}
