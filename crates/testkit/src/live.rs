//! A live link as a browser or a program holds it: says commands, hears events, and may be cut off at any moment.
//! Knows no rule; what an event means, the test knows.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::browser::{Browser, Wire};

/// How long an event may take; far longer than any takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// One live link.
pub struct LiveLink {
    socket: WebSocketStream<Box<dyn Wire>>,
}

impl Browser {
    /// Opens the live link with the cookie, origin and authorization of this browser.
    ///
    /// # Errors
    /// The status it was refused with.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn live(&self) -> Result<LiveLink, u16> {
        let scheme = if self.tls.is_some() { "wss" } else { "ws" };
        let address = format!("{scheme}://{}/api/v1/live", self.host);
        let mut request = address.into_client_request().expect("an address");
        let fields =
            [("origin", &self.origin), ("cookie", &self.cookie), ("authorization", &self.authorization)];
        for (name, value) in fields {
            if let Some(value) = value {
                let value = HeaderValue::from_str(value).expect("a value");
                request.headers_mut().insert(name, value);
            }
        }
        let wire = self.connect().await.expect("the server accepts");
        match timeout(PATIENCE, client_async(request, wire)).await.expect("an answer comes") {
            Ok((socket, _)) => Ok(LiveLink { socket }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("no whole answer comes: {other}"),
        }
    }
}

impl LiveLink {
    /// Says a command.
    ///
    /// # Panics
    /// When the link is over.
    pub async fn say(&mut self, command: &Value) {
        self.say_text(&command.to_string()).await;
    }

    /// Says this text.
    ///
    /// # Panics
    /// When the link is over.
    pub async fn say_text(&mut self, text: &str) {
        self.socket.send(Message::text(text.to_owned())).await.expect("the link is open");
    }

    /// Says octets that are no text.
    ///
    /// # Panics
    /// When the link is over.
    pub async fn say_octets(&mut self, octets: &[u8]) {
        self.socket.send(Message::binary(octets.to_vec())).await.expect("the link is open");
    }

    /// Says one whole frame of this kind (RFC 6455, 5.2), right or not.
    ///
    /// # Panics
    /// When the link is over.
    pub async fn say_frame(&mut self, kind: u8, octets: &[u8]) {
        let frame = Frame::message(octets.to_vec(), OpCode::from(kind), true);
        self.socket.send(Message::Frame(frame)).await.expect("the link is open");
    }

    /// The next event.
    ///
    /// # Panics
    /// When none comes.
    pub async fn hear(&mut self) -> Value {
        self.next().await.unwrap_or_else(|code| panic!("the link was closed with {code}"))
    }

    /// The next event of this kind; what comes before it is passed over.
    ///
    /// # Panics
    /// When none comes.
    pub async fn hear_until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.hear().await;
            if event["event"] == kind {
                return event;
            }
        }
    }

    /// The code with which the server closes; events before that are passed over.
    ///
    /// # Panics
    /// When it stays open.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let heard = timeout(PATIENCE, self.socket.next()).await.expect("something is heard");
            match heard {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => (),
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }
}

impl std::fmt::Debug for LiveLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveLink").finish_non_exhaustive()
    }
}
