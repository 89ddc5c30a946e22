//! One rule asked about one topology: what it is asked about, and what it has to say so far.
//! Knows no rule.

use std::collections::BTreeMap;

use crate::document::{Engine, InstanceName, Pool, Store, Topology};
use crate::facts::{Facts, Seen};
use crate::finding::{Finding, Object, ObjectKind, Place, Severity};
use crate::rule::Rule;
use crate::word::{DatabaseName, Fqdn, Identity};

/// One rule asked about one topology.
pub struct Case<'a> {
    /// The topology.
    pub topology: &'a Topology,
    /// The one that is published now.
    pub published: Option<&'a Topology>,
    /// What was seen of the world, if somebody looked.
    pub seen: Option<&'a Seen>,
    facts: &'a Facts<'a>,
    rule: &'static Rule,
    findings: Vec<Finding>,
}

/// What an instance is used for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// The back end of a front-end pool or Standard Edition server.
    BackEnd,
    /// The content of a persistent chat pool.
    Content,
    /// The compliance record of one.
    Compliance,
}

/// One use of an instance: as a store, or as the mirror of one.
#[derive(Clone, Debug)]
pub struct Use<'a> {
    /// The instance.
    pub instance: InstanceName,
    /// The store through which it is used.
    pub store: &'a Store,
    /// For what.
    pub role: Role,
    /// The database in it.
    pub database: DatabaseName,
    /// Whose it is: a pool, or a Standard Edition server.
    pub owner: Object,
    /// The field that names the store.
    pub field: &'static str,
    /// Whether the instance is the mirror of the store, not the store.
    pub is_mirror: bool,
}

impl<'a> Case<'a> {
    /// Nothing said so far.
    pub fn new(topology: &'a Topology, facts: &'a Facts<'a>, rule: &'static Rule) -> Self {
        let Facts { published, seen, .. } = *facts;
        Self { topology, published, seen, facts, rule, findings: Vec::new() }
    }

    /// The pools with what they are called in findings.
    pub fn pools(&self) -> impl Iterator<Item = (&'a Pool, Object)> + use<'a> {
        self.topology.pools.iter().map(|pool| (pool, of_pool(&pool.fqdn)))
    }

    /// Whether data of an older product is to be brought into this pool.
    pub fn is_legacy_target(&self, pool: &Fqdn) -> bool {
        self.facts.legacy_targets.is_some_and(|targets| targets.contains(pool))
    }

    /// Something that keeps the topology from being published.
    pub fn error(&mut self, place: Place, problem: impl Into<String>, fix: impl Into<String>) {
        self.find(Severity::Error, place, problem.into(), fix.into());
    }

    /// Something that is supported, and perhaps not what is wanted.
    pub fn warning(&mut self, place: Place, problem: impl Into<String>, fix: impl Into<String>) {
        self.find(Severity::Warning, place, problem.into(), fix.into());
    }

    /// Something that is good to know.
    pub fn note(&mut self, place: Place, problem: impl Into<String>, fix: impl Into<String>) {
        self.find(Severity::Note, place, problem.into(), fix.into());
    }

    /// What was said.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    fn find(&mut self, severity: Severity, place: Place, problem: String, fix: String) {
        assert!(severity <= self.rule.severity, "{} is graver than its row says", self.rule.number);
        self.findings.push(Finding { rule: self.rule.number, severity, place, problem, fix });
    }
}

/// What a persistent chat pool is called in findings.
pub fn of_pool(fqdn: &Fqdn) -> Object {
    Object::new(ObjectKind::PersistentChatPool, fqdn)
}

/// The fields of a pool that name a store, with what they say; what is not set is left out.
pub fn stores_of(pool: &Pool) -> impl Iterator<Item = (&'static str, Role, &Identity)> {
    let fields = [
        ("content-store", Role::Content, &pool.content_store),
        ("backup-content-store", Role::Content, &pool.backup_content_store),
        ("compliance-store", Role::Compliance, &pool.compliance_store),
        ("backup-compliance-store", Role::Compliance, &pool.backup_compliance_store),
    ];
    fields.into_iter().filter_map(|(field, role, store)| store.as_ref().map(|store| (field, role, store)))
}

/// Every use of every instance. What refers to no store is left out; another rule finds it.
pub fn uses(topology: &Topology) -> Vec<Use<'_>> {
    // The first of a name counts; that there are two is found by another rule.
    let mut stores: BTreeMap<&Identity, &Store> = BTreeMap::new();
    for store in &topology.stores {
        stores.entry(&store.id).or_insert(store);
    }
    let mut uses = Vec::new();
    let mut add = |id: &Identity, role, database: &DatabaseName, owner: Object, field| {
        let Some(&store) = stores.get(id) else { return };
        let mirror = store.mirror.as_ref().map(|mirror| (mirror.name(), true));
        for (instance, is_mirror) in std::iter::once((store.name(), false)).chain(mirror) {
            let (database, owner) = (database.clone(), owner.clone());
            uses.push(Use { instance, store, role, database, owner, field, is_mirror });
        }
    };
    for server in &topology.standard_edition_servers {
        let owner = Object::new(ObjectKind::StandardEditionServer, &server.fqdn);
        if let Some(store) = &server.store {
            add(store, Role::BackEnd, &crate::document::central_database(), owner, "store");
        }
    }
    for pool in &topology.front_end_pools {
        let owner = Object::new(ObjectKind::FrontEndPool, &pool.fqdn);
        if let Some(store) = &pool.store {
            add(store, Role::BackEnd, &pool.database, owner, "store");
        }
    }
    for pool in &topology.pools {
        for (field, role, store) in stores_of(pool) {
            let database =
                if role == Role::Content { &pool.content_database } else { &pool.compliance_database };
            add(store, role, database, of_pool(&pool.fqdn), field);
        }
    }
    uses
}

impl Use<'_> {
    /// Whether the database lies in a file of its server, where names of databases mean nothing.
    pub fn is_embedded(&self) -> bool {
        self.store.engine == Engine::Embedded
    }

    /// The place that names the store.
    pub fn place(&self) -> Place {
        self.owner.clone().field(self.field)
    }
}

impl Role {
    /// In words of the field.
    pub fn words(self) -> &'static str {
        match self {
            Self::BackEnd => "a back end",
            Self::Content => "the content",
            Self::Compliance => "the compliance record",
        }
    }
}
