//! An administrator at a terminal: asked before something is lost, and never shown a password.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixListener;
use std::process::{Child, Command, Stdio};

use super::office::{NOT_FOUND, Office, USAGE, program, signs_on};

/// A command at a terminal of its own (util-linux `script` makes one).
pub struct Terminal {
    script: Child,
    shown: String,
}

impl Terminal {
    pub fn open(office: &Office, words: &str) -> Self {
        Self::shell(office, &format!("{} {words}", program().display()))
    }

    fn shell(office: &Office, line: &str) -> Self {
        let mut script = Command::new("script");
        script.args(["-qec", line, "/dev/null"]);
        script.env("CAUSERIE_DATA", office.program.data());
        script.stdin(Stdio::piped()).stdout(Stdio::piped());
        Self { script: script.spawn().expect("util-linux is installed"), shown: String::new() }
    }

    /// Reads up to the end of a text.
    pub fn wait_for(&mut self, text: &str) {
        let out = self.script.stdout.as_mut().expect("standard output was piped");
        let mut octet = [0];
        while !self.shown.ends_with(text) {
            assert_eq!(
                out.read(&mut octet).expect("it can be read"),
                1,
                "'{text}' comes, not {}",
                self.shown
            );
            self.shown.push(char::from(octet[0]));
        }
    }

    pub fn type_line(&mut self, line: &str) {
        self.press(&format!("{line}\n"));
    }

    fn press(&mut self, keys: &str) {
        let input = self.script.stdin.as_mut().expect("standard input was piped");
        input.write_all(keys.as_bytes()).expect("the terminal takes it");
    }

    /// Waits for the end; returns the exit code and everything shown.
    pub fn end(mut self) -> (Option<i32>, String) {
        let out = self.script.stdout.as_mut().expect("standard output was piped");
        let mut rest = Vec::new();
        out.read_to_end(&mut rest).expect("it can be read");
        let status = self.script.wait().expect("it ends");
        (status.code(), self.shown + &String::from_utf8_lossy(&rest))
    }
}

#[test]
fn who_says_no_keeps_the_room_and_who_says_yes_loses_it() {
    let office = Office::with(&[]);
    let mut terminal = Terminal::open(&office, "room remove Engineering");
    terminal.wait_for("[y/N] ");
    terminal.type_line("n");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(USAGE));
    assert!(shown.contains("nothing was done"), "{shown}");
    office.must(&["room", "get", "Engineering"]);
    let mut terminal = Terminal::open(&office, "room remove Engineering");
    terminal.wait_for("[y/N] ");
    terminal.type_line("y");
    assert_eq!(terminal.end().0, Some(0));
    office.refused(&["room", "get", "Engineering"], NOT_FOUND);
}

#[tokio::test]
async fn a_typed_password_is_taken_and_not_shown() {
    let office = Office::with(&["alice"]);
    let mut terminal =
        Terminal::open(&office, "user set sip:alice@example.com --legacy-sign-on --password-stdin");
    terminal.wait_for("Password: ");
    terminal.type_line("typed at night 3");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("typed at night"), "{shown}");
    let (_running, way) = office.serve();
    assert!(signs_on(&way, "alice", "typed at night 3").await);
}

#[test]
fn who_interrupts_a_password_gets_the_terminal_back_as_it_was() {
    let office = Office::with(&["alice"]);
    let set = format!("{} user set sip:alice@example.com --password-stdin", program().display());
    let mut terminal = Terminal::shell(&office, &format!("trap : INT; {set}; echo code $?; stty -a"));
    terminal.wait_for("Password: ");
    terminal.press("\u{3}");
    let (_, shown) = terminal.end();
    assert!(shown.contains("code 130"), "{shown}");
    assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
}

#[test]
fn a_table_is_as_wide_as_the_terminal() {
    let office = Office::with(&["alice", "bob"]);
    let long = "A description of more words than a narrow terminal has room for in one line";
    office.must(&["category", "set", "General", "--description", long]);
    let list = format!("{} category list", program().display());
    let (code, shown) = Terminal::shell(&office, &format!("stty cols 60; {list}")).end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.lines().all(|line| line.trim_end().chars().count() <= 60), "{shown}");
    assert!(shown.contains("CATEGORY") && shown.contains("narrow"), "{shown}");
    let printed = office.must(&["category", "list"]);
    assert!(printed.contains(long), "a program gets it in one line: {printed}");
}

#[test]
fn whoever_waits_is_shown_what_for_and_how_long_and_nothing_of_it_stays() {
    let office = Office::with(&[]);
    let server = UnixListener::bind(office.file("admin.sock")).expect("no server runs");
    let mut terminal = Terminal::open(&office, "room list 2>&1");
    let (stream, _) = server.accept().expect("the command asks");
    let mut stream = BufReader::new(stream);
    stream.read_line(&mut String::new()).expect("it says what it wants");
    terminal.wait_for("room list (");
    let answer =
        "{\"Ok\":{\"kind\":\"rooms\",\"rows\":[],\"changes\":[],\"warnings\":[],\"dryRun\":false}}\n";
    stream.get_mut().write_all(answer.as_bytes()).expect("the command listens");
    drop(stream);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    let (waiting, table) = shown.rsplit_once("\u{1b}[2K").expect("the line is wiped");
    assert!(waiting.contains("room list") && !table.contains("room list"), "{shown:?}");
    assert!(table.contains("ROOM"), "{shown:?}");
}
