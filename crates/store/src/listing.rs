//! Rooms in pages, by name, sieved where they lie and read only as far as the page goes.
//! For administrators, who see everything; what others may find is decided by `chat`.

use chat::{
    AddInId, Address, CategoryId, Invitations, PersonId, Principal, Privacy, Room, RoomId, RoomKind, folded,
};
use uuid::Uuid;

use crate::engine::{Conn, Row, Value, params};
use crate::fault::StoreFault;
use crate::limits::SEEK_ROWS_MAX;
use crate::rows::{self, MANAGERS, MEMBERS, Node, invitations_code, kind_code, privacy_code, rooms};

/// Which rooms are listed: those that are all of what is given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoomFilter {
    /// This one.
    pub only: Option<RoomId>,
    /// In this category.
    pub category: Option<CategoryId>,
    /// With this text in the name, in the form of [`folded`].
    pub text: Option<String>,
    /// The text may stand in the description instead.
    pub descriptions: bool,
    /// With one of these principals among the members.
    pub member: Option<Vec<Principal>>,
    /// With one of these principals among the managers.
    pub manager: Option<Vec<Principal>>,
    /// Showing this add-in.
    pub add_in: Option<AddInId>,
    /// Disabled, or not.
    pub disabled: Option<bool>,
    /// Of this privacy.
    pub privacy: Option<Privacy>,
    /// Of this kind.
    pub kind: Option<RoomKind>,
    /// Saying this about invitations.
    pub invitations: Option<Invitations>,
    /// With more octets of kept posts than this.
    pub octets_over: Option<u64>,
}

/// The rooms after a name, in the order of their folded names.
pub(crate) fn rooms_page(
    conn: &Conn,
    filter: &RoomFilter,
    after: &str,
    limit: usize,
) -> Result<Vec<Room>, StoreFault> {
    let (member, manager) = (filter.member.as_deref().map(Sets::of), filter.manager.as_deref().map(Sets::of));
    let mut query = Query::new(filter, after);
    query.traits(filter);
    query.principals(MEMBERS, member.as_ref());
    query.principals(MANAGERS, manager.as_ref());
    if let (Some(text), false) = (&filter.text, filter.descriptions) {
        query.and("instr(n.folded, ?) > 0", [Value::Text(text)]);
    }
    query.sql.push_str(" ORDER BY n.folded");
    let mut statement = conn.prepare(&query.sql)?;
    let mut found = statement.query(&query.values)?;
    let limit = limit.min(SEEK_ROWS_MAX);
    let mut page = Vec::new();
    while page.len() < limit
        && let Some(row) = found.next()?
    {
        let meant = match &filter.text {
            Some(text) if filter.descriptions => is_in(row, 0, text)? || is_in(row, 2, text)?,
            _ => true,
        };
        if meant {
            page.extend(rooms(conn, Some(RoomId(row.get(1)?)))?);
        }
    }
    Ok(page)
}

/// A query over the names of rooms, while its conditions are put together.
struct Query<'f> {
    sql: String,
    values: Vec<Value<'f>>,
}

impl<'f> Query<'f> {
    /// Names alone, or with what the rooms say of themselves.
    fn new(filter: &RoomFilter, after: &'f str) -> Self {
        let few = filter.only.is_some() || filter.member.is_some() || filter.manager.is_some();
        // The order of names is the order of the answer: it is walked (the plus keeps SQLite from another way), and the walk ends
        // with the page. A few rooms known by number are sorted instead.
        let kind = if few { "n.kind" } else { "+n.kind" };
        let sql = if filter.descriptions && filter.text.is_some() {
            format!(
                "SELECT n.folded, n.id, r.description FROM name n CROSS JOIN room r ON r.id = n.id
                 WHERE {kind} = 2 AND n.folded > ?"
            )
        } else {
            format!("SELECT n.folded, n.id FROM name n WHERE {kind} = 2 AND n.folded > ?")
        };
        Self { sql, values: vec![Value::Text(after)] }
    }

    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value<'f>>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    /// What a room's own row says.
    fn traits(&mut self, filter: &RoomFilter) {
        let traits = [
            ("+t.category", filter.category.map(|id| id.0)),
            ("+t.add_in", filter.add_in.map(|id| id.0)),
            ("t.disabled", filter.disabled.map(i64::from)),
            ("t.privacy", filter.privacy.map(privacy_code)),
            ("t.kind", filter.kind.map(kind_code)),
            ("t.invitations", filter.invitations.map(invitations_code)),
        ];
        let given: Vec<(&str, i64)> =
            traits.into_iter().filter_map(|(column, value)| Some((column, value?))).collect();
        if !given.is_empty() {
            let all: Vec<String> = given.iter().map(|(column, _)| format!("{column} = ?")).collect();
            let condition =
                format!("EXISTS (SELECT 1 FROM room t WHERE t.id = n.id AND {})", all.join(" AND "));
            self.and(&condition, given.into_iter().map(|(_, value)| Value::Int(value)));
        }
        if let Some(only) = filter.only {
            self.and("n.id = ?", [Value::Int(only.0)]);
        }
        if let Some(octets) = filter.octets_over {
            self.and(
                "EXISTS (SELECT 1 FROM head h WHERE h.kind = 1 AND h.subject = n.id AND h.octets > ?)",
                [Value::Int(i64::try_from(octets).unwrap_or(i64::MAX))],
            );
        }
    }

    /// Rooms with one of these principals on a list.
    fn principals(&mut self, list: i64, any: Option<&'f Sets>) {
        let Some(sets) = any else { return };
        let condition = "n.id IN (SELECT room FROM room_principal WHERE list = ? AND person IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
             UNION ALL SELECT room FROM room_principal WHERE list = ? AND grp IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
             UNION ALL SELECT room FROM room_principal WHERE list = ? AND domain IN (SELECT value FROM json_each(?)))";
        let pairs = [&sets.people, &sets.groups, &sets.domains];
        self.and(condition, pairs.into_iter().flat_map(|set| [Value::Int(list), Value::Text(set)]));
    }
}

/// Principals as lists that SQL reads.
pub(crate) struct Sets {
    pub(crate) people: String,
    pub(crate) groups: String,
    pub(crate) domains: String,
}

impl Sets {
    pub(crate) fn of(principals: &[Principal]) -> Self {
        let (mut people, mut groups, mut domains) = (Vec::new(), Vec::new(), Vec::new());
        for principal in principals {
            match principal {
                Principal::Person(id) => people.push(id.0.to_string()),
                Principal::Group(id) => groups.push(id.0.to_string()),
                // A domain holds letters, digits, dots and hyphens: nothing that JSON would read as an end.
                Principal::Domain(domain) => domains.push(format!("\"{domain}\"")),
            }
        }
        let list = |all: Vec<String>| format!("[{}]", all.join(","));
        Self { people: list(people), groups: list(groups), domains: list(domains) }
    }
}

/// Whether the text of a column holds another one, which is folded already.
fn is_in(row: Row<'_>, column: usize, wanted: &str) -> Result<bool, StoreFault> {
    let text = row.text(column)?;
    // Most texts are plain, and folding one of those is no more than this.
    let folded = if text.is_ascii() { text.to_ascii_lowercase() } else { folded(text) };
    Ok(folded.contains(wanted))
}

/// The rooms of a category after a number, ascending.
pub(crate) fn rooms_after(
    conn: &Conn,
    category: CategoryId,
    after: RoomId,
    limit: usize,
) -> Result<Vec<Room>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT id FROM room WHERE category = ?1 AND removed = 0 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let limit = i64::try_from(limit.min(SEEK_ROWS_MAX)).expect("a limit of the crate is small");
    let ids = statement.all(params![category.0, after.0, limit], |row| Ok(RoomId(row.get(0)?)))?;
    rooms_of(conn, &ids)
}

/// These rooms, without those that were removed.
pub(crate) fn rooms_of(conn: &Conn, ids: &[RoomId]) -> Result<Vec<Room>, StoreFault> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(rooms(conn, Some(*id))?);
    }
    Ok(found)
}

/// The addresses of people, removed ones included.
pub(crate) fn addresses(conn: &Conn, ids: &[PersonId]) -> Result<Vec<(PersonId, Address)>, StoreFault> {
    let mut statement = conn.prepare("SELECT address FROM person WHERE id = ?1")?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let mut rows = statement.query(params![id.0])?;
        if let Some(row) = rows.next()? {
            found.push((*id, rows::parsed(row, 0, "address", Address::parse)?));
        }
    }
    Ok(found)
}

/// The addresses of people, and the GUID of each who was removed or is gone.
pub(crate) fn addresses_or_guids(
    conn: &Conn,
    ids: &[PersonId],
) -> Result<Vec<(PersonId, Address, Option<Uuid>)>, StoreFault> {
    let mut statement =
        conn.prepare("SELECT address, guid, state = 3 OR gone = 1 FROM person WHERE id = ?1")?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let mut rows = statement.query(params![id.0])?;
        if let Some(row) = rows.next()? {
            let gone = if row.get(2)? { Some(rows::guid(row, 1)?) } else { None };
            found.push((*id, rows::parsed(row, 0, "address", Address::parse)?, gone));
        }
    }
    Ok(found)
}

/// Everybody who ever had this address, removed people included, ascending.
pub(crate) fn people_ever_at(conn: &Conn, address: &Address) -> Result<Vec<PersonId>, StoreFault> {
    conn.all(
        "SELECT id FROM person INDEXED BY person_ever WHERE address = ?1 ORDER BY id",
        params![address.as_str()],
        |row| Ok(PersonId(row.get(0)?)),
    )
}

/// The rooms and categories that have this GUID or, by its key, ever had this name when they were removed.
pub(crate) fn nodes_removed(
    conn: &Conn,
    folded_name: &str,
    guid: Option<Uuid>,
) -> Result<Vec<Node>, StoreFault> {
    let mut found = Vec::new();
    let removed = [
        ("SELECT id, name, guid FROM room WHERE removed = 1", true),
        ("SELECT id, name, guid FROM category WHERE removed = 1", false),
    ];
    for (sql, room) in removed {
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query(params![])?;
        while let Some(row) = rows.next()? {
            let named = folded(row.text(1)?) == folded_name;
            let meant = named || guid.is_some() && guid == Some(rows::guid(row, 2)?);
            let id: i64 = row.get(0)?;
            let node = if room { Node::Room(RoomId(id)) } else { Node::Category(CategoryId(id)) };
            found.extend(meant.then_some(node));
        }
    }
    Ok(found)
}
