//! An administrator with topology documents: defines, judges, shows, compares, brings in and gives out. No store is there.
//! What each rule says is told in the crate `topology`.

use std::path::PathBuf;

use serde_json::Value;

use super::office::{CONFLICT, INVALID, Office, UNAVAILABLE, USAGE};
use super::terminal::Terminal;

/// The code for a topology with errors.
const BROKEN: i32 = 1;

/// An administrator's desk with documents on it.
struct Desk {
    office: Office,
}

impl Desk {
    fn new() -> Self {
        Self { office: Office::empty() }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.office.folder.path().join(name)
    }

    /// The words with names of documents, those that end in a known way, put where they lie.
    fn words(&self, line: &str) -> Vec<String> {
        let is_document = |word: &str| [".toml", ".tbxml", ".json"].iter().any(|end| word.ends_with(end));
        let word = |word: &str| match is_document(word) {
            true => self.place(word).to_string_lossy().into_owned(),
            false => word.to_owned(),
        };
        line.split(' ').map(word).collect()
    }

    fn ask(&self, line: &str) -> (i32, String, String) {
        let words = self.words(&format!("topology {line}"));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = self.office.program.ask(&words, "");
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        (output.status.code().expect("it ends by itself"), text(&output.stdout), text(&output.stderr))
    }

    fn must(&self, line: &str) -> String {
        let (code, said, errors) = self.ask(line);
        assert_eq!(code, 0, "{line}: {said}{errors}");
        said
    }

    fn refused(&self, line: &str, expected: i32) -> String {
        let (code, said, errors) = self.ask(line);
        assert_eq!(code, expected, "{line}: {said}{errors}");
        said + &errors
    }

    /// Litware's document, changed so.
    fn write(&self, name: &str, change: impl FnOnce(String) -> String) {
        self.must("new --standard-edition se.litware.example --site office --out made.toml --replace");
        let made = std::fs::read_to_string(self.place("made.toml")).expect("it was written");
        std::fs::write(self.place(name), change(made)).expect("it can be written");
    }
}

/// Everything of an Enterprise deployment from options.
const CONTOSO: &str = "new --site paris --front-end-pool fe.contoso.example --front-end-machine fe1.contoso.example \
     --front-end-machine fe2.contoso.example --back-end db0.contoso.example --pool chat.contoso.example \
     --machine chat1.contoso.example --machine chat2.contoso.example --content-store db1.contoso.example \
     --content-mirror db2.contoso.example:5433 --compliance-store db1.contoso.example \
     --file-store files.contoso.example/chat --out contoso.toml";

#[test]
fn a_topology_made_of_options_is_judged_and_shown() {
    let desk = Desk::new();
    desk.must(CONTOSO);
    let judged = desk.must("validate contoso.toml");
    assert!(judged.contains("note N1") && judged.ends_with("it can be published\n"), "{judged}");
    let shown = desk.must("show contoso.toml");
    for line in [
        "site paris",
        "  front-end pool fe.contoso.example",
        "    back end: db0, db0.contoso.example port 5432, database causerie_central",
        "    one to eight machines, port 5041, default of its site",
        "    machine chat2.contoso.example: active",
        "    content: db1, db1.contoso.example port 5432, database causerie_content, mirror db2.contoso.example port 5433",
        "    compliance record: db1, db1.contoso.example port 5432, database causerie_compliance, mirror db2.contoso.example port 5433",
        "    files: files, files.contoso.example/chat",
        "    next hop fe.contoso.example",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    let object: Value = serde_json::from_str(&desk.must("show contoso.toml --json")).expect("an object");
    assert_eq!(object["persistent-chat-pool"][0]["fqdn"], "chat.contoso.example");
}

#[test]
fn options_that_break_a_rule_write_nothing() {
    let desk = Desk::new();
    let told = desk.refused(&CONTOSO.replace("--machine chat2", "--machine fe2"), INVALID);
    assert!(told.contains("error V5: machine fe2.contoso.example of chat.contoso.example"), "{told}");
    let told = desk.refused(&CONTOSO.replace("--content-store db1.contoso.example ", ""), USAGE);
    assert!(told.contains("--content-store"), "{told}");
    let told = desk.refused(&CONTOSO.replace("files.contoso.example/chat", "files"), INVALID);
    assert!(told.contains("--file-store: 'files' names no share: name SERVER/SHARE"), "{told}");
    let told = desk.refused(&CONTOSO.replace(":5433", ":0"), INVALID);
    assert!(told.contains("--content-store: 'db2.contoso.example:0' names no port"), "{told}");
    let told = desk.refused("new --out contoso.toml", USAGE);
    assert!(told.contains("no terminal to ask at"), "{told}");
    assert!(!desk.place("contoso.toml").exists());
    desk.must(CONTOSO);
    let told = desk.refused(CONTOSO, CONFLICT);
    assert!(told.contains("--replace"), "{told}");
    desk.must(&format!("{CONTOSO} --replace"));
    let left: Vec<_> = std::fs::read_dir(desk.office.folder.path()).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 1, "nothing half written is left: {left:?}");
}

#[test]
fn every_broken_rule_is_said_at_once_with_its_line() {
    let desk = Desk::new();
    desk.write("bad.toml", |made| {
        let made = made.replace("kind = \"single\"", "kind = \"multiple\"");
        made.replace("next-hop = \"se.litware.example\"", "next-hop = \"fe.litware.example\"")
    });
    let document = std::fs::read_to_string(desk.place("bad.toml")).expect("it was written");
    let line = 1 + document.lines().position(|line| line.starts_with("next-hop")).expect("it is there");
    let told = desk.refused("validate bad.toml", BROKEN);
    assert!(
        told.contains(&format!(
            "bad.toml:{line}: error V13: persistent chat pool se.litware.example, next-hop"
        )),
        "{told}"
    );
    assert!(told.contains("error V3") && told.contains("error V12") && told.contains("error S10"), "{told}");
    assert!(told.contains("errors in the topology"), "{told}");
    let (code, said, _) = desk.ask("validate bad.toml --json");
    assert_eq!(code, BROKEN);
    let objects: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let hop = objects.iter().find(|object| object["rule"] == "V13").expect("it is among them");
    assert_eq!(hop["line"], line);
    assert_eq!((&hop["severity"], &hop["place"]["field"]), (&"error".into(), &"next-hop".into()));
    assert!(hop["fix"].as_str().expect("a text").contains("name a front-end pool"), "{hop}");
    desk.write("good.toml", |made| made);
    assert!(desk.must("validate good.toml --json").lines().all(|line| !line.contains("\"error\"")));
}

#[test]
fn what_was_published_and_what_is_seen_are_judged_too() {
    let desk = Desk::new();
    let shares = desk.place("shares");
    std::fs::create_dir(&shares).expect("it can be made");
    let path = shares.to_string_lossy();
    desk.must(&format!("new --standard-edition se.litware.example --file-store {path} --out was.toml"));
    let told = desk.refused("validate was.toml --survey --machine se.litware.example", BROKEN);
    assert!(told.contains("error V23: Standard Edition server se.litware.example"), "{told}");
    assert!(!told.contains("V12"), "the folder is there: {told}");
    std::fs::remove_dir(&shares).expect("it is empty");
    let told = desk.refused("validate was.toml --survey --machine se.litware.example", BROKEN);
    assert!(told.contains("error V12: file store files"), "{told}");
    let grown = std::fs::read_to_string(desk.place("was.toml")).expect("it was written");
    std::fs::write(desk.place("grown.toml"), grown.replace("\"single\"", "\"multiple\""))
        .expect("it can be written");
    let told = desk.refused("validate grown.toml --published was.toml", BROKEN);
    assert!(told.contains("error V6"), "{told}");
    assert!(!desk.refused("validate grown.toml", BROKEN).contains("error V6"));
}

#[test]
fn two_documents_differ_in_what_is_said_and_not_in_how() {
    let desk = Desk::new();
    desk.write("older.toml", |made| made);
    desk.write("newer.toml", |made| {
        made.replace("\"Persistent Chat\"", "\"Litware rooms\"") + "\n# a remark\n"
    });
    let told = desk.must("diff older.toml newer.toml");
    assert_eq!(
        told,
        "persistent chat pool se.litware.example: display-name from Persistent Chat to Litware rooms\n"
    );
    let object: Value =
        serde_json::from_str(&desk.must("diff older.toml newer.toml --json")).expect("an object");
    assert_eq!(object["fields"][0]["after"], "Litware rooms");
    desk.write("same.toml", |made| made.replace("# The form", "# This is the form"));
    assert_eq!(desk.must("diff older.toml same.toml"), "they say the same\n");
    std::fs::write(desk.place("no.toml"), "format = 1\n[[site]]\nid = \"a b\"\n").expect("it can be written");
    let told = desk.refused("diff older.toml no.toml", INVALID);
    assert!(told.contains("no.toml: line 3, column 6: 'a b' is not an identity"), "{told}");
    desk.refused("diff older.toml absent.toml", UNAVAILABLE);
}

#[test]
fn a_document_of_the_original_is_brought_in_or_refused_with_a_list() {
    let desk = Desk::new();
    let known = include_str!("../../../topology/tests/all/import/published.xml");
    std::fs::write(desk.place("known.tbxml"), known).expect("it can be written");
    desk.must("import known.tbxml --out known.toml");
    assert!(desk.must("show known.toml").contains("persistent chat pool"));
    let unknown = known.replacen("<Sites", "<Quux xmlns=\"urn:example:quux\"/><Sites", 1);
    assert_ne!(unknown, known, "the document has sites");
    std::fs::write(desk.place("unknown.tbxml"), unknown).expect("it can be written");
    let told = desk.refused("import unknown.tbxml --out unknown.toml", INVALID);
    assert!(told.contains("urn:example:quux") && told.contains("--accept-unknown"), "{told}");
    assert!(!desk.place("unknown.toml").exists());
    let (code, _, errors) = desk.ask("import unknown.tbxml --accept-unknown --out unknown.toml");
    assert_eq!(code, 0, "{errors}");
    assert!(errors.contains("left out: namespace urn:example:quux"), "{errors}");
    assert_eq!(desk.must("diff known.toml unknown.toml"), "they say the same\n");
}

#[test]
fn what_is_given_out_is_brought_in_again() {
    let desk = Desk::new();
    desk.must(CONTOSO);
    let printed = desk.must("export contoso.toml");
    assert_eq!(printed, std::fs::read_to_string(desk.place("contoso.toml")).expect("it was written"));
    desk.must("export contoso.toml --form json --out contoso.json");
    let text = std::fs::read_to_string(desk.place("contoso.json")).expect("it was written");
    let object: Value = serde_json::from_str(&text).expect("an object");
    assert_eq!(object["front-end-pool"][0]["machines"][1], "fe2.contoso.example");
    desk.must("import contoso.toml --out again.toml");
    assert_eq!(desk.must("diff contoso.toml again.toml"), "they say the same\n");
    let schema: Value = serde_json::from_str(&desk.must("schema")).expect("a schema");
    assert_eq!(schema["title"], "Causerie topology");
}

#[test]
fn at_a_terminal_a_topology_is_asked_for_and_an_abort_leaves_nothing() {
    let desk = Desk::new();
    let out = desk.place("typed.toml");
    let words = format!("topology new --out {}", out.display());
    let mut terminal = Terminal::open(&desk.office, &words);
    terminal.wait_for("Site, by a short word [headquarters]: ");
    terminal.type_line("paris");
    terminal.wait_for("Its name for people [none]: ");
    terminal.type_line("abort");
    assert_eq!(terminal.end().0, Some(USAGE));
    assert!(!out.exists());
    let mut terminal = Terminal::open(&desk.office, &words);
    terminal.wait_for("Site, by a short word [headquarters]: ");
    for (line, next) in [
        ("not a word", "Site, by a short word [headquarters]: "),
        ("office", "Its name for people [none]: "),
        ("", "Edition (standard, enterprise) [enterprise]: "),
        ("standard", "Standard Edition server, by its name in DNS"),
        ("se.litware.example", "Add a persistent chat pool (yes, no) [yes]: "),
        ("", "itself (yes, no) [yes]: "),
        ("", "Display name [Persistent Chat]: "),
        ("back", "itself (yes, no) [yes]: "),
        ("", "Display name [Persistent Chat]: "),
        ("Litware rooms", "Port [5041]: "),
        ("", "Compliance (yes, no) [no]: "),
        ("", "Default for (site, no) [site]: "),
        ("", "[se]: "),
        ("", "[/var/lib/causerie/files]: "),
        ("", "Next hop [se.litware.example]: "),
        ("", "Add another persistent chat pool (yes, no) [no]: "),
    ] {
        terminal.type_line(line);
        terminal.wait_for(next);
    }
    terminal.type_line("");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("'not a word' is not an identity"), "{shown}");
    assert!(desk.must("validate typed.toml").ends_with("it can be published, with 1 warning\n"));
    assert!(desk.must("show typed.toml").contains("persistent chat pool se.litware.example: Litware rooms"));
}
