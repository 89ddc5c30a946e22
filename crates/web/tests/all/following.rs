//! Stories of rooms that somebody follows in a browser: the person's chat clients are told as by one of their own.
//! What is kept of it is told in `directory`.

use hyper::Method;
use testkit::wire::{Message, Person};

use crate::scene::{arrives, office, room};

const SELF: &str = "vnd-microsoft-roaming-self";

/// The next notice of what the person keeps.
async fn notified(person: &mut Person) -> Message {
    let is_notice =
        |message: &Message| message.method() == Some("BENOTIFY") && message.header("Event") == Some(SELF);
    loop {
        let message = person.any_answered().await.expect("the link stays open");
        if is_notice(&message) {
            return message;
        }
    }
}

#[tokio::test]
async fn a_live_client_is_told_which_rooms_are_followed_in_a_browser() {
    let house = office().await;
    let mut browser = arrives(&house, "ana").await;
    let mut client = house.client("ana").await;
    assert_eq!(client.sign_on().await.expect("an answer").status(), Some(200));
    let headers = format!(
        "Event: {SELF}\r\nContact: <sip:me@10.0.0.1>\r\nSupported: ms-piggyback-first-notify\r\n\
         Proxy-Require: ms-benotify\r\nSupported: ms-benotify\r\n"
    );
    let subscribed =
        client.outside("SUBSCRIBE", "sip:ana@example.com", &headers, "").await.expect("an answer");
    assert_eq!(subscribed.status(), Some(200));
    let lobby = room(&house, "Lobby", "").await;
    let guid = lobby.rsplit('/').next().expect("a GUID");
    let followed = format!("/api/v1/followed/{guid}");

    assert_eq!(browser.ask(Method::PUT, &followed, None).await.status, 204);
    let notice = notified(&mut client).await;
    assert!(notice.body.contains("roomSetting") && notice.body.contains(guid), "{}", notice.body);
    assert_eq!(browser.ask(Method::DELETE, &followed, None).await.status, 204);
    let notice = notified(&mut client).await;
    assert!(notice.body.contains(r#"<category name="roomSetting""#), "{}", notice.body);
    assert!(!notice.body.contains(guid), "{}", notice.body);
}

#[tokio::test]
async fn a_room_that_admits_only_members_is_followed_by_them_alone() {
    let house = office().await;
    house.admin("room new Board --category Floor --privacy closed --add-member sip:ana@example.com").await;
    house.settle().await;
    let board = room(&house, "Board", "").await;
    let followed = format!("/api/v1/followed/{}", board.rsplit('/').next().expect("a GUID"));
    let mut bob = arrives(&house, "bob").await;
    assert_eq!(bob.get(&board).await.status, 200, "he finds it");
    let refused = bob.ask(Method::PUT, &followed, None).await;
    assert_eq!(refused.code(), (403, "ErrorPermission".into()), "{}", refused.text());
    assert!(refused.text().contains("ask one of its managers"), "{}", refused.text());
    assert_eq!(bob.get("/api/v1/followed").await.json()["rooms"].as_array().map(Vec::len), Some(0));
    let mut ana = arrives(&house, "ana").await;
    assert_eq!(ana.ask(Method::PUT, &followed, None).await.status, 204);
}
