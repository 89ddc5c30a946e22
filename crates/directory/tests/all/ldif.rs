//! The grammar of exports (RFC 2849) as tables: what is read as what, and what is refused at which line with what advice.

use std::io::{BufReader, Read};

use directory::ldif::{Entry, LdifFault, LdifLimits, LdifTrouble, Reader};

/// Entries as (line, name, values as `name;options=value`).
type Read1 = (u64, String, Vec<String>);

fn entries(octets: &[u8]) -> Result<Vec<Read1>, LdifFault> {
    entries_within(octets, LdifLimits::default())
}

fn entries_within(octets: &[u8], limits: LdifLimits) -> Result<Vec<Read1>, LdifFault> {
    Reader::new(octets, limits).map(|entry| entry.map(|entry| told(&entry))).collect()
}

fn told(entry: &Entry) -> Read1 {
    let values = entry.attributes().map(|attribute| {
        let options = if attribute.options.is_empty() { "" } else { ";" };
        format!("{}{options}{}={}", attribute.name, attribute.options, attribute.value.escape_ascii())
    });
    (entry.line(), entry.name().to_string(), values.collect())
}

#[test]
fn what_is_read_as_what() {
    let table: &[(&str, &[&str])] = &[
        ("dn: cn=a\ncn: a\n", &["cn=a"]),
        ("version: 1\ndn: cn=a\ncn: a\n", &["cn=a"]),
        ("version: 1\n\ndn: cn=a\ncn:a", &["cn=a"]),
        ("# who\n#  wrote this\n\n\ndn: cn=a\n# inside\ncn:   a\n\n\n", &["cn=a"]),
        ("# a comment that is\n  folded: yes\ndn: cn=a\ncn: a\n", &["cn=a"]),
        ("dn:cn=a\r\ncn: a\r\nsn: b\r\n\r\n", &["cn=a", "sn=b"]),
        ("\u{FEFF}dn: cn=a\ncn: a\n", &["cn=a"]),
        ("d\n n: cn\n =a\nde\n scription: one\n  two\n   three\n", &["description=one two  three"]),
        ("dn:: Y249YQ==\ncn:: w6Q=\n", &["cn=\\xc3\\xa4"]),
        ("dn: cn=a\ncn::   w6\n Q=\n", &["cn=\\xc3\\xa4"]),
        ("dn: cn=a\ncn:\nsn::\nou: \n", &["cn=", "sn=", "ou="]),
        ("dn: cn=a\ncn;lang-en;x-a: b\n", &["cn;lang-en;x-a=b"]),
        ("dn: cn=a\nmember;range=1500-*: cn=b\n", &["member;range=1500-*=cn=b"]),
        ("dn: cn=a\n2.5.4.3: b\n", &["2.5.4.3=b"]),
        ("dn: cn=a\nurl: http://example.com:80/?a=b#c\n", &["url=http://example.com:80/?a=b#c"]),
        ("dn: cn=a\ncn: a \n", &["cn=a "]),
        ("dn: cn=a\ncn: \u{e4}\nsn: :b\nou: <c\n", &["cn=\\xc3\\xa4", "sn=:b", "ou=<c"]),
        ("dn: cn=a\nchangetype: add\ncn: a\n", &["cn=a"]),
        ("DN: cn=a\nChangeType: ADD\ncn: a\n", &["cn=a"]),
        (
            "dn: cn=a\ncn: a\n\nsearch: 2\nresult: 0 Success\ncontrol: 1.2 false\n\n# numEntries: 1\n",
            &["cn=a"],
        ),
        ("ref: ldap://other.example.com/dc=x\nref: ldap://b/\n\ndn: cn=a\ncn: a\n", &["cn=a"]),
        ("dn: cn=a\n\n", &[]),
    ];
    for (text, values) in table {
        let read = entries(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault} in {text:?}"));
        let [(_, name, found)] = read.as_slice() else { panic!("{text:?} has not one entry: {read:?}") };
        assert_eq!(name, "cn=a", "{text:?}");
        assert_eq!(found, values, "{text:?}");
    }
}

#[test]
fn what_is_refused_names_its_line_and_what_to_do() {
    let table: &[(&[u8], u64, &str)] = &[
        (b"", 1, "no entry"),
        (b"# nothing\n\n", 3, "no entry"),
        (b" dn: cn=a\n", 1, "remove the blank"),
        (b"dn: cn=a\ncn: a\n\n cn: b\n", 4, "remove the blank"),
        (b"dn: cn=a\ncn a\n", 2, "the line has no colon"),
        (b"dn: cn=a\n-\n", 2, "no colon"),
        (b"dn: cn=a\nc n: a\n", 2, "is no attribute"),
        (b"dn: cn=a\n: a\n", 2, "is no attribute"),
        (b"dn: cn=a\ncn;l/n: a\n", 2, "is no attribute"),
        (b"dn: cn=a\n\xC3\xA4: a\n", 2, "is no attribute"),
        (b"dn: cn=a\nsn: b\ncn:: w6Q\n", 3, "the value of cn after '::' is not base64"),
        (b"dn: cn=a\ncn:: w6\n\n", 2, "not base64"),
        (b"dn: cn=a\ncn:: w 6Q=\n", 2, "not base64"),
        (b"dn: cn=a\nphoto:< file:///tmp/a.jpg\n", 2, "not fetched"),
        (b"version: 2\ndn: cn=a\n", 1, "must be 1"),
        (b"dn: cn=a\n\nversion: 1\n", 3, "on the first line"),
        (b"version: 1\nversion: 1\ndn: cn=a\n", 2, "once"),
        (b"cn: a\n", 1, "begins with 'dn:'"),
        (b"dn: cn=a\n\ncn: a\n", 3, "an empty line too many"),
        (b"dn: cn=a\ncn: a\ndn: cn=b\n", 3, "put an empty line before it"),
        (b"dn: cn=a\nchangetype: delete\n", 2, "is a change"),
        (b"dn: cn=a\nchangetype: modify\nadd: sn\nsn: b\n-\n", 2, "is a change"),
        (b"dn: cn=a\nchangetype:: bW9kcmRu\n", 2, "is a change"),
        (b"dn: cn=a\ncontrol: 1.2.3 true\nchangetype: add\n", 2, "a file of changes"),
        (b"dn: cn=a\ncn: a\x00b\n", 2, "in base64"),
        (b"dn: cn=a\rcn: b\r", 1, "in base64"),
        (b"dn: ana\n", 1, "dn: this is no distinguished name"),
        (b"dn: cn=a\n\ndn:\n", 3, "no distinguished name"),
        (b"dn:: /w==\n", 1, "dn is not UTF-8"),
        (b"dn: cn=a\n\nsearch: 2\nresult: 4 Size limit exceeded\n", 4, "so the export is incomplete"),
        (b"\xFF\xFEd\0n\0", 1, "UTF-16"),
        (b"\xFE\xFF\0d\0n", 1, "UTF-16"),
        (b"\xEFdn: cn=a\n", 1, "is no attribute"),
    ];
    for (octets, line, says) in table {
        let shown = octets.escape_ascii();
        let fault = entries(octets).expect_err(&shown.to_string());
        assert!(fault.to_string().contains(says), "{shown}: {fault}");
        assert_eq!(fault.line, *line, "{shown}: {fault}");
        assert!(fault.to_string().starts_with(&format!("line {line}: ")), "{fault}");
    }
}

#[test]
fn lines_are_counted_through_folds_comments_and_both_line_ends() {
    let text = "version: 1\r\n\r\n# one\r\n  two\r\ndn: cn=\r\n a\r\ncn: a\r\n\r\n\r\ndn: cn=b\r\n";
    let read = entries(text.as_bytes()).expect("it is an export");
    assert_eq!(
        read.iter().map(|(line, name, _)| (*line, name.as_str())).collect::<Vec<_>>(),
        [(5, "cn=a"), (10, "cn=b")]
    );
    let broken = format!("{text}oops\r\n");
    assert_eq!(entries(broken.as_bytes()).expect_err("a line without colon").line, 11);
}

#[test]
fn each_limit_holds_at_its_edge() {
    let limits = LdifLimits {
        line_octets_max: 20,
        value_octets_max: 10,
        values_max: 2,
        entry_octets_max: 40,
        entries_max: 2,
    };
    let table = [
        ("dn: cn=a\ncn: 0123456789\n", None),
        ("dn: cn=a\r\ncn: 0123456789\r\n", None),
        ("dn: cn=a\ncn: 01234567890\n", Some("the value of cn has more than 10 octets")),
        ("dn: cn=a\ncn:: MDEyMzQ1Njc4OQ==\n", Some("the line has more than 20 octets")),
        ("dn: cn=a\ncn::MDEyMzQ1Njc4OQ==\n", None),
        ("dn: cn=a\ncn::MDEyMzQ1Njc4OTA=\n", Some("the value of cn has more than 10 octets")),
        ("dn: cn=a\ncn:                a\n", None),
        ("dn: cn=a\r\ncn:                a\r\n", None),
        ("dn: cn=a\ncn:                 a\n", Some("the line has more than 20 octets")),
        ("dn: cn=a\ncn:        \n         \n     a\n", Some("the line has more than 20 octets")),
        ("# a comment of more than twenty octets\ndn: cn=a\n", Some("the line has more than 20 octets")),
        ("dn: cn=a\na: 1\na: 2\na: 3\n", Some("the entry has more than 2 values")),
        ("dn: cn=a\nabcdefghi: 123456789\nabcdefghi: 123456789\n", None),
        ("dn: cn=a\nabcdefghi: 123456789\nabcdefghi:1234567890\n", Some("the entry has more than 40 octets")),
        ("dn: cn=a\n\ndn: cn=b\n\ndn: cn=c\n", Some("the file has more than 2 entries")),
    ];
    for (text, refused) in table {
        let said = entries_within(text.as_bytes(), limits).err().map(|fault| fault.to_string());
        match refused {
            None => assert_eq!(said, None, "{text:?}"),
            Some(words) => {
                assert!(said.as_ref().is_some_and(|said| said.contains(words)), "{text:?}: {said:?}")
            }
        }
    }
}

/// Octets that never end, without an end of line.
struct Flood;

impl Read for Flood {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        buffer.fill(b'x');
        Ok(buffer.len())
    }
}

#[test]
fn a_line_without_end_is_refused_at_its_limit() {
    let mut reader = Reader::new(BufReader::new(Flood), LdifLimits::default());
    let fault = reader.next_entry().expect_err("nobody reads a line for ever");
    assert!(matches!(fault.trouble, LdifTrouble::LineTooLong(limit) if limit == 6 << 20), "{fault}");
}

/// Some octets, and then the disk fails.
struct Failing(&'static [u8]);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Err(std::io::Error::other("the disk is gone"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn a_disk_that_fails_is_no_end_of_the_file() {
    let mut reader = Reader::new(BufReader::new(Failing(b"dn: cn=a\ncn: a\n")), LdifLimits::default());
    let fault = reader.next_entry().expect_err("the second line may go on");
    assert_eq!(fault.to_string(), "line 3: the file cannot be read: the disk is gone");
}

#[test]
fn the_size_of_the_pieces_that_come_makes_no_difference() {
    for text in [super::export::ACTIVE_DIRECTORY, super::export::OPENLDAP] {
        let whole = entries(text.as_bytes()).expect("it is an export");
        for size in [1, 2, 3, 7, 64] {
            let input = BufReader::with_capacity(size, text.as_bytes());
            let pieces: Result<Vec<Read1>, LdifFault> = Reader::new(input, LdifLimits::default())
                .map(|entry| entry.map(|entry| told(&entry)))
                .collect();
            assert_eq!(pieces.expect("it is the same export"), whole);
        }
        let with_returns = text.replace('\n', "\r\n");
        assert_eq!(entries(with_returns.as_bytes()).expect("it is the same export"), whole);
    }
}
