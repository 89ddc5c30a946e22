//! A session with a driver that a shell script plays: what counts as done, what as failed.
//! Nothing signs on anywhere; the real driver is tried against the real server elsewhere.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::session::Session;
use super::story;
use crate::trouble::Trouble;

const CONNECTED: &str = r#"echo '{"event":"plugin-state","state":"groupchat-connected"}'"#;
const ECHO: &str = r#"echo '{"event":"message","self":true,"room":"Engineering","text":"hello","age":0}'"#;
const JOINED: &str = r#"echo '{"event":"joined","room":"Engineering"}'"#;

/// Alice says hello in Engineering through a driver that behaves as the script says.
fn alice_says_hello(script: &[&str]) -> Result<(), Trouble> {
    let driver = Command::new("sh")
        .args(["-c", &script.join("\n")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    Session::new(driver, true, Duration::from_secs(30)).run(Some("Engineering"), Some("hello"))
}

fn why(done: Result<(), Trouble>) -> String {
    done.expect_err("the session reports a failure").to_string()
}

#[test]
fn a_message_that_comes_back_is_said() {
    let script = [
        CONNECTED,
        "read -r line; test \"$line\" = 'join \"Engineering\"' || exit 9",
        JOINED,
        "read -r line; test \"$line\" = 'send \"Engineering\" hello' || exit 9",
        ECHO,
        "read -r line; test \"$line\" = quit || exec cat",
    ];
    alice_says_hello(&script).expect("hello was said");
}

#[test]
fn what_was_said_before_is_not_taken_for_the_message() {
    let history = r#"echo '{"event":"message","self":true,"room":"Engineering","text":"good bye","age":0}'"#;
    let earlier = r#"echo '{"event":"message","self":true,"room":"Engineering","text":"hello","age":3600}'"#;
    let script = [CONNECTED, "read -r line", JOINED, "read -r line", history, earlier];
    assert_eq!(why(alice_says_hello(&script)), "the driver ended before it was done");
}

#[test]
fn a_room_that_does_not_exist_fails_the_session_with_its_reason() {
    let refused =
        r#"echo '{"event":"command-error","command":"join","message":"no such room in the room list"}'"#;
    let done = alice_says_hello(&[CONNECTED, "read -r line", refused, "read -r line"]);
    assert_eq!(why(done), "join: no such room in the room list");
}

#[test]
fn a_message_that_is_refused_is_not_said() {
    let refused = r#"echo '{"event":"message-error","text":"The message was not delivered"}'"#;
    let done =
        alice_says_hello(&[CONNECTED, "read -r line", JOINED, "read -r line", refused, "read -r line"]);
    assert_eq!(why(done), "The message was not delivered");
}

#[test]
fn a_message_of_somebody_else_is_no_echo() {
    let other =
        r#"echo '{"event":"message","self":false,"room":"Engineering","sender":"sip:bob@example.com"}'"#;
    let ended = r#"echo '{"event":"connection-error","text":"Lost"}'"#;
    let done =
        alice_says_hello(&[CONNECTED, "read -r line", JOINED, "read -r line", other, ended, "read -r line"]);
    assert_eq!(why(done), "connection ended: Lost");
}

#[test]
fn a_refused_sign_on_ends_the_session_at_once() {
    let refused =
        r#"echo '{"event":"connection-error","reason":"AUTHENTICATION_FAILED","text":"Wrong password"}'"#;
    let done = alice_says_hello(&[refused, "read -r line; test \"$line\" = quit || exec cat"]);
    assert_eq!(why(done), "connection ended: Wrong password");
}

#[test]
fn a_driver_that_dies_has_said_nothing() {
    let done = alice_says_hello(&[CONNECTED, "read -r line", JOINED, "read -r line"]);
    assert_eq!(why(done), "the driver ended before it was done");
}

#[test]
fn events_read_as_lines_for_a_person() {
    let message = json!({"event": "message", "room": "Engineering", "sender": "sip:bob@example.com", "text": "hi",
                         "time": "2026-11-24T10:00:00Z"});
    assert_eq!(
        story::line(&message).as_deref(),
        Some("[2026-11-24 10:00:00] Engineering | bob@example.com: hi")
    );
    let room = json!({"event": "room", "name": "Lunch", "users": 3, "description": "what to eat"});
    assert_eq!(story::line(&room).as_deref(), Some("  Lunch - what to eat (3 here)"));
    assert_eq!(story::line(&json!({"event": "connect-progress"})), None, "noise is not shown");
}
