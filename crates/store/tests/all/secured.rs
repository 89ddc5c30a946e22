//! Stories of the way to a database: what is an address, when it needs TLS, whom it trusts, and that nobody reads a password.

use std::path::Path;
use std::sync::Arc;

use store::{Location, Store, StoreFault};

use crate::outages::plain_way_to;
use crate::stage::Stage;
use cluster::{Cluster, answer, name_in};

fn refused(url: &str) -> String {
    Location::postgres(url).unwrap_err().to_string()
}

#[test]
fn another_machine_is_never_spoken_to_without_tls() {
    for address in ["db.example.com", "192.0.2.1", "localhost,db.example.com"] {
        Location::postgres(&format!("postgres://causerie@{address}/chat")).unwrap();
        Location::postgres(&format!("postgres://causerie@{address}/chat?sslmode=verify-full")).unwrap();
        for mode in ["disable", "allow", "prefer", "require", "verify-ca"] {
            let said = refused(&format!("postgres://causerie@{address}/chat?sslmode={mode}"));
            assert!(said.contains("verify-full"), "{mode}: {said}");
        }
    }
    let elsewhere = "postgres://causerie@localhost/chat?hostaddr=192.0.2.1&sslmode=disable";
    assert!(refused(elsewhere).contains("verify-full"));
    Location::postgres("postgres://causerie@127.0.0.1:5433/chat?sslmode=disable").unwrap();
}

#[test]
fn what_is_wrong_with_an_address_is_said_without_its_password() {
    let wrong = [
        "postgres://causerie:secret@db.example.com/chat?sslmode=prefer",
        "postgres://causerie:secret@[",
        "postgres://causerie:secret@localhost/chat?colour=blue",
        "postgres://causerie:secret@localhost:port/chat",
        "host=localhost password=secret",
        "secret",
    ];
    for url in wrong {
        assert!(!refused(url).contains("secret"), "{}", refused(url));
    }
    let right = Location::postgres("postgres://causerie:secret@db.example.com/chat").unwrap();
    assert!(!format!("{right:?}").contains("secret"), "{right:?}");
}

#[tokio::test]
async fn a_database_is_trusted_by_its_certificate_and_its_name() {
    let (cluster, port, certificate) = Cluster::start_secured();
    let behind = cluster.database();
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted roots.pem");
    std::fs::write(&trusted, certificate).unwrap();
    let other = folder.path().join("other.pem");
    std::fs::write(&other, rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem())
        .unwrap();
    let at = |host: &str, roots: &Path| {
        let roots = roots.to_str().unwrap().replace('/', "%2F").replace(' ', "%20");
        format!("postgres://causerie@{host}:{port}/{}?sslrootcert={roots}", name_in(&behind))
    };

    for (host, roots) in [("localhost", &other), ("127.0.0.1", &trusted)] {
        let fault = Stage::postgres_at(at(host, roots)).try_open().unwrap_err();
        let StoreFault::Unavailable { reason } = &fault else { panic!("{fault:?}") };
        assert!(reason.contains("certificate"), "{reason}");
    }
    let missing =
        Stage::postgres_at(at("localhost", &folder.path().join("none.pem"))).try_open().unwrap_err();
    assert!(missing.to_string().contains("none.pem"), "{missing}");

    let stage = Stage::postgres_at(at("localhost", &trusted));
    let store = stage.open();
    assert!(store.people().await.unwrap().is_empty());
    let plain = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name LIKE 'causerie%' AND NOT ssl";
    assert_eq!(answer(&behind, plain), "0", "everything goes through TLS");
    let secured = "SELECT count(*) > 1 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name LIKE 'causerie%' AND ssl";
    assert_eq!(answer(&behind, secured), "t");
    store.close().await;
}

#[tokio::test]
async fn a_database_that_speaks_no_tls_is_not_spoken_to() {
    let wire = plain_way_to(Cluster::running());
    let roots = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&roots, rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem())
        .unwrap();
    let url = format!("{wire}?sslmode=verify-full&sslrootcert={}", roots.path().display());
    let stage = Stage::postgres_at(url.clone());
    let fault =
        Store::open_founded(Location::postgres(&url).unwrap(), Arc::clone(&stage.clock) as _).unwrap_err();
    assert!(matches!(&fault, StoreFault::Unavailable { reason } if reason.contains("TLS")), "{fault:?}");
}
