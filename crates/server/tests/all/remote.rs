//! A server elsewhere, asked over HTTPS with a token: the same commands come to the same, and what stands between is said.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use testkit::Running;

use super::office::{CONFLICT, DENIED, INVALID, NOT_FOUND, Office, UNAVAILABLE, USAGE, advised, error};

/// A server with its office, and another administrator's machine with a token for it.
struct Elsewhere {
    office: Office,
    running: Running,
    /// A machine without data.
    machine: Office,
}

impl Elsewhere {
    /// The machine has a token of this scope.
    fn with(scope: &str) -> Self {
        let office = Office::with(&["ana", "bob"]);
        office.must(&[
            "room",
            "new",
            "Trading FX",
            "--category",
            "General",
            "--add-member",
            "sip:ana@example.com",
        ]);
        let running = office.program.serve(&[]);
        let elsewhere = Self { office, running, machine: Office::empty() };
        let made = elsewhere.office.must(&["token", "new", "--name", "laptop", "--scope", scope]);
        elsewhere.file("token", &made);
        elsewhere
    }

    /// A file on the machine that only its owner reads.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.machine.folder.path().join(name);
        std::fs::write(&file, text).expect("the folder is ours");
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");
        file
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.running.address("https").port())
    }

    /// Asks the server from the machine.
    fn ask(&self, words: &[&str], input: &str) -> Output {
        let ca = self.office.file("ca.pem");
        self.ask_as(&self.url(), &self.machine.folder.path().join("token"), Some(&ca), words, input)
    }

    fn ask_as(&self, url: &str, token: &Path, ca: Option<&Path>, words: &[&str], input: &str) -> Output {
        let (token, ca) = (token.to_string_lossy(), ca.map(Path::to_string_lossy));
        let mut all = vec!["--server", url, "--token-file", &*token];
        all.extend(ca.iter().flat_map(|ca| ["--ca", &**ca]));
        self.machine.program.ask(&[&all, words].concat(), input)
    }

    /// What the machine is told when it is refused like this.
    fn refused(&self, output: &Output, code: i32) -> String {
        assert_eq!(output.status.code(), Some(code), "{}", error(output));
        assert!(output.stdout.is_empty(), "{output:?}");
        assert!(!self.machine.program.data().exists(), "nothing is made on the machine");
        error(output)
    }
}

#[test]
fn a_command_prints_elsewhere_what_it_prints_at_the_server() {
    let elsewhere = Elsewhere::with("admin");
    for words in [
        &["room", "list"][..],
        &["room", "list", "--json", "--filter", "trading"],
        &["room", "get", "Trading FX"],
        &["room", "get", "Trading FX", "--json"],
        &["category", "list"],
        &["user", "get", "sip:ana@example.com"],
        &["user", "list", "--limit", "1"],
        &["policy", "effective", "sip:ana@example.com"],
        &["configuration", "get", "global"],
        &["explain", "sip:bob@example.com", "room", "Trading FX"],
        &["explain", "--who-can", "read", "room", "Trading FX", "--json"],
        &["who-can", "create", "category", "General"],
        &[
            "room",
            "set",
            "Trading FX",
            "--privacy",
            "open",
            "--add-manager",
            "sip:bob@example.com",
            "--dry-run",
        ],
        &["category", "set", "General", "--clear-allowed-members", "--dry-run", "--json"],
        &["room", "remove", "Trading FX", "--dry-run"],
    ] {
        let (here, there) = (elsewhere.office.program.ask(words, ""), elsewhere.ask(words, ""));
        assert_eq!((here.status.code(), error(&here)), (Some(0), error(&there)), "{words:?}");
        let [here, there] = [here, there].map(|output| String::from_utf8(output.stdout).expect("text"));
        assert_eq!(there, here, "{words:?}");
    }
}

#[test]
fn somebody_without_a_role_is_shown_the_rooms_she_sees() {
    let elsewhere = Elsewhere::with("reader");
    let office = &elsewhere.office;
    office.must(&["user", "new", "sip:build@example.com", "--display-name", "Build", "--bot"]);
    let made =
        office.must(&["token", "new", "--name", "b", "--scope", "user", "--for", "sip:build@example.com"]);
    elsewhere.file("token", &made);
    for words in [&["room", "list"][..], &["room", "list", "--json"], &["room", "get", "Engineering"]] {
        let output = elsewhere.ask(words, "");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("Engineering"), "{words:?}: {}", error(&output));
    }
}

#[test]
fn what_is_changed_from_elsewhere_is_changed_at_the_server() {
    let elsewhere = Elsewhere::with("admin");
    let must = |words: &[&str], input: &str| {
        let output = elsewhere.ask(words, input);
        assert!(output.status.success(), "{words:?}: {}", error(&output));
    };
    must(&["room", "new", "Night desk", "--category", "General", "--privacy", "open"], "");
    must(&["room", "set", "Night desk", "--rename", "Late desk", "--add-manager", "sip:ana@example.com"], "");
    must(
        &["room", "set", "--from-stdin", "--disabled"],
        "{\"room\":\"Late desk\"}\n{\"room\":\"Engineering\"}\n",
    );
    must(&["user", "set", "sip:bob@example.com", "--password-stdin"], "a new passphrase 7");
    let disabled = elsewhere.office.rows(&["room", "list", "--disabled"]);
    let names: Vec<&str> = disabled.iter().filter_map(|room| room["name"].as_str()).collect();
    assert_eq!(names, ["Engineering", "Late desk"]);
    assert_eq!(disabled[1]["managers"][0], "sip:ana@example.com");
}

#[test]
fn each_kind_of_refusal_has_the_exit_code_it_has_at_the_server() {
    let elsewhere = Elsewhere::with("admin");
    for (words, code) in [
        (&["room", "get", "Nowhere"][..], NOT_FOUND),
        (&["room", "new", "Lost", "--category", "Nowhere"], NOT_FOUND),
        (&["room", "set", "Trading FX", "--add-member", "sip:ghost@example.com"], NOT_FOUND),
        (&["category", "new", "trading fx"], CONFLICT),
        (&["category", "remove", "General", "--yes"], CONFLICT),
        (&["room", "set", "Trading FX", "--privacy", "open", "--if-match", "77"], CONFLICT),
        (&["room", "set", "Trading FX", "--privacy", "hidden"], INVALID),
        (&["room", "set", "Trading FX"], INVALID),
        (&["user", "get", "ana"], INVALID),
        (&["explain", "sip:ana@example.com", "message", "Trading FX"], INVALID),
        (&["room", "remove", "Trading FX"], USAGE),
        (&["room", "new", "Lost"], USAGE),
    ] {
        let here = elsewhere.office.program.ask(words, "");
        assert_eq!(here.status.code(), Some(code), "{words:?}: {}", error(&here));
        elsewhere.refused(&elsewhere.ask(words, ""), code);
    }
    let said = elsewhere.refused(&elsewhere.ask(&["room", "get", "Nowhere"], ""), NOT_FOUND);
    assert!(said.contains("'Nowhere'"), "it says what was asked: {said}");
}

#[test]
fn a_token_gives_what_its_scope_gives() {
    let elsewhere = Elsewhere::with("reader");
    assert!(elsewhere.ask(&["room", "list"], "").status.success());
    let said = elsewhere.refused(&elsewhere.ask(&["category", "new", "Mine"], ""), DENIED);
    assert!(said.contains("persistent-chat-administrator"), "{said}");
}

#[test]
fn a_token_that_is_not_good_is_denied() {
    let elsewhere = Elsewhere::with("admin");
    let (url, ca) = (elsewhere.url(), elsewhere.office.file("ca.pem"));
    let wrong = elsewhere.file("wrong", "cst_of_another_house\n");
    let said = elsewhere.refused(&elsewhere.ask_as(&url, &wrong, Some(&ca), &["room", "list"], ""), DENIED);
    assert!(said.contains("does not take the token") && said.contains("causerie token new"), "{said}");
    assert!(!said.contains("cst_"), "it is not said again: {said}");
    let tokens = elsewhere.office.rows(&["token", "list"]);
    let guid = tokens[0]["guid"].as_str().expect("tokens have GUIDs");
    elsewhere.office.must(&["token", "revoke", guid, "--yes"]);
    elsewhere.refused(&elsewhere.ask(&["room", "list"], ""), DENIED);
    let empty = elsewhere.file("empty", "\n");
    let said = elsewhere.refused(&elsewhere.ask_as(&url, &empty, Some(&ca), &["room", "list"], ""), INVALID);
    assert!(said.contains("there is no token in it"), "{said}");
}

#[test]
fn a_token_file_that_others_can_read_is_used_with_a_warning() {
    let elsewhere = Elsewhere::with("admin");
    let file = elsewhere.machine.folder.path().join("token");
    std::fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("it is ours");
    let output = elsewhere.ask(&["room", "list"], "");
    let said = error(&output);
    assert!(output.status.success() && said.contains("others can use the token"), "{said}");
    assert!(elsewhere.machine.shell(advised(&said)).status.success());
    assert_eq!(error(&elsewhere.ask(&["room", "list"], "")), "");
}

#[test]
fn a_server_that_cannot_be_reached_or_trusted_is_said_with_what_to_do() {
    let elsewhere = Elsewhere::with("admin");
    let (url, ca) = (elsewhere.url(), elsewhere.office.file("ca.pem"));
    let token = elsewhere.machine.folder.path().join("token");
    let said = |url: &str, ca: Option<&Path>| {
        elsewhere.refused(&elsewhere.ask_as(url, &token, ca, &["room", "list"], ""), UNAVAILABLE)
    };
    let stranger = Office::founded();
    stranger.program.serve(&[]).terminate();
    let untrusted = said(&url, Some(&stranger.file("ca.pem")));
    assert!(untrusted.contains("--ca") && untrusted.contains("ca.pem"), "{untrusted}");
    assert!(!untrusted.contains("outcome is not known"), "nothing was asked: {untrusted}");
    let unknown = said("https://nowhere.invalid", Some(&ca));
    assert!(unknown.contains("no such host"), "{unknown}");
    // The listener of the story is bound to this address alone.
    let port = elsewhere.running.address("https").port();
    let misnamed = said(&format!("https://127.0.0.2:{port}"), Some(&ca));
    assert!(misnamed.contains("cannot be reached"), "{misnamed}");
    let plain =
        said(&format!("https://localhost:{}", elsewhere.running.address("metrics").port()), Some(&ca));
    assert!(plain.contains("is this the port of --https?"), "{plain}");
    let Elsewhere { running, machine, .. } = elsewhere;
    running.kill();
    let words = ["--server", &url, "--token-file", &token.to_string_lossy(), "--ca", &ca.to_string_lossy()];
    let gone = machine.refused(&[&words, &["room", "list"][..]].concat(), UNAVAILABLE);
    assert!(gone.contains("cannot be reached") && gone.contains("--https"), "{gone}");
}

#[test]
fn what_a_server_elsewhere_needs_is_asked_for() {
    let office = Office::empty();
    let url = ["--server", "https://chat.example.com"];
    let refused = |words: &[&str], code: i32, part: &str| {
        let said = office.refused(words, code);
        assert!(said.contains(part), "{words:?}: '{part}' in '{said}'");
    };
    refused(&[&url[..], &["room", "list"]].concat(), USAGE, "--token-file");
    refused(&["room", "list", "--ca", "ca.pem"], USAGE, "--server");
    refused(&["--token-file", "token", "room", "list"], USAGE, "--server");
    refused(&[&url[..], &["serve"]].concat(), USAGE, "does itself");
    let token = office.folder.path().join("token");
    std::fs::write(&token, "cst_secret\n").expect("the folder is ours");
    let token = token.to_string_lossy();
    let clear = ["room", "list", "--server", "http://chat.example.com", "--token-file", &token];
    refused(&clear, INVALID, "https://");
    let absent = ["room", "list", "--server", "https://chat.example.com", "--token-file", "/nowhere/token"];
    refused(&absent, UNAVAILABLE, "/nowhere/token");
    for own in ["serve", "demo", "store", "man", "completion"] {
        let help = office.must(&[own, "--help"]);
        assert!(!help.contains("--server"), "{own} is done here: {help}");
    }
}
