//! The real program as a child process: started, asked through its command line, stopped, killed.
//! Knows the contract of the command line and nothing of the inside.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Everywhere a server listens.
const LISTENERS: [&str; 5] = ["--sip-tls", "--sip-tcp", "--https", "--http", "--metrics"];
/// How long a start may take before the test calls it failed; a start is measured in milliseconds.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A program under test and its data directory.
#[derive(Debug, Clone)]
pub struct Program {
    binary: PathBuf,
    data: PathBuf,
    variables: Vec<(String, String)>,
}

/// A running server.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// The whole ready line.
    pub ready: String,
    errors: Option<std::thread::JoinHandle<String>>,
}

impl Program {
    /// The program at this path on this data directory.
    #[must_use]
    pub fn new(binary: &Path, data: &Path) -> Self {
        Self { binary: binary.to_owned(), data: data.to_owned(), variables: Vec::new() }
    }

    /// The same with a variable of the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Runs one administrative command with the given standard input and returns what it said.
    ///
    /// # Panics
    /// When the program cannot be started at all.
    #[must_use]
    pub fn ask(&self, words: &[&str], input: &str) -> Output {
        let mut child = Command::new(&self.binary)
            .args(words)
            .env("CAUSERIE_DATA", &self.data)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program under test starts");
        let mut stdin = child.stdin.take().expect("standard input was piped");
        // A command that refuses early closes its input; that is its right.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("the command ends")
    }

    /// Like [`Program::ask`], for a command that must succeed; returns its standard output.
    ///
    /// # Panics
    /// When the command fails, with what it said.
    pub fn must(&self, words: &[&str], input: &str) -> String {
        let output = self.ask(words, input);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{words:?} failed with {}: {said}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        said
    }

    /// Starts `serve` with these options, on loopback ports of the system's choice where they name none, and waits for its
    /// ready line.
    ///
    /// # Panics
    /// When no ready line comes.
    #[must_use]
    pub fn serve(&self, words: &[&str]) -> Running {
        let mut all = vec!["serve"];
        for listen in LISTENERS {
            if !words.contains(&listen) {
                all.extend_from_slice(&[listen, "127.0.0.1:0"]);
            }
        }
        all.extend_from_slice(words);
        self.start(&self.binary, &all)
    }

    /// Starts `serve` under another program, such as a tracer, given with its arguments.
    ///
    /// # Panics
    /// When no ready line comes.
    #[must_use]
    pub fn serve_under(&self, tracer: &[&str]) -> Running {
        let binary = self.binary.to_string_lossy();
        let mut all: Vec<&str> = tracer[1..].to_vec();
        all.extend_from_slice(&[&binary, "serve"]);
        all.extend(LISTENERS.into_iter().flat_map(|listen| [listen, "127.0.0.1:0"]));
        self.start(Path::new(tracer[0]), &all)
    }

    fn start(&self, binary: &Path, words: &[&str]) -> Running {
        let mut child = Command::new(binary)
            .args(words)
            .env("CAUSERIE_DATA", &self.data)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program under test starts");
        let stdout = child.stdout.take().expect("standard output was piped");
        let errors = drain(child.stderr.take().expect("standard error was piped"));
        let (lines, seen) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let mut said = Vec::new();
        loop {
            match seen.recv_timeout(START_LIMIT) {
                Ok(line) if line.starts_with("ready ") => {
                    return Running { child, ready: line, errors: Some(errors) };
                }
                Ok(line) => said.push(line),
                Err(_) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    let log = errors.join().unwrap_or_default();
                    panic!("no ready line from {words:?}; it said {said:?}, its log: {log}");
                }
            }
        }
    }
}

impl Running {
    /// The address behind a key of the ready line, such as `sip-tcp`.
    ///
    /// # Panics
    /// When the ready line has no such address.
    #[must_use]
    pub fn address(&self, key: &str) -> SocketAddr {
        self.ready
            .split_whitespace()
            .find_map(|part| part.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
            .unwrap_or_else(|| panic!("no {key} in '{}'", self.ready))
    }

    /// The operating system's number of the process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process at once, as `kill -9` does, and waits until it is gone.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends the process a signal.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a child can be sent signals");
    }

    /// Asks the process to end (SIGTERM) and waits; returns its exit status and what it logged.
    ///
    /// # Panics
    /// When the signal cannot be sent.
    pub fn terminate(self) -> (ExitStatus, String) {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// Waits until the process has ended by itself; returns its exit status and what it logged.
    ///
    /// # Panics
    /// When it cannot be waited for.
    pub fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("the process ends");
        let log = self.errors.take().map(|handle| handle.join().unwrap_or_default()).unwrap_or_default();
        (status, log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a log to its end on a thread of its own, so that a full pipe never stops the server.
fn drain(mut stderr: ChildStderr) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut log = Vec::new();
        let _ = stderr.read_to_end(&mut log);
        String::from_utf8_lossy(&log).into_owned()
    })
}
