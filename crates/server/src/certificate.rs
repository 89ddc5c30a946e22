//! The certificates of a server: those its own authority issues by itself, those an authority elsewhere issued, and which is shown.
//! Opens no connection; says nothing of whom a server believes.

mod authority;
mod chain;
mod files;
mod shown;

use std::path::PathBuf;

use chat::{Clock, Domain, Time};
use rustls::pki_types::CertificateDer;

use crate::data::Data;
use crate::trouble::{Trouble, at};

pub use authority::{Authority, request};
pub use chain::{Chain, DAY_MICROS, Flaw, Leaf, SOON_DAYS, certificates, fingerprint, key, provider};
pub use files::{Files, hand_out, keep_secret, read};
pub use shown::Shown;

/// Names under which a server is reached on its own machine.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The certificates in a data directory.
#[derive(Clone, Debug)]
pub struct Certificates {
    files: Files,
}

/// A certificate that is here, for whoever wants to see which there are.
#[derive(Debug)]
pub struct Kept {
    /// Whether the server shows it.
    pub is_assigned: bool,
    /// Whether our own authority issued it.
    pub is_trial: bool,
    /// What it says.
    pub leaf: Leaf,
}

impl Certificates {
    /// Those of this directory.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when there is no place for secrets.
    pub fn of(data: &Data) -> Result<Self, Trouble> {
        let files = Files::of(data);
        files.make_folders()?;
        Ok(Self { files })
    }

    /// Where they lie.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Sees to it that there is one to show for a server of this name: the assigned one, or one that our own authority issues
    /// anew when the former ends soon or lacks a name. The authority is made when there is none.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when files cannot be read or written or hold something else.
    pub fn prepare(&self, domain: &Domain, host: &str, clock: &dyn Clock) -> Result<(), Trouble> {
        if self.files.assigned().exists() {
            return Ok(());
        }
        let names = local(&[host.to_owned()]);
        let former = self.issued()?;
        if self.files.joined().exists() {
            return Self::not_renewed(former.as_ref(), clock.now());
        }
        if former.as_ref().is_some_and(|chain| chain.leaf.lasts(&names, clock.now())) {
            return Ok(());
        }
        let authority = match Authority::load(&self.files)? {
            Some(authority) => authority,
            None => {
                if self.files.issued().exists() {
                    let consequence = "a new one is made, clients must be given the new ca.pem";
                    tracing::warn!(consequence, "certificate.authority_lost");
                }
                self.found_authority(domain, &names, clock.now())?
            }
        };
        let further = former.into_iter().flat_map(|chain| chain.leaf.names);
        let further = further.filter(|name| !names.contains(name)).collect::<Vec<_>>();
        self.issue(&authority, &[names.clone(), further].concat(), clock)
    }

    /// A machine that joined a deployment has its certificate from the authority there, and makes none of its own.
    fn not_renewed(former: Option<&Chain>, now: Time) -> Result<(), Trouble> {
        const FIX: &str = "make a join code where the authority is (`causerie pool join-code`) and run `causerie setup` here again";
        match former {
            Some(chain) if chain.leaf.days_left(now) >= SOON_DAYS => Ok(()),
            Some(chain) if chain.leaf.ends > now => {
                let ends = chain.leaf.ends.iso7();
                tracing::warn!(ends, fix = FIX, "certificate.not_renewed");
                Ok(())
            }
            _ => Err(failed(format!("the one the deployment gave this machine is over or missing: {FIX}"))),
        }
    }

    /// Makes an authority, in the place of any other.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when files cannot be written.
    pub fn found_authority(
        &self,
        domain: &Domain,
        names: &[String],
        now: Time,
    ) -> Result<Authority, Trouble> {
        let authority = Authority::make(domain, names, now)?;
        authority.keep(&self.files)?;
        Ok(authority)
    }

    /// Has our own authority issue one for these names and those of this machine itself.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] for names it may not speak for.
    pub fn issue(&self, authority: &Authority, names: &[String], clock: &dyn Clock) -> Result<(), Trouble> {
        let (certificate, key) = authority.issue(&local(names), clock)?;
        keep_secret(&self.files.issued_key(), key.as_bytes())?;
        keep_secret(&self.files.issued(), certificate.as_bytes())
    }

    /// The one that our own authority issued, with that behind it; `None` when a part of it is missing.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when it is something else.
    pub fn issued(&self) -> Result<Option<Chain>, Trouble> {
        let place = self.files.issued();
        let mut pem = Vec::new();
        for file in [&place, &self.files.authority(), &self.files.issued_key()] {
            match read(file)? {
                Some(part) => pem.extend(part),
                None => return Ok(None),
            }
        }
        Chain::read(&pem).map(Some).map_err(|flaw| {
            let fix = "remove it, and the next start makes it anew";
            Trouble::Unavailable(format!("{}: {flaw}; {fix}", place.display()))
        })
    }

    /// The one that is shown; `None` when there is none yet.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when it cannot be read.
    pub fn assigned(&self) -> Result<Option<Chain>, Trouble> {
        let place = self.files.assigned();
        match read(&place)? {
            None => self.issued(),
            Some(pem) => Chain::read(&pem).map(Some).map_err(|flaw| {
                let fix = "assign another with `causerie certificate assign`";
                Trouble::Unavailable(format!("{}: {flaw}; {fix}", place.display()))
            }),
        }
    }

    /// Every certificate here that can be read, the assigned one first.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the folder cannot be read.
    pub fn all(&self) -> Result<Vec<Kept>, Trouble> {
        let assigned = self.assigned().ok().flatten().map(|chain| chain.leaf.thumbprint);
        let imported = self.imports()?.into_iter().filter_map(|place| {
            read(&place)
                .ok()
                .flatten()
                .and_then(|pem| Chain::read(&pem).ok())
                .map(|chain| (false, chain.leaf))
        });
        let issued = self.issued().ok().flatten().map(|chain| (true, chain.leaf));
        let kept = |(is_trial, leaf): (bool, Leaf)| Kept {
            is_assigned: assigned.as_ref() == Some(&leaf.thumbprint),
            is_trial,
            leaf,
        };
        let mut all: Vec<Kept> = imported.chain(issued).map(kept).collect();
        all.sort_by_key(|kept| (!kept.is_assigned, kept.leaf.ends));
        Ok(all)
    }

    fn imports(&self) -> Result<Vec<PathBuf>, Trouble> {
        let folder = self.files.imports();
        let entries = std::fs::read_dir(&folder).map_err(at(&folder))?;
        let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        Ok(paths.filter(|path| path.extension().is_some_and(|end| end == "pem")).collect())
    }

    /// Whom the other servers of the deployment may be vouched for by: our own authority and those that were imported.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when a file cannot be read.
    pub fn authorities(&self) -> Result<Vec<CertificateDer<'static>>, Trouble> {
        let mut all = Vec::new();
        for place in [self.files.authority(), self.files.authorities()] {
            let pem = read(&place)?.unwrap_or_default();
            all.extend(certificates(&pem).map_err(|flaw| failed(format!("{}: {flaw}", place.display())))?);
        }
        Ok(all)
    }
}

impl Certificates {
    /// The same, as a PEM file.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when a file cannot be read.
    pub fn authorities_as_pem(&self) -> Result<String, Trouble> {
        Ok(self.authorities()?.iter().map(|authority| chain::pem("CERTIFICATE", authority)).collect())
    }
}

/// These names and those of the machine itself, each once.
pub fn local(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names.iter().map(|name| name.to_ascii_lowercase()).chain(LOCAL.map(str::to_owned)) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// Names what cannot be used.
pub fn failed(error: impl std::fmt::Display) -> Trouble {
    Trouble::Unavailable(format!("the server's certificate: {error}"))
}
