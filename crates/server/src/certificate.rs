//! The private certificate authority of a trial or a small house, and the server's certificate it issues.
//! The authority can speak for the domain, this host and loopback only; its key never leaves the directory `secret`.

use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chat::{Clock, Domain, Time};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::data::Data;
use crate::trouble::{Trouble, at};

/// How long the authority is good for (ours).
const AUTHORITY_YEARS: i32 = 20;
/// How long a server's certificate is good for (ours: common clients refuse more than about two years).
const SERVER_DAYS: i64 = 397;
/// A server's certificate that ends sooner than this is replaced at the start (ours).
const RENEW_DAYS: i64 = 30;
const DAY_MICROS: i64 = 86_400_000_000;

/// The TLS settings of the server, its certificate issued or renewed if need be.
///
/// # Errors
/// [`Trouble::Unavailable`] when files cannot be read or written or hold something else.
pub fn tls(
    data: &Data,
    domain: &Domain,
    host: &str,
    clock: &dyn Clock,
) -> Result<Arc<ServerConfig>, Trouble> {
    let secret = data.file("secret");
    let files = Files { authority: &data.file("ca.pem"), secret: &secret };
    let names = [host, "localhost", "127.0.0.1", "::1"];
    if !files.is_current(&names, clock.now()) {
        if !files.has_authority() {
            if secret.join("server.pem").exists() {
                let consequence = "a new one is made, clients must be given the new ca.pem";
                tracing::warn!(consequence, "certificate.authority_lost");
            }
            files.make_authority(domain, host, clock)?;
        }
        files.issue(&names, clock)?;
    }
    files.config()
}

/// Every file that is made here.
#[must_use]
pub fn files(data: &Data) -> [PathBuf; 5] {
    let secret = data.file("secret");
    let [key, server_key, server, names] =
        ["ca.key", "server.key", "server.pem", "server.names"].map(|name| secret.join(name));
    [data.file("ca.pem"), key, server_key, server, names]
}

struct Files<'a> {
    authority: &'a Path,
    secret: &'a Path,
}

impl Files<'_> {
    fn make_authority(&self, domain: &Domain, host: &str, clock: &dyn Clock) -> Result<(), Trouble> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(&format!("Causerie authority of {domain}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![
                GeneralSubtree::DnsName(domain.to_string()),
                GeneralSubtree::DnsName(host.to_owned()),
                GeneralSubtree::DnsName("localhost".into()),
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(IpAddr::from([127, 0, 0, 1]), 8)),
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                    IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
                    128,
                )),
            ],
            excluded_subtrees: Vec::new(),
        });
        let (year, month, day) = date(clock.now());
        params.not_before = date_time_ymd(year, month, day);
        // The twenty-eighth exists in every month.
        params.not_after = date_time_ymd(year + AUTHORITY_YEARS, month, day.min(28));
        let certificate = params.self_signed(&key).map_err(failed)?;
        write(self.authority, certificate.pem().as_bytes(), 0o644)?;
        write(&self.secret.join("ca.key"), key.serialize_pem().as_bytes(), 0o600)
    }

    fn has_authority(&self) -> bool {
        self.authority.exists() && self.secret.join("ca.key").exists()
    }

    /// Whether the server's certificate is for these names and good for a while, and clients can be given what to trust.
    fn is_current(&self, names: &[&str], now: Time) -> bool {
        let noted = std::fs::read_to_string(self.secret.join("server.names")).unwrap_or_default();
        let mut lines = noted.lines();
        let end = lines.next().and_then(|line| Time::parse_iso(line).ok());
        let lasting = end.is_some_and(|end| end > now.plus_micros(RENEW_DAYS * DAY_MICROS));
        let there = [self.authority, &self.secret.join("server.key"), &self.secret.join("server.pem")];
        lasting && lines.eq(names.iter().copied()) && there.iter().all(|file| file.exists())
    }

    fn issue(&self, names: &[&str], clock: &dyn Clock) -> Result<(), Trouble> {
        let authority = std::fs::read_to_string(self.authority).map_err(at(self.authority))?;
        let key_file = self.secret.join("ca.key");
        let key = std::fs::read_to_string(&key_file).map_err(at(&key_file))?;
        let issuer =
            Issuer::from_ca_cert_pem(&authority, KeyPair::from_pem(&key).map_err(failed)?).map_err(failed)?;
        let end = clock.now().plus_micros(SERVER_DAYS * DAY_MICROS);
        let server_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let owned: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(owned).map_err(failed)?;
        params.distinguished_name = named(names[0]);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let (year, month, day) = date(clock.now());
        params.not_before = date_time_ymd(year, month, day);
        let (year, month, day) = date(end);
        params.not_after = date_time_ymd(year, month, day);
        let certificate = params.signed_by(&server_key, &issuer).map_err(failed)?;
        write(&self.secret.join("server.key"), server_key.serialize_pem().as_bytes(), 0o600)?;
        write(&self.secret.join("server.pem"), certificate.pem().as_bytes(), 0o600)?;
        let noted = format!("{}\n{}\n", end.iso7(), names.join("\n"));
        write(&self.secret.join("server.names"), noted.as_bytes(), 0o600)
    }

    fn config(&self) -> Result<Arc<ServerConfig>, Trouble> {
        let (chain, key) = (self.secret.join("server.pem"), self.secret.join("server.key"));
        let chain = CertificateDer::from_pem_file(&chain).map_err(unreadable(&chain))?;
        let key = PrivateKeyDer::from_pem_file(&key).map_err(unreadable(&key))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .map_err(failed)?;
        config.ticketer = rustls::crypto::ring::Ticketer::new().map_err(failed)?;
        Ok(Arc::new(config))
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    // A common name holds 64 characters (RFC 5280, upper bounds); clients look at the other names anyway.
    distinguished.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    distinguished
}

/// Year, month and day in UTC.
fn date(time: Time) -> (i32, u8, u8) {
    let iso = time.iso7();
    let mut parts = iso[..10].splitn(3, '-').map(|part| part.parse::<u16>().unwrap_or(1));
    let mut next = || parts.next().unwrap_or(1);
    let (year, month, day) = (next(), next(), next());
    (i32::from(year), u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

/// Writes a whole file or nothing: beside it first, then in its place.
fn write(place: &Path, content: &[u8], mode: u32) -> Result<(), Trouble> {
    let beside = place.with_extension("new");
    let written =
        OpenOptions::new().create(true).truncate(true).write(true).mode(mode).open(&beside).and_then(
            |mut file| {
                file.set_permissions(Permissions::from_mode(mode))?;
                file.write_all(content)?;
                file.sync_all()
            },
        );
    written.and_then(|()| std::fs::rename(&beside, place)).map_err(at(place))
}

/// A file of ours that is not what it must be can be made again.
fn unreadable<E: std::fmt::Display>(file: &Path) -> impl Fn(E) -> Trouble + '_ {
    move |error| {
        Trouble::Unavailable(format!(
            "{}: {error}: remove it, and the next start makes it anew",
            file.display()
        ))
    }
}

fn failed(error: impl std::fmt::Display) -> Trouble {
    Trouble::Unavailable(format!("the server's certificate: {error}"))
}
