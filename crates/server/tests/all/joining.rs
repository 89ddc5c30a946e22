//! Machines join a deployment: with a code that is good once, for an hour, for one machine, shown to nobody but the right server.

use std::os::unix::fs::PermissionsExt;

use testkit::Running;
use testkit::wire::{Person, Way};

use super::office::{CONFLICT, DENIED, INVALID, Office, PASSWORD, error, list};
use super::tls::trusting;

/// The machine that joins: its name leads to this machine everywhere.
const MACHINE: &str = "cs1.example.com";

/// A running deployment of one server.
struct Deployment {
    office: Office,
    running: Running,
}

impl Deployment {
    fn of_one() -> Self {
        let office = Office::with(&["bob"]);
        let running = office.program.serve(&[]);
        Self { office, running }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.running.address("https").port())
    }

    /// A code for the machine.
    fn code(&self) -> String {
        let row = self.office.row(&["pool", "join-code", MACHINE]);
        row["secret"].as_str().expect("it is shown once").to_owned()
    }
}

/// Sets a machine up with this code; returns its exit code and what it said.
fn joins(machine: &Office, url: &str, code: &str, more: &[&str]) -> (Option<i32>, String) {
    let words = ["setup", "--machine", MACHINE, "--no-systemd", "--from", url, "--join-code-stdin"];
    let output = machine.program.ask(&[&words[..], more].concat(), &format!("{code}\n"));
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &error(&output))
}

#[tokio::test]
async fn a_machine_joins_once_and_gets_certificate_authority_and_sealing_key() {
    let (deployment, machine) = (Deployment::of_one(), Office::empty());
    let code = deployment.code();
    let (status, said) = joins(&machine, &deployment.url(), &code, &[]);
    assert_eq!(status, Some(0), "{said}");
    for name in ["ca.pem", "secret/sealing.key"] {
        let content = |office: &Office| std::fs::read(office.file(name)).expect("it is there");
        assert_eq!(content(&machine), content(&deployment.office), "{name}");
    }
    let mode = |name: &str| std::fs::metadata(machine.file(name)).expect("it is there").permissions().mode();
    for name in ["secret/sealing.key", "secret/server.key", "secret/server.pem", "causerie.toml"] {
        assert_eq!(mode(name) & 0o777, 0o600, "{name}");
    }
    assert!(!machine.file("secret/ca.key").exists(), "the authority stays where it is");
    let shown = machine.row(&["certificate", "show"]);
    assert_eq!(list(&shown, "names"), [MACHINE], "it bears no name that every machine has");
    // The same code again is good for nothing, also elsewhere.
    let (status, said) = joins(&Office::empty(), &deployment.url(), &code, &[]);
    assert!(status == Some(DENIED) && said.contains("was used"), "{said}");
    // The machine serves under its name, and who trusts the deployment trusts it.
    machine.found();
    machine.person("bob");
    let running = machine.program.serve(&[]);
    let way = Way::Tls(running.address("sip-tls"), trusting(&deployment.office), MACHINE.into());
    let mut bob = Person::connect(&way, "sip:bob@example.com", PASSWORD, 1).await.expect("it is trusted");
    assert_eq!(bob.sign_on().await.expect("he is answered").status(), Some(200));
    let refused = machine.refused(&["pool", "join-code", "cs2.example.com"], CONFLICT);
    assert!(refused.contains("on another machine"), "{refused}");
}

#[test]
fn a_code_for_another_machine_or_from_another_deployment_is_refused_and_nothing_is_kept() {
    let (deployment, other) = (Deployment::of_one(), Deployment::of_one());
    let url = deployment.url();
    let machine = Office::empty();
    let nothing =
        |machine: &Office| !machine.file("ca.pem").exists() && !machine.file("secret/sealing.key").exists();
    let code = deployment.office.row(&["pool", "join-code", "cs2.example.com"])["secret"].to_string();
    let (status, said) = joins(&machine, &url, code.trim_matches('"'), &[]);
    assert!(status == Some(DENIED) && said.contains("another machine") && nothing(&machine), "{said}");
    // Whoever answers instead of the right server is not shown the code.
    let (status, said) = joins(&machine, &url, &other.code(), &[]);
    assert!(status == Some(DENIED) && said.contains("the code was not shown") && nothing(&machine), "{said}");
    for bad in ["", "cst_short.AAAA", "no code at all", &"x".repeat(5_000)] {
        let (status, said) = joins(&machine, &url, bad, &[]);
        assert!(matches!(status, Some(INVALID | 2)) && nothing(&machine), "{bad}: {said}");
    }
    for url in ["http://localhost:1", "https://", "https://a b", "localhost"] {
        let (status, said) = joins(&machine, url, &deployment.code(), &[]);
        assert!(status == Some(INVALID) && said.contains("--from"), "{url}: {said}");
    }
}

#[test]
fn a_join_code_signs_nobody_on_and_is_recorded_without_its_secret() {
    let deployment = Deployment::of_one();
    let code = deployment.code();
    let secret = code.split('.').next().expect("its first part");
    std::fs::write(deployment.office.folder.path().join("code"), secret).expect("a new file");
    let ask = format!(
        "umask 077; causerie user list --server {} --token-file code --ca data/ca.pem",
        deployment.url()
    );
    let refused = deployment.office.shell(&ask);
    assert_eq!(refused.status.code(), Some(DENIED), "{}", error(&refused));
    assert!(deployment.office.rows(&["token", "list"]).is_empty(), "it is no token");
    let record = deployment.office.must(&["audit", "list", "--json"]);
    assert!(record.contains("join code for cs1.example.com") && !record.contains(secret), "{record}");
    let (status, said) = joins(&Office::empty(), &deployment.url(), &code, &[]);
    assert_eq!(status, Some(0), "{said}");
    let record = deployment.office.must(&["audit", "list", "--json"]);
    assert_eq!(record.lines().filter(|line| line.contains("join code for")).count(), 2, "{record}");
}

#[test]
fn two_machines_that_show_one_code_at_once_are_one_machine() {
    let deployment = Deployment::of_one();
    let (code, url) = (deployment.code(), deployment.url());
    let machines: Vec<Office> = (0..4).map(|_| Office::empty()).collect();
    let joined = std::thread::scope(|scope| {
        let all: Vec<_> = machines.iter().map(|one| scope.spawn(|| joins(one, &url, &code, &[]).0)).collect();
        all.into_iter().map(|one| one.join().expect("it ends")).filter(|code| *code == Some(0)).count()
    });
    assert_eq!(joined, 1);
}

#[test]
fn names_of_no_machine_get_no_code_and_a_pool_with_its_own_secrets_does_not_join() {
    let deployment = Deployment::of_one();
    for name in
        ["cs1", "cs-.example.com", "a..b", "", "cs1.example.com/x", &format!("{}.com", "x".repeat(64))]
    {
        let said = deployment.office.refused(&["pool", "join-code", name], INVALID);
        assert!(said.contains("no full name"), "{name}: {said}");
    }
    let settled = Office::founded();
    let (status, said) = joins(&settled, &deployment.url(), &deployment.code(), &[]);
    assert!(status == Some(CONFLICT) && said.contains("secrets of its own"), "{said}");
}

#[test]
fn without_a_certificate_there_is_no_code() {
    let office = Office::founded();
    let said = office.refused(&["pool", "join-code", MACHINE], CONFLICT);
    assert!(said.contains("start the server once"), "{said}");
    office.must(&["certificate", "trial", "--domain", "example.com"]);
    office.must(&["pool", "join-code", MACHINE]);
    let rehearsed = office.must(&["pool", "join-code", MACHINE, "--dry-run"]);
    assert!(!rehearsed.contains("cst_"), "{rehearsed}");
}

#[test]
fn a_machine_whose_store_belongs_into_a_database_founds_no_pool_of_its_own() {
    let office = Office::empty();
    let topology = office.folder.path().join("planned.toml").to_string_lossy().into_owned();
    let front = ["--front-end-pool", "fe.example.com", "--front-end-machine", "fe1.example.com"];
    let chat = ["--pool", "chat.example.com", "--display-name", "Rooms", "--machine", MACHINE];
    let stores = ["--back-end", "db1.example.com", "--content-store", "db2.example.com"];
    let rest = ["--file-store", "files.example.com/chat", "--out", &topology];
    office.must(&[&["topology", "new", "--site", "paris"][..], &front, &chat, &stores, &rest].concat());

    let here = ["--topology", &topology, "--machine", MACHINE, "--domain", "example.com"];
    let told = office.must(&[&["setup", "--no-systemd"][..], &here].concat());
    assert!(told.contains("it does not serve yet") && told.contains("database install"), "{told}");

    let told = office.refused(&[&["serve"][..], &here].concat(), INVALID);
    assert!(told.contains("on db2.example.com") && told.contains("database install"), "{told}");
    let told = office.refused(&["user", "new", "ana@example.com", "--display-name", "Ana"], INVALID);
    assert!(told.contains("on db2.example.com"), "no command founds one either: {told}");
    assert!(!office.file("store.db").exists(), "nothing was founded");

    let other = ["--topology", &topology, "--machine", "fe1.example.com"];
    let told = office.refused(&[&["setup", "--no-systemd"][..], &other].concat(), CONFLICT);
    assert!(told.contains("says that this machine is cs1.example.com"), "{told}");
}
