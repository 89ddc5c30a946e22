//! Policies and settings with the scopes they are given for, and which of them is in force.
//! Keeps none; says nothing about who may change them.

use std::fmt;

use crate::address::AddInId;
use crate::limits::{
    ADD_IN_NAME_CHARS_MAX, ADD_IN_URL_CHARS_MAX, FILE_KB_DEFAULT, HISTORY_POSTS_DEFAULT, HISTORY_POSTS_MAX,
    PARTICIPANT_UPDATE_LIMIT, SCOPE_NAME_CHARS_MAX,
};
use crate::text::{BadText, Description, is_unseen};

/// What a policy or a collection of settings is given for: its identity.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ScopeName {
    /// Everybody; always there.
    Global,
    /// One site, by name.
    Site(String),
    /// One pool, by its full name.
    Pool(String),
    /// Whoever it is granted to (policies only).
    Tag(String),
}

/// Why a text is no identity of a policy or of settings.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadSetting {
    /// It cannot be read.
    #[error(
        "'{0}' is no identity: write global, site:NAME, service:PersistentChatServer:POOL, or (a policy) its name, \
         at most {SCOPE_NAME_CHARS_MAX} characters without ':' or control characters"
    )]
    Scope(String),
    /// A number outside its range.
    #[error("{what} is {value}: it must be from {least} to {most}")]
    Range {
        /// Which setting.
        what: &'static str,
        /// What was given.
        value: u64,
        /// The least allowed.
        least: u64,
        /// The most allowed.
        most: u64,
    },
    /// Not an address of a page.
    #[error(
        "'{url}' is no address of a page: write https://host/path or http://host/path, at most {limit} characters"
    )]
    Url {
        /// What was given.
        url: String,
        /// Most characters.
        limit: usize,
    },
}

/// Whether people may use persistent chat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Its number.
    pub id: i64,
    /// For whom.
    pub scope: ScopeName,
    /// Whether they may.
    pub enabled: bool,
    /// Free text.
    pub description: Description,
    /// Raised by every change of it.
    pub version: u64,
}

/// The settings of the service for one scope, taken as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Configuration {
    /// Posts a room shows on first request, 1 to 500.
    pub default_chat_history: u16,
    /// Largest file in kilobytes of 1,000 octets.
    pub max_file_size_kb: u32,
    /// Active participants above whom a room counts as large.
    pub participant_update_limit: u32,
    /// A page of one's own for managing rooms; `None` for the built-in one.
    pub room_management_url: Option<Url>,
}

/// A page registered to be shown beside rooms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddIn {
    /// Its number.
    pub id: AddInId,
    /// Its GUID.
    pub guid: uuid::Uuid,
    /// Unique without regard to case.
    pub name: AddInName,
    /// The page.
    pub url: Url,
    /// Raised by every change of it.
    pub version: u64,
}

/// The name of an add-in: one line, at most 50 characters, and no GUID in any spelling.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct AddInName(Box<str>);

/// The address of a page: http or https with a host, at most 255 characters.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Url(Box<str>);

const GLOBAL: &str = "global";
const SITE: &str = "site:";
const SERVICE: &str = "service:";
const ROLE: &str = "PersistentChatServer:";
const TAG: &str = "tag:";

impl ScopeName {
    /// Reads an identity in any of its documented spellings.
    ///
    /// # Errors
    /// [`BadSetting::Scope`].
    pub fn parse(text: &str) -> Result<Self, BadSetting> {
        let text = text.trim();
        let bad = || BadSetting::Scope(text.chars().take(80).collect());
        let name = |name: &str| {
            let name = name.trim();
            let right = !name.is_empty()
                && name.chars().count() <= SCOPE_NAME_CHARS_MAX
                && !name.chars().any(|c| c.is_control() || c == ':');
            if right { Ok(name.to_owned()) } else { Err(bad()) }
        };
        let after = |prefix: &str| {
            let head = text.get(..prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
        };
        if text.eq_ignore_ascii_case(GLOBAL) {
            return Ok(Self::Global);
        }
        if let Some(site) = after(SITE) {
            return name(site).map(Self::Site);
        }
        if let Some(service) = after(SERVICE) {
            let role = service.get(..ROLE.len()).filter(|head| head.eq_ignore_ascii_case(ROLE));
            let pool = role.map_or(service, |_| &service[ROLE.len()..]);
            return name(pool).map(|pool| Self::Pool(pool.to_ascii_lowercase()));
        }
        // A policy called as the scope of everybody could not be told from it.
        let tag = name(after(TAG).unwrap_or(text))?;
        if tag.eq_ignore_ascii_case(GLOBAL) { Err(bad()) } else { Ok(Self::Tag(tag)) }
    }

    /// Whether the two are the same, case aside.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }

    /// The key under which it is unique.
    #[must_use]
    pub fn folded(&self) -> String {
        crate::text::folded(&self.to_string())
    }
}

/// Picks the most specific of what is there: granted to the person, for its pool, for its site, for all.
#[must_use]
pub fn in_force<'a, T>(
    all: &'a [(ScopeName, T)],
    tag: Option<&str>,
    pool: &str,
    site: &str,
) -> Option<&'a (ScopeName, T)> {
    let wanted = [
        tag.map(|tag| ScopeName::Tag(tag.to_owned())),
        Some(ScopeName::Pool(pool.to_owned())),
        Some(ScopeName::Site(site.to_owned())),
        Some(ScopeName::Global),
    ];
    wanted.iter().flatten().find_map(|wanted| all.iter().find(|(scope, _)| scope.is(wanted)))
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            default_chat_history: u16::try_from(HISTORY_POSTS_DEFAULT).expect("a small number"),
            max_file_size_kb: FILE_KB_DEFAULT,
            participant_update_limit: u32::try_from(PARTICIPANT_UPDATE_LIMIT).expect("a small number"),
            room_management_url: None,
        }
    }
}

impl Configuration {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`BadSetting::Range`].
    pub fn checked(self) -> Result<Self, BadSetting> {
        let range = |what, value: u64, least, most| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(BadSetting::Range { what, value, least, most })
            }
        };
        range("defaultChatHistory", self.default_chat_history.into(), 1, HISTORY_POSTS_MAX as u64)?;
        range("maxFileSizeKB", self.max_file_size_kb.into(), 1, u32::MAX.into())?;
        range("participantUpdateLimit", self.participant_update_limit.into(), 1, u32::MAX.into())?;
        Ok(self)
    }
}

impl AddInName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`BadText`].
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let name = crate::text::line("name of an add-in", text, ADD_IN_NAME_CHARS_MAX, false)?;
        crate::text::no_guid(name).map(Self)
    }

    /// The name as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key under which it is unique.
    #[must_use]
    pub fn folded(&self) -> String {
        crate::text::folded(&self.0)
    }
}

impl Url {
    /// Reads the address of a page.
    ///
    /// # Errors
    /// [`BadSetting::Url`].
    pub fn parse(text: &str) -> Result<Self, BadSetting> {
        let text = text.trim();
        let limit = ADD_IN_URL_CHARS_MAX;
        let lower = text.to_ascii_lowercase();
        let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
        let place = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        let right = place.is_some_and(is_place)
            && text.chars().count() <= limit
            && !text
                .chars()
                .any(|c| c.is_control() || c.is_whitespace() || "<>\"\\^`{|}".contains(c) || is_unseen(c));
        if right {
            Ok(Self(text.into()))
        } else {
            Err(BadSetting::Url { url: text.chars().take(80).collect(), limit })
        }
    }

    /// The address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is a host, perhaps with a port, and nobody's name or password before it (RFC 3986, 3.2).
fn is_place(text: &str) -> bool {
    let (host, tail) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some(literal) => literal,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_port = |port: &str| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|number| number > 0)
    };
    let port_right = tail.is_empty() || tail.strip_prefix(':').is_some_and(is_port);
    !host.is_empty() && !host.contains(['@', '[', ']']) && port_right
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str(GLOBAL),
            Self::Site(name) => write!(f, "{SITE}{name}"),
            Self::Pool(name) => write!(f, "{SERVICE}{ROLE}{name}"),
            Self::Tag(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for AddInName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
