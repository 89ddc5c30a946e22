//! Stories of several servers of one pool: what happens at one is known at all, and who is where, whatever becomes of a server.

use std::time::Duration;

use chat::{Draft, Text};
use rooms::{Limits, Page, Start, Trouble};
use testkit::{Met, Pool, chat, rooms};

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

fn names(names: &[&str]) -> Option<std::collections::BTreeSet<String>> {
    Some(names.iter().map(|name| (*name).to_owned()).collect())
}

/// Somebody in a room at a server.
fn inside(pool: &mut Pool, who: &str, at: usize, room: &str) -> usize {
    let endpoint = pool.come(who, at).expect("the server is up");
    pool.join(endpoint, room);
    pool.pass(seconds(1));
    endpoint
}

fn nothing_is_wrong(pool: &Pool) {
    assert_eq!(pool.verdict().faults, [""; 0]);
}

#[test]
fn what_is_said_at_one_server_is_shown_at_the_other() {
    let mut pool = Pool::of(1, 2);
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    let bob = inside(&mut pool, "bob", 1, "Lobby");
    pool.say(alice, "Lobby", "hello");
    pool.pass(seconds(1));
    pool.say(bob, "Lobby", "hello yourself");
    pool.pass(seconds(1));
    for endpoint in [alice, bob] {
        assert_eq!(pool.shown(endpoint, "Lobby"), ["hello", "hello yourself"]);
    }
    nothing_is_wrong(&pool);
}

#[test]
fn people_of_all_servers_are_told_of_each_other() {
    let mut pool = Pool::of(1, 3);
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    let bob = inside(&mut pool, "bob", 1, "Lobby");
    let carol = inside(&mut pool, "carol", 2, "Lobby");
    for endpoint in [alice, bob, carol] {
        assert_eq!(pool.told_of(endpoint, "Lobby"), names(&["alice", "bob", "carol"]));
    }
    assert_eq!(pool.headcounts("Lobby"), [3, 3, 3]);
    pool.part(bob, "Lobby");
    pool.close(carol);
    pool.pass(seconds(1));
    assert_eq!(pool.told_of(alice, "Lobby"), names(&["alice"]));
    assert_eq!(pool.headcounts("Lobby"), [1, 1, 1]);
    nothing_is_wrong(&pool);
}

#[test]
fn whoever_is_in_through_two_servers_comes_once_and_leaves_with_the_last() {
    let mut pool = Pool::of(1, 3);
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    let desk = inside(&mut pool, "bob", 1, "Lobby");
    let phone = inside(&mut pool, "bob", 2, "Lobby");
    pool.say(phone, "Lobby", "from my phone");
    pool.pass(seconds(1));
    assert_eq!(pool.shown(desk, "Lobby"), ["from my phone"]);
    assert_eq!(pool.headcounts("Lobby"), [2, 2, 2], "he counts once");
    pool.close(desk);
    pool.pass(seconds(1));
    assert_eq!(pool.told_of(alice, "Lobby"), names(&["alice", "bob"]));
    pool.close(phone);
    pool.pass(seconds(1));
    let told = pool.met(alice).filter(|met| matches!(met, Met::Came { .. } | Met::Left { .. })).count();
    assert_eq!(told, 2, "he came, and he left");
    nothing_is_wrong(&pool);
}

#[test]
fn a_server_that_starts_knows_who_is_elsewhere() {
    let mut pool = Pool::of(1, 2);
    pool.stop(1);
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    pool.start(1);
    let bob = inside(&mut pool, "bob", 1, "Lobby");
    assert_eq!(pool.told_of(bob, "Lobby"), names(&["alice", "bob"]));
    pool.close(alice);
    pool.pass(seconds(1));
    assert_eq!(pool.told_of(bob, "Lobby"), names(&["bob"]));
    nothing_is_wrong(&pool);
}

#[test]
fn the_people_of_a_server_that_dies_are_gone_for_all_and_come_back_elsewhere() {
    let mut pool = Pool::of(1, 3);
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    let bob = inside(&mut pool, "bob", 1, "Lobby");
    inside(&mut pool, "carol", 1, "Lobby");
    pool.say(bob, "Lobby", "last words");
    pool.pass(seconds(1));
    let seen = pool.answers("last words")[0].clone().expect("they are kept");
    pool.kill(1);
    pool.say(alice, "Lobby", "where is everybody?");
    pool.pass(seconds(15));
    assert_eq!(pool.told_of(alice, "Lobby"), names(&["alice"]));
    assert_eq!(pool.headcounts("Lobby"), [1, 1]);

    let bob = inside(&mut pool, "bob", 2, "Lobby");
    pool.catch_up(bob, "Lobby", seen);
    pool.pass(seconds(1));
    let read = pool.met(bob).find_map(|met| match met {
        Met::Page { posts, .. } => {
            Some(posts.iter().filter_map(|(_, text)| text.clone()).collect::<Vec<_>>())
        }
        _ => None,
    });
    assert_eq!(read, Some(vec!["where is everybody?".to_owned()]), "he missed nothing");
    nothing_is_wrong(&pool);
}

#[test]
fn what_was_sent_again_through_another_server_is_kept_once() {
    let mut pool = Pool::of(1, 2);
    let desk = inside(&mut pool, "alice", 0, "Lobby");
    let phone = inside(&mut pool, "alice", 1, "Lobby");
    pool.say(desk, "Lobby", "hello");
    pool.say(phone, "Lobby", "hello");
    pool.pass(seconds(2));
    let [first, second] = &pool.answers("hello")[..] else { panic!("both are answered") };
    assert_eq!(first, second, "with the same place");
    assert_eq!(pool.shown(desk, "Lobby"), ["hello"]);
    nothing_is_wrong(&pool);
}

#[test]
fn a_server_that_hears_nothing_of_the_pool_shows_no_history_and_keeps_its_links() {
    let mut pool = Pool::of(1, 2);
    let bob = inside(&mut pool, "bob", 1, "Lobby");
    let lobby = pool.room("Lobby").1;
    let who = pool.person("bob");
    let page = |pool: &Pool| {
        pool.at(1, |_, rooms| async move {
            let visitor = rooms.of(who).expect("he may ask");
            visitor.messages(lobby, Page { from: Start::Newest, limit: None }).await.map(drop)
        })
    };
    assert_eq!(page(&pool), Ok(()));
    pool.database_away(1, true);
    pool.pass(seconds(6));
    assert_eq!(page(&pool), Err(Trouble::Behind));
    pool.database_away(1, false);
    pool.pass(seconds(3));
    assert_eq!(page(&pool), Ok(()));
    assert!(!pool.met(bob).any(|met| matches!(met, Met::Ended(_))), "his link is as it was");
}

/// The journal of the server that disabled him is read after that of the server she spoke at.
#[test]
fn who_was_disabled_while_his_server_was_cut_off_is_shown_nothing_of_what_was_said_since() {
    let mut pool = Pool::of(1, 3);
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    let bob = inside(&mut pool, "bob", 2, "Lobby");
    let carol = inside(&mut pool, "carol", 2, "Lobby");
    pool.cut_wire(true);
    pool.database_away(2, true);
    pool.disable(1, "bob");
    pool.pass(seconds(6));
    pool.say(alice, "Lobby", "he must not see this");
    pool.pass(seconds(1));
    pool.slow_reads(2, Duration::from_millis(100));
    pool.database_away(2, false);
    pool.pass(seconds(3));
    assert_eq!(pool.shown(carol, "Lobby"), ["he must not see this"]);
    assert_eq!(pool.shown(bob, "Lobby"), [""; 0]);
    nothing_is_wrong(&pool);
}

#[test]
fn a_room_that_is_large_through_several_servers_is_large_at_each() {
    let mut pool = Pool::with(1, 2, Limits { participant_updates: Some(3), ..Limits::default() });
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    let others: Vec<usize> =
        ["bob", "carol", "dave"].iter().map(|who| inside(&mut pool, who, 1, "Lobby")).collect();
    let came = |pool: &Pool| pool.met(alice).filter(|met| matches!(met, Met::Came { .. })).count();
    assert_eq!(came(&pool), 2, "the third made it large");
    assert_eq!(pool.headcounts("Lobby"), [4, 4]);
    pool.close(others[0]);
    pool.close(others[1]);
    pool.pass(seconds(1));
    assert_eq!(pool.told_of(alice, "Lobby"), names(&["alice", "dave"]), "it is normal again");
}

#[test]
fn what_somebody_keeps_at_one_server_is_there_at_the_other() {
    let mut pool = Pool::of(1, 2);
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    for text in ["one", "two", "three"] {
        pool.say(alice, "Lobby", text);
    }
    pool.pass(seconds(1));
    let (lobby, who) = (pool.room("Lobby").1, pool.person("bob"));
    pool.at(0, |_, rooms| async move {
        let bob = rooms.of(who).expect("he may ask");
        bob.mark_read(lobby, 2).await.expect("it was said");
        bob.set_preference("colour", b"green".to_vec()).await.expect("it is kept");
    });
    pool.pass(seconds(6));
    let (unread, colour) = pool.at(1, |_, rooms| async move {
        let bob = rooms.of(who).expect("he may ask");
        let marks = bob.read_marks().await.expect("a read");
        let colour = bob.preference("colour", None).await.expect("a read");
        (marks[0].unread, colour.content)
    });
    assert_eq!((unread, colour.as_deref()), (1, Some(&b"green"[..])));
}

#[test]
fn a_visitor_posts_through_any_server() {
    let mut pool = Pool::of(1, 2);
    let alice = inside(&mut pool, "alice", 0, "Lobby");
    let (lobby, who) = (pool.room("Lobby").1, pool.person("bob"));
    pool.at(1, |_, rooms| async move {
        let draft = Draft { text: Text::parse("passing by").expect("a text"), rtf: None, alert: false };
        rooms.of(who).expect("he may ask").post(lobby, draft, None).await.expect("it is kept");
    });
    pool.pass(seconds(1));
    assert_eq!(pool.shown(alice, "Lobby"), ["passing by"]);
}
