//! What two documents differ in, told as changes somebody made.
//! Nothing of what a change breaks; that is in `rules.rs`.

use topology::document::{DefaultFor, MachineState};
use topology::word::{Kind, Word};
use topology::{Topology, diff};

use crate::world::{contoso, litware};

#[test]
fn the_same_in_another_order_is_no_change() {
    let mut turned = contoso();
    turned.pools.reverse();
    turned.pools[1].machines.reverse();
    turned.front_end_pools[0].machines.reverse();
    assert_eq!(diff(&contoso(), &turned), []);
}

#[test]
fn each_change_is_told_in_one_line() {
    let mut newer = contoso();
    newer.sites[1].location = None;
    newer.sites[1].description = Some(word("The house with the clock"));
    newer.front_end_pools[0].machines.push(word("fe3.contoso.example"));
    newer.stores[2].mirror = None;
    newer.pools[0].port = 5042;
    newer.pools[0].default_for = DefaultFor::Site;
    newer.pools[0].machines[2].state = MachineState::Active;
    newer.pools[0].machines.remove(0);
    newer.pools.remove(1);
    assert_eq!(
        told(&contoso(), &newer),
        [
            "site paris: description set to The house with the clock; location no longer Rue de Rivoli",
            "front-end pool fe.contoso.example: machines from fe1.contoso.example, fe2.contoso.example to fe1.contoso.example, fe2.contoso.example, fe3.contoso.example",
            "store content: mirror.server no longer db2.contoso.example",
            "persistent chat pool chat.contoso.example: default-for from all-sites to site; port from 5041 to 5042",
            "persistent chat pool lyon.contoso.example is removed",
            "machine chat1.contoso.example of chat.contoso.example is removed",
            "machine chat3.contoso.example of chat.contoso.example: state from inactive to active",
            "machine lyon.contoso.example of lyon.contoso.example is removed",
        ]
    );
}

#[test]
fn a_first_topology_is_all_added_and_a_last_one_all_removed() {
    let added = told(&Topology::default(), &litware());
    assert_eq!(
        added,
        [
            "site office is added",
            "Standard Edition server se.litware.example is added",
            "store se is added",
            "file store files is added",
            "persistent chat pool se.litware.example is added",
            "machine se.litware.example of se.litware.example is added",
        ]
    );
    let removed = told(&litware(), &Topology::default());
    assert_eq!(removed, added.iter().map(|line| line.replace("added", "removed")).collect::<Vec<_>>());
}

#[test]
fn what_is_added_says_its_fields_to_programs() {
    let change = diff(&Topology::default(), &litware()).remove(0);
    let json = serde_json::to_value(&change).expect("it is made of texts");
    assert_eq!(
        json,
        serde_json::json!({
            "kind": "site", "name": "office", "effect": "added", "fields": [{ "field": "name", "after": "Litware" }]
        })
    );
}

fn told(older: &Topology, newer: &Topology) -> Vec<String> {
    diff(older, newer).iter().map(ToString::to_string).collect()
}

fn word<K: Kind>(text: &str) -> Word<K> {
    Word::parse(text).unwrap_or_else(|fault| panic!("{fault}"))
}
