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

/// What is wrong at a line. Texts of the file are cut to what finds them again.
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
        "'{0}' has no colon: a line is 'attribute: value', and one that continues another begins with a blank"
    )]
    NoColon(String),
    /// No attribute can be called that.
    #[error(
        "'{0}' is no attribute: its name is made of letters, digits and hyphens, its options follow semicolons"
    )]
    AttributeName(String),
    /// A value that is not what `::` says.
    #[error(
        "the value of {attribute} after '::' is not base64 ({why}): export it again, or write it after one ':'"
    )]
    Base64 {
        /// The attribute.
        attribute: String,
        /// What the decoder says.
        why: base64::DecodeError,
    },
    /// A value elsewhere.
    #[error(
        "the value of {0} is in another file (':<'), which is not fetched: put the value itself into this one"
    )]
    Url(String),
    /// Another version of the format.
    #[error("'{0}' is no version this reads: it must be 1, once, on the first line")]
    Version(String),
    /// An entry without its name.
    #[error(
        "an entry begins with 'dn:', and not with '{0}': there is an empty line too many, or the name is missing"
    )]
    NoName(String),
    /// Two entries in one.
    #[error("a second 'dn:' in one entry: put an empty line before it")]
    SecondName,
    /// A change and no entry.
    #[error(
        "'changetype: {0}' is a change, and this reads entries: export the directory itself (ldapsearch, ldifde -f)"
    )]
    ChangeType(String),
    /// A control of a change.
    #[error("'{0}' belongs to a file of changes, and this reads entries: export the directory itself")]
    Control(String),
    /// A character that must be encoded.
    #[error("the value of {0} holds a NUL or a carriage return: write it in base64 after '::'")]
    ControlCharacter(String),
    /// The directory gave up.
    #[error(
        "the search ended with '{0}', so the export is incomplete: raise the limit or fetch pages (ldapsearch -E pr=1000/noprompt)"
    )]
    Incomplete(String),
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
        "'{0}' has neither objectGUID nor entryUUID, by which an object is known when its name changes: export the operational attributes too (ldapsearch ... '*' +)"
    )]
    NoGuid(String),
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
    #[error("the value '{value}' of {attribute} is not a number: export it as the directory holds it")]
    Number {
        /// The attribute.
        attribute: String,
        /// The value, cut.
        value: String,
    },
    /// Neither true nor false.
    #[error("the value '{value}' of {attribute} is neither TRUE nor FALSE")]
    Truth {
        /// The attribute.
        attribute: String,
        /// The value, cut.
        value: String,
    },
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

/// What an error repeats of octets of the file.
pub(super) fn shown(octets: &[u8]) -> String {
    let cut = &octets[..octets.len().min(400)];
    String::from_utf8_lossy(cut).chars().filter(|c| !c.is_control()).take(80).collect()
}
