//! Replies of the server: the frame with `commandid` and `resp`, and what a successful one carries.
//! The blocks of each are written in the file of its command.

use std::borrow::Cow;

use chat::Domain;
use uuid::Uuid;

use crate::block::{CategoryBlock, RoomBlock};
use crate::code::Code;
use crate::command::{self, BatchJoined, History, Invitations, Joined, PrefBlock, ServerInfo};
use crate::compat::Compat;
use crate::envelope::{self, CommandId};
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::xml::Element;

/// What every envelope of the server needs to be printed.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// The envelope's number: a counter of the server's, different for every envelope of a dialog.
    pub envid: u64,
    /// The organisation's domain, part of every address of a room.
    pub domain: &'a Domain,
    /// What the receiving client needs.
    pub compat: Compat,
}

/// What a successful reply carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply<'a> {
    /// The chat server's address.
    ReqUri {
        /// A `sip:` address; every later request of the dialog must come from it.
        uri: Cow<'a, str>,
    },
    /// What the server says of itself.
    GetServerInfo(ServerInfo<'a>),
    /// The rooms the person belongs to, by name.
    GetAssociations(Vec<RoomBlock<'a>>),
    /// The rooms found, by name.
    ChanSrch(Vec<RoomBlock<'a>>),
    /// The room that was joined.
    Join(Joined<'a>),
    /// What became of each room.
    BJoin(BatchJoined<'a>),
    /// The rooms that were left.
    Part(Vec<Uuid>),
    /// What was said.
    BcContext(History<'a>),
    /// The invitations.
    GetInv(Invitations<'a>),
    /// The preference; without content when nothing is stored or the client has seen this version.
    GetPref(PrefBlock<'a>),
    /// The preference's new version.
    SetPref(PrefBlock<'a>),
    /// The categories in which the person may create rooms.
    NodesPermCreateChild(Vec<CategoryBlock<'a>>),
}

/// A reply as our own client reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerReply {
    /// Its name without `rpl:`, as sent.
    pub name: Box<str>,
    /// The command it answers; some servers do not say.
    pub to: Option<CommandId>,
    /// The response code; 500 when the server sent none.
    pub code: u16,
    /// The symbolic text beside it.
    pub text: Box<str>,
    /// What a successful reply carries; `None` after a failure and for a name we do not know.
    pub data: Option<Reply<'static>>,
}

impl Reply<'_> {
    /// The name of the command it answers, without `cmd:`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ReqUri { .. } => "requri",
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
            Self::NodesPermCreateChild(_) => "nodespermcreatechild",
        }
    }
}

/// Prints the envelope of a successful reply.
#[must_use]
pub fn print(heading: &Heading<'_>, to: &CommandId, reply: &Reply<'_>) -> String {
    let mut pen = begin(heading, to, reply.name(), Code::Success);
    command::write_reply(&mut pen, heading, reply);
    pen.finish()
}

/// Prints the envelope of a refusal of the command `name`, which is given without `cmd:`; a post is called `grpchat`.
#[must_use]
pub fn refuse(heading: &Heading<'_>, to: &CommandId, name: &str, code: Code) -> String {
    begin(heading, to, name, code).finish()
}

/// Everything up to the inside of `data`.
fn begin(heading: &Heading<'_>, to: &CommandId, name: &str, code: Code) -> Pen {
    let mut pen = envelope::server(heading.envid);
    let name = heading.compat.reply_name(name);
    pen.start("rpl").attribute("id", &format!("rpl:{name}")).attribute("seqid", "1");
    pen.start("commandid").attribute("seqid", &to.seqid).attribute("envid", &to.envid).end();
    pen.start("resp").plain("code", code.number()).text(code.text()).end();
    pen.start("data");
    pen
}

impl ServerReply {
    pub(crate) fn read(name: &str, rpl: &Element) -> Result<Self, XccosFault> {
        let to = rpl.only("commandid")?.map(CommandId::read).transpose()?;
        let resp = rpl.only("resp")?;
        let bad = |_| XccosFault::BadValue { block: "resp", name: "code" };
        let code = resp.map_or(Ok(500), |resp| resp.needed("resp", "code")?.trim().parse().map_err(bad))?;
        let nothing = Element::default();
        let data = rpl.only("data")?.unwrap_or(&nothing);
        let data = if code == Code::Success.number() { command::read_reply(name, data)? } else { None };
        Ok(Self { name: name.into(), to, code, text: resp.map_or("", |resp| &*resp.text).into(), data })
    }
}
