//! The certificate that the server shows now, on both sides of a connection: another one that is assigned is taken without a restart.
//! Does not choose which one that is.

use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use chat::{Clock, Domain, Time};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SignatureScheme};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::chain::{SOON_DAYS, provider};
use super::{Certificates, failed};
use crate::trouble::Trouble;

/// How often it is looked whether another one was assigned (ours).
const LOOK: Duration = Duration::from_secs(2);

/// How often it is looked whether it ends soon (ours).
const RENEW: Duration = Duration::from_secs(24 * 60 * 60);

/// By what one sees that a file is another one: its number on the disk and when it was written.
type Mark = Option<(u64, i64, i64)>;

/// The certificate that is shown.
pub struct Shown {
    certificates: Certificates,
    /// For whom our own authority issues one.
    names: (Domain, String),
    clock: Arc<dyn Clock>,
    current: RwLock<Current>,
}

/// The one that is shown now.
#[derive(Clone)]
struct Current {
    key: Arc<CertifiedKey>,
    ends: Time,
}

impl Shown {
    /// The one that is assigned now, or that our own authority issues for a server of this name.
    ///
    /// # Errors
    /// [`Trouble`] when it cannot be used; those of [`Certificates::prepare`].
    pub fn prepare(
        certificates: &Certificates,
        domain: &Domain,
        host: &str,
        clock: &Arc<dyn Clock>,
    ) -> Result<Arc<Self>, Trouble> {
        certificates.prepare(domain, host, &**clock)?;
        let current = RwLock::new(load(certificates)?);
        let names = (domain.clone(), host.to_owned());
        Ok(Arc::new(Self { certificates: certificates.clone(), names, clock: clock.clone(), current }))
    }

    /// When the one that is shown now ends.
    #[must_use]
    pub fn ends(&self) -> Time {
        self.now().ends
    }

    /// The TLS settings of a server that shows it and asks clients for none.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when this machine has no randomness for its tickets.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, Trouble> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.ticketer = rustls::crypto::ring::Ticketer::new().map_err(failed)?;
        Ok(Arc::new(config))
    }

    /// The TLS settings of a server that shows it, and asks for a certificate of one of these authorities.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] when there is no authority.
    pub fn trunk_server_config(
        self: &Arc<Self>,
        authorities: &[CertificateDer<'static>],
    ) -> Result<Arc<ServerConfig>, Trouble> {
        let roots = Arc::new(roots(authorities)?);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_client_cert_verifier(verifier.map_err(failed)?)
            .with_cert_resolver(self.clone());
        Ok(Arc::new(config))
    }

    /// The TLS settings of a client that shows it, and trusts these authorities alone.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] when there is no authority.
    pub fn trunk_client_config(
        self: &Arc<Self>,
        authorities: &[CertificateDer<'static>],
    ) -> Result<Arc<ClientConfig>, Trouble> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_root_certificates(roots(authorities)?)
            .with_client_cert_resolver(self.clone());
        Ok(Arc::new(config))
    }

    /// Looks again and again whether another one was assigned, until told to stop, and once a day has our own authority issue a new one
    /// for the one it issued that ends soon. One that cannot be used is said, and the former goes on.
    pub async fn follow(self: Arc<Self>, mut stopping: watch::Receiver<bool>) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut days = interval(RENEW);
        days.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known = self.mark();
        loop {
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return,
                _ = days.tick() => self.renew(),
                _ = ticks.tick() => {}
            }
            let now = self.mark();
            if now == known {
                continue;
            }
            known = now;
            match load(&self.certificates) {
                Ok(current) => {
                    *self.current.write().expect("nobody fails while changing it") = current;
                    tracing::info!("certificate.taken");
                }
                Err(trouble) => tracing::error!(%trouble, "certificate.not_taken"),
            }
        }
    }

    /// A certificate of our own authority is issued anew in time; one of another is only told of.
    fn renew(&self) {
        let (domain, host) = &self.names;
        if let Err(trouble) = self.certificates.prepare(domain, host, &*self.clock) {
            tracing::error!(%trouble, "certificate.not_renewed");
        }
        let Ok(Some(chain)) = self.certificates.assigned() else { return };
        let days_left = chain.leaf.days_left(self.clock.now());
        if days_left < SOON_DAYS {
            tracing::warn!(ends = chain.leaf.ends.iso7(), days_left, "certificate.ends_soon");
        }
    }

    fn mark(&self) -> [Mark; 2] {
        let files = self.certificates.files();
        [files.assigned(), files.issued()].map(|file| {
            std::fs::metadata(file).ok().map(|facts| (facts.ino(), facts.mtime(), facts.mtime_nsec()))
        })
    }

    fn now(&self) -> Current {
        self.current.read().expect("nobody fails while changing it").clone()
    }
}

/// Whom other servers of the deployment are recognised by.
fn roots(authorities: &[CertificateDer<'static>]) -> Result<RootCertStore, Trouble> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority.clone()).map_err(failed)?;
    }
    if roots.is_empty() {
        let fix = "give one with `causerie certificate import --authority`";
        return Err(Trouble::Invalid(format!(
            "no authority is known by which other servers are recognised: {fix}"
        )));
    }
    Ok(roots)
}

fn load(certificates: &Certificates) -> Result<Current, Trouble> {
    let chain = certificates.assigned()?.ok_or_else(|| failed("there is none"))?;
    let key = chain.key.ok_or_else(|| failed("its key is missing"))?;
    let key = CertifiedKey::from_der(chain.certificates, key, &provider()).map_err(failed)?;
    Ok(Current { key: Arc::new(key), ends: chain.leaf.ends })
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown").field("ends", &self.ends()).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now().key)
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.now().key)
    }

    fn has_certs(&self) -> bool {
        true
    }
}
