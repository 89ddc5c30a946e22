//! What a category takes from its rooms when it admits fewer than before: in chunks, after the category itself was changed.
//! Whom it takes is said by `chat` (`rule.rs`).
//!
//! Between the two, and after a crash in the middle, rooms name people whom their category does not admit. That gives them
//! nothing: `chat` asks the category's scope at every decision. The next start of the server takes the rest from the rooms; so
//! does asking for the same change again.

use chat::{Category, Room, RoomId};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::principal::People;
use crate::room::{self, principals};
use crate::unfinished::Unfinished;

/// Rooms looked at together, and changed in one transaction (design of the journals: chunks of 500).
const CHUNK: usize = 500;
/// How often a chunk is decided anew when one of its rooms was changed meanwhile (ours: as operations are).
const TRIES: usize = 16;
/// Rooms of which it is said one by one who lost what (ours: a screen or two); the changes list all of them.
const TOLD_MAX: usize = 100;

/// Takes from each room of a category whom it does not admit, as a further part of the operation of this number; in a dry run
/// only says so, and puts each room as it is and as it would stay.
pub(super) async fn narrow(
    errand: &Errand<'_>,
    category: &Category,
    mut operation: Option<u64>,
    work: &mut Work,
    left: &mut Vec<(Room, Room)>,
) -> Result<(), AdminError> {
    let mut people = People::default();
    let mut after = RoomId(i64::MIN);
    let mut lost = 0;
    loop {
        let rooms = errand.store.rooms_after(category.id, after, CHUNK).await?;
        let Some(last) = rooms.last() else { break };
        after = last.id;
        people.learn(errand.store, [], rooms.iter().flat_map(principals)).await?;
        let (mut chunk, kept) = decided(errand, &people, category, &rooms);
        if errand.dry_run {
            left.extend(kept);
        }
        if !errand.dry_run && !chunk.rows.is_empty() {
            let ids = rooms.iter().map(|room| room.id).collect();
            (chunk, operation) = written(errand, category, ids, chunk, operation).await?;
        }
        lost += chunk.warnings.len();
        let told = TOLD_MAX.saturating_sub(lost - chunk.warnings.len());
        work.warnings.extend(chunk.warnings.into_iter().take(told));
        work.changes.extend(chunk.changes);
    }
    // A later change has its own note, and whoever made it looks at all of the rooms.
    let seen = |note: &Unfinished| matches!(note, Unfinished::Narrowing(id, rules) if *id == category.id && *rules < category.rules);
    Unfinished::end(errand, seen).await?;
    if lost > TOLD_MAX {
        work.warnings.push(format!(
            "{} more rooms lost somebody whom the category does not admit: the changes list them",
            lost - TOLD_MAX
        ));
    }
    Ok(())
}

/// What changes in these rooms, and each that changes as it is and as it stays.
fn decided(
    errand: &Errand<'_>,
    people: &People,
    category: &Category,
    rooms: &[Room],
) -> (Work, Vec<(Room, Room)>) {
    let mut chunk = Work::default();
    let mut left = Vec::new();
    for room in rooms {
        let stays = room::purge(errand, people, category, room, &mut chunk);
        left.extend(stays.map(|stays| (room.clone(), stays)));
    }
    (chunk, left)
}

/// Writes a chunk under the category's present number. What was changed meanwhile, room or category, is decided anew.
async fn written(
    errand: &Errand<'_>,
    category: &Category,
    rooms: Vec<RoomId>,
    mut chunk: Work,
    operation: Option<u64>,
) -> Result<(Work, Option<u64>), AdminError> {
    for _ in 0..TRIES {
        if chunk.rows.is_empty() {
            return Ok((chunk, operation));
        }
        let rows = std::mem::take(&mut chunk.rows);
        match errand.write_told(&chunk.changes, rows, operation).await {
            Ok(done) => return Ok((chunk, Some(done.operation))),
            Err(AdminError::Stale(_) | AdminError::NotFound(_)) => {}
            Err(error) => return Err(interrupted(category, error)),
        }
        let Some(now) = errand.store.category(category.id).await? else {
            return Ok((Work::default(), operation));
        };
        let mut present = errand.store.rooms_of(rooms.clone()).await?;
        present.retain(|room| room.category == now.id);
        let people = People::on(errand.store, present.iter().flat_map(principals)).await?;
        chunk = decided(errand, &people, &now, &present).0;
    }
    let busy = AdminError::Limit("its rooms change faster than this can follow".into());
    Err(interrupted(category, busy))
}

fn interrupted(category: &Category, error: AdminError) -> AdminError {
    error.told(|why| {
        format!(
            "{why} (the category '{}' is changed, and whoever it does not admit has no right in its rooms any more; the lists of \
             some rooms still name them: the next start of the server goes on with these, and so does asking for the same again)",
            category.name
        )
    })
}
