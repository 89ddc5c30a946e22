//! A census: all that a source says of who there is, gathered and put together: who is in which container and which group.
//! Compares with nothing that was known before; that is `compare.rs`.
//!
//! Of a person some hundred octets are kept, of a membership eight: the lists of names are gone once they are understood.

use std::collections::HashMap;
use std::hash::Hash;

use chat::{Address, DisplayName};
use uuid::Uuid;

use crate::affiliation::Graph;
use crate::distinguished_name::DistinguishedName;
use crate::source::{DirectorySource, GroupKey, Object, ObjectKind, PassedOver, SourceFault};

/// Most objects of a source (ours: those of the largest file, and as many again).
pub const OBJECTS_MAX: usize = 4_000_000;
/// Most memberships of a source, each as often as it is said (ours: 200 for each of 200,000 people).
pub const MEMBERSHIPS_MAX: usize = 40_000_000;

/// All objects of a source and who is directly in what. Objects are numbered from 0 in the order of the source.
#[derive(Debug)]
pub struct Census {
    source: String,
    objects: Vec<Listed>,
    containers: Vec<Option<u32>>,
    memberships: Vec<(u32, u32)>,
    by_guid: HashMap<Uuid, u32>,
    names: Roll<Box<str>>,
    outside: Outside,
    passed_over: PassedOver,
}

/// One object of a census.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// The identity.
    pub guid: Uuid,
    /// What it is.
    pub kind: ObjectKind,
    /// The name.
    pub name: DistinguishedName,
    /// What people read.
    pub display_name: DisplayName,
    /// Where a person is reached, if the person is SIP-enabled.
    pub address: Option<Address>,
    /// Whether a person may sign on.
    pub enabled: bool,
    /// The mail address, as it was written.
    pub mail: Option<Box<str>>,
    /// The line it begins at; 0 in a source without lines.
    pub line: u64,
}

/// Memberships that lead out of what the source says, and so count for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Outside {
    /// Members of groups, by name, that are no person and no group of the source.
    pub members: u64,
    /// Groups, by name or key, that somebody says to be in and that the source does not have.
    pub groups: u64,
    /// Members of groups, by account name, whom the source does not have, or several times.
    pub accounts: u64,
}

/// Why there is no census.
#[derive(Debug, thiserror::Error)]
pub enum CensusFault {
    /// The source cannot be read to its end.
    #[error(transparent)]
    Source(#[from] SourceFault),
    /// Two objects where there can be one.
    #[error(
        "line {second}: the {what} {value} is that of line {first} already: each object may be there once; if the file was put together from several exports, leave out what is in both"
    )]
    Twice {
        /// `GUID` or `name`.
        what: &'static str,
        /// What both have.
        value: String,
        /// The line of the first.
        first: u64,
        /// The line of the second.
        second: u64,
    },
    /// A list of members that the directory cut, and that nobody else completes.
    #[error(
        "line {line}: the list of members of '{group}' was cut by the directory, and only {said} of its {listed} members here say themselves that they are in it: export memberOf of people and groups too, or all pieces of the list (range=0-1499, range=1500-2999, ...)"
    )]
    CutMembers {
        /// The group.
        group: DistinguishedName,
        /// The line of the last piece.
        line: u64,
        /// Members of the piece that are in the source.
        listed: usize,
        /// Those of the source who say to be in it.
        said: usize,
    },
    /// More than fits.
    #[error(
        "the source has more than {limit} {what}: leave out what is neither a person nor a group of people"
    )]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl Census {
    /// Reads a source to its end.
    ///
    /// # Errors
    /// [`CensusFault`] when the source fails, says something twice or exceeds a limit.
    pub fn take<S: DirectorySource + ?Sized>(source: &mut S) -> Result<Self, CensusFault> {
        let mut gathering = Gathering::default();
        for object in &mut *source {
            gathering.add(object?)?;
        }
        gathering.put_together(source.name().to_owned(), source.passed_over())
    }

    /// The name of the source.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// All objects, by number.
    #[must_use]
    pub fn objects(&self) -> &[Listed] {
        &self.objects
    }

    /// The number of the object with this GUID.
    #[must_use]
    pub fn find(&self, guid: Uuid) -> Option<u32> {
        self.by_guid.get(&guid).copied()
    }

    /// The number of the object with this folded name.
    #[must_use]
    pub fn find_name(&self, folded: &str) -> Option<u32> {
        self.names.ids.get(folded).and_then(|id| self.names.bearer(*id))
    }

    /// The nearest container or domain of the source that an object is in.
    #[must_use]
    pub fn container(&self, object: u32) -> Option<u32> {
        self.containers[object as usize]
    }

    /// Direct memberships as (group, member), in rising order, each once.
    #[must_use]
    pub fn memberships(&self) -> &[(u32, u32)] {
        &self.memberships
    }

    /// Memberships that lead out of the source.
    #[must_use]
    pub fn outside(&self) -> Outside {
        self.outside
    }

    /// What the source passed over.
    #[must_use]
    pub fn passed_over(&self) -> &PassedOver {
        &self.passed_over
    }

    /// Who is directly in what, to find all affiliations.
    #[must_use]
    pub fn graph(&self) -> Graph {
        let mut graph = Graph::new(self.objects.len() as u32);
        for (object, container) in (0..).zip(&self.containers) {
            if let Some(container) = container {
                graph.contain(object, *container);
            }
        }
        for (group, member) in &self.memberships {
            graph.join(*member, *group);
        }
        graph
    }
}

/// Keys, numbered as they are first spoken of, and the object that bears each.
#[derive(Debug)]
struct Roll<K> {
    ids: HashMap<K, u32>,
    bearers: Vec<Bearer>,
}

/// Who bears a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bearer {
    Nobody,
    One(u32),
    Several,
}

/// A source while it is read: objects, and memberships by the numbers of keys.
#[derive(Default)]
struct Gathering {
    objects: Vec<Listed>,
    by_guid: HashMap<Uuid, u32>,
    names: Roll<Box<str>>,
    accounts: Roll<Box<str>>,
    keys: Roll<GroupKey>,
    /// Group and name of a member.
    members: Vec<(u32, u32)>,
    /// Group and account name of a member.
    member_accounts: Vec<(u32, u32)>,
    /// Member and name of a group.
    member_of: Vec<(u32, u32)>,
    /// Member and key of a group.
    primary: Vec<(u32, u32)>,
    /// Groups whose list was cut, and the line.
    cut: Vec<(u32, u64)>,
}

impl Gathering {
    fn add(&mut self, object: Object) -> Result<(), CensusFault> {
        if self.objects.len() >= OBJECTS_MAX {
            return Err(CensusFault::TooMany { what: "objects", limit: OBJECTS_MAX });
        }
        let number = self.objects.len() as u32;
        let twice = |what, value, before: u32, objects: &[Listed]| {
            let first = objects[before as usize].line;
            Err(CensusFault::Twice { what, value, first, second: object.line })
        };
        if let Some(before) = self.by_guid.insert(object.guid, number) {
            return twice("GUID", object.guid.to_string(), before, &self.objects);
        }
        if let Bearer::One(before) = self.names.bear(object.name.folded().into(), number) {
            return twice("name", object.name.to_string(), before, &self.objects);
        }
        if let (ObjectKind::Person, Some(uid)) = (object.kind, &object.uid) {
            self.accounts.bear(chat::folded(uid).into(), number);
        }
        for key in object.group_keys {
            self.keys.bear(key, number);
        }
        self.members
            .extend(object.members.into_iter().map(|name| (number, self.names.id(name.into_folded()))));
        let accounts =
            object.member_uids.iter().map(|uid| (number, self.accounts.id(chat::folded(uid).into())));
        self.member_accounts.extend(accounts);
        self.member_of
            .extend(object.member_of.into_iter().map(|name| (number, self.names.id(name.into_folded()))));
        self.primary.extend(object.primary_groups.into_iter().map(|key| (number, self.keys.id(key))));
        self.cut.extend(object.members_cut.map(|line| (number, line)));
        let said =
            self.members.len() + self.member_accounts.len() + self.member_of.len() + self.primary.len();
        if said > MEMBERSHIPS_MAX {
            return Err(CensusFault::TooMany { what: "memberships", limit: MEMBERSHIPS_MAX });
        }
        self.objects.push(Listed {
            guid: object.guid,
            kind: object.kind,
            name: object.name,
            display_name: object.display_name,
            address: object.address,
            enabled: object.enabled,
            mail: object.mail,
            line: object.line,
        });
        Ok(())
    }

    fn put_together(self, source: String, passed_over: PassedOver) -> Result<Census, CensusFault> {
        let containers = self.objects.iter().map(|object| self.container(&object.name)).collect();
        let mut outside = Outside::default();
        let mut memberships = Vec::with_capacity(self.members.len() + self.member_of.len());
        for (group, name) in &self.members {
            match self.names.bearer(*name).filter(|member| self.can_join(*member)) {
                Some(member) => memberships.push((*group, member)),
                None => outside.members += 1,
            }
        }
        self.check_cut(&memberships)?;
        for (group, account) in &self.member_accounts {
            match self.accounts.bearer(*account) {
                Some(member) => memberships.push((*group, member)),
                None => outside.accounts += 1,
            }
        }
        let by_name = self.member_of.iter().map(|(member, name)| (*member, self.names.bearer(*name)));
        let by_key = self.primary.iter().map(|(member, key)| (*member, self.keys.bearer(*key)));
        for (member, group) in by_name.chain(by_key) {
            match group.filter(|group| self.kind(*group) == ObjectKind::Group) {
                Some(group) if self.can_join(member) => memberships.push((group, member)),
                _ => outside.groups += 1,
            }
        }
        memberships.sort_unstable();
        memberships.dedup();
        let Self { objects, by_guid, names, .. } = self;
        Ok(Census { source, objects, containers, memberships, by_guid, names, outside, passed_over })
    }

    /// The nearest container or domain in a name.
    fn container(&self, name: &DistinguishedName) -> Option<u32> {
        let bearers = name.ancestors().filter_map(|name| self.names.bearer(*self.names.ids.get(name)?));
        let holds = |bearer: &u32| matches!(self.kind(*bearer), ObjectKind::Container | ObjectKind::Domain);
        let mut containers = bearers.filter(holds);
        containers.next()
    }

    /// A list that was cut is good only if the members say the same: then they say all of it.
    fn check_cut(&self, listed: &[(u32, u32)]) -> Result<(), CensusFault> {
        let mut counts: HashMap<u32, (usize, usize)> =
            self.cut.iter().map(|(group, _)| (*group, (0, 0))).collect();
        if counts.is_empty() {
            return Ok(());
        }
        for (group, _) in listed {
            counts.entry(*group).and_modify(|(listed, _)| *listed += 1);
        }
        for (_, name) in &self.member_of {
            let group = self.names.bearer(*name);
            group.map(|group| counts.entry(group).and_modify(|(_, said)| *said += 1));
        }
        for (group, line) in &self.cut {
            let (listed, said) = counts[group];
            if said < listed {
                let name = self.objects[*group as usize].name.clone();
                return Err(CensusFault::CutMembers { group: name, line: *line, listed, said });
            }
        }
        Ok(())
    }

    fn can_join(&self, member: u32) -> bool {
        matches!(self.kind(member), ObjectKind::Person | ObjectKind::Group)
    }

    fn kind(&self, object: u32) -> ObjectKind {
        self.objects[object as usize].kind
    }
}

impl<K: Hash + Eq> Roll<K> {
    /// The number of a key.
    fn id(&mut self, key: K) -> u32 {
        let fresh = self.bearers.len() as u32;
        let id = *self.ids.entry(key).or_insert(fresh);
        if id == fresh {
            self.bearers.push(Bearer::Nobody);
        }
        id
    }

    /// Says who bears a key, and gives back who did.
    fn bear(&mut self, key: K, object: u32) -> Bearer {
        let id = self.id(key);
        let bearer = &mut self.bearers[id as usize];
        let now = if *bearer == Bearer::Nobody { Bearer::One(object) } else { Bearer::Several };
        std::mem::replace(bearer, now)
    }

    /// The one who bears a key.
    fn bearer(&self, id: u32) -> Option<u32> {
        match self.bearers[id as usize] {
            Bearer::One(object) => Some(object),
            Bearer::Nobody | Bearer::Several => None,
        }
    }
}

impl<K> Default for Roll<K> {
    fn default() -> Self {
        Self { ids: HashMap::new(), bearers: Vec::new() }
    }
}
