//! People at real pages of the real program: walks of web/tests/walk in Chromium, with what only the machine can do in between.
//! What is on the pages, the walks know.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use futures_util::future::join_all;
use testkit::chat::{Clock, Draft, JournalKey, Text, Under};
use testkit::store::{NewPost, PostOutcome, Store};
use testkit::{RealClient, Running, TestClock};

use super::office::{Office, PASSWORD};

/// Posts of the long room, as the measure of the browser wants them.
const POSTS: usize = 100_000;
/// Posts that are kept together.
const TOGETHER: usize = 1_000;
const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;
/// The time from thousand to thousand: eight hours.
const BETWEEN_MICROS: i64 = 8 * 3_600 * 1_000_000;
/// Closed rooms beside it, all with one member.
const ROOMS: usize = 999;

#[test]
fn two_people_sign_in_join_and_hear_each_other() {
    walk("chat.two");
}

#[test]
fn unread_posts_and_mentions_are_counted_across_a_reload() {
    walk("chat.unread");
}

#[test]
fn a_room_opens_at_its_end_and_shows_what_one_says() {
    walk("chat.end");
}

#[test]
fn a_room_of_a_few_messages_opens_with_the_end_of_the_last_one() {
    walk("chat.few");
}

#[test]
fn a_room_for_members_says_so_once_and_opens_when_one_is_let_in() {
    let office = people();
    let ana = "sip:ana@example.com";
    let board = ["room", "new", "Board", "--category", "General", "--privacy", "closed"];
    office.must(&[&board[..], &["--add-member", ana, "--add-manager", ana]].concat());
    let running = office.program.serve(&[]);
    Walk::begin("chat.members", &running).through();
}

#[test]
fn people_sign_in_by_what_they_call_their_address() {
    walk("chat.signing");
}

#[test]
fn an_address_of_nothing_is_a_page_that_says_so() {
    walk("looks.nowhere");
}

#[test]
fn whoever_signs_out_leaves_nothing_on_the_machine() {
    walk("chat.leaving");
}

#[test]
fn a_room_opened_without_a_network_is_read_when_it_is_back() {
    walk("network.opened");
}

#[test]
fn words_are_found_and_stand_as_feeds() {
    walk("chat.words");
}

#[test]
fn drafts_mentions_emoji_importance_and_stories_are_written() {
    walk("chat.writing");
}

#[test]
fn what_is_said_without_a_network_is_sent_in_order() {
    walk("network.offline");
}

#[test]
fn a_room_is_created_narrowed_and_disabled_by_its_manager() {
    walk("manage.room");
}

#[test]
fn every_page_of_the_control_panel_is_accessible() {
    walk("panel.pages");
}

#[test]
fn administrators_make_and_change_things_in_the_control_panel() {
    walk("panel.actions");
}

#[test]
fn a_message_is_replaced_after_a_rehearsal() {
    walk("panel.messages");
}

#[test]
fn every_page_of_chat_is_accessible_in_light_and_dark() {
    walk("looks.accessible");
}

#[test]
fn everything_is_there_in_french() {
    walk("looks.french");
}

#[test]
fn everything_fits_a_telephone() {
    walk("looks.small");
}

#[test]
fn people_chat_by_keyboard_alone() {
    walk("keyboard.chat");
}

#[test]
fn what_was_said_is_read_found_and_sent_later_by_keyboard_alone() {
    walk("keyboard.reading");
}

#[test]
fn rooms_are_managed_by_keyboard_alone() {
    walk("keyboard.rooms");
}

#[test]
fn things_are_made_in_the_control_panel_by_keyboard_alone() {
    walk("administer.things");
}

#[test]
fn questions_are_answered_in_the_control_panel_by_keyboard_alone() {
    walk("administer.questions");
}

#[test]
fn what_is_written_to_hurt_stays_text() {
    walk("danger.texts");
}

#[test]
fn the_first_load_is_small() {
    walk("measure.load");
}

#[test]
fn a_person_of_the_lync_protocol_sees_the_same_order() {
    let office = people();
    let running = office.program.serve(&[]);
    let mut bob = lync(&running);
    let mut walk = Walk::begin("chat.beside", &running);
    while let Some(asked) = walk.asked() {
        match asked.as_str() {
            "lync joins" => {
                bob.command("join \"Engineering\"");
                bob.wait("joined", &[("room", "Engineering")]);
                walk.answer("there");
            }
            "lync heard" => {
                bob.wait("message", &[("text", "from the browser 4")]);
                walk.answer(&serde_json::to_string(&in_order(&bob)).expect("texts"));
            }
            other => {
                let text = other.strip_prefix("lync says ").unwrap_or_else(|| panic!("what is '{other}'?"));
                bob.command(&format!("send \"Engineering\" {text}"));
                bob.wait("message", &[("text", text)]);
                walk.answer("said");
            }
        }
    }
    assert!(bob.quit(), "the client ends well");
}

#[test]
fn a_server_that_is_killed_loses_nothing_and_doubles_nothing() {
    let office = people();
    let mut running = Some(office.program.serve(&["--http", "127.78.0.1:0"]));
    let address = running.as_ref().expect("it runs").address("http").to_string();
    let mut walk = Walk::begin("network.killed", running.as_ref().expect("it runs"));
    while let Some(asked) = walk.asked() {
        match asked.as_str() {
            "kill" => running.take().expect("it runs").kill(),
            "start" => running = Some(office.program.serve(&["--http", &address])),
            other => panic!("what is '{other}'?"),
        }
        walk.answer("done");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rooms_and_a_hundred_thousand_messages_are_quick() {
    let office = people();
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

/// A walk that needs nothing of the machine, on a server of its own.
fn walk(story: &str) {
    let office = people();
    let running = office.program.serve(&[]);
    Walk::begin(story, &running).through();
}

/// Ana and Bob, who create rooms in General; and Root, who administers.
fn people() -> Office {
    let office = Office::with(&["ana", "bob", "root"]);
    office.must(&["category", "set", "General", "--add-creator", "domain:example.com", "--invitations"]);
    office.must(&["role", "grant", "administrator", "sip:root@example.com"]);
    office
}

fn lync(running: &Running) -> RealClient {
    let server = running.address("sip-tcp").to_string();
    let options = ["--user", "bob@example.com", "--server", &server, "--transport", "tcp", "--auth", "ntlm"];
    let mut bob = RealClient::start(&RealClient::driver(), &options, PASSWORD);
    bob.wait("plugin-state", &[("state", "groupchat-connected")]);
    bob.command("rooms");
    bob.wait("rooms-end", &[]);
    bob
}

/// What the other client was shown, in its order.
fn in_order(client: &RealClient) -> Vec<String> {
    let shown = client.seen("message");
    shown.iter().filter_map(|event| event["text"].as_str().map(str::to_owned)).collect()
}

/// One walk on its way.
struct Walk {
    child: Child,
    says: BufReader<ChildStdout>,
    name: String,
}

impl Walk {
    fn begin(story: &str, running: &Running) -> Self {
        let address = format!("http://{}", running.address("http"));
        let mut child = Command::new(node())
            .arg(web().join("tests/walk/run.mjs"))
            .args([story, &address])
            .current_dir(web())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed by the test command");
        let says = BufReader::new(child.stdout.take().expect("standard output was piped"));
        Self { child, says, name: story.to_owned() }
    }

    /// What it asks for next; `None` when it is done.
    fn asked(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            let read = self.says.read_line(&mut line).expect("it says text");
            if read == 0 {
                let status = self.child.wait().expect("it ends");
                assert!(status.success(), "{} ended with {status}: its standard error says why", self.name);
                return None;
            }
            match line.trim_end().strip_prefix("ask ") {
                Some(asked) => return Some(asked.to_owned()),
                None => print!("{}: {line}", self.name),
            }
        }
    }

    fn answer(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("standard input was piped");
        writeln!(stdin, "{text}").expect("it waits for the answer");
    }

    fn through(mut self) {
        if let Some(asked) = self.asked() {
            panic!("{} asks for '{asked}', and nothing of it was known", self.name);
        }
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web")
}

/// Where `cargo xtask test` says node is; else the one on the path.
fn node() -> PathBuf {
    std::env::var_os("NODE").map_or_else(|| PathBuf::from("node"), PathBuf::from)
}
