//! What to say beside a refusal of the grammar: the verbs there are, the commands there are, how a switch is turned off.
//! Refuses nothing itself.

use std::ffi::OsString;

use admin::Spec;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// Adds to a refusal what helps whoever wrote these words.
pub fn hinted(mut error: Error, grammar: &Command, words: &[OsString]) -> Error {
    let hint = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            said(&error, ContextKind::InvalidSubcommand).map(|wrong| commands(grammar, words, &wrong))
        }
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

/// The verbs of the noun before a word that is none of them, or all commands.
fn commands(grammar: &Command, words: &[OsString], wrong: &str) -> String {
    let nouns = Spec::nouns();
    let before = words.iter().skip(1).take_while(|word| *word != wrong).filter_map(|word| word.to_str());
    let noun = before.into_iter().find(|word| nouns.contains(word));
    match noun {
        Some(noun) => {
            let own = grammar.find_subcommand(noun).into_iter().flat_map(Command::get_subcommands);
            let verbs = own.map(Command::get_name).filter(|verb| *verb != "help");
            format!("'{noun}' goes with {}", verbs.collect::<Vec<_>>().join(", "))
        }
        None => {
            let all = grammar.get_subcommands().filter(|command| !command.is_hide_set());
            format!("there are {}", all.map(Command::get_name).collect::<Vec<_>>().join(", "))
        }
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
