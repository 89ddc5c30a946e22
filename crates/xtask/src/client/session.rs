//! One session with the driver: commands go in one at a time, each waits for what it is about, events come out.
//! What an event looks like to a person is in `story.rs`.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::story;
use crate::step;
use crate::trouble::Trouble;

/// Lines and events on their way to the session; a writer that is faster waits.
const QUEUE_MAX: usize = 256;

/// A driver that runs, and what the session knows of it.
pub struct Session {
    driver: Child,
    input: Option<ChildStdin>,
    json: bool,
    patience: Duration,
    waiting: Waiting,
    since: Instant,
    lines: VecDeque<String>,
    last_room: Option<String>,
    rooms: Vec<String>,
    ending: bool,
    gone: bool,
    connected: bool,
    failures: Vec<String>,
}

/// What the session waits for before it hands over the next command.
#[derive(PartialEq, Eq)]
enum Waiting {
    SignOn,
    Nothing,
    Rooms,
    Joined(String),
    /// This text, said by the person just now.
    Echo(String),
    Left,
    End,
}

/// What happens to a session.
enum Happening {
    Typed(String),
    TypedAll,
    Event(Value),
    DriverGone,
}

impl Session {
    /// A session with this driver, whose standard input and output are piped.
    pub fn new(mut driver: Child, json: bool, patience: Duration) -> Session {
        let input = driver.stdin.take();
        Session {
            driver,
            input,
            json,
            patience,
            waiting: Waiting::SignOn,
            since: step::now(),
            lines: VecDeque::new(),
            last_room: None,
            rooms: Vec::new(),
            ending: false,
            gone: false,
            connected: false,
            failures: Vec::new(),
        }
    }

    /// Joins `room` and says `say` there when given; without `say`, does what the person types until its end.
    ///
    /// # Errors
    /// [`Trouble::Client`] with the first thing asked for by an option or a script that was not done. A person at a terminal has
    /// read it already and may have mended it since: then only the last failure to connect counts.
    pub fn run(mut self, room: Option<&str>, say: Option<&str>) -> Result<(), Trouble> {
        let (sender, happenings) = mpsc::sync_channel(QUEUE_MAX);
        let output = self.driver.stdout.take();
        let events = sender.clone();
        thread::spawn(move || {
            for line in
                output.into_iter().flat_map(|output| BufReader::new(output).lines()).map_while(Result::ok)
            {
                let event = serde_json::from_str(&line).unwrap_or(Value::Null);
                if events.send(Happening::Event(event)).is_err() {
                    return;
                }
            }
            // The session may be over already; then nobody needs to know.
            let _ = events.send(Happening::DriverGone);
        });
        self.lines.extend(room.map(|room| format!("join {room}")));
        match say {
            Some(say) => {
                // The driver takes "\n" for a line break and "\\" for a backslash.
                let text = say.replace('\\', "\\\\").replace('\n', "\\n");
                self.lines.push_back(format!("say {text}"));
                self.ending = true;
            }
            None => listen_to_keyboard(sender),
        }
        self.follow(&happenings);
        self.close(say.is_some() || !std::io::stdin().is_terminal())
    }

    fn follow(&mut self, happenings: &Receiver<Happening>) {
        loop {
            while self.waiting == Waiting::Nothing && (self.ending || !self.lines.is_empty()) {
                if !self.hand_over() {
                    return;
                }
            }
            let happening = if matches!(self.waiting, Waiting::Nothing) {
                happenings.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                happenings.recv_timeout(self.patience.saturating_sub(self.since.elapsed()))
            };
            match happening {
                Ok(Happening::Typed(line)) => self.lines.push_back(line),
                Ok(Happening::TypedAll) => self.ending = true,
                Ok(Happening::Event(event)) => self.hear(&event),
                Ok(Happening::DriverGone) | Err(RecvTimeoutError::Disconnected) => {
                    self.gone = true;
                    self.miss_driver();
                    return;
                }
                Err(RecvTimeoutError::Timeout) if self.waiting == Waiting::End => return,
                Err(RecvTimeoutError::Timeout) => self.lose_patience(),
            }
        }
    }

    /// Gives the driver the next command, if any; false when the driver takes no more.
    fn hand_over(&mut self) -> bool {
        let Some(line) = self.lines.pop_front().or_else(|| self.ending.then(|| "quit".to_owned())) else {
            return true;
        };
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let rest = rest.trim();
        let (command, waiting) = match word {
            "" => return true,
            "rooms" => (line.clone(), Waiting::Rooms),
            "join" => {
                let room = rest.trim_matches('"').to_owned();
                if self.rooms.contains(&room) {
                    self.last_room = Some(room);
                    self.note("you are in it already; what you say goes there");
                    return true;
                }
                (format!("join \"{room}\""), Waiting::Joined(room))
            }
            "help" => {
                self.note(story::COMMANDS);
                return true;
            }
            "say" if rest.is_empty() => {
                self.fail("say what? say TEXT");
                return true;
            }
            "say" => match &self.last_room {
                Some(room) => (format!("send \"{room}\" {rest}"), Waiting::Echo(spoken(rest))),
                None => {
                    self.fail("you are in no room yet: join NAME first");
                    return true;
                }
            },
            "send" => (line.clone(), Waiting::Echo(spoken(after_room(rest)))),
            "leave" => (format!("leave \"{}\"", self.meant(rest)), Waiting::Left),
            "participants" => (format!("participants \"{}\"", self.meant(rest)), Waiting::Nothing),
            "quit" => ("quit".to_owned(), Waiting::End),
            _ => (line.clone(), Waiting::Nothing),
        };
        self.wait_for(waiting);
        let input = self.input.as_mut();
        let given =
            input.is_some_and(|input| writeln!(input, "{command}").and_then(|()| input.flush()).is_ok());
        if !given {
            self.miss_driver();
        }
        given
    }

    fn hear(&mut self, event: &Value) {
        if self.json {
            println!("{event}");
        } else if let Some(line) = story::line(event) {
            println!("{line}");
        }
        let kind = event["event"].as_str().unwrap_or_default();
        let room = event["room"].as_str();
        match (&self.waiting, kind) {
            (_, "connection-error") => {
                self.failures.push(format!(
                    "connection ended: {}",
                    event["text"].as_str().unwrap_or("no reason given")
                ));
                self.give_up();
            }
            (Waiting::SignOn, "plugin-state") if event["state"] == "groupchat-connected" => {
                self.connected = true;
                self.wait_for(Waiting::Nothing);
            }
            (Waiting::Rooms, "rooms-end") => self.wait_for(Waiting::Nothing),
            (Waiting::Joined(wanted), "joined") if room == Some(wanted) || wanted.starts_with("ma-chan:") => {
                self.last_room = room.map(str::to_owned);
                self.rooms.extend(self.last_room.clone());
                self.wait_for(Waiting::Nothing);
            }
            (Waiting::Echo(text), "message") if self.is_echo(event, text) => self.wait_for(Waiting::Nothing),
            (Waiting::Left, "left") => {
                self.rooms.retain(|known| Some(known.as_str()) != room);
                self.wait_for(Waiting::Nothing);
            }
            (Waiting::SignOn | Waiting::Nothing | Waiting::End, _) => {}
            (_, "command-error" | "rooms-unavailable" | "dialog" | "message-error") => {
                let why = story::line(event).unwrap_or_default();
                self.failures.push(why.trim_start_matches("! ").to_owned());
                self.wait_for(Waiting::Nothing);
            }
            _ => {}
        }
    }

    /// Whether a message is the one that was sent last, and not one of the history that comes after a join.
    fn is_echo(&self, event: &Value, text: &str) -> bool {
        let age = event["age"].as_u64().unwrap_or(0);
        let new = age <= self.since.elapsed().as_secs() + 1;
        event["self"] == true && new && event["text"].as_str().is_some_and(|said| said.trim() == text)
    }

    fn lose_patience(&mut self) {
        let what = match &self.waiting {
            Waiting::SignOn => "the sign-on and the chat rooms",
            Waiting::Rooms => "the list of rooms",
            Waiting::Joined(_) => "the room",
            Waiting::Echo(_) => "the message to come back",
            Waiting::Left | Waiting::End | Waiting::Nothing => "the end",
        };
        self.fail(&format!("waited {} s for {what} in vain", self.patience.as_secs()));
        if self.waiting == Waiting::SignOn {
            self.give_up();
        } else {
            self.wait_for(Waiting::Nothing);
        }
    }

    /// Nothing more can come of this session: whatever was typed ahead is dropped.
    fn give_up(&mut self) {
        self.connected = false;
        self.lines.clear();
        self.ending = true;
        if self.waiting != Waiting::End {
            self.wait_for(Waiting::Nothing);
        }
    }

    /// The driver is no longer there, which is right only when it was told to quit.
    fn miss_driver(&mut self) {
        if self.waiting != Waiting::End {
            self.fail("the driver ended before it was done");
        }
    }

    fn wait_for(&mut self, waiting: Waiting) {
        self.waiting = waiting;
        self.since = step::now();
    }

    /// The room a command is about: the one it names, or the one joined last.
    fn meant(&self, rest: &str) -> String {
        let named = rest.trim_matches('"');
        if named.is_empty() { self.last_room.clone().unwrap_or_default() } else { named.to_owned() }
    }

    fn note(&self, what: &str) {
        if !self.json {
            println!("{what}");
        }
    }

    fn fail(&mut self, why: &str) {
        if !self.json {
            println!("! {why}");
        }
        self.failures.push(why.to_owned());
    }

    /// Ends the driver and says whether what was asked for was done.
    fn close(mut self, strict: bool) -> Result<(), Trouble> {
        if !self.gone {
            // It has nothing to lose: the server keeps what it answered. If it ended just now, that is as good.
            let _ = self.driver.kill();
        }
        let _ = self.driver.wait();
        let why = if strict {
            self.failures.into_iter().next()
        } else {
            self.failures.pop().filter(|_| !self.connected)
        };
        why.map_or(Ok(()), |why| Err(Trouble::Client(why)))
    }
}

/// A text as it comes back: the driver takes "\n" for a line break and "\\" for a backslash.
fn spoken(text: &str) -> String {
    let parts = text.split("\\\\").map(|part| part.replace("\\n", "\n"));
    parts.collect::<Vec<_>>().join("\\").trim().to_owned()
}

/// What follows the room in `send ROOM TEXT`.
fn after_room(rest: &str) -> &str {
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map_or("", |(_, text)| text),
        None => rest.split_once(' ').map_or("", |(_, text)| text),
    }
}

fn listen_to_keyboard(sender: SyncSender<Happening>) {
    thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.send(Happening::Typed(line)).is_err() {
                return;
            }
        }
        // The session may be over already; then nobody needs to know.
        let _ = sender.send(Happening::TypedAll);
    });
}
