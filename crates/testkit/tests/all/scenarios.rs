//! Stories of what has broken designs of journals before, each by its name in the design: over several servers, in one process.

use std::time::Duration;

use chat::{PersonId, Principal, Refusal, Room};
use rooms::{Limits, Trouble};
use store::{Act, Amend, AmendOutcome, Amendment, CategoryDraft, RoomDraft, RowChange, StoreFault};
use testkit::chat::{self, Actor, Draft, Text};
use testkit::{Met, Pool, rooms, store};

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

fn millis(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// Two servers, Alice at the first and Bob at the second, both in a room.
fn alice_and_bob(room: &str) -> (Pool, usize, usize) {
    let mut pool = Pool::of(1, 2);
    let [alice, bob] = both(&mut pool, room);
    (pool, alice, bob)
}

fn both(pool: &mut Pool, room: &str) -> [usize; 2] {
    let endpoints = [("alice", 0), ("bob", 1)].map(|(who, at)| pool.come(who, at).expect("the server is up"));
    for endpoint in endpoints {
        pool.join(endpoint, room);
    }
    // Between two looks that each server takes by itself.
    pool.pass(millis(1_300));
    endpoints
}

fn nothing_is_wrong(pool: &Pool) {
    assert_eq!(pool.verdict().faults, [""; 0]);
}

fn room_without(room: &Room, member: PersonId) -> RowChange {
    let room = room.clone();
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
        members: room.members.into_iter().filter(|one| *one != Principal::Person(member)).collect(),
        managers: room.managers,
        presenters: room.presenters,
    };
    RowChange::SetRoom { id: room.id, expected_rules: None, draft }
}

fn read_room(pool: &Pool, name: &str) -> Room {
    let id = pool.room(name).0;
    pool.at(0, |store, _| async move { store.room(id).await.expect("a read").expect("a room") })
}

#[test]
fn the_last_hint_is_lost_in_a_quiet_room() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    pool.cut_wire(true);
    pool.say(alice, "Lobby", "is anybody there?");
    pool.pass(millis(1_100));
    assert_eq!(pool.shown(bob, "Lobby"), ["is anybody there?"], "it costs at most a second");
    nothing_is_wrong(&pool);
}

#[test]
fn a_server_is_stopped_before_its_commit_and_goes_on_after_it_was_taken_over() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    pool.slow_writes(0, millis(50));
    pool.say(alice, "Lobby", "too late");
    pool.pass(millis(20));
    pool.freeze(0);
    pool.pass(seconds(20));
    pool.say(bob, "Lobby", "they are gone");
    pool.pass(seconds(1));
    pool.thaw(0);
    pool.pass(seconds(3));
    assert!(pool.answers("too late").iter().all(Result::is_err), "{:?}", pool.answers("too late"));
    assert_eq!(pool.shown(bob, "Lobby"), ["they are gone"]);
    assert!(!pool.is_up(0), "its time is over, and it knows");
    assert_eq!(pool.told_of(bob, "Lobby"), Some(["bob".to_owned()].into()));
    let lefts = pool.met(bob).filter(|met| matches!(met, Met::Left { .. })).count();
    assert_eq!(lefts, 1, "she left once");
    nothing_is_wrong(&pool);
}

#[test]
fn a_member_removed_a_moment_ago_slips_no_word_in_through_another_server() {
    let (mut pool, alice, bob) = alice_and_bob("Engineering");
    pool.cut_wire(true);
    pool.change(0, vec![room_without(&read_room(&pool, "Engineering"), pool.person("bob"))]);
    pool.say(bob, "Engineering", "I am still here");
    pool.pass(millis(50));
    let answers = pool.answers("I am still here");
    assert_eq!(answers, [Err(Trouble::Refused(Refusal::NotAllowed))], "his server had not heard of it");
    pool.pass(seconds(2));
    assert!(pool.met(bob).any(|met| matches!(met, Met::Removed { .. })));
    assert!(pool.shown(alice, "Engineering").is_empty());
    nothing_is_wrong(&pool);
}

#[test]
fn a_commit_whose_outcome_is_unknown_is_looked_up_and_tried_again_if_it_was_not_kept() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    for (text, kept) in [("kept", true), ("not kept", false)] {
        pool.sever_commit(0, kept);
        pool.say(alice, "Lobby", text);
        pool.pass(seconds(2));
        assert_eq!(pool.answers(text).iter().map(Result::is_ok).collect::<Vec<_>>(), [true]);
        // She does not trust it and says it again, under the same client id.
        pool.say(alice, "Lobby", text);
        pool.pass(seconds(2));
    }
    assert_eq!(pool.shown(bob, "Lobby"), ["kept", "not kept"], "each once");
    nothing_is_wrong(&pool);
}

#[test]
fn whoever_saw_what_was_lost_is_told_to_forget_it_when_an_era_begins() {
    let (mut pool, alice, _) = alice_and_bob("Lobby");
    pool.say(alice, "Lobby", "before");
    pool.pass(seconds(1));
    let fork = pool.answers("before")[0].clone().expect("it is kept");
    pool.stop(0);
    pool.stop(1);
    let copy = pool.backup();
    pool.start(0);
    pool.start(1);
    let [alice, _] = both(&mut pool, "Lobby");
    pool.say(alice, "Lobby", "lost with the disk");
    pool.pass(seconds(1));
    let above = pool.answers("lost with the disk")[0].clone().expect("it is kept");
    pool.stop(0);
    pool.stop(1);
    pool.restore(&copy);
    pool.start(0);
    pool.start(1);

    let [alice, bob] = both(&mut pool, "Lobby");
    pool.catch_up(bob, "Lobby", above);
    pool.pass(millis(100));
    let told = pool.met(bob).find_map(|met| match met {
        Met::Page { reset, .. } => Some(*reset),
        _ => None,
    });
    assert_eq!(told, Some(Some(fork)), "what came after is void");
    pool.say(alice, "Lobby", "after");
    pool.pass(seconds(1));
    let after = pool.answers("after")[0].clone().expect("it is kept");
    assert!(after.era > above.era && after.number > above.number, "{above:?} names nothing else");
    assert_eq!(pool.shown(bob, "Lobby"), ["after"]);
}

#[test]
fn batches_of_overlapping_rooms_on_four_servers_give_one_order() {
    let mut pool = Pool::of(1, 4);
    let rooms = ["Lobby", "Kitchen", "Engineering"];
    let people = ["alice", "bob", "carol", "dave"];
    let endpoints: Vec<usize> =
        (0..4).map(|at| pool.come(people[at], at).expect("the server is up")).collect();
    for endpoint in &endpoints {
        rooms.iter().for_each(|room| pool.join(*endpoint, room));
    }
    pool.pass(seconds(1));
    for round in 0..10 {
        for (at, endpoint) in endpoints.iter().enumerate() {
            pool.slow_writes(at, millis(7));
            for (number, room) in rooms.iter().cycle().skip(at).take(3).enumerate() {
                pool.say(*endpoint, room, &format!("{} says {round}.{number}", people[at]));
            }
        }
        pool.pass(millis(20));
    }
    pool.pass(seconds(2));
    for room in rooms {
        let first = pool.shown(endpoints[0], room);
        assert_eq!(first.len(), 40, "everything that was said");
        assert!(endpoints.iter().all(|endpoint| pool.shown(*endpoint, room) == first), "{room}");
    }
    nothing_is_wrong(&pool);
}

#[test]
fn what_the_database_cannot_bear_is_refused_alone() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    for endpoint in [alice, bob] {
        pool.join(endpoint, "Kitchen");
    }
    pool.pass(seconds(1));
    pool.poison(0, Some("Kitchen"));
    pool.slow_writes(0, millis(20));
    pool.say(alice, "Lobby", "one");
    pool.say(alice, "Kitchen", "poison");
    pool.say(alice, "Lobby", "two");
    pool.pass(seconds(1));
    assert_eq!(pool.shown(bob, "Lobby"), ["one", "two"], "they were in one batch with it");
    let answers = pool.answers("poison");
    assert!(matches!(answers[..], [Err(Trouble::Store(StoreFault::Rejected { .. }))]), "{answers:?}");
    assert!(pool.shown(bob, "Kitchen").is_empty());
    nothing_is_wrong(&pool);
}

#[test]
fn a_message_replaced_before_it_is_copied_is_shown_as_it_is_now() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    pool.cut_wire(true);
    pool.say(alice, "Lobby", "my password is 1234");
    pool.pass(millis(20));
    let lobby = pool.room("Lobby").0;
    let with = Draft { text: Text::parse("something else").expect("a text"), rtf: None, alert: false };
    pool.at(0, |store, _| async move {
        let act = Act::of(Actor::Server, "{}".into());
        let amend = Amend { room: lobby, posts: vec![1], to: Amendment::Replace(with), act };
        let done = store.amend(amend).await.expect("it is kept");
        assert!(matches!(done, AmendOutcome::Amended { .. }), "{done:?}");
    });
    pool.pass(seconds(2));
    assert_eq!(pool.shown(bob, "Lobby"), ["something else"], "his server was behind");
    nothing_is_wrong(&pool);
}

/// The first replacement has no text any more when it is copied: it is not to be taken for a removal.
#[test]
fn a_message_replaced_twice_before_it_is_copied_is_shown_and_remembered_as_it_is_now() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    pool.cut_wire(true);
    pool.say(alice, "Lobby", "my password is 1234");
    pool.pass(millis(20));
    let (lobby, guid) = pool.room("Lobby");
    for text in ["my password is secret", "something else"] {
        let with = Draft { text: Text::parse(text).expect("a text"), rtf: None, alert: false };
        pool.at(0, |store, _| async move {
            let act = Act::of(Actor::Server, "{}".into());
            let amend = Amend { room: lobby, posts: vec![1], to: Amendment::Replace(with), act };
            let done = store.amend(amend).await.expect("it is kept");
            assert!(matches!(done, AmendOutcome::Amended { .. }), "{done:?}");
        });
    }
    pool.pass(seconds(2));
    assert_eq!(pool.shown(bob, "Lobby"), ["something else"], "his server was behind");
    let who = pool.person("bob");
    let history = pool.at(1, |_, rooms| async move {
        let read = rooms.of(who).expect("he may ask").history(guid, None).await.expect("a read");
        read.iter().map(|post| post.text.to_string()).collect::<Vec<_>>()
    });
    assert_eq!(history, ["something else"], "as his server remembers it");
    nothing_is_wrong(&pool);
}

#[test]
fn a_category_is_narrowed_while_its_people_post_through_a_lagging_server() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    pool.cut_wire(true);
    let id = read_room(&pool, "Lobby").category;
    let category = pool.at(0, |store, _| async move { store.category(id).await.expect("a read") });
    let category = category.expect("a category");
    let mut scope = category.scope;
    scope.denied.push(Principal::Person(pool.person("bob")));
    let draft = CategoryDraft {
        name: category.name,
        description: category.description,
        scope,
        creators: category.creators,
        invitations: category.invitations,
        file_upload: category.file_upload,
        history: category.history,
    };
    pool.change(0, vec![RowChange::SetCategory { id, expected_rules: None, draft }]);
    pool.say(bob, "Lobby", "am I out?");
    pool.say(alice, "Lobby", "he must not see this");
    pool.pass(seconds(3));
    assert_eq!(pool.answers("am I out?"), [Err(Trouble::Refused(Refusal::NotFound))]);
    assert!(pool.shown(bob, "Lobby").is_empty());
    assert_eq!(pool.shown(alice, "Lobby"), ["he must not see this"]);
    nothing_is_wrong(&pool);
}

#[test]
fn somebody_is_disabled_by_an_import_while_posting_elsewhere() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    pool.cut_wire(true);
    pool.disable(0, "bob");
    pool.say(bob, "Lobby", "I quit!");
    pool.pass(seconds(2));
    let answers = pool.answers("I quit!");
    assert!(matches!(answers[..], [Err(Trouble::Refused(_))]), "{answers:?}");
    assert!(pool.shown(alice, "Lobby").is_empty());
    assert!(pool.met(bob).any(|met| matches!(met, Met::Ended(rooms::EndReason::PersonGone))));
    assert_eq!(pool.told_of(alice, "Lobby"), Some(["alice".to_owned()].into()));
    nothing_is_wrong(&pool);
}

#[test]
fn a_slow_reader_in_a_room_of_sixteen_thousand_holds_nobody_up_and_misses_nothing() {
    const CROWD: usize = 16_000;
    let limits = Limits {
        sessions_per_person: CROWD,
        outbox: 20,
        memory_bytes: 10_000,
        participant_updates: Some(3),
        ..Limits::default()
    };
    let mut pool = Pool::with(1, 2, limits);
    let alice = pool.come("alice", 0).expect("the server is up");
    let slow = pool.come_slowly("bob", 1, millis(150)).expect("the server is up");
    let others = ["carol", "dave", "erin", "frank"];
    let crowd: Vec<usize> =
        (0..CROWD).map(|n| pool.come(others[n % 4], n % 2).expect("the server is up")).collect();
    for endpoint in crowd.iter().copied().chain([alice, slow]) {
        pool.join(endpoint, "Lobby");
    }
    pool.pass(seconds(1));
    let texts: Vec<String> = (0..40).map(|n| format!("line {n}")).collect();
    for text in &texts {
        pool.say(alice, "Lobby", text);
    }
    pool.pass(millis(1_500));
    assert!(crowd.iter().step_by(997).all(|endpoint| pool.shown(*endpoint, "Lobby") == texts));
    assert!(pool.shown(slow, "Lobby").len() < 20, "he is slow");
    pool.pass(seconds(6));
    assert_eq!(pool.shown(slow, "Lobby"), texts);
    assert_eq!(pool.headcounts("Lobby"), [6, 6], "each counts once, wherever");
}

#[test]
fn the_database_is_gone_for_a_minute() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    pool.say(alice, "Lobby", "before");
    pool.pass(seconds(1));
    for machine in 0..2 {
        pool.database_away(machine, true);
    }
    pool.pass(seconds(5));
    pool.say(alice, "Lobby", "meanwhile");
    pool.pass(seconds(55));
    let answers = pool.answers("meanwhile");
    assert!(matches!(answers[..], [Err(Trouble::Store(StoreFault::Unavailable { .. }))]), "{answers:?}");
    for machine in 0..2 {
        pool.database_away(machine, false);
    }
    pool.pass(seconds(10));
    assert!(pool.is_up(0) && pool.is_up(1), "no restart is needed");
    pool.say(bob, "Lobby", "after");
    pool.pass(seconds(2));
    for endpoint in [alice, bob] {
        assert_eq!(pool.shown(endpoint, "Lobby"), ["before", "after"], "the links are the same");
    }
    nothing_is_wrong(&pool);
}

#[test]
fn a_server_that_alone_is_cut_off_from_the_database_ends_and_its_people_come_back_and_miss_nothing() {
    let (mut pool, alice, bob) = alice_and_bob("Lobby");
    pool.say(alice, "Lobby", "before");
    pool.pass(seconds(1));
    let seen = pool.answers("before")[0].clone().expect("it is kept");
    pool.database_away(1, true);
    pool.pass(seconds(2));
    pool.say(alice, "Lobby", "is he there?");
    pool.pass(seconds(18));
    assert!(!pool.is_up(1), "it heard that the others go on");
    assert_eq!(pool.shown(bob, "Lobby"), ["before"]);
    assert_eq!(pool.told_of(alice, "Lobby"), Some(["alice".to_owned()].into()));
    pool.start(1);
    assert!(!pool.is_up(1), "it cannot take its place yet");

    let bob = pool.come("bob", 0).expect("the other server is up");
    pool.join(bob, "Lobby");
    pool.catch_up(bob, "Lobby", seen);
    pool.database_away(1, false);
    pool.start(1);
    let carol = pool.come("carol", 1).expect("it is back");
    pool.join(carol, "Lobby");
    pool.pass(seconds(2));
    pool.say(carol, "Lobby", "here we are");
    pool.pass(seconds(2));
    let read = pool.met(bob).find_map(|met| match met {
        Met::Page { posts, .. } => Some(posts.iter().filter_map(|(_, text)| text.clone()).collect()),
        _ => None,
    });
    assert_eq!(read, Some(vec!["is he there?".to_owned()]));
    assert_eq!(pool.shown(bob, "Lobby"), ["here we are"]);
    assert_eq!(pool.headcounts("Lobby"), [3, 3]);
    nothing_is_wrong(&pool);
}
