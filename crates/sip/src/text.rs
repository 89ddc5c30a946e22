//! The smallest rules of SIP's grammar: tokens, quotes, separators (RFC 3261 25.1).
//! Knows no header by name.

use std::borrow::Cow;

/// Whether this is a token: one or more of the characters a name may have.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_octet)
}

/// Whether the octet may stand in a token.
pub fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&octet)
}

/// Whether a value is written without quotes: visible, and none of the characters that end or wrap a value.
pub fn is_bare(text: &str) -> bool {
    text.bytes().all(|octet| octet > b' ' && octet != 0x7f && !b",;<>\"\\".contains(&octet))
}

/// Blanks and tabs off both ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
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

/// Where the first `wanted` stands outside of quotes and angle brackets. `wanted` may be `<` itself.
pub fn find_outside(text: &str, wanted: u8) -> Option<usize> {
    let octets = text.as_bytes();
    let mut at = 0;
    while at < octets.len() {
        match octets[at] {
            octet if octet == wanted => return Some(at),
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
    while at < octets.len() {
        match octets[at] {
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
