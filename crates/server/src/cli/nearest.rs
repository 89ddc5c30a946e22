//! The command that somebody meant: by how few slips lie between the words, and by what other programs call the same.
//! Knows no grammar.

use strsim::damerau_levenshtein;

/// What other programs call our verbs, and people with them.
const OTHERWISE: [(&str, &[&str]); 5] = [
    ("new", &["create", "add", "make"]),
    ("get", &["show", "view", "info"]),
    ("set", &["update", "modify", "change", "edit"]),
    ("list", &["ls", "all"]),
    ("remove", &["delete", "del", "rm", "destroy"]),
];
/// Longer words are nobody's slip, in letters (ours: the longest command has half of that).
const LETTERS_MAX: usize = 40;
/// Of so many letters one may be wrong (ours).
const LETTERS_PER_SLIP: usize = 3;

/// Those of these commands that are nearest to a word; none when it is like none of them.
pub fn nearest<'a>(commands: &[&'a str], word: &str) -> Vec<&'a str> {
    let letters = word.chars().count();
    if letters > LETTERS_MAX {
        return Vec::new();
    }
    let slips = |command: &&'a str| {
        let called = OTHERWISE.iter().filter(|(verb, _)| verb == command).flat_map(|(_, others)| *others);
        called
            .copied()
            .chain([*command])
            .map(|spelled| damerau_levenshtein(spelled, word))
            .min()
            .unwrap_or(usize::MAX)
    };
    let far = letters / LETTERS_PER_SLIP;
    let Some(least) = commands.iter().map(slips).min().filter(|least| *least <= far && *least < letters)
    else {
        return Vec::new();
    };
    commands.iter().copied().filter(|command| slips(command) == least).collect()
}
