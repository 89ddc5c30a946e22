//! Certificates at the command line: made for a trial, asked of an authority elsewhere, taken, assigned while a server runs.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertificateSigningRequestParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use testkit::wire::{Person, Way};
use tokio::time::timeout;

use super::office::{INVALID, Office, PASSWORD, UNAVAILABLE, USAGE, list};
use super::tls::trusting;

/// A running server looks every two seconds.
const TAKEN_WITHIN: Duration = Duration::from_secs(20);
/// The names of the server everything is about.
const NAMES: [&str; 4] = ["--name", "localhost", "--name", "chat.example.com"];

/// A commercial authority: a root, and one below it that issues.
struct Commercial {
    root: String,
    below: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Commercial {
    fn open() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        params.distinguished_name.push(rcgen::DnType::CommonName, "Honest root");
        let root_key = KeyPair::generate().expect("a key");
        let root = params.self_signed(&root_key).expect("it is signed").pem();
        let above = Issuer::from_ca_cert_pem(&root, root_key).expect("it is an authority");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.distinguished_name.push(rcgen::DnType::CommonName, "Honest issuer");
        let key = KeyPair::generate().expect("a key");
        let below = params.signed_by(&key, &above).expect("it is signed").pem();
        let issuer = Issuer::from_ca_cert_pem(&below, key).expect("it is an authority");
        Self { root, below, issuer }
    }

    /// Issues what a request asks for.
    fn answer(&self, request: &str) -> String {
        let asked = CertificateSigningRequestParams::from_pem(request).expect("it is a request");
        asked.signed_by(&self.issuer).expect("it is signed").pem()
    }
}

/// Writes a file beside the data directory; returns its name.
fn file(office: &Office, name: &str, content: &str) -> String {
    let place = office.folder.path().join(name);
    std::fs::write(&place, content).expect("a new file");
    place.to_string_lossy().into_owned()
}

fn trusts(root: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root.as_bytes()).expect("a certificate")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(config.expect("these versions").with_root_certificates(roots).with_no_client_auth())
}

async fn gets_in(way: &Way) -> bool {
    let Ok(mut bob) = Person::connect(way, "sip:bob@example.com", PASSWORD, 1).await else { return false };
    bob.sign_on().await.is_ok_and(|answer| answer.status() == Some(200))
}

fn words<'a>(verb: &[&'a str], names: &[&'a str]) -> Vec<&'a str> {
    [&["certificate"], verb, names].concat()
}

#[tokio::test]
async fn a_certificate_from_a_real_authority_is_asked_for_taken_and_shown_by_the_running_server() {
    let (office, authority) = (Office::with(&["bob"]), Commercial::open());
    let running = office.program.serve(&[]);
    let address = running.address("sip-tls");
    let request = office.must(&words(&["request"], &NAMES));
    assert!(request.starts_with("-----BEGIN CERTIFICATE REQUEST-----"), "{request}");
    let leaf = authority.answer(&request);
    let alone = file(&office, "alone.pem", &leaf);
    let said = office.refused(&words(&["import", &alone], &NAMES), INVALID);
    assert!(said.contains("nobody vouches for it") && said.contains("--authority"), "{said}");
    let whole = file(&office, "whole.pem", &format!("{leaf}{}", authority.below));
    let root = file(&office, "root.pem", &authority.root);
    let row = office.row(&words(&["import", &whole, "--authority", &root], &NAMES));
    assert_eq!(row["assigned"], false, "it is only there: {row}");
    assert_eq!(list(&row, "names"), ["chat.example.com", "localhost"]);
    let trial = Way::Tls(address, trusting(&office), "localhost".into());
    assert!(gets_in(&trial).await, "the server goes on as before");
    let thumbprint = row["thumbprint"].as_str().expect("it has one");
    assert_eq!(office.row(&["certificate", "assign", thumbprint])["assigned"], true);
    let real = Way::Tls(address, trusts(&authority.root), "localhost".into());
    let shown = timeout(TAKEN_WITHIN, async { while !gets_in(&real).await {} });
    shown.await.expect("it is shown without a restart");
    // Whoever was here before may go on with its ticket; a newcomer is shown the new one alone.
    let newcomer = Way::Tls(address, trusting(&office), "localhost".into());
    assert!(!gets_in(&newcomer).await, "the former is not");
    drop(running);
    let again = office.program.serve(&[]);
    let real = Way::Tls(again.address("sip-tls"), trusts(&authority.root), "localhost".into());
    assert!(gets_in(&real).await, "and after one");
    office.must(&["certificate", "assign", "trial"]);
    let assigned: Vec<bool> =
        office.rows(&["certificate", "show"]).iter().map(|row| row["assigned"] == true).collect();
    assert_eq!(assigned, [true, false]);
}

#[test]
fn what_does_not_belong_together_is_refused_with_everything_that_is_wrong() {
    let (office, authority) = (Office::empty(), Commercial::open());
    let request = office.must(&words(&["request"], &NAMES));
    let chain = format!("{}{}", authority.answer(&request), authority.below);
    let sent = file(&office, "sent.pem", &chain);
    // Meanwhile another request was made, so that the key of the first is gone.
    office.must(&words(&["request"], &NAMES));
    let said = office.refused(&words(&["import", &sent], &["--name", "fe1.example.com"]), INVALID);
    for part in
        ["belongs to another certificate", "the name fe1.example.com does not stand in it", "sent.pem"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let missing = office.refused(&["certificate", "import", "nowhere.pem"], INVALID);
    assert!(missing.contains("there is no such file"), "{missing}");
    let unknown = office.refused(&["certificate", "assign", "0123456789abcdef"], INVALID);
    assert!(unknown.contains("causerie certificate show"), "{unknown}");
    let outside = office.refused(&["certificate", "assign", "../../ca"], INVALID);
    assert!(outside.contains("no imported certificate"), "{outside}");
    assert!(office.rows(&["certificate", "show"]).is_empty(), "nothing was taken");
}

#[test]
fn keys_are_for_their_owner_alone() {
    let (office, authority) = (Office::empty(), Commercial::open());
    let request = office.must(&words(&["request"], &NAMES));
    let chain = file(&office, "sent.pem", &format!("{}{}", authority.answer(&request), authority.below));
    office.must(&words(&["import", &chain, "--assign"], &NAMES));
    let imported = std::fs::read_dir(office.file("secret/imported")).expect("it is ours");
    let imported = imported.map(|entry| entry.expect("it is ours").path());
    let keys = ["secret/requested.key", "secret/assigned.pem"].map(|name| office.file(name));
    for place in keys.into_iter().chain(imported) {
        let mode = std::fs::metadata(&place).expect("it is made").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", place.display());
    }
}

#[tokio::test]
async fn a_trial_is_prepared_before_there_is_a_pool_and_used_by_it() {
    let office = Office::empty();
    let said = office.refused(&words(&["trial"], &NAMES), USAGE);
    assert!(said.contains("--domain"), "{said}");
    let row = office.row(&words(&["trial", "--domain", "example.com"], &NAMES));
    assert_eq!((&row["assigned"], &row["issuedByUs"]), (&true.into(), &true.into()));
    let prepared = std::fs::read(office.file("ca.pem")).expect("it is made");
    // A founding that is taken back takes nothing of it away.
    office.refused(&["user", "new", "sip:alice@example.com", "--display-name", "two\nlines"], INVALID);
    office.found();
    office.person("bob");
    let running = office.program.serve(&[]);
    assert_eq!(std::fs::read(office.file("ca.pem")).expect("it is there"), prepared);
    for name in ["localhost", "chat.example.com"] {
        let way = Way::Tls(running.address("sip-tls"), trusting(&office), name.into());
        assert!(gets_in(&way).await, "{name}");
    }
}

#[test]
fn an_authority_speaks_for_its_domain_and_the_names_it_was_made_for() {
    let office = Office::empty();
    office.must(&["certificate", "trial", "--domain", "example.com", "--name", "chat.example.com"]);
    let first = std::fs::read(office.file("ca.pem")).expect("it is made");
    let elsewhere = ["certificate", "trial", "--name", "chat.corp.test"];
    let said = office.refused(&elsewhere, INVALID);
    assert!(said.contains("may not speak for chat.corp.test") && said.contains("--new-authority"), "{said}");
    assert_eq!(std::fs::read(office.file("ca.pem")).expect("it is there"), first);
    office.must(&[&elsewhere[..], &["--new-authority", "--domain", "example.com"]].concat());
    assert_ne!(std::fs::read(office.file("ca.pem")).expect("it is there"), first);
    assert!(Path::new(&office.file("secret/ca.key")).exists());
}

#[test]
fn half_an_authority_is_refused_and_nothing_of_it_is_written_over() {
    let office = Office::empty();
    office.must(&["certificate", "trial", "--domain", "example.com", "--name", "fe1.example.com"]);
    office.found();
    let (certificate, key) = (office.file("ca.pem"), office.file("secret/ca.key"));
    let whole = [&certificate, &key].map(|file| std::fs::read(file).expect("it is made"));
    let refusals = |missing: &Path| {
        let serve = office.refused_serve(&["--sip-tls", "127.0.0.1:0", "--sip-tcp", "off"], UNAVAILABLE);
        let again = ["certificate", "trial", "--domain", "example.com", "--name", "fe1.example.com"];
        for said in [serve, office.refused(&again, UNAVAILABLE)] {
            assert!(said.contains(&*missing.to_string_lossy()), "{said}");
            assert!(said.contains("put ") && !said.contains("panicked"), "{said}");
        }
    };
    std::fs::remove_file(&certificate).expect("it is ours");
    refusals(&certificate);
    std::os::unix::fs::symlink(office.file("unmounted"), &certificate).expect("a link");
    refusals(&certificate);
    std::fs::remove_file(&certificate).expect("it is ours");
    assert_eq!(std::fs::read(&key).expect("it is there"), whole[1], "the key stays");
    std::fs::write(&certificate, &whole[0]).expect("it is put back");
    std::fs::remove_file(&key).expect("it is ours");
    std::fs::remove_file(office.file("secret/server.key")).expect("it is ours");
    refusals(&key);
    assert_eq!(std::fs::read(&certificate).expect("it is there"), whole[0], "what clients trust stays");
    std::fs::write(&key, &whole[1]).expect("it is put back");
    drop(office.program.serve(&[]));
    assert_eq!(std::fs::read(&certificate).expect("it is there"), whole[0]);
    office.must(&["certificate", "trial", "--new-authority", "--domain", "example.com"]);
    assert_ne!(std::fs::read(&certificate).expect("it is there"), whole[0], "by wish it is another");
}
