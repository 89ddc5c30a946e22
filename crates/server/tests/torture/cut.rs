//! A wire that can be cut: a door on loopback behind which a database or a broker stands, open, silent or shut.
//! Looks at no octet that passes.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// Octets that are carried at once.
const PORTION: usize = 1 << 16;

/// What becomes of octets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// They pass.
    Open,
    /// They wait, as if a cable were pulled: nobody hears that the other is gone.
    Silent,
    /// Connections end, and new ones are closed at once.
    Shut,
}

/// Where the door leads.
#[derive(Clone, Debug)]
pub enum Behind {
    /// A socket of this machine.
    Socket(PathBuf),
    /// A port of loopback.
    Port(SocketAddr),
}

/// One door.
#[derive(Debug)]
pub struct Cut {
    address: SocketAddr,
    state: watch::Sender<State>,
}

/// Whatever octets go over.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Cut {
    /// An open door to what stands behind it.
    pub async fn before(behind: Behind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has ports");
        let address = listener.local_addr().expect("it is bound");
        let (state, seen) = watch::channel(State::Open);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (behind, seen) = (behind.clone(), seen.clone());
                tokio::spawn(async move {
                    // Whoever waits on either side sees that it ended.
                    let _ = carry_between(near, &behind, seen).await;
                });
            }
        });
        Self { address, state }
    }

    /// Where the door is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Nothing passes, and nobody hears of it.
    pub fn fall_silent(&self) {
        self.state.send_replace(State::Silent);
    }

    /// Every connection ends, new ones too.
    pub fn shut(&self) {
        self.state.send_replace(State::Shut);
    }

    /// What waited passes.
    pub fn open(&self) {
        self.state.send_replace(State::Open);
    }
}

async fn carry_between(near: TcpStream, behind: &Behind, seen: watch::Receiver<State>) -> io::Result<()> {
    near.set_nodelay(true)?;
    let mut when = seen.clone();
    if when.wait_for(|state| *state != State::Silent).await.is_ok_and(|state| *state == State::Shut) {
        return Ok(());
    }
    let far: Box<dyn Wire> = match behind {
        Behind::Socket(path) => Box::new(UnixStream::connect(path as &Path).await?),
        Behind::Port(address) => Box::new(TcpStream::connect(address).await?),
    };
    let (near_in, near_out) = tokio::io::split(near);
    let (far_in, far_out) = tokio::io::split(far);
    tokio::select! {
        done = carry(near_in, far_out, seen.clone()) => done,
        done = carry(far_in, near_out, seen) => done,
    }
}

/// Carries one direction to its end.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut seen: watch::Receiver<State>,
) -> io::Result<()> {
    let mut portion = vec![0; PORTION];
    loop {
        let read = tokio::select! {
            biased;
            _ = seen.wait_for(|state| *state == State::Shut) => return Ok(()),
            read = from.read(&mut portion) => read?,
        };
        if read == 0 {
            return Ok(());
        }
        if seen.wait_for(|state| *state != State::Silent).await.is_ok_and(|state| *state == State::Shut) {
            return Ok(());
        }
        to.write_all(&portion[..read]).await?;
    }
}
