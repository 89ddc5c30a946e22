//! Builds the store by what the store offers to everybody: administration in chunks, posts that wait together for one commit.
//! Writes no row behind its back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chat::{
    Actor, Address, CategoryId, ClientId, Description, DisplayName, Domain, Draft, Invitations, NodeName,
    PersonId, Principal, Privacy, RoomKind, Scope, Text, Under,
};
use store::{
    CategoryDraft, NewPost, Order, PersonDraft, PostOutcome, ReadMark, RoomDraft, RowChange, RowDone, Store,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::model::{Chance, DOMAIN, Model, ROOMS_OF_ONE};
use crate::texts::text;
use crate::{Failed, room};

/// Changes of one administrative operation.
const CHANGES: u64 = 200;
/// Posts that wait for the store at the same time: two full batches.
const WAITING: u64 = 2_048;
/// People whose marks are kept at once.
const MARKED: u64 = 16;

/// Fills an empty store.
pub async fn build(store: &Store, model: &Model) -> Result<(), Failed> {
    let began = Instant::now();
    let tell = |what: &str| eprintln!("{:7.1} s  {what}", began.elapsed().as_secs_f64());
    people(store, model).await?;
    tell("people");
    rooms(store, model).await?;
    tell("rooms with their members");
    posts(store, model, &tell).await?;
    marks(store, model).await?;
    tell("read marks");
    Ok(())
}

async fn administer(store: &Store, changes: Vec<RowChange>) -> Result<Vec<RowDone>, Failed> {
    Ok(store.administer(Order::of(Actor::Server, "{}".into()), changes).await?.done)
}

async fn people(store: &Store, model: &Model) -> Result<(), Failed> {
    for first in (0..model.people).step_by(CHANGES as usize) {
        let chunk = first..model.people.min(first + CHANGES);
        let drafts = chunk.map(|n| {
            let address = Address::parse(&format!("sip:person{n}@{DOMAIN}"))?;
            Ok(RowChange::NewPerson(PersonDraft::local(address, DisplayName::parse(&format!("Person {n}"))?)))
        });
        administer(store, drafts.collect::<Result<_, Failed>>()?).await?;
    }
    Ok(())
}

async fn rooms(store: &Store, model: &Model) -> Result<(), Failed> {
    let general = CategoryDraft {
        name: NodeName::parse("General")?,
        description: Description::default(),
        scope: Scope { allowed: vec![Principal::Domain(Domain::parse(DOMAIN)?)], denied: vec![] },
        creators: vec![],
        invitations: false,
        file_upload: false,
        history: true,
    };
    let made = administer(store, vec![RowChange::NewCategory(general)]).await?;
    let Some(RowDone::Category(category)) = made.first() else { return Err("no category was made".into()) };
    for first in (0..model.rooms()).step_by(CHANGES as usize) {
        let chunk = first..model.rooms().min(first + CHANGES);
        let drafts = chunk.map(|n| Ok(RowChange::NewRoom(draft(model, category.id, n)?)));
        let made = administer(store, drafts.collect::<Result<_, Failed>>()?).await?;
        match made.first() {
            Some(RowDone::Room(made)) if made.id == room(first) => {}
            other => return Err(format!("room {first} is {other:?}").into()),
        }
    }
    Ok(())
}

fn draft(model: &Model, category: CategoryId, n: u64) -> Result<RoomDraft, Failed> {
    Ok(RoomDraft {
        category,
        under_category_rules: None,
        name: NodeName::parse(&format!("Room {n}"))?,
        description: Description::default(),
        // One room of a hundred is open.
        privacy: if n.is_multiple_of(100) { Privacy::Open } else { Privacy::Closed },
        kind: RoomKind::Normal,
        invitations: Invitations::Off,
        disabled: false,
        add_in: None,
        members: model.members(n).into_iter().map(|person| Principal::Person(id(person))).collect(),
        managers: vec![],
        presenters: vec![],
    })
}

/// People are numbered as they were made, from 1 on.
pub fn id(person: u64) -> PersonId {
    PersonId(person.cast_signed() + 1)
}

async fn posts(store: &Store, model: &Model, tell: &impl Fn(&str)) -> Result<(), Failed> {
    let done = Arc::new(AtomicU64::new(0));
    let mut running = JoinSet::new();
    for poster in 0..WAITING {
        let share = model.posts / WAITING + u64::from(poster < model.posts % WAITING);
        running.spawn(post_many(store.clone(), *model, poster, share, Arc::clone(&done)));
    }
    let mut told = 0;
    while let Some(ended) = running.join_next().await {
        ended??;
        let now = done.load(Ordering::Relaxed);
        if now >= told + model.posts / 10 {
            told = now;
            tell(&format!("{now} posts"));
        }
    }
    tell("all posts");
    Ok(())
}

async fn post_many(
    store: Store,
    model: Model,
    poster: u64,
    count: u64,
    done: Arc<AtomicU64>,
) -> Result<(), Failed> {
    let mut chance = Chance::of(poster << 40);
    for n in 0..count {
        let before = done.load(Ordering::Relaxed);
        let (room, author) = (room(model.room_after(before, &mut chance)), id(chance.below(model.people)));
        let draft = Draft { text: Text::parse(&text(&mut chance))?, rtf: None, alert: false };
        // Posts of browsers bear a name of their own.
        let named = n % 2 == 0;
        let client_id = named.then(|| ClientId::parse(&format!("{poster}-{n}"))).transpose()?;
        let under = Under { room_rules: 1, category_rules: 1, standing: 1 };
        let (kept, story, mentions) = (true, false, Vec::new());
        let post = NewPost { room, author, under, client_id, draft, kept, story, mentions };
        match store.post(post).await? {
            PostOutcome::Recorded(_) => done.fetch_add(1, Ordering::Relaxed),
            other => return Err(format!("a post was not kept: {other:?}").into()),
        };
    }
    Ok(())
}

/// Everybody has read something of each room.
async fn marks(store: &Store, model: &Model) -> Result<(), Failed> {
    let mut chance = Chance::of(7);
    let count = ROOMS_OF_ONE.iter().sum();
    let mut running = JoinSet::new();
    for first in (0..model.people).step_by(MARKED as usize) {
        let mut marks = Vec::new();
        for person in first..model.people.min(first + MARKED) {
            let read =
                |n: u64| ReadMark { person: id(person), room: room(n), posts: 1 + chance.below(50) as u32 };
            marks.extend(model.rooms_of(person, count).into_iter().map(read));
        }
        let store = store.clone();
        running.spawn(async move { store.mark_read(marks).await });
        if running.len() >= 16
            && let Some(ended) = running.join_next().await
        {
            ended??;
        }
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}
