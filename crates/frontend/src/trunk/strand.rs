//! The chat server's end of one dialog of a trunk, in place of a connection: a link reads and writes it like one.
//! What it reads was given to it by `exchange.rs`; what it writes goes out with that of the others.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::trunk::inbox::Inbox;
use crate::trunk::outlet::Outlet;

/// The dialogs of one trunk by our tag, which nobody else has: clients collide in everything else.
#[derive(Debug, Default)]
pub(crate) struct Strands(Mutex<HashMap<String, Arc<Inbox<Bytes>>>>);

/// The octets of one dialog.
#[derive(Debug)]
pub(crate) struct Strand {
    strands: Arc<Strands>,
    inbox: Arc<Inbox<Bytes>>,
    outlet: Arc<Outlet>,
    tag: Arc<OnceLock<String>>,
    /// What was taken and not read yet.
    rest: Bytes,
}

/// By what a link makes its dialog known to the trunk.
#[derive(Clone, Debug)]
pub(crate) struct Tagged {
    strands: Arc<Strands>,
    inbox: Arc<Inbox<Bytes>>,
    tag: Arc<OnceLock<String>>,
}

impl Strands {
    /// What waits for the dialog with this tag of ours.
    pub(crate) fn find(&self, tag: &str) -> Option<Arc<Inbox<Bytes>>> {
        self.all().get(tag).cloned()
    }

    /// Nothing more comes for any of them.
    pub(crate) fn close(&self) {
        self.all().values().for_each(|inbox| inbox.close());
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Arc<Inbox<Bytes>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Strand {
    /// A dialog that has no tag yet; `first` is the request that begins it.
    pub(crate) fn new(strands: &Arc<Strands>, outlet: &Arc<Outlet>, first: Bytes) -> Self {
        let (strands, outlet) = (strands.clone(), outlet.clone());
        Self { strands, inbox: Arc::default(), outlet, tag: Arc::default(), rest: first }
    }

    /// By what its link makes its tag known.
    pub(crate) fn tagged(&self) -> Tagged {
        Tagged { strands: self.strands.clone(), inbox: self.inbox.clone(), tag: self.tag.clone() }
    }
}

impl Tagged {
    /// Requests with this tag in To, and responses with it in From, are for this dialog from now on. It has one.
    pub(crate) fn name(&self, tag: &str) {
        if self.tag.set(tag.to_owned()).is_ok() {
            self.strands.all().insert(tag.to_owned(), self.inbox.clone());
        }
    }
}

impl AsyncRead for Strand {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let strand = self.get_mut();
        if strand.rest.is_empty() {
            match strand.inbox.poll_take(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(message)) => strand.rest = message,
            }
        }
        let octets = strand.rest.len().min(into.remaining());
        into.put_slice(&strand.rest[..octets]);
        strand.rest.advance(octets);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Strand {
    /// A link offers whole messages, and all of them are taken, so that those of two links never mix.
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        self.outlet.poll_put(context, from)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Strand {
    /// What still comes for the dialog is answered as that of none.
    fn drop(&mut self) {
        if let Some(tag) = self.tag.get() {
            self.strands.all().remove(tag);
        }
        self.inbox.close();
    }
}
