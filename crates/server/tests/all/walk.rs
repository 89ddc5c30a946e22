//! A walk of web/tests/walk through the pages of a running program, in Chromium.
//! What is on the pages, the walks know.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use testkit::Running;

/// One walk on its way.
pub struct Walk {
    child: Child,
    says: BufReader<ChildStdout>,
    name: String,
}

impl Walk {
    /// Begins to walk through a story of web/tests/walk at the pages of a server.
    pub fn begin(story: &str, running: &Running) -> Self {
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
    pub fn asked(&mut self) -> Option<String> {
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

    /// Tells it what it asked for.
    pub fn answer(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("standard input was piped");
        writeln!(stdin, "{text}").expect("it waits for the answer");
    }

    /// Walks to the end, and asks for nothing.
    pub fn through(mut self) {
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
