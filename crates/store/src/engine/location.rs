//! Where a store is: a file, or a database of PostgreSQL; and opening it there.
//! Reads nothing of what is in it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chat::ServerId;

use crate::engine::{Conn, Make, postgres, sqlite};
use crate::fault::StoreFault;
use crate::record::Options;

/// Where a store is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location(pub(super) Kind);

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    File(PathBuf),
    Postgres(Box<postgres::Address>),
}

impl Location {
    /// A database of PostgreSQL, by its address `postgres://name:password@host:port/database`. Another machine is spoken to over
    /// TLS: its certificate must bear its name and come from a root that this system trusts, or from one in the file that
    /// `?sslrootcert=FILE` names. On this machine TLS is spoken with `?sslmode=verify-full`.
    ///
    /// # Errors
    /// [`StoreFault::Unavailable`] for what is no such address, or one on another machine with a lesser `sslmode`.
    pub fn postgres(url: &str) -> Result<Self, StoreFault> {
        let refused =
            |what| StoreFault::Unavailable { reason: format!("the address of the database: {what}") };
        Ok(Self(Kind::Postgres(Box::new(postgres::Address::parse(url).map_err(refused)?))))
    }

    /// The file, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.0 {
            Kind::File(file) => Some(file),
            Kind::Postgres(_) => None,
        }
    }

    /// The connection on which a server takes its place; [`Conn::end_writer`] and [`Conn::begin_writing`] make it a writer's.
    pub(crate) fn enter(&self, options: &Options, make: Make) -> Result<Conn, StoreFault> {
        match &self.0 {
            Kind::File(file) => sqlite::open_writer(file, options, make),
            Kind::Postgres(address) => postgres::open_entering(address, options),
        }
    }

    /// A connection beside that of the writer, for what waits for no append.
    pub(crate) fn open_aside(&self, options: &Options) -> Result<Conn, StoreFault> {
        self.enter(options, Make::Never)
    }

    /// The connection of a server that writes on, after it lost the one it had.
    pub(crate) fn resume(&self, options: &Options, server: ServerId, epoch: u64) -> Result<Conn, StoreFault> {
        match &self.0 {
            Kind::File(file) => sqlite::open_writer(file, options, Make::Never),
            Kind::Postgres(address) => postgres::open_writer(address, options, server, epoch),
        }
    }

    /// A connection that only reads.
    pub(crate) fn open_reader(&self, options: &Options) -> Result<Conn, StoreFault> {
        match &self.0 {
            Kind::File(file) => sqlite::open_reader(file, options),
            Kind::Postgres(address) => postgres::open_reader(address, options),
        }
    }

    /// Runs what opens or changes the store outside of its queue, on a thread that may wait.
    pub(crate) fn apart<T: Send>(
        &self,
        work: impl FnOnce() -> Result<T, StoreFault> + Send,
    ) -> Result<T, StoreFault> {
        if let Kind::File(_) = self.0 {
            return work();
        }
        match std::thread::scope(|scope| scope.spawn(work).join()) {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Which file of which file system this stands for now.
    pub(crate) fn place(&self) -> Result<Place, StoreFault> {
        let Kind::File(file) = &self.0 else { return Ok(Place(None)) };
        match std::fs::metadata(file) {
            Ok(facts) => Ok(Place(Some((facts.dev(), facts.ino())))),
            Err(error) => Err(StoreFault::Unavailable { reason: format!("{}: {error}", file.display()) }),
        }
    }
}

/// Which file of which file system a name stood for; a database has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place(Option<(u64, u64)>);

impl From<&Path> for Location {
    fn from(file: &Path) -> Self {
        Self(Kind::File(file.to_path_buf()))
    }
}

impl From<&PathBuf> for Location {
    fn from(file: &PathBuf) -> Self {
        file.as_path().into()
    }
}
