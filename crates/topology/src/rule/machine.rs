//! The machines of a persistent chat pool, how many, and how they and the pool are named: V2, V3, V5 to V7, V23.
//! Standard Edition servers have rules of their own in `edition.rs`.

use std::collections::{BTreeMap, BTreeSet};

use core::net::IpAddr;

use crate::document::{Pool, PoolKind};
use crate::facts::Seen;
use crate::finding::{Object, ObjectKind, Place};
use crate::limits::{ACTIVE_MACHINES_MAX, MACHINES_MAX};
use crate::rule::case::Case;
use crate::word::Fqdn;

/// V2.
pub fn single_is_named_as_its_machine(case: &mut Case<'_>) {
    for (pool, object) in case.pools().filter(|(pool, _)| pool.kind == PoolKind::Single) {
        let [machine] = pool.machines.as_slice() else { continue };
        if machine.fqdn != pool.fqdn {
            case.error(
                object.field("fqdn"),
                format!("it is of a single machine, and the machine is named {}", machine.fqdn),
                format!("name the pool {}, or define it with kind = \"multiple\"", machine.fqdn),
            );
        }
    }
}

/// V3.
pub fn multiple_has_its_own_name(case: &mut Case<'_>) {
    for (pool, object) in case.pools().filter(|(pool, _)| pool.kind == PoolKind::Multiple) {
        let place = object.field("fqdn");
        if pool.machines.iter().any(|machine| machine.fqdn == pool.fqdn) {
            case.error(
                place,
                "a machine of the pool has the pool's name",
                "give the pool a name of its own, with the addresses of all its machines in DNS",
            );
            continue;
        }
        match case.seen.map(|seen| (seen, seen.addresses.get(&pool.fqdn))) {
            None => {}
            Some((_, None)) => case.error(
                place,
                "DNS knows no address of it",
                "add an A or AAAA record of this name for each machine of the pool",
            ),
            Some((seen, Some(addresses))) => addresses_are_the_machines(case, &place, pool, seen, addresses),
        }
    }
}

/// What DNS gives for the pool is its machines and nothing else.
fn addresses_are_the_machines(
    case: &mut Case<'_>,
    place: &Place,
    pool: &Pool,
    seen: &Seen,
    addresses: &BTreeSet<IpAddr>,
) {
    let machines = addresses_of(seen, pool);
    if let Some(strange) = addresses.iter().find(|address| !machines.contains(*address)) {
        case.error(
            place.clone(),
            format!("DNS gives for it {strange}, which is no machine of the pool"),
            "take that record out, or add its machine to the pool",
        );
    }
    for machine in lacking(seen, pool, addresses) {
        case.warning(
            place.clone(),
            format!("DNS gives for it no address of its machine {machine}"),
            format!("add the addresses of {machine} to the records of this name"),
        );
    }
}

/// The addresses of all machines.
fn addresses_of<'a>(seen: &'a Seen, pool: &Pool) -> BTreeSet<&'a IpAddr> {
    pool.machines.iter().filter_map(|machine| seen.addresses.get(&machine.fqdn)).flatten().collect()
}

/// The machines in DNS of which no address is among these.
fn lacking<'a>(seen: &Seen, pool: &'a Pool, addresses: &BTreeSet<IpAddr>) -> Vec<&'a Fqdn> {
    let is_lacking = |fqdn: &&Fqdn| {
        seen.addresses.get(*fqdn).is_some_and(|own| !own.is_empty() && own.is_disjoint(addresses))
    };
    pool.machines.iter().map(|machine| &machine.fqdn).filter(is_lacking).collect()
}

/// V5.
pub fn is_no_front_end(case: &mut Case<'_>) {
    let topology = case.topology;
    let mut front_ends: BTreeMap<&Fqdn, &Fqdn> = BTreeMap::new();
    for pool in &topology.front_end_pools {
        front_ends.extend(pool.machines.iter().map(|machine| (machine, &pool.fqdn)));
    }
    for pool in &topology.pools {
        for machine in &pool.machines {
            if let Some(front_end) = front_ends.get(&machine.fqdn) {
                case.error(
                    Object::machine(&pool.fqdn, &machine.fqdn).whole(),
                    format!("it is also a machine of the front-end pool {front_end}"),
                    "take another machine for persistent chat, or take it out of the front-end pool",
                );
            }
        }
    }
}

/// V6.
pub fn single_stays_single(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        let was_single = case
            .published
            .and_then(|published| published.pool(&pool.fqdn))
            .is_some_and(|before| before.kind == PoolKind::Single);
        if pool.kind == PoolKind::Single && pool.machines.len() > 1 {
            case.error(
                object.field("machine"),
                format!("it is of a single machine, and has {}", pool.machines.len()),
                "leave one machine, or define the pool with kind = \"multiple\" under another name",
            );
        } else if was_single && pool.kind == PoolKind::Multiple {
            case.error(
                object.field("kind"),
                "it was published as a pool of a single machine, which cannot grow",
                "remove the pool and publish, then define it again with kind = \"multiple\"",
            );
        }
    }
}

/// V7.
pub fn are_neither_few_nor_many(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        let (count, active) = (pool.machines.len(), pool.active());
        let place = object.field("machine");
        if count > MACHINES_MAX {
            let fix = format!("take machines out until {MACHINES_MAX} are left");
            case.error(place.clone(), format!("it has {count} machines, {MACHINES_MAX} at most"), fix);
        }
        if active > ACTIVE_MACHINES_MAX {
            case.error(
                place,
                format!("{active} machines are active, {ACTIVE_MACHINES_MAX} at most"),
                format!("write state = \"inactive\" for machines until {ACTIVE_MACHINES_MAX} are active"),
            );
        } else if count == 0 {
            case.error(place, "it has no machine", "add the machine it runs on");
        } else if active == 0 {
            let fix = "write state = \"active\" for one machine at least";
            case.error(place, "no machine is active", fix);
        }
    }
}

/// V23. Machines may be switched off; what has a name in DNS and stands in the topology belongs to the deployment.
pub fn is_in_dns(case: &mut Case<'_>) {
    let Some(seen) = case.seen else { return };
    let topology = case.topology;
    let servers = topology
        .standard_edition_servers
        .iter()
        .map(|server| (&server.fqdn, Object::new(ObjectKind::StandardEditionServer, &server.fqdn)));
    let front_ends = topology.front_end_pools.iter().flat_map(|pool| {
        let object = Object::new(ObjectKind::FrontEndPool, &pool.fqdn);
        pool.machines.iter().map(move |machine| (machine, object.clone()))
    });
    let machines = topology.pools.iter().flat_map(|pool| {
        let object = |fqdn| Object::machine(&pool.fqdn, fqdn);
        pool.machines.iter().map(move |machine| (&machine.fqdn, object(&machine.fqdn)))
    });
    for (fqdn, object) in servers.chain(front_ends).chain(machines) {
        // A machine of a pool on a Standard Edition server is that server, and named once.
        let is_named = object.kind == ObjectKind::Machine && topology.standard_edition_server(fqdn).is_some();
        if !is_named && seen.addresses.get(fqdn).is_none_or(BTreeSet::is_empty) {
            case.error(
                object.whole(),
                format!("DNS knows no address of {fqdn}"),
                "add an A or AAAA record for it, or correct the name",
            );
        }
    }
}
