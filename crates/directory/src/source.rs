//! What any source of people says: its objects, one after the other, and what it passed over.
//! Compares nothing and keeps nothing; `census.rs` gathers what a source says and `compare.rs` finds what it changes.

use std::collections::BTreeMap;

use chat::{Address, DisplayName};
use uuid::Uuid;

use crate::distinguished_name::DistinguishedName;
use crate::ldif::LdifFault;

/// Most kinds of passed over objects that are counted by name (ours: schemas of directories have some hundred classes).
const CLASSES_MAX: usize = 1_000;
/// Most unusable addresses that are listed; all are counted (ours: more is nothing to read).
const NOTES_MAX: usize = 100;

/// A place where it is said who people are: an export, the local accounts.
///
/// It yields each object once, in any order, and ends at the first fault. What it does not yield does not exist any more: a source
/// is always the whole of what it stands for.
pub trait DirectorySource: Iterator<Item = Result<Object, SourceFault>> {
    /// The name under which the objects are kept apart from those of other sources.
    fn name(&self) -> &str;

    /// What was passed over up to now.
    fn passed_over(&self) -> PassedOver {
        PassedOver::default()
    }
}

/// What an object is to persistent chat.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ObjectKind {
    /// A domain of the directory.
    Domain,
    /// An organizational unit or another folder.
    Container,
    /// A group of people and groups.
    Group,
    /// Somebody who may sign on.
    Person,
}

/// A name under which a group is somebody's primary group: such a membership is written nowhere else.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum GroupKey {
    /// The security identifier ([MS-DTYP] 2.4.2.2), as octets.
    Sid(Box<[u8]>),
    /// The group number of POSIX (RFC 2307, 5.3).
    Gid(u64),
}

/// One object of a directory, as any source says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Object {
    /// The identity: it stays when the name, the place and the address change.
    pub guid: Uuid,
    /// What it is.
    pub kind: ObjectKind,
    /// The name, which says where it is.
    pub name: DistinguishedName,
    /// What people read.
    pub display_name: DisplayName,
    /// Where a person is reached; none for everything else and for people who are not SIP-enabled.
    pub address: Option<Address>,
    /// Whether a person may sign on; `true` for everything else.
    pub enabled: bool,
    /// The mail address, as it was written.
    pub mail: Option<Box<str>>,
    /// The account name by which `member_uids` of groups name a person, as it was written.
    pub uid: Option<Box<str>>,
    /// Members of a group, direct ones only.
    pub members: Vec<DistinguishedName>,
    /// Members of a group by account name (RFC 2307, 5.3).
    pub member_uids: Vec<Box<str>>,
    /// Groups this object is a direct member of, as far as it says so itself.
    pub member_of: Vec<DistinguishedName>,
    /// Under which keys a group can be a primary group.
    pub group_keys: Vec<GroupKey>,
    /// The keys of a person's primary groups.
    pub primary_groups: Vec<GroupKey>,
    /// Where the list of members was cut by the directory: the line of the last piece.
    pub members_cut: Option<u64>,
    /// The line it begins at, counted from 1; 0 in a source without lines.
    pub line: u64,
}

/// What a source saw and did not yield, for the report.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PassedOver {
    /// How many objects of each class that is neither a person nor a group, container or domain.
    pub classes: BTreeMap<Box<str>, u64>,
    /// How many objects were of still other classes, once too many were counted by name.
    pub other_classes: u64,
    /// How many addresses could not be used; their people are taken as not SIP-enabled.
    pub bad_addresses: u64,
    /// The first of these: line, and what is wrong.
    pub notes: Vec<(u64, String)>,
}

/// Why a source cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum SourceFault {
    /// The export cannot be understood.
    #[error(transparent)]
    Ldif(#[from] LdifFault),
}

impl PassedOver {
    /// Counts an object of this class.
    pub(crate) fn count(&mut self, class: &str) {
        if let Some(count) = self.classes.get_mut(class) {
            *count += 1;
        } else if self.classes.len() < CLASSES_MAX {
            self.classes.insert(class.into(), 1);
        } else {
            self.other_classes += 1;
        }
    }

    /// Notes an address that cannot be used.
    pub(crate) fn note(&mut self, line: u64, what: String) {
        self.bad_addresses += 1;
        if self.notes.len() < NOTES_MAX {
            self.notes.push((line, what));
        }
    }
}
