//! The driver of the real pidgin-sipe client as a child process: one command per line in, one JSON event per line out.
//! Knows its commands and events (clients/sipe-client/README.md), not what they mean.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// How long an event may take; far longer than any takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// One running client.
#[derive(Debug)]
pub struct RealClient {
    child: Child,
    commands: ChildStdin,
    events: Receiver<Value>,
    seen: Vec<Value>,
}

impl RealClient {
    /// Starts the driver with these options; the password goes by the environment.
    ///
    /// # Panics
    /// When the driver cannot be started.
    #[must_use]
    pub fn start(driver: &Path, options: &[&str], password: &str) -> Self {
        let mut child = Command::new(driver)
            .args(options)
            .env("SIPE_PASSWORD", password)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver starts");
        let commands = child.stdin.take().expect("standard input was piped");
        let stdout = child.stdout.take().expect("standard output was piped");
        let (to, events) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Ok(event) = serde_json::from_str(&line) {
                    let _ = to.send(event);
                }
            }
        });
        Self { child, commands, events, seen: Vec::new() }
    }

    /// Gives one command.
    ///
    /// # Panics
    /// When the client has ended.
    pub fn command(&mut self, line: &str) {
        writeln!(self.commands, "{line}").expect("the client takes commands");
    }

    /// The next event of this name with these fields; events before it are passed over.
    ///
    /// # Panics
    /// When it does not come, with what came instead.
    pub fn wait(&mut self, name: &str, fields: &[(&str, &str)]) -> Value {
        loop {
            let Ok(event) = self.events.recv_timeout(PATIENCE) else {
                panic!("no event {name} {fields:?}; the client said {:#?}", self.seen);
            };
            self.seen.push(event.clone());
            let right = |(key, value): &(&str, &str)| event[*key].as_str() == Some(value);
            if event["event"] == name && fields.iter().all(right) {
                return event;
            }
        }
    }

    /// Whether an event of this name has been seen up to the last one waited for.
    #[must_use]
    pub fn saw(&self, name: &str) -> bool {
        self.seen.iter().any(|event| event["event"] == name)
    }

    /// Signs off and waits for the end; true when the client ended well.
    ///
    /// # Panics
    /// When the process cannot be waited for.
    pub fn quit(mut self) -> bool {
        let _ = writeln!(self.commands, "quit");
        self.child.wait().expect("the client ends").success()
    }
}

impl Drop for RealClient {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
