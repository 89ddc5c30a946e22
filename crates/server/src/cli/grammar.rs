//! The grammar of operations: a noun, a verb and options for each entry of the table, and what was said in it.
//! Which options there are follows from the fields; values are checked by the desk, for every face the same.

use admin::{Field, FieldKind, SPECS, Spec, Word};
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value};

use super::{examples, files, password, reverse, spelling};
use crate::trouble::Trouble;

/// The name of `--from-stdin`.
pub const FROM_STDIN: &str = "from-stdin";
/// The name of `--dry-run`.
pub const DRY_RUN: &str = "dry-run";
/// The name of `--if-match`.
pub const IF_MATCH: &str = "if-match";
/// The name of `--yes`.
pub const YES: &str = "yes";

/// The heading of the options every operation has.
const EVERYWHERE: &str = "Options of operations";

/// Adds a command for each noun.
pub fn nouns(mut command: Command) -> Command {
    for noun in Spec::nouns() {
        // Some nouns have verbs that the program does itself.
        let is_there = command.find_subcommand(noun).is_some();
        command = match is_there {
            true => command.mut_subcommand(noun, |own| with_verbs(own, noun)),
            false => command.subcommand(of_noun(noun)),
        };
    }
    command
}

fn of_noun(noun: &'static str) -> Command {
    let specs: Vec<&Spec> = SPECS.iter().filter(|spec| spec.noun == noun).collect();
    let command = Command::new(noun);
    if let [spec] = specs[..]
        && spec.verb.is_empty()
    {
        return of_spec(command, spec);
    }
    let verbs: Vec<&str> = specs.iter().map(|spec| spec.verb).collect();
    let about = format!("{}: {}", Spec::title(noun), verbs.join(", "));
    let command =
        command.about(about).long_about(None).subcommand_required(true).arg_required_else_help(true);
    with_verbs(command, noun)
}

/// Adds the verbs of a noun.
fn with_verbs(command: Command, noun: &'static str) -> Command {
    let mut all = command;
    for spec in SPECS.iter().filter(|spec| spec.noun == noun) {
        all = match spec.verb.split_once(' ') {
            None => all.subcommand(of_spec(Command::new(spec.verb), spec)),
            Some((first, second)) => of_two_words(all, spec, first, second),
        };
    }
    all
}

/// Adds a verb of two words: the second is a command of the first.
fn of_two_words(command: Command, spec: &'static Spec, first: &'static str, second: &'static str) -> Command {
    let below = of_spec(Command::new(second), spec);
    if command.find_subcommand(first).is_some() {
        return command.mut_subcommand(first, |group| group.subcommand(below));
    }
    let seconds: Vec<&str> = SPECS
        .iter()
        .filter(|other| other.noun == spec.noun)
        .filter_map(|other| other.verb.strip_prefix(first)?.strip_prefix(' '))
        .collect();
    let group = Command::new(first).about(seconds.join(", "));
    command.subcommand(group.subcommand_required(true).arg_required_else_help(true).subcommand(below))
}

fn of_spec(command: Command, spec: &'static Spec) -> Command {
    let mut command = command
        .about(sentence(&spec.summary()))
        .long_about(sentence(&paragraphs(&spec.described())))
        .override_usage(
            [Some(usage(spec)), reverse::usage(spec)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("\n       "),
        );
    if let Some(example) = examples::line(spec) {
        command = command.after_help(format!("Example: {example}"));
    }
    for field in places(spec) {
        let mut value = Arg::new(field.name.as_str()).value_name(spelling::place(field));
        if let FieldKind::Words(words) = &field.kind {
            value = value.value_parser(Words(words.clone()));
        }
        command = command.arg(required(value, field));
    }
    for field in optional(spec) {
        command = command.args(options(spec, field));
    }
    reverse::added(command.args(everywhere(spec)), spec)
}

/// The fields that need no option, in order: those the table names, and the file of an operation that cannot be without.
pub fn places(spec: &'static Spec) -> Vec<&'static Field> {
    let named = spec.positional.iter();
    let named = named
        .map(|name| spec.field(name).expect("a positional field is one of the operation's, a test says"));
    let files = spec.fields().iter().filter(|field| spelling::is_contents(field) && field.required);
    named.chain(files).collect()
}

/// The fields that are given by options.
fn optional(spec: &'static Spec) -> impl Iterator<Item = &'static Field> {
    let places = places(spec);
    spec.fields().iter().filter(move |field| !places.contains(field))
}

/// `causerie user new <ADDRESS> --display-name <NAME> [OPTIONS]`.
pub fn usage(spec: &'static Spec) -> String {
    let mut usage = format!("causerie {}", spec.said());
    for field in places(spec) {
        let [open, close] = if field.required { ["<", ">"] } else { ["[", "]"] };
        usage.push_str(&format!(" {open}{}{close}", spelling::place(field)));
    }
    for field in optional(spec).filter(|field| field.required) {
        let option = spelling::giving(spec.verb, field);
        usage.push_str(&format!(" --{option} <{}>", spelling::placeholder(&option)));
    }
    usage + " [OPTIONS]"
}

/// Options that follow from what kind of operation it is.
fn everywhere(spec: &Spec) -> Vec<Arg> {
    let mut all = Vec::new();
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help).help_heading(EVERYWHERE)
    };
    if !spec.only_reads {
        all.push(flag(DRY_RUN, "Change nothing, and say what would change"));
    }
    if spec.takes_state {
        let help = "Do nothing if it has been changed since: the etag that was shown";
        let etag = Arg::new(IF_MATCH).long(IF_MATCH).value_name("ETAG").help(help).help_heading(EVERYWHERE);
        all.push(etag);
    }
    if spec.question.is_some() {
        all.push(flag(YES, "Do not ask"));
    }
    let needs = |field: &Field| field.required && !spelling::is_contents(field);
    if spec.fields().iter().any(needs) {
        all.push(flag(
            FROM_STDIN,
            "Once for each JSON object on standard input, a line each, with these options",
        ));
    }
    all
}

/// The options by which a field is given.
pub fn options(spec: &Spec, field: &Field) -> Vec<Arg> {
    let name = field.name.as_str();
    let option = spelling::option(spec.verb, field);
    let help = without_null(&sentence(&field.description)).to_owned();
    let valued = || required(Arg::new(name.to_owned()).long(option.clone()), field).help(help.clone());
    let mut all = match &field.kind {
        FieldKind::Text if spelling::is_contents(field) => {
            vec![valued().value_name(spelling::FILE).help(of_file(field))]
        }
        FieldKind::Text | FieldKind::Moment => vec![valued().value_name(spelling::placeholder(&option))],
        FieldKind::Json => vec![valued().value_name("JSON")],
        FieldKind::Words(words) => {
            vec![valued().value_name(spelling::placeholder(&option)).value_parser(Words(words.clone()))]
        }
        FieldKind::Whole { min, max } => {
            vec![valued().value_name("NUMBER").value_parser(value_parser!(i64).range(*min..=*max))]
        }
        FieldKind::Flag => vec![
            valued()
                .value_name("BOOL")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .hide_possible_values(true)
                .value_parser(value_parser!(bool)),
        ],
        FieldKind::Secret => {
            let help = format!("{help}: read from standard input; at a terminal it is asked for");
            let flag = Arg::new(name.to_owned()).long(spelling::stdin(field)).action(ArgAction::SetTrue);
            vec![flag.help(help).conflicts_with(FROM_STDIN)]
        }
        FieldKind::Texts => {
            let one = spelling::giving(spec.verb, field);
            let place = spelling::placeholder(&one);
            let one = Arg::new(name.to_owned()).long(one).action(ArgAction::Append);
            let help = format!("{help}; may be repeated");
            vec![required(one, field).value_name(place).help(help)]
        }
        FieldKind::Change => list_options(field, &help),
    };
    if field.clearable {
        let clear = spelling::clear(field);
        let arg =
            Arg::new(clear.clone()).long(clear).action(ArgAction::SetTrue).conflicts_with(name.to_owned());
        all.push(arg.help(format!("Have none from now on: {}", lowered(without_null(&help)))));
    }
    all
}

fn list_options(field: &Field, help: &str) -> Vec<Arg> {
    let (add, remove) = (spelling::add(field), spelling::remove(field));
    let (replace, clear) = (spelling::replace(field), spelling::clear(field));
    let named = |name: String| Arg::new(name.clone()).long(name);
    let list = spelling::kebab(&field.name).replace('-', " ");
    vec![
        named(add).value_name("P").action(ArgAction::Append).help(format!("{help}: add P; may be repeated")),
        named(remove)
            .value_name("P")
            .action(ArgAction::Append)
            .help(format!("Take P from the {list}; may be repeated")),
        named(replace.clone())
            .value_name("P,P")
            .action(ArgAction::Append)
            .help(format!("Make these the {list}, and nobody else")),
        named(clear)
            .action(ArgAction::SetTrue)
            .conflicts_with(replace)
            .help(format!("Leave nobody among the {list}")),
    ]
}

fn required(arg: Arg, field: &Field) -> Arg {
    let help = sentence(&field.description);
    let file = field.required && spelling::is_contents(field);
    let help = if file { of_file(field) } else { without_null(&help).to_owned() };
    arg.required(field.required).help(help)
}

/// The grammar of a line that says `--from-stdin`: what must be given may come in there. A file is told apart from that.
pub fn from_stdin(command: Command) -> Command {
    let nouns = Spec::nouns();
    let relaxed = |command: Command, noun: &str, verb: &str| {
        let Some(spec) = Spec::find(noun, verb) else { return command };
        command.mut_args(|arg| {
            let field = spec.field(arg.get_id().as_str());
            if field.is_some_and(|field| !spelling::is_contents(field)) { arg.required(false) } else { arg }
        })
    };
    command.mut_subcommands(|command| {
        let Some(noun) = nouns.iter().find(|noun| **noun == command.get_name()) else { return command };
        relaxed(command, noun, "").mut_subcommands(|verb| {
            let name = verb.get_name().to_owned();
            relaxed(verb, noun, &name)
        })
    })
}

/// What is said of a field that is given by a file.
fn of_file(field: &Field) -> String {
    format!("{}: the text of FILE, which is read here; - is standard input", sentence(&field.description))
}

/// A text as a terminal breaks it: paragraphs, whose lines were broken for the source.
fn paragraphs(text: &str) -> String {
    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

/// A description without what it says of null, which has an option of its own here.
fn without_null(help: &str) -> &str {
    help.split_once("; null ").map_or(help, |(before, _)| before)
}

/// A text as it goes on after a colon.
fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

/// A description as help has it: without its full stop.
fn sentence(text: &str) -> String {
    text.trim_end_matches('.').replace('`', "")
}

/// Refuses values that stand in each other's place: one that is no word of its field while another is.
fn in_order(spec: &'static Spec, matches: &ArgMatches) -> Result<(), Trouble> {
    let places = places(spec);
    let said = |field: &&'static Field| matches.try_get_one::<String>(&field.name).ok().flatten();
    for field in &places {
        let FieldKind::Words(words) = &field.kind else { continue };
        let is_one = |text: &&String| words.iter().any(|word| word.word == **text);
        let Some(wrong) = said(field).filter(|text| !is_one(text)) else { continue };
        let Some(right) = places.iter().filter_map(said).find(is_one) else { continue };
        return Err(Trouble::Usage(format!(
            "'{wrong}' is no {0}, and '{right}' is one: the order is `{1}`",
            spelling::kebab(&field.name),
            usage(spec)
        )));
    }
    Ok(())
}

/// The fields that were given.
///
/// # Errors
/// [`Trouble::Usage`] when values are not in their order, or a secret was promised on standard input and none is there,
/// [`Trouble::Invalid`] for bad JSON; those of files.
pub fn given(spec: &'static Spec, matches: &ArgMatches) -> Result<Map<String, Value>, Trouble> {
    in_order(spec, matches)?;
    let mut fields = Map::new();
    for field in spec.fields() {
        if let Some(value) = value(field, matches)? {
            fields.insert(field.name.clone(), value);
        }
    }
    Ok(fields)
}

fn value(field: &Field, matches: &ArgMatches) -> Result<Option<Value>, Trouble> {
    let name = field.name.as_str();
    if field.clearable && matches.get_flag(&spelling::clear(field)) {
        return Ok(Some(Value::Null));
    }
    Ok(match &field.kind {
        FieldKind::Text if spelling::is_path(field) => {
            let path = matches.get_one::<String>(name);
            path.map(|path| files::whole(name, path)).transpose()?.map(Value::from)
        }
        FieldKind::Text if spelling::is_contents(field) => {
            let path = matches.get_one::<String>(name);
            path.map(|path| files::text(name, path)).transpose()?.map(Value::from)
        }
        FieldKind::Text | FieldKind::Moment | FieldKind::Words(_) => {
            matches.get_one::<String>(name).map(|text| text.as_str().into())
        }
        FieldKind::Whole { .. } => matches.get_one::<i64>(name).map(|number| (*number).into()),
        FieldKind::Flag => matches.get_one::<bool>(name).map(|yes| (*yes).into()),
        FieldKind::Secret if matches.get_flag(name) => {
            Some(password::password(&spelling::stdin(field))?.0.into())
        }
        FieldKind::Secret => None,
        FieldKind::Texts => {
            let all: Vec<String> = matches.get_many(name).unwrap_or_default().cloned().collect();
            (!all.is_empty()).then(|| all.into())
        }
        FieldKind::Json => {
            let text = matches.get_one::<String>(name);
            text.map(|text| field.value_of(text)).transpose().map_err(Trouble::Invalid)?
        }
        FieldKind::Change => change(field, matches),
    })
}

fn change(field: &Field, matches: &ArgMatches) -> Option<Value> {
    let all =
        |option: String| -> Vec<String> { matches.get_many(&option).unwrap_or_default().cloned().collect() };
    let mut change = Map::new();
    for (part, list) in [("add", all(spelling::add(field))), ("remove", all(spelling::remove(field)))] {
        if !list.is_empty() {
            change.insert(part.to_owned(), list.into());
        }
    }
    let whole = all(spelling::replace(field));
    if matches.get_flag(&spelling::clear(field)) {
        change.insert("replace".to_owned(), Value::Array(Vec::new()));
    } else if !whole.is_empty() {
        let whole: Vec<String> = whole.iter().flat_map(|text| spelling::entries(text)).collect();
        change.insert("replace".to_owned(), whole.into());
    }
    (!change.is_empty()).then_some(Value::Object(change))
}

/// Words a value may be: shown and completed here, refused by the desk, whose refusals have their own exit code.
#[derive(Clone)]
struct Words(Vec<Word>);

impl TypedValueParser for Words {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        let text = value.to_str().map(str::to_owned);
        text.ok_or_else(|| clap::Error::new(ErrorKind::InvalidUtf8).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let shown = |word: &Word| PossibleValue::new(word.word.clone()).help(sentence(&word.description));
        Some(Box::new(self.0.iter().map(shown)))
    }
}
