//! Random worlds in which everybody tries everything: what `explain` says beforehand is what happens, over HTTP and on a link.
//! Whether the rules themselves are right is tested in `chat`. The seeds are fixed, because each world is some thousand requests
//! and one that is odd has to be found again: worlds that vary and shrink are tried without a network in `admin` (`worlds.rs`).

use std::collections::{BTreeMap, BTreeSet};

use hyper::Method;
use serde_json::{Value, json};
use testkit::wire::Person;
use testkit::{Browser, House};

use crate::worlds::{Inhabitant, Place, World, address};

/// What everybody says who may.
const WORD: &str = "needle";

/// Rights that somebody has, by name.
type Rights = BTreeSet<String>;

#[tokio::test]
async fn what_is_explained_is_what_happens_in_the_first_world() {
    agrees(1).await;
}

#[tokio::test]
async fn what_is_explained_is_what_happens_in_the_second_world() {
    agrees(20).await;
}

#[tokio::test]
async fn what_is_explained_is_what_happens_in_the_third_world() {
    agrees(300).await;
}

/// Everybody tries everything in the world of this seed.
async fn agrees(seed: u64) {
    let mut world = World::of(seed).await;
    let rights = all_explained(&mut world).await;
    let mut odd = Vec::new();
    let mut tries = 0;
    for number in 0..world.people.len() {
        let own = &rights[number];
        let World { house, people, categories, rooms, .. } = &mut world;
        let person = &mut people[number];
        let mut seen = Findings { who: person.name, tries: 0, odd: &mut odd };
        over_https(&mut seen, person, own, categories, rooms).await;
        on_a_link(&mut seen, house, person, own, categories, rooms).await;
        explained_to_oneself(&mut seen, person, own, rooms).await;
        tries += seen.tries;
    }
    // When everything has been said, everybody looks for it.
    let posted = posted(&mut world).await;
    for (person, own) in world.people.iter_mut().zip(&rights) {
        let mut seen = Findings { who: person.name, tries: 0, odd: &mut odd };
        found_again(&mut seen, person, own, &world.rooms, &posted).await;
        tries += seen.tries;
    }
    holders(&mut world, &rights, &mut odd).await;
    println!("seed {seed}: {tries} tries, {} of them not as explained", odd.len());
    assert!(odd.is_empty(), "seed {seed}:\n{}", odd.join("\n"));
}

/// What was tried and did not come out as explained.
struct Findings<'a> {
    who: &'static str,
    tries: usize,
    odd: &'a mut Vec<String>,
}

impl Findings<'_> {
    /// Something was tried that needs a right.
    fn see(&mut self, what: &str, place: &str, explained: bool, happened: bool, how: &str) {
        self.tries += 1;
        if explained != happened {
            let (who, may) = (self.who, if explained { "may" } else { "may not" });
            self.odd.push(format!("{who} {may} {what} at {place}, but: {how}"));
        }
    }
}

/// The rights of one person, as explained to the administrator.
struct Explained {
    /// Over each room.
    rooms: Vec<Rights>,
    /// Over each category.
    categories: Vec<Rights>,
}

async fn all_explained(world: &mut World) -> Vec<Explained> {
    let mut all = Vec::new();
    for person in &world.people {
        let mut rooms = Vec::new();
        for room in &world.rooms {
            let (status, rights) = explained(&mut world.root, person.name, "room", &room.guid).await;
            assert_eq!(status, 200, "{} {}", person.name, room.name);
            rooms.push(rights);
        }
        let mut categories = Vec::new();
        for category in &world.categories {
            categories.push(explained(&mut world.root, person.name, "category", &category.guid).await.1);
        }
        if person.disabled {
            assert!(rooms.iter().chain(&categories).all(Rights::is_empty), "{} is disabled", person.name);
        }
        all.push(Explained { rooms, categories });
    }
    all
}

/// The rights somebody is told another one has over a thing.
async fn explained(asker: &mut Browser, who: &str, about: &str, name: &str) -> (u16, Rights) {
    let heard =
        asker.get(&format!("/api/v1/explain?person={}&about={about}&name={name}", address(who))).await;
    let rows = if heard.status == 200 { heard.json()["rows"].as_array().cloned() } else { None };
    let rows = rows.unwrap_or_default().into_iter();
    let allowed = rows.filter(|row| row["allowed"] == true);
    let rights = allowed.map(|row| row["right"].as_str().unwrap_or_default().to_owned());
    (heard.status, rights.collect())
}

/// Whether an answer says that somebody has the right; what else is wrong with the request does not matter.
fn granted(status: u16) -> bool {
    assert!(status < 500, "{status}");
    !matches!(status, 401 | 403 | 404 | 423)
}

async fn over_https(
    seen: &mut Findings<'_>,
    person: &mut Inhabitant,
    own: &Explained,
    categories: &[Place],
    rooms: &[Place],
) {
    let browser = &mut person.browser;
    let list = browser.get("/api/v1/rooms").await;
    let reader = list.status == 200 && list.json()["kind"] == "rooms";
    for (room, rights) in rooms.iter().zip(&own.rooms) {
        let has = |right: &str| rights.contains(right);
        let at = format!("/api/v1/rooms/{}", room.guid);
        let card = browser.get(&at).await;
        let how = card.text();
        let kind = if card.status == 200 { card.json()["kind"].clone() } else { Value::Null };
        seen.see("see or inspect", &room.name, has("see") || has("inspect"), card.status == 200, &how);
        seen.see("inspect", &room.name, has("inspect"), kind == "rooms", &how);
        let listed = list.text().contains(&room.guid);
        let disabled = card.status == 200 && card.json()["rows"][0]["disabled"] == true;
        seen.see("find", &room.name, reader || has("see") && !disabled, listed, &list.text());
        let mut tries = vec![
            ("read", Method::GET, format!("{at}/messages"), None),
            ("post", Method::POST, format!("{at}/messages"), Some(json!({ "text": WORD }))),
            ("read", Method::PUT, format!("{at}/read"), Some(json!({ "post": 0 }))),
            ("read", Method::GET, format!("{at}/mentionable?q=a"), None),
            ("join", Method::PUT, format!("/api/v1/followed/{}", room.guid), None),
            ("manage", Method::PATCH, format!("{at}?dryRun=true"), Some(json!({ "description": "new" }))),
            (
                // What is so already takes no right but that to change something.
                if room.disabled { "manage" } else { "disable" },
                Method::PATCH,
                format!("{at}?dryRun=true"),
                Some(json!({ "disabled": true })),
            ),
            (
                if room.disabled { "enable" } else { "manage" },
                Method::PATCH,
                format!("{at}?dryRun=true"),
                Some(json!({ "disabled": false })),
            ),
            ("remove", Method::DELETE, format!("{at}?dryRun=true"), None),
            ("purge", Method::POST, format!("{at}/messages/remove?dryRun=true"), Some(json!({}))),
            (
                "purge",
                Method::POST,
                format!("{at}/clear?dryRun=true"),
                Some(json!({ "endDate": "2026-11-24" })),
            ),
        ];
        for (right, method, path, body) in tries.drain(..) {
            let heard = browser.ask(method.clone(), &path, body.as_ref()).await;
            let how = format!("{method} {path}: {}", heard.text());
            seen.see(right, &room.name, has(right), granted(heard.status), &how);
        }
        for (target, in_target) in categories.iter().zip(&own.categories) {
            let body = json!({ "category": target.name });
            let heard = browser.ask(Method::PATCH, &format!("{at}?dryRun=true"), Some(&body)).await;
            let stays = room.home.as_ref() == Some(&target.name);
            let may = if stays { has("manage") } else { has("move") && in_target.contains("create") };
            let what = format!("move to {}", target.name);
            seen.see(&what, &room.name, may, granted(heard.status), &heard.text());
        }
    }
    let invited = browser.get("/api/v1/invitations").await.text();
    for (room, rights) in rooms.iter().zip(&own.rooms) {
        let told = invited.contains(&room.guid);
        seen.see("be invited", &room.name, rights.contains("invitation"), told, &invited);
    }
    for (category, rights) in categories.iter().zip(&own.categories) {
        let body = json!({ "name": "Another room", "category": category.guid });
        let heard = browser.ask(Method::POST, "/api/v1/rooms?dryRun=true", Some(&body)).await;
        seen.see("create", &category.name, rights.contains("create"), granted(heard.status), &heard.text());
    }
}

/// The same on a link, with the commands that exist there.
async fn on_a_link(
    seen: &mut Findings<'_>,
    house: &House,
    person: &Inhabitant,
    own: &Explained,
    categories: &[Place],
    rooms: &[Place],
) {
    let mut client = house.client(person.name).await;
    let signed_on = client.sign_on().await.expect("it is answered").status() == Some(200);
    seen.see("sign on", "the door", !person.disabled, signed_on, "");
    if !signed_on {
        return;
    }
    let chat = client.invite("sip:ocschat@example.com").await.expect("it is answered").status();
    seen.see("chat", "the door", person.chats, chat == Some(200), &format!("{chat:?}"));
    if chat != Some(200) {
        return;
    }
    client.enter().await.expect("the link stays open");
    let search =
        "<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYNAME\" criteria=\"\"/></data></cmd>";
    let list = client.command(search).await.expect("the link stays open");
    let invited =
        "<cmd id=\"cmd:getinv\" seqid=\"1\"><data><inv inviteId=\"0\" domain=\"example.com\"/></data></cmd>";
    let invited = client.command(invited).await.expect("the link stays open");
    for (room, rights) in rooms.iter().zip(&own.rooms) {
        let has = |right: &str| rights.contains(right);
        let uri = format!("ma-chan://example.com/{}", room.guid);
        let by_uri = format!(
            "<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYURI\" criteria=\"{uri}\"/></data></cmd>"
        );
        let found = client.command(&by_uri).await.expect("the link stays open");
        // A disabled room is found by nobody, though its managers see its settings.
        let finds = has("participants");
        seen.see("find", &room.name, finds, found.contains(&uri), &found);
        seen.see("list", &room.name, finds, list.contains(&uri), &list);
        seen.see("be invited", &room.name, has("invitation"), invited.contains(&uri), &invited);
        let history = client.command(&context(&uri)).await.expect("the link stays open");
        seen.see("read", &room.name, has("read"), done(&history), &history);
        let joined = client.join(&uri).await.expect("the link stays open");
        seen.see("join", &room.name, has("join"), done(&joined), &joined);
        let said = client.post(&uri, WORD).await.expect("the link stays open");
        seen.see("post", &room.name, has("post"), said == 200, &format!("{said}"));
    }
    let create = "<cmd id=\"cmd:nodespermcreatechild\" seqid=\"1\"><data/></cmd>";
    let create = client.command(create).await.expect("the link stays open");
    for (category, rights) in categories.iter().zip(&own.categories) {
        let told = create.contains(&category.guid);
        seen.see("create", &category.name, rights.contains("create"), told, &create);
    }
    associations(seen, &mut client, own, rooms).await;
}

/// Rooms that name somebody: all those it manages without a role are there, and none that it neither manages nor may join.
async fn associations(seen: &mut Findings<'_>, client: &mut Person, own: &Explained, rooms: &[Place]) {
    for (kind, right) in [("MEMBER", "join"), ("MANAGER", "manage")] {
        let ask = format!(
            "<cmd id=\"cmd:getassociations\" seqid=\"1\"><data><association domain=\"example.com\" type=\"{kind}\" \
             maxResults=\"500\"/></data></cmd>"
        );
        let told = client.command(&ask).await.expect("the link stays open");
        for (room, rights) in rooms.iter().zip(&own.rooms) {
            let shown = told.contains(&room.guid);
            seen.see(kind, &room.name, shown && rights.contains(right), shown, &told);
        }
    }
}

fn context(uri: &str) -> String {
    format!(
        "<cmd id=\"cmd:bccontext\" seqid=\"1\"><data><chanib uri=\"{uri}\"/><bcq><last cnt=\"9\"/></bcq></data></cmd>"
    )
}

fn done(reply: &str) -> bool {
    reply.contains("resp code=\"200\"")
}

/// Everybody is told its own rights over the rooms it sees, the same as the administrator is told; of others nothing.
async fn explained_to_oneself(
    seen: &mut Findings<'_>,
    person: &mut Inhabitant,
    own: &Explained,
    rooms: &[Place],
) {
    for (room, rights) in rooms.iter().zip(&own.rooms) {
        let (status, told) = explained(&mut person.browser, person.name, "room", &room.guid).await;
        // Whoever is a member of a disabled room is told that it is disabled wherever it asks.
        let known = person.browser.get(&format!("/api/v1/rooms/{}", room.guid)).await.status;
        let may = matches!(known, 200 | 423);
        seen.see("ask about oneself", &room.name, may, status == 200, &format!("{status}"));
        if status == 200 {
            seen.see("be told the truth", &room.name, true, told == *rights, &format!("{told:?} {rights:?}"));
        }
    }
}

/// How many posts each room keeps, as its journal has it.
async fn posted(world: &mut World) -> BTreeMap<String, bool> {
    let mut kept = BTreeMap::new();
    for room in &world.rooms {
        let rooms = world.house.store.rooms().await.expect("rooms can be read");
        let id = rooms.iter().find(|known| known.guid.to_string() == room.guid).expect("it is there").id;
        let window = testkit::store::Window::Last(9);
        let history = world.house.store.history(id, window).await.expect("history can be read");
        kept.insert(room.guid.clone(), history.posts.iter().any(|post| post.body.is_some()));
    }
    kept
}

/// Whoever may read finds what was said, by looking for it and by turning pages; nobody else does.
async fn found_again(
    seen: &mut Findings<'_>,
    person: &mut Inhabitant,
    own: &Explained,
    rooms: &[Place],
    posted: &BTreeMap<String, bool>,
) {
    let everywhere = person.browser.get(&format!("/api/v1/search?q={WORD}&limit=999")).await.text();
    for (room, rights) in rooms.iter().zip(&own.rooms) {
        let may = rights.contains("read") && room.history && posted[&room.guid];
        let there = format!("/api/v1/search?q={WORD}&room={}", room.guid);
        let there = person.browser.get(&there).await.text();
        let pages = person.browser.get(&format!("/api/v1/rooms/{}/messages", room.guid)).await.text();
        for (what, text) in [("search", &everywhere), ("search in", &there), ("read", &pages)] {
            let found = text.contains(WORD) && text.contains(&room.guid);
            seen.see(what, &room.name, may, found, text);
        }
    }
}

/// Who is said to have a right is whoever it was explained of.
async fn holders(world: &mut World, rights: &[Explained], odd: &mut Vec<String>) {
    let names = ["see", "participants", "join", "read", "post", "files", "invitation", "inspect"];
    let names = names.into_iter().chain(["manage", "move", "disable", "enable", "remove", "purge"]);
    for right in names {
        for (number, room) in world.rooms.iter().enumerate() {
            let path = format!("/api/v1/who-can?right={right}&about=room&name={}", room.guid);
            let heard = world.root.get(&path).await;
            assert_eq!(heard.status, 200, "{}", heard.text());
            let rows = heard.json()["rows"].as_array().cloned().expect("rows");
            let told: BTreeSet<String> =
                rows.iter().filter_map(|row| row["address"].as_str().map(str::to_owned)).collect();
            for (person, own) in world.people.iter().zip(rights) {
                let has = own.rooms[number].contains(right);
                if told.contains(&address(person.name)) != has {
                    odd.push(format!("{} {right} {}: who-can says {told:?}", person.name, room.name));
                }
            }
        }
    }
}
