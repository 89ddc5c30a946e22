//! The arithmetic under the figures: the account of a receiver, counted times, what processes compute, and messages cut out of octets.
//! No wire here.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use load::calls::{Counted, read};
use load::ledger::{Findings, Ledger, Wrong};
use load::listen::Run;
use load::process::{Meter, Process};
use load::report::Line;
use load::times::Times;
use load::wire::{NotSip, first, tag, uri};

#[test]
fn an_account_tells_lost_doubled_and_late_apart() {
    let clean = Findings::default();
    for (came, posts, findings, wrong) in [
        (&[0, 1, 2][..], 3, clean, None),
        (&[0, 2], 3, Findings { missing: 1, ..clean }, Some(Wrong::Missing(1))),
        (&[0, 1], 3, Findings { missing: 1, ..clean }, None),
        (&[], 3, Findings { missing: 3, ..clean }, None),
        (&[0, 1, 1, 2], 3, Findings { doubled: 1, ..clean }, Some(Wrong::Doubled(1))),
        (&[0, 1, 2, 2], 3, Findings { doubled: 1, ..clean }, Some(Wrong::Doubled(2))),
        (&[0, 2, 1], 3, Findings { reordered: 1, ..clean }, Some(Wrong::Missing(1))),
        (&[0, 2, 1, 1], 3, Findings { reordered: 1, doubled: 1, ..clean }, Some(Wrong::Missing(1))),
        (&[4_000_000], 4_000_001, Findings { missing: 4_000_000, ..clean }, Some(Wrong::Missing(0))),
    ] {
        let mut ledger = Ledger::default();
        for number in came {
            ledger.enter(*number);
        }
        assert_eq!((ledger.findings(posts), ledger.first()), (findings, wrong), "{came:?}");
    }
}

#[test]
fn times_are_right_to_a_64th() {
    let times = Times::default();
    (1..=10_000).for_each(|micros| times.enter(micros));
    let spread = times.spread();
    let near = |value: f64, right: f64| (right..=right * (1.0 + 1.0 / 64.0)).contains(&value);
    assert!(near(spread.p50_ms, 5.0) && near(spread.p90_ms, 9.0) && near(spread.p99_ms, 9.9), "{spread:?}");
    assert!((spread.max_ms - 10.0).abs() < f64::EPSILON);
    let extremes = Times::default();
    [0, u64::MAX].into_iter().for_each(|micros| extremes.enter(micros));
    assert_eq!((extremes.count(), extremes.spread().p50_ms), (2, 0.0));
}

#[test]
fn all_names_of_a_line_are_written_alike() {
    let json = Line { cpu_ratio: Some(2.0), kib_per_endpoint: Some(9.0), ..Line::default() }.json();
    for name in ["perSecond", "p50Ms", "p99Ms", "maxMs", "cpuRatio", "kibPerEndpoint"] {
        assert!(json.contains(&format!("\"{name}\":")), "{json} has no {name}");
    }
}

#[test]
fn a_post_has_its_length_and_its_number() {
    let run = Run::new(1, 200, 1, 1);
    let text = run.text(42);
    assert_eq!(text.len(), 200);
    assert_eq!(Run::number(format!("<grpchat><chat>{text}</chat></grpchat>").as_bytes()), Some(42));
    assert_eq!(Run::number(b"<grpchat><chat>good morning</chat></grpchat>"), None);
    assert_eq!(Run::number(b"<rpl/>"), None);
}

#[test]
fn messages_are_cut_where_they_end() {
    let message = b"INFO sip:a SIP/2.0\r\nTo: \"A\" <sip:a@b>;tag=7;epid=1\r\nContent-Length: 2\r\n\r\nhi";
    let heard = first(message).expect("it is SIP").expect("it is whole");
    assert_eq!((heard.octets, heard.body, heard.code()), (message.len(), &b"hi"[..], None));
    assert_eq!((uri(heard.to), tag(heard.to)), ("sip:a@b", "7"));
    for end in 0..message.len() {
        assert!(first(&message[..end]).expect("so far it is SIP").is_none(), "cut at {end}");
    }
    for bad in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"SIP/2.0 200 OK\r\nContent-Length: x\r\n\r\n",
        b"SIP/2.0 200 OK\r\nTo\r\n\r\n",
    ] {
        assert_eq!(first(bad).err(), Some(NotSip));
    }
}

#[test]
fn counts_of_system_calls_are_read_from_perf() {
    let line = |call: &str, count: &str| format!("{count},,syscalls:sys_enter_{call},1000,100.00,,\n");
    let calls = [
        "read", "readv", "recvfrom", "recvmsg", "pread64", "write", "writev", "sendto", "sendmsg", "pwrite64",
    ];
    let counts = ["1", "<not counted>", "20", "0", "300", "5", "<not counted>", "40", "0", "6"];
    let said: String = calls.iter().zip(counts).map(|(call, count)| line(call, count)).collect();
    assert_eq!(read(&said), Some(Counted { reads: 321, writes: 51 }));
    assert_eq!(read("event syntax error: 'syscalls:sys_enter_read'"), None);
}

#[test]
fn what_a_database_computes_is_counted_with_the_processes_it_starts() {
    let busy = "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done' && echo done && read -r _";
    let mut database = Command::new("sh");
    let mut database = database
        .args(["-c", busy])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    let process = Process(database.id());
    let mut said = String::new();
    BufReader::new(database.stdout.take().expect("it is piped")).read_line(&mut said).expect("it says when");
    let (alone, whole) =
        (process.computed().expect("it runs"), process.computed_with_children().expect("it runs"));
    assert!(whole > alone, "{whole} s with the one that has ended, {alone} s alone");
    let spent = Meter::of(&[], &[process]).and_then(|meter| meter.spent()).expect("it runs");
    assert!(spent.server.is_none() && spent.store.is_some(), "{spent:?}");
    drop(database.stdin.take());
    database.wait().expect("it ends");
}
