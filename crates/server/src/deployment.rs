//! What this machine is in its deployment: by which name, what the published topology says of it, and where that comes from.
//! Starts nothing by it.

use std::time::Duration;

use store::Store;

use crate::cli::{Remote, RemoteOptions, ServeOptions};
use crate::data::Data;
use crate::machine::{Machine, MachineOptions};
use crate::replica::Centre;
use crate::settings::{self, File};
use crate::trouble::Trouble;

/// How long a server elsewhere may take to give out the topology (ours: it has a megabyte at most); a stop waits for it.
const FETCH_TIME: Duration = Duration::from_secs(5);

/// What was said of the deployment.
#[derive(Debug, Default)]
pub struct Deployment {
    machine: MachineOptions,
    central: RemoteOptions,
}

impl Deployment {
    /// Command line and settings file together.
    ///
    /// # Errors
    /// Those of [`settings::read`].
    pub fn of(options: &ServeOptions) -> Result<Self, Trouble> {
        let ServeOptions { serving, machine } = options;
        let file = serving.config.as_deref().map_or(Ok(File::default()), settings::read)?;
        let central = RemoteOptions {
            server: serving.central.clone().or(file.central),
            token_file: serving.central_token_file.clone().or(file.central_token_file),
            ca: serving.central_ca.clone().or(file.central_ca),
        };
        Ok(Self { machine: machine.clone(), central })
    }

    /// The machine of this name, and what the topology says it is: the one that was named, or the copy in the data directory.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] when the topology cannot be read or does not know the machine.
    pub fn machine(&self, name: &str, data: &Data) -> Result<Machine, Trouble> {
        self.machine.find(name, Some(data))
    }

    /// Whether the server goes by the published topology, not by one that was named.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.machine.topology.is_none()
    }

    /// Where the topology is published: at the server that was named, or in the store.
    ///
    /// # Errors
    /// As for other commands that ask a server elsewhere.
    pub fn centre(&self, store: &Store) -> Result<Centre, Trouble> {
        let elsewhere = Remote::within(&self.central, FETCH_TIME).map_err(|trouble| match trouble {
            Trouble::Usage(_) => Trouble::Usage(
                "--central needs a token to show there, and what it shows needs --central: give the file of a token of the scope \
                 reader with --central-token-file"
                    .into(),
            ),
            other => other,
        })?;
        Ok(elsewhere.map_or_else(|| Centre::Own(store.clone()), Centre::Elsewhere))
    }
}
