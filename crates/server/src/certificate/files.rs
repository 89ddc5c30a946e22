//! Where certificates and keys lie in a data directory, and how they come there: whole or not at all, keys for the owner alone.
//! Judges none of them.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::data::Data;
use crate::trouble::{Trouble, at};

/// Longest file of certificates that is read, in octets (ours: a chain has some thousands).
const OCTETS_MAX: u64 = 1 << 20;

/// The files of certificates in a data directory.
#[derive(Clone, Debug)]
pub struct Files {
    data: PathBuf,
}

impl Files {
    /// Those of this directory.
    #[must_use]
    pub fn of(data: &Data) -> Self {
        Self { data: data.path().to_owned() }
    }

    /// The certificate of our own authority, which clients are given to trust.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.data.join("ca.pem")
    }

    /// Its key.
    #[must_use]
    pub fn authority_key(&self) -> PathBuf {
        self.secret("ca.key")
    }

    /// The certificate that our own authority issued for this server.
    #[must_use]
    pub fn issued(&self) -> PathBuf {
        self.secret("server.pem")
    }

    /// The key of that.
    #[must_use]
    pub fn issued_key(&self) -> PathBuf {
        self.secret("server.key")
    }

    /// The key of the last request to an authority elsewhere.
    #[must_use]
    pub fn requested_key(&self) -> PathBuf {
        self.secret("requested.key")
    }

    /// The folder of imported certificates, each with its key and chain in one file.
    #[must_use]
    pub fn imports(&self) -> PathBuf {
        self.secret("imported")
    }

    /// The imported certificate with this thumbprint.
    #[must_use]
    pub fn imported(&self, thumbprint: &str) -> PathBuf {
        self.imports().join(format!("{thumbprint}.pem"))
    }

    /// What vouches for the imported certificate with this thumbprint.
    #[must_use]
    pub fn imported_authority(&self, thumbprint: &str) -> PathBuf {
        self.imports().join(format!("{thumbprint}.authority"))
    }

    /// The imported certificate that the server shows, with key and chain; none there means the one of our own authority.
    #[must_use]
    pub fn assigned(&self) -> PathBuf {
        self.secret("assigned.pem")
    }

    /// Authorities that vouch for the other servers of the deployment, beside our own.
    #[must_use]
    pub fn authorities(&self) -> PathBuf {
        self.data.join("authorities.pem")
    }

    /// Says that certificates were prepared here before there was a store.
    #[must_use]
    pub fn prepared(&self) -> PathBuf {
        self.secret("prepared")
    }

    /// Says that this machine joined a deployment, whose authority is on another machine.
    #[must_use]
    pub fn joined(&self) -> PathBuf {
        self.secret("joined")
    }

    /// What our own authority makes.
    #[must_use]
    pub fn made(&self) -> [PathBuf; 4] {
        [self.authority(), self.authority_key(), self.issued_key(), self.issued()]
    }

    fn secret(&self, name: &str) -> PathBuf {
        self.data.join("secret").join(name)
    }

    /// The folders for secrets, the innermost first.
    #[must_use]
    pub fn folders(&self) -> [PathBuf; 2] {
        [self.imports(), self.data.join("secret")]
    }

    /// Makes the folders for secrets.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when they cannot be made.
    pub fn make_folders(&self) -> Result<(), Trouble> {
        let imports = self.imports();
        DirBuilder::new().mode(0o700).recursive(true).create(&imports).map_err(at(&imports))
    }
}

/// Writes a file that only its owner may read: whole, or nothing of it.
///
/// # Errors
/// [`Trouble::Unavailable`] when the disk refuses.
pub fn keep_secret(place: &Path, content: &[u8]) -> Result<(), Trouble> {
    write(place, content, 0o600)
}

/// Writes a file that anybody may read.
///
/// # Errors
/// As [`keep_secret`].
pub fn hand_out(place: &Path, content: &[u8]) -> Result<(), Trouble> {
    write(place, content, 0o644)
}

/// Beside its place first, then in it.
fn write(place: &Path, content: &[u8], mode: u32) -> Result<(), Trouble> {
    let mut beside = place.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let opened = OpenOptions::new().create(true).truncate(true).write(true).mode(mode).open(&beside);
    let written = opened.and_then(|mut file| {
        file.set_permissions(Permissions::from_mode(mode))?;
        file.write_all(content)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&beside, place)).map_err(at(place))
}

/// The content of a file; `None` when there is none.
///
/// # Errors
/// [`Trouble::Unavailable`] when it cannot be read, [`Trouble::Invalid`] when it is far too long for certificates.
pub fn read(place: &Path) -> Result<Option<Vec<u8>>, Trouble> {
    let mut octets = Vec::new();
    match std::fs::File::open(place).and_then(|file| file.take(OCTETS_MAX + 1).read_to_end(&mut octets)) {
        Ok(_) if octets.len() as u64 > OCTETS_MAX => Err(Trouble::Invalid(format!(
            "{}: it has more than {} KiB, which is no file of certificates",
            place.display(),
            OCTETS_MAX >> 10
        ))),
        Ok(_) => Ok(Some(octets)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(place)(error)),
    }
}
