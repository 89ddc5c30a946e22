//! Stories that only a file can tell: full disks, locked files, foreign schemas, flipped bytes, triggers that refuse.

use std::collections::BTreeSet;
use std::time::Duration;

use chat::JournalKey;
use rusqlite::Connection;
use store::{
    AdminFault, Order, PostOutcome, PutOutcome, RowChange, RowDone, Shelf, Store, StoreFault, Window,
};
use tokio::task::JoinSet;

use crate::stage::{Cast, ROOT, Stage, amend, new_room, person_draft, recorded, room_draft, say, texts};

/// The file as somebody else sees it.
fn behind(stage: &Stage) -> Connection {
    let conn = Connection::open(stage.file()).unwrap();
    conn.busy_timeout(Duration::from_secs(5)).unwrap();
    conn
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let stage = Stage::sqlite();
    std::fs::write(stage.file(), b"").unwrap();
    let store = stage.open();
    assert!(store.people().await.unwrap().is_empty());
    let version: i64 = behind(&stage).query_row("SELECT version FROM schema", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 10);
}

#[tokio::test]
async fn commits_are_on_the_disk_and_deleted_bytes_are_overwritten() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "unforgettable quokka").await;
    amend(&cast.store, cast.engineering, &[1], store::Amendment::Remove).await;
    cast.store.close().await;

    let bytes = std::fs::read(stage.file()).unwrap();
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    assert!(holds(b"alice"), "the log was taken into the file");
    assert!(!holds(b"quokka"), "neither text nor index hold what was taken away");
}

#[tokio::test]
async fn a_text_taken_away_leaves_the_log_of_a_running_store() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "unforgettable quokka").await;
    let holds = |suffix: &str| {
        let name = format!("{}{suffix}", stage.file().display());
        std::fs::read(name).unwrap().windows(6).any(|window| window == b"quokka")
    };
    assert!(holds("-wal"), "a post is in the log first");
    let reader = behind(&stage);
    reader.execute_batch("BEGIN; SELECT count(*) FROM post").unwrap();
    amend(&cast.store, cast.engineering, &[1], store::Amendment::Remove).await;
    reader.execute_batch("COMMIT").unwrap();
    cast.say(cast.alice, cast.engineering, "somebody else looked at it till now").await;
    cast.say(cast.alice, cast.engineering, "two posts later the log was cut for sure").await;

    assert!(!holds("") && !holds("-wal"), "neither the file nor its log");
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_left_alone() {
    let stage = Stage::sqlite();
    stage.open().close().await;
    behind(&stage).execute("UPDATE schema SET version = 11, min_writer = 1", []).unwrap();
    stage.open().close().await;

    behind(&stage).execute("UPDATE schema SET min_writer = 11", []).unwrap();
    assert_eq!(stage.try_open().unwrap_err(), StoreFault::Newer { found: 11, known: 10 });
    assert_eq!(
        store::Store::raise_era(&stage.file()).unwrap_err(),
        StoreFault::Newer { found: 11, known: 10 }
    );
}

#[tokio::test]
async fn a_store_of_a_development_build_is_refused_with_what_to_do() {
    let stage = Stage::sqlite();
    stage.open().close().await;
    behind(&stage).execute("UPDATE schema SET version = 1, min_reader = 1, min_writer = 1", []).unwrap();
    let refused = stage.try_open().unwrap_err().to_string();
    assert!(refused.contains("make it anew"), "{refused}");
}

#[tokio::test]
async fn a_file_of_something_else_is_left_alone() {
    let stage = Stage::sqlite();
    std::fs::write(stage.file(), "these are my holiday notes, not a database at all".repeat(100)).unwrap();
    assert!(matches!(stage.try_open().unwrap_err(), StoreFault::Damaged { .. }));

    std::fs::remove_file(stage.file()).unwrap();
    behind(&stage).execute_batch("CREATE TABLE recipe (name TEXT)").unwrap();
    assert!(matches!(stage.try_open().unwrap_err(), StoreFault::Damaged { .. }));
    let tables: i64 =
        behind(&stage).query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn the_era_of_a_missing_file_cannot_be_raised() {
    let stage = Stage::sqlite();
    let fault = store::Store::raise_era(&stage.file()).unwrap_err();
    assert!(matches!(fault, StoreFault::Unavailable { .. }), "{fault:?}");
    assert!(!stage.file().exists());
}

#[tokio::test]
async fn a_copy_put_back_twice_never_repeats_a_position() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    let (alice, room) = (cast.alice, cast.engineering);
    cast.store.close().await;
    let copy = std::fs::read(stage.file()).unwrap();
    let mut seen = BTreeSet::new();
    for told in [true, true, false] {
        std::fs::write(stage.file(), &copy).unwrap();
        if told {
            Store::raise_era(&stage.file()).unwrap();
        }
        let store = stage.open();
        let position = say(&store, alice, room, "after a loss").await.header.position;
        assert_eq!(position.era, store.identity().era);
        assert!(seen.insert(position), "{position:?} names two messages");
        store.verify(JournalKey::Room(room)).await.unwrap();
        store.close().await;
    }
    assert_eq!(stage.open().identity().era, 4, "an ordinary start begins no era");
}

#[tokio::test]
async fn a_full_disk_refuses_posts_but_not_reads_and_recovers() {
    let mut stage = Stage::sqlite();
    stage.options.pages_max = Some(400);
    let cast = Cast::on(&stage).await;
    let fill = Some(vec![7; 512 * 1024]);
    let put = cast.store.put_document(cast.alice, Shelf::Contacts, "big", None, fill.clone()).await.unwrap();
    assert_eq!(put, PutOutcome::Stored(1));
    let long = "a long line of text that fills the disk ".repeat(190);
    let mut said = 0;
    let full = loop {
        match cast.store.post(cast.draft(cast.bob, cast.engineering, &long).await).await {
            Ok(outcome) => drop(recorded(outcome)),
            Err(fault) => break fault,
        }
        said += 1;
        assert!(said < 1_000, "the disk never got full");
    };
    assert_eq!(full, StoreFault::Full);
    let more = cast.store.put_document(cast.alice, Shelf::Contacts, "more", None, fill).await;
    assert_eq!(more.unwrap_err(), StoreFault::Full);
    let person = vec![RowChange::NewPerson(person_draft("dave"))];
    let mut refused = 0;
    while refused == 0 {
        match cast.store.administer(Order::of(ROOT, "x".repeat(600_000)), person.clone()).await {
            Err(AdminFault::Store(StoreFault::Full)) => refused += 1,
            other => panic!("{other:?}"),
        }
    }

    let shown = cast.store.history(cast.engineering, Window::Last(1_000)).await.unwrap().posts;
    assert_eq!(shown.len(), said, "what was kept is still shown, what was refused is not");
    cast.store.put_document(cast.alice, Shelf::Contacts, "big", None, None).await.unwrap();
    cast.say(cast.bob, cast.engineering, &long).await;
    assert_eq!(texts(&cast.store, cast.engineering).await.len(), said + 1);
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

#[tokio::test]
async fn a_held_file_refuses_writes_but_not_reads_and_recovers() {
    let mut stage = Stage::sqlite();
    stage.options.busy_wait = Duration::from_millis(1);
    let cast = Cast::on(&stage).await;
    let other = behind(&stage);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let post = cast.draft(cast.alice, cast.engineering, "hello").await;
    let fault = cast.store.post(post.clone()).await.unwrap_err();
    assert!(matches!(fault, StoreFault::Unavailable { .. }), "{fault:?}");
    assert!(texts(&cast.store, cast.engineering).await.is_empty());
    other.execute_batch("ROLLBACK").unwrap();
    recorded(cast.store.post(post).await.unwrap());
    assert_eq!(texts(&cast.store, cast.engineering).await, ["hello"]);
}

#[tokio::test]
async fn a_poisoned_post_is_refused_alone() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    behind(&stage)
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON body WHEN NEW.text = 'poison'
             BEGIN SELECT RAISE(ABORT, 'poison'); END",
        )
        .unwrap();
    let mut posters = JoinSet::new();
    for n in 0..40 {
        let text = if n == 23 { "poison".to_owned() } else { format!("post {n}") };
        let post = cast.draft(cast.alice, cast.engineering, &text).await;
        let store = cast.store.clone();
        posters.spawn(async move { (text, store.post(post).await) });
    }
    let outcomes = posters.join_all().await;

    for (text, outcome) in &outcomes {
        match outcome {
            Ok(PostOutcome::Recorded(_)) => assert_ne!(text, "poison"),
            Err(StoreFault::Rejected { .. }) => assert_eq!(text, "poison"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(texts(&cast.store, cast.engineering).await.len(), 39);
    assert_eq!(cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap().entries, 40);
}

#[tokio::test]
async fn the_chain_finds_a_flipped_byte() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    for n in 1..=3 {
        cast.say(cast.alice, cast.engineering, &format!("post {n}")).await;
    }
    let journal = JournalKey::Room(cast.engineering);
    cast.store.verify(journal).await.unwrap();

    let harms = [
        (
            "a header",
            "UPDATE entry SET header = CAST(substr(header, 1, 29) || x'2A' || substr(header, 31) AS BLOB)",
        ),
        ("a text", "UPDATE body SET text = 'post 7' WHERE text = 'post 2'"),
        ("a salt", "UPDATE body SET salt = zeroblob(32) WHERE text = 'post 2'"),
        ("a missing text", "DELETE FROM body WHERE text = 'post 2'"),
        (
            "a missing entry",
            "DELETE FROM entry WHERE journal = (SELECT journal FROM head WHERE posts = 3) AND number = 3",
        ),
        ("another's text", "UPDATE post SET body = (SELECT body FROM post WHERE post = 1) WHERE post = 2"),
        ("a post that is shown no more", "UPDATE post SET kept = 0 WHERE post = 2"),
        ("a post that is not listed", "DELETE FROM post WHERE post = 2"),
        ("a head", "UPDATE head SET chain = zeroblob(32)"),
    ];
    for (what, harm) in harms {
        let sound = stage.file().with_extension("sound");
        std::fs::remove_file(&sound).ok();
        let conn = behind(&stage);
        conn.execute("VACUUM INTO ?1", [sound.to_str().unwrap()]).unwrap();
        let copy = Connection::open(&sound).unwrap();
        assert!(copy.execute(harm, []).unwrap() > 0, "{what} was harmed");
        drop(copy);
        let clock = std::sync::Arc::clone(&stage.clock);
        let harmed = store::Store::open(&sound, &stage.founding(), clock as _);
        let found = match harmed {
            Ok(store) => store.verify(journal).await.map(|_| ()),
            Err(fault) => Err(fault),
        };
        assert!(matches!(found, Err(StoreFault::Damaged { .. })), "{what}: {found:?}");
    }
}

#[tokio::test]
async fn a_damaged_room_does_not_stop_the_others() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "hello").await;
    let harmed = behind(&stage)
        .execute(
            "DELETE FROM entry WHERE number = 2 AND journal IN (SELECT journal FROM head WHERE posts = 1)",
            [],
        )
        .unwrap();
    assert_eq!(harmed, 1);
    let here = cast.draft(cast.alice, cast.engineering, "here").await;
    let there = cast.draft(cast.bob, cast.kitchen, "there").await;
    let (here, there) = tokio::join!(cast.store.post(here), cast.store.post(there));

    assert!(matches!(here.unwrap_err(), StoreFault::Damaged { .. }));
    recorded(there.unwrap());
}

/// Set for the process in which files cannot grow beyond a megabyte.
const CRAMPED: &str = "CAUSERIE_STORE_TEST_CRAMPED";

/// Where the log cannot grow, a commit itself fails and not a statement before it. Plays in a process of its own.
#[tokio::test]
async fn a_commit_that_fails_is_not_kept_and_stops_no_reads() {
    if std::env::var_os(CRAMPED).is_some() {
        return on_a_log_that_cannot_grow().await;
    }
    let this = std::env::current_exe().unwrap();
    let played = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$@\"", "sh", this.to_str().unwrap()])
        .args(["--exact", "sqlite::a_commit_that_fails_is_not_kept_and_stops_no_reads", "--nocapture"])
        .env(CRAMPED, "yes")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{told}{}", String::from_utf8_lossy(&played.stderr));
    assert!(told.contains("the log could not grow"), "{told}");
}

async fn on_a_log_that_cannot_grow() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    let (alice, room) = (cast.alice, cast.engineering);
    let post = cast.draft(alice, room, &"a long line of text that fills the log ".repeat(190)).await;
    let mut said = 0;
    let fault = loop {
        match cast.store.post(post.clone()).await {
            Ok(outcome) => drop(recorded(outcome)),
            Err(fault) => break fault,
        }
        said += 1;
        assert!(said < 1_000, "the log never got full");
    };
    println!("the log could not grow after {said} posts: {fault}");
    assert!(matches!(fault, StoreFault::Full | StoreFault::Unavailable { .. }), "{fault:?}");
    for _ in 0..3 {
        cast.store.post(post.clone()).await.unwrap_err();
    }
    assert_eq!(cast.store.history(room, Window::Last(1_000)).await.unwrap().posts.len(), said);
    cast.store.close().await;

    let again = stage.open();
    assert_eq!(texts(&again, room).await.len(), said, "what was refused was not kept");
    say(&again, alice, room, "there is room again").await;
    again.verify(JournalKey::Room(room)).await.unwrap();
}

#[tokio::test]
async fn a_batch_has_its_limits_and_a_lone_post_goes_alone() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    let mut posts = Vec::new();
    for n in 0..store::limits::BATCH_ROOMS_MAX + 50 {
        let room = new_room(&cast.store, cast.general, &format!("Room {n}")).await;
        posts.push(cast.draft(cast.alice, room, "all at once").await);
    }
    let mut heavy = cast.draft(cast.bob, cast.kitchen, "heavy").await;
    let rtf = format!("{{\\rtf1 {}}}", "x".repeat(100_000));
    heavy.draft.rtf = Some(chat::Rtf::parse(&rtf).unwrap());
    posts.extend(std::iter::repeat_n(heavy, 30));
    let mut feed = cast.store.feed();
    cast.say(cast.carol, cast.engineering, "alone").await;
    assert_eq!(
        feed.try_recv().unwrap().entries.len(),
        2,
        "nothing waits, so it goes at once: the post and what moved"
    );

    // Somebody else holds the file, so that all the others wait together.
    let other = behind(&stage);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut waiting = JoinSet::new();
    for post in posts {
        let store = cast.store.clone();
        waiting.spawn(async move { recorded(store.post(post).await.unwrap()) });
        tokio::task::yield_now().await;
    }
    other.execute_batch("ROLLBACK").unwrap();
    waiting.join_all().await;

    let mut sizes = Vec::new();
    while let Ok(committed) = feed.try_recv() {
        let rooms: BTreeSet<_> = committed.entries.iter().map(|entry| entry.header.journal).collect();
        let bodies = committed.entries.iter().filter_map(|entry| entry.body.as_ref());
        let octets: usize =
            bodies.map(|body| body.text.len() + body.rtf.as_ref().map_or(0, String::len)).sum();
        assert!(rooms.len() <= store::limits::BATCH_ROOMS_MAX + 1, "{} rooms and the server", rooms.len());
        assert!(octets <= store::limits::BATCH_BYTES_MAX, "{octets} octets");
        sizes.push(committed.entries.len() - 1);
    }
    assert_eq!(sizes.iter().sum::<usize>(), store::limits::BATCH_ROOMS_MAX + 50 + 30);
    assert!(sizes.len() <= 7, "they share commits: {sizes:?}");
}

#[tokio::test]
async fn marks_and_invitations_are_written_in_pieces_between_which_posts_go() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    let batch =
        || -> i64 { behind(&stage).query_row("SELECT batch FROM server", [], |row| row.get(0)).unwrap() };
    let before = batch();
    let marks = (1..=5_000).map(|posts| store::ReadMark { person: cast.alice, room: cast.kitchen, posts });
    cast.store.mark_read(marks.collect()).await.unwrap();
    assert!(batch() - before >= 5, "{} commits", batch() - before);
    assert_eq!(cast.store.reading(cast.alice, &[]).await.unwrap()[0].read, 5_000);

    let rooms = (0..1_000).map(|n| RowChange::NewRoom(room_draft(cast.general, &format!("Room {n}"))));
    let made = cast.store.administer(Order::of(ROOT, "{}".into()), rooms.collect()).await.unwrap();
    let granted: Vec<_> = made
        .done
        .iter()
        .map(|done| match done {
            RowDone::Room(room) => room.id,
            other => panic!("a room was expected, not {other:?}"),
        })
        .collect();
    let before = batch();
    let invitations = cast.store.invitations(cast.alice, &granted).await.unwrap();
    assert!(batch() - before >= 3, "{} commits", batch() - before);
    assert_eq!(invitations.iter().map(|one| one.room).collect::<Vec<_>>(), granted);
    assert_eq!(invitations.iter().map(|one| one.id).collect::<Vec<_>>(), (1..=1_000).collect::<Vec<u64>>());
}

/// Most of the posts say that Alice was changed since: they wait with all their octets and ask for no place on the disk.
#[tokio::test]
async fn what_waits_for_a_held_file_has_a_limit_in_octets() {
    let mut stage = Stage::sqlite();
    stage.options.busy_wait = Duration::from_secs(600);
    let cast = Cast::on(&stage).await;
    let mut heavy = cast.draft(cast.alice, cast.engineering, "heavy").await;
    let rtf = format!("{{\\rtf1 {}}}", "x".repeat(120_000));
    heavy.draft.rtf = Some(chat::Rtf::parse(&rtf).unwrap());
    let octets = "heavy".len() + rtf.len();
    let mut outdated = heavy.clone();
    outdated.under.standing += 1;
    let other = behind(&stage);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut waiting = JoinSet::new();
    for n in 0..1_000 {
        let current = n % 10 == 0;
        let (store, post) = (cast.store.clone(), if current { &heavy } else { &outdated }.clone());
        waiting.spawn(async move { (current, store.post(post).await) });
        tokio::task::yield_now().await;
    }
    other.execute_batch("ROLLBACK").unwrap();

    let (mut recorded, mut moved, mut busy) = (0, 0, 0);
    for outcome in waiting.join_all().await {
        match outcome {
            (true, Ok(PostOutcome::Recorded(_))) => recorded += 1,
            (false, Ok(PostOutcome::Moved)) => moved += 1,
            (_, Err(StoreFault::Busy)) => busy += 1,
            other => panic!("{other:?}"),
        }
    }
    let fit = store::limits::QUEUE_BYTES_MAX / octets;
    let in_hand = store::limits::BATCH_BYTES_MAX / octets;
    let taken = recorded + moved;
    assert!((fit..=fit + in_hand).contains(&taken), "{taken} were taken, {fit} fit and {in_hand} in hand");
    assert_eq!(taken + busy, 1_000);
    let head = cast.store.head(JournalKey::Room(cast.engineering)).await.unwrap();
    assert_eq!(head.posts as usize, recorded, "what was taken was kept");
    cast.say(cast.bob, cast.engineering, "there is room again").await;
}
