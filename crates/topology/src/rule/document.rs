//! What holds for a document of any kind of deployment: D1 to D3, D5.
//! What the product asks for is in the other files.

use std::collections::BTreeSet;

use crate::document::Topology;
use crate::finding::{Object, ObjectKind, Place};
use crate::limits::{FRONT_END_MACHINES_MAX, POOLS_MAX, SITES_MAX, STORES_MAX};
use crate::rule::case::{Case, of_pool, stores_of};
use crate::word::{Fqdn, Identity};

/// D1.
pub fn names_are_unique(case: &mut Case<'_>) {
    let topology = case.topology;
    twice(case, ObjectKind::Site, "id", topology.sites.iter().map(|site| &site.id));
    twice(case, ObjectKind::Store, "id", topology.stores.iter().map(|store| &store.id));
    twice(case, ObjectKind::FileStore, "id", topology.file_stores.iter().map(|store| &store.id));
    let servers = topology.standard_edition_servers.iter().map(|server| &server.fqdn);
    twice(case, ObjectKind::StandardEditionServer, "fqdn", servers.clone());
    twice(case, ObjectKind::PersistentChatPool, "fqdn", topology.pools.iter().map(|pool| &pool.fqdn));
    // A front-end pool shares its name with nothing; a persistent chat pool only with the Standard Edition server it is on.
    let mut taken: BTreeSet<&Fqdn> = servers.collect();
    taken.extend(topology.pools.iter().map(|pool| &pool.fqdn));
    for pool in &topology.front_end_pools {
        if !taken.insert(&pool.fqdn) {
            let place = Object::new(ObjectKind::FrontEndPool, &pool.fqdn).field("fqdn");
            case.error(place, "another pool or server has this name", "give each a name of its own");
        }
    }
    machines_are_in_one_pool(case);
}

fn machines_are_in_one_pool(case: &mut Case<'_>) {
    let mut seen: BTreeSet<&Fqdn> = BTreeSet::new();
    for pool in &case.topology.pools {
        for machine in &pool.machines {
            if !seen.insert(&machine.fqdn) {
                let place = Object::machine(&pool.fqdn, &machine.fqdn).whole();
                case.error(
                    place,
                    "it is named twice as a machine of persistent chat pools",
                    "leave it in one",
                );
            }
        }
    }
    let mut seen: BTreeSet<&Fqdn> =
        case.topology.standard_edition_servers.iter().map(|server| &server.fqdn).collect();
    for pool in &case.topology.front_end_pools {
        for machine in &pool.machines {
            if !seen.insert(machine) {
                case.error(
                    Object::new(ObjectKind::FrontEndPool, &pool.fqdn).field("machines"),
                    format!("{machine} is named twice as a front end or Standard Edition server"),
                    "leave it in one place",
                );
            }
        }
    }
}

fn twice<'a, T: Ord + ToString + 'a>(
    case: &mut Case<'_>,
    kind: ObjectKind,
    field: &'static str,
    names: impl Iterator<Item = &'a T>,
) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let place = Object::new(kind, name).field(field);
            case.error(place, "there are two of this name", "take one out, or give it a name of its own");
        }
    }
}

/// D2. The next hop is V13's.
pub fn what_is_named_exists(case: &mut Case<'_>) {
    let topology = case.topology;
    let mut sites: Vec<(Place, &Identity)> = Vec::new();
    let mut stores: Vec<(Place, &Identity)> = Vec::new();
    for server in &topology.standard_edition_servers {
        let object = Object::new(ObjectKind::StandardEditionServer, &server.fqdn);
        sites.push((object.clone().field("site"), &server.site));
        stores.extend(server.store.as_ref().map(|store| (object.field("store"), store)));
    }
    for pool in &topology.front_end_pools {
        let object = Object::new(ObjectKind::FrontEndPool, &pool.fqdn);
        sites.push((object.clone().field("site"), &pool.site));
        stores.extend(pool.store.as_ref().map(|store| (object.field("store"), store)));
    }
    for store in &topology.file_stores {
        sites.push((Object::new(ObjectKind::FileStore, &store.id).field("site"), &store.site));
    }
    for pool in &topology.pools {
        let object = of_pool(&pool.fqdn);
        sites.push((object.clone().field("site"), &pool.site));
        stores.extend(stores_of(pool).map(|(field, _, store)| (object.clone().field(field), store)));
        if let Some(id) = pool.file_store.as_ref().filter(|id| topology.file_store(id).is_none()) {
            missing(case, object.field("file-store"), ObjectKind::FileStore, id);
        }
    }
    for (place, id) in sites {
        if !topology.sites.iter().any(|site| site.id == *id) {
            missing(case, place, ObjectKind::Site, id);
        }
    }
    for (place, id) in stores {
        if topology.store(id).is_none() {
            missing(case, place, ObjectKind::Store, id);
        }
    }
}

fn missing(case: &mut Case<'_>, place: Place, kind: ObjectKind, id: &Identity) {
    let kind = kind.words();
    case.error(place, format!("there is no {kind} {id}"), format!("add that {kind}, or correct the name"));
}

/// D3.
pub fn is_not_too_large(case: &mut Case<'_>) {
    let topology = case.topology;
    for (what, count, limit) in counts(topology) {
        if count > limit {
            let problem = format!("it has {count} {what}, {limit} at most");
            case.error(Object::topology().whole(), problem, "divide it into several topologies");
        }
    }
    for pool in &topology.front_end_pools {
        let count = pool.machines.len();
        let place = Object::new(ObjectKind::FrontEndPool, &pool.fqdn).field("machines");
        if count > FRONT_END_MACHINES_MAX {
            let problem = format!("it has {count} machines, {FRONT_END_MACHINES_MAX} at most");
            case.error(place, problem, "divide it into several pools");
        } else if count == 0 {
            case.error(place, "it has no machine", "add the machines it runs on");
        }
    }
}

/// Whether there are more objects than a topology can have.
pub fn has_too_many(topology: &Topology) -> bool {
    counts(topology).into_iter().any(|(_, count, limit)| count > limit)
}

/// How many objects of each kind there are, and may be.
fn counts(topology: &Topology) -> [(&'static str, usize, usize); 6] {
    [
        ("sites", topology.sites.len(), SITES_MAX),
        ("Standard Edition servers", topology.standard_edition_servers.len(), POOLS_MAX),
        ("front-end pools", topology.front_end_pools.len(), POOLS_MAX),
        ("persistent chat pools", topology.pools.len(), POOLS_MAX),
        ("stores", topology.stores.len(), STORES_MAX),
        ("file stores", topology.file_stores.len(), STORES_MAX),
    ]
}

/// D5.
pub fn front_ends_have_stores(case: &mut Case<'_>) {
    let topology = case.topology;
    let fix = "name the store that is to keep its data and the published topology";
    for server in topology.standard_edition_servers.iter().filter(|server| server.store.is_none()) {
        let place = Object::new(ObjectKind::StandardEditionServer, &server.fqdn).field("store");
        case.error(place, "there is no store", fix);
    }
    for pool in topology.front_end_pools.iter().filter(|pool| pool.store.is_none()) {
        let place = Object::new(ObjectKind::FrontEndPool, &pool.fqdn).field("store");
        case.error(place, "there is no store", fix);
    }
}
