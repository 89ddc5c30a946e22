//! Stories of subscriptions and publications, over real links against a house in this process.

use testkit::House;
use testkit::wire::{Message, Person};

const BEGIN: &str = "2026-11-24T10:00:00Z";
const QUIET: &str =
    "Supported: ms-piggyback-first-notify\r\nProxy-Require: ms-benotify\r\nSupported: ms-benotify\r\n";
const PUBLISH: &str = "Content-Type: application/msrtc-category-publish+xml\r\n";
const SOAP: &str = "Content-Type: application/SOAP+xml\r\n";

async fn house(people: &[&str]) -> House {
    let house = House::found(BEGIN).await;
    for who in people {
        house.person(who).await;
    }
    house
}

async fn signed_on(house: &House, who: &str) -> Person {
    let mut person = house.client(who).await;
    assert_eq!(person.sign_on().await.unwrap().status(), Some(200));
    person
}

/// Subscribes to something about somebody; returns the answer.
async fn subscribe(person: &mut Person, about: &str, event: &str, headers: &str) -> Message {
    let about = format!("sip:{about}@example.com");
    let headers = format!("Event: {event}\r\nContact: <sip:me@10.0.0.1>\r\n{headers}");
    person.outside("SUBSCRIBE", &about, &headers, "").await.unwrap()
}

/// Publishes something in a category; returns the answer.
async fn publish(person: &mut Person, who: &str, category: &str, version: u64, rest: &str) -> Message {
    let uri = format!("sip:{who}@example.com");
    let body = format!(
        r#"<publish><publications uri="{uri}"><publication categoryName="{category}" instance="5" version="{version}" {rest}</publication></publications></publish>"#
    );
    person.outside("SERVICE", &uri, PUBLISH, &body).await.unwrap()
}

const STATE: &str = r#"container="2" expireType="endpoint"><state xmlns:xsi="urn:x" xsi:type="machineState"><availability>6500</availability></state>"#;

/// The next notification of this package.
async fn notified(person: &mut Person, event: &str) -> Message {
    loop {
        let message = person.any_answered().await.unwrap();
        if message.method().is_some_and(|method| method.ends_with("NOTIFY"))
            && message.header("Event") == Some(event)
        {
            return message;
        }
    }
}

#[tokio::test]
async fn a_client_learns_in_one_answer_where_the_chat_is() {
    let house = house(&["alice"]).await;
    let mut alice = signed_on(&house, "alice").await;
    let headers = format!("{QUIET}Expires: 0\r\n");
    let answer = subscribe(&mut alice, "alice", "vnd-microsoft-provisioning-v2", &headers).await;
    assert_eq!(answer.status(), Some(200));
    assert_eq!(answer.header("Expires"), Some("0"));
    assert_eq!(answer.header("subscription-state"), Some("terminated;expires=0"));
    assert_eq!(answer.header("ms-piggyback-cseq"), Some("1"));
    assert!(answer.body.contains(">true</property>"), "{}", answer.body);
    assert!(answer.body.contains("sip:GC-1-PersistentChatService-1@example.com"), "{}", answer.body);
}

#[tokio::test]
async fn a_client_that_reads_nothing_in_answers_is_notified_after_them() {
    let house = house(&["alice"]).await;
    let mut alice = signed_on(&house, "alice").await;
    for (event, state) in [
        ("vnd-microsoft-provisioning-v2", "terminated"),
        ("vnd-microsoft-roaming-contacts", "active"),
        ("vnd-microsoft-roaming-self", "active"),
        ("presence", "active"),
    ] {
        let answer = subscribe(&mut alice, "alice", event, "").await;
        assert_eq!((answer.status(), &*answer.body), (Some(200), ""));
        let notice = notified(&mut alice, event).await;
        assert_eq!(notice.method(), Some("NOTIFY"));
        assert!(notice.header("subscription-state").unwrap().starts_with(state));
        assert_eq!(notice.tag("From"), answer.tag("To"));
        assert!(!notice.body.is_empty());
    }
}

#[tokio::test]
async fn only_oneself_may_subscribe_to_what_is_ones_own() {
    let house = house(&["alice", "bob"]).await;
    let mut alice = signed_on(&house, "alice").await;
    for event in
        ["vnd-microsoft-provisioning-v2", "vnd-microsoft-roaming-contacts", "vnd-microsoft-roaming-self"]
    {
        assert_eq!(subscribe(&mut alice, "bob", event, QUIET).await.status(), Some(403), "{event}");
    }
    let unknown = subscribe(&mut alice, "alice", "conference", QUIET).await;
    assert_eq!(unknown.status(), Some(489));
    assert!(unknown.header("Allow-Events").unwrap().contains(",presence"));
}

#[tokio::test]
async fn what_one_endpoint_publishes_the_other_is_told() {
    let house = house(&["alice"]).await;
    let mut first = signed_on(&house, "alice").await;
    let mut second = signed_on(&house, "alice").await;
    let answer = subscribe(&mut second, "alice", "vnd-microsoft-roaming-self", QUIET).await;
    assert!(answer.body.contains("<categories "), "{}", answer.body);
    let room = r#"container="1" expireType="static"><roomSetting><a>room</a></roomSetting>"#;
    let answer = publish(&mut first, "alice", "roomSetting", 0, room).await;
    assert_eq!(answer.status(), Some(200));
    assert!(answer.body.contains(r#"version="1""#), "{}", answer.body);
    let notice = notified(&mut second, "vnd-microsoft-roaming-self").await;
    assert_eq!(notice.method(), Some("BENOTIFY"));
    assert!(notice.body.contains("<roomSetting><a>room</a></roomSetting>"), "{}", notice.body);
    // And again after everybody was gone.
    drop((first, second));
    let mut third = signed_on(&house, "alice").await;
    let answer = subscribe(&mut third, "alice", "vnd-microsoft-roaming-self", QUIET).await;
    assert!(answer.body.contains("<roomSetting><a>room</a></roomSetting>"), "{}", answer.body);
    let ended =
        publish(&mut third, "alice", "roomSetting", 1, r#"container="1" expireType="static" expires="0">"#);
    let ended = ended.await;
    assert!(ended.body.contains(r#"<category name="roomSetting"/>"#), "{}", ended.body);
}

#[tokio::test]
async fn a_version_out_of_date_is_a_conflict_and_changes_nothing() {
    let house = house(&["alice"]).await;
    let mut alice = signed_on(&house, "alice").await;
    for expire in ["static", "user"] {
        let note = |text| format!(r#"container="200" expireType="{expire}"><note>{text}</note>"#);
        let first = publish(&mut alice, "alice", expire, 0, &note("one")).await;
        assert_eq!(first.status(), Some(200), "{expire}");
        let again = publish(&mut alice, "alice", expire, 0, &note("two")).await;
        assert_eq!(again.status(), Some(409), "{expire}");
        assert_eq!(again.header("Content-Type"), Some("application/msrtc-fault+xml"));
        assert!(again.body.contains(r#"index="1" version="0" curVersion="1""#), "{}", again.body);
        let right = publish(&mut alice, "alice", expire, 1, &note("two")).await;
        assert!(right.body.contains("<note>two</note>"), "{}", right.body);
    }
}

#[tokio::test]
async fn presence_is_shown_when_somebody_comes_changes_and_goes() {
    let house = house(&["alice", "bob"]).await;
    let mut alice = signed_on(&house, "alice").await;
    let headers = format!("{QUIET}Accept: application/msrtc-event-categories+xml\r\n");
    let absent = subscribe(&mut alice, "bob", "presence", &headers).await;
    let nobody = subscribe(&mut alice, "nobody", "presence", &headers).await;
    assert_eq!(absent.body.replace("bob", "nobody"), nobody.body);
    assert!(absent.body.contains("<availability>18500</availability>"), "{}", absent.body);
    let mut bob = signed_on(&house, "bob").await;
    let comes = notified(&mut alice, "presence").await;
    assert!(comes.body.contains("<availability>3500</availability>"), "{}", comes.body);
    assert!(comes.body.contains("Bob Example"), "{}", comes.body);
    assert_eq!(publish(&mut bob, "bob", "state", 0, STATE).await.status(), Some(200));
    let busy = notified(&mut alice, "presence").await;
    assert!(busy.body.contains("<availability>6500</availability>"), "{}", busy.body);
    drop(bob);
    let goes = notified(&mut alice, "presence").await;
    assert!(goes.body.contains("<availability>18500</availability>"), "{}", goes.body);
}

#[tokio::test]
async fn whoever_is_blocked_sees_nobody() {
    let house = house(&["alice", "bob"]).await;
    let mut alice = signed_on(&house, "alice").await;
    let mut bob = signed_on(&house, "bob").await;
    let seen = subscribe(&mut alice, "bob", "presence", QUIET).await;
    assert!(seen.body.contains("<basic>open</basic>"), "{}", seen.body);
    let body = r#"<setContainerMembers><container id="32000" version="0"><member action="add" type="user" value="alice@example.com"/></container></setContainerMembers>"#;
    let headers = "Content-Type: application/msrtc-setcontainermembers+xml\r\n";
    let answer = bob.outside("SERVICE", "sip:bob@example.com", headers, body).await.unwrap();
    assert_eq!(answer.status(), Some(200));
    let notice = notified(&mut alice, "presence").await;
    assert!(notice.body.contains("<basic>closed</basic>"), "{}", notice.body);
}

#[tokio::test]
async fn several_people_are_asked_for_at_once_and_more_later() {
    let house = house(&["alice", "bob", "carol"]).await;
    let mut alice = signed_on(&house, "alice").await;
    let _bob = signed_on(&house, "bob").await;
    let batch = |people: &[&str]| {
        let list: String =
            people.iter().map(|who| format!(r#"<resource uri="sip:{who}@example.com"/>"#)).collect();
        format!(r#"<batchSub><action name="subscribe"><adhocList>{list}</adhocList></action></batchSub>"#)
    };
    let headers = format!(
        "Event: presence\r\nContact: <sip:me@10.0.0.1>\r\n{QUIET}Content-Type: application/msrtc-adrl-categorylist+xml\r\n"
    );
    let written = alice.write("SUBSCRIBE", "sip:alice@example.com", &headers, &batch(&["bob", "carol"]));
    let answer = alice.exchange(&written).await.unwrap();
    assert_eq!(answer.header("Require"), Some("eventlist"));
    assert!(answer.body.contains("<availability>3500</availability>"), "{}", answer.body);
    assert!(answer.body.contains("<availability>18500</availability>"), "{}", answer.body);
    let _carol = signed_on(&house, "carol").await;
    let notice = notified(&mut alice, "presence").await;
    assert!(notice.body.contains(r#"uri="sip:carol@example.com""#), "{}", notice.body);
}

#[tokio::test]
async fn contacts_are_kept_and_told_to_other_endpoints() {
    let house = house(&["alice"]).await;
    let mut first = signed_on(&house, "alice").await;
    let mut second = signed_on(&house, "alice").await;
    subscribe(&mut second, "alice", "vnd-microsoft-roaming-contacts", QUIET).await;
    let body = |operation: &str| {
        format!(r#"<s:Envelope xmlns:s="urn:s" xmlns:m="urn:m"><s:Body>{operation}</s:Body></s:Envelope>"#)
    };
    let set = body(
        "<m:setContact><m:displayName>Bob</m:displayName><m:groups>1</m:groups><m:subscribed>true</m:subscribed><m:URI>sip:bob@example.com</m:URI><m:externalURI /><m:deltaNum>1</m:deltaNum></m:setContact>",
    );
    let answer = first.outside("SERVICE", "sip:alice@example.com", SOAP, &set).await.unwrap();
    assert_eq!(answer.status(), Some(200));
    let notice = notified(&mut second, "vnd-microsoft-roaming-contacts").await;
    assert!(notice.body.contains(r#"<addedContact uri="sip:bob@example.com" name="Bob""#), "{}", notice.body);
    let mut third = signed_on(&house, "alice").await;
    let answer = subscribe(&mut third, "alice", "vnd-microsoft-roaming-contacts", QUIET).await;
    assert!(answer.body.contains(r#"<contact uri="bob@example.com" name="Bob""#), "{}", answer.body);
    let search = body("<m:directorySearch/>");
    let answer = first.outside("SERVICE", "sip:example.com", SOAP, &search).await.unwrap();
    assert_eq!(answer.status(), Some(501));
}

#[tokio::test]
async fn a_subscription_is_prolonged_and_ended_in_its_dialog() {
    let house = house(&["alice"]).await;
    let mut alice = signed_on(&house, "alice").await;
    let answer = subscribe(&mut alice, "alice", "vnd-microsoft-roaming-self", QUIET).await;
    alice.dialog = Some(testkit::wire::Dialog {
        call_id: answer.header("Call-ID").unwrap().to_owned(),
        local_tag: answer.tag("From").to_owned(),
        remote_tag: answer.tag("To").to_owned(),
        uri: "sip:alice@example.com".to_owned(),
        target: answer.uri("Contact").to_owned(),
        cseq: 1,
    });
    let headers = format!("Event: vnd-microsoft-roaming-self\r\n{QUIET}");
    let again = alice.in_dialog("SUBSCRIBE", &format!("{headers}Expires: 600\r\n"), "").await.unwrap();
    assert_eq!((again.status(), again.header("Expires")), (Some(200), Some("600")));
    assert_eq!(again.header("ms-piggyback-cseq"), None, "nothing is new");
    let ended = alice.in_dialog("SUBSCRIBE", &format!("{headers}Expires: 0\r\n"), "").await.unwrap();
    assert_eq!(ended.header("subscription-state"), Some("terminated;expires=0"));
    let gone = alice.in_dialog("SUBSCRIBE", &headers, "").await.unwrap();
    assert_eq!(gone.status(), Some(481));
}

#[tokio::test]
async fn bodies_nobody_should_send_are_refused_and_the_link_goes_on() {
    let house = house(&["alice"]).await;
    let mut alice = signed_on(&house, "alice").await;
    let deep = "<a>".repeat(200_000 / 7) + &"</a>".repeat(200_000 / 7);
    for (body, status) in [
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><publish><publications>&b;</publications></publish>", 400),
        ("", 400),
        ("<publish/>", 400),
        (&*deep, 413),
        (&"<a>".repeat(100), 400),
    ] {
        let answer = alice.outside("SERVICE", "sip:alice@example.com", PUBLISH, body).await.unwrap();
        assert_eq!(answer.status(), Some(status), "{:.40}", body);
    }
    let other = alice.outside("SERVICE", "sip:alice@example.com", "Content-Type: text/plain\r\n", "x");
    assert_eq!(other.await.unwrap().status(), Some(415));
    let other = publish(&mut alice, "bob", "note", 0, r#"container="2" expireType="user">"#).await;
    assert_eq!(other.status(), Some(403));
}
