//! What is good enough for a server: a table of everything a machine may have, over one that is as it should be.

use std::net::{IpAddr, SocketAddr};

use topology::facts::FileSystem;

use super::{Answer, Certificate, Check, DATA, Database, Folder, Name, Port, Seen, Verdict, judge};
use crate::certificate::Flaw;

/// A machine with nothing to complain of.
fn good() -> Seen {
    let here: IpAddr = "10.0.0.11".parse().expect("an address");
    let listens: SocketAddr = "0.0.0.0:5061".parse().expect("an address");
    Seen {
        system: ("Linux".to_owned(), "6.1.0-13-amd64".to_owned()),
        memory_mib: Some(8_000),
        descriptors: 65_536,
        folders: vec![folder(DATA, "ext4", 50_000), folder("file store files", "xfs", 50_000)],
        clock_is_synchronised: Some(true),
        names: vec![
            Name { name: "cs1.contoso.example".into(), is_own: true, addresses: vec![(here, true)] },
            Name { name: "fe1.contoso.example".into(), is_own: false, addresses: vec![(here, false)] },
        ],
        ports: vec![Port { what: "sip-tls".into(), address: listens, refused: None, ours: false }],
        certificate: Some(Certificate { flaws: Vec::new(), days_left: 200 }),
        databases: vec![Database { what: "store content".into(), answer: Ok(asked(15, &[], &[], 3, &[])) }],
        restart: None,
    }
}

fn folder(what: &str, system: &str, free: u64) -> Folder {
    let found = Ok((FileSystem(system.to_owned()), free));
    Folder { what: what.to_owned(), place: "/var/lib/causerie".to_owned(), found }
}

fn asked(version: u32, lacking: &[&str], excess: &[&str], skew_ms: i64, off: &[&str]) -> Answer {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Answer::Asked {
        version,
        lacking: owned(lacking),
        excess: owned(excess),
        skew_ms,
        unsafe_settings: owned(off),
    }
}

/// The checks that do not pass once the machine is changed.
fn complaints(change: impl FnOnce(&mut Seen)) -> Vec<Check> {
    let mut seen = good();
    change(&mut seen);
    judge(&seen).into_iter().filter(|check| check.result != Verdict::Pass).collect()
}

/// The one complaint, as its verdict and the name of its check; it says what to do.
fn one(change: impl FnOnce(&mut Seen)) -> (Verdict, &'static str) {
    let complaints = complaints(change);
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    let fix = complaints[0].fix.as_deref().unwrap_or_default();
    assert!(fix.len() > 20, "it says what to do: {complaints:?}");
    (complaints[0].result, complaints[0].check)
}

#[test]
fn a_machine_as_it_should_be_passes_every_check() {
    assert!(complaints(|_| ()).is_empty());
    assert_eq!(judge(&good()).len(), 16, "and none is forgotten");
}

#[test]
fn the_machine_itself() {
    use Verdict::{Fail, Warn};
    let system = |name: &str, kernel: &str| {
        let system = (name.to_owned(), kernel.to_owned());
        one(move |seen| seen.system = system)
    };
    assert_eq!(system("FreeBSD", "14.1-RELEASE"), (Fail, "operating system"));
    assert_eq!(system("Linux", "3.10.0-1160.el7"), (Fail, "operating system"));
    assert_eq!(system("Linux", "4.18"), (Fail, "operating system"));
    assert_eq!(system("Linux", "unreadable"), (Fail, "operating system"));
    assert!(complaints(|seen| seen.system.1 = "4.19".to_owned()).is_empty());
    assert_eq!(one(|seen| seen.memory_mib = Some(511)), (Fail, "memory"));
    assert_eq!(one(|seen| seen.memory_mib = Some(512)), (Warn, "memory"));
    assert_eq!(one(|seen| seen.memory_mib = None), (Warn, "memory"));
    assert!(complaints(|seen| seen.memory_mib = Some(2_048)).is_empty());
    assert_eq!(one(|seen| seen.descriptors = 256), (Fail, "file descriptors"));
    assert_eq!(one(|seen| seen.descriptors = 1_024), (Warn, "file descriptors"));
    assert_eq!(one(|seen| seen.clock_is_synchronised = Some(false)), (Warn, "clock"));
    assert_eq!(one(|seen| seen.clock_is_synchronised = None), (Warn, "clock"));
}

#[test]
fn places_for_files() {
    use Verdict::{Fail, Warn};
    let data =
        |system: &'static str, free| move |seen: &mut Seen| seen.folders[0] = folder(DATA, system, free);
    for system in ["xfs", "btrfs", "zfs", "overlayfs"] {
        assert!(complaints(data(system, 50_000)).is_empty(), "{system}");
    }
    for system in ["vfat", "exfat", "msdos", "nfs", "cifs"] {
        assert_eq!(one(data(system, 50_000)), (Fail, "file system"), "{system}");
    }
    for system in ["tmpfs", "ramfs", "reiserfs", "unknown (0x1234)"] {
        assert_eq!(one(data(system, 50_000)), (Warn, "file system"), "{system}");
    }
    assert!(complaints(|seen| seen.folders[1] = folder("file store files", "nfs", 50_000)).is_empty());
    assert_eq!(one(data("ext4", 255)), (Fail, "free space"));
    assert_eq!(one(data("ext4", 10_239)), (Warn, "free space"));
    assert_eq!(one(|seen| seen.folders[1].found = Err("it is not there".into())), (Fail, "file system"));
}

#[test]
fn names_and_ports() {
    use Verdict::Fail;
    assert_eq!(one(|seen| seen.names[0].addresses.clear()), (Fail, "name"));
    assert_eq!(one(|seen| seen.names[1].addresses.clear()), (Fail, "name"));
    assert_eq!(one(|seen| seen.names[0].addresses[0].1 = false), (Fail, "name"));
    assert_eq!(
        one(|seen| seen.ports[0].refused = Some("something else listens there".into())),
        (Fail, "port")
    );
    let ours = |seen: &mut Seen| {
        seen.ports[0].refused = Some("something else listens there".into());
        seen.ports[0].ours = true;
    };
    assert!(complaints(ours).is_empty(), "our own server has it");
}

#[test]
fn a_server_that_is_to_be_restarted() {
    let pending = |seen: &mut Seen| seen.restart = Some("it is a front end now".into());
    assert_eq!(one(pending), (Verdict::Warn, "published topology"));
}

#[test]
fn certificates_and_databases() {
    use Verdict::{Fail, Warn};
    let certificate = |flaws, days_left| {
        let certificate = Some(Certificate { flaws, days_left });
        one(move |seen| seen.certificate = certificate)
    };
    assert_eq!(certificate(vec![Flaw::Empty], 0), (Fail, "certificate"));
    assert_eq!(certificate(vec![Flaw::Lacks("cs1.contoso.example".into())], 200), (Fail, "certificate"));
    assert_eq!(certificate(Vec::new(), 29), (Warn, "certificate"));
    assert!(complaints(|seen| seen.certificate = None).is_empty(), "the first start makes one");
    let database = |answer| one(move |seen| seen.databases[0].answer = answer);
    assert_eq!(database(Err("connection refused".into())), (Fail, "database"));
    assert_eq!(database(Ok(Answer::Listens)), (Warn, "database"));
    assert_eq!(database(Ok(asked(12, &[], &[], 0, &[]))), (Fail, "database version"));
    assert_eq!(
        database(Ok(asked(13, &["a schema it may use"], &["replicate"], 0, &[]))),
        (Fail, "database rights")
    );
    assert_eq!(database(Ok(asked(13, &[], &["replicate"], 0, &[]))), (Warn, "database rights"));
    assert_eq!(database(Ok(asked(13, &[], &[], 0, &["fsync is off"]))), (Fail, "database durability"));
    assert_eq!(database(Ok(asked(13, &[], &[], -2_001, &[]))), (Fail, "clock of the database"));
    assert_eq!(database(Ok(asked(13, &[], &[], 501, &[]))), (Warn, "clock of the database"));
}
