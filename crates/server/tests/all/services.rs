//! The server as a service: set up below a folder, its unit, started and stopped without systemd.

use super::office::{INVALID, Office, UNAVAILABLE};

/// The machine of Litware.
const SERVER: &str = "se.litware.example";

/// A topology of one machine that is everything.
const LITWARE: &str = r#"
format = 1

[[site]]
id = "office"

[[standard-edition-server]]
fqdn = "se.litware.example"
site = "office"
store = "se"

[[store]]
id = "se"
engine = "embedded"
server = "se.litware.example"

[[file-store]]
id = "files"
site = "office"
path = "/var/lib/causerie/files"

[[persistent-chat-pool]]
fqdn = "se.litware.example"
site = "office"
kind = "single"
display-name = "Litware rooms"
default-for = "site"
next-hop = "se.litware.example"
content-store = "se"
file-store = "files"

[[persistent-chat-pool.machine]]
fqdn = "se.litware.example"
"#;

#[test]
fn a_machine_becomes_what_the_topology_says_and_gets_its_unit() {
    let office = Office::empty();
    let root = office.folder.path().join("image").to_string_lossy().into_owned();
    let topology = office.folder.path().join("topology.toml");
    std::fs::write(&topology, LITWARE).expect("a new file");
    let topology = topology.to_string_lossy().into_owned();
    let words =
        ["setup", "--topology", &topology, "--root", &root, "--user", "chat", "--domain", "litware.example"];
    let row = office.row(&[&words[..], &["--machine", "se.litware.example"]].concat());
    assert_eq!(
        (&row["frontEnd"], &row["chat"]),
        (&"se.litware.example".into(), &"se.litware.example".into())
    );
    let unit = std::fs::read_to_string(row["unit"].as_str().expect("it is installed")).expect("it is there");
    let data = office.program.data().to_string_lossy().into_owned();
    for line in
        ["User=chat", "Type=notify", &format!("Environment=\"CAUSERIE_DATA={data}\""), "LimitNOFILE=65536"]
    {
        assert!(unit.lines().any(|one| one == line), "{line}: {unit}");
    }
    assert!(!unit.contains('@'), "everything was put in: {unit}");
    let settings = std::fs::read_to_string(office.file("causerie.toml")).expect("they are written");
    assert!(
        settings.contains("domain = \"litware.example\"") && settings.contains("se.litware.example"),
        "{settings}"
    );
    // What somebody wrote stays when it is said again.
    std::fs::write(office.file("causerie.toml"), format!("{settings}sip-tcp = \"off\"\n"))
        .expect("it is ours");
    office.must(&[&words[..], &["--machine", "se.litware.example"]].concat());
    assert!(
        std::fs::read_to_string(office.file("causerie.toml")).expect("they are there").contains("sip-tcp")
    );
    let stranger = office.refused(&[&words[..], &["--machine", "fe1.litware.example"]].concat(), INVALID);
    assert!(stranger.contains("fe1.litware.example is not in the topology"), "{stranger}");
}

#[test]
fn a_topology_with_errors_sets_nothing_up() {
    let office = Office::empty();
    let topology = office.folder.path().join("topology.toml");
    std::fs::write(&topology, LITWARE.replace("next-hop = \"se.litware.example\"\n", ""))
        .expect("a new file");
    let topology = topology.to_string_lossy().into_owned();
    let words = ["setup", "--topology", &topology, "--machine", "se.litware.example", "--no-systemd"];
    let said = office.refused(&words, INVALID);
    assert!(said.contains("next-hop") || said.contains("next hop"), "{said}");
    assert!(!office.file("topology.toml").exists());
}

#[test]
fn a_server_is_started_stopped_and_asked_after_without_systemd() {
    let office = Office::empty();
    let said = office.refused(&["service", "status"], UNAVAILABLE);
    assert!(said.contains("there is no pool"), "{said}");
    office.must(&["setup", "--no-systemd", "--domain", "example.com"]);
    let settings = "domain = \"example.com\"\nsip-tls = \"127.0.0.1:0\"\nsip-tcp = \"off\"\nhttps = \"off\"\nmetrics = \"off\"\n";
    std::fs::write(office.file("causerie.toml"), settings).expect("it is ours");
    let told = office.must(&["service", "stop"]);
    assert!(told.contains("did not run"), "nothing was there to be stopped: {told}");
    let started = office.row(&["service", "start"]);
    assert_eq!((&started["running"], &started["changed"]), (&true.into(), &true.into()));
    let name = std::fs::read_to_string(format!("/proc/{}/comm", started["process"])).expect("it runs");
    assert_eq!(name.trim(), "causerie", "so it is found among the processes");
    let told = office.must(&["service", "start"]);
    assert!(told.contains("runs already"), "{told}");
    assert_eq!(office.row(&["service", "start"])["process"], started["process"], "it is not started twice");
    office.must(&["room", "list"]);
    assert_eq!(office.row(&["service", "status"])["process"], started["process"]);
    let stopped = office.row(&["service", "stop"]);
    assert_eq!((&stopped["running"], &stopped["changed"]), (&false.into(), &true.into()));
    let told = office.must(&["service", "stop"]);
    assert!(told.contains("nothing was stopped"), "{told}");
    assert_eq!(office.row(&["service", "status"])["running"], false);
    std::fs::write(office.file("causerie.toml"), "sip-tls = \"nowhere\"\n").expect("it is ours");
    let said = office.refused(&["service", "start"], UNAVAILABLE);
    assert!(said.contains("sip-tls") && said.contains("serve.log"), "{said}");
}

#[test]
fn a_machine_is_everywhere_known_by_the_name_it_was_set_up_with() {
    let office = Office::empty();
    let topology = office.folder.path().join("topology.toml");
    std::fs::write(&topology, LITWARE).expect("a new file");
    let topology = topology.to_string_lossy().into_owned();
    let machine = ["--topology", &topology, "--machine", SERVER, "--domain", "litware.example"];
    office.must(&[&["certificate", "trial"], &machine[..]].concat());
    office.must(&[&["setup", "--no-systemd"], &machine[..]].concat());
    let settings = std::fs::read_to_string(office.file("causerie.toml")).expect("they are written");
    let listening = "sip-tls = \"127.0.0.1:0\"\nsip-tcp = \"off\"\nhttps = \"off\"\nmetrics = \"off\"\n";
    std::fs::write(office.file("causerie.toml"), settings + listening).expect("it is ours");
    let looked = office.program.ask(&["preflight", "--json"], "");
    let looked = String::from_utf8_lossy(&looked.stdout).into_owned();
    assert!(looked.contains(&format!("\"check\":\"name\",\"about\":\"{SERVER}\"")), "{looked}");
    assert!(!looked.contains("\"trunk\""), "no front end is on another machine: {looked}");
    assert_eq!(office.row(&["service", "start"])["server"], SERVER);
    assert_eq!(office.row(&["pool", "servers"])["server"], SERVER);
    office.must(&["service", "stop"]);
    let by_hand = office.program.serve(&[]);
    assert!(!by_hand.ready.contains("trunk="), "nobody is to come in there: {}", by_hand.ready);
    assert_eq!(office.row(&["service", "status"])["server"], SERVER);
    let (status, log) = by_hand.terminate();
    assert!(status.success() && log.contains("serve.roles"), "{log}");
}
