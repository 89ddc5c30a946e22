//! Stories of a store that goes to another place: whole, proven, and served from one of both at any moment.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chat::{DisplayName, GroupKind, JournalKey};
use cluster::{Cluster, answer, name_in};
use rusqlite::Connection;
use store::{
    Amendment, Carried, Carrying, GroupDraft, Location, MoveFault, PostOutcome, RowChange, RowDone, Store,
    StoreFault,
};

use crate::stage::{Cast, Stage, administer, amend, new_room, replacement, search, texts};

const OLD: &str = "the old place";
const NEW: &str = "the new place";

fn carry(from: &Stage, to: &Stage) -> Result<Carried, MoveFault> {
    Store::carry(&from.location(), &to.location(), (OLD, NEW), &mut |_| {})
}

/// The same, but the one who does it is gone at a moment that is told.
fn break_off(from: &Stage, to: &Stage, at: fn(Carrying<'_>) -> bool) {
    let broken = catch_unwind(AssertUnwindSafe(|| {
        let mut tell = |carrying: Carrying<'_>| assert!(!at(carrying), "this is the moment: {carrying:?}");
        Store::carry(&from.location(), &to.location(), (OLD, NEW), &mut tell)
    }));
    assert!(broken.is_err(), "that moment came: {broken:?}");
}

/// A store with rows of every kind, as it is when its server has stopped.
async fn lived_in(stage: &Stage) -> Cast {
    let cast = Cast::on(stage).await;
    for text in ["the valve is open", "a slip", "off the record"] {
        cast.say(cast.alice, cast.engineering, text).await;
    }
    cast.say(cast.bob, cast.kitchen, "Größe: 12 °C").await;
    amend(&cast.store, cast.engineering, &[2], replacement("mended")).await;
    amend(&cast.store, cast.engineering, &[3], Amendment::Remove).await;
    let gone = new_group(&cast.store, "Gone").await;
    administer(&cast.store, RowChange::RemoveGroup(gone)).await;
    cast.store.close().await;
    cast
}

async fn new_group(store: &Store, name: &str) -> chat::GroupId {
    let name = DisplayName::parse(name).unwrap();
    let draft = GroupDraft { name, kind: GroupKind::Group, domain: None, entry: None };
    match administer(store, RowChange::NewGroup(draft)).await {
        RowDone::Group(group) => group.id,
        other => panic!("a group was expected, not {other:?}"),
    }
}

/// Everything is there, goes on where it ended, and the old place serves nothing.
async fn moves_whole(from: Stage, to: Stage) {
    let cast = lived_in(&from).await;
    let journals = from.count("head");
    let carried = carry(&from, &to).unwrap();
    assert_eq!(carried.journals as u64, journals);
    assert!(carried.rows > 20 && carried.entries > 10 && carried.bodies > 3, "{carried:?}");

    let why = from.try_open().unwrap_err();
    assert!(matches!(&why, StoreFault::NotServed { reason } if reason.contains(NEW)), "{why:?}");
    let why = Store::raise_era(from.location()).unwrap_err();
    assert!(matches!(why, StoreFault::NotServed { .. }), "{why:?}");
    let standing = Store::standing(&from.location()).unwrap().unwrap();
    assert_eq!((standing.left_for.as_deref(), standing.is_arriving), (Some(NEW), false));

    let store = to.open();
    assert_eq!(store.identity().pool_guid, to.founding().pool_guid, "it is the same pool");
    assert_eq!(texts(&store, cast.kitchen).await, ["Größe: 12 °C"]);
    assert_eq!(texts(&store, cast.engineering).await, ["the valve is open", "mended"]);
    // Marks on letters are nothing, and ß is not ss, as before.
    for (words, hits) in
        [("große", 1), ("grosse", 0), ("VALVE open", 1), ("mended", 1), ("slip", 0), ("record", 0)]
    {
        let found = store.search(search(&[cast.engineering, cast.kitchen], words, 10)).await.unwrap();
        assert_eq!(found.posts.len(), hits, "{words}");
    }
    let next = Cast { store: store.clone(), ..cast };
    next.say(next.alice, next.engineering, "and on").await;
    assert_eq!(new_group(&store, "Operators").await.0, 2, "no number is given again");
    new_room(&store, next.general, "Attic").await;
    for journal in [JournalKey::Pool, JournalKey::Room(next.engineering), JournalKey::Room(next.kitchen)] {
        store.verify(journal).await.unwrap();
    }
    store.close().await;
}

/// The end of each journal stands for all that is in it.
#[tokio::test]
async fn both_engines_keep_the_same_journals_to_the_octet() {
    let url = Cluster::running().database();
    let (file, database) = (Stage::sqlite(), Stage::postgres_at(url.clone()));
    lived_in(&file).await;
    lived_in(&database).await;
    let all = |hex: &str| {
        format!("SELECT kind || ' ' || subject || ' ' || number || ' ' || {hex} AS line FROM head ORDER BY 1")
    };
    let there = answer(&url, &all("upper(encode(chain, 'hex'))"));
    let file = Connection::open(file.file()).unwrap();
    let mut statement = file.prepare(&all("hex(chain)")).unwrap();
    let here: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(here.len() > 3, "{here:?}");
    assert_eq!(there.lines().collect::<Vec<_>>(), here);
}

#[tokio::test]
async fn a_file_moves_to_a_database_whole() {
    moves_whole(Stage::sqlite(), Stage::postgres()).await;
}

#[tokio::test]
async fn a_database_moves_to_a_file_whole() {
    moves_whole(Stage::postgres(), Stage::sqlite()).await;
}

#[tokio::test]
async fn a_database_moves_to_another_whole() {
    moves_whole(Stage::postgres(), Stage::postgres()).await;
}

#[tokio::test]
async fn a_move_that_is_broken_off_leaves_the_old_store_and_nothing_else() {
    let moments: [fn(Carrying<'_>) -> bool; 3] = [
        |now| matches!(now, Carrying::Rows { table: "post", .. }),
        |now| matches!(now, Carrying::Texts { .. }),
        |now| matches!(now, Carrying::Journals { done: 2, .. }),
    ];
    let (from, to) = (Stage::sqlite(), Stage::postgres());
    let cast = lived_in(&from).await;
    for moment in moments {
        break_off(&from, &to, moment);
        assert_eq!(Store::standing(&to.location()).unwrap(), None, "nothing has come to be there");
        let store = from.open();
        assert_eq!(texts(&store, cast.kitchen).await, ["Größe: 12 °C"]);
        store.close().await;
    }
    carry(&from, &to).unwrap();
    to.open().close().await;
}

/// Between the moment when the copy is kept and the one when the old store is marked as left.
#[tokio::test]
async fn a_copy_that_was_kept_is_not_served_before_the_old_store_is_left() {
    let url = Cluster::running().database();
    let (from, to) = (Stage::sqlite(), Stage::postgres_at(url.clone()));
    let cast = lived_in(&from).await;
    carry(&from, &to).unwrap();
    let file = Connection::open(from.file()).unwrap();
    file.execute("DELETE FROM setting WHERE name = 'store.left'", []).unwrap();
    drop(file);
    answer(&url, "INSERT INTO setting VALUES ('store.arriving', 'the old place')");

    let why = to.try_open().unwrap_err();
    assert!(matches!(&why, StoreFault::NotServed { reason } if reason.contains(OLD)), "{why:?}");
    let store = from.open();
    let cast = Cast { store, ..cast };
    cast.say(cast.carol, cast.kitchen, "meanwhile").await;
    cast.store.close().await;
    assert!(carry(&from, &to).unwrap().rows > 20, "it is copied anew");
    let store = to.open();
    assert_eq!(texts(&store, cast.kitchen).await, ["Größe: 12 °C", "meanwhile"]);
    store.close().await;
}

/// Between the moment when the old store is marked as left and the one when the copy is served.
#[tokio::test]
async fn a_copy_whose_store_was_left_is_served_when_the_move_is_asked_for_again() {
    let url = Cluster::running().database();
    let (from, to) = (Stage::sqlite(), Stage::postgres_at(url.clone()));
    lived_in(&from).await;
    carry(&from, &to).unwrap();
    answer(&url, "INSERT INTO setting VALUES ('store.arriving', 'the old place')");

    assert!(matches!(from.try_open().unwrap_err(), StoreFault::NotServed { .. }));
    assert!(matches!(to.try_open().unwrap_err(), StoreFault::NotServed { .. }));
    assert_eq!(carry(&from, &to).unwrap(), Carried::default(), "only the end was missing");
    to.open().close().await;
    assert!(matches!(from.try_open().unwrap_err(), StoreFault::NotServed { .. }));
}

#[tokio::test]
async fn a_store_goes_only_where_nothing_is_and_only_once() {
    let (from, to, other) = (Stage::sqlite(), Stage::postgres(), Stage::postgres());
    lived_in(&from).await;
    lived_in(&other).await;
    assert_eq!(carry(&from, &other).unwrap_err(), MoveFault::Occupied);
    let url = Cluster::running().database();
    answer(&url, "CREATE TABLE recipe (name TEXT)");
    let why = carry(&from, &Stage::postgres_at(url.clone())).unwrap_err();
    assert!(matches!(why, MoveFault::Store(StoreFault::Damaged { .. })), "{why:?}");
    assert_eq!(answer(&url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1");
    from.open().close().await;

    carry(&from, &to).unwrap();
    let elsewhere = Stage::postgres();
    let why =
        Store::carry(&from.location(), &elsewhere.location(), (OLD, "elsewhere"), &mut |_| {}).unwrap_err();
    assert_eq!(why, MoveFault::Left { place: NEW.into() });
    assert_eq!(Store::standing(&elsewhere.location()).unwrap(), None);
}

#[tokio::test]
async fn a_store_that_a_server_has_open_stays() {
    let (from, to) = (Stage::postgres(), Stage::postgres());
    let cast = Cast::on(&from).await;
    assert_eq!(carry(&from, &to).unwrap_err(), MoveFault::Running);
    cast.say(cast.alice, cast.engineering, "undisturbed").await;
    cast.store.close().await;
    carry(&from, &to).unwrap();
}

#[tokio::test]
async fn a_wrong_password_and_missing_rights_are_said_with_what_to_do() {
    let from = Stage::sqlite();
    lived_in(&from).await;
    let cluster = Cluster::running();
    let url = cluster.as_stranger(&cluster.database(), "open sesame");
    let to = Location::postgres(&url).unwrap();
    let said =
        |to: &Location| Store::carry(&from.location(), to, (OLD, NEW), &mut |_| {}).unwrap_err().to_string();
    for without in [&to, &to.clone().with_password("sesame")] {
        let why = said(without);
        assert!(why.contains("~/.pgpass") && !why.contains("sesame"), "{why}");
    }
    let host = "localhost:5432:*:stranger:open sesame\n";
    let why = said(&to.clone().with_password_out_of(&format!("# ours\n*:*:other:*:no\n{host}")));
    assert!(why.contains("permission denied") && why.contains("CREATE"), "{why}");
    from.open().close().await;
}

#[test]
fn a_password_file_is_read_as_the_programs_of_postgresql_read_it() {
    let of =
        |url: &str, line: &str| Location::postgres(url).unwrap().with_password_out_of(line).has_password();
    let url = "postgres://causerie@127.0.0.1:5433/chat";
    for line in ["127.0.0.1:5433:chat:causerie:x", "*:*:*:*:x", "*:5433:ch\\at:causerie:a\\:b"] {
        assert!(of(url, line), "{line}");
    }
    for line in ["", "#*:*:*:*:x", "*:*:*:x", "127.0.0.1:5432:chat:causerie:x", "*:*:chat:alice:x"] {
        assert!(!of(url, line), "{line}");
    }
    assert!(of("postgres://causerie@127.0.0.1/chat", "127.0.0.1:5432:*:causerie:x"));
    let shown = |url: &str| Location::postgres(url).unwrap().to_string();
    assert_eq!(shown("postgres://me:s3:cret@127.0.0.1/chat"), "postgres://me@127.0.0.1/chat");
    assert_eq!(
        shown("postgres://me@127.0.0.1/chat?password=x&connect_timeout=3"),
        "postgres://me@127.0.0.1/chat?connect_timeout=3"
    );
}

#[tokio::test]
async fn the_era_of_a_database_is_noted_apart_and_a_copy_put_back_twice_is_known() {
    let url = Cluster::running().database();
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("era");
    let stage = Stage::postgres_at(url.clone());
    let noting = stage.location().noting_era_in(&note);
    let open = || Store::open(noting.clone(), &stage.founding(), stage.clock.clone() as _).unwrap();
    open().close().await;
    assert!(!note.exists(), "the first era need not be noted");
    assert_eq!(Store::raise_era(noting.clone()).unwrap(), 2);
    answer(&url, "UPDATE pool SET era = 1");
    let store = open();
    assert_eq!(store.identity().era, 3, "the same copy was put back, and nobody said so");
    store.close().await;
    answer(&url, "UPDATE pool SET era = 7");
    open().close().await;
    assert_eq!(std::fs::read_to_string(&note).unwrap(), "7\n", "what was begun elsewhere is noted");
}

#[tokio::test]
async fn a_server_whose_database_is_put_back_under_it_stops_and_gives_no_number_again() {
    let url = Cluster::running().database();
    let name = name_in(&url).to_owned();
    let others = url.replace(&name, "postgres");
    let end_all = format!(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::postgres_at(url.clone());
    let noting = stage.location().noting_era_in(&folder.path().join("era"));
    let open = || Store::open(noting.clone(), &stage.founding(), stage.clock.clone() as _).unwrap();
    let cast = Cast::in_store(open()).await;
    cast.say(cast.alice, cast.engineering, "in the copy").await;
    answer(&others, &end_all);
    answer(&others, &format!("CREATE DATABASE {name}_copy TEMPLATE {name}"));
    let lost = cast.say(cast.alice, cast.engineering, "after it").await.header.position;
    answer(&others, &end_all);
    answer(&others, &format!("DROP DATABASE {name}"));
    answer(&others, &format!("ALTER DATABASE {name}_copy RENAME TO {name}"));

    let post = cast.draft(cast.alice, cast.engineering, "under another number").await;
    assert_eq!(cast.store.post(post.clone()).await.unwrap(), PostOutcome::Superseded);
    assert_eq!(cast.store.post(post).await.unwrap(), PostOutcome::Superseded);
    cast.store.close().await;
    let cast = Cast { store: open(), ..cast };
    let now = cast.say(cast.alice, cast.engineering, "in a new era").await.header.position;
    assert!(now.era > lost.era && now.number > lost.number + 1_000, "{now:?} after {lost:?}");
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
    cast.store.close().await;
}

#[tokio::test]
async fn a_founding_is_taken_back_unless_somebody_came() {
    for stage in [Stage::sqlite(), Stage::postgres()] {
        assert!(stage.open().unfound(&stage.location()).await.unwrap());
        assert_eq!(Store::standing(&stage.location()).unwrap(), None);
        let first = stage.open();
        let second = stage.open();
        assert!(!first.unfound(&stage.location()).await.unwrap(), "it is somebody's by now");
        second.close().await;
        assert!(Store::standing(&stage.location()).unwrap().is_some());
    }
}
