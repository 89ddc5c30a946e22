//! Stories that only a database apart can tell: sessions that end, a server that is gone for a while, answers that are lost.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use chat::JournalKey;
use cluster::{Cluster, answer, name_in};
use store::{Place, PostOutcome, Store, StoreFault, TakeOver};
use tokio::task::JoinSet;

use crate::several::{Session, WAITING, patient};
use crate::stage::{Cast, Stage, new_post, new_room, recorded, say, texts};

const END_ALL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn sessions_that_were_ended_are_opened_again_and_nobody_notices() {
    let url = Cluster::running().database();
    let stage = Stage::postgres_at(url.clone());
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "before").await;
    assert_ne!(answer(&url, END_ALL), "0");

    assert_eq!(texts(&cast.store, cast.engineering).await, ["before"]);
    cast.say(cast.alice, cast.engineering, "after").await;
    assert_eq!(texts(&cast.store, cast.engineering).await, ["before", "after"]);
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_gone_refuses_and_is_used_again_when_it_is_back() {
    let cluster = Cluster::start();
    let stage = Stage::postgres_at(cluster.database());
    let cast = Cast::on(&stage).await;
    let post = cast.draft(cast.alice, cast.engineering, "meanwhile").await;
    cast.say(cast.alice, cast.engineering, "before").await;
    cluster.crash();
    for _ in 0..2 {
        let fault = cast.store.post(post.clone()).await.unwrap_err();
        assert!(matches!(fault, StoreFault::Unavailable { .. }), "{fault:?}");
        let fault = cast.store.people().await.unwrap_err();
        assert!(matches!(fault, StoreFault::Unavailable { .. }), "{fault:?}");
    }
    cluster.come_back();

    recorded(cast.store.post(post).await.unwrap());
    assert_eq!(texts(&cast.store, cast.engineering).await, ["before", "meanwhile"]);
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_by_its_number() {
    let wire = Wire::to(Cluster::running());
    let stage = Stage::postgres_at(wire.url());
    let cast = Cast::on(&stage).await;
    let post = cast.draft(cast.alice, cast.engineering, "kept, though nobody heard it").await;
    wire.next_commit(AFTER);
    recorded(cast.store.post(post).await.unwrap());

    assert_eq!(wire.next.load(Ordering::SeqCst), NEVER, "the answer was lost");
    assert_eq!(texts(&cast.store, cast.engineering).await, ["kept, though nobody heard it"]);
    cast.say(cast.bob, cast.engineering, "I did").await;
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

#[tokio::test]
async fn a_commit_that_never_arrived_is_tried_again() {
    let wire = Wire::to(Cluster::running());
    let stage = Stage::postgres_at(wire.url());
    let cast = Cast::on(&stage).await;
    let post = cast.draft(cast.alice, cast.engineering, "twice, if need be").await;
    wire.next_commit(BEFORE);
    recorded(cast.store.post(post).await.unwrap());

    assert_eq!(wire.next.load(Ordering::SeqCst), NEVER, "the commit was lost");
    assert_eq!(texts(&cast.store, cast.engineering).await, ["twice, if need be"]);
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

#[tokio::test]
async fn a_server_that_stands_still_in_the_middle_of_a_commit_holds_nobody_up() {
    let wire = Wire::to(Cluster::running());
    let cast = Cast::on(&Stage::postgres_at(wire.url())).await;
    let behind = Stage::postgres_at(wire.behind.clone());
    let other = behind.open_place(&Place::of("chat2.example.com", "chat2"));
    let post = cast.draft(cast.alice, cast.engineering, "from who stood still").await;
    wire.next_commit(HELD);
    let store = cast.store.clone();
    let standing = tokio::spawn(async move { store.post(post).await });
    wire.is_held().await;

    say(&other, cast.bob, cast.engineering, "meanwhile").await;
    wire.release();
    recorded(standing.await.unwrap().unwrap());
    assert_eq!(texts(&other, cast.engineering).await, ["meanwhile", "from who stood still"]);
    other.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

#[tokio::test]
async fn a_server_whose_place_was_taken_while_it_stood_still_says_nothing_more() {
    let wire = Wire::to(Cluster::running());
    let behind = Stage::postgres_at(wire.behind.clone());
    let cast = Cast::in_store(behind.open_place(&Place::of("chat1.example.com", "chat1"))).await;
    let lost = Place { lease: Duration::ZERO, ..Place::of("chat2.example.com", "chat2") };
    let lost = Stage::postgres_at(wire.url()).open_place(&lost);
    let post = new_post(&lost, cast.alice, cast.engineering, "from the grave").await;
    wire.next_commit(HELD);
    let (store, same) = (lost.clone(), post.clone());
    let standing = tokio::spawn(async move { store.post(same).await });
    wire.is_held().await;

    let (server, epoch) = (lost.identity().server, lost.identity().epoch);
    assert_eq!(cast.store.take_over(server, epoch).await.unwrap(), TakeOver::Done);
    cast.say(cast.bob, cast.engineering, "it is gone").await;
    wire.release();
    assert!(!matches!(standing.await.unwrap(), Ok(PostOutcome::Recorded(_))));
    assert_eq!(lost.post(post).await.unwrap(), PostOutcome::Superseded);
    assert_eq!(texts(&cast.store, cast.engineering).await, ["it is gone"]);
}

#[tokio::test]
async fn a_post_that_was_kept_before_its_server_was_lost_is_answered_as_kept() {
    let wire = Wire::to(Cluster::running());
    let behind = Stage::postgres_at(wire.behind.clone());
    let cast = Cast::in_store(behind.open_place(&Place::of("chat1.example.com", "chat1"))).await;
    let lost = Place { lease: Duration::ZERO, ..Place::of("chat2.example.com", "chat2") };
    let lost = Stage::postgres_at(wire.url()).open_place(&lost);
    let post = new_post(&lost, cast.alice, cast.engineering, "kept just in time").await;
    wire.next_commit(UNHEARD);
    let (store, same) = (lost.clone(), post.clone());
    let standing = tokio::spawn(async move { store.post(same).await });
    while texts(&cast.store, cast.engineering).await.is_empty() {
        tokio::task::yield_now().await;
    }

    let (server, epoch) = (lost.identity().server, lost.identity().epoch);
    assert_eq!(cast.store.take_over(server, epoch).await.unwrap(), TakeOver::Done);
    wire.release();
    assert_eq!(recorded(standing.await.unwrap().unwrap()).body.as_ref().unwrap().text, "kept just in time");
    assert_eq!(lost.post(post).await.unwrap(), PostOutcome::Superseded, "and nothing after it");
    assert_eq!(texts(&cast.store, cast.engineering).await, ["kept just in time"]);
}

#[tokio::test]
async fn whether_a_post_was_kept_is_not_guessed_when_the_store_closes_without_knowing() {
    let wire = Wire::to(Cluster::running());
    let cast = Cast::on(&Stage::postgres_at(wire.url())).await;
    let post = cast.draft(cast.alice, cast.engineering, "nobody ever heard").await;
    wire.next_commit(LAST);
    let (store, same) = (cast.store.clone(), post.clone());
    let asked = tokio::spawn(async move { store.post(same).await });
    wire.is_held().await;
    cast.store.close().await;

    assert_eq!(asked.await.unwrap().unwrap_err(), StoreFault::Unknown);
    let behind = Stage::postgres_at(wire.behind.clone()).open();
    assert_eq!(texts(&behind, cast.engineering).await, ["nobody ever heard"], "it was");
}

#[tokio::test]
async fn no_post_overtakes_another_when_the_database_refuses_one_between_them() {
    let wire = Wire::to(Cluster::running());
    let cast = Cast::on(&patient(&wire.url())).await;
    poison(&wire.behind);
    let hall = new_room(&cast.store, cast.general, "Hall").await;
    let (mut engineering, mut door) = (Session::on(&wire.behind), Session::on(&wire.behind));
    engineering.writes_to(cast.engineering);
    door.writes_to(hall);
    let said = [
        (cast.bob, hall, "poison"),
        (cast.alice, cast.engineering, "first"),
        (cast.bob, cast.kitchen, "well"),
        (cast.bob, cast.kitchen, "poison"),
        (cast.alice, cast.engineering, "second"),
    ];
    let mut posts = Vec::new();
    for (author, room, text) in said {
        posts.push((text, cast.draft(author, room, text).await));
    }
    let mut asking = JoinSet::new();
    for (text, post) in posts {
        let store = cast.store.clone();
        asking.spawn(async move { (text, store.post(post).await) });
        tokio::task::yield_now().await;
        // Behind the first the others wait together.
        while asking.len() == 1 && answer(&wire.behind, WAITING) == "0" {
            tokio::task::yield_now().await;
        }
    }

    wire.next_commit(HELD);
    door.does("COMMIT");
    wire.is_held().await;
    engineering.does("COMMIT");
    wire.release();
    for (text, outcome) in asking.join_all().await {
        assert_eq!(outcome.is_err(), text == "poison", "{text}: {outcome:?}");
    }
    assert_eq!(texts(&cast.store, cast.engineering).await, ["first", "second"]);
}

#[tokio::test]
async fn one_post_that_the_database_refuses_takes_no_other_with_it() {
    let url = Cluster::running().database();
    let stage = Stage::postgres_at(url.clone());
    let cast = Cast::on(&stage).await;
    poison(&url);
    let mut waiting = JoinSet::new();
    for n in 0..40 {
        let text = if n == 23 { "poison" } else { "well" };
        let (store, post) = (cast.store.clone(), cast.draft(cast.alice, cast.engineering, text).await);
        waiting.spawn(async move { (text, store.post(post).await) });
    }
    for (text, outcome) in waiting.join_all().await {
        match outcome {
            Ok(outcome) => {
                assert!(text == "well" && matches!(outcome, PostOutcome::Recorded(_)), "{text}: {outcome:?}")
            }
            Err(fault) => {
                assert!(text == "poison" && matches!(fault, StoreFault::Rejected { .. }), "{text}: {fault:?}")
            }
        }
    }
    assert_eq!(texts(&cast.store, cast.engineering).await, ["well"; 39]);
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

#[tokio::test]
async fn a_database_of_something_else_or_of_a_newer_program_is_left_alone() {
    let url = Cluster::running().database();
    answer(&url, "CREATE TABLE recipe (name TEXT)");
    let stage = Stage::postgres_at(url.clone());
    assert!(matches!(stage.try_open().unwrap_err(), StoreFault::Damaged { .. }));
    assert_eq!(answer(&url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1");

    answer(&url, "DROP TABLE recipe");
    stage.open().close().await;
    answer(&url, "UPDATE schema SET min_writer = 11, version = 11");
    assert_eq!(stage.try_open().unwrap_err(), StoreFault::Newer { found: 11, known: 10 });
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let url = Cluster::running().database();
    Stage::postgres_at(url.clone()).open().close().await;
    let there = answer(
        &url,
        "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT IN ('search', 'numbered')
         ORDER BY (table_name || '.' || column_name) COLLATE \"C\"",
    );
    let stage = Stage::sqlite();
    stage.open().close().await;
    let file = rusqlite::Connection::open(stage.file()).unwrap();
    let mut columns = file
        .prepare(
            "SELECT t.name || '.' || c.name || iif(c.\"notnull\" OR c.pk, '', '?') FROM sqlite_schema t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'search%' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name || '.' || c.name",
        )
        .unwrap();
    let here: Vec<String> = columns.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(there.lines().collect::<Vec<_>>(), here);
}

#[tokio::test]
async fn a_pool_that_was_never_founded_is_not_opened() {
    let stage = Stage::postgres();
    let fault = Store::open_founded(stage.location(), Arc::clone(&stage.clock) as _).unwrap_err();
    assert!(matches!(fault, StoreFault::Damaged { .. }), "{fault:?}");
}

/// From now on the database refuses every text that says so.
fn poison(url: &str) {
    answer(
        url,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'",
    );
    answer(
        url,
        "CREATE TRIGGER refuse BEFORE INSERT ON body FOR EACH ROW WHEN (NEW.text = 'poison') EXECUTE FUNCTION refuse()",
    );
}

/// What becomes of the next commit on a wire.
const NEVER: u8 = 0;
/// It is cut before the commit goes out.
const BEFORE: u8 = 1;
/// It is cut before the answer comes back.
const AFTER: u8 = 2;
/// It does not go out until it is released, and until then nothing comes back: who sent it stands still.
const HELD: u8 = 3;
/// It goes out, and nothing more comes back; that the wire is cut is noticed when it is released.
const UNHEARD: u8 = 4;
/// It goes out, nothing comes back, and nobody is let through any more.
const LAST: u8 = 5;

/// A way over loopback to a new database of a server that listens on a socket only.
pub fn plain_way_to(cluster: &Cluster) -> String {
    Wire::to(cluster).url()
}

/// A way to a database that is cut or held at a commit.
struct Wire {
    port: u16,
    database: String,
    /// The way to the same database past this one.
    behind: String,
    next: Arc<AtomicU8>,
    hold: Arc<Hold>,
}

/// Where a commit is held.
#[derive(Default)]
struct Hold {
    held: tokio::sync::Notify,
    is_free: Mutex<bool>,
    freed: Condvar,
}

impl Hold {
    fn wait(&self) {
        self.held.notify_one();
        let is_free = self.is_free.lock().unwrap();
        drop(self.freed.wait_while(is_free, |is_free| !*is_free).unwrap());
    }
}

impl Wire {
    fn to(cluster: &Cluster) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let behind = cluster.database();
        let wire = Self {
            port: listener.local_addr().unwrap().port(),
            database: name_in(&behind).to_owned(),
            behind,
            next: Arc::default(),
            hold: Arc::default(),
        };
        let (socket, next, hold) = (cluster.socket(), Arc::clone(&wire.next), Arc::clone(&wire.hold));
        thread::spawn(move || carry_all(&listener, &socket, &next, &hold));
        wire
    }

    fn url(&self) -> String {
        format!("postgres://causerie@127.0.0.1:{}/{}", self.port, self.database)
    }

    fn next_commit(&self, cut: u8) {
        self.next.store(cut, Ordering::SeqCst);
    }

    async fn is_held(&self) {
        self.hold.held.notified().await;
    }

    fn release(&self) {
        *self.hold.is_free.lock().unwrap() = true;
        self.hold.freed.notify_all();
    }
}

fn carry_all(listener: &TcpListener, socket: &Path, next: &Arc<AtomicU8>, hold: &Arc<Hold>) {
    let is_cut = Arc::new(AtomicBool::new(false));
    while let Ok((client, _)) = listener.accept() {
        if is_cut.load(Ordering::SeqCst) {
            continue;
        }
        let (socket, next, hold, is_cut) =
            (socket.to_path_buf(), Arc::clone(next), Arc::clone(hold), Arc::clone(&is_cut));
        thread::spawn(move || {
            let server = UnixStream::connect(socket).unwrap();
            let (answers, back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let is_heard = Arc::new(AtomicBool::new(true));
            let way = (Arc::clone(&is_heard), Arc::clone(&hold));
            thread::spawn(move || carry_back(answers, back, &way.0, &way.1));
            carry(client, server, &Ends { next: &next, hold: &hold, is_heard: &is_heard, is_cut: &is_cut });
        });
    }
}

/// Carries what the database answers, as long as it is heard.
fn carry_back(mut answers: UnixStream, mut back: TcpStream, is_heard: &AtomicBool, hold: &Hold) {
    let mut buffer = [0; 65_536];
    while let Ok(read @ 1..) = answers.read(&mut buffer) {
        if is_heard.load(Ordering::SeqCst) && back.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    if !is_heard.load(Ordering::SeqCst) {
        hold.wait();
    }
    let _ = back.shutdown(Shutdown::Both);
}

/// What may become of a way, and who says so.
struct Ends<'w> {
    next: &'w AtomicU8,
    hold: &'w Hold,
    is_heard: &'w AtomicBool,
    is_cut: &'w AtomicBool,
}

/// Carries what a client says, until a commit is to be cut.
fn carry(mut client: TcpStream, mut server: UnixStream, ends: &Ends<'_>) {
    let mut buffer = [0; 65_536];
    while let Ok(read @ 1..) = client.read(&mut buffer) {
        let said = &buffer[..read];
        let cut = if said.windows(7).any(|word| word == b"COMMIT\0") {
            ends.next.swap(NEVER, Ordering::SeqCst)
        } else {
            NEVER
        };
        match cut {
            HELD => {
                ends.is_heard.store(false, Ordering::SeqCst);
                ends.hold.wait();
                ends.is_heard.store(true, Ordering::SeqCst);
            }
            UNHEARD => ends.is_heard.store(false, Ordering::SeqCst),
            LAST => ends.is_cut.store(true, Ordering::SeqCst),
            _ => (),
        }
        if matches!(cut, BEFORE | AFTER | LAST) {
            client.shutdown(Shutdown::Both).unwrap();
        }
        if cut == BEFORE || server.write_all(said).is_err() {
            break;
        }
        if cut == LAST {
            ends.hold.held.notify_one();
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}
