//! A topology from elsewhere: a document of our own form, or the XML of the original, which is experimental: its form was never
//! published, and is read as far as it is known. Attributes that mean nothing here are passed over; elements and roles never are.
//! Whether what came out may be published is said by the rules.

mod collect;
mod convert;
mod known;
mod xml;

use std::fmt;

use crate::document::Topology;
use crate::finding::Object;
use crate::limits::{ORIGINAL_BYTES_MAX, UNKNOWN_LISTED_MAX};
use crate::text::{TextFault, parse};
use crate::word::BadWord;

/// What an import gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The topology. Rules may be broken: what the original says elsewhere, or nowhere, is missing.
    pub topology: Topology,
    /// What was not understood and is not in the topology; nothing unless unknown things were accepted.
    pub unknown: Vec<Unknown>,
    /// What was understood and is not the same here, or had to be assumed.
    pub remarks: Vec<Remark>,
}

/// A namespace, element or role that is not known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unknown {
    /// What it is.
    pub kind: UnknownKind,
    /// Its name, at most 80 characters of it.
    pub name: String,
    /// Where it stands first: the elements around it.
    pub within: String,
    /// How often it stands in the document.
    pub count: usize,
}

/// What is not known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum UnknownKind {
    /// A namespace; whatever is in it is left out.
    Namespace,
    /// An element of a known namespace; it is left out with what it holds.
    Element,
    /// A role of a service; the service is left out.
    Role,
}

/// Something to know about an imported object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// The object.
    pub object: Object,
    /// What is to be known, as a clause without an end.
    pub says: &'static str,
}

/// Whether an import goes on when there is something it does not know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strictness {
    /// It fails with a list.
    Refuse,
    /// It leaves that out, and lists it.
    Accept,
}

/// Why there is no import.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ImportFault {
    /// It is a document of our own form, and cannot be read.
    #[error(transparent)]
    Own(#[from] TextFault),
    /// It is longer than any topology.
    #[error("the document has {size} octets, {ORIGINAL_BYTES_MAX} at most: is it a topology?")]
    TooLarge {
        /// Its length in octets.
        size: usize,
    },
    /// It is in an encoding that is not read.
    #[error("the document is neither UTF-8 nor UTF-16: save it as UTF-8")]
    Encoding,
    /// It is no XML.
    #[error("octet {at}: {what}: this is not well-formed XML; export the topology again")]
    Malformed {
        /// How many octets of the text in UTF-8 stand before it.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// It defines a document type or entities of its own, which no topology does.
    #[error(
        "the document defines a document type or uses entities of its own, which no topology does: take that out"
    )]
    Entities,
    /// It has more of something than any topology.
    #[error("the document has more than {limit} {what}: is it a topology?")]
    Excess {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// It is XML, and no topology.
    #[error(
        "the document begins with <{root}>, and a topology with <Topology> or <TopologyBuilder> of its namespace: export it with Get-CsTopology -AsXml, or take the file of the builder"
    )]
    NotATopology {
        /// The outermost element.
        root: String,
    },
    /// There is something that is not known.
    #[error("{total} names are not known, and what they hold would be lost:{}\naccept unknown names to leave all of it out", listed(.unknown))]
    Unknown {
        /// The first of them.
        unknown: Vec<Unknown>,
        /// How many there are.
        total: usize,
    },
    /// A value that cannot be one.
    #[error("{place}: {fault}")]
    BadValue {
        /// The element and attribute.
        place: &'static str,
        /// What is wrong with it.
        fault: BadWord,
    },
    /// A value that is missing, or names nothing.
    #[error("{place} {what}: the document is damaged; export the topology again")]
    Damaged {
        /// The element.
        place: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Imports a document: XML when it begins as XML does, our own form otherwise.
///
/// # Errors
/// When it cannot be read; when something in it is not known and `strictness` refuses that.
pub fn import(octets: &[u8], strictness: Strictness) -> Result<Imported, ImportFault> {
    if !begins_as_xml(octets) {
        let topology = parse(octets)?;
        return Ok(Imported { topology, unknown: Vec::new(), remarks: Vec::new() });
    }
    if octets.len() > ORIGINAL_BYTES_MAX {
        return Err(ImportFault::TooLarge { size: octets.len() });
    }
    let root = xml::read(&xml::decode(octets)?)?;
    let (original, unknown) = collect::collect(&root)?;
    if strictness == Strictness::Refuse && !unknown.is_empty() {
        let total = unknown.len();
        let unknown = unknown.into_iter().take(UNKNOWN_LISTED_MAX).collect();
        return Err(ImportFault::Unknown { unknown, total });
    }
    let (topology, remarks) = convert::convert(&original)?;
    Ok(Imported { topology, unknown, remarks })
}

/// Whether the first character after a mark and blanks opens markup, in UTF-8 or UTF-16.
fn begins_as_xml(octets: &[u8]) -> bool {
    if octets.starts_with(&[0xFF, 0xFE]) || octets.starts_with(&[0xFE, 0xFF]) {
        return true;
    }
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    octets.iter().find(|octet| !octet.is_ascii_whitespace()) == Some(&b'<')
}

fn listed(unknown: &[Unknown]) -> String {
    unknown.iter().map(|unknown| format!("\n  {unknown}")).collect()
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            UnknownKind::Namespace => "namespace",
            UnknownKind::Element => "element",
            UnknownKind::Role => "role",
        };
        write!(f, "{kind} {} in {}", self.name, self.within)?;
        if self.count > 1 { write!(f, ", {} times", self.count) } else { Ok(()) }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.object, self.says)
    }
}
