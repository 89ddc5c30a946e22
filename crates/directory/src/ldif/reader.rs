//! The grammar of the LDAP Data Interchange Format, version 1: lines become entries (RFC 2849).
//! Reads content and additions, which are entries too; other changes, and values in other files, are refused.
//!
//! Looser than the RFC in what exporters really write: UTF-8 that is not encoded, values that begin with a colon or a less-than
//! sign after a blank, no end of line at the end, and what `ldapsearch` adds without its option `-LLL`: referrals are left out,
//! and a search that did not end well is refused, because people who are missing in an export would be removed.

use std::io::BufRead;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::LdifLimits;
use super::entry::{Entry, Slot};
use super::fault::{LdifFault, LdifTrouble};
use super::lines::Lines;
use crate::distinguished_name::DistinguishedName;

/// The entries of an export, one at a time. After a fault nothing is promised of what follows.
pub struct Reader<R> {
    lines: Lines<R>,
    limits: LdifLimits,
    entries: u64,
    /// Whether something was said already, so that no version may follow.
    has_begun: bool,
    /// The octets of the last entry, which foretell those of the next.
    octets: usize,
    values: usize,
}

/// One line taken apart.
struct Parts<'a> {
    name: &'a str,
    options: &'a str,
    value: Written<'a>,
}

/// How a value is written.
enum Written<'a> {
    Plain(&'a [u8]),
    Base64(&'a [u8]),
    Url,
}

impl<R: BufRead> Reader<R> {
    /// Reads these octets.
    pub fn new(input: R, limits: LdifLimits) -> Self {
        let lines = Lines::new(input, limits.line_octets_max);
        Self { lines, limits, entries: 0, has_begun: false, octets: 0, values: 0 }
    }

    /// The number of the last line that was read.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.lines.number()
    }

    /// The next entry; none at the end.
    ///
    /// # Errors
    /// [`LdifFault`] when the octets break the grammar or a limit, or cannot be read.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, LdifFault> {
        while self.lines.advance()? {
            if self.lines.line().is_empty() {
                continue;
            }
            let parts = self.parts()?;
            let (is, at) = (|name: &str| parts.name.eq_ignore_ascii_case(name), self.lines.number());
            if is("dn") && parts.options.is_empty() {
                return self.entry().map(Some);
            } else if is("version") && !self.has_begun {
                self.version()?;
            } else if is("search") {
                self.result()?;
            } else if is("ref") {
                self.skip()?;
            } else if is("version") {
                return Err(LdifTrouble::Version.at(at));
            } else {
                return Err(LdifTrouble::NoName.at(at));
            }
        }
        if self.entries == 0 {
            return Err(LdifTrouble::Empty.at(self.lines.number()));
        }
        Ok(None)
    }

    fn version(&mut self) -> Result<(), LdifFault> {
        self.has_begun = true;
        match self.parts()?.value {
            Written::Plain(b"1") => Ok(()),
            _ => Err(LdifTrouble::Version.at(self.lines.number())),
        }
    }

    /// The rest of an entry whose name is the line.
    fn entry(&mut self) -> Result<Entry, LdifFault> {
        self.has_begun = true;
        self.entries += 1;
        let line = self.lines.number();
        if self.entries > self.limits.entries_max {
            return Err(LdifTrouble::TooManyEntries(self.limits.entries_max).at(line));
        }
        let mut octets = Vec::with_capacity(self.octets);
        let value = self.decode(&self.parts()?, &mut octets)?;
        let dn = || "dn".to_owned();
        let text = str::from_utf8(&octets[value]).map_err(|_| LdifTrouble::NotText(dn()).at(line))?;
        let name = DistinguishedName::parse(text)
            .map_err(|why| LdifTrouble::Name { attribute: dn(), why }.at(line))?;
        let mut entry = Entry { name, line, octets, slots: Vec::with_capacity(self.values) };
        while self.lines.advance()? && !self.lines.line().is_empty() {
            self.attribute(&mut entry)?;
        }
        (self.octets, self.values) = (entry.octets.len().min(1 << 16), entry.slots.len().min(1 << 10));
        Ok(entry)
    }

    /// One more line of an entry.
    fn attribute(&self, entry: &mut Entry) -> Result<(), LdifFault> {
        let at = self.lines.number();
        let parts = self.parts()?;
        match parts.name.len() {
            2 if parts.name.eq_ignore_ascii_case("dn") => return Err(LdifTrouble::SecondName.at(at)),
            7 if parts.name.eq_ignore_ascii_case("control") && entry.slots.is_empty() => {
                return Err(LdifTrouble::Control.at(at));
            }
            10 if parts.name.eq_ignore_ascii_case("changetype") => return self.change_type(&parts),
            _ => (),
        }
        if entry.slots.len() >= self.limits.values_max {
            return Err(LdifTrouble::TooManyValues(self.limits.values_max).at(at));
        }
        let name = append(&mut entry.octets, parts.name.as_bytes());
        let options = append(&mut entry.octets, parts.options.as_bytes());
        let value = self.decode(&parts, &mut entry.octets)?;
        if entry.octets.len() > self.limits.entry_octets_max {
            return Err(LdifTrouble::EntryTooLong(self.limits.entry_octets_max).at(at));
        }
        entry.slots.push(Slot { line: at, name, options, value });
        Ok(())
    }

    /// Adding an entry is as good as having it; `ldifde` exports in this form.
    fn change_type(&self, parts: &Parts<'_>) -> Result<(), LdifFault> {
        let mut octets = Vec::new();
        let value = self.decode(parts, &mut octets)?;
        if octets[value].eq_ignore_ascii_case(b"add") {
            return Ok(());
        }
        Err(LdifTrouble::ChangeType.at(self.lines.number()))
    }

    /// What `ldapsearch` says of how the search ended: lines up to an empty one.
    fn result(&mut self) -> Result<(), LdifFault> {
        self.has_begun = true;
        while self.lines.advance()? && !self.lines.line().is_empty() {
            let parts = self.parts()?;
            let Written::Plain(value) = parts.value else { continue };
            if parts.name.eq_ignore_ascii_case("result") && value.split(|b| *b == b' ').next() != Some(b"0") {
                return Err(LdifTrouble::Incomplete.at(self.lines.number()));
            }
        }
        Ok(())
    }

    /// What names another server: lines up to an empty one.
    fn skip(&mut self) -> Result<(), LdifFault> {
        self.has_begun = true;
        while self.lines.advance()? && !self.lines.line().is_empty() {}
        Ok(())
    }

    /// Appends the value of the line, decoded.
    fn decode(&self, parts: &Parts<'_>, octets: &mut Vec<u8>) -> Result<Range<usize>, LdifFault> {
        let (at, limit) = (self.lines.number(), self.limits.value_octets_max);
        let attribute = || parts.name.to_owned();
        let too_long = || LdifTrouble::ValueTooLong { attribute: attribute(), limit }.at(at);
        match parts.value {
            Written::Url => Err(LdifTrouble::Url(attribute()).at(at)),
            Written::Plain(value) if value.len() > limit => Err(too_long()),
            Written::Plain(value) if value.contains(&0) || value.contains(&b'\r') => {
                Err(LdifTrouble::ControlCharacter(attribute()).at(at))
            }
            Written::Plain(value) => Ok(append(octets, value)),
            // Before it is decoded: three octets for each four characters, of which two may be padding.
            Written::Base64(value) if value.len() / 4 * 3 > limit.saturating_add(2) => Err(too_long()),
            Written::Base64(value) => {
                let start = octets.len();
                STANDARD.decode_vec(value, octets).map_err(|_| LdifTrouble::Base64(attribute()).at(at))?;
                if octets.len() - start > limit {
                    return Err(too_long());
                }
                Ok(start..octets.len())
            }
        }
    }

    /// The line taken apart.
    fn parts(&self) -> Result<Parts<'_>, LdifFault> {
        let (line, at) = (self.lines.line(), self.lines.number());
        let colon = line.iter().position(|octet| *octet == b':');
        let colon = colon.ok_or_else(|| LdifTrouble::NoColon.at(at))?;
        let description = line[..colon].trim_ascii_end();
        let semicolon = description.iter().position(|octet| *octet == b';').unwrap_or(description.len());
        let (name, options) = description.split_at(semicolon);
        let options = options.strip_prefix(b";").unwrap_or(options);
        let is_plain = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
        let is_option = |octet: &u8| is_plain(octet) || matches!(octet, b'=' | b'*' | b';');
        if name.is_empty() || !name.iter().all(is_plain) || !options.iter().all(is_option) {
            return Err(LdifTrouble::AttributeName.at(at));
        }
        let text = |octets| str::from_utf8(octets).expect("every octet was found to be ASCII");
        let value = match &line[colon + 1..] {
            [b':', rest @ ..] => Written::Base64(rest.trim_ascii()),
            [b'<', ..] => Written::Url,
            rest => Written::Plain(filled(rest)),
        };
        Ok(Parts { name: text(name), options: text(options), value })
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Entry, LdifFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_entry().transpose()
    }
}

/// A value without the blanks that fill the space before it.
fn filled(value: &[u8]) -> &[u8] {
    let start = value.iter().position(|octet| *octet != b' ').unwrap_or(value.len());
    &value[start..]
}

fn append(octets: &mut Vec<u8>, more: &[u8]) -> Range<usize> {
    let start = octets.len();
    octets.extend_from_slice(more);
    start..octets.len()
}
