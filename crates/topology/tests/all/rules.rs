//! The rules: two deployments that break none, and for every rule what breaks it and what it then says.
//! The rows stand in the files below; one that is missing fails, too.

mod editions;
mod pools;
mod stores;

use std::collections::{BTreeMap, BTreeSet};

use topology::document::{Instance, MachineState};
use topology::finding::ObjectKind;
use topology::word::Kind;
use topology::word::Word;
use topology::{Facts, RULES, Seen, Severity, Topology, is_publishable, validate};

use crate::world::{contoso, litware, seen};

/// What a story changes: the document, what was seen of the world, what is published, which pools get data of an older product.
struct Story {
    topology: Topology,
    seen: Seen,
    published: Option<Topology>,
    legacy: BTreeSet<topology::Fqdn>,
}

/// A change and all that the rule then says.
type Row = (&'static str, fn() -> Topology, fn(&mut Story), &'static [&'static str]);

const TABLES: [&[Row]; 3] = [pools::ROWS, stores::ROWS, editions::ROWS];

#[test]
fn every_rule_says_what_is_wrong_and_what_to_do() {
    for (rule, world, change, says) in TABLES.into_iter().flatten() {
        let topology = world();
        let mut story = Story { seen: seen(&topology), topology, published: None, legacy: BTreeSet::new() };
        change(&mut story);
        let found = found(&story, rule);
        assert_eq!(found, *says, "{rule}");
    }
}

#[test]
fn a_rule_that_is_kept_is_silent_about_both_deployments() {
    for topology in [litware(), contoso()] {
        let seen = seen(&topology);
        let published = topology.clone();
        for facts in
            [Facts::default(), Facts::defining(Some(&published)), Facts::publishing(Some(&published), &seen)]
        {
            let findings = validate(&topology, &facts);
            let said: BTreeSet<&str> = findings.iter().map(|finding| finding.rule).collect();
            assert!(said.iter().all(|rule| ["S11", "N1", "N2"].contains(rule)), "{findings:?}");
            assert!(is_publishable(&findings));
        }
    }
}

#[test]
fn every_rule_has_a_row_and_a_number_of_its_own() {
    let rows: BTreeSet<&str> = TABLES.into_iter().flatten().map(|(rule, ..)| *rule).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.number).collect();
    assert_eq!(rows, rules);
    assert_eq!(rules.len(), RULES.len());
    for number in 1..=24 {
        assert!(rules.contains(format!("V{number}").as_str()), "V{number}");
    }
}

#[test]
fn all_broken_rules_are_named_at_once_and_the_gravest_first() {
    let mut topology = contoso();
    topology.sites.clear();
    for pool in &mut topology.pools {
        (pool.display_name, pool.content_store, pool.next_hop, pool.file_store) = (None, None, None, None);
    }
    let findings = validate(&topology, &Facts::default());
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &findings {
        *counted.entry(finding.rule).or_default() += 1;
    }
    assert_eq!(
        (counted["V8"], counted["V9"], counted["V12"], counted["V13"], counted["D2"]),
        (2, 2, 2, 2, 6)
    );
    assert!(findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.severity)));
    assert!(!is_publishable(&findings));
}

#[test]
fn a_document_beyond_all_measure_is_judged_by_its_size_alone() {
    let mut topology = contoso();
    let pool = topology.pools[0].clone();
    topology.pools.extend((0..20_000).map(|_| pool.clone()));
    let findings = validate(&topology, &Facts::default());
    let [only] = findings.as_slice() else { panic!("{} findings", findings.len()) };
    assert_eq!((only.rule, only.problem.as_str()), ("D3", "it has 20002 persistent chat pools, 200 at most"));
}

#[test]
fn whoever_only_defines_is_not_told_what_nobody_looked_for() {
    let topology = contoso();
    let nothing = Seen::default();
    let looked = validate(&topology, &Facts::publishing(None, &nothing));
    let rules: BTreeSet<&str> = looked
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(rules, BTreeSet::from(["D4", "V12", "V23", "V3"]));
    assert!(is_publishable(&validate(&topology, &Facts::defining(None))));
}

#[test]
fn a_finding_says_its_place_to_programs() {
    let mut topology = contoso();
    topology.pools[0].machines[0].fqdn = word("fe1.contoso.example");
    let finding = validate(&topology, &Facts::default()).remove(0);
    assert_eq!(finding.place.object.kind, ObjectKind::Machine);
    let json = serde_json::to_value(&finding).expect("it is made of texts");
    assert_eq!(json["place"]["kind"], "machine");
    assert_eq!(json["place"]["within"], "chat.contoso.example");
    assert_eq!(json["severity"], "error");
}

#[test]
fn a_site_has_the_default_of_its_own_before_that_of_all_sites() {
    let topology = contoso();
    let default = |site| topology.default_pool(&word(site)).map(|pool| pool.fqdn.to_string());
    assert_eq!(default("lyon").as_deref(), Some("lyon.contoso.example"));
    assert_eq!(default("paris").as_deref(), Some("chat.contoso.example"));
}

/// All that a rule says, in the order of validation.
fn found(story: &Story, rule: &str) -> Vec<String> {
    let facts = Facts {
        published: story.published.as_ref(),
        seen: Some(&story.seen),
        legacy_targets: Some(&story.legacy),
    };
    let findings = validate(&story.topology, &facts);
    findings.iter().filter(|finding| finding.rule == rule).map(ToString::to_string).collect()
}

fn word<K: Kind>(text: &str) -> Word<K> {
    Word::parse(text).unwrap_or_else(|fault| panic!("{fault}"))
}

fn instance(server: &str) -> Instance {
    Instance { server: word(server), instance: None, port: None }
}

/// Contoso's pool in Paris.
fn paris(story: &mut Story) -> &mut topology::document::Pool {
    &mut story.topology.pools[0]
}

/// Contoso's pool in Lyon.
fn lyon(story: &mut Story) -> &mut topology::document::Pool {
    &mut story.topology.pools[1]
}

/// The share of Contoso's pool in Paris.
fn files(story: &mut Story) -> &mut topology::document::FileStore {
    &mut story.topology.file_stores[0]
}

fn store<'a>(story: &'a mut Story, id: &str) -> &'a mut topology::document::Store {
    story.topology.stores.iter_mut().find(|store| store.id.as_str() == id).expect("the story has the store")
}

/// Gives the pool in Paris so many machines, and so many active ones.
fn machines(story: &mut Story, count: usize, active: usize) {
    let machine = |index| topology::document::Machine {
        fqdn: word(&format!("chat{index}.contoso.example")),
        state: if index < active { MachineState::Active } else { MachineState::Inactive },
    };
    paris(story).machines = (0..count).map(machine).collect();
}
