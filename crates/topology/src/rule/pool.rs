//! What a persistent chat pool must have: V1, V8 to V11, V13, V18.
//! Its machines are in `machine.rs`, its file store in `file_store.rs`, what its stores are like in `store.rs`.

use crate::document::{DefaultFor, Pool, PoolKind};
use crate::finding::{Object, ObjectKind};
use crate::rule::case::Case;
use crate::word::{Fqdn, Identity};

/// V1.
pub fn front_end_exists(case: &mut Case<'_>) {
    let topology = case.topology;
    if !topology.pools.is_empty()
        && topology.front_end_pools.is_empty()
        && topology.standard_edition_servers.is_empty()
    {
        case.error(
            Object::topology().whole(),
            "there is a persistent chat pool, and no front-end pool or Standard Edition server",
            "define a front-end pool or a Standard Edition server first",
        );
    }
}

/// V8.
pub fn has_name_and_port(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        if pool.display_name.is_none() {
            case.error(
                object.clone().field("display-name"),
                "there is no display name",
                "give it one by which people can tell its rooms from those of other pools",
            );
        }
        if pool.port == 0 {
            case.error(object.field("port"), "0 is no port", "take 5041, or another from 1 to 65535");
        }
    }
}

/// V9.
pub fn has_content_store(case: &mut Case<'_>) {
    for (pool, object) in case.pools().filter(|(pool, _)| pool.content_store.is_none()) {
        let fix = match case.topology.server_under(pool) {
            Some(server) => format!("name the embedded store of {}, or a PostgreSQL store", server.fqdn),
            None => "name the store that is to keep its rooms".to_owned(),
        };
        case.error(object.field("content-store"), "there is no content store", fix);
    }
}

/// V10.
pub fn has_compliance_store(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        match (pool.compliance, &pool.compliance_store) {
            (true, None) => case.error(
                object.field("compliance-store"),
                "compliance is on, and there is no compliance store",
                "name the store that is to keep the record, or set compliance = false",
            ),
            (false, Some(store)) => case.error(
                object.field("compliance"),
                format!(
                    "there is the compliance store {store}, and compliance is off: nothing would be recorded"
                ),
                "set compliance = true, or take compliance-store out",
            ),
            _ => {}
        }
    }
}

/// V11.
pub fn has_backups_when_multiple(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        backups(case, pool, &object);
        if pool.disaster_recovery && pool.backup_content_store.is_none() {
            case.error(
                object.clone().field("backup-content-store"),
                "disaster recovery is on, and there is no backup of the content store",
                "name the store in the other place, or set disaster-recovery = false",
            );
        }
        if pool.disaster_recovery && pool.compliance && pool.backup_compliance_store.is_none() {
            case.warning(
                object.field("backup-compliance-store"),
                "disaster recovery and compliance are on, and there is no backup compliance store: after a disaster nothing is recorded",
                "name a store in the other place",
            );
        }
    }
}

/// Every backup store of a pool that may have none.
fn backups(case: &mut Case<'_>, pool: &Pool, object: &Object) {
    let fields = [
        ("backup-content-store", &pool.backup_content_store),
        ("backup-compliance-store", &pool.backup_compliance_store),
    ];
    let is_single = pool.kind == PoolKind::Single;
    if is_single && pool.disaster_recovery {
        case.error(
            object.clone().field("disaster-recovery"),
            "a pool of a single machine has no disaster recovery",
            "set disaster-recovery = false, or remove the pool and define it again with kind = \"multiple\"",
        );
    }
    for (field, store) in fields {
        let Some(store) = store else { continue };
        let place = object.clone().field(field);
        if is_single {
            case.error(
                place,
                format!("a pool of a single machine has no backup store, and this one names {store}"),
                format!("take {field} out, or define the pool again with kind = \"multiple\""),
            );
        } else if !pool.disaster_recovery {
            case.error(
                place,
                format!("the backup store {store} is named, and disaster recovery is off"),
                format!("set disaster-recovery = true, or take {field} out"),
            );
        }
    }
    if pool.backup_compliance_store.is_some() && !pool.compliance {
        case.error(
            object.clone().field("backup-compliance-store"),
            "there is a backup compliance store, and compliance is off",
            "set compliance = true with a compliance store, or take it out",
        );
    }
}

/// V13.
pub fn has_next_hop(case: &mut Case<'_>) {
    let topology = case.topology;
    let is_there = |hop: &Fqdn| {
        topology.front_end_pools.iter().any(|pool| pool.fqdn == *hop)
            || topology.standard_edition_server(hop).is_some()
    };
    for (pool, object) in case.pools() {
        let problem = match &pool.next_hop {
            Some(hop) if is_there(hop) => continue,
            Some(hop) => {
                format!("{hop} is neither a front-end pool nor a Standard Edition server of this topology")
            }
            None => "there is no next hop: nobody would reach the pool".to_owned(),
        };
        let fix = "name a front-end pool or Standard Edition server of this topology";
        case.error(object.field("next-hop"), problem, fix);
    }
}

/// V18.
pub fn site_has_one_default(case: &mut Case<'_>) {
    let topology = case.topology;
    let everywhere: Vec<&Pool> =
        topology.pools.iter().filter(|pool| pool.default_for == DefaultFor::AllSites).collect();
    if topology.sites.len() < 2 {
        for pool in &everywhere {
            case.error(
                crate::rule::case::of_pool(&pool.fqdn).field("default-for"),
                "it is the default for all sites, and there are not several",
                "write default-for = \"site\"",
            );
        }
    }
    if everywhere.len() > 1 {
        case.error(
            Object::topology().whole(),
            format!("{} pools are the default for all sites: {}", everywhere.len(), named(&everywhere)),
            "leave it to one of them, and write default-for = \"site\" or \"no\" for the others",
        );
    }
    for site in &topology.sites {
        let own: Vec<&Pool> = topology
            .pools
            .iter()
            .filter(|pool| pool.default_for == DefaultFor::Site && pool.site == site.id)
            .collect();
        let place = Object::new(ObjectKind::Site, &site.id).whole();
        if own.len() > 1 {
            case.error(
                place,
                format!("{} pools are its default: {}", own.len(), named(&own)),
                "leave it to one of them, and write default-for = \"no\" for the others",
            );
        } else if own.is_empty() && everywhere.is_empty() && has_people(case, &site.id) {
            case.error(
                place,
                "no pool is its default: its people could make no rooms",
                "write default-for = \"site\" for a pool of the site, or \"all-sites\" for one elsewhere",
            );
        }
    }
}

/// Whether people sign on in this site of a topology with persistent chat, or rooms are there.
fn has_people(case: &Case<'_>, site: &Identity) -> bool {
    let topology = case.topology;
    !topology.pools.is_empty()
        && (topology.pools.iter().any(|pool| pool.site == *site)
            || topology.front_end_pools.iter().any(|pool| pool.site == *site)
            || topology.standard_edition_servers.iter().any(|server| server.site == *site))
}

fn named(pools: &[&Pool]) -> String {
    pools.iter().map(|pool| pool.fqdn.as_str()).collect::<Vec<_>>().join(", ")
}
