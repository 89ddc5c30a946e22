//! The guide of administration does what it says: its commands, run from top to bottom beside a server.

use std::path::Path;

use super::office::{Office, error};

/// Where the guide lies, seen from this crate.
const GUIDE: &str = "../../docs/administration.md";
/// What it calls the data directory.
const DATA: &str = "/var/lib/causerie";
/// Where it says the server listens.
const LISTENS: &str = "localhost:5443";

/// The commands of the guide, in order.
fn commands(guide: &str) -> String {
    let blocks = guide.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let office = Office::empty();
    let running = office.program.serve(&["--domain", "example.com"]);
    let guide =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(GUIDE)).expect("it is there");
    let port = running.address("https").port();
    let commands = commands(&guide)
        .replace(DATA, &office.program.data().to_string_lossy())
        .replace(LISTENS, &format!("localhost:{port}"));
    let output = office.shell(&format!("set -eux\n{commands}"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", error(&output));
    let posted = printed.contains("\"post\":1") && !printed.contains("\"post\":2");
    assert!(posted, "the post that came twice was kept once: {printed}");
    assert!(printed.contains("Build 42 is done"), "{printed}");
    let room = office.row(&["room", "get", "Trading FX"]);
    assert_eq!(room["invitations"], "false", "{room}");
    assert_eq!(office.rows(&["room", "list"]).len(), 3);
}
