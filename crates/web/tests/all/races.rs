//! Races over HTTP: many ask for the same thing at the same moment, and one of them gets it.
//! Each story runs on several threads, so that requests really meet.

use http_body_util::Full;
use hyper::Method;
use hyper::header::{CONTENT_TYPE, IF_MATCH};
use serde_json::{Value, json};
use testkit::chat::Role;
use testkit::{Browser, House};

use crate::scene::{arrives, house, office, room};

/// How many ask at once.
const CROWD: usize = 20;

/// Ana, who administers everything.
async fn administrator(house: &House) -> Browser {
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    house.settle().await;
    arrives(house, "ana").await
}

/// The same asked so many times at once, each with a body of its own; the answers in no order.
async fn at_once(
    browser: &Browser,
    method: Method,
    path: &str,
    etag: Option<&str>,
    bodies: Vec<Value>,
) -> Vec<(u16, String, Value)> {
    let asking = bodies.into_iter().map(|body| {
        let mut request = browser.request(method.clone(), path);
        request.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("a value"));
        if let Some(etag) = etag {
            request.headers_mut().insert(IF_MATCH, etag.parse().expect("a value"));
        }
        *request.body_mut() = Full::from(body.to_string());
        let mut browser = browser.clone();
        tokio::spawn(async move { browser.send(request).await })
    });
    let asking: Vec<_> = asking.collect();
    let mut heard = Vec::new();
    for one in asking {
        let one = one.await.expect("it is answered");
        heard.push((one.status, one.code().1, one.json()));
    }
    heard
}

/// How many have this status.
fn count(heard: &[(u16, String, Value)], status: u16) -> usize {
    heard.iter().filter(|one| one.0 == status).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_that_make_a_room_of_one_name_one_does() {
    let house = office().await;
    let ana = administrator(&house).await;
    let new = |number: usize| {
        let name = if number.is_multiple_of(2) { "Cellar" } else { "CELLAR" };
        json!({ "name": name, "category": "Floor", "description": number.to_string() })
    };
    let heard = at_once(&ana, Method::POST, "/api/v1/rooms", None, (0..CROWD).map(new).collect()).await;
    assert_eq!((count(&heard, 201), count(&heard, 409)), (1, CROWD - 1), "{heard:?}");
    assert!(heard.iter().all(|one| one.0 == 201 || one.1 == "DuplicateRoomName"), "{heard:?}");
    let made = heard.iter().find(|one| one.0 == 201).expect("one was made");
    let listed = ana.clone().get("/api/v1/rooms?q=cellar").await.json();
    assert_eq!(listed["rows"], made.2["rows"], "the one that was told so is there, and no other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_changes_of_one_state_one_is_made() {
    let house = office().await;
    let mut ana = administrator(&house).await;
    let lobby = room(&house, "Lobby", "").await;
    let etag = ana.get(&lobby).await.header("etag").to_owned();
    let change = |number: usize| json!({ "description": format!("number {number}") });
    let heard = at_once(&ana, Method::PATCH, &lobby, Some(&etag), (0..CROWD).map(change).collect()).await;
    assert_eq!((count(&heard, 200), count(&heard, 412)), (1, CROWD - 1), "{heard:?}");
    let made = heard.iter().find(|one| one.0 == 200).expect("one was made");
    let now = ana.get(&lobby).await;
    assert_eq!(now.json()["rows"], made.2["rows"]);
    assert_ne!(now.header("etag"), etag);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_changes_that_name_no_state_are_all_made_one_after_another() {
    let house = office().await;
    let mut ana = administrator(&house).await;
    let lobby = room(&house, "Lobby", "").await;
    let before: u64 = etag(&ana.get(&lobby).await.json());
    for number in 0..CROWD {
        house.person(&format!("guest{number}")).await;
    }
    let add = |number: usize| json!({ "members": { "add": [format!("sip:guest{number}@example.com")] } });
    let heard = at_once(&ana, Method::PATCH, &lobby, None, (0..CROWD).map(add).collect()).await;
    // Whoever was overtaken too often is told so, and nothing of it was done.
    let done = count(&heard, 200);
    assert_eq!(done + count(&heard, 412), CROWD, "{heard:?}");
    let now = ana.get(&lobby).await.json();
    let members = now["rows"][0]["members"].as_array().map(Vec::len);
    assert_eq!((members, etag(&now) - before), (Some(done), done as u64));
}

/// The etag of the one row.
fn etag(outcome: &Value) -> u64 {
    outcome["rows"][0]["etag"].as_str().and_then(|etag| etag.parse().ok()).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_id_that_comes_twenty_times_at_once_is_one_post() {
    let house = office().await;
    let bob = arrives(&house, "bob").await;
    let lobby = room(&house, "Lobby", "/messages").await;
    let same = (0..CROWD).map(|_| json!({ "text": "once", "clientId": "a1" })).collect();
    let heard = at_once(&bob, Method::POST, &lobby, None, same).await;
    let busy = count(&heard, 503);
    assert_eq!(count(&heard, 201) + busy, CROWD, "{heard:?}");
    let mut told: Vec<&Value> = heard.iter().filter(|one| one.0 == 201).map(|one| &one.2).collect();
    told.dedup();
    assert_eq!(told.len(), 1, "all are told of the same post");
    let page = bob.clone().get(&lobby).await.json();
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(1), "{page}");
    assert_eq!(page["messages"][0]["position"], told[0]["position"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_of_somebody_after_the_answer_that_he_is_disabled() {
    let mut house = house(&["ana", "bob"]).await;
    house.admin("category new Floor --add-allowed-member domain:example.com").await;
    let guid = house.admin("room new Lobby --category Floor --privacy open").await;
    let posts = format!("/api/v1/rooms/{guid}/messages");
    let mut ana = administrator(&house).await;
    let bob = arrives(&house, "bob").await;
    let posting = async |from: usize| {
        let texts = (from..from + CROWD).map(|number| json!({ "text": number.to_string() })).collect();
        at_once(&bob, Method::POST, &posts, None, texts).await
    };
    let disable = async {
        let heard =
            ana.ask(Method::POST, "/api/v1/users/sip:bob@example.com/disable", Some(&json!({}))).await;
        assert_eq!(heard.status, 200, "{}", heard.text());
        // Written by somebody else in the same room, once the answer is there: everything after it is after the answer.
        let heard = ana.ask(Method::POST, &posts, Some(&json!({ "text": "disabled" }))).await;
        assert_eq!(heard.status, 201, "{}", heard.text());
    };
    let (during, ()) = tokio::join!(posting(0), disable);
    let after = posting(100).await;
    assert_eq!(count(&after, 201), 0, "{after:?}");
    for (status, code, _) in during.iter().chain(&after) {
        let refused =
            [(401, "NotSignedOn"), (403, "ErrorPermission"), (404, "NoSuchNode"), (503, "Unavailable")];
        assert!(*status == 201 || refused.contains(&(*status, code)), "{status} {code}");
    }
    let told: Vec<&(u16, String, Value)> = during.iter().filter(|one| one.0 == 201).collect();
    house.stop().await;
    let kept = house.kept(&format!("ma-chan://example.com/{guid}")).await;
    let last = kept.iter().position(|text| text == "disabled").expect("it was said");
    assert_eq!(kept.len(), last + 1, "nothing comes after it: {kept:?}");
    // Whoever lost its session between keeping and answering was not told, but nobody was told what is not so.
    assert!(told.len() <= last, "{} were told, {last} kept", told.len());
}
