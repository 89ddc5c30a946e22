//! Tables of filters over texts: which words mean which texts.

use chat::limits::{FILTER_BYTES_MAX, FILTER_WORDS_MAX};
use chat::{BadFilter, MatchClause, TextFilter, story_title};

use MatchClause::{And, Exact, Or};

/// Words, how they combine, a text, and whether it is meant: first without regard to case, then with.
#[rustfmt::skip]
const TABLE: &[(&str, MatchClause, &str, bool, bool)] = &[
    ("card number", And,   "the number of my card",              true,  true),
    ("card number", And,   "my card",                            false, false),
    ("card number", Or,    "my card",                            true,  true),
    ("card number", Or,    "my cards",                           false, false),
    ("card number", Exact, "a card number: 4711",                true,  true),
    ("card number", Exact, "the number of my card",              false, false),
    ("card number", Exact, "a card\n   number over two lines",   true,  true),
    ("card number", Exact, "a discard number",                   false, false),
    ("card number", Exact, "card numbers",                       false, false),
    ("card",        And,   "CARD",                               true,  false),
    ("Card",        And,   "Card",                               true,  true),
    ("card",        And,   "card-number, (card)",                true,  true),
    ("card",        And,   "discard, cards, card2",              false, false),
    ("card",        And,   "discarded cards and one card",       true,  true),
    ("c++",         And,   "we write c++ here",                  true,  true),
    ("c++",         And,   "we write c here",                    false, false),
    ("a.b",         Exact, "see a.b",                            true,  true),
    ("$5",          And,   "it costs $5.",                       true,  true),
    ("$5",          And,   "it costs $50",                       false, false),
    ("STRASSE",     And,   "straße",                             false, false),
    ("ÜBER",        And,   "über allem",                         true,  false),
    ("u\u{308}ber", And,   "\u{fc}ber allem",                    true,  true),
    ("uber",        And,   "über allem",                         false, false),
    ("机密",        And,   "这是机密文件",                       true,  true),
    ("文件 机密",   And,   "这是机密文件",                       true,  true),
    ("文件 机密",   Exact, "这是机密文件",                       false, false),
    ("ลับ",         And,   "เอกสารลับมาก",                       true,  true),
    ("alpha beta",  Or,    "",                                   false, false),
];

#[test]
fn words_mean_texts() {
    for (words, clause, text, loosely, strictly) in TABLE {
        for (case_sensitive, meant) in [(false, loosely), (true, strictly)] {
            let filter = TextFilter::parse(words, *clause, case_sensitive).expect("words");
            assert_eq!(filter.matches(text), *meant, "{words:?} {clause:?} {case_sensitive} in {text:?}");
        }
    }
}

#[test]
fn what_means_nothing_is_no_filter() {
    let parse = |words: &str| TextFilter::parse(words, And, false);
    assert_eq!(parse(""), Err(BadFilter::Empty));
    assert_eq!(parse(" \t\n "), Err(BadFilter::Empty));
    assert_eq!(parse("a\0b"), Err(BadFilter::Character));
    assert_eq!(parse("\u{7f}"), Err(BadFilter::Character));
    assert!(parse("two\nlines").is_ok(), "blanks they are");
    let many = "x ".repeat(FILTER_WORDS_MAX);
    assert!(parse(&many).is_ok());
    assert_eq!(parse(&format!("{many} y")), Err(BadFilter::TooManyWords { words: FILTER_WORDS_MAX + 1 }));
    let long = "x".repeat(FILTER_BYTES_MAX);
    assert!(parse(&long).is_ok());
    assert_eq!(parse(&format!("{long}x")), Err(BadFilter::TooLong { bytes: FILTER_BYTES_MAX + 1 }));
}

#[test]
fn a_story_has_the_title_its_mark_or_its_first_line_gives() {
    for (text, title) in [
        ("[STORY]The walrus\nonce upon a time", Some("The walrus")),
        ("[STORY:The walrus]once upon a time", Some("The walrus")),
        ("[STORY The walrus]\nonce", Some("The walrus")),
        ("[STORY]\nonce", None),
        ("[STORY without an end", None),
        ("no [STORY]", None),
    ] {
        assert_eq!(story_title(text), title, "{text:?}");
    }
}
