//! Files named on the command line: found wherever the server was started, sent where it sees none, or taken from a pipe.

use super::office::{INVALID, Office, UNAVAILABLE, error};

/// An export of a directory with one person more than Zoe.
const EXPORT: &str = "version: 1\n\n\
    dn: DC=example,DC=com\nobjectClass: domainDNS\nobjectGUID:: AAAAAAAAAAAAAAAAAAAAAA==\n\n\
    dn: CN=Zoe,DC=example,DC=com\nobjectClass: user\nobjectGUID:: AAAAAAAAAAAAAAAAAAAAAQ==\ndisplayName: Zoe\n\
    msRTCSIP-PrimaryUserAddress: sip:zoe@example.com\nmsRTCSIP-UserEnabled: TRUE\n\n";

fn office() -> Office {
    let office = Office::founded();
    std::fs::write(office.folder.path().join("export.ldif"), EXPORT).expect("the folder is ours");
    office
}

fn knows_zoe(office: &Office) -> bool {
    office.rows(&["user", "list"]).iter().any(|user| user["address"] == "sip:zoe@example.com")
}

#[test]
fn an_export_is_found_from_where_the_command_is_said() {
    let office = office();
    let _running = office.program.serve(&[]);
    let imported = office.shell("causerie directory import export.ldif");
    assert!(imported.status.success(), "{}", error(&imported));
    let said = String::from_utf8_lossy(&imported.stdout);
    assert!(said.contains("added") && said.contains("person"), "{said}");
    assert!(knows_zoe(&office));
    assert_eq!(error(&imported), "", "programs see no progress");
}

#[test]
fn an_export_can_come_through_a_pipe() {
    let office = office();
    let imported = office.shell("causerie directory import --ldif - < export.ldif");
    assert!(imported.status.success(), "{}", error(&imported));
    assert!(knows_zoe(&office));
}

#[test]
fn what_only_flows_is_read_by_the_command_and_never_by_the_server() {
    let office = office();
    let _running = office.program.serve(&[]);
    for line in [
        "causerie directory import - < export.ldif",
        "cat export.ldif | causerie directory import /dev/stdin",
        "mkfifo pipe && (cat export.ldif > pipe &) && causerie directory import pipe",
    ] {
        let imported = office.shell(line);
        assert!(imported.status.success(), "{line}: {}", error(&imported));
        assert!(knows_zoe(&office), "{line}");
    }
    let folder = office.shell("causerie directory import .");
    assert_eq!(folder.status.code(), Some(INVALID));
    assert!(error(&folder).contains("is no file"), "{}", error(&folder));
}

#[test]
fn an_export_is_sent_to_a_server_elsewhere() {
    let office = office();
    let running = office.program.serve(&[]);
    let made = office.shell("umask 077; causerie token new --name laptop --scope user-admin > token");
    assert!(made.status.success(), "{}", error(&made));
    let url = format!("https://localhost:{}", running.address("https").port());
    let remote =
        format!("causerie --server {url} --token-file token --ca {}", office.file("ca.pem").display());
    let rehearsed = office.shell(&format!("{remote} directory import export.ldif --dry-run"));
    assert!(rehearsed.status.success(), "{}", error(&rehearsed));
    assert!(!knows_zoe(&office));
    let imported = office.shell(&format!("{remote} directory import export.ldif"));
    assert!(imported.status.success(), "{}", error(&imported));
    assert!(knows_zoe(&office));
}

#[test]
fn a_file_that_cannot_be_sent_is_named() {
    let office = office();
    std::fs::write(office.folder.path().join("latin"), b"dn: CN=Zo\xeb\n").expect("the folder is ours");
    let latin = office.folder.path().join("latin").to_string_lossy().into_owned();
    let said = office.refused(&["directory", "import", "--ldif", &latin], INVALID);
    assert!(said.contains(&latin) && said.contains("UTF-8 from octet 9 on"), "{said}");
    let said = office.refused(&["directory", "import", "--ldif", "/nowhere/export.ldif"], UNAVAILABLE);
    assert!(said.contains("/nowhere/export.ldif"), "{said}");
    office.refused(&["directory", "import", "/nowhere/export.ldif"], INVALID);
}

#[test]
fn a_table_of_rooms_is_read_where_the_command_is_said() {
    let office = office();
    let table = "name,category,privacy\nDesk 1,General,open\nDesk 2,General,closed\n";
    std::fs::write(office.folder.path().join("rooms.csv"), table).expect("the folder is ours");
    let said = |line: &str| {
        let output = office.shell(line);
        assert!(output.status.success(), "{line}: {}", error(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let rehearsed = said("causerie room import rooms.csv --dry-run");
    assert!(
        rehearsed.contains("would make room Desk 1") && rehearsed.contains("would create"),
        "{rehearsed}"
    );
    let running = office.program.serve(&[]);
    said("umask 077; causerie token new --name laptop --scope chat-admin > token");
    let url = format!("https://localhost:{}", running.address("https").port());
    let remote =
        format!("causerie --server {url} --token-file token --ca {}", office.file("ca.pem").display());
    let made = said(&format!("{remote} room import - < rooms.csv"));
    assert_eq!(made.matches("created").count(), 2, "{made}");
    assert_eq!(said("causerie room import rooms.csv").matches("already-there").count(), 2);
    let table = "name,category\nDesk 3,General\nDesk 4,Nowhere\n";
    std::fs::write(office.folder.path().join("bad.csv"), table).expect("the folder is ours");
    for line in ["causerie room import bad.csv --dry-run", &format!("{remote} room import bad.csv --dry-run")]
    {
        let rehearsed = office.shell(line);
        assert_eq!(rehearsed.status.code(), Some(INVALID), "{line}: as it would be done");
        let report = String::from_utf8_lossy(&rehearsed.stdout).into_owned();
        assert!(report.contains("Desk 4") && report.contains("failed"), "with the report: {report}");
    }
    said("causerie room import bad.csv --dry-run --skip-bad");
    let bad = office.shell("printf 'name,category\\nDesk 3,Nowhere\\n' | causerie room import -");
    assert_eq!(bad.status.code(), Some(INVALID));
    assert!(error(&bad).contains("line 2, category: there is no category 'Nowhere'"), "{}", error(&bad));
}
