//! What a machine is told it is by the topology it stands in.
//! That the parts then do their work is a matter of those who serve.

use topology::document::{DefaultFor, MachineState, PoolKind};
use topology::word::{Kind, Word};
use topology::{Edition, Roles, Topology, roles};

use crate::world::{contoso, litware, read};

#[test]
fn the_one_machine_of_a_standard_edition_server_is_both() {
    let own = of(&litware(), "se.litware.example");
    let (front_end, chat) =
        (own.front_end.clone().expect("a front end"), own.chat.clone().expect("a server"));
    assert_eq!(front_end.edition, Edition::Standard);
    assert_eq!(front_end.pool.as_str(), "se.litware.example");
    assert_eq!(front_end.default_pool, Some(word("se.litware.example")));
    assert_eq!(chat.pool.as_str(), "se.litware.example");
    assert_eq!((chat.state, chat.port), (MachineState::Active, 5041));
    assert_eq!(names(&chat.trusted), ["se.litware.example"]);
    assert_eq!(names(&own.certificate_names()), ["se.litware.example"]);
    assert!(chat.peers.is_empty());
}

#[test]
fn a_machine_of_a_front_end_pool_routes_to_every_pool_and_is_no_chat_server() {
    let own = of(&contoso(), "fe2.contoso.example");
    assert_eq!(own.chat, None);
    let front_end = own.front_end.clone().expect("a front end");
    assert_eq!((front_end.pool.as_str(), front_end.edition), ("fe.contoso.example", Edition::Enterprise));
    assert_eq!(front_end.store, Some(word("back-end")));
    assert_eq!(front_end.default_pool, Some(word("chat.contoso.example")));
    let routed: Vec<&str> = front_end.routes.iter().map(|route| route.pool.as_str()).collect();
    assert_eq!(routed, ["chat.contoso.example", "lyon.contoso.example"]);
    let chat = front_end.route(&word("chat.contoso.example")).expect("a route");
    assert_eq!(
        names(chat.machines.iter().map(|machine| &machine.fqdn)),
        ["chat1.contoso.example", "chat2.contoso.example", "chat3.contoso.example"]
    );
    assert_eq!(names(&chat.default_of), ["paris"]);
    assert_eq!(front_end.route(&word("fe.contoso.example")), None);
    assert_eq!(names(&own.certificate_names()), ["fe2.contoso.example", "fe.contoso.example"]);
}

#[test]
fn those_that_stand_by_are_the_last_to_be_tried() {
    let mut turned = contoso();
    turned.pools[0].machines[0].state = MachineState::Inactive;
    turned.pools[0].machines[2].state = MachineState::Active;
    let front_end = of(&turned, "fe1.contoso.example").front_end.expect("a front end");
    assert_eq!(
        names(front_end.routes[0].machines.iter().map(|machine| &machine.fqdn)),
        ["chat2.contoso.example", "chat3.contoso.example", "chat1.contoso.example"]
    );
}

#[test]
fn a_machine_of_a_chat_pool_believes_front_ends_and_nobody_else() {
    let own = of(&contoso(), "chat3.contoso.example");
    assert_eq!(own.front_end, None);
    let chat = own.chat.clone().expect("a server");
    assert_eq!(chat.pool.as_str(), "chat.contoso.example");
    assert_eq!((chat.state, chat.port), (MachineState::Inactive, 5041));
    assert_eq!(chat.next_hop, Some(word("fe.contoso.example")));
    assert_eq!(names(&chat.peers), ["chat1.contoso.example", "chat2.contoso.example"]);
    assert_eq!(
        names(&chat.trusted),
        ["fe.contoso.example", "fe1.contoso.example", "fe2.contoso.example", "se.contoso.example"]
    );
    assert_eq!(names(&own.certificate_names()), ["chat3.contoso.example", "chat.contoso.example"]);
}

#[test]
fn people_of_a_site_are_led_to_its_own_default_before_the_one_for_all() {
    let topology = contoso();
    let default =
        |topology: &Topology, machine| of(topology, machine).front_end.expect("a front end").default_pool;
    assert_eq!(default(&topology, "se.contoso.example"), Some(word("lyon.contoso.example")));
    let mut without = topology;
    without.pools[1].default_for = DefaultFor::No;
    assert_eq!(default(&without, "se.contoso.example"), Some(word("chat.contoso.example")));
    without.pools[0].default_for = DefaultFor::Site;
    assert_eq!(default(&without, "se.contoso.example"), None);
    assert_eq!(default(&without, "fe1.contoso.example"), Some(word("chat.contoso.example")));
}

#[test]
fn a_standard_edition_server_can_be_the_front_end_of_another_machine() {
    let topology = contoso();
    let front = of(&topology, "se.contoso.example");
    assert!(front.chat.is_none(), "Lyon's rooms are on a machine of their own");
    let lyon = of(&topology, "LYON.contoso.example");
    assert!(lyon.front_end.is_none());
    let chat = lyon.chat.expect("a server");
    assert_eq!(topology.pool(&chat.pool).expect("its pool").kind, PoolKind::Single);
    assert_eq!(chat.next_hop, Some(front.machine));
}

#[test]
fn a_name_that_is_not_there_is_told_which_are() {
    let told = |topology: &Topology, machine| {
        roles(topology, &word(machine)).expect_err("it has no part").to_string()
    };
    assert_eq!(
        told(&litware(), "other.litware.example"),
        "other.litware.example is not in the topology (whose machines are se.litware.example): name this machine with --machine as \
         the topology does, or add it to the topology and publish"
    );
    // The name of a pool is nobody's machine, and neither is that of a database server.
    assert!(told(&contoso(), "fe.contoso.example").starts_with("fe.contoso.example is not in the topology"));
    assert!(
        told(&contoso(), "chat.contoso.example").contains("chat1.contoso.example, chat2.contoso.example")
    );
    assert!(
        told(&contoso(), "db1.contoso.example").starts_with("db1.contoso.example is not in the topology")
    );
    assert!(told(&read("format = 1"), "se.litware.example").contains("(which has no machine)"));
}

fn of(topology: &Topology, machine: &str) -> Roles {
    roles(topology, &word(machine)).unwrap_or_else(|fault| panic!("{fault}"))
}

fn word<K: Kind>(text: &str) -> Word<K> {
    Word::parse(text).expect("a word")
}

fn names<'a, K: Kind + 'a>(words: impl IntoIterator<Item = &'a Word<K>>) -> Vec<&'a str> {
    words.into_iter().map(Word::as_str).collect()
}
