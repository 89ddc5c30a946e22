//! Stories of people and tokens that lose everything at once: how long it takes on every face, from the answer of the operation
//! to the loss. The promise is five seconds; each story prints what it measured.

use std::time::Duration;

use hyper::{HeaderMap, Method};
use serde_json::{Map, Value, json};
use testkit::admin::Spec;
use testkit::chat::{Clock, Role};
use testkit::wire::Person;
use testkit::{Browser, House, PASSWORD, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use web::limits::Limits;

use crate::scene::{arrives, house_with, later};

/// The bound of a revocation.
const BOUND: Duration = Duration::from_secs(5);
/// How long a story waits before it calls something never; far longer than anything takes.
const NEVER: Duration = Duration::from_secs(20);

/// What somebody has open when it is shut out.
struct Open {
    chat: Person,
    quiet: Person,
    session: Browser,
    token: Browser,
    /// Posts of which half has been sent, by session and by token.
    halves: Vec<Half>,
}

/// A post on its way, of which the end has not been sent.
struct Half {
    what: &'static str,
    wire: Box<dyn Wire>,
}

/// A house with the Lobby, open to everybody, and these people.
async fn lobby(people: &[&str]) -> (House, String) {
    // Nobody is slowed while it looks again and again whether something is lost.
    let limits = Limits { caller_burst: 100_000, address_burst: 100_000, ..Limits::default() };
    let house = house_with(people, limits).await;
    house.admin("category new Floor --add-allowed-member domain:example.com").await;
    let guid = house.admin("room new Lobby --category Floor --privacy open").await;
    (house, guid)
}

/// An operation of the administrator; returns when it was answered.
async fn does(house: &House, noun: &str, verb: &str, fields: Value) -> Instant {
    let spec = Spec::find(noun, verb).expect("there is such an operation");
    let fields: Map<String, Value> = fields.as_object().cloned().expect("an object");
    house.run(spec.read(fields).expect("it is one")).await.expect("it is carried out");
    Instant::now()
}

/// Somebody with a token of this scope, and no cookie.
async fn bearer(house: &House, who: &str, scope: &str) -> (Browser, i64) {
    let (secret, number) =
        house.rows().token(&house.directory, scope, Some(&format!("sip:{who}@example.com")), None).await;
    (Browser { authorization: Some(format!("Bearer {secret}")), ..house.browser() }, number)
}

/// The first half of a request with a body.
async fn half(browser: &Browser, what: &'static str, method: Method, path: &str) -> Half {
    let request = browser.request(method, path);
    let mut head = format!("{} {path} HTTP/1.1\r\n", request.method());
    let fields: &HeaderMap = request.headers();
    for (name, value) in fields {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().expect("a text")));
    }
    head.push_str(
        "content-type: application/json\r\ncontent-length: 1000\r\nconnection: close\r\n\
         expect: 100-continue\r\n\r\n",
    );
    let mut wire = browser.connect().await.expect("there is a place");
    wire.write_all(head.as_bytes()).await.expect("it is read");
    // It is told to go on when it was let in and its body is wanted.
    let mut heard = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    wire.read_exact(&mut heard).await.expect("it is answered");
    assert_eq!(&heard, b"HTTP/1.1 100 Continue\r\n\r\n");
    wire.write_all(b"{\"text\": \"half\"").await.expect("it is read");
    Half { what, wire }
}

impl Half {
    /// Sends the rest, and reads the answer.
    async fn ended(mut self) -> String {
        // The server may have answered and closed already.
        let _ = self.wire.write_all(format!("{:985}", "}").as_bytes()).await;
        let mut answer = Vec::new();
        let _ = self.wire.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Waits for the answer, sends the rest all the same, and reads until the end; returns when the answer came.
    async fn refused(mut self) -> (&'static str, Instant, String) {
        let mut first = [0; 12];
        self.wire.read_exact(&mut first).await.expect("it is answered");
        let when = Instant::now();
        let rest = format!("{:985}", "}");
        // The server may have closed already.
        let _ = self.wire.write_all(rest.as_bytes()).await;
        let mut end = Vec::new();
        let _ = self.wire.read_to_end(&mut end).await;
        (self.what, when, String::from_utf8_lossy(&first).into_owned() + &String::from_utf8_lossy(&end))
    }
}

/// Asks until this is answered with this status; returns when.
async fn until(browser: &mut Browser, path: &str, status: u16) -> Instant {
    let began = Instant::now();
    loop {
        let heard = browser.get(path).await;
        if heard.status == status {
            return Instant::now();
        }
        assert!(
            began.elapsed() < NEVER,
            "{path} is answered {} and not {status}: {}",
            heard.status,
            heard.text()
        );
    }
}

/// Signs on on a link until that is refused.
async fn refused_at_the_door(house: &House, who: &str) -> Instant {
    loop {
        let mut person = house.client(who).await;
        if person.sign_on().await.is_ok_and(|answer| answer.status() == Some(401)) {
            return Instant::now();
        }
    }
}

/// Prints what was measured and compares it with the promise.
fn within_bound(way: &str, since: Instant, measured: &[(&str, Instant)]) {
    for (face, when) in measured {
        let took = when.saturating_duration_since(since);
        println!("{way}: {face} lost after {} ms", took.as_millis());
        assert!(took < BOUND, "{way}: {face} was lost after {took:?}");
    }
}

/// Somebody opens everything there is.
async fn opens_everything(house: &House, who: &str, room: &str) -> Open {
    let mut chat = house.arrive(who).await;
    let uri = format!("ma-chan://example.com/{room}");
    chat.join(&uri).await.expect("the link stays open");
    assert_eq!(chat.post(&uri, "whole").await, Ok(200));
    let mut quiet = house.client(who).await;
    assert_eq!(quiet.sign_on().await.expect("an answer").status(), Some(200));
    let mut session = arrives(house, who).await;
    let (mut token, _) = bearer(house, who, "user").await;
    for browser in [&mut session, &mut token] {
        assert_eq!(browser.get("/api/v1/session").await.status, 200);
    }
    let posts = format!("/api/v1/rooms/{room}/messages");
    let halves = vec![
        half(&session, "a request in flight, by session", Method::POST, &posts).await,
        half(&token, "a request in flight, by token", Method::POST, &posts).await,
    ];
    Open { chat, quiet, session, token, halves }
}

/// Somebody is shut out by an operation, and loses everything.
async fn loses_everything(house: &House, way: &str, who: &str, open: Open, since: Instant) {
    let Open { mut chat, mut quiet, mut session, mut token, mut halves } = open;
    let (second, first) = (halves.pop().expect("two are sent"), halves.pop().expect("two are sent"));
    let link = async {
        chat.until_closed().await;
        Instant::now()
    };
    let without_dialog = async {
        quiet.until_closed().await;
        Instant::now()
    };
    let all = async {
        tokio::join!(
            link,
            without_dialog,
            until(&mut session, "/api/v1/session", 401),
            until(&mut token, "/api/v1/session", 401),
            first.refused(),
            second.refused(),
            refused_at_the_door(house, who),
        )
    };
    let (link, without_dialog, session, token, first, second, door) =
        timeout(2 * NEVER, all).await.expect("everything is lost");
    for (what, _, answer) in [&first, &second] {
        assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("NotSignedOn"), "{what}: {answer}");
    }
    let measured = [
        ("a link with a dialog", link),
        ("a link without one", without_dialog),
        ("a session", session),
        ("a token", token),
        (first.0, first.1),
        (second.0, second.1),
        ("the door for links", door),
    ];
    within_bound(way, since, &measured);
    assert_eq!(house.browser().sign_on(who, PASSWORD).await.status, 401, "and the door for sessions");
}

/// What the Lobby kept, after the house was stopped.
async fn kept(mut house: House, room: &str) -> Vec<String> {
    house.stop().await;
    house.kept(&format!("ma-chan://example.com/{room}")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_disabled_loses_everything_within_five_seconds() {
    let (house, room) = lobby(&["ana", "bob"]).await;
    let open = opens_everything(&house, "ana", &room).await;
    let mut bob = arrives(&house, "bob").await;
    let since = does(&house, "user", "disable", json!({ "user": "sip:ana@example.com" })).await;
    loses_everything(&house, "disabled", "ana", open, since).await;
    assert_eq!(bob.get("/api/v1/session").await.status, 200, "others lose nothing");
    assert_eq!(kept(house, &room).await, ["whole"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_removed_loses_everything_within_five_seconds() {
    let (house, room) = lobby(&["ana"]).await;
    let open = opens_everything(&house, "ana", &room).await;
    let since = does(&house, "user", "remove", json!({ "user": "sip:ana@example.com" })).await;
    loses_everything(&house, "removed", "ana", open, since).await;
    assert_eq!(kept(house, &room).await, ["whole"]);
}

/// An export with these people.
fn export(people: &[(&str, u32)]) -> String {
    let person = |(name, number): &(&str, u32)| {
        format!(
            "dn: CN={name},DC=example,DC=com\nobjectClass: user\nentryUUID: 00000000-0000-4000-8000-0000000000{number:02}\n\
             msRTCSIP-PrimaryUserAddress: sip:{name}@example.com\nuserAccountControl: 512\n\n"
        )
    };
    people.iter().map(person).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_gone_by_an_import_loses_everything_within_five_seconds() {
    let (house, room) = lobby(&[]).await;
    let (cy, dora) = (("cy", 21), ("dora", 22));
    does(&house, "directory", "import", json!({ "ldif": export(&[cy, dora]) })).await;
    let password = json!({ "user": "sip:cy@example.com", "password": PASSWORD, "legacySignOn": true });
    does(&house, "user", "set", password).await;
    house.settle().await;
    let open = opens_everything(&house, "cy", &room).await;
    let since = does(&house, "directory", "import", json!({ "ldif": export(&[dora]), "yes": true })).await;
    loses_everything(&house, "gone by an import", "cy", open, since).await;
    assert_eq!(kept(house, &room).await, ["whole"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_revoked_or_over_is_lost_within_five_seconds() {
    let (house, room) = lobby(&["ana"]).await;
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    let mut session = arrives(&house, "ana").await;
    for (way, scope) in [("revoked", "user"), ("revoked", "admin"), ("over", "user"), ("over", "admin")] {
        let end = house.clock.now().plus_micros(3_600_000_000).iso7();
        let new = json!({ "name": "program", "scope": scope, "expires": end });
        let made = session.ask(Method::POST, "/api/v1/tokens", Some(&new)).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let row = made.json()["rows"][0].clone();
        let secret = row["secret"].as_str().expect("it is shown once").to_owned();
        let mut token = Browser { authorization: Some(format!("Bearer {secret}")), ..house.browser() };
        assert_eq!(token.get("/api/v1/session").await.status, 200);
        let (what, path) = match scope {
            "user" => ("a post in flight", format!("/api/v1/rooms/{room}/messages")),
            _ => ("an operation in flight", "/api/v1/categories".to_owned()),
        };
        let half = half(&token, what, Method::POST, &path).await;
        let since = match way {
            "revoked" => {
                let at = format!("/api/v1/tokens/{}", row["guid"].as_str().expect("a GUID"));
                assert_eq!(session.ask(Method::DELETE, &at, None).await.status, 200);
                Instant::now()
            }
            _ => {
                later(&house, 61);
                Instant::now()
            }
        };
        let all = async { tokio::join!(until(&mut token, "/api/v1/session", 401), half.refused()) };
        let (lost, half) = timeout(2 * NEVER, all).await.expect("everything is lost");
        assert!(half.2.starts_with("HTTP/1.1 401 "), "{}", half.2);
        within_bound(&format!("{way}, scope {scope}"), since, &[("the token", lost), (half.0, half.1)]);
        session = arrives(&house, "ana").await;
    }
    assert_eq!(session.get("/api/v1/session").await.status, 200, "the person stays");
    assert_eq!(session.get("/api/v1/categories").await.json()["rows"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_waits_for_the_store_is_lost_with_its_token() {
    let (house, room) = lobby(&["ana"]).await;
    let end = house.clock.now().plus_micros(3_600_000_000);
    let (secret, _) =
        house.rows().token(&house.directory, "user", Some("sip:ana@example.com"), Some(end)).await;
    let token = Browser { authorization: Some(format!("Bearer {secret}")), ..house.browser() };
    let posts = format!("/api/v1/rooms/{room}/messages");
    let mut half = half(&token, "a post that waits to be kept", Method::POST, &posts).await;
    let hold = house.hold();
    half.wire.write_all(format!("{:985}", "}").as_bytes()).await.expect("it is read");
    later(&house, 61);
    let since = Instant::now();
    let (what, when, answer) = timeout(NEVER, half.refused()).await.expect("it is answered");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    within_bound("over", since, &[(what, when)]);
    drop(hold);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_chat_any_more_loses_the_chat_within_five_seconds_and_keeps_administering() {
    let (house, room) = lobby(&["ana", "bob"]).await;
    house.rows().role("sip:ana@example.com", Role::Administrator).await;
    house.settle().await;
    let Open { mut chat, mut session, mut token, mut halves, .. } =
        opens_everything(&house, "ana", &room).await;
    let (second, first) = (halves.pop().expect("two are sent"), halves.pop().expect("two are sent"));
    let posts = format!("/api/v1/rooms/{room}/messages");
    assert_eq!(session.get(&posts).await.status, 200);
    assert_eq!(session.ask(Method::PUT, &format!("/api/v1/followed/{room}"), None).await.status, 204);
    let off = json!({ "policy": "global", "enablePersistentChat": false });
    let since = does(&house, "policy", "set", off).await;
    let dialog = async {
        chat.request_where(|request| request.method() == Some("BYE")).await.expect("the link stays open");
        Instant::now()
    };
    let all =
        async { tokio::join!(dialog, until(&mut session, &posts, 403), until(&mut token, &posts, 403)) };
    let (dialog, by_session, by_token) = timeout(2 * NEVER, all).await.expect("everything is lost");
    let measured = [("the dialog", dialog), ("rooms by session", by_session), ("rooms by token", by_token)];
    within_bound("policy off", since, &measured);
    for half in [first, second] {
        let mut wire = half.wire;
        wire.write_all(format!("{:985}", "}").as_bytes()).await.expect("it is read");
        let mut heard = [0; 12];
        wire.read_exact(&mut heard).await.expect("it is answered");
        assert_eq!(&heard, b"HTTP/1.1 403", "{}", half.what);
    }
    refused_everywhere(&mut session, &room).await;
    for path in ["/users", "/categories", "/session", "/policies", &format!("/rooms/{room}")] {
        let heard = session.get(&format!("/api/v1{path}")).await;
        assert_eq!(heard.status, 200, "{path} is administration: {}", heard.text());
    }
    let on = json!({ "enablePersistentChat": true });
    assert_eq!(session.ask(Method::PATCH, "/api/v1/policies/global", Some(&on)).await.status, 200);
    timeout(2 * NEVER, until(&mut session, &posts, 200)).await.expect("it is switched on again");
    assert_eq!(kept(house, &room).await, ["whole"]);
}

/// Everything a person needs the policy for is refused, whether the room is there or not.
async fn refused_everywhere(session: &mut Browser, room: &str) {
    for room in [room, "00000000-0000-4000-8000-000000000000"] {
        let at = format!("/api/v1/rooms/{room}");
        let refused = [
            (Method::GET, format!("{at}/messages"), None),
            (Method::POST, format!("{at}/messages"), Some(json!({ "text": "am I still here?" }))),
            (Method::PUT, format!("{at}/read"), Some(json!({ "post": 1 }))),
            (Method::PUT, format!("/api/v1/followed/{room}"), None),
            (Method::GET, "/api/v1/search?q=whole".to_owned(), None),
            (Method::GET, "/api/v1/read".to_owned(), None),
            (Method::GET, "/api/v1/followed".to_owned(), None),
            (Method::GET, "/api/v1/invitations".to_owned(), None),
        ];
        for (method, path, body) in refused {
            let heard = session.ask(method.clone(), &path, body.as_ref()).await;
            assert_eq!(heard.code(), (403, "ErrorPermission".into()), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_to_its_end_after_its_session_has_ended_does_nothing() {
    let (house, room) = lobby(&["ana"]).await;
    let posts = format!("/api/v1/rooms/{room}/messages");
    let mut password = PASSWORD;
    for (what, ends) in
        [("a new password", "set"), ("a person disabled and enabled", "disable"), ("a sign-off", "")]
    {
        let mut session = house.browser();
        assert_eq!(session.sign_on("ana", password).await.status, 201);
        let half = half(&session, what, Method::POST, &posts).await;
        let ana = json!({ "user": "sip:ana@example.com" });
        match ends {
            "set" => {
                password = "another horse 8";
                does(&house, "user", "set", json!({ "user": ana["user"], "password": password })).await;
            }
            "disable" => {
                does(&house, "user", "disable", ana.clone()).await;
                does(&house, "user", "enable", ana).await;
            }
            _ => {
                let off = session.ask(Method::DELETE, "/api/v1/session", None).await;
                assert_eq!(off.status, 204);
            }
        }
        house.settle().await;
        let answer = timeout(NEVER, half.ended()).await.expect("it is answered");
        assert!(answer.starts_with("HTTP/1.1 401 "), "{what}: {answer}");
    }
    let mut anew = house.browser();
    assert_eq!(anew.sign_on("ana", password).await.status, 201);
    assert_eq!(anew.get(&posts).await.json()["messages"], json!([]), "nothing was said");
}
