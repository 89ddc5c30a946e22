//! Everything that can be wrong with an XCCOS document, and which answer it deserves.
//! Knows nothing of who may do what; that is refused elsewhere.

use chat::BadText;

use crate::code::Code;

/// What is wrong with a document, a command or a post.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum XccosFault {
    /// The body is larger than the limit; nothing of it was read.
    #[error("the body has {size} octets, at most {limit} are allowed")]
    TooLarge {
        /// Octets of the body.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// The body is not UTF-8, or declares another encoding.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// The body brings a document type of its own.
    #[error("a document type declaration is not allowed")]
    Doctype,
    /// The body is not well-formed XML.
    #[error("not well-formed XML at octet {at}: {what}")]
    Malformed {
        /// Where reading stopped, in octets from the start.
        at: usize,
        /// What was met there.
        what: &'static str,
    },
    /// One of the limits of a document.
    #[error("{what}: at most {limit} are allowed in a document")]
    Excess {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The root element is not `xccos`.
    #[error("the root element is not xccos")]
    WrongRoot,
    /// The envelope holds no command and no post.
    #[error("the envelope is empty")]
    Nothing,
    /// `envid`, `seqid` or `id` is missing, empty, too long or of another kind, so that no reply could name the command.
    #[error("{name} is missing or not usable")]
    Unidentified {
        /// The attribute.
        name: &'static str,
    },
    /// A block of the command is missing.
    #[error("the command lacks its {block} block")]
    MissingBlock {
        /// The element.
        block: &'static str,
    },
    /// An attribute or child of a block is missing.
    #[error("{block} lacks {name}")]
    MissingValue {
        /// The element.
        block: &'static str,
        /// What it lacks.
        name: &'static str,
    },
    /// A value cannot be read or is outside its range.
    #[error("{name} of {block} is not valid")]
    BadValue {
        /// The element.
        block: &'static str,
        /// The attribute or child.
        name: &'static str,
    },
    /// There may be only one of these.
    #[error("more than one {block}")]
    Repeated {
        /// The element.
        block: &'static str,
    },
    /// A value or list is longer than its limit.
    #[error("{what}: at most {limit} are allowed")]
    TooLong {
        /// Which value.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The text of a post, or its rich rendering, breaks its rule.
    #[error(transparent)]
    Text(#[from] BadText),
}

impl XccosFault {
    /// Whether there is too much of something, so that the same again has no better chance.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::Text(BadText::TooLong { .. }))
    }

    /// The code of the XCCOS reply to a command with this fault.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. }
            | Self::Excess { .. }
            | Self::TooLong { .. }
            | Self::Text(BadText::TooLong { .. }) => Code::LimitExceeded,
            _ => Code::InvalidArgument,
        }
    }
}
