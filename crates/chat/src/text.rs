//! Names, descriptions and the text of a post, turned into types once so that nothing later needs to check them again.
//! Interprets no text: links, smileys and stories are stored and passed on as they came.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::limits::{
    CLIENT_ID_BYTES_MAX, DESCRIPTION_CHARS_MAX, DISPLAY_NAME_CHARS_MAX, MESSAGE_BYTES_MAX, NAME_CHARS_MAX,
    RTF_BYTES_MAX, STORY_BYTES_MAX,
};

/// With what the text of a story begins.
const STORY: &str = "[STORY";

/// What is wrong with a name or a text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadText {
    /// Nothing is left once blanks are cut off.
    #[error("the {what} is empty")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// Longer than the limit.
    #[error("the {what} has {size} {unit}, at most {limit} are allowed")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its size, in `unit`.
        size: usize,
        /// The limit, in `unit`.
        limit: usize,
        /// `characters` or `octets`.
        unit: &'static str,
    },
    /// A control character where none is allowed, or a character outside 7 bits in RTF.
    #[error("the {what} holds a character that is not allowed there")]
    Character {
        /// Which text.
        what: &'static str,
    },
    /// A name that reads as a GUID: rooms and categories are addressed by theirs, and nothing may answer to another's.
    #[error(
        "the name is written like a GUID, by which what is named is addressed as well: put a word into it"
    )]
    Guid,
}

/// The name of a room or category: 1 to 256 characters without control characters, blanks at the ends cut off, and no GUID in any
/// spelling: a node is addressed by name or GUID, and no name may lead to another node than the GUID does.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeName(Box<str>);

/// A description: up to 256 characters on one line, may be empty.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Description(Box<str>);

/// A person's display name: 1 to 256 characters on one line.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct DisplayName(Box<str>);

/// The plain text of a post: not blank, line ends as LF, only characters that XML 1.0 can carry, within its limit.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Text(Box<str>);

/// The rich rendering beside a plain text: 7-bit RTF, kept verbatim.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Rtf(Box<str>);

/// A client's own name of a post, under which it is kept once: 1 to 256 octets, as they came, without control characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ClientId(Box<str>);

/// What a person asks to post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// The plain text, always present.
    pub text: Text,
    /// The rich rendering, if the client sent one.
    pub rtf: Option<Rtf>,
    /// High importance.
    pub alert: bool,
}

impl NodeName {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        no_guid(line("name", text, NAME_CHARS_MAX, false)?).map(Self)
    }
    /// The name as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The form under which names are unique: that of [`folded`].
    #[must_use]
    pub fn folded(&self) -> String {
        folded(&self.0)
    }
}

impl Description {
    /// Reads a description.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        line("description", text, DESCRIPTION_CHARS_MAX, true).map(Self)
    }
    /// The description as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DisplayName {
    /// Reads a display name.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        line("display name", text, DISPLAY_NAME_CHARS_MAX, false).map(Self)
    }
    /// Reads the name of something that is addressed by name or GUID, as a group is: no GUID in any spelling.
    pub fn parse_unlike_guid(text: &str) -> Result<Self, BadText> {
        no_guid(line("name", text, DISPLAY_NAME_CHARS_MAX, false)?).map(Self)
    }
    /// The name as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text {
    /// Reads the text of a post: drops what XML 1.0 cannot carry, makes every line end an LF, refuses blank and too long texts.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let story = text.starts_with(STORY);
        let (what, limit) = if story { ("story", STORY_BYTES_MAX) } else { ("message", MESSAGE_BYTES_MAX) };
        let kept = unified(text);
        if kept.trim().is_empty() {
            return Err(BadText::Empty { what });
        }
        if kept.len() > limit {
            return Err(BadText::TooLong { what, size: kept.len(), limit, unit: "octets" });
        }
        if story && !tells(&kept) {
            return Err(BadText::Empty { what });
        }
        Ok(Self(kept.into()))
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether this is a story: a title with a long body, marked by the client in the text itself.
    #[must_use]
    pub fn is_story(&self) -> bool {
        self.0.starts_with(STORY)
    }
}

/// The title of a story: what its mark says, as `[STORY:The title]` and `[STORY The title]`, else the rest of the mark's line.
/// `None` for what is no story or has no title.
#[must_use]
pub fn story_title(text: &str) -> Option<&str> {
    let (mark, rest) = text.strip_prefix(STORY)?.split_once(']')?;
    let named = mark.trim_start_matches(':').trim();
    let title = if named.is_empty() { rest.lines().next().unwrap_or_default().trim() } else { named };
    (!title.is_empty()).then_some(title)
}

impl Rtf {
    /// Reads a rich rendering; it must be 7-bit and within its limit.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let what = "rich text";
        if text.len() > RTF_BYTES_MAX {
            return Err(BadText::TooLong { what, size: text.len(), limit: RTF_BYTES_MAX, unit: "octets" });
        }
        let plain = |c: char| c.is_ascii() && (!c.is_control() || matches!(c, '\n' | '\r' | '\t'));
        if !text.starts_with("{\\rtf") || !text.chars().all(plain) {
            return Err(BadText::Character { what });
        }
        Ok(Self(text.into()))
    }
    /// The RTF.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ClientId {
    /// Reads a client id.
    ///
    /// # Errors
    /// [`BadText`] for an empty or too long one, and one with a control character, which no database need keep.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let (what, size, limit) = ("client id", text.len(), CLIENT_ID_BYTES_MAX);
        match size {
            0 => Err(BadText::Empty { what }),
            _ if size > limit => Err(BadText::TooLong { what, size, limit, unit: "octets" }),
            _ if text.chars().any(char::is_control) => Err(BadText::Character { what }),
            _ => Ok(Self(text.into())),
        }
    }
    /// The id as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses a name that reads as a GUID: no name may lead to something else than the GUID does.
pub(crate) fn no_guid(name: Box<str>) -> Result<Box<str>, BadText> {
    // Also what is one only without the joiners that nobody sees.
    if Uuid::try_parse(&folded(&name)).is_ok() { Err(BadText::Guid) } else { Ok(name) }
}

/// Whether a story says anything beside its mark, be it in the mark, as a title, or after it.
fn tells(story: &str) -> bool {
    let mark = |c: char| matches!(c, '[' | ']' | ':') || c.is_whitespace();
    !story.trim_start_matches("[STORY").trim_matches(mark).is_empty()
}

pub(crate) fn line(
    what: &'static str,
    text: &str,
    limit: usize,
    may_be_empty: bool,
) -> Result<Box<str>, BadText> {
    // Composed before it is counted: composing can make a text shorter, and in some scripts longer.
    let cut: String = text.trim().nfc().collect();
    let size = cut.chars().count();
    if size == 0 && !may_be_empty {
        return Err(BadText::Empty { what });
    }
    if size > limit {
        return Err(BadText::TooLong { what, size, limit, unit: "characters" });
    }
    if cut.chars().any(|c| c.is_control() || !in_xml(c) || is_unseen(c)) {
        return Err(BadText::Character { what });
    }
    if !cut.is_empty() && folded(&cut).is_empty() {
        return Err(BadText::Empty { what });
    }
    Ok(cut.into())
}

/// Whether every database can keep a text or look for it: not all of them take the character of number 0.
#[must_use]
pub fn is_keepable(text: &str) -> bool {
    !text.contains('\0')
}

/// The form in which names and words are compared: without regard to case, to how accents are written, and to the joiners that
/// nobody sees.
#[must_use]
pub fn folded(text: &str) -> String {
    let seen = |c: &char| !matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}');
    text.nfc().filter(seen).flat_map(lower).nfc().collect()
}

/// A letter without regard to case. By way of its capital where that is one letter, because some letters have two small forms, as
/// the sigma inside a word and at its end. The dotless i stays itself: it is another letter than i.
fn lower(c: char) -> std::char::ToLowercase {
    let mut capital = c.to_uppercase();
    match (c, capital.next(), capital.next()) {
        ('ı', ..) => c.to_lowercase(),
        (_, Some(capital), None) => capital.to_lowercase(),
        _ => c.to_lowercase(),
    }
}

fn unified(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' {
            chars.next_if_eq(&'\n');
            out.push('\n');
        } else if in_xml(c) {
            out.push(c);
        }
    }
    out
}

/// Whether XML 1.0 can carry the character (XML 1.0, 2.2).
fn in_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Characters that nobody sees, or that turn the reading direction, could make one name look like another. Joiners stay: letters
/// of some scripts and many emoji need them.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{2800}' | '\u{3164}'
            | '\u{FFA0}' | '\u{E0100}'..='\u{E01EF}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
    )
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
