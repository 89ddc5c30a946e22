//! How somebody comes to belong to a group: the shortest way through direct memberships and containers.
//! Works out no affiliation; it follows the rows they were worked out from.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use chat::GroupId;
use rusqlite::Connection;

use crate::change::Member;
use crate::fault::StoreFault;

/// Most groups looked at on the way (ours: typical people belong to 100 to 200).
const GROUPS_MAX: usize = 10_000;

/// The groups from the nearest to `to`, it included; empty when there is no way.
pub(crate) fn path(conn: &Connection, from: Member, to: GroupId) -> Result<Vec<GroupId>, StoreFault> {
    Ok(way(&ways(conn, from, Some(to))?, to))
}

/// For each group that a principal belongs to, the one before it on the shortest way there: none for the nearest. Looks no further
/// than `to`, if that is given.
pub(crate) fn ways(
    conn: &Connection,
    from: Member,
    to: Option<GroupId>,
) -> Result<HashMap<GroupId, Option<GroupId>>, StoreFault> {
    let mut came_from: HashMap<GroupId, Option<GroupId>> = HashMap::new();
    let mut ahead = VecDeque::new();
    for group in above(conn, from)? {
        if came_from.insert(group, None).is_none() {
            ahead.push_back(group);
        }
    }
    while let Some(group) = ahead.pop_front() {
        if Some(group) == to || came_from.len() > GROUPS_MAX {
            break;
        }
        for next in above(conn, Member::Group(group))? {
            if let Entry::Vacant(new) = came_from.entry(next) {
                new.insert(Some(group));
                ahead.push_back(next);
            }
        }
    }
    Ok(came_from)
}

/// The groups from the nearest to `to`, it included, by what [`ways`] found; empty when there is no way.
pub(crate) fn way(came_from: &HashMap<GroupId, Option<GroupId>>, to: GroupId) -> Vec<GroupId> {
    let mut way = Vec::new();
    let mut at = came_from.contains_key(&to).then_some(to);
    while let Some(group) = at {
        way.push(group);
        at = came_from.get(&group).copied().flatten();
    }
    way.reverse();
    way
}

/// What a principal belongs to directly. Where a group is kept says nothing of its members.
fn above(conn: &Connection, member: Member) -> Result<Vec<GroupId>, StoreFault> {
    let (sql, id) = match member {
        Member::Person(person) => (
            "SELECT grp FROM membership WHERE person = ?1
             UNION SELECT parent FROM person WHERE id = ?1 AND parent IS NOT NULL",
            person.0,
        ),
        Member::Group(group) => (
            "SELECT grp FROM membership WHERE member = ?1
             UNION SELECT parent FROM principal_group WHERE id = ?1 AND parent IS NOT NULL AND kind <> 1",
            i64::from(group.0),
        ),
    };
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([id], |row| Ok(GroupId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
