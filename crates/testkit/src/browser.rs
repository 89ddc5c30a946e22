//! Somebody who speaks HTTPS: a browser that keeps its cookie and names its origin, or a program that sends what it likes.
//! Knows no route; every request has a connection of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use hyper::{HeaderMap, Method, Request};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// The name of the host.
pub const HOST_NAME: &str = "pool.example.com";
/// How long an answer may take; far longer than any takes.
const PATIENCE: Duration = Duration::from_secs(90);

/// One browser, or program.
#[derive(Clone, Debug)]
pub struct Browser {
    /// Where the server is.
    pub address: SocketAddr,
    /// What it trusts; without it plain HTTP is spoken.
    pub tls: Option<Arc<ClientConfig>>,
    /// What it calls the server.
    pub host: String,
    /// The page its requests come from.
    pub origin: Option<String>,
    /// The cookie it keeps: name and value.
    pub cookie: Option<String>,
    /// What it sends as `Authorization`.
    pub authorization: Option<String>,
}

/// Whatever octets go over.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// What came back.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// The two sides of TLS for [`HOST_NAME`], whose certificate was made for this test.
#[derive(Clone, Debug)]
pub struct Trust {
    /// For the server.
    pub server: Arc<ServerConfig>,
    /// For whoever trusts it.
    pub client: Arc<ClientConfig>,
}

impl Trust {
    /// A new certificate.
    ///
    /// # Panics
    /// When none can be made.
    #[must_use]
    pub fn make() -> Self {
        let names = [HOST_NAME, "localhost", "127.0.0.1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a root");
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(ring.clone())
            .with_safe_default_protocol_versions()
            .expect("usual versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let server = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .expect("usual versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("certificate and key belong together");
        Self { server: Arc::new(server), client: Arc::new(client) }
    }
}

impl Browser {
    /// A browser for a server there; without `tls` it speaks plain HTTP.
    #[must_use]
    pub fn new(address: SocketAddr, tls: Option<Arc<ClientConfig>>) -> Self {
        let (scheme, name) = if tls.is_some() { ("https", HOST_NAME) } else { ("http", "localhost") };
        let host = format!("{name}:{}", address.port());
        let origin = Some(format!("{scheme}://{host}"));
        Self { address, tls, host, origin, cookie: None, authorization: None }
    }

    /// GET.
    ///
    /// # Panics
    /// As [`Browser::send`].
    pub async fn get(&mut self, path: &str) -> Heard {
        self.ask(Method::GET, path, None).await
    }

    /// Any method, with JSON or nothing as its body.
    ///
    /// # Panics
    /// As [`Browser::send`].
    pub async fn ask(&mut self, method: Method, path: &str, body: Option<&Value>) -> Heard {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("a value"));
            *request.body_mut() = Full::from(body.to_string());
        }
        self.send(request).await
    }

    /// Signs on by password.
    ///
    /// # Panics
    /// As [`Browser::send`].
    pub async fn sign_on(&mut self, who: &str, password: &str) -> Heard {
        let body = serde_json::json!({ "address": format!("sip:{who}@example.com"), "password": password });
        self.ask(Method::POST, "/api/v1/session", Some(&body)).await
    }

    /// A request as this browser would send it, for a test to change.
    ///
    /// # Panics
    /// When the path is none.
    #[must_use]
    pub fn request(&self, method: Method, path: &str) -> Request<Full<Bytes>> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.host);
        let fields = [
            (ORIGIN.as_str(), &self.origin),
            (COOKIE.as_str(), &self.cookie),
            ("authorization", &self.authorization),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        request.body(Full::default()).expect("a request")
    }

    /// Sends a request, and keeps the cookie that comes back.
    ///
    /// # Panics
    /// When no whole answer comes.
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Heard {
        let heard = timeout(PATIENCE, async {
            exchange(self.connect().await.expect("the server accepts"), request).await
        });
        let heard = heard.await.expect("an answer comes").expect("a whole answer comes");
        if let Some(cookie) = heard.headers.get(SET_COOKIE) {
            let pair = cookie.to_str().expect("a cookie is ASCII").split(';').next().unwrap_or_default();
            self.cookie =
                pair.split_once('=').filter(|(_, value)| !value.is_empty()).map(|_| pair.to_owned());
        }
        heard
    }

    /// Sends these octets and reads until the server closes.
    ///
    /// # Panics
    /// When the connection is refused or stays open.
    pub async fn raw(&self, octets: &[u8]) -> String {
        let mut heard = Vec::new();
        let talked = async {
            let mut wire = self.connect().await.expect("the server accepts");
            // The server may close before it has read everything, or without a farewell of TLS.
            let _ = wire.write_all(octets).await;
            let _ = wire.read_to_end(&mut heard).await;
        };
        timeout(PATIENCE, talked).await.expect("the server closes");
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// A connection, with TLS in it if that is spoken.
    ///
    /// # Errors
    /// When it is refused, or closed before TLS is spoken.
    ///
    /// # Panics
    /// Never: the name is one.
    pub async fn connect(&self) -> io::Result<Box<dyn Wire>> {
        let tcp = TcpStream::connect(self.address).await?;
        let Some(tls) = &self.tls else { return Ok(Box::new(tcp)) };
        let name = ServerName::try_from(HOST_NAME).expect("a name");
        Ok(Box::new(TlsConnector::from(tls.clone()).connect(name, tcp).await?))
    }
}

impl Heard {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {} {text}", self.status))
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header field; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The status, and the code of the refusal if it is one.
    #[must_use]
    pub fn code(&self) -> (u16, String) {
        let code = if self.header("content-type") == "application/problem+json" {
            self.json()["code"].as_str().unwrap_or_default().to_owned()
        } else {
            String::new()
        };
        (self.status, code)
    }
}

async fn exchange(wire: Box<dyn Wire>, request: Request<Full<Bytes>>) -> hyper::Result<Heard> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(wire)).await?;
    let talking = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.into_body().collect().await?.to_bytes();
    drop(sender);
    // The server may close without a farewell of TLS once everything is said.
    drop(talking.await);
    Ok(Heard { status, headers, body })
}
