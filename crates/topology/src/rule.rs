//! The rules of a topology as one table, and the one function that asks them all.
//! What each asks stands in the files below, by what it is about.

mod case;
mod document;
mod edition;
mod file_store;
mod later;
mod machine;
mod pool;
mod store;

use crate::document::Topology;
use crate::facts::Facts;
use crate::finding::{Finding, Severity};

use self::case::Case;

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its number: `V` and `S` as documented for the product this server succeeds, `D` about the document, `N` of this version.
    pub number: &'static str,
    /// How grave it is at most to break it.
    pub severity: Severity,
    /// What it asks for.
    pub says: &'static str,
    check: fn(&mut Case<'_>),
}

/// Every rule, in the order of their numbers.
pub const RULES: &[Rule] = &[
    error(
        "V1",
        "Before there is a persistent chat pool there is a front-end pool or a Standard Edition server.",
        pool::front_end_exists,
    ),
    error(
        "V2",
        "A pool of a single machine is named as its machine is.",
        machine::single_is_named_as_its_machine,
    ),
    error(
        "V3",
        "A pool of kind multiple has a name that is no machine's; DNS gives for it the addresses of its machines.",
        machine::multiple_has_its_own_name,
    ),
    error(
        "V4",
        "A pool on a Standard Edition server is named as the server is, and belongs to its site.",
        edition::pool_is_named_as_its_server,
    ),
    error(
        "V5",
        "No machine of a front-end pool is a machine of a persistent chat pool.",
        machine::is_no_front_end,
    ),
    error(
        "V6",
        "A pool of a single machine never gets another one, and never becomes one of kind multiple.",
        machine::single_stays_single,
    ),
    error(
        "V7",
        "A pool has one to eight machines, of which one to four are active.",
        machine::are_neither_few_nor_many,
    ),
    error("V8", "A pool has a display name and a port (5041 when none is named).", pool::has_name_and_port),
    error("V9", "A pool has a content store.", pool::has_content_store),
    error(
        "V10",
        "Compliance is on where there is a compliance store, and only there.",
        pool::has_compliance_store,
    ),
    error(
        "V11",
        "Backup stores are for disaster recovery, and that is for pools of kind multiple only.",
        pool::has_backups_when_multiple,
    ),
    error(
        "V12",
        "A pool has a file store of its site that exists: a share for kind multiple, a share or a local path for kind single; not on a machine of a front-end pool.",
        file_store::can_be_used,
    ),
    error(
        "V13",
        "A pool has a next hop: a front-end pool or Standard Edition server of this topology.",
        pool::has_next_hop,
    ),
    error(
        "V14",
        "An instance, and a database server, has one back end, one content store and one compliance store at most.",
        store::hosts_one_of_each,
    ),
    error(
        "V15",
        "Content and compliance may share an instance; each database is used for one thing.",
        store::databases_are_apart,
    ),
    warning(
        "V16",
        "Persistent chat databases stand apart from the back end of a front-end pool, as they grow.",
        store::is_apart_from_back_end,
    ),
    error(
        "V17",
        "An embedded store is on a Standard Edition server and keeps nothing but what is that server's.",
        edition::embedded_store_is_local,
    ),
    error(
        "V18",
        "Every site has exactly one default pool; one for all sites needs several sites.",
        pool::site_has_one_default,
    ),
    error(
        "V19",
        "A pool on a Standard Edition server has one machine, no mirror and no disaster recovery.",
        edition::pool_has_no_second,
    ),
    error(
        "V20",
        "No persistent chat database is in an availability group.",
        store::is_in_no_availability_group,
    ),
    error(
        "V21",
        "Store, mirror and witness are different instances of one domain and one version; instances of one machine have different ports.",
        store::mirror_fits,
    ),
    error("V22", "A pool takes no instance that keeps the data of another.", store::is_not_taken),
    error("V23", "Every machine is in DNS when the topology is published.", machine::is_in_dns),
    error("V24", "Nothing is kept on FAT, which cannot guard files.", file_store::is_not_on_fat),
    error(
        "S10",
        "There is no high availability on a Standard Edition server: its pool is of kind single, and no machine stands by.",
        edition::pool_has_no_standby,
    ),
    warning(
        "S11",
        "A Standard Edition server is for trials and up to 20,000 people.",
        edition::scale_is_limited,
    ),
    error(
        "S12",
        "A pool on a Standard Edition server is new; it cannot have been another kind of pool before.",
        edition::pool_is_new,
    ),
    error(
        "S13",
        "Data of an older product is not brought into a pool on a Standard Edition server.",
        edition::pool_takes_no_legacy_data,
    ),
    error("D1", "No two objects have one name, and no machine is in two pools.", document::names_are_unique),
    error("D2", "What is named exists: sites, stores and file stores.", document::what_is_named_exists),
    error("D3", "There are no more objects than a topology can have.", document::is_not_too_large),
    error("D4", "Every store that is used answers when the topology is published.", store::answers),
    error(
        "D5",
        "A front-end pool and a Standard Edition server have a store, where the topology is published.",
        document::front_ends_have_stores,
    ),
    note("N1", "Compliance is not run by this version.", later::compliance),
    note("N2", "Disaster recovery is not run by this version.", later::disaster_recovery),
];

/// Asks every rule about the topology, and reports everything at once: the gravest first, and by the order of [`RULES`].
///
/// A topology with more objects than one can have is told so and nothing else: judging it could take for ever.
#[must_use]
pub fn validate(topology: &Topology, facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_too_large = document::has_too_many(topology);
    for rule in RULES.iter().filter(|rule| !is_too_large || rule.number == "D3") {
        let mut case = Case::new(topology, facts, rule);
        (rule.check)(&mut case);
        findings.extend(case.into_findings());
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// Whether nothing found keeps the topology from being published.
#[must_use]
pub fn is_publishable(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity < Severity::Error)
}

const fn error(number: &'static str, says: &'static str, check: fn(&mut Case<'_>)) -> Rule {
    Rule { number, severity: Severity::Error, says, check }
}

const fn warning(number: &'static str, says: &'static str, check: fn(&mut Case<'_>)) -> Rule {
    Rule { number, severity: Severity::Warning, says, check }
}

const fn note(number: &'static str, says: &'static str, check: fn(&mut Case<'_>)) -> Rule {
    Rule { number, severity: Severity::Note, says, check }
}
