//! Each check of a verdict and of the end of a storm finds what it is for, where a server does wrong or its store is damaged.
//! What is found by what people met alone is in `verdicts.rs`.

use std::time::Duration;

use chat::{Actor, Mask, PersonId, Position, Principal, RoomId, Stand, Under};
use rooms::EndReason;
use store::{CategoryDraft, NewPost, Order, PersonDraft, PostOutcome, RoomDraft, RowChange, Store};
use testkit::chat::{self, Draft, Text};
use testkit::{Line, Met, Pool, Storm, Strength, rooms, store};

/// As small as a storm can be that has everything.
const SMALL: Strength = Strength { machines: 2, people: 6, seconds: 6 };

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// Alice at the first server and Zoe at the second; Alice is in the Board, which Zoe is no member of, and both are in the Lobby.
fn alice_and_zoe() -> (Pool, usize, usize) {
    let mut pool = Pool::of(1, 2);
    let alice = pool.come("alice", 0).expect("the server is up");
    let zoe = pool.come("zoe", 1).expect("the server is up");
    for (endpoint, room) in [(alice, "Board"), (alice, "Lobby"), (zoe, "Lobby")] {
        pool.join(endpoint, room);
    }
    pool.pass(seconds(1));
    pool.say(alice, "Lobby", "good morning");
    pool.pass(seconds(1));
    assert_eq!(pool.verdict().faults, [""; 0]);
    (pool, alice, zoe)
}

fn found(pool: &Pool) -> String {
    pool.verdict().faults.join("\n")
}

/// A server that asks no rule keeps what somebody says.
fn keep(pool: &Pool, who: &str, room: &str, text: &str) {
    let (author, room) = (pool.person(who), pool.room(room).0);
    let draft = Draft { text: Text::parse(text).expect("a text"), rtf: None, alert: false };
    pool.at(0, |store, _| async move {
        let under = under(&store, author, room).await;
        let new = NewPost {
            room,
            author,
            under,
            client_id: None,
            draft,
            kept: true,
            story: false,
            mentions: Vec::new(),
        };
        let outcome = store.post(new).await.expect("it is kept");
        assert!(matches!(outcome, PostOutcome::Recorded(_)), "{outcome:?}");
    });
}

async fn under(store: &Store, author: PersonId, room: RoomId) -> Under {
    let room = store.room(room).await.expect("a read").expect("a room");
    let category = store.category(room.category).await.expect("a read").expect("a category");
    let author = store.person(author).await.expect("a read").expect("somebody");
    Under { room_rules: room.rules, category_rules: category.rules, standing: author.standing }
}

/// An administrator changes rows, and says what is made of it as those of storms do.
fn order(pool: &Pool, asked: &str, change: RowChange) {
    let asked = asked.to_owned();
    pool.at(0, |store, _| async move {
        store.administer(Order::of(Actor::Server, asked), vec![change]).await.expect("the change is taken");
    });
}

/// Zoe is no longer admitted to anything of the category of the Lobby.
fn deny_zoe(pool: &Pool) {
    let (zoe, lobby) = (pool.person("zoe"), pool.room("Lobby").0);
    let category = pool.at(0, |store, _| async move {
        let room = store.room(lobby).await.expect("a read").expect("a room");
        store.category(room.category).await.expect("a read").expect("a category")
    });
    let mut scope = category.scope;
    scope.denied.push(Principal::Person(zoe));
    let draft = CategoryDraft {
        name: category.name,
        description: category.description,
        scope,
        creators: category.creators,
        invitations: category.invitations,
        file_upload: category.file_upload,
        history: category.history,
    };
    let change = RowChange::SetCategory { id: category.id, expected_rules: None, draft };
    order(pool, &format!("{{\"denied\":[{}]}}", zoe.0), change);
}

fn disable_zoe(pool: &Pool) {
    set_zoe(pool, false);
}

fn set_zoe(pool: &Pool, enabled: bool) {
    let id = pool.person("zoe");
    let person =
        pool.at(0, |store, _| async move { store.person(id).await.expect("a read").expect("somebody") });
    let draft = PersonDraft { enabled, ..PersonDraft::local(person.address, person.display_name) };
    order(
        pool,
        &format!("{{\"enabled\":{enabled}}}"),
        RowChange::SetPerson { id, expected_standing: None, draft },
    );
}

/// The Board has no members any more.
fn empty_the_board(pool: &Pool) {
    let id = pool.room("Board").0;
    let room = pool.at(0, |store, _| async move { store.room(id).await.expect("a read").expect("a room") });
    let draft = RoomDraft {
        category: room.category,
        under_category_rules: None,
        name: room.name,
        description: room.description,
        privacy: room.privacy,
        kind: room.kind,
        invitations: room.invitations,
        disabled: room.disabled,
        add_in: room.add_in,
        members: Vec::new(),
        managers: room.managers,
        presenters: room.presenters,
    };
    order(pool, "{\"members\":[]}", RowChange::SetRoom { id, expected_rules: None, draft });
}

/// What was shown to one is shown to another, too.
fn also_shown_to(pool: &mut Pool, endpoint: usize, shown: &str) {
    pool.forge(|lines| {
        let is_it = |line: &&Line| matches!(&line.met, Met::Post { text, .. } if text == shown);
        let time = lines.last().expect("something was met").time;
        let line = Line { endpoint, time, ..lines.iter().find(is_it).expect("it was shown").clone() };
        lines.push(line);
    });
}

fn page(pool: &Pool, room: &str, at: u64, text: &str) -> Met {
    let place = Position { era: 1, number: at };
    let posts = vec![(place, Some(text.to_owned()))];
    Met::Page { room: pool.room(room).1, posts, reset: None, next: place, end: place }
}

/// An endpoint meets something at last.
fn meet(pool: &mut Pool, endpoint: usize, met: Met) {
    pool.forge(|lines| {
        let time = lines.last().expect("something was met").time;
        lines.push(Line { time, endpoint, met });
    });
}

fn damage(pool: &Pool, sql: &str) {
    let conn = rusqlite::Connection::open(pool.file()).expect("the store is there");
    assert!(conn.execute(sql, []).expect("it can be written") > 0, "something is damaged");
}

#[test]
fn a_post_shown_outside_of_any_room_is_found() {
    let (mut pool, _, zoe) = alice_and_zoe();
    pool.forge(|lines| lines.retain(|line| line.endpoint != zoe || !matches!(line.met, Met::Joined { .. })));
    assert!(found(&pool).contains("without a seat"), "{}", found(&pool));
}

#[test]
fn a_page_with_what_nobody_said_is_found() {
    let (mut pool, _, zoe) = alice_and_zoe();
    let met = page(&pool, "Lobby", 1, "good night");
    meet(&mut pool, zoe, met);
    assert!(found(&pool).contains("read") && found(&pool).contains("good night"), "{}", found(&pool));
}

#[test]
fn what_is_kept_twice_is_found() {
    let (pool, ..) = alice_and_zoe();
    keep(&pool, "alice", "Lobby", "good morning");
    assert!(found(&pool).contains("good morning is kept twice"), "{}", found(&pool));
}

#[test]
fn words_of_somebody_who_is_no_member_are_found() {
    let (pool, ..) = alice_and_zoe();
    keep(&pool, "zoe", "Board", "let me in");
    let found = found(&pool);
    assert!(found.contains("zoe said 2 in Board of Board, being no member then"), "{found}");
}

#[test]
fn words_of_somebody_who_is_denied_and_what_is_shown_to_her_are_found() {
    let (mut pool, alice, zoe) = alice_and_zoe();
    deny_zoe(&pool);
    pool.pass(seconds(1));
    pool.say(alice, "Lobby", "is she gone?");
    pool.pass(seconds(1));
    assert_eq!(found(&pool), "");
    keep(&pool, "zoe", "Lobby", "never");
    assert!(found(&pool).contains("zoe said 4 in Lobby of Lobby, being denied then"), "{}", found(&pool));
    also_shown_to(&mut pool, zoe, "is she gone?");
    let found = found(&pool);
    assert!(
        found.contains("zoe") && found.contains("was shown") && found.contains("being denied then"),
        "{found}"
    );
}

#[test]
fn words_of_somebody_who_is_disabled_and_what_is_shown_to_her_are_found() {
    let (mut pool, alice, zoe) = alice_and_zoe();
    disable_zoe(&pool);
    pool.pass(seconds(20));
    pool.say(alice, "Lobby", "is she gone?");
    pool.pass(seconds(1));
    assert_eq!(found(&pool), "");
    also_shown_to(&mut pool, zoe, "is she gone?");
    assert!(found(&pool).contains("long after being disabled"), "{}", found(&pool));
    keep(&pool, "zoe", "Lobby", "never");
    assert!(found(&pool).contains("zoe said 4 in Lobby while disabled"), "{}", found(&pool));
}

#[test]
fn whoever_was_enabled_again_may_be_shown_what_was_said_meanwhile() {
    let (mut pool, alice, _) = alice_and_zoe();
    disable_zoe(&pool);
    pool.pass(seconds(20));
    pool.say(alice, "Lobby", "is she gone?");
    pool.pass(seconds(1));
    set_zoe(&pool, true);
    pool.pass(seconds(1));
    let again = pool.come("zoe", 1).expect("she is admitted");
    pool.join(again, "Lobby");
    pool.pass(seconds(1));
    also_shown_to(&mut pool, again, "is she gone?");
    assert!(!found(&pool).contains("long after being disabled"), "{}", found(&pool));
}

#[test]
fn somebody_who_reads_long_after_having_been_put_out_is_found() {
    let (mut pool, alice, _) = alice_and_zoe();
    pool.say(alice, "Board", "our last meeting");
    pool.pass(seconds(1));
    empty_the_board(&pool);
    pool.pass(seconds(20));
    assert_eq!(found(&pool), "");
    let met = page(&pool, "Board", 1, "our last meeting");
    pool.say(alice, "Lobby", "what was it about?");
    pool.pass(seconds(1));
    meet(&mut pool, alice, met);
    assert!(found(&pool).contains("read Board and was put out at"), "{}", found(&pool));
}

#[test]
fn a_journal_with_a_broken_chain_is_found_whatever_it_is_of() {
    for (kind, name) in
        [(1, "the journal of Lobby"), (2, "the journal of ServerId"), (3, "the journal of the pool")]
    {
        let (pool, ..) = alice_and_zoe();
        let of = format!("journal IN (SELECT journal FROM head WHERE kind = {kind})");
        damage(&pool, &format!("UPDATE entry SET chain = zeroblob(32) WHERE {of}"));
        assert!(found(&pool).contains(name), "{kind}: {}", found(&pool));
    }
}

#[test]
fn a_journal_whose_posts_are_counted_wrongly_is_found() {
    let (mut pool, alice, _) = alice_and_zoe();
    damage(&pool, "UPDATE head SET posts = posts + 4 WHERE kind = 1 AND posts > 0");
    pool.say(alice, "Lobby", "something is missing");
    pool.pass(seconds(1));
    assert!(found(&pool).contains("post 6 stands where 2 should"), "{}", found(&pool));
}

#[test]
fn a_journal_with_a_hole_is_found() {
    let (mut pool, alice, _) = alice_and_zoe();
    pool.say(alice, "Lobby", "and good night");
    pool.pass(seconds(1));
    let lobby = "journal IN (SELECT journal FROM head WHERE kind = 1 AND posts > 0)";
    damage(&pool, &format!("DELETE FROM entry WHERE {lobby} AND number = 2"));
    assert!(found(&pool).contains("Lobby: 3 comes after 1"), "{}", found(&pool));
}

/// What is found at the end of a storm in which people hear other things than they are told.
fn heard(hears: impl FnMut(&mut Line) -> bool + 'static) -> String {
    Storm::spoilt(3, SMALL, |_| (), hears).join("\n")
}

#[test]
fn a_storm_that_nobody_spoils_ends_well() {
    assert_eq!(heard(|_| true), "");
}

#[test]
fn somebody_who_never_comes_back_is_found() {
    let found = heard(|line| {
        line.met = Met::Ended(EndReason::TooSlow);
        true
    });
    assert!(found.contains("is not back"), "{found}");
}

#[test]
fn somebody_who_is_never_told_is_found() {
    let found =
        heard(|line| !matches!(line.met, Met::Joined { .. } | Met::NotJoined { .. } | Met::Page { .. }));
    assert!(found.contains("was not told what happened"), "{found}");
}

#[test]
fn somebody_who_is_never_answered_is_found() {
    let found = heard(|line| !matches!(line.met, Met::Answered { .. }));
    assert!(found.contains("was never answered"), "{found}");
}

#[test]
fn somebody_who_never_sees_a_post_is_found() {
    let found = heard(|line| {
        if let Met::Page { posts, .. } = &mut line.met {
            posts.clear();
        }
        !matches!(line.met, Met::Post { .. })
    });
    assert!(found.contains("never saw"), "{found}");
}

#[test]
fn somebody_who_is_told_to_forget_what_is_kept_is_found() {
    let found = heard(|line| {
        if let Met::Page { reset, .. } = &mut line.met {
            *reset = Some(Position { era: 1, number: 0 });
        }
        true
    });
    assert!(found.contains("was reset"), "{found}");
}

#[test]
fn somebody_who_believes_others_to_be_where_they_are_not_is_found() {
    // Where a small number makes a room large, nobody is told enough to believe anything.
    let found = (1..=5).map(|seed| {
        let hears = |line: &mut Line| {
            if let Met::Joined { people, .. } = &mut line.met {
                people.clear();
            }
            !matches!(line.met, Met::Came { .. })
        };
        Storm::spoilt(seed, SMALL, |_| (), hears).join("\n")
    });
    let found: String = found.collect();
    assert!(found.contains("believes"), "{found}");
}

#[test]
fn servers_that_do_not_agree_who_is_there_are_found() {
    let haunt = |pool: &mut Pool| {
        let (ghost, lobby) = (pool.person("zoe"), pool.room("Lobby").0);
        let machine = (0..2).find(|machine| pool.is_up(*machine)).expect("a server is up");
        pool.thaw(machine);
        pool.database_away(machine, false);
        pool.at(machine, |store, _| async move {
            let stand = Stand { room: lobby, at: Position { era: 1, number: 1 }, mask: Mask::default() };
            store.join(ghost, 9_999, vec![stand]).await.expect("it is kept");
        });
    };
    let found = Storm::spoilt(3, SMALL, haunt, |_| true).join("\n");
    assert!(found.contains("are in Lobby, and the servers say"), "{found}");
}
