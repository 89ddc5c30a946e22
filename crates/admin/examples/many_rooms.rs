//! Prints what administration costs with as many people and rooms as the largest organisation that is planned for: 80,000
//! people, 33,077 rooms, 731,088 places on their lists.
//! Measures, asserts nothing. `cargo run --release -p admin --example many_rooms`, with a word to ask only the questions that have it.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use admin::{
    About, Asker, AuditList, CategoryFields, CategoryNew, CategorySet, Desk, GroupRemove, ListChange,
    Operation, Outcome, PolicySet, ReportActivity, ReportMembership, ReportUsage, Request, RightName,
    RoomFields, RoomGet, RoomImport, RoomList, RoomSet, UserDisable, UserList, WhoCan,
};
use chat::{
    Actor, Address, Ancestors, Clock, DisplayName, Domain, Draft, GroupId, GroupKind, PersonId, RoomId, Text,
    Under,
};
use directory::{Directory, SealingKey};
use store::{Founding, GroupDraft, Member, NewPost, Order, PersonDraft, RowChange, RowDone, Store};
use testkit::TestClock;
use tokio::task::JoinSet;
use tokio::time::Instant;

const PEOPLE: usize = 80_000;
const SMALL: usize = 32_000;
const MEDIUM: usize = 1_067;
const LARGE: usize = 10;
const CATEGORIES: usize = 20;
/// Groups that the first person belongs to, each through the one before.
const GROUPS: usize = 150;
/// Rooms of the second person.
const ROOMS_OF_ONE: usize = 500;
const POSTS: usize = 40_000;
const POSTERS: usize = 16;
/// How often each question is asked.
const ASKED: usize = 60;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Fallible<()> {
    let folder = tempfile::tempdir_in(".")?;
    let clock = Arc::new(TestClock::at("2026-11-24T10:00:00Z", 7));
    let founding = Founding {
        domain: Domain::parse("example.com")?,
        pool_name: "pool.example.com".into(),
        pool_guid: clock.guid(),
        site: "Default".into(),
        chat: true,
    };
    let store = Store::open(&folder.path().join("store.db"), &founding, clock.clone())?;
    let key = SealingKey::make(&folder.path().join("key"), &*clock)?;
    let desk = Desk::new(store.clone(), Directory::open(store.clone(), clock, key)?);

    let began = Instant::now();
    people(&store).await?;
    println!("{PEOPLE} people, {GROUPS} groups: {:.1} s", began.elapsed().as_secs_f64());
    for number in 0..CATEGORIES {
        let allowed_members = ListChange { add: vec!["domain:example.com".into()], ..ListChange::default() };
        let fields = CategoryFields { allowed_members, ..CategoryFields::default() };
        run(&desk, Operation::CategoryNew(CategoryNew { name: format!("Category {number:02}"), fields }))
            .await?;
    }
    let (table, entries) = table()?;
    let import = || Operation::RoomImport(RoomImport { rows: table.clone(), skip_bad: false });
    println!("{} rooms with {entries} entries, {:.1} MB", SMALL + MEDIUM + LARGE, table.len() as f64 / 1e6);
    let began = Instant::now();
    desk.run(root(), Request { dry_run: true, ..Request::of(import()) }).await?;
    println!("  dry run: {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    run(&desk, import()).await?;
    println!("  import: {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    run(&desk, import()).await?;
    println!("  the same again: {:.1} s", began.elapsed().as_secs_f64());
    posts(&store).await?;
    ask(&desk).await?;
    rehearse(&desk).await?;
    work(&desk).await?;
    store.close().await;
    Ok(())
}

fn root() -> Asker {
    Asker::new(Actor::Shell(0), "socket")
}

async fn run(desk: &Desk, operation: Operation) -> Fallible<Outcome> {
    Ok(desk.run(root(), Request::of(operation)).await?)
}

fn address(number: usize) -> String {
    format!("sip:person{number:05}@example.com")
}

/// Everybody, and groups of which the first person is in the nearest.
async fn people(store: &Store) -> Fallible<()> {
    for chunk in (0..PEOPLE).collect::<Vec<_>>().chunks(1_000) {
        let new = chunk.iter().map(|number| {
            let name = DisplayName::parse(&format!("Person Number {number}"))?;
            Ok(RowChange::NewPerson(PersonDraft::local(Address::parse(&address(*number))?, name)))
        });
        let rows = new.collect::<Fallible<Vec<_>>>()?;
        store.administer(Order::of(Actor::Server, "{}".into()), rows).await?;
    }
    let group = |number: usize| {
        let name = DisplayName::parse(&format!("Group {number:03}"))?;
        let domain = Some(Domain::parse("example.com")?);
        Ok(RowChange::NewGroup(GroupDraft { name, kind: GroupKind::Group, domain, entry: None }))
    };
    let rows = (0..GROUPS).map(group).collect::<Fallible<Vec<_>>>()?;
    let done = store.administer(Order::of(Actor::Server, "{}".into()), rows).await?.done;
    let groups: Vec<GroupId> = done
        .iter()
        .filter_map(|one| match one {
            RowDone::Group(group) => Some(group.id),
            _ => None,
        })
        .collect();
    let mut rows = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let member = match number.checked_sub(1) {
            Some(before) => Member::Group(groups[before]),
            None => Member::Person(PersonId(1)),
        };
        rows.push(RowChange::SetMembers { group: *group, add: vec![member], remove: Vec::new() });
    }
    let above = |number: usize| Ancestors::of(groups[number + 1..].to_vec());
    let of_groups = groups.iter().enumerate().map(|(number, group)| (*group, above(number))).collect();
    let everybody = Ancestors::of(groups.clone());
    rows.push(RowChange::Affiliate { people: vec![(PersonId(1), everybody)], groups: of_groups });
    store.administer(Order::of(Actor::Server, "{}".into()), rows).await?;
    Ok(())
}

/// The table of all rooms, and how many places their lists have.
fn table() -> Fallible<(String, usize)> {
    let mut table = String::from("name,category,description,privacy,type,members,managers\n");
    let (mut entries, mut next) = (0, 0_usize);
    for number in 0..SMALL + MEDIUM + LARGE {
        let places = match number {
            // Together they are 731,088.
            number if number < SMALL => 22 + usize::from(number < 160),
            number if number < SMALL + MEDIUM => 25 + usize::from(number < SMALL + 93),
            _ => 16,
        };
        let mut listed: Vec<String> = (0..places)
            .map(|place| {
                next = (next + 7_919) % (PEOPLE - 2);
                address(2 + (next + place) % (PEOPLE - 2))
            })
            .collect();
        if number < ROOMS_OF_ONE {
            listed[0] = address(1);
        }
        if number % 2_000 == 0 {
            listed[1] = "group:Group 149".into();
        }
        entries += listed.len();
        let managers = listed.split_off(places - 2);
        let privacy = if number % 33 == 0 { "open" } else { "closed" };
        let kind = if number % 100 == 0 { "auditorium" } else { "normal" };
        writeln!(
            table,
            "Room {number:05} of the house,Category {:02},What is said in room {number} stays there,{privacy},{kind},{},{}",
            number % CATEGORIES,
            listed.join(";"),
            managers.join(";")
        )?;
    }
    Ok((table, entries))
}

/// Something is said here and there.
async fn posts(store: &Store) -> Fallible<()> {
    let began = Instant::now();
    let text =
        Text::parse("the deployment went out this morning and all of the dashboards look calm so far")?;
    let mut running = JoinSet::new();
    for poster in 0..POSTERS {
        running.spawn(post_many(store.clone(), text.clone(), poster));
    }
    running.join_all().await;
    println!("{POSTS} posts: {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

async fn post_many(store: Store, text: Text, poster: usize) {
    for number in 0..POSTS / POSTERS {
        let room = (poster + number * 17) % 4_000 + 1;
        let new = NewPost {
            room: RoomId(room.try_into().unwrap_or(1)),
            author: PersonId((room % 200 + 10).try_into().unwrap_or(10)),
            under: Under { room_rules: 1, category_rules: 1, standing: 1 },
            client_id: None,
            draft: Draft { text: text.clone(), rtf: None, alert: false },
            kept: true,
            story: false,
            mentions: Vec::new(),
        };
        store.post(new).await.unwrap_or_else(|fault| panic!("{fault}"));
    }
}

/// What is asked often, in words and as an operation.
fn questions() -> Vec<(&'static str, Operation)> {
    let text = |text: &str| Some(text.to_owned());
    let list = RoomList::default;
    let who_can = |right| {
        let name = "Room 12345 of the house".to_owned();
        Operation::WhoCan(WhoCan { right, about: About::Room, name, limit: Some(100), cursor: None })
    };
    let membership = |number| ReportMembership { user: address(number), limit: None, cursor: None };
    let hundred = Some(100);
    vec![
        ("room list, the first 1,000", Operation::RoomList(list())),
        ("room list, the first 100", Operation::RoomList(RoomList { limit: hundred, ..list() })),
        ("room list -q, one found", Operation::RoomList(RoomList { q: text("room 31999"), ..list() })),
        (
            "room list -q in descriptions, none found",
            Operation::RoomList(RoomList { q: text("quokka"), search_description: true, ..list() }),
        ),
        (
            "room list --category, 100",
            Operation::RoomList(RoomList { category: text("Category 07"), limit: hundred, ..list() }),
        ),
        (
            "room list --disabled, none found",
            Operation::RoomList(RoomList { disabled: Some(true), ..list() }),
        ),
        (
            "room list --member, 150 groups",
            Operation::RoomList(RoomList { member: Some(address(0)), ..list() }),
        ),
        (
            "room list --member, 500 rooms",
            Operation::RoomList(RoomList { member: Some(address(1)), ..list() }),
        ),
        (
            "room list --content-exceeds-mb 1",
            Operation::RoomList(RoomList { content_exceeds_mb: Some(1), ..list() }),
        ),
        ("room get", Operation::RoomGet(RoomGet { room: "Room 12345 of the house".into() })),
        ("user list, the first 1,000", Operation::UserList(UserList::default())),
        (
            "user list -q, none found",
            Operation::UserList(UserList { q: text("quokka"), ..UserList::default() }),
        ),
        ("report membership, 150 groups", Operation::ReportMembership(membership(0))),
        ("report membership, 500 rooms", Operation::ReportMembership(membership(1))),
        ("audit list, 100", Operation::AuditList(AuditList { limit: hundred, ..AuditList::default() })),
        (
            "audit list --about a room",
            Operation::AuditList(AuditList {
                about: text("Room 12345 of the house"),
                ..AuditList::default()
            }),
        ),
        (
            "report activity, 100",
            Operation::ReportActivity(ReportActivity { limit: hundred, ..ReportActivity::default() }),
        ),
        ("report usage", Operation::ReportUsage(ReportUsage::default())),
        ("who-can read a closed room", who_can(RightName::Read)),
        ("who-can see it, which everybody can, 100", who_can(RightName::See)),
    ]
}

/// Asks each question many times.
async fn ask(desk: &Desk) -> Fallible<()> {
    let word = std::env::args().nth(1).unwrap_or_default();
    for (what, question) in questions().into_iter().filter(|(what, _)| what.contains(&word)) {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..ASKED {
            let began = Instant::now();
            let outcome = run(desk, question.clone()).await?;
            times.push(began.elapsed());
            rows = outcome.rows.values().len();
        }
        times.sort_unstable();
        let at = |share: usize| millis(times[times.len() * share / 100]);
        println!("{what:<44} p50 {:>7.2} ms  p95 {:>7.2} ms  {rows} rows", at(50), at(95));
    }
    Ok(())
}

/// What is rehearsed before it is done: each tells who gains and who loses.
async fn rehearse(desk: &Desk) -> Fallible<()> {
    let room = |fields| {
        let room = "Room 12345 of the house".to_owned();
        Operation::RoomSet(RoomSet { room, fields, ..RoomSet::default() })
    };
    let members = ListChange { add: vec![address(1)], ..ListChange::default() };
    for (what, operation) in [
        ("room set --add-member", room(RoomFields { members, ..RoomFields::default() })),
        ("room set --disabled", room(RoomFields { disabled: Some(true), ..RoomFields::default() })),
        ("user disable, 150 groups", Operation::UserDisable(UserDisable { user: address(0) })),
        ("user disable, 500 rooms", Operation::UserDisable(UserDisable { user: address(1) })),
        ("group remove, in 17 rooms", Operation::GroupRemove(GroupRemove { group: "Group 149".into() })),
        (
            "policy set global --enable-persistent-chat=false",
            Operation::PolicySet(PolicySet {
                policy: "global".into(),
                enable_persistent_chat: Some(false),
                description: None,
            }),
        ),
    ] {
        let began = Instant::now();
        let dry = Request { dry_run: true, ..Request::of(operation) };
        let would = desk.run(root(), dry).await?;
        let lines = would.access.len() + would.more_access;
        println!("{what:<44} {:>11.2} ms  rehearsed, {lines} lines", millis(began.elapsed()));
    }
    Ok(())
}

/// What is done now and then.
async fn work(desk: &Desk) -> Fallible<()> {
    let category =
        |fields| Operation::CategorySet(CategorySet { category: "Category 07".into(), name: None, fields });
    let list = |who: &str| ListChange { add: vec![who.to_owned()], ..ListChange::default() };
    let grown = CategoryFields { allowed_members: list("domain:other.example"), ..CategoryFields::default() };
    let shrunk = CategoryFields { denied_members: list(&address(1)), ..CategoryFields::default() };
    for (what, operation) in
        [("category set, more people", category(grown)), ("category set, one less", category(shrunk))]
    {
        let began = Instant::now();
        let changes = run(desk, operation).await?.changes.len();
        println!("{what:<44} {:>11.2} ms  {changes} changes", millis(began.elapsed()));
    }
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
