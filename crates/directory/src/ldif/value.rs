//! Values of attributes that are not plain text: GUIDs, security identifiers, numbers, truth, ranges.
//! Knows no schema: which attribute holds what is in `mapping.rs`.

use uuid::Uuid;

use super::entry::Attribute;
use super::fault::{LdifFault, LdifTrouble};

/// Octets of a security identifier before its parts ([MS-DTYP] 2.4.2.2).
const SID_HEAD: usize = 8;
/// Most parts of one ([MS-DTYP] 2.4.2.2).
const SID_PARTS_MAX: u8 = 15;

impl Attribute<'_> {
    /// A GUID in octets, the first three fields little-endian as Microsoft's directories hold it ([MS-DTYP] 2.3.4.2), or as text.
    pub(super) fn microsoft_guid(&self) -> Result<Uuid, LdifFault> {
        match <[u8; 16]>::try_from(self.value) {
            Ok(octets) => Ok(Uuid::from_bytes_le(octets)),
            Err(_) => self.guid(),
        }
    }

    /// A GUID as text, with its hyphens anywhere or nowhere: RFC 4530 has them at four places, 389 Directory Server at three.
    pub(super) fn guid(&self) -> Result<Uuid, LdifFault> {
        let bad = || LdifTrouble::Guid { attribute: self.called() }.at(self.line);
        let text = self.text()?.trim().trim_matches(['{', '}']);
        let digits: String = text.chars().filter(|c| *c != '-').take(33).collect();
        let is_hexadecimal = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hexadecimal { Err(bad()) } else { Uuid::try_parse(&digits).map_err(|_| bad()) }
    }

    /// A security identifier, checked for its form only.
    pub(super) fn sid(&self) -> Result<&[u8], LdifFault> {
        match self.value {
            [1, parts @ 1..=SID_PARTS_MAX, ..] if self.value.len() == SID_HEAD + 4 * usize::from(*parts) => {
                Ok(self.value)
            }
            _ => Err(LdifTrouble::Sid { attribute: self.called() }.at(self.line)),
        }
    }

    /// A number. Some directories count flags as signed.
    pub(super) fn number(&self) -> Result<i64, LdifFault> {
        let bad = || LdifTrouble::Number(self.called()).at(self.line);
        self.text()?.trim().parse().map_err(|_| bad())
    }

    /// `TRUE` or `FALSE` (RFC 4517, 3.3.3); case has no meaning here.
    pub(super) fn truth(&self) -> Result<bool, LdifFault> {
        match self.value.trim_ascii() {
            value if value.eq_ignore_ascii_case(b"true") => Ok(true),
            value if value.eq_ignore_ascii_case(b"false") => Ok(false),
            _ => Err(LdifTrouble::Truth(self.called()).at(self.line)),
        }
    }

    /// The piece of a list that this value belongs to: the numbers of its first and, unless the list ends with it, of its last
    /// value ([MS-ADTS] 3.1.1.3.1.3.3). None when the list is whole.
    pub(super) fn range(&self) -> Result<Option<(u64, Option<u64>)>, LdifFault> {
        let is_range =
            |option: &&str| option.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("range="));
        let Some(option) = self.options.split(';').find(is_range) else { return Ok(None) };
        let bad = || LdifTrouble::Range(self.called()).at(self.line);
        let (low, high) = option[6..].split_once('-').ok_or_else(bad)?;
        let low: u64 = low.parse().map_err(|_| bad())?;
        if high == "*" {
            return Ok(Some((low, None)));
        }
        let high: u64 = high.parse().map_err(|_| bad())?;
        if low <= high && high < u64::MAX { Ok(Some((low, Some(high)))) } else { Err(bad()) }
    }
}

/// The identifier of another object of the same domain: the last part is replaced.
pub(super) fn sibling(sid: &[u8], last: u32) -> Box<[u8]> {
    let mut sibling: Box<[u8]> = sid.into();
    let end = sibling.len() - 4;
    sibling[end..].copy_from_slice(&last.to_le_bytes());
    sibling
}
