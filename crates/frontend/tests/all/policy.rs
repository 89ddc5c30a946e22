//! Stories of people whose policy lets them chat or not: what they find, and what ends when it is switched off.
//! People who are disabled or removed lose their links: that is `ending.rs`.

use std::time::Duration;

use frontend::limits::OUTSTANDING_MAX;
use testkit::wire::{Message, Person};
use testkit::{House, Rows};
use tokio::time::Instant;

use crate::scene::{BEGIN, POOL, XCCOS, furnished, hears, house, joined, status, works};
use crate::talk::begin_post;

/// The bound of a revocation.
const BOUND: Duration = Duration::from_secs(5);
/// Every address of the pool in these stories, the last one made by an administrator.
const ADDRESSES: [&str; 4] =
    ["sip:ocschat@example.com", "sip:LyncChat@EXAMPLE.com;transport=tls", POOL, "sip:rooms@example.com"];
const BOB: &str = "sip:bob@example.com";

/// Somebody signs on and asks nothing more.
async fn signed_on(house: &House, who: &str) -> Person {
    let mut person = house.client(who).await;
    assert_eq!(status(person.sign_on().await), 200, "{who} signs on");
    person
}

/// What an answer says, but for what every transaction has of its own.
fn said(answer: Message) -> (String, Vec<(String, String)>, String) {
    let own = ["Via", "From", "To", "Call-ID", "CSeq", "Authentication-Info", "Contact", "Content-Length"];
    let lines = answer.headers.into_iter().filter(|(name, _)| !own.contains(&name.as_str()));
    (answer.start, lines.collect(), answer.body)
}

/// The answer to a request to this address; the address itself is left out of it.
async fn asked(
    person: &mut Person,
    method: &str,
    to: &str,
    lines: &str,
) -> (String, Vec<(String, String)>, String) {
    let headers = format!("Contact: <{}>\r\n{lines}", person.address);
    let (start, lines, body) = said(person.outside(method, to, &headers, "").await.expect("an answer"));
    let plain = to.split(';').next().unwrap_or_default().to_lowercase();
    (start, lines, body.replace(&plain, "sip:X"))
}

/// What provisioning says of the chat.
async fn provisioned(person: &mut Person) -> String {
    let lines =
        "Event: vnd-microsoft-provisioning-v2\r\nSupported: ms-piggyback-first-notify\r\nExpires: 0\r\n";
    let address = person.address.clone();
    let headers = format!("Contact: <{address}>\r\n{lines}");
    person.outside("SUBSCRIBE", &address, &headers, "").await.expect("an answer").body
}

/// The BYE that ends the dialog, unanswered requests before it left aside.
async fn hung_up(person: &mut Person) -> Message {
    person.request_where(|request| request.method() == Some("BYE")).await.expect("the link stays open")
}

#[tokio::test]
async fn somebody_whose_policy_is_off_finds_no_chat_server() {
    let (house, _) = house(&["alice", "bob"]).await;
    house.rows().endpoint("sip:rooms@example.com").await;
    house.rows().grant(BOB, Some(false)).await;
    let mut bob = signed_on(&house, "bob").await;
    let told = provisioned(&mut bob).await;
    assert!(told.contains("<property name=\"EnablePersistentChat\">false</property>"), "{told}");
    assert!(!told.contains("PoolUri") && !told.contains("sip:"), "no word of an address: {told}");
    for method in ["INVITE", "OPTIONS"] {
        let nobody = asked(&mut bob, method, "sip:ocschat@elsewhere.example", "").await;
        assert_eq!(nobody.0, "SIP/2.0 404 Not Found", "{method}");
        for address in ADDRESSES {
            assert_eq!(asked(&mut bob, method, address, "").await, nobody, "{method} {address}");
        }
    }
    let presence = "Event: presence\r\nSupported: ms-piggyback-first-notify\r\nExpires: 0\r\n";
    for (method, lines) in [("SUBSCRIBE", presence), ("SERVICE", ""), ("MESSAGE", ""), ("NOTIFY", "")] {
        let nobody = asked(&mut bob, method, "sip:nobody@example.com", lines).await;
        for address in ADDRESSES {
            assert_eq!(asked(&mut bob, method, address, lines).await, nobody, "{method} {address}");
        }
    }
    assert!(works(&mut bob).await, "everything else works");
    let mut alice = signed_on(&house, "alice").await;
    assert!(
        provisioned(&mut alice).await.contains("<property name=\"EnablePersistentChat\">true</property>")
    );
    for address in ADDRESSES {
        assert_eq!(asked(&mut alice, "OPTIONS", address, "").await.0, "SIP/2.0 200 OK", "{address}");
        assert_eq!(status(alice.invite(address).await), 200, "{address}");
    }
}

#[tokio::test]
async fn a_bad_invitation_tells_somebody_whose_policy_is_off_nothing() {
    let (house, _) = house(&["bob"]).await;
    house.rows().grant(BOB, Some(false)).await;
    let mut bob = signed_on(&house, "bob").await;
    for lines in ["Content-Type: text/html\r\n", "Session-Expires: 1\r\n", "Session-Expires: soon\r\n"] {
        assert_eq!(asked(&mut bob, "INVITE", POOL, lines).await.0, "SIP/2.0 404 Not Found", "{lines}");
    }
}

#[tokio::test]
async fn who_is_switched_off_while_chatting_is_hung_up_within_five_seconds() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    assert_eq!(alice.post(&lobby, "before").await, Ok(200));
    assert_eq!(hears(&mut bob).await, "before");
    // Nobody waits here until the rooms know: that is what is measured.
    Rows::of(&house.store).grant(BOB, Some(false)).await;
    let answered = Instant::now();
    let bye = hung_up(&mut bob).await;
    let took = answered.elapsed();
    assert!(took < BOUND, "it took {took:?}");
    let dialog = bob.dialog.clone().expect("he had a dialog");
    assert_eq!((bye.header("Call-ID"), bye.tag("From")), (Some(&*dialog.call_id), &*dialog.remote_tag));
    alice.next_where(|body| body.contains("ntc:part")).await.expect("the others see him leave");

    assert_eq!(alice.post(&lobby, "after").await, Ok(200));
    assert_eq!(bob.post(&lobby, "am I still here?").await, Ok(481), "the dialog is over");
    assert_eq!(status(bob.invite(POOL).await), 404);
    assert!(works(&mut bob).await, "the link stays");
    assert!(bob.settled().await.expect("the link stays open").is_empty(), "and nothing more is shown");
    assert_eq!(status(bob.register(None, "").await), 200, "he stays signed on");
}

#[tokio::test]
async fn presence_stays_when_the_policy_goes() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = house.arrive("alice").await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let lines = "Event: presence\r\nSupported: ms-piggyback-first-notify\r\nExpires: 0\r\n";
    let before = asked(&mut alice, "SUBSCRIBE", BOB, lines).await;
    house.rows().grant(BOB, Some(false)).await;
    hung_up(&mut bob).await;
    assert_eq!(asked(&mut alice, "SUBSCRIBE", BOB, lines).await, before);
}

#[tokio::test]
async fn switched_on_again_the_next_invitation_is_accepted() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    house.rows().grant(BOB, Some(false)).await;
    hung_up(&mut bob).await;
    assert_eq!(alice.post(&lobby, "unseen").await, Ok(200));
    house.rows().grant(BOB, Some(true)).await;
    assert_eq!(status(bob.invite(POOL).await), 200);
    bob.join(&lobby).await.expect("the link stays open");
    assert_eq!(bob.post(&lobby, "back").await, Ok(200));
    assert_eq!(hears(&mut bob).await, "back", "he missed what was said meanwhile, and reads it in history");
    let texts: Vec<_> =
        bob.history(&lobby, 9).await.expect("an answer").into_iter().map(|post| post.2).collect();
    assert_eq!(texts, ["unseen", "back"]);
}

#[tokio::test]
async fn every_dialog_and_every_link_is_hung_up() {
    let (house, lobby) = house(&["bob"]).await;
    let mut one = joined(&house, "bob", &lobby).await;
    let first = one.dialog.clone();
    assert_eq!(status(one.invite(POOL).await), 200);
    let mut other = house.arrive("bob").await;
    house.rows().grant(BOB, Some(false)).await;
    let mut ended = [hung_up(&mut one).await, hung_up(&mut one).await].map(|bye| bye.tag("From").to_owned());
    let mut open = [first, one.dialog.clone()].map(|dialog| dialog.expect("two were opened").remote_tag);
    ended.sort();
    open.sort();
    assert_eq!(ended, open);
    hung_up(&mut other).await;
    assert!(works(&mut one).await && works(&mut other).await);
}

#[tokio::test]
async fn the_policy_for_everybody_spares_who_has_another() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    house.rows().grant("sip:alice@example.com", Some(true)).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    house.rows().policy(false).await;
    hung_up(&mut bob).await;
    assert_eq!(alice.post(&lobby, "alone").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "alone");
    house.rows().policy(true).await;
    assert_eq!(status(bob.invite(POOL).await), 200);
}

#[tokio::test]
async fn a_client_that_answers_nothing_is_hung_up_all_the_same() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    for number in 0..OUTSTANDING_MAX + 40 {
        assert_eq!(alice.post(&lobby, &number.to_string()).await, Ok(200));
    }
    Rows::of(&house.store).grant(BOB, Some(false)).await;
    let answered = Instant::now();
    let mut shown = 0;
    while bob.any().await.expect("the link stays open").method() != Some("BYE") {
        shown += 1;
    }
    assert!(answered.elapsed() < BOUND);
    assert_eq!(shown, OUTSTANDING_MAX, "what was held back is not shown any more");
}

#[tokio::test]
async fn somebody_disabled_who_answers_nothing_is_out_all_the_same() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    for number in 0..OUTSTANDING_MAX + 40 {
        assert_eq!(alice.post(&lobby, &number.to_string()).await, Ok(200));
    }
    house.admin("user disable sip:bob@example.com").await;
    let answered = Instant::now();
    let shown = bob.until_closed().await;
    assert!(answered.elapsed() < BOUND);
    assert_eq!(shown.len(), OUTSTANDING_MAX);
}

#[tokio::test]
async fn a_post_that_comes_after_the_switch_is_not_kept() {
    let (mut house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let hold = house.hold();
    let rows = Rows::of(&house.store);
    let switch = rows.grant("sip:alice@example.com", None);
    // The store is busy with somebody else's policy: what is asked now waits behind it.
    let waiting = begin_post(&mut bob, &lobby, "one last word");
    let opened = async {
        tokio::task::yield_now().await;
        drop(hold);
    };
    let ((), written, ()) = tokio::join!(switch, waiting, opened);
    assert_eq!(status(bob.answer_to(&written).await), 200, "he may still");
    Rows::of(&house.store).grant(BOB, Some(false)).await;
    let refused = begin_post(&mut bob, &lobby, "and another").await;
    let answer = status(bob.answer_to(&refused).await);
    assert!(matches!(answer, 404 | 481), "the room or the dialog is no longer there: {answer}");
    hung_up(&mut bob).await;
    assert_eq!(hears(&mut alice).await, "one last word");
    drop((alice, bob));
    house.stop().await;
    assert_eq!(house.kept(&lobby).await, ["one last word"]);
}

#[tokio::test]
async fn a_client_that_leaves_while_it_is_hung_up_is_answered() {
    let (house, lobby) = house(&["bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    house.rows().grant(BOB, Some(false)).await;
    let bye = bob.write_in_dialog("BYE", "", "");
    bob.start(&bye).await.expect("it is sent");
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let message = bob.any().await.expect("the link stays open");
        if message.method() == Some("BYE") {
            // It knows of no such dialog any more.
            let gone = bob.response(&message, "481 Call/Transaction Does Not Exist");
            bob.raw(&gone).await.expect("it is sent");
            seen.push("BYE");
        } else if bye.is_answered_by(&message) {
            assert_eq!(message.status(), Some(481));
            seen.push("481");
        }
    }
    assert!(works(&mut bob).await);
}

#[tokio::test]
async fn who_comes_into_a_house_that_lets_nobody_chat_is_let_in_later() {
    let house = House::found(BEGIN).await;
    house.rows().policy(false).await;
    let (house, _) = furnished(house, &["bob"]).await;
    let mut bob = signed_on(&house, "bob").await;
    assert!(provisioned(&mut bob).await.contains("<property name=\"EnablePersistentChat\">false</property>"));
    assert_eq!(status(bob.invite(POOL).await), 404);
    house.rows().policy(true).await;
    assert_eq!(status(bob.invite(POOL).await), 200);
    let body = bob.envelope("<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>");
    assert_eq!(status(bob.in_dialog("INFO", XCCOS, &body).await), 200);
}
