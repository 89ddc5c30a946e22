//! XCCOS commands carried out: each handler asks the session of rooms and prints the reply (docs/protocol.md, commands).
//! Decides nothing. The order of commands is kept in `session.rs`.

mod bccontext;
mod bjoin;
mod chansrch;
mod getassociations;
mod getinv;
mod getpref;
mod getserverinfo;
pub(crate) mod grpchat;
mod join;
mod nodespermcreatechild;
mod part;
mod requri;
mod room_block;
mod setpref;

use std::sync::Arc;

use chat::Refusal;
use rooms::{Session, Trouble};
use uuid::Uuid;
use xccos::{Ask, Code, Command, CommandId, Compat, Item, Reply, RoomRef, XccosFault, reply};

use crate::codes;
use crate::deliver::heading;
use crate::house::House;

/// Who asks, and with what it is carried out.
pub(crate) struct Caller {
    pub(crate) house: Arc<House>,
    pub(crate) session: Arc<Session>,
    pub(crate) compat: Compat,
}

/// A printed reply, or the code of the refusal.
type Told = Result<String, Code>;

/// Carries out a command and gives the body of its reply.
pub(crate) async fn carry_out(caller: Caller, item: Item) -> String {
    let Item { id, ask } = item;
    let name = ask.name().to_owned();
    let command = match ask {
        Ask::Command { command, .. } => command,
        Ask::Post(_) => unreachable!("a post is answered by the status of its request"),
    };
    let told = match command {
        Ok(command) => told(&caller, &id, command).await,
        Err(fault) => Err(refused(&name, &fault)),
    };
    told.unwrap_or_else(|code| reply::refuse(&heading(&caller.house, caller.compat), &id, &name, code))
}

async fn told(caller: &Caller, id: &CommandId, command: Command) -> Told {
    match command {
        Command::ReqUri => Ok(requri::answer(caller, id)),
        Command::GetServerInfo(ask) => Ok(getserverinfo::answer(caller, id, &ask)),
        Command::GetAssociations(ask) => Ok(getassociations::answer(caller, id, &ask)),
        Command::ChanSrch(ask) => Ok(chansrch::answer(caller, id, &ask)),
        Command::Join(room) => join::answer(caller, id, &room).await,
        Command::BJoin(rooms) => bjoin::answer(caller, id, rooms).await,
        Command::Part(rooms) => part::answer(caller, id, &rooms).await,
        Command::BcContext(ask) => bccontext::answer(caller, id, &ask).await,
        Command::GetInv(ask) => getinv::answer(caller, id, &ask).await,
        Command::GetPref(ask) => getpref::answer(caller, id, &ask).await,
        Command::SetPref(ask) => setpref::answer(caller, id, &ask).await,
        Command::NodesPermCreateChild => Ok(nodespermcreatechild::answer(caller, id)),
        Command::Unknown { .. } => Err(Code::NotSupported),
    }
}

fn refused(name: &str, fault: &XccosFault) -> Code {
    tracing::debug!(command = name, reason = %fault, "command.malformed");
    fault.code()
}

impl Caller {
    fn print(&self, id: &CommandId, reply: &Reply<'_>) -> String {
        reply::print(&heading(&self.house, self.compat), id, reply)
    }
}

/// The GUID of a room that could be ours; the address of any other is that of no room.
fn guid_of(caller: &Caller, room: &RoomRef) -> Result<Uuid, Code> {
    room.guid(&caller.house.names.domain).ok_or_else(|| Code::from(&Refusal::NotFound))
}

/// The code of a command the rooms did not carry out.
fn code(trouble: Trouble) -> Code {
    codes::code(&trouble)
}
