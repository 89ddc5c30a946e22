//! What the server sends unasked: who came, who left, who was put out, and posts (docs/protocol.md, notices).
//! Who is told what is decided elsewhere.

use std::borrow::Cow;

use chat::Domain;
use uuid::Uuid;

use crate::block::{Arrival, PostBlock, read_arrivals, uri, write_arrivals};
use crate::compat::KICK;
use crate::envelope;
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::reply::Heading;
use crate::room::RoomUri;
use crate::xml::Element;

/// A notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice<'a> {
    /// People came into a room of the receiver's.
    Join(Vec<Arrival<'a>>),
    /// Somebody came into several rooms of the receiver's at once.
    BJoin(Vec<Arrival<'a>>),
    /// People left rooms of the receiver's.
    Part(Vec<Departure<'a>>),
    /// The receiver was put out of rooms.
    Kick(Vec<Departure<'a>>),
    /// A notice our own client does not know.
    Unknown {
        /// Its name without `ntc:`, as sent.
        name: Box<str>,
    },
}

/// People who are no longer in a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Departure<'a> {
    /// The room.
    pub room: Uuid,
    /// Their addresses.
    pub people: Vec<Cow<'a, str>>,
}

impl Notice<'_> {
    fn id(&self) -> Cow<'static, str> {
        match self {
            Self::Join(_) => "ntc:join".into(),
            Self::BJoin(_) => "ntc:bjoin".into(),
            Self::Part(_) => "ntc:part".into(),
            Self::Kick(_) => KICK.into(),
            Self::Unknown { name } => format!("ntc:{name}").into(),
        }
    }
}

/// Prints the envelope of a notice.
#[must_use]
pub fn print(heading: &Heading<'_>, notice: &Notice<'_>) -> String {
    let mut pen = envelope::server(heading.envid);
    pen.start("ntc").attribute("id", &notice.id()).attribute("seqid", "1").start("data");
    match notice {
        Notice::Join(arrivals) | Notice::BJoin(arrivals) => {
            write_arrivals(&mut pen, heading.domain, heading.compat, arrivals);
        }
        Notice::Part(departures) | Notice::Kick(departures) => {
            write_departures(&mut pen, heading.domain, departures);
        }
        Notice::Unknown { .. } => {}
    }
    pen.finish()
}

/// Prints the envelope that delivers a post: the same for every receiver, to be made once and shared.
#[must_use]
pub fn post(envid: u64, domain: &Domain, post: &PostBlock<'_>) -> String {
    let mut pen = envelope::server(envid);
    pen.start("grpchat").attribute("id", "grpchat").attribute("seqid", "1");
    post.finish(&mut pen, domain);
    pen.finish()
}

fn write_departures(pen: &mut Pen, domain: &Domain, departures: &[Departure<'_>]) {
    for Departure { room, people } in departures {
        pen.start("chanib").plain("uri", RoomUri { domain, guid: *room });
        for address in people {
            pen.start("uib").attribute("uri", address).end();
        }
        pen.end();
    }
}

impl Notice<'static> {
    /// Reads the `data` of the notice of this name.
    pub(crate) fn read(name: &str, data: &Element) -> Result<Self, XccosFault> {
        let kick = KICK.strip_prefix("ntc:").unwrap_or(KICK);
        match name.to_ascii_lowercase().as_str() {
            "join" => read_arrivals(data).map(Self::Join),
            "bjoin" => read_arrivals(data).map(Self::BJoin),
            "part" => read_departures(data).map(Self::Part),
            known if known == kick => read_departures(data).map(Self::Kick),
            _ => Ok(Self::Unknown { name: name.into() }),
        }
    }
}

fn read_departures(data: &Element) -> Result<Vec<Departure<'static>>, XccosFault> {
    let one = |chanib: &Element| {
        let address = |uib: &Element| uib.needed("uib", "uri").map(|uri| Cow::Owned(uri.to_owned()));
        let people = chanib.named("uib").map(address).collect::<Result<_, _>>()?;
        Ok(Departure { room: uri(chanib)?, people })
    };
    data.named("chanib").map(one).collect()
}
