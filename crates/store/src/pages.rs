//! People and groups in pages, found by a pattern, and what administration shows beside them.
//! Decides nothing: whom a scope admits is said by `chat`.

use std::collections::HashMap;

use chat::{
    Actor, AddInId, Ancestors, Entry, Group, GroupId, JournalKey, NodeName, Person, PersonId, PoolEntry,
    RoomId,
};

use crate::engine::{Conn, Row, int, params};
use crate::facts::{Account, Granted, PolicyHolders};
use crate::fault::StoreFault;
use crate::journal;
use crate::limits::SEEK_ROWS_MAX;
use crate::principals::{group, set_of};
use crate::rows::{all_roles, parsed, person};

/// Which people or groups to read: those whose names are like this, in an order that goes on behind any of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seek<K> {
    /// Go on behind this one.
    pub after: Option<K>,
    /// Only whose address or name (of a group: whose name or distinguished name) is like this pattern: a key by
    /// [`chat::folded`] in which `*` stands for any characters and `?` for one.
    pub named: Option<String>,
    /// Only whose address is like this pattern; no group has one.
    pub address: Option<String>,
    /// At most so many, and never more than [`SEEK_ROWS_MAX`].
    pub limit: usize,
}

/// People who have their address, neither removed nor gone, by address. The names lie in an index: who is not like the pattern costs no more than that.
pub(crate) fn people(conn: &Conn, seek: &Seek<String>) -> Result<Vec<Person>, StoreFault> {
    let mut roles = all_roles(conn)?;
    let mut sets = HashMap::new();
    let mut statement = conn.prepare(
        "SELECT p.id, p.guid, p.address, p.display_name, p.state, p.standing, p.chat, p.bot, p.affiliation, p.gone, p.admission,
                a.groups
         FROM person p INDEXED BY person_named LEFT JOIN affiliation a ON a.id = p.affiliation
         WHERE p.state <> 3 AND p.gone = 0 AND p.address > ?1 AND (p.address LIKE ?2 ESCAPE '\\' OR p.folded LIKE ?2 ESCAPE '\\' OR ?2 IS NULL)
               AND (p.address LIKE ?3 ESCAPE '\\' OR ?3 IS NULL)
         ORDER BY p.address LIMIT ?4",
    )?;
    let after = seek.after.as_deref().unwrap_or_default();
    let (named, address) = (seek.named.as_deref().map(like), seek.address.as_deref().map(like));
    let mut rows = statement.query(params![after, named, address, limit(seek.limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let ancestors = set_at(row, 8, 11, &mut sets)?;
        found.push(person(row, &mut roles, ancestors)?);
    }
    Ok(found)
}

/// Groups that are not gone, by number.
pub(crate) fn groups(conn: &Conn, seek: &Seek<GroupId>) -> Result<Vec<Group>, StoreFault> {
    if seek.address.is_some() {
        return Ok(Vec::new());
    }
    let mut sets = HashMap::new();
    let mut statement = conn.prepare(
        "SELECT g.id, g.guid, g.kind, g.name, g.dn, g.domain, g.gone, g.affiliation, g.version, a.groups
         FROM principal_group g LEFT JOIN affiliation a ON a.id = g.affiliation
         WHERE g.id > ?1 AND g.gone = 0 AND (g.folded LIKE ?2 ESCAPE '\\' OR g.dn_folded LIKE ?2 ESCAPE '\\' OR ?2 IS NULL)
         ORDER BY g.id LIMIT ?3",
    )?;
    let after = seek.after.map_or(-1, |id| i64::from(id.0));
    let mut rows = statement.query(params![after, seek.named.as_deref().map(like), limit(seek.limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let ancestors = set_at(row, 7, 9, &mut sets)?;
        found.push(group(row, ancestors)?);
    }
    Ok(found)
}

/// Which groups a page holds, gone ones included.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupPage {
    /// Go on behind the group of this name, by its key, and number; at first behind an empty name.
    pub after: (String, u32),
    /// Only those with this text in their name, as a key.
    pub named: Option<String>,
    /// Only local ones, or only those of a directory.
    pub local: Option<bool>,
    /// At most so many, and never more than [`SEEK_ROWS_MAX`].
    pub limit: usize,
}

/// Groups by name, each with the directory it comes from.
pub(crate) fn groups_by_name(
    conn: &Conn,
    page: &GroupPage,
) -> Result<Vec<(Group, Option<String>)>, StoreFault> {
    let mut sets = HashMap::new();
    let mut statement = conn.prepare(
        "SELECT g.id, g.guid, g.kind, g.name, g.dn, g.domain, g.gone, g.affiliation, g.version, a.groups, g.source
         FROM principal_group g LEFT JOIN affiliation a ON a.id = g.affiliation
         WHERE (g.folded, g.id) > (?1, ?2) AND (instr(g.folded, ?3) > 0 OR ?3 IS NULL)
               AND (CASE WHEN g.source IS NULL THEN 1 ELSE 0 END = ?4 OR ?4 IS NULL)
         ORDER BY g.folded, g.id LIMIT ?5",
    )?;
    let (name, number) = &page.after;
    let mut rows = statement.query(params![name, number, page.named, page.local, limit(page.limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let ancestors = set_at(row, 7, 9, &mut sets)?;
        found.push((group(row, ancestors)?, row.get(10)?));
    }
    Ok(found)
}

/// What administration shows of these people, besides what decisions need.
pub(crate) fn accounts(conn: &Conn, people: &[PersonId]) -> Result<Vec<Account>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT p.id, p.policy, c.argon2 IS NOT NULL, c.nt IS NOT NULL
         FROM person p LEFT JOIN credential c ON c.person = p.id WHERE p.id = ?1",
    )?;
    let mut found = Vec::with_capacity(people.len());
    for id in people {
        let account = |row: Row<'_>| {
            Ok(Account {
                person: PersonId(row.get(0)?),
                policy: row.get(1)?,
                has_password: row.get(2)?,
                legacy_sign_on: row.get(3)?,
            })
        };
        found.extend(statement.row(params![id.0], account)?);
    }
    Ok(found)
}

/// How many people have which policy of their own, and how many of them may use persistent chat.
pub(crate) fn policy_holders(conn: &Conn) -> Result<Vec<PolicyHolders>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT policy, count(*), CAST(sum(chat) AS BIGINT) FROM person WHERE state <> 3 AND gone = 0 GROUP BY policy ORDER BY policy NULLS FIRST",
    )?;
    let count =
        |row: Row<'_>, column| row.get::<i64>(column).map(|count| usize::try_from(count).unwrap_or_default());
    let rows = statement.all(params![], |row| {
        Ok(PolicyHolders { policy: row.get(0)?, people: count(row, 1)?, with_chat: count(row, 2)? })
    })?;
    Ok(rows)
}

/// The rooms that show an add-in, with their names, ascending.
pub(crate) fn rooms_showing(conn: &Conn, add_in: AddInId) -> Result<Vec<(RoomId, NodeName)>, StoreFault> {
    let mut statement =
        conn.prepare("SELECT id, name FROM room WHERE add_in = ?1 AND removed = 0 ORDER BY id")?;
    let mut rows = statement.query(params![add_in.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((RoomId(row.get(0)?), parsed(row, 1, "name", NodeName::parse)?));
    }
    Ok(found)
}

/// Who did the operations of these numbers, and when; those that are not kept are left out.
pub(crate) fn granted(conn: &Conn, operations: &[u64]) -> Result<Vec<Granted>, StoreFault> {
    let (kind, subject) = journal::name(JournalKey::Pool);
    let mut statement = conn.prepare(
        "SELECT e.header FROM head h JOIN entry e ON e.journal = h.journal
         WHERE h.kind = ?1 AND h.subject = ?2 AND e.number = ?3",
    )?;
    let mut found = Vec::with_capacity(operations.len());
    for operation in operations {
        let mut rows = statement.query(params![kind, subject, int(*operation)])?;
        let Some(row) = rows.next()? else { continue };
        let header = journal::read_header(row.blob(0)?)?;
        if let Some(by) = actor(&header.entry) {
            found.push(Granted { operation: *operation, by, at: header.time });
        }
    }
    Ok(found)
}

fn actor(entry: &Entry) -> Option<Actor> {
    match entry {
        Entry::Pool(PoolEntry::Administered { by, .. }) => Some(*by),
        _ => None,
    }
}

/// The set whose number is in one column and whose groups are in another; rows that name the same one share it.
fn set_at(
    row: Row<'_>,
    number: usize,
    groups: usize,
    sets: &mut HashMap<i64, Ancestors>,
) -> Result<Ancestors, StoreFault> {
    let Some(set) = row.get::<Option<i64>>(number)? else { return Ok(Ancestors::default()) };
    if let Some(known) = sets.get(&set) {
        return Ok(known.clone());
    }
    let read = set_of(row.blob(groups)?)?;
    sets.insert(set, read.clone());
    Ok(read)
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows.min(SEEK_ROWS_MAX)).expect("a limit of the crate is small")
}

/// A pattern as SQL has it: what means something there stands for itself.
fn like(pattern: &str) -> String {
    let mut like = String::with_capacity(pattern.len());
    for c in pattern.chars() {
        match c {
            '*' => like.push('%'),
            '?' => like.push('_'),
            '%' | '_' | '\\' => like.extend(['\\', c]),
            other => like.push(other),
        }
    }
    like
}
