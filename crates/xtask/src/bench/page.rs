//! The page of figures: the machine, each target and whether it is reached, and every line as it was measured.
//! Judges nothing but the bounds of `targets.rs`.

use std::process::Command;

use serde_json::Value;

use super::targets::{Bound, Figures, Target};

/// What a page is of.
pub struct Title {
    pub name: &'static str,
    pub command: &'static str,
    /// What somebody who reads the figures has to know about these.
    pub about: &'static str,
}

/// Where it was measured.
pub struct Machine {
    pub processor: String,
    pub processors: usize,
    pub memory_gib: u64,
    pub system: String,
    pub compiler: String,
    pub date: String,
}

impl Machine {
    /// This one, today.
    pub fn here() -> Self {
        let said = |program: &str, words: &[&str]| {
            let output = Command::new(program).args(words).output().ok();
            let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
            text.unwrap_or_default()
        };
        let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value).trim().to_owned()
        };
        let kib: u64 =
            field(&file("/proc/meminfo"), "MemTotal").split(' ').next().unwrap_or("").parse().unwrap_or(0);
        Self {
            processor: field(&file("/proc/cpuinfo"), "model name"),
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gib: kib.div_ceil(1 << 20),
            system: format!("Linux {}", file("/proc/sys/kernel/osrelease").trim()),
            compiler: said("rustc", &["--version"]),
            date: said("date", &["-u", "+%Y-%m-%d"]),
        }
    }
}

/// The page.
pub fn page(title: &Title, machine: &Machine, targets: &[Target], figures: &Figures, runs: u32) -> String {
    let Title { name, command, about } = title;
    let Machine { processor, processors, memory_gib, system, compiler, date } = machine;
    let mut page = format!(
        "# {name}\n\nWritten by `{command}` on {date}: {processors} processors ({processor}), {memory_gib} GiB, {system}, \
         {compiler}. The generator shares the machine with the server. The middle one of {runs} runs counts; of what takes long \
         and is judged by no time there is one.\n\n\
         `raw` is a server without parsing or store that writes the same octets to the same receivers and reads the same answers, in \
         the same call: figures that are multiples of it can be compared with those of other machines, the rest cannot. What is \
         measured, and why so, is said in [decision 0020](decisions/0020-load.md). Only the ways that are measured are open, and no metrics \
         are; all else is as it is by default. {about}\n\n## Targets\n\n\
         | | | measured | must | goal | |\n| --- | --- | --- | --- | --- | --- |\n"
    );
    targets.iter().for_each(|target| page.push_str(&row(target, (target.of)(figures))));
    page.push_str(
        "\n## Everything that was measured\n\n\
         | | server | way | endpoints | window | a second | p50 ms | p95 ms | p99 ms | max ms | to the last, p99 ms | CPU s per million | \
         and the database | x raw | KiB each |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (call, line) in figures.kinds() {
        page.push_str(&measured(figures, call, line));
    }
    page
}

/// A target, and whether it is reached.
fn row(target: &Target, figure: Option<f64>) -> String {
    let Target { id, what, unit, must, goal, .. } = target;
    let verdict = match figure {
        None => "not measured".to_owned(),
        Some(figure) if goal.is_some_and(|goal| goal.holds(figure)) => "goal reached".to_owned(),
        Some(figure) => match (must, goal) {
            (Some(must), _) if must.holds(figure) => "reached".to_owned(),
            (Some(must), _) => format!("**missed** by {}", missed(*must, figure)),
            (None, Some(goal)) => format!("goal missed by {}", missed(*goal, figure)),
            (None, None) => "told".to_owned(),
        },
    };
    let figure = figure.map_or_else(|| "-".to_owned(), |figure| format!("{} {unit}", shown(figure)));
    let [must, goal] = [must, goal].map(|one| one.map_or_else(|| "-".to_owned(), bound));
    format!("| {id} | {what} | {figure} | {must} | {goal} | {verdict} |\n")
}

fn missed(must: Bound, figure: f64) -> String {
    match must {
        Bound::AtMost(most) | Bound::AtLeast(most) if most == 0.0 => shown(figure),
        Bound::AtMost(bound) | Bound::AtLeast(bound) => {
            format!("{:.0} %", ((figure - bound) / bound * 100.0).abs())
        }
    }
}

fn bound(bound: Bound) -> String {
    match bound {
        Bound::AtMost(most) => format!("<= {}", shown(most)),
        Bound::AtLeast(least) => format!(">= {}", shown(least)),
    }
}

/// A line, with the middle one of each figure.
fn measured(figures: &Figures, call: &'static str, line: &Value) -> String {
    let text = |field: &str| match &line[field] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => "-".to_owned(),
    };
    let middle = |field: &str| figures.middle_of(call, line, field).map_or_else(|| "-".to_owned(), shown);
    let before = ["perSecond", "p50Ms", "p95Ms", "p99Ms", "maxMs"].map(middle);
    let whole = figures.nested_of(call, line, "whole", "p99Ms").map_or_else(|| "-".to_owned(), shown);
    let after = ["cpuSPerMillion", "storeCpuSPerMillion", "cpuRatio", "kibPerEndpoint"].map(middle);
    format!(
        "| {call}: {} | {} | {} | {} | {} | {} | {whole} | {} |\n",
        text("unit"),
        text("server"),
        text("way"),
        text("endpoints"),
        text("window"),
        before.join(" | "),
        after.join(" | ")
    )
}

/// Three digits that count.
fn shown(figure: f64) -> String {
    match figure.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
