//! The server everything is compared with: it repeats recorded messages to its receivers and reads their answers, and neither
//! understands, keeps nor signs anything. What it costs is what kernel and TLS cost.
//! A process of its own, so that its time can be read like the real server's.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::limits::WINDOW_MAX;
use crate::listen::{DIGITS, MARK, Sample};
use crate::trouble::Trouble;

/// What the raw server does.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Connections it waits for, the author's included.
    pub connections: usize,
    /// Whether what waits goes out in one write per receiver, or each message in a write of its own.
    pub batched: bool,
    /// Whether it speaks TLS, with the suites of the real server.
    pub tls: bool,
    /// Tasks that share the receivers.
    pub shards: usize,
}

/// What a connection says first: that it will post.
pub(crate) const AUTHOR: u8 = b'A';
/// What a connection says first: that it will not.
pub(crate) const RECEIVER: u8 = b'R';

/// How every post ends.
const POST_END: &[u8] = b"</xccos>";
/// Octets read at once, as the real server.
const READ_OCTETS: usize = 32 * 1024;

thread_local! {
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_OCTETS].into_boxed_slice());
}

/// Serves one run: says `ready` with its address, waits for everybody, repeats until the author goes.
///
/// # Errors
/// [`Trouble`] when the sample has no number or a connection fails.
pub async fn serve(manner: Manner, sample: Sample) -> Result<(), Trouble> {
    let bad = || Trouble::Words("the raw server needs a sample with the number of a post".to_owned());
    let at = sample.shown.find(MARK).ok_or_else(bad)? + MARK.len();
    let shown = Arc::new(Shown { octets: sample.shown.into_bytes(), at, batched: manner.batched });
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let (acceptor, certificate) = if manner.tls { tls()? } else { (None, String::new()) };
    println!("ready address={} certificate={certificate}", listener.local_addr().map_err(failed)?);
    let (found, mut connections) = mpsc::channel(manner.connections.max(1));
    for _ in 0..manner.connections {
        let (tcp, _) = listener.accept().await.map_err(failed)?;
        tokio::spawn(admit(tcp, acceptor.clone(), found.clone()));
    }
    drop(found);
    let (mut shards, mut author) = (Vec::new(), None);
    shards.resize_with(manner.shards.max(1), Vec::new);
    let mut index = 0;
    while let Some(Connection { role, reader, writer }) = connections.recv().await {
        if role == AUTHOR {
            author = Some((reader, index % shards.len(), shards[index % shards.len()].len()));
        } else {
            tokio::spawn(drain(reader));
        }
        let count = shards.len();
        shards[index % count].push(writer);
        index += 1;
    }
    // Where nobody posts, the connections are held until this process is ended.
    let Some((reader, shard, place)) = author else { return std::future::pending().await };
    let mut posts = Vec::new();
    for (number, writers) in shards.into_iter().enumerate() {
        let (send, receive) = mpsc::channel(WINDOW_MAX);
        let author = (number == shard).then(|| (place, sample.answer.clone().into_bytes()));
        tokio::spawn(broadcast(shown.clone(), writers, author, receive));
        posts.push(send);
    }
    read_posts(reader, &posts).await;
    Ok(())
}

struct Shown {
    octets: Vec<u8>,
    /// Where the number stands.
    at: usize,
    batched: bool,
}

trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}
type Stream = Box<dyn Octets>;

struct Connection {
    role: u8,
    reader: ReadHalf<Stream>,
    writer: WriteHalf<Stream>,
}

async fn admit(tcp: TcpStream, acceptor: Option<TlsAcceptor>, found: mpsc::Sender<Connection>) {
    let connected = async {
        tcp.set_nodelay(true)?;
        let mut stream: Stream = match acceptor {
            Some(acceptor) => Box::new(acceptor.accept(tcp).await?),
            None => Box::new(tcp),
        };
        let role = stream.read_u8().await?;
        stream.write_u8(role).await?;
        stream.flush().await?;
        io::Result::Ok((role, stream))
    };
    // Whoever went again is missed by the generator, which says so.
    if let Ok((role, stream)) = connected.await {
        let (reader, writer) = split(stream);
        drop(found.send(Connection { role, reader, writer }).await);
    }
}

/// Reads answers and forgets them.
async fn drain(mut reader: ReadHalf<Stream>) {
    while read(&mut reader, |_| ()).await {}
}

/// Reads the posts of the author, and tells every shard of each.
async fn read_posts(mut reader: ReadHalf<Stream>, shards: &[mpsc::Sender<()>]) {
    let mut kept = Vec::new();
    while read(&mut reader, |octets| kept.extend_from_slice(octets)).await {
        let mut done = 0;
        while let Some(found) = memchr::memmem::find(&kept[done..], POST_END) {
            done += found + POST_END.len();
            for shard in shards {
                let _ = shard.send(()).await;
            }
        }
        kept.drain(..done);
    }
}

async fn read(reader: &mut ReadHalf<Stream>, mut take: impl FnMut(&[u8])) -> bool {
    poll_fn(|context| {
        READ.with_borrow_mut(|octets| {
            let mut buffer = ReadBuf::new(octets);
            let polled = Pin::new(&mut *reader).poll_read(context, &mut buffer);
            polled.map(|done| {
                take(buffer.filled());
                done.is_ok() && !buffer.filled().is_empty()
            })
        })
    })
    .await
}

/// Writes every post to every receiver.
async fn broadcast(
    shown: Arc<Shown>,
    mut writers: Vec<WriteHalf<Stream>>,
    author: Option<(usize, Vec<u8>)>,
    mut posts: mpsc::Receiver<()>,
) {
    let (mut number, mut out) = (0_u32, Vec::new());
    while posts.recv().await.is_some() {
        let mut waiting = 1;
        while shown.batched && posts.try_recv().is_ok() {
            waiting += 1;
        }
        out.clear();
        for _ in 0..waiting {
            out.extend_from_slice(&shown.octets[..shown.at]);
            out.extend_from_slice(format!("{number:0width$}", width = DIGITS).as_bytes());
            out.extend_from_slice(&shown.octets[shown.at + DIGITS..]);
            number += 1;
        }
        if let Some((place, answer)) = &author {
            let answers = answer.repeat(waiting);
            drop(write(&mut writers[*place], &answers).await);
        }
        for writer in &mut writers {
            // Whoever went is missed by the generator, which says so.
            drop(write(writer, &out).await);
        }
    }
}

async fn write(writer: &mut WriteHalf<Stream>, octets: &[u8]) -> io::Result<()> {
    writer.write_all(octets).await?;
    writer.flush().await
}

/// TLS as the real server speaks it, with a certificate for this run; and that certificate.
fn tls() -> Result<(Option<TlsAcceptor>, String), Trouble> {
    let failed = |fault: &dyn std::fmt::Display| Trouble::Tls(format!("the raw server: {fault}"));
    let names = vec!["127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(|fault| failed(&fault))?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(|fault| failed(&fault))?;
    let certificate = made.cert.der().clone();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.clone()], key);
    let config = config.map_err(|fault| failed(&fault))?;
    Ok((Some(TlsAcceptor::from(Arc::new(config))), STANDARD.encode(certificate)))
}

fn failed(fault: io::Error) -> Trouble {
    Trouble::Unreached { to: "the raw server's own address".to_owned(), fault }
}
