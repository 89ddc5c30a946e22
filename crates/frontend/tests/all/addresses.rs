//! Stories of what an administrator names for clients: further addresses of the pool, and pages for managing rooms.
//! The addresses that are always there are in `dialogs.rs`.

use testkit::wire::Person;

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

#[tokio::test]
async fn pages_for_managing_rooms_are_told_as_they_are_set() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for (set, told) in [
        (
            Some("https://rooms.example.com/manage?pool=a&lang=en"),
            "https://rooms.example.com/manage?pool=a&amp;lang=en",
        ),
        (Some("http://rooms.example.com/"), "http://rooms.example.com/"),
        (None, ""),
    ] {
        house.rows().management_pages(set).await;
        let lines = "Event: vnd-microsoft-provisioning-v2\r\nSupported: ms-piggyback-first-notify\r\nExpires: 0\r\n\
                     Contact: <sip:alice@example.com>\r\n";
        let answer = alice.outside("SUBSCRIBE", "sip:alice@example.com", lines, "").await.expect("an answer");
        for name in ["PersistentChatWebManagerUriInt", "PersistentChatWebManagerUriExt"] {
            let property = format!("<property name=\"{name}\">{told}</property>");
            assert_eq!(answer.body.contains(&property), set.is_some(), "{}", answer.body);
        }
        let ask = "<cmd id=\"cmd:getserverinfo\" seqid=\"1\"><data><sib domain=\"example.com\" infoType=\"123\"/></data></cmd>";
        let reply = alice.command(ask).await.expect("the link stays open");
        assert_eq!(reply.contains(&format!(" roomManagementUrl=\"{told}\"")), set.is_some(), "{reply}");
    }
}
