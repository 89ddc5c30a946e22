//! The handle of the directory: credentials sealed and checked, legacy secrets, per-person documents.
//! Says the same and does the same work for an unknown name as for a wrong password.

use std::net::IpAddr;
use std::sync::Arc;

use chat::{Address, BadAddress, Clock, Domain, Person, PersonId, PersonState, Time};
use ntlm::NtHash;
use store::{Credentials, PutOutcome, Shelf, Store};
use tokio::sync::{Semaphore, broadcast};

use crate::fault::{DirectoryFault, SignOnRefused};
use crate::password::{self, Password};
use crate::publication::{Publication, PublicationName};
use crate::seal::SealingKey;
use crate::turn::{TooManyTries, Turns};

/// Argon2id computations at the same time: each takes 19 MiB and a core.
const HASHES_AT_ONCE: usize = 2;
/// People told of that one who listens may be behind; beyond it he is told that he missed some (ours: a few kilobytes).
const CHANGED_MAX: usize = 1_024;
/// The one document on the shelf of contacts.
const CONTACTS: &str = "contacts";

/// People and their secrets. Cheap to clone; all clones are the same directory.
#[derive(Clone, Debug)]
pub struct Directory(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    key: SealingKey,
    turns: Turns,
    hashing: Arc<Semaphore>,
    /// Tells of people whose documents were changed here, and not by an endpoint of theirs.
    changed: broadcast::Sender<PersonId>,
    /// What unknown names are checked against: nobody knows the password behind it.
    decoy: NtHash,
    decoy_sealed: Vec<u8>,
    decoy_phc: String,
}

/// What a legacy sign-on is verified against.
#[derive(Debug)]
pub struct LegacySecret {
    /// Whoever the name stands for and may sign on this way; `None` for everybody else.
    pub person: Option<Person>,
    /// The hash to verify with. A decoy if there is no such person: verifying against it is the same work and fails.
    pub hash: NtHash,
}

impl Directory {
    /// The directory over an open store.
    ///
    /// # Errors
    /// [`DirectoryFault::Hash`] when argon2id does not work on this machine.
    pub fn open(store: Store, clock: Arc<dyn Clock>, key: SealingKey) -> Result<Self, DirectoryFault> {
        let mut random = [0; 48];
        clock.fill_random(&mut random);
        let (decoy, rest) = random.split_first_chunk::<16>().expect("forty-eight octets hold sixteen");
        let (salt, unknown) = rest.split_first_chunk::<16>().expect("thirty-two octets hold sixteen");
        let decoy_phc = password::decoy(salt, unknown).map_err(DirectoryFault::Hash)?;
        Ok(Self(Arc::new(Inner {
            store,
            decoy: NtHash::from_bytes(*decoy),
            decoy_sealed: key.seal("", decoy, &*clock),
            decoy_phc,
            clock,
            key,
            turns: Turns::default(),
            hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            changed: broadcast::Sender::new(CHANGED_MAX),
        })))
    }

    /// What is to be kept for a password: argon2id always, the sealed NT hash only for legacy sign-on.
    ///
    /// # Errors
    /// [`DirectoryFault::Password`] when legacy clients could not send it whole.
    pub async fn seal(
        &self,
        address: &Address,
        password: &Password,
        legacy: bool,
    ) -> Result<Credentials, DirectoryFault> {
        let nt = if legacy {
            let hash = NtHash::of_password(password.legacy()?);
            Some(self.0.key.seal(address.as_str(), hash.as_bytes(), &*self.0.clock))
        } else {
            None
        };
        let mut salt = [0; 16];
        self.0.clock.fill_random(&mut salt);
        let bytes = password.as_bytes().to_vec();
        let argon2 =
            self.hashing(move || password::hash(&bytes, &salt)).await?.map_err(DirectoryFault::Hash)?;
        Ok(Credentials { argon2: Some(argon2), nt })
    }

    /// Checks an address and password: the sign-on of everything but legacy clients. Waits its turn first.
    ///
    /// # Errors
    /// [`SignOnRefused::Wrong`] for an unknown or disabled person and for a wrong password, after the same work.
    pub async fn check(
        &self,
        address: &Address,
        password: &str,
        from: IpAddr,
    ) -> Result<Person, SignOnRefused> {
        self.turn(address.as_str(), from).await?;
        let person = self.0.store.person_at(address).await.map_err(DirectoryFault::from)?;
        let person = person.filter(|person| person.state == PersonState::Enabled);
        let phc = self.0.store.credentials(number_of(&person)).await.map_err(DirectoryFault::from)?;
        let known = phc.and_then(|credentials| credentials.argon2);
        let (real, phc) = known.map_or_else(|| (false, self.0.decoy_phc.clone()), |phc| (true, phc));
        let bytes = password.as_bytes().to_vec();
        let right = self.hashing(move || password::matches(&bytes, &phc)).await?;
        match person {
            Some(person) if right && real => {
                self.0.turns.succeeded(address.as_str(), from);
                Ok(person)
            }
            _ => Err(SignOnRefused::Wrong),
        }
    }

    /// The secret behind the names a legacy client sends: `alice`, `EXAMPLE` and `alice`, or `alice@example.com`.
    ///
    /// # Errors
    /// [`DirectoryFault::Store`] when the store cannot be read.
    pub async fn legacy(&self, user: &str, domain: &str) -> Result<LegacySecret, DirectoryFault> {
        let person = match self.named(user, domain) {
            Some(address) => self.0.store.person_at(&address).await?,
            None => None,
        };
        let person = person.filter(|person| person.state == PersonState::Enabled);
        let sealed =
            self.0.store.credentials(number_of(&person)).await?.and_then(|credentials| credentials.nt);
        let address = person.as_ref().map_or("", |person| person.address.as_str());
        // The decoy is sealed for nobody, so that an unknown name costs opening one and a known one does not open it.
        let opened = self.0.key.open(address, sealed.as_ref().unwrap_or(&self.0.decoy_sealed));
        Ok(match (person, opened) {
            (Some(person), Some(hash)) => {
                LegacySecret { person: Some(person), hash: NtHash::from_bytes(hash) }
            }
            _ => LegacySecret { person: None, hash: self.0.decoy.clone() },
        })
    }

    /// Waits for the turn of a try for this name from this address; whoever hangs up drops the future, which leaves
    /// the line. Every try whose turn came counts as failed until [`Directory::succeeded`] says otherwise.
    ///
    /// # Errors
    /// [`TooManyTries`] after a wait as long as a client's patience.
    pub async fn turn(&self, name: &str, from: IpAddr) -> Result<(), TooManyTries> {
        self.0.turns.take(name, from).await
    }

    /// The right password was given.
    pub fn succeeded(&self, name: &str, from: IpAddr) {
        self.0.turns.succeeded(name, from);
    }

    /// A person's contact list with its version; `None` when none is kept.
    ///
    /// # Errors
    /// [`DirectoryFault::Store`].
    pub async fn contacts(&self, person: PersonId) -> Result<Option<(u64, Vec<u8>)>, DirectoryFault> {
        let kept = self.0.store.document(person, Shelf::Contacts, CONTACTS).await?;
        Ok(kept.map(|document| (document.version, document.content)))
    }

    /// Keeps a person's contact list, if its version is still the expected one (0: there is none).
    ///
    /// # Errors
    /// [`DirectoryFault::Store`]. A version conflict is an outcome, not an error.
    pub async fn set_contacts(
        &self,
        person: PersonId,
        expected: u64,
        content: Vec<u8>,
    ) -> Result<PutOutcome, DirectoryFault> {
        let put = self.0.store.put_document(person, Shelf::Contacts, CONTACTS, Some(expected), Some(content));
        Ok(put.await?)
    }

    /// All publications of a person, ordered by name.
    ///
    /// # Errors
    /// [`DirectoryFault::Store`].
    pub async fn publications(&self, person: PersonId) -> Result<Vec<Publication>, DirectoryFault> {
        let kept = self.0.store.documents(person, Shelf::Publication).await?;
        let mut all: Vec<Publication> = kept
            .into_iter()
            .filter_map(|document| {
                let name = PublicationName::parse(&document.name)?;
                Some(Publication { name, version: document.version, content: document.content })
            })
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Keeps or (with `None`) removes one publication, if its version is still the expected one (0: there is none).
    ///
    /// # Errors
    /// [`DirectoryFault::Store`]. A version conflict is an outcome, not an error.
    pub async fn publish(
        &self,
        person: PersonId,
        name: &PublicationName,
        expected: Option<u64>,
        content: Option<Vec<u8>>,
    ) -> Result<PutOutcome, DirectoryFault> {
        Ok(self
            .0
            .store
            .put_document(person, Shelf::Publication, &name.to_string(), expected, content)
            .await?)
    }

    /// Hears, from now on, of people who follow other rooms than before, and did not say so at an endpoint of theirs.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<PersonId> {
        self.0.changed.subscribe()
    }

    pub(crate) fn tell_change(&self, person: PersonId) {
        // Nobody needs to listen.
        let _ = self.0.changed.send(person);
    }

    /// The address somebody means who types one: `sip:` may be left out, and the domain where it is the organisation's own.
    ///
    /// # Errors
    /// [`BadAddress`] for what is no address however it is completed.
    pub fn address_typed(&self, text: &str) -> Result<Address, BadAddress> {
        Address::typed_at(text, self.home())
    }

    /// The organisation's domain.
    pub(crate) fn home(&self) -> &Domain {
        &self.0.store.identity().domain
    }

    pub(crate) fn now(&self) -> Time {
        self.0.clock.now()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// The address the names of a legacy client stand for.
    fn named(&self, user: &str, domain: &str) -> Option<Address> {
        let own = &self.0.store.identity().domain;
        if user.contains('@') {
            return Address::parse(&format!("sip:{user}")).ok();
        }
        let domain = if domain.contains('.') { Domain::parse(domain).ok()? } else { own.clone() };
        Address::parse(&format!("sip:{user}@{domain}")).ok()
    }

    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DirectoryFault> {
        let permit =
            Arc::clone(&self.0.hashing).acquire_owned().await.expect("the semaphore is never closed");
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.map_err(|e| DirectoryFault::Hash(e.to_string()))
    }
}

/// Whose credentials to read. The number 0 is nobody's: an unknown name costs the same read.
fn number_of(person: &Option<Person>) -> PersonId {
    person.as_ref().map_or(PersonId(0), |person| person.id)
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("domain", &self.store.identity().domain).finish_non_exhaustive()
    }
}
