//! Each codec of the hot path: what it is given, which is of the recorded session and made ready beforehand, and what it must give.
//! Counts nothing.

use std::rc::Rc;

use bytes::Bytes;
use chat::Domain;
use ntlm::{Association, SignVersion, Signable};
use sip::header::auth::AuthValue;
use sip::{
    Dialog, Fields, Frame, Framer, Hop, Info, InfoTemplate, Limits, Message, Name, Pieces, Side, Transport,
};
use xccos::{Ask, PostBlock, ServerItem};

use crate::session::{Said, Session};

/// What is counted: it says how many messages it did as they must be done.
pub type Work<'a> = Box<dyn FnOnce() -> usize + 'a>;

/// A codec.
pub struct Codec<'a> {
    /// Its name in tables and in the baseline.
    pub name: &'static str,
    /// How many messages it is given.
    pub messages: usize,
    /// Makes ready what it is given.
    pub ready: Box<dyn Fn() -> Work<'a> + 'a>,
}

const NTLM: &str = "NTLM";
const REALM: &str = "SIP Communications Service";
const TARGET: &str = "server.example.com";
const OPAQUE: &str = "839F277A";
const BRANCH: &str = "z9hG4bK3467ffc58265.1f";
const CSEQ: u32 = 1_204;

/// All codecs, in the order a post meets them: read from its author, printed, written to each receiver, answered by each.
pub fn codecs(session: &Session) -> Vec<Codec<'_>> {
    let posts = chosen(session, |said| said.by_client && is_post(said));
    let shown = chosen(session, |said| !said.by_client && is_post(said));
    let answers = chosen(session, |said| said.by_client && is_answer(said));
    vec![
        cut("info-cut", &posts),
        parsed("info-parsed", &posts),
        post_parsed(&posts),
        post_printed(&shown),
        signature_made(session, &shown),
        info_written(session, &shown),
        cut("answer-cut", &answers),
        parsed("answer-parsed", &answers),
        proof_read(&answers),
        signature_verified(session, &answers),
    ]
}

fn chosen(session: &Session, wanted: impl Fn(&Said) -> bool) -> Vec<&Said> {
    let chosen: Vec<&Said> = session.messages.iter().filter(|said| wanted(said)).collect();
    assert!(!chosen.is_empty(), "the recorded session has messages of each kind");
    chosen
}

fn is_post(said: &Said) -> bool {
    said.text().starts_with("INFO ") && said.text().contains("<grpchat id=")
}

fn is_answer(said: &Said) -> bool {
    said.text().starts_with("SIP/2.0 200 ") && said.text().contains(" INFO\r\n")
}

/// The codec that does `one` thing with each of these.
fn each<'a, T: 'a>(name: &'static str, given: Vec<T>, one: impl Fn(&T) -> bool + 'a) -> Codec<'a> {
    let messages = given.len();
    let both = Rc::new((given, one));
    let ready = move || -> Work<'a> {
        let both = both.clone();
        Box::new(move || both.0.iter().filter(|one| both.1(one)).count())
    };
    Codec { name, messages, ready: Box::new(ready) }
}

/// Octets of a link become frames, each read into an empty buffer as on a link that was quiet.
fn cut<'a>(name: &'static str, said: &[&'a Said]) -> Codec<'a> {
    let given: Rc<[&Said]> = said.into();
    let ready = move || -> Work<'a> {
        let given = given.clone();
        let mut framer = Framer::new(Side::Server, Limits::default());
        Box::new(move || {
            let mut whole = |said: &&&Said| {
                framer.feed(&said.octets);
                let frame = framer.next_frame();
                matches!(frame, Ok(Some(Frame::Message(octets))) if octets.len() == said.octets.len())
            };
            given.iter().filter(|said| whole(said)).count()
        })
    };
    Codec { name, messages: said.len(), ready: Box::new(ready) }
}

/// Frames become messages; each frame has octets of its own, as the framer gives them.
fn parsed<'a>(name: &'static str, said: &[&'a Said]) -> Codec<'a> {
    let given: Rc<[&Said]> = said.into();
    let ready = move || -> Work<'a> {
        let frames: Vec<Bytes> = given.iter().map(|said| Bytes::copy_from_slice(&said.octets)).collect();
        Box::new(move || frames.into_iter().filter_map(|frame| Message::parse(frame).ok()).count())
    };
    Codec { name, messages: said.len(), ready: Box::new(ready) }
}

/// The body of a client's INFO becomes a post.
fn post_parsed<'a>(posts: &[&'a Said]) -> Codec<'a> {
    let bodies = posts.iter().map(|said| said.message.fields().body());
    each("post-parsed", bodies.collect(), |body: &&[u8]| {
        let is_post = |ask: &Ask| matches!(ask, Ask::Post(Ok(_)));
        xccos::parse(body).is_ok_and(|envelope| matches!(&envelope.items[..], [item] if is_post(&item.ask)))
    })
}

/// A post becomes the body that is shown to everybody.
fn post_printed<'a>(shown: &[&'a Said]) -> Codec<'a> {
    let domain = Domain::parse("example.com").expect("it is a domain");
    each("post-printed", shown.iter().map(|said| post(said)).collect(), move |post| {
        xccos::notice::post(1_852_140_380, &domain, post).ends_with("</xccos>")
    })
}

/// What an INFO to one receiver says becomes its signature.
fn signature_made<'a>(session: &'a Session, shown: &[&'a Said]) -> Codec<'a> {
    let given = shown.iter().map(|said| {
        let proof = Proof::ours(said.message.fields());
        (template(session, said), proof, said.message.fields().cseq().number, session.shared(said))
    });
    let one = |(template, proof, cseq, shared): &(InfoTemplate, Proof, u32, &Association)| {
        shared.sign(&proof.signable(&template.pieces(*cseq)).text()) == proof.signature
    };
    each("signature-made", given.collect(), one)
}

/// A printed post becomes an INFO to one receiver, behind what waits for him already.
fn info_written<'a>(session: &'a Session, shown: &[&'a Said]) -> Codec<'a> {
    let given = shown.iter().map(|said| (template(session, said), Proof::ours(said.message.fields()), *said));
    let given: Rc<[(InfoTemplate, Proof, &Said)]> = given.collect();
    let octets: usize = shown.iter().map(|said| 2 * said.octets.len()).sum();
    let ready = move || -> Work<'a> {
        let given = given.clone();
        let mut out = Vec::with_capacity(octets);
        Box::new(move || {
            let mut written = |(template, proof, said): &&(InfoTemplate, Proof, &Said)| {
                let signature = proof.print();
                let body = said.message.fields().body();
                let authentication_info = Some(signature.as_str());
                template
                    .render_into(&Info { cseq: CSEQ, branch: BRANCH, authentication_info, body }, &mut out);
                out.ends_with(body)
            };
            given.iter().filter(|one| written(one)).count()
        })
    };
    Codec { name: "info-written", messages: shown.len(), ready: Box::new(ready) }
}

/// Of a client's answer the parts that its signature covers are found, and the signature.
fn proof_read<'a>(answers: &[&'a Said]) -> Codec<'a> {
    let given = answers.iter().map(|said| said.message.fields());
    each("proof-read", given.collect(), |fields: &&Fields| {
        let auth = fields.auth(Name::Authorization, NTLM).ok().flatten();
        let values = auth.map(|auth| auth.get_all(["response", "opaque", "crand", "cnum"]));
        let whole = values.is_some_and(|values| values.iter().all(Option::is_some));
        whole && fields.pieces(Some(200)).is_ok_and(|pieces| pieces.method == "INFO")
    })
}

/// The signature of a client's answer is verified.
fn signature_verified<'a>(session: &'a Session, answers: &[&'a Said]) -> Codec<'a> {
    let given = answers.iter().map(|said| {
        let fields = said.message.fields();
        let pieces = fields.pieces(Some(200)).expect("no message of the session asserts an identity");
        (pieces, Proof::theirs(fields), session.shared(said))
    });
    let one = |(pieces, proof, shared): &(Pieces<'_>, Proof, &Association)| {
        let signable = proof.signable(pieces);
        signable.is_plain() && shared.verify(&signable.text(), &proof.signature)
    };
    each("signature-verified", given.collect(), one)
}

/// What all INFO requests have in common of the dialog in which this one was shown.
fn template(session: &Session, shown: &Said) -> InfoTemplate {
    let fields = shown.message.fields();
    let opens = |said: &&Said| {
        let same = said.link == shown.link && said.message.fields().call_id() == fields.call_id();
        same && said.text().starts_with("INVITE ")
    };
    let invite = session.messages.iter().find(opens).map(|said| &said.message);
    let Some(Message::Request(invite)) = invite else { unreachable!("an INVITE opens each dialog") };
    let from = fields.from();
    let tag = from.tag().expect("each end of a dialog has a tag");
    let dialog = Dialog::open(invite, tag).expect("the server accepted it");
    InfoTemplate::new(&dialog, &Hop::new(Transport::Tls, "server.example.com:5061"), "text/plain")
}

fn post(shown: &Said) -> PostBlock<'static> {
    let envelope = xccos::parse_answer(shown.message.fields().body()).expect("the recorded bodies are XCCOS");
    let posts = envelope.items.into_iter().find_map(|item| match item {
        ServerItem::Post(post) => Some(post),
        ServerItem::Reply(_) | ServerItem::Notice(_) => None,
    });
    posts.expect("it was chosen because it holds a post")
}

/// What a signed message says of its signature.
struct Proof {
    signature: String,
    rand: String,
    num: String,
}

impl Proof {
    fn ours(fields: &Fields) -> Self {
        Self::read(fields, Name::AuthenticationInfo, ["rspauth", "srand", "snum"])
    }

    fn theirs(fields: &Fields) -> Self {
        Self::read(fields, Name::Authorization, ["response", "crand", "cnum"])
    }

    fn read(fields: &Fields, name: Name, parameters: [&str; 3]) -> Self {
        let auth = fields.auth(name, NTLM).ok().flatten().expect("every message of the session is signed");
        let [signature, rand, num] = auth
            .get_all(parameters)
            .map(|value| value.map(String::from).expect("a signature has all its parameters"));
        Self { signature, rand, num }
    }

    fn signable<'a>(&'a self, pieces: &'a Pieces<'a>) -> Signable<'a> {
        Signable {
            version: SignVersion::Four,
            rand: &self.rand,
            num: &self.num,
            realm: REALM,
            target_name: TARGET,
            call_id: pieces.call_id,
            cseq: &pieces.cseq,
            method: pieces.method,
            from_uri: pieces.from_uri,
            from_tag: pieces.from_tag,
            to_uri: pieces.to_uri,
            to_tag: pieces.to_tag,
            asserted_sip: pieces.asserted_sip,
            asserted_tel: pieces.asserted_tel,
            expires: pieces.expires,
            code: pieces.code,
        }
    }

    fn print(&self) -> String {
        AuthValue::new(NTLM)
            .quoted("rspauth", &self.signature)
            .quoted("srand", &self.rand)
            .quoted("snum", &self.num)
            .quoted("opaque", OPAQUE)
            .quoted("qop", "auth")
            .quoted("targetname", TARGET)
            .quoted("realm", REALM)
            .into_string()
    }
}
