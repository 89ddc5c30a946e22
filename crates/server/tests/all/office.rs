//! An administrator's office: a program on a data directory of its own, and short ways to ask it things.
//! No story is here.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use testkit::wire::{Person, Way};
use testkit::{Program, Running};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse 9";

/// Exit codes of the contract.
pub const USAGE: i32 = 2;
pub const NOT_FOUND: i32 = 3;
pub const DENIED: i32 = 4;
pub const CONFLICT: i32 = 5;
pub const INVALID: i32 = 6;
pub const UNAVAILABLE: i32 = 7;

/// What founds a pool.
pub const FOUND: [&str; 5] = ["category", "new", "General", "--add-allowed-member", "domain:example.com"];

/// A program on a data directory.
pub struct Office {
    pub folder: TempDir,
    pub program: Program,
}

impl Office {
    /// A directory that does not exist yet.
    pub fn empty() -> Self {
        Self::in_folder("data")
    }

    /// A directory of this name that does not exist yet.
    pub fn in_folder(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = super::program(&folder.path().join(name));
        Self { folder, program }
    }

    /// A pool for example.com with the category General for everybody of it.
    pub fn founded() -> Self {
        let office = Self::empty();
        office.found();
        office
    }

    /// A founded pool with the open room Engineering and these people, who can sign on.
    pub fn with(people: &[&str]) -> Self {
        let office = Self::founded();
        office.must(&["room", "new", "Engineering", "--category", "General", "--privacy", "open"]);
        people.iter().for_each(|who| office.person(who));
        office
    }

    /// Founds the pool where there is none.
    pub fn found(&self) {
        self.must(&FOUND);
    }

    /// As [`Office::with`], with the store in this database.
    pub fn with_store_in(url: &str, people: &[&str]) -> Self {
        let office = Self::empty();
        office.must(&[&FOUND[..], &["--store", url]].concat());
        office.must(&["room", "new", "Engineering", "--category", "General", "--privacy", "open"]);
        people.iter().for_each(|who| office.person(who));
        office
    }

    /// Makes `sip:who@example.com`, who can sign on.
    pub fn person(&self, who: &str) {
        let address = format!("sip:{who}@example.com");
        let new = ["user", "new", &address, "--display-name", who, "--legacy-sign-on", "--password-stdin"];
        self.program.must(&new, PASSWORD);
    }

    /// A command that succeeds; returns its standard output.
    pub fn must(&self, words: &[&str]) -> String {
        self.program.must(words, "")
    }

    /// A command that succeeds; returns its standard error.
    pub fn told(&self, words: &[&str]) -> String {
        let output = self.program.ask(words, "");
        assert!(output.status.success(), "{words:?}: {}", error(&output));
        error(&output)
    }

    /// A command that is refused with this exit code; returns why.
    pub fn refused(&self, words: &[&str], code: i32) -> String {
        self.refused_with(words, "", code)
    }

    /// As [`Office::refused`], with standard input.
    pub fn refused_with(&self, words: &[&str], input: &str, code: i32) -> String {
        let output = self.program.ask(words, input);
        let said = error(&output);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        assert!(output.stdout.is_empty(), "{words:?} prints nothing but why: {output:?}");
        said
    }

    /// The rows a command prints with `--json`.
    pub fn rows(&self, words: &[&str]) -> Vec<Value> {
        let printed = self.must(&[words, &["--json"]].concat());
        let row = |line: &str| serde_json::from_str(line).unwrap_or_else(|bad| panic!("{bad}: {line}"));
        printed.lines().map(row).collect()
    }

    /// The one row a command prints with `--json`.
    pub fn row(&self, words: &[&str]) -> Value {
        let mut rows = self.rows(words);
        assert_eq!(rows.len(), 1, "{words:?} prints one object: {rows:?}");
        rows.remove(0)
    }

    /// Runs a line of shell as an administrator at a prompt would: with the program on the path, on this directory.
    pub fn shell(&self, line: &str) -> Output {
        let mut path = program().parent().expect("the program lies in a folder").as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).env("PATH", path).env("CAUSERIE_DATA", self.program.data());
        shell.current_dir(self.folder.path());
        shell.output().expect("there is a shell")
    }

    /// Serves, and says how to reach it over plain TCP.
    pub fn serve(&self) -> (Running, Way) {
        let running = self.program.serve(&[]);
        let way = Way::Tcp(running.address("sip-tcp"));
        (running, way)
    }

    /// A file in the data directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.program.data().join(name)
    }
}

/// The program under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_causerie"))
}

/// What a command said on standard error.
pub fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The first command between backticks in a message.
pub fn advised(message: &str) -> &str {
    let command = message.split('`').nth(1);
    command.unwrap_or_else(|| panic!("no command is advised: {message}"))
}

/// The values of a list in a row.
pub fn list(row: &Value, name: &str) -> Vec<String> {
    let list = row[name].as_array().unwrap_or_else(|| panic!("{name} is a list in {row}"));
    list.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

/// Whether somebody can sign on with this password.
pub async fn signs_on(way: &Way, who: &str, password: &str) -> bool {
    let address = format!("sip:{who}@example.com");
    let mut person = Person::connect(way, &address, password, 4_711).await.expect("the server listens");
    person.sign_on().await.expect("a sign-on is answered").status() == Some(200)
}
