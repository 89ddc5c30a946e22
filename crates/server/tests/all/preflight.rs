//! Looking at a machine before a server is put on it: this one, which tests run on.

use std::net::TcpListener;

use serde_json::Value;

use super::office::{Office, error};

/// Where the server of these stories would listen: nobody else uses this loopback address.
const LISTENING: [&str; 8] =
    ["--sip-tls", "127.61.0.1:5061", "--sip-tcp", "off", "--https", "127.61.0.1:5443", "--metrics", "off"];

/// The checks, and whether the program was content.
fn checks(office: &Office, words: &[&str]) -> (Vec<Value>, Option<i32>) {
    let all = [&["preflight", "--json"], &LISTENING[..], words].concat();
    let output = office.program.ask(&all, "");
    let printed = String::from_utf8_lossy(&output.stdout);
    let checks = printed.lines().map(|line| serde_json::from_str(line).expect("a check is JSON"));
    (checks.collect(), output.status.code())
}

fn of<'a>(checks: &'a [Value], check: &str, about: &str) -> &'a Value {
    let found = checks.iter().find(|row| row["check"] == check && row["about"] == about);
    found.unwrap_or_else(|| panic!("no {check} of {about}: {checks:?}"))
}

#[test]
fn a_port_that_somebody_has_fails_with_what_to_do_and_exit_code_1() {
    let office = Office::empty();
    let (found, _) = checks(&office, &[]);
    for check in ["operating system", "memory", "file descriptors", "clock"] {
        of(&found, check, "");
    }
    assert_eq!(of(&found, "port", "sip-tls")["result"], "pass");
    assert!(!office.program.data().exists(), "who only looks leaves no trace");
    let somebody = TcpListener::bind("127.61.0.1:5061").expect("nobody else has it");
    let (found, code) = checks(&office, &[]);
    let port = of(&found, "port", "sip-tls");
    assert_eq!((&port["result"], code), (&"fail".into(), Some(1)));
    assert!(port["fix"].as_str().is_some_and(|fix| fix.contains("--sip-tls")), "{port}");
    drop(somebody);
}

#[test]
fn our_own_running_server_is_in_nobodys_way() {
    let office = Office::founded();
    let running = office
        .program
        .serve(&LISTENING.map(|word| if word == "127.61.0.1:5061" { "127.62.0.1:5061" } else { word }));
    let words = ["--sip-tls", "127.62.0.1:5061"];
    let (found, _) = checks(&office, &words);
    let port = of(&found, "port", "sip-tls");
    assert!(
        port["result"] == "pass" && port["found"].as_str().is_some_and(|said| said.contains("our server")),
        "{port}"
    );
    drop(running);
}

#[test]
fn names_that_lead_nowhere_and_machines_of_no_topology_are_named() {
    let office = Office::empty();
    let (found, code) = checks(&office, &["--machine", "nobody.invalid"]);
    let name = of(&found, "name", "nobody.invalid");
    assert_eq!((&name["result"], code), (&"fail".into(), Some(1)));
    let (found, _) = checks(&office, &["--machine", "localhost"]);
    assert_eq!(of(&found, "name", "localhost")["result"], "pass");
    std::fs::write(office.folder.path().join("topology.toml"), "format = 1\n").expect("a new file");
    let file = office.folder.path().join("topology.toml").to_string_lossy().into_owned();
    let refused = office.program.ask(&["preflight", "--topology", &file, "--machine", "fe1.example.com"], "");
    assert!(error(&refused).contains("fe1.example.com is not in the topology"), "{}", error(&refused));
}

#[test]
fn people_read_a_line_for_each_check_and_what_to_do_below_it() {
    let office = Office::empty();
    let output =
        office.program.ask(&[&["preflight", "--machine", "nobody.invalid"], &LISTENING[..]].concat(), "");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.contains("FAIL  name nobody.invalid: DNS knows no address\n      add an A or AAAA"),
        "{printed}"
    );
    assert!(error(&output).contains("checks failed"), "{}", error(&output));
}
