//! What a live link reads from the store: what a client has missed when it joins, and changes of posts, which no notice tells.
//! Every page asks for the right anew; a room whose right is gone is passed over, for its notice comes.

use std::collections::{BTreeMap, BTreeSet};

use chat::Position;
use rooms::{JoinedRoom, Page, Start};
use uuid::Uuid;

use super::event::{LiveEvent, Wanted};
use super::link::{Link, Step};
use super::told::Told;
use crate::limits::{LIVE_DRAINS_MAX, LIVE_MISSED_PAGES_MAX, LIVE_PAGE};
use crate::value::{Card, MessageValue, Place, ReadMark};

impl Link {
    /// Joins rooms, and tells what has happened there since the client was cut off.
    pub(super) async fn join(&mut self, wanted: &[Wanted]) -> Step {
        // A room that is named more than once is told once.
        let mut named = BTreeSet::new();
        let wanted: Vec<Wanted> = wanted.iter().copied().filter(|wanted| named.insert(wanted.room)).collect();
        let guids: Vec<Uuid> = wanted.iter().map(|wanted| wanted.room).collect();
        let joined = match self.session.join(&guids, guids.len() > 1).await {
            Ok(joined) => joined,
            Err(trouble) => return self.refuse(None, trouble).await,
        };
        let states = self.visitor.read_marks().await;
        // Without an answer of the store nothing is known to be read, and it is asked again.
        self.owes_marks |= states.is_err();
        let states = states.unwrap_or_default();
        let marks: BTreeMap<Uuid, ReadMark> =
            states.iter().map(|state| (state.room, ReadMark::of(state))).collect();
        for (wanted, joined) in wanted.iter().zip(joined) {
            match joined {
                Ok(joined) => self.begin(*wanted, &joined, marks.get(&wanted.room)).await?,
                Err(refusal) => self.refuse(Some(wanted.room), refusal.into()).await?,
            }
        }
        Ok(())
    }

    async fn begin(&mut self, wanted: Wanted, joined: &JoinedRoom, mark: Option<&ReadMark>) -> Step {
        // Joined twice, the room goes on from where it was.
        let before = self.rooms.get(&wanted.room).filter(|_| joined.again);
        let at = before.map_or(joined.at, |told| told.to);
        let card = Card::of(&joined.card).empty();
        self.rooms.insert(wanted.room, Told { to: at, mark: mark.copied(), card });
        self.say(&[LiveEvent::joined(joined, mark)]).await?;
        match wanted.after {
            Some(Place(after)) if after != at => self.resume(wanted.room, after, at).await,
            _ => self.say(&[LiveEvent::Told { room: wanted.room, after: Place(at) }]).await,
        }
    }

    /// Tells what has happened after one position up to another; what comes after that is told as it comes.
    async fn resume(&mut self, room: Uuid, after: Position, at: Position) -> Step {
        let mut from = after;
        let mut told = BTreeSet::new();
        for _ in 0..LIVE_MISSED_PAGES_MAX {
            let page = Page { from: Start::After(from), limit: Some(LIVE_PAGE) };
            let Ok(page) = self.visitor.messages(room, page).await else {
                return self.say(&[LiveEvent::Far { room, after: Place(at) }]).await;
            };
            let mut events = Vec::new();
            if let Some(to) = page.reset {
                events.push(LiveEvent::Reset { room, to: Place(to) });
            }
            let start = page.reset.unwrap_or(from);
            for message in &page.messages {
                let value = MessageValue::of(message);
                let is_new = message.position.number > start.number && message.position.number <= at.number;
                let place = Place(Position { number: page.next.number.min(at.number), ..at });
                if is_new && told.insert(message.post) {
                    events.push(LiveEvent::Message { message: value, after: Place(start) });
                } else if message.changed.is_some() && message.position.number <= at.number {
                    events.push(LiveEvent::Changed { message: value, after: place });
                }
            }
            self.say(&events).await?;
            from = page.next;
            if page.next == page.at || from.number >= at.number {
                return self.say(&[LiveEvent::Told { room, after: Place(at) }]).await;
            }
        }
        self.say(&[LiveEvent::Far { room, after: Place(at) }]).await
    }

    /// Tells changes of posts, in every room that has come further than its posts explain.
    pub(super) async fn mend(&mut self) -> Step {
        let heads = self.session.heads();
        let behind = |link: &Self, (room, head): &(Uuid, Position)| {
            link.rooms.get(room).is_some_and(|told| told.to.number < head.number)
        };
        if !heads.iter().any(|head| behind(self, head)) {
            return Ok(());
        }
        // What was put before the session until then is told first: what is left after that is no post.
        for _ in 0..LIVE_DRAINS_MAX {
            if !self.drain().await? {
                break;
            }
        }
        for head in &heads {
            if behind(self, head) {
                self.changes_in(head.0, head.1).await?;
            }
        }
        Ok(())
    }

    async fn changes_in(&mut self, room: Uuid, head: Position) -> Step {
        for _ in 0..LIVE_MISSED_PAGES_MAX {
            let Some(from) = self.rooms.get(&room).map(|told| told.to) else { return Ok(()) };
            if from.number >= head.number {
                break;
            }
            let page = Page { from: Start::After(from), limit: Some(LIVE_PAGE) };
            // Another look comes in a second.
            let Ok(page) = self.visitor.messages(room, page).await else { return Ok(()) };
            let Some(told) = self.rooms.get_mut(&room) else { return Ok(()) };
            told.reach(page.next);
            let after = Place(told.to);
            let changed = || page.messages.iter().filter(|message| message.changed.is_some());
            let recount = changed().any(|message| told.counts(message.post));
            let mut events: Vec<LiveEvent> = changed()
                .map(|message| LiveEvent::Changed { message: MessageValue::of(message), after })
                .collect();
            events.push(LiveEvent::Told { room, after });
            self.say(&events).await?;
            if recount {
                self.count_again().await?;
            }
        }
        Ok(())
    }
}
