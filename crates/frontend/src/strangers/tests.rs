//! Who is let in, in all and from one address, at which limits.

use super::*;

fn of(strangers: usize, strangers_per_address: usize) -> Arc<Strangers> {
    Strangers::new(&Limits { strangers, strangers_per_address, ..Limits::default() })
}

fn from(address: &str) -> IpAddr {
    address.parse().expect("an address")
}

#[test]
fn one_address_leaves_room_for_others() {
    let all = of(100, 2);
    for (inside, same, other) in [
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.3", "192.0.2.3", "::ffff:192.0.2.4"),
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ("127.0.0.1", "127.0.0.1", "::1"),
    ] {
        let first = all.enter(from(inside)).expect("the first");
        let second = all.enter(from(same)).expect("the second");
        assert!(all.enter(from(inside)).is_none() && all.enter(from(same)).is_none(), "{inside}");
        assert!(all.enter(from(other)).is_some_and(|other| other.is_welcome()), "{other}");
        drop(first);
        assert!(all.enter(from(inside)).is_some(), "{inside} has room again");
        drop(second);
    }
    let counted = all.counted();
    assert_eq!((counted.welcome, counted.turned_away, counted.by_address.len()), (0, 0, 0));
}

#[test]
fn when_all_places_are_taken_an_eighth_more_is_told_so() {
    let all = of(16, 100);
    let mut inside: Vec<Stranger> = (0..16).filter_map(|_| all.enter(from("192.0.2.1"))).collect();
    assert!(inside.len() == 16 && inside.iter().all(Stranger::is_welcome));
    let turned_away: Vec<Stranger> = (0..16).filter_map(|_| all.enter(from("192.0.2.2"))).collect();
    assert!(turned_away.len() == 2 && !turned_away.iter().any(Stranger::is_welcome));
    inside.pop();
    assert!(all.enter(from("192.0.2.3")).is_some_and(|next| next.is_welcome()), "a place is free");
    assert!(of(1, 1).enter(from("192.0.2.1")).is_some_and(|only| only.is_welcome()));
}
