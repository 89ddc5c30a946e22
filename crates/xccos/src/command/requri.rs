//! `cmd:requri`: where is my chat server? (docs/protocol.md, requri)
//! The command itself carries nothing.

use std::borrow::Cow;

use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::xml::Element;

pub(super) fn write_reply(pen: &mut Pen, uri: &str) {
    pen.start("uib").attribute("uri", uri).end();
}

pub(super) fn read_reply(data: &Element) -> Result<Cow<'static, str>, XccosFault> {
    Ok(data.block("uib")?.needed("uib", "uri")?.to_owned().into())
}
