//! Stories of what a person keeps for itself: the list of rooms, how far it has read, what it follows, who invites it.

use hyper::Method;
use serde_json::{Value, json};
use testkit::{Browser, Heard};

use crate::scene::{arrives, later, office, room};

fn names(heard: &Heard) -> Vec<String> {
    assert_eq!(heard.status, 200, "{}", heard.text());
    let rows = heard.json()["rows"].as_array().cloned().expect("rows");
    rows.iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn everybody_sees_the_rooms_it_may_know_of() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let listed = ana.get("/api/v1/rooms").await;
    assert_eq!(listed.json()["kind"], "cards");
    assert_eq!(names(&listed), ["Lobby", "Stage", "Vault"]);
    assert_eq!(names(&bob.get("/api/v1/rooms").await), ["Lobby", "Stage"]);
    assert_eq!(names(&bob.get("/api/v1/rooms?q=tag").await), ["Stage"]);
    assert_eq!(names(&bob.get("/api/v1/rooms?q=meet").await), [""; 0]);
    assert_eq!(names(&bob.get("/api/v1/rooms?q=MEET&searchDescription=true").await), ["Lobby"]);
    assert_eq!(names(&bob.get("/api/v1/rooms?identity=lobby").await), ["Lobby"]);
    let card = bob.get("/api/v1/rooms/Lobby").await;
    assert_eq!(names(&card), ["Lobby"]);
    let card = &card.json()["rows"][0];
    assert_eq!(card["rights"], json!(["see", "join", "read", "post"]));
    assert_eq!((&card["privacy"], &card["type"]), (&json!("open"), &json!("normal")));
}

#[tokio::test]
async fn in_an_auditorium_only_presenters_are_told_that_they_may_post() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let messages = room(&house, "Stage", "/messages").await;
    let rights = async |browser: &mut Browser| {
        browser.get("/api/v1/rooms/Stage").await.json()["rows"][0]["rights"].clone()
    };
    let posted = async |browser: &mut Browser| {
        let text = json!({ "text": "welcome" });
        browser.ask(Method::POST, &messages, Some(&text)).await.status
    };
    assert_eq!(rights(&mut bob).await, json!(["see", "join", "read"]));
    assert_eq!(posted(&mut bob).await, 403);
    assert_eq!(rights(&mut ana).await, json!(["see", "join", "read", "post", "present"]));
    assert_eq!(posted(&mut ana).await, 201);
}

#[tokio::test]
async fn what_belongs_to_a_person_is_listed_for_that_person_alone() {
    let house = office().await;
    house.admin("room set Attic --add-manager sip:bob@example.com").await;
    house.admin("category set Floor --add-creator sip:bob@example.com").await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let rooms = |heard: Heard| {
        assert_eq!(heard.status, 200, "{}", heard.text());
        let rooms = heard.json()["rooms"].as_array().cloned().expect("rooms");
        rooms.iter().map(|room| room["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rooms(bob.get("/api/v1/managed").await), ["Attic"], "a disabled room among them");
    assert_eq!(rooms(ana.get("/api/v1/managed").await), [""; 0]);
    assert_eq!(rooms(ana.get("/api/v1/member-of").await), ["Vault"]);
    assert_eq!(rooms(bob.get("/api/v1/member-of").await), [""; 0]);
    let creatable = bob.get("/api/v1/creatable").await.json();
    assert_eq!(creatable["categories"][0]["name"], "Floor");
    assert_eq!(ana.get("/api/v1/creatable").await.json()["categories"], json!([]));
    assert_eq!(bob.get("/api/v1/overview").await.status, 403, "this is for readers");
    house.admin("role grant reader --user sip:bob@example.com").await;
    let overview = bob.get("/api/v1/overview").await.json();
    assert_eq!((&overview["healthy"], &overview["browserSessions"]), (&json!(true), &json!(2)));
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let house = office().await;
    for number in 10..=19 {
        house.admin(&format!("room new \"Room {number}\" --category Floor --privacy open")).await;
    }
    house.settle().await;
    let mut bob = arrives(&house, "bob").await;
    let whole = names(&bob.get("/api/v1/rooms").await);
    assert_eq!(whole.len(), 12);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bob.get(&format!("/api/v1/rooms?limit=5{cursor}")).await;
        seen.extend(names(&page));
        match &page.json()["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    assert_eq!(seen, whole);
    let odd = bob.get("/api/v1/rooms?cursor=%21").await;
    assert_eq!((odd.code(), odd.json()["field"].clone()), ((400, "InvalidArgument".into()), json!("cursor")));
    assert_eq!(bob.get("/api/v1/rooms?limit=0").await.status, 400);
    assert_eq!(bob.get("/api/v1/rooms?member=sip:ana@example.com").await.status, 403, "this is for readers");
}

#[tokio::test]
async fn how_far_bob_has_read_goes_forward_only() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = room(&house, "Lobby", "").await;
    for text in ["one", "two", "three"] {
        ana.ask(Method::POST, &format!("{lobby}/messages"), Some(&json!({ "text": text }))).await;
    }
    let mark = async |browser: &mut Browser, post: u32| {
        browser.ask(Method::PUT, &format!("{lobby}/read"), Some(&json!({ "post": post }))).await.status
    };
    assert_eq!(mark(&mut bob, 2).await, 204);
    assert_eq!(mark(&mut bob, 1).await, 204);
    let states = bob.get("/api/v1/read").await.json();
    let guid = lobby.rsplit('/').next().expect("a GUID");
    assert_eq!(states["rooms"], json!([{ "room": guid, "read": 2, "posts": 3, "unread": 1, "mentions": 0 }]));
    assert_eq!(mark(&mut bob, 4).await, 400, "that was not said yet");
}

#[tokio::test]
async fn a_followed_room_is_followed_until_it_is_not() {
    let house = office().await;
    let mut ana = arrives(&house, "ana").await;
    let lobby = room(&house, "Lobby", "").await;
    let guid = lobby.rsplit('/').next().expect("a GUID").to_owned();
    let at = format!("/api/v1/followed/{guid}");
    for _ in 0..2 {
        assert_eq!(ana.ask(Method::PUT, &at, None).await.status, 204);
    }
    let followed = ana.get("/api/v1/followed").await.json();
    assert_eq!(followed["rooms"].as_array().map(Vec::len), Some(1));
    assert_eq!(followed["rooms"][0]["room"], guid);
    assert_eq!(followed["rooms"][0]["card"]["name"], "Lobby");
    house.admin("room remove Lobby").await;
    house.settle().await;
    let followed = ana.get("/api/v1/followed").await.json();
    assert_eq!(
        (&followed["rooms"][0]["name"], &followed["rooms"][0]["card"]),
        (&json!("Lobby"), &Value::Null)
    );
    for _ in 0..2 {
        assert_eq!(ana.ask(Method::DELETE, &at, None).await.status, 204);
    }
    assert_eq!(ana.get("/api/v1/followed").await.json()["rooms"], json!([]));
}

#[tokio::test]
async fn who_is_made_a_member_is_invited() {
    let house = office().await;
    let mut bob = arrives(&house, "bob").await;
    assert_eq!(bob.get("/api/v1/invitations").await.json()["invitations"], json!([]));
    later(&house, 5);
    house.admin("room set Vault --add-member sip:bob@example.com").await;
    house.settle().await;
    let invited = bob.get("/api/v1/invitations").await.json();
    assert_eq!(invited["invitations"][0]["id"], 1);
    assert_eq!(invited["invitations"][0]["room"]["name"], "Vault");
    assert_eq!(bob.get("/api/v1/invitations?after=1").await.json()["invitations"], json!([]));
}
