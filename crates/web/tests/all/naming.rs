//! Stories of names and GUIDs: what a room is called never leads to another room than its GUID does.
//! Which names are good is a table of `chat`.

use hyper::Method;
use serde_json::{Value, json};
use testkit::chat::Role;

use crate::scene::{arrives, office};

/// The spellings in which a GUID can be written.
fn spellings(guid: &str) -> [String; 5] {
    let plain = guid.replace('-', "");
    [guid.to_owned(), guid.to_uppercase(), plain, format!("{{{guid}}}"), format!("urn:uuid:{guid}")]
}

#[tokio::test]
async fn nobody_calls_a_room_by_the_guid_of_another() {
    let house = office().await;
    house.admin("category set Floor --add-creator sip:bob@example.com").await;
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    house.settle().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = ana.get("/api/v1/rooms/Lobby").await.json()["rows"][0].clone();
    let guid = lobby["guid"].as_str().expect("a GUID").to_owned();
    let own = json!({ "name": "Own", "category": "Floor" });
    assert_eq!(bob.ask(Method::POST, "/api/v1/rooms", Some(&own)).await.status, 201);
    for name in spellings(&guid) {
        let new = json!({ "name": name, "category": "Floor" });
        let renamed = json!({ "name": name });
        let table = json!({ "rows": format!("name,category\n{name},Floor\n") });
        for (mut browser, method, path, body) in [
            (bob.clone(), Method::POST, "/api/v1/rooms", &new),
            (bob.clone(), Method::PATCH, "/api/v1/rooms/Own", &renamed),
            (ana.clone(), Method::POST, "/api/v1/categories", &renamed),
            (ana.clone(), Method::PATCH, "/api/v1/categories/Floor", &renamed),
        ] {
            let heard = browser.ask(method.clone(), path, Some(body)).await;
            assert_eq!(
                heard.code(),
                (400, "InvalidArgument".into()),
                "{method} {path} {name}: {}",
                heard.text()
            );
            let told = heard.json();
            assert_eq!(told["field"], "name", "{told}");
            assert!(told["detail"].as_str().is_some_and(|said| said.contains("like a GUID")), "{told}");
        }
        let imported = ana.ask(Method::POST, "/api/v1/rooms/import", Some(&table)).await;
        assert!(imported.text().contains("like a GUID"), "{name}: {}", imported.text());
    }
    let names = |heard: Value| -> Vec<Value> {
        heard["rows"].as_array().expect("rows").iter().map(|row| row["name"].clone()).collect()
    };
    for spelling in spellings(&guid) {
        let path = spelling.replace('{', "%7B").replace('}', "%7D");
        for browser in [&mut ana, &mut bob] {
            let by_path = browser.get(&format!("/api/v1/rooms/{path}")).await.json();
            assert_eq!(names(by_path), ["Lobby"], "{spelling}");
            let by_query = browser.get(&format!("/api/v1/rooms?identity={path}")).await.json();
            assert_eq!(names(by_query), ["Lobby"], "{spelling}");
        }
    }
}
