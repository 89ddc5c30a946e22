//! The driver of the real pidgin-sipe client as a child process: one command per line in, one JSON event per line out.
//! Knows its commands and events (clients/sipe-client/README.md), not what they mean.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
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
    /// Where the driver is: `$SIPE_CLIENT`, or where `cargo xtask test` builds it before it runs the tests.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn driver() -> PathBuf {
        if let Some(driver) = std::env::var_os("SIPE_CLIENT") {
            return PathBuf::from(driver);
        }
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
        let driver = target.join("sipe-client/sipe-client");
        assert!(driver.exists(), "{} is missing: run `cargo xtask test`, which builds it", driver.display());
        driver
    }

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
            if is(&event, name, fields) {
                return event;
            }
        }
    }

    /// Whether an event of this name has been seen up to the last one waited for.
    #[must_use]
    pub fn saw(&self, name: &str) -> bool {
        self.saw_one(name, &[])
    }

    /// Whether an event of this name with these fields has been seen up to the last one waited for.
    #[must_use]
    pub fn saw_one(&self, name: &str, fields: &[(&str, &str)]) -> bool {
        self.seen.iter().any(|event| is(event, name, fields))
    }

    /// The events of this name that have been seen up to the last one waited for, in their order.
    #[must_use]
    pub fn seen(&self, name: &str) -> Vec<&Value> {
        self.seen.iter().filter(|event| event["event"] == name).collect()
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

fn is(event: &Value, name: &str, fields: &[(&str, &str)]) -> bool {
    let right = |(key, value): &(&str, &str)| event[*key].as_str() == Some(value);
    event["event"] == name && fields.iter().all(right)
}

impl Drop for RealClient {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
