//! Stories of servers that do not answer as they should: the asker neither waits for ever nor fills the memory.
//! Servers that answer are stories of the whole program.

use std::future::pending;
use std::os::unix::fs::PermissionsExt;

use admin::{Operation, Request, RoomRemove};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixListener;

use super::{NAME, ask, exchange};
use crate::data::Data;
use crate::trouble::UNAVAILABLE;

/// A data directory in which somebody listens.
fn place() -> (TempDir, Data, UnixListener) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let private = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(folder.path(), private).expect("it is ours");
    let data = Data::open(folder.path()).expect("it is ours").expect("it is there");
    let listener = UnixListener::bind(data.short(NAME)).expect("a new socket");
    (folder, data, listener)
}

/// What the asker is told of a change when the server behaves so.
async fn told(listener: UnixListener, data: &Data, words: Option<&[u8]>) -> String {
    let server = async {
        let (mut stream, _) = listener.accept().await.expect("somebody asks");
        match words {
            Some(words) => stream.write_all(words).await.expect("somebody listens"),
            None => pending().await,
        }
    };
    let request = Request::of(Operation::RoomRemove(RoomRemove { room: "Engineering".into() }));
    let asker = ask(data, &request);
    tokio::pin!(asker);
    let answer = tokio::select! {
        answer = &mut asker => answer,
        () = server => asker.await,
    };
    let trouble = answer.expect_err("that is no answer");
    assert_eq!(trouble.code(), UNAVAILABLE);
    trouble.to_string()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_not_waited_for_for_ever() {
    let (_folder, data, listener) = place();
    let said = told(listener, &data, None).await;
    assert!(said.contains("does not answer") && said.contains("outcome is not known"), "{said}");
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let (_folder, data, listener) = place();
    let said = told(listener, &data, Some(b"{\"Ok\":")).await;
    assert!(said.contains("broke off") && said.contains("outcome is not known"), "{said}");
}

#[tokio::test]
async fn of_an_answer_without_end_no_more_is_read_than_shows_that_it_is_too_long() {
    let (mut asker, mut server) = tokio::net::UnixStream::pair().expect("two sockets");
    server.write_all(&[b' '; 2_000]).await.expect("somebody listens");
    let read = exchange(&mut asker, b"list\n", 1_000).await.expect("something is read");
    assert_eq!(read.len(), 1_001);
}
