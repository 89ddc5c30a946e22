//! In which line of a document an object or a field of it was written, for whoever has to mend it.
//! Judges nothing, and finds nothing in a text that is no topology.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::finding::{Object, ObjectKind, Place};

/// The line, from 1, in which the document writes the field of a place; that of its object when the field is not written, and none when
/// the object is not.
#[must_use]
pub fn line_of(document: &str, place: &Place) -> Option<usize> {
    let text = document.strip_prefix('\u{FEFF}').unwrap_or(document);
    let root = DeTable::parse(text).ok()?;
    let (start, table) = object(root.get_ref(), &place.object)?;
    let written = place.field.and_then(|field| field_in(table, field));
    let before = text.get(..written.unwrap_or(start))?;
    Some(before.matches('\n').count() + 1)
}

/// Where an object begins, and what it holds.
fn object<'a>(root: &'a DeTable<'a>, object: &Object) -> Option<(usize, &'a DeTable<'a>)> {
    let (tables, named) = match object.kind {
        ObjectKind::Topology => return None,
        ObjectKind::Site => ("site", "id"),
        ObjectKind::StandardEditionServer => ("standard-edition-server", "fqdn"),
        ObjectKind::FrontEndPool => ("front-end-pool", "fqdn"),
        ObjectKind::Store => ("store", "id"),
        ObjectKind::FileStore => ("file-store", "id"),
        ObjectKind::PersistentChatPool => ("persistent-chat-pool", "fqdn"),
        ObjectKind::Machine => {
            let (_, pool) = of_name(root, "persistent-chat-pool", "fqdn", object.within.as_deref()?)?;
            return of_name(pool, "machine", "fqdn", &object.name);
        }
    };
    of_name(root, tables, named, &object.name)
}

/// The table of a list that has this name.
fn of_name<'a>(
    within: &'a DeTable<'a>,
    tables: &str,
    named: &str,
    name: &str,
) -> Option<(usize, &'a DeTable<'a>)> {
    let tables = value(within, tables)?.get_ref().as_array()?;
    tables.iter().find_map(|table| {
        let start = table.span().start;
        let table = table.get_ref().as_table()?;
        let has = value(table, named)?.get_ref().as_str()?;
        has.eq_ignore_ascii_case(name).then_some((start, table))
    })
}

/// Where a field begins; `mirror.server` is one in a table of the object.
fn field_in(table: &DeTable<'_>, field: &str) -> Option<usize> {
    let (first, rest) = field.split_once('.').map_or((field, None), |(first, rest)| (first, Some(rest)));
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
    let deeper = rest.and_then(|rest| field_in(value.get_ref().as_table()?, rest));
    Some(deeper.unwrap_or(key.span().start))
}

fn value<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}
