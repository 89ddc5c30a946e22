//! Texts of about 200 octets, of words whose frequency is known.
//! The words mean nothing, but for a few that are looked for.

use crate::model::Chance;

/// Words that are looked for, with how many posts there are to one that holds it.
pub const KNOWN: [(&str, u64); 5] =
    [("quarterly", 10), ("invoice", 10), ("migration", 100), ("zeppelin", 1_000), ("okapi", 100_000)];
/// Other words there are.
const WORDS: u64 = 20_000;
/// Of these, those that are in many posts.
const FREQUENT: u64 = 200;
/// Octets of a text.
const LONG: usize = 190;
const SYLLABLES: [&str; 32] = [
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su", "ta", "ve",
    "wi", "xo", "zu", "bra", "cle", "dri", "flo", "gru", "sta", "tre", "spi", "glo", "pru", "sha", "the",
];

/// A text. As in any language a few words are in most texts, and most words in few.
pub fn text(chance: &mut Chance) -> String {
    let mut text = String::with_capacity(LONG + 16);
    while text.len() < LONG {
        if !text.is_empty() {
            text.push(' ');
        }
        // Drawn below what was drawn: the first words come again and again.
        let (first, second) = (chance.below(WORDS) + 1, chance.below(1 << 20) + 1);
        let second = (first * second) >> 20;
        word(chance.below(second + 1), &mut text);
    }
    for (known, one_of) in KNOWN {
        if chance.below(one_of) == 0 {
            text.push(' ');
            text.push_str(known);
        }
    }
    text
}

/// One of the words that are in many posts.
pub fn frequent_word(chance: &mut Chance) -> String {
    let mut text = String::new();
    word(chance.below(FREQUENT), &mut text);
    text
}

fn word(number: u64, out: &mut String) {
    let mut rest = number + 1;
    while rest > 0 {
        out.push_str(SYLLABLES[(rest % 32) as usize]);
        rest /= 32;
    }
    out.push('n');
}
