//! How long the server takes to start and how much memory it holds: idle, and with people signed on over TLS.
//! Measures, judges nothing. Run it with the program to measure and how many people:
//! `cargo run --release --package testkit --example memory -- target/release/causerie 1000`.

use std::path::Path;
use std::sync::Arc;

use testkit::wire::{Person, Way};
use testkit::{Program, Running};
use tokio::time::Instant;

const PASSWORD: &str = "correct horse 9";
const STARTS: usize = 5;

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip(1);
    let binary = words.next().expect("the first word is the program to measure");
    let people: u64 = words.next().map_or(1_000, |count| count.parse().expect("a number of people"));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let program = Program::new(Path::new(&binary), &folder.path().join("data"));
    let running = starts(&program);
    println!("idle on an empty store: {:.1} MiB resident", resident_mib(&running));
    furnish(&program, people);
    drop(running);
    let running = program.serve(&[]);
    println!("idle with {people} people in the store: {:.1} MiB resident", resident_mib(&running));
    let way = tls(&program, &running);
    let mut signed_on = Vec::new();
    let begin = Instant::now();
    for number in 0..people {
        let person = Person::connect(&way, &address(number), PASSWORD, number + 1).await;
        let mut person = person.expect("the server accepts connections");
        let answer = person.sign_on().await.expect("the link stays open");
        assert_eq!(answer.status(), Some(200), "sign-on of {}", person.address);
        signed_on.push(person);
    }
    let took = begin.elapsed().as_secs_f64();
    println!(
        "{people} people signed on over TLS, one after the other, in {took:.1} s: {:.1} MiB resident",
        resident_mib(&running)
    );
    for person in &mut signed_on {
        person.enter().await.expect("the chat dialog opens");
        let room = person.room("Engineering").await.expect("the room list comes");
        person.join(&room).await.expect("the room is joined");
    }
    println!("all of them in one room: {:.1} MiB resident", resident_mib(&running));
}

/// Starts the server several times and leaves it running.
fn starts(program: &Program) -> Running {
    let mut took = Vec::new();
    let first = program.serve(&["--domain", "example.com"]);
    drop(first);
    let mut running = None;
    for _ in 0..STARTS {
        drop(running.take());
        let begin = Instant::now();
        running = Some(program.serve(&[]));
        took.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    println!("start to ready, {STARTS} times: {took:.0?} ms, median {:.0} ms", took[STARTS / 2]);
    running.expect("it was started")
}

fn furnish(program: &Program, people: u64) {
    for number in 0..people {
        let address = address(number);
        let new =
            ["user", "new", &address, "--display-name", "Somebody", "--legacy-sign-on", "--password-stdin"];
        program.must(&new, PASSWORD);
    }
    program.must(&["category", "new", "General", "--add-allowed-member", "domain:example.com"], "");
    program.must(&["room", "new", "Engineering", "--category", "General", "--privacy", "open"], "");
}

fn address(number: u64) -> String {
    format!("sip:person{number}@example.com")
}

fn tls(program: &Program, running: &Running) -> Way {
    let pem = std::fs::read(program.data().join("ca.pem")).expect("the server made ca.pem");
    let mut roots = rustls::RootCertStore::empty();
    for certificate in rustls::pki_types::pem::PemObject::pem_slice_iter(&pem) {
        let certificate: rustls::pki_types::CertificateDer<'_> = certificate.expect("a certificate");
        roots.add(certificate).expect("a certificate authority");
    }
    let config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
    Way::Tls(running.address("sip-tls"), Arc::new(config), "localhost".to_owned())
}

fn resident_mib(running: &Running) -> f64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", running.pid())).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel says how much");
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kB");
    kib / 1024.0
}
