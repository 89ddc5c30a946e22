//! The part of the handle that is about texts: showing them, finding them, taking them away or replacing them.
//! How they are kept is in `history.rs`, `search.rs` and `amend.rs`.

use chat::{Position, RoomId};

use crate::amend;
use crate::fault::StoreFault;
use crate::history;
use crate::queue::Lane;
use crate::record::{
    Act, Amend, AmendOutcome, Amendment, Found, History, Mark, Passage, PostRecord, Search, Sweep, Swept,
    Timeline, Window,
};
use crate::search;
use crate::store::Store;

impl Store {
    /// A window of a room's history, oldest first: kept posts with their present text, without those taken away.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn history(&self, room: RoomId, window: Window) -> Result<History, StoreFault> {
        self.readers().read(move |conn| history::read_window(conn, room, window)).await
    }

    /// What lies around a place of a room's history: at most `earlier` posts before it and `later` from it on, of the kind
    /// [`Store::history`] gives.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn passage(
        &self,
        room: RoomId,
        mark: Mark,
        (earlier, later): (usize, usize),
    ) -> Result<Passage, StoreFault> {
        self.readers().read(move |conn| history::read_passage(conn, room, mark, (earlier, later))).await
    }

    /// One post with its present text, also one that was said while history is off and has its text still.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn one_post(&self, room: RoomId, post: u32) -> Result<Option<PostRecord>, StoreFault> {
        self.readers().read(move |conn| history::read_one(conn, room, post)).await
    }

    /// What happened to the kept posts of a room after the place somebody has seen, in order: at most `limit`, fewer when
    /// texts are long. Whoever goes on from [`Timeline::to`] until it is the head has missed nothing.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn timeline(&self, room: RoomId, seen: Position, limit: usize) -> Result<Timeline, StoreFault> {
        self.readers().read(move |conn| history::read_timeline(conn, room, seen, limit)).await
    }

    /// The newest kept posts in exactly these rooms that are all of what is asked.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn search(&self, search: Search) -> Result<Found, StoreFault> {
        self.readers().read(move |conn| search::find(conn, &search)).await
    }

    /// A page of the posts a sweep means, oldest first, from the one after `after` on: at most `limit`, never more than
    /// [`AMEND_POSTS_MAX`](crate::limits::AMEND_POSTS_MAX). Posts said while history is off are meant, too, as long as
    /// they have a text.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn sweep(&self, sweep: &Sweep, after: u32, limit: usize) -> Result<Swept, StoreFault> {
        let sweep = sweep.clone();
        self.readers().read(move |conn| amend::sweep(conn, &sweep, after, limit)).await
    }

    /// Takes the texts of posts away or replaces them, in one transaction: an entry for each in the room's journal, and one
    /// of the operation in the pool's if anything was amended. The old texts leave history, index and file with the commit.
    ///
    /// # Errors
    /// As [`Store::join`].
    pub async fn amend(&self, amend: Amend) -> Result<AmendOutcome, StoreFault> {
        let bytes = amend.act.asked.len() + amend.posts.len() * amend.to.bytes();
        self.write(Lane::Admin, Some(amend.room), bytes, move |batch| amend::amend(batch, &amend)).await
    }

    /// One step of amending everything a sweep means: finds a page after `after` and amends it. The caller goes on from
    /// the post that is returned until there is none; each step is a transaction of its own, and a step done again does
    /// nothing. To clear a room is to remove what was said up to a time.
    ///
    /// # Errors
    /// As [`Store::sweep`] and [`Store::amend`].
    pub async fn purge(
        &self,
        sweep: &Sweep,
        after: u32,
        to: Amendment,
        act: Act,
    ) -> Result<(AmendOutcome, Option<u32>), StoreFault> {
        let page = self.sweep(sweep, after, to.posts_max()).await?;
        let posts = page.posts.iter().map(|post| post.said.post).collect();
        let outcome = self.amend(Amend { room: sweep.room, posts, to, act }).await?;
        Ok((outcome, page.next))
    }
}
