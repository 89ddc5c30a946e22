//! Stories of requests that are too large, too slow, or of another kind.

use http_body_util::Full;
use hyper::Method;
use hyper::header::CONTENT_TYPE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::limits::{BODY_OCTETS_MAX, BODY_TIME, HEAD_OCTETS_MAX, HEAD_TIME};

use crate::scene::{house, pass};

const SESSION: &str = "/api/v1/session";

#[tokio::test]
async fn a_body_is_json_and_says_so() {
    let house = house(&[]).await;
    let mut browser = house.browser();
    for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let mut request = browser.request(Method::POST, SESSION);
        if !kind.is_empty() {
            request.headers_mut().insert(CONTENT_TYPE, kind.parse().expect("a value"));
        }
        *request.body_mut() = Full::from("{}");
        assert_eq!(browser.send(request).await.code(), (415, "UnsupportedMediaType".into()), "{kind}");
    }
    for (body, status) in [("{}", 400), ("[]", 400), ("", 400), ("{\"address\":", 400), ("{} {}", 400)] {
        let mut request = browser.request(Method::POST, SESSION);
        let kind = "Application/JSON; charset=utf-8".parse().expect("a value");
        request.headers_mut().insert(CONTENT_TYPE, kind);
        *request.body_mut() = Full::from(body);
        let heard = browser.send(request).await;
        assert_eq!(heard.code(), (status, "InvalidArgument".into()), "{body}: {}", heard.text());
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let house = house(&[]).await;
    let mut browser = house.browser();
    // One that says how long it is, and one that does not.
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n\
                Content-Type: application/json\r\n";
    let told = format!("{head}Content-Length: {}\r\n\r\n", BODY_OCTETS_MAX + 1);
    let heard = browser.raw(told.as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 413 ") && heard.contains("\"TooLarge\""), "{heard}");
    let mut untold = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    for _ in 0..=BODY_OCTETS_MAX / 65_536 {
        untold.push_str(&format!("10000\r\n{}\r\n", " ".repeat(65_536)));
    }
    let heard = browser.raw(untold.as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 413 "), "{heard}");
    assert_eq!(browser.get(SESSION).await.status, 401, "others are served");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let house = house(&[]).await;
    let browser = house.browser();
    let long = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(2 * HEAD_OCTETS_MAX));
    let heard = browser.raw(long.as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 414 ") || heard.starts_with("HTTP/1.1 431 "), "{heard}");
    let fields = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "A: b\r\n".repeat(200));
    let heard = browser.raw(fields.as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 431 "), "{heard}");
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let house = house(&[]).await;
    let browser = house.browser();
    let mut wire = browser.connect().await.expect("there is a place");
    wire.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nA: ").await.expect("it is read");
    tokio::task::yield_now().await;
    // Another request was answered since, so that the octets before it have come in.
    assert_eq!(house.browser().get(SESSION).await.status, 401);
    pass(HEAD_TIME.as_secs() + 1).await;
    let mut heard = String::new();
    let _ = wire.read_to_string(&mut heard).await;
    assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 408 "), "{heard}");
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed() {
    let house = house(&[]).await;
    let browser = house.browser();
    let mut new = browser.connect().await.expect("there is a place");
    let mut used = browser.connect().await.expect("there is a place");
    used.write_all(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("it is read");
    let mut first = [0; 12];
    used.read_exact(&mut first).await.expect("it is answered");
    assert_eq!(&first, b"HTTP/1.1 404");
    pass(HEAD_TIME.as_secs() + 1).await;
    for wire in [&mut new, &mut used] {
        let mut rest = Vec::new();
        let _ = wire.read_to_end(&mut rest).await;
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let house = house(&[]).await;
    let browser = house.browser();
    let mut wire = browser.connect().await.expect("there is a place");
    let half = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n\
                 Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    wire.write_all(half).await.expect("it is read");
    assert_eq!(house.browser().get(SESSION).await.status, 401);
    pass(BODY_TIME.as_secs() + 1).await;
    let mut heard = Vec::new();
    let _ = wire.read_to_end(&mut heard).await;
    let heard = String::from_utf8_lossy(&heard).into_owned();
    assert!(heard.starts_with("HTTP/1.1 408 ") && heard.contains("\"RequestTimeout\""), "{heard}");
}

#[tokio::test]
async fn a_query_is_read_strictly() {
    let house = house(&[]).await;
    let mut browser = house.browser();
    browser.authorization = None;
    // The one route without a caller that has fields: none of them is in the query.
    for (query, field) in [("?x=1", "x"), ("?dryRun", "dryRun"), ("?%zz=1", "query"), ("?%ff=1", "query")] {
        let body = serde_json::json!({ "address": "sip:ana@example.com", "password": "x" });
        let heard = browser.ask(Method::POST, &format!("{SESSION}{query}"), Some(&body)).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{query}");
        assert_eq!(heard.json()["field"], field, "{query}");
    }
}

#[tokio::test]
async fn who_sends_much_for_nothing_hears_why() {
    let house = house(&[]).await;
    let browser = house.browser();
    let much = "x".repeat(900_000);
    for (method, path, host, status) in [
        ("POST", "/nothing", "localhost", 404),
        ("GET", SESSION, "localhost", 401),
        ("PUT", SESSION, "localhost", 405),
        ("POST", SESSION, "localhost", 403),
        ("POST", SESSION, "evil.example", 421),
    ] {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        let whole = format!("{head}Content-Length: {}\r\n\r\n{much}", much.len());
        let heard = browser.raw(whole.as_bytes()).await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {status} ")), "{method} {path}: {heard}");
    }
}
