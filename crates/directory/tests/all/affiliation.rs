//! Affiliations: what belonging means, and that the quick way finds what the slow way finds.

use std::collections::BTreeSet;

use directory::{ANCESTORS_MAX, Affiliations, Graph};
use proptest::prelude::*;

use super::export::{ACTIVE_DIRECTORY, census};

/// The objects of the stories.
const ANA: u32 = 0;
const TRADERS: u32 = 1;
const STAFF: u32 = 2;
const SALES: u32 = 3;
const GROUPS: u32 = 4;
const DOMAIN: u32 = 5;

/// Ana, in Sales, is a trader, and traders are staff; both groups lie in Groups.
fn office() -> Graph {
    let mut graph = Graph::new(6);
    graph.join(ANA, TRADERS);
    graph.join(TRADERS, STAFF);
    graph.contain(ANA, SALES);
    graph.contain(TRADERS, GROUPS);
    graph.contain(STAFF, GROUPS);
    graph.contain(SALES, DOMAIN);
    graph.contain(GROUPS, DOMAIN);
    graph
}

fn closed(graph: &Graph) -> Affiliations {
    graph.close().expect("nobody is in thousands of groups")
}

#[test]
fn people_belong_to_their_groups_and_to_where_they_are_themselves() {
    let all = closed(&office());
    assert_eq!(all.ancestors(ANA), [TRADERS, STAFF, SALES, DOMAIN], "not to where her groups are kept");
    assert_eq!(all.ancestors(TRADERS), [STAFF, GROUPS, DOMAIN]);
    assert_eq!(all.ancestors(SALES), [DOMAIN]);
    assert!(all.ancestors(DOMAIN).is_empty());
}

#[test]
fn a_container_that_is_in_a_group_takes_all_it_holds_along() {
    let mut graph = office();
    graph.join(DOMAIN, STAFF);
    let all = closed(&graph);
    assert_eq!(all.ancestors(SALES), [STAFF, DOMAIN]);
    assert_eq!(all.ancestors(GROUPS), [STAFF, DOMAIN]);
}

#[test]
fn groups_in_a_circle_are_in_each_other() {
    let mut graph = office();
    graph.join(STAFF, TRADERS);
    let all = closed(&graph);
    assert_eq!(all.ancestors(TRADERS), [TRADERS, STAFF, GROUPS, DOMAIN]);
    assert_eq!(all.set_of(TRADERS), all.set_of(STAFF));
    assert_eq!(all.ancestors(ANA), [TRADERS, STAFF, SALES, DOMAIN]);
}

#[test]
fn whoever_is_in_the_same_shares_a_set() {
    let mut graph = Graph::new(100);
    for person in 10..100 {
        graph.join(person, person % 2);
        graph.contain(person, 5);
    }
    let all = closed(&graph);
    assert_eq!(all.set_of(10), all.set_of(98));
    assert_ne!(all.set_of(10), all.set_of(11));
    assert_eq!(all.sets().len(), 3, "none, and the two of people");
}

#[test]
fn a_long_chain_ends_at_the_limit() {
    let chain = |length: u32| {
        let mut graph = Graph::new(length + 1);
        for group in 0..length {
            graph.join(group, group + 1);
        }
        graph.close()
    };
    let longest = ANCESTORS_MAX as u32;
    assert_eq!(chain(longest).expect("it is just not too long").ancestors(0).len(), ANCESTORS_MAX);
    let refused = chain(longest + 1).expect_err("it is too long");
    assert_eq!(refused.object, 0);
    assert!(refused.to_string().contains("more than 4096 groups"));
}

#[test]
fn an_export_has_its_affiliations() {
    let census = census(ACTIVE_DIRECTORY).expect("it is an export");
    let all = closed(&census.graph());
    let read = |who: &str| {
        let at = census.objects().iter().position(|object| object.display_name.as_str() == who);
        let ancestors = all.ancestors(at.expect("it is listed") as u32).iter();
        ancestors
            .map(|ancestor| census.objects()[*ancestor as usize].display_name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        read("Groß, Jürgen"),
        ["example.com", "Verkäufer", "Hamburg", "Domain Users", "Traders", "Desk Leads", "Everybody"]
    );
    assert_eq!(read("Desk Leads"), ["example.com", "Groups", "Traders"]);
}

/// What an object belongs to, found by asking everybody again and again.
fn naive(objects: u32, joins: &[(u32, u32)], containers: &[(u32, u32)], object: u32) -> Vec<u32> {
    let holder = |of: u32| containers.iter().rev().find(|(held, _)| *held == of).map(|(_, holder)| *holder);
    let mut places = BTreeSet::new();
    let mut at = holder(object);
    while let Some(place) = at.filter(|place| places.insert(*place)) {
        at = holder(place);
    }
    let mut groups: BTreeSet<u32> = BTreeSet::new();
    for _ in 0..=objects {
        for (member, group) in joins {
            if *member == object || places.contains(member) || groups.contains(member) {
                groups.insert(*group);
            }
        }
    }
    places.union(&groups).copied().collect()
}

proptest! {
    #[test]
    fn the_quick_way_finds_what_the_slow_way_finds(
        objects in 1_u32..14,
        joins in prop::collection::vec((0_u32..14, 0_u32..14), 0..30),
        containers in prop::collection::vec((0_u32..14, 0_u32..14), 0..12),
    ) {
        let within = |pairs: Vec<(u32, u32)>| -> Vec<(u32, u32)> {
            pairs.into_iter().map(|(of, to)| (of % objects, to % objects)).collect()
        };
        let (joins, containers) = (within(joins), within(containers));
        let mut graph = Graph::new(objects);
        for (member, group) in &joins {
            graph.join(*member, *group);
        }
        for (object, container) in &containers {
            graph.contain(*object, *container);
        }
        let all = closed(&graph);
        for object in 0..objects {
            prop_assert_eq!(all.ancestors(object), naive(objects, &joins, &containers, object), "object {}", object);
        }
        let distinct: BTreeSet<&[u32]> = all.sets().iter().map(|set| &**set).collect();
        prop_assert_eq!(distinct.len(), all.sets().len(), "each set is there once");
    }
}
