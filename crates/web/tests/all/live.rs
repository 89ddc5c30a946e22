//! Stories of the live link: what is said is heard at once and in order, and whoever was cut off misses nothing and hears
//! nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use hyper::Method;
use rooms::Welcome;
use serde_json::{Value, json};
use testkit::{Browser, House, LiveLink};
use tokio::task::yield_now;
use web::limits::{LIVE_LEAVING, Limits};

use crate::scene::{arrives, house_with, later, office, pass, room};

/// Somebody says something in a room.
async fn says(browser: &mut Browser, house: &House, name: &str, text: &str) -> Value {
    let path = room(house, name, "/messages").await;
    let posted = browser.ask(Method::POST, &path, Some(&json!({ "text": text }))).await;
    assert_eq!(posted.status, 201, "{}", posted.text());
    posted.json()
}

/// An administrator takes away what was said in the lobby with a word.
async fn removes(house: &House, word: &str) {
    let remove = json!({ "room": "Lobby", "filter": word });
    let done = house
        .run(
            testkit::admin::Spec::find("message", "remove")
                .expect("it is there")
                .read(remove.as_object().expect("fields").clone())
                .expect("an operation"),
        )
        .await;
    done.expect("it is removed");
}

/// The GUID of a room.
async fn guid(house: &House, name: &str) -> String {
    room(house, name, "").await.rsplit('/').next().expect("a path").to_owned()
}

/// How far somebody has read the one room it has read anything of, as it is told.
fn mark(room: &str, [read, posts, unread, mentions]: [u32; 4]) -> Value {
    json!([{ "room": room, "read": read, "posts": posts, "unread": unread, "mentions": mentions }])
}

/// Opens a link and joins a room, after a position if there is one; returns what was told of the room.
async fn joins(browser: &Browser, room: &str, after: Option<&str>) -> (LiveLink, Value) {
    let mut link = browser.live().await.expect("the link opens");
    let wanted = after.map_or(json!({ "room": room }), |after| json!({ "room": room, "after": after }));
    link.say(&json!({ "do": "join", "rooms": [wanted] })).await;
    let joined = link.hear_until("joined").await;
    (link, joined)
}

/// What a client knows of one room: its posts by number, and where it would go on.
#[derive(Default)]
struct Seen {
    posts: BTreeMap<u64, String>,
    after: Option<String>,
    twice: Vec<u64>,
}

impl Seen {
    fn take(&mut self, event: &Value) {
        if let Some(after) = event["after"].as_str() {
            self.after = Some(after.to_owned());
        }
        let message = &event["message"];
        let Some(post) = message["post"].as_u64() else { return };
        let text = message["text"].as_str().unwrap_or("gone").to_owned();
        let old = self.posts.insert(post, text);
        if old.is_some() && event["event"] == "message" {
            self.twice.push(post);
        }
    }

    /// Hears until a text comes.
    async fn until(&mut self, link: &mut LiveLink, text: &str) {
        loop {
            let event = link.hear().await;
            self.take(&event);
            if event["message"]["text"] == text {
                return;
            }
        }
    }
}

#[tokio::test]
async fn two_people_hear_each_other_at_once_and_in_one_order() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    let (mut at_ana, joined) = joins(&ana, &lobby, None).await;
    assert_eq!(joined["room"]["name"], "Lobby");
    assert_eq!(joined["people"][0]["person"]["displayName"], "Ana Example");
    let (mut at_bob, _) = joins(&bob, &lobby, None).await;
    let came = at_ana.hear_until("came").await;
    assert_eq!(came["person"]["address"], "sip:bob@example.com");
    for number in 0..5 {
        says(&mut ana, &house, "Lobby", &format!("ana {number}")).await;
        says(&mut bob, &house, "Lobby", &format!("bob {number}")).await;
    }
    let (mut ana_saw, mut bob_saw) = (Seen::default(), Seen::default());
    ana_saw.until(&mut at_ana, "bob 4").await;
    bob_saw.until(&mut at_bob, "bob 4").await;
    assert_eq!(ana_saw.posts, bob_saw.posts);
    assert_eq!(ana_saw.posts.len(), 10);
    drop(at_bob);
    assert_eq!(at_ana.hear_until("left").await["rooms"], json!([lobby]));
}

#[tokio::test]
async fn a_person_of_the_lync_protocol_and_one_at_a_browser_hear_each_other() {
    let house = office().await;
    let mut ana = arrives(&house, "ana").await;
    let lobby = guid(&house, "Lobby").await;
    let (mut link, _) = joins(&ana, &lobby, None).await;
    let mut bob = house.arrive("bob").await;
    let uri = format!("ma-chan://example.com/{lobby}");
    bob.join(&uri).await.expect("the room is joined");
    assert_eq!(link.hear_until("came").await["person"]["address"], "sip:bob@example.com");
    assert_eq!(bob.post(&uri, "from the other wire").await.expect("an answer"), 200);
    let heard = link.hear_until("message").await;
    assert_eq!(heard["message"]["text"], "from the other wire");
    says(&mut ana, &house, "Lobby", "and back").await;
    let history = bob.history(&uri, 25).await.expect("history");
    let texts: Vec<&str> = history.iter().map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(texts, ["from the other wire", "and back"]);
}

#[tokio::test]
async fn whoever_was_cut_off_misses_nothing_and_hears_nothing_twice() {
    let house = office().await;
    let (ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    let mut seen = Seen::default();
    for round in 0..6 {
        let (mut link, _) = joins(&ana, &lobby, seen.after.as_deref()).await;
        // What was said while nobody heard comes first, then what is said now.
        let now = format!("heard {round}");
        says(&mut bob, &house, "Lobby", &now).await;
        seen.until(&mut link, &now).await;
        drop(link);
        for number in 0..round {
            says(&mut bob, &house, "Lobby", &format!("unheard {round} {number}")).await;
        }
    }
    let (mut link, _) = joins(&ana, &lobby, seen.after.as_deref()).await;
    says(&mut bob, &house, "Lobby", "the end").await;
    seen.until(&mut link, "the end").await;
    let mut bob_reads = Seen::default();
    let path = room(&house, "Lobby", "/messages?limit=500").await;
    for message in bob.get(&path).await.json()["messages"].as_array().expect("posts") {
        bob_reads.take(&json!({ "event": "message", "message": message }));
    }
    assert_eq!(seen.posts, bob_reads.posts);
    assert_eq!(seen.twice, [0_u64; 0]);
    assert_eq!(seen.posts.len(), 22);
}

#[tokio::test]
async fn somebody_who_missed_too_much_is_told_to_read_again() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    let (link, joined) = joins(&ana, &lobby, None).await;
    let at = joined["at"].as_str().expect("a position").to_owned();
    drop(link);
    for number in 0..501 {
        if number % 250 == 249 {
            house.clock.advance_micros(60_000_000);
        }
        let path = room(&house, "Lobby", "/messages").await;
        // Two of them, since one alone would be asking too fast.
        let author = if number % 2 == 0 { &mut ana } else { &mut bob };
        let said = author.ask(Method::POST, &path, Some(&json!({ "text": format!("{number}") }))).await;
        assert_eq!(said.status, 201, "{number}: {}", said.text());
    }
    let (mut link, joined) = joins(&ana, &lobby, Some(&at)).await;
    let far = link.hear_until("far").await;
    assert_eq!(far["after"], joined["at"]);
    says(&mut bob, &house, "Lobby", "now").await;
    assert_eq!(link.hear_until("message").await["message"]["text"], "now");
}

#[tokio::test]
async fn a_post_that_is_taken_away_is_told_to_who_is_there_and_to_who_comes_back() {
    let house = office().await;
    let (ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    let (mut link, _) = joins(&ana, &lobby, None).await;
    says(&mut bob, &house, "Lobby", "a slip of the pen").await;
    let said = link.hear_until("message").await;
    let before = said["after"].as_str().expect("a position").to_owned();
    removes(&house, "slip").await;
    let changed = link.hear_until("changed").await;
    assert_eq!(changed["message"]["post"], said["message"]["post"]);
    let told = link.hear_until("told").await;
    assert_eq!(told["after"], changed["after"]);
    drop(link);
    let (mut link, _) = joins(&ana, &lobby, Some(&before)).await;
    let changed = link.hear_until("changed").await;
    assert_eq!(changed["message"]["post"], said["message"]["post"]);
}

#[tokio::test]
async fn unread_posts_are_counted_and_reading_anywhere_is_told_everywhere() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    says(&mut bob, &house, "Lobby", "one").await;
    let read = room(&house, "Lobby", "/read").await;
    assert_eq!(ana.ask(Method::PUT, &read, Some(&json!({ "post": 1 }))).await.status, 204);
    says(&mut bob, &house, "Lobby", "two").await;
    let (mut link, joined) = joins(&ana, &lobby, None).await;
    assert_eq!((&joined["read"], &joined["unread"]), (&json!(1), &json!(1)));
    says(&mut bob, &house, "Lobby", "three").await;
    assert_eq!(link.hear_until("read").await["rooms"], mark(&lobby, [1, 3, 2, 0]));
    let (mut other, _) = joins(&ana, &lobby, None).await;
    other.say(&json!({ "do": "read", "room": lobby, "post": 3 })).await;
    for link in [&mut link, &mut other] {
        assert_eq!(link.hear_until("read").await["rooms"], mark(&lobby, [3, 3, 0, 0]));
    }
    other.say(&json!({ "do": "read", "room": lobby, "post": 4 })).await;
    assert_eq!(other.hear_until("refused").await["code"], "InvalidArgument", "it was not said yet");
}

/// The store gives no answer just when Ana comes.
#[tokio::test]
async fn how_far_somebody_has_read_is_told_once_the_store_answers() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    says(&mut bob, &house, "Lobby", "one").await;
    let read = room(&house, "Lobby", "/read").await;
    assert_eq!(ana.ask(Method::PUT, &read, Some(&json!({ "post": 1 }))).await.status, 204);
    says(&mut bob, &house, "Lobby", "two").await;

    let behind = rusqlite::Connection::open(house.file()).expect("it is there");
    behind.execute_batch("ALTER TABLE read_mark RENAME TO away").expect("nobody writes");
    let (mut link, joined) = joins(&ana, &lobby, None).await;
    assert_eq!(joined["read"], Value::Null);
    behind.execute_batch("ALTER TABLE away RENAME TO read_mark").expect("nobody writes");
    assert_eq!(link.hear_until("read").await["rooms"], mark(&lobby, [1, 2, 1, 0]));
    says(&mut bob, &house, "Lobby", "three").await;
    assert_eq!(link.hear_until("read").await["rooms"], mark(&lobby, [1, 3, 2, 0]));
}

#[tokio::test]
async fn unread_mentions_are_counted_live_and_fall_with_a_post_that_is_taken_away() {
    let house = office().await;
    let (mut ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    says(&mut bob, &house, "Lobby", "one").await;
    let read = room(&house, "Lobby", "/read").await;
    assert_eq!(ana.ask(Method::PUT, &read, Some(&json!({ "post": 1 }))).await.status, 204);
    says(&mut bob, &house, "Lobby", "two, @ana").await;
    let (mut link, joined) = joins(&ana, &lobby, None).await;
    assert_eq!((&joined["unread"], &joined["mentions"]), (&json!(1), &json!(1)));
    says(&mut bob, &house, "Lobby", "three, @ANA; a slip").await;
    let said = link.hear_until("message").await;
    let mentioned = &said["message"]["mentions"];
    assert_eq!(mentioned[0]["name"], "ANA");
    assert_eq!(mentioned[0]["person"]["address"], "sip:ana@example.com");
    assert_eq!(link.hear_until("read").await["rooms"], mark(&lobby, [1, 3, 2, 2]));
    let listed = ana.get("/api/v1/read").await.json();
    assert_eq!(listed["rooms"], mark(&lobby, [1, 3, 2, 2]));
    removes(&house, "slip").await;
    let changed = link.hear_until("changed").await;
    assert_eq!(changed["message"]["mentions"], json!([]));
    let counted = link.hear_until("read").await;
    assert_eq!(counted["rooms"], mark(&lobby, [1, 3, 2, 1]), "it counts no more");
}

#[tokio::test]
async fn rooms_that_change_and_lists_that_change_are_told() {
    let house = office().await;
    let mut ana = arrives(&house, "ana").await;
    let (lobby, vault) = (guid(&house, "Lobby").await, guid(&house, "Vault").await);
    let mut link = ana.live().await.expect("the link opens");
    link.say(&json!({ "do": "join", "rooms": [{ "room": lobby }, { "room": vault }] })).await;
    link.hear_until("told").await;
    link.hear_until("told").await;
    house.admin("room set Lobby --description \"Where nobody meets\"").await;
    assert_eq!(link.hear_until("room").await["room"]["description"], "Where nobody meets");
    let follow = format!("/api/v1/followed/{lobby}");
    assert_eq!(ana.ask(Method::PUT, &follow, None).await.status, 204);
    link.hear_until("lists").await;
    house.admin("room set Vault --remove-member sip:ana@example.com").await;
    let parted = link.hear_until("parted").await;
    assert_eq!((&parted["room"], &parted["removed"]), (&json!(vault), &json!(true)));
    link.hear_until("lists").await;
}

#[tokio::test]
async fn what_is_no_command_is_refused_in_words_and_the_link_goes_on() {
    let house = office().await;
    let (ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let (lobby, vault) = (guid(&house, "Lobby").await, guid(&house, "Vault").await);
    let (mut link, _) = joins(&bob, &lobby, None).await;
    for text in ["", "{", "[]", "{\"do\":\"dance\"}", "{\"do\":\"join\",\"rooms\":[{\"room\":\"x\"}]}"] {
        link.say_text(text).await;
        let refused = link.hear_until("refused").await;
        assert_eq!(refused["code"], "InvalidArgument", "{text}");
        assert_ne!(refused["detail"], "", "{text}");
    }
    let nowhere = "00000000-0000-4000-8000-000000000000";
    for room in [vault.as_str(), nowhere] {
        link.say(&json!({ "do": "join", "rooms": [{ "room": room }] })).await;
        let refused = link.hear_until("refused").await;
        assert_eq!((&refused["room"], &refused["code"]), (&json!(room), &json!("NoSuchNode")));
    }
    says(&mut bob, &house, "Lobby", "still here").await;
    assert_eq!(link.hear_until("message").await["message"]["text"], "still here");
    link.say_text(&"x".repeat(web::limits::LIVE_COMMAND_OCTETS_MAX + 1)).await;
    assert_eq!(link.closed().await, 1009);
    drop(ana);
}

#[tokio::test]
async fn a_page_of_another_site_a_stranger_and_a_plain_request_open_no_link() {
    let house = office().await;
    let ana = arrives(&house, "ana").await;
    let foreign = Browser { origin: Some("https://evil.example".into()), ..ana.clone() };
    assert_eq!(foreign.live().await.err(), Some(403));
    let silent = Browser { origin: None, ..ana.clone() };
    assert_eq!(silent.live().await.err(), Some(403));
    assert_eq!(house.browser().live().await.err(), Some(401));
    let plain = ana.clone().get("/api/v1/live").await;
    assert_eq!(plain.code(), (426, "UpgradeRequired".to_owned()));
    assert!(ana.live().await.is_ok());
}

#[tokio::test]
async fn signing_off_and_losing_everything_close_the_link() {
    let house = office().await;
    let (mut ana, bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    let ((mut at_ana, _), (mut at_bob, _)) =
        (joins(&ana, &lobby, None).await, joins(&bob, &lobby, None).await);
    assert_eq!(ana.ask(Method::DELETE, "/api/v1/session", None).await.status, 204);
    assert_eq!(at_ana.closed().await, 4001);
    house.admin("user disable sip:bob@example.com").await;
    let begun = tokio::time::Instant::now();
    assert_eq!(at_bob.closed().await, 4001);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn whoever_only_listens_stays_however_much_it_hears_and_its_session_stays_with_it() {
    let house = office().await;
    let (ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    let (mut link, _) = joins(&ana, &lobby, None).await;
    for number in 0..12 {
        // Something is heard before any beat is due; what the server asks in between is answered by the client itself.
        pass(7).await;
        says(&mut bob, &house, "Lobby", &format!("{number}")).await;
        assert_eq!(link.hear_until("message").await["message"]["text"], format!("{number}"));
    }
    // To listen is to use the session.
    for number in 12..16 {
        later(&house, 20);
        pass(21).await;
        says(&mut bob, &house, "Lobby", &format!("{number}")).await;
        link.hear_until("message").await;
        // What was heard before this command was heard, too.
        link.say_text("").await;
        link.hear_until("refused").await;
    }
    assert_eq!(ana.clone().get("/api/v1/session").await.status, 200);
}

#[tokio::test]
async fn a_house_that_is_emptied_says_goodbye_and_sends_people_elsewhere() {
    let house = office().await;
    let mut ana = arrives(&house, "ana").await;
    let mut link = ana.live().await.expect("the link opens");
    link.hear_until("hello").await;
    house.rooms.admit(Welcome::Nobody { elsewhere: false });
    assert_eq!(ana.live().await.err(), Some(503));
    let ready = house.watcher().get("/readyz").await;
    assert_eq!((ready.status, ready.text().as_str()), (503, "emptied\n"));
    assert_eq!(ana.get("/api/v1/session").await.status, 200, "nobody else would answer");
    pass(LIVE_LEAVING.as_secs()).await;
    link.hear_until("goodbye").await;
    assert_eq!(link.closed().await, 1012);

    house.rooms.admit(Welcome::Nobody { elsewhere: true });
    yield_now().await;
    assert!(ana.connect().await.is_err(), "browsers try the next address of the name");
    house.rooms.admit(Welcome::Everybody);
    yield_now().await;
    assert!(ana.live().await.is_ok());
}

#[tokio::test]
async fn a_house_that_closes_says_so_on_the_link() {
    let mut house = office().await;
    let ana = arrives(&house, "ana").await;
    let (mut link, _) = joins(&ana, &guid(&house, "Lobby").await, None).await;
    house.close_web().await;
    assert_eq!(link.closed().await, 1001);
    house.stop().await;
}

#[tokio::test]
async fn without_tls_a_browser_on_this_machine_has_everything() {
    let house = office().await;
    let mut ana = house.plain_browser();
    let signed = ana.sign_on("ana", testkit::PASSWORD).await;
    assert_eq!(signed.status, 201);
    let cookie = signed.header("set-cookie").to_owned();
    assert!(cookie.starts_with("causerie=") && !cookie.contains("Secure"), "{cookie}");
    let (mut link, _) = joins(&ana, &guid(&house, "Lobby").await, None).await;
    says(&mut ana, &house, "Lobby", "in clear").await;
    link.hear_until("message").await;
    // The cookie of one way is nothing on the other.
    let elsewhere = Browser { cookie: ana.cookie.clone(), ..house.browser() };
    assert_eq!(elsewhere.clone().get("/api/v1/session").await.status, 401);
    let page = ana.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("require-trusted-types-for 'script'") && !policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn whoever_heeds_no_refusal_is_cut_off() {
    let house = office().await;
    let ana = arrives(&house, "ana").await;
    let lobby = guid(&house, "Lobby").await;
    let mut link = ana.live().await.expect("the link opens");
    let most = web::limits::LIVE_REFUSALS_MAX;
    for _ in 0..most {
        link.say_octets(b"no command").await;
        link.hear_until("refused").await;
    }
    // Whoever says something right in between goes on.
    link.say(&json!({ "do": "join", "rooms": [{ "room": lobby }] })).await;
    link.hear_until("joined").await;
    for _ in 0..most {
        link.say_octets(b"no command").await;
        link.hear_until("refused").await;
    }
    link.say_octets(b"no command").await;
    assert_eq!(link.closed().await, 1008);
}

#[tokio::test]
async fn what_is_no_command_counts_for_the_rate_of_its_person() {
    let house = house_with(&["ana"], Limits { caller_burst: 2, ..Limits::default() }).await;
    let mut link = arrives(&house, "ana").await.live().await.expect("the link opens");
    for _ in 0..web::limits::LIVE_REFUSALS_MAX {
        link.say_octets(b"no command").await;
    }
    let mut codes = BTreeSet::new();
    for _ in 0..web::limits::LIVE_REFUSALS_MAX {
        codes.insert(link.hear_until("refused").await["code"].to_string());
    }
    assert!(codes.contains("\"LimitExceeded\""), "{codes:?}");
}

#[tokio::test]
async fn a_room_that_is_named_often_in_one_command_is_told_once() {
    let house = office().await;
    let (ana, mut bob) = (arrives(&house, "ana").await, arrives(&house, "bob").await);
    let lobby = guid(&house, "Lobby").await;
    let (link, joined) = joins(&ana, &lobby, None).await;
    drop(link);
    says(&mut bob, &house, "Lobby", "good morning").await;
    let mut link = ana.live().await.expect("the link opens");
    let wanted = json!({ "room": lobby, "after": joined["at"] });
    link.say(&json!({ "do": "join", "rooms": vec![wanted; 3] })).await;
    link.say(&json!({ "do": "part", "rooms": [lobby] })).await;
    let mut heard = BTreeMap::new();
    loop {
        let event = link.hear().await;
        let kind = event["event"].as_str().expect("it has a kind").to_owned();
        if kind == "parted" {
            break;
        }
        *heard.entry(kind).or_insert(0) += 1;
    }
    assert_eq!((heard["joined"], heard["message"]), (1, 1), "{heard:?}");
}

#[tokio::test]
async fn what_is_no_websocket_is_told_from_a_farewell() {
    let house = office().await;
    let ana = arrives(&house, "ana").await;
    // A text of octets that are no UTF-8; a frame of a kind that does not exist.
    for (kind, code) in [(1, 1007), (3, 1002)] {
        let mut link = ana.live().await.expect("the link opens");
        link.say_frame(kind, b"\xff\xfe").await;
        assert_eq!(link.closed().await, code, "kind {kind}");
    }
}
