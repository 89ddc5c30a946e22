//! How a pool comes to be: by the first command that makes something, once, whole or not at all.

use super::office::{INVALID, Office, UNAVAILABLE};

#[test]
fn the_first_person_founds_the_pool_for_its_domain_and_the_administrator_is_told() {
    let office = Office::empty();
    let told = office.told(&["user", "new", "sip:alice@example.com", "--display-name", "Alice"]);
    assert!(told.contains("a pool for example.com was founded in"), "{told}");
    let again = office.told(&["user", "new", "sip:bob@example.com", "--display-name", "Bob"]);
    assert!(!again.contains("founded"), "{again}");
    assert_eq!(office.rows(&["user", "list"]).len(), 2);
}

#[test]
fn a_domain_is_for_ever() {
    let office = Office::empty();
    office.must(&["user", "new", "sip:alice@example.com", "--display-name", "Alice"]);
    let said = office.refused_with(&["serve", "--domain", "other.example"], "", INVALID);
    assert!(said.contains("example.com") && said.contains("other.example"), "{said}");
    assert!(said.contains("leave --domain out"), "it says what to do: {said}");
    let running = office.program.serve(&["--domain", "EXAMPLE.com"]);
    assert!(running.terminate().0.success());
}

#[test]
fn a_domain_of_one_label_founds_nothing() {
    let office = Office::empty();
    for words in [
        &["serve", "--domain", "hopital"][..],
        &["user", "new", "alice@hopital", "--display-name", "Alice"],
        &["category", "new", "General", "--add-allowed-member", "domain:hopital"],
    ] {
        let said = office.refused(words, INVALID);
        assert!(said.contains("'hopital' is only one label") && said.contains("stays for ever"), "{said}");
    }
    office.refused(&["user", "list"], UNAVAILABLE);
    let trial = ["certificate", "trial", "--name", "chat.hopital", "--domain", "hopital"];
    let said = office.refused(&trial, INVALID);
    assert!(said.contains("only one label"), "it is said before anybody trusts it: {said}");
    let (status, log) = office.program.serve(&["--domain", "hopital.example"]).terminate();
    assert!(status.success() && log.contains("the domain stays for ever"), "{log}");
    assert!(!log.contains("store.migrated"), "nothing was there to be brought further: {log}");
}

#[test]
fn a_first_category_may_name_the_domain() {
    let office = Office::founded();
    let told = office.told(&["user", "new", "sip:eve@other.example", "--display-name", "Eve"]);
    assert!(told.contains("not of this pool's domain example.com"), "{told}");
}

#[test]
fn a_server_founds_the_pool_it_is_told_to() {
    let office = Office::empty();
    let said = office.refused(&["serve"], UNAVAILABLE);
    assert!(said.contains("causerie serve --domain example.com"), "{said}");
    let running = office.program.serve(&["--domain", "example.com"]);
    let warned = office.told(&["category", "new", "General"]);
    assert!(warned.contains("domain:example.com"), "{warned}");
    assert!(running.terminate().0.success());
}

#[test]
fn who_only_looks_leaves_no_trace() {
    let office = Office::empty();
    for words in [
        &["user", "list"][..],
        &["room", "get", "Engineering"],
        &["user", "disable", "sip:alice@example.com"],
        &["category", "new", "General"],
        &["serve", "--sip-tls", "127.0.0.1:0"],
    ] {
        let said = office.refused(words, UNAVAILABLE);
        assert!(said.contains("there is no pool in") && said.contains("causerie user new"), "{said}");
        assert!(!office.program.data().exists(), "{words:?} makes nothing");
    }
}

#[test]
fn a_refused_first_command_founds_nothing() {
    let office = Office::empty();
    office.refused(&["user", "new", "sip:alice@exmaple.com", "--display-name", "two\nlines"], INVALID);
    office.refused(&["user", "list"], UNAVAILABLE);
    let told = office.told(&["user", "new", "sip:alice@example.com", "--display-name", "Alice"]);
    assert!(told.contains("a pool for example.com was founded"), "{told}");
}

#[test]
fn a_founding_that_was_interrupted_is_begun_again() {
    let office = Office::empty();
    office.refused(&["user", "new", "sip:alice@example.com", "--display-name", ""], INVALID);
    std::fs::write(office.file("founding.db"), "half a store").expect("the directory is there");
    std::fs::write(office.file("founding.db-wal"), "half a log").expect("the directory is there");
    office.found();
    assert!(!office.file("founding.db").exists() && !office.file("founding.db-wal").exists());
    assert_eq!(office.rows(&["category", "list"]).len(), 1);
}
