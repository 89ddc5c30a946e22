//! Every command as a type: read from its name and `data` element, written by our own client.
//! Each command's blocks stand in its own file; rights are decided elsewhere.

mod bccontext;
mod bjoin;
mod chansrch;
mod getassociations;
mod getinv;
mod getpref;
mod getserverinfo;
mod grpchat;
mod join;
mod nodespermcreatechild;
mod part;
mod requri;
mod setpref;

pub use bccontext::{BcContext, History};
pub use bjoin::BatchJoined;
pub use chansrch::ChanSrch;
pub use getassociations::{GetAssociations, Role};
pub use getinv::{GetInv, Invitation, Invitations};
pub use getpref::PrefBlock;
pub use getserverinfo::{GetServerInfo, ROOT_CATEGORY, ServerInfo};
pub use grpchat::GrpChat;
pub use join::Joined;
pub use setpref::SetPref;

use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::reply::{Heading, Reply};
use crate::room::RoomRef;
use crate::xml::Element;

/// A command. Posts are no commands: see [`GrpChat`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Where is my chat server?
    ReqUri,
    /// What are its limits?
    GetServerInfo(GetServerInfo),
    /// To which rooms do I belong?
    GetAssociations(GetAssociations),
    /// Which rooms are there?
    ChanSrch(ChanSrch),
    /// Let me into a room.
    Join(RoomRef),
    /// Let me into these rooms, 1 to 1,000 of them.
    BJoin(Vec<RoomRef>),
    /// I leave these rooms, at least one.
    Part(Vec<RoomRef>),
    /// What was said last?
    BcContext(BcContext),
    /// To which rooms am I invited?
    GetInv(GetInv),
    /// What did I store under this label?
    GetPref(PrefBlock<'static>),
    /// Store this.
    SetPref(SetPref),
    /// Where may I create rooms?
    NodesPermCreateChild,
    /// A command we do not know; it is answered by [`crate::Code::NotSupported`].
    Unknown {
        /// Its name without `cmd:`, as sent.
        name: Box<str>,
    },
}

impl Command {
    /// Its name on the wire, without `cmd:`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::ReqUri => "requri",
            Self::GetServerInfo(_) => "getserverinfo",
            Self::GetAssociations(_) => "getassociations",
            Self::ChanSrch(_) => "chansrch",
            Self::Join(_) => "join",
            Self::BJoin(_) => "bjoin",
            Self::Part(_) => "part",
            Self::BcContext(_) => "bccontext",
            Self::GetInv(_) => "getinv",
            Self::GetPref(_) => "getpref",
            Self::SetPref(_) => "setpref",
            Self::NodesPermCreateChild => "nodespermcreatechild",
            Self::Unknown { name } => name,
        }
    }

    /// Reads the command of this name, in any case.
    pub(crate) fn read(name: &str, data: &Element) -> Result<Self, XccosFault> {
        match name.to_ascii_lowercase().as_str() {
            "requri" => Ok(Self::ReqUri),
            "getserverinfo" => GetServerInfo::read(data).map(Self::GetServerInfo),
            "getassociations" => GetAssociations::read(data).map(Self::GetAssociations),
            "chansrch" => ChanSrch::read(data).map(Self::ChanSrch),
            "join" => crate::room::room(data).map(Self::Join),
            "bjoin" => bjoin::read(data).map(Self::BJoin),
            "part" => part::read(data).map(Self::Part),
            "bccontext" => BcContext::read(data).map(Self::BcContext),
            "getinv" => GetInv::read(data).map(Self::GetInv),
            "getpref" => PrefBlock::read(data).map(Self::GetPref),
            "setpref" => SetPref::read(data).map(Self::SetPref),
            "nodespermcreatechild" => Ok(Self::NodesPermCreateChild),
            _ => Ok(Self::Unknown { name: name.into() }),
        }
    }

    /// Writes what stands inside `data`.
    pub(crate) fn write(&self, pen: &mut Pen) {
        match self {
            Self::ReqUri | Self::NodesPermCreateChild | Self::Unknown { .. } => {}
            Self::GetServerInfo(ask) => ask.write(pen),
            Self::GetAssociations(ask) => ask.write(pen),
            Self::ChanSrch(ask) => ask.write(pen),
            Self::Join(room) => join::write(pen, std::slice::from_ref(room)),
            Self::BJoin(rooms) => join::write(pen, rooms),
            Self::Part(rooms) => part::write(pen, rooms),
            Self::BcContext(ask) => ask.write(pen),
            Self::GetInv(ask) => ask.write(pen),
            Self::GetPref(pref) => pref.write(pen),
            Self::SetPref(ask) => ask.write(pen),
        }
    }
}

/// Writes what stands inside the `data` of a reply.
pub(crate) fn write_reply(pen: &mut Pen, heading: &Heading<'_>, reply: &Reply<'_>) {
    let domain = heading.domain;
    match reply {
        Reply::ReqUri { uri } => requri::write_reply(pen, uri),
        Reply::GetServerInfo(info) => info.write(pen, domain),
        Reply::GetAssociations(rooms) | Reply::ChanSrch(rooms) => chansrch::write_reply(pen, domain, rooms),
        Reply::Join(joined) => join::write_reply(pen, heading, std::slice::from_ref(joined)),
        Reply::BJoin(joined) => joined.write(pen, heading),
        Reply::Part(rooms) => part::write_reply(pen, domain, rooms),
        Reply::BcContext(history) => history.write(pen, domain),
        Reply::GetInv(invitations) => invitations.write(pen, domain),
        Reply::GetPref(pref) | Reply::SetPref(pref) => pref.write(pen),
        Reply::NodesPermCreateChild(categories) => {
            nodespermcreatechild::write_reply(pen, domain, categories);
        }
    }
}

/// Reads the `data` of the reply of this name; `None` for a name without data of a known form.
pub(crate) fn read_reply(name: &str, data: &Element) -> Result<Option<Reply<'static>>, XccosFault> {
    let reply = match name.to_ascii_lowercase().as_str() {
        "requri" => Reply::ReqUri { uri: requri::read_reply(data)? },
        "getserverinfo" | "getservinfo" => Reply::GetServerInfo(ServerInfo::read(data)?),
        "getassociations" => Reply::GetAssociations(chansrch::read_reply(data)?),
        "chansrch" => Reply::ChanSrch(chansrch::read_reply(data)?),
        "join" => Reply::Join(join::read_reply(data)?),
        "bjoin" => Reply::BJoin(BatchJoined::read(data)?),
        "part" => Reply::Part(part::read_reply(data)?),
        "bccontext" => Reply::BcContext(History::read(data)?),
        "getinv" => Reply::GetInv(Invitations::read(data)?),
        "getpref" => Reply::GetPref(PrefBlock::read(data)?),
        "setpref" => Reply::SetPref(PrefBlock::read(data)?),
        "nodespermcreatechild" => Reply::NodesPermCreateChild(nodespermcreatechild::read_reply(data)?),
        _ => return Ok(None),
    };
    Ok(Some(reply))
}
