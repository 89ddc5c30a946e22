//! Each check of a verdict finds what it is for: a story that ended well is forged in one place, and no longer passes.

use std::time::Duration;

use testkit::chat::Position;
use testkit::rooms::Trouble;
use testkit::{Line, Met, Pool, Storm, Strength};

/// A storm that ended well.
fn told() -> Pool {
    let (pool, faults) = Storm::weather(2, Strength { seconds: 8, ..Strength::default() });
    assert_eq!(faults, [""; 0]);
    assert_eq!(pool.verdict().faults, [""; 0]);
    pool
}

/// What is found when lines are changed.
fn forged(change: impl FnOnce(&mut Vec<Line>)) -> String {
    let mut pool = told();
    pool.forge(change);
    pool.verdict().faults.join("\n")
}

fn posts(lines: &mut [Line]) -> impl Iterator<Item = (usize, &mut Line)> {
    lines.iter_mut().enumerate().filter(|(_, line)| matches!(line.met, Met::Post { .. }))
}

/// The places of two posts that one endpoint was shown one after the other, of one room.
fn neighbours(lines: &[Line]) -> (usize, usize) {
    let of = |line: &Line| match &line.met {
        Met::Post { room, .. } => Some((line.endpoint, *room)),
        _ => None,
    };
    for (first, line) in lines.iter().enumerate() {
        let Some(key) = of(line) else { continue };
        let next = lines[first + 1..].iter().position(|line| {
            line.endpoint == key.0
                && (of(line) == Some(key) || matches!(line.met, Met::Removed { .. } | Met::Parted { .. }))
        });
        if let Some(next) = next.map(|next| first + 1 + next)
            && of(&lines[next]) == Some(key)
        {
            return (first, next);
        }
    }
    panic!("somebody is shown two posts of a room");
}

#[test]
fn a_post_that_is_left_out_is_found() {
    let found = forged(|lines| {
        let (first, _) = neighbours(lines);
        lines.remove(first);
    });
    assert!(found.contains("left out before"), "{found}");
}

#[test]
fn posts_in_another_order_are_found() {
    let found = forged(|lines| {
        let (first, second) = neighbours(lines);
        let met = lines[first].met.clone();
        lines[first].met = lines[second].met.clone();
        lines[second].met = met;
    });
    assert!(found.contains("shown") && found.contains("after"), "{found}");
}

#[test]
fn a_post_that_is_shown_twice_is_found() {
    let found = forged(|lines| {
        let (first, _) = neighbours(lines);
        lines.insert(first, lines[first].clone());
    });
    assert!(found.contains("shown"), "{found}");
}

#[test]
fn a_post_that_is_not_kept_is_found() {
    let found = forged(|lines| {
        for (_, line) in posts(lines) {
            if let Met::Post { text, .. } = &mut line.met {
                "something nobody said".clone_into(text);
            }
        }
    });
    assert!(found.contains("which is not kept"), "{found}");
}

#[test]
fn an_answer_for_what_is_not_kept_is_found() {
    let found = forged(|lines| {
        let answered = lines.iter_mut().find_map(|line| match &mut line.met {
            Met::Answered { outcome: Ok(position), .. } => Some(position),
            _ => None,
        });
        *answered.expect("something is kept") = Position { era: 1, number: 9_999 };
    });
    assert!(found.contains("was answered as kept"), "{found}");
}

#[test]
fn somebody_who_sees_a_room_of_others_is_found() {
    let mut pool = Pool::of(1, 2);
    let alice = pool.come("alice", 0).expect("the server is up");
    let zoe = pool.come("zoe", 1).expect("the server is up");
    pool.join(alice, "Board");
    pool.pass(Duration::from_secs(1));
    pool.say(alice, "Board", "nobody else may know");
    pool.pass(Duration::from_secs(1));
    assert_eq!(pool.verdict().faults, [""; 0]);
    pool.forge(|lines| {
        let mut shown =
            lines.iter().find(|line| matches!(line.met, Met::Post { .. })).expect("she sees it").clone();
        shown.endpoint = zoe;
        lines.push(shown);
    });
    let found = pool.verdict().faults.join("\n");
    assert!(found.contains("zoe") && found.contains("being no member then"), "{found}");
}

#[test]
fn somebody_who_leaves_twice_is_found() {
    let found = forged(|lines| {
        let left = lines.iter().position(|line| matches!(line.met, Met::Left { .. })).expect("somebody left");
        lines.insert(left, lines[left].clone());
    });
    assert!(found.contains("left and was not there"), "{found}");
}

#[test]
fn somebody_who_comes_twice_is_found() {
    let found = forged(|lines| {
        let came = lines.iter().position(|line| matches!(line.met, Met::Came { .. })).expect("somebody came");
        lines.insert(came, lines[came].clone());
    });
    assert!(found.contains("came and was there"), "{found}");
}

#[test]
fn a_server_that_broke_is_found() {
    let found = forged(|lines| {
        lines[0].met = Met::Ended(testkit::rooms::EndReason::Broken);
    });
    assert!(found.contains("broke"), "{found}");
}

#[test]
fn a_post_that_is_kept_and_answered_as_not_kept_is_found() {
    let mut pool = Pool::of(1, 2);
    let alice = pool.come("alice", 0).expect("the server is up");
    pool.join(alice, "Lobby");
    pool.pass(Duration::from_secs(1));
    pool.say(alice, "Lobby", "am I heard?");
    pool.pass(Duration::from_secs(1));
    assert_eq!(pool.verdict().faults, [""; 0]);
    for (trouble, is_found) in [(Trouble::Stopping, true), (Trouble::Busy, true), (Trouble::Unknown, false)] {
        pool.forge(|lines| {
            let answer = lines.iter_mut().find_map(|line| match &mut line.met {
                Met::Answered { outcome, .. } => Some(outcome),
                _ => None,
            });
            *answer.expect("she was answered") = Err(trouble.clone());
        });
        let found = pool.verdict().faults.join("\n");
        assert_eq!(found.contains("was answered as not kept and is there"), is_found, "{trouble:?}: {found}");
    }
}
