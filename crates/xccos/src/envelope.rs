//! The envelope around everything: `xccos` with its number, and inside it what a client asks (docs/protocol.md, envelope).
//! What a server sends is read in `answer.rs`.

use crate::command::{Command, GrpChat};
use crate::fault::XccosFault;
use crate::limits::{COMMAND_NAME_BYTES_MAX, COMMANDS_MAX, IDENTITY_BYTES_MAX};
use crate::pen::Pen;
use crate::xml::{self, Bounds, Element};

/// What a client sent in one body, in document order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// The client's number of the envelope, as sent.
    pub envid: Box<str>,
    /// What it asks, 1 to 64 items, to be carried out in this order.
    pub items: Vec<Item>,
}

/// One thing a client asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What the reply repeats.
    pub id: CommandId,
    /// What is asked.
    pub ask: Ask,
}

/// A command or a post. One that cannot be understood does not keep the others in the envelope from being carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// A command; a fault is answered by an XCCOS reply with its code.
    Command {
        /// The name for the reply, without `cmd:`.
        name: Box<str>,
        /// The command.
        command: Result<Command, XccosFault>,
    },
    /// A post; a fault is answered by the status of the SIP request, because clients ignore a later reply.
    Post(Result<GrpChat, XccosFault>),
}

/// By what a reply names its command: both numbers are echoed as sent, and never taken for numbers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CommandId {
    /// The number of the envelope.
    pub envid: Box<str>,
    /// The number inside the envelope.
    pub seqid: Box<str>,
}

/// Reads what a client sent.
///
/// # Errors
/// Whatever makes the whole body unusable, to be answered by the status of the request. What is wrong with one command
/// stands in its item.
pub fn parse(body: &[u8]) -> Result<Envelope, XccosFault> {
    let root = root(body, Bounds::COMMAND)?;
    let envid = identity(&root, "envid")?;
    let mut items = Vec::new();
    for child in &root.children {
        let ask = match child.name.as_str() {
            "cmd" => command(child)?,
            "grpchat" => Ask::Post(GrpChat::read(child)),
            _ => continue,
        };
        if items.len() == COMMANDS_MAX {
            return Err(XccosFault::Excess { what: "commands", limit: COMMANDS_MAX });
        }
        items.push(Item { id: CommandId { envid: envid.clone(), seqid: identity(child, "seqid")? }, ask });
    }
    if items.is_empty() { Err(XccosFault::Nothing) } else { Ok(Envelope { envid, items }) }
}

/// Prints a command as our own client sends it.
#[must_use]
pub fn print_command(id: &CommandId, command: &Command) -> String {
    let mut pen = client(&id.envid);
    pen.start("cmd").attribute("id", &format!("cmd:{}", command.name())).attribute("seqid", &id.seqid);
    pen.start("data");
    command.write(&mut pen);
    pen.finish()
}

/// Prints a post as our own client sends it.
#[must_use]
pub fn print_post(id: &CommandId, post: &GrpChat) -> String {
    let mut pen = client(&id.envid);
    pen.start("grpchat").attribute("id", "grpchat").attribute("seqid", &id.seqid);
    post.finish(&mut pen);
    pen.finish()
}

impl Ask {
    /// The name for the reply, without `cmd:`; that of a post is `grpchat`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Command { name, .. } => name,
            Self::Post(_) => "grpchat",
        }
    }
}

impl CommandId {
    /// Names a command of our own client.
    #[must_use]
    pub fn new(envid: u64, seqid: u32) -> Self {
        Self { envid: envid.to_string().into(), seqid: seqid.to_string().into() }
    }

    /// Reads `commandid` of a reply.
    pub(crate) fn read(commandid: &Element) -> Result<Self, XccosFault> {
        Ok(Self { envid: identity(commandid, "envid")?, seqid: identity(commandid, "seqid")? })
    }
}

/// Reads a body up to its root element.
pub(crate) fn root(body: &[u8], bounds: Bounds) -> Result<Element, XccosFault> {
    let root = xml::read(body, bounds)?;
    if root.name == "xccos" { Ok(root) } else { Err(XccosFault::WrongRoot) }
}

/// An attribute without which nothing could be answered.
pub(crate) fn identity(element: &Element, name: &'static str) -> Result<Box<str>, XccosFault> {
    let value = element.attribute(name).unwrap_or_default();
    if value.is_empty() || value.len() > IDENTITY_BYTES_MAX {
        return Err(XccosFault::Unidentified { name });
    }
    Ok(value.into())
}

/// The name in the `id` of a command, reply or notice, without its kind.
pub(crate) fn name_in<'a>(element: &'a Element, kind: &str) -> Result<&'a str, XccosFault> {
    let id = element.attribute("id").unwrap_or_default();
    match id.split_at_checked(kind.len()) {
        Some((begin, name)) if begin.eq_ignore_ascii_case(kind) && usable(name) => Ok(name),
        _ => Err(XccosFault::Unidentified { name: "id" }),
    }
}

fn usable(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    !name.is_empty() && name.len() <= COMMAND_NAME_BYTES_MAX && name.bytes().all(allowed)
}

fn command(cmd: &Element) -> Result<Ask, XccosFault> {
    let name = name_in(cmd, "cmd:")?;
    let nothing = Element::default();
    let command = match cmd.only("data") {
        Ok(data) => Command::read(name, data.unwrap_or(&nothing)),
        Err(fault) => Err(fault),
    };
    let name = match &command {
        Ok(command) => command.name().into(),
        Err(_) => name.to_ascii_lowercase().into(),
    };
    Ok(Ask::Command { name, command })
}

const NAMESPACE: &str = "urn:parlano:xml:ns:xccos";

/// The root as clients write it.
fn client(envid: &str) -> Pen {
    let mut pen = Pen::new();
    pen.start("xccos").attribute("ver", "1").attribute("envid", envid).attribute("xmlns", NAMESPACE);
    pen
}

/// The root as servers write it.
pub(crate) fn server(envid: u64) -> Pen {
    let mut pen = Pen::new();
    pen.start("xccos").attribute("xmlns:xsd", "http://www.w3.org/2001/XMLSchema");
    pen.attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance").attribute("ver", "1");
    pen.plain("envid", envid).attribute("xmlns", NAMESPACE);
    pen
}
