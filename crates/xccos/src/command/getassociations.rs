//! `cmd:getassociations`: the rooms a person is a member or manager of (docs/protocol.md, getassociations).
//! The spelling of the question is not certain, so everything that can be understood is; the reply is that of `chansrch`.

use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::value::bounded;
use crate::xml::Element;

/// What a client asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GetAssociations {
    /// The client's domain; empty when it did not say.
    pub domain: Box<str>,
    /// As what the person belongs to the rooms.
    pub role: Role,
    /// Most rooms wanted.
    pub limit: Option<u64>,
}

/// How a person belongs to a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// As a member.
    Member,
    /// As a manager.
    Manager,
}

impl GetAssociations {
    /// Reads the first element, whatever it is called: a value `MANAGER` in it asks for managed rooms.
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let block = data.children.first().ok_or(XccosFault::MissingBlock { block: "association" })?;
        let manager = |text: &str| text.trim().eq_ignore_ascii_case("MANAGER");
        let managed = block.attributes.iter().any(|(_, value)| manager(value))
            || manager(&block.text)
            || block.children.iter().any(|child| manager(&child.text));
        Ok(Self {
            domain: bounded("domain", block.attribute("domain").unwrap_or_default(), 255)?,
            role: if managed { Role::Manager } else { Role::Member },
            limit: block.count("association", "maxResults")?,
        })
    }

    pub(super) fn write(&self, pen: &mut Pen) {
        let role = match self.role {
            Role::Member => "MEMBER",
            Role::Manager => "MANAGER",
        };
        pen.start("association").attribute("domain", &self.domain).attribute("type", role);
        if let Some(limit) = self.limit {
            pen.plain("maxResults", limit);
        }
        pen.end();
    }
}
