//! The door of browsers: one connection over HTTP, the sessions it asks under, and the routes that page through a room and search.
//! Reads just as much of HTTP as these answers need, and shares no code with the server's own.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::timeout;

use crate::limits::MESSAGE_OCTETS_MAX;
use crate::link::{Link, Way};
use crate::person::Crowd;
use crate::server::PASSWORD;
use crate::trouble::Trouble;

/// A connection to the door.
#[derive(Debug)]
pub struct Door {
    link: Link,
    /// Who is here, for what is said of trouble.
    who: String,
    host: String,
    /// `http` or `https`.
    scheme: &'static str,
    patience: Duration,
}

/// Somebody who signed on by password.
#[derive(Clone, Debug)]
pub struct Session {
    address: String,
    /// The cookie, name and value.
    cookie: String,
}

/// A page of a room.
#[derive(Debug, Deserialize)]
pub struct Page<'a> {
    /// Its posts, oldest first.
    #[serde(borrow)]
    pub messages: Vec<Message<'a>>,
    /// What to ask for what is before them.
    pub prev: Option<String>,
}

/// What a search found.
#[derive(Debug, Deserialize)]
pub struct Hits<'a> {
    /// The posts, newest first.
    #[serde(borrow)]
    pub messages: Vec<Message<'a>>,
    /// Whether there are, or may be, more.
    pub exceeded: bool,
}

/// A post, as far as it is looked at.
#[derive(Debug, Deserialize)]
pub struct Message<'a> {
    /// The GUID of its room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// Its text.
    #[serde(borrow)]
    pub text: Option<Cow<'a, str>>,
}

/// The head of an answer, and where its body lies in what was read.
struct Head {
    code: u16,
    /// The line with the code.
    start: String,
    cookie: Option<String>,
    body: Range<usize>,
}

/// What came is no answer whose length is told, or too much of one.
struct NotHttp;

impl Door {
    /// Connects; `index` chooses the loopback address it comes from, as with [`Link::open`].
    ///
    /// # Errors
    /// [`Trouble::Unreached`].
    pub async fn open(crowd: &Crowd, index: usize) -> Result<Self, Trouble> {
        let link = Link::open(&crowd.way, index).await?;
        let (host, scheme) = match &crowd.way {
            Way::Tcp(doors) => (doors.of(index).to_string(), "http"),
            Way::Tls(doors, _) => (doors.of(index).to_string(), "https"),
        };
        Ok(Self { link, who: "nobody yet".to_owned(), host, scheme, patience: crowd.patience })
    }

    /// Signs somebody on by password.
    ///
    /// # Errors
    /// [`Trouble::Refused`] when that is refused, [`Trouble`] when nothing comes.
    pub async fn sign_on(&mut self, address: &str) -> Result<Session, Trouble> {
        address.clone_into(&mut self.who);
        let body = format!("{{\"address\":\"{address}\",\"password\":\"{PASSWORD}\"}}");
        let (scheme, host) = (self.scheme, &self.host);
        let request = format!(
            "POST {ROOT}/session HTTP/1.1\r\nHost: {host}\r\nOrigin: {scheme}://{host}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let head = self.exchange(&request).await?;
        match head.cookie {
            Some(cookie) if head.code == 201 => Ok(Session { address: address.to_owned(), cookie }),
            _ => Err(self.refused("a sign-on by password", &head)),
        }
    }

    /// Asks for what is at this path below the root of the API; returns the body of the answer.
    ///
    /// # Errors
    /// [`Trouble::Refused`] when that is refused, [`Trouble`] when nothing comes.
    pub async fn get(&mut self, session: &Session, path: &str) -> Result<&[u8], Trouble> {
        session.address.clone_into(&mut self.who);
        let Session { cookie, .. } = session;
        let host = &self.host;
        let request = format!("GET {ROOT}{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        let head = self.exchange(&request).await?;
        if head.code != 200 {
            return Err(self.refused("a question over HTTP", &head));
        }
        Ok(&self.link.input[head.body])
    }

    /// Sends a request and waits for the whole answer.
    async fn exchange(&mut self, request: &str) -> Result<Head, Trouble> {
        self.link.out.extend_from_slice(request.as_bytes());
        let sent = timeout(self.patience, self.link.flush()).await.map_err(|_| self.silence())?;
        sent.map_err(|_| self.closed())?;
        loop {
            let rest = &self.link.input[self.link.seen..];
            match head(rest) {
                Err(NotHttp) => return Err(self.not_http()),
                Ok(Some(mut head)) => {
                    head.body = head.body.start + self.link.seen..head.body.end + self.link.seen;
                    self.link.seen = head.body.end;
                    return Ok(head);
                }
                Ok(None) => (),
            }
            match timeout(self.patience, self.link.read()).await {
                Ok(Ok(1..)) => (),
                Ok(Ok(0) | Err(_)) => return Err(self.closed()),
                Err(_) => return Err(self.silence()),
            }
        }
    }

    fn refused(&self, request: &'static str, head: &Head) -> Trouble {
        let body = String::from_utf8_lossy(&self.link.input[head.body.clone()]);
        let answer = format!("{} {body}", head.start).chars().take(400).collect();
        Trouble::Refused { who: self.who.clone(), request, answer }
    }

    fn not_http(&self) -> Trouble {
        let rest = &self.link.input[self.link.seen..];
        let begin = String::from_utf8_lossy(&rest[..rest.len().min(80)]).into_owned();
        Trouble::NotHttp { who: self.who.clone(), limit: MESSAGE_OCTETS_MAX, begin }
    }

    fn closed(&self) -> Trouble {
        Trouble::Closed { who: self.who.clone(), during: "an answer over HTTP was expected" }
    }

    fn silence(&self) -> Trouble {
        let (who, seconds) = (self.who.clone(), self.patience.as_secs());
        Trouble::Silence { who, seconds, during: "an answer over HTTP was expected" }
    }
}

/// What an answer holds.
///
/// # Errors
/// [`Trouble::Refused`] when it holds something else.
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Trouble> {
    serde_json::from_slice(body).map_err(|error| {
        let begin = String::from_utf8_lossy(&body[..body.len().min(80)]);
        let answer = format!("{begin}: {error}");
        Trouble::Refused { who: "a client".to_owned(), request: "a question over HTTP", answer }
    })
}

/// Where the API is.
const ROOT: &str = "/api/v1";

/// The head of the answer that begins here, if all of the answer is there.
fn head(input: &[u8]) -> Result<Option<Head>, NotHttp> {
    let Some(end) = memchr::memmem::find(input, b"\r\n\r\n") else {
        return if input.len() > MESSAGE_OCTETS_MAX { Err(NotHttp) } else { Ok(None) };
    };
    let mut lines = str::from_utf8(&input[..end]).map_err(|_| NotHttp)?.split("\r\n");
    let start = lines.next().unwrap_or_default();
    let code = start.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).ok_or(NotHttp)?;
    let (mut length, mut cookie) = (None, None);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(NotHttp)?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>().ok();
        } else if name.eq_ignore_ascii_case("set-cookie") {
            cookie = value.trim().split(';').next().map(str::to_owned);
        }
    }
    let length = length.filter(|length| *length <= MESSAGE_OCTETS_MAX).ok_or(NotHttp)?;
    let body = end + 4..end + 4 + length;
    Ok((input.len() >= body.end).then(|| Head { code, start: start.to_owned(), cookie, body }))
}
