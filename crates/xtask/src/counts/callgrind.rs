//! Reads what callgrind writes: of each part, what the program itself did and how often it asked for memory.
//! Knows no codec, and compares nothing.

use crate::trouble::Trouble;

/// What was counted between one entry of the measured function and its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Part {
    /// Instructions in the program's own code. What the C library does for it is left out: that differs from one version, and one
    /// processor, to the next.
    pub instructions: u64,
    /// How often it asked the C library for memory.
    pub allocations: u64,
}

/// The functions of the C library that a program asks for memory.
const ALLOCATORS: [&str; 5] = ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"];

/// The parts of `text` that were written when the function `measured` of the program at this path had ended, in their order. Names
/// and positions in it are not compressed.
///
/// # Errors
/// [`Trouble::Unreadable`] when a line has not the form it should have, or something else was counted than instructions.
pub fn read(text: &str, program: &str, measured: &str) -> Result<Vec<Part>, Trouble> {
    let ended = format!("desc: Trigger: --dump-after={measured}");
    let mut parts = Vec::new();
    let (mut wanted, mut own, mut asks, mut called) = (false, false, false, false);
    for (index, line) in text.lines().enumerate() {
        let odd = || unreadable(index, line);
        if line.starts_with("part: ") {
            wanted = false;
        } else if line == ended {
            wanted = true;
            parts.push(Part::default());
        } else if let Some(events) = line.strip_prefix("events: ") {
            (events == "Ir").then_some(()).ok_or_else(odd)?;
        } else if let Some(object) = line.strip_prefix("ob=") {
            own = object == program;
        } else if let Some(function) = line.strip_prefix("cfn=") {
            asks = ALLOCATORS.contains(&function);
        } else if let Some(calls) = line.strip_prefix("calls=") {
            called = true;
            let times: u64 = number(calls.split(' ').next()).ok_or_else(odd)?;
            if let (true, true, true, Some(part)) = (wanted, own, asks, parts.last_mut()) {
                part.allocations += times;
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            let cost: u64 = number(line.split(' ').nth(1)).ok_or_else(odd)?;
            // After a call comes what it cost, which is counted where it was spent.
            let spent_here = !std::mem::take(&mut called);
            if let (true, true, true, Some(part)) = (wanted, own, spent_here, parts.last_mut()) {
                part.instructions += cost;
            }
        }
    }
    Ok(parts)
}

fn number(word: Option<&str>) -> Option<u64> {
    word.and_then(|word| word.parse().ok())
}

fn unreadable(index: usize, line: &str) -> Trouble {
    let why = format!("line {} is not as callgrind 3 writes it: {line}", index + 1);
    Trouble::Unreadable { what: "the output of callgrind".to_owned(), why }
}
