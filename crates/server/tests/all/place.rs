//! The data directory: whose it is, who may look into it, where it may lie.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::office::{
    CONFLICT, DENIED, INVALID, Office, PASSWORD, UNAVAILABLE, advised, error, program, signs_on,
};

/// A user that owns nothing anywhere.
const STRANGER: u32 = 54_321;

#[test]
fn a_directory_open_to_others_is_refused_and_the_advice_works() {
    let office = Office::in_folder("open to all");
    std::fs::create_dir(office.program.data()).expect("a new directory");
    for mode in [0o755, 0o710, 0o701, 0o777] {
        std::fs::set_permissions(office.program.data(), Permissions::from_mode(mode)).expect("it is ours");
        let said = office.refused(&["user", "new", "sip:bob@example.com", "--display-name", "Bob"], DENIED);
        assert!(said.contains("open to others"), "{said}");
        assert_eq!(office.refused(&["serve", "--domain", "example.com"], DENIED), said);
        assert!(office.shell(advised(&said)).status.success());
        office.refused(&["user", "list"], UNAVAILABLE);
    }
    office.found();
}

#[test]
fn what_is_no_directory_is_refused() {
    let office = Office::empty();
    let file = office.folder.path().join("file");
    std::fs::write(&file, "something else").expect("a new file");
    let at = |place: &Path, code: i32| {
        let place = place.to_string_lossy();
        let said = office.refused(
            &["user", "new", "sip:bob@example.com", "--display-name", "Bob", "--data", &place],
            code,
        );
        assert!(said.contains(&*place), "{said}");
        said
    };
    assert!(at(&file, INVALID).contains("no directory"));
    at(&file.join("below"), UNAVAILABLE);
    let dangling = office.folder.path().join("dangling");
    symlink("nowhere", &dangling).expect("a new link");
    at(&dangling, INVALID);
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), "something else");
}

#[test]
fn nothing_in_it_is_for_others_whatever_the_habits_of_its_owner() {
    let office = Office::empty();
    let found = "umask 0; causerie category new General --add-allowed-member domain:example.com";
    assert!(office.shell(found).status.success());
    let running = office.program.serve_under(&["sh", "-c", "umask 0; exec \"$@\"", "sh"]);
    let mut seen = 0;
    let mut folders = vec![office.program.data().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it is ours").map(|entry| entry.expect("it is ours")) {
            let (path, facts) = (entry.path(), entry.metadata().expect("it is ours"));
            // The certificate authority is made to be handed out.
            if entry.file_name() != "ca.pem" {
                assert_eq!(facts.mode() & 0o077, 0, "{} is open to others", path.display());
            }
            seen += 1;
            folders.extend(facts.is_dir().then_some(path));
        }
    }
    assert!(seen >= 9, "store, log, lock, socket, keys and certificates: {seen}");
    let mode = |name: &str| std::fs::metadata(office.file(name)).expect("it is made").mode() & 0o777;
    assert_eq!((mode("secret/sealing.key"), mode("secret/ca.key")), (0o600, 0o600));
    assert_eq!(mode("ca.pem"), 0o644);
    drop(running);
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    let office = Office::founded();
    let key = office.file("secret/sealing.key");
    std::fs::set_permissions(key, Permissions::from_mode(0o640)).expect("it is ours");
    let said = office.refused(&["user", "list"], UNAVAILABLE);
    assert!(said.contains("others may read it") && said.contains("chmod 600"), "{said}");
}

#[test]
fn a_second_server_is_refused_and_the_first_goes_on() {
    let office = Office::founded();
    let running = office.program.serve(&[]);
    let said = office.refused_serve(
        &["--sip-tls", "127.0.0.1:0", "--sip-tcp", "off", "--https", "off", "--metrics", "off"],
        CONFLICT,
    );
    assert!(said.contains("a server runs on") && said.contains("stop it"), "{said}");
    office.must(&["room", "new", "Engineering", "--category", "General"]);
    assert!(running.terminate().0.success());
}

impl Office {
    /// A server that does not start; its log precedes the reason, which is returned.
    pub fn refused_serve(&self, words: &[&str], code: i32) -> String {
        let said = self.refused(&[&["serve"], words].concat(), code);
        let (_, reason) = said.split_once("causerie: ").unwrap_or_else(|| panic!("no reason: {said}"));
        reason.to_owned()
    }
}

#[tokio::test]
async fn odd_names_and_long_paths_serve() {
    let long = ["deep", &"x".repeat(200), &"y".repeat(200)].join("/");
    for name in ["with a space", "Über uns – 会議室", "quote ' and \" both", &long] {
        let office = Office::in_folder(name);
        office.found();
        office.person("bob");
        let (running, way) = office.serve();
        assert!(signs_on(&way, "bob", PASSWORD).await, "{name}");
        office.must(&["room", "new", "Engineering", "--category", "General"]);
        assert!(office.file("admin.sock").exists(), "{name}: the command went through the socket");
        assert!(running.terminate().0.success(), "{name}");
        assert_eq!(office.rows(&["room", "list"]).len(), 1, "{name}");
    }
}

#[test]
fn a_relative_place_is_below_where_one_stands() {
    let office = Office::founded();
    let listed =
        office.shell("CAUSERIE_DATA= ; unset CAUSERIE_DATA; mv data causerie-data; causerie category list");
    assert!(listed.status.success(), "{}", error(&listed));
    assert!(String::from_utf8_lossy(&listed.stdout).contains("General"));
}

/// Whether a story that only root can play is played; says so where it is not.
fn played_by_root(story: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        // Past the test runner, which shows what is printed only when a test fails.
        let _ = writeln!(std::io::stderr(), "not played, because this is not root: {story}");
    }
    root
}

/// A copy of the program where a stranger reaches it. Another process writes it: a file that this one has open for writing
/// passes to whatever the other stories start at that moment, and the system runs no file that somebody may write.
fn strangers_program(office: &Office) -> PathBuf {
    std::fs::set_permissions(office.folder.path(), Permissions::from_mode(0o711)).expect("it is ours");
    let copy = office.folder.path().join("causerie");
    let made = Command::new("cp").arg(program()).arg(&copy).status().expect("the system's cp");
    assert!(made.success(), "a copy of the program");
    copy
}

/// An office whose directory is the stranger's; only root can give it away.
fn strangers_office() -> Office {
    let office = Office::empty();
    let data = office.program.data();
    std::fs::create_dir(data).expect("a new directory");
    std::fs::set_permissions(data, Permissions::from_mode(0o700)).expect("it is ours");
    chown(data, Some(STRANGER), Some(STRANGER)).expect("root gives away what it likes");
    office
}

/// Root tries as a stranger, everybody else as themselves.
#[test]
fn what_is_roots_is_refused_to_everybody_else() {
    let office = Office::empty();
    let list = if rustix::process::geteuid().is_root() {
        let copy = strangers_program(&office);
        format!("setpriv --reuid {STRANGER} --clear-groups '{}' user list --data /", copy.display())
    } else {
        "causerie user list --data /".to_owned()
    };
    let refused = office.shell(&list);
    let said = error(&refused);
    assert_eq!(refused.status.code(), Some(DENIED), "{said}");
    assert!(said.contains("belongs to user 0") && said.contains("as its owner or as root"), "{said}");
}

#[test]
fn root_acts_as_the_owner_and_nobody_else_does() {
    if !played_by_root("root_acts_as_the_owner_and_nobody_else_does") {
        return;
    }
    let office = strangers_office();
    let copy = strangers_program(&office);
    let data = office.program.data();
    office.found();
    let running = office.program.serve(&[]);
    office.must(&["room", "new", "Engineering", "--category", "General"]);
    for name in ["store.db", "store.db-wal", "lock", "admin.sock", "ca.pem", "secret", "secret/server.key"] {
        let facts = std::fs::symlink_metadata(data.join(name)).expect("it is made");
        assert_eq!(facts.uid(), STRANGER, "{name} belongs to the owner");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).expect("it runs");
    let users = status.lines().find(|line| line.starts_with("Uid:")).expect("it has a user");
    assert!(!users.split_whitespace().any(|user| user == "0"), "{users}");
    let rooms = office.shell(&format!(
        "setpriv --reuid {STRANGER} --regid {STRANGER} --clear-groups '{}' room list",
        copy.display()
    ));
    assert!(String::from_utf8_lossy(&rooms.stdout).contains("Engineering"), "{}", error(&rooms));
    let other = office.shell(&format!("setpriv --reuid 54322 --clear-groups '{}' room list", copy.display()));
    assert_eq!(other.status.code(), Some(DENIED), "{}", error(&other));
    assert!(error(&other).contains(&format!("belongs to user {STRANGER}")), "{}", error(&other));
    assert!(running.terminate().0.success());
}

/// Whatever links the owner lays out, root does nothing through them that the owner may not do.
#[test]
fn root_is_not_led_astray_by_the_owner() {
    if !played_by_root("root_is_not_led_astray_by_the_owner") {
        return;
    }
    let office = strangers_office();
    std::fs::set_permissions(office.folder.path(), Permissions::from_mode(0o711)).expect("it is ours");
    let data = office.program.data();
    let roots = office.folder.path().join("of root");
    std::fs::write(&roots, "untouched").expect("a new file");
    std::fs::set_permissions(&roots, Permissions::from_mode(0o600)).expect("it is ours");
    office.found();
    symlink(&roots, data.join("link")).expect("a new link");
    office.must(&["room", "new", "Engineering", "--category", "General"]);
    std::fs::remove_file(data.join("lock")).expect("it is there");
    symlink(&roots, data.join("lock")).expect("a new link");
    let said = office.refused(&["room", "new", "Lost", "--category", "General"], UNAVAILABLE);
    assert!(said.contains("lock: Permission denied"), "{said}");
    assert_eq!(std::fs::metadata(&roots).expect("it is there").uid(), 0, "it was not given away");
    assert_eq!(std::fs::read_to_string(&roots).expect("it is ours"), "untouched");
}
