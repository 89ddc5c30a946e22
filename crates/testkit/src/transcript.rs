//! Transcripts: what people send and what they get, as text that anyone who knows the protocol can read.
//! Runs them against a house in this process under a set clock; docs/protocol.md points at them clause by clause.
//!
//! A transcript begins with what there is (`people:`, `category:`, `room:`), then one step per line:
//!
//! | line | meaning |
//! | --- | --- |
//! | `alice arrives` | Alice signs on and opens the chat dialog |
//! | `alice leaves` | her link is closed |
//! | `alice looks the chat server up` | she invites the look-up address, in a dialog in which commands can follow |
//! | `alice -> <element/>` | she sends one XCCOS element in an INFO |
//! | `alice <- 200` | the answer to that INFO, or invitation |
//! | `alice <- BYE` | the server ends her dialog |
//! | `alice <- <element/>` | the next XCCOS element the server sends her |
//! | `admin: room set Engineering --disabled` | an operation of the administrator, in the few words `house.rs` understands: shaped like the command line, not read by it |
//!
//! `{Engineering}` stands for the GUID of that room (or category, or person), `{pool}` for the pool's, `{envid}` for the
//! envelope of her last command. At the end nobody may have got anything the transcript does not say.
//! With `UPDATE_TRANSCRIPTS` set, answers are written into the file instead of compared; read the difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::authority::Authority;
use crate::house::{Engine, House};
use crate::wire::{Message, Person};

/// When every transcript begins.
const BEGIN: &str = "2026-11-24T10:00:00Z";

/// Runs the transcript in this file against a house whose store is on this engine. Answers are written down with SQLite; the other
/// must give the same.
///
/// # Panics
/// Where what happens is not what the file says, naming the line.
pub async fn run(file: &Path, engine: Engine) {
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some() && engine == Engine::Sqlite;
    run_in(House::on(engine, BEGIN).await, file, update).await;
}

/// As [`run`] on SQLite, with everybody at a front end apart from the chat server, where nobody can tell the difference.
///
/// # Panics
/// As [`run`].
pub async fn run_apart(file: &Path) {
    let mut house = House::found(BEGIN).await;
    house.stand_apart(&Authority::make()).await;
    run_in(house, file, false).await;
}

async fn run_in(house: House, file: &Path, update: bool) {
    let text = std::fs::read_to_string(file).expect("the transcript can be read");
    let mut play = Play { house, people: BTreeMap::new(), names: Vec::new() };
    play.name("pool", &play.house.pool_guid());
    let mut written = String::new();
    for (number, line) in text.lines().enumerate() {
        let place = format!("{}:{}", file.display(), number + 1);
        let line = play.step(line, &place, update).await;
        let _ = writeln!(written, "{line}");
    }
    let rest = play.rest().await;
    if update {
        for line in rest {
            let _ = writeln!(written, "{line}");
        }
        std::fs::write(file, written).expect("the transcript can be written");
    } else {
        assert!(rest.is_empty(), "{} does not say that:\n{}", file.display(), rest.join("\n"));
    }
}

struct Play {
    house: House,
    people: BTreeMap<String, Actor>,
    /// What the curly names stand for.
    names: Vec<(String, String)>,
}

struct Actor {
    person: Person,
    envid: u32,
    answer: Option<u16>,
}

impl Play {
    /// One line; returns it as it should stand in the file.
    async fn step(&mut self, line: &str, place: &str, update: bool) -> String {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            return line.to_owned();
        }
        if let Some((who, element)) = line.split_once(" -> ") {
            self.says(who, element).await;
            return line.to_owned();
        }
        if let Some((who, expected)) = line.split_once(" <- ") {
            let got = self.gets(who, expected, place).await;
            if !update {
                assert_eq!(expected, got, "{place}: {who} got something else");
            }
            return format!("{who} <- {got}");
        }
        if let Some((noun, rest)) = line.split_once(": ") {
            self.sets_up(noun, rest, place).await;
        } else if let Some(who) = line.strip_suffix(" arrives") {
            let person = self.house.arrive(who).await;
            self.people.insert(who.to_owned(), Actor { person, envid: 1, answer: None });
        } else if let Some(who) = line.strip_suffix(" looks the chat server up") {
            let actor = self.people.get_mut(who).unwrap_or_else(|| panic!("{place}: {who} is not there"));
            let answer = actor.person.invite("sip:ocschat@example.com").await;
            actor.answer = answer.ok().and_then(|message| message.status());
        } else if let Some(who) = line.strip_suffix(" leaves") {
            assert!(self.people.remove(who).is_some(), "{place}: {who} is not there");
        } else {
            panic!("{place}: this is no line of a transcript");
        }
        line.to_owned()
    }

    async fn sets_up(&mut self, noun: &str, rest: &str, place: &str) {
        match noun {
            "people" => {
                for who in rest.split(", ") {
                    let guid = self.house.person(who).await;
                    self.name(who, &guid);
                }
            }
            "category" | "room" => {
                let name = rest.split(" --").next().unwrap_or(rest).trim();
                let guid = self.house.admin(&format!("{noun} new \"{name}\"{}", &rest[name.len()..])).await;
                self.name(name, &guid);
            }
            "admin" => {
                self.house.admin(rest).await;
            }
            _ => panic!("{place}: a transcript knows people, category, room and admin"),
        }
    }

    async fn says(&mut self, who: &str, element: &str) {
        let element = self.filled(element);
        let actor = self.people.get_mut(who).unwrap_or_else(|| panic!("{who} has not arrived"));
        actor.envid += 1;
        let answer = actor.person.info(&element).await;
        actor.answer = answer.ok().and_then(|message| message.status());
    }

    async fn gets(&mut self, who: &str, expected: &str, place: &str) -> String {
        let actor = self.people.get_mut(who).unwrap_or_else(|| panic!("{place}: {who} has not arrived"));
        let envid = actor.envid;
        if expected.chars().all(|c| c.is_ascii_digit()) {
            return actor.answer.take().map_or("closed".to_owned(), |status| status.to_string());
        }
        match actor.person.request_where(|_| true).await {
            Ok(request) => self.named(shown(&request), envid),
            Err(_) => "closed".to_owned(),
        }
    }

    /// What people got that no line mentioned.
    async fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut seen = Vec::new();
        for (who, actor) in &mut self.people {
            for request in actor.person.settled_requests().await.unwrap_or_default() {
                seen.push((who.clone(), actor.envid, request));
            }
        }
        for (who, envid, request) in seen {
            lines.push(format!("{who} <- {}", self.named(shown(&request), envid)));
        }
        lines
    }

    fn name(&mut self, name: &str, value: &str) {
        self.names.push((format!("{{{name}}}"), value.to_owned()));
    }

    fn filled(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    fn named(&self, text: &str, envid: u32) -> String {
        let text = text.replace(&format!("envid=\"{envid}\"/>"), "envid=\"{envid}\"/>");
        self.names.iter().fold(text, |text, (name, value)| text.replace(value, name))
    }
}

/// What is written of a request of the server: what its INFO carries, or the method of any other.
fn shown(request: &Message) -> &str {
    match request.method() {
        Some("INFO") => inner(&request.body),
        other => other.unwrap_or_default(),
    }
}

/// The elements inside the envelope, once the envelope has been found to be one.
fn inner(body: &str) -> &str {
    let (root, rest) = body.split_once('>').expect("an envelope has a root");
    assert!(root.starts_with("<xccos ") && root.contains(" ver=\"1\""), "an XCCOS envelope: {root}");
    assert!(
        root.contains(" xmlns=\"urn:parlano:xml:ns:xccos\"") && root.contains(" envid=\""),
        "an envelope: {root}"
    );
    rest.strip_suffix("</xccos>").expect("an envelope is closed")
}
