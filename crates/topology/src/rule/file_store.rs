//! Where uploaded files are kept, and on what kind of file system things lie: V12, V24.
//! That what is named exists in the document is D2, in `document.rs`.

use crate::document::{FileStore, Pool, PoolKind};
use crate::finding::{Object, ObjectKind};
use crate::rule::case::Case;

/// V12.
pub fn can_be_used(case: &mut Case<'_>) {
    for store in &case.topology.file_stores {
        is_one_place(case, store);
        is_on_no_front_end(case, store);
        let is_used = case.topology.pools.iter().any(|pool| pool.file_store.as_ref() == Some(&store.id));
        if is_used && case.seen.is_some_and(|seen| !seen.file_stores.contains_key(&store.id)) {
            let object = Object::new(ObjectKind::FileStore, &store.id);
            case.error(object.whole(), "it does not exist", "make the share or folder before publishing");
        }
    }
    for (pool, object) in case.pools() {
        let Some(id) = &pool.file_store else {
            let fix = "name the file store that is to keep what people upload";
            case.error(object.field("file-store"), "there is no file store", fix);
            continue;
        };
        if let Some(store) = case.topology.file_store(id) {
            fits(case, pool, object, store);
        }
    }
}

/// A share with its server, or a local path.
fn is_one_place(case: &mut Case<'_>, store: &FileStore) {
    let object = Object::new(ObjectKind::FileStore, &store.id);
    match (&store.server, &store.share, &store.path) {
        (Some(_), Some(_), None) | (None, None, Some(_)) => {}
        (_, _, Some(_)) => case.error(
            object.field("path"),
            "it names a path and a share or server",
            "leave either server and share, or path",
        ),
        (None, None, None) => case.error(
            object.whole(),
            "it names no place",
            "name server and share, or a path for a pool of a single machine",
        ),
        (None, Some(_), None) => {
            case.error(object.field("server"), "it names a share without its server", "name the server");
        }
        (Some(_), None, None) => {
            case.error(object.field("share"), "it names a server without a share", "name the share");
        }
    }
}

fn is_on_no_front_end(case: &mut Case<'_>, store: &FileStore) {
    let Some(server) = &store.server else { return };
    let pools = &case.topology.front_end_pools;
    if let Some(pool) = pools.iter().find(|pool| pool.fqdn == *server || pool.machines.contains(server)) {
        case.error(
            Object::new(ObjectKind::FileStore, &store.id).field("server"),
            format!("{server} belongs to the front-end pool {}", pool.fqdn),
            "put the share on a file server, a database server or a Standard Edition server",
        );
    }
}

/// Whether the pool can use the store.
fn fits(case: &mut Case<'_>, pool: &Pool, object: Object, store: &FileStore) {
    let place = object.field("file-store");
    if pool.kind == PoolKind::Multiple && store.path.is_some() {
        case.error(
            place.clone(),
            format!("{} is a local path, and the pool may have several machines", store.id),
            "name a file store that is a share all of them reach",
        );
    }
    if pool.site != store.site {
        case.error(
            place,
            format!("{} is for pools of {}, and the pool belongs to {}", store.id, store.site, pool.site),
            format!("name a file store of {}", pool.site),
        );
    }
}

/// V24.
pub fn is_not_on_fat(case: &mut Case<'_>) {
    let Some(seen) = case.seen else { return };
    let fix = "take one with permissions for each file, such as ext4, xfs, btrfs or zfs";
    for store in &case.topology.file_stores {
        let system = seen.file_stores.get(&store.id);
        if let Some(system) = system.filter(|system| !system.guards_files()) {
            let place = Object::new(ObjectKind::FileStore, &store.id).whole();
            case.error(place, format!("it lies on {}, which cannot guard files", system.0), fix);
        }
    }
    for pool in &case.topology.pools {
        for machine in &pool.machines {
            let system = seen.machines.get(&machine.fqdn);
            if let Some(system) = system.filter(|system| !system.guards_files()) {
                let place = Object::machine(&pool.fqdn, &machine.fqdn).whole();
                let problem = format!("its program or data lies on {}, which cannot guard files", system.0);
                case.error(place, problem, fix);
            }
        }
    }
}
