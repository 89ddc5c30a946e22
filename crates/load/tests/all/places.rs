//! Stories of where the generator measures: which server, which directory, and what becomes of them when it is told to end.

use std::path::Path;
use std::process::Output;

use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpListener;
use tokio::process::Command;

/// The generator with these words.
fn generator(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie-load"));
    command.args(words).kill_on_drop(true);
    command
}

/// A run on a kept directory. The program that is named is none: what is refused before it is started is not its fault.
async fn on(data: &Path) -> Output {
    let data = data.to_string_lossy();
    let words = ["fanout", "--receivers", "3", "--server", "/nowhere/causerie", "--data", &data];
    generator(&words).output().await.expect("the generator runs")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_way_that_leads_to_no_server_is_no_measure_without_figures() {
    for (way, other) in [("tls", "--tcp"), ("tcp", "--tls")] {
        let words = ["signon", "--way", way, other, "127.0.0.1:9", "--ca", "/nowhere/ca.pem"];
        let said = generator(&words).output().await.expect("the generator runs");
        assert_eq!(said.status.code(), Some(2), "{said:?}");
        assert!(errors(&said).contains(&format!("add --{way} ADDRESS")), "{said:?}");
    }
}

#[tokio::test]
async fn a_server_that_runs_already_is_given_no_directory_and_no_database() {
    for (option, value) in [("--data", "/tmp/somewhere"), ("--store", "postgres://localhost/somewhere")] {
        let said = generator(&["signon", "--tcp", "127.0.0.1:9", option, value]).output().await;
        let said = said.expect("the generator runs");
        assert_eq!(said.status.code(), Some(2), "{said:?}");
        assert!(errors(&said).contains(option), "{said:?}");
    }
}

/// People with a password that everybody knows are made there.
#[tokio::test]
async fn a_directory_that_is_somebody_elses_is_left_alone() {
    let folder = tempfile::tempdir().expect("a directory can be made");
    std::fs::write(folder.path().join("store.db"), "an organisation").expect("a file can be written");
    let said = on(folder.path()).await;
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    assert!(errors(&said).contains("name another"), "{said:?}");
    let files = std::fs::read_dir(folder.path()).expect("it is there").count();
    assert_eq!(files, 1, "nothing was put there");
}

#[tokio::test]
async fn a_directory_whose_people_were_not_made_to_the_end_is_to_be_removed() {
    let folder = tempfile::tempdir().expect("a directory can be made");
    let fresh = on(folder.path()).await;
    assert!(errors(&fresh).contains("/nowhere/causerie serve"), "an empty one is taken: {fresh:?}");
    std::fs::write(folder.path().join("load-people"), "unfinished\n").expect("a file can be written");
    let again = on(folder.path()).await;
    assert_eq!(again.status.code(), Some(2), "{again:?}");
    assert!(errors(&again).contains("remove it"), "{again:?}");
}

#[tokio::test]
async fn a_generator_that_is_told_to_end_does() {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = server.local_addr().expect("it is bound").to_string();
    let words = ["signon", "--links", "1", "--tcp", &address, "--way", "tcp", "--no-raw"];
    let mut running = generator(&words).spawn().expect("the generator runs");
    let _link = server.accept().await.expect("it comes");
    let pid = running.id().and_then(|id| Pid::from_raw(id.cast_signed())).expect("it runs");
    kill_process(pid, Signal::TERM).expect("it can be told");
    let status = running.wait().await.expect("it ends");
    assert_eq!(status.code(), Some(128 + Signal::TERM.as_raw()), "{status:?}");
}
