//! The two deployments the stories are told of: Litware's on one Standard Edition server, and Contoso's with pools in two sites.
//! Both are as they should be; stories change them.

use std::collections::BTreeMap;

use topology::facts::FileSystem;
use topology::{Seen, Topology, parse};

/// Litware: one machine that does everything.
pub const LITWARE: &str = r#"
format = 1

[[site]]
id = "office"
name = "Litware"

[[standard-edition-server]]
fqdn = "se.litware.example"
site = "office"
store = "se"

[[store]]
id = "se"
engine = "embedded"
server = "se.litware.example"

[[file-store]]
id = "files"
site = "office"
path = "/var/lib/causerie/files"

[[persistent-chat-pool]]
fqdn = "se.litware.example"
site = "office"
kind = "single"
display-name = "Litware rooms"
default-for = "site"
next-hop = "se.litware.example"
content-store = "se"
file-store = "files"

[[persistent-chat-pool.machine]]
fqdn = "se.litware.example"
"#;

/// Contoso: two sites; a front-end pool and a chat pool with everything in Paris, a Standard Edition server as front end of a separate
/// machine in Lyon.
pub const CONTOSO: &str = r#"
format = 1

[[site]]
id = "paris"
name = "Paris"
location = "Rue de Rivoli"

[[site]]
id = "lyon"

[[standard-edition-server]]
fqdn = "se.contoso.example"
site = "lyon"
store = "se"

[[front-end-pool]]
fqdn = "fe.contoso.example"
site = "paris"
store = "back-end"
machines = ["fe1.contoso.example", "fe2.contoso.example"]

[[store]]
id = "se"
engine = "embedded"
server = "se.contoso.example"

[[store]]
id = "back-end"
server = "db0.contoso.example"

[[store]]
id = "content"
server = "db1.contoso.example"
mirror = { server = "db2.contoso.example" }

[[store]]
id = "backup"
server = "db3.contoso.example"

[[store]]
id = "record"
server = "db4.contoso.example"
instance = "record"
port = 5433

[[store]]
id = "record-backup"
server = "db5.contoso.example"

[[store]]
id = "lyon"
server = "db6.contoso.example"

[[file-store]]
id = "files"
site = "paris"
server = "files.contoso.example"
share = "chat"

[[file-store]]
id = "lyon-files"
site = "lyon"
path = "/srv/chat"

[[persistent-chat-pool]]
fqdn = "chat.contoso.example"
site = "paris"
kind = "multiple"
display-name = "Contoso rooms"
port = 5041
default-for = "all-sites"
compliance = true
disaster-recovery = true
next-hop = "fe.contoso.example"
content-store = "content"
backup-content-store = "backup"
compliance-store = "record"
backup-compliance-store = "record-backup"
file-store = "files"

[[persistent-chat-pool.machine]]
fqdn = "chat1.contoso.example"

[[persistent-chat-pool.machine]]
fqdn = "chat2.contoso.example"

[[persistent-chat-pool.machine]]
fqdn = "chat3.contoso.example"
state = "inactive"

[[persistent-chat-pool]]
fqdn = "lyon.contoso.example"
site = "lyon"
kind = "single"
display-name = "Lyon rooms"
default-for = "site"
next-hop = "se.contoso.example"
content-store = "lyon"
file-store = "lyon-files"

[[persistent-chat-pool.machine]]
fqdn = "lyon.contoso.example"
"#;

/// Litware's topology.
pub fn litware() -> Topology {
    read(LITWARE)
}

/// Contoso's topology.
pub fn contoso() -> Topology {
    read(CONTOSO)
}

/// A text that is a topology.
pub fn read(text: &str) -> Topology {
    parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// A world in which everything the topology names is there: machines numbered 10.0.0.1 and so on, on ext4, and PostgreSQL 17.
pub fn seen(topology: &Topology) -> Seen {
    let mut seen = Seen::default();
    let fronts = topology.front_end_pools.iter().flat_map(|pool| pool.machines.iter());
    let servers = topology.standard_edition_servers.iter().map(|server| &server.fqdn);
    let machines = topology.pools.iter().flat_map(|pool| pool.machines.iter().map(|machine| &machine.fqdn));
    for (number, fqdn) in (1..).zip(fronts.chain(servers).chain(machines)) {
        seen.addresses.entry(fqdn.clone()).or_default().insert([10, 0, 0, number].into());
        seen.machines.insert(fqdn.clone(), ext4());
    }
    for pool in &topology.pools {
        let addresses =
            pool.machines.iter().flat_map(|machine| seen.addresses[&machine.fqdn].clone()).collect();
        seen.addresses.insert(pool.fqdn.clone(), addresses);
    }
    let stores = topology.stores.iter();
    let mirrors = stores.clone().filter_map(|store| store.mirror.as_ref().map(|mirror| mirror.name()));
    seen.instances = stores.map(|store| store.name()).chain(mirrors).map(|name| (name, 17)).collect();
    seen.file_stores =
        topology.file_stores.iter().map(|store| (store.id.clone(), ext4())).collect::<BTreeMap<_, _>>();
    seen
}

/// A file system that guards files.
pub fn ext4() -> FileSystem {
    FileSystem("ext4".to_owned())
}
