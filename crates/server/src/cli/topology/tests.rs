//! The talk of `topology new`, line by line: who answers well gets a topology, who errs is told at once and asked again.
//! The same at a real terminal is told by a story of the whole program.

use topology::document::{MachineState, PoolKind};
use topology::{Builder, Facts, Topology, is_publishable, validate};

use super::interview::interview;
use super::questions::define;

/// What somebody who types these lines sees, and what comes of it.
fn talk(begun: &Builder, lines: &[&str]) -> (Option<Topology>, String) {
    let mut typed = lines.join("\n") + "\n";
    let mut shown = Vec::new();
    let script = |answers: &mut super::interview::Answers<'_>| define(begun, "se.litware.example", answers);
    let made = interview(script, &mut std::mem::take(&mut typed).as_bytes(), &mut shown);
    (made.expect("memory can be read and written"), String::from_utf8(shown).expect("it is a text"))
}

#[test]
fn litware_says_yes_to_almost_everything_and_has_one_machine() {
    let (made, shown) =
        talk(&Builder::new(), &["", "Litware", "standard", "", "", "", "", "", "", "", "", "", "", ""]);
    let topology = made.unwrap_or_else(|| panic!("{shown}"));
    assert!(is_publishable(&validate(&topology, &Facts::default())));
    let [pool] = topology.pools.as_slice() else { panic!("{topology:?}") };
    assert_eq!((pool.fqdn.as_str(), pool.kind), ("se.litware.example", PoolKind::Single));
    assert_eq!(pool.content_store, topology.standard_edition_servers[0].store);
    assert_eq!(topology.sites[0].name.as_ref().expect("it was typed").as_str(), "Litware");
}

/// The answers for Contoso's first pool, up to its machines.
const CONTOSO: [&str; 10] = [
    "paris",
    "Paris",
    "enterprise",
    "fe.contoso.example",
    "fe1.contoso.example, fe2.contoso.example",
    "db0.contoso.example",
    "yes",
    "chat.contoso.example",
    "multiple",
    "chat1.contoso.example chat2.contoso.example,chat3.contoso.example,chat4.contoso.example,chat5.contoso.example",
];

#[test]
fn contoso_is_asked_in_the_order_of_the_product() {
    let rest = [
        "Contoso rooms",
        "",
        "yes",
        "yes",
        "",
        "db1.contoso.example",
        "db2.contoso.example:5433",
        "db3.contoso.example",
        "none",
        "db4.contoso.example/record",
        "",
        "db5.contoso.example",
        "",
        "files.contoso.example/chat",
        "",
        "no",
    ];
    let answers: Vec<&str> = CONTOSO.into_iter().chain(rest).collect();
    let (made, shown) = talk(&Builder::new(), &answers);
    let topology = made.unwrap_or_else(|| panic!("{shown}"));
    let [pool] = topology.pools.as_slice() else { panic!("{topology:?}") };
    let stand_by = pool.machines.iter().filter(|machine| machine.state == MachineState::Inactive);
    assert_eq!(stand_by.map(|machine| machine.fqdn.as_str()).collect::<Vec<_>>(), ["chat5.contoso.example"]);
    assert!(pool.compliance && pool.disaster_recovery);
    let content =
        topology.store(pool.content_store.as_ref().expect("it was asked for")).expect("it is there");
    assert_eq!(content.mirror.as_ref().expect("it was typed").port(), 5433);
    let asked = [
        "by its name in DNS: ",
        "Its machines",
        "Display name",
        "Port",
        "Compliance",
        "Disaster recovery",
        "Default for",
        "Content store",
        "Backup of the content",
        "Compliance store",
        "Backup compliance store",
        "File store",
        "Next hop",
    ];
    let after = shown.find("Persistent chat pool").expect("it is asked for");
    let places: Vec<usize> = asked.iter().map(|asks| shown[after..].find(asks).expect(asks)).collect();
    assert!(places.is_sorted(), "{shown}");
    assert!(is_publishable(&validate(&topology, &Facts::default())));
}

#[test]
fn a_wrong_answer_is_refused_at_once_and_asked_for_again() {
    let wrong = [
        ("fe1.contoso.example", "V5"),
        ("chat.contoso.example", "V3"),
        ("chat1", "'chat1' is not a fully qualified domain name"),
        ("", "an answer is needed here"),
        ("a.b,c.d,e.f,g.h,i.j,k.l,m.n,o.p,q.r", "V7"),
    ];
    for (answer, expected) in wrong {
        let begun = CONTOSO[..9].iter().copied();
        let answers: Vec<&str> = begun.chain([answer, "chat1.contoso.example", "abort"]).collect();
        let (made, shown) = talk(&Builder::new(), &answers);
        assert_eq!(made, None, "it was given up");
        assert!(shown.contains(expected), "{answer}: {shown}");
        assert_eq!(shown.matches("Its machines, with commas between: ").count(), 3, "{answer}: {shown}");
        assert_eq!(
            shown.matches("Display name").count(),
            1,
            "{answer}: the second answer was taken: {shown}"
        );
    }
}

#[test]
fn back_takes_an_answer_back_and_abort_or_silence_leaves_nothing() {
    let (made, shown) =
        talk(&Builder::new(), &["back", "paris", "back", "lyon", "", "?", "abort", "standard"]);
    assert_eq!(made, None);
    assert!(shown.contains("this is the first question"), "{shown}");
    assert_eq!(shown.matches("Site, by a short word [headquarters]: ").count(), 3, "{shown}");
    assert!(shown.contains("standard is one machine that does everything"), "{shown}");
    let (made, _) = talk(&Builder::new(), &["paris"]);
    assert_eq!(made, None, "whoever has gone has defined nothing");
}

#[test]
fn another_pool_is_asked_for_in_a_topology_that_has_one() {
    let first = ["", "", "standard", "", "", "", "", "", "", "", "", "", "", ""];
    let (made, _) = talk(&Builder::new(), &first);
    let begun = Builder::open(made.expect("Litware is defined"), None);
    let second = [
        "yes",
        "SE.Litware.Example",
        "chat.litware.example",
        "single",
        "More rooms",
        "",
        "",
        "site",
        "no",
        "db1.litware.example",
        "",
        "",
        "",
        "",
    ];
    let (made, shown) = talk(&begun, &second);
    let topology = made.unwrap_or_else(|| panic!("{shown}"));
    assert_eq!(topology.pools.len(), 2);
    assert!(shown.contains("there is a pool se.litware.example"), "{shown}");
    assert!(shown.contains("V18"), "a site has one default: {shown}");
    assert_eq!(topology.file_stores.len(), 1, "both keep their files at the usual place");
}
