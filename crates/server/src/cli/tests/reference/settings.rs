//! `settings.md`: what a server is told before it starts, and what administrators decide while it runs.
//! The sentences are here; names, options, ranges and defaults are compared with the program.

use admin::{Field, FieldKind, Spec};
use chat::Configuration;
use clap::{Command, CommandFactory};
use serde_json::Value;

use super::{WRITTEN, code, compare, row, table};
use crate::cli::{Own, spelling};
use crate::settings::{self, File};

/// A setting of the program: its name in the file, its option, its variable, its default, and what it is.
type Boot = (Option<&'static str>, Option<&'static str>, Option<&'static str>, &'static str, &'static str);

const BOOT: [Boot; 24] = [
    (
        None,
        Some("data"),
        Some("CAUSERIE_DATA"),
        "`./causerie-data`; for a demo a temporary one",
        "the data directory",
    ),
    (
        None,
        Some("config"),
        None,
        "`causerie.toml` in the data directory, if it is there",
        "the settings file (TOML), of `serve` and `preflight`",
    ),
    (
        Some("store"),
        Some("store"),
        Some("CAUSERIE_STORE"),
        "a file in the data directory, or the database that the directory names",
        "the database with the store, `postgres://USER@HOST:PORT/DATABASE`; a password in it only in a file with rights 600",
    ),
    (
        Some("store-password-file"),
        None,
        None,
        "the one `PGPASSFILE` names, or `~/.pgpass`, if it has the password",
        "a file with nothing but the password of that database, closed to others",
    ),
    (
        Some("domain"),
        Some("domain"),
        None,
        "that of the first person, or domain principal, that a first command names",
        "the SIP domain, for the first start; it stays for ever",
    ),
    (
        Some("machine"),
        Some("machine"),
        Some("CAUSERIE_MACHINE"),
        "its host name",
        "the name of this machine in the topology, and in its pool where several servers share a database",
    ),
    (
        Some("peers"),
        Some("peers"),
        None,
        "notify",
        "how the servers of a pool tell each other what they wrote: `notify`, or an address of NATS; a password in it only in a \
         file with rights 600",
    ),
    (
        Some("peers-ca"),
        None,
        None,
        "the certificate authorities of the system",
        "a file with who vouches for the NATS server",
    ),
    (
        Some("sip-tls"),
        Some("sip-tls"),
        None,
        settings::SIP_TLS,
        "where to listen for SIP over TLS; port 0 takes a free one",
    ),
    (
        Some("sip-tcp"),
        Some("sip-tcp"),
        None,
        settings::SIP_TCP,
        "where to listen for SIP over plain TCP, or `off`",
    ),
    (
        Some("allow-plain-tcp-off-loopback"),
        None,
        None,
        "false",
        "lets `sip-tcp` be open to the network, where anybody on the path can then change what is said",
    ),
    (
        Some("https"),
        Some("https"),
        None,
        settings::HTTPS,
        "where to listen for HTTPS, or `off`; the certificate is that of SIP over TLS",
    ),
    (
        Some("http"),
        Some("http"),
        None,
        settings::HTTP,
        "where on this machine to serve the browser over plain HTTP, or `off`; loopback only",
    ),
    (
        Some("metrics"),
        Some("metrics"),
        None,
        settings::METRICS,
        "where on this machine to tell health (`/healthz`, `/readyz`) and metrics (`/metrics`) over plain HTTP, or `off`",
    ),
    (
        Some("host-names"),
        None,
        None,
        "[]",
        "further names under which this host is reached over HTTPS, beside the pool's name and `localhost`",
    ),
    (
        None,
        Some("topology"),
        None,
        "`topology.toml` in the data directory, if it is there",
        "the topology that says whether this machine is front end, chat server or both; without one it is both, alone",
    ),
    (
        Some("trunk"),
        Some("trunk"),
        None,
        "the port of the pool in the topology, on all addresses, where front ends are on other machines; else none",
        "where front ends reach the chat server of this machine, with SIP over mutual TLS",
    ),
    (
        Some("machines"),
        None,
        None,
        "none",
        "addresses and ports of chat servers by their names in the topology, where DNS does not say them",
    ),
    (
        Some("central"),
        Some("central"),
        None,
        "the own store",
        "the server that gives out the published topology, by its address: `https://fe.example.com:5443`",
    ),
    (
        Some("central-token-file"),
        Some("central-token-file"),
        None,
        "none",
        "a file with a token of the scope `reader` to show there",
    ),
    (
        Some("central-ca"),
        Some("central-ca"),
        None,
        "those of the system",
        "a file with the certificate authorities to trust there",
    ),
    (
        None,
        None,
        Some(crate::hosts::HOSTS),
        "none",
        "a file in the form of `/etc/hosts` that is asked for names of the topology before DNS, for trials",
    ),
    (
        None,
        None,
        Some(crate::survey::SHARES),
        "`/srv/causerie`",
        "the folder under which shares of file stores are mounted, each as `SERVER/SHARE`",
    ),
    (
        None,
        None,
        Some(crate::LOG),
        "`info` of `serve`, `warn` of a demo, `error` of commands",
        "what is logged to standard error: a level, or one per part such as `warn,frontend=debug`",
    ),
];

/// Where a managed setting comes from: its parameter in the product, and what its default rests on.
const SOURCES: [(&str, &str); 4] = [
    ("defaultChatHistory", "`-DefaultChatHistory`; default and end of the range as documented there"),
    ("maxFileSizeKB", "`-MaxFileSizeKB`; default as documented there"),
    ("participantUpdateLimit", "`-ParticipantUpdateLimit`; default as documented there"),
    ("roomManagementUrl", "`-RoomManagementUrl`"),
];

#[test]
fn the_page_of_settings_says_what_there_is() {
    compare("settings.md", &page());
}

#[test]
fn the_page_has_every_name_the_settings_file_can_have() {
    let refused = toml::from_str::<File>("no-such-name = 1").expect_err("an unknown name is refused");
    let mut known: Vec<&str> = refused.message().split('`').skip(1).step_by(2).skip(1).collect();
    let mut told: Vec<&str> = BOOT.iter().filter_map(|(name, ..)| *name).collect();
    known.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, known, "{}", refused.message());
}

#[test]
fn the_page_has_every_option_a_server_takes() {
    let own = Own::command();
    let serve = own.find_subcommand("serve").expect("there is such a command");
    let longs = |command: &Command| -> Vec<String> {
        let given = command.get_arguments().filter(|arg| arg.get_id() != "help" && arg.get_id() != "version");
        given.filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
    };
    let elsewhere = ["json", "server", "token-file", "ca"];
    let mut known: Vec<String> = longs(&own).into_iter().chain(longs(serve)).collect();
    known.retain(|long| !elsewhere.contains(&long.as_str()));
    let mut told: Vec<&str> = BOOT.iter().filter_map(|(_, option, ..)| *option).collect();
    known.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, known);
}

/// The example of the guide is a file that a server takes.
#[test]
fn the_example_in_the_guide_is_a_settings_file() {
    let guide = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/running.md");
    let guide = std::fs::read_to_string(guide).expect("it is there");
    let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let file: File = toml::from_str(example.expect("there is one")).expect("it is a settings file");
    settings::listening(settings::Wanted::default(), &file).expect("it can be used");
}

fn page() -> String {
    let mut page = format!(
        "# Settings\n\nWhat a server is told before it starts, and what administrators decide while it runs. {WRITTEN}\n\n\
         ## Before it starts\n\nThe command line comes before the settings file, the file before the defaults; an unknown name in the \
         file is an error.\n\n"
    );
    let rows = BOOT.iter().map(|(name, option, variable, default, what)| {
        let shown = |name: Option<String>| name.map(|name| code(&name)).unwrap_or_default();
        let plain =
            default.starts_with(|first: char| first.is_ascii_digit()) || matches!(*default, "[]" | "false");
        let default = if plain { code(default) } else { (*default).to_owned() };
        let option = option.map(|option| format!("--{option}"));
        row(&[
            shown(name.map(str::to_owned)),
            shown(option),
            shown(variable.map(str::to_owned)),
            default,
            (*what).to_owned(),
        ])
    });
    page.push_str(&table(&["In the file", "Option", "Variable", "Default", "What"], rows));
    page.push_str(
        "\n## While it runs\n\nRows of the store, changed by [operations](operations.md) and seen at once by every server. Each stands in \
         a collection with an\nidentity: `global` (always there), `site:NAME` or `service:PersistentChatServer:POOL`. In force is the one \
         nearest to the pool, as a\nwhole: pool before site before `global`. `causerie configuration effective` and `causerie policy \
         effective ADDRESS` say which, and why.\n\n### Settings of the service\n\n`causerie configuration`, \
         `/api/v1/configurations`; `Set-CsPersistentChatConfiguration` in the product.\n\n",
    );
    let spec = Spec::find("configuration", "set").expect("there is such an operation");
    let defaults = defaults();
    let rows = SOURCES.iter().map(|(name, source)| {
        let field = spec.field(name).unwrap_or_else(|| panic!("{name} is no setting"));
        let option = code(&format!("--{}", spelling::option(spec.verb, field)));
        let default = defaults.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone());
        let default = default.unwrap_or_else(|| panic!("{name} has no default"));
        row(&[code(name), option, range(field), default, field.description.clone(), (*source).to_owned()])
    });
    page.push_str(&table(&["Setting", "Option", "Range", "Default", "What", "Source"], rows));
    let others: Vec<&Field> =
        spec.fields().iter().filter(|field| SOURCES.iter().all(|(name, _)| *name != field.name)).collect();
    let obsolete: Vec<String> =
        others.iter().filter(|field| field.name != "configuration").map(|field| code(&field.name)).collect();
    page.push_str(&format!(
        "\n{} are refused: an early page of the product's documentation names them, the product never had them.\n\n\
         ### Policies\n\n`causerie policy`, `/api/v1/policies`; `Set-CsPersistentChatPolicy` in the product. A policy has one more kind \
         of identity: a\nname, under which it is granted to people. In force for a person is what was granted, then the policy of the pool, \
         of the site,\n`global`.\n\n",
        obsolete.join(" and ")
    ));
    let spec = Spec::find("policy", "set").expect("there is such an operation");
    let field = spec.field("enablePersistentChat").expect("policies have this value");
    let default = "`false`; of `global` in a new store `true`";
    let source = "`-EnablePersistentChat`; default as documented there";
    let option = code(&format!("--{}", spelling::option(spec.verb, field)));
    let cells = [
        code(&field.name),
        option,
        range(field),
        default.to_owned(),
        field.description.clone(),
        source.to_owned(),
    ];
    page + &table(&["Setting", "Option", "Range", "Default", "What", "Source"], [row(&cells)])
}

fn range(field: &Field) -> String {
    match &field.kind {
        FieldKind::Whole { min, max } => format!("{min} to {max}"),
        FieldKind::Flag => "true or false".to_owned(),
        FieldKind::Text if field.clearable => "an address of a page, or none".to_owned(),
        other => panic!("{}: {other:?} is no kind of setting this page knows", field.name),
    }
}

/// The defaults, as the rules have them.
fn defaults() -> [(&'static str, String); 4] {
    let usual = Configuration::default();
    let shown = |value: Value| value.to_string();
    [
        ("defaultChatHistory", shown(usual.default_chat_history.into())),
        ("maxFileSizeKB", shown(usual.max_file_size_kb.into())),
        ("participantUpdateLimit", shown(usual.participant_update_limit.into())),
        (
            "roomManagementUrl",
            usual.room_management_url.map_or_else(|| "none".to_owned(), |url| url.as_str().to_owned()),
        ),
    ]
}
