//! The data directory: who owns it, what it stands on, who works in it. Refuses what would not protect its content.
//! Does not look into it.

#[cfg(test)]
mod tests;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{FlockOperation, flock};
use topology::facts::FileSystem;

use crate::file_system;
use crate::trouble::{Trouble, at};

/// This program, also where its file cannot be reached by name.
pub const MYSELF: &str = "/proc/self/exe";

/// A data directory that is ours to use.
#[derive(Debug)]
pub struct Data {
    path: PathBuf,
    handle: File,
    owner: u32,
}

/// The right to write in a data directory; given up when dropped.
#[derive(Debug)]
pub struct Hold {
    _lock: File,
}

/// Root goes on as the owner of the directory: this program begins again as that user, who can do no more there than
/// its rights allow, whatever links it has laid out.
///
/// # Errors
/// [`Trouble::Denied`] when that is not possible.
pub fn go_on_as_owner(path: &Path) -> Result<(), Trouble> {
    let Ok(facts) = std::fs::metadata(path) else { return Ok(()) };
    if !rustix::process::geteuid().is_root() || facts.uid() == 0 {
        return Ok(());
    }
    let begin_again = |program: PathBuf| {
        let mut words = std::env::args_os();
        let name = words.next().unwrap_or_else(|| "causerie".into());
        Command::new(program).arg0(name).args(words).uid(facts.uid()).gid(facts.gid()).exec()
    };
    if let Ok(program) = std::env::current_exe() {
        // It only comes back when it did not work.
        drop(begin_again(program));
    }
    let failed = begin_again(MYSELF.into());
    Err(Trouble::Denied(format!(
        "{} belongs to user {}, and root cannot go on as that user: {failed}",
        path.display(),
        facts.uid()
    )))
}

/// Refuses a directory on a file system that would not protect it.
fn protected(path: &Path, kind: &FileSystem) -> Result<(), Trouble> {
    if kind.guards_files() {
        return Ok(());
    }
    Err(Trouble::Invalid(format!(
        "{} is on {}, which keeps no rights of owners, so anybody on this machine could read what is said: use a directory on \
         ext4, XFS, Btrfs or ZFS",
        path.display(),
        kind.0
    )))
}

impl Data {
    /// Opens the directory, making it if there is none.
    ///
    /// # Errors
    /// As [`Data::open`].
    pub fn make(path: &Path) -> Result<Self, Trouble> {
        match DirBuilder::new().mode(0o700).recursive(true).create(path) {
            Ok(()) => (),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(no_directory(path)),
            Err(error) => return Err(at(path)(error)),
        }
        Self::open(path)?.ok_or_else(|| at(path)(ErrorKind::NotFound.into()))
    }

    /// Opens the directory; `None` when there is none.
    ///
    /// # Errors
    /// [`Trouble::Denied`] when it is not ours or open to others, [`Trouble::Invalid`] when it is no directory or on a
    /// file system without rights.
    pub fn open(path: &Path) -> Result<Option<Self>, Trouble> {
        let path = match path.canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(path)(error)),
        };
        let facts = path.metadata().map_err(at(&path))?;
        if !facts.is_dir() {
            return Err(no_directory(&path));
        }
        let me = rustix::process::geteuid().as_raw();
        if facts.uid() != me {
            return Err(Trouble::Denied(format!(
                "{} belongs to user {}, and this runs as user {me}: run it as its owner or as root",
                path.display(),
                facts.uid()
            )));
        }
        let handle = File::open(&path).map_err(at(&path))?;
        protected(&path, &file_system::of(&handle).map_err(at(&path))?)?;
        if facts.mode() & 0o077 != 0 {
            return Err(Trouble::Denied(format!(
                "{} is open to others: run `chmod 700 {}`",
                path.display(),
                admin::quoted(&path.to_string_lossy())
            )));
        }
        Ok(Some(Self { path, handle, owner: me }))
    }

    /// The place of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The user who owns it.
    #[must_use]
    pub fn owner(&self) -> u32 {
        self.owner
    }

    /// A short name of a file in it, for the addresses of sockets, which hold only about a hundred octets.
    #[must_use]
    pub fn short(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/{name}", self.handle.as_raw_fd()))
    }

    /// Returns once the names of the files in it are on the disk.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the disk refuses.
    pub fn sync(&self) -> Result<(), Trouble> {
        self.handle.sync_all().map_err(at(&self.path))
    }

    /// Takes the right to write in it; `None` when somebody else has it.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the lock file cannot be made.
    pub fn hold(&self) -> Result<Option<Hold>, Trouble> {
        let place = self.file("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&place);
        let lock = lock.map_err(|error| match error.kind() {
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Trouble::Unavailable(format!(
                "{}: {error}: a server works in this directory and has to write there: mount it to be written, run `chmod 700 {}`, or \
                 name another with --data",
                place.display(),
                admin::quoted(&self.path.to_string_lossy())
            )),
            _ => at(&place)(error),
        })?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Hold { _lock: lock })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(at(&place)(error.into())),
        }
    }
}

fn no_directory(path: &Path) -> Trouble {
    Trouble::Invalid(format!("{} is no directory: choose another place with --data", path.display()))
}
