//! The unmodified client of the Lync protocol against the real program: the twenty steps over TLS and TCP, and what
//! happens around them: a reconnect after a restart, a wrong password, TLS on the plain port.

use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::{RealClient, Running};

use super::office::{Office, PASSWORD};

/// Rounds of the twenty steps in one run of the tests.
const ROUNDS: usize = 1;

#[test]
fn twenty_steps_over_tls() {
    let house = House::found();
    let running = house.office.program.serve(&[]);
    house.twenty_steps(&running, "tls");
}

#[test]
fn twenty_steps_over_tcp() {
    let house = House::found();
    let running = house.office.program.serve(&[]);
    house.twenty_steps(&running, "tcp");
}

#[test]
fn the_client_comes_back_after_a_restart_and_finds_its_room() {
    let house = House::found();
    // An address of its own: nobody else can take the port while the server is away.
    let running = house.office.program.serve(&["--sip-tcp", "127.77.0.1:0"]);
    let address = running.address("sip-tcp").to_string();
    let options =
        ["--user", "alice@example.com", "--server", &address, "--transport", "tcp", "--auth", "ntlm"];
    let options: Vec<&str> = options.into_iter().chain(["--auto-reconnect", "1"]).collect();
    let mut alice = RealClient::start(&RealClient::driver(), &options, PASSWORD);
    alice.wait("plugin-state", &[("state", "groupchat-connected")]);
    alice.command("rooms");
    alice.wait("rooms-end", &[]);
    alice.command("join \"Engineering\"");
    alice.wait("joined", &[("room", "Engineering")]);
    alice.command("send \"Engineering\" before the restart");
    alice.wait("message", &[("text", "before the restart")]);
    let (status, _) = running.terminate();
    assert!(status.success(), "the server stops well: {status}");
    alice.wait("connection-error", &[]);
    let _running = house.office.program.serve(&["--sip-tcp", &address]);
    alice.wait("signed-on", &[]);
    alice.wait("message", &[("text", "before the restart")]);
    alice.command("send \"Engineering\" after the restart");
    alice.wait("message", &[("text", "after the restart")]);
    assert!(alice.quit(), "the client ends well");
}

#[test]
fn a_wrong_password_is_refused_in_the_words_the_client_understands() {
    let house = House::found();
    let running = house.office.program.serve(&[]);
    let mut alice = house.client(&running, "alice", "tls", "wrong password");
    let error = alice.wait("connection-error", &[("reason", "AUTHENTICATION_FAILED")]);
    assert_eq!(error["text"], "Authentication failed");
    assert!(!alice.saw("signed-on"));
}

#[test]
fn a_tls_client_on_the_plain_port_is_turned_away_at_once() {
    let house = House::found();
    let running = house.office.program.serve(&[]);
    let server = format!("localhost:{}", running.address("sip-tcp").port());
    let options =
        ["--user", "alice@example.com", "--server", &server, "--transport", "tls", "--auth", "ntlm"];
    let mut alice = RealClient::start(&RealClient::driver(), &options, PASSWORD);
    alice.wait("connection-error", &[("reason", "NETWORK_ERROR")]);
}

/// A small organisation on disk and the driver of the real client beside it.
struct House {
    office: Office,
    client: PathBuf,
}

impl House {
    fn found() -> Self {
        let office = Office::with(&["alice", "bob"]);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let client = root.join("clients/sipe-client");
        Self { office, client }
    }

    /// The folder with what clients are to trust, as the driver wants it.
    fn ca_dir(&self) -> PathBuf {
        let dir = self.office.folder.path().join("ca");
        if !dir.exists() {
            std::fs::create_dir(&dir).expect("a folder for the certificate authority");
            std::fs::copy(self.office.program.data().join("ca.pem"), dir.join("ca.pem"))
                .expect("the server made ca.pem");
        }
        dir
    }

    fn client(&self, running: &Running, who: &str, transport: &str, password: &str) -> RealClient {
        let server = format!("localhost:{}", running.address(&format!("sip-{transport}")).port());
        let (user, ca) = (format!("{who}@example.com"), self.ca_dir());
        let ca = ca.to_string_lossy();
        let options = [
            "--user",
            &user,
            "--server",
            &server,
            "--transport",
            transport,
            "--auth",
            "ntlm",
            "--ca-dir",
            &ca,
        ];
        RealClient::start(&RealClient::driver(), &options, password)
    }

    fn twenty_steps(&self, running: &Running, transport: &str) {
        let server = format!("localhost:{}", running.address(&format!("sip-{transport}")).port());
        for round in 0..ROUNDS {
            let output = Command::new("python3")
                .arg(self.client.join("acceptance.py"))
                .args(["--server", &server, "--transport", transport, "--room", "Engineering"])
                .args(["--user1", &format!("alice@example.com:{PASSWORD}")])
                .args(["--user2", &format!("bob@example.com:{PASSWORD}")])
                .arg("--ca-dir")
                .arg(self.ca_dir())
                .env("SIPE_CLIENT", RealClient::driver())
                .output()
                .expect("python3 is installed by the test command");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "round {round} over {transport}:\n{said}");
            let passed = said.lines().filter(|line| line.starts_with("PASS")).count();
            assert_eq!(passed, 20, "all steps were taken:\n{said}");
        }
    }
}
