//! `cmd:getinv`: the rooms a person is invited to (docs/protocol.md, getinv).
//! The form of the reply is ours; the known client asks and does not read it.

use chat::{Domain, Time};

use crate::block::RoomBlock;
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::value::bounded;
use crate::xml::Element;

/// What a client asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GetInv {
    /// The last invitation it knows of; those with higher numbers are wanted.
    pub after: u64,
    /// The client's domain; empty when it did not say.
    pub domain: Box<str>,
}

/// Invitations of one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitations<'a> {
    /// The highest number so far, to go on from; without news, the client's own.
    pub newest: Option<u64>,
    /// The invitations, lowest number first.
    pub invitations: Vec<Invitation<'a>>,
}

/// One invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation<'a> {
    /// Its number among those of the person, from 1.
    pub id: u64,
    /// When it was made.
    pub time: Time,
    /// The room.
    pub room: RoomBlock<'a>,
}

impl GetInv {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let inv = data.block("inv")?;
        let domain = bounded("domain", inv.attribute("domain").unwrap_or_default(), 255)?;
        Ok(Self { after: inv.count("inv", "inviteId")?.unwrap_or(0), domain })
    }

    pub(super) fn write(&self, pen: &mut Pen) {
        pen.start("inv").plain("inviteId", self.after).attribute("domain", &self.domain).end();
    }
}

impl Invitations<'_> {
    pub(super) fn write(&self, pen: &mut Pen, domain: &Domain) {
        if let Some(newest) = self.newest {
            pen.start("inv").plain("inviteId", newest).attribute("domain", domain.as_str()).end();
        }
        for Invitation { id, time, room } in &self.invitations {
            room.start_found(pen, domain);
            pen.start("inv").plain("inviteId", id).plain("createdOn", time.iso7()).end();
            room.finish(pen);
        }
    }
}

impl Invitations<'static> {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let newest = data.only("inv")?.map(|inv| inv.count("inv", "inviteId")).transpose()?.flatten();
        let invitations = data.named("chanib").map(read_one).collect::<Result<_, _>>()?;
        Ok(Self { newest, invitations })
    }
}

fn read_one(chanib: &Element) -> Result<Invitation<'static>, XccosFault> {
    let block = "inv";
    let bad = |name| XccosFault::BadValue { block, name };
    let inv = chanib.block(block)?;
    let time = Time::parse_iso(inv.needed(block, "createdOn")?).map_err(|_| bad("createdOn"))?;
    let id = inv.count(block, "inviteId")?.ok_or(bad("inviteId"))?;
    Ok(Invitation { id, time, room: RoomBlock::read(chanib)? })
}
