//! What to say beside a refusal of the grammar: the verbs there are, the commands there are, how a switch is turned off.
//! Refuses nothing itself.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

use super::nearest::nearest;

/// Adds to a refusal what helps whoever wrote these words.
pub fn hinted(mut error: Error, grammar: &Command, words: &[OsString]) -> Error {
    let hint = match error.kind() {
        ErrorKind::InvalidSubcommand => said(&error, ContextKind::InvalidSubcommand)
            .and_then(|wrong| commands(&mut error, grammar, words, &wrong)),
        ErrorKind::UnknownArgument => {
            said(&error, ContextKind::InvalidArg).and_then(|wrong| switch(words, &wrong))
        }
        _ => None,
    };
    if let Some(hint) = hint {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(hint)]));
    }
    error
}

fn said(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(said)) => Some(said.clone()),
        _ => None,
    }
}

/// Names the command that was meant, if one is near; returns the verbs of the noun before the word that is none of them, or all commands
/// when none is near to it.
fn commands(error: &mut Error, grammar: &Command, words: &[OsString], wrong: &str) -> Option<String> {
    let mut within = (grammar, Vec::new());
    for word in words.iter().skip(1).take_while(|word| *word != wrong).filter_map(|word| word.to_str()) {
        if let Some(below) = within.0.find_subcommand(word) {
            within.0 = below;
            within.1.push(word);
        }
    }
    let (command, path) = within;
    let all = command.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name);
    let all: Vec<&str> = all.filter(|name| *name != "help").collect();
    error.remove(ContextKind::SuggestedSubcommand);
    let near: Vec<String> = nearest(&all, wrong).into_iter().map(str::to_owned).collect();
    let is_near = !near.is_empty();
    if is_near {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(near));
    }
    match path.is_empty() {
        true if is_near => None,
        true => Some(format!("there are {}", all.join(", "))),
        false => Some(format!("'{}' goes with {}", path.join(" "), all.join(", "))),
    }
}

/// How to say true or false to a switch, when one of them stands behind it as a word of its own.
fn switch(words: &[OsString], wrong: &str) -> Option<String> {
    if !matches!(wrong, "true" | "false" | "yes" | "no" | "on" | "off") {
        return None;
    }
    let place = words.iter().position(|word| *word == wrong)?;
    let option = words.get(place.checked_sub(1)?)?.to_str()?;
    let value = matches!(wrong, "true" | "yes" | "on");
    option.starts_with("--").then(|| format!("write it in one word: {option}={value}"))
}
