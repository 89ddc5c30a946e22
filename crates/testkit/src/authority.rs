//! An authority of certificates, made for a test: front ends and chat servers prove with them who they are.
//! Clients have nothing to do with it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use frontend::{RoutedPool, RoutedServer, Routing, TrunkDoor};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::sync::watch;

/// The contact of the pool of a house.
pub const POOL_CONTACT: &str = "sip:GC-1-PersistentChatService-1@example.com";
/// The name in the certificates of its chat servers.
pub const CHAT_NAME: &str = "chat.example.com";

/// An authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    /// A new one, whom nobody else trusts.
    ///
    /// # Panics
    /// When no certificate can be made.
    #[must_use]
    pub fn make() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(params, key).expect("a certificate") }
    }

    /// A door for front ends of these names.
    ///
    /// # Panics
    /// When no certificate can be made.
    #[must_use]
    pub fn door(&self, trusted: &[&str], serving: watch::Receiver<bool>) -> TrunkDoor {
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(self.roots()), ring.clone());
        let (chain, key) = self.issue(CHAT_NAME);
        let config = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .expect("usual versions")
            .with_client_cert_verifier(verifier.build().expect("a verifier"))
            .with_single_cert(chain, key)
            .expect("certificate and key belong together");
        TrunkDoor {
            address: ([127, 0, 0, 1], 0).into(),
            tls_config: Arc::new(config),
            trusted: watch::channel(trusted.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>()).1,
            serving,
        }
    }

    /// Pools by their contacts, with the addresses of their servers; the first is the default. The front end bears this name.
    ///
    /// # Panics
    /// When no certificate can be made.
    #[must_use]
    pub fn routing(&self, front_end: &str, pools: &[(&str, &[SocketAddr])]) -> Routing {
        let server =
            |address: &SocketAddr| RoutedServer { name: CHAT_NAME.to_owned(), address: address.to_string() };
        let pool = |(contact, servers): &(&str, &[SocketAddr])| RoutedPool {
            contact: (*contact).to_owned(),
            servers: servers.iter().map(server).collect(),
        };
        Routing {
            pools: pools.iter().map(pool).collect(),
            default_pool: pools.first().map(|(contact, _)| (*contact).to_owned()),
            tls_config: self.client(front_end),
        }
    }

    /// What a front end of this name connects with.
    ///
    /// # Panics
    /// When no certificate can be made.
    #[must_use]
    pub fn client(&self, name: &str) -> Arc<ClientConfig> {
        self.client_of(self, name)
    }

    /// Trusts this authority, and proves nothing with a certificate of another.
    ///
    /// # Panics
    /// When no certificate can be made.
    #[must_use]
    pub fn client_of(&self, other: &Self, name: &str) -> Arc<ClientConfig> {
        let (chain, key) = other.issue(name);
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("usual versions")
            .with_root_certificates(self.roots())
            .with_client_auth_cert(chain, key)
            .expect("certificate and key belong together");
        Arc::new(config)
    }

    fn issue(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        (vec![certificate.der().clone()], key)
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a root");
        roots
    }
}
