//! People at real pages of the real program: walks of web/tests/walk in Chromium, with what only the machine can do in between.
//! What is on the pages, the walks know.

use testkit::{RealClient, Running};

use super::office::{Office, PASSWORD};
use super::walk::Walk;

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
fn in_an_auditorium_only_presenters_are_offered_to_write() {
    let office = people();
    let hall = ["room", "new", "Hall", "--category", "General", "--privacy", "open", "--type", "auditorium"];
    office.must(&[&hall[..], &["--add-presenter", "sip:ana@example.com"]].concat());
    let running = office.program.serve(&[]);
    Walk::begin("chat.auditorium", &running).through();
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
fn a_dialog_that_was_closed_stays_closed_however_late_the_server_answers() {
    walk("panel.late");
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
