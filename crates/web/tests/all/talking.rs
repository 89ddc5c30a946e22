//! Stories of people who read, post and search without a link, and of what others see of it.

use hyper::Method;
use serde_json::{Value, json};
use testkit::{Browser, Heard};

use crate::scene::{alike, arrives, nowhere, office, pass, room};

async fn says(browser: &mut Browser, at: &str, text: &str) -> Heard {
    browser.ask(Method::POST, at, Some(&json!({ "text": text }))).await
}

fn texts(heard: &Heard) -> Vec<String> {
    assert_eq!(heard.status, 200, "{}", heard.text());
    let messages = heard.json()["messages"].as_array().cloned().expect("a page has messages");
    messages.iter().map(|message| message["text"].as_str().unwrap_or("(taken away)").to_owned()).collect()
}

#[tokio::test]
async fn ana_posts_and_whoever_is_at_a_client_hears_it() {
    let house = office().await;
    let mut bob = house.arrive("bob").await;
    let lobby = room(&house, "Lobby", "/messages").await;
    let name = lobby.split('/').nth(4).expect("a GUID");
    let join = format!(
        "<cmd id=\"cmd:join\" seqid=\"1\"><data><chanid key=\"0\" domain=\"example.com\" value=\"{name}\"/></data></cmd>"
    );
    bob.info(&join).await.expect("he joins");
    assert!(bob.next().await.expect("it is answered").contains("rpl:join"));
    let mut ana = arrives(&house, "ana").await;
    let posted = says(&mut ana, &lobby, "good morning").await;
    assert_eq!(posted.status, 201, "{}", posted.text());
    assert_eq!(posted.json()["post"], 1);
    assert!(posted.json()["time"].as_str().is_some_and(|time| time.starts_with("2026-11-24T10:00:00")));
    let heard = bob.next().await.expect("he hears it");
    assert!(heard.contains("good morning") && heard.contains("sip:ana@example.com"), "{heard}");
    let page = ana.get(&lobby).await;
    assert_eq!(texts(&page), ["good morning"]);
    let message = &page.json()["messages"][0];
    assert_eq!(message["position"], posted.json()["position"]);
    assert_eq!(message["author"]["address"], "sip:ana@example.com");
    assert_eq!(message["alert"], false);
}

#[tokio::test]
async fn who_goes_on_from_the_last_position_misses_nothing() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = room(&house, "Lobby", "/messages").await;
    let first = bob.get(&lobby).await.json();
    assert_eq!(first["messages"], json!([]));
    assert_eq!(first["next"], first["at"]);
    for number in 1..=7 {
        assert_eq!(says(&mut ana, &lobby, &format!("word {number}")).await.status, 201);
    }
    let mut next = first["next"].clone();
    let mut seen = Vec::new();
    loop {
        let place = next.as_str().expect("a position");
        let page = bob.get(&format!("{lobby}?after={place}&limit=3")).await;
        seen.extend(texts(&page));
        next = page.json()["next"].clone();
        if next == page.json()["at"] {
            break;
        }
    }
    assert_eq!(seen, (1..=7).map(|number| format!("word {number}")).collect::<Vec<_>>());
    let newest = bob.get(&format!("{lobby}?limit=2")).await;
    assert_eq!(texts(&newest), ["word 6", "word 7"]);
    let before = newest.json()["prev"].clone();
    let older = bob.get(&format!("{lobby}?before={}&limit=100", before.as_str().expect("a position"))).await;
    assert_eq!(texts(&older), ["word 1", "word 2", "word 3", "word 4", "word 5"]);
    assert_eq!(older.json()["prev"], Value::Null);
}

#[tokio::test]
async fn a_post_that_comes_again_is_kept_once_and_answered_as_the_first() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = room(&house, "Lobby", "/messages").await;
    let body = json!({ "text": "once", "clientId": "a-1" });
    let first = ana.ask(Method::POST, &lobby, Some(&body)).await;
    house.clock.advance_micros(5_000_000);
    let again = ana.ask(Method::POST, &lobby, Some(&body)).await;
    assert_eq!((first.status, first.json()), (201, again.json()));
    let other = bob.ask(Method::POST, &lobby, Some(&body)).await;
    assert_eq!(other.json()["post"], 2, "the name is Ana's alone");
    assert_eq!(texts(&bob.get(&lobby).await), ["once", "once"]);
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let house = office().await;
    let mut ana = arrives(&house, "ana").await;
    let lobby = room(&house, "Lobby", "/messages").await;
    for body in
        [json!(["posted by array", null, false, null]), json!([]), json!("text"), json!(1), json!(null)]
    {
        let heard = ana.ask(Method::POST, &lobby, Some(&body)).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{body}");
        assert!(heard.text().contains("a JSON object"), "{}", heard.text());
    }
    assert_eq!(texts(&ana.get(&lobby).await), [""; 0]);
}

#[tokio::test]
async fn another_post_with_the_same_client_id_is_refused() {
    let house = office().await;
    let mut ana = arrives(&house, "ana").await;
    let lobby = room(&house, "Lobby", "/messages").await;
    let first = ana.ask(Method::POST, &lobby, Some(&json!({ "text": "once", "clientId": "a-1" }))).await;
    assert_eq!(first.status, 201);
    let other = ana.ask(Method::POST, &lobby, Some(&json!({ "text": "twice", "clientId": "a-1" }))).await;
    assert_eq!(other.code(), (409, "ClientIdTaken".into()));
    assert_eq!(other.json()["field"], "clientId");
    assert_eq!(texts(&ana.get(&lobby).await), ["once"]);
}

#[tokio::test]
async fn a_room_one_may_not_know_of_is_answered_as_one_that_is_not() {
    let house = office().await;
    let mut bob = arrives(&house, "bob").await;
    let vault = room(&house, "Vault", "").await;
    let post = json!({ "text": "hello?" });
    let mark = json!({ "post": 1 });
    for (method, rest, body) in [
        (Method::GET, "", None),
        (Method::GET, "/messages", None),
        (Method::GET, "/messages?limit=1", None),
        (Method::POST, "/messages", Some(&post)),
        (Method::PUT, "/read", Some(&mark)),
    ] {
        let secret = bob.ask(method.clone(), &format!("{vault}{rest}"), body).await;
        let absent = bob.ask(method.clone(), &nowhere(rest), body).await;
        assert_eq!(secret.code(), (404, "NoSuchNode".into()), "{method} {rest}");
        alike(&secret, &absent, &format!("{method} {rest}"));
    }
    let guid = vault.rsplit('/').next().expect("a GUID");
    let named = bob.get("/api/v1/rooms/Vault").await;
    alike(&named, &bob.get("/api/v1/rooms/Cellar").await, "by name");
    alike(
        &bob.get("/api/v1/rooms?identity=Vault").await,
        &bob.get("/api/v1/rooms?identity=Cellar").await,
        "listed",
    );
    alike(&bob.get("/api/v1/rooms?q=Vault").await, &bob.get("/api/v1/rooms?q=Cellar").await, "sought");
    let path = |guid: &str| format!("/api/v1/search?q=word&room={guid}");
    let nowhere = "00000000-0000-4000-8000-000000000000";
    alike(&bob.get(&path(guid)).await, &bob.get(&path(nowhere)).await, "searched");
    let follow = |guid: &str| format!("/api/v1/followed/{guid}");
    let (secret, absent) = (follow(guid), follow(nowhere));
    alike(&bob.ask(Method::PUT, &secret, None).await, &bob.ask(Method::PUT, &absent, None).await, "followed");
}

#[tokio::test]
async fn what_the_rules_refuse_is_told_with_its_code() {
    let house = office().await;
    let mut bob = arrives(&house, "bob").await;
    let (stage, attic) = (room(&house, "Stage", "/messages").await, room(&house, "Attic", "/messages").await);
    let lobby = room(&house, "Lobby", "/messages").await;
    assert_eq!(says(&mut bob, &stage, "me too").await.code(), (403, "ErrorPermission".into()));
    assert_eq!(says(&mut bob, &attic, "hello?").await.code(), (423, "NodeDisabled".into()));
    let empty = says(&mut bob, &lobby, "  ").await;
    assert_eq!(empty.code(), (422, "RuleBroken".into()));
    assert_eq!(empty.json()["field"], "text");
    assert_eq!(says(&mut bob, &lobby, &"a".repeat(8_001)).await.code(), (422, "RuleBroken".into()));
    for (body, field) in [
        (json!({ "text": "a", "clientId": "" }), "clientId"),
        (json!({ "text": "a", "clientId": "b".repeat(257) }), "clientId"),
        (json!({ "text": "a", "clientId": "\u{0}" }), "clientId"),
        (json!({ "text": "a", "clientId": "one\nline" }), "clientId"),
        (json!({ "text": 7 }), "text"),
        (json!({ "text": "a", "colour": "red" }), "colour"),
    ] {
        let heard = bob.ask(Method::POST, &lobby, Some(&body)).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{body}");
        assert_eq!(heard.json()["field"], field, "{body}");
    }
    for query in
        ["after=1", "after=1.x", "after=1.2&before=1.3", "limit=0", "limit=-1", "limit=many", "page=2"]
    {
        let heard = bob.get(&format!("{lobby}?{query}")).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{query}: {}", heard.text());
    }
    for words in ["a%00b", "a%07b", "%00"] {
        let heard = bob.get(&format!("/api/v1/search?q={words}")).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{words}: {}", heard.text());
    }
}

#[tokio::test]
async fn a_search_finds_words_in_the_rooms_one_may_read() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let (lobby, vault) = (room(&house, "Lobby", "/messages").await, room(&house, "Vault", "/messages").await);
    says(&mut ana, &lobby, "The red door").await;
    says(&mut ana, &vault, "the red key").await;
    says(&mut bob, &lobby, "a blue door").await;
    let found = |browser: &mut Browser, query: &str| {
        let (mut browser, query) = (browser.clone(), query.to_owned());
        async move { texts(&browser.get(&format!("/api/v1/search?{query}")).await) }
    };
    assert_eq!(found(&mut ana, "q=red").await, ["the red key", "The red door"]);
    assert_eq!(found(&mut bob, "q=red").await, ["The red door"]);
    assert_eq!(found(&mut bob, "q=red+blue&clause=or").await, ["a blue door", "The red door"]);
    assert_eq!(found(&mut bob, "q=the%20red&clause=exact&caseSensitive=true").await, [""; 0]);
    assert_eq!(found(&mut ana, "q=door&author=sip:bob@example.com").await, ["a blue door"]);
    assert_eq!(found(&mut ana, "q=door&to=2026-11-24").await, [""; 0]);
    assert_eq!(bob.get("/api/v1/search").await.code(), (400, "InvalidArgument".into()));
    assert_eq!(bob.get("/api/v1/search?q=+").await.status, 400);
}

#[tokio::test]
async fn who_has_signed_off_meanwhile_is_not_answered_any_more() {
    let house = office().await;
    let mut ana = arrives(&house, "ana").await;
    let lobby = room(&house, "Lobby", "/messages").await;
    let hold = house.hold();
    let mut waiting = ana.clone();
    let waits = tokio::spawn(async move { says(&mut waiting, &lobby, "it takes long").await });
    assert_eq!(ana.ask(Method::DELETE, "/api/v1/session", None).await.status, 204);
    pass(2).await;
    assert_eq!(waits.await.expect("it is answered").code(), (401, "NotSignedOn".into()));
    drop(hold);
}

#[tokio::test]
async fn whom_one_can_mention_is_told_to_whoever_may_read_the_room() {
    let house = office().await;
    let mut ana = arrives(&house, "ana").await;
    let at = room(&house, "Lobby", "/mentionable").await;
    let heard = ana.get(&format!("{at}?q=B")).await;
    assert_eq!(heard.status, 200, "{}", heard.text());
    let people = heard.json()["people"].clone();
    assert_eq!(people[0]["address"], "sip:bob@example.com", "{people}");
    assert_eq!(people[0]["displayName"], "Bob Example");
    assert_eq!(people.as_array().map(Vec::len), Some(1));
    for begun in ["", &"x".repeat(257)] {
        let heard = ana.get(&format!("{at}?q={begun}")).await;
        assert_eq!(heard.code(), (400, "InvalidArgument".into()), "{}", heard.text());
    }
    let vault = room(&house, "Vault", "/mentionable?q=a").await;
    let mut bob = arrives(&house, "bob").await;
    alike(&bob.get(&vault).await, &bob.get(&nowhere("/mentionable?q=a")).await, "a room that is hidden");
}

#[tokio::test]
async fn eight_of_many_namesakes_are_told_the_first_by_name() {
    let house = office().await;
    for number in (1..=9).rev() {
        house.person(&format!("bert{number}")).await;
    }
    let mut ana = arrives(&house, "ana").await;
    let heard = ana.get(&room(&house, "Lobby", "/mentionable?q=bert").await).await;
    let people = heard.json()["people"].as_array().cloned().unwrap_or_default();
    let told: Vec<&str> = people.iter().filter_map(|person| person["displayName"].as_str()).collect();
    let expected: Vec<String> = (1..=8).map(|number| format!("Bert{number} Example")).collect();
    assert_eq!(told, expected, "{}", heard.text());
}
