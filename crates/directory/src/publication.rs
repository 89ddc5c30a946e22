//! Presence publications: their names (category, container, instance), and the date around their documents.
//! Does not look into documents; those of followed rooms are read in `room_setting.rs`.

use std::fmt;

use chat::Time;

/// Longest category name, in octets (ours: the known ones are below 32).
const CATEGORY_BYTES_MAX: usize = 64;

/// What names one publication of a person ([MS-PRES], categories).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PublicationName {
    category: Box<str>,
    /// Which audience sees it.
    pub container: u32,
    /// Which of several of its category.
    pub instance: u32,
}

/// A name no publication can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a publication's category is 1 to {CATEGORY_BYTES_MAX} letters, digits, dots, hyphens or underscores"
)]
pub struct BadPublication;

/// One publication as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Publication {
    /// Its name.
    pub name: PublicationName,
    /// 1 when made, one more with every change.
    pub version: u64,
    /// Its content; that of a client is [`Publication::dated`].
    pub content: Vec<u8>,
}

/// What is kept around a document: when it was published.
const DATED_BEGIN: &str = "<publication publishTime=\"";
const DATED_TIME_END: &str = "\">";
const DATED_END: &str = "</publication>";

impl Publication {
    /// The content that is kept for a document: itself, and when it was published.
    #[must_use]
    pub fn dated(time: Time, document: &str) -> Vec<u8> {
        format!("{DATED_BEGIN}{}{DATED_TIME_END}{document}{DATED_END}", time.iso7()).into_bytes()
    }

    /// When the publication was made, and its document; `None` for content that was not kept so.
    #[must_use]
    pub fn document(&self) -> Option<(Time, &str)> {
        let text = std::str::from_utf8(&self.content).ok()?;
        let (time, document) = text.strip_prefix(DATED_BEGIN)?.split_once(DATED_TIME_END)?;
        Some((Time::parse_iso(time).ok()?, document.strip_suffix(DATED_END)?))
    }
}

impl PublicationName {
    /// A name of its three parts.
    ///
    /// # Errors
    /// [`BadPublication`] when the category is empty, too long or has a character that is not allowed.
    pub fn new(category: &str, container: u32, instance: u32) -> Result<Self, BadPublication> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if category.is_empty() || category.len() > CATEGORY_BYTES_MAX || !category.bytes().all(plain) {
            return Err(BadPublication);
        }
        Ok(Self { category: category.into(), container, instance })
    }

    /// The category.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// Reads the form of [`fmt::Display`].
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (category, container, instance) = (parts.next()?, parts.next()?, parts.next()?);
        Self::new(category, container.parse().ok()?, instance.parse().ok()?).ok()
    }
}

impl fmt::Display for PublicationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.category, self.container, self.instance)
    }
}
