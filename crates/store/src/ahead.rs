//! What a batch of posts needs, asked for at once where every question costs a round trip and others write as well.
//! Decides nothing: the posts look here before they ask themselves.

use std::collections::{BTreeMap, BTreeSet};

use chat::{ClientId, JournalKey, PersonId, RoomId};

use crate::engine::{HEADS, Hold, Question, Rows, damaged, params, uint};
use crate::fault::StoreFault;
use crate::journal::{Batch, HEAD_COLUMNS};
use crate::passed::Passed;
use crate::queue::{Job, Signed};

/// What was asked for.
#[derive(Default)]
pub(crate) struct Ahead {
    /// The standings of authors; `None` of who is nobody or was removed.
    pub(crate) standings: BTreeMap<PersonId, Option<u64>>,
    /// Posts that were not sent before.
    pub(crate) unsent: BTreeSet<(RoomId, Signed)>,
}

/// Holds what a batch of posts is decided under and the rooms they go to, and reads it; but for what was passed over before.
/// Returns the rooms that others are writing to: their posts have to wait. `waits` is whether they are waited for instead.
pub(crate) fn look_ahead(
    batch: &mut Batch<'_>,
    jobs: &[Job],
    passed: &Passed,
    waits: bool,
) -> Result<BTreeSet<RoomId>, StoreFault> {
    let jobs = jobs.iter().filter(|job| !passed.holds(job));
    let posts: Vec<(RoomId, &Signed)> = jobs.filter_map(|job| job.room.zip(job.post.as_ref())).collect();
    let conn = batch.conn;
    if posts.is_empty() || !conn.is_shared() {
        return Ok(BTreeSet::new());
    }
    conn.hold(Hold::Rules)?;
    let rooms: BTreeSet<RoomId> = posts.iter().map(|(room, _)| *room).collect();
    let authors: BTreeSet<PersonId> = posts.iter().map(|(_, signed)| signed.author).collect();
    let named: Vec<&(RoomId, &Signed)> =
        posts.iter().filter(|(_, signed)| signed.client_id.is_some()).collect();
    let skip = if waits { "" } else { " SKIP LOCKED" };
    let held = format!("{HEADS} AND subject = {} ORDER BY subject FOR UPDATE{skip}", any(2));
    let heads = format!("{HEAD_COLUMNS} WHERE h.kind = ?1 AND h.subject = {}", any(2));
    let rules = format!(
        "SELECT r.id, r.rules, c.rules FROM room r JOIN category c ON c.id = r.category
         WHERE r.removed = 0 AND r.id = {}",
        any(1)
    );
    let standings = format!("SELECT id, standing FROM person WHERE state <> 3 AND id = {}", any(1));
    let room_list = list(rooms.iter().map(|room| room.0));
    let author_list = list(authors.iter().map(|author| author.0));
    let room_values = params![1_i64, room_list];
    let (rules_values, standing_values) = (params![room_list], params![author_list]);
    let questions: [Question<'_>; 4] =
        [(&held, room_values), (&heads, room_values), (&rules, rules_values), (&standings, standing_values)];
    let mut answers = conn.together(&questions)?.into_iter();
    let mut answer = || answers.next().expect("an answer to each question");
    let (mut held, heads, rules, standings) = (answer(), answer(), answer(), answer());
    let mut free = BTreeSet::new();
    while let Some(row) = held.next()? {
        free.insert(RoomId(row.get(0)?));
    }
    read_heads(batch, heads, &free)?;
    read_rules(batch, rules, &rooms)?;
    read_standings(batch, standings, &authors)?;
    if !named.is_empty() {
        read_unsent(batch, &named)?;
    }
    conn.number_ahead(&["body", "post"], posts.len())?;
    Ok(if waits { BTreeSet::new() } else { rooms.difference(&free).copied().collect() })
}

fn read_heads(batch: &mut Batch<'_>, mut rows: Rows<'_>, free: &BTreeSet<RoomId>) -> Result<(), StoreFault> {
    while let Some(row) = rows.next()? {
        let room = RoomId(row.get(8)?);
        if free.contains(&room) {
            batch.know_head(JournalKey::Room(room), row)?;
        }
    }
    Ok(())
}

fn read_rules(batch: &mut Batch<'_>, mut rows: Rows<'_>, rooms: &BTreeSet<RoomId>) -> Result<(), StoreFault> {
    batch.rules = rooms.iter().map(|room| (*room, None)).collect();
    while let Some(row) = rows.next()? {
        let rules = (uint(row.get(1)?, "room rules")?, uint(row.get(2)?, "category rules")?);
        batch.rules.insert(RoomId(row.get(0)?), Some(rules));
    }
    Ok(())
}

fn read_standings(
    batch: &mut Batch<'_>,
    mut rows: Rows<'_>,
    authors: &BTreeSet<PersonId>,
) -> Result<(), StoreFault> {
    batch.ahead.standings = authors.iter().map(|author| (*author, None)).collect();
    while let Some(row) = rows.next()? {
        let standing = uint(row.get(1)?, "standing")?;
        batch.ahead.standings.insert(PersonId(row.get(0)?), Some(standing));
    }
    Ok(())
}

/// Reads which of the posts that the client named were sent before.
fn read_unsent(batch: &mut Batch<'_>, named: &[&(RoomId, &Signed)]) -> Result<(), StoreFault> {
    let mut unsent: BTreeSet<(RoomId, Signed)> =
        named.iter().map(|(room, signed)| (*room, (*signed).clone())).collect();
    let authors = list(named.iter().map(|(_, signed)| signed.author.0));
    let rooms = list(named.iter().map(|(room, _)| room.0));
    let names = texts(named.iter().filter_map(|(_, signed)| signed.client_id.as_ref().map(ClientId::as_str)));
    // Each is looked for by its whole key, however many others of the same author there are.
    let sql = format!(
        "SELECT g.room, g.author, g.client_id
         FROM unnest({}, {}, {}) AS g (author, client_id, room), LATERAL (SELECT 1 FROM sent s
              WHERE s.author = g.author AND s.client_id = g.client_id AND s.room = g.room LIMIT 1) found",
        array(1, "BIGINT"),
        array(2, "TEXT"),
        array(3, "BIGINT")
    );
    for (room, author, client_id) in batch.conn.all(&sql, params![authors, names, rooms], |row| {
        Ok((RoomId(row.get(0)?), PersonId(row.get(1)?), row.get::<String>(2)?))
    })? {
        let client_id = ClientId::parse(&client_id).map_err(|error| damaged("a client id", error))?;
        unsent.remove(&(room, Signed { author, client_id: Some(client_id) }));
    }
    batch.ahead.unsent = unsent;
    Ok(())
}

/// Any of the numbers of a list that is a parameter.
fn any(parameter: usize) -> String {
    format!("ANY ({})", array(parameter, "BIGINT"))
}

/// A list that is a parameter.
fn array(parameter: usize, of: &str) -> String {
    format!("CAST(CAST(?{parameter} AS TEXT) AS {of}[])")
}

/// Numbers as a parameter.
fn list(numbers: impl Iterator<Item = i64>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

/// Texts as a parameter.
fn texts<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let texts: Vec<String> = texts.map(quoted).collect();
    format!("{{{}}}", texts.join(","))
}
