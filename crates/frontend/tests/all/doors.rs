//! Stories of front ends that start or do not, and of TLS before there is any SIP.
//! What is said over TLS is said in the stories of the real client; links that are full are `ending.rs`.

use std::net::SocketAddr;
use std::sync::Arc;

use frontend::limits::{HANDSHAKE_TIME, Limits};
use frontend::{Frontend, Settings, StartFault};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use testkit::House;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::scene::BEGIN;
use crate::time::pass;

/// Has a certificate for nobody: these stories end before one is needed.
#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

fn settings() -> Settings {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("ring knows TLS");
    let config = config.with_no_client_auth().with_cert_resolver(Arc::new(NoCertificate));
    Settings {
        tls: Some(([127, 0, 0, 1], 0).into()),
        tcp: None,
        tls_config: Some(Arc::new(config)),
        host: "pool.example.com".into(),
        pages: None,
        limits: Limits::default(),
        apart: frontend::Apart::default(),
    }
}

async fn start(house: &House, settings: Settings) -> Result<Frontend, StartFault> {
    Frontend::start(settings, house.rooms.clone(), house.directory.clone(), house.clock.clone()).await
}

/// What comes until the other side closes.
async fn last_octets(link: &mut TcpStream) -> Vec<u8> {
    let mut octets = Vec::new();
    // Whether it closes or resets makes no difference here.
    let _ = link.read_to_end(&mut octets).await;
    octets
}

#[tokio::test]
async fn a_handshake_that_does_not_begin_ends_the_link() {
    let house = House::found(BEGIN).await;
    let frontend = start(&house, settings()).await.expect("it starts");
    let address = frontend.addresses().tls.expect("it listens for TLS");
    assert_eq!(frontend.addresses().tcp, None);
    for begin in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
        let mut link = TcpStream::connect(address).await.expect("it accepts");
        link.write_all(begin).await.expect("it is sent");
        // Whoever comes later is turned away: then the front end has begun to wait for the first.
        let mut later = TcpStream::connect(address).await.expect("it accepts");
        later.write_all(b"no TLS at all").await.expect("it is sent");
        last_octets(&mut later).await;
        pass(HANDSHAKE_TIME.as_secs()).await;
        assert!(last_octets(&mut link).await.is_empty(), "{begin:?}");
    }
    frontend.stop().await;
}

#[tokio::test]
async fn whoever_speaks_sip_where_tls_is_spoken_is_not_answered_in_sip() {
    let house = House::found(BEGIN).await;
    let frontend = start(&house, settings()).await.expect("it starts");
    let address = frontend.addresses().tls.expect("it listens for TLS");
    let mut link = TcpStream::connect(address).await.expect("it accepts");
    link.write_all(b"OPTIONS sip:example.com SIP/2.0\r\n\r\n").await.expect("it is sent");
    let told = last_octets(&mut link).await;
    assert!(!told.windows(4).any(|octets| octets == b"SIP/"), "{told:?}");
    frontend.stop().await;
}

#[tokio::test]
async fn a_front_end_that_cannot_start_says_why() {
    let house = House::found(BEGIN).await;
    let nowhere = Settings { tls: None, ..settings() };
    assert!(matches!(start(&house, nowhere).await, Err(StartFault::NoAddress)));
    let unproven = Settings { tls_config: None, ..settings() };
    assert!(matches!(start(&house, unproven).await, Err(StartFault::NoCertificate)));
    for host in ["", "pool example", "pool\"", &"x".repeat(300)] {
        let named = Settings { host: host.to_owned(), ..settings() };
        assert!(matches!(start(&house, named).await, Err(StartFault::HostName(_))), "{host}");
    }
    let running = start(&house, settings()).await.expect("it starts");
    let taken: Option<SocketAddr> = running.addresses().tls;
    let refused = start(&house, Settings { tls: taken, ..settings() }).await;
    assert!(matches!(refused, Err(StartFault::Listen { address, .. }) if Some(address) == taken));
    running.stop().await;
}
