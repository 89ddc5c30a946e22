//! The address at which connections come in: listened at, but not while the server is emptied and another one takes people. Browsers
//! that come by the name of the pool then try the address of another server, which they do for no answer whatever.
//! Looks at nobody who comes.

use std::io;
use std::net::SocketAddr;

use rooms::Welcome;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// An address people come to.
pub(crate) struct Entrance {
    address: SocketAddr,
    listener: Option<TcpListener>,
    welcome: watch::Receiver<Welcome>,
}

impl Entrance {
    /// Listens at an address; with port 0 at any that is free.
    ///
    /// # Errors
    /// The system's.
    pub(crate) async fn open(address: SocketAddr, welcome: watch::Receiver<Welcome>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { address: listener.local_addr()?, listener: Some(listener), welcome })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next who comes. Dropping the future loses nobody.
    ///
    /// # Errors
    /// The system's, of one connection or of listening again.
    pub(crate) async fn next(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            let is_open = !self.welcome.borrow_and_update().is_elsewhere();
            match &self.listener {
                Some(_) if !is_open => self.listener = None,
                None if is_open => self.listener = Some(TcpListener::bind(self.address).await?),
                _ => (),
            }
            let came = async {
                match &self.listener {
                    Some(listener) => listener.accept().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                // Its sender lives as long as the rooms, and those longer than this.
                Ok(()) = self.welcome.changed() => (),
                came = came => return came,
            }
        }
    }
}
