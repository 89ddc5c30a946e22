//! A certificate with the chain of those that vouch for it, and its key: read from PEM, and judged.
//! Pure: octets, names and the time come in, what is wrong with them goes out.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use chat::Time;
use ring::digest::{SHA256, digest};
use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

/// Most certificates of a chain (ours: public authorities need three).
const CHAIN_MAX: usize = 10;
/// Octets of the thumbprint by which people name a certificate here (ours: nobody has so many that two agree).
const THUMBPRINT_OCTETS: usize = 8;
/// Characters in a line of PEM (RFC 7468, 2).
const PEM_LINE: usize = 64;
/// A certificate that ends sooner than this is due to be replaced (ours).
pub const SOON_DAYS: i64 = 30;
/// A day, in microseconds.
pub const DAY_MICROS: i64 = 86_400_000_000;

/// The cryptography that is used everywhere here.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// What is wrong with a certificate.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Flaw {
    /// The text has no certificate.
    #[error(
        "there is no certificate in it: give the PEM file the authority sent, beginning with -----BEGIN CERTIFICATE-----"
    )]
    Empty,
    /// Something in it cannot be read.
    #[error("a certificate in it cannot be read ({0}): give the PEM file as the authority sent it")]
    Unreadable(String),
    /// Too many.
    #[error(
        "there are more than {CHAIN_MAX} certificates in it: give the server's own and those between it and its root"
    )]
    Long,
    /// There is no key.
    #[error(
        "there is no private key for it: give the file with --key, or make the request here with `causerie certificate request`"
    )]
    NoKey,
    /// Key and certificate are of two pairs.
    #[error("the private key belongs to another certificate: give the key of this one with --key")]
    OtherKey,
    /// Nobody vouches for it.
    #[error(
        "nobody vouches for it: put the certificates of its authorities behind it in the file, or give them with --authority"
    )]
    Alone,
    /// The chain does not hold.
    #[error(
        "its chain does not hold ({0}): put the certificates between it and its root behind it, in this order, or give the root with --authority"
    )]
    Broken(String),
    /// Its time has not begun.
    #[error("it begins only at {0}: wait, or set this machine's clock")]
    NotYet(String),
    /// Its time is over.
    #[error("it ended at {0}: ask its authority for a new one")]
    Expired(String),
    /// A name does not stand in it.
    #[error(
        "the name {0} does not stand in it, in full (a wildcard tells no machines apart): ask for one with `causerie certificate request --name {0}`"
    )]
    Lacks(String),
    /// It is not for both sides of a connection.
    #[error(
        "it is not for {0} authentication, and servers that talk to each other need both: ask for server and client authentication"
    )]
    Unfit(&'static str),
}

/// What stands in a certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// Whose it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// The names and addresses it is for, folded.
    pub names: BTreeSet<String>,
    /// From when it is good.
    pub begins: Time,
    /// Until when it is good.
    pub ends: Time,
    /// By what people name it here.
    pub thumbprint: String,
    /// Whether it is for servers, and for clients.
    pub fit: [bool; 2],
}

impl Leaf {
    /// Whole days that are left of it; negative when it is over.
    #[must_use]
    pub fn days_left(&self, now: Time) -> i64 {
        (self.ends.unix_micros() - now.unix_micros()).div_euclid(DAY_MICROS)
    }

    /// Whether it is good for a while, for all of these names, on both sides of a connection.
    #[must_use]
    pub fn lasts(&self, names: &[String], now: Time) -> bool {
        self.days_left(now) >= SOON_DAYS
            && self.fit == [true; 2]
            && names.iter().all(|name| self.names.contains(name))
    }
}

/// A certificate, what vouches for it, and its key.
#[derive(Debug)]
pub struct Chain {
    /// The server's certificate first.
    pub certificates: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: Option<PrivateKeyDer<'static>>,
    /// What the first certificate says.
    pub leaf: Leaf,
}

impl Chain {
    /// Reads a chain, and the key if one stands beside it.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(pem: &[u8]) -> Result<Self, Flaw> {
        let certificates = certificates(pem)?;
        let first = certificates.first().ok_or(Flaw::Empty)?;
        let leaf = leaf(first)?;
        Ok(Self { certificates, key: key(pem), leaf })
    }

    /// Everything that is wrong with it for a server of these names, trusted through these authorities or the end of the chain.
    #[must_use]
    pub fn flaws(&self, authorities: &[CertificateDer<'static>], names: &[String], now: Time) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        match &self.key {
            None => flaws.push(Flaw::NoKey),
            Some(key) if !self.is_with(key) => flaws.push(Flaw::OtherKey),
            Some(_) => {}
        }
        if now < self.leaf.begins {
            flaws.push(Flaw::NotYet(self.leaf.begins.iso7()));
        } else if now > self.leaf.ends {
            flaws.push(Flaw::Expired(self.leaf.ends.iso7()));
        } else {
            flaws.extend(self.unsupported(authorities, now));
        }
        let sides = ["server", "client"].into_iter().zip(self.leaf.fit);
        flaws.extend(sides.filter(|(_, fit)| !fit).map(|(side, _)| Flaw::Unfit(side)));
        let lacking = names.iter().map(|name| name.to_ascii_lowercase());
        flaws.extend(lacking.filter(|name| !self.leaf.names.contains(name)).map(Flaw::Lacks));
        flaws
    }

    /// The certificate at the end of the chain, by which others recognise who vouches for this server.
    #[must_use]
    pub fn anchor(&self) -> &CertificateDer<'static> {
        self.certificates.last().expect("a chain is read with one certificate at least")
    }

    /// Key and chain, as a PEM file that [`Chain::read`] reads.
    #[must_use]
    pub fn as_pem(&self) -> Vec<u8> {
        let key = self.key.as_ref().map(|key| match key {
            PrivateKeyDer::Pkcs1(key) => pem("RSA PRIVATE KEY", key.secret_pkcs1_der()),
            PrivateKeyDer::Sec1(key) => pem("EC PRIVATE KEY", key.secret_sec1_der()),
            key => pem("PRIVATE KEY", key.secret_der()),
        });
        let certificates = self.certificates.iter().map(|certificate| pem("CERTIFICATE", certificate));
        key.into_iter().chain(certificates).collect::<String>().into_bytes()
    }

    /// Who vouches for it: these authorities, or the end of the chain.
    #[must_use]
    pub fn anchors_as_pem(&self, authorities: &[CertificateDer<'static>]) -> Vec<u8> {
        let own = std::slice::from_ref(self.anchor());
        let anchors = if authorities.is_empty() { own } else { authorities };
        anchors.iter().map(|certificate| pem("CERTIFICATE", certificate)).collect::<String>().into_bytes()
    }

    fn is_with(&self, key: &PrivateKeyDer<'static>) -> bool {
        CertifiedKey::from_der(self.certificates.clone(), key.clone_key(), &provider()).is_ok()
    }

    /// Why nobody vouches for it, if so.
    fn unsupported(&self, authorities: &[CertificateDer<'static>], now: Time) -> Option<Flaw> {
        let (first, between) = self.certificates.split_first()?;
        let anchors =
            if authorities.is_empty() { &between[between.len().saturating_sub(1)..] } else { authorities };
        let mut roots = RootCertStore::empty();
        for anchor in anchors {
            if let Err(error) = roots.add(anchor.clone()) {
                return Some(Flaw::Broken(error.to_string()));
            }
        }
        if roots.is_empty() {
            return Some(Flaw::Alone);
        }
        let parsed = match ParsedCertificate::try_from(first) {
            Ok(parsed) => parsed,
            Err(error) => return Some(Flaw::Unreadable(error.to_string())),
        };
        let seconds = u64::try_from(now.unix_micros() / 1_000_000).unwrap_or_default();
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let algorithms = provider().signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, &roots, between, time, algorithms)
            .err()
            .map(|error| Flaw::Broken(error.to_string()))
    }
}

/// The key in a text, if there is one.
#[must_use]
pub fn key(pem: &[u8]) -> Option<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(pem).ok()
}

/// Octets in PEM (RFC 7468).
pub fn pem(label: &str, octets: &[u8]) -> String {
    let encoded = STANDARD.encode(octets);
    let lines: Vec<&str> = encoded.as_bytes().chunks(PEM_LINE).map(ascii).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn ascii(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("base64 is ASCII")
}

/// The certificates in a text, in order.
///
/// # Errors
/// When one cannot be read, or there are too many.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Flaw> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).take(CHAIN_MAX + 1).collect();
    let read = read.map_err(|error| Flaw::Unreadable(error.to_string()))?;
    if read.len() > CHAIN_MAX { Err(Flaw::Long) } else { Ok(read) }
}

/// SHA-256 of a certificate.
#[must_use]
pub fn fingerprint(certificate: &CertificateDer<'_>) -> [u8; 32] {
    digest(&SHA256, certificate).as_ref().try_into().expect("SHA-256 has 32 octets")
}

fn leaf(certificate: &CertificateDer<'_>) -> Result<Leaf, Flaw> {
    let (_, read) =
        X509Certificate::from_der(certificate).map_err(|error| Flaw::Unreadable(error.to_string()))?;
    let unreadable = |error: x509_parser::error::X509Error| Flaw::Unreadable(error.to_string());
    let names = read.subject_alternative_name().map_err(unreadable)?;
    let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(name).collect();
    let uses = read.extended_key_usage().map_err(unreadable)?;
    // A certificate that names no uses is for all of them (RFC 5280, 4.2.1.12).
    let fit = uses.map_or([true; 2], |uses| {
        [uses.value.any || uses.value.server_auth, uses.value.any || uses.value.client_auth]
    });
    let moment = |seconds: i64| Time::from_unix_micros(seconds.saturating_mul(1_000_000));
    let thumbprint = &fingerprint(certificate)[..THUMBPRINT_OCTETS];
    Ok(Leaf {
        subject: read.subject().to_string(),
        issuer: read.issuer().to_string(),
        names,
        begins: moment(read.validity().not_before.timestamp()),
        ends: moment(read.validity().not_after.timestamp()),
        thumbprint: thumbprint.iter().map(|octet| format!("{octet:02x}")).collect(),
        fit,
    })
}

/// A name or address a certificate is for; of other kinds nothing is asked here.
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(octets) => {
            let four = <[u8; 4]>::try_from(*octets).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(*octets).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}
