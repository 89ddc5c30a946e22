//! Distinguished names of directory objects: read, written in one spelling, compared and taken apart (RFC 4514).
//! Knows no directory: whether something bears a name is said elsewhere, and a name is never an identity.

use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Longest distinguished name, in octets (ours: directories hold names of some hundred octets).
pub const NAME_OCTETS_MAX: usize = 4_096;

/// The name of an object and of all that contains it, such as `CN=Ana Ruiz,OU=Sales,DC=example,DC=com`.
///
/// Two spellings of one name are equal: case, blanks around separators, the way of escaping, the order inside a relative name of
/// several parts and the numbers of well-known attribute types make no difference.
#[derive(Clone)]
pub struct DistinguishedName {
    text: Box<str>,
    folded: Box<str>,
}

/// Why a text is no distinguished name. The text is not repeated: in an export anything may stand in its place.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadName {
    /// Not a list of `type=value`.
    #[error("this is no distinguished name: write it as CN=Ana Ruiz,OU=Sales,DC=example,DC=com")]
    Form,
    /// A backslash before something that needs none.
    #[error(
        "there is a stray backslash: it stands before one of , + \" \\ < > ; = # or a blank, or before two hexadecimal digits"
    )]
    Escape,
    /// A character that must be escaped.
    #[error("there is a bare {0} in a value: write \\{0}")]
    Bare(char),
    /// Escaped octets that are no UTF-8.
    #[error("there are escaped octets that are not UTF-8: escape the octets of the UTF-8 form")]
    NotUtf8,
    /// Beyond the limit.
    #[error("it has more than {NAME_OCTETS_MAX} octets, the most a distinguished name may have")]
    TooLong,
}

/// Attribute types that RFC 4514, 3 asks everybody to know by their names.
const KNOWN_TYPES: &[(&str, &str)] = &[
    ("2.5.4.3", "cn"),
    ("2.5.4.7", "l"),
    ("2.5.4.8", "st"),
    ("2.5.4.10", "o"),
    ("2.5.4.11", "ou"),
    ("2.5.4.6", "c"),
    ("2.5.4.9", "street"),
    ("0.9.2342.19200300.100.1.25", "dc"),
    ("0.9.2342.19200300.100.1.1", "uid"),
];

impl DistinguishedName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`BadName`] when the text does not follow RFC 4514 (the quotes and semicolons of its predecessors are refused), when it is
    /// empty or too long.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.len() > NAME_OCTETS_MAX {
            return Err(BadName::TooLong);
        }
        let mut reading = Reading { whole: text, at: 0, value: Vec::new() };
        let mut out =
            Spellings { text: String::with_capacity(text.len()), folded: String::with_capacity(text.len()) };
        loop {
            reading.relative(&mut out)?;
            if !reading.take(b',') {
                break;
            }
            out.push(',');
        }
        if reading.at < text.len() {
            return Err(BadName::Form);
        }
        Ok(Self { text: out.text.into(), folded: out.folded.into() })
    }

    /// The name in its one way of escaping, case kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form in which names are compared; it is a distinguished name too.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The same without the rest of the name.
    #[must_use]
    pub fn into_folded(self) -> Box<str> {
        self.folded
    }

    /// The name of what contains the object; none for a name of one part.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        Some(Self { text: after_comma(&self.text)?.into(), folded: after_comma(&self.folded)?.into() })
    }

    /// The folded names of all that contains the object, the nearest first.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(after_comma(&self.folded), |name| after_comma(name))
    }

    /// How many relative names it has; 1 at least.
    #[must_use]
    pub fn depth(&self) -> usize {
        1 + self.ancestors().count()
    }

    /// The object's own part of the name, such as `CN=Ana Ruiz`.
    #[must_use]
    pub fn relative(&self) -> &str {
        &self.text[..end_of_relative(&self.text)]
    }

    /// The value of the first part without escapes, such as `Ana Ruiz`.
    #[must_use]
    pub fn value(&self) -> String {
        unescaped(self.relative())
    }

    /// The domain that a name of `DC=` parts alone stands for, such as `example.com`.
    #[must_use]
    pub fn dns(&self) -> Option<String> {
        let all = std::iter::once(&*self.folded).chain(self.ancestors());
        let labels: Option<Vec<String>> = all
            .map(|name| name[..end_of_relative(name)].starts_with("dc=").then(|| unescaped(name)))
            .collect();
        labels.map(|labels| labels.join("."))
    }
}

/// The two spellings while they are made.
struct Spellings {
    text: String,
    folded: String,
}

impl Spellings {
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.folded.push(c);
    }
}

/// A text while it is read.
struct Reading<'a> {
    whole: &'a str,
    at: usize,
    value: Vec<u8>,
}

impl Reading<'_> {
    /// One relative name: parts joined by `+`. Their order is theirs in the text and the alphabet's in the folded form.
    fn relative(&mut self, out: &mut Spellings) -> Result<(), BadName> {
        let start = out.folded.len();
        self.part(out)?;
        if self.peek() != Some(b'+') {
            return Ok(());
        }
        let mut parts = vec![out.folded[start..].to_owned()];
        while self.take(b'+') {
            out.text.push('+');
            out.folded.truncate(start);
            self.part(out)?;
            parts.push(out.folded[start..].to_owned());
        }
        parts.sort();
        out.folded.truncate(start);
        out.folded.push_str(&parts.join("+"));
        Ok(())
    }

    /// One `type=value`.
    fn part(&mut self, out: &mut Spellings) -> Result<(), BadName> {
        self.skip_blanks();
        let rest = &self.whole[self.at..];
        let (kind, _) = rest.split_once('=').ok_or_else(|| self.bad_form())?;
        self.at += kind.len() + 1;
        let kind = kind.trim_end_matches(' ');
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        if kind.is_empty() || !kind.bytes().all(plain) {
            return Err(self.bad_form());
        }
        out.text.push_str(kind);
        let known = KNOWN_TYPES.iter().find(|(number, _)| number.eq_ignore_ascii_case(kind));
        match known {
            Some((_, name)) => out.folded.push_str(name),
            None => out.folded.extend(kind.chars().map(|c| c.to_ascii_lowercase())),
        }
        out.push('=');
        self.skip_blanks();
        if self.peek() == Some(b'#') { self.hexadecimal(out) } else { self.string(out) }
    }

    /// A value given as `#` and the hexadecimal octets of its encoding; it is kept as such.
    fn hexadecimal(&mut self, out: &mut Spellings) -> Result<(), BadName> {
        let rest = &self.whole[self.at + 1..];
        let end = rest.find([',', '+', ' ']).unwrap_or(rest.len());
        let digits = &rest[..end];
        if digits.is_empty()
            || !digits.len().is_multiple_of(2)
            || !digits.bytes().all(|b| b.is_ascii_hexdigit())
        {
            return Err(self.bad_form());
        }
        out.push('#');
        for digit in digits.chars() {
            out.push(digit.to_ascii_lowercase());
        }
        self.at += 1 + end;
        self.skip_blanks();
        Ok(())
    }

    fn string(&mut self, out: &mut Spellings) -> Result<(), BadName> {
        let mut value = std::mem::take(&mut self.value);
        value.clear();
        // Blanks at the end belong to the value only where they are escaped.
        let mut kept = 0;
        while let Some(octet) = self.peek().filter(|octet| !matches!(octet, b',' | b'+')) {
            if matches!(octet, b'"' | b';') {
                return Err(BadName::Bare(char::from(octet)));
            }
            self.at += 1;
            value.push(if octet == b'\\' { self.escaped()? } else { octet });
            if octet != b' ' {
                kept = value.len();
            }
        }
        value.truncate(kept);
        let text = str::from_utf8(&value).map_err(|_| BadName::NotUtf8)?;
        push_value(&mut out.text, text);
        push_folded(&mut out.folded, text);
        self.value = value;
        Ok(())
    }

    /// What a backslash that was just read stands for.
    fn escaped(&mut self) -> Result<u8, BadName> {
        let rest = &self.whole.as_bytes()[self.at..];
        let hex = |octet: &u8| char::from(*octet).to_digit(16);
        if let [high, low, ..] = rest
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            self.at += 2;
            return Ok((high * 16 + low) as u8);
        }
        match rest.first() {
            Some(octet) if b",+\"\\<>;=# ".contains(octet) => {
                self.at += 1;
                Ok(*octet)
            }
            _ => Err(BadName::Escape),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.whole.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, octet: u8) -> bool {
        let is_next = self.peek() == Some(octet);
        self.at += usize::from(is_next);
        is_next
    }

    fn skip_blanks(&mut self) {
        while self.take(b' ') {}
    }

    fn bad_form(&self) -> BadName {
        BadName::Form
    }
}

/// Writes a value in the one way of escaping.
fn push_value(out: &mut String, value: &str) {
    let last = value.len().saturating_sub(1);
    for (at, c) in value.char_indices() {
        let at_an_end = at == 0 || at == last;
        if c == ' ' && at_an_end || c == '#' && at == 0 {
            out.push('\\');
        }
        push_escaped(out, c);
    }
}

/// Writes the form in which values are compared: case and accents as in every name of this house, each run of blanks as one and
/// none at the ends (RFC 4518, 2.6.1).
fn push_folded(out: &mut String, value: &str) {
    let start = out.len();
    if value.is_ascii() {
        push_squeezed(out, value.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        push_squeezed(out, chat::folded(value).chars());
    }
    if out[start..].starts_with('#') {
        out.insert(start, '\\');
    }
}

fn push_squeezed(out: &mut String, chars: impl Iterator<Item = char>) {
    let (mut begun, mut blank) = (false, false);
    for c in chars {
        if c.is_whitespace() {
            blank = begun;
            continue;
        }
        if blank {
            out.push(' ');
        }
        (begun, blank) = (true, false);
        push_escaped(out, c);
    }
}

fn push_escaped(out: &mut String, c: char) {
    if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=') {
        out.push('\\');
        out.push(c);
    } else if c.is_control() {
        for octet in c.encode_utf8(&mut [0; 4]).bytes() {
            write!(out, "\\{octet:02X}").expect("a string takes every text");
        }
    } else {
        out.push(c);
    }
}

/// What follows the first separator of a name in its one way of escaping.
fn after_comma(name: &str) -> Option<&str> {
    name.get(end_of_relative(name) + 1..)
}

fn end_of_relative(name: &str) -> usize {
    end_at(name, b",")
}

/// Where the first of the octets stands that no backslash precedes, or the end.
fn end_at(name: &str, ends: &[u8]) -> usize {
    let octets = name.as_bytes();
    let mut at = 0;
    while let Some(octet) = octets.get(at) {
        if ends.contains(octet) {
            break;
        }
        // After a backslash comes what it escapes; the second of two digits is no separator either.
        at += if *octet == b'\\' { 2 } else { 1 };
    }
    at.min(octets.len())
}

/// The first value of a name in its one way of escaping, without escapes.
fn unescaped(name: &str) -> String {
    let part = &name[..end_at(name, b",+")];
    let value = part.split_once('=').map_or(part, |(_, value)| value);
    let mut reading = Reading { whole: value, at: 0, value: Vec::with_capacity(value.len()) };
    while let Some(octet) = reading.peek() {
        reading.at += 1;
        let octet = if octet == b'\\' { reading.escaped().unwrap_or(octet) } else { octet };
        reading.value.push(octet);
    }
    String::from_utf8_lossy(&reading.value).into_owned()
}

impl PartialEq for DistinguishedName {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for DistinguishedName {}

impl Hash for DistinguishedName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl FromStr for DistinguishedName {
    type Err = BadName;
    fn from_str(s: &str) -> Result<Self, BadName> {
        Self::parse(s)
    }
}
