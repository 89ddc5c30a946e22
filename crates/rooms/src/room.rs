//! The mailbox of a room: decides the posts that wait, hands them to the store together, and answers when they are kept.
//! Delivers nothing: what was kept comes back through `follow.rs` to everybody alike.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use chat::{Ask, ClientId, Draft, Entry, Event, PersonId, Refusal, RoomEntry, RoomId};
use store::{NewPost, PostOutcome, Recorded, Said, StoreFault};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use crate::catalog::Catalog;
use crate::limits::{DECISIONS_MAX, POSTS_TOGETHER_MAX};
use crate::live::{Live, Stage};
use crate::refresh::Touched;
use crate::shared::{Phase, Shared, reached};
use crate::trouble::Trouble;

/// One post that waits to be decided and kept.
#[derive(Debug)]
pub(crate) struct Job {
    /// The endpoint that must be in the room; `None` for a person who asks without one.
    pub(crate) endpoint: Option<u64>,
    pub(crate) person: PersonId,
    pub(crate) draft: Draft,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) answer: oneshot::Sender<Result<Said, Trouble>>,
}

impl Shared {
    /// Puts a post into its room's mailbox, whose task is started if there is none.
    pub(crate) fn submit(self: &Arc<Self>, room: RoomId, job: Job) -> Result<(), Trouble> {
        // Asked before the mailbox is looked at: neither the refusal nor its time may tell what goes on there.
        let case = self.case(room, job.person)?;
        case.decide(Ask::Post(&job.draft))?;
        let mut live = self.live();
        if job.endpoint.is_none() {
            live.awake(room, case.room.guid);
        }
        let state = live.rooms.get_mut(&room).ok_or(Refusal::NotJoined)?;
        let job = match &state.mailbox {
            Some(mailbox) => match mailbox.try_send(job) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::TrySendError::Full(_)) => return Err(Trouble::Busy),
                Err(mpsc::error::TrySendError::Closed(job)) => job,
            },
            None => job,
        };
        self.running()?;
        let (mailbox, inbox) = mpsc::channel(self.limits.mailbox.max(1));
        mailbox.try_send(job).expect("a new mailbox has room for one post");
        state.mailbox = Some(mailbox);
        drop(live);
        self.spawn(run(self.clone(), room, inbox));
        Ok(())
    }
}

/// The task of one mailbox: ends when nothing came for a while or the server stops.
async fn run(shared: Arc<Shared>, room: RoomId, mut inbox: mpsc::Receiver<Job>) {
    let mut phase = shared.phase.subscribe();
    let mut jobs = Vec::new();
    loop {
        tokio::select! {
            biased;
            () = reached(&mut phase, Phase::Stopping) => break,
            count = inbox.recv_many(&mut jobs, POSTS_TOGETHER_MAX) => match count {
                0 => break,
                _ => record(&shared, room, std::mem::take(&mut jobs)).await,
            },
            () = sleep(shared.limits.mailbox_idle) => if retired(&shared, room, &inbox) { return },
        }
    }
    inbox.close();
    while let Some(job) = inbox.recv().await {
        answer(job, Err(Trouble::Stopping));
    }
}

/// Takes an idle mailbox away; `false` when a post came in that very moment.
fn retired(shared: &Shared, room: RoomId, inbox: &mpsc::Receiver<Job>) -> bool {
    let mut live = shared.live();
    if !inbox.is_empty() {
        return false;
    }
    if let Some(state) = live.rooms.get_mut(&room) {
        state.mailbox = None;
    }
    live.prune(room);
    true
}

/// Decides and keeps posts that wait together, in their order, again as long as the numbers they were decided under move.
async fn record(shared: &Shared, room: RoomId, jobs: Vec<Job>) {
    let begun = Instant::now();
    let mut waiting = jobs;
    for _ in 0..DECISIONS_MAX {
        let (asked, posts) = sort_out(shared, room, waiting);
        let writes = posts.into_iter().map(|post| shared.store.post(post)).collect();
        let outcomes = all_in_order(writes).await;
        waiting = Vec::new();
        for (job, outcome) in asked.into_iter().zip(outcomes) {
            match settled(shared, outcome, begun) {
                Some(done) => answer(job, done),
                None => waiting.push(job),
            }
        }
        if waiting.is_empty() {
            return;
        }
        tracing::debug!(room = room.0, posts = waiting.len(), "room.decide_again");
        let mut touched = Touched::default();
        touched.rooms.insert(room);
        touched.people.extend(waiting.iter().map(|job| job.person));
        if let Ok(case) = shared.case(room, waiting[0].person) {
            touched.categories.insert(case.category.id);
        }
        if let Err(fault) = shared.refresh(&touched).await {
            let trouble = shared.fault(fault);
            waiting.into_iter().for_each(|job| answer(job, Err(trouble.clone())));
            return;
        }
    }
    waiting.into_iter().for_each(|job| answer(job, Err(Trouble::Busy)));
}

/// Answers what is refused at once; what is granted goes on, in order. All are decided under the same numbers, so that the store
/// takes all of them or sends all of them back.
fn sort_out(shared: &Shared, room: RoomId, jobs: Vec<Job>) -> (Vec<Job>, Vec<NewPost>) {
    let decisions: Vec<_> = {
        let live = shared.live();
        let catalog = shared.catalog();
        jobs.iter().map(|job| decide(&live, &catalog, room, job)).collect()
    };
    let mut asked = Vec::new();
    let mut posts = Vec::new();
    for (job, decision) in jobs.into_iter().zip(decisions) {
        match decision {
            Ok(post) => {
                posts.push(with_mentions(shared, post));
                asked.push(job);
            }
            Err(refusal) => answer(job, Err(refusal.into())),
        }
    }
    (asked, posts)
}

/// The post with whom it mentions: under a lock of its own for each, so that nobody waits for the names of many.
fn with_mentions(shared: &Shared, post: NewPost) -> NewPost {
    let text = post.draft.text.as_str();
    if !chat::may_mention(text) {
        return post;
    }
    let mentions = shared.catalog().mentioned(post.room, post.author, text);
    NewPost { mentions, ..post }
}

fn decide(live: &Live, catalog: &Catalog, room: RoomId, job: &Job) -> Result<NewPost, Refusal> {
    let case = catalog.case(room, job.person)?;
    let granted = case.decide(Ask::Post(&job.draft))?;
    let Event::Posted { kept, story } = granted else {
        unreachable!("a granted post is an event of posting");
    };
    if let Some(endpoint) = job.endpoint {
        let seat = live.rooms.get(&room).and_then(|room| room.seats.get(&endpoint));
        if seat.is_none_or(|seat| seat.stage != Stage::Joined) {
            return Err(Refusal::NotJoined);
        }
    }
    Ok(NewPost {
        room,
        author: job.person,
        under: case.under(),
        client_id: job.client_id.clone(),
        draft: job.draft.clone(),
        kept,
        story,
        mentions: Vec::new(),
    })
}

/// What the poster is told; `None` when it has to be decided again.
fn settled(
    shared: &Shared,
    outcome: Result<PostOutcome, StoreFault>,
    begun: Instant,
) -> Option<Result<Said, Trouble>> {
    let done = match outcome {
        Ok(PostOutcome::Recorded(recorded)) => {
            shared.tally.kept(begun.elapsed());
            Ok(said(&recorded))
        }
        Ok(PostOutcome::Repeated(said)) => Ok(said),
        Ok(PostOutcome::ClientIdTaken) => Err(Trouble::ClientIdTaken),
        Ok(PostOutcome::Moved) => return None,
        Ok(PostOutcome::Superseded) => {
            shared.superseded();
            Err(Trouble::Stopping)
        }
        Err(fault) => Err(shared.fault(fault)),
    };
    Some(done)
}

fn said(recorded: &Recorded) -> Said {
    let Entry::Room(RoomEntry::Posted { post, .. }) = recorded.header.entry else {
        unreachable!("what was kept of a post is the entry of a post");
    };
    Said { position: recorded.header.position, post, time: recorded.header.time }
}

/// A poster who went away meanwhile needs no answer.
fn answer(job: Job, result: Result<Said, Trouble>) {
    let _ = job.answer.send(result);
}

/// Awaits all, each first polled in order, so that they enter the store's queue in order.
async fn all_in_order<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut pending: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = pending.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut ready = true;
        for (future, result) in pending.iter_mut().zip(&mut done).filter(|(_, result)| result.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(output) => *result = Some(output),
                Poll::Pending => ready = false,
            }
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
