//! The questions of `topology new`, in the order of the product's builder: where people sign on, then pool after pool.
//! Reads and prints nothing; what an answer may be is said by the rules, asked after each.

use topology::builder::{FilePlace, Refused};
use topology::document::{
    DefaultFor, FileStore, Machine, MachineState, Pool, PoolKind, Site, Store, compliance_database,
    content_database,
};
use topology::limits::{ACTIVE_MACHINES_MAX, POOL_PORT};
use topology::word::{Fqdn, Identity};
use topology::{Builder, Topology};

use super::interview::{Answers, NONE, Question, Stop};
use super::spelled::{self, FILES, Named, NamedFiles, STORE};

/// The fields of a persistent chat pool that are asked for after its name and kind, in the order in which they are.
const ORDER: [&str; 12] = [
    "machine",
    "display-name",
    "port",
    "compliance",
    "disaster-recovery",
    "default-for",
    "content-store",
    "backup-content-store",
    "compliance-store",
    "backup-compliance-store",
    "file-store",
    "next-hop",
];

/// Asks for everything that `begun` lacks, then for persistent chat pools.
///
/// # Errors
/// [`Stop`], until the last answer is there.
pub fn define(begun: &Builder, host: &str, answers: &mut Answers<'_>) -> Result<Topology, Stop> {
    let mut talk = Talk { builder: begun.clone(), host, answers };
    if talk.builder.topology().sites.is_empty() {
        talk.site()?;
    }
    let topology = talk.builder.topology();
    if topology.standard_edition_servers.is_empty() && topology.front_end_pools.is_empty() {
        talk.front_end()?;
    }
    let pools = talk.builder.topology().pools.len();
    let asks = if pools == 0 { "Add a persistent chat pool" } else { "Add another persistent chat pool" };
    let mut wanted = talk.answers.is_yes(Question::new(asks, ANOTHER), true)?;
    while wanted {
        talk.pool()?;
        let asks = "Add another persistent chat pool";
        wanted = talk.answers.is_yes(Question::new(asks, ANOTHER), false)?;
    }
    talk.builder.finish().map_err(refused)
}

const ANOTHER: &str =
    "Several pools are for data that must stay in a place; more machines for one pool serve more people.";

struct Talk<'a, 'b> {
    builder: Builder,
    host: &'a str,
    answers: &'a mut Answers<'b>,
}

impl Talk<'_, '_> {
    fn site(&mut self) -> Result<(), Stop> {
        let says = "Machines that are near each other are a site; every pool belongs to one.";
        let id: Identity =
            self.answers.word(Question::new("Site, by a short word", says).usually("headquarters"))?;
        let name = self.answers.optional(Question::new("Its name for people", says))?;
        taken(self.builder.add_site(Site { id, name, description: None, location: None }))
    }

    fn front_end(&mut self) -> Result<(), Stop> {
        let says = "standard is one machine that does everything, for trials and up to 20,000 people; enterprise is a front-end \
                    pool and persistent chat pools over PostgreSQL.";
        let question = Question::new("Edition", says).usually("enterprise");
        let edition = self.answers.one_of(question, &["standard", "enterprise"])?;
        let site = self.whose("Site of it")?;
        if edition == "standard" { self.standard_edition(site) } else { self.front_end_pool(site) }
    }

    fn standard_edition(&mut self, site: Identity) -> Result<(), Stop> {
        let mut question = Question::new("Standard Edition server, by its name in DNS", FQDN);
        if Fqdn::parse(self.host).is_ok() {
            question = question.usually(self.host);
        }
        let fqdn: Fqdn = self.answers.word(question)?;
        let store = spelled::free(fqdn.host(), |id| self.builder.topology().store(id).is_some());
        taken(self.builder.add_standard_edition_server(fqdn, site, store))
    }

    fn front_end_pool(&mut self, site: Identity) -> Result<(), Stop> {
        let fqdn: Fqdn = self.answers.word(Question::new("Front-end pool, by its name in DNS", FQDN))?;
        let machines = Question::new("Its machines, with commas between", "Where people sign on: up to 12.");
        let machines: Vec<Fqdn> = self.answers.words(machines)?;
        let bare = topology::document::FrontEndPool {
            fqdn: fqdn.clone(),
            site,
            store: None,
            database: topology::document::central_database(),
            machines,
        };
        taken(self.builder.change(&["store"], |topology| topology.front_end_pools.push(bare)))?;
        let store =
            self.store("Its database server", "It keeps the front ends' own data and this topology.")?;
        let id = store.id().clone();
        taken(self.builder.change(&[], |topology| {
            add(topology, &store);
            let pools = topology.front_end_pools.iter_mut();
            pools.filter(|pool| pool.fqdn == fqdn).for_each(|pool| pool.store = Some(id.clone()));
        }))
    }

    fn pool(&mut self) -> Result<(), Stop> {
        let mut pool = self.named()?;
        let asks = "Display name";
        let says = "By it people tell the rooms of this pool from those of others.";
        pool.display_name = Some(self.answers.word(Question::new(asks, says).usually("Persistent Chat"))?);
        self.put(&pool, "display-name")?;
        let says = "Front ends reach the pool there with SIP over mutual TLS.";
        let port = self.answers.text(Question::new("Port", says).usually(POOL_PORT.to_string()))?;
        pool.port = port.parse().map_err(|_| Stop::Wrong(format!("'{port}' is no port from 1 to 65535")))?;
        self.put(&pool, "port")?;
        let says = "Compliance records who said, read and fetched what. This version keeps its settings and does not run it.";
        pool.compliance = self.answers.is_yes(Question::new("Compliance", says), false)?;
        self.put(&pool, "compliance")?;
        if pool.kind == PoolKind::Multiple {
            let says = "A copy of the content at another place. This version keeps its settings and does not run it.";
            pool.disaster_recovery = self.answers.is_yes(Question::new("Disaster recovery", says), false)?;
            self.put(&pool, "disaster-recovery")?;
        }
        pool.default_for = self.default_for(&pool.site)?;
        self.put(&pool, "default-for")?;
        self.stores(&mut pool)?;
        self.files(&mut pool)?;
        self.next_hop(&mut pool)
    }

    /// The pool by its name, kind and machines.
    fn named(&mut self) -> Result<Pool, Stop> {
        let topology = self.builder.topology();
        let free =
            |server: &&topology::document::StandardEditionServer| topology.pool(&server.fqdn).is_none();
        let server = topology.standard_edition_servers.iter().find(free).cloned();
        if let Some(server) = server {
            let asks = format!("On the Standard Edition server {} itself", server.fqdn);
            let says = "Or on machines of its own, with PostgreSQL, which may become more.";
            if self.answers.is_yes(Question::new(asks, says), true)? {
                let pool = bare(server.fqdn.clone(), server.site, PoolKind::Single);
                return self.with_machines(pool, vec![server.fqdn]);
            }
        }
        let fqdn: Fqdn =
            self.answers.word(Question::new("Persistent chat pool, by its name in DNS", FQDN))?;
        if self.builder.topology().pool(&fqdn).is_some() {
            return Err(Stop::Wrong(format!("there is a pool {fqdn}: give this one another name")));
        }
        let says = "single never gets a second machine and is named as its machine is; take multiple also for one machine that \
                    may become several.";
        let question = Question::new("Kind", says).usually("multiple");
        let kind = self.answers.one_of(question, &["multiple", "single"])?;
        let site = self.whose("Site of it")?;
        if kind == "single" {
            return self.with_machines(bare(fqdn.clone(), site, PoolKind::Single), vec![fqdn]);
        }
        let asks = "Its machines, with commas between";
        let says = "One to eight. The first four serve, the others stand by.";
        let machines = self.answers.words(Question::new(asks, says))?;
        self.with_machines(bare(fqdn, site, PoolKind::Multiple), machines)
    }

    fn with_machines(&mut self, mut pool: Pool, names: Vec<Fqdn>) -> Result<Pool, Stop> {
        let machine = |(index, fqdn)| {
            let serves = index < ACTIVE_MACHINES_MAX;
            Machine { fqdn, state: if serves { MachineState::Active } else { MachineState::Inactive } }
        };
        pool.machines = names.into_iter().enumerate().map(machine).collect();
        self.put(&pool, "machine")?;
        Ok(pool)
    }

    fn default_for(&mut self, site: &Identity) -> Result<DefaultFor, Stop> {
        let topology = self.builder.topology();
        let is_first = topology.default_pool(site).is_none();
        let mut words = vec!["site", "no"];
        if topology.sites.len() > 1 {
            words.push("all-sites");
        }
        let says = "Rooms of people of a site are made in its default pool; every site has exactly one.";
        let question = Question::new("Default for", says).usually(if is_first { "site" } else { "no" });
        Ok(match self.answers.one_of(question, &words)?.as_str() {
            "site" => DefaultFor::Site,
            "all-sites" => DefaultFor::AllSites,
            _ => DefaultFor::No,
        })
    }

    fn stores(&mut self, pool: &mut Pool) -> Result<(), Stop> {
        let embedded = self.builder.topology().server_under(pool).and_then(|server| server.store.clone());
        let says = "Rooms and what was said in them are kept there.";
        let question = |asks: &str| {
            let question = Question::new(format!("{asks} ({STORE})"), says);
            embedded.iter().fold(question, |question, id| question.usually(id.as_str()))
        };
        pool.content_store = Some(self.kept(pool, "content-store", question("Content store"))?);
        if pool.disaster_recovery {
            let question =
                Question::new(format!("Backup of the content ({STORE})"), "It stands at another place.");
            pool.backup_content_store = Some(self.kept(pool, "backup-content-store", question)?);
        }
        if !pool.compliance {
            return Ok(());
        }
        pool.compliance_store = Some(self.kept(pool, "compliance-store", question("Compliance store"))?);
        if pool.disaster_recovery {
            let says = "There the record goes on after a disaster.";
            let question = Question::new(format!("Backup compliance store ({STORE})"), says);
            pool.backup_compliance_store = Some(self.kept(pool, "backup-compliance-store", question)?);
        }
        Ok(())
    }

    /// A store for a field of the pool, and the mirror of one that is new.
    fn kept(&mut self, pool: &Pool, field: &'static str, question: Question) -> Result<Identity, Stop> {
        let text = self.answers.text(question)?;
        let store = spelled::store(self.builder.topology(), &text).map_err(Stop::Wrong)?;
        let id = store.id().clone();
        let mut pool = pool.clone();
        let place = match field {
            "content-store" => &mut pool.content_store,
            "backup-content-store" => &mut pool.backup_content_store,
            "compliance-store" => &mut pool.compliance_store,
            _ => &mut pool.backup_compliance_store,
        };
        *place = Some(id.clone());
        let fqdn = pool.fqdn.clone();
        taken(self.builder.change(after(field), |topology| {
            add(topology, &store);
            topology.pools.retain(|other| other.fqdn != fqdn);
            topology.pools.push(pool);
        }))?;
        if let Named::New(store) = store {
            self.mirror(store, field)?;
        }
        Ok(id)
    }

    fn mirror(&mut self, store: Store, field: &str) -> Result<(), Stop> {
        let says = "A synchronous standby that takes over when the store is lost; PostgreSQL needs no witness for it.";
        let question = Question::new(format!("Mirror of {} ({STORE})", store.server), says).usually(NONE);
        let text = self.answers.text(question)?;
        if text == NONE {
            return Ok(());
        }
        let mirror = spelled::instance(&text).map_err(|why| Stop::Wrong(format!("{why}: name {STORE}")))?;
        taken(self.builder.change(after(field), |topology| {
            let stores = topology.stores.iter_mut().filter(|other| other.id == store.id);
            stores.for_each(|store| store.mirror = Some(mirror.clone()));
        }))
    }

    fn files(&mut self, pool: &mut Pool) -> Result<(), Stop> {
        let says = "What people upload is kept there. A pool of kind multiple needs a share that all its machines reach.";
        let mut question = Question::new(format!("File store ({FILES})"), says);
        if pool.kind == PoolKind::Single {
            question = question.usually(USUAL_FILES);
        }
        let text = self.answers.text(question)?;
        let files = spelled::file_store(self.builder.topology(), &text).map_err(Stop::Wrong)?;
        let (id, new) = match files {
            NamedFiles::There(id) => (id, None),
            NamedFiles::New(id, place) => (id.clone(), Some(file_store(id, pool.site.clone(), place))),
        };
        pool.file_store = Some(id);
        let (fqdn, pool) = (pool.fqdn.clone(), pool.clone());
        taken(self.builder.change(after("file-store"), |topology| {
            topology.file_stores.extend(new);
            topology.pools.retain(|other| other.fqdn != fqdn);
            topology.pools.push(pool);
        }))
    }

    fn next_hop(&mut self, pool: &mut Pool) -> Result<(), Stop> {
        let topology = self.builder.topology();
        let pools = topology.front_end_pools.iter().map(|pool| (&pool.site, &pool.fqdn));
        let servers = topology.standard_edition_servers.iter().map(|server| (&server.site, &server.fqdn));
        let hops: Vec<(&Identity, &Fqdn)> = pools.chain(servers).collect();
        let own = topology.standard_edition_server(&pool.fqdn).map(|server| &server.fqdn);
        let near = hops.iter().find(|(site, _)| **site == pool.site).or(hops.first()).map(|(_, fqdn)| *fqdn);
        let says = "The front-end pool or Standard Edition server that routes people to this pool.";
        let question = Question::new("Next hop", says);
        let usual = own.or(near).map(ToString::to_string);
        let question = usual.into_iter().fold(question, Question::usually);
        pool.next_hop = Some(self.answers.word(question)?);
        self.put(pool, "next-hop")
    }

    /// One of the sites; not asked where there is one only.
    fn whose(&mut self, asks: &str) -> Result<Identity, Stop> {
        let sites = &self.builder.topology().sites;
        if let [site] = sites.as_slice() {
            return Ok(site.id.clone());
        }
        let words: Vec<&str> = sites.iter().map(|site| site.id.as_str()).collect();
        let says = "Every server and pool belongs to a site.";
        let usual = words.first().copied().unwrap_or_default();
        let answer = self.answers.one_of(Question::new(asks, says).usually(usual), &words)?;
        Ok(Identity::parse(&answer).expect("it is one of them"))
    }

    fn store(&mut self, asks: &str, says: &str) -> Result<Named, Stop> {
        let text = self.answers.text(Question::new(format!("{asks} ({STORE})"), says))?;
        spelled::store(self.builder.topology(), &text).map_err(Stop::Wrong)
    }

    /// The pool as it is after the answer for a field.
    fn put(&mut self, pool: &Pool, field: &str) -> Result<(), Stop> {
        taken(self.builder.change(after(field), |topology| {
            topology.pools.retain(|other| other.fqdn != pool.fqdn);
            topology.pools.push(pool.clone());
        }))
    }
}

const FQDN: &str = "A fully qualified name, such as chat.example.com; certificates and DNS have it.";

/// Where files lie on a machine that does everything, unless something else is said.
pub const USUAL_FILES: &str = "/var/lib/causerie/files";

/// The fields that are asked for after this one.
fn after(field: &str) -> &'static [&'static str] {
    let asked = ORDER.iter().position(|other| *other == field).expect("it is in the order");
    &ORDER[asked + 1..]
}

fn add(topology: &mut Topology, store: &Named) {
    if let Named::New(store) = store {
        topology.stores.push(store.clone());
    }
}

/// A file store at a place.
fn file_store(id: Identity, site: Identity, place: FilePlace) -> FileStore {
    match place {
        FilePlace::Share(server, share) => {
            FileStore { id, site, server: Some(server), share: Some(share), path: None }
        }
        FilePlace::Path(path) => FileStore { id, site, server: None, share: None, path: Some(path) },
    }
}

fn bare(fqdn: Fqdn, site: Identity, kind: PoolKind) -> Pool {
    Pool {
        fqdn,
        site,
        kind,
        display_name: None,
        port: POOL_PORT,
        default_for: DefaultFor::No,
        compliance: false,
        disaster_recovery: false,
        next_hop: None,
        content_store: None,
        content_database: content_database(),
        backup_content_store: None,
        compliance_store: None,
        compliance_database: compliance_database(),
        backup_compliance_store: None,
        file_store: None,
        machines: Vec::new(),
    }
}

fn taken(step: Result<(), Refused>) -> Result<(), Stop> {
    step.map_err(refused)
}

fn refused(findings: Refused) -> Stop {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    Stop::Wrong(lines.join("\n"))
}
