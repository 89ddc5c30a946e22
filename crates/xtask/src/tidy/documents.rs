//! What documents point at exists: links of every Markdown file, references of docs/protocol.md.
//! Addresses on the network are not asked.

use std::collections::BTreeSet;

use super::complain;
use super::complaint::Complaint;
use super::tree::Tree;

/// The document that maps clauses of the protocol to files and transcripts.
const PROTOCOL: &str = "docs/protocol.md";

/// Where the transcripts lie; each is named in [`PROTOCOL`].
const TRANSCRIPTS: &str = "transcripts/";

/// Checks every Markdown file.
pub fn check(tree: &Tree, complaints: &mut Vec<Complaint>) {
    for (path, text) in tree.texts().filter(|(path, _)| path.ends_with(".md")) {
        for (line, target) in links(text) {
            if let Some(why) = broken(tree, path, &target) {
                complain(complaints, path, line, "link", format!("{target}: {why}"));
            }
        }
    }
    match tree.text(PROTOCOL) {
        Some(text) => references(tree, text, complaints),
        None => complain(complaints, PROTOCOL, 1, "protocol", "missing; it maps clauses to files".to_owned()),
    }
}

/// `target`, seen from `folder`, as a path from the root; none when it leaves the project.
pub fn resolve(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Why a link leads nowhere, if it does.
fn broken(tree: &Tree, path: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let file = if file.is_empty() { Some(path.to_owned()) } else { resolve(folder, file) };
    let Some(file) = file else { return Some("leaves the project; link to something inside".to_owned()) };
    if !tree.has(&file) {
        return Some("there is no such file; correct the path or take the link out".to_owned());
    }
    let heads = tree.text(&file).filter(|_| !anchor.is_empty() && file.ends_with(".md")).map(anchors)?;
    (!heads.contains(anchor)).then(|| format!("{file} has no such heading; its anchors are {heads:?}"))
}

/// The targets of links outside of code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        // Code between backticks shows links, it does not make them.
        let spoken: String = line.split('`').step_by(2).collect::<Vec<_>>().join("` `");
        for part in spoken.split("](").skip(1) {
            let target = part.split([')', ' ']).next().unwrap_or_default();
            links.push((number, target.trim_matches(['<', '>']).to_owned()));
        }
    }
    links
}

/// The lines outside of fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

/// The anchors of a document's headings, as forges make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let heads = prose(text).map(|(_, line)| line).filter(|line| line.starts_with('#'));
    heads
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            title.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
        })
        .collect()
}

/// Every path that docs/protocol.md names exists, and it names every transcript.
fn references(tree: &Tree, text: &str, complaints: &mut Vec<Complaint>) {
    for (index, line) in text.lines().enumerate() {
        for word in line.split('`').skip(1).step_by(2).filter(|word| is_path(word)) {
            if !tree.has(word) {
                let what =
                    format!("{word} does not exist; name files by their path from the root of the project");
                complain(complaints, PROTOCOL, index + 1, "protocol", what);
            }
        }
    }
    let unnamed = tree.below(TRANSCRIPTS).filter(|path| path.ends_with(".txt") && !text.contains(path));
    for transcript in unnamed {
        let what = format!("no clause in {PROTOCOL} names this transcript; add it where it belongs");
        complain(complaints, transcript, 1, "protocol", what);
    }
}

/// Whether a word in backticks is meant as a file: it has a folder and one of our endings.
fn is_path(word: &str) -> bool {
    let clean = word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'));
    let ending = word.rsplit_once('.').map(|(_, ending)| ending);
    clean && word.contains('/') && matches!(ending, Some("rs" | "txt" | "md" | "toml" | "sql" | "c" | "py"))
}
