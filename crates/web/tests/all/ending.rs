//! Stories of the end: running requests are answered, nothing new is begun, and health is told of to the end.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::{Settings, StartFault, Web};

use crate::scene::house;

#[tokio::test]
async fn a_house_that_closes_ends_every_connection() {
    let mut house = house(&[]).await;
    let browser = house.browser();
    let mut idle = browser.connect().await.expect("there is a place");
    let mut busy = browser.connect().await.expect("there is a place");
    busy.write_all(b"GET /api/v1/ HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("it is read");
    let mut first = [0; 12];
    busy.read_exact(&mut first).await.expect("it is answered");
    house.close_web().await;
    let mut rest = Vec::new();
    let _ = idle.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
    let _ = busy.read_to_end(&mut rest).await;
    assert!(browser.connect().await.is_err(), "nobody accepts any more");
    house.stop().await;
}

#[tokio::test]
async fn half_a_request_does_not_keep_a_house_open() {
    let mut house = house(&[]).await;
    let browser = house.browser();
    let mut half = browser.connect().await.expect("there is a place");
    half.write_all(b"GET /api/v1/ HTTP/1.1\r\nHost: ").await.expect("it is read");
    house.stop().await;
    assert_eq!(half.read(&mut [0; 1]).await.unwrap_or_default(), 0);
}

#[tokio::test]
async fn health_off_loopback_is_refused_and_a_taken_address_is_named() {
    let house = house(&[]).await;
    let trust = testkit::Trust::make();
    let settings = |https: Option<std::net::SocketAddr>, metrics: &str| Settings {
        https,
        http: None,
        metrics: Some(metrics.parse().expect("an address")),
        tls_config: trust.server.clone(),
        hosts: Vec::new(),
        limits: web::limits::Limits::default(),
        sources: Vec::new(),
        remarks: Vec::new(),
        joining: Box::new(|_, _| Err("no machine joins this house".to_owned())),
    };
    let start = |settings| {
        Web::start(
            settings,
            house.rooms.clone(),
            house.directory.clone(),
            house.desk.clone(),
            house.clock.clone(),
        )
    };
    let open = start(settings(None, "0.0.0.0:0")).await;
    assert!(matches!(open, Err(StartFault::HealthOffLoopback(_))), "{open:?}");
    let taken = house.browser().host.rsplit(':').next().map(|port| format!("127.0.0.1:{port}"));
    let taken = taken.expect("a port").parse().expect("an address");
    match start(settings(Some(taken), "127.0.0.1:0")).await {
        Err(StartFault::Listen { address, .. }) => assert_eq!(address, taken),
        other => panic!("{other:?}"),
    }
}
