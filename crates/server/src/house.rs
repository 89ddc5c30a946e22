//! What stands at a seat: the store, the key file, the identity of the pool. Founds it, opens it, closes it.
//! Starts no server.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use admin::Desk;
use chat::{Clock, Domain};
use directory::{Directory, SealingKey};
use store::{Founding, Location, Store, StoreFault};

use crate::certificate::Files;
use crate::data::{Data, Hold};
use crate::join::{self, SEALING_KEY};
use crate::machine::MachineOptions;
use crate::membership::Opened;
use crate::seat::{STORE, Seat, no_pool};
use crate::settings;
use crate::survey;
use crate::trouble::{Trouble, at};

/// The site a pool lies in until a topology says otherwise.
const SITE: &str = "Default";
/// Its name until it is complete.
const FOUNDING: &str = "founding.db";

/// An open house: nobody else has the directory.
#[derive(Debug)]
pub struct House {
    /// The store.
    pub store: Store,
    /// Who people are.
    pub directory: Directory,
    /// Administration.
    pub desk: Desk,
    /// What founding it made; empty when it was there before.
    made: Vec<PathBuf>,
    /// Where the store is, if that is not the directory.
    elsewhere: Option<Location>,
    /// Whether certificates were prepared before it was founded.
    prepared: bool,
    certificates: Files,
    hold: Hold,
}

impl House {
    /// Opens the house, founding it for `domain` if there is none yet.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when it cannot be opened, [`Trouble::Invalid`] when it was founded for another domain.
    pub async fn open(
        seat: &Seat,
        hold: Hold,
        domain: Option<&Domain>,
        place: Opened<'_>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Trouble> {
        let data = seat.data();
        let key_file = data.file("secret").join(SEALING_KEY);
        // Looked at again under the lock: another command may have founded the pool, or taken a founding back.
        let founded = seat.is_founded()?;
        let certificates = Files::of(data);
        let prepared = !founded && certificates.prepared().exists();
        if !founded && seat.is_embedded() {
            nothing_left(data)?;
        }
        let founder = match domain {
            _ if founded => None,
            Some(domain) => Some(whole(domain)?.clone()),
            None => return Err(no_pool(data.path())),
        };
        let mut made = Vec::new();
        let key = sealing_key(&key_file, founded, &mut made, &*clock)?;
        let fingerprint = key.fingerprint().to_owned();
        let new = founder.is_some();
        if new {
            made.extend(seat.is_embedded().then(|| files_of(data, STORE)).into_iter().flatten());
            made.extend(founded_with(&certificates, prepared)?);
        }
        let store = if seat.is_embedded() {
            if let Some(founder) = founder {
                may_be_founded_here(seat, place)?;
                found(data, founding(founder, place.machine_in(data)?, &*clock), clock.clone()).await?;
            }
            Store::open_founded(seat.location().clone(), clock.clone())
        } else {
            let name = place.machine_in(data)?;
            let founding = founder.map(|founder| founding(founder, name, &*clock));
            let (place, options) = (place.in_pool(data, &*clock)?, store::Options::default());
            Store::open_place(seat.location().clone(), founding.as_ref(), &place, clock.clone(), &options)
        };
        let store = store.map_err(unavailable)?;
        made.extend(seat.note(store.identity().pool_guid)?.filter(|_| new));
        let own = &store.identity().domain;
        if let Some(other) = domain.filter(|domain| *domain != own) {
            return Err(Trouble::Invalid(format!(
                "the pool in {} was founded for the domain {own}, which cannot be changed to {other}: leave --domain \
                 out, or use another data directory",
                data.path().display()
            )));
        }
        sealed_under(&store, &fingerprint, &key_file).await?;
        let directory = Directory::open(store.clone(), clock, key);
        let directory = directory.map_err(|fault| Trouble::Unavailable(fault.to_string()))?;
        let desk = desk(data, &store, &directory, place)?;
        let elsewhere = (!seat.is_embedded()).then(|| seat.location().clone());
        Ok(Self { store, directory, desk, made, elsewhere, prepared, certificates, hold })
    }

    /// Whether it was founded when it was opened.
    #[must_use]
    pub fn is_new(&self) -> bool {
        !self.made.is_empty()
    }

    /// Closes it after a start that failed: a first one founds nothing, for its domain may have been a slip.
    pub async fn give_up(self) {
        if self.is_new() { self.unfound().await } else { self.close().await }
    }

    /// Closes the store and gives the directory up.
    pub async fn close(self) {
        self.store.close().await;
        drop(self.hold);
    }

    /// Takes back a founding whose first operation was refused: nothing was ever in this store.
    pub async fn unfound(self) {
        self.store.close().await;
        if let Some(location) = &self.elsewhere {
            match self.store.clone().unfound(location).await {
                Ok(true) => (),
                Ok(false) => return,
                Err(fault) => {
                    tracing::warn!(%fault, "house.founding_stays");
                    return;
                }
            }
        }
        // The key last: whatever is left when this is interrupted can be opened, or founded anew.
        for file in self.made.iter().rev() {
            // What is not there need not be taken away.
            let _ = std::fs::remove_file(file);
        }
        if self.prepared {
            // Without it the next founding is refused, and says which files are in its way.
            let _ = std::fs::write(self.certificates.prepared(), b"");
        }
        for folder in self.certificates.folders() {
            // It stays when it holds anything else.
            let _ = std::fs::remove_dir(folder);
        }
        drop(self.hold);
    }
}

/// The key that is there; only who founds a store makes one, which `made` then names.
fn sealing_key(
    file: &Path,
    founded: bool,
    made: &mut Vec<PathBuf>,
    clock: &dyn Clock,
) -> Result<SealingKey, Trouble> {
    let there = file.exists();
    if founded && !there {
        return Err(Trouble::Unavailable(format!(
            "{} is missing: without it no legacy password of this store can be read; restore it from the backup",
            file.display()
        )));
    }
    if let Some(folder) = file.parent() {
        DirBuilder::new().mode(0o700).recursive(true).create(folder).map_err(at(folder))?;
    }
    let key = if there {
        SealingKey::load(file)
    } else {
        made.push(file.to_owned());
        SealingKey::make(file, clock)
    };
    key.map_err(|fault| Trouble::Unavailable(fault.to_string()))
}

/// Refuses a key that is not the one under which secrets in the store are sealed.
async fn sealed_under(store: &Store, fingerprint: &str, key_file: &Path) -> Result<(), Trouble> {
    if store.sealed_under(fingerprint).await.map_err(unavailable)? {
        return Ok(());
    }
    store.close().await;
    Err(Trouble::Unavailable(format!(
        "{} is another key than the one under which the passwords of legacy clients in this store are sealed: put back the right \
         one from the backup, or from another server of the pool",
        key_file.display()
    )))
}

/// The certificates that are part of a founding. What was prepared before is none, and stays when that is taken back.
fn founded_with(certificates: &Files, prepared: bool) -> Result<Vec<PathBuf>, Trouble> {
    if prepared {
        std::fs::remove_file(certificates.prepared()).map_err(at(&certificates.prepared()))?;
        return Ok(Vec::new());
    }
    Ok(certificates.made().into_iter().collect())
}

/// The desk of the house: it knows who vouches for the deployment, and looks at the world from this machine.
fn desk(data: &Data, store: &Store, directory: &Directory, place: Opened<'_>) -> Result<Desk, Trouble> {
    let survey = survey::from(place.machine_in(data)?);
    let desk = Desk::surveying(store.clone(), directory.clone(), survey);
    desk.vouch(join::vouching(data)?);
    Ok(desk)
}

/// Refuses to found a pool on the disk of a machine whose store is in a database, as the settings or the topology say.
fn may_be_founded_here(seat: &Seat, place: Opened<'_>) -> Result<(), Trouble> {
    let data = seat.data();
    if let Some(store) = settings::read_in_use(None, data.path())?.store {
        return Err(Trouble::Conflict(format!(
            "the settings of {} have the store in a database, and nothing was founded there: say the same with --store {store}, or \
             start the server first",
            data.path().display()
        )));
    }
    MachineOptions::default().find(&place.machine_in(data)?, Some(data))?.must_keep_in(seat)
}

/// Refuses a domain of one label for a new pool (ours: names of one label lead nowhere but within one network): it could never be changed.
///
/// # Errors
/// [`Trouble::Invalid`] for such a domain.
pub fn whole(domain: &Domain) -> Result<&Domain, Trouble> {
    if domain.as_str().contains('.') {
        return Ok(domain);
    }
    Err(Trouble::Invalid(format!(
        "'{domain}' is only one label, and the domain of a pool stays for ever, as part of everybody's address: give the whole name that \
         your organisation has in DNS, such as {domain}.example.com"
    )))
}

/// Founds the pool: all of it, or nothing that the next start would take for a store.
async fn found(data: &Data, founding: Founding, clock: Arc<dyn Clock>) -> Result<(), Trouble> {
    for rest in files_of(data, FOUNDING) {
        // What an interrupted founding left is taken away; usually nothing is there.
        let _ = std::fs::remove_file(rest);
    }
    let [file, log, _] = files_of(data, FOUNDING);
    let store = Store::open(&file, &founding, clock.clone()).map_err(unavailable)?;
    store.close().await;
    if log.exists() {
        return Err(Trouble::Unavailable(format!(
            "{}: the new store could not be completed",
            file.display()
        )));
    }
    std::fs::rename(&file, data.file(STORE)).map_err(at(&file))?;
    data.sync()
}

/// The pool that a machine founds is called after it.
fn founding(domain: Domain, machine: String, clock: &dyn Clock) -> Founding {
    Founding { domain, pool_name: machine, pool_guid: clock.guid(), site: SITE.to_owned(), chat: true }
}

/// A store's file, its log and the index of that.
fn files_of(data: &Data, name: &str) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| data.file(&format!("{name}{end}")))
}

/// The full name of this host: as the system says it, with the domain that the hosts file may know.
#[must_use]
pub fn host_name(hosts: &Path) -> String {
    let uname = rustix::system::uname();
    let short = uname.nodename().to_string_lossy().to_ascii_lowercase();
    if short.contains('.') {
        return short;
    }
    let text = std::fs::read_to_string(hosts).unwrap_or_default();
    let full = text.lines().filter_map(|line| line.split('#').next()).find_map(|line| {
        let names: Vec<&str> = line.split_whitespace().skip(1).collect();
        let ours = names.iter().any(|name| name.eq_ignore_ascii_case(&short));
        let full = names.iter().find(|name| name.to_ascii_lowercase().starts_with(&format!("{short}.")));
        full.filter(|_| ours).map(|name| name.to_ascii_lowercase())
    });
    full.unwrap_or(short)
}

/// Whether a store was never here: one whose file alone is gone is not founded anew over what is left of it.
fn nothing_left(data: &Data) -> Result<(), Trouble> {
    let certificates = Files::of(data);
    let certificates =
        if certificates.prepared().exists() { Vec::new() } else { certificates.made().to_vec() };
    let left = files_of(data, STORE).into_iter().chain(certificates).find(|file| file.exists());
    match left {
        None => Ok(()),
        Some(left) => Err(Trouble::Unavailable(format!(
            "{} is missing, but {} of it is there: put the store back from a backup (docs/running.md, Backups), or use \
             another data directory",
            data.file(STORE).display(),
            left.display()
        ))),
    }
}

fn unavailable(fault: StoreFault) -> Trouble {
    Trouble::Unavailable(fault.to_string())
}
