//! Distinguished names: what equals what, what is refused, and how names are taken apart.

use directory::{BadName, DistinguishedName, NAME_OCTETS_MAX};

fn name(text: &str) -> DistinguishedName {
    DistinguishedName::parse(text).unwrap_or_else(|bad| panic!("{bad}"))
}

#[test]
fn spellings_of_one_name_are_equal() {
    let table = [
        ("CN=Ana Ruiz,DC=example,DC=com", "cn=ana ruiz,dc=EXAMPLE,dc=com"),
        ("CN=Ana Ruiz,DC=example", " CN = Ana Ruiz , DC = example "),
        ("CN=Ana  Ruiz", "CN=Ana Ruiz"),
        ("CN=Smith\\, John", "CN=Smith\\2c John"),
        ("CN=a\\\"b\\=c", "CN=a\\22b=c"),
        ("CN=J\\C3\\BCrgen", "CN=Jürgen"),
        ("CN=JU\u{308}RGEN", "CN=jürgen"),
        ("CN=\\ ana\\ ", "CN=ana"),
        ("2.5.4.3=ana,0.9.2342.19200300.100.1.25=com", "CN=ana,DC=com"),
        ("UID=ana+CN=Ana,O=x", "CN=ana + uid=ANA,O=x"),
        ("CN=a\\0Ab", "CN=a b"),
        ("1.2.3=#0402AB", "1.2.3=#0402ab"),
    ];
    for (left, right) in table {
        assert_eq!(name(left), name(right), "{left} and {right}");
        assert_eq!(name(left).folded(), name(right).folded());
    }
}

#[test]
fn different_names_are_different() {
    let table = [
        ("CN=ana,DC=com", "CN=ana"),
        ("CN=ana", "UID=ana"),
        ("CN=a\\,dc\\=com", "CN=a,DC=com"),
        ("CN=a\\+cn\\=b", "CN=a+CN=b"),
        ("CN=\\#61", "CN=#61"),
        ("CN=Müller", "CN=Mueller"),
    ];
    for (left, right) in table {
        assert_ne!(name(left), name(right), "{left} and {right}");
    }
}

#[test]
fn a_name_is_written_in_one_way_and_read_again() {
    let table = [
        ("CN = Smith\\2C John , DC=com", "CN=Smith\\, John,DC=com"),
        ("CN=\\ a \\ ,DC=com", "CN=\\ a \\ ,DC=com"),
        ("CN=#4869", "CN=#4869"),
        ("CN=\\#1 \\<b\\>", "CN=\\#1 \\<b\\>"),
        ("CN=x\\0ACNF:1", "CN=x\\0ACNF:1"),
        ("OU=Verk\\C3\\A4ufer", "OU=Verkäufer"),
        ("O=", "O="),
    ];
    for (text, written) in table {
        let read = name(text);
        assert_eq!(read.to_string(), written);
        assert_eq!(name(written).to_string(), written, "written again");
        assert_eq!(name(read.folded()).folded(), read.folded(), "the folded form is a name, too");
    }
}

#[test]
fn what_is_no_name_is_refused_with_what_to_do() {
    let long = format!("CN={}", "x".repeat(NAME_OCTETS_MAX));
    let table = [
        ("", "write it as CN=Ana Ruiz,OU=Sales"),
        ("Ana Ruiz", "write it as"),
        ("CN=ana,", "write it as"),
        (",CN=ana", "write it as"),
        ("CN=ana,,DC=com", "write it as"),
        ("=ana", "write it as"),
        ("C N=ana", "write it as"),
        ("CN=#4", "write it as"),
        ("CN=#zz", "write it as"),
        ("CN=#41 42", "write it as"),
        ("CN=\"Smith, John\"", "write \\\""),
        ("CN=ana;DC=com", "write \\;"),
        ("CN=a\\q", "stray backslash"),
        ("CN=a\\", "stray backslash"),
        ("CN=a\\4", "stray backslash"),
        ("CN=M\\FCller", "not UTF-8"),
        (long.as_str(), "4096 octets"),
    ];
    for (text, says) in table {
        let refused = DistinguishedName::parse(text).expect_err(text).to_string();
        assert!(refused.contains(says), "{text}: {refused}");
        assert!(refused.len() < 300, "a flood is not repeated");
    }
    assert_eq!(DistinguishedName::parse("CN=a\\"), Err(BadName::Escape));
}

#[test]
fn names_are_taken_apart() {
    let ana = name("CN=Ruiz\\, Ana,OU=Sales,DC=example,DC=com");
    let sales = name("ou=sales,dc=example,dc=com");
    assert_eq!(ana.parent(), Some(sales.clone()));
    assert_eq!(ana.parent().map(|parent| parent.to_string()).as_deref(), Some("OU=Sales,DC=example,DC=com"));
    assert_eq!(ana.relative(), "CN=Ruiz\\, Ana");
    assert_eq!(ana.value(), "Ruiz, Ana");
    assert_eq!(ana.depth(), 4);
    assert_eq!(
        ana.ancestors().collect::<Vec<_>>(),
        ["ou=sales,dc=example,dc=com", "dc=example,dc=com", "dc=com"]
    );
    assert_eq!(ana.dns(), None);
    assert_eq!(name("DC=example,DC=com").dns().as_deref(), Some("example.com"));
    assert_eq!(name("CN=a+UID=b,DC=com").value(), "a");
    assert_eq!(name("DC=com").parent(), None);
}
