//! Stories of administration over HTTP: the same operations as at the command line, with etags, dry runs and refusals.

use std::time::Duration;

use http_body_util::Full;
use hyper::Method;
use hyper::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::chat::Role;
use testkit::{Browser, Heard, House};
use tokio::io::AsyncWriteExt;

use crate::scene::{arrives, nowhere, office, room};

/// Ana, who administers everything.
async fn administrator(house: &House) -> Browser {
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    house.settle().await;
    arrives(house, "ana").await
}

/// Changes something that has this etag.
async fn changes(browser: &mut Browser, path: &str, etag: &str, body: &Value) -> Heard {
    let mut request = browser.request(Method::PATCH, path);
    request.headers_mut().insert(IF_MATCH, etag.parse().expect("a value"));
    request.headers_mut().insert("content-type", "application/json".parse().expect("a value"));
    *request.body_mut() = Full::from(body.to_string());
    browser.send(request).await
}

#[tokio::test]
async fn a_room_is_made_read_changed_and_removed() {
    let house = office().await;
    let mut ana = administrator(&house).await;
    let new = json!({ "name": "Cellar", "category": "Floor", "members": ["sip:bob@example.com"] });
    let made = ana.ask(Method::POST, "/api/v1/rooms", Some(&new)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let row = made.json()["rows"][0].clone();
    assert_eq!((&row["name"], &row["members"]), (&json!("Cellar"), &json!(["sip:bob@example.com"])));
    let at = format!("/api/v1/rooms/{}", row["guid"].as_str().expect("a GUID"));
    let read = ana.get(&at).await;
    assert_eq!(read.json()["kind"], "rooms");
    assert_eq!(read.json()["rows"][0], row);
    let etag = read.header("etag").to_owned();
    assert_eq!(etag, format!("\"{}\"", row["etag"].as_str().expect("an etag")));
    let renamed = changes(&mut ana, &at, &etag, &json!({ "name": "Crypt" })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    assert_eq!(renamed.json()["changes"][0]["after"], "Crypt");
    let late = changes(&mut ana, &at, &etag, &json!({ "name": "Cave" })).await;
    assert_eq!(late.code(), (412, "DataCollision".into()));
    assert!(late.json()["detail"].as_str().is_some_and(|said| said.contains("has been changed")));
    assert_eq!(ana.get("/api/v1/rooms/Crypt").await.json()["rows"][0]["guid"], row["guid"]);
    assert_eq!(ana.ask(Method::DELETE, &at, None).await.status, 200);
    assert_eq!(ana.ask(Method::DELETE, &at, None).await.code(), (404, "NoSuchNode".into()));
    assert_eq!(ana.get(&at).await.status, 404);
    let told = ana.get("/api/v1/rooms/Cellar").await.json();
    assert!(told["detail"].as_str().is_some_and(|said| said.contains("'Cellar'")), "{told}");
}

#[tokio::test]
async fn an_import_goes_on_when_the_connection_is_lost() {
    let house = office().await;
    let ana = administrator(&house).await;
    let mut ldif = String::from("dn: OU=Sales,DC=example,DC=com\nobjectClass: organizationalUnit\n");
    ldif += "entryUUID: 00000000-0000-4000-8000-000000000002\n";
    for number in 0..1_400 {
        ldif += &format!(
            "\ndn: CN=Clerk {number},OU=Sales,DC=example,DC=com\nobjectClass: user\n\
             entryUUID: 00000000-0000-4000-8001-{number:012}\n\
             msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n"
        );
    }
    let body = json!({ "ldif": ldif }).to_string();
    let request = ana.request(Method::POST, "/api/v1/directory/imports");
    let mut head = format!("POST {} HTTP/1.1\r\ncontent-type: application/json\r\n", request.uri());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().expect("a text"));
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    let before = house.store.people().await.expect("a read").len();
    let mut feed = house.store.feed();
    let mut wire = ana.connect().await.expect("there is a place");
    wire.write_all((head + &body).as_bytes()).await.expect("it is read");
    while house.store.people().await.expect("a read").len() == before {
        feed.recv().await.expect("it is written");
    }
    drop(wire);
    house.desk.stop(Duration::from_secs(60)).await;
    let people = house.store.people().await.expect("a read");
    assert_eq!(people.len(), before + 1_400, "all of them came");
    let clerk = people.iter().find(|one| one.address.as_str() == "sip:clerk7@example.com").expect("he came");
    assert!(!clerk.ancestors.as_slice().is_empty(), "and what they belong to is known");
}

#[tokio::test]
async fn a_state_that_would_be_passed_over_is_refused() {
    let house = office().await;
    let mut ana = administrator(&house).await;
    let ask = |path: &str, body: Value| {
        let mut request = ana.request(Method::POST, path);
        request.headers_mut().insert(IF_MATCH, "\"7\"".parse().expect("a value"));
        request.headers_mut().insert("content-type", "application/json".parse().expect("a value"));
        *request.body_mut() = Full::from(body.to_string());
        request
    };
    let floor = room(&house, "Lobby", "").await;
    for (path, body) in [
        ("/api/v1/rooms".to_owned(), json!({ "name": "Cellar", "category": "Floor" })),
        (format!("{floor}/messages"), json!({ "text": "Good morning" })),
    ] {
        let refused = ana.clone().send(ask(&path, body)).await;
        assert_eq!(refused.code(), (400, "InvalidArgument".into()), "{path}");
        assert_eq!(refused.json()["field"], "If-Match", "{}", refused.text());
    }
    let rooms = ana.get("/api/v1/rooms?q=Cellar").await.json();
    assert_eq!(rooms["rows"], json!([]), "nothing was made");
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let house = office().await;
    let mut ana = administrator(&house).await;
    let lobby = room(&house, "Lobby", "").await;
    let before = ana.get(&lobby).await;
    let body = json!({ "privacy": "closed" });
    let told = ana.ask(Method::PATCH, &format!("{lobby}?dryRun=true"), Some(&body)).await;
    assert_eq!((told.status, &told.json()["dryRun"]), (200, &json!(true)), "{}", told.text());
    assert_eq!(told.json()["changes"][0]["field"], "privacy");
    assert_eq!(ana.get(&lobby).await.text(), before.text());
    let gone = ana.ask(Method::DELETE, &format!("{lobby}?dryRun=true"), None).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    assert_eq!(ana.get(&lobby).await.status, 200);
    let odd = ana.ask(Method::DELETE, &format!("{lobby}?dryRun=perhaps"), None).await;
    assert_eq!((odd.status, &odd.json()["field"]), (400, &json!("dryRun")));
    assert_eq!(ana.get(&format!("{lobby}?dryRun=true")).await.status, 400, "reading changes nothing anyway");
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_field() {
    let house = office().await;
    let mut ana = administrator(&house).await;
    let lobby = room(&house, "Lobby", "").await;
    for (method, path, body, status, code, field) in [
        (Method::POST, "/api/v1/rooms", json!({ "category": "Floor" }), 400, "InvalidArgument", "name"),
        (
            Method::POST,
            "/api/v1/rooms",
            json!({ "name": "A", "category": "Floor", "size": 3 }),
            400,
            "InvalidArgument",
            "size",
        ),
        (
            Method::POST,
            "/api/v1/rooms",
            json!({ "name": "LOBBY", "category": "Floor" }),
            409,
            "DuplicateRoomName",
            "name",
        ),
        (Method::PATCH, &lobby, json!({ "privacy": "hidden" }), 400, "InvalidArgument", "privacy"),
        (Method::PATCH, &lobby, json!({ "room": "Vault" }), 400, "InvalidArgument", "room"),
        (
            Method::PATCH,
            &lobby,
            json!({ "members": { "add": ["sip:zoe@example.com"] } }),
            422,
            "NoSuchPrincipal",
            "members",
        ),
        (Method::DELETE, "/api/v1/categories/Floor", Value::Null, 409, "NodeHierarchyViolation", ""),
    ] {
        let sent = (!body.is_null()).then_some(&body);
        let heard = ana.ask(method.clone(), path, sent).await;
        assert_eq!(heard.code(), (status, code.to_owned()), "{method} {path} {body}: {}", heard.text());
        let named = heard.json()["field"].as_str().unwrap_or_default().to_owned();
        assert_eq!(named, field, "{body}");
    }
    assert_eq!(ana.get("/api/v1/rooms?privacy=hidden").await.json()["field"], "privacy");
    assert_eq!(ana.get("/api/v1/users?sise=3").await.json()["field"], "sise");
    assert_eq!(ana.get(&format!("{lobby}?room=Vault")).await.json()["field"], "room");
    assert_eq!(ana.ask(Method::PATCH, &lobby, Some(&json!([]))).await.status, 400);
}

#[tokio::test]
async fn a_reader_sees_everything_and_changes_nothing() {
    let house = office().await;
    house.rows().role("sip:bob@example.com", Role::Reader).await;
    house.settle().await;
    let mut bob = arrives(&house, "bob").await;
    assert_eq!(bob.get("/api/v1/session").await.json()["roles"], json!(["reader"]));
    let rooms = bob.get("/api/v1/rooms").await.json();
    assert_eq!((&rooms["kind"], rooms["rows"].as_array().map(Vec::len)), (&json!("rooms"), Some(4)));
    assert_eq!(bob.get("/api/v1/rooms?privacy=secret").await.json()["rows"][0]["name"], "Vault");
    let vault = room(&house, "Vault", "").await;
    assert_eq!(bob.get(&vault).await.json()["rows"][0]["members"], json!(["sip:ana@example.com"]));
    for (method, path, body) in [
        (Method::POST, "/api/v1/categories", json!({ "name": "Cellar" })),
        (Method::PATCH, "/api/v1/users/sip:ana@example.com", json!({ "displayName": "Ann" })),
    ] {
        let heard = bob.ask(method, path, Some(&body)).await;
        assert_eq!(heard.code(), (403, "ErrorPermission".into()), "{path}: {}", heard.text());
    }
    let none = bob.get("/api/v1/rooms?cursor=zz").await;
    assert_eq!(none.code(), (400, "InvalidArgument".into()));
}

#[tokio::test]
async fn a_manager_sees_and_changes_its_own_rooms_and_no_other() {
    let house = office().await;
    house.admin("room set Vault --add-manager sip:ana@example.com").await;
    house.settle().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let vault = room(&house, "Vault", "").await;
    let own = ana.get(&vault).await;
    assert_eq!((&own.json()["kind"], own.header("etag").len() > 2), (&json!("rooms"), true));
    let changed = ana.ask(Method::PATCH, &vault, Some(&json!({ "description": "Mind the step" }))).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let lobby = room(&house, "Lobby", "").await;
    assert_eq!(ana.get(&lobby).await.json()["kind"], "cards");
    let body = json!({ "description": "Mine" });
    let refused = bob.ask(Method::PATCH, &vault, Some(&body)).await;
    let absent = bob.ask(Method::PATCH, &nowhere(""), Some(&body)).await;
    assert_eq!(refused.code(), (404, "NoSuchNode".into()));
    crate::scene::alike(&refused, &absent, "what bob may not know of");
}

#[tokio::test]
async fn passwords_are_not_told_and_new_people_can_sign_on() {
    let house = office().await;
    let mut ana = administrator(&house).await;
    let new =
        json!({ "address": "sip:zoe@example.com", "displayName": "Zoe", "password": testkit::PASSWORD });
    let made = ana.ask(Method::POST, "/api/v1/users", Some(&new)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(!made.text().contains(testkit::PASSWORD));
    house.settle().await;
    arrives(&house, "zoe").await;
}
