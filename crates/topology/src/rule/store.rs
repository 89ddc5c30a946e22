//! Stores, their mirrors, and what may be in one of them together: V14 to V16, V20 to V22, D4.
//! The instance of the original is a PostgreSQL cluster here, its mirror a synchronous standby. Embedded stores are in `edition.rs`.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Engine, InstanceName, Store};
use crate::finding::{Object, ObjectKind};
use crate::rule::case::{Case, Role, Use, uses};
use crate::word::Fqdn;

/// V14.
pub fn hosts_one_of_each(case: &mut Case<'_>) {
    let uses = uses(case.topology);
    let mut hosted: BTreeMap<(&Fqdn, Role), Vec<&Use<'_>>> = BTreeMap::new();
    for one in &uses {
        hosted.entry((&one.instance.server, one.role)).or_default().push(one);
    }
    for ((server, role), all) in hosted.into_iter().filter(|(_, all)| all.len() > 1) {
        let instances: BTreeSet<&InstanceName> = all.iter().map(|one| &one.instance).collect();
        let whose: Vec<String> = all.iter().map(|one| one.place().to_string()).collect();
        let what = if instances.len() == 1 { "instance" } else { "database server" };
        case.error(
            all[1].place(),
            format!(
                "the {what} {server} would host {} {} times ({})",
                role.words(),
                all.len(),
                whose.join("; ")
            ),
            "put each on a database server of its own",
        );
    }
}

/// V15.
pub fn databases_are_apart(case: &mut Case<'_>) {
    let uses = uses(case.topology);
    let mut first: BTreeMap<(&InstanceName, &str), &Use<'_>> = BTreeMap::new();
    for one in uses.iter().filter(|one| !one.is_embedded()) {
        let other = *first.entry((&one.instance, one.database.as_str())).or_insert(one);
        // Two of one role are found by V14.
        if other.role != one.role {
            case.error(
                one.place(),
                format!(
                    "the database {} of {} would be {} and {}",
                    one.database,
                    one.instance,
                    other.role.words(),
                    one.role.words()
                ),
                "name different databases; they may stay on one instance",
            );
        }
    }
}

/// V16.
pub fn is_apart_from_back_end(case: &mut Case<'_>) {
    let uses = uses(case.topology);
    let back_ends: BTreeMap<&InstanceName, &Use<'_>> = uses
        .iter()
        .filter(|one| one.owner.kind == ObjectKind::FrontEndPool)
        .map(|one| (&one.instance, one))
        .collect();
    for one in uses.iter().filter(|one| one.role != Role::BackEnd) {
        if let Some(back_end) = back_ends.get(&one.instance) {
            case.warning(
                one.place(),
                format!(
                    "{} is also the back end of the {}: both would grow there",
                    one.instance, back_end.owner
                ),
                "take an instance of its own if the pool is to be large",
            );
        }
    }
}

/// V20.
pub fn is_in_no_availability_group(case: &mut Case<'_>) {
    for one in uses(case.topology).iter().filter(|one| one.role != Role::BackEnd && !one.is_mirror) {
        if let Some(group) = &one.store.availability_group {
            case.error(
                one.place(),
                format!("the store {} is in the availability group {group}", one.store.id),
                "name a store that is in none; a mirror may take over from it",
            );
        }
    }
}

/// V21.
pub fn mirror_fits(case: &mut Case<'_>) {
    for store in &case.topology.stores {
        let object = Object::new(ObjectKind::Store, &store.id);
        if let Some(witness) = &store.witness {
            case.warning(
                object.clone().field("witness"),
                format!(
                    "the witness {} is not used: PostgreSQL decides without one who takes over",
                    witness.name()
                ),
                "take it out",
            );
        }
        let others = [("mirror", &store.mirror), ("witness", &store.witness)];
        for (field, instance) in others {
            let Some(instance) = instance else { continue };
            if instance.server.domain() != store.server.domain() {
                case.error(
                    object.clone().field(field),
                    format!("{} is not in the domain of {}", instance.server, store.server),
                    format!("take a machine of {}", store.server.domain()),
                );
            }
        }
        instances_differ(case, store, &object);
    }
    ports_differ(case);
}

/// Store, mirror and witness are three instances; store and mirror are of one version.
fn instances_differ(case: &mut Case<'_>, store: &Store, object: &Object) {
    let mirror = store.mirror.as_ref().map(|mirror| mirror.name());
    let witness = store.witness.as_ref().map(|witness| witness.name());
    if let Some(mirror) = &mirror {
        let place = object.clone().field("mirror");
        if store.engine == Engine::Embedded {
            let fix = "take the mirror out, or take a PostgreSQL store";
            case.error(place.clone(), "an embedded store has no mirror", fix);
        }
        if *mirror == store.name() {
            let fix = "take another instance, on another machine if it is to help";
            case.error(place.clone(), format!("{mirror} would mirror itself"), fix);
        }
        let version = |name: &InstanceName| case.seen.and_then(|seen| seen.instances.get(name));
        if let (Some(own), Some(other)) = (version(&store.name()), version(mirror))
            && own != other
        {
            case.error(
                place,
                format!("{mirror} has version {other}, and {} has {own}", store.name()),
                "bring both to one version",
            );
        }
    }
    if witness.is_some_and(|witness| Some(&witness) == mirror.as_ref() || witness == store.name()) {
        let place = object.clone().field("witness");
        case.error(place, "the witness is the store or its mirror", "take the witness out");
    }
}

/// Instances of one machine are reached by different ports, and an instance by one.
fn ports_differ(case: &mut Case<'_>) {
    let mut ports: BTreeMap<(Fqdn, u16), InstanceName> = BTreeMap::new();
    for store in case.topology.stores.iter().filter(|store| store.engine == Engine::Postgresql) {
        let own = ("port", store.name(), store.port());
        let others = [("mirror", &store.mirror), ("witness", &store.witness)];
        let others = others
            .into_iter()
            .filter_map(|(field, other)| other.as_ref().map(|other| (field, other.name(), other.port())));
        for (field, name, port) in std::iter::once(own).chain(others) {
            let known = ports.entry((name.server.clone(), port)).or_insert_with(|| name.clone());
            if *known != name {
                case.error(
                    Object::new(ObjectKind::Store, &store.id).field(field),
                    format!("the instances {known} and {name} would both be reached by port {port}"),
                    "give each instance of a machine a port of its own",
                );
            }
        }
    }
}

/// V22. An instance that was another pool's keeps that pool's data until the pool is removed.
pub fn is_not_taken(case: &mut Case<'_>) {
    let Some(published) = case.published else { return };
    let before = uses(published);
    for one in uses(case.topology) {
        let same = |other: &&Use<'_>| other.instance == one.instance && other.role == one.role;
        let was_own = before.iter().filter(same).any(|other| other.owner == one.owner);
        let other = before.iter().find(|other| same(other) && other.owner != one.owner);
        if let Some(other) = other.filter(|_| !was_own) {
            case.error(
                one.place(),
                format!(
                    "{} keeps {} of the {}, as it is published",
                    one.instance,
                    one.role.words(),
                    other.owner
                ),
                "name another instance, or publish without the other first",
            );
        }
    }
}

/// D4.
pub fn answers(case: &mut Case<'_>) {
    let Some(seen) = case.seen else { return };
    for one in uses(case.topology).iter().filter(|one| !one.is_embedded()) {
        if seen.instances.contains_key(&one.instance) {
            continue;
        }
        let problem = format!("the instance {} does not answer", one.instance);
        let fix = "start it, or correct its server, instance and port";
        if one.is_mirror {
            case.warning(one.place(), format!("{problem}, a mirror"), fix);
        } else {
            case.error(one.place(), problem, fix);
        }
    }
}
