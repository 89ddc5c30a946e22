//! `cmd:nodespermcreatechild`: the categories a person may create rooms in (docs/protocol.md, nodespermcreatechild).
//! The command itself carries nothing.

use chat::Domain;

use crate::block::CategoryBlock;
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::xml::Element;

pub(super) fn write_reply(pen: &mut Pen, domain: &Domain, categories: &[CategoryBlock<'_>]) {
    for category in categories {
        category.write(pen, domain);
    }
}

pub(super) fn read_reply(data: &Element) -> Result<Vec<CategoryBlock<'static>>, XccosFault> {
    data.named("chanib").map(CategoryBlock::read).collect()
}
