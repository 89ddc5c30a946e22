//! What rules need to know beside the document: what is published now, and what was seen of the world.
//! Nothing is looked up here; whoever publishes looks, and says what was found.

use std::collections::{BTreeMap, BTreeSet};

use core::net::IpAddr;

use crate::document::{InstanceName, Topology};
use crate::word::{Fqdn, Identity};

/// What rules need to know beside the document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The topology that is published now.
    pub published: Option<&'a Topology>,
    /// What was seen of the world; while a topology is being defined nothing is, and rules about it are silent.
    pub seen: Option<&'a Seen>,
    /// Pools into which data of an older product is to be brought.
    pub legacy_targets: Option<&'a BTreeSet<Fqdn>>,
}

/// What was seen of the world by whoever is about to publish. What is missing here was looked for and not found.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The addresses DNS gave for a name.
    pub addresses: BTreeMap<Fqdn, BTreeSet<IpAddr>>,
    /// The file stores that exist.
    pub file_stores: BTreeMap<Identity, FileSystem>,
    /// The instances that answer, with the main number of their version.
    pub instances: BTreeMap<InstanceName, u32>,
    /// The file systems on which machines keep the program and its data, as far as they are known.
    pub machines: BTreeMap<Fqdn, FileSystem>,
}

/// A type of file system, as the operating system calls it: `ext4`, `nfs4`, `vfat`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileSystem(pub String);

/// File systems that keep nobody from reading a file.
const OPEN_TO_ALL: [&str; 8] = ["fat", "fat12", "fat16", "fat32", "vfat", "msdos", "exfat", "umsdos"];

impl<'a> Facts<'a> {
    /// While a topology is being defined: nothing was seen.
    #[must_use]
    pub fn defining(published: Option<&'a Topology>) -> Self {
        Self { published, seen: None, legacy_targets: None }
    }

    /// When a topology is about to be published.
    #[must_use]
    pub fn publishing(published: Option<&'a Topology>, seen: &'a Seen) -> Self {
        Self { published, seen: Some(seen), legacy_targets: None }
    }
}

impl FileSystem {
    /// Whether it can keep people from files that are not theirs.
    #[must_use]
    pub fn guards_files(&self) -> bool {
        !OPEN_TO_ALL.iter().any(|open| self.0.eq_ignore_ascii_case(open))
    }
}
