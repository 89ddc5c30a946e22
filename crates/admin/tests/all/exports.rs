//! Stories of exports that are refused, asked about, or stand beside others: what never happens by an import.

use admin::{AdminError, Asker, DirectoryImport, Request};
use chat::{Actor, Role};
use store::{Order, RowChange};

use crate::groups::grant;
use crate::house::{House, ROOT, conflict, invalid, new_user};
use crate::office::{
    ANA, OFFICE, OPENLDAP, counts, entry, house_with_office, import, of, office, principals,
};

#[tokio::test]
async fn two_directories_live_side_by_side() {
    let house = house_with_office().await;
    let other = DirectoryImport { source: Some("ldap".into()), address_from_mail: true, ..import(OPENLDAP) };
    let message = invalid(house.run(of(other.clone())).await);
    assert!(message.contains("sip:ana@example.com would be the address of two people"), "{message}");
    let text = OPENLDAP.replace("mail: ana@example.com", "mail: ana@other.example");
    house.must(of(DirectoryImport { ldif: Some(text.clone()), ..other.clone() })).await;
    let both = principals(&house).await;
    for again in [import(OFFICE), DirectoryImport { ldif: Some(text.clone()), ..other.clone() }] {
        let done = house.must(of(again)).await;
        assert_eq!(done.changes, [], "neither knows of the other");
    }
    assert_eq!(principals(&house).await, both);
    let message =
        invalid(house.run(of(DirectoryImport { source: Some("third".into()), ..import(OFFICE) })).await);
    assert!(message.contains("import it under the name of the source it came from"), "{message}");
}

#[tokio::test]
async fn a_local_account_is_never_taken_over() {
    let house = House::found();
    house.person(ANA).await;
    let before = principals(&house).await;
    let message = invalid(house.run(of(import(OFFICE))).await);
    assert!(message.contains("(a local account)") && message.contains(ANA), "{message}");
    let endpoint = RowChange::NewEndpoint(
        "sip:chat@example.com".parse().expect("an address"),
        chat::DisplayName::parse("Chat").expect("a name"),
    );
    house.store.administer(Order::of(ROOT, "{}".into()), vec![endpoint]).await.expect("it is made");
    let server = office(&[("sip:ana@", "sip:chat@")]);
    let message = invalid(house.run(of(import(&server))).await);
    assert!(message.contains("is an address of the pool"), "{message}");
    assert_eq!(principals(&house).await, before);
    let renamed = office(&[("sip:ana@", "sip:ana.ruiz@")]);
    house.must(of(import(&renamed))).await;
    let message = conflict(house.run(new_user("sip:ana.ruiz@example.com", None, false)).await);
    assert!(message.contains("exists already"), "{message}");
}

#[tokio::test]
async fn half_an_export_is_asked_about_before_half_the_house_is_shut_out() {
    let house = House::found();
    let mut office = OFFICE.to_owned();
    for number in 0..7 {
        office += &format!(
            "\ndn: CN=Clerk {number},OU=Sales,DC=example,DC=com\nobjectClass: user\n\
             entryUUID: 00000000-0000-4000-8000-0000000001{number:02}\nmail: x@example.com\n\
             msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n"
        );
    }
    house.must(of(import(&office))).await;
    let before = principals(&house).await;
    let message = conflict(house.run(of(import(OFFICE))).await);
    assert!(message.contains("7 of 10 people") && message.contains("--yes"), "{message}");
    assert_eq!(principals(&house).await, before);
    let would = house
        .ask(Request { dry_run: true, ..Request::of(of(import(OFFICE))) })
        .await
        .expect("it may be looked at");
    assert!(counts(&would).contains(&"7 gone person".to_owned()), "{:?}", counts(&would));
    assert_eq!(would.changes.iter().filter(|change| change.field == "gone").count(), 7);
    assert!(would.warnings[0].contains("7 of 10 people"), "{:?}", would.warnings);
    assert_eq!(principals(&house).await, before);
    let done = house.must(of(DirectoryImport { yes: true, ..import(OFFICE) })).await;
    assert_eq!((&done.changes, counts(&done)), (&would.changes, counts(&would)));
}

#[tokio::test]
async fn a_file_that_is_no_export_is_refused_with_its_line() {
    let house = house_with_office().await;
    let before = principals(&house).await;
    for (text, said) in [
        (office(&[("objectClass: domainDNS", "objectClass domainDNS")]), "line 2"),
        (office(&[("00000000-0000-4000-8000-000000000002", "no-guid")]), "line "),
        (OFFICE.to_owned() + "\n" + entry("CN=Ana"), "line "),
        (String::new(), "line 1"),
    ] {
        let refused = house.run(of(import(&text))).await;
        let Err(AdminError::Invalid { field, message }) = refused else { panic!("not refused: {refused:?}") };
        assert_eq!(field, "ldif");
        assert!(message.contains(said), "'{said}' in {message}");
    }
    assert_eq!(principals(&house).await, before);
    let nowhere = DirectoryImport { file: Some("/nowhere/export.ldif".into()), ..DirectoryImport::default() };
    let message = invalid(house.run(of(nowhere.clone())).await);
    assert!(message.contains("/nowhere/export.ldif"), "{message}");
    invalid(house.run(of(DirectoryImport { ldif: Some(OFFICE.into()), ..nowhere })).await);
    invalid(house.run(of(DirectoryImport::default())).await);
    invalid(house.run(of(DirectoryImport { source: Some("a\nb".into()), ..import(OFFICE) })).await);
}

#[tokio::test]
async fn files_of_the_machine_are_read_only_for_whoever_has_a_shell_there() {
    let house = House::furnished().await;
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), OFFICE).expect("it can be written");
    let by_file = DirectoryImport {
        file: Some(file.path().to_str().expect("a path").to_owned()),
        ..DirectoryImport::default()
    };
    let alice = house.id("sip:alice@example.com").await;
    grant(&house, alice, Role::Administrator).await;
    let asker = Asker::new(Actor::Person(alice), "192.0.2.7");
    let refused = house.desk.run(asker.clone(), Request::of(of(by_file.clone()))).await;
    let Err(AdminError::Denied(said)) = refused else { panic!("not denied: {refused:?}") };
    assert!(said.contains("send the export itself as `ldif`"), "{said}");
    let long = format!("{OFFICE}\n# {}\n", "as long as an export is ".repeat(1_000));
    let done = house.desk.run(asker, Request::of(of(import(&long)))).await.expect("she may send it");
    assert!(counts(&done).contains(&"3 added person".to_owned()));
    let told = house.told().await;
    assert!(!told.contains("objectClass"), "the directory is not copied into the record");
    let again = house.must(of(by_file)).await;
    assert_eq!(again.changes, [], "it is the same export");
    let bob = Asker::new(Actor::Person(house.id("sip:bob@example.com").await), "192.0.2.7");
    let refused = house.desk.run(bob, Request::of(of(import(OFFICE)))).await;
    assert!(matches!(refused, Err(AdminError::Denied(_))), "{refused:?}");
}

#[tokio::test]
async fn what_is_no_file_is_never_opened() {
    let house = House::found();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("there is mkfifo");
    assert!(made.success());
    for path in [pipe.as_path(), folder.path(), std::path::Path::new("/dev/zero")] {
        let file = Some(path.to_str().expect("a path").to_owned());
        let asked = DirectoryImport { file, ..DirectoryImport::default() };
        let message = invalid(house.run(of(asked)).await);
        assert!(message.contains("is no file: name the file of the export"), "{message}");
    }
}
