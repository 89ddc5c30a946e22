//! `cmd:chansrch`: the room list, and rooms by words or by address (docs/protocol.md, chansrch).
//! The address of a room somebody may not see finds nothing, as one that does not exist.

use rooms::RoomQuery;
use xccos::{ChanSrch, CommandId, Reply};

use super::{Caller, room_block};

pub(super) fn answer(caller: &Caller, id: &CommandId, ask: &ChanSrch) -> String {
    let limit = ask.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let query = match &ask.room {
        None => RoomQuery {
            words: ask.criteria.to_string(),
            extended: ask.extended,
            all_words: ask.match_all,
            exact: ask.exact_phrase,
            limit,
            ..RoomQuery::default()
        },
        Some(room) => {
            RoomQuery { guid: room.guid(&caller.house.names.domain), limit, ..RoomQuery::default() }
        }
    };
    let elsewhere = ask.room.is_some() && query.guid.is_none();
    let cards = if elsewhere { Vec::new() } else { caller.session.visitor().find(&query).rooms };
    caller.print(id, &Reply::ChanSrch(room_block::rooms(&cards)))
}
