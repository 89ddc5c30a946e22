//! Whom texts mention, as it is kept: packed beside the text it belongs to, and one row for each person by which unread ones are counted.
//! Finds nobody in a text; whom it mentions comes in with the post.

use std::collections::BTreeSet;

use chat::{Mention, PersonId, RoomId};

use crate::engine::{Conn, damaged, octets, params, uint32};
use crate::fault::StoreFault;

/// Octets before each name: the person, and how many the name has.
const HEAD_BYTES: usize = 10;

/// The octets that are kept beside a text; `None` when it mentions nobody.
pub(crate) fn pack(mentions: &[Mention]) -> Option<Vec<u8>> {
    if mentions.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(mentions.iter().map(|one| HEAD_BYTES + one.name.len()).sum());
    for Mention { person, name } in mentions {
        let length = u16::try_from(name.len()).expect("a name has a few hundred characters");
        out.extend_from_slice(&person.0.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(name.as_bytes());
    }
    Some(out)
}

/// Reads the octets that are kept beside a text.
pub(crate) fn unpack(packed: Option<&[u8]>) -> Result<Vec<Mention>, StoreFault> {
    const WHAT: &str = "the mentions of a text";
    let mut rest = packed.unwrap_or_default();
    let mut mentions = Vec::new();
    while !rest.is_empty() {
        let (head, after) = rest.split_at_checked(HEAD_BYTES).ok_or_else(|| damaged(WHAT, rest.len()))?;
        let person = PersonId(i64::from_be_bytes(octets(&head[..8], WHAT)?));
        let length = usize::from(u16::from_be_bytes(octets(&head[8..], WHAT)?));
        let (name, after) = after.split_at_checked(length).ok_or_else(|| damaged(WHAT, rest.len()))?;
        let name = std::str::from_utf8(name).map_err(|error| damaged(WHAT, error))?;
        mentions.push(Mention { person, name: name.into() });
        rest = after;
    }
    Ok(mentions)
}

/// Makes those findable who are mentioned by a post.
pub(crate) fn add(conn: &Conn, room: RoomId, post: u32, mentions: &[Mention]) -> Result<(), StoreFault> {
    let people: BTreeSet<PersonId> = mentions.iter().map(|mention| mention.person).collect();
    for person in people {
        conn.put(
            "INSERT INTO mention (person, room, post) VALUES (?1, ?2, ?3)",
            params![person.0, room.0, post],
        )?;
    }
    Ok(())
}

/// The post mentions nobody any more.
pub(crate) fn remove(conn: &Conn, room: RoomId, post: u32) -> Result<(), StoreFault> {
    conn.execute("DELETE FROM mention WHERE room = ?1 AND post = ?2", params![room.0, post]).map(drop)
}

/// How many posts of a room after one mention a person.
pub(crate) fn count(conn: &Conn, person: PersonId, room: RoomId, after: u32) -> Result<u32, StoreFault> {
    let count = conn.one(
        "SELECT count(*) FROM mention WHERE person = ?1 AND room = ?2 AND post > ?3",
        params![person.0, room.0, after],
        |row| row.get(0),
    )?;
    uint32(count, "mentions")
}
