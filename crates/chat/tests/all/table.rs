//! Tables as text: rows of cells that stand for whole sets of cases, expanded to every single case.
//! Knows nothing of what the cells mean.

use std::collections::BTreeMap;

/// What can stand in a column.
pub type Column = (&'static str, &'static [&'static str]);

/// A case: one word for each column.
pub type Case = Vec<&'static str>;

/// Reads a table. Its first row names the columns, then, in one cell, the outcomes; more cells are remarks. A row stands for
/// every case that its cells allow: words, or `any`. A row that names outcomes begins a new part of the table. Panics unless
/// each case has each outcome exactly once.
pub fn read(
    columns: &[Column],
    outcomes: &[&'static str],
    table: &'static str,
) -> Vec<(Case, &'static str, char)> {
    let mut found: BTreeMap<(Case, &'static str), (char, &'static str)> = BTreeMap::new();
    let mut heads: Vec<&'static str> = Vec::new();
    for row in table.lines().filter(|row| !row.trim().is_empty() && !row.starts_with('#')) {
        let cells: Vec<&'static str> = row.split('|').map(str::trim).collect();
        let (cells, results) = (&cells[..columns.len()], cells[columns.len()].split_whitespace());
        if cells[0] == columns[0].0 {
            heads = results.collect();
            assert!(cells.iter().zip(columns).all(|(cell, column)| *cell == column.0), "the head: {row}");
            continue;
        }
        let results: Vec<&str> = results.collect();
        assert_eq!(results.len(), heads.len(), "as many outcomes as in the head: {row}");
        for case in cases(columns, cells, row) {
            for (head, result) in heads.iter().zip(&results) {
                let result = result.chars().next().expect("not blank");
                let twice = found.insert((case.clone(), head), (result, row));
                assert_eq!(twice, None, "{head} for {case:?} in two rows, the second is {row}");
            }
        }
    }
    let all = columns.iter().map(|(_, words)| words.len()).product::<usize>() * outcomes.len();
    if found.len() != all {
        let whole: Vec<&str> = columns.iter().map(|_| "any").collect();
        let cases = cases(columns, &whole, "all");
        let missing =
            cases.iter().find(|case| outcomes.iter().any(|o| !found.contains_key(&((*case).clone(), *o))));
        panic!("{} of {all} cells; no row for {missing:?}", found.len());
    }
    found.into_iter().map(|((case, outcome), (result, _))| (case, outcome, result)).collect()
}

fn cases(columns: &[Column], cells: &[&str], row: &str) -> Vec<Case> {
    columns.iter().zip(cells).fold(vec![Vec::new()], |cases, ((name, words), cell)| {
        let given: Vec<&str> = cell.split_whitespace().collect();
        let strange = given.iter().find(|word| **word != "any" && !words.contains(word));
        assert_eq!(strange, None, "no word of column '{name}': {row}");
        let meant: Vec<&'static str> =
            words.iter().copied().filter(|word| given == ["any"] || given.contains(word)).collect();
        let longer = |case: &Case, word| [case.as_slice(), &[word]].concat();
        cases
            .iter()
            .flat_map(|case| meant.iter().map(|word| longer(case, *word)).collect::<Vec<_>>())
            .collect()
    })
}
