//! Stories of what is made of measures: the middle one counts, and a target that is missed is said to be.
//! Nothing is measured here.

use serde_json::{Value, json};

use super::page::{Machine, Title, page};
use super::targets::{Bound, FULL_TARGETS, Figures, TARGETS, Target, Which};

const TITLE: Title = Title { name: "Figures", command: "measure", about: "Nothing else." };

fn line(server: &str, window: u64, cpu: f64, ratio: f64) -> Value {
    json!({
        "measure": "fanout", "server": server, "way": "tcp", "window": window, "endpoints": 151, "unit": "deliveries",
        "perSecond": 40_000.0, "p50Ms": 2.0, "p99Ms": 5.0, "cpuSPerMillion": cpu, "cpuRatio": ratio,
    })
}

/// Three runs of one room, the second of them disturbed.
fn figures() -> Figures {
    let mut figures = Figures::default();
    for (cpu, ratio) in [(21.0, 2.0), (90.0, 9.0), (22.0, 2.1)] {
        figures.add("room of 150", line("raw one-write", 1, 10.0, 0.0));
        figures.add("room of 150", line("causerie", 1, cpu, ratio));
        figures.add("room of 150", line("causerie", 16, 30.0, 8.4));
    }
    figures
}

fn machine() -> Machine {
    Machine {
        processor: "a processor".to_owned(),
        processors: 2,
        memory_gib: 24,
        system: "Linux".to_owned(),
        compiler: "rustc".to_owned(),
        date: "2026-11-27".to_owned(),
    }
}

#[test]
fn the_middle_one_of_all_runs_counts() {
    let which =
        Which { call: "room of 150", server: "causerie", way: "tcp", window: Some(1), ..Which::default() };
    assert_eq!(figures().middle(which, "cpuRatio"), Some(2.1));
    assert_eq!(figures().middle(Which { way: "tls", ..which }, "cpuRatio"), None);
}

#[test]
fn each_target_is_reached_missed_or_not_measured() {
    let page = page(&TITLE, &machine(), &TARGETS, &figures(), 3);
    let row = |begins: &str| page.lines().find(|row| row.starts_with(begins)).unwrap_or_default().to_owned();
    assert!(row("| T1 ").ends_with("| 2.10 x raw | <= 2.20 | <= 1.35 | reached |"), "{page}");
    assert!(row("| T2 ").ends_with("| 8.40 x raw | <= 7.00 | <= 4.00 | **missed** by 20 % |"), "{page}");
    assert!(row("| T7 ").ends_with("| - | >= 2000 | >= 4000 | not measured |"), "{page}");
    assert!(
        row("| room of 150: deliveries | causerie | tcp | 151 | 1 |").contains("| 22.0 | - | 2.10 |"),
        "{page}"
    );
    let rows = page.lines().filter(|row| row.starts_with("| room of 150")).count();
    assert_eq!(rows, 3, "each thing once: {page}");
}

#[test]
fn paging_counts_by_its_clients_and_of_searches_the_slowest_kind() {
    let mut figures = Figures::default();
    let paging = |clients: u64, rate: f64, page_ms: f64| json!({ "server": "causerie", "way": "tls", "endpoints": clients, "unit": "posts", "perSecond": rate, "p50Ms": page_ms });
    figures.add("paging", paging(1, 16_000.0, 5.5));
    figures.add("paging", paging(4, 31_000.0, 12.0));
    let kinds =
        ["one word in one room", "two words in one room", "one word in all rooms", "two words in all rooms"];
    let found = |figures: &Figures| {
        let page = page(&TITLE, &machine(), &TARGETS, figures, 1);
        let rows = page.lines().filter(|row| row.starts_with("| T8 ") || row.starts_with("| T9 "));
        rows.map(|row| row.split(" | ").skip(2).collect::<Vec<_>>().join(" | ")).collect::<Vec<_>>()
    };
    for (kind, ms) in kinds.iter().zip([2.0, 11.0, 9.0]) {
        let unit = format!("searches for {kind}");
        figures.add(
            "searches",
            json!({ "server": "causerie", "way": "tls", "endpoints": 1, "unit": unit, "p50Ms": ms }),
        );
    }
    assert_eq!(found(&figures)[3], "- | <= 10.0 | - | not measured |", "one kind is missing");
    let unit = format!("searches for {}", kinds[3]);
    figures.add(
        "searches",
        json!({ "server": "causerie", "way": "tls", "endpoints": 1, "unit": unit, "p50Ms": 3.0 }),
    );
    assert_eq!(
        found(&figures),
        [
            "16000 posts a second | >= 15000 | >= 30000 | reached |",
            "5.50 ms | <= 5.00 | - | **missed** by 10 % |",
            "31000 posts a second | >= 15000 | >= 30000 | goal reached |",
            "11.0 ms | <= 10.0 | - | **missed** by 10 % |",
        ]
    );
}

#[test]
fn a_bound_holds_up_to_itself() {
    for (bound, figure, holds) in [
        (Bound::AtMost(2.0), 2.0, true),
        (Bound::AtMost(2.0), 2.1, false),
        (Bound::AtLeast(2.0), 2.0, true),
        (Bound::AtLeast(2.0), 1.9, false),
    ] {
        assert_eq!(bound.holds(figure), holds, "{bound:?} {figure}");
    }
    let none = Target {
        id: "T0",
        what: "",
        unit: "posts",
        must: Some(Bound::AtMost(0.0)),
        goal: None,
        of: |_| Some(3.0),
    };
    assert!(page(&TITLE, &machine(), &[none], &Figures::default(), 1).contains("**missed** by 3.00"));
}

#[test]
fn of_a_large_crowd_the_whole_way_of_a_post_counts_and_the_sum_of_signing_on_and_joining() {
    let mut figures = Figures::default();
    let step = |unit: &str, cpu: f64| json!({ "server": "causerie", "way": "tls", "endpoints": 19_000, "unit": unit, "cpuSPerMillion": cpu });
    figures.add("storm of 19,000", step("signed on", 600.0));
    figures.add("storm of 19,000", step("in their rooms", 1_000.0));
    figures.add(
        "user model of 18,900",
        json!({
            "server": "causerie", "way": "tls", "endpoints": 18_900, "unit": "deliveries", "count": 300_000, "seconds": 60.0,
            "p99Ms": 600.0, "whole": { "p99Ms": 120.0 }, "cpuSPerMillion": 50.0, "missing": 0, "doubled": 0, "reordered": 0, "foreign": 0,
        }),
    );
    let page = page(&TITLE, &machine(), &FULL_TARGETS, &figures, 1);
    let rows: Vec<&str> = page.lines().filter(|row| row.ends_with(" reached |")).collect();
    let shown: Vec<&str> = rows.iter().filter_map(|row| row.split(" | ").nth(2)).collect();
    assert_eq!(shown, ["1.60 ms", "120 ms", "25.0 % of one core", "0 posts"], "{page}");
}

/// The row of what two servers cost in a room, over NOTIFY.
fn cost_over_notify(figures: &Figures) -> String {
    let page = page(&TITLE, &machine(), &FULL_TARGETS, figures, 1);
    page.lines().find(|row| row.contains("room of 150, over NOTIFY")).unwrap_or_default().to_owned()
}

#[test]
fn what_a_pool_costs_is_told_with_its_database_and_judged_by_nothing() {
    let mut figures = Figures::default();
    let line = |cpu: f64, store: f64| json!({ "server": "causerie", "way": "tcp", "cpuSPerMillion": cpu, "storeCpuSPerMillion": store });
    figures.add("room: one server", line(10.0, 2.0));
    figures.add("room: two over NOTIFY", line(15.0, 3.0));
    let told = cost_over_notify(&figures);
    assert!(told.ends_with("| 1.50 x | - | - | told |"), "{told}");
}

/// A database that was not counted costs nothing, it would seem.
#[test]
fn what_a_pool_costs_is_not_told_without_its_database() {
    let mut figures = Figures::default();
    for call in ["room: one server", "room: two over NOTIFY"] {
        figures.add(call, json!({ "server": "causerie", "way": "tcp", "cpuSPerMillion": 10.0 }));
    }
    let told = cost_over_notify(&figures);
    assert!(told.ends_with("| not measured |"), "{told}");
}

#[test]
fn a_post_that_is_lost_in_one_run_of_three_is_counted() {
    let mut figures = Figures::default();
    for missing in [0, 0, 2] {
        figures.add(
            "kills",
            json!({
                "server": "causerie", "way": "tcp", "unit": "acknowledged posts",
                "missing": missing, "doubled": 0, "reordered": 0, "foreign": 1,
            }),
        );
    }
    let page = page(&TITLE, &machine(), &TARGETS, &figures, 3);
    let row = page.lines().find(|row| row.starts_with("| T11 ")).unwrap_or_default();
    assert!(row.ends_with("**missed** by 5.00 |"), "two missing and three of nobody's: {page}");
}

#[test]
fn a_goal_that_nothing_must_reach_is_said_to_be_missed() {
    let of = |of: fn(&Figures) -> Option<f64>| Target {
        id: "T0",
        what: "",
        unit: "ms",
        must: None,
        goal: Some(Bound::AtMost(2.0)),
        of,
    };
    let verdict = |target: Target| page(&TITLE, &machine(), &[target], &Figures::default(), 1);
    assert!(verdict(of(|_| Some(3.0))).contains("| goal missed by 50 % |"));
    assert!(verdict(of(|_| Some(2.0))).contains("| goal reached |"));
}
