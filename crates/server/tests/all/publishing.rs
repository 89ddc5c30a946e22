//! A topology goes from an administrator's file to every server: published, given out, kept beside the data, and served from when the
//! centre is away.
//! What keeps a topology from being published is told in `admin` and `topology`.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use testkit::{Program, Running};

use super::office::{CONFLICT, DENIED, INVALID, NOT_FOUND, Office, USAGE, error};

/// The code for a topology with errors.
const BROKEN: i32 = 1;
/// The one machine of Litware.
const MACHINE: &str = "se.litware.example";

/// Litware's office, whose machine has its name, with a topology on the desk.
fn litware() -> Office {
    let mut office = Office::founded();
    let hosts = office.folder.path().join("hosts");
    std::fs::write(&hosts, format!("127.0.0.1 {MACHINE} fe.litware.example\n")).expect("the folder is ours");
    let files = office.folder.path().join("files");
    std::fs::create_dir(&files).expect("the folder is ours");
    office.program = named(office.program, &hosts.to_string_lossy(), MACHINE);
    let out = at(&office, "topology.toml");
    let files = files.to_string_lossy().into_owned();
    office.must(&["topology", "new", "--standard-edition", MACHINE, "--file-store", &files, "--out", &out]);
    office
}

/// A program on a machine of this name.
fn named(program: Program, hosts: &str, machine: &str) -> Program {
    program.with("CAUSERIE_HOSTS", hosts).with("CAUSERIE_MACHINE", machine)
}

/// Serves with these options, and with a port for front ends that no other story has.
fn serve(office: &Office, words: &[&str]) -> Running {
    office.program.serve(&[&["--trunk", "127.0.0.1:0"], words].concat())
}

fn at(office: &Office, name: &str) -> String {
    office.folder.path().join(name).to_string_lossy().into_owned()
}

/// The published document, changed, in a file.
fn changed(office: &Office, from: &str, to: &str) -> String {
    let document = office.must(&["topology", "download"]);
    let changed = document.replace(from, to);
    assert_ne!(changed, document, "{from} is there");
    std::fs::write(at(office, "changed.toml"), changed).expect("the folder is ours");
    at(office, "changed.toml")
}

fn copy(office: &Office) -> PathBuf {
    office.file("topology.toml")
}

/// The page about topologies, seen from this crate, and what it calls the data directory.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/topology.md");
const DATA: &str = "/var/lib/causerie";

#[test]
fn every_command_of_the_page_about_topologies_does_what_it_says() {
    let office = Office::founded();
    let page = std::fs::read_to_string(PAGE).expect("it is there");
    let blocks = page.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
    let commands: String = blocks.collect::<String>().replace(DATA, &office.program.data().to_string_lossy());
    let hosts = at(&office, "hosts");
    std::fs::write(&hosts, "127.0.0.1 chat.example.com\n").expect("the folder is ours");
    let output = office.shell(&format!("set -eux\nexport CAUSERIE_HOSTS={hosts}\n{commands}"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", error(&output));
    assert!(printed.contains("they say the same"), "{printed}");
    assert!(printed.contains("display-name from Persistent Chat to Rooms of Example"), "{printed}");
    assert_eq!(office.rows(&["topology", "history"]).len(), 2);
}

#[test]
fn a_topology_is_published_given_out_and_kept_beside_the_data() {
    let office = litware();
    office.refused(&["topology", "download"], NOT_FOUND);
    let told =
        office.must(&["topology", "publish", &at(&office, "topology.toml"), "--remark", "the beginning"]);
    assert!(told.contains("the beginning"), "{told}");
    let mode =
        std::fs::metadata(office.folder.path().join("files")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "files are for the service alone");
    let document = office.must(&["topology", "download"]);
    assert!(document.starts_with("# Published topology: version 1, after 0000"), "{document}");
    let running = serve(&office, &[]);
    assert_eq!(std::fs::read_to_string(copy(&office)).expect("it is kept"), document);
    let mode = std::fs::metadata(copy(&office)).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let second = changed(&office, "\"Persistent Chat\"", "\"Litware rooms\"");
    office.must(&["topology", "publish", &second]);
    let told = office.refused(&["topology", "publish", &second.replace("changed", "topology")], INVALID);
    assert!(told.contains("--if-match 2"), "{told}");
    let history = office.rows(&["topology", "history"]);
    assert_eq!(history.iter().map(|row| row["version"].as_u64()).collect::<Vec<_>>(), [Some(2), Some(1)]);
    let first = office.must(&["topology", "download", "--version", "1"]);
    assert_eq!(first, document);
    let (status, _) = running.terminate();
    assert!(status.success());
    let record = office.rows(&["audit", "list", "--what", "topology-publish"]);
    assert_eq!(record.len(), 2);
    serve(&office, &[]).terminate();
    let kept = std::fs::read_to_string(copy(&office)).expect("it is kept");
    assert_eq!(kept, office.must(&["topology", "download"]));
}

/// What a running server notes of the version that was just published: it looks once a second.
fn noted(office: &Office) -> String {
    let told = || office.row(&["service", "status"])["restartPending"].as_str().map(str::to_owned);
    std::iter::repeat_with(told).take(2_000).flatten().next().expect("it looks once a second")
}

#[test]
fn a_server_whose_part_is_another_by_a_new_topology_says_so_until_it_is_started_again() {
    let office = litware();
    office.must(&["topology", "publish", &at(&office, "topology.toml")]);
    let running = serve(&office, &[]);
    assert!(office.row(&["service", "status"]).get("restartPending").is_none());
    let other = changed(&office, "port = 5041", "port = 5042");
    office.must(&["topology", "publish", &other]);
    let told = noted(&office);
    assert!(told.contains("drain and restart it"), "{told}");
    let shown = office.told(&["topology", "show"]);
    assert!(shown.contains(&told), "{shown}");
    let (status, log) = running.terminate();
    assert!(status.success() && log.contains("topology.restart_pending"), "{log}");
    let _running = serve(&office, &[]);
    assert!(office.row(&["service", "status"]).get("restartPending").is_none(), "it began as what it is now");
}

#[test]
fn what_is_not_there_or_not_run_is_said_before_or_with_the_version() {
    let office = litware();
    let document = std::fs::read_to_string(at(&office, "topology.toml")).expect("it was written");
    let record = "\n[[store]]\nid = \"record\"\nserver = \"db.litware.example\"\n";
    let with =
        document.replace("compliance = false", "compliance = true\ncompliance-store = \"record\"") + record;
    std::fs::write(at(&office, "with.toml"), with).expect("the folder is ours");
    let told = office.refused(&["topology", "publish", &at(&office, "with.toml")], INVALID);
    assert!(
        told.contains("error D4") && told.contains("db.litware.example does not answer"),
        "no such database answers: {told}"
    );
    let here = document.replace("compliance = false", "compliance = true\ncompliance-store = \"se\"");
    std::fs::write(at(&office, "here.toml"), here).expect("the folder is ours");
    let told = office.told(&["topology", "publish", &at(&office, "here.toml")]);
    assert!(told.contains("N1") && told.contains("not run by this version"), "{told}");
    std::fs::remove_dir(office.folder.path().join("files")).expect("it is empty");
    let again = changed(&office, "\"Persistent Chat\"", "\"Litware rooms\"");
    let told = office.refused(&["topology", "publish", &again], INVALID);
    assert!(told.contains("error V12: file store files: it does not exist"), "{told}");
    assert_eq!(office.rows(&["topology", "history"]).len(), 1);
    let told = office.program.ask(&["topology", "validate", &again, "--survey"], "");
    assert_eq!(told.status.code(), Some(BROKEN), "{}", error(&told));
}

#[test]
fn a_machine_that_is_not_in_the_topology_does_not_serve() {
    let office = litware();
    office.must(&["topology", "publish", &at(&office, "topology.toml")]);
    let told =
        office.refused(&["serve", "--machine", "other.litware.example", "--sip-tls", "127.0.0.1:0"], INVALID);
    assert!(told.contains("other.litware.example") && told.contains("--machine"), "{told}");
    assert!(told.contains(MACHINE), "it is said which machines there are: {told}");
    let file = at(&office, "topology.toml");
    let told = office.refused(&["serve", "--topology", &file, "--machine", "other.litware.example"], INVALID);
    assert!(told.contains("other.litware.example"), "{told}");
    let (status, log) = serve(&office, &["--topology", &file]).terminate();
    assert!(status.success() && log.contains("serve.roles"), "{log}");
}

#[test]
fn a_server_of_another_database_fetches_the_topology_and_starts_without_the_centre() {
    let office = litware();
    office.must(&["topology", "publish", &at(&office, "topology.toml")]);
    let document = office.must(&["topology", "download"]);
    let token = office.must(&["token", "new", "--name", "copies", "--scope", "reader"]);
    let token_file = at(&office, "token");
    std::fs::write(&token_file, token).expect("the folder is ours");
    std::fs::set_permissions(&token_file, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    let centre = serve(&office, &[]);
    let url = format!("https://localhost:{}", centre.address("https").port());
    let ca = office.file("ca.pem").to_string_lossy().into_owned();
    let other = Office::founded();
    let other = Office { program: named(other.program.clone(), &at(&office, "hosts"), MACHINE), ..other };
    let words = ["--central", &url, "--central-token-file", &token_file, "--central-ca", &ca];
    let (status, log) = serve(&other, &words).terminate();
    assert!(status.success() && log.contains("replica.kept"), "{log}");
    assert_eq!(std::fs::read_to_string(copy(&other)).expect("it is kept"), document);
    let (status, _) = centre.terminate();
    assert!(status.success());
    let (status, log) = serve(&other, &words).terminate();
    assert!(status.success() && log.contains("serve.topology_not_renewed"), "{log}");
    assert!(log.contains("serve.roles"), "it knows what it is: {log}");
    let told = other.refused(&["serve", "--central", &url], USAGE);
    assert!(told.contains("--central-token-file"), "{told}");
    let touched = document.replace("Persistent Chat", "Somebody else's");
    std::fs::write(copy(&other), touched).expect("it is ours");
    let told = other.refused(&[&["serve"], &words[..]].concat(), INVALID);
    assert!(told.contains("was altered"), "{told}");
}

#[test]
fn a_token_that_only_reads_publishes_nothing() {
    let office = litware();
    let running = serve(&office, &[]);
    let url = format!("https://localhost:{}", running.address("https").port());
    let ca = office.file("ca.pem").to_string_lossy().into_owned();
    let file = at(&office, "topology.toml");
    for (scope, expected) in [("reader", DENIED), ("admin", 0)] {
        let token = office.must(&["token", "new", "--name", scope, "--scope", scope]);
        let token_file = at(&office, scope);
        std::fs::write(&token_file, token).expect("the folder is ours");
        std::fs::set_permissions(&token_file, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
        let there = ["--server", &url, "--token-file", &token_file, "--ca", &ca];
        let output = office.program.ask(&[&there, &["topology", "publish", &file][..]].concat(), "");
        assert_eq!(output.status.code(), Some(expected), "{scope}: {}", error(&output));
        let stale = ["topology", "publish", &file, "--if-match", "7"];
        let output = office.program.ask(&[&there, &stale[..]].concat(), "");
        let expected = if expected == 0 { CONFLICT } else { expected };
        assert_eq!(output.status.code(), Some(expected), "{scope}: {}", error(&output));
    }
    let (status, _) = running.terminate();
    assert!(status.success());
}
