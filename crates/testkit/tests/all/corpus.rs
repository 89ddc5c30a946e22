//! Every input of the fuzz corpora against its target, on the stable toolchain.
//! The targets are those of the package `fuzz/`, taken from its source.

use std::collections::BTreeSet;
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
fn sip_document_holds() {
    replay("sip_document");
}

#[test]
fn sip_frame_holds() {
    replay("sip_frame");
}

#[test]
fn sip_message_holds() {
    replay("sip_message");
}

#[test]
fn topology_document_holds() {
    replay("topology_document");
}

#[test]
fn topology_original_holds() {
    replay("topology_original");
}

#[test]
fn xccos_envelope_holds() {
    replay("xccos_envelope");
}

#[test]
fn every_corpus_has_a_target_and_every_target_a_corpus() {
    let corpora: BTreeSet<String> = entries(&corpora())
        .iter()
        .filter_map(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()))
        .collect();
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(corpora, targets);
}
