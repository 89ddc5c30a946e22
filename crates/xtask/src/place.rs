//! Where the project is and where its build products go.
//! It does not read what lies there.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::trouble::Trouble;

/// The folder of the project.
pub struct Place {
    root: PathBuf,
}

impl Place {
    /// The project that the current folder lies in.
    ///
    /// # Errors
    /// [`Trouble::NotInProject`] when no folder above has both `Cargo.toml` and `crates/`.
    pub fn find() -> Result<Place, Trouble> {
        let here = std::env::current_dir().map_err(|_| Trouble::NotInProject)?;
        let root = here
            .ancestors()
            .find(|folder| folder.join("Cargo.toml").is_file() && folder.join("crates").is_dir());
        root.map(|root| Place { root: root.to_path_buf() }).ok_or(Trouble::NotInProject)
    }

    /// A project at a folder given by name, for tidy's own tests.
    pub fn at(root: &Path) -> Place {
        Place { root: root.to_path_buf() }
    }

    /// The root of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder of the checkout.
    pub fn join(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// `cargo` as we were called by it, to be run at the root. It is told nothing of us, as when it is called by hand: build scripts
    /// that read what package is built run anew whenever it changes, and all that stands on them is built again.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root);
        let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(ours) {
                cargo.env_remove(&name);
            }
        }
        cargo
    }

    /// `rustc` as cargo starts it here.
    pub fn rustc(&self) -> Command {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.current_dir(&self.root);
        rustc
    }

    /// What `cargo metadata --no-deps` says about the workspace.
    ///
    /// # Errors
    /// When cargo cannot be started, fails, or answers with something that is not JSON.
    pub fn metadata(&self) -> Result<serde_json::Value, Trouble> {
        let answer = self
            .cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .map_err(|error| Trouble::NotStarted { program: "cargo metadata".to_owned(), error })?;
        if !answer.status.success() {
            let why = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
            return Err(Trouble::Unreadable { what: "cargo metadata".to_owned(), why });
        }
        serde_json::from_slice(&answer.stdout).map_err(|error| Trouble::Unreadable {
            what: "cargo metadata".to_owned(),
            why: error.to_string(),
        })
    }

    /// The target folder cargo uses for this workspace.
    ///
    /// # Errors
    /// As [`Place::metadata`].
    pub fn target(&self) -> Result<PathBuf, Trouble> {
        let metadata = self.metadata()?;
        metadata["target_directory"].as_str().map(PathBuf::from).ok_or_else(|| Trouble::Unreadable {
            what: "cargo metadata".to_owned(),
            why: "names no target_directory".to_owned(),
        })
    }
}
