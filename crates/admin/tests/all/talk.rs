//! What people say in the rooms of a house, straight into the store. No story is here.

use chat::{Draft, RoomId, Text, Under};
use store::{NewPost, Node, PostOutcome, Window};

use crate::house::House;

/// A second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// A day in microseconds.
pub const DAY: i64 = 86_400 * SECOND;

impl House {
    pub async fn room_id(&self, name: &str) -> RoomId {
        match self.store.node_named(&chat::folded(name)).await.expect("a read") {
            Some(Node::Room(id)) => id,
            other => panic!("{name} is no room but {other:?}"),
        }
    }

    /// Somebody says something, a second after what was said before; returns its number.
    pub async fn say(&self, who: &str, room: &str, text: &str) -> u32 {
        self.clock.advance_micros(SECOND);
        let id = self.room_id(room).await;
        let address = format!("sip:{who}@example.com").parse().expect("an address");
        let author = self.store.person_at(&address).await.expect("a read").expect("the person exists");
        let there = self.store.room(id).await.expect("a read").expect("the room exists");
        let home = self.store.category(there.category).await.expect("a read").expect("its category exists");
        let under = Under { room_rules: there.rules, category_rules: home.rules, standing: author.standing };
        let draft = Draft { text: Text::parse(text).expect("a text"), rtf: None, alert: false };
        let new = NewPost {
            room: id,
            author: author.id,
            under,
            client_id: None,
            draft,
            kept: home.history,
            story: false,
            mentions: Vec::new(),
        };
        match self.store.post(new).await.expect("it is kept") {
            PostOutcome::Recorded(kept) => match kept.header.entry {
                chat::Entry::Room(chat::RoomEntry::Posted { post, .. }) => post,
                ref other => panic!("not a post: {other:?}"),
            },
            other => panic!("not kept: {other:?}"),
        }
    }

    /// What a room shows of its history: each post's number and text.
    pub async fn shown(&self, room: &str) -> Vec<String> {
        let id = self.room_id(room).await;
        let history = self.store.history(id, Window::Last(1_000)).await.expect("a read");
        let text = |post: &store::PostRecord| post.body.as_ref().map(|body| body.text.clone());
        history
            .posts
            .iter()
            .map(|post| format!("{}: {}", post.post, text(post).unwrap_or_default()))
            .collect()
    }
}
