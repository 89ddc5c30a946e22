//! This server's copy of the published topology: written whole, proved when it is read, never put back to an older version. Follows
//! the central store, which is in the own database or behind a server elsewhere.
//! Does nothing by what a topology says.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use admin::{Spec, TopologyView};
use chat::JournalKey;
use serde_json::Map;
use store::{Store, TopologyRow};
use tokio::sync::watch;
use tokio::time::sleep;
use topology::limits::DOCUMENT_BYTES_MAX;
use topology::version::{Hash, VersionFault};
use topology::{Topology, Version, parse};

use crate::apart::Believed;
use crate::cli::Remote;
use crate::data::Data;
use crate::restart::Begun;
use crate::trouble::{Trouble, at};

/// The file in the data directory.
pub const NAME: &str = "topology.toml";
/// What it is called until it is whole.
const HALF: &str = "topology.toml.part";
/// Longest copy, in octets (ours: a document and the line above it).
const COPY_BYTES_MAX: u64 = DOCUMENT_BYTES_MAX as u64 + 1_024;
/// How often the own database is looked at (design of the journals: every server reads heads once a second).
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How often a server elsewhere is asked (ours: a topology changes a few times a year).
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// The copy in a data directory.
#[derive(Debug)]
pub struct Replica<'a> {
    data: &'a Data,
}

/// Where topologies are published.
#[derive(Debug)]
pub enum Centre {
    /// In the database of this server.
    Own(Store),
    /// In that of another, which gives them out.
    Elsewhere(Remote),
}

impl<'a> Replica<'a> {
    /// That in this directory, which the caller may write.
    #[must_use]
    pub fn of(data: &'a Data) -> Self {
        Self { data }
    }

    /// The published version that is kept, if one is. A topology that was put there before anything was published is none.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when it cannot be read, [`Trouble::Invalid`] when it is not what was published.
    pub fn read(&self) -> Result<Option<Version>, Trouble> {
        let Some(text) = self.text()? else { return Ok(None) };
        match Version::of_stamped(&text) {
            Ok(version) => Ok(Some(version)),
            Err(VersionFault::Unstamped) => self.unpublished(&text).map(|_| None),
            Err(fault) => Err(self.wrong(&fault)),
        }
    }

    /// The topology that is kept, published or not.
    ///
    /// # Errors
    /// Those of [`Replica::read`].
    pub fn topology(&self) -> Result<Option<Topology>, Trouble> {
        if let Some(version) = self.read()? {
            return Ok(Some(version.topology()));
        }
        self.text()?.map(|text| self.unpublished(&text)).transpose()
    }

    fn unpublished(&self, text: &str) -> Result<Topology, Trouble> {
        parse(text.as_bytes()).map_err(|fault| self.wrong(&fault))
    }

    fn text(&self) -> Result<Option<String>, Trouble> {
        let place = self.place();
        let file = match File::open(&place) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(at(&place))?,
        };
        let mut text = String::new();
        match file.take(COPY_BYTES_MAX + 1).read_to_string(&mut text) {
            Ok(_) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::InvalidData => Err(self.wrong(&"it is no text")),
            Err(error) => Err(at(&place)(error)),
        }
    }

    fn wrong(&self, why: &dyn std::fmt::Display) -> Trouble {
        let place = self.place();
        Trouble::Invalid(format!(
            "{}: {why}; or move it away, if the published topology can be fetched again",
            place.display()
        ))
    }

    /// Keeps a version; whether it was another one before. A copy that is damaged gives way.
    ///
    /// # Errors
    /// [`Trouble::Conflict`] when a newer one is kept, or another of the same number; [`Trouble::Unavailable`] when it cannot be
    /// written.
    pub fn keep(&self, version: &Version) -> Result<bool, Trouble> {
        match self.read() {
            Ok(Some(kept)) if kept == *version => return Ok(false),
            Ok(Some(kept)) if kept.number() >= version.number() => {
                return Err(Trouble::Conflict(format!(
                    "the central store gives version {} of the topology, and {} has version {}: it stays as it is; if the central \
                     store was put back from a backup on purpose, move that file away",
                    version.number(),
                    self.place().display(),
                    kept.number()
                )));
            }
            Ok(_) => (),
            Err(Trouble::Invalid(why)) => tracing::warn!(why, "replica.damaged"),
            Err(trouble) => return Err(trouble),
        }
        let half = self.data.file(HALF);
        let written = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&half);
        let written = written.and_then(|mut file| {
            file.write_all(version.stamped().as_bytes())?;
            file.sync_all()
        });
        written.map_err(at(&half))?;
        std::fs::rename(&half, self.place()).map_err(at(&half))?;
        self.data.sync()?;
        tracing::info!(version = version.number(), hash = %version.hash(), "replica.kept");
        Ok(true)
    }

    /// Fetches what is published and keeps it; whether it is new.
    ///
    /// # Errors
    /// Those of [`Replica::keep`], and what keeps the central store from answering.
    pub async fn renew(&self, centre: &Centre) -> Result<bool, Trouble> {
        let newest = centre.newest(self.read().ok().flatten().map(|kept| kept.number())).await?;
        newest.map_or(Ok(false), |version| self.keep(&version))
    }

    fn place(&self) -> PathBuf {
        self.data.file(NAME)
    }
}

/// Keeps the copy up to date until told to stop, compares what comes with what the server began as, and has the front ends believed
/// that it names. A centre that is away is said once, and asked again.
pub async fn follow(
    data: Data,
    centre: Centre,
    begun: Begun,
    believed: Option<Believed>,
    mut stopping: watch::Receiver<bool>,
) {
    let replica = Replica::of(&data);
    let (mut seen, mut is_troubled) = (None, false);
    loop {
        let renewed = tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => return,
            renewed = replica.renew_if_moved(&centre, &mut seen) => renewed,
        };
        let renewed = renewed.and_then(|is_new| {
            if !is_new {
                return Ok(());
            }
            replica.believe(believed.as_ref())?;
            begun.compare(&data)
        });
        match &renewed {
            Ok(()) if is_troubled => tracing::info!("replica.follows_again"),
            Err(trouble) if !is_troubled => tracing::warn!(%trouble, "replica.does_not_follow"),
            _ => (),
        }
        is_troubled = renewed.is_err();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => return,
            () = sleep(centre.pause()) => (),
        }
    }
}

impl Replica<'_> {
    /// As [`Replica::renew`], unless the journal of the own database says that nothing has moved since `seen`.
    async fn renew_if_moved(&self, centre: &Centre, seen: &mut Option<u64>) -> Result<bool, Trouble> {
        let Centre::Own(store) = centre else { return self.renew(centre).await };
        let head = store.head(JournalKey::Pool).await.map_err(unavailable)?.position.number;
        if *seen == Some(head) {
            return Ok(false);
        }
        let is_new = self.renew(centre).await?;
        *seen = Some(head);
        Ok(is_new)
    }

    /// Has those believed whom the copy names.
    fn believe(&self, believed: Option<&Believed>) -> Result<(), Trouble> {
        if let (Some(believed), Some(topology)) = (believed, self.topology()?) {
            believed.follow(&topology);
        }
        Ok(())
    }
}

impl Centre {
    fn pause(&self) -> Duration {
        match self {
            Self::Own(_) => LOOK_AGAIN,
            Self::Elsewhere(_) => ASK_AGAIN,
        }
    }

    /// The newest version that is published, if there is one and it is not the one that is known.
    async fn newest(&self, known: Option<u64>) -> Result<Option<Version>, Trouble> {
        match self {
            Self::Own(store) => {
                let newest = store.topologies(None, 1).await.map_err(unavailable)?;
                if newest.first().map(|row| row.number) == known {
                    return Ok(None);
                }
                store.topology(None).await.map_err(unavailable)?.map(of_row).transpose()
            }
            Self::Elsewhere(remote) => {
                let spec = Spec::find("topology", "download").expect("it is in the table");
                let answer = match remote.carry_out(spec, Map::new(), false, None).await {
                    Err(Trouble::Admin(admin::AdminError::NotFound(_))) => return Ok(None),
                    answer => answer?,
                };
                answer.rows.into_iter().next().map(of_answer).transpose()
            }
        }
    }
}

fn of_row(row: TopologyRow) -> Result<Version, Trouble> {
    let document = row.document.unwrap_or_default();
    Version::kept(row.number, Hash(row.previous), document, Hash(row.hash))
        .map_err(|fault| Trouble::Unavailable(fault.to_string()))
}

/// A version as a server gives it out.
///
/// # Errors
/// [`Trouble::Unavailable`] when it is none, or not what was published.
pub fn of_answer(row: serde_json::Value) -> Result<Version, Trouble> {
    let unreadable = |why: &dyn std::fmt::Display| {
        Trouble::Unavailable(format!("the server gives out no topology that can be read: {why}"))
    };
    let view: TopologyView = serde_json::from_value(row).map_err(|bad| unreadable(&bad))?;
    let hash = |text: &str| text.parse::<Hash>().map_err(|bad| unreadable(&bad));
    let (previous, own) = (hash(&view.previous)?, hash(&view.hash)?);
    let document = view.document.unwrap_or_default();
    Version::kept(view.version, previous, document, own).map_err(|fault| unreadable(&fault))
}

fn unavailable(fault: store::StoreFault) -> Trouble {
    Trouble::Unavailable(fault.to_string())
}

#[cfg(test)]
mod tests;
