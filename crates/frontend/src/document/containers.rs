//! Containers: who may see which of a person's publications ([MS-PRES] 2.2.2.5, 2.2.2.6).
//! Keeps nothing; publications name their container themselves.

use std::collections::{BTreeMap, BTreeSet};

use chat::Address;

use crate::document::stale::Stale;
use crate::document::xml::{Bounds, Element, Unreadable, begin, empty, end, read as read_xml};
use crate::limits::CONTAINER_MEMBERS_MAX;

/// The type of the body that changes members.
pub(crate) const MEDIA_TYPE: &str = "application/msrtc-setcontainermembers+xml";
/// Members of this container see nothing and think the person offline.
pub(crate) const BLOCKED: u32 = 32_000;
/// Containers below this one serve the person and the server, not others.
const FIRST_FOR_OTHERS: u32 = 100;
/// Longest value of a member, in octets: an address or a domain.
const MEMBER_OCTETS_MAX: usize = chat::limits::ADDRESS_BYTES_MAX;

/// All containers of a person that have, or had, members.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Containers(BTreeMap<u32, Container>);

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Container {
    version: u64,
    members: BTreeSet<Member>,
}

/// Whom a container is for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Member {
    kind: Kind,
    /// A person's address or a domain, in lower case; `None` for the kinds that name neither.
    value: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Kind {
    User,
    Domain,
    SameEnterprise,
    Federated,
    PublicCloud,
    Everyone,
}

/// What is asked of one container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    id: u32,
    version: u64,
    /// In order; `true` adds.
    members: Vec<(bool, Member)>,
}

/// Why nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Unchanged {
    Stale(Vec<Stale>),
    Full,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::User, Self::Domain, Self::SameEnterprise, Self::Federated, Self::PublicCloud, Self::Everyone];

    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Domain => "domain",
            Self::SameEnterprise => "sameEnterprise",
            Self::Federated => "federated",
            Self::PublicCloud => "publicCloud",
            Self::Everyone => "everyone",
        }
    }
}

/// Reads the body that changes members.
pub(crate) fn read(body: &[u8]) -> Result<Vec<Change>, Unreadable> {
    let root = read_xml(body, Bounds::BODY)?;
    if root.local() != "setContainerMembers" {
        return Err(Unreadable::Wrong("setContainerMembers is expected"));
    }
    let mut changes: Vec<Change> = Vec::new();
    for container in root.named("container") {
        let id = container.number("id")?.ok_or(Unreadable::Wrong("a container has an id"))?;
        if changes.iter().any(|other| other.id == id) {
            return Err(Unreadable::Wrong("one container stands twice"));
        }
        let version = container.number("version")?.unwrap_or(0);
        let members = container.named("member").map(|element| {
            let adds = match element.attribute("action") {
                Some("add") => true,
                Some("remove") => false,
                _ => return Err(Unreadable::Wrong("an action is add or remove")),
            };
            Ok((adds, member(element)?))
        });
        changes.push(Change { id, version, members: members.collect::<Result<_, _>>()? });
    }
    Ok(changes)
}

fn member(element: &Element) -> Result<Member, Unreadable> {
    let word = element.attribute("type").unwrap_or_default();
    let kind = Kind::ALL.into_iter().find(|known| known.as_str() == word);
    let kind = kind.ok_or(Unreadable::Wrong("members of this type are not known"))?;
    if !matches!(kind, Kind::User | Kind::Domain) {
        return Ok(Member { kind, value: None });
    }
    // What is checked is what is kept, so that it is read again as the same: lower case can be longer.
    let value = element.attribute("value").unwrap_or_default().to_lowercase();
    let value = value.trim_start_matches("sip:");
    if value.is_empty() || value.len() > MEMBER_OCTETS_MAX {
        return Err(Unreadable::Wrong("a member of type user or domain has a value"));
    }
    Ok(Member { kind, value: Some(value.to_owned()) })
}

impl Containers {
    /// Reads what [`Containers::to_bytes`] gave; what cannot be read is as if it were not there.
    pub(crate) fn from_bytes(kept: &[u8]) -> Self {
        let read = || {
            let root = read_xml(kept, Bounds::KEPT).ok()?;
            let container = |element: &Element| {
                let members = element.named("member").map(member).collect::<Result<_, _>>().ok()?;
                let version = element.number("version").ok()??;
                Some((element.number("id").ok()??, Container { version, members }))
            };
            Some(Self(root.named("container").filter_map(container).collect()))
        };
        read().unwrap_or_default()
    }

    /// The form in which they are kept.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = String::new();
        begin(&mut out, "containers", &[]);
        self.print(&mut out);
        end(&mut out, "containers");
        out.into_bytes()
    }

    /// Whether nobody ever was a member of any.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Changes all of them or, when a version is not the present one or there would be too many or too long members, none.
    pub(crate) fn change(&mut self, changes: &[Change]) -> Result<(), Unchanged> {
        let current = |id| self.0.get(&id).map_or(0, |container| container.version);
        let stale: Vec<Stale> = changes
            .iter()
            .zip(1..)
            .map(|(change, index)| Stale { index, version: change.version, current: current(change.id) })
            .filter(|stale| stale.version != stale.current)
            .collect();
        if !stale.is_empty() {
            return Err(Unchanged::Stale(stale));
        }
        let mut changed = self.clone();
        for change in changes {
            let container = changed.0.entry(change.id).or_default();
            container.version += 1;
            for (adds, member) in &change.members {
                if *adds {
                    container.members.insert(member.clone());
                } else {
                    container.members.remove(member);
                }
            }
        }
        let members: usize = changed.0.values().map(|container| container.members.len().max(1)).sum();
        if members > CONTAINER_MEMBERS_MAX || changed.to_bytes().len() > Bounds::KEPT.octets {
            return Err(Unchanged::Full);
        }
        *self = changed;
        Ok(())
    }

    /// The container whose publications this watcher sees: that of the most exact member. `domain` is our own.
    pub(crate) fn level(&self, watcher: &Address, domain: &str) -> Option<u32> {
        let address = watcher.as_str().strip_prefix("sip:").unwrap_or(watcher.as_str());
        let applies = |member: &Member| match member.kind {
            Kind::User => member.value.as_deref() == Some(address),
            Kind::Domain => member.value.as_deref() == Some(watcher.domain()),
            Kind::SameEnterprise => watcher.domain() == domain,
            Kind::Federated => watcher.domain() != domain,
            Kind::PublicCloud => false,
            Kind::Everyone => true,
        };
        let all = self.0.iter().filter(|(id, _)| **id >= FIRST_FOR_OTHERS);
        let found = all.flat_map(|(id, container)| {
            container.members.iter().filter(|member| applies(member)).map(|member| (member.kind, *id))
        });
        found.min_by_key(|(kind, id)| (*kind, u32::MAX - *id)).map(|(_, id)| id)
    }

    /// Appends all of them.
    pub(crate) fn print(&self, out: &mut String) {
        for (id, container) in &self.0 {
            let (id, version) = (id.to_string(), container.version.to_string());
            begin(out, "container", &[("id", &id), ("version", &version)]);
            container.members.iter().for_each(|member| member.print(out));
            end(out, "container");
        }
    }
}

impl Member {
    fn print(&self, out: &mut String) {
        let kind = ("type", self.kind.as_str());
        match &self.value {
            Some(value) => empty(out, "member", &[kind, ("value", value)]),
            None => empty(out, "member", &[kind]),
        }
    }
}
