//! The octets of a trunk: frames read one by one, what waits written as it comes; each with the time it may take.
//! Understands no frame.

use std::io;
use std::time::Duration;

use sip::{Frame, Framed, Framer, Side};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsStream;

use crate::limits::TRUNK_BODY_OCTETS_MAX;
use crate::trunk::outlet::Outlet;

/// Octets read at once.
const READ_OCTETS: usize = 64 * 1024;

/// Why a trunk ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("the peer closed it")]
    Closed,
    #[error("the network: {0}")]
    Network(io::ErrorKind),
    #[error("nothing was heard for too long")]
    Silent,
    #[error("the peer takes nothing")]
    Stalled,
    #[error("the topology has no such front end any more")]
    Distrusted,
    #[error("what came is no SIP: {0}")]
    Framing(sip::Fault),
}

/// What a trunk is read by.
pub(crate) struct Reader {
    half: ReadHalf<TlsStream<TcpStream>>,
    framer: Framer,
    buffer: Vec<u8>,
    silence: Duration,
}

impl Reader {
    /// Reads what the peer sends; one that is silent for so long is gone.
    pub(crate) fn new(half: ReadHalf<TlsStream<TcpStream>>, silence: Duration) -> Self {
        // What a chat server shows in one message is bounded by itself, not by what a client may send.
        let limits = sip::Limits { body_octets_max: TRUNK_BODY_OCTETS_MAX, ..sip::Limits::default() };
        Self { half, framer: Framer::new(Side::Server, limits), buffer: vec![0; READ_OCTETS], silence }
    }

    /// The next message. Dropping the future loses nothing, but begins the time of silence anew.
    ///
    /// # Errors
    /// Why there is none any more.
    pub(crate) async fn next(&mut self) -> Result<Framed, Broken> {
        loop {
            match self.framer.next_frame() {
                Ok(Some(Frame::Message(framed))) => return Ok(framed),
                Ok(Some(Frame::Ping | Frame::Pong)) => continue,
                Ok(None) => (),
                Err(fault) => return Err(Broken::Framing(fault.fault)),
            }
            let read = timeout(self.silence, self.half.read(&mut self.buffer)).await;
            match read {
                Err(_) => return Err(Broken::Silent),
                Ok(Err(fault)) => return Err(Broken::Network(fault.kind())),
                Ok(Ok(0)) => return Err(Broken::Closed),
                Ok(Ok(octets)) => self.framer.feed(&self.buffer[..octets]),
            }
        }
    }
}

/// Writes what waits in the outlet until that is over, then ends our side.
///
/// # Errors
/// Why it cannot be written; `stall` is how long the peer may take nothing.
pub(crate) async fn write(
    mut half: WriteHalf<TlsStream<TcpStream>>,
    outlet: &Outlet,
    stall: Duration,
) -> Result<(), Broken> {
    let network = |fault: io::Error| Broken::Network(fault.kind());
    while let Some(octets) = outlet.take().await {
        let mut rest = octets.as_slice();
        while !rest.is_empty() {
            let written = timeout(stall, half.write(rest)).await.map_err(|_| Broken::Stalled)?;
            match written.map_err(network)? {
                0 => return Err(Broken::Closed),
                written => rest = &rest[written..],
            }
        }
        timeout(stall, half.flush()).await.map_err(|_| Broken::Stalled)?.map_err(network)?;
    }
    timeout(stall, half.shutdown()).await.map_err(|_| Broken::Stalled)?.map_err(network)
}
