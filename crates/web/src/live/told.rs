//! What a live link has told of one room: up to which position without a gap, how far the person has read, what the room was.
//! Reads nothing itself.

use chat::Position;
use rooms::Post;

use crate::value::{Card, ReadMark};

/// One joined room.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Everything up to here was told.
    pub(crate) to: Position,
    /// How far the person has read; `None` when it never did.
    pub(crate) mark: Option<ReadMark>,
    /// The room, apart from how many are in it.
    pub(crate) card: Card,
}

impl Told {
    /// Notes that a post is told now. What lies between, if anything does, is no post and has still to be read.
    pub(crate) fn say(&mut self, post: &Post) {
        if post.position.number == self.to.number.saturating_add(1) {
            self.to = post.position;
        }
    }

    /// Counts a post, among those that mention the reader if it does; `true` when that is news.
    pub(crate) fn count(&mut self, post: u32, mentions_reader: bool) -> bool {
        match &mut self.mark {
            // The mark may have been read when the post was there already.
            Some(mark) if post > mark.posts => {
                mark.posts = post;
                mark.unread = mark.unread.saturating_add(1);
                mark.mentions = mark.mentions.saturating_add(u32::from(mentions_reader));
                true
            }
            Some(_) | None => false,
        }
    }

    /// Whether a change of this post can have changed what is counted.
    pub(crate) fn counts(&self, post: u32) -> bool {
        self.mark.is_some_and(|mark| mark.mentions > 0 && post > mark.read)
    }

    /// Notes that everything up to there was told, or never has to be.
    pub(crate) fn reach(&mut self, to: Position) {
        if to.era != self.to.era || to.number > self.to.number {
            self.to = to;
        }
    }
}
