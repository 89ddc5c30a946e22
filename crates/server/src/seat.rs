//! Where a pool is kept: its data directory, and its store in a file there or in a database that the directory names.
//! Reads passwords where nobody else can read them; opens no store.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chat::Domain;
use serde::{Deserialize, Serialize};
use store::{Location, Standing, Store, StoreFault};
use uuid::Uuid;

use crate::certificate::keep_secret;
use crate::data::Data;
use crate::trouble::{Trouble, at};

/// The file of an embedded store.
pub const STORE: &str = "store.db";
/// The note of a directory whose store is in a database.
const NOTE: &str = "store.toml";
/// The address of the database that `causerie database install` made from here, in the folder of secrets.
pub const INSTALLED: &str = "store.url";
/// The password of its role, there as well.
const INSTALLED_PASSWORD: &str = "store.password";
/// Where the highest era is noted, wherever the store is.
const ERA: &str = "store.db.era";
/// Longest file with passwords that is read, in octets (ours).
const SECRET_BYTES_MAX: u64 = 1 << 20;

/// Where the store is said to be; nothing, when that is left to the directory.
#[derive(Clone, Debug, Default)]
pub struct StoreAt {
    location: Option<Location>,
    password_file: Option<PathBuf>,
}

/// A data directory and where its store is.
#[derive(Debug)]
pub struct Seat {
    data: Data,
    location: Location,
    note: Option<Note>,
    password_file: Option<PathBuf>,
}

/// What a directory says of its store elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Note {
    store: String,
    pool: Uuid,
    password_file: Option<PathBuf>,
}

impl StoreAt {
    /// What the command line or the environment says.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] for what is no address, or one with a password.
    pub fn told(url: Option<&str>, password_file: Option<&Path>) -> Result<Self, Trouble> {
        let location = url.map(address).transpose()?;
        if location.as_ref().is_some_and(Location::has_password) {
            return Err(Trouble::Invalid(
                "the address of the store holds a password, which others on this machine can read on the command line and in \
                 settings of services: leave it out there, and put it into ~/.pgpass or into a file that \
                 store-password-file names"
                    .into(),
            ));
        }
        Ok(Self { location, password_file: password_file.map(Path::to_owned) })
    }

    /// What the settings file says where the command line is silent. A password may stand in it if nobody else can read it.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] for what is no address, [`Trouble::Denied`] for a password that others can read.
    pub fn or_settings(
        self,
        url: Option<&str>,
        password_file: Option<&Path>,
        file: Option<&Path>,
    ) -> Result<Self, Trouble> {
        let Some(url) = url else {
            return Ok(Self {
                password_file: self.password_file.or(password_file.map(Path::to_owned)),
                ..self
            });
        };
        let location = address(url)?;
        if let Some(told) = &self.location {
            // A password is shown to the database it is of, and to no other.
            let own = password_file.filter(|_| *told == location).map(Path::to_owned);
            return Ok(Self { password_file: self.password_file.or(own), ..self });
        }
        if let Some(file) = file.filter(|_| location.has_password()) {
            closed_to_others(file, &file.metadata().map_err(at(file))?)?;
        }
        Ok(Self { location: Some(location), password_file: password_file.map(Path::to_owned) })
    }

    /// The database, with its password as far as one is known.
    ///
    /// # Errors
    /// As [`StoreAt::told`], and [`Trouble::Unavailable`] for a file with a password that cannot be read.
    pub fn database(&self) -> Result<Option<Location>, Trouble> {
        let with = |location| with_password(location, self.password_file.as_deref());
        self.location.clone().map(with).transpose()
    }

    /// The address of the database that was named, without a password.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        self.location.as_ref().map(Location::to_string)
    }

    /// The file with the password.
    #[must_use]
    pub fn password_file(&self) -> Option<&Path> {
        self.password_file.as_deref()
    }
}

/// Whether a pool was ever founded in a directory, wherever its store is; the store itself is not asked.
#[must_use]
pub fn is_taken(data: &Data) -> bool {
    [STORE, NOTE].iter().any(|name| data.file(name).exists())
}

impl Seat {
    /// The directory, made if need be, when a pool may be there or `founder` may found one. Leaves no trace otherwise.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when there is no pool and no domain is known for one; those of [`Data::open`] and [`Seat::of`].
    pub fn find(place: &Path, store: &StoreAt, founder: Option<&Domain>) -> Result<Self, Trouble> {
        let data = match Data::open(place)? {
            Some(data) => data,
            None if founder.is_some() => Data::make(place)?,
            None => return Err(no_pool(place)),
        };
        let seat = Self::of(data, store)?;
        if founder.is_none() && !seat.is_founded()? {
            return Err(no_pool(place));
        }
        Ok(seat)
    }

    /// A directory, with its store where that is said to be, else where the directory itself says.
    ///
    /// # Errors
    /// [`Trouble::Conflict`] when the directory has a store of its own and another is named; [`Trouble::Unavailable`] when its note
    /// cannot be read.
    pub fn of(data: Data, store: &StoreAt) -> Result<Self, Trouble> {
        let note = read_note(&data)?;
        let own = data.file(STORE);
        let installed = if note.is_none() && !own.exists() { installed(&data)? } else { None };
        let password_file = store.password_file.clone();
        let password_file = password_file.or_else(|| note.as_ref()?.password_file.clone());
        let wanted = match (&store.location, &note) {
            (Some(location), None) => {
                no_store_but(&own, location)?;
                Some(location.clone())
            }
            (Some(location), Some(_)) => Some(location.clone()),
            (None, Some(note)) => Some(address(&note.store)?),
            (None, None) => installed.as_ref().map(|(url, _)| address(url)).transpose()?,
        };
        // The password that was noted is that of the database that was noted.
        let own_of = |(url, file): (String, PathBuf)| (address(&url).ok() == wanted).then_some(file);
        let password_file = password_file.or_else(|| own_of(installed?));
        let location = match wanted {
            None => Location::from(&own),
            Some(location) => {
                with_password(location, password_file.as_deref())?.noting_era_in(&data.file(ERA))
            }
        };
        Ok(Self { data, location, note, password_file })
    }

    /// The directory.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Where the store is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Whether the store is a file of the directory.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.location == Location::from(&self.data.file(STORE))
    }

    /// Whether a pool is there.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the database does not say; [`Trouble::Invalid`] when it has another pool than the directory.
    pub fn is_founded(&self) -> Result<bool, Trouble> {
        if self.is_embedded() {
            return Ok(self.data.file(STORE).exists());
        }
        let found = Store::standing(&self.location).map_err(unavailable)?;
        match (&self.note, found) {
            (None, found) => Ok(found.is_some()),
            (Some(note), Some(found)) if found.pool == note.pool => Ok(true),
            (Some(note), Some(Standing { pool, .. })) => Err(Trouble::Invalid(format!(
                "{} has the pool {pool}, but {} belongs to the pool {}: name the right database with --store, or use another \
                 data directory",
                self.location,
                self.data.path().display(),
                note.pool
            ))),
            (Some(note), None) => Err(Trouble::Unavailable(format!(
                "{} has no store in it, but {} belongs to the pool {}: put the database back from its backup, or name the \
                 right one with --store",
                self.location,
                self.data.path().display(),
                note.pool
            ))),
        }
    }

    /// Notes in the directory which pool is its own and where that is, for whoever opens it next. Returns the note if it is new.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the disk refuses.
    pub fn note(&self, pool: Uuid) -> Result<Option<PathBuf>, Trouble> {
        if self.is_embedded() {
            return Ok(None);
        }
        let file = self.data.file(NOTE);
        let password_file = self.password_file.as_deref().map(std::path::absolute).transpose();
        let password_file = password_file.map_err(at(&file))?;
        let note = Note { store: self.location.to_string(), pool, password_file };
        if self.note.as_ref() == Some(&note) {
            return Ok(None);
        }
        let text = toml::to_string(&note).expect("a note is plain values");
        let new = self.data.file(&format!("{NOTE}-new"));
        let mut out = File::create(&new).map_err(at(&new))?;
        let said = "# Where the store of this directory is; written by causerie.\n";
        out.write_all(format!("{said}{text}").as_bytes()).and_then(|()| out.sync_all()).map_err(at(&new))?;
        std::fs::rename(&new, &file).map_err(at(&file))?;
        self.data.sync()?;
        Ok(self.note.is_none().then_some(file))
    }

    /// Takes the note away: the store is a file of the directory from now on.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the disk refuses.
    pub fn forget_note(&self) -> Result<(), Trouble> {
        let file = self.data.file(NOTE);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(at(&file)(error)),
            _ => self.data.sync(),
        }
    }

    /// The same directory with its store in another database.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the directory is gone.
    pub fn elsewhere(&self, location: Location, password_file: Option<PathBuf>) -> Result<Self, Trouble> {
        let data = Data::open(self.data.path())?.ok_or_else(|| no_pool(self.data.path()))?;
        Ok(Self { data, location, note: self.note.clone(), password_file })
    }
}

/// Keeps the address of a database and the password of its role for the servers of a directory.
///
/// # Errors
/// [`Trouble::Unavailable`] when the disk refuses.
pub fn note_installed(data: &Data, address: &str, password: &str) -> Result<(), Trouble> {
    let secret = data.file("secret");
    match std::fs::create_dir(&secret) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(at(&secret)(error)),
        _ => keep_secret(&secret.join(INSTALLED_PASSWORD), format!("{password}\n").as_bytes())?,
    }
    keep_secret(&secret.join(INSTALLED), format!("{address}\n").as_bytes())
}

/// What [`note_installed`] kept: the address, and the file with the password.
///
/// # Errors
/// [`Trouble::Unavailable`] when a file cannot be read.
pub fn installed(data: &Data) -> Result<Option<(String, PathBuf)>, Trouble> {
    let secret = data.file("secret");
    let file = secret.join(INSTALLED);
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok(Some((text.trim().to_owned(), secret.join(INSTALLED_PASSWORD)))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(&file)(error)),
    }
}

/// Refuses another place for the store of a directory that has one, unless it was moved there.
fn no_store_but(own: &Path, location: &Location) -> Result<(), Trouble> {
    if !own.exists() {
        return Ok(());
    }
    let standing = Store::standing(&Location::from(own)).map_err(unavailable)?;
    if standing.and_then(|standing| standing.left_for).as_deref() == Some(&location.to_string()) {
        return Ok(());
    }
    Err(Trouble::Conflict(format!(
        "{} is the store of this directory, and {location} is another: carry it over with `causerie store move --to \
         {location}`, or use another data directory",
        own.display()
    )))
}

fn read_note(data: &Data) -> Result<Option<Note>, Trouble> {
    let file = data.file(NOTE);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&file)(error)),
    };
    let broken = |error: toml::de::Error| Trouble::Invalid(format!("{}: {error}", file.display()));
    toml::from_str(&text).map(Some).map_err(broken)
}

/// The location of an address as somebody wrote it.
fn address(url: &str) -> Result<Location, Trouble> {
    Location::postgres(url).map_err(|fault| match fault {
        StoreFault::Unavailable { reason } => Trouble::Invalid(reason),
        other => Trouble::Invalid(other.to_string()),
    })
}

/// A location with the password that is nearest: its own, that of the file, that of the user's password file.
fn with_password(location: Location, file: Option<&Path>) -> Result<Location, Trouble> {
    if location.has_password() {
        return Ok(location);
    }
    if let Some(file) = file {
        let password = read_secret(file)?;
        return Ok(location.with_password(password.trim_end_matches(['\r', '\n'])));
    }
    if let Some(named) = std::env::var_os("PGPASSFILE") {
        return Ok(location.with_password_out_of(&read_secret(Path::new(&named))?));
    }
    let Some(home) = std::env::var_os("HOME").filter(|home| home.as_os_str() != OsStr::new("")) else {
        return Ok(location);
    };
    let usual = Path::new(&home).join(".pgpass");
    match File::open(&usual) {
        Ok(_) => Ok(location.with_password_out_of(&read_secret(&usual)?)),
        // Somebody else's home, or a home without one: perhaps no password is needed.
        Err(_) => Ok(location),
    }
}

/// Reads a file that nobody else can read.
fn read_secret(file: &Path) -> Result<String, Trouble> {
    let open = File::open(file).map_err(at(file))?;
    closed_to_others(file, &open.metadata().map_err(at(file))?)?;
    let mut text = String::new();
    open.take(SECRET_BYTES_MAX).read_to_string(&mut text).map_err(at(file))?;
    Ok(text)
}

/// Refuses a file with a password that others can read.
///
/// # Errors
/// [`Trouble::Denied`], with what to do.
pub fn closed_to_others(file: &Path, facts: &std::fs::Metadata) -> Result<(), Trouble> {
    if facts.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(Trouble::Denied(format!(
        "{} holds a password, and others may read it: run `chmod 600 {}`",
        file.display(),
        admin::quoted(&file.to_string_lossy())
    )))
}

/// There is no pool in a directory.
#[must_use]
pub fn no_pool(path: &Path) -> Trouble {
    Trouble::Unavailable(format!(
        "there is no pool in {} yet: found it with `causerie serve --domain example.com`, or make its first person \
         with `causerie user new sip:somebody@example.com --display-name NAME --password-stdin`",
        path.display()
    ))
}

fn unavailable(fault: StoreFault) -> Trouble {
    Trouble::Unavailable(fault.to_string())
}
