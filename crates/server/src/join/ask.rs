//! Joining a deployment: a server is recognised by the second part of the code before the first is shown to it.
//! Writes nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use web::Admission;

use crate::certificate::{fingerprint, provider};
use crate::trouble::Trouble;

/// How long a server may take to answer (ours: it signs one certificate).
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// Longest answer that is read, in octets (ours: a topology has some thousands).
const ANSWER_OCTETS_MAX: u64 = 4 << 20;
/// The port of HTTPS where none is named.
const PORT: u16 = 443;
/// Octets of what a server is recognised by.
const FINGERPRINT: usize = 32;

/// A join code, in its two parts.
pub struct JoinCode {
    secret: String,
    fingerprint: [u8; FINGERPRINT],
}

impl JoinCode {
    /// Reads a code as `causerie pool join-code` printed it.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Trouble> {
        let bad = || {
            let fix = "give the last line that `causerie pool join-code MACHINE` printed, whole";
            Trouble::Invalid(format!("this is no join code: {fix}"))
        };
        let (secret, rest) = text.trim().split_once('.').ok_or_else(bad)?;
        let octets = BASE64_URL_SAFE_NO_PAD.decode(rest).map_err(|_| bad())?;
        let fingerprint = octets.try_into().map_err(|_| bad())?;
        let is_secret = secret.len() > 40
            && secret.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet));
        if is_secret { Ok(Self { secret: secret.to_owned(), fingerprint }) } else { Err(bad()) }
    }
}

/// Where a server is asked.
pub struct Door {
    host: String,
    port: u16,
}

impl Door {
    /// Reads `https://HOST` or `https://HOST:PORT`.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] for anything else.
    pub fn parse(url: &str) -> Result<Self, Trouble> {
        let bad = || Trouble::Invalid(format!("--from {url}: write it as https://fe1.example.com:5443"));
        let authority = url.strip_prefix("https://").ok_or_else(bad)?.trim_end_matches('/');
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() => (host, port.parse().map_err(|_| bad())?),
            _ => (authority, PORT),
        };
        let is_name = |octet: u8| octet.is_ascii_alphanumeric() || b".-".contains(&octet);
        if host.is_empty() || !host.bytes().all(is_name) {
            return Err(bad());
        }
        Ok(Self { host: host.to_owned(), port })
    }

    /// Joins as this machine: the server there must be vouched for by whom the code names.
    ///
    /// # Errors
    /// [`Trouble::Denied`] when another server answers or the code is not good, [`Trouble::Unavailable`] when none does.
    pub async fn join(&self, code: &JoinCode, machine: &str, request: &str) -> Result<Admission, Trouble> {
        let anchor = timeout(ANSWER_TIME, self.recognise(code.fingerprint));
        let anchor = anchor.await.map_err(|_| self.silent("it does not answer"))??;
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&[Certificate::from_der(&anchor).to_owned()]))
            .unversioned_rustls_crypto_provider(provider());
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(ANSWER_TIME));
        let agent: Agent = config.build().into();
        let origin = format!("https://{}:{}", self.host, self.port);
        let url = format!("{origin}/api/v1/join");
        let body = json!({ "code": code.secret, "machine": machine, "request": request }).to_string();
        let asked = tokio::task::spawn_blocking(move || {
            let mut answer = agent
                .post(url)
                .header("Content-Type", "application/json")
                .header("Origin", origin)
                .send(body)?;
            let text = answer.body_mut().with_config().limit(ANSWER_OCTETS_MAX).read_to_string()?;
            Ok::<_, ureq::Error>((answer.status().as_u16(), text))
        });
        let (status, text) =
            asked.await.expect("asking does not panic").map_err(|error| self.silent(error))?;
        if status == 200 {
            return serde_json::from_str(&text).map_err(|error| self.silent(error));
        }
        let problem: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let said = problem["detail"].as_str().unwrap_or("it refuses, and does not say why");
        Err(Trouble::Denied(format!("{}: {said}", self.host)))
    }

    /// Shakes hands with the server and sends nothing; returns who vouches for it, if the code names that one.
    async fn recognise(&self, fingerprint: [u8; FINGERPRINT]) -> Result<Vec<u8>, Trouble> {
        let known = Arc::new(Known { fingerprint, anchor: Mutex::default() });
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| self.silent(error))?
            .dangerous()
            .with_custom_certificate_verifier(known.clone())
            .with_no_client_auth();
        let name = ServerName::try_from(self.host.clone()).map_err(|error| self.silent(error))?;
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|error| self.silent(error))?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| {
            Trouble::Denied(format!(
                "{}:{} is not the server the code was made at ({error}): check --from; the code was not shown",
                self.host, self.port
            ))
        })?;
        let anchor = known.anchor.lock().expect("nobody fails while noting it").take();
        anchor.ok_or_else(|| self.silent("it showed no certificate"))
    }

    fn silent(&self, why: impl std::fmt::Display) -> Trouble {
        Trouble::Unavailable(format!("{}:{}: {why}", self.host, self.port))
    }
}

/// Believes a server for which the one with this fingerprint vouches, by all the usual rules.
#[derive(Debug)]
struct Known {
    fingerprint: [u8; FINGERPRINT],
    anchor: Mutex<Option<Vec<u8>>>,
}

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        status: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let anchor = between.iter().find(|one| fingerprint(one) == self.fingerprint).ok_or_else(unknown)?;
        let mut roots = RootCertStore::empty();
        roots.add(anchor.clone().into_owned())?;
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        let usual = usual.map_err(|_| unknown())?;
        let believed = usual.verify_server_cert(own, between, name, status, now)?;
        *self.anchor.lock().expect("nobody fails while noting it") = Some(anchor.to_vec());
        Ok(believed)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
