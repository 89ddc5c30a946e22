//! How long a file or a function may be, and how deep.
//! Tests are not measured; exceptions are in `waivers.rs`.

use super::complain;
use super::complaint::Complaint;
use super::tree::{Tree, is_test};
use super::waivers::Waivers;

/// Lines of a file.
const FILE_LINES_MAX: usize = 500;
/// Lines of a function, from `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// Levels of indentation inside a function, its body being the first.
const LEVELS_MAX: usize = 4;

const RULE: &str = "limits";

/// Measures every Rust file that is not a test.
pub fn check(tree: &Tree, waivers: &mut Waivers, complaints: &mut Vec<Complaint>) {
    for (path, source) in tree.sources().filter(|(path, _)| !is_test(path)) {
        let lines = source.lines().len();
        if lines > FILE_LINES_MAX && !waivers.cover(path, None) {
            let what = format!(
                "{lines} lines, {FILE_LINES_MAX} at most; move one of its jobs into a file of its own"
            );
            complain(complaints, path, FILE_LINES_MAX + 1, RULE, what);
        }
        for function in source.functions() {
            let too_long = function.lines > FUNCTION_LINES_MAX;
            let too_deep = function.levels > LEVELS_MAX;
            if !(too_long || too_deep) || waivers.cover(path, Some(&function.name)) {
                continue;
            }
            if too_long {
                let what = format!(
                    "{} has {} lines, {FUNCTION_LINES_MAX} at most; leave the decisions, move a computation out",
                    function.name, function.lines
                );
                complain(complaints, path, function.line, RULE, what);
            }
            if too_deep {
                let what = format!(
                    "{} is {} levels deep, {LEVELS_MAX} at most; return early, or move the inner block out",
                    function.name, function.levels
                );
                complain(complaints, path, function.deepest, RULE, what);
            }
        }
    }
}
