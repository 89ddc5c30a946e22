//! A topology for people: site by site as a tree, every store where it is used.
//! Judges nothing, and leaves out nothing but what says only what is usual.

use std::fmt::Write;

use topology::Topology;
use topology::document::{
    DefaultFor, Engine, FileStore, FrontEndPool, MachineState, Pool, PoolKind, Site, StandardEditionServer,
};
use topology::word::{DatabaseName, Identity};

/// The tree.
#[must_use]
pub fn tree(topology: &Topology) -> String {
    let mut tree = Tree { topology, text: String::new() };
    for site in &topology.sites {
        tree.site(site);
    }
    // What names a site that is not there is shown all the same: it is what has to be mended.
    let is_lost = |site: &Identity| !topology.sites.iter().any(|known| known.id == *site);
    for id in lost_sites(topology).into_iter().filter(is_lost) {
        tree.line(0, &format!("site {id} (not in the topology)"));
        tree.of_site(&id);
    }
    if tree.text.is_empty() {
        tree.line(0, "nothing is defined");
    }
    tree.text
}

fn lost_sites(topology: &Topology) -> Vec<Identity> {
    let pools = topology.pools.iter().map(|pool| &pool.site);
    let fronts = topology.front_end_pools.iter().map(|pool| &pool.site);
    let servers = topology.standard_edition_servers.iter().map(|server| &server.site);
    let mut sites: Vec<Identity> = pools.chain(fronts).chain(servers).cloned().collect();
    sites.sort();
    sites.dedup();
    sites
}

struct Tree<'a> {
    topology: &'a Topology,
    text: String,
}

impl Tree<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        writeln!(self.text, "{:width$}{line}", "", width = 2 * depth).expect("a string takes everything");
    }

    fn site(&mut self, site: &Site) {
        let name = site.name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
        let location = site.location.as_ref().map(|location| format!(", {location}")).unwrap_or_default();
        self.line(0, &format!("site {}{name}{location}", site.id));
        self.of_site(&site.id);
    }

    fn of_site(&mut self, site: &Identity) {
        let topology = self.topology;
        for server in topology.standard_edition_servers.iter().filter(|server| server.site == *site) {
            self.standard_edition_server(server);
        }
        for pool in topology.front_end_pools.iter().filter(|pool| pool.site == *site) {
            self.front_end_pool(pool);
        }
        for pool in topology.pools.iter().filter(|pool| pool.site == *site) {
            self.pool(pool);
        }
    }

    fn standard_edition_server(&mut self, server: &StandardEditionServer) {
        self.line(1, &format!("Standard Edition server {}", server.fqdn));
        self.store(2, "store", server.store.as_ref(), None);
    }

    fn front_end_pool(&mut self, pool: &FrontEndPool) {
        self.line(1, &format!("front-end pool {}", pool.fqdn));
        for machine in &pool.machines {
            self.line(2, &format!("machine {machine}"));
        }
        self.store(2, "back end", pool.store.as_ref(), Some(&pool.database));
    }

    fn pool(&mut self, pool: &Pool) {
        let name = pool.display_name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
        self.line(1, &format!("persistent chat pool {}{name}", pool.fqdn));
        let kind = if pool.kind == PoolKind::Single { "a single machine" } else { "one to eight machines" };
        let default = match pool.default_for {
            DefaultFor::No => "",
            DefaultFor::Site => ", default of its site",
            DefaultFor::AllSites => ", default of all sites",
        };
        self.line(2, &format!("{kind}, port {}{default}", pool.port));
        for machine in &pool.machines {
            let state = if machine.state == MachineState::Active { "active" } else { "stands by" };
            self.line(2, &format!("machine {}: {state}", machine.fqdn));
        }
        self.store(2, "content", pool.content_store.as_ref(), Some(&pool.content_database));
        let backup = pool.backup_content_store.as_ref();
        self.store(2, "backup of the content", backup, Some(&pool.content_database));
        self.store(2, "compliance record", pool.compliance_store.as_ref(), Some(&pool.compliance_database));
        let backup = pool.backup_compliance_store.as_ref();
        self.store(2, "backup of the compliance record", backup, Some(&pool.compliance_database));
        if let Some(id) = &pool.file_store {
            let place = self.topology.file_store(id).map_or("not in the topology".to_owned(), file_place);
            self.line(2, &format!("files: {id}, {place}"));
        }
        if let Some(hop) = &pool.next_hop {
            self.line(2, &format!("next hop {hop}"));
        }
    }

    fn store(&mut self, depth: usize, what: &str, id: Option<&Identity>, database: Option<&DatabaseName>) {
        let Some(id) = id else { return };
        let Some(store) = self.topology.store(id) else {
            return self.line(depth, &format!("{what}: {id}, not in the topology"));
        };
        if store.engine == Engine::Embedded {
            return self.line(depth, &format!("{what}: {id}, embedded in {}", store.server));
        }
        let database = database.map(|database| format!(", database {database}")).unwrap_or_default();
        let mirror = store.mirror.as_ref();
        let mirror = mirror.map(|mirror| format!(", mirror {} port {}", mirror.name(), mirror.port()));
        let mirror = mirror.unwrap_or_default();
        self.line(depth, &format!("{what}: {id}, {} port {}{database}{mirror}", store.name(), store.port()));
    }
}

/// Where files lie.
fn file_place(store: &FileStore) -> String {
    match (&store.server, &store.share, &store.path) {
        (Some(server), Some(share), _) => format!("{server}/{share}"),
        (_, _, Some(path)) => path.to_string(),
        _ => "nowhere".to_owned(),
    }
}
