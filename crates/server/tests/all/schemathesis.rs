//! The API against its own document: schemathesis asks everything that the document allows and much that it does not, as an
//! administrator, as a person, and as nobody. No answer is an error of the server, has a status that is not in the document,
//! or a form that is not there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use testkit::Running;

use super::office::{Office, PASSWORD};

/// People, rooms and so on of each kind: more than are removed on the way.
const MANY: usize = 24;

/// What names rooms, categories and add-ins, asked before any of them goes.
const EARLY: [&str; 2] = ["roomNew", "roomSet"];
/// What would end the token that is shown, asked last.
const LAST: [&str; 1] = ["tokenRevoke"];
/// The operations that people need no role for, and all others.
const WITHOUT_ROLE: &str =
    "^/api/v1/(session|rooms|search|read|followed|invitations|explain|who-can|add-ins|messages)";

#[test]
fn an_administrator_finds_the_api_as_its_document_says() {
    let office = furnished();
    let token = token(&office, &["--scope", "admin"]);
    let early = EARLY.map(|operation| ["--include-operation-id", operation]).concat();
    let others =
        [&EARLY[..], &LAST].concat().into_iter().flat_map(|operation| ["--exclude-operation-id", operation]);
    let others: Vec<&str> = others.collect();
    let last = LAST.map(|operation| ["--include-operation-id", operation]).concat();
    let done = attack(&office, Some(&token), &[&early, &others, &last]);
    // Most of what administrators may do was done at least once, so that answers of every form were looked at.
    let (did, all) = done.done(|route| !is_personal(route));
    println!("an administrator: {} requests, {did} of {all} operations done", done.requests());
    assert!(did * 10 >= all * 9, "only {did} of {all} operations were done, and not: {:#?}", done.undone());
}

#[test]
fn a_person_finds_the_api_as_its_document_says() {
    let office = furnished();
    let token = token(&office, &["--scope", "user", "--for", "sip:robot@example.com"]);
    let own: &[&str] = &["--include-path-regex", WITHOUT_ROLE];
    let others: &[&str] = &["--exclude-path-regex", WITHOUT_ROLE, "--exclude-operation-id", "tokenRevoke"];
    let others = &[others, &["--phases", "fuzzing", "--max-examples", "3"]].concat();
    let done = attack(&office, Some(&token), &[own, others]);
    let (did, all) = done.done(is_personal);
    println!("a person: {} requests, {did} of {all} operations done", done.requests());
    // A token has no session to end, and nobody knows a password.
    assert!(did + 2 >= all, "only {did} of {all} operations were done, and not: {:#?}", done.undone());
}

#[test]
fn nobody_finds_the_api_as_its_document_says() {
    let office = furnished();
    let done = attack(&office, None, &[&["--phases", "fuzzing", "--max-examples", "3"]]);
    println!("nobody: {} requests", done.requests());
    let (did, all) = done.done(|_| true);
    assert!(did == 0 && all > 60, "nobody did something: {:?}", done.0);
}

/// What a person needs no role for.
const PERSONAL: [&str; 6] = ["/messages", "/search", "/read", "/followed", "/invitations", "/session"];

/// How often each method and route was answered with each status.
#[derive(Debug)]
struct Done(BTreeMap<String, BTreeMap<u16, u64>>);

/// A pool with many of everything that can be changed and removed.
fn furnished() -> Office {
    let office = Office::founded();
    let many = |line: &dyn Fn(usize) -> serde_json::Value| -> String {
        (0..MANY).map(|number| format!("{}\n", line(number))).collect()
    };
    let made = |words: &[&str], lines: String| drop(office.program.must(words, &lines));
    let address = |number: usize| format!("sip:p{number}@example.com");
    made(
        &["user", "new", "--from-stdin"],
        many(&|number| json!({ "address": address(number), "displayName": format!("Person {number}") })),
    );
    office
        .program
        .must(&["user", "new", "sip:ana@example.com", "--display-name", "Ana", "--password-stdin"], PASSWORD);
    office.must(&["user", "new", "sip:robot@example.com", "--display-name", "Robot", "--bot"]);
    made(
        &["category", "new", "--from-stdin"],
        many(
            &|number| json!({ "name": format!("Floor {number}"), "allowedMembers": ["domain:example.com"], "invitations": true }),
        ),
    );
    made(
        &["group", "new", "--from-stdin"],
        many(&|number| json!({ "name": format!("Team {number}"), "members": [address(number)] })),
    );
    made(
        &["add-in", "new", "--from-stdin"],
        many(
            &|number| json!({ "name": format!("Page {number}"), "url": format!("https://example.com/{number}") }),
        ),
    );
    made(
        &["policy", "new", "--from-stdin"],
        many(&|number| json!({ "identity": format!("Tag{number}"), "enablePersistentChat": true })),
    );
    made(
        &["endpoint", "new", "--from-stdin"],
        many(&|number| json!({ "address": format!("sip:door{number}@example.com") })),
    );
    made(
        &["room", "new", "--from-stdin"],
        many(&|number| {
            let privacy = ["open", "closed", "secret"][number % 3];
            let kind = ["normal", "auditorium"][number % 2];
            json!({
                "name": format!("Room {number}"),
                "category": format!("Floor {}", number % 4),
                "privacy": privacy,
                "type": kind,
                "members": ["sip:robot@example.com", address(number), format!("group:Team {number}")],
                "managers": ["sip:robot@example.com"],
                "disabled": number == 7,
            })
        }),
    );
    office
}

/// A new token.
fn token(office: &Office, words: &[&str]) -> String {
    let row = office.row(&[&["token", "new", "--name", "schemathesis"], words].concat());
    row["secret"].as_str().expect("its secret is shown once").to_owned()
}

/// Where `cargo xtask test` installs it before it runs the tests, or `$SCHEMATHESIS`.
fn program() -> PathBuf {
    if let Some(program) = std::env::var_os("SCHEMATHESIS") {
        return PathBuf::from(program);
    }
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    let program = target.join("schemathesis/bin/schemathesis");
    assert!(program.exists(), "{} is missing: run `cargo xtask test`, which installs it", program.display());
    program
}

/// Lets schemathesis ask with this token, or none, in runs with these options; returns what the server counted.
fn attack(office: &Office, token: Option<&str>, runs: &[&[&str]]) -> Done {
    let settings = office.folder.path().join("schemathesis.toml");
    std::fs::write(&settings, settings_of(office)).expect("the folder is ours");
    let running = office.program.serve(&[]);
    let base = format!("https://{}", running.address("https"));
    let mut failed = String::new();
    for options in runs {
        let mut ask = Command::new(program());
        ask.arg("--config-file").arg(&settings).args(["run", &format!("{base}/api/v1/openapi.json")]);
        ask.arg("--tls-verify").arg(office.file("ca.pem")).arg("--no-color");
        // With it, what changes something is looked at further than for where it comes from.
        ask.args(["-H", &format!("Origin: {base}")]);
        if let Some(token) = token {
            ask.args(["-H", &format!("Authorization: Bearer {token}")]);
        }
        ask.args(*options).current_dir(office.folder.path()).env("HOME", office.folder.path());
        let output = ask.output().expect("schemathesis was installed by the test command");
        let said = [output.stdout, output.stderr].map(|said| shortened(&String::from_utf8_lossy(&said)));
        if !output.status.success() {
            failed.push_str(&format!("{options:?}: {}", said.concat()));
        }
    }
    let done = counted(&running);
    let (status, log) = running.terminate();
    let warned: Vec<&str> =
        log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
    assert!(failed.is_empty(), "{failed}\nthe server warned: {:#?}", &warned[..warned.len().min(40)]);
    assert!(status.success(), "the server stops well: {status}\n{log}");
    assert!(!log.contains("panic"), "{log}");
    let odd = |status: u16| status >= 500 || status == 429;
    let hidden: Vec<_> = done.0.iter().filter(|(_, statuses)| statuses.keys().any(|one| odd(*one))).collect();
    assert!(hidden.is_empty(), "errors of the server, or answers that hide behind a rate: {hidden:?}");
    done
}

/// The settings, and what there is to name.
fn settings_of(office: &Office) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients/schemathesis/schemathesis.toml");
    let mut settings = std::fs::read_to_string(&file).expect("the settings are part of the project");
    let names = |what: &dyn Fn(usize) -> String| -> Vec<String> { (0..MANY).map(what).collect() };
    let rooms = office.rows(&["room", "list"]);
    let guids = rooms.iter().map(|room| room["guid"].as_str().unwrap_or_default().to_owned());
    let mut rooms = names(&|number| format!("Room {number}"));
    rooms.extend(guids);
    let people = names(&|number| format!("sip:p{number}@example.com"));
    let categories = names(&|number| format!("Floor {number}"));
    let groups = names(&|number| format!("Team {number}"));
    let mut principals = names(&|number| format!("group:Team {number}"));
    principals.extend(["sip:ana@example.com".into(), "domain:example.com".into()]);
    principals.extend(people.clone());
    let dictionaries = [
        ("rooms", rooms),
        ("people", people),
        ("strangers", names(&|number| format!("sip:new{number}@example.com"))),
        ("categories", categories),
        ("groups", groups),
        ("pages", names(&|number| format!("Page {number}"))),
        ("addresses", names(&|number| format!("https://example.com/new/{number}"))),
        ("policies", names(&|number| format!("Tag{number}"))),
        ("collections", vec!["global".into(), "site:Default".into()]),
        ("principals", principals),
        ("identities", vec!["site:Default".into(), "TagNew".into()]),
        ("endpoints", names(&|number| format!("sip:door{number}@example.com"))),
        ("operations", names(&|number| (number + 1).to_string())),
        ("tables", names(&|number| format!("name,category\nTable {number},Floor 0\n"))),
        ("exports", vec![EXPORT.into()]),
        ("words", vec!["Room".into(), "1".into(), "hello".into()]),
    ];
    settings.push_str("\n[dictionaries]\n");
    for (name, values) in dictionaries {
        writeln!(settings, "{name} = {{ values = {values:?} }}").expect("a text can be written");
    }
    settings.push_str("\n[parameters]\n");
    let mut names = |place: &str, dictionary: &str| {
        writeln!(settings, "\"{place}\" = {{ dictionary = \"{dictionary}\", probability = 0.8 }}")
            .expect("a text can be written");
    };
    for (place, dictionary) in NAMED {
        names(place, dictionary);
    }
    for list in LISTS {
        for change in ["add", "remove", "replace"] {
            names(&format!("body.{list}.{change}[*]"), "principals");
        }
    }
    settings
}

/// Whom a directory has.
const EXPORT: &str = "dn: CN=Zoe,DC=example,DC=com\nobjectClass: user\nentryUUID: 00000000-0000-4000-8000-000000000001\n\
                      msRTCSIP-PrimaryUserAddress: sip:zoe@example.com\n";

/// Which fields name what.
const NAMED: [(&str, &str); 36] = [
    ("path.endpoint", "endpoints"),
    ("path.operation", "operations"),
    ("body.identity", "identities"),
    ("body.rows", "tables"),
    ("body.ldif", "exports"),
    ("body.userUri", "people"),
    ("body.filter", "words"),
    ("body.replaceMessage", "words"),
    ("path.room", "rooms"),
    ("path.user", "people"),
    ("path.category", "categories"),
    ("path.group", "groups"),
    ("path.addIn", "pages"),
    ("path.policy", "policies"),
    ("path.configuration", "collections"),
    ("query.person", "people"),
    ("query.for", "people"),
    ("query.user", "people"),
    ("query.member", "principals"),
    ("query.manager", "principals"),
    ("query.category", "categories"),
    ("query.room", "rooms"),
    ("query.name", "rooms"),
    ("query.identity", "rooms"),
    ("query.q", "words"),
    ("body.address", "strangers"),
    ("body.for", "people"),
    ("body.category", "categories"),
    ("body.addIn", "pages"),
    ("body.url", "addresses"),
    ("body.policyName", "policies"),
    ("body.principal", "principals"),
    ("body.users[*]", "people"),
    ("body.members[*]", "principals"),
    ("body.room", "rooms"),
    ("body.author", "people"),
];

/// The fields that list principals, by name.
const LISTS: [&str; 6] = ["members", "managers", "presenters", "allowedMembers", "deniedMembers", "creators"];

/// What the server counted, as its metrics say.
fn counted(running: &Running) -> Done {
    let mut wire = TcpStream::connect(running.address("metrics")).expect("it listens for watchers");
    wire.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("it is read");
    let mut text = String::new();
    wire.read_to_string(&mut text).expect("it is answered");
    let mut done: BTreeMap<String, BTreeMap<u16, u64>> = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("causerie_http_requests_total{")) {
        let value = |name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0)
        };
        let parts = (value("method"), value("route"), value("status").and_then(|status| status.parse().ok()));
        let count = line.rsplit(' ').next().and_then(|count| count.parse().ok());
        let ((Some(method), Some(route), Some(status)), Some(count)) = (parts, count) else { continue };
        done.entry(format!("{method} {route}")).or_default().insert(status, count);
    }
    Done(done)
}

/// The beginning of each line: some show whole bodies.
fn shortened(text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        lines.extend(line.chars().take(400));
        lines.push('\n');
    }
    lines
}

impl Done {
    fn requests(&self) -> u64 {
        self.0.values().flat_map(BTreeMap::values).sum()
    }

    /// How many of these operations were done at least once, and how many there are.
    fn done(&self, of: impl Fn(&str) -> bool) -> (usize, usize) {
        let all: Vec<_> = self.operations().filter(|(route, _)| of(route)).collect();
        (all.iter().filter(|(_, statuses)| is_done(statuses)).count(), all.len())
    }

    fn undone(&self) -> Vec<(&str, &BTreeMap<u16, u64>)> {
        self.operations().filter(|(_, statuses)| !is_done(statuses)).collect()
    }

    /// What was asked by a method that the resource has; the document itself is none of it.
    fn operations(&self) -> impl Iterator<Item = (&str, &BTreeMap<u16, u64>)> {
        let real = |(route, statuses): &(&String, &BTreeMap<u16, u64>)| {
            route.contains("/api/v1/") && !route.contains("openapi") && !statuses.contains_key(&405)
        };
        self.0.iter().filter(real).map(|(route, statuses)| (route.as_str(), statuses))
    }
}

fn is_personal(route: &str) -> bool {
    PERSONAL.iter().any(|personal| route.contains(personal)) && !route.ends_with("/messages/remove")
}

fn is_done(statuses: &BTreeMap<u16, u64>) -> bool {
    statuses.keys().any(|status| (200..300).contains(status))
}
