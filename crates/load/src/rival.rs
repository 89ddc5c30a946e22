//! The raw server as a process beside the real one: started, reached, measured, ended.
//! What it does is `raw.rs`.

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use tokio::process::Child;

use crate::link::Way;
use crate::listen::{MARK, Sample};
use crate::person::{Crowd, Person};
use crate::process::Process;
use crate::raw::Manner;
use crate::server::{self, start};
use crate::trouble::Trouble;

/// A running raw server and how people reach it.
#[derive(Debug)]
pub struct Rival {
    /// The people of the real server, on their way to this one.
    pub crowd: Crowd,
    child: Child,
}

impl Rival {
    /// Starts it: this program, with other words.
    ///
    /// # Errors
    /// [`Trouble::Program`] when it does not become ready.
    pub async fn start(
        program: &Path,
        crowd: &Crowd,
        manner: Manner,
        sample: &Sample,
    ) -> Result<Self, Trouble> {
        let (connections, shards) = (manner.connections.to_string(), manner.shards.to_string());
        let mut words = vec!["raw", "--connections", &connections, "--shards", &shards];
        if manner.batched {
            words.push("--batched");
        }
        if manner.tls {
            words.push("--tls");
        }
        let input = serde_json::to_string(sample).expect("texts can be written as JSON");
        let (child, ready) = start(program, &words, None, &input).await?;
        Ok(Self { crowd: Crowd { way: way_of(&ready)?, ..crowd.clone() }, child })
    }

    /// One that only takes connections and holds them.
    ///
    /// # Errors
    /// As [`Rival::start`].
    pub async fn idle(program: &Path, crowd: &Crowd, connections: usize) -> Result<Self, Trouble> {
        let tls = matches!(crowd.way, Way::Tls(..));
        let sample = Sample { shown: format!("{MARK}00000000"), answer: String::new() };
        Self::start(program, crowd, Manner { connections, batched: false, tls, shards: 1 }, &sample).await
    }

    /// Somebody connects, and says who it is.
    ///
    /// # Errors
    /// [`Trouble::Unreached`].
    pub async fn connect(crowd: &Crowd, index: usize, role: u8) -> Result<Person, Trouble> {
        let mut person = Person::at_raw(crowd, index).await?;
        person.say(role);
        person.send("it came to the raw server").await?;
        // Its answer is the same octet.
        person.read("it came to the raw server").await?;
        person.link.seen = person.link.input.len();
        Ok(person)
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> Option<Process> {
        self.child.id().map(Process)
    }
}

/// How the raw server is reached, by its ready line.
fn way_of(ready: &str) -> Result<Way, Trouble> {
    let said =
        |key: &str| ready.split_whitespace().find_map(|word| word.strip_prefix(key)).unwrap_or_default();
    let failed =
        |what: &dyn std::fmt::Display| Trouble::Tls(format!("the raw server said '{ready}': {what}"));
    let address: SocketAddr = said("address=").parse().map_err(|fault| failed(&fault))?;
    let certificate = said("certificate=");
    if certificate.is_empty() {
        return Ok(Way::Tcp(address.into()));
    }
    let mut roots = RootCertStore::empty();
    let certificate = STANDARD.decode(certificate).map_err(|fault| failed(&fault))?;
    roots.add(certificate.into()).map_err(|fault| failed(&fault))?;
    Ok(Way::Tls(address.into(), server::trusting(roots)?))
}
