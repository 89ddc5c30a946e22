//! A part of who belongs to what: everybody under some principals, and all that these belong to.
//! Works out no affiliation; it reads the rows they are worked out from.

use std::collections::{HashMap, HashSet};

use chat::{Ancestors, GroupId, PersonId};

use crate::change::Member;
use crate::engine::{Conn, damaged, params};
use crate::facts::Membership;
use crate::fault::StoreFault;
use crate::members::{Members, upward};
use crate::principals::{graph, next_group, set_of};

/// Everybody whose affiliations a change of memberships may touch, at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Around {
    /// Raised by every change of who belongs to what.
    pub number: u64,
    /// The number the next group will have, as long as `number` stands.
    pub next_group: GroupId,
    /// Those asked about and everybody under them, each once.
    pub under: Vec<Placed>,
    /// What these are direct members of, what that is a member of, and so on.
    pub memberships: Vec<Membership>,
    /// The containers in which these lie, and those in which they lie.
    pub parents: Vec<(Member, GroupId)>,
    /// Groups among all these that their directory does not know any more.
    pub gone: Vec<GroupId>,
}

/// A principal and what is kept of its affiliations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// Who.
    pub member: Member,
    /// What it belongs to, as it is kept.
    pub ancestors: Ancestors,
    /// A person who is not there any more: it belongs to nothing.
    pub gone: bool,
}

/// The kind of a group proper; whoever is in one is not where it is kept.
const GROUP: i64 = 1;

/// `whole` with everybody under them, `alone` without, and what all of them belong to.
pub(crate) fn around(conn: &Conn, whole: &[Member], alone: &[Member]) -> Result<Around, StoreFault> {
    let mut around = Around {
        number: graph(conn)?,
        next_group: next_group(conn)?,
        under: Vec::new(),
        memberships: Vec::new(),
        parents: Vec::new(),
        gone: Vec::new(),
    };
    let mut seen: HashSet<Member> = HashSet::new();
    let mut under: Vec<Member> = Vec::new();
    for member in below(conn, whole)?.into_iter().chain(alone.iter().copied()) {
        if seen.insert(member) {
            under.push(member);
        }
    }
    for member in &under {
        around.under.extend(placed(conn, *member)?);
    }
    let people = under.iter().filter_map(|member| match member {
        Member::Person(id) => Some(*id),
        Member::Group(_) => None,
    });
    let mut up: HashMap<Member, Vec<GroupId>> = HashMap::new();
    for one in upward(conn, &people.collect())? {
        up.entry(one.member).or_default().push(one.group);
    }
    let mut ahead = under;
    while let Some(member) = ahead.pop() {
        let (groups, parent) = (up.remove(&member).unwrap_or_default(), parent(conn, member)?);
        around.memberships.extend(groups.iter().map(|group| Membership { group: *group, member }));
        around.parents.extend(parent.map(|parent| (member, parent)));
        let next = groups.into_iter().chain(parent).map(Member::Group);
        ahead.extend(next.filter(|group| seen.insert(*group)));
    }
    for member in seen {
        if let Member::Group(group) = member
            && is_gone(conn, group)?
        {
            around.gone.push(group);
        }
    }
    Ok(around)
}

/// The people in these groups, in what is in them, and so on, each once: at most one more than `most`.
pub(crate) fn people_under(
    conn: &Conn,
    groups: &[GroupId],
    most: usize,
) -> Result<Vec<PersonId>, StoreFault> {
    let mut people: HashSet<PersonId> = HashSet::new();
    // Group by group: whoever asks wants no more than so many, and a large group is not followed further.
    for group in groups {
        let found = below(conn, &[Member::Group(*group)])?.into_iter();
        people.extend(found.filter_map(|member| match member {
            Member::Person(id) => Some(id),
            Member::Group(_) => None,
        }));
        if people.len() > most {
            break;
        }
    }
    Ok(people.into_iter().take(most.saturating_add(1)).collect())
}

/// These and everybody in them, in what is in them, and so on; each once.
fn below(conn: &Conn, whole: &[Member]) -> Result<Vec<Member>, StoreFault> {
    let mut found: HashSet<Member> = HashSet::new();
    let mut opened: HashSet<GroupId> = HashSet::new();
    let mut order = Vec::new();
    let mut ahead: Vec<Member> = whole.to_vec();
    while let Some(member) = ahead.pop() {
        if found.insert(member) {
            order.push(member);
        }
        let Member::Group(group) = member else { continue };
        if !opened.insert(group) {
            continue;
        }
        ahead.extend(Members::of(conn, group)?.all());
        let mut statement = conn.prepare("SELECT id FROM person WHERE parent = ?1 AND state <> 3")?;
        let mut rows = statement.query(params![group.0])?;
        while let Some(row) = rows.next()? {
            ahead.push(Member::Person(PersonId(row.get(0)?)));
        }
        let mut statement = conn.prepare("SELECT id, kind FROM principal_group WHERE parent = ?1")?;
        let mut rows = statement.query(params![group.0])?;
        while let Some(row) = rows.next()? {
            let held = Member::Group(GroupId(row.get(0)?));
            if row.get::<i64>(1)? != GROUP {
                ahead.push(held);
            } else if found.insert(held) {
                // The group is in the container; those who are in the group are not.
                order.push(held);
            }
        }
    }
    Ok(order)
}

/// A principal as it is kept; none if there is none.
pub(crate) fn placed(conn: &Conn, member: Member) -> Result<Option<Placed>, StoreFault> {
    let (sql, id) = match member {
        Member::Person(person) => (
            "SELECT a.groups, p.gone = 1 OR p.state = 3 FROM person p
             LEFT JOIN affiliation a ON a.id = p.affiliation WHERE p.id = ?1",
            person.0,
        ),
        Member::Group(group) => (
            "SELECT a.groups, 0 FROM principal_group g
             LEFT JOIN affiliation a ON a.id = g.affiliation WHERE g.id = ?1",
            i64::from(group.0),
        ),
    };
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query(params![id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let set = row.blob_or_null(0)?;
    let ancestors = set.map(set_of).transpose()?.unwrap_or_default();
    Ok(Some(Placed { member, ancestors, gone: row.get(1)? }))
}

/// The container a principal lies in.
fn parent(conn: &Conn, member: Member) -> Result<Option<GroupId>, StoreFault> {
    let (sql, id) = match member {
        Member::Person(person) => ("SELECT parent FROM person WHERE id = ?1 AND state <> 3", person.0),
        Member::Group(group) => ("SELECT parent FROM principal_group WHERE id = ?1", i64::from(group.0)),
    };
    let parent: Option<Option<u32>> = conn.row(sql, params![id], |row| row.get(0))?;
    Ok(parent.flatten().map(GroupId))
}

fn is_gone(conn: &Conn, group: GroupId) -> Result<bool, StoreFault> {
    let gone: Option<bool> =
        conn.row("SELECT gone FROM principal_group WHERE id = ?1", params![group.0], |row| row.get(0))?;
    gone.ok_or_else(|| damaged("a group that others are in is not there", group.0))
}
