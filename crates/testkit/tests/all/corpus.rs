//! Every input of the fuzz corpora against its target, on the stable toolchain.
//! The targets are those of the package `fuzz/`, taken from its source.

use std::path::{Path, PathBuf};

#[path = "../../../../fuzz/src/targets.rs"]
mod targets;

use self::targets::TARGETS;

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

fn replay(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("the target exists");
    let inputs = entries(&corpora().join(name));
    assert!(!inputs.is_empty(), "the corpus of {name} is empty");
    for input in inputs {
        let octets = std::fs::read(&input).expect("the input can be read");
        let held = std::panic::catch_unwind(|| target(&octets)).is_ok();
        assert!(held, "{name} breaks on {}", input.display());
    }
}

#[test]
fn ntlm_message_holds() {
    replay("ntlm_message");
}

#[test]
fn every_target_has_a_corpus() {
    let without: Vec<&str> =
        TARGETS.iter().map(|(name, _)| *name).filter(|name| !corpora().join(name).is_dir()).collect();
    assert_eq!(without, Vec::<&str>::new());
}
