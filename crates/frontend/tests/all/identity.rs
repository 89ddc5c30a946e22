//! Stories of who somebody says to be: From, author and asserted identity are the signed-on person or refused.
//! Signatures, which prove it, are `signatures.rs`.

use testkit::wire::Person;

use crate::scene::{POOL, XCCOS, house, joined, status, works};

#[tokio::test]
async fn from_is_the_person_who_is_signed_on() {
    let (house, _) = house(&["alice", "bob"]).await;
    let mut alice = house.arrive("alice").await;
    for other in [
        "<sip:bob@example.com>",
        "<sip:nobody@example.com>",
        "<sip:alice@elsewhere.example>",
        "<tel:+1>",
        "<sip:example.com>",
    ] {
        for method in ["INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE", "NONSENSE"] {
            let from = format!("From: {other};tag=1\r\n");
            let answer = alice.outside(method, POOL, &from, "").await;
            assert_eq!(status(answer), 403, "{method} from {other}");
        }
    }
    assert!(works(&mut alice).await);
}

#[tokio::test]
async fn from_inside_a_dialog_is_the_person_who_opened_it() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let tag = alice.dialog.as_ref().expect("she has a dialog").local_tag.clone();
    let post = alice.post_element(&lobby, "as bob");
    let body = alice.envelope(&post);
    let headers = format!("From: <sip:bob@example.com>;tag={tag}\r\n{XCCOS}");
    assert_eq!(status(alice.in_dialog("INFO", &headers, &body).await), 403);
    assert_eq!(alice.history(&lobby, 10).await, Ok(Vec::new()));
}

#[tokio::test]
async fn the_author_of_a_post_is_the_person_who_is_signed_on() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    for author in
        ["sip:bob@example.com", "sip:nobody@example.com", "alice", "", "sip:alice@elsewhere.example"]
    {
        let post = alice.post_element(&lobby, "in another name");
        let post = post.replace("author=\"sip:alice@example.com\"", &format!("author=\"{author}\""));
        let refused = status(alice.info(&post).await);
        assert!(matches!(refused, 400 | 403), "author {author}: {refused}");
    }
    assert_eq!(alice.history(&lobby, 10).await, Ok(Vec::new()));
    assert_eq!(alice.post(&lobby, "in my own").await, Ok(200));
}

#[tokio::test]
async fn nobody_asserts_an_identity() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    for asserted in ["<sip:bob@example.com>", "<sip:alice@example.com>"] {
        let asserted = format!("P-Asserted-Identity: {asserted}\r\n");
        assert_eq!(status(alice.outside("INVITE", POOL, &asserted, "").await), 403);
        assert_eq!(status(alice.in_dialog("UPDATE", &asserted, "").await), 403);
        assert_eq!(status(alice.register(None, &asserted).await), 403);
    }
    let mut stranger = house.client("bob").await;
    let asserted = "P-Asserted-Identity: <sip:bob@example.com>\r\n";
    assert_eq!(status(stranger.register(None, asserted).await), 403);
}

#[tokio::test]
async fn a_stranger_may_only_register() {
    let (house, lobby) = house(&["alice"]).await;
    let alice = joined(&house, "alice", &lobby).await;
    let mut stranger = house.client("alice").await;
    for method in ["INVITE", "OPTIONS", "SUBSCRIBE", "SERVICE", "MESSAGE", "CANCEL", "BYE", "NONSENSE"] {
        assert_eq!(status(stranger.outside(method, POOL, "", "").await), 403, "{method}");
    }
    // Not even by the very names of a dialog that is there on another link.
    stranger.dialog.clone_from(&alice.dialog);
    let post = stranger.post_element(&lobby, "from nowhere");
    assert_eq!(status(stranger.info(&post).await), 403);
}

#[tokio::test]
async fn a_dialog_belongs_to_its_link() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let alice = joined(&house, "alice", &lobby).await;
    for who in ["bob", "alice"] {
        let mut other: Person = house.arrive(who).await;
        other.dialog.clone_from(&alice.dialog);
        let post = other.post_element(&lobby, "into a foreign dialog");
        assert_eq!(status(other.info(&post).await), 481, "{who}");
        assert_eq!(status(other.bye().await), 481, "{who}");
    }
}

#[tokio::test]
async fn spelling_makes_nobody_another_person() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for from in [
        "<sip:ALICE@Example.COM>",
        "\"Alice, at work\" <sip:alice@example.com>",
        "<sip:alice@example.com;opaque=user:epid:AAAA;gruu>",
        "<sips:alice@example.com>",
    ] {
        let from = format!("From: {from};tag=1\r\n");
        assert_eq!(status(alice.outside("OPTIONS", "sip:example.com", &from, "").await), 200, "{from}");
    }
}
