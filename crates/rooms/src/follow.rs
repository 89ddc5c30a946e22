//! Follows what this server and the others of its pool have committed and delivers it: changed rows first into the catalog, posts
//! into the outboxes. All posts take this way, whoever kept them; there is no other.

use std::ops::ControlFlow;
use std::sync::Arc;

use chat::{Entry, Header, JournalKey, PersonId, PoolEntry, RoomEntry, RoomId, ServerEntry, ServerId};
use store::{Body, Committed, Followed, Recorded, StoreFault};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep};

use crate::course::Course;
use crate::limits::{CATCH_UP_ENTRIES, RETRY_AFTER};
use crate::live::{Next, Step};
use crate::peers::Peers;
use crate::printed::Printed;
use crate::refresh::Touched;
use crate::shared::{Phase, Shared, reached};
use crate::values::Post;

/// Reads the feed and keeps the place it has come to.
pub(crate) struct Follower {
    shared: Arc<Shared>,
    feed: broadcast::Receiver<Arc<Committed>>,
    /// The last number of the server's journal that was handled.
    last: u64,
    own: ServerId,
    peers: Peers,
    touched: Touched,
    course: Course,
    /// Numbers of the journal of the pool whose rows are to be put into the catalog.
    decided: Vec<(u64, u64)>,
    /// When the journal of the pool was last read to its end.
    heard_at: Instant,
}

/// What there is to follow.
enum News {
    /// A commit of this server.
    Committed(Arc<Committed>),
    /// So many commits of this server fell out of the feed.
    Missed(u64),
    /// The others have written, or were looked at.
    OfPeers,
}

/// Following is over: the store was closed or the server drains.
struct Over;

impl Follower {
    /// `last` is a place of the server's journal not after the catalog was read.
    pub(crate) fn new(
        shared: Arc<Shared>,
        feed: broadcast::Receiver<Arc<Committed>>,
        last: u64,
        peers: Peers,
        course: Course,
    ) -> Self {
        shared.tally.begin_at(last);
        let own = shared.store.identity().server;
        Self {
            shared,
            feed,
            last,
            own,
            peers,
            touched: Touched::default(),
            course,
            decided: Vec::new(),
            heard_at: Instant::now(),
        }
    }

    /// The task: ends when the server drains and everything committed until then is delivered.
    pub(crate) async fn run(mut self) {
        let mut phase = self.shared.phase.subscribe();
        loop {
            let news = tokio::select! {
                biased;
                received = self.feed.recv() => match received {
                    Ok(committed) => News::Committed(committed),
                    Err(RecvError::Lagged(missed)) => News::Missed(missed),
                    Err(RecvError::Closed) => return,
                },
                () = reached(&mut phase, Phase::Draining) => match self.feed.try_recv() {
                    Ok(committed) => News::Committed(committed),
                    Err(TryRecvError::Lagged(missed)) => News::Missed(missed),
                    Err(TryRecvError::Empty | TryRecvError::Closed) => return,
                },
                () = self.peers.changed() => News::OfPeers,
            };
            let mut done = match news {
                News::Committed(committed) => self.committed(&committed).await,
                News::OfPeers => Ok(()),
                News::Missed(missed) => {
                    tracing::info!(missed, "follow.lagged");
                    self.catch_up().await
                }
            };
            // However much is kept here, the others have their turn.
            if done.is_ok() && self.peers.news() {
                done = self.peers_turn().await;
            }
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
        self.settle().await?;
        self.last = committed.server_number;
        self.shared.tally.followed(self.last);
        Ok(())
    }

    /// The feed has dropped commits: reads the server's own journal and what its commits moved.
    async fn catch_up(&mut self) -> Result<(), Over> {
        while let page = self.read_followed(self.own, self.last).await?
            && !page.is_empty()
        {
            for followed in &page {
                self.last = self.handle(followed).await?;
                self.shared.tally.followed(self.last);
            }
        }
        Ok(())
    }

    /// Handles a page of each server that has written.
    async fn peers_turn(&mut self) -> Result<(), Over> {
        for (server, cursor) in self.peers.look() {
            let page = self.read_followed(server, cursor).await?;
            for followed in &page {
                let number = self.handle(followed).await?;
                self.peers.followed(server, number);
            }
            if page.is_empty() {
                self.peers.at_end(server);
            } else {
                self.peers.look_again();
            }
        }
        if let Some(asked) = self.peers.reached() {
            self.shared.confirmed.at(asked);
        }
        Ok(())
    }

    /// Handles an entry of a server's journal and what its commit moved. Returns its number.
    async fn handle(&mut self, followed: &Followed) -> Result<u64, Over> {
        for recorded in &followed.moved {
            self.entry(recorded).await?;
        }
        self.entry(&followed.entry).await?;
        self.settle().await?;
        Ok(followed.entry.header.position.number)
    }

    /// Handles one entry of any journal.
    async fn entry(&mut self, recorded: &Arc<Recorded>) -> Result<(), Over> {
        self.touched.note(recorded);
        let room = match (recorded.header.journal, &recorded.header.entry) {
            (JournalKey::Server(server), Entry::Server(entry)) => return self.heard(server, entry).await,
            (JournalKey::Room(room), _) => room,
            (JournalKey::Pool, _) => {
                self.decided.push(stands_for(&recorded.header));
                return Ok(());
            }
            _ => return Ok(()),
        };
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
                let mentions = recorded.body.iter().flat_map(|body| &body.mentions);
                self.know(room, mentions.map(|one| one.person).chain([*author]), *category_rules);
                self.apply().await?;
                let post = match post_of(&self.shared, recorded) {
                    Some(post) => Some(post),
                    None => self.present_text(room, recorded).await?,
                };
                post.map_or(Step::Other, |post| Step::Post(Arc::new(post)))
            }
            RoomEntry::Removed { post, .. } => Step::Remove(*post),
            RoomEntry::Replaced { post, .. } => match self.text_in_place(room, *post, recorded).await? {
                Some(body) => Step::Replace {
                    post: *post,
                    text: body.text.as_str().into(),
                    rtf: body.rtf.as_deref().map(Into::into),
                },
                None => Step::Remove(*post),
            },
            RoomEntry::Changed { .. } | RoomEntry::Gap { .. } => Step::Other,
        };
        self.hear_the_pool().await?;
        self.shared.live().deliver(room, header.position, step);
        Ok(())
    }

    /// Whoever has not followed the pool for long reads what it has decided before anything is delivered: the journals are read one
    /// after the other, and the one that tells who lost a right may be the last.
    async fn hear_the_pool(&mut self) -> Result<(), Over> {
        if self.heard_at.elapsed().min(self.shared.confirmed.age()) <= self.shared.limits.confirmed_within {
            return Ok(());
        }
        let asked = Instant::now();
        while let page = self.read(JournalKey::Pool, self.course.to()).await?
            && !page.is_empty()
        {
            for recorded in &page {
                self.touched.note(recorded);
                self.decided.push(stands_for(&recorded.header));
            }
            self.settle().await?;
        }
        self.heard_at = asked;
        Ok(())
    }

    /// A post names what it was decided under: what is not known yet is read before it is shown.
    fn know(&mut self, room: RoomId, people: impl Iterator<Item = PersonId>, category_rules: u64) {
        let catalog = self.shared.catalog();
        self.touched.people.extend(people.filter(|person| catalog.person(*person).is_none()));
        if let Some(category) = catalog.room(room).and_then(|room| catalog.category(room.category))
            && category.rules < category_rules
        {
            self.touched.rooms.insert(room);
            self.touched.categories.insert(category.id);
        }
    }

    /// What a server tells of the people who are in rooms through it, and of servers that are no more.
    async fn heard(&mut self, from: ServerId, entry: &ServerEntry) -> Result<(), Over> {
        if let ServerEntry::Joined { person, .. } = entry
            && from != self.own
            && self.shared.catalog().person(*person).is_none()
        {
            self.touched.people.insert(*person);
        }
        self.apply().await?;
        let mut live = self.shared.live();
        let catalog = self.shared.catalog();
        match entry {
            ServerEntry::Joined { person, endpoint, rooms } if from != self.own => {
                live.came_elsewhere(&catalog, from, (*person, *endpoint), rooms);
            }
            ServerEntry::Parted { person, endpoint, rooms, .. } if from != self.own => {
                live.went_elsewhere(&catalog, from, (*person, *endpoint), rooms);
            }
            // Each stands behind all that was written before it by whoever it is about.
            ServerEntry::Started { .. } | ServerEntry::ServerLost { .. } if from != self.own => {
                live.lost_elsewhere(&catalog, from);
            }
            _ => (),
        }
        Ok(())
    }

    /// Puts changed rows into the catalog; what the journal of the pool told is followed then.
    async fn settle(&mut self) -> Result<(), Over> {
        self.apply().await?;
        for (first, last) in self.decided.drain(..) {
            self.course.followed(first, last);
        }
        Ok(())
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

    /// The text that was put in place of a post's, or the one that was put in its place since; `None` when that was taken away.
    async fn text_in_place(
        &self,
        room: RoomId,
        post: u32,
        recorded: &Recorded,
    ) -> Result<Option<Body>, Over> {
        if recorded.body.is_some() {
            return Ok(recorded.body.clone());
        }
        loop {
            match self.shared.store.one_post(room, post).await {
                Ok(found) => return Ok(found.and_then(|record| record.body)),
                Err(fault) => self.pause(&fault).await?,
            }
        }
    }

    async fn read_followed(&self, server: ServerId, after: u64) -> Result<Vec<Followed>, Over> {
        loop {
            match self.shared.store.followed(server, after, CATCH_UP_ENTRIES).await {
                Ok(page) => return Ok(page),
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

/// The numbers an entry of the pool's journal stands for, from one to another.
fn stands_for(header: &Header) -> (u64, u64) {
    let last = header.position.number;
    let first = if let Entry::Pool(PoolEntry::Gap { fork, .. }) = header.entry { fork + 1 } else { last };
    (first, last)
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
        mentions: catalog.shown(&body.mentions),
        printed: Printed::default(),
    })
}
