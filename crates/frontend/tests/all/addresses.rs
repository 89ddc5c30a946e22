//! Stories of what an administrator names for clients: further addresses of the pool, and pages for managing rooms.
//! The addresses that are always there are in `dialogs.rs`.

use frontend::limits::Limits;
use frontend::{Apart, Frontend, Settings};
use testkit::wire::{Person, Way};
use testkit::{House, PASSWORD};

use crate::scene::{POOL, hears, house, joined, status};

const ROOMS: &str = "sip:rooms@example.com";

async fn found_at(person: &mut Person, address: &str) -> u16 {
    status(person.invite(address).await)
}

#[tokio::test]
async fn a_further_address_reaches_the_pool_as_long_as_it_is_there() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.sign_on().await), 200);
    assert_eq!(found_at(&mut alice, ROOMS).await, 480, "as the address of anybody");
    house.rows().endpoint(ROOMS).await;
    for spelling in [ROOMS, "sip:Rooms@EXAMPLE.com;transport=tls", "sip:%72ooms@example.com"] {
        assert_eq!(found_at(&mut alice, spelling).await, 200, "{spelling}");
    }
    let reply = alice.command("<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>").await;
    let reply = reply.expect("the link stays open");
    assert!(reply.contains(&format!("<uib uri=\"{POOL}\"/>")), "the pool says what it is called: {reply}");

    let mut bob = joined(&house, "bob", &lobby).await;
    alice.join(&lobby).await.expect("the link stays open");
    assert_eq!(bob.post(&lobby, "found it?").await, Ok(200));
    let post = alice.request_where(|request| request.body.contains("found it?")).await;
    let post = post.expect("the link stays open");
    assert_eq!(
        post.uri("From"),
        "sip:%72ooms@example.com",
        "the dialog goes on under the name it was opened with"
    );

    house.rows().remove_endpoint(ROOMS).await;
    assert_eq!(found_at(&mut bob, ROOMS).await, 480);
    assert_eq!(alice.post(&lobby, "still here").await, Ok(200), "a dialog that is open stays");
    assert_eq!(hears(&mut alice).await, "still here");
}

/// Where a front end of a house listens whose own pages these are.
async fn with_pages(house: &House, pages: &str) -> (Frontend, Way) {
    let settings = Settings {
        tls: None,
        tcp: Some(([127, 0, 0, 1], 0).into()),
        tls_config: None,
        host: "pool.example.com".into(),
        pages: Some(pages.into()),
        limits: Limits::default(),
        apart: Apart::default(),
    };
    let started =
        Frontend::start(settings, house.rooms.clone(), house.directory.clone(), house.clock.clone());
    let frontend = started.await.expect("it starts");
    let way = Way::Tcp(frontend.addresses().tcp.expect("it listens on TCP"));
    (frontend, way)
}

#[tokio::test]
async fn pages_for_managing_rooms_are_told_as_they_are_set_and_else_our_own() {
    let (house, _) = house(&["alice", "bob"]).await;
    let own = "https://pool.example.com:5443/manage";
    let (frontend, way) = with_pages(&house, own).await;
    let mut alice = Person::arrive(&way, "sip:alice@example.com", PASSWORD, 11).await;
    let set = "https://rooms.example.com/manage?pool=a&lang=en";
    let told = "https://rooms.example.com/manage?pool=a&amp;lang=en";
    for (set, told) in
        [(Some(set), told), (Some("http://rooms.example.com/"), "http://rooms.example.com/"), (None, own)]
    {
        house.rows().management_pages(set).await;
        assert_eq!(
            pages_told(&mut alice).await,
            [Some(told.to_owned()), Some(told.to_owned()), Some(told.to_owned())]
        );
    }
    // Where no pages are and none are set, clients know pages of their own.
    let mut bob = house.arrive("bob").await;
    assert_eq!(pages_told(&mut bob).await, [None, None, None]);
    house.rows().management_pages(Some("http://rooms.example.com/")).await;
    assert!(pages_told(&mut bob).await.iter().all(Option::is_some), "what is set is told everywhere");
    frontend.stop().await;
}

/// What somebody is told of the pages: from inside, from outside, and by the chat server.
async fn pages_told(person: &mut Person) -> [Option<String>; 3] {
    let address = person.address.clone();
    let lines = format!(
        "Event: vnd-microsoft-provisioning-v2\r\nSupported: ms-piggyback-first-notify\r\nExpires: 0\r\n\
         Contact: <{address}>\r\n"
    );
    let answer = person.outside("SUBSCRIBE", &address, &lines, "").await.expect("an answer");
    let ask = "<cmd id=\"cmd:getserverinfo\" seqid=\"1\"><data><sib domain=\"example.com\" infoType=\"123\"/></data></cmd>";
    let reply = person.command(ask).await.expect("the link stays open");
    let between = |text: &str, begin: &str, end: &str| {
        let (_, rest) = text.split_once(begin)?;
        Some(rest.split_once(end)?.0.to_owned())
    };
    let property = |name: &str| between(&answer.body, &format!("<property name=\"{name}\">"), "</property>");
    [
        property("PersistentChatWebManagerUriInt"),
        property("PersistentChatWebManagerUriExt"),
        between(&reply, " roomManagementUrl=\"", "\""),
    ]
}
