//! One entry of an export: its name and its values, in the order of the file.
//! Interprets no value; `mapping.rs` does.

use std::ops::Range;

use super::fault::{LdifFault, LdifTrouble};
use crate::distinguished_name::DistinguishedName;

/// An entry. All its octets lie in one buffer, so that an entry with a hundred values costs two allocations.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) name: DistinguishedName,
    pub(super) line: u64,
    pub(super) octets: Vec<u8>,
    pub(super) slots: Vec<Slot>,
}

/// Where one value lies in the octets of its entry.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) line: u64,
    pub(super) name: Range<usize>,
    pub(super) options: Range<usize>,
    pub(super) value: Range<usize>,
}

/// One value of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attribute<'a> {
    /// The name of the attribute, as it was written; case has no meaning.
    pub name: &'a str,
    /// Its options without the first semicolon, such as `lang-de` or `range=0-1499`; empty if there are none.
    pub options: &'a str,
    /// The value, decoded.
    pub value: &'a [u8],
    /// The line it begins at.
    pub line: u64,
}

impl Entry {
    /// The name of the object.
    #[must_use]
    pub fn name(&self) -> &DistinguishedName {
        &self.name
    }

    /// The line of the name.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// All values, in their order.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.slots.iter().map(|slot| self.attribute(slot))
    }

    /// The values of one attribute, whatever its options.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Attribute<'a>> + 'a {
        let is_it = move |slot: &&Slot| self.octets[slot.name.clone()].eq_ignore_ascii_case(name.as_bytes());
        self.slots.iter().filter(is_it).map(|slot| self.attribute(slot))
    }

    /// The first value of an attribute that is not empty. One without options goes before one in a language.
    #[must_use]
    pub fn first<'a>(&'a self, name: &'a str) -> Option<Attribute<'a>> {
        let mut found: Option<Attribute<'a>> = None;
        for attribute in self.all(name).filter(|attribute| !attribute.value.is_empty()) {
            if attribute.is_plain() {
                return Some(attribute);
            }
            found = found.or(Some(attribute));
        }
        found
    }

    fn attribute(&self, slot: &Slot) -> Attribute<'_> {
        let text = |range: &Range<usize>| {
            str::from_utf8(&self.octets[range.clone()]).expect("the reader lets only ASCII into names")
        };
        Attribute {
            name: text(&slot.name),
            options: text(&slot.options),
            value: &self.octets[slot.value.clone()],
            line: slot.line,
        }
    }
}

impl<'a> Attribute<'a> {
    /// The value as text.
    ///
    /// # Errors
    /// [`LdifTrouble::NotText`] when it is not UTF-8.
    pub fn text(&self) -> Result<&'a str, LdifFault> {
        str::from_utf8(self.value).map_err(|_| LdifTrouble::NotText(self.called()).at(self.line))
    }

    /// Whether there is no option that makes it another value than the attribute's own.
    fn is_plain(&self) -> bool {
        self.options.is_empty() || self.options.eq_ignore_ascii_case("binary")
    }

    /// The attribute with its options, as it was written.
    pub(super) fn called(&self) -> String {
        if self.options.is_empty() { self.name.to_owned() } else { format!("{};{}", self.name, self.options) }
    }
}
