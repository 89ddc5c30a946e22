//! One broken rule: where, which, and how to mend it.
//! Rules are in their own files.

use std::fmt;

/// A broken rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// Path from the root of the project.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// The rule's name, one word.
    pub rule: &'static str,
    /// What is wrong, and after a semicolon how to mend it.
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}: {}", self.file, self.line, self.rule, self.what)
    }
}
