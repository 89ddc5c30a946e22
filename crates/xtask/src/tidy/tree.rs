//! The files of the project, read once: text by path, in order.
//! Build products, data directories and version control are not the project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::source::Source;
use crate::trouble::Trouble;

/// Folders that hold no source, wherever they stand.
const SKIPPED_FOLDERS: &[&str] = &[
    ".git",
    "target",
    "causerie-data",
    "node_modules",
    "built",
    "shots",
    "__pycache__",
    "corpus",
    "artifacts",
];

/// Longest file taken for text written by hand, in bytes; longer ones are data.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// The project's files. Paths are relative to its root, with `/`.
pub struct Tree {
    texts: BTreeMap<String, String>,
    paths: BTreeSet<String>,
    sources: BTreeMap<String, Source>,
}

impl Tree {
    /// Reads everything below `root`.
    ///
    /// # Errors
    /// [`Trouble::File`] for a folder or file that cannot be read.
    pub fn read(root: &Path) -> Result<Tree, Trouble> {
        let mut tree = Tree { texts: BTreeMap::new(), paths: BTreeSet::new(), sources: BTreeMap::new() };
        tree.walk(root, "")?;
        let rust = tree.texts.iter().filter(|(path, _)| path.ends_with(".rs"));
        tree.sources = rust.map(|(path, text)| (path.clone(), Source::read(text))).collect();
        Ok(tree)
    }

    /// The text of a file, if there is one.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// All text files, by path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// All Rust files, by path.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.sources.iter().map(|(path, source)| (path.as_str(), source))
    }

    /// Whether a file or folder of this name exists, as text or not.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        path.is_empty() || self.paths.contains(path)
    }

    /// The paths that start with `prefix`.
    pub fn below(&self, prefix: &str) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str).filter(move |path| path.starts_with(prefix))
    }

    fn walk(&mut self, folder: &Path, name: &str) -> Result<(), Trouble> {
        for entry in std::fs::read_dir(folder).map_err(Trouble::file(folder))? {
            let entry = entry.map_err(Trouble::file(folder))?;
            let Ok(own) = entry.file_name().into_string() else { continue };
            let path = entry.path();
            let name = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            let kind = entry.file_type().map_err(Trouble::file(&path))?;
            self.paths.insert(name.clone());
            if kind.is_dir() && !SKIPPED_FOLDERS.contains(&own.as_str()) {
                self.walk(&path, &name)?;
            } else if kind.is_file() {
                self.keep(&path, name)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, path: &Path, name: String) -> Result<(), Trouble> {
        let size = path.metadata().map_err(Trouble::file(path))?.len();
        if size > TEXT_BYTES_MAX {
            return Ok(());
        }
        let bytes = std::fs::read(path).map_err(Trouble::file(path))?;
        if let Ok(text) = String::from_utf8(bytes) {
            self.texts.insert(name, text);
        }
        Ok(())
    }
}

/// Whether a Rust file is a test or serves tests only: the limits and some habits do not hold there.
pub fn is_test(path: &str) -> bool {
    path.starts_with("fuzz/") || path.split('/').any(|part| matches!(part, "tests" | "tests.rs"))
}
