//! A person at a client: signs on, finds the chat server, joins, posts, reads; everything over the real wire.
//! Checks the server's signature on every message it must sign; judges nothing else.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::message::{Bytes, Message, Reader};
use super::signing::{Challenged, Signing};

/// How long the test client waits for anything; far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a client reaches the server.
#[derive(Debug, Clone)]
pub enum Way {
    /// Plain TCP.
    Tcp(SocketAddr),
    /// TLS, trusting this configuration's roots, asking for this name.
    Tls(SocketAddr, Arc<rustls::ClientConfig>, String),
}

/// Why there is no further message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed;

/// The chat dialog of a person.
#[derive(Debug, Clone)]
struct Dialog {
    call_id: String,
    local_tag: String,
    remote_tag: String,
    uri: String,
    target: String,
    cseq: u32,
}

/// One signed-on (or not yet signed-on) endpoint.
pub struct Person {
    /// `sip:user@domain`.
    pub address: String,
    password: String,
    stream: Box<dyn Bytes>,
    reader: Reader,
    signing: Option<Signing>,
    /// Whether requests are signed; an attack may switch it off.
    pub signs: bool,
    epid: String,
    unique: u64,
    cseq: u32,
    dialog: Option<Dialog>,
    /// Requests of the server, answered and not yet looked at.
    inbox: VecDeque<Message>,
    /// The bytes of the last request sent, for replays.
    pub last_sent: Vec<u8>,
    pub(super) envelope: u32,
    /// The address of the chat server, once looked up.
    pub chat_uri: String,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Person {
    /// Connects; nothing is sent yet. `unique` keeps this client's identifiers apart from others'.
    ///
    /// # Errors
    /// What the network says.
    pub async fn connect(way: &Way, address: &str, password: &str, unique: u64) -> std::io::Result<Self> {
        let stream: Box<dyn Bytes> = match way {
            Way::Tcp(to) => Box::new(TcpStream::connect(to).await?),
            Way::Tls(to, config, name) => {
                let name = ServerName::try_from(name.clone()).map_err(std::io::Error::other)?;
                let tcp = TcpStream::connect(to).await?;
                Box::new(TlsConnector::from(Arc::clone(config)).connect(name, tcp).await?)
            }
        };
        Ok(Self {
            address: address.to_owned(),
            password: password.to_owned(),
            stream,
            reader: Reader::default(),
            signing: None,
            signs: true,
            epid: format!("{unique:012x}"),
            unique: unique << 24,
            cseq: 0,
            dialog: None,
            inbox: VecDeque::new(),
            last_sent: Vec::new(),
            envelope: 0,
            chat_uri: String::new(),
        })
    }

    /// Connects, signs on and opens the chat dialog: what a client does before its first command.
    ///
    /// # Panics
    /// When any step is refused.
    pub async fn arrive(way: &Way, address: &str, password: &str, unique: u64) -> Self {
        let mut person =
            Self::connect(way, address, password, unique).await.expect("the server accepts connections");
        let answer = person.sign_on().await.expect("the link stays open");
        assert_eq!(answer.status(), Some(200), "sign-on of {address}: {answer:?}");
        person.enter().await.expect("the chat dialog opens");
        person
    }

    /// The three REGISTERs of a sign-on; returns the final answer.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn sign_on(&mut self) -> Result<Message, Closed> {
        self.signing = None;
        let call_id = self.fresh("reg");
        let uri = format!("sip:{}", self.domain());
        let first = self.register(&uri, &call_id, None).await?;
        if first.status() != Some(401) {
            return Ok(first);
        }
        let offer = first.header("WWW-Authenticate").unwrap_or_default().to_owned();
        let hello = Challenged::hello(&offer);
        let second = self.register(&uri, &call_id, Some(&hello)).await?;
        if second.status() != Some(401) {
            return Ok(second);
        }
        let challenge = second.header("WWW-Authenticate").unwrap_or_default().to_owned();
        let user = self.address.trim_start_matches("sip:").to_owned();
        let challenged = Challenged::read(&challenge, &user, &self.password, self.unique);
        let Some((authorization, signing)) = challenged else { return Ok(second) };
        let last = self.register(&uri, &call_id, Some(&authorization)).await?;
        if last.status() == Some(200) {
            signing.check(&last);
            self.signing = Some(signing);
        }
        Ok(last)
    }

    async fn register(&mut self, uri: &str, call_id: &str, auth: Option<&str>) -> Result<Message, Closed> {
        self.cseq += 1;
        let tag = self.fresh("t");
        let mut text = format!(
            "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/tcp 127.0.0.1:5;branch=z9hG4bK{tag}\r\n\
             From: <{address}>;tag={tag};epid={epid}\r\nTo: <{address}>\r\nMax-Forwards: 70\r\nCSeq: {cseq} REGISTER\r\n\
             User-Agent: testkit\r\nCall-ID: {call_id}\r\nContact: <sip:127.0.0.1:5;transport=tcp>;proxy=replace;\
             +sip.instance=\"<urn:uuid:{uuid}>\"\r\nSupported: gruu-10, adhoclist, msrtc-event-categories\r\n\
             Event: registration\r\nms-keep-alive: UAC;hop-hop=yes\r\n",
            address = self.address,
            epid = self.epid,
            cseq = self.cseq,
            uuid = uuid::Uuid::from_u128(u128::from(self.unique >> 24)),
        );
        if let Some(auth) = auth {
            text.push_str(&format!("Authorization: {auth}\r\n"));
        }
        text.push_str("Content-Length: 0\r\n\r\n");
        self.send(text.into_bytes()).await?;
        self.answer(call_id, &self.cseq.to_string(), "REGISTER").await
    }

    /// Looks the chat server up and opens the chat dialog with it.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// When an invitation is refused.
    pub async fn enter(&mut self) -> Result<(), Closed> {
        let lookup = format!("sip:ocschat@{}", self.domain());
        let answer = self.invite(&lookup).await?;
        assert_eq!(answer.status(), Some(200), "the lookup address answers: {answer:?}");
        let reply = self.command("<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>").await?;
        let uri =
            reply.split_once("<uib uri=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(uri, _)| uri);
        self.chat_uri = uri.expect("requri names the chat server").to_owned();
        self.bye().await?;
        let uri = self.chat_uri.clone();
        let answer = self.invite(&uri).await?;
        assert_eq!(answer.status(), Some(200), "the chat server answers: {answer:?}");
        Ok(())
    }

    /// INVITE and, when it is answered 200, ACK; the dialog then is the one commands go through.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn invite(&mut self, uri: &str) -> Result<Message, Closed> {
        let (call_id, tag) = (self.fresh("call"), self.fresh("t"));
        let sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=message 5060 sip null\r\na=accept-types:text/plain\r\n";
        let dialog = Dialog {
            call_id: call_id.clone(),
            local_tag: tag,
            remote_tag: String::new(),
            uri: uri.to_owned(),
            target: uri.to_owned(),
            cseq: 1,
        };
        let more = format!("Contact: <{};gruu>\r\nContent-Type: application/sdp\r\n", self.address);
        self.send_in(&dialog, "INVITE", 1, &more, sdp).await?;
        let answer = self.answer(&call_id, "1", "INVITE").await?;
        if answer.status() == Some(200) {
            let mut dialog = dialog;
            dialog.remote_tag = answer.tag("To").to_owned();
            dialog.target = answer.uri("Contact").to_owned();
            self.send_in(&dialog, "ACK", 1, "", "").await?;
            self.dialog = Some(dialog);
        }
        Ok(answer)
    }

    /// Ends the present dialog.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn bye(&mut self) -> Result<Message, Closed> {
        self.in_dialog("BYE", "", "").await
    }

    /// One request inside the present dialog; returns its final answer.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// Without a dialog.
    pub async fn in_dialog(&mut self, method: &str, headers: &str, body: &str) -> Result<Message, Closed> {
        let (call_id, cseq) = self.start_in_dialog(method, headers, body).await?;
        self.answer(&call_id, &cseq, method).await
    }

    /// Sends one request inside the present dialog and does not wait; returns its Call-ID and CSeq number.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// Without a dialog.
    pub async fn start_in_dialog(
        &mut self,
        method: &str,
        headers: &str,
        body: &str,
    ) -> Result<(String, String), Closed> {
        let mut dialog = self.dialog.take().expect("the person has a dialog");
        dialog.cseq += 1;
        let sent = self.send_in(&dialog, method, dialog.cseq, headers, body).await;
        let named = (dialog.call_id.clone(), dialog.cseq.to_string());
        self.dialog = Some(dialog);
        sent.map(|()| named)
    }

    /// The body of the next INFO that satisfies the test; others stay in the inbox, in order.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn next_where(&mut self, wanted: impl Fn(&str) -> bool) -> Result<String, Closed> {
        if let Some(at) = self.inbox.iter().position(|message| wanted(&message.body)) {
            return Ok(self.inbox.remove(at).map(|message| message.body).unwrap_or_default());
        }
        loop {
            let before = self.inbox.len();
            self.receive().await.map(drop)?;
            while self.inbox.len() == before {
                self.receive().await.map(drop)?;
            }
            if wanted(&self.inbox[before].body) {
                return Ok(self.inbox.remove(before).map(|message| message.body).unwrap_or_default());
            }
        }
    }

    /// The body of the next request of the server, whatever it is.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn next(&mut self) -> Result<String, Closed> {
        self.next_where(|_| true).await
    }

    /// Everything the server has sent unasked so far, without waiting for more than one round trip.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn settled(&mut self) -> Result<Vec<String>, Closed> {
        self.in_dialog("UPDATE", "", "").await?;
        Ok(self.inbox.drain(..).map(|message| message.body).collect())
    }

    /// Sends raw bytes.
    ///
    /// # Errors
    /// [`Closed`] when the server has closed the link.
    pub async fn raw(&mut self, bytes: &[u8]) -> Result<(), Closed> {
        self.stream.write_all(bytes).await.map_err(|_| Closed)?;
        self.stream.flush().await.map_err(|_| Closed)
    }

    /// The next message, whatever it is, unanswered.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// When nothing comes for a long time.
    pub async fn any(&mut self) -> Result<Message, Closed> {
        match timeout(PATIENCE, self.reader.next(&mut *self.stream)).await {
            Ok(Ok(Some(message))) => Ok(message),
            Ok(Ok(None) | Err(_)) => Err(Closed),
            Err(_) => panic!("{} waited in vain for a message", self.address),
        }
    }

    /// The next message; a request of the server is answered 200 first.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn any_answered(&mut self) -> Result<Message, Closed> {
        if let Some(message) = self.inbox.pop_front() {
            return Ok(message);
        }
        match self.receive().await? {
            Some(response) => Ok(response),
            None => Ok(self.inbox.pop_back().expect("a request was just put there")),
        }
    }

    /// A request outside any dialog; returns its final answer.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn outside(
        &mut self,
        method: &str,
        uri: &str,
        headers: &str,
        body: &str,
    ) -> Result<Message, Closed> {
        let (call_id, tag) = (self.fresh("out"), self.fresh("t"));
        let dialog = Dialog {
            call_id: call_id.clone(),
            local_tag: tag,
            remote_tag: String::new(),
            uri: uri.to_owned(),
            target: uri.to_owned(),
            cseq: 1,
        };
        self.send_in(&dialog, method, 1, headers, body).await?;
        self.answer(&call_id, "1", method).await
    }

    async fn send_in(
        &mut self,
        dialog: &Dialog,
        method: &str,
        cseq: u32,
        headers: &str,
        body: &str,
    ) -> Result<(), Closed> {
        let to_tag =
            if dialog.remote_tag.is_empty() { String::new() } else { format!(";tag={}", dialog.remote_tag) };
        let from = headers.lines().find(|line| line.starts_with("From:")).map_or_else(
            || format!("From: <{}>;tag={};epid={}", self.address, dialog.local_tag, self.epid),
            str::to_owned,
        );
        let headers: String =
            headers.split_inclusive("\r\n").filter(|line| !line.starts_with("From:")).collect();
        let mut text = format!(
            "{method} {} SIP/2.0\r\nVia: SIP/2.0/tcp 127.0.0.1:5\r\n{from}\r\nTo: <{}>{to_tag}\r\nMax-Forwards: 70\r\n\
             CSeq: {cseq} {method}\r\nUser-Agent: testkit\r\nCall-ID: {}\r\n{headers}Content-Length: {}\r\n",
            dialog.target,
            dialog.uri,
            dialog.call_id,
            body.len()
        );
        if let (true, Some(signing)) = (self.signs, self.signing.as_mut()) {
            text.push_str(&signing.authorization(&text));
        }
        text.push_str("\r\n");
        text.push_str(body);
        self.send(text.into_bytes()).await
    }

    async fn send(&mut self, bytes: Vec<u8>) -> Result<(), Closed> {
        let sent = self.raw(&bytes).await;
        self.last_sent = bytes;
        sent
    }

    /// Waits for the final answer to a request; requests of the server are answered 200 and put in the inbox.
    async fn answer(&mut self, call_id: &str, cseq: &str, method: &str) -> Result<Message, Closed> {
        loop {
            if let Some(answer) = self.receive().await? {
                let mine = answer.header("Call-ID") == Some(call_id) && answer.cseq() == cseq;
                if mine && answer.cseq_method() == method && answer.status() >= Some(200) {
                    return Ok(answer);
                }
            }
        }
    }

    /// One message: a response is returned, a request is answered and put in the inbox.
    async fn receive(&mut self) -> Result<Option<Message>, Closed> {
        let message = self.any().await?;
        if let Some(signing) = &self.signing {
            signing.check(&message);
        }
        if message.status().is_some() {
            return Ok(Some(message));
        }
        let mut text = String::from("SIP/2.0 200 OK\r\n");
        for (name, value) in &message.headers {
            if ["via", "from", "to", "call-id", "cseq"].contains(&name.to_ascii_lowercase().as_str()) {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        text.push_str("Content-Length: 0\r\n");
        if let (true, Some(signing)) = (self.signs, self.signing.as_mut()) {
            text.push_str(&signing.authorization(&text));
        }
        text.push_str("\r\n");
        self.raw(text.as_bytes()).await?;
        self.inbox.push_back(message);
        Ok(None)
    }

    fn domain(&self) -> &str {
        self.address.split_once('@').map_or("", |(_, domain)| domain)
    }

    fn fresh(&mut self, what: &str) -> String {
        self.unique += 1;
        format!("{what}{:x}", self.unique)
    }
}
