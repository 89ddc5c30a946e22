//! Stories of whoever watches the server: health, readiness, numbers without names.

use testkit::PASSWORD;

use crate::scene::house;

#[tokio::test]
async fn health_is_told_on_its_own_listener_alone() {
    let house = house(&[]).await;
    let mut watcher = house.watcher();
    let alive = watcher.get("/healthz").await;
    assert_eq!((alive.status, alive.text().as_str()), (200, "alive\n"));
    let ready = watcher.get("/readyz").await;
    assert_eq!((ready.status, ready.text().as_str()), (200, "ready\n"));
    assert_eq!(watcher.get("/api/v1/openapi.json").await.status, 404);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(house.browser().get(path).await.status, 404, "{path}");
    }
    watcher.host = "evil.example".into();
    assert_eq!(watcher.get("/metrics").await.status, 421);
}

#[tokio::test]
async fn a_server_whose_store_is_gone_lives_and_is_not_ready() {
    let house = house(&[]).await;
    let mut watcher = house.watcher();
    house.store.close().await;
    assert_eq!(watcher.get("/healthz").await.status, 200);
    assert_eq!(watcher.get("/readyz").await.status, 503);
}

#[tokio::test]
async fn numbers_name_nobody() {
    let house = house(&["ana", "bob"]).await;
    house.admin("category new \"Trading floor\" --add-allowed-member domain:example.com").await;
    house.admin("room new \"Trading FX\" --category \"Trading floor\" --privacy open").await;
    let _at_a_client = house.arrive("bob").await;
    let mut ana = house.browser();
    ana.sign_on("ana", "wrong horse 9").await;
    ana.sign_on("ana", PASSWORD).await;
    ana.get("/api/v1/session").await;
    ana.get("/api/v1/rooms/Trading%20FX?name=Trading").await;
    let mut odd = ana.request(hyper::Method::from_bytes(b"ANA").expect("a method"), "/api/v1/ana");
    odd.headers_mut().insert("user-agent", "ana".parse().expect("a value"));
    ana.send(odd).await;
    let numbers = house.watcher().get("/metrics").await;
    assert_eq!(numbers.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = numbers.text();
    for line in [
        "causerie_http_requests_total{method=\"POST\",route=\"/api/v1/session\",status=\"201\"} 1",
        "causerie_http_requests_total{method=\"POST\",route=\"/api/v1/session\",status=\"401\"} 1",
        "causerie_http_requests_total{method=\"GET\",route=\"/api/v1/session\",status=\"200\"} 1",
        "causerie_http_sessions 1",
        "causerie_http_sign_on_refusals_total 1",
        "causerie_sessions 1",
        "causerie_posts_total 0",
        "causerie_post_seconds_bucket{le=\"+Inf\"} 0",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is missing in\n{text}");
    }
    let folded = text.to_lowercase();
    for name in ["ana", "bob", "trading", "example", "sip:"] {
        assert!(!folded.contains(name), "{name} is in\n{text}");
    }
}

#[tokio::test]
async fn every_number_is_explained_once() {
    let house = house(&[]).await;
    let text = house.watcher().get("/metrics").await.text();
    let mut explained: Vec<&str> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            explained.push(rest.split(' ').next().expect("a name"));
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().expect("a name");
            let last = explained.last().expect("a number is explained before it");
            assert!(name.starts_with(last), "{name} stands under {last}");
        }
    }
    let mut once = explained.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), explained.len());
}
