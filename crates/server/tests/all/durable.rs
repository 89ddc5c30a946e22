//! An answer means that the post is on the disk: seen by a system call tracer.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use testkit::wire::{Person, Way};

const PASSWORD: &str = "correct horse 9";
const CALLS: &str = "trace=read,recvfrom,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_is_synced_to_the_disk_before_its_answer() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let program = super::program(&folder.path().join("data"));
    program.must(
        &[
            "user",
            "new",
            "sip:alice@example.com",
            "--display-name",
            "Alice",
            "--legacy-sign-on",
            "--password-stdin",
        ],
        PASSWORD,
    );
    program.must(&["category", "new", "General", "--add-allowed-member", "domain:example.com"], "");
    program.must(&["room", "new", "Engineering", "--category", "General", "--privacy", "open"], "");
    let running = program.serve(&[]);
    let way = Way::Tcp(running.address("sip-tcp"));
    let mut alice = Person::arrive(&way, "sip:alice@example.com", PASSWORD, 1).await;
    let room = alice.room("Engineering").await.expect("the room list comes");
    alice.join(&room).await.expect("the room is joined");
    let file = folder.path().join("trace");
    let mut tracer = trace(running.pid(), &file);
    let status = alice.post(&room, "the valve is closed").await.expect("the post is answered");
    running.kill();
    let ended = tracer.wait().expect("the tracer ends with the server");
    assert_eq!(ended.signal(), None, "the tracer watched to the end");
    assert_eq!(status, 200);
    let trace = std::fs::read(&file).expect("the trace was written");
    check(&String::from_utf8_lossy(&trace));
}

/// Starts the tracer on the process and returns once it is attached to all its threads. It says when a thread begins later
/// too, and ends where nobody listens: so somebody does, to its end.
fn trace(pid: u32, file: &Path) -> Child {
    let mut tracer = Command::new("strace")
        .args(["-f", "-y", "-s", "4096", "-e", CALLS, "-p", &pid.to_string(), "-o"])
        .arg(file)
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace is installed by the test command");
    let said = BufReader::new(tracer.stderr.take().expect("standard error was piped"));
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in said.lines().map_while(Result::ok) {
            // Only the first that is waited for has a listener.
            let _ = tell.send(line);
        }
    });
    let attached = told.iter().find(|line| line.contains("attached"));
    assert!(attached.is_some(), "the tracer may attach to a process of the same user");
    tracer
}

fn check(trace: &str) {
    let lines: Vec<&str> = trace.lines().collect();
    let find = |from: usize, wanted: &dyn Fn(&str) -> bool| {
        lines.iter().skip(from).position(|line| wanted(line)).map(|at| at + from)
    };
    let read = |l: &str| l.contains("the valve is closed") && (l.contains("read") || l.contains("recvfrom"));
    let asked = find(0, &read).expect("the server reads the post");
    let written =
        find(asked, &|l| l.contains("pwrite64") && l.contains("-wal")).expect("the post is written");
    let synced = find(written, &|l| l.contains("sync") && !l.contains("unfinished") && l.ends_with("= 0"))
        .expect("the write is synced");
    let sends = ["write(", "writev(", "sendto(", "sendmsg("];
    let answer = |l: &str| l.contains("SIP/2.0 200 OK") && sends.iter().any(|call| l.contains(call));
    let answered = find(asked, &answer).expect("the post is answered");
    let part = lines[asked..=answered.max(synced)].join("\n");
    assert!(synced < answered, "synced at line {synced}, answered at line {answered}:\n{part}");
}
