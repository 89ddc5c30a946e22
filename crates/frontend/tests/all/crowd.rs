//! Stories of many connections on which nobody signs on: they keep nobody out for long, and nobody who is on loses anything.
//! One stranger who lingers is `time.rs`; a door that does not open is `doors.rs`.

use std::sync::Arc;
use std::time::Duration;

use frontend::limits::{AHEAD_OCTETS_MAX, HANDSHAKES_MAX, Limits};
use frontend::{Frontend, Settings};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig};
use testkit::House;
use testkit::wire::{Person, Way};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::scene::{house, house_with, status, works};
use crate::time::pass;

const HOST: &str = "pool.example.com";

/// Both ends of TLS: what the house shows, and a client that trusts it.
fn both_ends() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(default_provider());
    let server = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let server = server.expect("ring knows TLS").with_no_client_auth();
    let server =
        server.with_single_cert(vec![made.cert.der().clone()], key.into()).expect("they belong together");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a certificate");
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let client = client.expect("ring knows TLS").with_root_certificates(roots).with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

/// A second front end of the house, for TLS, and the way to it.
async fn with_tls(house: &House) -> (Frontend, Way) {
    let (server, client) = both_ends();
    let settings = Settings {
        tls: Some(([127, 0, 0, 1], 0).into()),
        tcp: None,
        tls_config: Some(server),
        host: HOST.into(),
        pages: None,
        limits: Limits::default(),
        apart: frontend::Apart::default(),
    };
    let started =
        Frontend::start(settings, house.rooms.clone(), house.directory.clone(), house.clock.clone());
    let frontend = started.await.expect("it starts");
    let way = Way::Tls(frontend.addresses().tls.expect("it listens for TLS"), client, HOST.to_owned());
    (frontend, way)
}

/// What a client says first.
fn hello(client: &Arc<ClientConfig>) -> Vec<u8> {
    let name = ServerName::try_from(HOST).expect("a name");
    let mut client = ClientConnection::new(client.clone(), name).expect("it begins");
    let mut octets = Vec::new();
    client.write_tls(&mut octets).expect("a vector takes everything");
    octets
}

#[tokio::test]
async fn connections_that_wait_with_their_handshake_keep_nobody_out() {
    let (house, _) = house(&["alice"]).await;
    let (frontend, way) = with_tls(&house).await;
    let Way::Tls(address, client, _) = &way else { unreachable!("it was made for TLS") };
    let whole = hello(client);
    let mut silent = Vec::new();
    for said in [&b""[..], &whole[..1], &whole] {
        let count = if said.len() > 1 { 4 * HANDSHAKES_MAX } else { 100 };
        for _ in 0..count {
            let mut link = TcpStream::connect(address).await.expect("it accepts");
            link.write_all(said).await.expect("it is sent");
            silent.push(link);
        }
    }
    let signs_on = async {
        let alice = Person::connect(&way, "sip:alice@example.com", testkit::PASSWORD, 1).await;
        let mut alice = alice.expect("TLS is there at once");
        assert_eq!(status(alice.sign_on().await), 200);
        assert!(works(&mut alice).await);
    };
    timeout(Duration::from_secs(5), signs_on).await.expect("she waits for nobody");
    frontend.stop().await;
}

/// Sends a proof for alice and does not wait what comes of it.
async fn proves(house: &House, password: &str) -> Person {
    let mut person = house.client("alice").await;
    person.password = password.into();
    let challenge = person.challenged().await.expect("a challenge");
    let (proof, _) = person.proof(&challenge).expect("it is a challenge");
    let headers =
        format!("To: <{}>\r\nContact: <sip:127.0.0.1:5>\r\nAuthorization: {proof}\r\n", person.address);
    let register = person.write("REGISTER", "sip:example.com", &headers, "");
    person.start(&register).await.expect("it is sent");
    person
}

#[tokio::test]
async fn who_sends_on_and_on_while_a_proof_waits_is_closed() {
    let (house, _) = house(&["alice"]).await;
    let mut guessers = Vec::new();
    for _ in 0..8 {
        guessers.push(proves(&house, "another password").await);
    }
    let mut sends_on = proves(&house, "another password").await;
    let pings = b"\r\n\r\n".repeat(AHEAD_OCTETS_MAX / 2);
    // Whether it can all be sent makes no difference.
    let _ = sends_on.raw(&pings).await;
    assert!(sends_on.until_closed().await.is_empty(), "neither pongs nor an answer");
}

#[tokio::test]
async fn one_address_has_so_many_strangers() {
    let limits = Limits { strangers_per_address: 2, ..Limits::default() };
    let (house, _) = house_with(&["alice", "bob", "carol"], limits).await;
    let mut alice = house.arrive("alice").await;
    let mut bob = house.client("bob").await;
    let mut carol = house.client("carol").await;
    let mut third = house.client("carol").await;
    assert!(third.until_closed().await.is_empty(), "closed at once");
    assert!(works(&mut alice).await);
    assert_eq!(status(bob.sign_on().await), 200);
    let mut third = house.client("carol").await;
    assert_eq!(status(third.sign_on().await), 200, "bob is no stranger any more");
    assert_eq!(status(carol.sign_on().await), 200);
    assert!(works(&mut alice).await && works(&mut bob).await);
}

#[tokio::test]
async fn who_will_be_told_to_come_later_asks_soon_or_is_closed() {
    let limits = Limits { strangers: 1, ..Limits::default() };
    let (house, _) = house_with(&["alice", "bob"], limits).await;
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.register(None, "").await), 401);
    let mut bob = house.client("bob").await;
    let mut more = house.client("bob").await;
    assert!(more.until_closed().await.is_empty(), "closed at once: bob is there already, to be told");
    pass(5).await;
    assert!(bob.until_closed().await.is_empty());
    assert_eq!(status(alice.sign_on().await), 200);
}

#[tokio::test]
async fn a_house_full_of_strangers_keeps_who_is_on() {
    let limits = Limits { links: 4, ..Limits::default() };
    let (house, _) = house_with(&["alice", "bob"], limits).await;
    let mut alice = house.arrive("alice").await;
    let mut strangers = Vec::new();
    for _ in 0..3 {
        strangers.push(house.client("bob").await);
    }
    for _ in 0..20 {
        assert!(house.client("bob").await.until_closed().await.is_empty(), "there is no place");
        assert!(works(&mut alice).await);
    }
    pass(60).await;
    for mut stranger in strangers {
        assert!(stranger.until_closed().await.is_empty(), "nobody signed on");
    }
    assert!(works(&mut alice).await);
}

#[tokio::test]
async fn who_signs_off_is_a_stranger_again() {
    let limits = Limits { strangers: 1, ..Limits::default() };
    let (house, _) = house_with(&["alice", "bob"], limits).await;
    let mut alice = house.arrive("alice").await;
    let mut bob = house.client("bob").await;
    assert_eq!(status(bob.register(None, "").await), 401);
    assert_eq!(status(alice.register(None, "Expires: 0\r\n").await), 200);
    assert_eq!(status(alice.register(None, "").await), 503, "the place is bob's");
    assert!(alice.until_closed().await.is_empty());
    assert_eq!(status(bob.sign_on().await), 200);
}
