//! The private authority of a trial or a small house: made for a domain and some names, issues certificates for servers.
//! Speaks for nothing else: not even whoever has its key can issue for other names.

use std::net::IpAddr;
use std::path::Path;

use chat::{Clock, Domain, Time};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CidrSubnet, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, date_time_ymd,
};

use super::chain::{Chain, DAY_MICROS, Flaw};
use super::files::{self, Files};
use crate::trouble::Trouble;

/// How long the authority is good for (ours).
const AUTHORITY_YEARS: i32 = 20;
/// How long a server's certificate is good for (ours: common clients refuse more than about two years).
const SERVER_DAYS: i64 = 397;

/// An authority whose key is here.
#[derive(Debug)]
pub struct Authority {
    certificate: String,
    key: String,
}

impl Authority {
    /// Makes one for the domain and these names, with what is below each, and for loopback.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when a name can stand in no certificate.
    pub fn make(domain: &Domain, names: &[String], now: Time) -> Result<Self, Trouble> {
        let key = new_key()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(&format!("Causerie authority of {domain}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let local = [
            GeneralSubtree::DnsName("localhost".into()),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(IpAddr::from([127, 0, 0, 1]), 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
                128,
            )),
        ];
        let names = names.iter().filter(|name| name.parse::<IpAddr>().is_err() && *name != "localhost");
        let named = std::iter::once(domain.to_string()).chain(names.cloned()).map(GeneralSubtree::DnsName);
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: named.chain(local).collect(),
            excluded_subtrees: Vec::new(),
        });
        let (year, month, day) = date(now);
        params.not_before = date_time_ymd(year, month, day);
        // The twenty-eighth exists in every month.
        params.not_after = date_time_ymd(year + AUTHORITY_YEARS, month, day.min(28));
        let certificate = params.self_signed(&key).map_err(failed)?.pem();
        Ok(Self { certificate, key: key.serialize_pem() })
    }

    /// The one whose key lies here; `None` where there never was one, or it is on another machine.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when a file cannot be read, or one of the two is missing: what is left is worth a look into the
    /// backups, and another authority in its place would be trusted by nobody.
    pub fn load(files: &Files) -> Result<Option<Self>, Trouble> {
        let (certificate_file, key_file) = (files.authority(), files.authority_key());
        let text = |octets: Vec<u8>| String::from_utf8(octets).map_err(failed);
        let certificate = files::read(&certificate_file)?.map(text).transpose()?;
        let key = files::read(&key_file)?.map(text).transpose()?;
        if let Some(astray) = [&certificate_file, &key_file].into_iter().find(|file| leads_nowhere(file)) {
            return Err(failed(format!(
                "{} is a link to what is not there: put back what it leads to",
                astray.display()
            )));
        }
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(Self { certificate, key })),
            (None, None) => Ok(None),
            // Of one that is on another machine, or whose making was broken off before it issued anything.
            (Some(_), None) if files.joined().exists() || !files.issued().exists() => Ok(None),
            (Some(_), None) => {
                Err(half(&key_file, &certificate_file, "it is in the backup of this directory"))
            }
            (None, Some(_)) => Err(half(
                &certificate_file,
                &key_file,
                "whoever trusts it has a copy, every joined machine too",
            )),
        }
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the disk refuses.
    pub fn keep(&self, files: &Files) -> Result<(), Trouble> {
        files::hand_out(&files.authority(), self.certificate.as_bytes())?;
        files::keep_secret(&files.authority_key(), self.key.as_bytes())
    }

    /// A new key and a certificate for a server of these names: certificate and key as PEM.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] for names it may not speak for.
    pub fn issue(&self, names: &[String], clock: &dyn Clock) -> Result<(String, String), Trouble> {
        let key = new_key()?;
        Ok((self.certify(&key, names, clock)?, key.serialize_pem()))
    }

    /// A certificate for whoever signed this request (PKCS #10 in PEM), for these names, whatever names it asks for.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] for a request that cannot be read or is not signed by its key, and for names the authority may not
    /// speak for.
    pub fn answer(&self, request: &str, names: &[String], clock: &dyn Clock) -> Result<String, Trouble> {
        let request = CertificateSigningRequestParams::from_pem(request)
            .map_err(|error| Trouble::Invalid(format!("the request for a certificate: {error}")))?;
        self.certify(&request.public_key, names, clock)
    }

    fn certify(
        &self,
        key: &impl PublicKeyData,
        names: &[String],
        clock: &dyn Clock,
    ) -> Result<String, Trouble> {
        let own = KeyPair::from_pem(&self.key).map_err(failed)?;
        let issuer = Issuer::from_ca_cert_pem(&self.certificate, own).map_err(failed)?;
        let now = clock.now();
        let mut params = asked(names)?;
        params.use_authority_key_identifier_extension = true;
        let (year, month, day) = date(now);
        params.not_before = date_time_ymd(year, month, day);
        let (year, month, day) = date(now.plus_micros(SERVER_DAYS * DAY_MICROS));
        params.not_after = date_time_ymd(year, month, day);
        let certificate = params.signed_by(key, &issuer).map_err(failed)?.pem();
        let whole = Chain::read(format!("{certificate}{}", self.certificate).as_bytes()).map_err(failed)?;
        match whole.flaws(&[], names, now).into_iter().find(|flaw| *flaw != Flaw::NoKey) {
            None => Ok(certificate),
            Some(flaw) => Err(Trouble::Invalid(format!(
                "the authority here may not speak for {}, or is over ({flaw}): make one that may with `causerie certificate \
                 trial --new-authority` and every name or the topology, and hand out the new ca.pem",
                names.join(", ")
            ))),
        }
    }
}

/// A request for a certificate (PKCS #10) for these names, and its key, both as PEM.
///
/// # Errors
/// [`Trouble::Invalid`] for names that can stand in no certificate.
pub fn request(names: &[String]) -> Result<(String, String), Trouble> {
    let key = new_key()?;
    let request = asked(names)?.serialize_request(&key).and_then(|request| request.pem()).map_err(failed)?;
    Ok((request, key.serialize_pem()))
}

/// What a server's certificate says, as far as the server knows it.
fn asked(names: &[String]) -> Result<CertificateParams, Trouble> {
    let mut params = CertificateParams::new(names)
        .map_err(|error| Trouble::Invalid(format!("a certificate for {}: {error}", names.join(", "))))?;
    params.distinguished_name = named(names.first().map_or("causerie", String::as_str));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

fn new_key() -> Result<KeyPair, Trouble> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)
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

/// Whether a file is a link, and nothing is where it leads.
fn leads_nowhere(file: &Path) -> bool {
    file.is_symlink() && !file.exists()
}

/// One file of an authority is gone and the other is there.
fn half(missing: &Path, left: &Path, hint: &str) -> Trouble {
    failed(format!(
        "{} is missing, and {} of it is there: put it back ({hint}), or, if it is lost, make another authority with `causerie \
         certificate trial --new-authority` and give everybody the new ca.pem",
        missing.display(),
        left.display()
    ))
}

fn failed(error: impl std::fmt::Display) -> Trouble {
    Trouble::Unavailable(format!("the authority of this deployment: {error}"))
}
