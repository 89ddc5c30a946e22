//! Stories of requests that are too large, too slow, or of another kind.

use http_body_util::Full;
use hyper::Method;
use hyper::header::CONTENT_TYPE;
use testkit::chat::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::limits::{
    BODY_OCTETS_MAX, BODY_TIME, FILE_OCTETS_MAX, HEAD_OCTETS_MAX, HEAD_TIME, OPERATION_OCTETS_MAX,
};

use crate::scene::{arrives, house, office, pass, room};

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

#[tokio::test]
async fn a_name_that_stands_twice_in_an_object_is_refused() {
    let house = office().await;
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    house.settle().await;
    let mut ana = arrives(&house, "ana").await;
    let posts = room(&house, "Lobby", "/messages").await;
    for (path, body, field) in [
        (posts.as_str(), r#"{"text":"harmless","text":"harmful"}"#, "text"),
        (posts.as_str(), r#"{"text":"one","colour":1,"colour":2}"#, "colour"),
        ("/api/v1/rooms", r#"{"name":"A","category":"Floor","name":"B"}"#, "name"),
        ("/api/v1/rooms", r#"{"name":"A","category":"Floor","n\u0061me":"B"}"#, "name"),
        ("/api/v1/rooms", r#"{"name":"A","category":"Floor","deep":[{"x":1,"x":1}]}"#, "deep[0].x"),
    ] {
        let mut request = ana.request(Method::POST, path);
        request.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("a value"));
        *request.body_mut() = Full::from(body);
        let heard = ana.send(request).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{body}: {}", heard.text());
        assert_eq!(heard.json()["field"], field, "{body}");
        assert!(heard.text().contains("is given twice"), "{}", heard.text());
    }
    assert_eq!(ana.get(&posts).await.json()["messages"], serde_json::json!([]));
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_alone() {
    let house = office().await;
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    house.settle().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let mut cursors = Vec::new();
    for list in ["/api/v1/users", "/api/v1/rooms", "/api/v1/audit", "/api/v1/principals"] {
        let page = ana.get(&format!("{list}?limit=1")).await.json();
        cursors.push((list, page["next"].as_str().expect("there is more").to_owned()));
    }
    let cards =
        bob.get("/api/v1/rooms?limit=1").await.json()["next"].as_str().expect("there is more").to_owned();
    for (list, _) in &cursors {
        for (of, cursor) in &cursors {
            let heard = ana.get(&format!("{list}?cursor={cursor}")).await;
            let right = if list == of { 200 } else { 400 };
            assert_eq!(heard.status, right, "{list} with a cursor of {of}: {}", heard.text());
        }
        let heard = ana.get(&format!("{list}?cursor={cards}")).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{list} with one of the cards");
        assert_eq!(heard.json()["field"], "cursor");
    }
    for (of, cursor) in &cursors {
        assert_eq!(
            bob.get(&format!("/api/v1/rooms?cursor={cursor}")).await.status,
            400,
            "cards with one of {of}"
        );
    }
    assert_eq!(bob.get(&format!("/api/v1/rooms?cursor={cards}")).await.status, 200);
}

#[tokio::test]
async fn only_what_takes_in_a_file_takes_much() {
    let house = office().await;
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    house.settle().await;
    let ana = arrives(&house, "ana").await;
    for (path, max) in [
        ("/api/v1/rooms", BODY_OCTETS_MAX),
        ("/api/v1/categories", OPERATION_OCTETS_MAX),
        ("/api/v1/rooms/import", FILE_OCTETS_MAX),
        ("/api/v1/directory/imports", FILE_OCTETS_MAX),
    ] {
        let (host, origin) = (&ana.host, ana.origin.as_deref().expect("a browser has one"));
        let cookie = ana.cookie.as_deref().expect("she is here");
        let told = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            max + 1
        );
        let heard = ana.raw(told.as_bytes()).await;
        assert!(heard.starts_with("HTTP/1.1 413 ") && heard.contains("\"TooLarge\""), "{path}: {heard}");
        assert!(heard.contains(&format!("may have {max} octets")), "{path}: {heard}");
    }
}
