//! Defining a topology step by step, as the product's own builder does: every step takes what it cannot do without, and is
//! refused at once when it breaks a rule.
//! Asks nobody; who asks, and in what words, is a face's work.

use std::collections::BTreeSet;

use crate::document::{
    DefaultFor, Engine, FileStore, FrontEndPool, Machine, MachineState, Pool, PoolKind, Site,
    StandardEditionServer, Store, Topology, central_database, compliance_database, content_database,
};
use crate::facts::Facts;
use crate::finding::{Finding, ObjectKind, Severity};
use crate::limits::{ACTIVE_MACHINES_MAX, POOL_PORT};
use crate::rule::validate;
use crate::word::{Fqdn, Identity, LocalPath, ShareName, Text};

/// A topology while it is being defined.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    topology: Topology,
    published: Option<Topology>,
}

/// What defines a persistent chat pool, in the order of the product's questions.
#[derive(Clone, Debug)]
pub struct NewPool {
    /// Its name in DNS, which is the machine's for a single one.
    pub fqdn: Fqdn,
    /// Its site.
    pub site: Identity,
    /// Its machines. The first four serve; more stand by.
    pub machines: Machines,
    /// By what people tell it from others.
    pub display_name: Text,
    /// Its port; none is 5041.
    pub port: Option<u16>,
    /// Whose default it is.
    pub default_for: DefaultFor,
    /// The store of its content.
    pub content: Identity,
    /// The backup of that; with it there is disaster recovery.
    pub backup: Option<Identity>,
    /// The stores of the compliance record; with them compliance is on.
    pub compliance: Option<NewCompliance>,
    /// Where files are kept.
    pub file_store: Identity,
    /// The front-end pool or Standard Edition server that routes to it.
    pub next_hop: Fqdn,
}

/// The stores of a compliance record.
#[derive(Clone, Debug)]
pub struct NewCompliance {
    /// Where it is kept.
    pub store: Identity,
    /// Where it goes on after a disaster.
    pub backup: Option<Identity>,
}

/// The machines of a new pool.
#[derive(Clone, Debug)]
pub enum Machines {
    /// One, named as the pool is.
    Single,
    /// Some, each with a name of its own.
    Multiple(Vec<Fqdn>),
}

/// Where files of a new file store lie.
#[derive(Clone, Debug)]
pub enum FilePlace {
    /// A share of a server.
    Share(Fqdn, ShareName),
    /// A path on the machine of the pool.
    Path(LocalPath),
}

/// What is refused: the errors a step would have brought, and the topology stays as it was.
pub type Refused = Vec<Finding>;

impl Builder {
    /// Nothing defined yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on with a topology: one from a file, or the published one, which is then also named as published.
    #[must_use]
    pub fn open(topology: Topology, published: Option<Topology>) -> Self {
        Self { topology, published }
    }

    /// What is defined so far.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// What is defined, with nothing left to mend.
    ///
    /// # Errors
    /// Every error there is.
    pub fn finish(self) -> Result<Topology, Refused> {
        let errors = self.errors(&self.topology);
        let Self { mut topology, .. } = self;
        topology.sort();
        if errors.is_empty() { Ok(topology) } else { Err(errors) }
    }

    /// Adds a site.
    ///
    /// # Errors
    /// What rules it would break; nothing is added then. So for every step below.
    pub fn add_site(&mut self, site: Site) -> Result<(), Refused> {
        self.step(|topology| topology.sites.push(site))
    }

    /// Adds a PostgreSQL store or an embedded one.
    ///
    /// # Errors
    /// As [`add_site`](Self::add_site).
    pub fn add_store(&mut self, store: Store) -> Result<(), Refused> {
        self.step(|topology| topology.stores.push(store))
    }

    /// Adds a file store.
    ///
    /// # Errors
    /// As [`add_site`](Self::add_site).
    pub fn add_file_store(&mut self, id: Identity, site: Identity, place: FilePlace) -> Result<(), Refused> {
        let (server, share, path) = match place {
            FilePlace::Share(server, share) => (Some(server), Some(share), None),
            FilePlace::Path(path) => (None, None, Some(path)),
        };
        self.step(|topology| topology.file_stores.push(FileStore { id, site, server, share, path }))
    }

    /// Adds a Standard Edition server with its embedded store, which gets the identity `store`.
    ///
    /// # Errors
    /// As [`add_site`](Self::add_site).
    pub fn add_standard_edition_server(
        &mut self,
        fqdn: Fqdn,
        site: Identity,
        store: Identity,
    ) -> Result<(), Refused> {
        self.step(|topology| {
            topology.stores.push(Store {
                id: store.clone(),
                engine: Engine::Embedded,
                server: fqdn.clone(),
                instance: None,
                port: None,
                availability_group: None,
                mirror: None,
                witness: None,
            });
            topology.standard_edition_servers.push(StandardEditionServer { fqdn, site, store: Some(store) });
        })
    }

    /// Adds a front-end pool over a store that is there.
    ///
    /// # Errors
    /// As [`add_site`](Self::add_site).
    pub fn add_front_end_pool(
        &mut self,
        fqdn: Fqdn,
        site: Identity,
        machines: Vec<Fqdn>,
        store: Identity,
    ) -> Result<(), Refused> {
        let pool = FrontEndPool { fqdn, site, store: Some(store), database: central_database(), machines };
        self.step(|topology| topology.front_end_pools.push(pool))
    }

    /// Adds a persistent chat pool.
    ///
    /// # Errors
    /// As [`add_site`](Self::add_site).
    pub fn add_pool(&mut self, pool: NewPool) -> Result<(), Refused> {
        self.step(|topology| topology.pools.push(pool.into_pool()))
    }

    /// Changes anything, as one who asks question by question does: what rules say of fields that are yet to be asked for, those in
    /// `later`, is no reason to refuse.
    ///
    /// # Errors
    /// As [`add_site`](Self::add_site).
    pub fn change(&mut self, later: &[&str], change: impl FnOnce(&mut Topology)) -> Result<(), Refused> {
        let is_later = |error: &Finding| error.place.field.is_some_and(|field| later.contains(&field));
        self.take(change, is_later)
    }

    /// Takes the change, unless it brings an error that was not there.
    fn step(&mut self, change: impl FnOnce(&mut Topology)) -> Result<(), Refused> {
        self.take(change, |_| false)
    }

    fn take(
        &mut self,
        change: impl FnOnce(&mut Topology),
        is_later: impl Fn(&Finding) -> bool,
    ) -> Result<(), Refused> {
        let mut changed = self.topology.clone();
        change(&mut changed);
        let known: BTreeSet<String> = self.errors(&self.topology).iter().map(ToString::to_string).collect();
        let mut new = self.errors(&changed);
        // That a site has no default yet is said at the end: the pool that is to be it comes later.
        new.retain(|error| {
            !known.contains(&error.to_string()) && !is_early(error, &changed) && !is_later(error)
        });
        if !new.is_empty() {
            return Err(new);
        }
        self.topology = changed;
        Ok(())
    }

    fn errors(&self, topology: &Topology) -> Vec<Finding> {
        let facts = Facts::defining(self.published.as_ref());
        let mut findings = validate(topology, &facts);
        findings.retain(|finding| finding.severity == Severity::Error);
        findings
    }
}

/// Whether an error is mended by what may still be added: a site without a default pool.
fn is_early(error: &Finding, topology: &Topology) -> bool {
    let object = &error.place.object;
    error.rule == "V18"
        && object.kind == ObjectKind::Site
        && Identity::parse(&object.name).is_ok_and(|site| topology.default_pool(&site).is_none())
}

impl NewPool {
    fn into_pool(self) -> Pool {
        let (kind, names) = match self.machines {
            Machines::Single => (PoolKind::Single, vec![self.fqdn.clone()]),
            Machines::Multiple(names) => (PoolKind::Multiple, names),
        };
        let state = |index| {
            if index < ACTIVE_MACHINES_MAX { MachineState::Active } else { MachineState::Inactive }
        };
        let machines =
            names.into_iter().enumerate().map(|(index, fqdn)| Machine { fqdn, state: state(index) });
        let (compliance_store, backup_compliance_store) =
            self.compliance.map_or((None, None), |new| (Some(new.store), new.backup));
        Pool {
            fqdn: self.fqdn,
            site: self.site,
            kind,
            display_name: Some(self.display_name),
            port: self.port.unwrap_or(POOL_PORT),
            default_for: self.default_for,
            compliance: compliance_store.is_some(),
            disaster_recovery: self.backup.is_some(),
            next_hop: Some(self.next_hop),
            content_store: Some(self.content),
            content_database: content_database(),
            backup_content_store: self.backup,
            compliance_store,
            compliance_database: compliance_database(),
            backup_compliance_store,
            file_store: Some(self.file_store),
            machines: machines.collect(),
        }
    }
}
