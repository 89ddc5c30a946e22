//! Published versions: each an immutable document with a number and the hash of the one before, so that a history can be proved.
//! Values only; where they are kept, and who may add one, is decided elsewhere.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::document::Topology;
use crate::limits::{DOCUMENT_BYTES_MAX, VERSIONS_MAX};
use crate::text::{TextFault, parse, print};

/// A published version. What it holds was hashed, and its document can be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    number: u64,
    previous: Hash,
    document: String,
    hash: Hash,
}

/// The SHA-256 of a version; that before the first is all zeros.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Hash(pub [u8; 32]);

/// Why octets are no version, or versions no history.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VersionFault {
    /// What is kept is not what was hashed.
    #[error(
        "version {number} was altered: its hash is {found}, and {kept} is kept; take it from a server that has it unaltered"
    )]
    Altered {
        /// The number it has.
        number: u64,
        /// The hash of what is there.
        found: Hash,
        /// The hash that is kept.
        kept: Hash,
    },
    /// The numbers are not 1, 2, 3 ...
    #[error("version {expected} is missing: {found} stands in its place; take it from a server that has it")]
    Gap {
        /// The number that should follow.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// It does not follow the one before it.
    #[error(
        "version {number} does not follow the version before it: two histories were mixed; keep the one of the central store"
    )]
    Torn {
        /// The number it has.
        number: u64,
    },
    /// The document of a version cannot be read.
    #[error("the document of version {number} cannot be read: {fault}")]
    Unreadable {
        /// The number it has.
        number: u64,
        /// Why.
        fault: TextFault,
    },
    /// It does not say which version it is.
    #[error(
        "the first line does not say which version this is, as that of a published topology does: fetch it again"
    )]
    Unstamped,
    /// The topology is too large to be kept.
    #[error(
        "the document would have {size} octets, {DOCUMENT_BYTES_MAX} at most: divide it into several topologies"
    )]
    TooLarge {
        /// Its length in octets.
        size: usize,
    },
    /// There are more versions than can be checked at once, or than can be counted.
    #[error(
        "there are more than {VERSIONS_MAX} versions: check them in parts, each with the last version of the part before it"
    )]
    TooMany,
}

/// A text that is no hash.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits")]
pub struct BadHash;

/// What is hashed before everything else, so that no hash of something else is one of a version.
const DOMAIN: &[u8] = b"causerie topology version\0";

/// What the first line of a version begins with where it is given out.
const STAMP: &str = "# Published topology: version ";

/// The number of the version from which a document was made, when its first lines still say so: whoever changes a published document
/// leaves that line.
#[must_use]
pub fn derived_from(document: &str) -> Option<u64> {
    let line = document.lines().take(STAMP_LINES).find_map(|line| line.strip_prefix(STAMP))?;
    line.split(',').next()?.parse().ok()
}

/// How far down the line may stand (ours: somebody may have put a remark above it).
const STAMP_LINES: usize = 10;

impl Version {
    /// The version after `previous`, or the first one. Whether the topology may be published is decided before, by its rules.
    ///
    /// # Errors
    /// [`VersionFault::TooLarge`] when the document could not be read back, [`VersionFault::TooMany`] when the numbers are used up.
    pub fn next(previous: Option<&Version>, topology: &Topology) -> Result<Self, VersionFault> {
        let document = print(topology);
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(VersionFault::TooLarge { size: document.len() });
        }
        let number = previous.map_or(Some(1), |version| version.number.checked_add(1));
        let number = number.ok_or(VersionFault::TooMany)?;
        let previous = previous.map_or(Hash::default(), |version| version.hash);
        let hash = hash(number, previous, &document);
        Ok(Self { number, previous, document, hash })
    }

    /// A version as it was kept.
    ///
    /// # Errors
    /// [`VersionFault::Altered`] when it is not what was hashed, [`VersionFault::Unreadable`] when this program cannot read its document.
    pub fn kept(number: u64, previous: Hash, document: String, kept: Hash) -> Result<Self, VersionFault> {
        let found = hash(number, previous, &document);
        if found != kept {
            return Err(VersionFault::Altered { number, found, kept });
        }
        parse(document.as_bytes()).map_err(|fault| VersionFault::Unreadable { number, fault })?;
        Ok(Self { number, previous, document, hash: kept })
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The hash of the version before it.
    #[must_use]
    pub fn previous(&self) -> Hash {
        self.previous
    }

    /// Its own hash.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The document, as it was published.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The document below a line that says which version it is, as it is given out and as servers keep it.
    #[must_use]
    pub fn stamped(&self) -> String {
        let Self { number, previous, document, hash } = self;
        format!("{STAMP}{number}, after {previous}, is {hash}\n{document}")
    }

    /// A version as it was given out.
    ///
    /// # Errors
    /// [`VersionFault::Unstamped`] when it does not say which version it is; those of [`Version::kept`].
    pub fn of_stamped(text: &str) -> Result<Self, VersionFault> {
        let (head, document) = text.split_once('\n').ok_or(VersionFault::Unstamped)?;
        let stamp = head.strip_prefix(STAMP).ok_or(VersionFault::Unstamped)?;
        let (number, hashes) = stamp.split_once(", after ").ok_or(VersionFault::Unstamped)?;
        let (previous, hash) = hashes.split_once(", is ").ok_or(VersionFault::Unstamped)?;
        let number = number.parse().map_err(|_| VersionFault::Unstamped)?;
        let hash_of = |text: &str| text.parse::<Hash>().map_err(|BadHash| VersionFault::Unstamped);
        Self::kept(number, hash_of(previous)?, document.to_owned(), hash_of(hash)?)
    }

    /// The topology it holds.
    #[must_use]
    pub fn topology(&self) -> Topology {
        parse(self.document.as_bytes()).expect("the document was printed or read when the version was made")
    }
}

/// Checks that versions follow each other without a gap: from the first one, or from `after`.
///
/// # Errors
/// The first fault, in the order of the numbers.
pub fn check_history(after: Option<&Version>, versions: &[Version]) -> Result<(), VersionFault> {
    if versions.len() > VERSIONS_MAX {
        return Err(VersionFault::TooMany);
    }
    let mut expected = after.map_or(Some(1), |version| version.number.checked_add(1));
    let mut previous = after.map_or(Hash::default(), |version| version.hash);
    for version in versions {
        let number = version.number;
        let wanted = expected.ok_or(VersionFault::TooMany)?;
        if number != wanted {
            return Err(VersionFault::Gap { expected: wanted, found: number });
        }
        if version.previous != previous {
            return Err(VersionFault::Torn { number });
        }
        expected = number.checked_add(1);
        previous = version.hash;
    }
    Ok(())
}

/// The lengths are fixed or last, so that no two versions hash the same octets.
fn hash(number: u64, previous: Hash, document: &str) -> Hash {
    let mut digest = Sha256::new();
    digest.update(DOMAIN);
    digest.update(number.to_be_bytes());
    digest.update(previous.0);
    digest.update(document.as_bytes());
    Hash(digest.finalize().into())
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Hash {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(BadHash);
        }
        for (octet, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| BadHash)?;
            *octet = u8::from_str_radix(digits, 16).map_err(|_| BadHash)?;
        }
        Ok(Self(hash))
    }
}
