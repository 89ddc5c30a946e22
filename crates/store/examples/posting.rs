//! Prints what keeping a post costs: posts per second, CPU time per post, and the time of searches over them.
//! Measures, asserts nothing. `cargo run --release -p store --example posting`

use std::sync::Arc;

use chat::{
    Actor, Address, Clock, Description, DisplayName, Domain, Draft, Invitations, MatchClause, NodeName,
    Person, PersonId, Principal, Privacy, Room, RoomId, RoomKind, Scope, Text, TextFilter, Time, Under,
};
use store::{
    CategoryDraft, Founding, NewPost, Order, PersonDraft, PostOutcome, RoomDraft, RowChange, RowDone, Search,
    Store, Window,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

const ROOMS: usize = 64;
const WORDS: &str = "the deployment of the quarterly billing service went out this morning and all of the \
                     dashboards look calm so far, please shout when you see an alarm";

/// Counts instead of looking at the time: nothing here depends on it.
struct Counter(std::sync::atomic::AtomicU64);

impl Clock for Counter {
    fn now(&self) -> Time {
        let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Time::from_unix_micros(n.cast_signed())
    }
    fn fill_random(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let n =
                self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&n.to_be_bytes()[..chunk.len()]);
        }
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir_in(".")?;
    let founding = Founding {
        domain: Domain::parse("example.com")?,
        pool_name: "bench".into(),
        pool_guid: uuid::Uuid::nil(),
        site: "Default".into(),
        chat: true,
    };
    let clock = Arc::new(Counter(std::sync::atomic::AtomicU64::new(1)));
    let store = Store::open(&dir.path().join("store.db"), &founding, clock)?;
    let (person, rooms) = furnish(&store).await?;
    let ids: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();

    for (posters, each) in [(1, 2_000), (16, 1_000), (256, 200)] {
        let (began, cpu) = (Instant::now(), cpu_seconds()?);
        let mut running = JoinSet::new();
        for poster in 0..posters {
            let (store, room) = (store.clone(), ids[poster % ROOMS]);
            running.spawn(post_many(store, person.id, room, each));
        }
        running.join_all().await;
        let posts = f64::from(u32::try_from(posters * each)?);
        let (wall, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
        println!(
            "{posters:>4} posters: {:>7.0} posts/s, {:>5.0} us of CPU per post",
            posts / wall,
            cpu * 1e6 / posts
        );
    }
    for (what, rooms, words) in [
        ("two words in one room", &ids[..1], "billing dashboards"),
        ("two words in all rooms", &ids[..], "billing dashboards"),
        ("one rare word in all rooms", &ids[..], "1999"),
    ] {
        let began = Instant::now();
        let filter = TextFilter::parse(words, MatchClause::And, false)?;
        let rooms = rooms.to_vec();
        let asked = Search { rooms, filter, authors: None, from: None, to: None, limit: 100 };
        let found = store.search(asked).await?;
        println!("search, {what}: {} found in {:?}", found.posts.len(), began.elapsed());
    }
    let began = Instant::now();
    let page = store.history(ids[0], Window::Last(50)).await?;
    println!("history, a page of {}: {:?}", page.posts.len(), began.elapsed());
    store.close().await;
    Ok(())
}

async fn post_many(store: Store, author: PersonId, room: RoomId, count: usize) {
    for n in 0..count {
        let kept = store.post(new_post(author, room, &format!("{WORDS} {n}"))).await;
        assert!(matches!(kept, Ok(PostOutcome::Recorded(_))), "{kept:?}");
    }
}

async fn furnish(store: &Store) -> Result<(Person, Vec<Room>), Box<dyn std::error::Error>> {
    let address = Address::parse("sip:alice@example.com")?;
    let alice = PersonDraft::local(address, DisplayName::parse("Alice")?);
    let everybody = Principal::Domain(Domain::parse("example.com")?);
    let general = CategoryDraft {
        name: NodeName::parse("General")?,
        description: Description::default(),
        scope: Scope { allowed: vec![everybody], denied: vec![] },
        creators: vec![],
        invitations: false,
        file_upload: false,
        history: true,
    };
    let changes = vec![RowChange::NewPerson(alice), RowChange::NewCategory(general)];
    let mut done = store.administer(Order::of(Actor::Server, "{}".into()), changes).await?.done.into_iter();
    let (Some(RowDone::Person(person)), Some(RowDone::Category(category))) = (done.next(), done.next())
    else {
        return Err("a person and a category were expected".into());
    };
    let room = |n: usize| {
        Ok(RowChange::NewRoom(RoomDraft {
            category: category.id,
            under_category_rules: None,
            name: NodeName::parse(&format!("Room {n}"))?,
            description: Description::default(),
            privacy: Privacy::Open,
            kind: RoomKind::Normal,
            invitations: Invitations::Off,
            disabled: false,
            add_in: None,
            members: vec![],
            managers: vec![],
            presenters: vec![],
        }))
    };
    let changes = (0..ROOMS).map(room).collect::<Result<Vec<_>, chat::BadText>>()?;
    let done = store.administer(Order::of(Actor::Server, "{}".into()), changes).await?.done;
    let rooms =
        done.into_iter().filter_map(|done| if let RowDone::Room(room) = done { Some(room) } else { None });
    Ok((person, rooms.collect()))
}

fn new_post(author: PersonId, room: RoomId, text: &str) -> NewPost {
    let under = Under { room_rules: 1, category_rules: 1, standing: 1 };
    let text = Text::parse(text).expect("the words above are no empty text");
    let draft = Draft { text, rtf: None, alert: false };
    NewPost { room, author, under, client_id: None, draft, kept: true, story: false, mentions: Vec::new() }
}

/// CPU time of this process so far, from the ticks the kernel counts (proc(5): fields 14 and 15, 100 per second).
fn cpu_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u32 = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
    Ok(f64::from(ticks) / 100.0)
}
