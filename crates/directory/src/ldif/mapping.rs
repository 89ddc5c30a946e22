//! What an entry of an export means: the schemas of Active Directory, and of OpenLDAP and 389 Directory Server.
//! Looks at one entry at a time; who is member of what is put together in `census.rs`.
//!
//! | | Active Directory | OpenLDAP, 389 Directory Server |
//! | --- | --- | --- |
//! | identity | `objectGUID` | `entryUUID`, `nsUniqueId` |
//! | person | `user`, `inetOrgPerson` | `inetOrgPerson`, `organizationalPerson`, `person` |
//! | group | `group` | `groupOfNames`, `groupOfUniqueNames`, `posixGroup` |
//! | container | `organizationalUnit`, plain `container`, `builtinDomain` | `organizationalUnit`, `organization` |
//! | domain | `domainDNS` | `domain`, `dcObject` |
//! | address | `msRTCSIP-PrimaryUserAddress`, `proxyAddresses` | an attribute that is named, or `mail` |
//! | disabled | bit 2 of `userAccountControl`, `msRTCSIP-UserEnabled: FALSE` | locked for ever, `nsAccountLock` |
//! | members | `member` whole or in ranges, `memberOf`, `primaryGroupID` | `member`, `uniqueMember`, `memberUid`, `memberOf`, `gidNumber` |

use chat::{Address, DisplayName, SERVER_USERS};
use uuid::Uuid;

use super::entry::{Attribute, Entry};
use super::fault::{LdifFault, LdifTrouble};
use super::value::sibling;
use crate::distinguished_name::DistinguishedName;
use crate::source::{GroupKey, Object, ObjectKind, PassedOver};

/// What an administrator says of an export.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Mapping {
    /// The attribute that holds the address, with or without `sip:`. Where it is missing, the usual ones are looked at.
    pub address_attribute: Option<String>,
    /// Whether a person without any other address is reached under the one of mail.
    pub address_from_mail: bool,
}

/// What a class says of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Meaning {
    /// It is one of these.
    Is(ObjectKind),
    /// It is a container, unless another class says more: hundreds of objects inside a directory are containers, too.
    Folder,
    /// Whatever else it is, it is not meant: computers are users in Active Directory, and contacts are people elsewhere.
    Never,
    /// It adds nothing.
    Nothing,
}

/// What the known classes say.
const CLASSES: &[(&str, Meaning)] = &[
    ("top", Meaning::Nothing),
    ("computer", Meaning::Never),
    ("contact", Meaning::Never),
    ("group", Meaning::Is(ObjectKind::Group)),
    ("groupOfNames", Meaning::Is(ObjectKind::Group)),
    ("groupOfUniqueNames", Meaning::Is(ObjectKind::Group)),
    ("posixGroup", Meaning::Is(ObjectKind::Group)),
    ("user", Meaning::Is(ObjectKind::Person)),
    ("inetOrgPerson", Meaning::Is(ObjectKind::Person)),
    ("organizationalPerson", Meaning::Is(ObjectKind::Person)),
    ("person", Meaning::Is(ObjectKind::Person)),
    ("domainDNS", Meaning::Is(ObjectKind::Domain)),
    ("domain", Meaning::Is(ObjectKind::Domain)),
    ("dcObject", Meaning::Is(ObjectKind::Domain)),
    ("organizationalUnit", Meaning::Is(ObjectKind::Container)),
    ("organization", Meaning::Is(ObjectKind::Container)),
    ("builtinDomain", Meaning::Is(ObjectKind::Container)),
    ("container", Meaning::Folder),
];

/// Of several kinds an entry is the first of these.
const PRECEDENCE: [ObjectKind; 4] =
    [ObjectKind::Group, ObjectKind::Person, ObjectKind::Domain, ObjectKind::Container];

/// The bit of `userAccountControl` that disables an account ([MS-ADTS] 2.2.16).
const ACCOUNT_DISABLED: i64 = 2;

/// The time of a lock that an administrator set, and that no time ends (draft-behera-ldap-password-policy, 5.3.3).
const LOCKED_FOR_EVER: &[u8] = b"000001010000Z";

impl Mapping {
    /// The object that an entry stands for; none for an entry that is nothing to persistent chat, which is then counted.
    ///
    /// # Errors
    /// [`LdifFault`] when a value that matters cannot be understood, or when there is no identity.
    pub fn object(&self, entry: &Entry, passed_over: &mut PassedOver) -> Result<Option<Object>, LdifFault> {
        if says(entry, "isDeleted")? == Some(true) {
            passed_over.count("isDeleted");
            return Ok(None);
        }
        let kind = match kind(entry) {
            Ok(kind) => kind,
            Err(class) => {
                passed_over.count(class);
                return Ok(None);
            }
        };
        let (guid, name) = (guid(entry)?, entry.name().clone());
        let (is_person, is_group) = (kind == ObjectKind::Person, kind == ObjectKind::Group);
        let address = if is_person { self.address(entry, passed_over)? } else { None };
        let text_of = |attribute| entry.first(attribute).map(|found| found.text().map(Box::from)).transpose();
        let (members, members_cut) = if is_group { members(entry)? } else { (Vec::new(), None) };
        let mut object = Object {
            guid,
            kind,
            display_name: display_name(entry, kind)?,
            address,
            enabled: !is_person || is_enabled(entry)?,
            mail: text_of("mail")?,
            uid: if is_person { text_of("uid")? } else { None },
            members,
            member_uids: Vec::new(),
            member_of: names(entry, "memberOf")?,
            group_keys: if is_group { group_keys(entry)? } else { Vec::new() },
            primary_groups: if is_person { primary_groups(entry)? } else { Vec::new() },
            members_cut,
            line: entry.line(),
            name,
        };
        if is_group {
            for uid in entry.all("memberUid").filter(|uid| !uid.value.is_empty()) {
                object.member_uids.push(uid.text()?.into());
            }
        }
        Ok(Some(object))
    }

    /// The first address that is written anywhere. One that cannot be used is noted, and is none.
    fn address(&self, entry: &Entry, passed_over: &mut PassedOver) -> Result<Option<Address>, LdifFault> {
        let named = self.address_attribute.as_deref().and_then(|name| entry.first(name));
        let found = named
            .or_else(|| entry.first("msRTCSIP-PrimaryUserAddress"))
            .or_else(|| proxy_address(entry))
            .or_else(|| entry.first("mail").filter(|_| self.address_from_mail));
        let Some(found) = found else { return Ok(None) };
        let text = found.text()?.trim();
        let parsed = if has_scheme(text.as_bytes()) {
            Address::parse(text)
        } else {
            Address::parse(&format!("sip:{text}"))
        };
        match parsed {
            Ok(address) if SERVER_USERS.contains(&address.user()) => {
                passed_over.note(
                    found.line,
                    format!(
                        "the value of {} is an address of the server itself: give the person another",
                        found.name
                    ),
                );
                Ok(None)
            }
            Ok(address) => Ok(Some(address)),
            // What stands there is not repeated: the attribute is whichever somebody named, and may hold a password.
            Err(_) => {
                let what = format!("the value of {} is no address such as sip:ana@example.com", found.name);
                passed_over.note(found.line, what);
                Ok(None)
            }
        }
    }
}

/// What an entry is, or the class for which it is passed over.
fn kind(entry: &Entry) -> Result<ObjectKind, &str> {
    let (mut found, mut is_folder, mut other): (Option<usize>, bool, Option<&str>) = (None, false, None);
    for class in entry.all("objectClass") {
        let name = str::from_utf8(class.value).unwrap_or("?");
        let known = CLASSES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        match known.map(|(_, meaning)| *meaning) {
            Some(Meaning::Never) => return Err(name),
            Some(Meaning::Is(kind)) => {
                let rank = PRECEDENCE.iter().position(|preferred| *preferred == kind);
                found = found.map_or(rank, |before| rank.map(|rank| rank.min(before)));
            }
            Some(Meaning::Folder) => is_folder = true,
            Some(Meaning::Nothing) => (),
            None => other = Some(name),
        }
    }
    match found {
        Some(rank) => Ok(PRECEDENCE[rank]),
        None if is_folder && other.is_none() => Ok(ObjectKind::Container),
        None => Err(other.unwrap_or("(no objectClass)")),
    }
}

fn guid(entry: &Entry) -> Result<Uuid, LdifFault> {
    if let Some(guid) = entry.first("objectGUID") {
        return guid.microsoft_guid();
    }
    let text = entry.first("entryUUID").or_else(|| entry.first("nsUniqueId"));
    text.ok_or_else(|| LdifTrouble::NoGuid.at(entry.line()))?.guid()
}

fn is_enabled(entry: &Entry) -> Result<bool, LdifFault> {
    let control = entry.first("userAccountControl").map(|control| control.number()).transpose()?;
    let is_locked = entry.all("pwdAccountLockedTime").any(|time| time.value == LOCKED_FOR_EVER);
    Ok(control.is_none_or(|flags| flags & ACCOUNT_DISABLED == 0)
        && !is_locked
        && says(entry, "nsAccountLock")? != Some(true)
        && says(entry, "msRTCSIP-UserEnabled")? != Some(false))
}

fn says(entry: &Entry, attribute: &str) -> Result<Option<bool>, LdifFault> {
    entry.first(attribute).map(|value| value.truth()).transpose()
}

/// Among the addresses of all kinds the one of SIP. As in those of mail, a scheme in capitals marks the first of several.
fn proxy_address(entry: &Entry) -> Option<Attribute<'_>> {
    let mut all = entry.all("proxyAddresses").filter(|proxy| has_scheme(proxy.value));
    let first = all.next()?;
    let primary = std::iter::once(first).chain(all).find(|proxy| proxy.value.starts_with(b"SIP:"));
    primary.or(Some(first))
}

fn has_scheme(address: &[u8]) -> bool {
    address.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"sip:"))
}

fn display_name(entry: &Entry, kind: ObjectKind) -> Result<DisplayName, LdifFault> {
    let written = match kind {
        ObjectKind::Person | ObjectKind::Group => entry.first("displayName").or_else(|| entry.first("cn")),
        ObjectKind::Container | ObjectKind::Domain => entry.first("displayName"),
    };
    if let Some(name) = written.map(|name| name.text()).transpose()?.and_then(readable) {
        return Ok(name);
    }
    let dns = if kind == ObjectKind::Domain { entry.name().dns() } else { None };
    let own = readable(&dns.unwrap_or_else(|| entry.name().value()));
    Ok(own.unwrap_or_else(|| DisplayName::parse("(no name)").expect("it is one line of letters")))
}

/// The name as people can read it: what no name may hold is left out, and what is too long is cut.
fn readable(text: &str) -> Option<DisplayName> {
    if let Ok(name) = DisplayName::parse(text) {
        return Some(name);
    }
    let may_stand = |c: &char| DisplayName::parse(&format!("a{c}a")).is_ok();
    let kept: String =
        text.trim().chars().filter(may_stand).take(chat::limits::DISPLAY_NAME_CHARS_MAX).collect();
    DisplayName::parse(&kept).ok()
}

fn group_keys(entry: &Entry) -> Result<Vec<GroupKey>, LdifFault> {
    let mut keys = Vec::new();
    if let Some(sid) = entry.first("objectSid") {
        keys.push(GroupKey::Sid(sid.sid()?.into()));
    }
    keys.extend(gid(entry)?);
    Ok(keys)
}

fn primary_groups(entry: &Entry) -> Result<Vec<GroupKey>, LdifFault> {
    let mut keys = Vec::new();
    if let (Some(sid), Some(group)) = (entry.first("objectSid"), entry.first("primaryGroupID")) {
        let last = u32::try_from(group.number()?);
        let bad = |_| LdifTrouble::Number(group.called()).at(group.line);
        keys.push(GroupKey::Sid(sibling(sid.sid()?, last.map_err(bad)?)));
    }
    keys.extend(gid(entry)?);
    Ok(keys)
}

fn gid(entry: &Entry) -> Result<Option<GroupKey>, LdifFault> {
    let number = entry.first("gidNumber").map(|gid| gid.number()).transpose()?;
    Ok(number.and_then(|number| u64::try_from(number).ok()).map(GroupKey::Gid))
}

/// The members of a group, and the line of the last piece if the list goes on after it.
fn members(entry: &Entry) -> Result<(Vec<DistinguishedName>, Option<u64>), LdifFault> {
    let mut members = Vec::new();
    // The options of the piece that is read, where it is, and where the next one begins: nowhere, when it is the last.
    let mut piece: Option<(&str, u64, Option<u64>)> = None;
    for member in entry.all("member") {
        if piece.is_none_or(|(options, ..)| options != member.options)
            && let Some((low, high)) = member.range()?
        {
            let expected = piece.map_or(Some(0), |(.., next)| next);
            if expected != Some(low) {
                return Err(LdifTrouble::RangeHole(member.called()).at(member.line));
            }
            piece = Some((member.options, member.line, high.map(|high| high + 1)));
        }
        members.extend(name(&member)?);
    }
    for member in entry.all("uniqueMember") {
        members.extend(unique_name(&member)?);
    }
    let cut = piece.and_then(|(_, line, next)| next.map(|_| line));
    Ok((members, cut))
}

fn names(entry: &Entry, attribute: &str) -> Result<Vec<DistinguishedName>, LdifFault> {
    entry.all(attribute).filter_map(|value| name(&value).transpose()).collect()
}

/// A distinguished name; none where there is none: groups that must have a member are given such an empty one.
fn name(attribute: &Attribute<'_>) -> Result<Option<DistinguishedName>, LdifFault> {
    parsed(attribute, attribute.text()?)
}

/// A name with an optional identifier behind it (RFC 4517, 3.3.21), which is not looked at.
fn unique_name(attribute: &Attribute<'_>) -> Result<Option<DistinguishedName>, LdifFault> {
    let text = attribute.text()?;
    let bits = text.rfind("#'").filter(|_| text.ends_with("'B"));
    parsed(attribute, bits.map_or(text, |at| &text[..at]))
}

fn parsed(attribute: &Attribute<'_>, text: &str) -> Result<Option<DistinguishedName>, LdifFault> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let bad = |why| LdifTrouble::Name { attribute: attribute.called(), why }.at(attribute.line);
    DistinguishedName::parse(text).map(Some).map_err(bad)
}
