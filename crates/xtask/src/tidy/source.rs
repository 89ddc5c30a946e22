//! Rust source as the rules see it: line by line, comments and texts blanked out, functions and their depth found.
//! It knows just enough of the language for that; it is no parser and trusts that the compiler has accepted the file.

/// A Rust file.
pub struct Source {
    lines: Vec<String>,
    code: Vec<String>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, counted from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace.
    pub lines: usize,
    /// Levels of indentation: the body is the first, a block that spans lines inside it the second, and so on.
    pub levels: usize,
    /// The line that is indented most.
    pub deepest: usize,
}

impl Source {
    /// Reads the text of a file.
    pub fn read(text: &str) -> Source {
        let code = blank(text).lines().map(str::to_owned).collect();
        Source { lines: text.lines().map(str::to_owned).collect(), code }
    }

    /// Its lines as written.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Its lines with comments and the insides of texts replaced by spaces.
    pub fn code(&self) -> &[String] {
        &self.code
    }

    /// Every function that has a body; one inside another counts by itself and as a part of the other.
    pub fn functions(&self) -> Vec<Function> {
        let all: Vec<char> = self.code.join("\n").chars().collect();
        let mut functions = Vec::new();
        for start in words(&all, "fn") {
            let Some(name) = name_after(&all, start + 2) else { continue };
            let Some(open) = body_of(&all, start) else { continue };
            functions.push(measure(&all, start, open, name));
        }
        functions
    }
}

/// Positions where `word` stands alone.
fn words(all: &[char], word: &str) -> Vec<usize> {
    let word: Vec<char> = word.chars().collect();
    let is_part = |index: usize| all.get(index).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    (0..all.len())
        .filter(|&at| {
            all[at..].starts_with(&word) && !is_part(at + word.len()) && (at == 0 || !is_part(at - 1))
        })
        .collect()
}

/// The identifier after `fn`; none for a function pointer type.
fn name_after(all: &[char], from: usize) -> Option<String> {
    let rest = all[from..].iter().skip_while(|c| c.is_whitespace());
    let name: String = rest.take_while(|c| c.is_alphanumeric() || **c == '_').collect();
    if name.is_empty() { None } else { Some(name) }
}

/// The brace that opens the body of the function at `start`; none for a declaration.
fn body_of(all: &[char], start: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (index, c) in all.iter().enumerate().skip(start) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(index),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn measure(all: &[char], start: usize, open: usize, name: String) -> Function {
    let line = line_of(all, start);
    let mut row = line_of(all, open);
    let (mut levels, mut deepest) = (1, row);
    // For each open brace, whether it opened a level: those that end their line do, `Some { x }` does not.
    let mut braces: Vec<bool> = Vec::new();
    for (index, c) in all.iter().enumerate().skip(open) {
        match c {
            '\n' => row += 1,
            '{' => braces.push(ends_line(&all[index + 1..])),
            '}' => drop(braces.pop()),
            _ => {}
        }
        let level = braces.iter().filter(|opened| **opened).count();
        if level > levels {
            (levels, deepest) = (level, row);
        }
        if braces.is_empty() {
            break;
        }
    }
    Function { name, line, lines: row + 1 - line, levels, deepest }
}

/// Whether nothing but blanks stands before the next line break.
fn ends_line(rest: &[char]) -> bool {
    rest.iter().find(|c| **c == '\n' || !c.is_whitespace()) == Some(&'\n')
}

fn line_of(all: &[char], at: usize) -> usize {
    all[..at].iter().filter(|c| **c == '\n').count() + 1
}

/// Replaces comments, and what stands between quotes, by spaces; line breaks stay.
fn blank(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < all.len() {
        let rest = &all[at..];
        let length = if rest.starts_with(&['/', '/']) {
            rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
        } else if rest.starts_with(&['/', '*']) {
            block_comment(rest)
        } else if let Some(length) = text_literal(rest, at > 0 && is_name(all[at - 1])) {
            length
        } else {
            out.push(all[at]);
            at += 1;
            continue;
        };
        out.extend(rest[..length].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at += length;
    }
    out
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a block comment, which may hold others.
fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(&['/', '*']) {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(&['*', '/']) {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of a string, raw string, byte string, C string or character that starts here.
fn text_literal(rest: &[char], after_name: bool) -> Option<usize> {
    let prefix =
        if after_name { 0 } else { rest.iter().take_while(|c| matches!(c, 'b' | 'r' | 'c')).count().min(2) };
    let raw = rest[..prefix].contains(&'r');
    let hashes = if raw { rest[prefix..].iter().take_while(|c| **c == '#').count() } else { 0 };
    let open = prefix + hashes;
    match rest.get(open) {
        Some('"') if raw => {
            let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            let inside = rest[open + 1..].windows(end.len()).position(|window| window == end);
            Some(inside.map_or(rest.len(), |inside| open + 1 + inside + end.len()))
        }
        Some('"') => Some(quoted(rest, open, '"')),
        // A character, not a lifetime: 'x' or '\...'.
        Some('\'') if !raw && (rest.get(open + 1) == Some(&'\\') || rest.get(open + 2) == Some(&'\'')) => {
            Some(quoted(rest, open, '\''))
        }
        _ => None,
    }
}

fn quoted(rest: &[char], open: usize, quote: char) -> usize {
    let mut at = open + 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}
