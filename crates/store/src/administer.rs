//! Administrative changes inside one transaction: rows, raised numbers, and the entries that tell of them.
//! Decides no right and checks no text; names and addresses are unique here because only here it can be sure.

mod groups;
mod lists;
mod nodes;
mod people;
mod scopes;
mod servers;
mod topology;

use std::collections::BTreeSet;

use chat::{Actor, Change, Entry, JournalKey, PersonId, PoolEntry, RoomEntry, RoomId, ScopeName, Subject};
use uuid::Uuid;

use crate::change::{Administered, Order, Premise, RowChange, RowDone};
use crate::engine::{Conn, Hold, int, params};
use crate::fault::{AdminFault, StoreFault};
use crate::journal::Batch;
use crate::operations::note;
use crate::principals::graph;
use crate::record::Body;

/// Carries out all changes of one operation, or none.
pub(crate) fn administer(
    batch: &mut Batch<'_>,
    order: &Order,
    changes: &[RowChange],
) -> Result<Result<Administered, AdminFault>, StoreFault> {
    let conn = batch.conn;
    conn.hold(Hold::Administration)?;
    if !stands(conn, order.by, order.standing, order.token)? {
        return Ok(Err(AdminFault::Moved));
    }
    conn.run("SAVEPOINT operation")?;
    batch.rules.clear();
    let operation = match order.operation {
        Some(operation) => operation,
        None => batch.next_number(JournalKey::Pool)?,
    };
    let mut desk = Desk {
        batch,
        by: order.by,
        operation,
        told: Vec::new(),
        rooms: Vec::new(),
        just_made: None,
        policies: None,
        graph_moved: false,
    };
    match desk.carry_out(changes) {
        Ok(done) if order.rehearse => {
            conn.run("ROLLBACK TO operation; RELEASE operation")?;
            Ok(Ok(Administered { operation: 0, done }))
        }
        Ok(done) => {
            desk.append(order)?;
            // Some changes nothing tells of, and they are kept all the same.
            desk.batch.wrote = true;
            conn.run("RELEASE operation")?;
            Ok(Ok(Administered { operation, done }))
        }
        Err(AdminFault::Store(fault)) => Err(fault),
        Err(refusal) => {
            conn.run("ROLLBACK TO operation; RELEASE operation")?;
            Ok(Err(refusal))
        }
    }
}

/// Whether who acts still has the standing under which it was decided that it may, and the token it was asked by is not revoked.
pub(crate) fn stands(
    conn: &Conn,
    by: Actor,
    standing: Option<u64>,
    token: Option<Uuid>,
) -> Result<bool, StoreFault> {
    if let Some(token) = token {
        let is_good: bool = conn.one(
            "SELECT EXISTS (SELECT 1 FROM token WHERE guid = ?1 AND revoked IS NULL)",
            params![token.as_bytes()],
            |row| row.get(0),
        )?;
        if !is_good {
            return Ok(false);
        }
    }
    let (Actor::Person(person), Some(standing)) = (by, standing) else { return Ok(true) };
    let now: Option<i64> =
        conn.row("SELECT standing FROM person WHERE id = ?1 AND state <> 3", params![person.0], |row| {
            row.get(0)
        })?;
    Ok(now == Some(int(standing)))
}

/// One operation while it is carried out. Entries are appended when nothing can be refused any more.
struct Desk<'b, 'c> {
    batch: &'b mut Batch<'c>,
    by: Actor,
    /// The number of the operation's first entry: who is put on a list is put there by it.
    operation: u64,
    /// What the pool's journal will tell.
    told: Vec<(Subject, Change)>,
    /// What the journals of rooms will tell: the change and the rules from there on.
    rooms: Vec<(RoomId, Change, u64)>,
    just_made: Option<PersonId>,
    /// The policies, once they were read: scope, number, whether they let people in.
    policies: Option<Policies>,
    /// Somebody may belong to something else now.
    graph_moved: bool,
}

/// What decides who may use persistent chat.
struct Policies {
    pool: String,
    site: String,
    /// Scope, number, whether it lets people in.
    all: Vec<(ScopeName, (i64, bool))>,
}

impl Desk<'_, '_> {
    fn carry_out(&mut self, changes: &[RowChange]) -> Result<Vec<RowDone>, AdminFault> {
        let done = changes.iter().map(|change| self.change(change)).collect::<Result<_, _>>()?;
        if self.graph_moved {
            // Once for all of it: whoever looked before sees that something has moved.
            self.batch.conn.execute("UPDATE pool SET graph = graph + 1", params![])?;
        }
        Ok(done)
    }

    /// Tells of everything; from here on nothing is refused.
    fn append(&mut self, order: &Order) -> Result<(), StoreFault> {
        // So late, because nothing is said anywhere from here to the commit; the rooms in the order in which everybody holds them.
        self.batch.conn.hold(Hold::RulesAlone)?;
        let rooms = std::mem::take(&mut self.rooms);
        let ascending: BTreeSet<RoomId> = rooms.iter().map(|(room, _, _)| *room).collect();
        for room in ascending {
            self.batch.hold(JournalKey::Room(room))?;
        }
        // A further part has a body only if it says something of its own.
        let said = order.operation.is_none() || !order.body.is_empty();
        let mut body = said.then(|| Body::plain(order.body.clone()));
        let told = std::mem::take(&mut self.told);
        let mut first = None;
        for (subject, change) in &told {
            let entry = PoolEntry::Administered {
                by: self.by,
                subject: *subject,
                change: *change,
                operation: self.operation,
            };
            let appended = self.batch.append(JournalKey::Pool, Entry::Pool(entry), body.take())?;
            first.get_or_insert(appended.recorded);
        }
        if let Some(first) = first {
            let subjects: Vec<Subject> = told.into_iter().map(|(subject, _)| subject).collect();
            note(self.batch, self.operation, self.by, &first.header, &subjects)?;
        }
        for (room, change, rules) in rooms {
            let entry = RoomEntry::Changed { change, by: self.by, rules };
            self.batch.append(JournalKey::Room(room), Entry::Room(entry), None)?;
        }
        Ok(())
    }

    fn change(&mut self, change: &RowChange) -> Result<RowDone, AdminFault> {
        match change {
            RowChange::NewPerson(draft) => self.new_person(draft),
            RowChange::SetPerson { id, expected_standing, draft } => {
                self.set_person(*id, *expected_standing, draft)
            }
            RowChange::HoldPerson(id, held) => self.hold_person(*id, *held),
            RowChange::RemovePerson(id) => self.remove_person(*id),
            RowChange::PutCredentials { person, credentials } => self.put_credentials(*person, credentials),
            RowChange::GrantRole(person, role) => self.put_role(*person, *role, true),
            RowChange::RevokeRole(person, role) => self.put_role(*person, *role, false),
            RowChange::NewToken(draft) => self.new_token(draft),
            RowChange::RevokeToken(id) => self.revoke_token(*id),
            RowChange::RedeemToken(id) => self.redeem_token(*id),
            RowChange::NewCategory(draft) => self.new_category(draft),
            RowChange::SetCategory { id, expected_rules, draft } => {
                self.set_category(*id, *expected_rules, draft)
            }
            RowChange::RemoveCategory(id) => self.remove_category(*id),
            RowChange::NewRoom(draft) => self.new_room(draft),
            RowChange::SetRoom { id, expected_rules, draft } => self.set_room(*id, *expected_rules, draft),
            RowChange::RemoveRoom(id) => self.remove_room(*id),
            RowChange::Assert(premise) => self.holds(premise),
            RowChange::NewGroup(draft) => self.new_group(draft),
            RowChange::SetGroup { id, expected_version, draft } => {
                self.set_group(*id, *expected_version, draft)
            }
            RowChange::RemoveGroup(id) => self.remove_group(*id),
            RowChange::SetMembers { group, add, remove } => self.set_members(*group, add, remove),
            RowChange::Affiliate { people, groups } => self.affiliate(people, groups),
            RowChange::NewPolicy(draft) => self.new_policy(draft),
            RowChange::SetPolicy { id, expected_version, draft } => {
                self.set_policy(*id, *expected_version, draft)
            }
            RowChange::GrantPolicy(person, policy) => self.grant_policy(*person, *policy),
            RowChange::RemovePolicy(id) => self.remove_policy(*id),
            RowChange::NewConfiguration(scope, settings) => self.new_configuration(scope, settings),
            RowChange::SetConfiguration { id, expected_version, settings } => {
                self.set_configuration(*id, *expected_version, settings)
            }
            RowChange::RemoveConfiguration(id) => self.remove_configuration(*id),
            RowChange::NewAddIn(draft) => self.new_add_in(draft),
            RowChange::SetAddIn { id, expected_version, draft } => {
                self.set_add_in(*id, *expected_version, draft)
            }
            RowChange::RemoveAddIn(id) => self.remove_add_in(*id),
            RowChange::NewEndpoint(address, display_name) => self.new_endpoint(address, display_name),
            RowChange::RemoveEndpoint(id) => self.remove_endpoint(*id),
            RowChange::SetServers { read, after } => self.set_servers(read, after),
            RowChange::PublishTopology(draft) => self.publish_topology(draft),
            RowChange::NoteUnfinished { name, is_open } => self.note_unfinished(name, *is_open),
        }
    }

    fn holds(&self, premise: &Premise) -> Result<RowDone, AdminFault> {
        match premise {
            Premise::Person(id, standing) => fresh(Some(*standing), self.standing(*id)?.0)?,
            Premise::Category(id, rules) => fresh(Some(*rules), self.category_rules(*id)?)?,
            Premise::Room(id, rules) => fresh(Some(*rules), self.room_rules(*id)?.0)?,
            Premise::Policy { id, version, holders } => self.policy_is(*id, *version, *holders)?,
            Premise::Configuration(id, version) => self.configuration_is(*id, *version)?,
            Premise::AddIn { id, version, rooms } => self.add_in_is(*id, *version, rooms)?,
            Premise::Graph(number) => fresh(Some(*number), graph(self.batch.conn)?)?,
        }
        Ok(RowDone::Asserted)
    }

    fn tell(&mut self, subject: Subject, change: Change) {
        // A long list of changes names most subjects once: looking at the last ones is enough to keep pairs together.
        let recent = self.told.iter().rev().take(TOLD_LOOKED_AT);
        if !recent.clone().any(|told| *told == (subject, change)) {
            self.told.push((subject, change));
        }
    }
}

/// How far back a repeated telling is looked for (ours: an operation on one thing tells of few).
const TOLD_LOOKED_AT: usize = 64;

/// Refuses a change that was made from an older reading.
fn fresh(expected: Option<u64>, present: u64) -> Result<(), AdminFault> {
    if expected.is_some_and(|expected| expected != present) { Err(AdminFault::Stale) } else { Ok(()) }
}

fn switched(was_on: bool, is_on: bool) -> Change {
    match (was_on, is_on) {
        (true, false) => Change::Disabled,
        (false, true) => Change::Enabled,
        _ => Change::Changed,
    }
}

fn numbers(conn: &Conn, sql: &str, key: i64) -> Result<Vec<(i64, i64)>, StoreFault> {
    conn.all(sql, params![key], |row| Ok((row.get(0)?, row.get(1)?)))
}
