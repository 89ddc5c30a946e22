//! Names of presence publications: category, container, instance.
//! Does not look into their content; followed rooms are publications of the category `roomSetting`.

use std::fmt;

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
    /// Its content, as it came.
    pub content: Vec<u8>,
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
