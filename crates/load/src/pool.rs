//! A pool under measurement: several servers over one database that is there already, each with a place of its own for the rest.
//! Starts and ends nothing.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::server::DOMAIN;
use crate::trouble::Trouble;

/// What the servers of a pool share and the database does not hold.
const SECRETS: [&str; 3] = ["ca.pem", "secret/ca.key", "secret/sealing.key"];

/// Several servers over one database.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The address of the database.
    pub store: String,
    /// Its process, when it runs on this machine, and that of NATS.
    pub store_pids: Vec<u32>,
    /// How many servers there are.
    pub servers: usize,
    /// How they tell each other what was written.
    pub peers: String,
}

/// The place of one server.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    /// Its data directory.
    pub(crate) data: PathBuf,
    /// The words that make it one of a pool.
    pub(crate) of_pool: Vec<String>,
}

impl Pool {
    /// The places of its servers within a directory.
    pub(crate) fn seats(&self, within: &Path) -> Vec<Seat> {
        let seat = |number: usize| {
            let machine = format!("server{number}.{DOMAIN}");
            let data = within.join(&machine);
            let of_pool = ["--store", &self.store, "--peers", &self.peers, "--machine", &machine];
            Seat { data, of_pool: of_pool.map(str::to_owned).to_vec() }
        };
        (1..=self.servers).map(seat).collect()
    }
}

/// Gives another server of the pool what the first has made.
pub(crate) fn share_secrets(from: &Path, to: &Path) -> Result<(), Trouble> {
    let failed = |what: &Path| {
        let what = what.display().to_string();
        move |fault| Trouble::File { what, fault }
    };
    let folder = to.join("secret");
    DirBuilder::new().mode(0o700).recursive(true).create(&folder).map_err(failed(&folder))?;
    for name in SECRETS {
        let file = to.join(name);
        std::fs::copy(from.join(name), &file).map_err(failed(&file))?;
    }
    Ok(())
}
