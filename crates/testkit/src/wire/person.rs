//! A person at a client: signs on, finds the chat server, joins, posts, reads; everything over the real wire.
//! Checks the server's signature on every message it must sign; judges nothing else.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::message::{Bytes, Message, Reader};
use super::signing::{Signing, hello};
use super::written::Written;

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

/// The dialog of a person with the chat server, for misbehaviour to change.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// Call-ID.
    pub call_id: String,
    /// The tag of the client.
    pub local_tag: String,
    /// The tag of the server; empty before it is known.
    pub remote_tag: String,
    /// Who was invited.
    pub uri: String,
    /// Where requests go.
    pub target: String,
    /// The number of the last request.
    pub cseq: u32,
}

/// One signed-on (or not yet signed-on) endpoint.
pub struct Person {
    /// `sip:user@domain`.
    pub address: String,
    /// User and domain as the sign-on names them.
    pub login: (String, String),
    /// What it signs on with.
    pub password: String,
    pub(super) stream: Box<dyn Bytes>,
    pub(super) reader: Reader,
    /// The security association, once signed on.
    pub signing: Option<Signing>,
    /// Whether requests are signed; an attack may switch it off.
    pub signs: bool,
    pub(super) epid: String,
    unique: u64,
    cseq: u32,
    /// The dialog that commands go through.
    pub dialog: Option<Dialog>,
    /// Requests of the server, answered and not yet looked at.
    pub(super) inbox: VecDeque<Message>,
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
            Way::Tcp(to) => Box::new(connect(to).await?),
            Way::Tls(to, config, name) => {
                let name = ServerName::try_from(name.clone()).map_err(std::io::Error::other)?;
                let tcp = connect(to).await?;
                Box::new(TlsConnector::from(Arc::clone(config)).connect(name, tcp).await?)
            }
        };
        Ok(Self {
            address: address.to_owned(),
            login: (address.trim_start_matches("sip:").to_owned(), String::new()),
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
        let challenge = self.challenged().await?;
        if challenge.status() != Some(401) {
            return Ok(challenge);
        }
        let Some((authorization, signing)) = self.proof(&challenge) else { return Ok(challenge) };
        let last = self.register(Some(&authorization), "").await?;
        if last.status() == Some(200) {
            signing.check(&last);
            self.signing = Some(signing);
        }
        Ok(last)
    }

    /// The first two REGISTERs of a sign-on; returns the challenge, or why there is none.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn challenged(&mut self) -> Result<Message, Closed> {
        let first = self.register(None, "").await?;
        if first.status() != Some(401) {
            return Ok(first);
        }
        let hello = hello(first.header("WWW-Authenticate").unwrap_or_default());
        self.register(Some(&hello), "").await
    }

    /// The answer to a challenge, as the value of Authorization, and what signs from then on; `None` when it is no challenge.
    pub fn proof(&mut self, challenge: &Message) -> Option<(String, Signing)> {
        self.unique += 1;
        let value = challenge.header("WWW-Authenticate").unwrap_or_default();
        Signing::answer(value, &self.login, &self.password, self.unique)
    }

    /// One REGISTER with this value of Authorization or, signed on and without one, signed; returns its answer.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn register(&mut self, authorization: Option<&str>, headers: &str) -> Result<Message, Closed> {
        self.cseq += 1;
        let tag = self.fresh("t");
        let domain = self.domain().to_owned();
        let dialog = Dialog {
            call_id: format!("reg{}", self.epid),
            local_tag: tag.clone(),
            remote_tag: String::new(),
            uri: self.address.clone(),
            target: format!("sip:{domain}"),
            cseq: self.cseq,
        };
        let uuid = uuid::Uuid::from_u128(u128::from(self.unique >> 24));
        let authorization =
            authorization.map_or_else(String::new, |value| format!("Authorization: {value}\r\n"));
        let usual = [
            format!("Via: SIP/2.0/tcp 127.0.0.1:5;branch=z9hG4bK{tag}\r\n"),
            format!(
                "Contact: <sip:127.0.0.1:5;transport=tcp>;proxy=replace;+sip.instance=\"<urn:uuid:{uuid}>\"\r\n"
            ),
            "Supported: gruu-10, adhoclist, msrtc-event-categories\r\n".to_owned(),
            "Event: registration\r\nms-keep-alive: UAC;hop-hop=yes\r\n".to_owned(),
        ];
        let replaced = |line: &str| {
            let name = line.split(':').next().unwrap_or_default();
            headers.split("\r\n").any(|own| own.split(':').next() == Some(name))
        };
        let usual: String = usual.into_iter().filter(|line| !replaced(line)).collect();
        let headers = format!("{headers}{usual}{authorization}");
        let written = self.compose(&dialog, "REGISTER", dialog.cseq, &headers, "");
        self.exchange(&written).await
    }

    /// Looks the chat server up and opens the chat dialog with it.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// When an invitation is refused.
    pub async fn enter(&mut self) -> Result<(), Closed> {
        let refused = self.try_to_enter().await?;
        assert!(refused.is_none(), "the chat server answers: {refused:?}");
        Ok(())
    }

    /// As [`Person::enter`], for somebody who may be refused; returns the answer that said so.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// When the chat server has no name.
    pub async fn try_to_enter(&mut self) -> Result<Option<Message>, Closed> {
        let lookup = format!("sip:ocschat@{}", self.domain());
        let answer = self.invite(&lookup).await?;
        if answer.status() != Some(200) {
            return Ok(Some(answer));
        }
        let reply = self.command("<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>").await?;
        let uri =
            reply.split_once("<uib uri=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(uri, _)| uri);
        self.chat_uri = uri.expect("requri names the chat server").to_owned();
        self.bye().await?;
        let uri = self.chat_uri.clone();
        let answer = self.invite(&uri).await?;
        Ok((answer.status() != Some(200)).then_some(answer))
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
            call_id,
            local_tag: tag,
            remote_tag: String::new(),
            uri: uri.to_owned(),
            target: uri.to_owned(),
            cseq: 1,
        };
        let more = format!("Contact: <{};gruu>\r\nContent-Type: application/sdp\r\n", self.address);
        let written = self.compose(&dialog, "INVITE", 1, &more, sdp);
        let answer = self.exchange(&written).await?;
        if answer.status() == Some(200) {
            let mut dialog = dialog;
            dialog.remote_tag = answer.tag("To").to_owned();
            dialog.target = answer.uri("Contact").to_owned();
            let ack = self.compose(&dialog, "ACK", 1, "", "");
            self.start(&ack).await?;
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
        let written = self.write_in_dialog(method, headers, body);
        self.exchange(&written).await
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
        let written = self.write_in_dialog(method, headers, body);
        self.start(&written).await?;
        Ok((written.call_id().to_owned(), written.cseq().to_owned()))
    }

    /// Writes one request inside the present dialog, under its next number, and does not send it.
    ///
    /// # Panics
    /// Without a dialog.
    pub fn write_in_dialog(&mut self, method: &str, headers: &str, body: &str) -> Written {
        let mut dialog = self.dialog.take().expect("the person has a dialog");
        dialog.cseq += 1;
        let written = self.compose(&dialog, method, dialog.cseq, headers, body);
        self.dialog = Some(dialog);
        written
    }

    /// Sends raw bytes.
    ///
    /// # Errors
    /// [`Closed`] when the server has closed the link.
    pub async fn raw(&mut self, bytes: &[u8]) -> Result<(), Closed> {
        self.stream.write_all(bytes).await.map_err(|_| Closed)?;
        self.stream.flush().await.map_err(|_| Closed)
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
        let written = self.write(method, uri, headers, body);
        self.exchange(&written).await
    }

    /// Writes a request outside any dialog and does not send it.
    pub fn write(&mut self, method: &str, uri: &str, headers: &str, body: &str) -> Written {
        let dialog = Dialog {
            call_id: self.fresh("out"),
            local_tag: self.fresh("t"),
            remote_tag: String::new(),
            uri: uri.to_owned(),
            target: uri.to_owned(),
            cseq: 1,
        };
        self.compose(&dialog, method, 1, headers, body)
    }

    /// Sends a request and waits for its final answer; requests of the server are answered 200 and put in the inbox.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn exchange(&mut self, written: &Written) -> Result<Message, Closed> {
        self.start(written).await?;
        self.answer_to(written).await
    }

    /// Sends a request and does not wait.
    ///
    /// # Errors
    /// [`Closed`] when the server has closed the link.
    pub async fn start(&mut self, written: &Written) -> Result<(), Closed> {
        self.last_sent.clone_from(&written.octets);
        self.raw(&written.octets).await
    }

    /// Waits for the final answer to a request; requests of the server are answered 200 and put in the inbox.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn answer_to(&mut self, written: &Written) -> Result<Message, Closed> {
        loop {
            if let Some(answer) = self.receive().await?
                && written.is_answered_by(&answer)
            {
                return Ok(answer);
            }
        }
    }

    fn domain(&self) -> &str {
        self.address.split_once('@').map_or("", |(_, domain)| domain)
    }

    pub(super) fn fresh(&mut self, what: &str) -> String {
        self.unique += 1;
        format!("{what}{:x}", self.unique)
    }
}

async fn connect(to: &SocketAddr) -> std::io::Result<TcpStream> {
    let tcp = TcpStream::connect(to).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}
