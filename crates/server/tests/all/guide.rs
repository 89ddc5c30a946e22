//! The guides do what they say: their commands, run from top to bottom; administration beside a server, deployments as machines of
//! their own, with their own names, addresses and ports.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use super::office::{Office, error, program};

/// Where the guides lie, seen from this crate.
const GUIDES: &str = "../../docs";
/// What they call the data directory.
const DATA: &str = "/var/lib/causerie";
/// Where the guide of administration says the server listens.
const LISTENS: &str = "localhost:5443";

/// The commands of a guide, in order.
fn commands(guide: &str) -> String {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(GUIDES).join(guide);
    let text = std::fs::read_to_string(place).expect("it is there");
    let blocks = text.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let office = Office::empty();
    let running = office.program.serve(&["--domain", "example.com"]);
    let port = running.address("https").port();
    let commands = commands("administration.md")
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

/// Runs the commands of a guide where these names lead to these addresses, all ports are free, and every process ends with the last
/// command. `None`, and said, where this system gives nobody such a place.
fn walked(office: &Office, guide: &str, hosts: &str) -> Option<Output> {
    let names = office.folder.path().join("hosts");
    std::fs::write(&names, format!("127.0.0.1 localhost\n{hosts}")).expect("a new file");
    let apart = ["--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    let place = |script: &str| {
        let mut path = program().parent().expect("the program lies in a folder").as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut shell = Command::new("unshare");
        shell.args(apart).args(["sh", "-c", script]).env("PATH", path).current_dir(office.folder.path());
        shell.output().expect("util-linux is on every Linux")
    };
    let begin = "set -eu; mount --bind hosts /etc/hosts; ip link set lo up";
    if !place(begin).status.success() {
        // Past the test runner, which shows what is printed only when a test fails.
        let _ = writeln!(
            std::io::stderr(),
            "not walked, because this system lets nobody have namespaces: {guide}"
        );
        return None;
    }
    let commands = commands(guide)
        .replace(DATA, &office.program.data().to_string_lossy())
        // There is no systemd in such a place.
        .replace("causerie setup ", "causerie setup --no-systemd ");
    Some(place(&format!("{begin}; set -x\n{commands}")))
}

#[test]
fn the_guide_of_standard_edition_is_walked_from_an_empty_machine_to_the_first_post() {
    let office = Office::empty();
    let Some(output) = walked(&office, "guides/standard-edition.md", "127.0.0.11 chat.example.com\n") else {
        return;
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", error(&output));
    assert!(
        printed.contains("is a front end of chat.example.com and a persistent chat server of"),
        "{printed}"
    );
    assert!(!printed.contains("FAIL"), "{printed}");
    assert!(printed.contains("\"post\":1"), "what was said is kept: {printed}");
    assert!(printed.contains("texts agree"), "and proven: {printed}");
}
