//! The verbs of settings by scope: list, get, new, set, remove, and which of them are in force.
//! What each setting does is up to those who read it.

use chat::{Configuration, ScopeName, Url, in_force};
use store::{ConfigurationRow, Premise, RowChange, RowDone};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{
    ConfigurationFields, ConfigurationGet, ConfigurationList, ConfigurationNew, ConfigurationRemove,
    ConfigurationSet,
};
use crate::outcome::{Outcome, Rows, quoted};
use crate::page;
use crate::scope;
use crate::value::Revised;
use crate::view::{ConfigurationView, EffectiveConfigurationView};

pub(crate) async fn list(errand: &Errand<'_>, asked: &ConfigurationList) -> Result<Outcome, AdminError> {
    let pattern = asked.filter.as_deref().map(|text| scope::pattern("filter", text)).transpose()?;
    let mut rows = errand.store.configurations().await?;
    rows.retain(|row| pattern.as_ref().is_none_or(|pattern| scope::is_like(pattern, &row.scope)));
    rows.sort_by_cached_key(|row| row.scope.folded());
    let key = |row: &ConfigurationRow| row.scope.folded();
    let (rows, next) = page::cut(rows, asked.limit, asked.cursor.as_deref(), key)?;
    let views = rows.iter().map(view);
    Ok(Outcome { next, ..Outcome::of(Rows::Configurations(views.collect())) })
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &ConfigurationGet) -> Result<Outcome, AdminError> {
    let row = find(errand, &asked.configuration).await?;
    Ok(Outcome::of(Rows::Configurations(vec![view(&row)])))
}

pub(crate) async fn new(errand: &Errand<'_>, asked: &ConfigurationNew) -> Result<Outcome, AdminError> {
    let scope = read("identity", &asked.identity)?;
    if errand.store.configurations().await?.iter().any(|row| row.scope.is(&scope)) {
        let identity = scope.to_string();
        let message = format!(
            "there are settings for {identity} already: change them with `causerie configuration set {}`",
            quoted(&identity)
        );
        return Err(AdminError::Duplicate { field: "identity".into(), message });
    }
    let settings = changed(Configuration::default(), &asked.fields)?;
    let planned = ConfigurationRow { id: 0, scope: scope.clone(), settings: settings.clone(), version: 0 };
    let mut work = Work::default();
    work.compare(&object(&scope), None, Some(&view(&planned)));
    work.warnings.extend(scope::elsewhere(errand, &scope));
    work.rows.push(RowChange::NewConfiguration(scope, settings));
    let done = errand.write(&work).await?;
    Ok(work.outcome(Rows::Configurations(vec![view(row_of(&done).unwrap_or(&planned))])))
}

pub(crate) async fn set(errand: &Errand<'_>, asked: &ConfigurationSet) -> Result<Outcome, AdminError> {
    let row = find(errand, &asked.configuration).await?;
    errand.matches(&object(&row.scope), &view(&row).etag)?;
    if asked.fields == ConfigurationFields::default() {
        let message =
            "nothing to change was given: `causerie configuration set --help` lists what can be set";
        return Err(AdminError::invalid("", message));
    }
    let settings = changed(row.settings.clone(), &asked.fields)?;
    change(errand, row, settings, Work::default()).await
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &ConfigurationRemove) -> Result<Outcome, AdminError> {
    let row = find(errand, &asked.configuration).await?;
    errand.matches(&object(&row.scope), &view(&row).etag)?;
    let mut work = Work::default();
    if row.scope == ScopeName::Global {
        work.warnings
            .push("the settings called global are there always: they are only reset to the defaults".into());
        return change(errand, row, Configuration::default(), work).await;
    }
    let view = view(&row);
    work.compare(&object(&row.scope), Some(&view), None);
    work.rows.push(RowChange::Assert(Premise::Configuration(row.id, row.version)));
    work.rows.push(RowChange::RemoveConfiguration(row.id));
    errand.write(&work).await?;
    Ok(work.outcome(Rows::Configurations(vec![view])))
}

pub(crate) async fn effective(errand: &Errand<'_>) -> Result<Outcome, AdminError> {
    let identity = errand.store.identity();
    let rows = errand.store.configurations().await?;
    let all: Vec<_> = rows.into_iter().map(|row| (row.scope.clone(), row)).collect();
    let (scope, row) = in_force(&all, None, &identity.pool_name, &identity.site).ok_or_else(|| {
        AdminError::Unavailable("the settings called global are missing in the store".into())
    })?;
    let view = EffectiveConfigurationView {
        pool: identity.pool_name.clone(),
        configuration: view(row),
        because: scope::because(errand, scope, &identity.pool_name),
    };
    Ok(Outcome::of(Rows::EffectiveConfigurations(vec![view])))
}

/// Writes settings anew, if they are others then.
async fn change(
    errand: &Errand<'_>,
    row: ConfigurationRow,
    settings: Configuration,
    mut work: Work,
) -> Result<Outcome, AdminError> {
    let before = view(&row);
    let planned = ConfigurationRow { settings: settings.clone(), ..row.clone() };
    work.compare(&object(&row.scope), Some(&before), Some(&view(&planned)));
    work.warnings.extend(scope::elsewhere(errand, &row.scope));
    if !work.changes.is_empty() {
        let expected_version = Some(row.version);
        work.rows.push(RowChange::SetConfiguration { id: row.id, expected_version, settings });
    }
    let done = errand.write(&work).await?;
    Ok(work.outcome(Rows::Configurations(vec![view(row_of(&done).unwrap_or(&planned))])))
}

/// The settings for this identity.
async fn find(errand: &Errand<'_>, text: &str) -> Result<ConfigurationRow, AdminError> {
    let wanted = read("configuration", text)?;
    let rows = errand.store.configurations().await?;
    rows.into_iter().find(|row| row.scope.is(&wanted)).ok_or_else(|| {
        AdminError::NotFound(format!(
            "there are no settings for '{text}': `causerie configuration list` shows them, \
             `causerie configuration new` makes some"
        ))
    })
}

/// An identity of settings: they are never granted to people.
fn read(field: &str, text: &str) -> Result<ScopeName, AdminError> {
    match scope::read(field, text)? {
        ScopeName::Tag(_) => {
            let message = format!(
                "'{text}' is no identity of settings, which are never for single people: \
                 write global, site:NAME or service:PersistentChatServer:POOL"
            );
            Err(AdminError::invalid(field, message))
        }
        scope => Ok(scope),
    }
}

fn changed(old: Configuration, fields: &ConfigurationFields) -> Result<Configuration, AdminError> {
    if fields.max_chat_content_size_mb.is_some() {
        let message = "maxChatContentSizeMB is obsolete and stands for nothing: leave it out \
                       (rooms above a size are found with `causerie room list`)";
        return Err(AdminError::invalid("maxChatContentSizeMB", message));
    }
    if fields.file_service_url.is_some() {
        let message = "fileServiceUrl is obsolete and stands for nothing: leave it out \
                       (files go through this server; how large they may be is maxFileSizeKB)";
        return Err(AdminError::invalid("fileServiceUrl", message));
    }
    let url = match &fields.room_management_url {
        Revised::Kept => old.room_management_url,
        Revised::Cleared => None,
        Revised::To(text) => Some(Url::parse(text).map_err(of_field("roomManagementUrl"))?),
    };
    let settings = Configuration {
        default_chat_history: fields.default_chat_history.unwrap_or(old.default_chat_history),
        max_file_size_kb: fields.max_file_size_kb.unwrap_or(old.max_file_size_kb),
        participant_update_limit: fields.participant_update_limit.unwrap_or(old.participant_update_limit),
        room_management_url: url,
    };
    settings.checked().map_err(|bad| match &bad {
        chat::BadSetting::Range { what, .. } => AdminError::invalid(*what, &bad),
        _ => AdminError::invalid("", &bad),
    })
}

fn row_of(done: &[RowDone]) -> Option<&ConfigurationRow> {
    done.iter().find_map(|one| match one {
        RowDone::Configuration(row) => Some(row),
        _ => None,
    })
}

fn object(scope: &ScopeName) -> String {
    format!("configuration {scope}")
}

fn view(row: &ConfigurationRow) -> ConfigurationView {
    ConfigurationView {
        identity: row.scope.to_string(),
        default_chat_history: row.settings.default_chat_history,
        max_file_size_kb: row.settings.max_file_size_kb,
        participant_update_limit: row.settings.participant_update_limit,
        room_management_url: row.settings.room_management_url.as_ref().map(|url| url.as_str().to_owned()),
        etag: row.version.to_string(),
    }
}
