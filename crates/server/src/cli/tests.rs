//! The grammar as a whole: it holds together, spells as it always did, and its reference page says what it is.
//! What commands do is told by stories of the whole program.

mod helping;
mod reference;

use admin::{SPECS, Spec};
use clap::Arg;

use super::{grammar, spelling, table};

#[test]
fn the_grammar_holds_together() {
    super::grammar().debug_assert();
}

#[test]
fn nothing_of_an_operation_is_out_of_reach() {
    for spec in SPECS {
        let mut options: Vec<String> = Vec::new();
        let places = grammar::places(spec);
        for field in spec.fields().iter().filter(|field| !places.contains(field)) {
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

/// What stands for one of them would be taken for the option that all commands have.
#[test]
fn no_field_of_an_operation_has_the_name_of_an_option_of_every_command() {
    let whole = super::grammar();
    let everywhere: Vec<&str> =
        whole.get_arguments().filter(|arg| arg.is_global_set()).map(|arg| arg.get_id().as_str()).collect();
    assert!(everywhere.contains(&"token_file"), "{everywhere:?}");
    for spec in SPECS {
        let fields = spec.fields();
        let taken = fields.iter().find(|field| everywhere.contains(&field.name.as_str()));
        assert!(taken.is_none(), "{} {}: {taken:?}", spec.noun, spec.verb);
    }
}

#[test]
fn columns_are_values_that_rows_have() {
    for spec in SPECS {
        let row = (spec.rows.schema)().to_value();
        for column in table::columns(spec.rows.name) {
            let has = row["properties"].get(column.value).is_some();
            assert!(has, "{}: rows have no {}: {row}", spec.rows.name, column.value);
        }
    }
}

#[test]
fn at_80_columns_no_address_guid_or_moment_is_broken() {
    let guid = "11111111-2222-3333-4444-555555555555";
    let (address, moment) = ("sip:build.of.the.night@example.com", "2026-11-26T09:57:28Z");
    let change =
        |object: &str| serde_json::json!({ "object": object, "field": "name", "before": null, "after": "x" });
    for (kind, row, words) in [
        (
            "tokens",
            serde_json::json!({ "name": "builds", "scope": "user", "for": address, "expires": moment, "guid": guid }),
            &["builds", guid][..],
        ),
        (
            "roles",
            serde_json::json!({ "user": address, "role": "persistent-chat-administrator", "enabled": true,
                "grantedBy": address, "grantedAt": moment }),
            &[address, "persistent-chat-administrator"],
        ),
        (
            "record",
            serde_json::json!({ "operation": 17, "time": moment, "by": "uid 1000", "from": "command line", "verb": "room-new",
                "changes": [change("room A"), change("room A"), change("room B"), change("room C")] }),
            &["17", moment, "uid 1000", "room-new", "room A, room B and 1", "more"],
        ),
        (
            "holders",
            serde_json::json!({ "address": format!("sip:{}@example.com", "a".repeat(80)), "displayName": "Ana" }),
            &["name: Ana"],
        ),
    ] {
        let shown = table::table_within(kind, &[row], Some(80));
        assert!(words.iter().all(|word| shown.contains(word)), "{kind}:\n{shown}");
        let narrow = shown.lines().all(|line| line.trim_end().chars().count() <= 80);
        assert!(narrow || kind == "holders", "{kind}:\n{shown}");
    }
}

#[test]
fn moments_are_shown_to_the_second_and_nothing_else_is_cut() {
    for (text, expected) in [
        ("2026-11-26T09:57:28.1258140Z", "2026-11-26T09:57:28Z"),
        ("granted by uid 0 at 2026-11-26T09:57:28.1258140Z.", "granted by uid 0 at 2026-11-26T09:57:28Z."),
        ("1.1234567Z and 2.1234567Z", "1Z and 2Z"),
        ("2026-11-26T09:57:28.125814Z", "2026-11-26T09:57:28.125814Z"),
        ("a.b.c", "a.b.c"),
        ("Zoë. 12345é7Z", "Zoë. 12345é7Z"),
        (".1234567Z", ".1234567Z"),
        ("", ""),
    ] {
        assert_eq!(table::shown(&text.into(), ""), expected);
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
