//! The topology document as types: sites, servers, pools, stores, file stores. What is written above a field here stands as
//! a comment in a document written by us, and in the JSON Schema.
//! Has no rule: what a rule calls required is optional here, so that every broken rule can be named at once.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::limits::{DATABASE_PORT, POOL_PORT};
use crate::word::{DatabaseName, Fqdn, Identity, LocalPath, ShareName, Text};

/// A deployment: which machines there are, what each does, where things are kept. The order of its lists means nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Topology {
    /// The form of this document. There is only 1.
    pub format: Format,
    /// A site: machines that are near each other.
    #[serde(rename = "site", default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<Site>,
    /// A Standard Edition server: one machine that is front end and, with a pool of its name, persistent chat server.
    #[serde(rename = "standard-edition-server", default, skip_serializing_if = "Vec::is_empty")]
    pub standard_edition_servers: Vec<StandardEditionServer>,
    /// An Enterprise Edition front-end pool: where people sign on; it routes to persistent chat pools.
    #[serde(rename = "front-end-pool", default, skip_serializing_if = "Vec::is_empty")]
    pub front_end_pools: Vec<FrontEndPool>,
    /// A store: an instance (a PostgreSQL cluster), or the embedded store of a Standard Edition server.
    #[serde(rename = "store", default, skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<Store>,
    /// A file store: where uploaded files are kept.
    #[serde(rename = "file-store", default, skip_serializing_if = "Vec::is_empty")]
    pub file_stores: Vec<FileStore>,
    /// A persistent chat pool, with its machines below it.
    #[serde(rename = "persistent-chat-pool", default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<Pool>,
}

/// The form of the document, which is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Format;

/// A site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Site {
    /// By what the rest of this document names it.
    pub id: Identity,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Text>,
}

/// A Standard Edition server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StandardEditionServer {
    /// The name of the machine in DNS.
    pub fqdn: Fqdn,
    /// The site it stands in.
    pub site: Identity,
    /// The store of its own data and of the published topology; as a rule the embedded one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<Identity>,
}

/// A front-end pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FrontEndPool {
    /// The name of the pool in DNS.
    pub fqdn: Fqdn,
    /// The site it stands in.
    pub site: Identity,
    /// Its back end: the store of its own data and of the published topology.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<Identity>,
    /// The database in that store.
    #[serde(default = "central_database")]
    pub database: DatabaseName,
    /// The names of its machines in DNS.
    #[serde(default)]
    pub machines: Vec<Fqdn>,
}

/// A persistent chat pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pool {
    /// The name of the pool in DNS. A pool of a single machine, and one on a Standard Edition server, is named as the machine is.
    pub fqdn: Fqdn,
    /// The site it belongs to, also when some of its machines stand in another.
    pub site: Identity,
    /// `single` never gets a second machine; `multiple` may have one to eight.
    pub kind: PoolKind,
    /// By what people tell pools and their rooms apart. Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Text>,
    /// The port on which front ends reach it, with SIP over mutual TLS.
    #[serde(default = "pool_port")]
    pub port: u16,
    /// Whether rooms of people of a site are made here: `no`, `site` (its own) or `all-sites` (those that name none of their own).
    #[serde(default)]
    pub default_for: DefaultFor,
    /// Whether what happens is recorded for compliance.
    #[serde(default)]
    pub compliance: bool,
    /// Whether a backup of the content is kept at another place.
    #[serde(default)]
    pub disaster_recovery: bool,
    /// The front-end pool or Standard Edition server that routes to it. Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_hop: Option<Fqdn>,
    /// The store of rooms and what was said in them. Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_store: Option<Identity>,
    /// The database of the content, in its store and in the backup of it.
    #[serde(default = "content_database")]
    pub content_database: DatabaseName,
    /// The store to which the content is copied, for disaster recovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_content_store: Option<Identity>,
    /// The store of the compliance record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compliance_store: Option<Identity>,
    /// The database of the compliance record, in its store and in the backup of it.
    #[serde(default = "compliance_database")]
    pub compliance_database: DatabaseName,
    /// The store in which the compliance record goes on after a disaster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_compliance_store: Option<Identity>,
    /// Where uploaded files are kept. Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_store: Option<Identity>,
    /// A machine of the pool.
    #[serde(rename = "machine", default, skip_serializing_if = "Vec::is_empty")]
    pub machines: Vec<Machine>,
}

/// Whether a pool can grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PoolKind {
    /// One machine, for ever.
    Single,
    /// One to eight machines.
    Multiple,
}

/// For whom rooms are made in this pool when nobody says where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultFor {
    /// For nobody.
    #[default]
    No,
    /// For people of the pool's own site.
    Site,
    /// For people of every site without a default of its own.
    AllSites,
}

/// A machine of a persistent chat pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Machine {
    /// Its name in DNS.
    pub fqdn: Fqdn,
    /// `active` serves; `inactive` stands by.
    #[serde(default)]
    pub state: MachineState,
}

/// Whether a machine serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MachineState {
    /// It serves.
    #[default]
    Active,
    /// It stands by.
    Inactive,
}

/// A store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Store {
    /// By what the rest of this document names it.
    pub id: Identity,
    /// `postgresql`, or `embedded` in a Standard Edition server.
    #[serde(default)]
    pub engine: Engine,
    /// The name in DNS of the machine it runs on.
    pub server: Fqdn,
    /// The instance on that machine; none named is the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<DatabaseName>,
    /// The port of the instance; none named is 5432.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The availability group the instance is in, which no persistent chat database may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_group: Option<Text>,
    /// Its mirror: the synchronous standby that takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Instance>,
    /// The witness of the mirroring, which PostgreSQL has no use for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Instance>,
}

/// What a store runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// A PostgreSQL cluster.
    #[default]
    Postgresql,
    /// Inside the server itself.
    Embedded,
}

/// An instance beside that of a store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Instance {
    /// The name in DNS of the machine it runs on.
    pub server: Fqdn,
    /// The instance on that machine; none named is the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<DatabaseName>,
    /// The port of the instance; none named is 5432.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// A file store: a share with its server, or a local path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FileStore {
    /// By what the rest of this document names it.
    pub id: Identity,
    /// The site whose pools may use it.
    pub site: Identity,
    /// The name in DNS of the machine that has the share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Fqdn>,
    /// The share on that machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<ShareName>,
    /// A path on the machine of the pool, instead of a share; for pools of a single machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<LocalPath>,
}

/// An instance by its machine and name; no name is the default one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct InstanceName {
    /// The machine.
    pub server: Fqdn,
    /// The name on the machine.
    pub instance: Option<DatabaseName>,
}

impl Topology {
    /// Puts every list into the one order documents are kept in: by identity or name.
    pub fn sort(&mut self) {
        self.sites.sort_by(|a, b| a.id.cmp(&b.id));
        self.standard_edition_servers.sort_by(|a, b| a.fqdn.cmp(&b.fqdn));
        self.front_end_pools.sort_by(|a, b| a.fqdn.cmp(&b.fqdn));
        self.stores.sort_by(|a, b| a.id.cmp(&b.id));
        self.file_stores.sort_by(|a, b| a.id.cmp(&b.id));
        self.pools.sort_by(|a, b| a.fqdn.cmp(&b.fqdn));
        for pool in &mut self.front_end_pools {
            pool.machines.sort();
        }
        for pool in &mut self.pools {
            pool.machines.sort_by(|a, b| a.fqdn.cmp(&b.fqdn));
        }
    }

    /// The persistent chat pool of this name.
    #[must_use]
    pub fn pool(&self, fqdn: &Fqdn) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.fqdn == *fqdn)
    }

    /// The store of this identity.
    #[must_use]
    pub fn store(&self, id: &Identity) -> Option<&Store> {
        self.stores.iter().find(|store| store.id == *id)
    }

    /// The file store of this identity.
    #[must_use]
    pub fn file_store(&self, id: &Identity) -> Option<&FileStore> {
        self.file_stores.iter().find(|store| store.id == *id)
    }

    /// The Standard Edition server of this name.
    #[must_use]
    pub fn standard_edition_server(&self, fqdn: &Fqdn) -> Option<&StandardEditionServer> {
        self.standard_edition_servers.iter().find(|server| server.fqdn == *fqdn)
    }

    /// The Standard Edition server a pool is on: the one of the pool's name, or among its machines.
    #[must_use]
    pub fn server_under(&self, pool: &Pool) -> Option<&StandardEditionServer> {
        let machines = pool.machines.iter().map(|machine| &machine.fqdn);
        std::iter::once(&pool.fqdn).chain(machines).find_map(|fqdn| self.standard_edition_server(fqdn))
    }

    /// The pool in which people of a site make rooms: the site's own default before the one for all sites.
    #[must_use]
    pub fn default_pool(&self, site: &Identity) -> Option<&Pool> {
        let own = |pool: &&Pool| pool.default_for == DefaultFor::Site && pool.site == *site;
        let any = |pool: &&Pool| pool.default_for == DefaultFor::AllSites;
        self.pools.iter().find(own).or_else(|| self.pools.iter().find(any))
    }
}

impl Pool {
    /// How many machines serve.
    #[must_use]
    pub fn active(&self) -> usize {
        self.machines.iter().filter(|machine| machine.state == MachineState::Active).count()
    }
}

impl Store {
    /// The instance itself.
    #[must_use]
    pub fn name(&self) -> InstanceName {
        InstanceName { server: self.server.clone(), instance: self.instance.clone() }
    }

    /// The port of the instance.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(DATABASE_PORT)
    }
}

impl Instance {
    /// The instance itself.
    #[must_use]
    pub fn name(&self) -> InstanceName {
        InstanceName { server: self.server.clone(), instance: self.instance.clone() }
    }

    /// The port of the instance.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(DATABASE_PORT)
    }
}

impl std::fmt::Display for InstanceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.instance {
            Some(instance) => write!(f, "{}\\{instance}", self.server),
            None => write!(f, "{}", self.server),
        }
    }
}

/// A form this version does not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("format {0} is not known: this version reads format 1; take the version that wrote the document")]
pub struct UnknownFormat(u32);

impl TryFrom<u32> for Format {
    type Error = UnknownFormat;

    fn try_from(number: u32) -> Result<Self, UnknownFormat> {
        if number == 1 { Ok(Self) } else { Err(UnknownFormat(number)) }
    }
}

impl From<Format> for u32 {
    fn from(_: Format) -> Self {
        1
    }
}

impl JsonSchema for Format {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Format".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": 1 })
    }
}

fn pool_port() -> u16 {
    POOL_PORT
}

/// The database of a front-end pool when none is named.
#[must_use]
pub fn central_database() -> DatabaseName {
    DatabaseName::parse("causerie_central").expect("it has the form of a name")
}

/// The database of the content when none is named.
#[must_use]
pub fn content_database() -> DatabaseName {
    DatabaseName::parse("causerie_content").expect("it has the form of a name")
}

/// The database of the compliance record when none is named.
#[must_use]
pub fn compliance_database() -> DatabaseName {
    DatabaseName::parse("causerie_compliance").expect("it has the form of a name")
}
