//! What was counted, against what is written down: the table, and what is off.
//! Counts nothing, and keeps nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::counts::callgrind::Part;
use crate::trouble::Trouble;

/// How far instructions may be off, in parts of a hundred. Allocations may not be off at all.
pub const TOLERANCE: u64 = 3;

/// What all messages of a codec cost together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// How many messages there were.
    pub messages: u64,
    /// Instructions in the program's own code.
    pub instructions: u64,
    /// How often the C library was asked for memory.
    pub allocations: u64,
}

/// Costs by codec.
pub type Figures = BTreeMap<String, Cost>;

/// What the program said, and what was counted meanwhile: by which vectors of the processor, and the figures.
///
/// # Errors
/// [`Trouble::Unreadable`] when they do not fit together.
pub fn read(said: &str, parts: &[Part]) -> Result<(String, Figures), Trouble> {
    let unreadable = |why: String| Trouble::Unreadable { what: "the program `counts`".to_owned(), why };
    let (mut processor, mut done) = (None, Vec::new());
    for line in said.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match (&words[..], words.last().and_then(|word| word.parse().ok())) {
            (["processor", name], _) => processor = Some((*name).to_owned()),
            (["codec", name, _], Some(messages)) => done.push(((*name).to_owned(), messages)),
            _ => return Err(unreadable(format!("says what is not understood: {line}"))),
        }
    }
    let processor = processor.ok_or_else(|| unreadable("names no processor".to_owned()))?;
    if done.is_empty() || done.len() != parts.len() {
        let (done, parts) = (done.len(), parts.len());
        return Err(unreadable(format!("did {done} codecs, of which {parts} were counted")));
    }
    let costs = done.into_iter().zip(parts).map(|((name, messages), part)| {
        let Part { instructions, allocations } = *part;
        (name, Cost { messages, instructions, allocations })
    });
    Ok((processor, costs.collect()))
}

/// What the comparison says. Printed, it is the table, a row a codec.
#[derive(Debug)]
pub struct Verdict {
    rows: Vec<[String; 6]>,
    faults: Vec<String>,
    known: bool,
}

impl Verdict {
    /// Compares what was counted with what is written down of the same build, if anything is.
    pub fn of(counted: &Figures, written: Option<&Figures>) -> Self {
        let nothing = Figures::new();
        let known = written.is_some();
        let written = written.unwrap_or(&nothing);
        let rows = counted.iter().map(|(name, cost)| row(name, cost, written.get(name))).collect();
        let mut faults = Vec::new();
        if known {
            for (name, cost) in counted {
                match written.get(name) {
                    Some(written) => faults.extend(off(name, cost, written)),
                    None => faults.push(format!("{name} is counted and not written down")),
                }
            }
            let gone = written.keys().filter(|name| !counted.contains_key(*name));
            faults.extend(gone.map(|name| format!("{name} is written down and not counted")));
        }
        Self { rows, faults, known }
    }

    /// Whether anything was written down of this build.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// What is off, a sentence each.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = ["a message of", "instructions", "written", "ratio", "allocations", "written"];
        let title = title.map(str::to_owned);
        for [name, counted, written, ratio, allocations, allocations_written] in
            std::iter::once(&title).chain(&self.rows)
        {
            writeln!(
                out,
                "{name:<20} {counted:>12} {written:>10} {ratio:>7} {allocations:>12} {allocations_written:>8}"
            )?;
        }
        Ok(())
    }
}

fn row(name: &str, cost: &Cost, written: Option<&Cost>) -> [String; 6] {
    let of_written = |figure: &dyn Fn(&Cost) -> String| written.map_or_else(|| "-".to_owned(), figure);
    let ratio = |written: &Cost| {
        format!(
            "{:.3}",
            each(cost.instructions, cost.messages) / each(written.instructions, written.messages)
        )
    };
    [
        name.to_owned(),
        format!("{:.0}", each(cost.instructions, cost.messages)),
        of_written(&|written| format!("{:.0}", each(written.instructions, written.messages))),
        of_written(&ratio),
        format!("{:.1}", each(cost.allocations, cost.messages)),
        of_written(&|written| format!("{:.1}", each(written.allocations, written.messages))),
    ]
}

/// What is off in one codec.
fn off(name: &str, cost: &Cost, written: &Cost) -> Vec<String> {
    if cost.messages != written.messages {
        return vec![format!("{name} is given {} messages, {} before", cost.messages, written.messages)];
    }
    let figures = [
        ("instructions", cost.instructions, written.instructions, TOLERANCE),
        ("allocations", cost.allocations, written.allocations, 0),
    ];
    let off =
        figures.into_iter().filter(|(_, now, then, tolerance)| now.abs_diff(*then) * 100 > then * tolerance);
    let sentence = |(what, now, then, _): (&str, u64, u64, u64)| {
        let [now_each, then_each] = [now, then].map(|figure| each(figure, cost.messages));
        let way = if now > then { "more" } else { "fewer" };
        let before = match then {
            0 => "none before".to_owned(),
            _ => format!("{:.1} % {way} than {then_each:.1}", (now_each / then_each - 1.0).abs() * 100.0),
        };
        format!("{name} takes {now_each:.1} {what} a message, {before}")
    };
    off.map(sentence).collect()
}

#[expect(clippy::cast_precision_loss, reason = "the figures are far below 2^52")]
fn each(figure: u64, messages: u64) -> f64 {
    figure as f64 / messages as f64
}
