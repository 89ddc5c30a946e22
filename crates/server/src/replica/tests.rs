//! The copy of a topology: kept, proved, never older than it was.
//! How it comes from the centre is told by stories of the whole program.

use std::os::unix::fs::PermissionsExt;

use topology::{Topology, Version, parse};

use super::{NAME, Replica};
use crate::data::Data;
use crate::trouble::Trouble;

fn named(site: &str) -> Topology {
    parse(format!("format = 1\n[[site]]\nid = \"{site}\"\n").as_bytes()).expect("a topology")
}

#[test]
fn a_copy_is_kept_for_its_owner_and_only_a_newer_one_takes_its_place() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let data = Data::make(&folder.path().join("data")).expect("a data directory");
    let replica = Replica::of(&data);
    let first = Version::next(None, &named("paris")).expect("it fits");
    let second = Version::next(Some(&first), &named("lyon")).expect("it fits");
    assert_eq!(replica.read().expect("it can be read"), None);
    assert!(replica.keep(&first).expect("it is new"));
    assert!(!replica.keep(&first).expect("it is there"));
    let mode = std::fs::metadata(data.file(NAME)).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(replica.keep(&second).expect("it is newer"));
    let refused = replica.keep(&first).expect_err("it is older");
    assert!(
        matches!(&refused, Trouble::Conflict(why) if why.contains("version 1") && why.contains("version 2")),
        "{refused}"
    );
    let other = Version::next(Some(&first), &named("rome")).expect("it fits");
    replica.keep(&other).expect_err("it is another history");
    assert_eq!(replica.read().expect("it can be read"), Some(second));
}

#[test]
fn a_copy_that_was_touched_is_not_believed_and_gives_way() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let data = Data::make(&folder.path().join("data")).expect("a data directory");
    let replica = Replica::of(&data);
    let version = Version::next(None, &named("paris")).expect("it fits");
    for text in [version.stamped().replace("paris", "rome").into_bytes(), b"\xff\xfe".to_vec(), Vec::new()] {
        std::fs::write(data.file(NAME), text).expect("it can be written");
        let refused = replica.read().expect_err("it was touched");
        assert!(matches!(&refused, Trouble::Invalid(why) if why.contains(NAME)), "{refused}");
        assert!(replica.keep(&version).expect("a damaged copy gives way"));
        assert_eq!(replica.read().expect("it can be read"), Some(version.clone()));
    }
}

#[test]
fn a_topology_that_was_put_there_before_anything_was_published_counts_until_something_is() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let data = Data::make(&folder.path().join("data")).expect("a data directory");
    let replica = Replica::of(&data);
    std::fs::write(data.file(NAME), topology::print(&named("paris"))).expect("it can be written");
    assert_eq!(replica.topology().expect("it can be read"), Some(named("paris")));
    assert_eq!(replica.read().expect("it can be read"), None);
    let version = Version::next(None, &named("lyon")).expect("it fits");
    assert!(replica.keep(&version).expect("it is the first that was published"));
    assert_eq!(replica.topology().expect("it can be read"), Some(named("lyon")));
}
