//! Stories of how far the others are followed while they write on.
//! What is followed is told by `testkit`.

use std::collections::BTreeMap;
use std::time::Duration;

use chat::ServerId;
use pool::Heads;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Peers;

const OWN: ServerId = ServerId(1);
const SECOND: ServerId = ServerId(2);
const THIRD: ServerId = ServerId(3);

fn others(asked: Instant, numbers: [u64; 2]) -> Heads {
    Heads { servers: BTreeMap::from([(OWN, 50), (SECOND, numbers[0]), (THIRD, numbers[1])]), asked }
}

#[test]
fn what_there_was_is_known_once_it_is_followed_however_steadily_the_others_write() {
    let asked = Instant::now();
    let heads = watch::Sender::new(others(asked, [10, 20]));
    let mut peers = Peers::new(Some(heads.subscribe()), OWN, BTreeMap::from([(SECOND, 9), (THIRD, 18)]));
    assert_eq!(peers.look(), [(SECOND, 9), (THIRD, 18)]);
    heads.send_modify(|heads| *heads = others(asked, [11, 21]));
    peers.followed(SECOND, 11);
    peers.followed(THIRD, 19);
    assert_eq!(peers.reached(), None, "one of the third is missing");

    heads.send_modify(|heads| *heads = others(asked + Duration::from_secs(1), [12, 22]));
    assert_eq!(peers.look(), [(SECOND, 11), (THIRD, 19)]);
    heads.send_modify(|heads| *heads = others(asked + Duration::from_secs(1), [13, 23]));
    peers.followed(THIRD, 20);
    assert!(peers.news(), "they have not paused");
    assert_eq!(peers.reached(), Some(asked));
    assert_eq!(peers.reached(), None, "it is said once");
}

#[test]
fn a_number_that_was_only_heard_of_holds_nothing_up() {
    let asked = Instant::now();
    let heads = watch::Sender::new(others(asked, [u64::MAX, 20]));
    let mut peers = Peers::new(Some(heads.subscribe()), OWN, BTreeMap::from([(SECOND, 9), (THIRD, 20)]));
    assert_eq!(peers.look(), [(SECOND, 9)]);
    peers.at_end(SECOND);
    assert_eq!(peers.reached(), Some(asked));
}

#[test]
fn nobody_waits_for_a_number_that_is_gone_when_the_pool_is_read_again() {
    let asked = Instant::now();
    let heads = watch::Sender::new(others(asked, [u64::MAX, 20]));
    let mut peers = Peers::new(Some(heads.subscribe()), OWN, BTreeMap::from([(SECOND, 9), (THIRD, 20)]));
    assert_eq!(peers.look(), [(SECOND, 9)]);
    // Reading its journal fails; meanwhile one entry more is there than before, and not what was heard.
    heads.send_modify(|heads| *heads = others(asked + Duration::from_secs(1), [10, 20]));
    assert_eq!(peers.look(), [(SECOND, 9)]);
    peers.followed(SECOND, 10);
    assert_eq!(peers.reached(), Some(asked));

    heads.send_modify(|heads| *heads = others(asked + Duration::from_secs(2), [u64::MAX, 20]));
    assert_eq!(peers.look(), [(SECOND, 10)]);
    heads.send_modify(|heads| *heads = others(asked + Duration::from_secs(3), [10, 20]));
    assert_eq!(peers.look(), []);
    assert_eq!(peers.reached(), Some(asked + Duration::from_secs(2)));
}
