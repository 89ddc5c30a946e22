//! Policies, settings by scope and add-ins, as rows: reading them.
//! Changes nothing; that is `administer/`.

use chat::{AddIn, AddInId, AddInName, Configuration, Description, Policy, ScopeName, Url};

use crate::engine::{Conn, damaged, params, uint};
use crate::facts::ConfigurationRow;
use crate::fault::StoreFault;
use crate::rows::{guid, parsed};

/// All policies, by number.
pub(crate) fn policies(conn: &Conn) -> Result<Vec<Policy>, StoreFault> {
    let mut statement =
        conn.prepare("SELECT id, scope, enabled, description, version FROM policy ORDER BY id")?;
    let mut rows = statement.query(params![])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Policy {
            id: row.get(0)?,
            scope: parsed(row, 1, "identity of a policy", ScopeName::parse)?,
            enabled: row.get(2)?,
            description: parsed(row, 3, "description", Description::parse)?,
            version: uint(row.get(4)?, "version of a policy")?,
        });
    }
    Ok(all)
}

/// All collections of settings, by number.
pub(crate) fn configurations(conn: &Conn) -> Result<Vec<ConfigurationRow>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT id, scope, default_chat_history, max_file_size_kb, participant_update_limit, room_management_url,
                version FROM configuration ORDER BY id",
    )?;
    let mut rows = statement.query(params![])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let url: Option<String> = row.get(5)?;
        all.push(ConfigurationRow {
            id: row.get(0)?,
            scope: parsed(row, 1, "identity of settings", ScopeName::parse)?,
            settings: Configuration {
                default_chat_history: row.get(2)?,
                max_file_size_kb: row.get(3)?,
                participant_update_limit: row.get(4)?,
                room_management_url: url
                    .map(|url| Url::parse(&url))
                    .transpose()
                    .map_err(|error| damaged("address of a page", error))?,
            },
            version: uint(row.get(6)?, "version of settings")?,
        });
    }
    Ok(all)
}

/// All add-ins, by number.
pub(crate) fn add_ins(conn: &Conn) -> Result<Vec<AddIn>, StoreFault> {
    let mut statement = conn.prepare("SELECT id, guid, name, url, version FROM add_in ORDER BY id")?;
    let mut rows = statement.query(params![])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(AddIn {
            id: AddInId(row.get(0)?),
            guid: guid(row, 1)?,
            name: parsed(row, 2, "name of an add-in", AddInName::parse)?,
            url: parsed(row, 3, "address of a page", Url::parse)?,
            version: uint(row.get(4)?, "version of an add-in")?,
        });
    }
    Ok(all)
}
