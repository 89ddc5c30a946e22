//! Bodies that a real client and a server it accepted have sent: all of them are read.
//! What the client sends, our own client prints octet by octet.

use std::fs;
use std::path::Path;

use xccos::{Ask, Command, Reply, ServerItem, parse, parse_answer, print_command, print_post};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

fn bodies(whose: &str) -> Vec<(String, String)> {
    let folder = Path::new(HERE).join(whose);
    let mut found: Vec<_> = fs::read_dir(folder)
        .expect("the folder of golden bodies")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a body"))
        })
        .collect();
    found.sort();
    assert!(found.len() > 10, "the golden bodies are there");
    found
}

#[test]
fn every_command_of_the_real_client_is_read_as_what_its_file_is_called() {
    for (name, body) in bodies("clients") {
        let envelope = parse(body.as_bytes()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(envelope.items.len(), 1, "{name}");
        let expected = name.trim_start_matches("cmd-").split('-').next().expect("a first part");
        assert_eq!(envelope.items[0].ask.name(), expected);
        match &envelope.items[0].ask {
            Ask::Command { command, .. } => {
                let command = command.as_ref().unwrap_or_else(|fault| panic!("{name}: {fault}"));
                assert!(!matches!(command, Command::Unknown { .. }), "{name}");
            }
            Ask::Post(post) => drop(post.as_ref().unwrap_or_else(|fault| panic!("{name}: {fault}"))),
        }
    }
}

#[test]
fn our_own_client_prints_what_the_real_one_sends() {
    for (name, body) in bodies("clients") {
        let item = parse(body.as_bytes()).expect("read before").items.remove(0);
        let printed = match &item.ask {
            Ask::Command { command, .. } => print_command(&item.id, command.as_ref().expect("read before")),
            Ask::Post(post) => print_post(&item.id, post.as_ref().expect("read before")),
        };
        // A line end on the wire is CR LF; every reader of XML sees an LF.
        assert_eq!(printed, body.replace("\r\n", "\n"), "{name}");
    }
}

#[test]
fn everything_a_server_sends_is_read_by_our_own_client() {
    for (name, body) in bodies("servers") {
        let envelope = parse_answer(body.as_bytes()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(envelope.items.len(), 1, "{name}");
        let (kind, called) = match &envelope.items[0] {
            ServerItem::Reply(reply) => {
                assert_eq!((reply.code, &*reply.text), (200, "SUCCESS_OK"), "{name}");
                assert_eq!(reply.data.as_ref().map(Reply::name), known(&reply.name), "{name}");
                ("rpl-", reply.name.to_string())
            }
            ServerItem::Notice(notice) => ("ntc-", format!("{notice:?}")),
            ServerItem::Post(post) => {
                assert!(post.author.starts_with("sip:") && !post.text.is_empty(), "{name}");
                ("", "grpchat".to_owned())
            }
        };
        let called = format!("{kind}{}", called.to_lowercase());
        let expected = name.rsplit_once('-').expect("a number at the end").0;
        assert!(called.starts_with(expected), "{name} was read as {called}");
    }
}

/// A reply to a post carries nothing.
fn known(name: &str) -> Option<&str> {
    (name != "grpchat").then_some(name)
}

#[test]
fn the_list_of_rooms_is_read_whole() {
    let (_, body) = bodies("servers").into_iter().find(|(name, _)| name == "rpl-chansrch-1").expect("a list");
    let envelope = parse_answer(body.as_bytes()).expect("a list");
    let ServerItem::Reply(reply) = &envelope.items[0] else { panic!("a reply") };
    let Some(Reply::ChanSrch(rooms)) = &reply.data else { panic!("a list of rooms") };
    let names: Vec<_> = rooms.iter().map(|room| (&*room.name, &*room.description, room.invites)).collect();
    let expected = [
        ("Engineering", "Engineering talk", true),
        ("Ops & <Duty>", "On-call übergabe", false),
        ("Empty", "", false),
    ];
    assert_eq!(names, expected);
}
