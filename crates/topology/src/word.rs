//! The words a topology is made of: names of machines, sites, stores, shares, databases, and short texts, each checked once.
//! Says nothing about whether what they name exists.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::{
    DATABASE_BYTES_MAX, FQDN_BYTES_MAX, IDENTITY_BYTES_MAX, LABEL_BYTES_MAX, PATH_BYTES_MAX, SHARE_CHARS_MAX,
    TEXT_CHARS_MAX,
};

/// A fully qualified domain name in lower case, such as `chat.example.com`: at least two labels, no dot at the end.
pub type Fqdn = Word<FqdnKind>;
/// The identity of a site, store or file store, in lower case.
pub type Identity = Word<IdentityKind>;
/// A name or remark for people: one line, neither empty nor only blanks.
pub type Text = Word<TextKind>;
/// The name of a share on a file server, without its server.
pub type ShareName = Word<ShareKind>;
/// An absolute path on the machine itself.
pub type LocalPath = Word<PathKind>;
/// The name of a database, or of an instance (a PostgreSQL cluster) on its server.
pub type DatabaseName = Word<DatabaseKind>;

/// A text that has the form of its kind.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Word<K> {
    text: Box<str>,
    kind: PhantomData<K>,
}

/// A form a text may have.
pub trait Kind: Clone + Eq + Hash + Ord {
    /// What it is called in the schema.
    const NAME: &'static str;
    /// What it is and how it is written, for whoever wrote it wrongly.
    const FORM: &'static str;
    /// The same as a pattern of the JSON Schema, which says nothing of lengths.
    const PATTERN: &'static str;
    /// The longest one, in characters.
    const CHARS_MAX: usize;
    /// Whether upper case is folded.
    const FOLDS: bool;

    /// Whether the text, already folded and not too long, has this form.
    fn holds(text: &str) -> bool;
}

/// A text that does not have its form.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("'{text}' is not {form}")]
pub struct BadWord {
    /// The beginning of what was written.
    pub text: String,
    /// What would be right.
    pub form: &'static str,
}

/// How much of a wrong text an error repeats, in characters.
const SHOWN_CHARS: usize = 80;

impl<K: Kind> Word<K> {
    /// Reads a text of this form.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(text: &str) -> Result<Self, BadWord> {
        let bad = || BadWord { text: shown(text), form: K::FORM };
        if text.is_empty() || text.chars().take(K::CHARS_MAX + 1).count() > K::CHARS_MAX {
            return Err(bad());
        }
        let folded = if K::FOLDS { text.to_ascii_lowercase() } else { text.to_owned() };
        if K::holds(&folded) { Ok(Self { text: folded.into(), kind: PhantomData }) } else { Err(bad()) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Fqdn {
    /// What follows the first label: the domain the machine is in.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.text.split_once('.').map_or("", |(_, domain)| domain)
    }

    /// The first label.
    #[must_use]
    pub fn host(&self) -> &str {
        self.text.split('.').next().unwrap_or_default()
    }
}

impl<K> fmt::Display for Word<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> fmt::Debug for Word<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl<K: Kind> FromStr for Word<K> {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        Self::parse(text)
    }
}

impl<K> Serialize for Word<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Word<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<K: Kind> JsonSchema for Word<K> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        K::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": K::FORM,
            "type": "string",
            "minLength": 1,
            "maxLength": K::CHARS_MAX,
            "pattern": K::PATTERN,
        })
    }
}

/// See [`Fqdn`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FqdnKind;

impl Kind for FqdnKind {
    const NAME: &'static str = "Fqdn";
    const FORM: &'static str = "a fully qualified domain name: write it as chat.example.com (two labels at least, of letters, digits and \
                                hyphens, 63 octets each and 253 in all)";
    const PATTERN: &'static str =
        "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$";
    const CHARS_MAX: usize = FQDN_BYTES_MAX;
    const FOLDS: bool = true;

    fn holds(text: &str) -> bool {
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= LABEL_BYTES_MAX
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        // Four numbers are an address; a certificate and a route need a name.
        let last_is_number =
            text.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        text.contains('.') && text.split('.').all(label) && !last_is_number
    }
}

/// See [`Identity`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentityKind;

impl Kind for IdentityKind {
    const NAME: &'static str = "Identity";
    const FORM: &'static str = "an identity: write it as headquarters or site-2 (letters, digits, hyphens and underscores, the first a \
                                letter or digit, 63 at most)";
    const PATTERN: &'static str = "^[A-Za-z0-9][A-Za-z0-9_-]*$";
    const CHARS_MAX: usize = IDENTITY_BYTES_MAX;
    const FOLDS: bool = true;

    fn holds(text: &str) -> bool {
        text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    }
}

/// See [`Text`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextKind;

impl Kind for TextKind {
    const NAME: &'static str = "Text";
    const FORM: &'static str =
        "a text for people: one line that is not blank, without control characters, 256 characters at most";
    const PATTERN: &'static str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
    const CHARS_MAX: usize = TEXT_CHARS_MAX;
    const FOLDS: bool = false;

    fn holds(text: &str) -> bool {
        !text.trim().is_empty() && !text.chars().any(char::is_control)
    }
}

/// See [`ShareName`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShareKind;

impl Kind for ShareKind {
    const NAME: &'static str = "ShareName";
    const FORM: &'static str = "the name of a share: write it as chatfiles, and its server in 'server' (no slashes, none of : * ? \" < > | \
                                = , ; + [ ], no control characters, 80 characters at most)";
    const PATTERN: &'static str = "^[^\\u0000-\\u001f\\u007f-\\u009f/\\\\:*?\"<>|=,;+\\[\\]]+$";
    const CHARS_MAX: usize = SHARE_CHARS_MAX;
    const FOLDS: bool = false;

    fn holds(text: &str) -> bool {
        let barred = |c: char| c.is_control() || "/\\:*?\"<>|=,;+[]".contains(c);
        text.trim() == text && text != "." && text != ".." && !text.contains(barred)
    }
}

/// See [`LocalPath`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathKind;

impl Kind for PathKind {
    const NAME: &'static str = "LocalPath";
    const FORM: &'static str = "a local path: write it from the root as /var/lib/causerie/files (no '..', no control characters, 4095 \
                                octets at most)";
    const PATTERN: &'static str = "^/[^\\u0000-\\u001f\\u007f-\\u009f]+$";
    const CHARS_MAX: usize = PATH_BYTES_MAX;
    const FOLDS: bool = false;

    fn holds(text: &str) -> bool {
        text.len() <= PATH_BYTES_MAX
            && text.starts_with('/')
            && !text.trim_matches('/').is_empty()
            && !text.split('/').any(|part| part == "..")
            && !text.chars().any(char::is_control)
    }
}

/// See [`DatabaseName`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DatabaseKind;

impl Kind for DatabaseKind {
    const NAME: &'static str = "DatabaseName";
    const FORM: &'static str = "the name of a database or instance: write it as causerie (letters, digits and underscores, the first a \
                                letter, 63 at most)";
    const PATTERN: &'static str = "^[A-Za-z][A-Za-z0-9_]*$";
    const CHARS_MAX: usize = DATABASE_BYTES_MAX;
    const FOLDS: bool = true;

    fn holds(text: &str) -> bool {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }
}

/// What an error may repeat of a text: its beginning, in one line.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).map(plain).collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push_str("...");
    }
    shown
}

fn plain(c: char) -> char {
    if c.is_control() { '\u{FFFD}' } else { c }
}
