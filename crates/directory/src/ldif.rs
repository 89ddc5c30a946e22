//! Directory exports as files in the LDAP Data Interchange Format (RFC 2849), as a source of people.
//! Opens no file and asks no directory: octets come in, objects go out.
//!
//! | file | what |
//! | --- | --- |
//! | `ldif/lines.rs` | lines: folded ones put together, numbers counted, limits kept |
//! | `ldif/reader.rs` | the grammar: lines become entries |
//! | `ldif/entry.rs` | one entry and its values |
//! | `ldif/mapping.rs` | what an entry means: the schemas of Active Directory and of OpenLDAP and its kin |
//! | `ldif/value.rs` | values that are not text: GUIDs, security identifiers, numbers |
//! | `ldif/fault.rs` | what can be wrong, each with its line |
//!
//! Of a file, one line and one entry are in memory at a time.

mod entry;
mod fault;
mod lines;
mod mapping;
mod reader;
mod value;

use std::io::BufRead;

pub use self::entry::{Attribute, Entry};
pub use self::fault::{LdifFault, LdifTrouble};
pub use self::mapping::Mapping;
pub use self::reader::Reader;

use crate::source::{DirectorySource, Object, PassedOver, SourceFault};

/// How much of what a file may hold; a file that goes beyond is refused at the line that does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LdifLimits {
    /// Longest line once the folded ones are put together, in octets.
    pub line_octets_max: usize,
    /// Longest value, in octets.
    pub value_octets_max: usize,
    /// Most values of one entry.
    pub values_max: usize,
    /// Longest entry, in octets of names and values.
    pub entry_octets_max: usize,
    /// Most entries of a file.
    pub entries_max: u64,
}

impl Default for LdifLimits {
    fn default() -> Self {
        Self {
            // Ours: a value of the longest kind in base64, with its name.
            line_octets_max: 6 << 20,
            // Ours: photos are the longest values of people; thumbnails end at 100 KB, others at some megabytes.
            value_octets_max: 4 << 20,
            // Ours: a group of a million members; Microsoft tests groups of that size and promises none beyond.
            values_max: 1_000_000,
            // Ours: as many members with names of 128 octets.
            entry_octets_max: 128 << 20,
            // Ours: ten times the largest pool that is documented (80,000 people) with its groups and computers.
            entries_max: 2_000_000,
        }
    }
}

/// An export that is read as a source of people.
pub struct LdifSource<R> {
    name: String,
    reader: Reader<R>,
    mapping: Mapping,
    passed_over: PassedOver,
    has_ended: bool,
}

impl<R: BufRead> LdifSource<R> {
    /// A source of this name over these octets.
    pub fn new(name: impl Into<String>, input: R, mapping: Mapping) -> Self {
        Self::with_limits(name, input, mapping, LdifLimits::default())
    }

    /// The same with limits of one's own.
    pub fn with_limits(name: impl Into<String>, input: R, mapping: Mapping, limits: LdifLimits) -> Self {
        let reader = Reader::new(input, limits);
        Self { name: name.into(), reader, mapping, passed_over: PassedOver::default(), has_ended: false }
    }

    /// The number of the last line that was read, for showing how far it got.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.reader.line()
    }

    fn next_object(&mut self) -> Result<Option<Object>, LdifFault> {
        while let Some(entry) = self.reader.next_entry()? {
            if let Some(object) = self.mapping.object(&entry, &mut self.passed_over)? {
                return Ok(Some(object));
            }
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for LdifSource<R> {
    type Item = Result<Object, SourceFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let next = self.next_object().map_err(SourceFault::from).transpose();
        self.has_ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: BufRead> DirectorySource for LdifSource<R> {
    fn name(&self) -> &str {
        &self.name
    }

    fn passed_over(&self) -> PassedOver {
        self.passed_over.clone()
    }
}
