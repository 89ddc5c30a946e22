//! Every transcript is played: what people send and what they get stands in `transcripts/`, readable by anyone who knows
//! the protocol. With `UPDATE_TRANSCRIPTS` set the answers are written down instead of compared.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use testkit::transcript;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../transcripts")
}

async fn play(name: &str) {
    transcript::run(&folder().join(format!("{name}.txt"))).await;
}

#[tokio::test]
async fn add_in() {
    play("add-in").await;
}

#[tokio::test]
async fn auditorium() {
    play("auditorium").await;
}

#[tokio::test]
async fn bccontext() {
    play("bccontext").await;
}

#[tokio::test]
async fn bjoin() {
    play("bjoin").await;
}

#[tokio::test]
async fn chansrch() {
    play("chansrch").await;
}

#[tokio::test]
async fn getassociations() {
    play("getassociations").await;
}

#[tokio::test]
async fn getinv() {
    play("getinv").await;
}

#[tokio::test]
async fn getserverinfo() {
    play("getserverinfo").await;
}

#[tokio::test]
async fn groups() {
    play("groups").await;
}

#[tokio::test]
async fn grpchat() {
    play("grpchat").await;
}

#[tokio::test]
async fn join() {
    play("join").await;
}

#[tokio::test]
async fn nodespermcreatechild() {
    play("nodespermcreatechild").await;
}

#[tokio::test]
async fn part() {
    play("part").await;
}

#[tokio::test]
async fn policy() {
    play("policy").await;
}

#[tokio::test]
async fn preferences() {
    play("preferences").await;
}

#[tokio::test]
async fn removed() {
    play("removed").await;
}

#[tokio::test]
async fn requri() {
    play("requri").await;
}

#[tokio::test]
async fn unknown() {
    play("unknown").await;
}

#[test]
fn every_transcript_is_played() {
    let own = include_str!("transcripts.rs");
    let listed = std::fs::read_dir(folder()).expect("the transcripts can be listed");
    let names: BTreeSet<String> = listed
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    let forgotten: Vec<&String> =
        names.iter().filter(|name| !own.contains(&format!("play(\"{name}\")"))).collect();
    assert!(forgotten.is_empty(), "nobody plays {forgotten:?}");
}
