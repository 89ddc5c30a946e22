//! Stories of signing on by password: the cookie, who one is, and when a session is over.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Method;
use serde_json::json;
use testkit::{Browser, House, PASSWORD};
use web::limits::Limits;

use crate::scene::{house, house_with, later, pass};

/// Whether somebody is signed on at this browser.
async fn is_on(browser: &mut Browser) -> bool {
    browser.get("/api/v1/session").await.status == 200
}

/// Somebody signs on at a new browser.
async fn signs_on(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    assert_eq!(browser.sign_on(who, PASSWORD).await.status, 201);
    browser
}

#[tokio::test]
async fn ana_signs_on_and_is_known() {
    let house = house(&["ana"]).await;
    let mut ana = house.browser();
    let heard = ana.sign_on("ana", PASSWORD).await;
    assert_eq!(heard.status, 201);
    let cookie = heard.header("set-cookie");
    let (pair, attributes) = cookie.split_once("; ").expect("a cookie has attributes");
    let (name, secret) = pair.split_once('=').expect("a cookie has a value");
    assert_eq!(name, "__Host-causerie");
    assert_eq!(secret.len(), 43, "256 bits in base64: {secret}");
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Strict");
    let known = ana.get("/api/v1/session").await;
    assert_eq!(known.status, 200);
    assert_eq!(known.json()["person"]["address"], "sip:ana@example.com");
    assert_eq!(known.json()["person"]["displayName"], "Ana Example");
    assert_eq!(known.json()["scope"], "everything");
    assert_eq!(known.json(), heard.json());
}

#[tokio::test]
async fn ana_signs_on_by_her_address_however_she_types_it() {
    let house = house(&["ana"]).await;
    for typed in ["sip:ana@example.com", "ana@example.com", "ana", " Ana@Example.com ", "SIP:ANA"] {
        let body = json!({ "address": typed, "password": PASSWORD });
        let heard = house.browser().ask(Method::POST, "/api/v1/session", Some(&body)).await;
        assert_eq!(heard.status, 201, "{typed}: {}", heard.text());
        assert_eq!(heard.json()["person"]["address"], "sip:ana@example.com", "{typed}");
    }
    let elsewhere = json!({ "address": "ana@example.net", "password": PASSWORD });
    let heard = house.browser().ask(Method::POST, "/api/v1/session", Some(&elsewhere)).await;
    assert_eq!(heard.status, 401, "another domain is another person's: {}", heard.text());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_refused_alike() {
    let house = house(&["ana"]).await;
    let mut wrong = house.browser().sign_on("ana", "correct horse 8").await.json();
    let mut unknown = house.browser().sign_on("zoe", PASSWORD).await.json();
    assert_eq!(wrong["code"], "NotSignedOn");
    assert_eq!(wrong["status"], 401);
    for refused in [&mut wrong, &mut unknown] {
        refused["instance"].take();
    }
    assert_eq!(wrong, unknown);
}

#[tokio::test]
async fn who_signs_off_is_nobody_any_more() {
    let house = house(&["ana"]).await;
    let mut ana = signs_on(&house, "ana").await;
    let mut thief = ana.clone();
    let heard = ana.ask(Method::DELETE, "/api/v1/session", None).await;
    assert_eq!((heard.status, heard.body.len()), (204, 0));
    assert!(heard.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(ana.cookie, None);
    assert!(!is_on(&mut thief).await, "the cookie opens nothing any more");
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_after_a_day_of_work() {
    let house = house(&["ana"]).await;
    let mut ana = signs_on(&house, "ana").await;
    later(&house, 29);
    assert!(is_on(&mut ana).await);
    later(&house, 31);
    assert!(!is_on(&mut ana).await, "not used for half an hour");
    let mut ana = signs_on(&house, "ana").await;
    for _ in 0..28 {
        later(&house, 25);
        assert!(is_on(&mut ana).await);
    }
    later(&house, 21);
    assert!(!is_on(&mut ana).await, "used all the time, but for more than twelve hours");
}

#[tokio::test]
async fn whoever_is_disabled_is_nobody_at_once_and_stays_it() {
    let house = house(&["ana", "bob"]).await;
    let mut ana = signs_on(&house, "ana").await;
    let mut bob = signs_on(&house, "bob").await;
    house.admin("user disable sip:ana@example.com").await;
    house.settle().await;
    let refused = ana.get("/api/v1/session").await;
    assert_eq!(refused.code(), (401, "NotSignedOn".into()));
    assert_eq!(ana.sign_on("ana", PASSWORD).await.status, 401);
    house.admin("user remove sip:bob@example.com").await;
    house.settle().await;
    assert!(!is_on(&mut bob).await);
    // Somebody else with the address is somebody else.
    house.person("bob").await;
    house.settle().await;
    assert!(!is_on(&mut bob).await);
}

#[tokio::test]
async fn whoever_is_signed_on_stays_so_when_the_server_starts_again_unless_he_may_not_be_here() {
    let mut house = house(&["ana", "bob", "carol"]).await;
    let ana = signs_on(&house, "ana").await;
    let bob = signs_on(&house, "bob").await;
    let mut carol = signs_on(&house, "carol").await;
    assert_eq!(carol.ask(Method::DELETE, "/api/v1/session", None).await.status, 204);
    house.close_web().await;
    house.admin("user disable sip:bob@example.com").await;
    house.admin("user enable sip:bob@example.com").await;
    house.settle().await;
    house.open_web(Limits::default()).await;
    let back = |before: &Browser| Browser { cookie: before.cookie.clone(), ..house.browser() };
    assert!(is_on(&mut back(&ana)).await);
    assert!(!is_on(&mut back(&bob)).await, "he signs on anew");
    assert!(!is_on(&mut back(&carol)).await, "she had signed off");
    later(&house, 31);
    assert!(!is_on(&mut back(&ana)).await, "a session does not live longer for it");
}

#[tokio::test]
async fn whoever_has_stolen_the_file_of_the_store_is_signed_on_by_nothing_in_it() {
    let house = house(&["ana"]).await;
    let mut ana = signs_on(&house, "ana").await;
    let (name, secret) = ana.cookie.as_deref().and_then(|pair| pair.split_once('=')).expect("a cookie");
    for end in ["", "-wal"] {
        let stolen = std::fs::read(format!("{}{end}", house.file().display())).expect("a file");
        assert!(!holds(&stolen, secret.as_bytes()), "store.db{end}");
        let octets = URL_SAFE_NO_PAD.decode(secret).expect("it is base64");
        assert!(!holds(&stolen, &octets), "store.db{end}");
    }
    let stolen = rusqlite::Connection::open(house.file()).expect("a file");
    let read = |row: &rusqlite::Row<'_>| row.get(0);
    let hash: Vec<u8> = stolen.query_row("SELECT hash FROM session", [], read).expect("one session");
    let cookie = Some(format!("{name}={}", URL_SAFE_NO_PAD.encode(hash)));
    assert!(!is_on(&mut Browser { cookie, ..house.browser() }).await);
    assert!(is_on(&mut ana).await);
}

fn holds(file: &[u8], octets: &[u8]) -> bool {
    file.windows(octets.len()).any(|window| window == octets)
}

#[tokio::test]
async fn a_session_holds_on_every_server_of_a_pool_and_ends_on_all_of_them() {
    let house = house(&["ana"]).await;
    let here = signs_on(&house, "ana").await;
    let (other, there) = house.another_web().await;
    let mut there = Browser { cookie: here.cookie.clone(), ..there };
    assert!(is_on(&mut there).await, "she signed on here");
    let mut link = there.live().await.expect("the link opens");
    link.hear_until("hello").await;
    let begun = tokio::time::Instant::now();
    assert_eq!(here.clone().ask(Method::DELETE, "/api/v1/session", None).await.status, 204);
    assert_eq!(link.closed().await, 4001);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    assert!(!is_on(&mut there).await);
    other.stop().await;
}

#[tokio::test]
async fn a_session_that_is_used_elsewhere_is_not_idle_here() {
    let house = house(&["ana"]).await;
    let mut here = signs_on(&house, "ana").await;
    let (other, there) = house.another_web().await;
    let mut there = Browser { cookie: here.cookie.clone(), ..there };
    for _ in 0..3 {
        later(&house, 20);
        assert!(is_on(&mut there).await);
    }
    // What is used there is written down with the next review, and looked up here when she comes.
    for _ in 0..100 {
        if is_on(&mut here).await {
            return other.stop().await;
        }
        pass(1).await;
    }
    panic!("nobody wrote it down");
}

#[tokio::test]
async fn a_server_that_ends_writes_down_who_was_there() {
    let house = house(&["ana"]).await;
    let mut here = signs_on(&house, "ana").await;
    later(&house, 20);
    let (other, there) = house.another_web().await;
    assert!(is_on(&mut Browser { cookie: here.cookie.clone(), ..there }).await);
    other.stop().await;
    later(&house, 20);
    assert!(is_on(&mut here).await, "she was there twenty minutes ago");
}

#[tokio::test]
async fn one_session_too_many_ends_the_one_that_was_used_least_lately() {
    let limits = Limits { sessions_per_person: 2, ..Limits::default() };
    let house = house_with(&["ana", "bob"], limits).await;
    let mut bob = signs_on(&house, "bob").await;
    let mut first = signs_on(&house, "ana").await;
    later(&house, 1);
    let mut second = signs_on(&house, "ana").await;
    later(&house, 1);
    assert!(is_on(&mut first).await);
    let mut third = signs_on(&house, "ana").await;
    assert!(is_on(&mut first).await && is_on(&mut third).await && is_on(&mut bob).await);
    assert!(!is_on(&mut second).await);
}

#[tokio::test]
async fn a_cookie_that_is_not_ours_opens_nothing() {
    let house = house(&["ana"]).await;
    let ana = signs_on(&house, "ana").await;
    let own = ana.cookie.clone().expect("she has a cookie");
    let odd = [
        String::new(),
        "__Host-causerie=".into(),
        "__Host-causerie=AAAA".into(),
        format!("{own}A"),
        own.replace("__Host-", ""),
        format!("{own}; {own}"),
        format!("{own}; __Host-causerie=other"),
    ];
    for cookie in odd {
        let mut browser = Browser { cookie: Some(cookie.clone()), ..ana.clone() };
        assert!(!is_on(&mut browser).await, "{cookie}");
    }
    let mut beside = Browser { cookie: Some(format!("theme=dark; {own}; lang=en")), ..ana.clone() };
    assert!(is_on(&mut beside).await);
}

#[tokio::test]
async fn a_token_that_nobody_made_opens_nothing_and_no_token_is_taken_from_a_query() {
    let house = house(&["ana"]).await;
    let ana = signs_on(&house, "ana").await;
    for token in ["Bearer cst_AAAA", "Bearer ", "Basic YW5hOmFuYQ==", "cst_AAAA"] {
        // What is shown expressly counts, not the cookie beside it.
        let mut browser = Browser { authorization: Some(token.into()), ..ana.clone() };
        let heard = browser.get("/api/v1/session").await;
        assert_eq!(heard.code(), (401, "NotSignedOn".into()), "{token}");
        assert_eq!(heard.header("www-authenticate"), "Bearer realm=\"causerie\"");
    }
    let heard = house.browser().get("/api/v1/session?access_token=cst_AAAA").await;
    assert_eq!(heard.status, 401);
}

#[tokio::test]
async fn what_cannot_be_an_address_or_a_password_is_named() {
    let house = house(&["ana"]).await;
    let cases = [
        (json!({ "address": "ana of example.com", "password": PASSWORD }), "address"),
        (json!({ "address": "ana@", "password": PASSWORD }), "address"),
        (json!({ "address": "", "password": PASSWORD }), "address"),
        (json!({ "address": "sip:ana@example.com", "password": "x".repeat(257) }), "password"),
        (json!({ "address": "sip:ana@example.com", "password": 7 }), "password"),
        (json!({ "address": "sip:ana@example.com", "password": PASSWORD, "remember": true }), "remember"),
    ];
    for (body, field) in cases {
        let heard = house.browser().ask(Method::POST, "/api/v1/session", Some(&body)).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{body}");
        assert_eq!(heard.json()["field"], field, "{}", heard.text());
    }
}

#[tokio::test]
async fn who_signs_on_again_leaves_no_former_session_behind() {
    let house = house(&["ana", "bob"]).await;
    let mut browser = signs_on(&house, "ana").await;
    let mut former = browser.clone();
    let mut elsewhere = signs_on(&house, "ana").await;
    assert_ne!(browser.sign_on("bob", "not his password").await.status, 201);
    assert!(is_on(&mut former).await, "a sign-on that is refused ends nothing");
    assert_eq!(browser.sign_on("bob", PASSWORD).await.status, 201);
    assert!(!is_on(&mut former).await, "its cookie is written over, and nobody could sign off from it");
    assert!(is_on(&mut browser).await && is_on(&mut elsewhere).await);
}
