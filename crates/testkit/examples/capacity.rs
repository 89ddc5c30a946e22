//! The published capacity model at full size: 80,000 people imported, 33,077 rooms with 731,088 access entries made by the bulk
//! path, and how long an explanation, a person's room list and a room search take then. Measures, judges nothing. Run it alone:
//! `cargo run --release --package testkit --example capacity`.

use std::fmt::Write as _;
use std::sync::Arc;

use admin::{
    About, Asker, CategoryFields, CategoryNew, Desk, DirectoryImport, Explain, ListChange, Operation,
    ReportMembership, Request, RoomImport, RoomList,
};
use chat::{Actor, Address, Clock, Domain};
use directory::{Directory, SealingKey};
use rooms::{Association, RoomQuery, Rooms};
use store::{Founding, Store};
use testkit::TestClock;
use tokio::time::Instant;

const PEOPLE: usize = 80_000;
const DEPARTMENTS: usize = 400;
/// Groups that lie in each other, the innermost in each department: with OU, domain and own groups about 150 ancestors.
const CHAIN: usize = 140;
/// Rooms of the model, with access entries each, so that the entries come to the published number.
const ROOMS: [(usize, usize); 5] = [(31_840, 22), (160, 23), (974, 25), (93, 26), (10, 16)];
const MEASURED: usize = 300;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(TestClock::at("2026-11-24T10:00:00Z", 7));
    let founding = Founding {
        domain: Domain::parse("example.com").expect("a domain"),
        pool_name: "pool.example.com".into(),
        pool_guid: clock.guid(),
        site: "Default".into(),
        chat: true,
    };
    let store = Store::open(&folder.path().join("store.db"), &founding, clock.clone()).expect("a new store");
    let key = SealingKey::make(&folder.path().join("key"), &*clock).expect("a new key");
    let directory = Directory::open(store.clone(), clock, key).expect("argon2id works");
    let desk = Desk::new(store.clone(), directory);

    let ldif = export();
    let begun = Instant::now();
    let import = DirectoryImport { ldif: Some(ldif), ..DirectoryImport::default() };
    run(&desk, Operation::DirectoryImport(import)).await;
    println!("{PEOPLE} people imported in {:.1} s", begun.elapsed().as_secs_f64());
    for number in 0..20 {
        let allowed = ListChange { add: vec!["domain:example.com".into()], ..ListChange::default() };
        let fields = CategoryFields { allowed_members: allowed, ..CategoryFields::default() };
        run(&desk, Operation::CategoryNew(CategoryNew { name: format!("Category {number}"), fields })).await;
    }

    let (tables, rooms, entries) = tables();
    let begun = Instant::now();
    for rows in tables {
        run(&desk, Operation::RoomImport(RoomImport { rows, skip_bad: false })).await;
    }
    println!("{rooms} rooms with {entries} access entries made in {:.1} s", begun.elapsed().as_secs_f64());

    let begun = Instant::now();
    let live = Rooms::start(store.clone()).await.expect("the rooms start");
    println!("the live rooms read all of it in {:.1} s", begun.elapsed().as_secs_f64());
    for (what, person) in [("16 rooms and 150 ancestors", 40_000), ("500 rooms", 7)] {
        measure(&desk, &live, what, person).await;
    }
    live.stop().await;
    store.close().await;
}

async fn run(desk: &Desk, operation: Operation) -> usize {
    let outcome = desk.run(Asker::new(Actor::Shell(0), "socket"), Request::of(operation)).await;
    outcome.unwrap_or_else(|error| panic!("{error}")).rows.values().len()
}

async fn measure(desk: &Desk, live: &Rooms, what: &str, person: usize) {
    let address = address(person);
    let known = live.person(&Address::parse(&address).expect("an address")).expect("the person is known");
    println!("a person in {what} ({} ancestors):", known.ancestors.as_slice().len());
    let mut times: [Vec<f64>; 5] = Default::default();
    for turn in 0..MEASURED {
        let name = format!("Room {:05}", (turn * 97) % 33_000);
        let begun = Instant::now();
        let explain = Explain { person: address.clone(), about: About::Room, name, right: None };
        run(desk, Operation::Explain(explain)).await;
        times[0].push(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let visitor = live.of(known.id).expect("may come");
        let own = visitor.associated(Association::Member, None).len();
        times[1].push(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let words = format!("room {:03}", turn % 1_000);
        let page = visitor.find(&RoomQuery { words, exact: true, ..RoomQuery::default() });
        times[2].push(begun.elapsed().as_secs_f64());
        assert!(own > 0 && !page.rooms.is_empty(), "there is something to find");
        let begun = Instant::now();
        run(
            desk,
            Operation::ReportMembership(ReportMembership {
                user: address.clone(),
                ..ReportMembership::default()
            }),
        )
        .await;
        times[3].push(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let q = Some(format!("room {:03}", turn % 1_000));
        run(desk, Operation::RoomList(RoomList { q, limit: Some(100), ..RoomList::default() })).await;
        times[4].push(begun.elapsed().as_secs_f64());
    }
    let names = ["explain", "room list", "room search", "membership audit", "room list of an administrator"];
    for (name, times) in names.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize] * 1_000.0;
        println!("  {name:<30} p50 {:>6.1} ms  p95 {:>6.1} ms  max {:>6.1} ms", at(0.5), at(0.95), at(1.0));
    }
}

fn address(number: usize) -> String {
    format!("sip:person{number}@example.com")
}

/// An export with everybody, shaped like Active Directory's.
fn export() -> String {
    let mut out = String::from("version: 1\n\ndn: DC=example,DC=com\nobjectClass: domainDNS\n");
    let mut serial = 0_u128;
    let mut guid = |out: &mut String| {
        serial += 1;
        writeln!(out, "entryUUID: {}\n", uuid::Uuid::from_u128(serial)).expect("memory");
    };
    guid(&mut out);
    writeln!(out, "dn: OU=Groups,DC=example,DC=com\nobjectClass: organizationalUnit").expect("memory");
    guid(&mut out);
    for link in 0..CHAIN {
        writeln!(out, "dn: CN=Link {link},OU=Groups,DC=example,DC=com\nobjectClass: group").expect("memory");
        match link {
            0 => (0..DEPARTMENTS).for_each(|number| {
                writeln!(out, "member: CN=Department {number},OU=Groups,DC=example,DC=com").expect("memory");
            }),
            _ => writeln!(out, "member: CN=Link {},OU=Groups,DC=example,DC=com", link - 1).expect("memory"),
        }
        guid(&mut out);
    }
    for number in 0..DEPARTMENTS {
        writeln!(out, "dn: OU=Site {number},DC=example,DC=com\nobjectClass: organizationalUnit")
            .expect("memory");
        guid(&mut out);
        writeln!(out, "dn: CN=Department {number},OU=Groups,DC=example,DC=com\nobjectClass: group")
            .expect("memory");
        guid(&mut out);
    }
    for number in 0..PEOPLE {
        let (site, more) =
            (number % DEPARTMENTS, [1, 2, 3, 4, 5].map(|step| (number * step + step) % DEPARTMENTS));
        writeln!(
            out,
            "dn: CN=Person {number},OU=Site {site},DC=example,DC=com\nobjectClass: user\ndisplayName: Person {number}\n\
             msRTCSIP-PrimaryUserAddress: {}\nmemberOf: CN=Department {site},OU=Groups,DC=example,DC=com",
            address(number)
        )
        .expect("memory");
        for other in more {
            writeln!(out, "memberOf: CN=Department {other},OU=Groups,DC=example,DC=com").expect("memory");
        }
        guid(&mut out);
    }
    out
}

/// The rooms as tables, how many they are, and how many access entries they have.
fn tables() -> (Vec<String>, usize, usize) {
    let (mut tables, mut rooms, mut entries) = (Vec::new(), 0, 0);
    let mut table = String::new();
    for (count, each) in ROOMS {
        for _ in 0..count {
            if rooms % 10_000 == 0 && !table.is_empty() {
                tables.push(std::mem::take(&mut table));
            }
            if table.is_empty() {
                table.push_str("name,category,description,privacy,members,managers\n");
            }
            let privacy = match rooms % 33 {
                0 => "open",
                1 => "secret",
                _ => "closed",
            };
            // The first five hundred rooms have one more in common.
            let first = if rooms < 500 { 7 } else { (rooms * 31) % PEOPLE };
            let members: Vec<String> =
                (0..each - 1)
                    .map(|step| {
                        if step == 0 { first } else { 1_000 + (rooms * 17 + step * 3_571) % (PEOPLE - 1_000) }
                    })
                    .map(address)
                    .collect();
            writeln!(
                table,
                "Room {rooms:05},Category {},What is said in room {rooms},{privacy},{},{}",
                rooms % 20,
                members.join(";"),
                address((rooms * 13 + 5) % PEOPLE)
            )
            .expect("memory");
            rooms += 1;
            entries += each;
        }
    }
    tables.push(table);
    (tables, rooms, entries)
}
