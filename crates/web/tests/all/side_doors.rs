//! Rooms somebody may not know of, asked after at every door there is: each answers, to the octet, as for a room that does not
//! exist. A new surface that names rooms is a new line of these tables.

use hyper::Method;
use serde_json::{Value, json};
use testkit::wire::Person;
use testkit::{Browser, Heard, House};
use web::limits::Limits;

use crate::scene::{arrives, house_with};

/// A room by GUID and name.
#[derive(Clone)]
pub struct Room {
    pub guid: String,
    pub name: &'static str,
}

/// Doors at which a room is named. `{guid}` and `{name}` stand for it, `{room}` for one and then the other.
pub const NAMING: &[(&str, &str, Option<&str>)] = &[
    // The card, in full and as people see it
    ("GET", "/rooms/{room}", None),
    ("GET", "/rooms/ma-chan:%2F%2Fexample.com%2F{guid}", None),
    ("GET", "/rooms?identity={room}", None),
    ("GET", "/rooms?identity={room}&limit=1", None),
    // Lists and completion
    ("GET", "/rooms?q={name}", None),
    ("GET", "/rooms?q={name}&searchDescription=true", None),
    ("GET", "/rooms?q={name}&limit=1", None),
    // What only readers may ask
    ("GET", "/rooms?member=sip:ana@example.com&identity={room}", None),
    ("GET", "/rooms?disabled=true&identity={room}", None),
    ("GET", "/rooms?category={name}", None),
    // Posts
    ("GET", "/rooms/{room}/messages", None),
    ("GET", "/rooms/{room}/messages?limit=1", None),
    ("GET", "/rooms/{room}/messages?limit=0", None),
    ("GET", "/rooms/{room}/messages?after=1.1", None),
    ("GET", "/rooms/{room}/messages?before=1.9", None),
    ("GET", "/rooms/{room}/messages?before=9.9&after=1.1", None),
    ("POST", "/rooms/{room}/messages", Some(r#"{"text":"is anybody here?"}"#)),
    ("POST", "/rooms/{room}/messages", Some(r#"{"text":"is anybody here?","clientId":"one"}"#)),
    ("POST", "/rooms/{room}/messages", Some(r#"{"text":""}"#)),
    ("GET", "/search?q=needle&room={guid}", None),
    ("GET", "/search?q=needle&room={guid}&author=sip:ana@example.com", None),
    ("GET", "/rooms/{room}/mentionable?q=a", None),
    ("GET", "/rooms/{room}/mentionable?q=", None),
    // What one keeps
    ("PUT", "/rooms/{room}/read", Some(r#"{"post":1}"#)),
    ("PUT", "/rooms/{room}/read", Some(r#"{"post":99}"#)),
    ("PUT", "/followed/{room}", None),
    ("DELETE", "/followed/{room}", None),
    // Why not
    ("GET", "/explain?person=sip:bob@example.com&about=room&name={room}", None),
    ("GET", "/explain?person=sip:bob@example.com&about=room&name={room}&right=see", None),
    ("GET", "/explain?person=sip:ana@example.com&about=room&name={room}", None),
    ("GET", "/explain?person=sip:bob@example.com&about=message&name={room}%231", None),
    ("GET", "/explain?person=sip:bob@example.com&about=message&name={room}%2399", None),
    ("GET", "/explain?person=sip:bob@example.com&about=category&name={room}", None),
    ("GET", "/who-can?right=see&about=room&name={room}", None),
    ("GET", "/eligible-principals?room={room}", None),
    ("GET", "/eligible-principals?room={room}&presenters=true", None),
    ("GET", "/eligible-principals?category={room}", None),
    ("GET", "/who-can?right=read&about=message&name={room}%231", None),
    // Settings, by somebody who does not manage it
    ("PATCH", "/rooms/{room}", Some(r#"{"description":"mine"}"#)),
    ("PATCH", "/rooms/{room}?dryRun=true", Some(r#"{"description":"mine"}"#)),
    ("PATCH", "/rooms/{room}", Some(r#"{"disabled":false}"#)),
    ("PATCH", "/rooms/{room}", Some(r#"{"disabled":true}"#)),
    ("PATCH", "/rooms/{room}", Some(r#"{"category":"Floor"}"#)),
    ("PATCH", "/rooms/{room}", Some(r#"{"members":{"add":["sip:bob@example.com"]}}"#)),
    ("PATCH", "/rooms/{room}", Some("{}")),
    ("DELETE", "/rooms/{room}", None),
    ("DELETE", "/rooms/{room}?dryRun=true", None),
    ("POST", "/rooms/{room}/messages/remove?dryRun=true", Some("{}")),
    ("POST", "/rooms/{room}/clear?dryRun=true", Some(r#"{"endDate":"2026-11-24"}"#)),
    ("GET", "/audit?about=room%20{name}", None),
    ("GET", "/reports/usage", None),
    ("GET", "/reports/activity", None),
    ("POST", "/rooms", Some(r#"{"name":"{name}","category":"Floor"}"#)),
    ("POST", "/rooms", Some(r#"{"name":"Another","category":"{name}"}"#)),
    ("PATCH", "/rooms/Own", Some(r#"{"category":"{name}"}"#)),
];

/// Doors that show all there is: they show the same when there are rooms beside those somebody may know of.
pub const SHOWING: &[&str] = &[
    "/rooms",
    "/rooms?limit=1",
    "/rooms?limit=2",
    "/rooms?limit=999",
    "/rooms?q=l",
    "/rooms?q=where&searchDescription=true",
    "/search?q=needle",
    "/search?q=needle&limit=1",
    "/search?q=needle&author=sip:ana@example.com",
    "/read",
    "/followed",
    "/invitations",
    "/invitations?after=1",
    "/session",
    "/tokens",
    "/add-ins",
];

/// Commands of a link that name a room.
const COMMANDS: &[&str] = &[
    "<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYURI\" criteria=\"ma-chan://example.com/{guid}\"/></data></cmd>",
    "<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYNAME\" criteria=\"{name}\" extended=\"true\"/></data></cmd>",
    "<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYNAME\" criteria=\"{name}\" matchexactphrase=\"true\" \
     maxresults=\"1\"/></data></cmd>",
    "<cmd id=\"cmd:join\" seqid=\"1\"><data><chanid key=\"0\" domain=\"example.com\" value=\"{guid}\"/></data></cmd>",
    "<cmd id=\"cmd:bjoin\" seqid=\"1\"><data><chanid key=\"0\" domain=\"example.com\" value=\"{guid}\"/></data></cmd>",
    "<cmd id=\"cmd:part\" seqid=\"1\"><data><chanib uri=\"ma-chan://example.com/{guid}\"/></data></cmd>",
    "<cmd id=\"cmd:bccontext\" seqid=\"1\"><data><chanib uri=\"ma-chan://example.com/{guid}\"/><bcq><last cnt=\"9\"/></bcq>\
     </data></cmd>",
];

/// Commands that show all there is.
const LISTS: &[&str] = &[
    "<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYNAME\" criteria=\"\"/></data></cmd>",
    "<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYNAME\" criteria=\"l\" extended=\"true\"/></data></cmd>",
    "<cmd id=\"cmd:getassociations\" seqid=\"1\"><data><association domain=\"example.com\" type=\"MEMBER\" \
     maxResults=\"500\"/></data></cmd>",
    "<cmd id=\"cmd:getassociations\" seqid=\"1\"><data><association domain=\"example.com\" type=\"MANAGER\" \
     maxResults=\"500\"/></data></cmd>",
    "<cmd id=\"cmd:getinv\" seqid=\"1\"><data><inv inviteId=\"0\" domain=\"example.com\"/></data></cmd>",
    "<cmd id=\"cmd:nodespermcreatechild\" seqid=\"1\"><data/></cmd>",
    "<cmd id=\"cmd:getserverinfo\" seqid=\"1\"><data/></cmd>",
];

/// A house where Bob lives with an open room, and with one of his own.
async fn open_house() -> House {
    // Nobody is slowed: that would hide what is answered.
    let limits = Limits { caller_burst: 10_000, address_burst: 10_000, ..Limits::default() };
    let house = house_with(&["ana", "bob"], limits).await;
    furnish(&house).await;
    house
}

/// The open room, and Bob's own.
pub async fn furnish(house: &House) {
    house.admin("category new Floor --add-allowed-member domain:example.com --invitations").await;
    house.admin("room new Lobby --category Floor --privacy open --description \"Where all meet\"").await;
    house.admin("room new Own --category Floor --add-member sip:bob@example.com --add-manager sip:bob@example.com").await;
}

/// What is hidden from Bob comes into the house: a secret room, a disabled secret room, a room out of his scope, each with
/// something said in it where that can be, and a room that was removed.
pub async fn hidden(house: &House) -> Vec<Room> {
    house.admin("category new Den --add-allowed-member sip:ana@example.com --invitations").await;
    let mut rooms = Vec::new();
    for (name, category, privacy) in [
        ("Vault", "Floor", "secret"),
        ("Crypt", "Floor", "secret"),
        ("Cellar", "Den", "open"),
        ("Closet", "Den", "closed"),
        ("Ruin", "Floor", "open"),
    ] {
        let words = format!(
            "room new {name} --category {category} --privacy {privacy} --description \"where all meet\" \
             --add-member sip:ana@example.com --add-manager sip:ana@example.com"
        );
        rooms.push(Room { guid: house.admin(&words).await, name });
    }
    let mut ana = arrives(house, "ana").await;
    for room in &rooms {
        let at = format!("/api/v1/rooms/{}", room.guid);
        let said = json!({ "text": "the needle", "clientId": "one" });
        assert_eq!(ana.ask(Method::POST, &format!("{at}/messages"), Some(&said)).await.status, 201);
        assert_eq!(
            ana.ask(Method::PUT, &format!("{at}/read"), Some(&json!({ "post": 1 }))).await.status,
            204
        );
        let follow = format!("/api/v1/followed/{}", room.guid);
        assert_eq!(ana.ask(Method::PUT, &follow, None).await.status, 204);
    }
    house.admin("room set Crypt --disabled").await;
    house.admin("room remove Ruin").await;
    rooms
}

pub fn nowhere() -> Room {
    Room { guid: "00000000-0000-4000-8000-000000000000".into(), name: "Nowhere" }
}

/// A surface as a room is asked after there, by GUID and by name.
pub fn spelt(surface: &str, room: &Room) -> Vec<String> {
    let plain = surface.replace("{guid}", &room.guid).replace("{name}", room.name);
    if !plain.contains("{room}") {
        return vec![plain];
    }
    let padded = format!("%20{}%20", room.name.to_uppercase());
    let spellings = [room.guid.clone(), room.guid.to_uppercase(), room.name.into(), padded];
    spellings.iter().map(|spelling| plain.replace("{room}", spelling)).collect()
}

/// An answer without what every answer has of its own.
fn bare(heard: &Heard) -> (u16, Vec<(String, String)>, String) {
    let fields = heard.headers.iter().filter(|(name, _)| !["request-id", "date"].contains(&name.as_str()));
    let fields = fields
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let mut body = heard.text();
    let mark = "urn:uuid:";
    if let Some(at) = body.find(mark) {
        let from = at + mark.len();
        body.replace_range(from..from + nowhere().guid.len(), "");
    }
    (heard.status, fields.collect(), body)
}

/// Everything Bob hears of a room at the doors where it is named.
async fn heard_of(bob: &mut Browser, room: &Room) -> Vec<(String, (u16, Vec<(String, String)>, String))> {
    let mut all = Vec::new();
    for (line, (method, path, body)) in NAMING.iter().enumerate() {
        let body: Option<Value> = body.map(|body| {
            let body = body.replace("{name}", room.name);
            serde_json::from_str(&body).expect("a body is JSON")
        });
        for (number, path) in spelt(path, room).into_iter().enumerate() {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let heard = bob.ask(method.clone(), &format!("/api/v1{path}"), body.as_ref()).await;
            // The line of the table, and which of the spellings.
            let what = format!("{line}.{number} {method} {}", surface_of(&path, room));
            all.push((what, bare(&heard)));
        }
    }
    all
}

/// A path without the room in it, so that two can be compared.
fn surface_of(path: &str, room: &Room) -> String {
    let upper = (room.guid.to_uppercase(), room.name.to_uppercase());
    [&room.guid, room.name, &upper.0, &upper.1]
        .into_iter()
        .fold(path.to_owned(), |path, name| path.replace(name, "*"))
}

#[tokio::test]
async fn at_every_door_a_hidden_room_is_as_one_that_does_not_exist() {
    let house = open_house().await;
    let rooms = hidden(&house).await;
    let mut bob = arrives(&house, "bob").await;
    let (token, _) = house.rows().token(&house.directory, "user", Some("sip:bob@example.com"), None).await;
    let shows = Browser { authorization: Some(format!("Bearer {token}")), cookie: None, ..bob.clone() };
    for browser in [&mut bob, &mut shows.clone()] {
        let nothing = heard_of(browser, &nowhere()).await;
        for (what, (status, ..)) in &nothing {
            assert!(*status < 500, "{what}: {status}");
        }
        for room in &rooms {
            for (real, none) in heard_of(browser, room).await.into_iter().zip(&nothing) {
                assert_eq!(real, *none, "{}", room.name);
            }
        }
        println!("{} rooms at {} doors", rooms.len(), nothing.len());
    }
    // Ana, who may know of them, hears something else: the doors lead somewhere.
    let mut ana = arrives(&house, "ana").await;
    let nothing = heard_of(&mut ana, &nowhere()).await;
    let vault = heard_of(&mut ana, &rooms[0]).await;
    let differ = vault.iter().zip(&nothing).filter(|(real, none)| real.1 != none.1).count();
    assert!(differ * 2 > vault.len(), "{differ} of {} doors", vault.len());
}

#[tokio::test]
async fn lists_and_counts_are_the_same_with_hidden_rooms_and_without() {
    let house = open_house().await;
    let mut bob = arrives(&house, "bob").await;
    let mut client = house.arrive("bob").await;
    let before = shown(&mut bob, &mut client).await;
    hidden(&house).await;
    house.settle().await;
    let after = shown(&mut bob, &mut client).await;
    for (after, before) in after.iter().zip(&before) {
        assert_eq!(after, before);
    }
}

/// Everything Bob is shown where all there is is shown.
async fn shown(bob: &mut Browser, client: &mut Person) -> Vec<String> {
    let mut all = Vec::new();
    for path in SHOWING {
        let heard = bob.get(&format!("/api/v1{path}")).await;
        assert_eq!(heard.status, 200, "{path}: {}", heard.text());
        all.push(format!("{path}: {:?}", bare(&heard)));
    }
    for command in LISTS {
        all.push(format!(
            "{command}: {}",
            numberless(&client.command(command).await.expect("the link stays open"))
        ));
    }
    all
}

#[tokio::test]
async fn on_a_link_a_hidden_room_is_as_one_that_does_not_exist() {
    let house = open_house().await;
    let rooms = hidden(&house).await;
    let mut bob = house.arrive("bob").await;
    let nothing = told_of(&mut bob, &nowhere()).await;
    for room in &rooms {
        for (real, none) in told_of(&mut bob, room).await.into_iter().zip(&nothing) {
            assert_eq!(real, *none, "{}", room.name);
        }
    }
    let mut ana = house.arrive("ana").await;
    let vault = told_of(&mut ana, &rooms[0]).await;
    for (number, (real, none)) in vault.iter().zip(&nothing).enumerate() {
        // To leave succeeds everywhere, and tells nobody anything.
        let leaves = COMMANDS.get(number).is_some_and(|command| command.contains("cmd:part"));
        assert_eq!(real == none, leaves, "command {number} leads somewhere");
    }
}

/// Everything Bob is told of a room on a link, the room itself left out.
async fn told_of(person: &mut Person, room: &Room) -> Vec<String> {
    let mut all = Vec::new();
    let without = |text: &str| numberless(text).replace(&room.guid, "*").replace(room.name, "*");
    for command in COMMANDS {
        let element = command.replace("{guid}", &room.guid).replace("{name}", room.name);
        all.push(without(&person.command(&element).await.expect("the link stays open")));
    }
    let post = person.post_element(&format!("ma-chan://example.com/{}", room.guid), "is anybody here?");
    let answer = person.info(&post).await.expect("the link stays open");
    let own = ["Via", "From", "To", "Call-ID", "CSeq", "Authentication-Info", "Contact"];
    let fields = answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let fields: Vec<String> = fields.map(|(name, value)| without(&format!("{name}: {value}"))).collect();
    all.push(format!("{} {fields:?} {}", answer.start, without(&answer.body)));
    all
}

/// A document without the numbers of envelopes.
fn numberless(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("envid=\"") {
        out.push_str(before);
        rest = after.split_once('"').map_or("", |(_, after)| after);
    }
    out + rest
}

#[tokio::test]
async fn what_one_kept_of_a_room_tells_not_whether_it_is_hidden_or_gone() {
    let house = open_house().await;
    let mut bob = arrives(&house, "bob").await;
    let mut rooms = Vec::new();
    for name in ["Past", "Gone"] {
        let guid = house.admin(&format!("room new {name} --category Floor --privacy open")).await;
        rooms.push(Room { guid, name });
    }
    for room in &rooms {
        let at = format!("/api/v1/rooms/{}", room.guid);
        assert_eq!(
            bob.ask(Method::POST, &format!("{at}/messages"), Some(&json!({ "text": "needle" }))).await.status,
            201
        );
        assert_eq!(
            bob.ask(Method::PUT, &format!("{at}/read"), Some(&json!({ "post": 1 }))).await.status,
            204
        );
        assert_eq!(bob.ask(Method::PUT, &format!("/api/v1/followed/{}", room.guid), None).await.status, 204);
    }
    house.admin("room set Past --privacy secret").await;
    house.admin("room remove Gone").await;
    let followed = bob.get("/api/v1/followed").await.json();
    let entry = |room: &Room| {
        let all = followed["rooms"].as_array().cloned().expect("rooms");
        let own =
            all.into_iter().find(|one| one["room"] == room.guid.as_str()).expect("it is still followed");
        own.to_string().replace(&room.guid, "*").replace(room.name, "*")
    };
    assert_eq!(entry(&rooms[0]), entry(&rooms[1]));
    for path in ["/read", "/search?q=needle", "/invitations", "/rooms"] {
        let text = bob.get(&format!("/api/v1{path}")).await.text();
        assert!(rooms.iter().all(|room| !text.contains(&room.guid)), "{path}: {text}");
    }
    let (past, gone) = (heard_of(&mut bob, &rooms[0]).await, heard_of(&mut bob, &rooms[1]).await);
    assert_eq!(past, gone);
    assert_eq!(past, heard_of(&mut bob, &nowhere()).await);
}
