//! Stories of tokens: whose they are, what they may be used for, when they are over.

use hyper::Method;
use serde_json::json;
use testkit::chat::{Clock, Role};
use testkit::{Browser, House};

use crate::scene::{later, office, room};

/// Somebody who shows this token, and no origin.
fn shows(house: &House, token: &str) -> Browser {
    Browser { authorization: Some(format!("Bearer {token}")), origin: None, ..house.browser() }
}

const ANA: Option<&str> = Some("sip:ana@example.com");

#[tokio::test]
async fn anas_token_speaks_as_ana_and_needs_no_origin() {
    let house = office().await;
    let (token, _) = house.rows().token(&house.directory, "user", ANA, None).await;
    assert!(token.starts_with("cst_") && token.len() == 47, "{token}");
    let mut program = shows(&house, &token);
    let known = program.get("/api/v1/session").await.json();
    assert_eq!(known["person"]["address"], "sip:ana@example.com");
    assert_eq!((&known["scope"], &known["roles"]), (&json!("user"), &json!([])));
    let lobby = room(&house, "Lobby", "/messages").await;
    let posted = program.ask(Method::POST, &lobby, Some(&json!({ "text": "from a program" }))).await;
    assert_eq!(posted.status, 201, "{}", posted.text());
    let page = program.get(&lobby).await.json();
    assert_eq!(page["messages"][0]["author"]["address"], "sip:ana@example.com");
    assert_eq!(program.ask(Method::DELETE, "/api/v1/session", None).await.status, 403, "there is no session");
}

#[tokio::test]
async fn a_token_gives_no_more_than_its_owner_has() {
    let house = office().await;
    let (admin, _) = house.rows().token(&house.directory, "admin", ANA, None).await;
    let (reader, _) = house.rows().token(&house.directory, "reader", ANA, None).await;
    let (user, _) = house.rows().token(&house.directory, "user", ANA, None).await;
    assert_eq!(shows(&house, &admin).get("/api/v1/users").await.code(), (403, "ErrorPermission".into()));
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    house.settle().await;
    assert_eq!(shows(&house, &admin).get("/api/v1/users").await.status, 200);
    assert_eq!(shows(&house, &reader).get("/api/v1/users").await.status, 200);
    assert_eq!(shows(&house, &user).get("/api/v1/users").await.status, 403);
    let new = json!({ "name": "Cellar" });
    for (token, status) in [(&admin, 201), (&reader, 403), (&user, 403)] {
        let made = shows(&house, token).ask(Method::POST, "/api/v1/categories", Some(&new)).await;
        assert_eq!(made.status, status, "{}", made.text());
    }
    let lobby = room(&house, "Lobby", "/messages").await;
    let text = json!({ "text": "hello" });
    let refused = shows(&house, &admin).ask(Method::POST, &lobby, Some(&text)).await;
    assert_eq!(refused.code(), (403, "ErrorPermission".into()), "this one is not for talking");
}

#[tokio::test]
async fn a_token_that_is_over_or_revoked_opens_nothing() {
    let house = office().await;
    let end = house.clock.now().plus_micros(3_600_000_000);
    let (short, _) = house.rows().token(&house.directory, "user", ANA, Some(end)).await;
    let (long, number) = house.rows().token(&house.directory, "user", ANA, None).await;
    let works = async |token: &str| shows(&house, token).get("/api/v1/session").await.status == 200;
    later(&house, 59);
    assert!(works(&short).await && works(&long).await);
    later(&house, 2);
    assert!(!works(&short).await && works(&long).await);
    house.rows().revoke(number).await;
    assert!(!works(&long).await);
}

#[tokio::test]
async fn a_token_of_somebody_who_is_disabled_opens_nothing() {
    let house = office().await;
    let (token, _) = house.rows().token(&house.directory, "user", ANA, None).await;
    assert_eq!(shows(&house, &token).get("/api/v1/rooms").await.status, 200);
    house.admin("user disable sip:ana@example.com").await;
    house.settle().await;
    assert_eq!(shows(&house, &token).get("/api/v1/rooms").await.code(), (401, "NotSignedOn".into()));
}

#[tokio::test]
async fn a_token_that_is_nobodys_administers_and_does_not_talk() {
    let house = office().await;
    let (token, _) = house.rows().token(&house.directory, "chat-admin", None, None).await;
    let mut program = shows(&house, &token);
    let known = program.get("/api/v1/session").await.json();
    assert_eq!(
        (&known["person"], &known["roles"]),
        (&json!(null), &json!(["persistent-chat-administrator"]))
    );
    let made = program.ask(Method::POST, "/api/v1/categories", Some(&json!({ "name": "Cellar" }))).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let person = json!({ "address": "sip:zoe@example.com", "displayName": "Zoe" });
    assert_eq!(program.ask(Method::POST, "/api/v1/users", Some(&person)).await.status, 403);
    assert_eq!(program.get("/api/v1/followed").await.code(), (403, "ErrorPermission".into()));
}
