//! The smallest rules of SIP's grammar: tokens, quotes, separators (RFC 3261 25.1).
//! Knows no header by name.

use std::borrow::Cow;

/// The octets that may stand in a token, and those that may stand in a value without quotes: visible, and none of the characters
/// that end or wrap a value. Every octet of every answer of a client is looked up here several times.
const TOKEN: [bool; 256] = table(b"-.!%*_+`'~", false);
const BARE: [bool; 256] = table(b",;<>\"\\\x7f", true);

/// A table of octets. Either letters, digits and `others` are in it; or all above a blank but `others`.
const fn table(others: &[u8], visible: bool) -> [bool; 256] {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = if visible { octet > 0x20 } else { (octet as u8).is_ascii_alphanumeric() };
        octet += 1;
    }
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = !visible;
        at += 1;
    }
    table
}

/// Whether this is a token: one or more of the characters a name may have.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_octet)
}

/// Whether the octet may stand in a token.
pub fn is_token_octet(octet: u8) -> bool {
    TOKEN[usize::from(octet)]
}

/// Whether a value is written without quotes: visible, and none of the characters that end or wrap a value.
pub fn is_bare(text: &str) -> bool {
    text.bytes().all(|octet| BARE[usize::from(octet)])
}

/// Blanks and tabs off both ends.
#[inline]
pub fn trim(text: &str) -> &str {
    // The one blank before nearly all values.
    let text = text.strip_prefix(' ').unwrap_or(text);
    match text.as_bytes() {
        [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => text.trim_matches([' ', '\t']),
        _ => text,
    }
}

/// Whether white space stands in it, of whatever kind.
pub fn has_blank(text: &str) -> bool {
    // All of it is looked at, which is quicker than to stop at the first.
    let doubtful = text.bytes().fold(false, |found, octet| found | (octet <= b' ') | (octet >= 0x80));
    doubtful && text.contains(char::is_whitespace)
}

/// Where the first blank or tab stands; at the end when there is none.
pub fn first_blank(text: &str) -> usize {
    text.bytes().position(|octet| matches!(octet, b' ' | b'\t')).unwrap_or(text.len())
}

/// What stands before and after the first such octet, which is ASCII; `None` when there is none.
pub fn split_at_octet(text: &str, octet: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|other| other == octet)?;
    Some((&text[..at], &text[at + 1..]))
}

/// The pieces between `separator`s that stand neither in quotes nor in angle brackets, trimmed.
/// A quote or bracket that is never closed reaches to the end.
pub fn split_outside(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let end = find_outside(current, separator).unwrap_or(current.len());
        rest = current.get(end + 1..);
        Some(trim(&current[..end]))
    })
}

/// One `name=value` or `name` of a list, as written but for the blanks around both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair<'a> {
    /// What stands before the first equals sign.
    pub name: &'a str,
    /// What stands after it, a quoted value still in its quotes; `None` when there is none.
    pub value: Option<&'a str>,
    /// Whether it is known already that the name is a token and the value, if any, one quoted string or a bare one.
    pub plain: bool,
}

/// The pairs of a list, as [`split_outside`] cuts it.
pub fn pairs(text: &str, separator: u8) -> impl Iterator<Item = Pair<'_>> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        if let Some((pair, next)) = plain_pair(current, separator) {
            rest = next;
            return Some(pair);
        }
        let end = find_outside(current, separator).unwrap_or(current.len());
        rest = current.get(end + 1..);
        let piece = trim(&current[..end]);
        Some(match split_at_octet(piece, b'=') {
            Some((name, value)) => Pair { name: trim(name), value: Some(trim(value)), plain: false },
            None => Pair { name: piece, value: None, plain: false },
        })
    })
}

/// The first pair when it is written as nearly all are, and what follows its separator: read in one go. Whatever is unusual is
/// left to the rules above.
fn plain_pair(text: &str, separator: u8) -> Option<(Pair<'_>, Option<&str>)> {
    let octets = text.as_bytes();
    let run = |at: usize, of: &[bool; 256]| {
        let beyond = octets[at..].iter().position(|octet| !of[usize::from(*octet)]);
        beyond.map_or(octets.len(), |more| at + more)
    };
    let begin = usize::from(octets.first() == Some(&b' '));
    let name_end = run(begin, &TOKEN);
    let (value, end) = match (octets.get(name_end), octets.get(name_end + 1)) {
        (Some(b'='), Some(b'"')) => {
            let close = memchr::memchr2(b'"', b'\\', &octets[name_end + 2..])? + name_end + 2;
            if octets[close] == b'\\' {
                return None;
            }
            (Some(&text[name_end + 1..=close]), close + 1)
        }
        (Some(b'='), _) => {
            let end = run(name_end + 1, &BARE);
            (Some(&text[name_end + 1..end]), end)
        }
        _ => (None, name_end),
    };
    let next = match octets.get(end) {
        None => None,
        Some(octet) if *octet == separator => Some(&text[end + 1..]),
        Some(_) => return None,
    };
    let pair = Pair { name: &text[begin..name_end], value, plain: true };
    (name_end > begin).then_some((pair, next))
}

/// Where the first `wanted` stands outside of quotes and angle brackets. `wanted` may be `<` itself.
pub fn find_outside(text: &str, wanted: u8) -> Option<usize> {
    let octets = text.as_bytes();
    let mut at = 0;
    // A plain loop: what is looked for is near, nearer than a search by vectors begins to pay.
    while let Some(octet) = octets.get(at) {
        match octet {
            octet if *octet == wanted => return Some(at),
            b'"' => at += quoted_len(&octets[at..])?,
            b'<' => at += memchr::memchr(b'>', &octets[at..])? + 1,
            _ => at += 1,
        }
    }
    None
}

/// How many octets the quoted string at the start has, both quotes included; `None` when it is never closed.
pub fn quoted_len(octets: &[u8]) -> Option<usize> {
    let mut at = 1;
    while let Some(octet) = octets.get(at) {
        match octet {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// Whether this is one quoted string and nothing more.
pub fn is_quoted(text: &str) -> bool {
    text.starts_with('"') && quoted_len(text.as_bytes()) == Some(text.len())
}

/// The text itself, out of its quotes if it has some.
pub fn unquote(text: &str) -> Cow<'_, str> {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    Cow::Owned(plain)
}

/// A number written in digits alone, without sign; `None` when it is none or does not fit.
pub fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
