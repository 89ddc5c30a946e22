//! Stories of signing on, staying signed on and signing off ([MS-SIPAE] 3.2, [MS-SIPREGE] 3.2).
//! What happens to signed messages later is `signatures.rs`.

use std::time::Duration;

use testkit::House;
use testkit::wire::{Message, Person, Written};
use tokio::time::timeout;

use crate::scene::{BEGIN, hears, house, joined, status, works};

/// An answer to a REGISTER without what is random or the client's own.
fn masked(answer: &Message) -> Vec<String> {
    let own = ["Via", "From", "To", "Call-ID", "CSeq"];
    let mut lines = vec![answer.start.clone(), answer.body.clone()];
    for (name, value) in answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        let mut value = value.clone();
        for random in ["opaque=\"", "gssapi-data=\""] {
            if let Some(at) = value.find(random).map(|at| at + random.len()) {
                let end = value[at..].find('"').map_or(value.len(), |end| at + end);
                // Its length could tell as much as its content.
                let length = (end - at).to_string();
                value.replace_range(at..end, &length);
            }
        }
        lines.push(format!("{name}: {value}"));
    }
    lines
}

/// Everything somebody is told who tries to sign on with this password.
async fn attempt(house: &House, who: &str, password: &str) -> Vec<Vec<String>> {
    let mut person = house.client(who).await;
    person.password = password.to_owned();
    let first = person.register(None, "").await.expect("an answer");
    let challenge = person.challenged().await.expect("a challenge");
    let (proof, _) = person.proof(&challenge).expect("it is a challenge");
    let last = person.register(Some(&proof), "").await.expect("an answer");
    [first, challenge, last].iter().map(masked).collect()
}

#[tokio::test]
async fn nobody_is_let_in_without_a_challenge() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let signed = "NTLM qop=\"auth\", opaque=\"0123ABCD\", realm=\"r\", targetname=\"t\", crand=\"1\", cnum=\"1\", \
                  response=\"01000000000102030405060764000000\"";
    for who in ["alice", "nobody"] {
        for authorization in [None, Some(signed), Some("Kerberos gssapi-data=\"\""), Some("NTLM version=4")] {
            let mut person = house.client(who).await;
            let answer = person.register(authorization, "").await.expect("an answer");
            assert_eq!(answer.status(), Some(401), "{who} with {authorization:?}");
            let offer = answer.header("WWW-Authenticate").unwrap_or_default();
            assert_eq!(
                offer,
                "NTLM realm=\"SIP Communications Service\", targetname=\"pool.example.com\", version=4"
            );
        }
    }
}

#[tokio::test]
async fn whoever_may_not_sign_on_is_told_the_same() {
    let house = House::found(BEGIN).await;
    for who in ["alice", "dora"] {
        house.person(who).await;
    }
    house.admin("user disable sip:dora@example.com").await;
    house.person_with("carol", false).await;
    let wrong = attempt(&house, "alice", "another password").await;
    assert!(wrong[2].iter().all(|line| !line.contains("gssapi-data")), "a fresh invitation: {:?}", wrong[2]);
    assert_eq!(wrong[2][0], "SIP/2.0 401 Unauthorized");
    for who in ["nobody", "dora", "carol"] {
        assert_eq!(attempt(&house, who, testkit::PASSWORD).await, wrong, "{who}");
    }
}

#[tokio::test]
async fn a_wrong_password_locks_nobody_out() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    alice.password = "another password".into();
    assert_eq!(status(alice.sign_on().await), 401);
    alice.password = testkit::PASSWORD.into();
    assert_eq!(status(alice.sign_on().await), 200);
}

/// A link on which a wrong proof for alice was sent; nobody waits for the answer.
async fn guess(house: &House) -> Person {
    let mut guesser = house.client("alice").await;
    guesser.password = "another password".into();
    let challenge = guesser.challenged().await.expect("a challenge");
    let (proof, _) = guesser.proof(&challenge).expect("it is a challenge");
    begin_proof(&mut guesser, &proof).await;
    guesser
}

/// Sends a REGISTER with this proof and does not wait; returns what was sent.
async fn begin_proof(person: &mut Person, proof: &str) -> Written {
    let address = &person.address;
    let headers = format!("To: <{address}>\r\nContact: <sip:127.0.0.1:5>\r\nAuthorization: {proof}\r\n");
    let register = person.write("REGISTER", "sip:example.com", &headers, "");
    person.start(&register).await.expect("it is sent");
    register
}

/// Alice signs on with her password, and is told so when this many turns of a quarter second have passed.
async fn alice_signs_on_within(turns: u32, house: &House) {
    let mut bystander = house.client("bob").await;
    let mut alice = house.client("alice").await;
    let challenge = alice.challenged().await.expect("a challenge");
    let (proof, _) = alice.proof(&challenge).expect("it is a challenge");
    let register = begin_proof(&mut alice, &proof).await;
    for _ in 0..turns {
        // When he is answered, everybody else has been heard.
        assert_eq!(status(bystander.register(None, "").await), 401);
        tokio::time::pause();
        tokio::time::advance(Duration::from_millis(255)).await;
        tokio::time::resume();
    }
    let told = timeout(Duration::from_secs(5), alice.answer_to(&register)).await;
    assert_eq!(status(told.expect("it was her turn")), 200);
}

#[tokio::test]
async fn guessers_at_the_same_address_hold_nobody_up_by_holding_links() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut guessers = Vec::new();
    for _ in 0..20 {
        guessers.push(guess(&house).await);
    }
    alice_signs_on_within(65 + 20, &house).await;
}

#[tokio::test]
async fn guessers_at_the_same_address_hold_nobody_up_by_hanging_up() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    for _ in 0..100 {
        drop(guess(&house).await);
    }
    alice_signs_on_within(65, &house).await;
}

#[tokio::test]
async fn alice_signs_on_under_each_of_her_names() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    for (user, domain) in [
        ("alice", ""),
        ("alice", "EXAMPLE"),
        ("alice", "example.com"),
        ("alice@example.com", ""),
        ("ALICE", ""),
    ] {
        let mut alice = house.client("alice").await;
        alice.login = (user.to_owned(), domain.to_owned());
        assert_eq!(status(alice.sign_on().await), 200, "{domain}\\{user}");
    }
}

#[tokio::test]
async fn alice_signs_on_as_nobody_else() {
    let house = House::found(BEGIN).await;
    for who in ["alice", "bob"] {
        house.person(who).await;
    }
    for other in ["bob", "nobody"] {
        let mut alice = house.client(other).await;
        alice.login.0 = "alice@example.com".into();
        assert_eq!(status(alice.sign_on().await), 403, "as {other}");
        assert_eq!(status(alice.invite("sip:ocschat@example.com").await), 403, "as {other}");
    }
}

#[tokio::test]
async fn a_challenge_is_answered_once() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    let challenge = alice.challenged().await.expect("a challenge");
    let (right, _) = alice.proof(&challenge).expect("it is a challenge");
    alice.password = "another password".into();
    let (wrong, _) = alice.proof(&challenge).expect("it is a challenge");
    assert_eq!(status(alice.register(Some(&wrong), "").await), 401);
    assert_eq!(status(alice.register(Some(&right), "").await), 401);
}

#[tokio::test]
async fn a_challenge_is_good_on_its_own_link_only() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut here = house.client("alice").await;
    let mut there = house.client("alice").await;
    let challenge = here.challenged().await.expect("a challenge");
    there.challenged().await.expect("another challenge");
    let (proof, _) = here.proof(&challenge).expect("it is a challenge");
    assert_eq!(status(there.register(Some(&proof), "").await), 401);
}

#[tokio::test]
async fn garbage_in_place_of_a_proof_is_refused() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    for (garbage, expected) in [
        ("!!!", 400),
        ("AAAA", 401),
        ("TlRMTVNTUAADAAAA", 401),
        ("TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==", 401),
    ] {
        let challenge = alice.challenged().await.expect("a challenge");
        let (proof, _) = alice.proof(&challenge).expect("it is a challenge");
        let (begin, rest) = proof.split_once("gssapi-data=\"").expect("it has data");
        let rest = rest.split_once('"').expect("quoted").1;
        let garbled = format!("{begin}gssapi-data=\"{garbage}\"{rest}");
        assert_eq!(status(alice.register(Some(&garbled), "").await), expected, "{garbage}");
    }
    assert_eq!(status(alice.sign_on().await), 200);
}

#[tokio::test]
async fn a_proof_with_a_wrong_signature_is_no_proof() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    let challenge = alice.challenged().await.expect("a challenge");
    let (proof, _) = alice.proof(&challenge).expect("it is a challenge");
    let signed =
        format!("{proof}, crand=\"625acefe\", cnum=\"1\", response=\"01000000000102030405060764000000\"");
    assert_eq!(status(alice.register(Some(&signed), "").await), 401);
    assert_eq!(status(alice.invite("sip:ocschat@example.com").await), 403);
}

#[tokio::test]
async fn the_registration_says_what_the_client_needs() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    let answer = alice.sign_on().await.expect("an answer");
    assert_eq!(answer.header("Expires"), Some("3600"));
    let events = answer.header("Allow-Events").unwrap_or_default();
    assert!(!events.contains(' '), "the client reads no blank after a comma: {events}");
    for event in ["vnd-microsoft-provisioning-v2", "vnd-microsoft-roaming-self", "presence"] {
        assert!(events.split(',').any(|known| known == event), "{event} in {events}");
    }
    assert!(answer.all("Supported").contains(&"msrtc-event-categories"), "{:?}", answer.all("Supported"));
    assert_eq!(answer.header("ms-keep-alive"), Some("UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300"));
    let contact = answer.header("Contact").unwrap_or_default();
    let uuid = "00000000-0000-0000-0000-000000000001";
    let expected =
        format!("<sip:127.0.0.1:5;transport=tcp>;expires=3600;+sip.instance=\"<urn:uuid:{uuid}>\";gruu=\"");
    assert!(contact.starts_with(&expected), "{contact}");
    assert!(contact.contains("gruu=\"sip:alice@example.com;opaque=user:epid:"), "{contact}");
    assert!(contact.ends_with(";gruu\""), "{contact}");
}

#[tokio::test]
async fn without_an_instance_there_is_no_address_of_the_endpoint() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.sign_on().await), 200);
    let plain = alice.register(None, "Contact: <sip:127.0.0.1:5>\r\n").await.expect("an answer");
    assert_eq!(plain.header("Contact"), Some("<sip:127.0.0.1:5>;expires=3600"));
}

#[tokio::test]
async fn a_registration_is_refreshed_and_shortened() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.sign_on().await), 200);
    for (asked, granted) in [("", "3600"), ("600", "600"), ("60", "60"), ("99999999999", "3600")] {
        let answer = alice.register(None, &format!("Expires: {asked}\r\n")).await.expect("an answer");
        assert_eq!((answer.status(), answer.header("Expires")), (Some(200), Some(granted)), "asked {asked}");
    }
}

#[tokio::test]
async fn a_registration_that_is_wrong_is_refused_by_name() {
    let house = House::found(BEGIN).await;
    for who in ["alice", "bob"] {
        house.person(who).await;
    }
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.sign_on().await), 200);
    for (headers, expected) in [
        ("Expires: 59", 423),
        ("Expires: soon", 400),
        ("Contact: *", 400),
        ("Contact: <sip:a@b>, <sip:c@d>", 400),
        ("Contact: <sip:a@b", 400),
        ("From: <sip:bob@example.com>;tag=1", 403),
        ("To: <sip:bob@example.com>", 403),
        ("From: <tel:+123>;tag=1", 400),
    ] {
        let answer = alice.register(None, &format!("{headers}\r\n")).await.expect("an answer");
        assert_eq!(answer.status(), Some(expected), "{headers}");
        assert_eq!(answer.header("Min-Expires").is_some(), expected == 423, "{headers}");
    }
    assert!(works(&mut alice).await);
}

#[tokio::test]
async fn signing_off_ends_everything_but_the_link() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let answer = alice.register(None, "Expires: 0\r\n").await.expect("an answer");
    assert_eq!((answer.status(), answer.header("Expires")), (Some(200), Some("0")));
    bob.next_where(|body| body.contains("ntc:part")).await.expect("bob sees her leave");
    assert_eq!(alice.post(&lobby, "still here?").await, Ok(403));
    assert_eq!(status(alice.sign_on().await), 200);
    alice.enter().await.expect("the chat dialog opens again");
}

#[tokio::test]
async fn contact_star_signs_off() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.sign_on().await), 200);
    assert_eq!(status(alice.register(None, "Contact: *\r\nExpires: 0\r\n").await), 200);
    assert_eq!(status(alice.invite("sip:ocschat@example.com").await), 403);
}

#[tokio::test]
async fn a_new_handshake_keeps_dialogs_alive() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    assert_eq!(status(alice.sign_on().await), 200);
    assert_eq!(alice.post(&lobby, "under a new key").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "under a new key");
}

#[tokio::test]
async fn what_is_said_during_a_new_handshake_is_heard() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    // As the real client does: with its old key forgotten it answers without a signature.
    alice.signing = None;
    let challenge = alice.challenged().await.expect("a challenge");
    assert_eq!(bob.post(&lobby, "in between").await, Ok(200));
    let (proof, signing) = alice.proof(&challenge).expect("it is a challenge");
    assert_eq!(hears(&mut alice).await, "in between");
    assert_eq!(status(alice.register(Some(&proof), "").await), 200);
    alice.signing = Some(signing);
    assert_eq!(alice.post(&lobby, "heard").await, Ok(200));
}

#[tokio::test]
async fn nobody_else_signs_on_over_the_link_of_somebody() {
    let (house, _) = house(&["alice", "bob"]).await;
    let mut alice = house.arrive("alice").await;
    let signing = alice.signing.take();
    alice.address = "sip:bob@example.com".into();
    alice.login.0 = "bob@example.com".into();
    let challenge = alice.challenged().await.expect("a challenge");
    let (proof, _) = alice.proof(&challenge).expect("it is a challenge");
    alice.signing = signing;
    assert_eq!(status(alice.register(Some(&proof), "").await), 403);
    alice.address = "sip:alice@example.com".into();
    assert!(works(&mut alice).await, "alice is still alice");
}

#[tokio::test]
async fn people_of_other_domains_have_no_home_here() {
    let house = House::found(BEGIN).await;
    let address = "sip:alice@elsewhere.example";
    let mut alice = Person::connect(house.way(), address, testkit::PASSWORD, 99).await.expect("a link");
    assert_eq!(status(alice.sign_on().await), 404);
}
