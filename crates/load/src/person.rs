//! A person at a client: signs on, finds the chat server, joins rooms, asks; as the clients of this family say it.
//! What it is shown meanwhile is answered and forgotten; measuring what is shown is `listen.rs`.

use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use ntlm::NtHash;
use tokio::time::timeout;

use crate::documents;
use crate::limits::{MESSAGE_OCTETS_MAX, REPLIES_MAX};
use crate::link::{Link, Way};
use crate::listen::Run;
use crate::receipt::take;
use crate::signing::{Signed, Signing, hello};
use crate::trouble::Trouble;
use crate::wire::{self, Heard};

/// What all people of a run have in common.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// How the server is reached.
    pub way: Way,
    /// The hash of everybody's password.
    pub hash: Arc<NtHash>,
    /// How long anybody waits for an answer.
    pub patience: Duration,
    /// Makes the identifiers of this run unlike those of another on the same server.
    pub seed: u32,
}

/// One signed-on endpoint.
#[derive(Debug)]
pub struct Person {
    /// `sip:user@domain`.
    pub address: String,
    pub(crate) link: Link,
    pub(crate) signing: Option<Signing>,
    pub(crate) dialog: Dialog,
    patience: Duration,
    signed_on: bool,
    epid: String,
    unique: u64,
    /// Numbers given to requests outside the dialog, and to what must be unlike anything else.
    given: u32,
    envelope: u32,
    /// Changes of its presence, which count its versions.
    changes: u32,
    /// Bodies of replies to commands that nobody looked at yet.
    replies: VecDeque<String>,
}

/// What names a dialog.
#[derive(Clone, Default, Debug)]
pub(crate) struct Dialog {
    call_id: String,
    local_tag: String,
    remote_tag: String,
    /// Who is spoken to.
    uri: String,
    /// Where requests go.
    target: String,
    cseq: u32,
}

/// The end of an answer: its code, and lines of it that are needed.
#[derive(Clone, Debug)]
struct Answer {
    start: String,
    code: u16,
    to: String,
    contact: String,
    challenge: String,
}

impl Person {
    /// Connects and signs on.
    ///
    /// # Errors
    /// [`Trouble`] of the connection or the sign-on.
    pub async fn sign_on(crowd: &Crowd, index: usize, address: &str) -> Result<Self, Trouble> {
        let link = Link::open(&crowd.way, index).await?;
        let unique = u64::from(crowd.seed) << 32 | index as u64;
        let mut person = Self {
            address: address.to_owned(),
            link,
            signing: None,
            dialog: Dialog::default(),
            patience: crowd.patience,
            signed_on: false,
            epid: format!("{unique:016x}"),
            unique,
            given: 0,
            envelope: 0,
            changes: 0,
            replies: VecDeque::new(),
        };
        let offer = person.register(None).await?;
        let challenge = person.register(Some(&hello(&offer.challenge))).await?;
        let user = address.trim_start_matches("sip:");
        let proof = Signing::answer(&challenge.challenge, user, &crowd.hash, unique);
        let Some((proof, signing)) = proof else {
            return Err(person.refused("REGISTER", &challenge.start));
        };
        let last = person.register(Some(&proof)).await?;
        if last.code != 200 {
            return Err(person.refused("REGISTER", &last.start));
        }
        person.signing = Some(signing);
        person.signed_on = true;
        Ok(person)
    }

    /// A person at the raw server, who signs on nowhere but has as much to do for each answer.
    ///
    /// # Errors
    /// [`Trouble::Unreached`].
    pub async fn at_raw(crowd: &Crowd, index: usize) -> Result<Self, Trouble> {
        let link = Link::open(&crowd.way, index).await?;
        let unique = u64::from(crowd.seed) << 32 | index as u64;
        let tag = format!("t{unique:x}");
        Ok(Self {
            address: format!("sip:load{index}@example.com"),
            link,
            signing: Signing::with_nobody(&crowd.hash, unique),
            dialog: Dialog {
                call_id: format!("call{unique:x}"),
                local_tag: tag.clone(),
                remote_tag: tag,
                uri: "sip:GC-1-PersistentChatService-1@example.com".to_owned(),
                target: "sip:raw.example.com:5061".to_owned(),
                cseq: 1,
            },
            patience: crowd.patience,
            signed_on: false,
            epid: format!("{unique:016x}"),
            unique,
            given: 0,
            envelope: 0,
            changes: 0,
            replies: VecDeque::new(),
        })
    }

    /// The subscriptions of a sign-on: settings, contacts, own publications, presence of the contacts.
    ///
    /// # Errors
    /// [`Trouble`] when one is refused.
    pub async fn subscribe(&mut self) -> Result<(), Trouble> {
        for (event, accept) in documents::SUBSCRIPTIONS {
            let headers = format!(
                "Event: {event}\r\nAccept: {accept}\r\n\
                 Supported: com.microsoft.autoextend, ms-benotify, ms-piggyback-first-notify\r\nContact: <{}>\r\n",
                self.address
            );
            let dialog = self.outside(self.address.clone());
            let answer = self.exchange(&dialog, "SUBSCRIBE", &headers, "").await?;
            if answer.code != 200 {
                return Err(self.refused("SUBSCRIBE", &format!("{} ({event})", answer.start)));
            }
        }
        Ok(())
    }

    /// Looks the chat server up and opens the chat dialog with it.
    ///
    /// # Errors
    /// [`Trouble`] when a step is refused.
    pub async fn enter(&mut self) -> Result<(), Trouble> {
        let domain = self.address.split_once('@').map_or("", |(_, domain)| domain).to_owned();
        self.invite(format!("sip:ocschat@{domain}")).await?;
        let reply = self.ask("<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>").await?;
        let found =
            wire::between(reply.as_bytes(), b"<uib uri=\"", b"\"").and_then(|uri| str::from_utf8(uri).ok());
        let Some(chat) = found.map(str::to_owned) else { return Err(self.refused("cmd:requri", &reply)) };
        self.in_dialog("BYE", "", "").await?;
        self.invite(chat).await
    }

    /// One command of XCCOS; returns the body of its reply.
    ///
    /// # Errors
    /// [`Trouble`] when the INFO or the command is refused.
    pub async fn ask(&mut self, element: &str) -> Result<String, Trouble> {
        self.replies.clear();
        let body = self.envelope(element);
        let answer = self.in_dialog("INFO", "Content-Type: text/plain\r\n", &body).await?;
        if answer.code != 200 {
            return Err(self.refused("a command", &answer.start));
        }
        let mark = format!("envid=\"{}\"/>", self.envelope);
        loop {
            match self.replies.pop_front() {
                Some(reply) if !reply.contains(&mark) => (),
                Some(reply) if reply.contains("<resp code=\"200\"") => return Ok(reply),
                Some(reply) => return Err(self.refused("a command", &reply)),
                None => self.more("a reply was expected").await?,
            }
        }
    }

    /// The address of a room by its name.
    ///
    /// # Errors
    /// [`Trouble::Refused`] when there is none.
    pub async fn room(&mut self, name: &str) -> Result<String, Trouble> {
        let query = format!(
            "<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYNAME\" criteria=\"{name}\" extended=\"false\"/></data></cmd>"
        );
        let list = self.ask(&query).await?;
        let named = format!("name=\"{name}\"");
        let block = list.split("<chanib ").find(|block| block.contains(&named));
        let uri = block.and_then(|block| wire::between(block.as_bytes(), b"uri=\"ma-chan", b"\""));
        match uri.and_then(|uri| str::from_utf8(uri).ok()) {
            Some(uri) => Ok(format!("ma-chan{uri}")),
            None => Err(self.refused("the list of rooms", &format!("no room {name}"))),
        }
    }

    /// The numbers of the last posts of a room, as they come.
    ///
    /// # Errors
    /// [`Trouble`] when it is refused.
    pub async fn history(&mut self, room: &str, count: usize) -> Result<Vec<u32>, Trouble> {
        let element = format!(
            "<cmd id=\"cmd:bccontext\" seqid=\"1\"><data><chanib uri=\"{room}\"/><bcq><last cnt=\"{count}\"/></bcq></data></cmd>"
        );
        let reply = self.ask(&element).await?;
        Ok(reply.split("<msg ").skip(1).filter_map(|post| Run::number(post.as_bytes())).collect())
    }

    /// Joins rooms, all at once; returns the reply.
    ///
    /// # Errors
    /// [`Trouble`] when one of them is refused.
    pub async fn join(&mut self, rooms: &[String]) -> Result<String, Trouble> {
        let mut element = String::from("<cmd id=\"cmd:bjoin\" seqid=\"1\"><data>");
        for (key, room) in rooms.iter().enumerate() {
            let (domain, guid) = room.trim_start_matches("ma-chan://").split_once('/').unwrap_or_default();
            element.push_str(&format!("<chanid key=\"{key}\" domain=\"{domain}\" value=\"{guid}\"/>"));
        }
        element.push_str("</data></cmd>");
        let reply = self.ask(&element).await?;
        if reply.contains("<fib ") { Err(self.refused("cmd:bjoin", &reply)) } else { Ok(reply) }
    }

    /// Appends the INFO of a post to what waits to be sent.
    pub fn post(&mut self, room: &str, text: &str) {
        let element = format!(
            "<grpchat id=\"grpchat\" seqid=\"1\" chanUri=\"{room}\" author=\"{}\" ts=\"2026-11-24T10:15:00Z\">\
             <chat>{text}</chat></grpchat>",
            self.address
        );
        let body = self.envelope(&element);
        let dialog = self.next_in_dialog();
        self.write(&dialog, "INFO", "Content-Type: text/plain\r\n", &body);
    }

    /// Appends a request that changes nothing to what waits to be sent.
    pub(crate) fn update(&mut self) {
        let dialog = self.next_in_dialog();
        self.write(&dialog, "UPDATE", "", "");
    }

    /// Appends the one octet that says who somebody is at the raw server.
    pub(crate) fn say(&mut self, role: u8) {
        self.link.out.push(role);
    }

    /// Whether there is a real server at the other end.
    pub(crate) fn is_signed_on(&self) -> bool {
        self.signed_on
    }

    /// Appends a change of this endpoint's presence to what waits to be sent.
    pub(crate) fn change_presence(&mut self) {
        let body = documents::presence(&self.address, self.unique & 0xffff_ffff, self.changes);
        self.changes += 1;
        let dialog = self.outside(self.address.clone());
        let headers = format!(
            "Contact: <{}>\r\nContent-Type: application/msrtc-category-publish+xml\r\n",
            self.address
        );
        self.write(&dialog, "SERVICE", &headers, &body);
    }

    /// Gives back the memory of a person who will be idle.
    pub fn rest(&mut self) {
        self.link.rest();
        self.replies = VecDeque::new();
    }

    fn envelope(&mut self, element: &str) -> String {
        self.envelope += 1;
        let envid = self.envelope;
        format!("<xccos ver=\"1\" envid=\"{envid}\" xmlns=\"urn:parlano:xml:ns:xccos\">{element}</xccos>")
    }

    async fn register(&mut self, authorization: Option<&str>) -> Result<Answer, Trouble> {
        let domain = self.address.split_once('@').map_or("", |(_, domain)| domain).to_owned();
        let mut dialog = self.outside(self.address.clone());
        dialog.call_id = format!("reg{}", self.epid);
        dialog.target = format!("sip:{domain}");
        dialog.cseq = self.given;
        let authorization =
            authorization.map(|value| format!("Authorization: {value}\r\n")).unwrap_or_default();
        let headers = format!(
            "Contact: <sip:127.0.0.1:5;transport=tcp>;proxy=replace;+sip.instance=\"<urn:uuid:{}-0000-4000-8000-{}>\"\r\n\
             Supported: gruu-10, adhoclist, msrtc-event-categories\r\nEvent: registration\r\n\
             ms-keep-alive: UAC;hop-hop=yes\r\n{authorization}",
            &self.epid[..8],
            &self.epid[4..]
        );
        self.exchange(&dialog, "REGISTER", &headers, "").await
    }

    async fn invite(&mut self, uri: String) -> Result<(), Trouble> {
        let mut dialog = self.outside(uri);
        let headers = format!("Contact: <{};gruu>\r\nContent-Type: application/sdp\r\n", self.address);
        let answer = self.exchange(&dialog, "INVITE", &headers, documents::SDP).await?;
        if answer.code != 200 {
            return Err(self.refused("INVITE", &answer.start));
        }
        dialog.remote_tag = wire::tag(&answer.to).to_owned();
        dialog.target = wire::uri(&answer.contact).to_owned();
        self.write(&dialog, "ACK", "", "");
        self.send("an INVITE was acknowledged").await?;
        self.dialog = dialog;
        Ok(())
    }

    async fn in_dialog(
        &mut self,
        method: &'static str,
        headers: &str,
        body: &str,
    ) -> Result<Answer, Trouble> {
        let dialog = self.next_in_dialog();
        self.exchange(&dialog, method, headers, body).await
    }

    fn next_in_dialog(&mut self) -> Dialog {
        self.dialog.cseq += 1;
        self.dialog.clone()
    }

    /// A dialog that begins with a request to this URI.
    fn outside(&mut self, uri: String) -> Dialog {
        self.given += 1;
        let name = format!("{:x}.{}", self.unique, self.given);
        Dialog {
            call_id: format!("call{name}"),
            local_tag: format!("t{name}"),
            remote_tag: String::new(),
            target: uri.clone(),
            uri,
            cseq: 1,
        }
    }

    /// Sends a request and waits for its final answer.
    async fn exchange(
        &mut self,
        dialog: &Dialog,
        method: &'static str,
        headers: &str,
        body: &str,
    ) -> Result<Answer, Trouble> {
        self.write(dialog, method, headers, body);
        let cseq = format!("{} {method}", dialog.cseq);
        loop {
            self.send(method).await?;
            let mut found = None;
            self.take(|heard| {
                if heard.call_id == dialog.call_id && heard.cseq == cseq && heard.code() >= Some(200) {
                    found = Some(Answer::of(heard));
                }
            })?;
            if let Some(answer) = found {
                return Ok(answer);
            }
            self.read(method).await?;
        }
    }

    /// Appends a request to what waits to be sent, signed once there is a key.
    fn write(&mut self, dialog: &Dialog, method: &str, headers: &str, body: &str) {
        let Dialog { call_id, local_tag, remote_tag, uri, target, cseq } = dialog;
        let mark = if remote_tag.is_empty() { "" } else { ";tag=" };
        let (address, epid, unique) = (&self.address, &self.epid, self.unique);
        let via = format!("SIP/2.0/tcp 127.0.0.1:5;branch=z9hG4bK{unique:x}.{local_tag}.{cseq}{method}");
        let out = &mut self.link.out;
        let written = write!(
            out,
            "{method} {target} SIP/2.0\r\nVia: {via}\r\nFrom: <{address}>;tag={local_tag};epid={epid}\r\n\
             To: <{uri}>{mark}{remote_tag}\r\nMax-Forwards: 70\r\nCSeq: {cseq} {method}\r\nCall-ID: {call_id}\r\n{headers}"
        );
        written.expect("a vector takes all that is written");
        if let Some(signing) = &mut self.signing {
            let signed = Signed {
                call_id,
                cseq: &cseq.to_string(),
                method,
                from: (address, local_tag),
                to: (uri, remote_tag),
                expires: "",
                code: None,
            };
            signing.sign(&signed, out);
        }
        write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())
            .expect("a vector takes all that is written");
    }

    pub(crate) async fn send(&mut self, during: &'static str) -> Result<(), Trouble> {
        let sent = timeout(self.patience, self.link.flush()).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.closed(during)),
            Err(_) => Err(self.silence(during)),
        }
    }

    pub(crate) async fn read(&mut self, during: &'static str) -> Result<(), Trouble> {
        match timeout(self.patience, self.link.read()).await {
            Ok(Ok(1..)) => Ok(()),
            Ok(Ok(0) | Err(_)) => Err(self.closed(during)),
            Err(_) => Err(self.silence(during)),
        }
    }

    async fn more(&mut self, during: &'static str) -> Result<(), Trouble> {
        self.send(during).await?;
        self.take(|_| ())?;
        if self.replies.is_empty() {
            self.send(during).await?;
            self.read(during).await?;
            self.take(|_| ())?;
        }
        Ok(())
    }

    /// Looks at the messages that were read: requests are answered, replies kept, responses shown.
    fn take(&mut self, mut response: impl FnMut(&Heard<'_>)) -> Result<(), Trouble> {
        let replies = &mut self.replies;
        let taken = take(&mut self.link, self.signing.as_mut(), |heard, _| {
            if heard.code().is_some() {
                response(heard);
            } else if replies.len() < REPLIES_MAX && memchr::memmem::find(heard.body, b"<commandid").is_some()
            {
                replies.push_back(String::from_utf8_lossy(heard.body).into_owned());
            }
        });
        taken.map_err(|begin| self.not_sip(begin))
    }

    pub(crate) fn not_sip(&self, begin: String) -> Trouble {
        Trouble::NotSip { who: self.address.clone(), limit: MESSAGE_OCTETS_MAX, begin }
    }

    pub(crate) fn refused(&self, request: &'static str, answer: &str) -> Trouble {
        let answer = answer.chars().take(400).collect();
        Trouble::Refused { who: self.address.clone(), request, answer }
    }

    pub(crate) fn closed(&self, during: &'static str) -> Trouble {
        Trouble::Closed { who: self.address.clone(), during }
    }

    fn silence(&self, during: &'static str) -> Trouble {
        Trouble::Silence { who: self.address.clone(), seconds: self.patience.as_secs(), during }
    }
}

impl Answer {
    fn of(heard: &Heard<'_>) -> Self {
        Self {
            start: heard.start.to_owned(),
            code: heard.code().unwrap_or_default(),
            to: heard.to.to_owned(),
            contact: heard.contact.to_owned(),
            challenge: heard.challenge.to_owned(),
        }
    }
}
