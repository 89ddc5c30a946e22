//! Groups, affiliations, roles and what else is known of principals, as rows: reading them.
//! Changes nothing; that is `administer/`.

use std::collections::HashMap;

use chat::{Address, Ancestors, DisplayName, Domain, Group, GroupId, GroupKind, PersonId, Role, Time};
use uuid::Uuid;

use crate::change::Member;
use crate::engine::{Conn, Row, damaged, params, uint};
use crate::facts::{PersonFacts, RoleGrant, TokenRow};
use crate::fault::StoreFault;
use crate::rows::{guid, parsed};

const GROUPS: &str =
    "SELECT id, guid, kind, name, dn, domain, gone, affiliation, version FROM principal_group
     WHERE id BETWEEN ?1 AND ?2 ORDER BY id";

/// The sets of groups somebody belongs to, by number: one person's, or all.
pub(crate) fn affiliations(conn: &Conn, of: Option<PersonId>) -> Result<HashMap<i64, Ancestors>, StoreFault> {
    let sql = match of {
        Some(_) => {
            "SELECT a.id, a.groups FROM person p JOIN affiliation a ON a.id = p.affiliation WHERE p.id = ?1"
        }
        None => "SELECT id, groups FROM affiliation WHERE ?1 = 0",
    };
    read_sets(conn, sql, of.map_or(0, |person| person.0))
}

fn read_sets(conn: &Conn, sql: &str, key: i64) -> Result<HashMap<i64, Ancestors>, StoreFault> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query(params![key])?;
    let mut sets = HashMap::new();
    while let Some(row) = rows.next()? {
        let bytes = row.blob(1)?;
        sets.insert(row.get(0)?, set_of(bytes)?);
    }
    Ok(sets)
}

/// A set as kept: four octets a group, ascending.
pub(crate) fn set_of(bytes: &[u8]) -> Result<Ancestors, StoreFault> {
    let (groups, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(damaged("a set of groups", bytes.len()));
    }
    Ok(Ancestors::of(groups.iter().map(|octets| GroupId(u32::from_be_bytes(*octets))).collect()))
}

/// A set as it is kept.
pub(crate) fn set_bytes(set: &Ancestors) -> Vec<u8> {
    set.as_slice().iter().flat_map(|group| group.0.to_be_bytes()).collect()
}

/// One group, or all, ascending; gone ones included.
pub(crate) fn groups(conn: &Conn, id: Option<GroupId>) -> Result<Vec<Group>, StoreFault> {
    let key = id.map_or((i64::MIN, i64::MAX), |id| (id.0.into(), id.0.into()));
    let sets = match id {
        Some(id) => read_sets(
            conn,
            "SELECT a.id, a.groups FROM principal_group g JOIN affiliation a ON a.id = g.affiliation WHERE g.id = ?1",
            id.0.into(),
        )?,
        None => read_sets(
            conn,
            "SELECT id, groups FROM affiliation
             WHERE ?1 = 0 AND id IN (SELECT affiliation FROM principal_group WHERE affiliation IS NOT NULL)",
            0,
        )?,
    };
    let mut statement = conn.prepare(GROUPS)?;
    let mut rows = statement.query(params![key.0, key.1])?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        let set: Option<i64> = row.get(7)?;
        groups.push(group(row, set.and_then(|set| sets.get(&set).cloned()).unwrap_or_default())?);
    }
    Ok(groups)
}

/// The group of a row with the columns of [`GROUPS`].
pub(crate) fn group(row: Row<'_>, ancestors: Ancestors) -> Result<Group, StoreFault> {
    let domain: Option<String> = row.get(5)?;
    Ok(Group {
        id: GroupId(row.get(0)?),
        guid: guid(row, 1)?,
        kind: kind(row.get(2)?)?,
        name: parsed(row, 3, "name of a group", DisplayName::parse)?,
        distinguished_name: row.get::<Option<String>>(4)?.map(Into::into),
        domain: domain.map(|d| Domain::parse(&d)).transpose().map_err(|error| damaged("domain", error))?,
        ancestors,
        gone: row.get(6)?,
        version: uint(row.get(8)?, "version of a group")?,
    })
}

/// The group of this GUID.
pub(crate) fn group_of(conn: &Conn, guid: Uuid) -> Result<Option<Group>, StoreFault> {
    let id = conn
        .row("SELECT id FROM principal_group WHERE guid = ?1", params![guid.as_bytes()], |row| row.get(0))?;
    Ok(groups(conn, Some(GroupId(id.unwrap_or(0))))?.pop())
}

/// The groups of this name, by its key: at most one local one, perhaps several of the directory.
pub(crate) fn groups_named(conn: &Conn, folded: &str) -> Result<Vec<Group>, StoreFault> {
    let ids =
        conn.all("SELECT id FROM principal_group WHERE folded = ?1 ORDER BY id", params![folded], |row| {
            row.get(0)
        })?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(groups(conn, Some(GroupId(id)))?);
    }
    Ok(found)
}

/// The group or person of the directory with this distinguished name, by its key.
pub(crate) fn entry_named(conn: &Conn, folded: &str) -> Result<Option<Member>, StoreFault> {
    let find = |sql: &str| conn.row(sql, params![folded], |row| row.get::<i64>(0));
    if let Some(id) = find("SELECT id FROM principal_group WHERE dn_folded = ?1 AND gone = 0")? {
        let id = u32::try_from(id).map_err(|_| damaged("number of a group", id))?;
        return Ok(Some(Member::Group(GroupId(id))));
    }
    let person = find("SELECT id FROM person WHERE dn_folded = ?1 AND state <> 3 AND gone = 0")?;
    Ok(person.map(|id| Member::Person(PersonId(id))))
}

/// The container each principal of the directory lies in: those that lie in one.
pub(crate) fn parents(conn: &Conn) -> Result<Vec<(Member, GroupId)>, StoreFault> {
    let mut all = Vec::new();
    let mut statement =
        conn.prepare("SELECT id, parent FROM person WHERE parent IS NOT NULL AND state <> 3")?;
    let mut rows = statement.query(params![])?;
    while let Some(row) = rows.next()? {
        all.push((Member::Person(PersonId(row.get(0)?)), GroupId(row.get(1)?)));
    }
    let mut statement = conn.prepare("SELECT id, parent FROM principal_group WHERE parent IS NOT NULL")?;
    let mut rows = statement.query(params![])?;
    while let Some(row) = rows.next()? {
        all.push((Member::Group(GroupId(row.get(0)?)), GroupId(row.get(1)?)));
    }
    Ok(all)
}

/// The number the next group will have.
pub(crate) fn next_group(conn: &Conn) -> Result<GroupId, StoreFault> {
    Ok(GroupId(conn.last_group()?.unwrap_or(0) + 1))
}

/// The name of each group's directory; local ones have none.
pub(crate) fn sources(conn: &Conn) -> Result<Vec<(GroupId, String)>, StoreFault> {
    conn.all(
        "SELECT id, source FROM principal_group WHERE source IS NOT NULL ORDER BY id",
        params![],
        |row| Ok((GroupId(row.get(0)?), row.get(1)?)),
    )
}

/// The name of a group's directory; a local one has none.
pub(crate) fn source(conn: &Conn, id: GroupId) -> Result<Option<String>, StoreFault> {
    let found: Option<Option<String>> =
        conn.row("SELECT source FROM principal_group WHERE id = ?1", params![id.0], |row| row.get(0))?;
    Ok(found.flatten())
}

/// How often memberships have changed.
pub(crate) fn graph(conn: &Conn) -> Result<u64, StoreFault> {
    let graph: i64 = conn.one("SELECT graph FROM pool", params![], |row| row.get(0))?;
    uint(graph, "number of the memberships")
}

/// What is known of one person, or of all that were not removed.
pub(crate) fn person_facts(conn: &Conn, id: Option<PersonId>) -> Result<Vec<PersonFacts>, StoreFault> {
    let key = id.map_or((i64::MIN, i64::MAX), |id| (id.0, id.0));
    let mut statement = conn.prepare(
        "SELECT id, policy, source, dn, parent, mail, gone, held FROM person
         WHERE id BETWEEN ?1 AND ?2 AND state <> 3 ORDER BY id",
    )?;
    let mut rows = statement.query(params![key.0, key.1])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(PersonFacts {
            id: PersonId(row.get(0)?),
            policy: row.get(1)?,
            source: row.get(2)?,
            distinguished_name: row.get(3)?,
            parent: row.get::<Option<u32>>(4)?.map(GroupId),
            mail: row.get(5)?,
            gone: row.get(6)?,
            held: row.get(7)?,
        });
    }
    Ok(all)
}

/// Who has which administrative role.
pub(crate) fn role_grants(conn: &Conn) -> Result<Vec<RoleGrant>, StoreFault> {
    let mut statement = conn.prepare("SELECT person, role, granted FROM role_grant ORDER BY person, role")?;
    let mut rows = statement.query(params![])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(RoleGrant {
            person: PersonId(row.get(0)?),
            role: role_of(row.get(1)?)?,
            granted: uint(row.get(2)?, "the number of an operation")?,
        });
    }
    Ok(all)
}

/// All tokens, or those with this key.
pub(crate) fn tokens(conn: &Conn, by: TokenKey) -> Result<Vec<TokenRow>, StoreFault> {
    const COLUMNS: &str = "SELECT id, guid, name, scope, person, made, expires, revoked, own FROM token";
    let mut all = Vec::new();
    let mut take = |row: Row<'_>| -> Result<(), StoreFault> {
        let time = |column| Ok::<_, StoreFault>(row.get::<Option<i64>>(column)?.map(Time::from_unix_micros));
        all.push(TokenRow {
            id: row.get(0)?,
            guid: guid(row, 1)?,
            name: parsed(row, 2, "name of a token", DisplayName::parse)?,
            scope: row.get(3)?,
            person: row.get::<Option<i64>>(4)?.map(PersonId),
            made: Time::from_unix_micros(row.get(5)?),
            expires: time(6)?,
            revoked: time(7)?,
            own: row.get(8)?,
        });
        Ok(())
    };
    let mut statement;
    let mut rows = match by {
        TokenKey::All => {
            statement = conn.prepare(&format!("{COLUMNS} ORDER BY id"))?;
            statement.query(params![])?
        }
        TokenKey::Hash(hash) => {
            statement = conn.prepare(&format!("{COLUMNS} WHERE hash = ?1"))?;
            statement.query(params![hash])?
        }
        TokenKey::Guid(guid) => {
            statement = conn.prepare(&format!("{COLUMNS} WHERE guid = ?1"))?;
            statement.query(params![guid.as_bytes()])?
        }
        TokenKey::Owner(Some(person)) => {
            statement = conn.prepare(&format!("{COLUMNS} WHERE person = ?1 ORDER BY id"))?;
            statement.query(params![person.0])?
        }
        TokenKey::Owner(None) => {
            statement = conn.prepare(&format!("{COLUMNS} WHERE person IS NULL ORDER BY id"))?;
            statement.query(params![])?
        }
        TokenKey::Number(id) => {
            statement = conn.prepare(&format!("{COLUMNS} WHERE id = ?1"))?;
            statement.query(params![id])?
        }
    };
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(all)
}

/// Which tokens to read.
pub(crate) enum TokenKey {
    All,
    Hash([u8; 32]),
    Guid(Uuid),
    /// Those of one person, or those that are nobody's.
    Owner(Option<PersonId>),
    Number(i64),
}

/// The contact address of a row, as the table has it.
pub(crate) fn endpoints(conn: &Conn) -> Result<Vec<crate::facts::Endpoint>, StoreFault> {
    let mut statement = conn.prepare("SELECT id, address, display_name FROM endpoint ORDER BY address")?;
    let mut rows = statement.query(params![])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(crate::facts::Endpoint {
            id: row.get(0)?,
            address: parsed(row, 1, "address", Address::parse)?,
            display_name: parsed(row, 2, "display name", DisplayName::parse)?,
        });
    }
    Ok(all)
}

pub(crate) fn kind_code(kind: GroupKind) -> i64 {
    match kind {
        GroupKind::Group => 1,
        GroupKind::Container => 2,
        GroupKind::Domain => 3,
    }
}

fn kind(code: i64) -> Result<GroupKind, StoreFault> {
    match code {
        1 => Ok(GroupKind::Group),
        2 => Ok(GroupKind::Container),
        3 => Ok(GroupKind::Domain),
        _ => Err(damaged("kind of a group", code)),
    }
}

pub(crate) fn role_code(role: Role) -> i64 {
    match role {
        Role::Reader => 1,
        Role::UserAdministrator => 2,
        Role::ChatAdministrator => 3,
        Role::Administrator => 4,
    }
}

pub(crate) fn role_of(code: i64) -> Result<Role, StoreFault> {
    match code {
        1 => Ok(Role::Reader),
        2 => Ok(Role::UserAdministrator),
        3 => Ok(Role::ChatAdministrator),
        4 => Ok(Role::Administrator),
        _ => Err(damaged("an administrative role", code)),
    }
}
