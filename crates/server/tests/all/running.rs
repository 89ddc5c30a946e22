//! A server as its machine sees it: where it listens, what it reads, what it says when it is ready.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;

use serde_json::json;
use testkit::wire::{Person, Way};
use testkit::{Browser, Running};

use super::office::{INVALID, Office, PASSWORD, UNAVAILABLE, error, signs_on};

#[test]
fn the_ready_line_says_where_and_nothing_else() {
    let office = Office::founded();
    let running = office.program.serve(&[]);
    let (tls, tcp) = (running.address("sip-tls"), running.address("sip-tcp"));
    let (https, http, metrics) =
        (running.address("https"), running.address("http"), running.address("metrics"));
    let line = format!("ready sip-tls={tls} sip-tcp={tcp} https={https} http={http} metrics={metrics}");
    assert_eq!(running.ready, line);
    let mut ports = [tls, tcp, https, http, metrics].map(|address| address.port());
    ports.sort_unstable();
    assert!(ports[0] != 0 && ports.windows(2).all(|two| two[0] != two[1]), "port 0 takes a free one");
    drop(running);
    let running =
        office.program.serve(&["--sip-tcp", "off", "--https", "off", "--http", "off", "--metrics", "off"]);
    let tls = running.address("sip-tls");
    assert_eq!(running.ready, format!("ready sip-tls={tls} sip-tcp=off https=off http=off metrics=off"));
}

#[test]
fn a_bad_address_is_refused_and_shown() {
    let office = Office::founded();
    for (option, value) in [
        ("--sip-tls", "5061"),
        ("--sip-tls", "localhost:5061"),
        ("--sip-tls", "127.0.0.1:99999"),
        ("--sip-tls", "off"),
        ("--sip-tcp", "127.0.0.1"),
        ("--sip-tcp", "on"),
        ("--sip-tcp", ""),
        ("--https", "5443"),
        ("--metrics", "localhost:9464"),
    ] {
        let said = office.refused(&["serve", option, value], INVALID);
        assert!(said.contains(&option[2..]) && said.contains(&format!("'{value}'")), "{said}");
        assert!(said.contains("127.0.0.1:5061"), "it shows how: {said}");
    }
}

#[test]
fn an_address_that_is_taken_is_named_with_the_option_that_changes_it() {
    let office = Office::founded();
    let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = other.local_addr().expect("it listens").to_string();
    let free = "127.0.0.1:0";
    for (taken_by, words) in [
        ("--sip-tls", ["--sip-tls", &taken, "--https", free, "--metrics", free]),
        ("--https", ["--sip-tls", free, "--https", &taken, "--metrics", free]),
        ("--metrics", ["--sip-tls", free, "--https", free, "--metrics", &taken]),
    ] {
        let said = office.refused_serve(&[&words[..], &["--sip-tcp", "off"]].concat(), UNAVAILABLE);
        assert!(said.contains(&taken) && said.contains(taken_by), "{said}");
    }
    office.must(&["room", "new", "Engineering", "--category", "General"]);
}

#[test]
fn metrics_off_loopback_are_refused() {
    let office = Office::founded();
    let said = office.refused(&["serve", "--metrics", "0.0.0.0:9464"], INVALID);
    assert!(said.contains("0.0.0.0:9464") && said.contains("127.0.0.1:9464"), "{said}");
}

#[test]
fn plain_http_off_loopback_is_refused() {
    let office = Office::founded();
    let said = office.refused(&["serve", "--http", "0.0.0.0:8080"], INVALID);
    assert!(said.contains("0.0.0.0:8080") && said.contains("127.0.0.1:8080"), "{said}");
}

#[test]
fn plain_tcp_off_loopback_needs_to_be_wanted_and_is_warned_of() {
    let office = Office::founded();
    for open in ["0.0.0.0:0", "[::]:0"] {
        let said = office.refused(&["serve", "--sip-tls", "127.0.0.1:0", "--sip-tcp", open], INVALID);
        assert!(said.contains("anybody on the network change what is said"), "{said}");
        assert!(said.contains("allow-plain-tcp-off-loopback = true"), "{said}");
    }
    let file = settings(&office, "allow-plain-tcp-off-loopback = true\n");
    let running = office.program.serve(&["--sip-tcp", "0.0.0.0:0", "--config", &file]);
    assert!(running.ready.contains("sip-tcp=0.0.0.0:"), "{}", running.ready);
    let (_, log) = running.terminate();
    assert!(log.contains("anybody on the path can change what is said"), "{log}");
    let (_, log) = office.program.serve(&["--config", &file]).terminate();
    assert!(!log.contains("anybody on the path"), "loopback needs no warning: {log}");
}

#[test]
fn the_settings_file_is_read_and_the_command_line_comes_before_it() {
    let office = Office::empty();
    let file = settings(
        &office,
        "domain = \"example.com\"\nsip-tls = \"127.0.0.1:0\"\nsip-tcp = \"off\"\n\
                                   https = \"127.0.0.1:0\"\nmetrics = \"off\"\nhost-names = [\"chat.example.com\"]\n",
    );
    let running = office.program.serve_under(&["sh", "-c", &without_addresses(&file), "sh"]);
    assert!(running.ready.contains(" sip-tcp=off https=127.0.0.1:"), "{}", running.ready);
    assert!(running.ready.ends_with(" metrics=off"), "{}", running.ready);
    assert!(running.terminate().0.success());
    office.must(&["user", "new", "sip:bob@example.com", "--display-name", "Bob"]);
    let running = office.program.serve(&["--config", &file]);
    assert!(running.ready.contains("sip-tcp=127.0.0.1:"), "{}", running.ready);
}

/// A line of shell that serves with this settings file alone.
fn without_addresses(file: &str) -> String {
    format!("exec \"$1\" serve --config '{file}'")
}

#[test]
fn a_settings_file_that_cannot_be_used_is_refused_with_the_place_in_it() {
    let office = Office::founded();
    for (text, part) in [
        ("sip-tsl = \"127.0.0.1:0\"\n", "unknown field `sip-tsl`"),
        ("sip-tls = 5061\n", "line 1"),
        ("sip-tls = \"127.0.0.1:0\"\nsip-tcp = \"nowhere\"\n", "'nowhere'"),
        ("domain = \"two words\"\n", "'two words'"),
        ("sip-tls = ", "line 1"),
    ] {
        let file = settings(&office, text);
        let said = office.refused(&["serve", "--config", &file], INVALID);
        assert!(said.contains(part), "'{part}' in '{said}'");
    }
    let said = office.refused(&["serve", "--config", "/nowhere/causerie.toml"], INVALID);
    assert!(said.contains("/nowhere/causerie.toml"), "{said}");
}

fn settings(office: &Office, text: &str) -> String {
    let file = office.folder.path().join("causerie.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    file.to_string_lossy().into_owned()
}

#[test]
fn the_service_manager_hears_when_it_is_ready_and_when_it_stops() {
    let office = Office::founded();
    let place = office.folder.path().join("notify");
    let manager = UnixDatagram::bind(&place).expect("a new socket");
    let heard = || {
        let mut buffer = [0; 256];
        let size = manager.recv(&mut buffer).expect("something is said");
        String::from_utf8_lossy(&buffer[..size]).into_owned()
    };
    let socket = format!("NOTIFY_SOCKET={}", place.display());
    let running = office.program.serve_under(&["env", &socket]);
    assert!(heard().contains("READY=1"));
    assert!(running.terminate().0.success());
    assert!(heard().contains("STOPPING=1"));
}

#[tokio::test]
async fn a_log_that_nobody_reads_stops_nothing() {
    let office = Office::with(&["bob"]);
    let running = office.program.serve_under(&["sh", "-c", "exec \"$@\" 2>/dev/full", "sh"]);
    let way = Way::Tcp(running.address("sip-tcp"));
    assert!(!signs_on(&way, "bob", "wrong password").await, "this is logged");
    office.must(&["room", "new", "Lobby", "--category", "General", "--privacy", "open"]);
    assert!(signs_on(&way, "bob", PASSWORD).await);
    assert!(running.terminate().0.success());
}

#[test]
fn a_wish_for_the_log_that_cannot_be_understood_is_refused() {
    let office = Office::founded();
    for (wish, part) in [
        ("inof", "'inof': this is no level"),
        ("info,frontend=loud", "'info,frontend=loud'"),
        ("info,fr\\377=debug", "UTF-8"),
    ] {
        for command in ["category list", "serve --sip-tls 127.0.0.1:0 --sip-tcp off", "demo"] {
            let refused = office.shell(&format!("CAUSERIE_LOG=$(printf '{wish}') causerie {command}"));
            assert_eq!(refused.status.code(), Some(INVALID), "{wish}: {}", error(&refused));
            let said = error(&refused);
            assert!(said.starts_with("causerie: CAUSERIE_LOG: ") && said.contains(part), "{said}");
            assert!(said.contains("warn,frontend=debug"), "it shows how: {said}");
        }
    }
    for wish in ["", "off", "WARN", "warn,frontend=debug"] {
        let listed = office.shell(&format!("CAUSERIE_LOG='{wish}' causerie category list"));
        assert!(listed.status.success(), "'{wish}': {}", error(&listed));
    }
}

#[tokio::test]
async fn the_log_holds_neither_passwords_nor_what_people_say() {
    let office = Office::with(&[]);
    let running = office.program.serve_under(&["env", "CAUSERIE_LOG=trace"]);
    office.person("bob");
    let way = Way::Tcp(running.address("sip-tcp"));
    let mut bob = Person::arrive(&way, "sip:bob@example.com", PASSWORD, 1).await;
    let room = bob.room("Engineering").await.expect("the room list comes");
    bob.join(&room).await.expect("it is open");
    assert_eq!(bob.post(&room, "the valve is closed").await, Ok(200));
    // What passes through the parts that are not ours is not theirs to tell.
    let guid = office.row(&["room", "get", "Engineering"])["guid"].as_str().expect("it has one").to_owned();
    let mut browser = Browser::new(running.address("http"), None);
    assert_eq!(browser.sign_on("bob", PASSWORD).await.status, 201);
    let mut link = browser.live().await.expect("the link opens");
    link.say(&json!({ "do": "join", "rooms": [{ "room": guid }] })).await;
    link.hear_until("joined").await;
    assert_eq!(bob.post(&room, "the pump hums").await, Ok(200));
    assert_eq!(link.hear_until("message").await["message"]["text"], "the pump hums");
    drop(bob);
    drop(link);
    let (_, log) = running.terminate();
    assert!(
        log.contains("socket.operation") && log.contains("link.signed_on"),
        "everything else is told: {log}"
    );
    for secret in [PASSWORD, "the valve is closed", "the pump hums", "argon2id$"] {
        assert!(!log.contains(secret), "'{secret}' stands in the log");
    }
}

#[tokio::test]
async fn strangers_who_use_up_descriptors_keep_neither_people_nor_the_administrator_out() {
    let office = Office::with(&["alice"]);
    let running = office.program.serve_under(&["sh", "-c", "ulimit -n 300 && exec \"$0\" \"$@\""]);
    let address = running.address("sip-tcp");
    let way = Way::Tcp(address);
    let mut alice = Person::arrive(&way, "sip:alice@example.com", PASSWORD, 1).await;
    let room = alice.room("Engineering").await.expect("the room list comes");
    alice.join(&room).await.expect("the room is joined");
    let mut silent = Vec::new();
    for _ in 0..400 {
        silent.push(tokio::net::TcpStream::connect(address).await.expect("the system accepts it"));
    }
    assert_eq!(alice.post(&room, "still here").await, Ok(200));
    office.must(&["user", "list"]);
}

#[tokio::test]
async fn where_neither_pages_nor_metrics_are_served_the_descriptors_are_there_for_people() {
    let office = Office::with(&["alice", "bob", "carla", "dana", "emil"]);
    let few = "ulimit -n 300 && exec \"$0\" \"$@\" --http off --https off --metrics off";
    let running = office.program.serve_under(&["sh", "-c", few]);
    let way = Way::Tcp(running.address("sip-tcp"));
    let mut all = Vec::new();
    // 300 without the 128 that are kept; a few more than there would be beside a share for the web.
    for number in 0..155_u64 {
        let who = ["alice", "bob", "carla", "dana", "emil"][(number % 5) as usize];
        all.push(Person::arrive(&way, &format!("sip:{who}@example.com"), PASSWORD, 1 + number).await);
    }
    let room = all[154].room("Engineering").await.expect("the last is served like the first");
    all[154].join(&room).await.expect("it is open");
}

#[tokio::test]
async fn old_clients_are_sent_to_the_servers_own_pages_for_managing_rooms() {
    let office = Office::with(&["alice"]);
    let told = async |running: &Running| {
        let way = Way::Tcp(running.address("sip-tcp"));
        let mut alice = Person::arrive(&way, "sip:alice@example.com", PASSWORD, 1).await;
        let lines = "Event: vnd-microsoft-provisioning-v2\r\nSupported: ms-piggyback-first-notify\r\nExpires: 0\r\n\
                     Contact: <sip:alice@example.com>\r\n";
        let answer = alice.outside("SUBSCRIBE", "sip:alice@example.com", lines, "").await.expect("an answer");
        let (_, rest) = answer.body.split_once("<property name=\"PersistentChatWebManagerUriInt\">")?;
        Some(rest.split_once("</property>").expect("it ends").0.to_owned())
    };
    let running = office.program.serve(&[]);
    let own = told(&running).await.expect("it is told");
    assert!(own.starts_with("https://"), "{own}");
    assert!(own.ends_with(&format!(":{}/manage", running.address("https").port())), "{own}");
    let set = "https://rooms.example.com/";
    office.must(&["configuration", "set", "global", "--room-management-url", set]);
    assert_eq!(told(&running).await.as_deref(), Some(set), "what is set comes first");
    drop(running);
    office.must(&["configuration", "set", "global", "--clear-room-management-url"]);
    let running = office.program.serve(&["--https", "off"]);
    assert_eq!(told(&running).await, None, "there are no pages");
}
