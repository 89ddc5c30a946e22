//! Stories of which room's posts go next when memory is full: always one that has any, so that room is made.
//! What is then read from the store is told in the stories of `lagging`.

use std::sync::Arc;

use chat::{Address, Ancestors, DisplayName, Person, PersonId, PersonState, Position, Roles, RoomId, Time};
use uuid::Uuid;

use super::{Budget, Tail};
use crate::limits::PRINTED_POSTS;
use crate::printed::Printed;
use crate::values::Post;

const LOBBY: RoomId = RoomId(1);
const ENGINEERING: RoomId = RoomId(2);

fn post(number: u64) -> Arc<Post> {
    let author = Arc::new(Person {
        id: PersonId(1),
        guid: Uuid::from_u128(1),
        address: Address::parse("sip:alice@example.com").expect("an address"),
        display_name: DisplayName::parse("Alice").expect("a name"),
        state: PersonState::Enabled,
        standing: 1,
        admission: 1,
        chat: true,
        bot: false,
        roles: Roles::of(&[]),
        ancestors: Ancestors::default(),
    });
    Arc::new(Post {
        room: Uuid::from_u128(2),
        post: u32::try_from(number).expect("a small number"),
        position: Position { era: 1, number },
        time: Time::from_unix_micros(0),
        author,
        alert: false,
        story: false,
        kept: true,
        text: "hello".into(),
        rtf: None,
        mentions: Vec::new(),
        printed: Printed::default(),
    })
}

#[test]
fn a_room_whose_last_post_was_taken_away_has_nothing_to_give() {
    let (mut budget, mut lobby, mut engineering) = (Budget::new(1), Tail::default(), Tail::default());
    budget.add(LOBBY, &mut lobby, post(1));
    budget.add(ENGINEERING, &mut engineering, post(1));
    assert_eq!(budget.over(), Some(LOBBY), "it was used less lately");
    budget.amend(&mut lobby, 1, None);
    assert_eq!(budget.over(), Some(ENGINEERING));
    budget.shrink(&mut engineering);
    assert_eq!(budget.over(), None);
}

#[test]
fn a_room_without_posts_has_nothing_to_give_however_it_was_used() {
    let (mut budget, mut lobby, mut engineering) = (Budget::new(1), Tail::default(), Tail::default());
    budget.add_older(LOBBY, &mut lobby, 0, &[]);
    budget.touch(LOBBY, &mut lobby);
    budget.add(ENGINEERING, &mut engineering, post(1));
    assert_eq!(budget.over(), Some(ENGINEERING));
}

#[test]
fn only_the_newest_posts_of_a_room_keep_their_printed_form() {
    let (mut budget, mut lobby) = (Budget::new(usize::MAX), Tail::default());
    let posts: Vec<_> = (1..=PRINTED_POSTS as u64 + 1).map(post).collect();
    for post in &posts {
        budget.add(LOBBY, &mut lobby, post.clone());
        post.printed.or_print(|| Arc::from(&b"first"[..]));
    }
    let again = |post: &Post| post.printed.or_print(|| Arc::from(&b"again"[..]));
    assert_eq!(&*again(&posts[0]), b"again", "it is no longer among the newest");
    assert_eq!(&*again(&posts[1]), b"first");
}
