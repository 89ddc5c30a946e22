//! Front ends apart from chat servers: who is believed, whom a dialog reaches, and what becomes of people when a server dies.
//! What is said inside a dialog is told by the transcripts, which are played here and there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use frontend::limits::Limits;
use frontend::{Frontend, Routing};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use testkit::wire::Way;
use testkit::{Authority, CHAT_NAME, House, POOL_CONTACT};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use crate::scene::{hears, house, joined, part, status, works};
use crate::talk::begin_post;

/// The front ends of the topology.
const FRONT_ENDS: [&str; 2] = ["fe1.example.com", "fe2.example.com"];

/// A house with people, whose chat servers stand behind front ends.
struct Scene {
    house: House,
    lobby: String,
    authority: Authority,
}

impl Scene {
    async fn begin(people: &[&str]) -> Self {
        let (house, lobby) = house(people).await;
        Self { house, lobby, authority: Authority::make() }
    }

    /// One more chat server of the pool; whether it serves is for the sender to say.
    async fn server(&mut self) -> (SocketAddr, watch::Sender<bool>) {
        let (serves, serving) = watch::channel(true);
        let door = self.authority.door(&FRONT_ENDS, serving);
        (self.house.open_door(door, None).await, serves)
    }

    /// A front end that knows these servers of the pool.
    async fn front(&self, name: &str, servers: &[SocketAddr]) -> (Frontend, Way) {
        let routing = self.authority.routing(name, &[(POOL_CONTACT, servers)]);
        self.house.open_front(name, routing, brisk()).await
    }

    async fn joins(&self, way: &Way, who: &str) -> testkit::wire::Person {
        let mut person = self.house.arrive_by(way, who).await;
        let reply = person.join(&self.lobby).await.expect("the link stays open");
        assert!(reply.contains("resp code=\"200\""), "{who} joins: {reply}");
        person
    }
}

/// Limits under which nobody waits long.
fn brisk() -> Limits {
    Limits {
        trunk_probe: Duration::from_millis(50),
        trunk_silence: Duration::from_millis(1_000),
        trunk_patience: Duration::from_millis(4_000),
        trunk_comeback: Duration::from_millis(1),
        ..Limits::default()
    }
}

/// A wire between a front end and a chat server that can be cut, or go dead.
struct Relay {
    address: SocketAddr,
    carrying: JoinHandle<()>,
    dead: watch::Sender<bool>,
}

impl Relay {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback");
        let address = listener.local_addr().expect("it is bound");
        let (dead, died) = watch::channel(false);
        let carrying = tokio::spawn(async move {
            let mut wires = tokio::task::JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let mut died = died.clone();
                wires.spawn(async move {
                    let mut far = TcpStream::connect(server).await.expect("the server listens");
                    let passed = async {
                        tokio::select! {
                            biased;
                            _ = died.wait_for(|dead| *dead) => false,
                            _ = copy_bidirectional(&mut near, &mut far) => true,
                        }
                    };
                    if !passed.await {
                        // Both ends stay open, and nothing passes any more.
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { address, carrying, dead }
    }

    /// As when the process of the server is killed.
    fn cut(self) {
        self.carrying.abort();
    }

    /// As when the process of the server is stopped.
    fn go_dead(&self) {
        self.dead.send_replace(true);
    }

    /// As when another process serves in its place.
    fn come_back(&self) {
        self.dead.send_replace(false);
    }
}

#[tokio::test]
async fn people_of_two_front_ends_talk_in_one_room() {
    let mut scene = Scene::begin(&["alice", "bob"]).await;
    let (server, _serves) = scene.server().await;
    let (fe1, near) = scene.front("fe1.example.com", &[server]).await;
    let (fe2, far) = scene.front("fe2.example.com", &[server]).await;
    let mut alice = scene.joins(&near, "alice").await;
    let mut bob = scene.joins(&far, "bob").await;
    assert_eq!(alice.post(&scene.lobby, "hello over there").await, Ok(200));
    assert_eq!(hears(&mut bob).await, "hello over there");
    assert_eq!(hears(&mut alice).await, "hello over there");
    assert!(part(&mut bob, &scene.lobby).await.contains("resp code=\"200\""));
    let left = alice.next_where(|body| body.contains("ntc:part")).await.expect("the link stays open");
    assert!(left.contains("sip:bob@example.com"), "{left}");
    fe1.stop().await;
    fe2.stop().await;
    scene.house.stop().await;
}

#[tokio::test]
async fn whoever_closes_the_link_to_the_front_end_has_left_the_rooms() {
    let mut scene = Scene::begin(&["alice", "bob"]).await;
    let (server, _serves) = scene.server().await;
    let (front, way) = scene.front("fe1.example.com", &[server]).await;
    let mut alice = scene.joins(&way, "alice").await;
    let bob = scene.joins(&way, "bob").await;
    drop(bob);
    let left = alice.next_where(|body| body.contains("ntc:part")).await.expect("the link stays open");
    assert!(left.contains("sip:bob@example.com"), "{left}");
    let (_, _) = tokio::join!(front.stop(), alice.until_closed());
    scene.house.stop().await;
}

#[tokio::test]
async fn whom_a_client_says_it_is_for_others_is_believed_by_nobody() {
    let mut scene = Scene::begin(&["alice", "mallory"]).await;
    let (server, _serves) = scene.server().await;
    let (_front, way) = scene.front("fe1.example.com", &[server]).await;
    let mut alice = scene.joins(&way, "alice").await;
    let mut mallory = scene.joins(&way, "mallory").await;
    let forged = "P-Asserted-Identity: <sip:alice@example.com>\r\nContent-Type: text/plain\r\n";
    let element = mallory.post_element(&scene.lobby, "forged").replace("sip:mallory@", "sip:alice@");
    let body = mallory.envelope(&element);
    assert_eq!(status(mallory.in_dialog("INFO", forged, &body).await), 403);
    // Nor does it help to write another author.
    assert_eq!(status(mallory.in_dialog("INFO", "Content-Type: text/plain\r\n", &body).await), 403);
    assert_eq!(mallory.post(&scene.lobby, "mine").await, Ok(200));
    let shown = alice.next_where(|body| body.contains("<grpchat ")).await.expect("the link stays open");
    assert!(shown.contains("author=\"sip:mallory@example.com\"") && shown.contains("mine"), "{shown}");
}

#[tokio::test]
async fn only_front_ends_of_the_topology_are_heard() {
    let mut scene = Scene::begin(&["alice"]).await;
    let (server, _serves) = scene.server().await;
    let stranger = Authority::make();
    let unknown = scene.authority.client_of(&stranger, "fe1.example.com");
    assert_eq!(told(server, unknown, "sip:alice@example.com").await, "", "the handshake fails");
    let refused = told(server, scene.authority.client("web.example.com"), "sip:alice@example.com").await;
    assert!(refused.starts_with("SIP/2.0 403 "), "{refused}");
    assert!(refused.contains("the certificate is not that of a front end of the topology"), "{refused}");
    let any = told(server, scene.authority.client("*.example.com"), "sip:alice@example.com").await;
    assert!(any.starts_with("SIP/2.0 403 "), "a name that is everybody's is nobody's: {any}");
    let known = told(server, scene.authority.client("fe2.example.com"), "sip:alice@example.com").await;
    assert!(known.starts_with("SIP/2.0 200 "), "{known}");
    let nobody = told(server, scene.authority.client("fe2.example.com"), "sip:nobody@example.com").await;
    assert!(nobody.starts_with("SIP/2.0 403 "), "nobody the pool knows: {nobody}");
    scene.house.stop().await;
}

/// What somebody with this certificate gets who invites for this person; nothing when the link is closed before.
async fn told(server: SocketAddr, tls: Arc<ClientConfig>, person: &str) -> String {
    let tcp = TcpStream::connect(server).await.expect("the server listens");
    let name = ServerName::try_from(CHAT_NAME).expect("a name");
    let Ok(mut wire) = TlsConnector::from(tls).connect(name, tcp).await else { return String::new() };
    let invite = format!(
        "INVITE {POOL_CONTACT} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK1.1\r\nMax-Forwards: 69\r\n\
         From: <{person}>;tag=a\r\nTo: <{POOL_CONTACT}>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\
         P-Asserted-Identity: <{person}>\r\nContact: <{person}>\r\nContent-Length: 0\r\n\r\n"
    );
    let mut heard = [0; 4096];
    let asked = async {
        wire.write_all(invite.as_bytes()).await?;
        wire.flush().await?;
        wire.read(&mut heard).await
    };
    let octets = asked.await.unwrap_or_default();
    String::from_utf8_lossy(&heard[..octets]).into_owned()
}

#[tokio::test]
async fn each_pool_has_its_own_rooms_and_its_own_contact() {
    let mut paris = Scene::begin(&["alice"]).await;
    let (mut lyon, _) = house(&["alice"]).await;
    let bistro = lyon.admin("room new Bistro --category General --privacy open").await;
    let bistro = format!("ma-chan://example.com/{bistro}");
    let (first, _serves) = paris.server().await;
    let (_serving, serving) = watch::channel(true);
    let contact = "sip:GC-1-PersistentChatService-1@lyon.example.com";
    let door = paris.authority.door(&FRONT_ENDS, serving);
    let second = lyon.open_door(door, Some(contact)).await;
    let pools: [(&str, &[SocketAddr]); 2] = [(POOL_CONTACT, &[first]), (contact, &[second])];
    let routing: Routing = paris.authority.routing("fe1.example.com", &pools);
    let (front, way) = paris.house.open_front("fe1.example.com", routing, brisk()).await;
    let mut alice = paris.joins(&way, "alice").await;
    assert_eq!(alice.chat_uri, POOL_CONTACT, "she looks the default pool up");
    let strange = alice.join(&bistro).await.expect("the link stays open");
    assert!(!strange.contains("resp code=\"200\""), "the room of the other pool is not here: {strange}");
    assert_eq!(status(alice.invite(contact).await), 200);
    let reply = alice.join(&bistro).await.expect("the link stays open");
    assert!(reply.contains("resp code=\"200\""), "{reply}");
    assert_eq!(alice.post(&bistro, "bonjour").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "bonjour");
    assert_eq!(
        status(alice.invite("sip:GC-1-PersistentChatService-nice.example.com@example.com").await),
        480
    );
    drop(alice);
    front.stop().await;
    paris.house.stop().await;
    lyon.stop().await;
    assert_eq!(lyon.kept(&bistro).await, ["bonjour"]);
    assert!(paris.house.kept(&paris.lobby).await.is_empty());
}

#[tokio::test]
async fn when_a_chat_server_dies_its_people_are_back_on_another_at_once() {
    let mut scene = Scene::begin(&["alice", "bob"]).await;
    let (first, _) = scene.server().await;
    let (second, serves) = scene.server().await;
    serves.send_replace(false);
    let relay = Relay::to(first).await;
    let (_fe1, way) = scene.front("fe1.example.com", &[relay.address, second]).await;
    let mut alice = scene.joins(&way, "alice").await;
    serves.send_replace(true);
    let (_fe2, other) = scene.front("fe2.example.com", &[second]).await;
    let mut bob = scene.joins(&other, "bob").await;
    assert_eq!(alice.post(&scene.lobby, "before").await, Ok(200));
    assert_eq!(hears(&mut bob).await, "before");
    relay.cut();
    // Alice was on the one that died; Bob notices nothing.
    alice.until_closed().await;
    let mut alice = scene.joins(&way, "alice").await;
    assert_eq!(bob.post(&scene.lobby, "after").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "after");
}

/// What was kept is not said to be lost, whoever of the two stops.
#[tokio::test]
async fn a_chat_server_that_stops_answers_what_runs_before_it_lets_people_go() {
    let mut scene = Scene::begin(&["alice"]).await;
    let (server, _serves) = scene.server().await;
    let (_front, way) = scene.front("fe1.example.com", &[server]).await;
    let mut alice = scene.joins(&way, "alice").await;
    let hold = scene.house.hold();
    let running = begin_post(&mut alice, &scene.lobby, "begun").await;
    let lobby = scene.lobby.clone();
    let part = format!("<cmd id=\"cmd:part\" seqid=\"1\"><data><chanib uri=\"{lobby}\"/></data></cmd>");
    let body = alice.envelope(&part);
    let command = alice.write_in_dialog("INFO", crate::scene::XCCOS, &body);
    alice.start(&command).await.expect("it is sent");
    let behind = begin_post(&mut alice, &lobby, "not begun").await;
    assert_eq!(status(alice.in_dialog("UPDATE", "", "").await), 200, "all came in");
    let opened = async {
        // The refusal comes while the first post still waits: then the server is stopping.
        assert_eq!(status(alice.answer_to(&behind).await), 503);
        drop(hold);
        let rest = alice.until_closed().await;
        assert_eq!(rest.iter().filter(|message| running.is_answered_by(message)).count(), 1, "{rest:?}");
    };
    tokio::join!(scene.house.stop(), opened);
    assert_eq!(scene.house.kept(&lobby).await, ["begun"]);
}

#[tokio::test]
async fn a_front_end_that_stops_answers_what_runs_elsewhere() {
    let mut scene = Scene::begin(&["alice", "bob"]).await;
    let (server, _serves) = scene.server().await;
    let (front, way) = scene.front("fe1.example.com", &[server]).await;
    let mut alice = scene.joins(&way, "alice").await;
    let mut bob = scene.joins(&way, "bob").await;
    let hold = scene.house.hold();
    let running = begin_post(&mut alice, &scene.lobby, "begun").await;
    assert_eq!(status(alice.in_dialog("UPDATE", "", "").await), 200, "all came in");
    let opened = async {
        // The end of a link without any post says that the front end is stopping.
        bob.until_closed().await;
        drop(hold);
        let rest = alice.until_closed().await;
        assert_eq!(rest.iter().filter(|message| running.is_answered_by(message)).count(), 1, "{rest:?}");
    };
    tokio::join!(front.stop(), opened);
    assert_eq!(scene.house.kept(&scene.lobby).await, ["begun"]);
}

#[tokio::test]
async fn a_chat_server_that_says_nothing_is_dead() {
    let mut scene = Scene::begin(&["alice"]).await;
    let (first, _serves) = scene.server().await;
    let relay = Relay::to(first).await;
    let (_front, way) = scene.front("fe1.example.com", &[relay.address]).await;
    let mut alice = scene.joins(&way, "alice").await;
    relay.go_dead();
    // She is told by the end of her link.
    alice.until_closed().await;
}

#[tokio::test]
async fn a_server_that_dies_of_an_invitation_leaves_nobody_without_chat_for_ever() {
    let mut scene = Scene::begin(&["alice"]).await;
    let (first, _serves) = scene.server().await;
    let relay = Relay::to(first).await;
    let (_front, way) = scene.front("fe1.example.com", &[relay.address]).await;
    let mut alice = scene.joins(&way, "alice").await;
    relay.go_dead();
    let answer = alice.invite(POOL_CONTACT).await;
    assert!(answer.is_err(), "her dialog was there, so her link is closed: {answer:?}");

    relay.come_back();
    let mut alice = scene.joins(&way, "alice").await;
    alice.bye().await.expect("the link stays open");
    relay.go_dead();
    let answer = alice.invite(POOL_CONTACT).await.expect("the link stays open: she has no dialog");
    assert_eq!(answer.status(), Some(503));
    assert!(works(&mut alice).await);
    relay.come_back();
    // She is brought back.
    alice.until_closed().await;
    scene.joins(&way, "alice").await;
}

#[tokio::test]
async fn an_invitation_that_waits_for_a_server_can_be_taken_back() {
    let mut scene = Scene::begin(&["alice"]).await;
    let (first, serves) = scene.server().await;
    serves.send_replace(false);
    let (_front, way) = scene.front("fe1.example.com", &[first]).await;
    let mut alice = scene.house.client_by(&way, "alice").await;
    assert_eq!(status(alice.sign_on().await), 200);
    let contact = "Contact: <sip:alice@example.com;gruu>\r\n";
    let invite = alice.write("INVITE", POOL_CONTACT, contact, "");
    alice.start(&invite).await.expect("it is sent");
    let text = invite.text();
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).expect("it has one").to_owned();
    let same = format!("{}\r\nCall-ID: {}\r\nCSeq: 1 CANCEL\r\n", line("From:"), invite.call_id());
    let cancel = alice.write("CANCEL", POOL_CONTACT, &same, "");
    alice.start(&cancel).await.expect("it is sent");
    assert_eq!(status(alice.answer_to(&invite).await), 487);
    assert!(works(&mut alice).await);
}

#[tokio::test]
async fn whoever_signs_off_takes_no_dialog_along() {
    let mut scene = Scene::begin(&["alice", "bob"]).await;
    let (first, _serves) = scene.server().await;
    let (_front, way) = scene.front("fe1.example.com", &[first]).await;
    let mut bob = scene.joins(&way, "bob").await;
    let mut alice = scene.joins(&way, "alice").await;
    assert_eq!(status(alice.register(None, "Expires: 0\r\n").await), 200);
    let left = bob.next_where(|body| body.contains("ntc:part")).await.expect("the link stays open");
    assert!(left.contains("sip:alice@example.com"), "{left}");
    assert_eq!(status(alice.sign_on().await), 200);
    assert_eq!(alice.post(&scene.lobby, "still here").await, Ok(481), "her dialog is over");
}

#[tokio::test]
async fn a_server_that_stands_by_is_passed_over_and_without_any_people_are_brought_back() {
    let mut scene = Scene::begin(&["alice"]).await;
    let (first, serves_first) = scene.server().await;
    let (second, serves_second) = scene.server().await;
    serves_first.send_replace(false);
    let (_front, way) = scene.front("fe1.example.com", &[first, second]).await;
    let alice = scene.joins(&way, "alice").await;
    drop(alice);

    serves_second.send_replace(false);
    let mut alice = scene.house.client_by(&way, "alice").await;
    assert_eq!(status(alice.sign_on().await), 200);
    let answer = alice.invite(POOL_CONTACT).await.expect("the link stays open");
    assert_eq!(answer.status(), Some(503));
    assert!(answer.header("ms-diagnostics").is_some_and(|value| value.starts_with("20000;")), "{answer:?}");
    assert!(answer.header("Retry-After").is_some(), "{answer:?}");
    assert!(works(&mut alice).await, "she stays signed on");
    serves_first.send_replace(true);
    // She is brought back when there is a server.
    alice.until_closed().await;
    scene.joins(&way, "alice").await;
}

#[tokio::test]
async fn somebody_who_reads_nothing_keeps_nobody_else() {
    let mut scene = Scene::begin(&["alice", "bob", "slow"]).await;
    let (server, _serves) = scene.server().await;
    let (_front, way) = scene.front("fe1.example.com", &[server]).await;
    let mut alice = scene.joins(&way, "alice").await;
    let mut bob = scene.joins(&way, "bob").await;
    let slow = scene.joins(&way, "slow").await;
    let long = "all work and no play ".repeat(300);
    for number in 0..400 {
        assert_eq!(alice.post(&scene.lobby, &format!("{number} {long}")).await, Ok(200));
        assert!(hears(&mut bob).await.starts_with(&format!("{number} ")));
        assert!(hears(&mut alice).await.starts_with(&format!("{number} ")));
    }
    drop(slow);
    let left = alice.next_where(|body| body.contains("ntc:part")).await.expect("the link stays open");
    assert!(left.contains("sip:slow@example.com"), "{left}");
}

#[tokio::test]
async fn a_head_that_would_be_too_large_for_the_trunk_is_refused_and_harms_nobody() {
    let mut scene = Scene::begin(&["alice", "bob"]).await;
    let (server, _serves) = scene.server().await;
    let (_front, way) = scene.front("fe1.example.com", &[server]).await;
    let mut alice = scene.joins(&way, "alice").await;
    let mut bob = scene.joins(&way, "bob").await;
    let large = format!("User-Agent: {}\r\n", "x".repeat(40_000));
    assert_eq!(status(bob.in_dialog("OPTIONS", &large, "").await), 513);
    assert_eq!(status(bob.in_dialog("OPTIONS", "Max-Forwards: 0\r\n", "").await), 483);
    assert_eq!(alice.post(&scene.lobby, "undisturbed").await, Ok(200));
    assert_eq!(hears(&mut bob).await, "undisturbed");
}

#[tokio::test]
async fn with_one_server_nothing_is_known_of_others() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    assert_eq!(status(alice.invite("sip:GC-1-PersistentChatService-2@example.com").await), 480);
}
