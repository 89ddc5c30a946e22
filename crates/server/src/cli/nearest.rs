//! The command that somebody meant: by how few slips lie between the words, and by what other programs call the same.
//! Knows no grammar.

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
        called.copied().chain([*command]).map(|spelled| distance(spelled, word)).min().unwrap_or(usize::MAX)
    };
    let far = letters.div_ceil(LETTERS_PER_SLIP);
    let Some(least) = commands.iter().map(slips).min().filter(|least| *least <= far && *least < letters)
    else {
        return Vec::new();
    };
    commands.iter().copied().filter(|command| slips(command) == least).collect()
}

/// How many letters must be put in, left out, replaced, or swapped with the next to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    // A row for each letter of the one, with the distance to each beginning of the other.
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}
