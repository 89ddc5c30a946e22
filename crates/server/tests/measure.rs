//! How quick the browser is where there are a thousand rooms and a hundred thousand messages: the program optimised, and nobody else
//! on the machine. `cargo xtask test` tells it, and `cargo xtask measure` alone.

#[path = "all/office.rs"]
#[expect(dead_code, reason = "an office serves more stories than this one")]
mod office;
#[path = "all/walk.rs"]
#[expect(dead_code, reason = "this walk asks for nothing")]
mod walk;

use std::fmt::Write as _;
use std::path::Path;

use futures_util::future::join_all;
use testkit::chat::{Clock, Draft, JournalKey, Text, Under};
use testkit::store::{NewPost, PostOutcome, Store};
use testkit::{Program, TestClock};

use office::Office;
use walk::Walk;

/// Posts of the long room, as the measure of the browser wants them.
const POSTS: usize = 100_000;
/// Posts that are kept together.
const TOGETHER: usize = 1_000;
const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;
/// The time from thousand to thousand: eight hours.
const BETWEEN_MICROS: i64 = 8 * 3_600 * 1_000_000;
/// Closed rooms beside it, all with one member.
const ROOMS: usize = 999;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rooms_and_a_hundred_thousand_messages_are_quick() {
    let office = Office::with(&["ana", "bob"]);
    office.must(&["category", "set", "General", "--invitations"]);
    let mut table = "name,category,privacy,members\n".to_owned();
    for number in 1..=ROOMS {
        writeln!(table, "Room {number:04},General,closed,sip:ana@example.com")
            .expect("a text can be written to");
    }
    let file = office.folder.path().join("rooms.csv");
    std::fs::write(&file, table).expect("a table is written");
    office.must(&["room", "import", &file.to_string_lossy()]);
    office.must(&["room", "new", "Long", "--category", "General", "--add-member", "sip:ana@example.com"]);
    fill(&office).await;
    tokio::task::block_in_place(|| {
        let running = office.program.serve(&[]);
        // The product shows 999 rooms of one kind at most: the last is followed.
        Walk::begin("measure.rooms", &running).through();
    });
}

/// Says something in the long room, as often as it takes; the first message of every other room, too.
async fn fill(office: &Office) {
    let clock = std::sync::Arc::new(TestClock::at("2026-01-05T08:00:00Z", 7));
    let store = Store::open_founded(&office.file("store.db"), clock.clone()).expect("nobody has it");
    // Times never go back: what is said begins on the day after the founding, at eight.
    let founded = store.entries(JournalKey::Pool, 0, 1).await.expect("the journal can be read");
    let founded = founded[0].header.time.unix_micros();
    let morning = (founded.div_euclid(DAY_MICROS) + 1) * DAY_MICROS + BETWEEN_MICROS;
    clock.advance_micros(morning - clock.now().unix_micros());
    let rooms = store.rooms().await.expect("rooms can be read");
    let people = store.people().await.expect("people can be read");
    let author = people.iter().find(|person| person.address.as_str() == "sip:bob@example.com").expect("Bob");
    let long = rooms.iter().find(|room| room.name.as_str() == "Long").expect("the long room");
    let category = store.category(long.category).await.expect("it can be read").expect("it is there");
    let post = |room: &testkit::chat::Room, text: String| {
        let draft = Draft { text: Text::parse(&text).expect("a text"), rtf: None, alert: false };
        let under =
            Under { room_rules: room.rules, category_rules: category.rules, standing: author.standing };
        let (room, author) = (room.id, author.id);
        store.post(NewPost {
            room,
            author,
            under,
            client_id: None,
            draft,
            kept: true,
            story: false,
            mentions: Vec::new(),
        })
    };
    for first in (1..=POSTS).step_by(TOGETHER) {
        let said = (first..first + TOGETHER).map(|number| post(long, format!("message {number}")));
        let outcomes = join_all(said).await;
        assert!(outcomes.iter().all(|done| matches!(done, Ok(PostOutcome::Recorded(_)))), "all are kept");
        clock.advance_micros(BETWEEN_MICROS);
    }
    let firsts = rooms.iter().filter(|room| room.name.as_str().starts_with("Room "));
    let firsts: Vec<_> = firsts.map(|room| post(room, "the first".to_owned())).collect();
    drop(join_all(firsts).await);
    store.close().await;
}

/// The program under test on a data directory.
fn program(data: &Path) -> Program {
    Program::new(Path::new(env!("CARGO_BIN_EXE_causerie")), data)
}
