//! What somebody is told who asks for help, or errs: an example of each operation, the verbs there are, how to say no.
//! What commands do is told by stories of the whole program.

use std::ffi::OsString;

use admin::SPECS;
use clap::Command;

use super::super::{Line, examples, grammar, spelling};

fn read(line: &str) -> Result<Line, String> {
    let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
    Line::of(&words).map_err(|error| error.to_string())
}

fn refused(line: &str) -> String {
    read(line).expect_err("it makes no sense")
}

/// The help of a verb.
fn help(noun: &str, verb: &str) -> String {
    let mut all = super::super::grammar();
    all.build();
    let noun = all.find_subcommand_mut(noun).expect("there is such a noun");
    let verb: &mut Command = noun.find_subcommand_mut(verb).expect("there is such a verb");
    verb.render_long_help().to_string()
}

#[test]
fn each_operation_has_an_example_that_can_be_read() {
    for spec in SPECS {
        let said = spec.said();
        let words = examples::words(spec).unwrap_or_else(|| panic!("{said} has no example"));
        let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
        let line = Line::of(&words).unwrap_or_else(|error| panic!("{said}: {error}"));
        let Line::Operation(asked) = line else { panic!("{said} is an operation") };
        assert_eq!((asked.spec.noun, asked.spec.verb), (spec.noun, spec.verb));
        // Its file is not here.
        if spec.fields().iter().any(|field| spelling::is_contents(field) || spelling::is_path(field)) {
            continue;
        }
        let fields = grammar::given(spec, &asked.matches).unwrap_or_else(|error| panic!("{said}: {error}"));
        spec.read(fields).unwrap_or_else(|error| panic!("{said}: {error}"));
    }
    let help = help("room", "get");
    assert!(help.contains("Example: causerie room get 'Trading FX'"), "{help}");
}

#[test]
fn what_must_be_given_looks_so_and_may_come_in_on_standard_input() {
    let help = help("user", "new");
    assert!(help.contains("<ADDRESS>") && !help.contains("[ADDRESS]"), "{help}");
    assert!(refused("causerie user new").contains("<ADDRESS>"));
    read("causerie user new --from-stdin").expect("the objects say it");
    assert!(
        refused("causerie room import --from-stdin").contains("--from-stdin"),
        "there is nothing to say there"
    );
    read("causerie explain --from-stdin").expect("it can be asked often");
}

#[test]
fn whoever_errs_is_told_which_commands_there_are() {
    let told = refused("causerie room frobnicate");
    assert!(told.contains("'room' goes with new, list, get, set, remove, clear, import"), "{told}");
    let told = refused("causerie room --json lst");
    assert!(told.contains("'list'") && told.contains("goes with new, list"), "{told}");
    let told = refused("causerie frobnicate");
    assert!(told.contains("there are serve, demo, store"), "{told}");
    let told = refused("causerie rooms list");
    assert!(told.contains("'room'"), "the nearest is named: {told}");
    assert!(!told.contains("there are"), "and nothing else: {told}");
}

#[test]
fn the_verb_that_was_meant_is_named_and_none_of_another_noun() {
    for (line, meant) in [
        ("room creat", "new"),
        ("room crate", "new"),
        ("room delete", "remove"),
        ("user shwo", "get"),
        ("category ls", "list"),
        ("pool active-servers lst", "list"),
        ("service stpo", "stop"),
        ("topology publsh", "publish"),
    ] {
        let told = refused(&format!("causerie {line}"));
        assert!(told.contains(&format!("a similar subcommand exists: '{meant}'")), "{line}: {told}");
        assert!(!told.contains("there are"), "{line}: {told}");
    }
    let told = refused("causerie pool active-servers lst");
    assert!(told.contains("'pool active-servers' goes with list, set, swap"), "{told}");
    let told = refused("causerie room xyzzy");
    assert!(!told.contains("similar") && told.contains("'room' goes with"), "{told}");
}

#[test]
fn whoever_swaps_two_values_is_told_their_order() {
    let asked = |line: &str| match read(line).expect("it can be read") {
        Line::Operation(asked) => grammar::given(asked.spec, &asked.matches),
        Line::Own(own) => panic!("{own:?}"),
    };
    for line in ["role grant alice@example.com administrator", "role revoke alice@example.com reader"] {
        let told = asked(&format!("causerie {line}")).expect_err("that is no role").to_string();
        assert!(told.contains("'alice@example.com'") && told.contains("<ROLE> <USER>"), "{told}");
    }
    asked("causerie role grant administrator alice@example.com").expect("this is its order");
    asked("causerie role grant emperor alice@example.com").expect("what is no role is said by the desk");
}

#[test]
fn whoever_puts_true_or_false_behind_a_switch_is_told_how_it_is_written() {
    let told = refused("causerie policy set global --enable-persistent-chat false");
    assert!(told.contains("--enable-persistent-chat=false"), "{told}");
    let told = refused("causerie room set FX --disabled no");
    assert!(told.contains("--disabled=false"), "{told}");
    let told = refused("causerie room get FX true");
    assert!(!told.contains("FX=true"), "what is no switch is not turned off: {told}");
}
