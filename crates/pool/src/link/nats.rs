//! The link over NATS, for larger pools: one subject for each pool, nothing kept there.
//! Without it everything goes on, at most a second later.

use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subject, Subscriber};
use futures_util::StreamExt;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;
use uuid::Uuid;

use crate::limits::{HINTS_MAX, LINK_AGAIN, TELL_TIME};
use crate::link::{Heard, Hint, PeerLink};

/// Why NATS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NatsFault {
    /// The address is none.
    #[error("the address of NATS: {reason}: write nats://127.0.0.1:4222 or tls://name:4222")]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// It is on another machine, and nothing would protect what is said.
    #[error(
        "NATS on {host} is not on this machine: write tls://{host} so that nobody on the network can speak there"
    )]
    Plain {
        /// Where it is.
        host: String,
    },
    /// What it asks of whoever comes was not to be read or not good.
    #[error("NATS: {reason}")]
    Refused {
        /// What is wrong.
        reason: String,
    },
}

/// Hints through NATS.
#[derive(Debug)]
pub struct Nats {
    client: Client,
    subject: Subject,
    heard: Mutex<Ends>,
}

#[derive(Debug)]
struct Ends {
    hints: Subscriber,
    /// Each time the connection is there again.
    again: mpsc::Receiver<()>,
}

impl Nats {
    /// Speaks for a pool through a NATS server, which may come later or go away. Name and password stand in the address;
    /// `authority` is a PEM file with who vouches for the server, if it is not one that everybody knows.
    ///
    /// # Errors
    /// [`NatsFault`] for an address that is none, for one on another machine without TLS, and for a file that is no certificate.
    pub async fn connect(url: &str, pool: Uuid, authority: Option<&Path>) -> Result<Self, NatsFault> {
        let address: ServerAddr =
            url.parse().map_err(|error: std::io::Error| NatsFault::Address { reason: error.to_string() })?;
        let has_tls = address.tls_required();
        if !has_tls && !is_here(address.host()) {
            return Err(NatsFault::Plain { host: address.host().to_owned() });
        }
        let (back, again) = mpsc::channel(1);
        let mut options = ConnectOptions::new()
            .name("causerie")
            .retry_on_initial_connect()
            .subscription_capacity(HINTS_MAX)
            .reconnect_delay_callback(pauses())
            .require_tls(has_tls)
            .event_callback(move |event| {
                if matches!(event, Event::Connected) {
                    // One that waits to be noticed is enough.
                    let _ = back.try_send(());
                }
                std::future::ready(())
            });
        if let (Some(name), Some(password)) = (address.username(), address.password()) {
            options = options.user_and_password(name.to_owned(), password.to_owned());
        }
        if let Some(authority) = authority {
            options = options.add_root_certificates(authority.to_owned());
        }
        let refused = |reason: String| NatsFault::Refused { reason };
        let client = options.connect(address).await.map_err(|error| refused(error.to_string()))?;
        let subject = Subject::from(format!("causerie.{pool}.moved"));
        let hints = client.subscribe(subject.clone()).await.map_err(|error| refused(error.to_string()))?;
        Ok(Self { client, subject, heard: Mutex::new(Ends { hints, again }) })
    }
}

/// How long to wait before each attempt: not at all before the first of this server, which would miss what is told meanwhile.
fn pauses() -> impl Fn(usize) -> Duration {
    let is_first = AtomicBool::new(true);
    move |_| if is_first.swap(false, Ordering::Relaxed) { Duration::ZERO } else { LINK_AGAIN }
}

fn is_here(host: &str) -> bool {
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl PeerLink for Nats {
    async fn tell(&self, hint: Hint) {
        let said = timeout(TELL_TIME, self.client.publish(self.subject.clone(), hint.to_text().into())).await;
        if !matches!(said, Ok(Ok(()))) {
            tracing::debug!(number = hint.number, "pool.hint_dropped");
        }
    }

    async fn hear(&self) -> Heard {
        let mut ends = self.heard.lock().await;
        let Ends { hints, again } = &mut *ends;
        loop {
            let message = tokio::select! {
                biased;
                Some(()) = again.recv() => return Heard::Anew,
                Some(message) = hints.next() => message,
                else => return std::future::pending().await,
            };
            let text = std::str::from_utf8(&message.payload).ok();
            if let Some(hint) = text.and_then(Hint::of_text) {
                return Heard::Hint(hint);
            }
        }
    }
}

#[cfg(test)]
mod tests;
