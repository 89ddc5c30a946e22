//! Stories of whom a chat server takes for a front end when another topology is published.
//! What becomes of their trunks is told in `frontend`.

use topology::role::front_end_names;
use topology::{Fqdn, Topology, parse, roles};

use crate::settings::{self, File, Wanted};

use super::{Believed, trunk};

fn topology(front_ends: &str) -> Topology {
    let text = format!(
        r#"
format = 1

[[site]]
id = "headquarters"

[[front-end-pool]]
fqdn = "fe.example.com"
site = "headquarters"
machines = [{front_ends}]

[[persistent-chat-pool]]
fqdn = "chat.example.com"
site = "headquarters"
kind = "multiple"
display-name = "Rooms"
default-for = "site"
next-hop = "fe.example.com"

[[persistent-chat-pool.machine]]
fqdn = "chat1.example.com"
"#
    );
    parse(text.as_bytes()).expect("a topology")
}

#[test]
fn who_is_no_front_end_any_more_is_believed_no_longer() {
    let before = topology(r#""fe1.example.com", "fe2.example.com""#);
    let believed = Believed::of(&front_end_names(&before));
    let mut names = believed.0.subscribe();
    let is_believed = |names: &std::collections::BTreeSet<String>| {
        ["fe1.example.com", "fe2.example.com", "fe3.example.com"].map(|name| names.contains(name))
    };
    assert_eq!(is_believed(&names.borrow_and_update()), [true, true, false]);
    believed.follow(&before);
    assert!(!names.has_changed().expect("it is there"), "they are the same");
    believed.follow(&topology(r#""fe2.example.com", "fe3.example.com""#));
    assert_eq!(is_believed(&names.borrow_and_update()), [false, true, true]);
}

#[test]
fn where_no_front_end_is_on_another_machine_no_door_is_opened_for_one() {
    let whole = |front_ends: &str| topology(front_ends);
    let at = |front_ends: &str, machine: &str, told: Option<&str>| {
        let machine = Fqdn::parse(machine).expect("a name");
        let roles = roles(&whole(front_ends), &machine).expect("it is in the topology");
        let wanted = Wanted { trunk: told, ..Wanted::default() };
        trunk(&roles, &settings::listening(wanted, &File::default()).expect("addresses"))
    };
    let any = "0.0.0.0:5041".parse().ok();
    assert_eq!(at(r#""fe1.example.com""#, "chat1.example.com", None), any);
    assert_eq!(at(r#""fe1.example.com""#, "fe1.example.com", None), None, "there are no rooms");
    assert_eq!(at(r#""chat1.example.com""#, "chat1.example.com", None), None, "it is the front end itself");
    assert_eq!(at(r#""chat1.example.com", "fe2.example.com""#, "chat1.example.com", None), any);
    let told = "127.0.0.1:5041";
    assert_eq!(at(r#""chat1.example.com""#, "chat1.example.com", Some(told)), told.parse().ok());
}
