//! A deployment of three machines, each a process on loopback: two front ends and a chat server, with certificates of one authority.
//! What the front end passes on is told in its own stories; here the topology says who is what.

use std::net::SocketAddr;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use testkit::wire::{Person, Way};
use testkit::{RealClient, Running};

use super::office::{INVALID, Office, PASSWORD};

/// Who is what.
const TOPOLOGY: &str = r#"
format = 1

[[site]]
id = "headquarters"

[[front-end-pool]]
fqdn = "fe.example.com"
site = "headquarters"
machines = ["fe1.example.com", "fe2.example.com"]

[[persistent-chat-pool]]
fqdn = "chat.example.com"
site = "headquarters"
kind = "multiple"
display-name = "Rooms"
default-for = "site"
next-hop = "fe.example.com"

[[persistent-chat-pool.machine]]
fqdn = "chat1.example.com"
"#;

/// An authority of the organisation.
pub struct Organisation {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Organisation {
    pub fn open() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(params, key).expect("it signs itself") }
    }

    /// Has a machine show a certificate of this name, and trust others of the organisation.
    fn equip(&self, office: &Office, name: &str) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).expect("it is signed");
        let file = |name: &str, content: String| {
            let place = office.folder.path().join(name);
            std::fs::write(&place, content).expect("a new file");
            place.to_string_lossy().into_owned()
        };
        let (chain, key) = (file("own.pem", certificate.pem()), file("own.key", key.serialize_pem()));
        let root = file("root.pem", self.issuer.pem());
        let import = ["certificate", "import", &chain, "--key", &key, "--authority", &root, "--assign"];
        office.must(&[&import[..], &["--name", name]].concat());
    }
}

/// A machine of the deployment.
struct Machine {
    office: Office,
    name: &'static str,
}

impl Machine {
    fn new(organisation: &Organisation, name: &'static str, office: Office) -> Self {
        std::fs::write(office.folder.path().join("topology.toml"), TOPOLOGY).expect("a new file");
        organisation.equip(&office, name);
        Self { office, name }
    }

    /// Starts it; a front end is told where the chat server is.
    fn start(&self, chat: Option<SocketAddr>, more: &[&str]) -> Running {
        let place = |name: &str| self.office.folder.path().join(name).to_string_lossy().into_owned();
        let settings =
            chat.map_or_else(String::new, |at| format!("[machines]\n\"chat1.example.com\" = \"{at}\"\n"));
        std::fs::write(place("settings.toml"), settings).expect("a new file");
        let (topology, config) = (place("topology.toml"), place("settings.toml"));
        let words = ["--topology", &topology, "--machine", self.name, "--config", &config];
        self.office.program.serve(&[&words[..], more].concat())
    }
}

/// The whole deployment.
struct Deployment {
    chat: Machine,
    fronts: [Machine; 2],
}

impl Deployment {
    /// Alice and Bob are known everywhere; the room Engineering is on the chat server.
    fn prepare() -> Self {
        let organisation = Organisation::open();
        let front = |name| {
            let office = Office::founded();
            ["alice", "bob"].into_iter().for_each(|who| office.person(who));
            Machine::new(&organisation, name, office)
        };
        let chat = Machine::new(&organisation, "chat1.example.com", Office::with(&["alice", "bob"]));
        Self { chat, fronts: [front("fe1.example.com"), front("fe2.example.com")] }
    }

    fn start(&self) -> (Running, [Running; 2]) {
        let chat = self.chat.start(None, &["--trunk", "127.0.0.1:0"]);
        let trunk = chat.address("trunk");
        (chat, [self.fronts[0].start(Some(trunk), &[]), self.fronts[1].start(Some(trunk), &[])])
    }
}

async fn arrives(front: &Running, who: &str, unique: u64) -> Person {
    let way = Way::Tcp(front.address("sip-tcp"));
    Person::arrive(&way, &format!("sip:{who}@example.com"), PASSWORD, unique).await
}

async fn joins(person: &mut Person) -> String {
    let room = person.room("Engineering").await.expect("the link stays open");
    let reply = person.join(&room).await.expect("the link stays open");
    assert!(reply.contains("resp code=\"200\""), "{reply}");
    room
}

#[tokio::test]
async fn people_of_two_front_ends_meet_and_come_back_when_the_chat_server_was_killed() {
    let deployment = Deployment::prepare();
    let (chat, fronts) = deployment.start();
    assert!(chat.ready.contains("sip-tls=off sip-tcp=off"), "nobody signs on there: {}", chat.ready);
    let mut alice = arrives(&fronts[0], "alice", 1).await;
    assert_eq!(alice.chat_uri, "sip:GC-1-PersistentChatService-1@chat.example.com");
    let mut bob = arrives(&fronts[1], "bob", 2).await;
    let room = joins(&mut alice).await;
    joins(&mut bob).await;
    assert_eq!(alice.post(&room, "before").await, Ok(200));
    bob.next_where(|body| body.contains("before")).await.expect("the link stays open");
    let trunk = chat.address("trunk").to_string();
    chat.kill();
    alice.until_closed().await;
    bob.until_closed().await;
    let _chat = deployment.chat.start(None, &["--trunk", &trunk]);
    let mut alice = arrives(&fronts[0], "alice", 3).await;
    let mut bob = arrives(&fronts[1], "bob", 4).await;
    joins(&mut alice).await;
    joins(&mut bob).await;
    assert_eq!(bob.post(&room, "after").await, Ok(200));
    alice.next_where(|body| body.contains("after")).await.expect("the link stays open");
    let history = alice.history(&room, 10).await.expect("the link stays open");
    let texts: Vec<&str> = history.iter().map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(texts, ["before", "after"]);
}

#[tokio::test]
async fn people_behind_a_front_end_are_led_out_of_the_chat_server_and_brought_back() {
    let deployment = Deployment::prepare();
    let (_chat, fronts) = deployment.start();
    let mut alice = arrives(&fronts[0], "alice", 1).await;
    joins(&mut alice).await;
    let office = &deployment.chat.office;
    let told = office.told(&["service", "drain", "--wait", "30"]);
    assert!(told.contains("no other server of the pool takes people"), "{told}");
    alice.until_closed().await;
    // She signs on at the front end, and is told there that nobody chats now.
    let way = Way::Tcp(fronts[0].address("sip-tcp"));
    let mut again = Person::connect(&way, "sip:alice@example.com", PASSWORD, 2).await.expect("it listens");
    assert_eq!(again.sign_on().await.expect("the link stays open").status(), Some(200));
    let server = office.row(&["service", "status"])["server"].as_str().expect("it has a name").to_owned();
    let refused = again.invite("sip:GC-1-PersistentChatService-1@chat.example.com").await;
    assert_eq!(refused.expect("the link stays open").status(), Some(503));
    office.must(&["pool", "undrain", &server]);
    again.until_closed().await;
    let mut alice = arrives(&fronts[0], "alice", 3).await;
    joins(&mut alice).await;
}

#[test]
fn a_machine_that_is_not_in_the_topology_or_cannot_prove_its_name_does_not_serve() {
    let organisation = Organisation::open();
    let machine = Machine::new(&organisation, "chat1.example.com", Office::founded());
    let topology = machine.office.folder.path().join("topology.toml");
    let topology = topology.to_string_lossy();
    let serve = ["serve", "--topology", &topology, "--machine"];
    let unknown = machine.office.refused(&[&serve[..], &["chat9.example.com"]].concat(), INVALID);
    assert!(unknown.contains("chat9.example.com is not in the topology"), "{unknown}");
    assert!(unknown.contains("fe1.example.com"), "{unknown}");
    let other = machine.office.refused(&[&serve[..], &["fe1.example.com"]].concat(), INVALID);
    let told = "the certificate of this machine cannot prove that it is fe1.example.com";
    assert!(other.contains(told) && other.contains("certificate request"), "{other}");
}

/// With the unmodified client.
pub mod real_client {
    use super::*;

    fn client(front: &Running, who: &str) -> RealClient {
        let (user, server) = (format!("{who}@example.com"), front.address("sip-tcp").to_string());
        let options = ["--user", &user, "--server", &server, "--transport", "tcp", "--auth", "ntlm"];
        let options: Vec<&str> = options.into_iter().chain(["--auto-reconnect", "1"]).collect();
        RealClient::start(&RealClient::driver(), &options, PASSWORD)
    }

    fn finds_and_joins(person: &mut RealClient) {
        person.wait("plugin-state", &[("state", "groupchat-connected")]);
        person.command("rooms");
        person.wait("rooms-end", &[]);
        person.command("join \"Engineering\"");
        person.wait("joined", &[("room", "Engineering")]);
    }

    #[test]
    fn real_clients_of_two_front_ends_talk_and_come_back_by_themselves() {
        let deployment = Deployment::prepare();
        let (chat, fronts) = deployment.start();
        let (mut alice, mut bob) = (client(&fronts[0], "alice"), client(&fronts[1], "bob"));
        finds_and_joins(&mut alice);
        finds_and_joins(&mut bob);
        alice.wait("participant-joined", &[("room", "Engineering")]);
        bob.command("send \"Engineering\" good morning");
        alice.wait("message", &[("text", "good morning")]);
        bob.wait("message", &[("text", "good morning")]);
        let trunk = chat.address("trunk").to_string();
        chat.kill();
        let _chat = deployment.chat.start(None, &["--trunk", &trunk]);
        // Nobody tells them to: they reconnect, and are in their room again.
        for person in [&mut alice, &mut bob] {
            person.wait("signed-on", &[]);
            person.wait("message", &[("text", "good morning")]);
        }
        alice.command("send \"Engineering\" here again");
        bob.wait("message", &[("text", "here again")]);
        assert!(alice.quit() && bob.quit(), "the clients end well");
    }

    #[test]
    fn twenty_steps_by_way_of_a_front_end() {
        let deployment = Deployment::prepare();
        let (_chat, fronts) = deployment.start();
        let clients = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients/sipe-client");
        let server = fronts[0].address("sip-tcp").to_string();
        let output = std::process::Command::new("python3")
            .arg(clients.join("acceptance.py"))
            .args(["--server", &server, "--transport", "tcp", "--room", "Engineering"])
            .args(["--user1", &format!("alice@example.com:{PASSWORD}")])
            .args(["--user2", &format!("bob@example.com:{PASSWORD}")])
            .env("SIPE_CLIENT", RealClient::driver())
            .output()
            .expect("python3 is installed by the test command");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        assert_eq!(said.lines().filter(|line| line.starts_with("PASS")).count(), 20, "{said}");
    }
}
