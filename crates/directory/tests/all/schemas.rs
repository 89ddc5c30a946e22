//! Exports shaped like those of Active Directory and of OpenLDAP: who is who, who is where, and who is in what.

use std::io::Cursor;

use chat::Address;
use directory::ldif::{LdifSource, Mapping};
use directory::{Census, CensusFault, ObjectKind};

use super::export::{ACTIVE_DIRECTORY, OPENLDAP, census, census_by, listed, members};

fn address(census: &Census, who: &str) -> Option<String> {
    listed(census, who).address.as_ref().map(Address::to_string)
}

fn container(census: &Census, who: &str) -> Option<String> {
    let number = census.find(listed(census, who).guid).expect("who is listed has a number");
    census.container(number).map(|container| census.objects()[container as usize].display_name.to_string())
}

fn of_kind(census: &Census, kind: ObjectKind) -> Vec<&str> {
    let all = census.objects().iter().filter(|object| object.kind == kind);
    all.map(|object| object.display_name.as_str()).collect()
}

#[test]
fn active_directory_people() {
    let census = census(ACTIVE_DIRECTORY).expect("it is an export");
    assert_eq!(
        of_kind(&census, ObjectKind::Person),
        ["Ana Ruiz", "Groß, Jürgen", "Smith, John", "Dana Weiss", "Erik Holm", "Frida Lind"]
    );
    let table = [
        ("Ana Ruiz", Some("sip:ana@example.com"), true),
        ("Groß, Jürgen", Some("sip:juergen@example.com"), true),
        ("Smith, John", Some("sip:john@example.com"), true),
        ("Dana Weiss", Some("sip:dana@example.com"), false),
        ("Erik Holm", None, true),
        ("Frida Lind", Some("sip:frida@example.com"), false),
    ];
    for (who, where_to, enabled) in table {
        assert_eq!(address(&census, who).as_deref(), where_to, "{who}");
        assert_eq!(listed(&census, who).enabled, enabled, "{who}");
    }
    let ana = listed(&census, "Ana Ruiz");
    assert_eq!(
        ana.guid.to_string(),
        "a0000000-0001-4000-8000-000000000011",
        "the octets of Microsoft's order"
    );
    assert_eq!(ana.name.to_string(), "CN=Ana Ruiz,OU=Verkäufer,DC=example,DC=com");
}

#[test]
fn active_directory_places() {
    let census = census(ACTIVE_DIRECTORY).expect("it is an export");
    assert_eq!(of_kind(&census, ObjectKind::Domain), ["example.com"]);
    assert_eq!(
        of_kind(&census, ObjectKind::Container),
        ["Users", "Builtin", "Verkäufer", "Hamburg", "Groups"],
        "a policy is a container of another kind"
    );
    let table = [
        ("example.com", None),
        ("Verkäufer", Some("example.com")),
        ("Hamburg", Some("Verkäufer")),
        ("Groß, Jürgen", Some("Hamburg")),
        ("Smith, John", Some("Users")),
        ("Traders", Some("Groups")),
    ];
    for (who, place) in table {
        assert_eq!(container(&census, who).as_deref(), place, "{who}");
    }
    let passed: Vec<(&str, u64)> =
        census.passed_over().classes.iter().map(|(class, count)| (&**class, *count)).collect();
    assert_eq!(passed, [("computer", 1), ("contact", 1), ("groupPolicyContainer", 1)]);
}

#[test]
fn active_directory_groups() {
    let census = census(ACTIVE_DIRECTORY).expect("it is an export");
    assert_eq!(of_kind(&census, ObjectKind::Group), ["Domain Users", "Traders", "Desk Leads", "Everybody"]);
    assert_eq!(members(&census, "Traders"), ["Ana Ruiz", "Erik Holm", "Desk Leads"]);
    assert_eq!(members(&census, "Desk Leads"), ["Groß, Jürgen"]);
    assert_eq!(members(&census, "Everybody"), ["Ana Ruiz", "Groß, Jürgen", "Smith, John", "Frida Lind"]);
    assert_eq!(members(&census, "Domain Users").len(), 6, "everybody's primary group, which lists nobody");
    assert_eq!(census.outside().members, 1, "somebody of another forest");
    assert_eq!(census.outside().groups, 0);
}

#[test]
fn openldap_people() {
    let mapping = Mapping { address_attribute: Some("ichataddress".to_owned()), address_from_mail: true };
    let census = census_by(OPENLDAP, mapping).expect("it is an export");
    let table = [
        ("Ana Ruiz", Some("sip:ana@example.com"), true),
        ("Bo Sørensen", Some("sip:bo.s@example.com"), true),
        ("Cy Young", Some("sip:cy@example.com"), false),
        ("Di Adams", Some("sip:di@example.com"), true),
        ("Ed Fox", None, true),
    ];
    assert_eq!(of_kind(&census, ObjectKind::Person), table.map(|(who, ..)| who));
    for (who, where_to, enabled) in table {
        assert_eq!(address(&census, who).as_deref(), where_to, "{who}");
        assert_eq!(listed(&census, who).enabled, enabled, "{who}");
    }
    assert_eq!(listed(&census, "Ana Ruiz").guid.to_string(), "b0000000-0001-4000-8000-000000000011");
    let plain = super::export::census(OPENLDAP).expect("it is an export");
    assert_eq!(address(&plain, "Ana Ruiz"), None, "mail is no address unless somebody says so");
}

#[test]
fn openldap_places_and_groups() {
    let census = census(OPENLDAP).expect("it is an export");
    assert_eq!(of_kind(&census, ObjectKind::Domain), ["example.com"]);
    assert_eq!(of_kind(&census, ObjectKind::Container), ["people", "groups"]);
    assert_eq!(container(&census, "Bo Sørensen").as_deref(), Some("people"));
    assert_eq!(members(&census, "traders"), ["Ana Ruiz", "leads"], "under another spelling of her name");
    assert_eq!(members(&census, "leads"), ["Bo Sørensen"]);
    assert_eq!(members(&census, "staff").len(), 5, "two by account name, all by their group number");
    assert_eq!(census.outside().accounts, 1, "nobody is nobody");
    let passed: Vec<&str> = census.passed_over().classes.keys().map(|class| &**class).collect();
    assert_eq!(passed, ["organizationalRole"]);
}

/// An entry with a GUID, and more of it.
fn entry(name: &str, class: &str, guid: u32, more: &str) -> String {
    format!("dn: {name}\nobjectClass: {class}\nentryUUID: 00000000-0000-4000-8000-{guid:012}\n{more}\n")
}

fn person(who: &str, guid: u32, more: &str) -> String {
    entry(&format!("CN={who},DC=example,DC=com"), "user", guid, more)
}

fn only(more: &str) -> Result<Census, CensusFault> {
    census(&person("Ana", 1, more))
}

#[test]
fn whether_somebody_may_sign_on() {
    let table = [
        ("", true),
        ("userAccountControl: 512\n", true),
        ("userAccountControl: 514\n", false),
        ("USERACCOUNTCONTROL: 66050\n", false),
        ("userAccountControl: 66048\n", true),
        ("userAccountControl: -2147483646\n", false),
        ("nsAccountLock: true\n", false),
        ("nsAccountLock: false\n", true),
        ("pwdAccountLockedTime: 000001010000Z\n", false),
        ("pwdAccountLockedTime: 20261124100000Z\n", true),
        ("msRTCSIP-UserEnabled: FALSE\n", false),
        ("msRTCSIP-UserEnabled: TRUE\n", true),
    ];
    for (more, enabled) in table {
        let census = only(more).expect("it is an export");
        assert_eq!(census.objects()[0].enabled, enabled, "{more}");
    }
}

#[test]
fn where_somebody_is_reached() {
    let table = [
        (
            "msRTCSIP-PrimaryUserAddress: sip:ana@example.com\nproxyAddresses: sip:b@example.com\n",
            Some("sip:ana@example.com"),
        ),
        ("msRTCSIP-PrimaryUserAddress: ana@example.com\n", Some("sip:ana@example.com")),
        (
            "proxyAddresses: smtp:x@example.com\nproxyAddresses: sip:b@example.com\n",
            Some("sip:b@example.com"),
        ),
        ("proxyAddresses: sip:b@example.com\nproxyAddresses: SIP:c@example.com\n", Some("sip:c@example.com")),
        ("proxyAddresses: smtp:x@example.com\nmail: x@example.com\n", None),
        ("msRTCSIP-PrimaryUserAddress:\n", None),
    ];
    for (more, expected) in table {
        let census = only(more).expect("it is an export");
        assert_eq!(address(&census, "Ana").as_deref(), expected, "{more}");
    }
}

#[test]
fn an_address_that_cannot_be_used_is_noted_with_its_line() {
    let census =
        only("msRTCSIP-PrimaryUserAddress: sip:ana ruiz@example.com\n").expect("the others are fine");
    assert_eq!(address(&census, "Ana"), None);
    let passed = census.passed_over();
    assert_eq!(passed.bad_addresses, 1);
    let (line, note) = &passed.notes[0];
    assert_eq!(*line, 4);
    assert!(note.starts_with("the value of msRTCSIP-PrimaryUserAddress is no address"), "{note}");
    let census = only("proxyAddresses: sip:ocschat@example.com\n").expect("the others are fine");
    assert!(census.passed_over().notes[0].1.contains("an address of the server itself"));
}

#[test]
fn what_people_read_can_be_read() {
    let long = "x".repeat(300);
    let table = [
        ("displayName: Ana Ruiz\ncn: a.ruiz\n", "Ana Ruiz"),
        ("cn: a.ruiz\n", "a.ruiz"),
        ("cn;lang-de: Anna\ncn: Ana\n", "Ana"),
        ("cn;lang-de: Anna\n", "Anna"),
        ("", "Ana"),
        ("displayName:: QW5hCVJ1aXo=\n", "AnaRuiz"),
        ("displayName:: 4oCu\n", "Ana"),
        (&format!("displayName: {long}\n"), &long[..256]),
    ];
    for (more, expected) in table {
        let census = only(more).expect("it is an export");
        assert_eq!(census.objects()[0].display_name.as_str(), expected, "{more}");
    }
}

#[test]
fn what_cannot_be_understood_names_its_line_and_what_to_do() {
    let group = |more: &str| entry("CN=G,DC=example,DC=com", "group", 9, more);
    let ana = person("Ana", 1, "");
    let table = [
        ("dn: CN=Ana\nobjectClass: user\n".to_owned(), 1, "ldapsearch ... '*' +"),
        ("dn: CN=Ana\nobjectClass: user\nobjectGUID:: AAAA\n".to_owned(), 3, "objectGUID is not a GUID"),
        ("dn: CN=Ana\nobjectClass: user\nentryUUID: 1-2-3\n".to_owned(), 3, "entryUUID is not a GUID"),
        (
            person("Ana", 1, "userAccountControl: many\n"),
            4,
            "the value of userAccountControl is not a number",
        ),
        (person("Ana", 1, "nsAccountLock: perhaps\n"), 4, "neither TRUE nor FALSE"),
        (person("Ana", 1, "displayName:: /w==\n"), 4, "displayName is not UTF-8"),
        (
            person("Ana", 1, "objectSid:: AAAA\nprimaryGroupID: 513\n"),
            4,
            "objectSid is not a security identifier",
        ),
        (person("Ana", 1, "memberOf: Traders\n"), 4, "memberOf: this is no distinguished name"),
        (group("member: Ana\n"), 4, "member: this is no distinguished name"),
        (group("member;range=x-1: CN=a\n"), 4, "not a range such as"),
        (group("member;range=0-1: CN=a\nmember;range=3-*: CN=b\n"), 5, "member;range=3-* does not follow"),
        (group("member;range=1-*: CN=a\n"), 4, "does not follow"),
        (format!("{ana}{}", person("ana", 2, "")), 5, "the name CN=ana,DC=example,DC=com is that of line 1"),
        (
            format!("{ana}{}", person("Bob", 1, "")),
            5,
            "the GUID 00000000-0000-4000-8000-000000000001 is that of line 1",
        ),
        (
            format!("{ana}{}", group("member;range=0-0: CN=Ana,DC=example,DC=com\n")),
            8,
            "only 0 of its 1 members here say themselves",
        ),
    ];
    for (text, line, says) in table {
        let fault = census(&text).expect_err(&text).to_string();
        assert!(fault.contains(says), "{text}: {fault}");
        assert!(fault.starts_with(&format!("line {line}: ")), "{text}: {fault}");
    }
}

#[test]
fn a_list_that_was_cut_is_made_whole_by_those_who_are_in_it() {
    let text = [
        entry("CN=All,DC=example,DC=com", "group", 9, "member;range=0-0: CN=Ana,DC=example,DC=com\n"),
        person("Ana", 1, "memberOf: CN=All,DC=example,DC=com\n"),
        person("Bob", 2, "memberOf: CN=All,DC=example,DC=com\n"),
    ];
    let census = census(&text.concat()).expect("both say they are in it");
    assert_eq!(members(&census, "All"), ["Ana", "Bob"]);
}

#[test]
fn who_says_the_same_twice_says_it_once() {
    let text = [
        entry(
            "CN=All,DC=example,DC=com",
            "groupOfNames",
            9,
            "member: CN=Ana,DC=example,DC=com\nmember: cn=ana, dc=example, dc=com\n",
        ),
        person("Ana", 1, "memberOf: CN=All,DC=example,DC=com\nmemberOf: CN=Elsewhere,DC=example,DC=org\n"),
    ];
    let census = census(&text.concat()).expect("it is an export");
    assert_eq!(members(&census, "All"), ["Ana"]);
    assert_eq!(census.outside().groups, 1);
}

#[test]
fn whoever_shares_an_account_name_is_not_guessed_at() {
    let text = [
        person("Ana", 1, "uid: a\n"),
        person("Abe", 2, "uid: A\n"),
        entry("CN=All,DC=example,DC=com", "posixGroup", 9, "memberUid: a\n"),
    ];
    let census = census(&text.concat()).expect("it is an export");
    assert!(members(&census, "All").is_empty());
    assert_eq!(census.outside().accounts, 1);
}

#[test]
fn a_container_that_is_not_exported_is_passed_by() {
    let text = [
        entry("DC=example,DC=com", "domainDNS", 8, ""),
        entry("CN=Ana,OU=Hidden,DC=example,DC=com", "user", 1, ""),
        entry("CN=Phone,CN=Ana,OU=Hidden,DC=example,DC=com", "user", 2, ""),
    ];
    let census = census(&text.concat()).expect("it is an export");
    assert_eq!(container(&census, "Ana").as_deref(), Some("example.com"));
    assert_eq!(container(&census, "Phone").as_deref(), Some("example.com"), "a person holds nobody");
}

#[test]
fn what_was_deleted_is_passed_over() {
    let text = [person("Ana", 1, ""), person("Bob\\0ADEL:1", 2, "isDeleted: TRUE\n")];
    let census = census(&text.concat()).expect("it is an export");
    assert_eq!(of_kind(&census, ObjectKind::Person), ["Ana"]);
    assert_eq!(census.passed_over().classes.get("isDeleted"), Some(&1));
}

#[test]
fn no_fault_and_no_note_repeats_what_stands_in_the_file() {
    let secret = "tr0ub4dor";
    let ana = |more: &str| person("Ana", 1, more);
    let table = [
        ana(&format!("userPassword {secret}\n")),
        ana(&format!("{secret} &3: x\n")),
        ana(&format!("userPassword:: {secret}!\n")),
        ana(&format!("userAccountControl: {secret}\n")),
        ana(&format!("nsAccountLock: {secret}\n")),
        ana(&format!("memberOf: {secret}\n")),
        ana(&format!("memberOf: CN={secret}\\q\n")),
        ana(&format!("objectSid:: AQEAAAAAAAUgAAAA\nprimaryGroupID: {secret}\n")),
        format!("userPassword: {secret}\n"),
        format!("version: {secret}\n"),
        format!("dn: {secret}\n"),
        format!("dn: CN=Ana\ncontrol: {secret}\n"),
        format!("dn: CN=Ana\nchangetype: {secret}\n"),
        format!("dn: CN={secret}\nobjectClass: user\n"),
        format!("{}\nsearch: 2\nresult: 4 {secret}\n", ana("")),
    ];
    for text in table {
        let fault = census(&text).expect_err(&text).to_string();
        assert!(fault.starts_with("line ") && !fault.contains(secret), "{text}: {fault}");
    }
    let named = Mapping { address_attribute: Some("userPassword".into()), ..Mapping::default() };
    let text = ana(&format!("userPassword: {secret} {secret}\n"));
    let mut source = LdifSource::new("ldif", Cursor::new(text), named);
    let census = Census::take(&mut source).expect("it is an export");
    let notes = &census.passed_over().notes;
    assert_eq!(notes.len(), 1);
    assert!(notes[0].1.contains("userPassword") && !notes[0].1.contains(secret), "{notes:?}");
}
