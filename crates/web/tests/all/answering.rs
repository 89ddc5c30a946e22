//! Stories of what every answer has: its header fields, its number, its form when it is a refusal.

use hyper::Method;
use hyper::header::HeaderValue;
use testkit::PASSWORD;

use crate::scene::house;

#[tokio::test]
async fn every_answer_stays_where_it_belongs() {
    let house = house(&["ana"]).await;
    let mut browser = house.browser();
    let answers = [
        browser.get("/api/v1/openapi.json").await,
        browser.get("/api/v1/").await,
        browser.get("/api/v1/session").await,
        browser.get("/nothing").await,
        browser.sign_on("ana", PASSWORD).await,
    ];
    for heard in answers {
        let status = heard.status;
        assert_eq!(heard.header("cache-control"), "no-store", "{status}");
        assert_eq!(heard.header("x-content-type-options"), "nosniff", "{status}");
        assert_eq!(heard.header("referrer-policy"), "no-referrer", "{status}");
        assert_eq!(heard.header("cross-origin-resource-policy"), "same-origin", "{status}");
        assert!(heard.header("strict-transport-security").starts_with("max-age="), "{status}");
        let policy = heard.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{status}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{status}: {policy}");
        assert!(!policy.contains("unsafe"), "{status}: {policy}");
        assert_eq!(heard.header("request-id").len(), 36, "{status}");
        assert_eq!(heard.header("access-control-allow-origin"), "", "{status}");
    }
}

#[tokio::test]
async fn on_this_machine_browsers_are_not_told_to_remember_tls() {
    let house = house(&[]).await;
    let mut browser = house.browser();
    browser.host = "localhost".into();
    assert_eq!(browser.get("/api/v1/").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn a_refusal_says_what_and_how_to_mend_it() {
    let house = house(&[]).await;
    let heard = house.browser().get("/api/v1/session").await;
    assert_eq!(heard.header("content-type"), "application/problem+json");
    let problem = heard.json();
    assert_eq!(problem["type"], "/api/v1/#NotSignedOn");
    assert_eq!(problem["title"], "nobody is signed on");
    assert_eq!(problem["status"], 401);
    assert_eq!(problem["code"], "NotSignedOn");
    assert_eq!(problem["instance"], format!("urn:uuid:{}", heard.header("request-id")));
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("Authorization: Bearer")));
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_same_octets_every_time() {
    let house = house(&["ana"]).await;
    let mut browser = house.browser();
    let first = browser.get("/api/v1/nothing").await;
    browser.sign_on("ana", PASSWORD).await;
    let second = browser.get("/api/v1/nothing/else").await;
    assert_eq!(first.code(), (404, "NoSuchNode".into()));
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    let names = |heard: &testkit::Heard| heard.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&first), names(&second));
}

#[tokio::test]
async fn a_browser_that_goes_nowhere_is_shown_a_page_and_a_program_a_refusal() {
    let house = house(&[]).await;
    let mut browser = house.browser();
    let mut goes = async |method: Method, path: &str, accept: &'static str| {
        let mut request = browser.request(method.clone(), path);
        request.headers_mut().insert("accept", HeaderValue::from_static(accept));
        let heard = browser.send(request).await;
        // Whoever keeps answers must not show one person's to another that asks for something else.
        let varies = heard.headers.get_all("vary").iter().any(|field| field == "accept");
        let may_be_page = method != Method::POST && path != "/api" && !path.starts_with("/api/");
        assert_eq!(varies, may_be_page, "{method} {path} {accept}");
        (heard.status, heard.header("content-type").to_owned(), heard.body.is_empty())
    };
    let shown = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
    let page = (404, "text/html; charset=utf-8".to_owned(), false);
    assert_eq!(goes(Method::GET, "/nonsense", shown).await, page);
    assert_eq!(goes(Method::GET, "/apiary", shown).await, page);
    let head = (404, "text/html; charset=utf-8".to_owned(), true);
    assert_eq!(goes(Method::HEAD, "/nonsense/more", shown).await, head);
    let refusal = (404, "application/problem+json".to_owned(), false);
    for (method, path, accept) in [
        (Method::GET, "/nonsense", "application/json"),
        (Method::GET, "/nonsense", "*/*"),
        (Method::GET, "/nonsense", "application/json, text/html;q=0"),
        (Method::GET, "/nonsense", "text/html; level=1; Q = 0.000, */*"),
        (Method::GET, "/api", shown),
        (Method::GET, "/api/v1/nonsense", shown),
        (Method::POST, "/nonsense", shown),
    ] {
        assert_eq!(goes(method.clone(), path, accept).await, refusal, "{method} {path} {accept}");
    }
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_there() {
    let house = house(&["ana"]).await;
    let mut ana = house.browser();
    ana.sign_on("ana", PASSWORD).await;
    let heard = ana.ask(Method::PUT, "/api/v1/session", None).await;
    assert_eq!(heard.code(), (405, "MethodNotAllowed".into()));
    let mut allowed: Vec<&str> = heard.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "POST"]);
    let head = ana.ask(Method::HEAD, "/api/v1/session", None).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}
