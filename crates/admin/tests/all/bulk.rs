//! Stories of rooms made from a table: all or nothing, every error with its line, and again without harm.

use admin::{
    Asker, ImportResult, ImportedRoomView, Operation, Outcome, Request, RoomFields, RoomImport, RoomPrivacy,
    RoomType, Rows,
};
use chat::{Actor, Entry, JournalKey, PoolEntry};
use serde_json::{Value, json};

use crate::house::{House, add, invalid, members};

const TABLE: &str = "\
name,category,description,privacy,type,members,managers,presenters
Alpha,General,The first room,open,normal,,,
\"Beta, the second\",general,,SECRET,,sip:alice@example.com; sip:bob@example.com,sip:bob@example.com,
Stage,General,,closed,auditorium,domain:example.com,,sip:alice@example.com
";

fn import(rows: &str) -> Operation {
    Operation::RoomImport(RoomImport { rows: rows.into(), skip_bad: false })
}

fn skipping(rows: &str) -> Operation {
    Operation::RoomImport(RoomImport { rows: rows.into(), skip_bad: true })
}

fn rehearsed(operation: Operation) -> Request {
    Request { dry_run: true, ..Request::of(operation) }
}

fn lines(outcome: &Outcome) -> &[ImportedRoomView] {
    match &outcome.rows {
        Rows::ImportedRooms(lines) => lines,
        other => panic!("not an import: {other:?}"),
    }
}

fn results(outcome: &Outcome) -> Vec<(u64, ImportResult)> {
    lines(outcome).iter().map(|line| (line.line, line.result)).collect()
}

async fn names(house: &House) -> Vec<String> {
    let rooms = house.store.rooms().await.expect("a read");
    rooms.iter().map(|room| room.name.to_string()).collect()
}

async fn pool_head(house: &House) -> u64 {
    house.store.head(JournalKey::Pool).await.expect("a read").position.number
}

#[tokio::test]
async fn a_table_becomes_rooms() {
    use ImportResult::Created;
    let house = House::furnished().await;
    let before = pool_head(&house).await;
    let would = house.ask(rehearsed(import(TABLE))).await.expect("it can be done");
    assert_eq!((names(&house).await, pool_head(&house).await), (vec!["Engineering".to_owned()], before));

    let done = house.must(import(TABLE)).await;
    assert_eq!((&would.rows, &would.changes), (&done.rows, &done.changes), "it is what was said");
    assert_eq!(results(&done), [(2, Created), (3, Created), (4, Created)]);
    assert_eq!(done.changes[1].object, "room Beta, the second");
    assert_eq!(
        done.changes[1].after,
        json!({ "category": "General", "members": 2, "managers": 1, "presenters": 0 })
    );

    let beta = house.room_now("beta, the second").await;
    assert_eq!(beta.members, ["sip:alice@example.com", "sip:bob@example.com"]);
    assert_eq!((beta.privacy, beta.managers.len()), (RoomPrivacy::Secret, 1));
    let stage = house.room_now("Stage").await;
    assert_eq!(
        (stage.kind, &stage.presenters[..]),
        (RoomType::Auditorium, &["sip:alice@example.com".to_owned()][..])
    );
    assert_eq!(house.room_now("Alpha").await.description, "The first room");
}

#[tokio::test]
async fn an_import_that_is_asked_again_leaves_what_is_there() {
    use ImportResult::{AlreadyThere, Created};
    let house = House::furnished().await;
    house.must(import(TABLE)).await;
    let before = pool_head(&house).await;
    let again = house.must(import(TABLE)).await;
    assert_eq!(results(&again), [(2, AlreadyThere), (3, AlreadyThere), (4, AlreadyThere)]);
    assert_eq!((again.changes.len(), pool_head(&house).await), (0, before), "nothing is written");

    let longer = format!("{TABLE}Gamma,General,,,,,,\n");
    let done = house.must(import(&longer)).await;
    assert_eq!(results(&done)[3], (5, Created));
    assert_eq!(done.changes.len(), 1);
}

#[tokio::test]
async fn a_room_that_is_there_is_compared_in_the_columns_of_the_table_alone() {
    let house = House::furnished().await;
    let fields = RoomFields {
        privacy: Some(RoomPrivacy::Open),
        description: Some("Set by hand".into()),
        ..RoomFields::default()
    };
    house.room("Taken", fields).await;
    let done = house.must(import("name,category,privacy\nTaken,General,open\n")).await;
    assert_eq!(results(&done), [(2, ImportResult::AlreadyThere)]);
}

#[tokio::test]
async fn lines_of_a_spreadsheet_have_the_numbers_it_shows_and_semicolons_are_told() {
    let house = House::furnished().await;
    let table = "name,category\r\nGood,General\r\n\r\nBetter,General\r\n";
    assert_eq!(
        results(&house.must(import(table)).await),
        [(2, ImportResult::Created), (4, ImportResult::Created)]
    );
    let refused = house.ask(Request::of(import("name;category\nGood;General\n"))).await;
    let said = refused.expect_err("they are no commas").to_string();
    assert!(said.contains("semicolons") && said.contains("commas"), "{said}");
}

#[tokio::test]
async fn one_bad_line_keeps_all_out_and_every_bad_line_is_told_with_its_column() {
    let house = House::furnished().await;
    house.room("Taken", RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() }).await;
    let table = "\
name,category,privacy,type,disabled,members,presenters
Good,General,,,,,
,General,,,,,
Lost,Nowhere,,,,,
Odd,General,hidden,,perhaps,,
Ghosts,General,,,,sip:ghost@example.com;group:Ghosts,
Far,General,,,,sip:mallory@other.example,
Flat,General,,normal,,,sip:bob@example.com
good,General,,,,,
General,General,,,,,
Taken,General,secret,,,,
Short,General
";
    let before = pool_head(&house).await;
    let would = house.ask(rehearsed(import(table))).await.expect("it can be asked");
    assert!(would.warnings[0].contains("10 of 11 lines") && would.changes.is_empty(), "{:?}", would.warnings);
    let told: Vec<(u64, &str, &str)> = lines(&would)
        .iter()
        .filter(|line| line.result == ImportResult::Failed)
        .map(|line| {
            (
                line.line,
                line.column.as_deref().unwrap_or_default(),
                line.message.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    for (line, column, said) in [
        (3, "name", "empty"),
        (4, "category", "there is no category 'Nowhere'"),
        (5, "privacy", "open, closed, secret"),
        (5, "disabled", "true, false"),
        (6, "members", "sip:ghost@example.com"),
        (7, "members", "sip:mallory@other.example"),
        (8, "presenters", "auditorium"),
        (9, "name", "line 2"),
        (10, "name", "the name of a category"),
        (11, "name", "another privacy"),
        (12, "", "2 cells"),
    ] {
        let found =
            told.iter().any(|(at, of, message)| (*at, *of) == (line, column) && message.contains(said));
        assert!(found, "line {line}, {column}: '{said}' in {told:#?}");
    }

    let refused = invalid(house.run(import(table)).await);
    assert!(refused.starts_with("10 of 11 lines cannot be imported, so nothing was:"), "{refused}");
    assert!(refused.contains("\nline 4, category: there is no category 'Nowhere'"), "{refused}");
    assert_eq!(pool_head(&house).await, before, "nothing is written");

    let done = house.must(skipping(table)).await;
    let created = lines(&done).iter().filter(|line| line.result == ImportResult::Created).count();
    assert_eq!((created, done.changes.len()), (1, 1));
    assert!(names(&house).await.contains(&"Good".to_owned()));
}

#[tokio::test]
async fn many_rooms_are_made_in_chunks_under_one_number_and_the_record_has_every_value() {
    let house = House::furnished().await;
    let rooms = 1_200;
    let lines: String = (1..=rooms).map(|n| format!("Room {n:05},General,sip:alice@example.com\n")).collect();
    let before = pool_head(&house).await;
    let done = house.must(import(&format!("name,category,members\n{lines}"))).await;
    assert_eq!(done.changes.len(), rooms);
    assert_eq!(names(&house).await.len(), rooms + 1);

    let (mut parts, mut told, mut after) = (Vec::new(), 0, before);
    loop {
        let page = house.store.entries(JournalKey::Pool, after, 1_000).await.expect("a read");
        let Some(last) = page.last() else { break };
        after = last.header.position.number;
        for entry in page {
            let Entry::Pool(PoolEntry::Administered { operation, .. }) = entry.header.entry else {
                panic!("not an operation: {entry:?}")
            };
            assert_eq!(operation, before + 1);
            told += 1;
            parts.extend(
                entry.body.as_ref().map(|body| serde_json::from_str::<Value>(&body.text).expect("JSON")),
            );
        }
    }
    assert_eq!((told, parts.len()), (rooms, 3), "500, 500 and 200 rooms");
    assert!(
        parts[0]["operation"]["rows"].as_str().is_some_and(|rows| rows.ends_with("octets)")),
        "not the file"
    );
    let members = |part: &Value| {
        let all = part["changes"].as_array().expect("a list");
        all.iter().filter(|change| change["field"] == "members").count()
    };
    assert_eq!(parts.iter().map(members).sum::<usize>(), rooms, "who was let in where is kept");
}

#[tokio::test]
async fn a_table_that_is_none_is_refused_as_a_whole() {
    let house = House::furnished().await;
    for (table, said) in [
        ("name,privacy\nAlpha,open\n", "the column category is missing"),
        ("name,category,colour\nAlpha,General,red\n", "there is no column 'colour'"),
        ("name,category,name\nAlpha,General,Beta\n", "is there twice"),
        ("", "the column name is missing"),
    ] {
        let refused = house.run(import(table)).await;
        assert_eq!(refused.as_ref().expect_err("it is refused").field(), Some("rows"));
        let message = invalid(refused);
        assert!(message.contains(said), "'{said}' in '{message}'");
    }
    let none = house.must(import("name,category\n")).await;
    assert!(lines(&none).is_empty(), "a table of nothing makes nothing");
    let marked = "\u{FEFF}Name,Category,add-in\nAlpha,General,\n";
    assert_eq!(lines(&house.must(import(marked)).await).len(), 1, "as spreadsheets write it");
}

#[tokio::test]
async fn a_category_that_is_narrowed_meanwhile_is_asked_anew() {
    let house = House::furnished().await;
    let lines: String = (1..=40)
        .map(|n| format!("Room {n:05},General,sip:alice@example.com;sip:bob@example.com\n"))
        .collect();
    let table = format!("name,category,members\n{lines}");
    let deny = admin::CategoryFields {
        denied_members: add(&["sip:bob@example.com"]),
        ..admin::CategoryFields::default()
    };
    let (imported, narrowed) = tokio::join!(house.run(import(&table)), house.set_category("General", deny));
    narrowed.expect("it is narrowed");
    let rooms = house.store.rooms().await.expect("a read");
    let bob = chat::Principal::Person(house.id("sip:bob@example.com").await);
    // Whichever came first: nobody stands where the category does not admit.
    assert!(rooms.iter().all(|room| !room.members.contains(&bob)), "{imported:?}");
}

#[tokio::test]
async fn only_a_persistent_chat_administrator_imports() {
    let house = House::furnished().await;
    let alice = Asker::new(Actor::Person(house.id("sip:alice@example.com").await), "127.0.0.1");
    let refused = house.desk.run(alice, Request::of(import(TABLE))).await;
    assert_eq!(refused.expect_err("she has no role").code(), "ErrorPermission");
    house.set_room("Engineering", members(&["sip:bob@example.com"])).await.expect("he is in scope");
    assert_eq!(names(&house).await, ["Engineering"]);
}
