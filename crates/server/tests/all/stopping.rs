//! The end of a server: soon, in order, and without a word to its clients that they would take for something else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use rustls::pki_types::ServerName;
use testkit::cluster::{Cluster, Hanging};
use testkit::wire::{Person, Way};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::office::{Office, PASSWORD};
use super::tls::trusting;

/// How soon everything has ended (contract: ten seconds; nothing here takes long).
const END: Duration = Duration::from_secs(8);

/// The same when something hangs, and the machine is busy with other stories.
const END_HARD: Duration = Duration::from_secs(30);

/// Ends a server on a thread of its own; the exit status and the log.
async fn terminate(running: testkit::Running) -> String {
    let ended = spawn_blocking(move || running.terminate());
    let (status, log) = timeout(END, ended).await.expect("it ends well within ten seconds").expect("it ends");
    assert_eq!(status.code(), Some(0), "{log}");
    log
}

/// Behind a wire that was cut.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_does_not_keep_a_server_from_ending() {
    let url = Cluster::running().database();
    let office = Office::with_store_in(&url, &["alice"]);
    let (running, tcp) = office.serve();
    let mut alice = Person::arrive(&tcp, "sip:alice@example.com", PASSWORD, 1).await;
    let room = alice.room("Engineering").await.expect("the room list comes");
    alice.join(&room).await.expect("the room is open");
    let hanging = Hanging::all_of(&url);
    let element = alice.post_element(&room, "kept, or not");
    let body = alice.envelope(&element);
    alice.start_in_dialog("INFO", "Content-Type: text/plain\r\n", &body).await.expect("the link is open");
    let ended = timeout(END_HARD, spawn_blocking(move || running.terminate())).await;
    drop(hanging);
    let (_, log) = ended.expect("it ends").expect("it is waited for");
    assert!(log.contains("serve.stopped_hard"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_closed_without_a_word_and_every_post_answered_is_there_afterwards() {
    let office = Office::with(&["alice", "bob"]);
    let (running, tcp) = office.serve();
    let tls = Way::Tls(running.address("sip-tls"), trusting(&office), "localhost".into());
    let mut alice = Person::arrive(&tcp, "sip:alice@example.com", PASSWORD, 1).await;
    let mut bob = Person::arrive(&tls, "sip:bob@example.com", PASSWORD, 2).await;
    let room = alice.room("Engineering").await.expect("the room list comes");
    for person in [&mut alice, &mut bob] {
        person.join(&room).await.expect("the room is open");
    }
    let subscribe = "Event: registration\r\nExpires: 3600\r\nAccept: application/reginfo+xml\r\n";
    bob.outside("SUBSCRIBE", "sip:bob@example.com", subscribe, "").await.expect("it is answered");
    assert_eq!(alice.post(&room, "the first").await, Ok(200));
    let posting = tokio::spawn(post_until_closed(alice, room.clone()));
    let listening = tokio::spawn(listen_until_closed(bob));
    let log = terminate(running).await;
    let mut answered = posting.await.expect("Alice does not fail");
    answered.push("the first".into());
    listening.await.expect("Bob does not fail");
    assert!(log.contains("serve.stopping"), "{log}");
    let (running, tcp) = office.serve();
    let mut bob = Person::arrive(&tcp, "sip:bob@example.com", PASSWORD, 3).await;
    bob.join(&room).await.expect("the room is open");
    let texts: Vec<String> =
        bob.history(&room, 500).await.expect("history comes").into_iter().map(|(_, _, text)| text).collect();
    for text in &answered {
        assert_eq!(
            texts.iter().filter(|kept| *kept == text).count(),
            1,
            "'{text}' was answered and is there once"
        );
    }
    drop(bob);
    terminate(running).await;
}

/// Posts until the link is closed; returns what was answered 200.
async fn post_until_closed(mut person: Person, room: String) -> Vec<String> {
    let mut answered = Vec::new();
    for number in 0..400 {
        let text = format!("post {number}");
        match person.post(&room, &text).await {
            Ok(200) => answered.push(text),
            Ok(503) => {}
            Ok(other) => panic!("'{text}' is answered {other}"),
            Err(_) => break,
        }
    }
    listen_until_closed(person).await;
    answered
}

/// Reads until the link is closed. No request of the server but INFO may come: nobody is told that it ends.
async fn listen_until_closed(mut person: Person) {
    while let Ok(message) = person.any_answered().await {
        assert!(message.method().is_none_or(|method| method == "INFO"), "nobody is told: {message:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_link_ends_with_fin_and_a_tls_link_with_close_notify() {
    let office = Office::founded();
    let running = office.program.serve(&[]);
    let mut plain = TcpStream::connect(running.address("sip-tcp")).await.expect("it listens");
    let mut sealed = connect_tls(&office, running.address("sip-tls")).await;
    // One exchange, so that both links are being served when the server stops.
    let ask = b"OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nFrom: <sip:a@example.com>;tag=1\r\n\
                To: <sip:example.com>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    let mut buffer = vec![0; 4_096];
    tokio::io::AsyncWriteExt::write_all(&mut plain, ask).await.expect("it is open");
    assert!(plain.read(&mut buffer).await.expect("it answers") > 0);
    tokio::io::AsyncWriteExt::write_all(&mut sealed, ask).await.expect("it is open");
    assert!(sealed.read(&mut buffer).await.expect("it answers") > 0);
    let (mut rest, mut more) = (Vec::new(), Vec::new());
    let reading = async {
        plain.read_to_end(&mut rest).await.expect("FIN, not RST");
        drop(plain);
        sealed.read_to_end(&mut more).await.expect("close_notify, not a cut");
        drop(sealed);
    };
    tokio::join!(terminate(running), reading);
    rest.append(&mut more);
    assert_eq!(String::from_utf8_lossy(&rest), "", "and not a word");
}

async fn connect_tls(office: &Office, to: SocketAddr) -> tokio_rustls::client::TlsStream<TcpStream> {
    let tcp = TcpStream::connect(to).await.expect("it listens");
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::clone(&trusting(office)))
        .connect(name, tcp)
        .await
        .expect("the certificate is good")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_even_shaken_hands_keeps_nobody_waiting() {
    let office = Office::founded();
    let running = office.program.serve(&[]);
    let _silent = TcpStream::connect(running.address("sip-tls")).await.expect("it listens");
    let _asker = std::os::unix::net::UnixStream::connect(office.file("admin.sock")).expect("it listens");
    terminate(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_from_the_keyboard_ends_it_as_well() {
    let office = Office::founded();
    let running = office.program.serve(&[]);
    running.signal(Signal::INT);
    terminate(running).await;
}
