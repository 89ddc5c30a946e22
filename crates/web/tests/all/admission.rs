//! Stories of sign-ons that end for good: by a new password, by being disabled. How fast each is lost is `revocation.rs`.

use hyper::Method;
use serde_json::{Value, json};
use testkit::chat::Role;
use testkit::{Browser, House, PASSWORD};
use tokio::time::{Duration, Instant, timeout};

use crate::scene::{arrives, office};

const ANA: &str = "sip:ana@example.com";
const BOT: &str = "sip:robot@example.com";
/// The bound of a revocation.
const BOUND: Duration = Duration::from_secs(5);

/// The office, and Bob who administers it.
async fn administered() -> (House, Browser) {
    let house = office().await;
    house.rows().role("sip:bob@example.com", Role::Administrator).await;
    house.settle().await;
    let bob = arrives(&house, "bob").await;
    (house, bob)
}

/// Makes a token of scope user; returns whoever shows it.
async fn makes_token(house: &House, maker: &mut Browser, owner: Option<&str>) -> Browser {
    let mut new = json!({ "name": "program", "scope": "user" });
    if let Some(owner) = owner {
        new["for"] = owner.into();
    }
    let made = maker.ask(Method::POST, "/api/v1/tokens", Some(&new)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.json()["rows"][0]["secret"].as_str().expect("it is shown once").to_owned();
    Browser { authorization: Some(format!("Bearer {secret}")), ..house.browser() }
}

/// An operation of Bob.
async fn does(bob: &mut Browser, method: Method, path: &str, body: Option<Value>) -> Value {
    let heard = bob.ask(method, path, body.as_ref()).await;
    assert_eq!(heard.status, 200, "{}", heard.text());
    heard.json()
}

async fn status(browser: &mut Browser) -> u16 {
    browser.get("/api/v1/session").await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_ends_what_the_old_one_opened() {
    let (house, mut bob) = administered().await;
    let mut session = arrives(&house, "ana").await;
    let mut token = makes_token(&house, &mut session, None).await;
    let mut chat = house.arrive("ana").await;
    let path = format!("/api/v1/users/{ANA}");
    let new = json!({ "password": "another horse 8" });
    let would = does(&mut bob, Method::PATCH, &format!("{path}?dryRun=true"), Some(new.clone())).await;
    assert_eq!((status(&mut session).await, status(&mut token).await), (200, 200), "{would}");

    let done = does(&mut bob, Method::PATCH, &path, Some(new)).await;
    let since = Instant::now();
    assert_eq!(done["changes"], would["changes"]);
    let tokens = done["changes"].as_array().and_then(|all| all.iter().find(|one| one["field"] == "tokens"));
    assert_eq!(tokens.map(|one| &one["before"]), Some(&json!(["program"])), "{done}");
    house.settle().await;
    assert_eq!((status(&mut session).await, status(&mut token).await), (401, 401));
    timeout(4 * BOUND, chat.until_closed()).await.expect("the link ends");
    assert!(since.elapsed() < BOUND, "the link ended after {:?}", since.elapsed());
    assert_eq!(house.browser().sign_on("ana", PASSWORD).await.status, 401);
    let mut anew = house.browser();
    assert_eq!(anew.sign_on("ana", "another horse 8").await.status, 201);
    house.settle().await;
    assert_eq!((status(&mut anew).await, status(&mut bob).await), (200, 200));
}

#[tokio::test]
async fn another_name_ends_nothing() {
    let (house, mut bob) = administered().await;
    let mut session = arrives(&house, "ana").await;
    let mut token = makes_token(&house, &mut session, None).await;
    for change in [json!({ "displayName": "Ana Ruiz" }), json!({ "legacySignOn": false })] {
        does(&mut bob, Method::PATCH, &format!("/api/v1/users/{ANA}"), Some(change)).await;
    }
    house.settle().await;
    assert_eq!((status(&mut session).await, status(&mut token).await), (200, 200));
}

#[tokio::test]
async fn a_new_password_of_a_bot_leaves_the_tokens_that_others_made_for_it() {
    let (house, mut bob) = administered().await;
    let robot = json!({ "address": BOT, "displayName": "Robot", "bot": true, "password": PASSWORD });
    assert_eq!(bob.ask(Method::POST, "/api/v1/users", Some(&robot)).await.status, 201);
    house.settle().await;
    let mut session = arrives(&house, "robot").await;
    let mut own = makes_token(&house, &mut session, None).await;
    let mut given = makes_token(&house, &mut bob, Some(BOT)).await;
    let new = json!({ "password": "another horse 8" });
    does(&mut bob, Method::PATCH, &format!("/api/v1/users/{BOT}"), Some(new)).await;
    house.settle().await;
    assert_eq!(status(&mut session).await, 401);
    assert_eq!((status(&mut own).await, status(&mut given).await), (401, 200));
}

#[tokio::test]
async fn who_is_enabled_again_begins_anew() {
    let (house, mut bob) = administered().await;
    let mut session = arrives(&house, "ana").await;
    let mut token = makes_token(&house, &mut session, None).await;
    let disable = format!("/api/v1/users/{ANA}/disable");
    let would = does(&mut bob, Method::POST, &format!("{disable}?dryRun=true"), Some(json!({}))).await;
    let done = does(&mut bob, Method::POST, &disable, Some(json!({}))).await;
    assert_eq!(done["changes"], would["changes"]);
    assert!(done["changes"].to_string().contains("program"), "{done}");
    does(&mut bob, Method::POST, &format!("/api/v1/users/{ANA}/enable"), Some(json!({}))).await;
    house.settle().await;
    assert_eq!((status(&mut session).await, status(&mut token).await), (401, 401));
    let mut anew = arrives(&house, "ana").await;
    assert_eq!(status(&mut anew).await, 200);
    let kept = anew.get("/api/v1/tokens?ended=true").await.json();
    assert!(kept["rows"][0]["revoked"].is_string(), "{kept}");
}
