//! The unmodified client against a house in this process, when somebody else decides what its person may: put out of a room, by
//! name, by group, by category; switched off altogether. What it does by itself is tested against the whole program.

use testkit::wire::Way;
use testkit::{House, PASSWORD, RealClient};

use crate::scene::BEGIN;

const BOB: &str = "sip:bob@example.com";

/// A house whose closed room, the Desk, has Alice for a member, and the group Traders, in which Bob is.
struct Scene {
    house: House,
    alice: RealClient,
    bob: RealClient,
}

impl Scene {
    /// Both are in the Desk and have heard each other.
    async fn begin() -> Self {
        let house = House::found(BEGIN).await;
        for who in ["alice", "bob"] {
            house.person(who).await;
        }
        house.admin("category new General --add-allowed-member domain:example.com").await;
        house
            .admin("room new Desk --category General --privacy closed --add-member sip:alice@example.com")
            .await;
        house.admin("group new Traders --add-member sip:bob@example.com").await;
        house.admin("room set Desk --add-member group:Traders").await;
        let (alice, bob) = (client(&house, "alice"), client(&house, "bob"));
        let mut scene = Self { house, alice, bob };
        for person in [&mut scene.alice, &mut scene.bob] {
            find_and_join(person);
        }
        scene.alice.wait("participant-joined", &[("room", "Desk")]);
        scene.bob.command("send \"Desk\" good morning");
        scene.alice.wait("message", &[("text", "good morning")]);
        scene
    }

    /// Bob is out: Alice sees him leave, he hears nothing more, and cannot post.
    fn bob_is_out(mut self) {
        self.alice.wait("participant-left", &[("room", "Desk")]);
        self.alice.command("send \"Desk\" between us");
        self.alice.wait("message", &[("text", "between us")]);
        self.bob.command("send \"Desk\" still here");
        self.bob.wait("message-error", &[]);
        assert!(!self.bob.saw_one("message", &[("text", "between us")]), "he hears nothing more");
        // What Alice says last comes after everything he could have said.
        self.alice.command("send \"Desk\" the end");
        self.alice.wait("message", &[("text", "the end")]);
        assert!(!self.alice.saw_one("message", &[("text", "still here")]), "he cannot post");
        assert!(self.bob.quit() && self.alice.quit(), "the clients end well");
    }
}

/// Somebody at a real client.
fn client(house: &House, who: &str) -> RealClient {
    let Way::Tcp(address) = house.way() else { panic!("a house in this process listens on TCP") };
    let (user, server) = (format!("{who}@example.com"), address.to_string());
    let options = ["--user", &user, "--server", &server, "--transport", "tcp", "--auth", "ntlm"];
    RealClient::start(&RealClient::driver(), &options, PASSWORD)
}

fn find_and_join(person: &mut RealClient) {
    person.wait("plugin-state", &[("state", "groupchat-connected")]);
    person.command("rooms");
    person.wait("rooms-end", &[]);
    person.command("join \"Desk\"");
    person.wait("joined", &[("room", "Desk")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_is_taken_out_of_the_room_is_out_at_once() {
    let scene = Scene::begin().await;
    scene.house.admin("room set Desk --remove-member group:Traders").await;
    scene.bob_is_out();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_is_taken_out_of_the_group_is_out_at_once() {
    let scene = Scene::begin().await;
    scene.house.admin("group set Traders --remove-member sip:bob@example.com").await;
    scene.bob_is_out();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_whom_the_category_no_longer_admits_is_out_at_once() {
    let scene = Scene::begin().await;
    scene.house.admin("category set General --add-denied-member sip:bob@example.com").await;
    scene.bob_is_out();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_switched_off_has_no_chat_until_switched_on_and_signed_on_anew() {
    let mut scene = Scene::begin().await;
    scene.house.rows().grant(BOB, Some(false)).await;
    scene.alice.wait("participant-left", &[("room", "Desk")]);
    scene.bob.command("send \"Desk\" still here");
    scene.bob.wait("message-error", &[]);

    let mut again = client(&scene.house, "bob");
    again.wait("signed-on", &[]);
    again.wait("plugin-state", &[("state", "groupchat-not-found")]);
    again.command("rooms");
    again.wait("rooms-unavailable", &[]);

    scene.house.rows().grant(BOB, Some(true)).await;
    let mut later = client(&scene.house, "bob");
    find_and_join(&mut later);
    later.command("send \"Desk\" back");
    scene.alice.wait("message", &[("text", "back")]);
    assert!(!scene.alice.saw_one("message", &[("text", "still here")]));
    assert!(scene.bob.quit() && again.quit() && later.quit(), "the clients end well");
}
