//! The private certificate authority: whom it speaks for, and how its certificates come and go.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use testkit::wire::{Person, Way};

use rcgen::{CertificateParams, Issuer, KeyPair, date_time_ymd};

use super::office::{Office, PASSWORD, UNAVAILABLE, list};

/// A certificate for localhost by the office's authority, changed in some way, and its key, as PEM.
pub fn issued_by(office: &Office, change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let text = |name: &str| std::fs::read_to_string(office.file(name)).expect("it is made");
    let own = KeyPair::from_pem(&text("secret/ca.key")).expect("it is a key");
    let issuer = Issuer::from_ca_cert_pem(&text("ca.pem"), own).expect("it is an authority");
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    params.not_before = date_time_ymd(2019, 1, 1);
    change(&mut params);
    (params.signed_by(&key, &issuer).expect("it is signed").pem(), key.serialize_pem())
}

/// A client that trusts what the office hands out.
pub fn trusting(office: &Office) -> Arc<ClientConfig> {
    client(&office.file("ca.pem"), rustls::DEFAULT_VERSIONS)
}

/// A client that trusts the authority in this file.
pub fn trusting_file(authority: &Path) -> Arc<ClientConfig> {
    client(authority, rustls::DEFAULT_VERSIONS)
}

fn client(authority: &Path, versions: &[&'static SupportedProtocolVersion]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(authority).expect("ca.pem is made"))
        .expect("it is a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions);
    Arc::new(config.expect("these versions").with_root_certificates(roots).with_no_client_auth())
}

/// Why a client does not get in, or that it does and Bob can sign on.
async fn bob_through(way: &Way) -> Result<(), String> {
    let bob = Person::connect(way, "sip:bob@example.com", PASSWORD, 1).await;
    let answer = bob.map_err(|error| error.to_string())?.sign_on().await.expect("he is answered");
    assert_eq!(answer.status(), Some(200), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_client_with_ca_pem_signs_on_under_every_name_of_the_host() {
    let office = Office::with(&["bob"]);
    let running = office.program.serve(&[]);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("Linux has it");
    let names = list(&office.row(&["certificate", "show"]), "names");
    let host = names.into_iter().find(|name| name.starts_with(&kernel.trim().to_lowercase()));
    let host = host.expect("one is the name of this host");
    for name in [host.as_str(), "localhost", "127.0.0.1", "::1"] {
        let way = Way::Tls(running.address("sip-tls"), trusting(&office), name.to_owned());
        bob_through(&way).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
    for name in ["example.org", "127.0.0.2"] {
        let way = Way::Tls(running.address("sip-tls"), trusting(&office), name.to_owned());
        let why = bob_through(&way).await.expect_err("the certificate is not for that name");
        assert!(why.contains("not valid for name"), "{name}: {why}");
    }
}

#[tokio::test]
async fn both_versions_of_tls_serve() {
    let office = Office::with(&["bob"]);
    let running = office.program.serve(&[]);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = client(&office.file("ca.pem"), &[version]);
        let way = Way::Tls(running.address("sip-tls"), config, "localhost".into());
        bob_through(&way).await.unwrap_or_else(|why| panic!("{version:?}: {why}"));
    }
}

#[tokio::test]
async fn another_houses_authority_is_not_trusted() {
    let (office, other) = (Office::with(&["bob"]), Office::founded());
    let running = office.program.serve(&[]);
    drop(other.program.serve(&[]));
    let way = Way::Tls(running.address("sip-tls"), trusting(&other), "localhost".into());
    let why = bob_through(&way).await.expect_err("it is somebody else's");
    assert!(why.contains("invalid peer certificate"), "{why}");
}

/// Restarts and returns what the server logged and whether a client that trusts this file gets in.
async fn restarted(office: &Office, trusted: &Path) -> (String, bool) {
    let running = office.program.serve(&[]);
    let config = client(trusted, rustls::DEFAULT_VERSIONS);
    let way = Way::Tls(running.address("sip-tls"), config, "localhost".into());
    let good = bob_through(&way).await.is_ok();
    (running.terminate().1, good)
}

#[tokio::test]
async fn a_certificate_near_its_end_is_renewed_under_the_same_authority() {
    let office = Office::with(&["bob"]);
    let given = office.folder.path().join("given to clients.pem");
    drop(office.program.serve(&[]));
    std::fs::copy(office.file("ca.pem"), &given).expect("it is made");
    let first = std::fs::read(office.file("secret/server.pem")).expect("it is made");
    assert!(restarted(&office, &given).await.1);
    assert_eq!(std::fs::read(office.file("secret/server.pem")).expect("it is there"), first, "it is kept");
    let over = issued_by(&office, |params| params.not_after = date_time_ymd(2020, 1, 1));
    std::fs::write(office.file("secret/server.pem"), over.0).expect("it is ours");
    std::fs::write(office.file("secret/server.key"), over.1).expect("it is ours");
    assert!(restarted(&office, &given).await.1, "clients notice nothing");
    assert_ne!(std::fs::read(office.file("secret/server.pem")).expect("it is there"), first, "it is another");
}

#[tokio::test]
async fn a_restored_house_without_its_keys_has_a_new_authority_and_says_so() {
    let office = Office::with(&["bob"]);
    let old = office.folder.path().join("old.pem");
    drop(office.program.serve(&[]));
    std::fs::copy(office.file("ca.pem"), &old).expect("it is made");
    // The authority's key alone is not needed as long as the server's certificate is good.
    std::fs::remove_file(office.file("secret/ca.key")).expect("it is made");
    let (log, good) = restarted(&office, &old).await;
    assert!(good, "{log}");
    assert_eq!(std::fs::read(office.file("ca.pem")).ok(), std::fs::read(&old).ok(), "clients trust the same");
    // Of a backup without any of them the store alone comes back.
    for name in ["ca.pem", "secret/server.key"] {
        std::fs::remove_file(office.file(name)).expect("it is made");
    }
    let (log, good) = restarted(&office, &office.file("ca.pem")).await;
    assert!(good && log.contains("certificate.authority_lost"), "{log}");
    assert!(!restarted(&office, &old).await.1, "the old authority is nobody");
}

#[test]
fn a_broken_certificate_is_named_with_what_to_do() {
    let office = Office::founded();
    drop(office.program.serve(&[]));
    std::fs::write(office.file("secret/server.pem"), "nonsense").expect("it is ours");
    let said = office.refused_serve(
        &["--sip-tls", "127.0.0.1:0", "--sip-tcp", "off", "--https", "off", "--metrics", "off"],
        UNAVAILABLE,
    );
    assert!(said.contains("secret/server.pem") && said.contains("remove it"), "{said}");
    std::fs::remove_file(office.file("secret/server.pem")).expect("it is ours");
    assert!(office.program.serve(&[]).terminate().0.success());
}
