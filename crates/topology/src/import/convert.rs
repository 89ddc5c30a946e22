//! From the objects of the original to a topology of ours: which cluster is what, which instance a store, what stands for what.
//! Guesses nothing about names and places; what had to be assumed comes out as a remark.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{
    DefaultFor, Engine, FileStore, FrontEndPool, Machine, MachineState, Pool, PoolKind, Site,
    StandardEditionServer, Store, Topology, central_database, compliance_database, content_database,
};
use crate::finding::{Object, ObjectKind};
use crate::import::collect::{Cluster, Original, Service};
use crate::import::known::Role;
use crate::import::{ImportFault, Remark};
use crate::limits::{ACTIVE_MACHINES_MAX, IDENTITY_BYTES_MAX, POOL_PORT, POOLS_MAX, SITES_MAX, STORES_MAX};
use crate::word::{BadWord, DatabaseName, Fqdn, Identity, Kind, Text, Word, shown};

/// Names of the default instance in the original.
const DEFAULT_INSTANCES: [&str; 3] = ["", "default", "mssqlserver"];

/// The topology, and what is to be known about it.
pub fn convert(original: &Original) -> Result<(Topology, Vec<Remark>), ImportFault> {
    let mut conversion = Conversion {
        original,
        topology: Topology::default(),
        remarks: Vec::new(),
        stores: BTreeMap::new(),
        file_stores: BTreeMap::new(),
        identities: BTreeSet::new(),
    };
    conversion.sites()?;
    conversion.front_ends()?;
    conversion.file_stores()?;
    conversion.pools()?;
    let Conversion { mut topology, remarks, .. } = conversion;
    topology.sort();
    Ok((topology, remarks))
}

struct Conversion<'a> {
    original: &'a Original,
    topology: Topology,
    remarks: Vec<Remark>,
    /// The identities of stores by the keys of their instances.
    stores: BTreeMap<&'a str, Identity>,
    /// The identities of file stores by the keys of their services.
    file_stores: BTreeMap<&'a str, Identity>,
    identities: BTreeSet<Identity>,
}

impl<'a> Conversion<'a> {
    fn sites(&mut self) -> Result<(), ImportFault> {
        excess("sites", self.original.sites.len(), SITES_MAX)?;
        for (number, site) in &self.original.sites {
            self.topology.sites.push(Site {
                id: site_id(number)?,
                name: text("CentralSite Name", &site.name)?,
                description: text("CentralSite Description", &site.description)?,
                location: text("CentralSite Location", &site.location)?,
            });
        }
        Ok(())
    }

    /// A cluster with people is a Standard Edition server if its back end is on itself, and a front-end pool otherwise.
    fn front_ends(&mut self) -> Result<(), ImportFault> {
        let mut done = BTreeSet::new();
        for service in self.of(Role::UserServices) {
            if !done.insert(&service.on) {
                continue;
            }
            excess("front-end pools", done.len(), POOLS_MAX)?;
            let cluster = self.cluster(&service.on)?;
            let instance = self.needed(service, Role::UserStore, false).map(|(_, store)| store.on.as_str());
            let is_own =
                |key| self.original.instances.get(key).is_some_and(|found| found.cluster == service.on);
            let is_standard = instance.is_some_and(is_own);
            let fqdn: Fqdn = word("Cluster Fqdn", &cluster.fqdn)?;
            let site = site_id(&cluster.site)?;
            if is_standard {
                let server = StandardEditionServer { fqdn, site, store: None };
                self.topology.standard_edition_servers.push(server);
            }
            let store = instance.map(|key| self.store(key)).transpose()?;
            if is_standard {
                let server = self.topology.standard_edition_servers.last_mut();
                server.expect("it was pushed above").store = store;
                continue;
            }
            let fqdn: Fqdn = word("Cluster Fqdn", &cluster.fqdn)?;
            let site = site_id(&cluster.site)?;
            let machines = machines(cluster)?;
            let pool = FrontEndPool { fqdn, site, store, database: central_database(), machines };
            self.topology.front_end_pools.push(pool);
        }
        Ok(())
    }

    fn file_stores(&mut self) -> Result<(), ImportFault> {
        let services = self.original.services.iter().filter(|(_, service)| service.role == Role::FileStore);
        for (key, service) in services {
            excess("file stores", self.file_stores.len() + 1, STORES_MAX)?;
            let cluster = self.cluster(&service.on)?;
            let server: Fqdn = word("Cluster Fqdn", &cluster.fqdn)?;
            let share = service
                .share
                .as_deref()
                .map(|share| word("FileStoreService ShareName", share))
                .transpose()?;
            let name = format!("{}-{}", server.host(), service.share.as_deref().unwrap_or("files"));
            let id = self.identity(&name);
            let site = site_id(&cluster.site)?;
            self.file_stores.insert(key, id.clone());
            self.topology.file_stores.push(FileStore { id, site, server: Some(server), share, path: None });
        }
        Ok(())
    }

    fn pools(&mut self) -> Result<(), ImportFault> {
        for (count, service) in self.of(Role::PersistentChat).enumerate() {
            excess("persistent chat pools", count + 1, POOLS_MAX)?;
            let cluster = self.cluster(&service.on)?;
            let pool = self.pool(service, cluster)?;
            let object = Object::new(ObjectKind::PersistentChatPool, &pool.fqdn);
            if pool.machines.len() > 1 {
                self.remark(
                    &object,
                    "which machines are active is not known; the first four are taken to be",
                );
            }
            self.remark(&object, "whose default it is is not known; set default-for");
            self.topology.pools.push(pool);
        }
        Ok(())
    }

    fn pool(&mut self, service: &'a Service, cluster: &Cluster) -> Result<Pool, ImportFault> {
        let fqdn: Fqdn = word("Cluster Fqdn", &cluster.fqdn)?;
        let names = machines(cluster)?;
        let kind = if names == [fqdn.clone()] { PoolKind::Single } else { PoolKind::Multiple };
        let state = |index| {
            if index < ACTIVE_MACHINES_MAX { MachineState::Active } else { MachineState::Inactive }
        };
        let machines = names
            .into_iter()
            .enumerate()
            .map(|(index, fqdn)| Machine { fqdn, state: state(index) })
            .collect();
        let port = service.port.as_deref().map(port).transpose()?;
        let content_store = self.store_of(service, Role::ContentStore, false)?;
        let backup_content_store = self.store_of(service, Role::ContentStore, true)?;
        let compliance_store = self.store_of(service, Role::ComplianceStore, false)?;
        let backup_compliance_store = self.store_of(service, Role::ComplianceStore, true)?;
        let file_store = self.needed(service, Role::FileStore, false);
        let hop = self.needed(service, Role::Registrar, false);
        let hop = hop.or_else(|| self.needed(service, Role::UserServices, false));
        let hop = hop.map(|(_, hop)| self.cluster(&hop.on)).transpose()?;
        Ok(Pool {
            fqdn,
            site: site_id(&cluster.site)?,
            kind,
            display_name: text(
                "PersistentChatService DisplayName",
                service.display_name.as_deref().unwrap_or(""),
            )?,
            port: port.unwrap_or(POOL_PORT),
            default_for: DefaultFor::No,
            compliance: compliance_store.is_some(),
            disaster_recovery: backup_content_store.is_some(),
            next_hop: hop.map(|hop| word("Cluster Fqdn", &hop.fqdn)).transpose()?,
            content_store,
            content_database: content_database(),
            backup_content_store,
            compliance_store,
            compliance_database: compliance_database(),
            backup_compliance_store,
            file_store: file_store.and_then(|(key, _)| self.file_stores.get(key).cloned()),
            machines,
        })
    }

    /// The store behind a service this one needs.
    fn store_of(
        &mut self,
        service: &'a Service,
        role: Role,
        backup: bool,
    ) -> Result<Option<Identity>, ImportFault> {
        let found = self.needed(service, role, backup);
        found.map(|(_, store)| self.store(&store.on)).transpose()
    }

    /// The store of an instance, made when it is met first.
    fn store(&mut self, key: &'a str) -> Result<Identity, ImportFault> {
        if let Some(id) = self.stores.get(key) {
            return Ok(id.clone());
        }
        excess("stores", self.stores.len() + 1, STORES_MAX)?;
        let damaged =
            ImportFault::Damaged { place: "InstalledOn", what: "names no SQL instance of the document" };
        let instance = self.original.instances.get(key).ok_or(damaged)?;
        let cluster = self.cluster(&instance.cluster)?;
        let server: Fqdn = word("Cluster Fqdn", &cluster.fqdn)?;
        let is_default = DEFAULT_INSTANCES.iter().any(|name| instance.name.eq_ignore_ascii_case(name));
        let name: Option<DatabaseName> =
            if is_default { None } else { Some(word("SqlInstanceId Name", &instance.name)?) };
        let label = name
            .as_ref()
            .map_or_else(|| server.host().to_owned(), |name| format!("{}-{name}", server.host()));
        let is_local = self.topology.standard_edition_server(&server).is_some();
        // However many instances the machine has, the server embeds one store.
        let mut stores = self.topology.stores.iter();
        if let Some(known) = stores.find(|store| is_local && store.server == server) {
            self.stores.insert(key, known.id.clone());
            return Ok(known.id.clone());
        }
        let id = self.identity(&label);
        let object = Object::new(ObjectKind::Store, &id);
        let (engine, instance) = if is_local {
            self.remark(
                &object,
                "SQL Server Express becomes the embedded store of the server; data is not carried over",
            );
            (Engine::Embedded, None)
        } else {
            self.remark(
                &object,
                "SQL Server becomes PostgreSQL, whose port is taken to be 5432; data is not carried over",
            );
            (Engine::Postgresql, name)
        };
        self.topology.stores.push(Store {
            id: id.clone(),
            engine,
            server,
            instance,
            port: None,
            availability_group: None,
            mirror: None,
            witness: None,
        });
        self.stores.insert(key, id.clone());
        Ok(id)
    }

    /// The service of a role this one needs, as its backup or not, with its key.
    fn needed(&self, service: &Service, role: Role, backup: bool) -> Option<(&'a str, &'a Service)> {
        let wanted = service.needs.iter().filter(|(usage, _)| usage.eq_ignore_ascii_case("Backup") == backup);
        let found = wanted.filter_map(|(_, key)| self.original.services.get_key_value(key));
        found.map(|(key, service)| (key.as_str(), service)).find(|(_, service)| service.role == role)
    }

    fn of(&self, role: Role) -> impl Iterator<Item = &'a Service> + use<'a> {
        self.original.services.values().filter(move |service| service.role == role)
    }

    fn cluster(&self, key: &str) -> Result<&'a Cluster, ImportFault> {
        let damaged = ImportFault::Damaged { place: "InstalledOn", what: "names no cluster of the document" };
        self.original.clusters.get(key).ok_or(damaged)
    }

    /// An identity from a name, with a number behind it when it is taken.
    fn identity(&mut self, name: &str) -> Identity {
        let mut plain: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        plain.truncate(IDENTITY_BYTES_MAX - NUMBER_DIGITS_MAX);
        let numbered = |number: usize| if number == 1 { plain.clone() } else { format!("{plain}-{number}") };
        let candidates = (1..).filter_map(|number| Identity::parse(&numbered(number)).ok());
        let free = candidates.into_iter().find(|id| !self.identities.contains(id));
        let free = free.expect(
            "there are more numbers than identities, and the name begins with the label of a machine",
        );
        self.identities.insert(free.clone());
        free
    }

    fn remark(&mut self, object: &Object, says: &'static str) {
        self.remarks.push(Remark { object: object.clone(), says });
    }
}

/// Room for a hyphen and the number of an identity.
const NUMBER_DIGITS_MAX: usize = 6;

fn machines(cluster: &Cluster) -> Result<Vec<Fqdn>, ImportFault> {
    if cluster.machines.is_empty() {
        return Ok(vec![word("Cluster Fqdn", &cluster.fqdn)?]);
    }
    cluster.machines.iter().map(|fqdn| word("Machine Fqdn", fqdn)).collect()
}

fn site_id(number: &str) -> Result<Identity, ImportFault> {
    word("SiteId", &format!("site-{number}"))
}

fn port(text: &str) -> Result<u16, ImportFault> {
    let form = "a port: a number from 1 to 65535";
    let bad = || ImportFault::BadValue { place: "Port Port", fault: BadWord { text: shown(text), form } };
    text.parse().ok().filter(|port| *port > 0).ok_or_else(bad)
}

/// A text for people; blank is none.
fn text(place: &'static str, text: &str) -> Result<Option<Text>, ImportFault> {
    if text.trim().is_empty() { Ok(None) } else { word(place, text.trim()).map(Some) }
}

fn word<K: Kind>(place: &'static str, text: &str) -> Result<Word<K>, ImportFault> {
    Word::parse(text).map_err(|fault| ImportFault::BadValue { place, fault })
}

fn excess(what: &'static str, count: usize, limit: usize) -> Result<(), ImportFault> {
    if count > limit { Err(ImportFault::Excess { what, limit }) } else { Ok(()) }
}
