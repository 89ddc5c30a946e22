//! Topologies defined step by step: what good answers make is publishable, whatever they are; a bad answer is refused at once.
//! What each rule says is in `rules.rs`.

use proptest::prelude::*;
use topology::builder::{FilePlace, Machines, NewCompliance, NewPool};
use topology::document::{DefaultFor, Engine, Instance, MachineState, PoolKind, Site, Store};
use topology::word::{Kind, Word};
use topology::{Builder, Facts, Severity, Topology, is_publishable, parse, print, validate};

use crate::world::{contoso, litware};

#[test]
fn litware_defines_one_machine_in_four_steps() {
    let mut builder = Builder::new();
    builder.add_site(site("office", Some("Litware"))).expect("a site");
    builder
        .add_standard_edition_server(word("se.litware.example"), word("office"), word("se"))
        .expect("a server");
    builder
        .add_file_store(word("files"), word("office"), FilePlace::Path(word("/var/lib/causerie/files")))
        .expect("files");
    builder.add_pool(litwares_pool()).expect("a pool");
    assert_eq!(builder.finish(), Ok(litware()));
}

#[test]
fn a_step_too_early_is_refused_and_changes_nothing() {
    let mut builder = Builder::new();
    builder.add_site(site("office", None)).expect("a site");
    let before = builder.topology().clone();
    let refused = builder.add_pool(litwares_pool()).expect_err("there is no server yet");
    let rules: Vec<&str> = refused.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["V1", "V13", "D2", "D2"]);
    assert_eq!(*builder.topology(), before);
    assert_eq!(builder.finish(), Ok(before));
}

#[test]
fn a_pool_asked_for_question_by_question_is_refused_for_what_was_answered_only() {
    let mut builder = Builder::open(litware(), None);
    builder.change(&[], |topology| topology.pools.clear()).expect("nobody needs a pool yet");
    let bare = |name: &str| {
        let mut pool = litware().pools.remove(0);
        pool.fqdn = word(name);
        (pool.next_hop, pool.file_store, pool.display_name) = (None, None, None);
        pool
    };
    let later = ["display-name", "file-store", "next-hop"];
    let misnamed = bare("chat.litware.example");
    let refused =
        builder.change(&later, |topology| topology.pools.push(misnamed)).expect_err("it is named wrongly");
    let rules: Vec<&str> = refused.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["V2", "V4", "V17"]);
    let named = bare("se.litware.example");
    builder.change(&later, |topology| topology.pools.push(named)).expect("the rest is asked later");
    let refused = builder.finish().expect_err("nobody asked");
    let rules: Vec<&str> = refused.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["V8", "V12", "V13"]);
}

#[test]
fn a_site_without_a_default_pool_is_said_at_the_end_only() {
    let mut builder = Builder::open(litware(), None);
    builder.add_site(site("shed", None)).expect("a site");
    builder
        .add_standard_edition_server(word("shed.litware.example"), word("shed"), word("shed-store"))
        .expect("a server");
    builder
        .add_file_store(word("shed-files"), word("shed"), FilePlace::Path(word("/srv/chat")))
        .expect("files");
    let pool = |default_for| NewPool {
        fqdn: word("shed.litware.example"),
        site: word("shed"),
        default_for,
        content: word("shed-store"),
        file_store: word("shed-files"),
        next_hop: word("shed.litware.example"),
        ..litwares_pool()
    };
    let mut forgotten = builder.clone();
    forgotten.add_pool(pool(DefaultFor::No)).expect("the default may come later");
    let errors = forgotten.finish().expect_err("nobody made one");
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].rule, errors[0].place.object.name.as_str()), ("V18", "shed"));
    builder.add_pool(pool(DefaultFor::Site)).expect("a pool");
    assert!(builder.finish().is_ok());
}

#[test]
fn what_is_published_is_held_against_what_is_defined() {
    let mut published = contoso();
    published.pools[1].machines[0].fqdn = published.pools[1].fqdn.clone();
    let mut opened = published.clone();
    let lyon = opened.pools.pop().expect("Contoso has two pools");
    let mut builder = Builder::open(opened, Some(published));
    let grown = NewPool {
        fqdn: lyon.fqdn,
        site: lyon.site,
        machines: Machines::Multiple(vec![word("lyon1.contoso.example")]),
        default_for: DefaultFor::Site,
        content: word("lyon"),
        file_store: word("files"),
        next_hop: word("se.contoso.example"),
        ..litwares_pool()
    };
    let refused = builder.add_pool(grown).expect_err("a single machine never grows");
    assert!(refused.iter().any(|finding| finding.rule == "V6"), "{refused:?}");
}

#[test]
fn the_first_four_machines_serve_and_the_others_stand_by() {
    let mut builder = enterprise(1, 7);
    builder.add_pool(contosos_pool(1, 7, false, false, DefaultFor::Site)).expect("a pool");
    let topology = builder.finish().expect("all is there");
    let states: Vec<MachineState> = topology.pools[0].machines.iter().map(|machine| machine.state).collect();
    let (active, standby) = states.split_at(4);
    assert!(active.iter().all(|state| *state == MachineState::Active));
    assert!(standby.iter().all(|state| *state == MachineState::Inactive));
    assert_eq!(topology.pools[0].kind, PoolKind::Multiple);
}

proptest! {
    /// Whatever somebody answers who follows the steps, the end can be published, and is read back as it was meant.
    #[test]
    fn what_good_answers_make_is_publishable(
        pools in proptest::collection::vec((1..=8_usize, any::<bool>(), any::<bool>()), 1..4),
        one_for_all in any::<bool>(),
        port in proptest::option::of(1..=u16::MAX),
        name in "[^\\p{C}]{0,60}[^\\p{C}\\p{Z}]",
        location in "[^\\p{C}]{0,60}[^\\p{C}\\p{Z}]",
        fronts in 1..=12_usize,
    ) {
        let mut builder = enterprise(pools.len(), fronts);
        let mut standard = site("se", None);
        standard.location = Some(word(&location));
        builder.add_site(standard).expect("a site");
        let fqdn = "se.contoso.example";
        builder.add_standard_edition_server(word(fqdn), word("se"), word("se")).expect("a server");
        builder.add_file_store(word("se-files"), word("se"), FilePlace::Path(word("/srv/chat"))).expect("files");
        let se = NewPool { fqdn: word(fqdn), site: word("se"), content: word("se"), file_store: word("se-files"),
            next_hop: word(fqdn), port, display_name: word(&name), ..litwares_pool() };
        builder.add_pool(se).expect("a pool of one machine");
        for (index, (count, compliance, recovery)) in pools.iter().enumerate() {
            let default_for = match (one_for_all, index) {
                (false, _) => DefaultFor::Site,
                (true, 0) => DefaultFor::AllSites,
                (true, _) => DefaultFor::No,
            };
            let number = index + 1;
            builder.add_pool(contosos_pool(number, *count, *compliance, *recovery, default_for)).expect("a pool");
        }
        let topology = builder.finish().expect("every answer was good");
        let findings = validate(&topology, &Facts::defining(Some(&topology)));
        prop_assert!(is_publishable(&findings), "{:?}", findings);
        prop_assert!(findings.iter().all(|finding| finding.severity != Severity::Warning || finding.rule == "S11"));
        prop_assert_eq!(parse(print(&topology).as_bytes()), Ok(topology));
    }
}

/// Contoso with so many sites, each with a front-end pool of so many machines, and every store a pool there may want.
fn enterprise(sites: usize, fronts: usize) -> Builder {
    let mut builder = Builder::new();
    for number in 1..=sites {
        let site_id: topology::Identity = word(&format!("site-{number}"));
        builder.add_site(site(site_id.as_str(), None)).expect("a site");
        for what in ["back", "content", "backup", "record", "record-backup"] {
            let mut store = postgres(&format!("{what}-{number}"));
            if what == "content" {
                let server = word(&format!("mirror-{number}.contoso.example"));
                store.mirror = Some(Instance { server, instance: None, port: None });
            }
            builder.add_store(store).expect("a store");
        }
        let machines =
            (1..=fronts).map(|machine| word(&format!("fe{machine}-{number}.contoso.example"))).collect();
        let fqdn = word(&format!("fe-{number}.contoso.example"));
        let back_end = word(&format!("back-{number}"));
        builder.add_front_end_pool(fqdn, site_id.clone(), machines, back_end).expect("a front-end pool");
        let share = FilePlace::Share(word("files.contoso.example"), word(&format!("chat{number}$")));
        builder.add_file_store(word(&format!("files-{number}")), site_id, share).expect("files");
    }
    builder
}

fn contosos_pool(
    number: usize,
    count: usize,
    compliance: bool,
    recovery: bool,
    default_for: DefaultFor,
) -> NewPool {
    let store = |what: &str| word(&format!("{what}-{number}"));
    let machines =
        (1..=count).map(|machine| word(&format!("chat{machine}-{number}.contoso.example"))).collect();
    let backup = recovery.then(|| store("record-backup"));
    NewPool {
        fqdn: word(&format!("chat-{number}.contoso.example")),
        site: word(&format!("site-{number}")),
        machines: Machines::Multiple(machines),
        display_name: word("Contoso rooms"),
        port: None,
        default_for,
        content: store("content"),
        backup: recovery.then(|| store("backup")),
        compliance: compliance.then(|| NewCompliance { store: store("record"), backup }),
        file_store: store("files"),
        next_hop: word(&format!("fe-{number}.contoso.example")),
    }
}

fn litwares_pool() -> NewPool {
    NewPool {
        fqdn: word("se.litware.example"),
        site: word("office"),
        machines: Machines::Single,
        display_name: word("Litware rooms"),
        port: None,
        default_for: DefaultFor::Site,
        content: word("se"),
        backup: None,
        compliance: None,
        file_store: word("files"),
        next_hop: word("se.litware.example"),
    }
}

fn site(id: &str, name: Option<&str>) -> Site {
    Site { id: word(id), name: name.map(word), description: None, location: None }
}

/// A PostgreSQL store on a machine of its name.
fn postgres(id: &str) -> Store {
    Store {
        id: word(id),
        engine: Engine::Postgresql,
        server: word(&format!("{id}.contoso.example")),
        instance: None,
        port: None,
        availability_group: None,
        mirror: None,
        witness: None,
    }
}

fn word<K: Kind>(text: &str) -> Word<K> {
    Word::parse(text).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Kept here so that a change of the empty topology is seen: it can be finished and published, and does nothing.
#[test]
fn nothing_defined_is_a_topology_of_nothing() {
    assert_eq!(Builder::new().finish(), Ok(Topology::default()));
}
