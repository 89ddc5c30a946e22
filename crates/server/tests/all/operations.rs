//! What every operation has in common at the command line: rehearsals, named states, lines of objects, pages, scripts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use admin::Spec;

use super::office::{CONFLICT, INVALID, NOT_FOUND, Office, USAGE, error, list};

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let office = Office::with(&["alice", "bob"]);
    let before = office.row(&["room", "get", "Engineering"]);
    let words = [
        "room",
        "set",
        "Engineering",
        "--add-member",
        "sip:bob@example.com",
        "--privacy",
        "closed",
        "--dry-run",
    ];
    let served = office.program.serve(&[]);
    for running in [Some(served), None] {
        let said = office.must(&words);
        assert_eq!(
            said,
            "would change room Engineering: privacy open -> closed\n\
             would change room Engineering: members +sip:bob@example.com\n\
             sip:alice@example.com would lose read, join, post in room Engineering\n"
        );
        assert_eq!(office.row(&["room", "get", "Engineering"]), before);
        drop(running);
    }
    let changes = office.rows(&words);
    assert_eq!(changes[0]["field"], "privacy");
    assert_eq!((&changes[0]["before"], &changes[0]["after"]), (&"open".into(), &"closed".into()));
    let same = ["room", "set", "Engineering", "--privacy", "open", "--dry-run"];
    assert_eq!(office.must(&same), "nothing would change\n");
    let removed = office.must(&["room", "remove", "Engineering", "--dry-run"]);
    assert!(removed.starts_with("would remove room Engineering\n"), "{removed}");
    let made = office.must(&["room", "new", "Night desk", "--category", "General", "--dry-run"]);
    assert!(made.starts_with("would make room Night desk\n"), "{made}");
    let unsaid =
        office.refused_with(&["room", "remove", "--from-stdin"], "{\"room\":\"Engineering\"}\n", USAGE);
    assert!(!unsaid.contains('{') && unsaid.contains("each line") && unsaid.contains("--yes"), "{unsaid}");
    office.must(&["room", "remove", "Engineering", "--dry-run"]);
    office.must(&["room", "get", "Engineering"]);
    office.refused(&["room", "new", "ENGINEERING", "--category", "General", "--dry-run"], CONFLICT);
    office.refused(&["user", "disable", "sip:ghost@example.com", "--dry-run"], NOT_FOUND);
}

#[test]
fn a_dry_run_founds_nothing() {
    let office = Office::empty();
    let told = office.told(&[
        "category",
        "new",
        "General",
        "--dry-run",
        "--add-allowed-member",
        "domain:example.com",
    ]);
    assert!(told.contains("would be founded"), "{told}");
    assert!(!office.file("store.db").exists());
    office.found();
}

#[test]
fn whoever_names_an_older_state_collides() {
    let office = Office::with(&[]);
    let etag = office.row(&["room", "get", "Engineering"])["etag"].as_str().expect("a text").to_owned();
    let set = |text: &'static str| {
        ["room", "set", "Engineering", "--if-match", &etag, "--description", text].map(str::to_owned)
    };
    let words =
        |text: &'static str| set(text).iter().map(String::as_str).map(str::to_owned).collect::<Vec<_>>();
    let run =
        |words: Vec<String>| office.program.ask(&words.iter().map(String::as_str).collect::<Vec<_>>(), "");
    assert!(run(words("first")).status.success());
    let refused = run(words("second"));
    assert_eq!(refused.status.code(), Some(CONFLICT));
    assert!(error(&refused).contains("has been changed since you read it"), "{}", error(&refused));
    assert_eq!(office.row(&["room", "get", "Engineering"])["description"], "first");
}

#[test]
fn objects_on_standard_input_are_carried_out_line_by_line() {
    let office = Office::with(&[]);
    let input = "{\"name\": \"Pumps\", \"privacy\": \"open\"}\n\n{\"name\": \"Drives\", \"category\": \"Nowhere\"}\n\
                 {\"name\": \"Valves\", \"colour\": \"red\"}\nnot JSON\n{\"name\": \"Hall\", \"members\": [\"domain:example.com\"]}\n";
    let words = ["room", "new", "--from-stdin", "--category", "General", "--type", "auditorium", "--json"];
    let output = office.program.ask(&words, input);
    let said = error(&output);
    assert_eq!(output.status.code(), Some(INVALID), "that of the first line that failed: {said}");
    for part in ["line 4: room new has no field 'colour'", "line 5: this is no JSON object", "2 of 5 lines"] {
        assert!(said.contains(part), "'{part}' in {said}");
    }
    let made = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(made.lines().count(), 3, "an option stands for all lines, also for that of Drives: {made}");
    assert!(made.lines().all(|line| line.contains("\"type\":\"auditorium\"")), "{made}");
    assert_eq!(list(&office.row(&["room", "get", "hall"]), "members"), ["domain:example.com"]);
}

#[test]
fn what_one_command_prints_another_takes() {
    let office = Office::with(&["alice", "bob"]);
    office.must(&["room", "new", "Pumps", "--category", "General", "--privacy", "open"]);
    let done = office.shell("causerie room list --json | causerie room set --from-stdin --disabled");
    assert!(done.status.success(), "{}", error(&done));
    assert!(office.rows(&["room", "list"]).iter().all(|room| room["disabled"] == true));
    let old = office.must(&["room", "list", "--json"]);
    office.must(&["room", "set", "Pumps", "--description", "changed meanwhile"]);
    let output = office.program.ask(&["room", "set", "--from-stdin", "--disabled=false"], &old);
    assert_eq!(output.status.code(), Some(CONFLICT), "a row names the state it was printed in");
    assert_eq!(office.row(&["room", "get", "Pumps"])["disabled"], true);
    assert_eq!(office.row(&["room", "get", "Engineering"])["disabled"], false, "the others are changed");
    let users = office.must(&["user", "list", "--json"]);
    let output = office.program.ask(&["user", "remove", "--from-stdin"], &users);
    assert_eq!(output.status.code(), Some(USAGE), "nobody can be asked");
    office.program.must(&["user", "remove", "--from-stdin", "--yes"], &users);
    assert!(office.rows(&["user", "list"]).is_empty());
}

#[test]
fn a_list_is_whole_unless_a_page_is_asked_for() {
    let office = Office::with(&[]);
    let names: String = (0..5).map(|number| format!("{{\"name\": \"Room {number}\"}}\n")).collect();
    office.program.must(&["room", "new", "--from-stdin", "--category", "General"], &names);
    assert_eq!(office.rows(&["room", "list"]).len(), 6);
    let output = office.program.ask(&["room", "list", "--limit", "4", "--json"], "");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 4);
    let said = error(&output);
    let cursor = said.trim_end().strip_prefix("note: there is more: --cursor ").expect("it is said");
    assert_eq!(office.rows(&["room", "list", "--limit", "4", "--cursor", cursor]).len(), 2);
    let filtered =
        office.rows(&["room", "list", "--filter", "ROOM", "--privacy", "Closed", "--disabled=false"]);
    assert_eq!(filtered.len(), 5);
    office.refused(&["room", "list", "--limit", "10001"], USAGE);
}

#[test]
fn shells_and_manuals_get_what_they_want() {
    let office = Office::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = office.must(&["completion", shell]);
        for part in ["add-allowed-member", "if-match", "auditorium"] {
            assert!(script.contains(part), "'{part}' for {shell}");
        }
    }
    office.refused(&["completion", "teapot"], USAGE);
    let folder = office.folder.path().join("man");
    office.must(&["man", &folder.to_string_lossy()]);
    let page = |name: &str| {
        let file = folder.join(format!("{name}.1"));
        std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{name} has no page: {error}"))
    };
    assert!(page("causerie-room-set").contains("remove\\-presenter"));
    assert!(page("causerie-explain").contains("who\\-can"));
    for noun in Spec::nouns() {
        assert!(page(&format!("causerie-{noun}")).contains(".SH SYNOPSIS"), "{noun}");
    }
    assert!(page("causerie").contains("EXTRA"), "the page of the program has its exit codes");
    let parsed = office.shell("causerie completion bash > completion && bash -n completion");
    assert!(parsed.status.success(), "{}", error(&parsed));
    assert!(!office.program.data().exists(), "no data is needed for that");
}

/// Answers one request with this status and body; returns what was asked, head and body.
fn asked_once(listener: TcpListener, status: &str, body: &str) -> std::thread::JoinHandle<String> {
    let answer =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody asks");
        let mut reader = BufReader::new(stream);
        let (mut asked, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if let Some(octets) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = octets.trim().parse().expect("a number");
            }
            if line == "\r\n" {
                break;
            }
            asked.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        reader.get_mut().write_all(answer.as_bytes()).expect("somebody listens");
        asked + &String::from_utf8_lossy(&body)
    })
}

/// An address on this machine where nobody listens but the story.
fn elsewhere() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    (listener, url)
}

#[test]
fn a_server_elsewhere_is_asked_by_the_table() {
    let office = Office::empty();
    let file = office.folder.path().join("token");
    std::fs::write(&file, "made for Alice:\nsecret-token\n").expect("it can be written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    let file = file.to_string_lossy().into_owned();
    let outcome =
        "{\"kind\":\"rooms\",\"rows\":[],\"changes\":[],\"warnings\":[\"mind the gap\"],\"dryRun\":false}";
    let ask = |words: &[&str], status: &str, body: &str| {
        let (listener, url) = elsewhere();
        let asked = asked_once(listener, status, body);
        let output = office.program.ask(&[words, &["--server", &url, "--token-file", &file]].concat(), "");
        (asked.join().expect("it was asked"), output)
    };
    let set = [
        "room",
        "set",
        "Town hall/1",
        "--if-match",
        "7",
        "--description",
        "New",
        "--clear-members",
        "--dry-run",
    ];
    let (asked, output) = ask(&set, "200 OK", outcome);
    assert!(output.status.success() && error(&output).contains("note: mind the gap"), "{}", error(&output));
    assert!(asked.starts_with("PATCH /api/v1/rooms/Town%20hall%2F1?dryRun=true HTTP/1.1\r\n"), "{asked}");
    let lower = asked.to_ascii_lowercase();
    assert!(
        lower.contains("authorization: bearer secret-token\r\n") && lower.contains("if-match: \"7\"\r\n"),
        "{asked}"
    );
    assert!(asked.ends_with("{\"description\":\"New\",\"members\":{\"replace\":[]}}"), "{asked}");
    let (asked, _) =
        ask(&["room", "list", "--filter", "a b", "--disabled", "--limit", "5"], "200 OK", outcome);
    assert!(asked.starts_with("GET /api/v1/rooms?q=a%20b&disabled=true&limit=5 HTTP/1.1\r\n"), "{asked}");
    let problem =
        "{\"title\":\"x\",\"status\":404,\"code\":\"NoSuchNode\",\"detail\":\"there is no room 'Lost'\"}";
    let (asked, output) = ask(&["room", "remove", "Lost", "--yes"], "404 Not Found", problem);
    assert!(asked.starts_with("DELETE /api/v1/rooms/Lost HTTP/1.1\r\n"), "{asked}");
    assert_eq!(
        (output.status.code(), error(&output)),
        (Some(NOT_FOUND), "causerie: there is no room 'Lost'\n".into())
    );
    assert!(!office.program.data().exists(), "nothing of it is here");
}
