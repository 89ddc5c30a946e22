//! The store that every simulation begins with: made once in a process, copied for each simulation.
//! Simulates nothing.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use chat::{
    Actor, Address, Category, Description, DisplayName, Domain, Invitations, NodeName, PersonId, Principal,
    Privacy, Room, RoomKind, Scope,
};
use store::{
    CategoryDraft, Founding, Options, Order, PersonDraft, Place, RoomDraft, RowChange, RowDone, ServerState,
    Store,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::clock::TestClock;

/// Everybody there is.
const PEOPLE: [&str; 24] = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "kim", "leo",
    "mallory", "niaj", "olivia", "peggy", "quentin", "rupert", "sybil", "trent", "ursula", "victor", "wendy",
    "zoe",
];

/// What is there in the beginning.
///
/// The category General keeps history and admits everybody; in it are Lobby and Kitchen (open), Engineering (closed, the
/// first twelve people) and Board (secret, the first six). Corridor (open) lies in Fleeting, which keeps no history.
#[derive(Debug)]
pub(crate) struct Ground {
    octets: Vec<u8>,
    pub(crate) people: Vec<(String, PersonId)>,
    pub(crate) rooms: Vec<Room>,
    pub(crate) categories: Vec<Category>,
}

impl Ground {
    /// Lays it, the first time.
    pub(crate) fn laid() -> &'static Self {
        static GROUND: OnceLock<Ground> = OnceLock::new();
        GROUND.get_or_init(|| {
            // Whoever asks may be inside of a runtime.
            let laying = std::thread::spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                runtime.block_on(lay())
            });
            laying.join().expect("the ground is laid")
        })
    }

    /// A copy to play on, in memory where that is possible.
    pub(crate) fn copy(&self) -> TempDir {
        let folder = folder();
        std::fs::write(folder.path().join("store.db"), &self.octets).expect("there is room for a small file");
        folder
    }
}

fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).expect("a temporary directory")
}

async fn lay() -> Ground {
    let folder = folder();
    let file = folder.path().join("store.db");
    let clock = Arc::new(TestClock::at("2026-11-24T09:00:00Z", 7));
    let founding = Founding {
        domain: Domain::parse("example.com").expect("a domain"),
        pool_name: "pool.example.com".into(),
        pool_guid: Uuid::from_u128(1),
        site: "Default".into(),
        chat: true,
    };
    let place = Place { state: Some(ServerState::Command), ..Place::of("ground.example.com", "ground") };
    let store =
        Store::open_place(&file, Some(&founding), &place, clock, &Options::default()).expect("a store");
    let mut ids = Vec::new();
    for name in PEOPLE {
        let draft = PersonDraft::local(
            Address::parse(&format!("sip:{name}@example.com")).expect("an address"),
            DisplayName::parse(name).expect("a name"),
        );
        match change(&store, RowChange::NewPerson(draft)).await {
            RowDone::Person(person) => ids.push(person.id),
            other => panic!("a person was made, not {other:?}"),
        }
    }
    for (category, history) in [("General", true), ("Fleeting", false)] {
        let made = change(&store, RowChange::NewCategory(category_draft(category, history))).await;
        let RowDone::Category(made) = made else { panic!("a category was made, not {made:?}") };
        let rooms: &[(&str, Privacy, usize)] = match history {
            true => &[
                ("Lobby", Privacy::Open, 0),
                ("Kitchen", Privacy::Open, 0),
                ("Engineering", Privacy::Closed, 12),
                ("Board", Privacy::Secret, 6),
            ],
            false => &[("Corridor", Privacy::Open, 0)],
        };
        for (name, privacy, members) in rooms {
            let members = ids.iter().take(*members).map(|id| Principal::Person(*id)).collect();
            change(&store, RowChange::NewRoom(room_draft(made.id, name, *privacy, members))).await;
        }
    }
    let rooms = store.rooms().await.expect("a read");
    let categories = store.categories().await.expect("a read");
    store.close().await;
    let octets = std::fs::read(&file).expect("the store was closed");
    let people = PEOPLE.iter().map(|name| (*name).to_owned()).zip(ids).collect();
    Ground { octets, people, rooms, categories }
}

async fn change(store: &Store, change: RowChange) -> RowDone {
    let order = Order::of(Actor::Server, "{}".into());
    let mut done = store.administer(order, vec![change]).await.expect("the change is taken").done;
    done.pop().expect("each change yields something")
}

fn category_draft(name: &str, history: bool) -> CategoryDraft {
    CategoryDraft {
        name: NodeName::parse(name).expect("a name"),
        description: Description::default(),
        scope: Scope {
            allowed: vec![Principal::Domain(Domain::parse("example.com").expect("a domain"))],
            denied: Vec::new(),
        },
        creators: Vec::new(),
        invitations: false,
        file_upload: false,
        history,
    }
}

fn room_draft(
    category: chat::CategoryId,
    name: &str,
    privacy: Privacy,
    members: Vec<Principal>,
) -> RoomDraft {
    RoomDraft {
        category,
        under_category_rules: None,
        name: NodeName::parse(name).expect("a name"),
        description: Description::default(),
        privacy,
        kind: RoomKind::Normal,
        invitations: Invitations::Inherit,
        disabled: false,
        add_in: None,
        members,
        managers: Vec::new(),
        presenters: Vec::new(),
    }
}
