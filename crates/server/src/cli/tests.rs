//! The grammar as a whole: it holds together, spells as it always did, and its reference page says what it is.
//! What commands do is told by stories of the whole program.

mod reference;

use admin::{SPECS, Spec};
use clap::Arg;

use super::{grammar, spelling};

#[test]
fn the_grammar_holds_together() {
    super::grammar().debug_assert();
}

#[test]
fn nothing_of_an_operation_is_out_of_reach() {
    for spec in SPECS {
        let mut options: Vec<String> = Vec::new();
        for field in spec.fields().iter().filter(|field| !spec.positional.contains(&field.name.as_str())) {
            let new = grammar::options(spec, field);
            assert!(!new.is_empty(), "{} {}: {}", spec.noun, spec.verb, field.name);
            options.extend(new.iter().filter_map(Arg::get_long).map(str::to_owned));
        }
        let count = options.len();
        options.sort();
        options.dedup();
        assert_eq!(options.len(), count, "{} {} spells two fields alike", spec.noun, spec.verb);
    }
}

#[test]
fn options_are_spelled_by_rules_with_few_exceptions() {
    let spelled = |noun, verb, field: &str| {
        let spec = Spec::find(noun, verb).expect("there is such an operation");
        let field = spec.field(field).expect("there is such a field");
        let long = |arg: &Arg| format!("--{}", arg.get_long().expect("it is an option"));
        grammar::options(spec, field).iter().map(long).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(spelled("user", "new", "displayName"), "--display-name");
    assert_eq!(spelled("user", "set", "password"), "--password-stdin");
    assert_eq!(spelled("user", "set", "legacySignOn"), "--legacy-sign-on");
    assert_eq!(spelled("room", "set", "name"), "--rename");
    assert_eq!(spelled("room", "list", "q"), "--filter");
    assert_eq!(
        spelled("category", "set", "allowedMembers"),
        "--add-allowed-member --remove-allowed-member --replace-allowed-members --clear-allowed-members"
    );
    for (name, expected) in
        [("contentExceedsMB", "content-exceeds-mb"), ("uri", "uri"), ("endDate", "end-date")]
    {
        assert_eq!(spelling::kebab(name), expected);
    }
}

#[test]
fn a_list_is_cut_at_commas_but_not_inside_a_distinguished_name() {
    for (text, expected) in [
        ("sip:a@example.com", vec!["sip:a@example.com"]),
        ("sip:a@example.com,domain:example.com", vec!["sip:a@example.com", "domain:example.com"]),
        ("OU=Sales,DC=example,DC=com", vec!["OU=Sales,DC=example,DC=com"]),
        (
            "sip:a@example.com,CN=Ops,DC=com,sip:b@example.com",
            vec!["sip:a@example.com", "CN=Ops,DC=com", "sip:b@example.com"],
        ),
        ("", vec![""]),
    ] {
        assert_eq!(spelling::entries(text), expected, "{text}");
    }
}
