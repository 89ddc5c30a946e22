//! Stories of requests that come from where they should not: other hosts, other sites, too many at once.

use hyper::Method;
use testkit::{Browser, PASSWORD};
use web::limits::Limits;

use crate::scene::{house, house_with, pass};

#[tokio::test]
async fn a_name_that_is_not_ours_is_misdirected() {
    let house = house(&[]).await;
    let mut browser = house.browser();
    let port = browser.host.rsplit(':').next().expect("a port").to_owned();
    let ours = ["pool.example.com", "POOL.Example.Com.", "localhost", "127.0.0.1", "127.7.7.7", "[::1]"];
    for name in ours.map(str::to_owned).into_iter().chain([format!("localhost:{port}"), "localhost:1".into()])
    {
        browser.host = name.clone();
        assert_eq!(browser.get("/api/v1/openapi.json").await.status, 200, "{name}");
    }
    let others =
        ["evil.example", "pool.example.com.evil.example", "127.0.0.1.nip.io", "ana@localhost", "10.0.0.1"];
    for name in others {
        browser.host = name.into();
        let heard = browser.get("/api/v1/openapi.json").await;
        assert_eq!(heard.code(), (421, "MisdirectedRequest".into()), "{name}");
        // Whoever was pointed here by somebody else's name learns no more than that.
        assert_eq!(browser.get("/nothing").await.status, 421, "{name}");
    }
}

#[tokio::test]
async fn a_request_names_exactly_one_host() {
    let house = house(&[]).await;
    let browser = house.browser();
    for (fields, status) in [
        ("", "400"),
        ("Host: localhost\r\nHost: localhost\r\n", "400"),
        ("Host: localhost\r\n", "200"),
        ("Host: evil.example\r\n", "421"),
    ] {
        let request = format!("GET /api/v1/ HTTP/1.1\r\n{fields}Connection: close\r\n\r\n");
        let heard = browser.raw(request.as_bytes()).await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {status} ")), "{fields}: {heard}");
    }
    let whole = "GET https://evil.example/api/v1/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert!(browser.raw(whole.as_bytes()).await.starts_with("HTTP/1.1 421 "));
}

#[tokio::test]
async fn another_site_changes_nothing_with_anas_cookie() {
    let house = house(&["ana"]).await;
    let mut ana = house.browser();
    let own = ana.origin.clone();
    let others = [
        None,
        Some("https://evil.example".to_owned()),
        Some("null".to_owned()),
        own.as_ref().map(|own| own.replace("https:", "http:")),
        Some("https://pool.example.com".to_owned()),
        Some("https://pool.example.com:1".to_owned()),
    ];
    for origin in &others {
        ana.origin.clone_from(origin);
        assert_eq!(ana.sign_on("ana", PASSWORD).await.code(), (403, "ForeignOrigin".into()), "{origin:?}");
    }
    ana.origin.clone_from(&own);
    assert_eq!(ana.sign_on("ana", PASSWORD).await.status, 201);
    for origin in &others {
        let mut other = Browser { origin: origin.clone(), ..ana.clone() };
        let heard = other.ask(Method::DELETE, "/api/v1/session", None).await;
        assert_eq!(heard.code(), (403, "ForeignOrigin".into()), "{origin:?}");
        // Reading is no harm: the answer is not shown to the other site.
        assert_eq!(other.get("/api/v1/session").await.status, 200);
    }
    assert_eq!(ana.get("/api/v1/session").await.status, 200);
}

#[tokio::test]
async fn a_browser_that_names_no_origin_may_say_that_it_is_the_same() {
    let house = house(&["ana"]).await;
    let mut ana = house.browser();
    ana.sign_on("ana", PASSWORD).await;
    ana.origin = None;
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("none", 403), ("same-origin", 204)] {
        let mut request = ana.request(Method::DELETE, "/api/v1/session");
        request.headers_mut().insert("sec-fetch-site", site.parse().expect("a value"));
        assert_eq!(ana.send(request).await.status, status, "{site}");
    }
}

/// So many requests of this browser in one breath; the statuses in order.
async fn at_once(browser: &Browser, path: &str, count: usize) -> Vec<u16> {
    let cookie = browser.cookie.as_deref().unwrap_or("none=");
    let one = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n");
    let mut all = format!("{one}\r\n").repeat(count - 1);
    all.push_str(&format!("{one}Connection: close\r\n\r\n"));
    let heard = browser.raw(all.as_bytes()).await;
    let statuses = heard.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().expect("a status"));
    statuses.collect()
}

#[tokio::test]
async fn one_address_may_ask_only_so_fast() {
    let limits = Limits { address_burst: 3, ..Limits::default() };
    let house = house_with(&[], limits).await;
    let mut browser = house.browser();
    let statuses = at_once(&browser, "/nothing", 100).await;
    assert_eq!(&statuses[..3], [404, 404, 404]);
    assert!(statuses.contains(&429), "{statuses:?}");
    pass(1).await;
    assert_eq!(browser.get("/nothing").await.status, 404);
}

#[tokio::test]
async fn one_person_may_ask_only_so_fast_and_others_are_not_slowed() {
    let limits = Limits { caller_burst: 2, ..Limits::default() };
    let house = house_with(&["ana", "bob"], limits).await;
    let (mut ana, mut again, mut bob) = (house.browser(), house.browser(), house.browser());
    for (who, browser) in [("ana", &mut ana), ("ana", &mut again), ("bob", &mut bob)] {
        assert_eq!(browser.sign_on(who, PASSWORD).await.status, 201);
    }
    let statuses = at_once(&ana, "/api/v1/session", 100).await;
    assert_eq!(&statuses[..2], [200, 200]);
    assert!(statuses.contains(&429), "{statuses:?}");
    // It is the person that is slowed, at all its browsers.
    assert!(at_once(&again, "/api/v1/session", 100).await.contains(&429));
    assert_eq!(bob.get("/api/v1/session").await.status, 200);
    pass(1).await;
    let heard = again.get("/api/v1/session").await;
    assert_eq!(heard.status, 200, "{}", heard.text());
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed() {
    let limits = Limits { connections_per_address: 1, ..Limits::default() };
    let house = house_with(&[], limits).await;
    let browser = house.browser();
    let _held = browser.connect().await.expect("there is one place");
    assert!(browser.connect().await.is_err(), "and no other");
}
