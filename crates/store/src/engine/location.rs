//! Where a store is: a file, or a database of PostgreSQL; and opening it there.
//! Reads nothing of what is in it.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chat::ServerId;

use crate::engine::{Conn, Make, postgres, sqlite};
use crate::fault::StoreFault;
use crate::record::Options;

/// Where a store is. Shown without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    kind: Kind,
    /// As it was given, but for the password.
    shown: String,
    /// The file in which the highest era is noted.
    era_note: Option<PathBuf>,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
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
        let shown = postgres::without_password(url)
            .ok_or_else(|| refused(format!("this is none: {}", postgres::NO_ADDRESS)))?;
        let address = postgres::Address::parse(url).map_err(refused)?;
        Ok(Self { kind: Kind::Postgres(Box::new(address)), shown, era_note: None })
    }

    /// Notes the highest era in this file, which must outlive the database: a copy from before that era that is put back is known by
    /// it. Of a file the place is beside it, whatever is said here.
    #[must_use]
    pub fn noting_era_in(mut self, note: &Path) -> Self {
        if let Kind::Postgres(_) = self.kind {
            self.era_note = Some(note.to_owned());
        }
        self
    }

    /// Whether a password came with the address.
    #[must_use]
    pub fn has_password(&self) -> bool {
        matches!(&self.kind, Kind::Postgres(address) if address.has_password())
    }

    /// The same with a password; no other for a file.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        if let Kind::Postgres(address) = &mut self.kind {
            address.set_password(password);
        }
        self
    }

    /// The same with the password that the text of a password file of PostgreSQL (`~/.pgpass`) has for it, if it has one.
    #[must_use]
    pub fn with_password_out_of(mut self, passfile: &str) -> Self {
        if let Kind::Postgres(address) = &mut self.kind {
            address.look_up_password(passfile);
        }
        self
    }

    /// The file, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.kind {
            Kind::File(file) => Some(file),
            Kind::Postgres(_) => None,
        }
    }

    /// The file in which the highest era is noted, if there is one.
    pub(crate) fn era_note(&self) -> Option<&Path> {
        self.era_note.as_deref()
    }

    /// A connection over which a whole store is carried: nothing takes too long on it.
    pub(crate) fn open_to_carry(&self, make: Make) -> Result<Conn, StoreFault> {
        match &self.kind {
            Kind::File(file) => sqlite::open_writer(file, &Options::default(), make),
            Kind::Postgres(address) => postgres::open_to_carry(address, &Options::default()),
        }
    }

    /// The address, if it is a database.
    pub(crate) fn address(&self) -> Option<&postgres::Address> {
        match &self.kind {
            Kind::File(_) => None,
            Kind::Postgres(address) => Some(address),
        }
    }

    /// The connection on which a server takes its place; [`Conn::end_writer`] and [`Conn::begin_writing`] make it a writer's.
    pub(crate) fn enter(&self, options: &Options, make: Make) -> Result<Conn, StoreFault> {
        match &self.kind {
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
        match &self.kind {
            Kind::File(file) => sqlite::open_writer(file, options, Make::Never),
            Kind::Postgres(address) => postgres::open_writer(address, options, server, epoch),
        }
    }

    /// A connection that only reads.
    pub(crate) fn open_reader(&self, options: &Options) -> Result<Conn, StoreFault> {
        match &self.kind {
            Kind::File(file) => sqlite::open_reader(file, options),
            Kind::Postgres(address) => postgres::open_reader(address, options),
        }
    }

    /// A session of whoever administers the database, which must be one of PostgreSQL.
    pub(crate) fn open_administrator(&self, options: &Options) -> Result<Conn, StoreFault> {
        match &self.kind {
            Kind::File(file) => Err(embedded(file)),
            Kind::Postgres(address) => postgres::open_administrator(address, options),
        }
    }

    /// Another database on the same server.
    pub(crate) fn in_database(&self, database: &str) -> Self {
        let mut other = self.clone();
        if let Kind::Postgres(address) = &self.kind {
            other.kind = Kind::Postgres(Box::new(address.in_database(database)));
        }
        other
    }

    /// The address by which a role finds a database on the same server, without a password.
    ///
    /// # Errors
    /// [`StoreFault::Rejected`] for a file.
    pub fn written_for(&self, role: &str, database: &str) -> Result<String, StoreFault> {
        match &self.kind {
            Kind::File(file) => Err(embedded(file)),
            Kind::Postgres(address) => Ok(address.written_for(role, database)),
        }
    }

    /// Runs what opens or changes the store outside of its queue, on a thread that may wait.
    pub(crate) fn apart<T: Send, E: Send>(&self, work: impl FnOnce() -> Result<T, E> + Send) -> Result<T, E> {
        if let Kind::File(_) = self.kind {
            return work();
        }
        match std::thread::scope(|scope| scope.spawn(work).join()) {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Which file of which file system this stands for now.
    pub(crate) fn place(&self) -> Result<Place, StoreFault> {
        let Kind::File(file) = &self.kind else { return Ok(Place(None)) };
        match std::fs::metadata(file) {
            Ok(facts) => Ok(Place(Some((facts.dev(), facts.ino())))),
            Err(error) => Err(StoreFault::Unavailable { reason: format!("{}: {error}", file.display()) }),
        }
    }
}

fn embedded(file: &Path) -> StoreFault {
    StoreFault::Rejected { reason: format!("{} is an embedded store, no database server", file.display()) }
}

/// Which file of which file system a name stood for; a database has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place(Option<(u64, u64)>);

impl From<&Path> for Location {
    fn from(file: &Path) -> Self {
        let mut note = OsString::from(file);
        note.push(".era");
        let shown = file.display().to_string();
        Self { kind: Kind::File(file.to_path_buf()), shown, era_note: Some(note.into()) }
    }
}

impl From<&PathBuf> for Location {
    fn from(file: &PathBuf) -> Self {
        file.as_path().into()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
