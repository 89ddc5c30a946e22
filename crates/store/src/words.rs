//! What people do in rooms, written inside one transaction: posts, joins, parts, views.
//! Decides nothing: a decision comes in with the numbers it was taken under.

use chat::{
    Entry, Header, JournalKey, Mention, PartReason, PersonId, RoomEntry, RoomId, ServerEntry, Stand, Under,
};

use crate::engine::{Conn, damaged, int, octets, params, uint};
use crate::fault::StoreFault;
use crate::journal::{Batch, read_header};
use crate::limits::{PASSING_CHUNK, PASSING_MAX};
use crate::mentions;
use crate::queue::Signed;
use crate::record::{Body, NewPost, PostOutcome, Presence, Said};
use crate::search;

/// Writes one post, unless it was written before or what it was decided under has moved.
pub(crate) fn post(batch: &mut Batch<'_>, new: &NewPost) -> Result<PostOutcome, StoreFault> {
    if let Some((said, same)) = sent_before(batch, new)? {
        return Ok(if same { PostOutcome::Repeated(said) } else { PostOutcome::ClientIdTaken });
    }
    if !stands(batch, new.room, new.author, new.under)? {
        return Ok(PostOutcome::Moved);
    }
    let number_of_post = batch.next_post(new.room)?;
    let entry = RoomEntry::Posted {
        post: number_of_post,
        author: new.author,
        alert: new.draft.alert,
        story: new.story,
        kept: new.kept,
        category_rules: new.under.category_rules,
    };
    let body = body_of(&new.draft, &new.mentions);
    let done = batch.append(JournalKey::Room(new.room), Entry::Room(entry), Some(body))?;
    batch.spoke(new.author);
    let position = done.recorded.header.position;
    let conn = batch.conn;
    let row = conn.put_new(
        "INSERT INTO post (room, post, number, kept, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![new.room.0, number_of_post, int(position.number), new.kept, done.body],
    )?;
    mentions::add(conn, new.room, number_of_post, &new.mentions)?;
    if new.kept {
        search::add(conn, row, new.room, new.draft.text.as_str())?;
    }
    if !new.kept {
        forget_passing(conn, Some(new.room), number_of_post.saturating_sub(PASSING_MAX))?;
    }
    if let Some(client_id) = &new.client_id {
        conn.put(
            "INSERT INTO sent (author, client_id, room, era, number) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![new.author.0, client_id.as_str(), new.room.0, position.era, int(position.number)],
        )?;
    }
    Ok(PostOutcome::Recorded(done.recorded))
}

/// Lets texts go that were said while history was off: of one room up to a post, or of all rooms. At most so many as fit
/// one transaction; returns how many. Their entries stay.
pub(crate) fn forget_passing(conn: &Conn, room: Option<RoomId>, to: u32) -> Result<usize, StoreFault> {
    let (first, last) = room.map_or((i64::MIN, i64::MAX), |room| (room.0, room.0));
    let passing = "FROM post WHERE kept = 0 AND body IS NOT NULL AND room BETWEEN ?1 AND ?2 AND post <= ?3
                   ORDER BY room, post LIMIT ?4";
    let which = params![first, last, to, PASSING_CHUNK];
    let mentions = "DELETE FROM mention WHERE (room, post) IN (SELECT room, post";
    let gone = conn.execute(&format!("DELETE FROM body WHERE id IN (SELECT body {passing})"), which)?;
    if gone > 0 {
        conn.execute(&format!("{mentions} {passing})"), which)?;
        conn.execute(&format!("UPDATE post SET body = NULL WHERE id IN (SELECT id {passing})"), which)?;
    }
    Ok(gone)
}

/// Writes that an endpoint joined rooms, and that it is there.
pub(crate) fn join(
    batch: &mut Batch<'_>,
    person: PersonId,
    endpoint: u64,
    rooms: &[Stand],
) -> Result<(), StoreFault> {
    let entry = ServerEntry::Joined { person, endpoint, rooms: rooms.to_vec() };
    batch.append(JournalKey::Server(batch.server), Entry::Server(entry), None)?;
    let mut present = present_rooms(batch, person, endpoint)?;
    present.extend(rooms.iter().map(|stand| stand.room));
    present.sort_unstable();
    present.dedup();
    put_present(batch, person, endpoint, &present)
}

/// Writes that an endpoint left rooms, and that it is there no more.
pub(crate) fn part(
    batch: &mut Batch<'_>,
    person: PersonId,
    endpoint: u64,
    reason: PartReason,
    rooms: &[Stand],
) -> Result<(), StoreFault> {
    batch.tell_words_of(person)?;
    let entry = ServerEntry::Parted { person, endpoint, reason, rooms: rooms.to_vec() };
    batch.append(JournalKey::Server(batch.server), Entry::Server(entry), None)?;
    let mut present = present_rooms(batch, person, endpoint)?;
    present.retain(|room| rooms.iter().all(|stand| stand.room != *room));
    put_present(batch, person, endpoint, &present)
}

/// Writes that history was shown.
pub(crate) fn view(batch: &mut Batch<'_>, viewed: &ServerEntry) -> Result<(), StoreFault> {
    batch.append(JournalKey::Server(batch.server), Entry::Server(viewed.clone()), None).map(|_| ())
}

/// Everybody who is in rooms through any server, as of the snapshot.
pub(crate) fn read_presence(conn: &Conn) -> Result<Vec<Presence>, StoreFault> {
    let mut statement =
        conn.prepare("SELECT server, epoch, person, endpoint, rooms FROM present ORDER BY 1, 3, 4")?;
    let mut rows = statement.query(params![])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Presence {
            server: chat::ServerId(row.get(0)?),
            epoch: uint(row.get(1)?, "epoch")?,
            person: PersonId(row.get(2)?),
            endpoint: row.get::<i64>(3)?.cast_unsigned(),
            rooms: unpack(&row.get::<Vec<u8>>(4)?)?,
        });
    }
    Ok(all)
}

/// Whether the room, its category and the author still are what the decision was taken under.
fn stands(batch: &mut Batch<'_>, room: RoomId, author: PersonId, under: Under) -> Result<bool, StoreFault> {
    let conn = batch.conn;
    let rules = match batch.rules.get(&room) {
        Some(rules) => *rules,
        None => {
            let read: Option<(i64, i64)> = conn.row(
                "SELECT r.rules, c.rules FROM room r JOIN category c ON c.id = r.category
                     WHERE r.id = ?1 AND r.removed = 0",
                params![room.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let pair = |(room, category)| {
                Ok::<_, StoreFault>((uint(room, "room rules")?, uint(category, "category rules")?))
            };
            let rules = read.map(pair).transpose()?;
            batch.rules.insert(room, rules);
            rules
        }
    };
    let standing = match batch.ahead.standings.get(&author) {
        Some(standing) => *standing,
        None => {
            let read: Option<i64> = conn.row(
                "SELECT standing FROM person WHERE id = ?1 AND state <> 3",
                params![author.0],
                |row| row.get(0),
            )?;
            let standing = read.map(|standing| uint(standing, "standing")).transpose()?;
            batch.ahead.standings.insert(author, standing);
            standing
        }
    };
    Ok(rules == Some((under.room_rules, under.category_rules)) && standing == Some(under.standing))
}

/// What became of the post that has this client id, and whether it is the same. Of one whose text was taken away or replaced only
/// the place is known: nothing is kept by which that text could be guessed.
fn sent_before(batch: &mut Batch<'_>, new: &NewPost) -> Result<Option<(Said, bool)>, StoreFault> {
    let Some(client_id) = &new.client_id else { return Ok(None) };
    // What is sent under this name now is not unsent any more for the next.
    let signed = Signed { author: new.author, client_id: new.client_id.clone() };
    if batch.ahead.unsent.remove(&(new.room, signed)) {
        return Ok(None);
    }
    let found: Option<(Vec<u8>, Option<String>, Option<String>)> = batch.conn.row(
        "SELECT e.header, b.text, b.rtf FROM sent s JOIN head h ON h.kind = 1 AND h.subject = s.room
             JOIN entry e ON e.journal = h.journal AND e.number = s.number
             LEFT JOIN post p ON p.room = s.room AND p.number = s.number AND p.changed IS NULL
             LEFT JOIN body b ON b.id = p.body
             WHERE s.author = ?1 AND s.client_id = ?2 AND s.room = ?3",
        params![new.author.0, client_id.as_str(), new.room.0],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let Some((header, text, rtf)) = found else { return Ok(None) };
    let header = read_header(&header)?;
    let alert = matches!(header.entry, Entry::Room(RoomEntry::Posted { alert: true, .. }));
    let draft = &new.draft;
    let said_then = |text: String| {
        let rich = draft.rtf.as_ref().map(chat::Rtf::as_str);
        (alert, text.as_str(), rtf.as_deref()) == (draft.alert, draft.text.as_str(), rich)
    };
    let same = text.is_none_or(said_then);
    Ok(Some((said(&header)?, same)))
}

/// Where and when a post was said, out of its entry.
pub(crate) fn said(header: &Header) -> Result<Said, StoreFault> {
    match header.entry {
        Entry::Room(RoomEntry::Posted { post, .. }) => {
            Ok(Said { position: header.position, post, time: header.time })
        }
        _ => Err(damaged("the entry of a post is another entry", header.position.number)),
    }
}

fn present_rooms(batch: &Batch<'_>, person: PersonId, endpoint: u64) -> Result<Vec<RoomId>, StoreFault> {
    let packed: Option<Vec<u8>> = batch.conn.row(
        "SELECT rooms FROM present WHERE server = ?1 AND person = ?2 AND endpoint = ?3",
        params![batch.server.0, person.0, endpoint.cast_signed()],
        |row| row.get(0),
    )?;
    unpack(&packed.unwrap_or_default())
}

fn put_present(
    batch: &Batch<'_>,
    person: PersonId,
    endpoint: u64,
    rooms: &[RoomId],
) -> Result<(), StoreFault> {
    let (server, endpoint) = (batch.server.0, endpoint.cast_signed());
    if rooms.is_empty() {
        batch.conn.execute(
            "DELETE FROM present WHERE server = ?1 AND person = ?2 AND endpoint = ?3",
            params![server, person.0, endpoint],
        )?;
        return Ok(());
    }
    let packed: Vec<u8> = rooms.iter().flat_map(|room| room.0.to_be_bytes()).collect();
    batch.conn.put(
        "INSERT INTO present (server, person, endpoint, epoch, rooms) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (server, person, endpoint) DO UPDATE SET epoch = ?4, rooms = ?5",
        params![server, person.0, endpoint, int(batch.epoch), packed],
    )?;
    Ok(())
}

fn unpack(packed: &[u8]) -> Result<Vec<RoomId>, StoreFault> {
    packed.chunks(8).map(|id| Ok(RoomId(i64::from_be_bytes(octets(id, "rooms of an endpoint")?)))).collect()
}

/// What is kept of a draft.
pub(crate) fn body_of(draft: &chat::Draft, mentions: &[Mention]) -> Body {
    Body {
        text: draft.text.as_str().to_owned(),
        rtf: draft.rtf.as_ref().map(|rtf| rtf.as_str().to_owned()),
        mentions: mentions.to_vec(),
    }
}
