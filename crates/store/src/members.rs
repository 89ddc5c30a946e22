//! Who is directly in which group, as it is kept: one row for each group that has anybody, so that an export of a million
//! memberships is some thousand rows. What somebody is directly in is found by looking through them.
//! Follows nothing further; that is `path.rs` and `around.rs`.

use std::collections::HashSet;

use chat::{GroupId, PersonId};

use crate::change::Member;
use crate::engine::{Conn, damaged, params};
use crate::facts::Membership;
use crate::fault::StoreFault;

/// The direct members of one group: their numbers, ascending.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Members {
    pub(crate) groups: Vec<u32>,
    pub(crate) people: Vec<u32>,
}

impl Members {
    /// Those of a group.
    pub(crate) fn of(conn: &Conn, group: GroupId) -> Result<Self, StoreFault> {
        let found =
            conn.row("SELECT groups, people FROM members WHERE grp = ?1", params![group.0], |row| {
                Ok((row.get::<Vec<u8>>(0)?, row.get::<Vec<u8>>(1)?))
            })?;
        let Some((groups, people)) = found else { return Ok(Self::default()) };
        Ok(Self { groups: numbers(&groups)?.collect(), people: numbers(&people)?.collect() })
    }

    /// Keeps them as those of a group.
    pub(crate) fn keep(&self, conn: &Conn, group: GroupId) -> Result<(), StoreFault> {
        if self.groups.is_empty() && self.people.is_empty() {
            conn.execute("DELETE FROM members WHERE grp = ?1", params![group.0])?;
            return Ok(());
        }
        conn.execute(
            "INSERT INTO members (grp, groups, people) VALUES (?1, ?2, ?3)
             ON CONFLICT (grp) DO UPDATE SET groups = ?2, people = ?3",
            params![group.0, octets(&self.groups), octets(&self.people)],
        )?;
        Ok(())
    }

    /// Takes some out and puts some in; whether that changes anything.
    pub(crate) fn change(&mut self, add: &[Member], remove: &[Member]) -> bool {
        let before = self.clone();
        let gone: HashSet<&Member> = remove.iter().collect();
        self.groups.retain(|group| !gone.contains(&Member::Group(GroupId(*group))));
        self.people.retain(|person| !gone.contains(&Member::Person(PersonId(i64::from(*person)))));
        for member in add {
            match member {
                Member::Group(group) => self.groups.push(group.0),
                Member::Person(person) => self.people.push(number_of(*person)),
            }
        }
        for list in [&mut self.groups, &mut self.people] {
            list.sort_unstable();
            list.dedup();
        }
        *self != before
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = Member> {
        let groups = self.groups.iter().map(|group| Member::Group(GroupId(*group)));
        groups.chain(self.people.iter().map(|person| Member::Person(PersonId(i64::from(*person)))))
    }
}

/// Every direct membership, by group.
pub(crate) fn memberships(conn: &Conn) -> Result<Vec<Membership>, StoreFault> {
    let mut all = Vec::new();
    each(conn, |group, groups, people| {
        let groups = numbers(groups)?.map(|inner| Member::Group(GroupId(inner)));
        let people = numbers(people)?.map(|person| Member::Person(PersonId(i64::from(person))));
        all.extend(groups.chain(people).map(|member| Membership { group, member }));
        Ok(())
    })?;
    Ok(all)
}

/// The memberships of these people, and those of all groups: what leads upward from them.
pub(crate) fn upward(conn: &Conn, people: &HashSet<PersonId>) -> Result<Vec<Membership>, StoreFault> {
    let last = people.iter().map(|person| number_of(*person)).max().unwrap_or(0);
    // A mark for each number: a million members are looked at in a few milliseconds.
    let mut wanted = vec![false; last as usize + 1];
    for person in people {
        wanted[number_of(*person) as usize] = true;
    }
    let mut found = Vec::new();
    each(conn, |group, groups, people| {
        let inner = numbers(groups)?.map(|inner| Member::Group(GroupId(inner)));
        let held = numbers(people)?.filter(|person| wanted.get(*person as usize) == Some(&true));
        let held = held.map(|person| Member::Person(PersonId(i64::from(person))));
        found.extend(inner.chain(held).map(|member| Membership { group, member }));
        Ok(())
    })?;
    Ok(found)
}

/// Takes somebody out of every group; the groups.
pub(crate) fn forget(conn: &Conn, member: Member) -> Result<Vec<GroupId>, StoreFault> {
    let mut holders = Vec::new();
    each(conn, |group, groups, people| {
        let (list, number) = match member {
            Member::Group(inner) => (groups, inner.0),
            Member::Person(person) => (people, number_of(person)),
        };
        if chunks(list)?.binary_search(&number.to_be_bytes()).is_ok() {
            holders.push(group);
        }
        Ok(())
    })?;
    for group in &holders {
        let mut members = Members::of(conn, *group)?;
        members.change(&[], &[member]);
        members.keep(conn, *group)?;
    }
    Ok(holders)
}

/// The number of a person in four octets.
pub(crate) fn number_of(person: PersonId) -> u32 {
    u32::try_from(person.0).expect("people are numbered from 1 and are far fewer than 2^32")
}

/// Goes through the rows of all groups.
fn each(
    conn: &Conn,
    mut look: impl FnMut(GroupId, &[u8], &[u8]) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let mut statement = conn.prepare("SELECT grp, groups, people FROM members ORDER BY grp")?;
    let mut rows = statement.query(params![])?;
    while let Some(row) = rows.next()? {
        look(GroupId(row.get(0)?), row.blob(1)?, row.blob(2)?)?;
    }
    Ok(())
}

/// A list as kept: numbers of four octets, which compare as the numbers do.
fn chunks(bytes: &[u8]) -> Result<&[[u8; 4]], StoreFault> {
    match bytes.as_chunks() {
        (list, []) => Ok(list),
        _ => Err(damaged("a list of members", bytes.len())),
    }
}

fn numbers(bytes: &[u8]) -> Result<impl Iterator<Item = u32>, StoreFault> {
    Ok(chunks(bytes)?.iter().map(|octets| u32::from_be_bytes(*octets)))
}

fn octets(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}
