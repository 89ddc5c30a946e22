//! The posts of a room in pages, by position: whoever goes on from the last position it saw can prove that it missed nothing.
//! Shows nothing that `chat::Room::decide` does not grant at that moment.

use chat::limits::{HISTORY_POSTS_DEFAULT, HISTORY_POSTS_MAX};
use chat::{Ask, Event, Position, Refusal, RoomId};
use store::{Mark, Passage, PostRecord, Window};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::history::named;
use crate::trouble::Trouble;
use crate::values::{Message, MessagePage, Page, Start};
use crate::visitor::Visitor;

impl Visitor {
    /// A page of a room's posts, oldest first, whether joined or not; that they were shown is kept.
    ///
    /// After a position it tells what happened since: posts, and again each post that was taken away or replaced. Otherwise it
    /// shows posts that still have a text. Where the category keeps no history there are positions, but no posts.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `NotFound`, `Disabled`, `NotAllowed`, or `BadArgument` for a limit of 0; [`Trouble::Store`]
    /// when it cannot be read; [`Trouble::Stopping`].
    pub async fn messages(&self, room: Uuid, page: Page) -> Result<MessagePage, Trouble> {
        self.shared.running()?;
        self.shared.informed()?;
        let (id, case) = self.case_at(room)?;
        let granted = case.decide(Ask::Read)?;
        let limit = match page.limit {
            Some(0) => return Err(Refusal::BadArgument("the number of messages").into()),
            Some(limit) => limit.min(HISTORY_POSTS_MAX),
            None => HISTORY_POSTS_DEFAULT,
        };
        let mut found = match page.from {
            Start::Newest => self.window(id, Window::Last(limit), None, limit).await,
            Start::Before(place) => {
                let window = Window::Before { number: place.number, count: limit };
                self.window(id, window, Some(place), limit).await
            }
            Start::After(place) => self.since(id, place, limit).await,
            Start::Post(post) => self.around(id, Mark::Post(post), limit).await,
            Start::Time(time) => self.around(id, Mark::Time(time), limit).await,
        }?;
        // The right is asked again: it may have been withdrawn while the store was read.
        self.shared.case(id, self.id)?.decide(Ask::Read)?;
        if granted == (Event::Read { kept: false }) {
            found = MessagePage { messages: Vec::new(), prev: None, next: found.at, ..found };
        }
        let seen =
            || found.messages.iter().filter(|message| message.text.is_some()).map(|message| message.post);
        if let (Some(from), Some(to)) = (seen().min(), seen().max()) {
            self.note_view(id, from, to, found.at).await?;
        }
        Ok(found)
    }

    async fn window(
        &self,
        room: RoomId,
        window: Window,
        before: Option<Position>,
        limit: usize,
    ) -> Result<MessagePage, Trouble> {
        let read = self.shared.store.history(room, window).await.map_err(|fault| self.shared.fault(fault))?;
        self.shared.know(read.posts.iter().flat_map(named)).await?;
        let older = read.cut || read.posts.len() == limit;
        let catalog = self.shared.catalog();
        let messages: Vec<Message> =
            read.posts.into_iter().filter_map(|post| message(&catalog, post)).collect();
        Ok(MessagePage {
            prev: messages.first().filter(|_| older).map(|message| message.position),
            messages,
            next: match before {
                Some(place) if place.number <= read.head.number => {
                    Position { number: place.number.saturating_sub(1), ..place }
                }
                _ => read.head,
            },
            at: read.head,
            reset: None,
        })
    }

    /// A third of the page lies before the place, so that one sees what was spoken of.
    async fn around(&self, room: RoomId, mark: Mark, limit: usize) -> Result<MessagePage, Trouble> {
        let wanted = (limit / 3, limit - limit / 3);
        let read = self.shared.store.passage(room, mark, wanted).await;
        let Passage { earlier, later } = read.map_err(|fault| self.shared.fault(fault))?;
        if later.posts.is_empty() {
            return self.window(room, Window::Last(limit), None, limit).await;
        }
        self.shared.know(earlier.posts.iter().chain(&later.posts).flat_map(named)).await?;
        let older = earlier.cut || earlier.posts.len() == wanted.0;
        let newer = later.cut || later.posts.len() == wanted.1;
        let catalog = self.shared.catalog();
        let first = earlier.posts.first().or(later.posts.first()).map(|post| post.position);
        let last = later.posts.last().map(|post| post.position);
        let posts = earlier.posts.into_iter().chain(later.posts);
        Ok(MessagePage {
            messages: posts.filter_map(|post| message(&catalog, post)).collect(),
            prev: first.filter(|_| older),
            next: last.filter(|_| newer).unwrap_or(later.head),
            at: later.head,
            reset: None,
        })
    }

    async fn since(&self, room: RoomId, seen: Position, limit: usize) -> Result<MessagePage, Trouble> {
        let read = self.shared.store.timeline(room, seen, limit).await;
        let read = read.map_err(|fault| self.shared.fault(fault))?;
        self.shared.know(read.happened.iter().flat_map(|happened| named(&happened.post))).await?;
        let from = read.reset.unwrap_or(seen);
        let catalog = self.shared.catalog();
        let messages = read.happened.into_iter().filter_map(|happened| message(&catalog, happened.post));
        Ok(MessagePage {
            messages: messages.collect(),
            prev: (from.number > 0).then_some(Position { number: from.number.saturating_add(1), ..from }),
            next: read.to,
            at: read.head,
            reset: read.reset,
        })
    }
}

/// A post as a page shows it; `None` when its room or author is not known here any more.
pub(crate) fn message(catalog: &Catalog, post: PostRecord) -> Option<Message> {
    let text = post.body.as_ref().map(|body| body.text.as_str());
    let title = text.filter(|_| post.story).and_then(chat::story_title);
    Some(Message {
        room: catalog.room(post.room)?.guid,
        post: post.post,
        position: post.position,
        time: post.time,
        author: catalog.person(post.author)?.clone(),
        alert: post.alert,
        story: post.story,
        title: title.map(Into::into),
        kept: true,
        changed: post.changed,
        text: text.map(Into::into),
        mentions: post.body.as_ref().map_or_else(Vec::new, |body| catalog.shown(&body.mentions)),
        rtf: post.body.and_then(|body| body.rtf).map(Into::into),
    })
}
