//! What can be wrong with an export: the line, what is wrong there, and what to do.
//! Speaks of the file only; whether two objects go together is said in `census.rs` and `compare.rs`.

use crate::distinguished_name::BadName;

/// What is wrong with an export, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {trouble}")]
pub struct LdifFault {
    /// The line, counted from 1; the first one of what is folded.
    pub line: u64,
    /// What is wrong there.
    pub trouble: LdifTrouble,
}

/// What is wrong at a line. Nothing of what stands there is repeated but the name of its attribute: it may be a password, and errors
/// are read by others and kept in logs.
#[derive(Debug, thiserror::Error)]
pub enum LdifTrouble {
    /// The octets do not come.
    #[error("the file cannot be read: {0}")]
    Read(#[source] std::io::Error),
    /// Two octets for each character.
    #[error("the file is UTF-16: export it without the option -u, or convert it (iconv -f UTF-16 -t UTF-8)")]
    Utf16,
    /// There is not one entry.
    #[error("the file has no entry: an export has one for each object, beginning with 'dn:'")]
    Empty,
    /// Longer than the limit.
    #[error(
        "the line has more than {0} octets: export without photos and certificates, or name the attributes"
    )]
    LineTooLong(usize),
    /// Longer than the limit.
    #[error("the value of {attribute} has more than {limit} octets: leave this attribute out of the export")]
    ValueTooLong {
        /// The attribute.
        attribute: String,
        /// The limit.
        limit: usize,
    },
    /// More than the limit.
    #[error("the entry has more than {0} values: split the group, or leave the attribute out of the export")]
    TooManyValues(usize),
    /// Longer than the limit.
    #[error("the entry has more than {0} octets: leave out the attributes that make it so long")]
    EntryTooLong(usize),
    /// More than the limit.
    #[error("the file has more than {0} entries: export only people, groups and containers")]
    TooManyEntries(u64),
    /// A continuation without a beginning.
    #[error("the line begins with a blank, but there is no line it continues: remove the blank")]
    FoldOfNothing,
    /// Not `attribute: value`.
    #[error(
        "the line has no colon: a line is 'attribute: value', and one that continues another begins with a blank"
    )]
    NoColon,
    /// No attribute can be called that.
    #[error(
        "what stands before the colon is no attribute: its name is made of letters, digits and hyphens, its options follow semicolons"
    )]
    AttributeName,
    /// A value that is not what `::` says.
    #[error("the value of {0} after '::' is not base64: export it again, or write it after one ':'")]
    Base64(String),
    /// A value elsewhere.
    #[error(
        "the value of {0} is in another file (':<'), which is not fetched: put the value itself into this one"
    )]
    Url(String),
    /// Another version of the format.
    #[error("this is no version that is read: it must be 1, once, on the first line")]
    Version,
    /// An entry without its name.
    #[error(
        "an entry begins with 'dn:': there is an empty line too many before this one, or the name is missing"
    )]
    NoName,
    /// Two entries in one.
    #[error("a second 'dn:' in one entry: put an empty line before it")]
    SecondName,
    /// A change and no entry.
    #[error(
        "this 'changetype' is a change, and this reads entries: export the directory itself (ldapsearch, ldifde -f)"
    )]
    ChangeType,
    /// A control of a change.
    #[error("a 'control' belongs to a file of changes, and this reads entries: export the directory itself")]
    Control,
    /// A character that must be encoded.
    #[error("the value of {0} holds a NUL or a carriage return: write it in base64 after '::'")]
    ControlCharacter(String),
    /// The directory gave up.
    #[error(
        "the search did not end with 'result: 0', so the export is incomplete: raise the limit or fetch pages (ldapsearch -E pr=1000/noprompt)"
    )]
    Incomplete,
    /// Not a name.
    #[error("{attribute}: {why}")]
    Name {
        /// The attribute, or `dn`.
        attribute: String,
        /// What is wrong.
        why: BadName,
    },
    /// Not text.
    #[error("the value of {0} is not UTF-8 text: export the file as UTF-8")]
    NotText(String),
    /// No identity.
    #[error(
        "the entry has neither objectGUID nor entryUUID, by which an object is known when its name changes: export the operational attributes too (ldapsearch ... '*' +)"
    )]
    NoGuid,
    /// An identity that is none.
    #[error(
        "{attribute} is not a GUID: write 16 octets in base64 after '::', or 123e4567-e89b-12d3-a456-426614174000"
    )]
    Guid {
        /// The attribute.
        attribute: String,
    },
    /// Not a security identifier.
    #[error(
        "{attribute} is not a security identifier of 1 to 15 parts: export it as the directory holds it, in base64"
    )]
    Sid {
        /// The attribute.
        attribute: String,
    },
    /// Not a number.
    #[error("the value of {0} is not a number: export it as the directory holds it")]
    Number(String),
    /// Neither true nor false.
    #[error("the value of {0} is neither TRUE nor FALSE: export it as the directory holds it")]
    Truth(String),
    /// Not a piece of a list.
    #[error("the option of {0} is not a range such as range=0-1499 or range=1500-*")]
    Range(String),
    /// A list with a hole.
    #[error("{0} does not follow on the piece before it: export all pieces of the list, in their order")]
    RangeHole(String),
}

impl LdifTrouble {
    /// This trouble at a line.
    pub(super) fn at(self, line: u64) -> LdifFault {
        LdifFault { line, trouble: self }
    }
}
