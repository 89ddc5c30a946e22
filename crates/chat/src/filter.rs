//! Which texts an administrator or a searcher means by a few words: all of them, any of them, or a phrase.
//! Looks at one text at a time and knows neither rooms nor posts.

use unicode_normalization::UnicodeNormalization;

use crate::limits::{FILTER_BYTES_MAX, FILTER_WORDS_MAX};
use crate::text::folded;

/// How several words of a filter combine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum MatchClause {
    /// Every word must occur.
    #[default]
    And,
    /// One word is enough.
    Or,
    /// The words must occur as they are written, one after another.
    Exact,
}

/// Words that texts are looked through for. A word occurs only as a whole: `card` is in `card-number`, not in `discard`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextFilter {
    /// As they are compared; the single phrase of [`MatchClause::Exact`].
    words: Vec<String>,
    clause: MatchClause,
    case_sensitive: bool,
}

/// Why words are no filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadFilter {
    /// No word is left.
    #[error("the filter holds no word: write the words to look for, separated by blanks")]
    Empty,
    /// A character that no text holds.
    #[error("the filter holds a control character: no text does")]
    Character,
    /// More words than allowed.
    #[error("the filter has {words} words, at most {FILTER_WORDS_MAX} are allowed")]
    TooManyWords {
        /// How many there are.
        words: usize,
    },
    /// Longer than allowed.
    #[error("the filter has {bytes} octets, at most {FILTER_BYTES_MAX} are allowed")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
}

impl TextFilter {
    /// Reads words separated by blanks. None is ever left out: a filter that means less than it says would find more.
    ///
    /// # Errors
    /// [`BadFilter`] for no word, too many words, too long a text or a control character.
    pub fn parse(words: &str, clause: MatchClause, case_sensitive: bool) -> Result<Self, BadFilter> {
        if words.len() > FILTER_BYTES_MAX {
            return Err(BadFilter::TooLong { bytes: words.len() });
        }
        // None is kept in a text either, and not every database can look for one.
        if words.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Err(BadFilter::Character);
        }
        let mut words: Vec<String> =
            compared(words, case_sensitive).split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            return Err(BadFilter::Empty);
        }
        if words.len() > FILTER_WORDS_MAX {
            return Err(BadFilter::TooManyWords { words: words.len() });
        }
        if clause == MatchClause::Exact {
            words = vec![words.join(" ")];
        }
        Ok(Self { words, clause, case_sensitive })
    }

    /// The words, in the form in which they are compared; the one phrase of [`MatchClause::Exact`].
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// How the words combine.
    #[must_use]
    pub fn clause(&self) -> MatchClause {
        self.clause
    }

    /// Whether capitals count.
    #[must_use]
    pub fn is_case_sensitive(&self) -> bool {
        self.case_sensitive
    }

    /// Whether the text is meant. However many blanks or line ends stand between two words, they count as one blank.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = compared(text, self.case_sensitive);
        match self.clause {
            MatchClause::And => self.words.iter().all(|word| occurs(&text, word)),
            MatchClause::Or => self.words.iter().any(|word| occurs(&text, word)),
            MatchClause::Exact => {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                self.words.iter().all(|phrase| occurs(&text, phrase))
            }
        }
    }
}

/// The form in which texts are compared: accents written one way, and case put aside unless it counts.
fn compared(text: &str, case_sensitive: bool) -> String {
    if case_sensitive { text.nfc().collect() } else { folded(text) }
}

/// Whether the word stands in the text and is not a part of a longer one.
fn occurs(text: &str, word: &str) -> bool {
    let (Some(first), Some(last)) = (word.chars().next(), word.chars().next_back()) else { return false };
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(|before| joined(before, first)) && !after.is_some_and(|after| joined(last, after))
    })
}

/// Whether two neighbouring characters belong to one word.
fn joined(left: char, right: char) -> bool {
    let in_word = |c: char| c.is_alphanumeric() && !without_blanks(c);
    in_word(left) && in_word(right)
}

/// Scripts that put no blanks between words: Thai to Khmer, kana, Chinese characters. A word of theirs is found anywhere.
fn without_blanks(c: char) -> bool {
    matches!(
        c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
            | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}'
    )
}
