//! The real program, from outside: its command line, real clients, kills and the disk.

use std::path::Path;

use testkit::Program;

#[path = "all/apart.rs"]
mod apart;
#[path = "all/browser.rs"]
mod browser;
#[path = "all/certificates.rs"]
mod certificates;
#[path = "all/contract.rs"]
mod contract;
#[path = "all/demo.rs"]
mod demo;
#[path = "all/durable.rs"]
mod durable;
#[path = "all/emptying.rs"]
mod emptying;
#[path = "all/explaining.rs"]
mod explaining;
#[path = "all/files.rs"]
mod files;
#[path = "all/founding.rs"]
mod founding;
#[path = "all/guide.rs"]
mod guide;
#[path = "all/joining.rs"]
mod joining;
#[path = "all/keeping.rs"]
mod keeping;
#[path = "all/killed.rs"]
mod killed;
#[path = "all/moving.rs"]
mod moving;
#[path = "all/nodes.rs"]
mod nodes;
#[path = "all/office.rs"]
mod office;
#[path = "all/operations.rs"]
mod operations;
#[path = "all/people.rs"]
mod people;
#[path = "all/place.rs"]
mod place;
#[path = "all/pool.rs"]
mod pool;
#[path = "all/preflight.rs"]
mod preflight;
#[path = "all/publishing.rs"]
mod publishing;
#[path = "all/real_client.rs"]
mod real_client;
#[path = "all/remote.rs"]
mod remote;
#[path = "all/running.rs"]
mod running;
#[path = "all/schemathesis.rs"]
mod schemathesis;
#[path = "all/services.rs"]
mod services;
#[path = "all/stopping.rs"]
mod stopping;
#[path = "all/terminal.rs"]
mod terminal;
#[path = "all/tls.rs"]
mod tls;
#[path = "all/topology.rs"]
mod topology;
#[path = "all/walk.rs"]
mod walk;

/// The program under test on a data directory.
fn program(data: &Path) -> Program {
    Program::new(Path::new(env!("CARGO_BIN_EXE_causerie")), data)
}
