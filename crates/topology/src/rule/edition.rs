//! What holds on a Standard Edition server: V4, V17, V19, S10 to S13.
//! What holds for every pool is in `pool.rs` and `machine.rs`.

use crate::document::{Engine, MachineState, PoolKind};
use crate::finding::{Object, ObjectKind};
use crate::rule::case::{Case, stores_of, uses};

/// V4.
pub fn pool_is_named_as_its_server(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        let Some(server) = case.topology.server_under(pool) else { continue };
        let is_there = pool.machines.is_empty() || pool.machines.iter().any(|m| m.fqdn == server.fqdn);
        if pool.fqdn != server.fqdn || !is_there {
            case.error(
                object.clone().field("fqdn"),
                format!(
                    "it is on the Standard Edition server {}, and pool and machine are not both named so",
                    server.fqdn
                ),
                format!("name pool and machine {}, or put the pool on machines of its own", server.fqdn),
            );
        }
        if pool.site != server.site {
            case.error(
                object.field("site"),
                format!(
                    "it is on the Standard Edition server {}, which stands in {}",
                    server.fqdn, server.site
                ),
                format!("write site = \"{}\"", server.site),
            );
        }
    }
}

/// V17.
pub fn embedded_store_is_local(case: &mut Case<'_>) {
    let topology = case.topology;
    for store in topology.stores.iter().filter(|store| store.engine == Engine::Embedded) {
        if topology.standard_edition_server(&store.server).is_none() {
            case.error(
                Object::new(ObjectKind::Store, &store.id).field("server"),
                format!("it is embedded, and {} is no Standard Edition server", store.server),
                "name a Standard Edition server, or take engine = \"postgresql\"",
            );
        }
    }
    for one in uses(topology) {
        let server = &one.store.server;
        if one.is_embedded() && one.owner.name != server.as_str() && !one.is_mirror {
            case.error(
                one.place(),
                format!(
                    "the store {} is embedded in {server}, which keeps only what is its own",
                    one.store.id
                ),
                "name a PostgreSQL store",
            );
        }
    }
}

/// V19.
pub fn pool_has_no_second(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        let Some(server) = case.topology.server_under(pool) else { continue };
        let server = &server.fqdn;
        if pool.machines.len() > 1 {
            case.error(
                object.clone().field("machine"),
                format!(
                    "it is on the Standard Edition server {server}, and has {} machines",
                    pool.machines.len()
                ),
                format!("leave {server} alone, or define a pool on machines of its own"),
            );
        }
        if pool.disaster_recovery
            || pool.backup_content_store.is_some()
            || pool.backup_compliance_store.is_some()
        {
            case.error(
                object.clone().field("disaster-recovery"),
                format!("it is on the Standard Edition server {server}, where there is no disaster recovery"),
                "set disaster-recovery = false and take the backup stores out",
            );
        }
        for (field, _, id) in stores_of(pool) {
            if case.topology.store(id).is_some_and(|store| store.mirror.is_some()) {
                case.error(
                    object.clone().field(field),
                    format!("it is on the Standard Edition server {server}, and its store {id} has a mirror"),
                    format!("take the mirror of {id} out, or name a store without one"),
                );
            }
        }
    }
}

/// S10.
pub fn pool_has_no_standby(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        let Some(server) = case.topology.server_under(pool) else { continue };
        if pool.kind != PoolKind::Single {
            case.error(
                object.field("kind"),
                format!(
                    "it is on the Standard Edition server {}, where there is no high availability",
                    server.fqdn
                ),
                "write kind = \"single\", or define a pool on machines of its own",
            );
        }
        for machine in pool.machines.iter().filter(|machine| machine.state == MachineState::Inactive) {
            case.error(
                Object::machine(&pool.fqdn, &machine.fqdn).field("state"),
                format!("it stands by in a pool on the Standard Edition server {}", server.fqdn),
                "write state = \"active\" for the server itself, and take other machines out",
            );
        }
    }
}

/// S11.
pub fn scale_is_limited(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        if case.topology.server_under(pool).is_some() {
            case.warning(
                object.whole(),
                "it is on a Standard Edition server: one machine, for trials and up to 20,000 people, and nothing takes over when it is lost",
                "define a pool of kind multiple on machines of its own where more is wanted",
            );
        }
    }
}

/// S12.
pub fn pool_is_new(case: &mut Case<'_>) {
    let Some(published) = case.published else { return };
    for (pool, object) in case.pools() {
        let Some(before) = published.pool(&pool.fqdn) else { continue };
        if case.topology.server_under(pool).is_some() && published.server_under(before).is_none() {
            case.error(
                object.whole(),
                "it is published as a pool on machines of its own, and a pool on a Standard Edition server can only be new",
                "remove the pool and publish, then define a new one",
            );
        }
    }
}

/// S13.
pub fn pool_takes_no_legacy_data(case: &mut Case<'_>) {
    for (pool, object) in case.pools() {
        if case.is_legacy_target(&pool.fqdn) && case.topology.server_under(pool).is_some() {
            case.error(
                object.whole(),
                "data of an older product is to be brought into it, and it is on a Standard Edition server",
                "bring it into a pool on machines of its own",
            );
        }
    }
}
