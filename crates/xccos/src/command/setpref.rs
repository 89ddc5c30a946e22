//! `cmd:setpref`: store a preference (docs/protocol.md, preferences).
//! The content is kept as the text it came as.

use super::getpref::PrefBlock;
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::xml::Element;

/// What a client wants kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetPref {
    /// The label, 1 to 255 characters.
    pub label: Box<str>,
    /// The version the client has seen.
    pub version: Option<u64>,
    /// The content, at most 1 MiB.
    pub content: Box<str>,
}

impl SetPref {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let pref = PrefBlock::read(data)?;
        let content = pref.content.ok_or(XccosFault::MissingValue { block: "pref", name: "content" })?;
        Ok(Self { label: pref.label.into(), version: pref.version, content: content.into() })
    }

    pub(super) fn write(&self, pen: &mut Pen) {
        let pref = PrefBlock {
            label: (&*self.label).into(),
            version: self.version,
            create_default: false,
            content: Some((&*self.content).into()),
        };
        pref.write(pen);
    }
}
