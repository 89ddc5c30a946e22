//! SIP messages as the test client reads them: lines and a body.
//! Shares no code with the server's own reading, so that a fault there cannot hide itself here.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

/// Largest message a test reads.
const MESSAGE_BYTES_MAX: usize = 4 << 20;

/// Anything bytes go over: TCP or TLS.
pub trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Bytes for T {}

/// One message as received.
#[derive(Debug, Clone)]
pub struct Message {
    /// The first line.
    pub start: String,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Message {
    /// The status of a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method of a request.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        if self.status().is_some() { None } else { self.start.split(' ').next() }
    }

    /// The first value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All values of a header, one per line of it.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The tag of a From or To header, empty if none.
    #[must_use]
    pub fn tag(&self, name: &str) -> &str {
        let value = self.header(name).unwrap_or_default();
        let after = value.rsplit_once('>').map_or(value, |(_, rest)| rest);
        after.split(';').find_map(|part| part.trim().strip_prefix("tag=")).unwrap_or_default()
    }

    /// The URI of a From, To or Contact header.
    #[must_use]
    pub fn uri(&self, name: &str) -> &str {
        let value = self.header(name).unwrap_or_default();
        value.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(value, |(uri, _)| uri)
    }

    /// The number in front of the method in CSeq.
    #[must_use]
    pub fn cseq(&self) -> &str {
        self.header("CSeq").and_then(|value| value.split(' ').next()).unwrap_or_default()
    }

    /// The method named in CSeq.
    #[must_use]
    pub fn cseq_method(&self) -> &str {
        self.header("CSeq").and_then(|value| value.split(' ').nth(1)).unwrap_or_default()
    }
}

/// Reads messages off a stream; keep-alives are skipped.
#[derive(Debug, Default)]
pub struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// The next message, or `None` when the other side has closed.
    ///
    /// # Errors
    /// What the stream reports; `InvalidData` for what is no SIP message.
    pub async fn next(&mut self, stream: &mut dyn Bytes) -> io::Result<Option<Message>> {
        loop {
            let blank = self.buffer.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            self.buffer.drain(..blank);
            if let Some(message) = self.parsed()? {
                return Ok(Some(message));
            }
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(broken("the last message is cut short"))
                };
            }
            if self.buffer.len() > MESSAGE_BYTES_MAX {
                return Err(broken("a message larger than any test expects"));
            }
        }
    }

    /// This many octets, keep-alives included.
    ///
    /// # Errors
    /// What the stream reports; `UnexpectedEof` when the other side has closed.
    pub async fn octets(&mut self, stream: &mut dyn Bytes, count: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < count {
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.buffer.drain(..count).collect())
    }

    fn parsed(&mut self) -> io::Result<Option<Message>> {
        let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&self.buffer[..end]).map_err(|_| broken("headers are not UTF-8"))?;
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(|| broken("a header without a colon"))?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut message = Message { start, headers, body: String::new() };
        let length: usize = message.header("Content-Length").and_then(|v| v.parse().ok()).unwrap_or(0);
        let total = end + 4 + length;
        if self.buffer.len() < total {
            return Ok(None);
        }
        message.body = String::from_utf8(self.buffer[end + 4..total].to_vec())
            .map_err(|_| broken("a body not UTF-8"))?;
        self.buffer.drain(..total);
        Ok(Some(message))
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
