//! How somebody comes to belong to a group: the shortest way through direct memberships and containers.
//! Works out no affiliation; it follows the rows they were worked out from.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use chat::GroupId;

use crate::around::placed;
use crate::change::Member;
use crate::engine::{Conn, params};
use crate::fault::StoreFault;
use crate::members::Members;

/// The groups from the nearest to `to`, it included; empty when there is no way.
pub(crate) fn path(conn: &Conn, from: Member, to: GroupId) -> Result<Vec<GroupId>, StoreFault> {
    Ok(way(&ways(conn, from, Some(to))?, to))
}

/// For each group that a principal belongs to, the one before it on the shortest way there: none for the nearest. Looks no further
/// than `to`, if that is given, and only among the groups that the principal belongs to as it is kept.
pub(crate) fn ways(
    conn: &Conn,
    from: Member,
    to: Option<GroupId>,
) -> Result<HashMap<GroupId, Option<GroupId>>, StoreFault> {
    let Some(placed) = placed(conn, from)? else { return Ok(HashMap::new()) };
    let among = placed.ancestors;
    let mut up: HashMap<Member, Vec<GroupId>> = HashMap::new();
    let mut leads = |member: Member, group: GroupId| up.entry(member).or_default().push(group);
    for group in among.as_slice() {
        for member in Members::of(conn, *group)?.all() {
            let passed = matches!(member, Member::Group(inner) if among.contain(inner));
            if passed || member == from {
                leads(member, *group);
            }
        }
        if let Some(parent) = parent(conn, Member::Group(*group))? {
            leads(Member::Group(*group), parent);
        }
    }
    if let Some(parent) = parent(conn, from)? {
        leads(from, parent);
    }
    let mut came_from: HashMap<GroupId, Option<GroupId>> = HashMap::new();
    let mut ahead = VecDeque::from([(from, None)]);
    while let Some((member, before)) = ahead.pop_front() {
        if before.is_some() && before == to {
            break;
        }
        for next in up.remove(&member).unwrap_or_default() {
            if let Entry::Vacant(new) = came_from.entry(next) {
                new.insert(before);
                ahead.push_back((Member::Group(next), Some(next)));
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

/// The container somebody belongs to by lying in it. Where a group is kept says nothing of its members.
fn parent(conn: &Conn, member: Member) -> Result<Option<GroupId>, StoreFault> {
    let (sql, id) = match member {
        Member::Person(person) => ("SELECT parent FROM person WHERE id = ?1", person.0),
        Member::Group(group) => {
            ("SELECT parent FROM principal_group WHERE id = ?1 AND kind <> 1", i64::from(group.0))
        }
    };
    let parent: Option<Option<u32>> = conn.row(sql, params![id], |row| row.get(0))?;
    Ok(parent.flatten().map(GroupId))
}
