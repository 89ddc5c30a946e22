//! The guides do what they say: their commands, run from top to bottom; administration beside a server, deployments as machines of
//! their own, with their own names, addresses and ports.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use testkit::wire::{Person, Way};

use super::office::{Office, PASSWORD, error, program};
use super::tls::trusting_file;

/// Where the guides lie, seen from this crate.
const GUIDES: &str = "../../docs";
/// What they call the data directory.
const DATA: &str = "/var/lib/causerie";
/// Where the guide of administration says the server listens.
const LISTENS: &str = "localhost:5443";

/// The blocks of commands of a guide, in order.
fn blocks(guide: &str) -> Vec<String> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(GUIDES).join(guide);
    let text = std::fs::read_to_string(place).expect("it is there");
    let blocks = text.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// The commands of a guide, in order.
fn commands(guide: &str) -> String {
    blocks(guide).concat()
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let office = Office::empty();
    let running = office.program.serve(&["--domain", "example.com"]);
    let port = running.address("https").port();
    let commands = commands("administration.md")
        .replace(DATA, &office.program.data().to_string_lossy())
        .replace(LISTENS, &format!("localhost:{port}"));
    let output = office.shell(&format!("set -eux\n{commands}"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", error(&output));
    let posted = printed.contains("\"post\":1") && !printed.contains("\"post\":2");
    assert!(posted, "the post that came twice was kept once: {printed}");
    assert!(printed.contains("Build 42 is done"), "{printed}");
    let room = office.row(&["room", "get", "Trading FX"]);
    assert_eq!(room["invitations"], "false", "{room}");
    assert_eq!(office.rows(&["room", "list"]).len(), 3);
}

/// A place apart: names lead where its hosts file says, all ports are free, and every process ends with its last command.
struct Apart {
    office: Office,
}

impl Apart {
    /// `None`, and said, where this system gives nobody such a place.
    fn with(hosts: &str, walk: &str) -> Option<Self> {
        let apart = Self { office: Office::empty() };
        let names = apart.office.folder.path().join("hosts");
        std::fs::write(&names, format!("127.0.0.1 localhost\n{hosts}")).expect("a new file");
        if apart.shell("true").status.success() {
            return Some(apart);
        }
        // Past the test runner, which shows what is printed only when a test fails.
        let _ = writeln!(
            std::io::stderr(),
            "not walked, because this system lets nobody have namespaces: {walk}"
        );
        None
    }

    /// Runs commands there, from top to bottom.
    fn shell(&self, commands: &str) -> Output {
        let mut path = program().parent().expect("the program lies in a folder").as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut shell = Command::new("unshare");
        if !rustix::process::geteuid().is_root() {
            shell.arg("--map-root-user");
        }
        shell.args(["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"]);
        let begin = "set -eu; mount --bind hosts /etc/hosts; ip link set lo up; set -x";
        // There is no systemd in such a place.
        let commands = commands.replace("causerie setup ", "causerie setup --no-systemd ");
        shell.arg(format!("{begin}\n{commands}")).env("PATH", path).env("TESTS", tests());
        shell.current_dir(self.office.folder.path()).output().expect("util-linux is on every Linux")
    }
}

/// These tests, as a program.
fn tests() -> PathBuf {
    std::env::current_exe().expect("it runs")
}

#[test]
fn the_guide_of_standard_edition_is_walked_from_an_empty_machine_to_the_first_post() {
    let Some(apart) = Apart::with("127.0.0.11 chat.example.com\n", "Standard Edition") else { return };
    let commands = commands("guides/standard-edition.md");
    let output = apart.shell(&commands.replace(DATA, &apart.office.program.data().to_string_lossy()));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", error(&output));
    assert!(
        printed.contains("is a front end of chat.example.com and a persistent chat server of"),
        "{printed}"
    );
    assert!(!printed.contains("FAIL"), "{printed}");
    assert!(printed.contains("\"post\":1"), "what was said is kept: {printed}");
    assert!(printed.contains("texts agree"), "and proven: {printed}");
}

/// The machines of the Enterprise guide, each an address of loopback.
const MACHINES: [(&str, &str); 5] = [
    ("fe1.contoso.example", "127.0.0.11"),
    ("cs1.contoso.example", "127.0.0.12"),
    ("cs2.contoso.example", "127.0.0.13"),
    ("db1.contoso.example", "127.0.0.14"),
    ("db2.contoso.example", "127.0.0.15"),
];

/// Says to a test that it is played inside a walk.
const WITHIN: &str = "CAUSERIE_TEST_WITHIN_WALK";

/// A server of PostgreSQL on the machine for it, run by its own user.
const DATABASE: &str = r#"
programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
mkdir -m 700 db && chown postgres db && chmod 711 .
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
as_postgres "$programs/initdb" --auth=trust --username postgres --encoding UTF8 --no-locale --pgdata "$PWD/db/data" > /dev/null
as_postgres "$programs/pg_ctl" start --wait --silent --pgdata "$PWD/db/data" --log "$PWD/db/log" \
    --options "-c listen_addresses=127.0.0.14,127.0.0.15 -c unix_socket_directories='$PWD/db'" > /dev/null
"#;

/// The commands of the Enterprise guide, each block on its machine: a data directory, and addresses of its own.
fn enterprise() -> String {
    let (mut walk, mut started) = (DATABASE.to_owned(), BTreeSet::new());
    walk.push_str(
        "export CAUSERIE_SHARES=\"$PWD/shares\"; mkdir -p -m 700 shares/files.contoso.example/chat\n",
    );
    for block in blocks("guides/enterprise-pool.md") {
        let machine =
            block.lines().next().and_then(|line| line.strip_prefix("# on ")).expect("it names its machine");
        let (_, address) = MACHINES.iter().find(|(name, _)| *name == machine).expect("it is one of these");
        let listens = format!(
            "sip-tls = \"{address}:5061\"\nsip-tcp = \"off\"\nhttps = \"{address}:5443\"\nmetrics = \"off\"\n\
             trunk = \"{address}:5041\"\n"
        );
        let starts = "causerie service start\n";
        let begins = format!("cat >> {DATA}/causerie.toml <<'END'\n{listens}END\n{starts}");
        let is_first = block.contains(starts) && started.insert(machine.to_owned());
        let block = block.replace(starts, if is_first { &begins } else { starts });
        // On a real machine the server and this look use the same defaults; here the addresses are in the settings.
        let block = block.replace("causerie preflight ", "causerie preflight --config addresses.toml ");
        let block = block.replace("@db1.contoso.example/", "@127.0.0.14/");
        let block = block.replace("@db2.contoso.example/", "@127.0.0.15/");
        // What stands in a file that another machine takes over is that machine's.
        let block =
            block.replace("= \"/var/lib/causerie/", "= \"DATA/").replace(DATA, &format!("$PWD/{machine}"));
        let block =
            block.replace("cat central.toml", &format!("sed \"s|DATA|$PWD/{machine}|\" central.toml"));
        let data = format!("export CAUSERIE_DATA=\"$PWD/{machine}\"");
        walk.push_str(&format!(
            "printf '{}' > addresses.toml\n{data}\n{block}",
            listens.replace('\n', "\\n")
        ));
    }
    let last = "guide::the_guide_of_the_enterprise_pool_is_walked_until_two_people_meet";
    walk + &format!("{WITHIN}=yes \"$TESTS\" --exact {last}\n")
}

/// The walk ends with this same test, begun again where the machines are.
#[tokio::test]
async fn the_guide_of_the_enterprise_pool_is_walked_until_two_people_meet() {
    if std::env::var_os(WITHIN).is_some() {
        return two_people_meet_through_the_front_end().await;
    }
    if !rustix::process::geteuid().is_root() {
        let _ = writeln!(
            std::io::stderr(),
            "not walked, because a database server needs a user of its own: Enterprise"
        );
        return;
    }
    let hosts: String = MACHINES.iter().map(|(name, address)| format!("{address} {name}\n")).collect();
    let pools =
        "127.0.0.11 fe.contoso.example\n127.0.0.12 chat.contoso.example\n127.0.0.13 chat.contoso.example\n";
    let Some(apart) = Apart::with(&(hosts + pools), "Enterprise") else { return };
    let output = apart.shell(&enterprise());
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", error(&output));
    for told in [
        "fe1.contoso.example is a front end of fe.contoso.example",
        "cs1.contoso.example is a persistent chat server of chat.contoso.example (active)",
        "cs2.contoso.example is a persistent chat server of chat.contoso.example (active)",
        "The beginning",
        "it is cs2.contoso.example (active)",
        "database causerie_content: made; role causerie_content: made",
        "database causerie_content: there already",
        "the newest: nothing is to be done",
        "1 passed",
    ] {
        assert!(printed.contains(told), "{told}: {printed}");
    }
    assert!(!printed.contains("FAIL"), "{printed}");
}

/// Played inside the walk, where the addresses are those of the machines.
async fn two_people_meet_through_the_front_end() {
    let authority = Path::new("fe1.contoso.example/ca.pem");
    let front_end: SocketAddr = "127.0.0.11:5061".parse().expect("an address");
    let way = || Way::Tls(front_end, trusting_file(authority), "fe1.contoso.example".into());
    let mut ana = Person::arrive(&way(), "sip:ana@contoso.example", PASSWORD, 1).await;
    let mut bob = Person::arrive(&way(), "sip:bob@contoso.example", PASSWORD, 2).await;
    assert!(ana.chat_uri.ends_with("@chat.contoso.example"), "the pool is another machine: {}", ana.chat_uri);
    let room = ana.room("Lobby").await.expect("the link stays open");
    for person in [&mut ana, &mut bob] {
        let reply = person.join(&room).await.expect("the link stays open");
        assert!(reply.contains("resp code=\"200\""), "{reply}");
    }
    assert_eq!(ana.post(&room, "good morning").await, Ok(200));
    bob.next_where(|body| body.contains("good morning")).await.expect("the link stays open");
}
