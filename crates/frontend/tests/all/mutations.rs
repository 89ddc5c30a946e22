//! A story of noise: thousands of valid requests with something changed, on fresh links and on signed-on ones.
//! The server refuses, closes or carries out; it never panics, and other links go on. The noise is the same in every run.

use std::sync::atomic::{AtomicUsize, Ordering};

use testkit::wire::Person;

use crate::scene::{POOL, XCCOS, house, joined, works};

/// Numbers that look random (xorshift, Marsaglia 2003).
struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % limit.max(1)
    }

    /// Changes one thing.
    fn spoil(&mut self, octets: &mut Vec<u8>) {
        if octets.is_empty() {
            return;
        }
        const PIECES: [&[u8]; 12] = [
            b"\r\n",
            b"\r\n\r\n",
            b"\0",
            b"\n",
            b";tag=",
            b"<",
            b">",
            b"\"",
            b",",
            b"99999999999",
            b"\xff",
            b"SIP/2.0",
        ];
        let at = self.below(octets.len());
        let end = (at + self.below(40)).min(octets.len());
        match self.below(6) {
            0 => octets[at] = u8::try_from(self.below(256)).expect("below 256"),
            1 => drop(octets.drain(at..end)),
            2 => {
                let copied = octets[at..end].to_vec();
                octets.splice(at..at, copied);
            }
            3 => {
                let piece = PIECES[self.below(PIECES.len())];
                octets.splice(at..at, piece.iter().copied());
            }
            4 => octets.truncate(at.max(1)),
            _ => self.swap_lines(octets),
        }
    }

    fn swap_lines(&mut self, octets: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = octets.split(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect();
        let (one, other) = (self.below(lines.len()), self.below(lines.len()));
        lines.swap(one, other);
        *octets = lines.join(&b'\n');
    }
}

/// Requests of every kind, valid as they are.
fn requests(person: &mut Person, lobby: &str) -> Vec<Vec<u8>> {
    let address = person.address.clone();
    let contact = format!("Contact: <{address}>\r\nContent-Type: application/sdp\r\n");
    let register =
        "To: <sip:alice@example.com>\r\nContact: <sip:127.0.0.1:5>;+sip.instance=\"<urn:uuid:0>\"\r\n";
    let mut all = vec![
        person.write("OPTIONS", "sip:example.com", "", ""),
        person.write("INVITE", POOL, &contact, "v=0\r\nm=message 5060 sip null\r\n"),
        person.write("REGISTER", "sip:example.com", register, ""),
        person.write("SUBSCRIBE", &address, "Event: presence\r\nExpires: 60\r\n", ""),
        person.write("MESSAGE", POOL, XCCOS, "hi"),
        person.write("CANCEL", POOL, "", ""),
    ];
    let hello = "Authorization: NTLM qop=\"auth\", realm=\"SIP Communications Service\", \
                 targetname=\"pool.example.com\", gssapi-data=\"\", version=4\r\n";
    all.push(person.write("REGISTER", "sip:example.com", &format!("{register}{hello}"), ""));
    if person.dialog.is_some() {
        let post = person.post_element(lobby, "noise");
        let command = "<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>";
        for element in [post.as_str(), command] {
            let body = person.envelope(element);
            all.push(person.write_in_dialog("INFO", XCCOS, &body));
        }
        all.push(person.write_in_dialog("UPDATE", "Session-Expires: 600\r\nSupported: timer\r\n", ""));
    }
    all.into_iter().map(|written| written.octets).collect()
}

/// The last REGISTER of a sign-on whose others were sent.
async fn proof(person: &mut Person) -> Vec<u8> {
    let challenge = person.challenged().await.expect("a challenge");
    let (proof, _) = person.proof(&challenge).expect("it is a challenge");
    let to = format!("To: <{}>\r\nAuthorization: {proof}\r\n", person.address);
    person.write("REGISTER", "sip:example.com", &to, "").octets
}

/// How often something in the server's own code panicked.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Other stories may fail beside this one; that is not the server's panic.
fn of_the_server(file: &str) -> bool {
    file.contains("/src/") && !file.contains("testkit")
}

fn count_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.location().is_some_and(|place| of_the_server(place.file())) {
            PANICS.fetch_add(1, Ordering::Relaxed);
        }
        before(panic);
    }));
}

#[tokio::test]
async fn noise_hurts_nobody() {
    count_panics();
    let (mut house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    for round in 0..1_200 {
        let mut alice = match round % 4 {
            0 => house.arrive("alice").await,
            _ => house.client("alice").await,
        };
        let mut octets = if round % 8 == 1 {
            proof(&mut alice).await
        } else {
            let mut all = requests(&mut alice, &lobby);
            let chosen = noise.below(all.len());
            all.swap_remove(chosen)
        };
        for _ in 0..=noise.below(3) {
            noise.spoil(&mut octets);
        }
        let _ = alice.raw(&octets).await;
        drop(alice);
        if round % 50 == 0 {
            assert!(works(&mut bob).await, "after {round} rounds");
        }
    }
    assert_eq!(bob.post(&lobby, "still here").await, Ok(200));
    house.stop().await;
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "the server panicked");
}

/// Elements as clients send them, one of each kind.
fn elements(person: &Person, lobby: &str) -> Vec<String> {
    let guid = lobby.rsplit_once('/').expect("an address").1;
    let room = format!("<chanid key=\"0\" domain=\"example.com\" value=\"{guid}\"/>");
    let command =
        |name: &str, data: &str| format!("<cmd id=\"cmd:{name}\" seqid=\"1\"><data>{data}</data></cmd>");
    vec![
        person.post_element(lobby, "noise &amp; <b>"),
        command("join", &room),
        command("bjoin", &format!("{room}{}", room.replace("key=\"0\"", "key=\"1\""))),
        command("bccontext", &format!("<chanib uri=\"{lobby}\"/><bcq><last cnt=\"25\"/></bcq>")),
        command("chansrch", "<qib qtype=\"BYNAME\" criteria=\"lob\" extended=\"false\"/>"),
        command("getinv", "<inv inviteId=\"1\" domain=\"example.com\"/>"),
        command("part", &format!("<chanib uri=\"{lobby}\"/>")),
        command("getserverinfo", "<sib domain=\"example.com\" infoType=\"123\"/>"),
    ]
}

/// The envelopes are spoilt and the requests around them are sound: each is answered, whatever it asks.
#[tokio::test]
async fn spoilt_documents_are_answered() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut noise = Noise(0xD1B5_4A32_D192_ED03);
    for round in 0..2_000 {
        let elements = elements(&alice, &lobby);
        let element = elements[noise.below(elements.len())].clone();
        let mut body = alice.envelope(&element).into_bytes();
        for _ in 0..=noise.below(3) {
            noise.spoil(&mut body);
        }
        // The test client writes text; octets that are none were sent by the other story.
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = alice.in_dialog("INFO", XCCOS, &body).await.expect("the link stays open");
        let status = answer.status().unwrap_or_default();
        assert!(matches!(status, 200 | 400 | 403 | 404 | 413), "round {round}: {status} for {body}");
    }
    assert!(works(&mut alice).await);
}
