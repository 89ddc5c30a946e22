//! The other spelling of `who-can`: `explain --who-can RIGHT` asks the question from its other end.
//! No operation of its own; what is said so becomes that one's fields.

use admin::Spec;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Map, Value};

use super::grammar::FROM_STDIN;
use crate::trouble::Trouble;

/// The noun that has the option.
const NOUN: &str = "explain";
/// The option.
pub const WHO_CAN: &str = "who-can";
/// The operation it stands for.
const OPERATION: &str = "who-can";
/// The fields of `explain` that say something else then, and which of the other's.
const PLACES: [(&str, &str); 2] = [("person", "about"), ("about", "name")];
/// The field of the right, in both.
const RIGHT: &str = "right";

/// The operation that is meant, and its fields.
pub type Reversed = (&'static Spec, Map<String, Value>);

/// Gives `explain` its option.
pub fn added(command: Command, spec: &Spec) -> Command {
    if spec.noun != NOUN {
        return command;
    }
    let command = command.mut_args(|arg| {
        if arg.is_positional() {
            arg.required(false).required_unless_present_any([FROM_STDIN, WHO_CAN])
        } else {
            arg
        }
    });
    let help = "Show who has this right, without PERSON: as `causerie who-can RIGHT ABOUT NAME`";
    let option = Arg::new(WHO_CAN).long(WHO_CAN).value_name("RIGHT").help(help.replace('`', ""));
    command.arg(option.conflicts_with_all([FROM_STDIN, RIGHT]))
}

/// The second line of how `explain` is used.
pub fn usage(spec: &Spec) -> Option<String> {
    (spec.noun == NOUN).then(|| format!("causerie {NOUN} --{WHO_CAN} <RIGHT> <ABOUT> <NAME>"))
}

/// The operation that was asked for from its other end, if it was, and its fields.
///
/// # Errors
/// [`Trouble::Usage`] for a word too many or too few.
pub fn read(spec: &Spec, matches: &ArgMatches) -> Result<Option<Reversed>, Trouble> {
    let right = match matches.try_get_one::<String>(WHO_CAN) {
        Ok(Some(right)) if spec.noun == NOUN => right,
        _ => return Ok(None),
    };
    let mut fields = Map::from_iter([(RIGHT.to_owned(), right.as_str().into())]);
    for (place, field) in PLACES {
        let word = matches.get_one::<String>(place);
        let word = word.ok_or_else(|| {
            Trouble::Usage(format!(
                "{field} is missing: causerie {NOUN} --{WHO_CAN} {right} room 'Trading FX'"
            ))
        })?;
        fields.insert(field.to_owned(), word.as_str().into());
    }
    if let Some(word) = matches.get_one::<String>("name") {
        return Err(Trouble::Usage(format!(
            "'{word}' is one word too many: --{WHO_CAN} asks about everybody, so name no person"
        )));
    }
    let other = Spec::find(OPERATION, "").expect("the operation stands in the table");
    Ok(Some((other, fields)))
}
