//! The octets of a link, over TCP or over TLS, with one wait for both directions.
//! Understands nothing of what passes.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sip::Framer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use crate::outbound::Outbound;
use crate::trunk::strand::Strand;

/// Octets read at once.
const READ_OCTETS: usize = 32 * 1024;
/// How long what the peer still sends is read and thrown away, so that it gets our last words before the link is cut.
const LINGER: Duration = Duration::from_secs(1);
/// How much of it.
const LINGER_READS: usize = 32;

thread_local! {
    /// What is read goes to a framer before anything else runs on this thread, so one buffer serves all links.
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_OCTETS].into_boxed_slice());
}

/// One connection.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// One dialog of a trunk.
    Strand(Box<Strand>),
}

/// What came of reading.
#[derive(Debug)]
pub(crate) enum Read {
    /// So many octets were fed to the framer.
    Octets(usize),
    /// The peer closed its side.
    Closed,
    Broken(io::ErrorKind),
}

impl Stream {
    /// Ends our side (close_notify and FIN) and waits shortly for the peer to end its own.
    pub(crate) async fn end(mut self) {
        if matches!(self, Self::Strand(_)) {
            return;
        }
        let said = async {
            self.shutdown().await?;
            let mut rest = vec![0; 4 * 1024];
            for _ in 0..LINGER_READS {
                if self.read(&mut rest).await? == 0 {
                    break;
                }
            }
            io::Result::Ok(())
        };
        // Whether the peer hears of it or not, the link is over.
        if let Ok(Err(fault)) = timeout(LINGER, said).await {
            tracing::trace!(fault = %fault.kind(), "link.end");
        }
    }

    /// Reads some octets into `framer`.
    pub(crate) fn poll_read_into(&mut self, context: &mut Context<'_>, framer: &mut Framer) -> Poll<Read> {
        READ.with_borrow_mut(|octets| {
            let mut read = ReadBuf::new(octets);
            match Pin::new(self).poll_read(context, &mut read) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Err(fault)) => Poll::Ready(Read::Broken(fault.kind())),
                Poll::Ready(Ok(())) if read.filled().is_empty() => Poll::Ready(Read::Closed),
                Poll::Ready(Ok(())) => {
                    framer.feed(read.filled());
                    Poll::Ready(Read::Octets(read.filled().len()))
                }
            }
        })
    }

    /// Writes all that waits, offered in one piece, and flushes what TLS keeps back of it. Ready when nothing is left of it.
    pub(crate) fn poll_write_from(
        &mut self,
        context: &mut Context<'_>,
        out: &mut Outbound,
    ) -> Poll<Result<(), io::ErrorKind>> {
        while !out.is_flushed() {
            let done = if out.is_empty() {
                Pin::new(&mut *self).poll_flush(context).map_ok(|()| None)
            } else {
                Pin::new(&mut *self).poll_write(context, out.waiting()).map_ok(Some)
            };
            match ready!(done) {
                Ok(Some(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero)),
                Ok(written) => out.went(written),
                Err(fault) => return Poll::Ready(Err(fault.kind())),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_read(context, into),
            Self::Tls(tls) => Pin::new(tls).poll_read(context, into),
            Self::Strand(strand) => Pin::new(strand).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write(context, from),
            Self::Tls(tls) => Pin::new(tls).poll_write(context, from),
            Self::Strand(strand) => Pin::new(strand).poll_write(context, from),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_flush(context),
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
            Self::Strand(strand) => Pin::new(strand).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_shutdown(context),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(context),
            Self::Strand(strand) => Pin::new(strand).poll_shutdown(context),
        }
    }
}
