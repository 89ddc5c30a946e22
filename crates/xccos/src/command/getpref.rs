//! `cmd:getpref`: a stored preference with its version (docs/protocol.md, preferences); `setpref` and both replies share its
//! block. The content is the client's own and never looked into.

use std::borrow::Cow;

use chat::limits::{PREFERENCE_BYTES_MAX, PREFERENCE_LABEL_CHARS_MAX};

use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::xml::Element;

/// A preference as asked for, stored or shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrefBlock<'a> {
    /// Its label, 1 to 255 characters.
    pub label: Cow<'a, str>,
    /// Its version; from a client, the one it has seen.
    pub version: Option<u64>,
    /// Whether the client wants a default when nothing is stored.
    pub create_default: bool,
    /// The content, base64 by agreement among clients.
    pub content: Option<Cow<'a, str>>,
}

impl PrefBlock<'_> {
    pub(crate) fn write(&self, pen: &mut Pen) {
        pen.start("pref").attribute("label", &self.label);
        if let Some(version) = self.version {
            pen.plain("seqid", version);
        }
        pen.plain("createdefault", self.create_default);
        if let Some(content) = &self.content {
            pen.attribute("content", content);
        }
        pen.end();
    }
}

impl PrefBlock<'static> {
    /// Reads the block of `data`, whoever sent it.
    pub(crate) fn read(data: &Element) -> Result<Self, XccosFault> {
        let pref = data.block("pref")?;
        let label = pref.needed("pref", "label")?;
        if label.is_empty() {
            return Err(XccosFault::BadValue { block: "pref", name: "label" });
        }
        if label.chars().count() > PREFERENCE_LABEL_CHARS_MAX {
            return Err(XccosFault::TooLong {
                what: "characters of a label",
                limit: PREFERENCE_LABEL_CHARS_MAX,
            });
        }
        let content = pref.attribute("content");
        if content.is_some_and(|content| content.len() > PREFERENCE_BYTES_MAX) {
            return Err(XccosFault::TooLong { what: "octets of a preference", limit: PREFERENCE_BYTES_MAX });
        }
        Ok(Self {
            label: label.to_owned().into(),
            version: pref.count("pref", "seqid")?,
            create_default: pref.flag("pref", "createdefault")?,
            content: content.map(|content| content.to_owned().into()),
        })
    }
}
