//! What a newly published topology makes of the chat server cs1: nothing else, or something that waits for a restart.
//! That a running server notes it is told by the stories of publishing.

use topology::{Fqdn, Topology, parse, roles};

use super::{Begun, NAME, pending};
use crate::data::Data;
use crate::machine::Machine;

const CONTOSO: &str = r#"
format = 1

[[site]]
id = "paris"

[[front-end-pool]]
fqdn = "fe.contoso.example"
site = "paris"
machines = ["fe1.contoso.example"]

[[persistent-chat-pool]]
fqdn = "chat.contoso.example"
site = "paris"
kind = "multiple"
display-name = "Rooms"
default-for = "site"
next-hop = "fe.contoso.example"

[[persistent-chat-pool.machine]]
fqdn = "cs1.contoso.example"
state = "active"
"#;

fn contoso(from: &str, to: &str) -> Topology {
    assert!(CONTOSO.contains(from), "{from}");
    parse(CONTOSO.replacen(from, to, 1).as_bytes()).expect("a topology")
}

/// A server that began as the machine of this name.
fn begun(machine: &str) -> Begun {
    let topology = contoso("", "");
    let fqdn = Fqdn::parse(machine).expect("a name");
    Begun { machine: machine.to_owned(), roles: roles(&topology, &fqdn).ok(), follows: true }
}

#[test]
fn what_a_topology_changes_is_said_with_what_to_do() {
    let cs1 = begun("cs1.contoso.example");
    let quiet = [("", ""), ("display-name = \"Rooms\"", "display-name = \"Talk\"")];
    for (from, to) in quiet {
        assert_eq!(cs1.differs(&contoso(from, to)), None, "{to}");
    }
    let told = [
        ("\"cs1.", "\"cs9.", "has no machine cs1.contoso.example any more"),
        (
            "\"chat.contoso",
            "\"talk.contoso",
            "is a persistent chat server of talk.contoso.example, and this server began as",
        ),
        ("\"active\"", "\"inactive\"", "active-servers set --remove-server cs1.contoso.example"),
        ("[\"fe1.", "[\"fe2.contoso.example\", \"fe1.", "names other machines or pools"),
        (
            "state = \"active\"",
            "[[persistent-chat-pool.machine]]\nfqdn = \"cs2.contoso.example\"",
            "drain and restart it for that to be so (new in its pool: cs2.contoso.example)",
        ),
    ];
    for (from, to, says) in told {
        let said = cs1.differs(&contoso(from, to)).unwrap_or_default();
        assert!(said.contains(says), "{to}: {said}");
    }
    let alone = Begun { machine: "fe1.contoso.example".to_owned(), roles: None, follows: true };
    let said = alone.differs(&contoso("", "")).unwrap_or_default();
    assert!(
        said.contains("is a front end of fe.contoso.example, and this server began as a server by itself"),
        "{said}"
    );
}

#[test]
fn the_note_goes_when_a_topology_says_again_what_the_server_is_and_with_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = Data::make(&folder.path().join("data")).expect("a data directory");
    let keep = |text: &str| std::fs::write(data.file("topology.toml"), text).expect("it is ours");
    let fe1 = begun("fe1.contoso.example");
    keep(&CONTOSO.replacen("\"fe1.", "\"fe2.", 1));
    fe1.compare(&data).expect("it can be noted");
    assert!(pending(&data).expect("it can be read").is_some_and(|why| why.contains("no machine fe1")));
    keep(CONTOSO);
    fe1.compare(&data).expect("it can be taken away");
    assert_eq!(pending(&data).expect("nothing is there"), None);

    std::fs::write(data.file(NAME), "of another time\n").expect("it is ours");
    Begun::now(&data, &Machine::default(), true).expect("it can be taken away");
    assert_eq!(pending(&data).expect("nothing is there"), None);
}
