//! `causerie demo`: a server over a made-up organisation with a week of history, and everything a newcomer needs to post.
//! The organisation itself is in `demo/story.rs`; nothing here is part of a real installation.

mod story;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use admin::{
    Asker, CategoryFields, CategoryNew, Desk, ListChange, Operation, Request, RoleGrant, RoleName,
    RoomFields, RoomNew, Secret, UserNew,
};
use chat::{Actor, Ask, Clock, Domain, Draft, Event, Person, Privacy, Room, Text, Time, Under};
use directory::{Password, PasswordRefused};
use store::{NewPost, Store};

use crate::cli::{DemoOptions, Serving};
use crate::clock::SystemClock;
use crate::data::{Data, Hold};
use crate::deployment::Deployment;
use crate::house::House;
use crate::membership::{Membership, Opened};
use crate::seat::{Seat, StoreAt};
use crate::serve::{self, Server, Signals};
use crate::settings::Listening;
use crate::trouble::{Trouble, at};
use story::{ADMINISTRATOR, CATEGORIES, PEOPLE, ROOMS, Said};

const DOMAIN: &str = "example.com";
/// Loopback: a demo is for whoever sits at this machine.
const SIP_TLS: &str = "127.0.0.1:5061";
const HTTPS: &str = "127.0.0.1:5443";
/// Plain HTTP, so that no certificate stands between a newcomer and the first message.
const HTTP: &str = "127.0.0.1:8080";
const WEEK_MICROS: i64 = 7 * 86_400_000_000;
const HOUR_MICROS: i64 = 3_600_000_000;
/// Letters of random passwords: none that looks like another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// `causerie demo`.
///
/// # Errors
/// [`Trouble`] when the directory is not empty or the server does not start.
pub async fn run(place: Option<PathBuf>, store: StoreAt, options: &DemoOptions) -> Result<(), Trouble> {
    let signals = Signals::listen()?;
    let tls = options.serving.sip_tls.clone().unwrap_or_else(|| SIP_TLS.to_owned());
    let https = options.serving.https.clone().unwrap_or_else(|| HTTPS.to_owned());
    let http = options.serving.http.clone().unwrap_or_else(|| HTTP.to_owned());
    let serving =
        Serving { sip_tls: Some(tls), https: Some(https), http: Some(http), ..options.serving.clone() };
    let (domain, listening, store, membership) = serve::settle(&serving, None, store)?;
    let domain =
        domain.map_or_else(|| Domain::parse(DOMAIN), Ok).map_err(|bad| Trouble::Invalid(bad.to_string()))?;
    if let Some(given) = &options.password {
        let refused = |why: PasswordRefused| Trouble::Invalid(why.to_string());
        Password::parse(given).and_then(|password| password.legacy().map(drop)).map_err(refused)?;
    }
    let clock = SystemClock::default();
    let temporary = place.is_none();
    if temporary && store.database()?.is_some() {
        return Err(Trouble::Usage(
            "a demo whose store is in a database leaves it there, so name the directory with its keys: --data DIR".into(),
        ));
    }
    let place = place
        .unwrap_or_else(|| std::env::temp_dir().join(format!("causerie-demo-{:016x}", clock.random_u64())));
    must_be_empty(&place)?;
    let data = Data::make(&place)?;
    let Some(hold) = data.hold()? else {
        return Err(Trouble::Conflict(format!("{} is in use", data.path().display())));
    };
    // Somebody may have founded a pool there since; from now on nobody can.
    must_be_empty(&place)?;
    let seat = Seat::of(data, &store)?;
    if seat.is_founded()? {
        return Err(Trouble::Conflict(format!(
            "{} has a pool in it, and a demo fills an empty database: name another one",
            seat.location()
        )));
    }
    let data = seat.data();
    let opened =
        open(&seat, hold, &domain, listening, &membership, options.password.as_deref(), &clock).await;
    let started = opened.is_ok();
    let ended = match opened {
        Ok(server) => server.run_until(signals).await,
        Err(trouble) => Err(trouble),
    };
    if temporary || !started {
        clear(data)?;
    }
    if temporary {
        std::fs::remove_dir(data.path()).map_err(at(data.path()))?;
    }
    ended
}

fn must_be_empty(place: &Path) -> Result<(), Trouble> {
    let mut entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    if entries.any(|entry| entry.file_name() != "lock") {
        return Err(Trouble::Conflict(format!(
            "{0} is not empty, and a demo fills an empty directory: leave --data and CAUSERIE_DATA out for a temporary \
             one; `causerie serve --data {0}` runs what is there",
            place.display()
        )));
    }
    Ok(())
}

/// Fills the directory, starts the server and says everything a newcomer must know.
async fn open(
    seat: &Seat,
    hold: Hold,
    domain: &Domain,
    listening: Listening,
    membership: &Membership,
    password: Option<&str>,
    clock: &SystemClock,
) -> Result<Server, Trouble> {
    let passwords = furnish(seat, hold, domain, password, clock).await?;
    let server = Server::start(seat, Some(domain), listening, &Deployment::default(), membership).await?;
    serve::say(&welcome(seat.data(), domain, &server, &passwords));
    server.ready();
    Ok(server)
}

/// Takes away what the demo made in a directory that was empty before; not under somebody who works there now.
fn clear(data: &Data) -> Result<(), Trouble> {
    let Some(_hold) = data.hold()? else {
        tracing::warn!(path = %data.path().display(), "demo.left_to_who_has_it");
        return Ok(());
    };
    let entries = std::fs::read_dir(data.path()).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let gone = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        if let Err(error) = gone {
            tracing::warn!(%error, path = %path.display(), "demo.left_behind");
        }
    }
    Ok(())
}

/// A clock that walks through the past week, so that history has believable times; randomness is the machine's.
struct Walk {
    now: AtomicI64,
    machine: SystemClock,
}

impl Clock for Walk {
    fn now(&self) -> Time {
        Time::from_unix_micros(self.now.load(Ordering::Relaxed))
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.machine.fill_random(out);
    }
}

/// Fills the directory; returns addresses and passwords.
async fn furnish(
    seat: &Seat,
    hold: Hold,
    domain: &Domain,
    password: Option<&str>,
    clock: &SystemClock,
) -> Result<Vec<(String, String)>, Trouble> {
    let start = clock.now().plus_micros(-WEEK_MICROS);
    let walk = Arc::new(Walk { now: AtomicI64::new(start.unix_micros()), machine: SystemClock::default() });
    let house = House::open(seat, hold, Some(domain), Opened::Command, walk.clone()).await?;
    let mut passwords = Vec::new();
    for (user, name) in PEOPLE {
        let address = format!("sip:{user}@{domain}");
        let password = password.map_or_else(|| random_password(clock), str::to_owned);
        passwords.push((address.clone(), password.clone()));
        let new = Operation::UserNew(UserNew {
            address,
            display_name: name.to_owned(),
            password: Some(Secret(password)),
            legacy_sign_on: true,
            bot: false,
        });
        house.desk.run(itself(), Request::of(new)).await?;
    }
    let user = format!("sip:{ADMINISTRATOR}@{domain}");
    let grant = Operation::RoleGrant(RoleGrant { role: RoleName::Administrator, user });
    house.desk.run(itself(), Request::of(grant)).await?;
    build(&house.desk, domain).await?;
    follow(&house, domain).await?;
    speak(&house.store, &walk, domain, start).await?;
    house.close().await;
    Ok(passwords)
}

async fn build(desk: &Desk, domain: &Domain) -> Result<(), Trouble> {
    let everybody = || vec![format!("domain:{domain}")];
    for (name, description, creators) in CATEGORIES {
        let fields = CategoryFields {
            description: Some(description.to_owned()),
            allowed_members: ListChange { add: everybody(), ..ListChange::default() },
            creators: named(creators, domain),
            invitations: Some(true),
            ..CategoryFields::default()
        };
        let new = Operation::CategoryNew(CategoryNew { name: name.to_owned(), fields });
        desk.run(itself(), Request::of(new)).await?;
    }
    for room in ROOMS {
        let fields = RoomFields {
            description: Some(room.description.to_owned()),
            privacy: Some(room.privacy),
            kind: Some(room.kind),
            members: named(room.members, domain),
            managers: named(room.managers, domain),
            presenters: named(room.presenters, domain),
            ..RoomFields::default()
        };
        let new = RoomNew { name: room.name.to_owned(), category: room.category.to_owned(), fields };
        desk.run(itself(), Request::of(Operation::RoomNew(new))).await?;
    }
    Ok(())
}

/// Everybody follows the open rooms and those that name it, so that nobody begins before an empty list.
async fn follow(house: &House, domain: &Domain) -> Result<(), Trouble> {
    let failed = |fault: store::StoreFault| Trouble::Unavailable(fault.to_string());
    let (people, rooms) =
        (house.store.people().await.map_err(failed)?, house.store.rooms().await.map_err(failed)?);
    for story in ROOMS {
        let room = rooms.iter().find(|room| room.name.as_str() == story.name);
        let room = room.expect("the room was made just now");
        let named = |person: &Person| {
            let is = |user: &&str| person.address.as_str() == format!("sip:{user}@{domain}");
            story.members.iter().chain(story.managers).any(is)
        };
        for person in people.iter().filter(|person| room.privacy == Privacy::Open || named(person)) {
            let followed = house.directory.follow(person.id, room.guid, &room.name).await;
            followed.map_err(|fault| Trouble::Unavailable(fault.to_string()))?;
        }
    }
    Ok(())
}

/// The demo furnishes itself.
fn itself() -> Asker {
    Asker::new(Actor::Server, "demo")
}

fn named(users: &[&str], domain: &Domain) -> ListChange {
    ListChange {
        add: users.iter().map(|user| format!("sip:{user}@{domain}")).collect(),
        ..ListChange::default()
    }
}

/// Says everything that was said in the week, in the order of its times.
async fn speak(store: &Store, walk: &Walk, domain: &Domain, start: Time) -> Result<(), Trouble> {
    let failed = |fault: store::StoreFault| Trouble::Unavailable(fault.to_string());
    let people = store.people().await.map_err(failed)?;
    let rooms = store.rooms().await.map_err(failed)?;
    let mut all: Vec<(i64, &Room, &Said)> = Vec::new();
    for room in ROOMS {
        let row = rooms.iter().find(|row| row.name.as_str() == room.name);
        let row = row.expect("the room was made just now");
        let step = (WEEK_MICROS - HOUR_MICROS) / i64::try_from(room.said.len() + 1).unwrap_or(1);
        all.extend((1..).zip(room.said).map(|(number, said)| (step * number, row, said)));
    }
    all.sort_by_key(|(after, room, _)| (*after, room.id));
    for (after, room, (user, text)) in all {
        walk.now.store(start.plus_micros(after).unix_micros(), Ordering::Relaxed);
        let address = format!("sip:{user}@{domain}");
        let author = people.iter().find(|person| person.address.as_str() == address);
        say(store, room, author.expect("everybody who speaks was made just now"), text).await?;
    }
    Ok(())
}

async fn say(store: &Store, room: &Room, author: &Person, text: &str) -> Result<(), Trouble> {
    let failed = |fault: store::StoreFault| Trouble::Unavailable(fault.to_string());
    let category = store.category(room.category).await.map_err(failed)?.expect("a room has a category");
    let draft =
        Draft { text: Text::parse(text).expect("the story holds good texts"), rtf: None, alert: false };
    let granted = room.decide(&category, author, Ask::Post(&draft));
    let Ok(Event::Posted { kept, story }) = granted else {
        unreachable!("the story lets only those speak who may");
    };
    let under = Under { room_rules: room.rules, category_rules: category.rules, standing: author.standing };
    let post = NewPost {
        room: room.id,
        author: author.id,
        under,
        client_id: None,
        draft,
        kept,
        story,
        mentions: Vec::new(),
    };
    store.post(post).await.map(drop).map_err(failed)
}

fn random_password(clock: &dyn Clock) -> String {
    let groups = (0..3).map(|_| {
        let letters = (0..4).map(|_| {
            // The remainder favours some letters by less than one in ten to the seventeenth.
            let at = usize::try_from(clock.random_u64() % LETTERS.len() as u64).unwrap_or(0);
            char::from(LETTERS[at])
        });
        letters.collect::<String>()
    });
    groups.collect::<Vec<_>>().join("-")
}

/// Everything a newcomer needs for the first message.
fn welcome(data: &Data, domain: &Domain, server: &Server, passwords: &[(String, String)]) -> String {
    let at = server.addresses();
    let port = at.tls.map_or(0, |address| address.port());
    let ca = data.file("ca.pem");
    let (first, password) = &passwords[0];
    let user = first.trim_start_matches("sip:");
    let administrator = format!("{ADMINISTRATOR}@{domain}");
    let mut text = String::new();
    if let Some(http) = server.web_addresses().http {
        text.push_str(&format!("Chat in a browser: http://{http}/\n  sign in as {user} with {password}\n"));
        text.push_str(&format!("Control panel: http://{http}/admin\n  sign in as {administrator}\n\n"));
    }
    text.push_str(&format!("A demo organisation of {domain}, in {}\n", data.path().display()));
    text.push_str("\nPeople and their passwords:\n");
    for (address, password) in passwords {
        text.push_str(&format!("  {:<32} {password}\n", address.trim_start_matches("sip:")));
    }
    text.push_str(&format!(
        "\n{administrator} is an administrator: the control panel is open to nobody else.\n"
    ));
    text.push_str(&format!("\nRooms: {}\n", ROOMS.map(|room| room.name).join(", ")));
    text.push_str("\nPost a first message with the real client, in a second terminal:\n\n");
    text.push_str(&format!("  {}\n", client_line(user, password, port, &ca)));
    text.push_str("\nSettings for Pidgin with its SIPE plugin (protocol \"Office Communicator\"):\n");
    text.push_str(&format!("  Username {user}, Login empty, Password as above\n"));
    text.push_str(&format!(
        "  Advanced: Server localhost:{port}, Connection type SSL/TLS, Authentication scheme NTLM\n"
    ));
    if let Some(tcp) = at.tcp {
        text.push_str(&format!(
            "  or without encryption, on this machine only: Server {tcp}, Connection type TCP\n"
        ));
    }
    text.push_str(&format!("  Trust the certificate authority {}\n", ca.display()));
    text.push_str(
        "  On distributions whose libxml2 is 2.9.14 with recent security updates (Debian 12 is one) the plugin sees\n  \
         every XML document as empty and shows no rooms with any server; the line above works around that.\n\n",
    );
    text.push_str("Ctrl-C ends the demo; a directory it made for itself is deleted then.\n\n");
    text
}

fn client_line(user: &str, password: &str, port: u16, ca: &Path) -> String {
    format!(
        "cargo xtask client --user {user} --password {} --server localhost:{port} --transport tls --ca {} \
         --room Engineering --say 'Hello'",
        admin::quoted(password),
        admin::quoted(&ca.to_string_lossy())
    )
}
