//! One connection of a person: octets in and out, over TCP or TLS, from a loopback address of the generator's choice.
//! Understands nothing of what passes.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::limits::{LINKS_PER_SOURCE, READ_OCTETS};
use crate::trouble::Trouble;

/// Where the servers of a pool are, one at least: links are shared out among them by their numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doors(Arc<[SocketAddr]>);

/// How a server is reached.
#[derive(Clone, Debug)]
pub enum Way {
    /// Plain TCP.
    Tcp(Doors),
    /// TLS, trusting the roots of this configuration.
    Tls(Doors, Arc<ClientConfig>),
}

/// An open connection with what was read and not yet looked at, and what waits to be sent.
#[derive(Debug)]
pub struct Link {
    stream: Stream,
    /// Octets that were read.
    pub input: Vec<u8>,
    /// How many of them were looked at.
    pub seen: usize,
    /// Octets that wait to be sent.
    pub out: Vec<u8>,
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Way {
    /// What is written in Via, and in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Tcp(_) => "tcp",
            Self::Tls(..) => "tls",
        }
    }

    fn address(&self, index: usize) -> SocketAddr {
        match self {
            Self::Tcp(doors) | Self::Tls(doors, _) => doors.of(index),
        }
    }
}

impl Doors {
    /// Those of several servers; nothing when there are none.
    #[must_use]
    pub fn of_all(addresses: &[SocketAddr]) -> Option<Self> {
        (!addresses.is_empty()).then(|| Self(addresses.into()))
    }

    /// The one that a link of this number takes.
    #[must_use]
    pub fn of(&self, index: usize) -> SocketAddr {
        self.0[index % self.0.len()]
    }
}

impl From<SocketAddr> for Doors {
    fn from(address: SocketAddr) -> Self {
        Self([address].into())
    }
}

impl fmt::Display for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<_> = self.0.iter().map(SocketAddr::to_string).collect();
        f.write_str(&addresses.join(","))
    }
}

impl Link {
    /// Connects. `index` counts the links of the run: a server on loopback is reached from a new address whenever the ports
    /// of one run out.
    ///
    /// # Errors
    /// [`Trouble::Unreached`].
    pub async fn open(way: &Way, index: usize) -> Result<Self, Trouble> {
        let to = way.address(index);
        let stream = Self::connect(way, index).await;
        let stream = stream.map_err(|fault| Trouble::Unreached { to: to.to_string(), fault })?;
        Ok(Self { stream, input: Vec::new(), seen: 0, out: Vec::new() })
    }

    async fn connect(way: &Way, index: usize) -> io::Result<Stream> {
        let to = way.address(index);
        let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let (IpAddr::V4(server), source @ 1..) = (to.ip(), index / LINKS_PER_SOURCE)
            && server.is_loopback()
        {
            let last = u8::try_from(source + 1).unwrap_or(u8::MAX);
            socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into())?;
        }
        let tcp = socket.connect(to).await?;
        tcp.set_nodelay(true)?;
        match way {
            Way::Tcp(_) => Ok(Stream::Tcp(tcp)),
            Way::Tls(_, config) => {
                let name = ServerName::from(to.ip());
                let tls = TlsConnector::from(config.clone()).connect(name, tcp).await?;
                Ok(Stream::Tls(Box::new(tls)))
            }
        }
    }

    /// Reads what there is; 0 when the server has closed.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn read(&mut self) -> io::Result<usize> {
        if self.seen == self.input.len() {
            self.input.clear();
        } else {
            self.input.drain(..self.seen);
        }
        self.seen = 0;
        self.input.reserve(READ_OCTETS);
        match &mut self.stream {
            Stream::Tcp(tcp) => tcp.read_buf(&mut self.input).await,
            Stream::Tls(tls) => tls.read_buf(&mut self.input).await,
        }
    }

    /// Sends all that waits.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn flush(&mut self) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        match &mut self.stream {
            Stream::Tcp(tcp) => tcp.write_all(&self.out).await?,
            Stream::Tls(tls) => {
                tls.write_all(&self.out).await?;
                tls.flush().await?;
            }
        }
        self.out.clear();
        Ok(())
    }

    /// Gives back the memory of a link that will be idle.
    pub fn rest(&mut self) {
        if self.seen == self.input.len() {
            self.input = Vec::new();
            self.seen = 0;
        }
        self.out = Vec::new();
    }
}
