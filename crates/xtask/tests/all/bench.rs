//! A small project on the bench: tidy as made, then broken in one place.
//! It says what tidy answered; what the answer should be, each test says.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A project in a folder of its own.
pub struct Bench {
    folder: TempDir,
}

const ARCHITECTURE: &str = "# House

| Crate | Shelf | Its one job | May use | Kept out |
| --- | --- | --- | --- | --- |
| `chat` | words | rules | - | all |
| `store` | keeping | keeps | `chat` | wire |
| `frontend` | faces | links | `chat` | store |
| `server` | roof | wires | all | - |
| `testkit` | dev | tests | all | shipping |

Pure libraries: `bytes`, `thiserror`.
";

impl Bench {
    /// A project that breaks no rule.
    pub fn tidy() -> Bench {
        let bench = Bench { folder: TempDir::new().expect("a temporary folder can be made") };
        bench.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n");
        bench.write("ARCHITECTURE.md", ARCHITECTURE);
        bench.write(
            "docs/protocol.md",
            "# Protocol\n\n| clause | file |\n| --- | --- |\n| 1 | `crates/chat/src/lib.rs` |\n",
        );
        for (name, uses) in [
            ("chat", ""),
            ("store", "chat = { path = \"../chat\" }\n"),
            ("frontend", "chat = { path = \"../chat\" }\n"),
            ("server", "store = { path = \"../store\" }\n"),
            ("testkit", "server = { path = \"../server\" }\n"),
        ] {
            bench.manifest(name, &format!("[dependencies]\n{uses}"));
            bench.write(&format!("crates/{name}/src/lib.rs"), "//! A crate. It is no other.\n");
        }
        bench
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and its folders.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("folders can be made");
        std::fs::write(path, text).expect("the file can be written");
    }

    /// Writes the manifest of a crate, ending with these sections.
    pub fn manifest(&self, name: &str, sections: &str) {
        let text =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{sections}");
        self.write(&format!("crates/{name}/Cargo.toml"), &text);
    }

    /// Writes a line into a file of the project that is there already.
    pub fn append(&self, path: &str, line: &str) {
        let old = std::fs::read_to_string(self.folder.path().join(path)).expect("the file is there");
        self.write(path, &format!("{old}{line}\n"));
    }

    /// Tidy's complaints about it; none when it is content.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        let answer = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["tidy", "--root"])
            .arg(self.folder.path())
            .output()
            .expect("xtask was built for this test");
        let said = String::from_utf8(answer.stderr).expect("complaints are text");
        let mine = |line: &&str| {
            !(line.starts_with("==>") || line.starts_with("<==") || line.starts_with("xtask: tidy:"))
        };
        let complaints: Vec<String> = said.lines().filter(mine).map(str::to_owned).collect();
        assert_eq!(
            answer.status.success(),
            complaints.is_empty(),
            "the exit code and the complaints disagree: {said}"
        );
        complaints
    }

    /// Fails unless tidy complains exactly once, beginning with `place` and saying `what`.
    #[track_caller]
    pub fn complains(&self, place: &str, what: &str) {
        let complaints = self.complaints();
        let [complaint] = complaints.as_slice() else { panic!("one complaint expected: {complaints:#?}") };
        assert!(complaint.starts_with(place), "{complaint}: does not begin with {place}");
        assert!(complaint.contains(what), "{complaint}: does not say {what}");
    }
}
