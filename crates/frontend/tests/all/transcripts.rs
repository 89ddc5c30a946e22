//! Every transcript is played, on each engine of the store, and with the front end apart from the chat server: what people send and what they get stands in `transcripts/`, readable by
//! anyone who knows the protocol. With `UPDATE_TRANSCRIPTS` set the answers are written down instead of compared.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use testkit::{Engine, transcript};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../transcripts")
}

async fn play(name: &str, engine: Engine) {
    transcript::run(&folder().join(format!("{name}.txt")), engine).await;
}

async fn play_apart(name: &str) {
    transcript::run_apart(&folder().join(format!("{name}.txt"))).await;
}

/// Plays each file on each engine and by way of a front end, as a test of its own.
macro_rules! played {
    ($($story:ident: $name:literal),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::play($name, super::Engine::Sqlite).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $story() {
                super::play($name, super::Engine::Postgres).await;
            })*
        }
        mod front_end_apart {
            $(#[tokio::test]
            async fn $story() {
                super::play_apart($name).await;
            })*
        }
        const PLAYED: &[&str] = &[$($name),*];
    };
}

played! {
    add_in: "add-in",
    auditorium: "auditorium",
    bccontext: "bccontext",
    bjoin: "bjoin",
    chansrch: "chansrch",
    getassociations: "getassociations",
    getinv: "getinv",
    getserverinfo: "getserverinfo",
    groups: "groups",
    grpchat: "grpchat",
    join: "join",
    nodespermcreatechild: "nodespermcreatechild",
    part: "part",
    policy: "policy",
    preferences: "preferences",
    removed: "removed",
    requri: "requri",
    unknown: "unknown",
}

#[test]
fn every_transcript_is_played() {
    let listed = std::fs::read_dir(folder()).expect("the transcripts can be listed");
    let names: BTreeSet<String> = listed
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    let forgotten: Vec<&String> = names.iter().filter(|name| !PLAYED.contains(&name.as_str())).collect();
    assert!(forgotten.is_empty(), "nobody plays {forgotten:?}");
}
