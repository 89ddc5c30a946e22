//! Follows what this server has committed and delivers it: changed rows first into the catalog, posts into the outboxes.
//! Local posts take this way, too; there is no other.

use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use chat::{Entry, JournalKey, PersonId, RoomEntry, RoomId, ServerEntry};
use store::{Committed, Recorded, StoreFault};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::sleep;

use crate::limits::{CATCH_UP_ENTRIES, RETRY_AFTER};
use crate::live::{Next, Step};
use crate::refresh::Touched;
use crate::shared::{Phase, Shared, reached};
use crate::values::Post;

/// Reads the feed and keeps the place it has come to.
pub(crate) struct Follower {
    shared: Arc<Shared>,
    feed: broadcast::Receiver<Arc<Committed>>,
    /// The last number of the server's journal that was handled.
    last: u64,
    touched: Touched,
}

/// Following is over: the store was closed or the server drains.
struct Over;

impl Follower {
    /// `last` is a place of the server's journal not after the catalog was read.
    pub(crate) fn new(shared: Arc<Shared>, feed: broadcast::Receiver<Arc<Committed>>, last: u64) -> Self {
        shared.tally.begin_at(last);
        Self { shared, feed, last, touched: Touched::default() }
    }

    /// The task: ends when the server drains and everything committed until then is delivered.
    pub(crate) async fn run(mut self) {
        let mut phase = self.shared.phase.subscribe();
        loop {
            let received = tokio::select! {
                biased;
                received = self.feed.recv() => received,
                () = reached(&mut phase, Phase::Draining) => match self.feed.try_recv() {
                    Ok(committed) => Ok(committed),
                    Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                    Err(TryRecvError::Empty | TryRecvError::Closed) => return,
                },
            };
            let done = match received {
                Ok(committed) => self.committed(&committed).await,
                Err(RecvError::Lagged(missed)) => {
                    tracing::info!(missed, "follow.lagged");
                    self.catch_up().await
                }
                Err(RecvError::Closed) => return,
            };
            if done.is_err() {
                return;
            }
        }
    }

    async fn committed(&mut self, committed: &Committed) -> Result<(), Over> {
        if committed.server_number <= self.last {
            return Ok(()); // read while catching up
        }
        for recorded in &committed.entries {
            self.entry(recorded).await?;
        }
        self.apply().await?;
        self.last = committed.server_number;
        self.shared.tally.followed(self.last);
        Ok(())
    }

    /// The feed has dropped commits: reads the server's own journal and every range it names.
    async fn catch_up(&mut self) -> Result<(), Over> {
        let journal = JournalKey::Server(self.shared.store.identity().server);
        loop {
            let page = self.read(journal, self.last).await?;
            for recorded in &page {
                let moved = match &recorded.header.entry {
                    Entry::Server(ServerEntry::Moved(ranges)) => ranges.as_slice(),
                    _ => &[],
                };
                for range in moved.iter().filter(|range| range.journal != journal) {
                    self.range(range.journal, range.from, range.to).await?;
                }
                self.apply().await?;
                self.last = recorded.header.position.number;
                self.shared.tally.followed(self.last);
            }
            if page.len() < CATCH_UP_ENTRIES {
                return Ok(());
            }
        }
    }

    async fn range(&mut self, journal: JournalKey, from: u64, to: u64) -> Result<(), Over> {
        let mut after = from - 1;
        while after < to {
            let page = self.read(journal, after).await?;
            for recorded in page.iter().filter(|recorded| recorded.header.position.number <= to) {
                self.entry(recorded).await?;
            }
            match page.last() {
                Some(last) => after = last.header.position.number,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Handles one entry of any journal.
    async fn entry(&mut self, recorded: &Arc<Recorded>) -> Result<(), Over> {
        self.touched.note(recorded);
        let JournalKey::Room(room) = recorded.header.journal else { return Ok(()) };
        let next = self.shared.live().next(room, recorded.header.position.number);
        match next {
            Next::Skip => Ok(()),
            Next::Deliver => self.deliver(room, recorded).await,
            Next::Gap(after) => self.fill(room, after, recorded.header.position.number).await,
        }
    }

    /// Delivers everything of a room after one number up to another, from the store.
    async fn fill(&mut self, room: RoomId, mut after: u64, to: u64) -> Result<(), Over> {
        tracing::debug!(room = room.0, after, to, "follow.gap");
        while after < to {
            let page = self.read(JournalKey::Room(room), after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.header.position.number;
            for recorded in &page {
                self.touched.note(recorded);
                self.deliver(room, recorded).await?;
            }
        }
        Ok(())
    }

    async fn deliver(&mut self, room: RoomId, recorded: &Arc<Recorded>) -> Result<(), Over> {
        let header = &recorded.header;
        let Entry::Room(entry) = &header.entry else { return Ok(()) };
        let step = match entry {
            RoomEntry::Posted { author, category_rules, .. } => {
                self.know(room, *author, *category_rules);
                self.apply().await?;
                let post = match post_of(&self.shared, recorded) {
                    Some(post) => Some(post),
                    None => self.present_text(room, recorded).await?,
                };
                post.map_or(Step::Other, |post| Step::Post(Arc::new(post)))
            }
            RoomEntry::Removed { post, .. } => Step::Remove(*post),
            RoomEntry::Replaced { post, .. } => match &recorded.body {
                Some(body) => Step::Replace {
                    post: *post,
                    text: body.text.as_str().into(),
                    rtf: body.rtf.as_deref().map(Into::into),
                },
                None => Step::Remove(*post),
            },
            RoomEntry::Changed { .. } | RoomEntry::Gap { .. } => Step::Other,
        };
        self.shared.live().deliver(room, header.position, step);
        Ok(())
    }

    /// A post names what it was decided under: what is not known yet is read before it is shown.
    fn know(&mut self, room: RoomId, author: PersonId, category_rules: u64) {
        let catalog = self.shared.catalog();
        if catalog.person(author).is_none() {
            self.touched.people.insert(author);
        }
        if let Some(category) = catalog.room(room).and_then(|room| catalog.category(room.category))
            && category.rules < category_rules
        {
            self.touched.rooms.insert(room);
            self.touched.categories.insert(category.id);
        }
    }

    /// Puts changed rows into the catalog.
    async fn apply(&mut self) -> Result<(), Over> {
        while !self.touched.is_empty() {
            match self.shared.refresh(&self.touched).await {
                Ok(()) => self.touched = Touched::default(),
                Err(fault) => self.pause(&fault).await?,
            }
        }
        Ok(())
    }

    async fn present_text(&self, room: RoomId, recorded: &Recorded) -> Result<Option<Post>, Over> {
        loop {
            match crate::history::present_text(&self.shared, room, recorded).await {
                Ok(post) => return Ok(post),
                Err(fault) => self.pause(&fault).await?,
            }
        }
    }

    async fn read(&self, journal: JournalKey, after: u64) -> Result<Vec<Arc<Recorded>>, Over> {
        loop {
            match self.shared.store.entries(journal, after, CATCH_UP_ENTRIES).await {
                Ok(page) => return Ok(page),
                Err(fault) => self.pause(&fault).await?,
            }
        }
    }

    /// Waits before a read is tried again; gives up only when the store is closed or the server drains.
    async fn pause(&self, fault: &StoreFault) -> Result<(), Over> {
        tracing::warn!(fault = %fault, "follow.store_fault");
        if matches!(fault, StoreFault::Closed | StoreFault::Superseded) {
            return Err(Over);
        }
        let mut phase = self.shared.phase.subscribe();
        let waited = tokio::select! {
            biased;
            () = reached(&mut phase, Phase::Draining) => ControlFlow::Break(()),
            () = sleep(RETRY_AFTER) => ControlFlow::Continue(()),
        };
        if waited.is_break() { Err(Over) } else { Ok(()) }
    }
}

/// The post an entry is; `None` when it is none or its text is gone.
pub(crate) fn post_of(shared: &Shared, recorded: &Recorded) -> Option<Post> {
    let header = &recorded.header;
    let (JournalKey::Room(room), Entry::Room(RoomEntry::Posted { post, author, alert, story, kept, .. })) =
        (header.journal, &header.entry)
    else {
        return None;
    };
    let body = recorded.body.as_ref()?;
    let catalog = shared.catalog();
    Some(Post {
        room: catalog.room(room)?.guid,
        post: *post,
        position: header.position,
        time: header.time,
        author: catalog.person(*author)?.clone(),
        alert: *alert,
        story: *story,
        kept: *kept,
        text: body.text.as_str().into(),
        rtf: body.rtf.as_deref().map(Into::into),
        printed: OnceLock::new(),
    })
}
