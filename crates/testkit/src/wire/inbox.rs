//! What a person gets: requests of the server in their order, answered or not, and answers among them.
//! Sends nothing of its own but answers.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::message::Message;
use super::person::{Closed, Person};

/// How long the test client waits for anything; far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

impl Person {
    /// The body of the next INFO that satisfies the test; others stay in the inbox, in order.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn next_where(&mut self, wanted: impl Fn(&str) -> bool) -> Result<String, Closed> {
        self.request_where(|message| wanted(&message.body)).await.map(|message| message.body)
    }

    /// The next request of the server that satisfies the test; others stay in the inbox, in order.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn request_where(&mut self, wanted: impl Fn(&Message) -> bool) -> Result<Message, Closed> {
        let mut at = 0;
        loop {
            while at < self.inbox.len() {
                if wanted(&self.inbox[at])
                    && let Some(message) = self.inbox.remove(at)
                {
                    return Ok(message);
                }
                at += 1;
            }
            self.receive().await.map(drop)?;
        }
    }

    /// The body of the next request of the server, whatever it is.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn next(&mut self) -> Result<String, Closed> {
        self.next_where(|_| true).await
    }

    /// Everything the server has sent unasked so far, without waiting for more than one round trip.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn settled(&mut self) -> Result<Vec<String>, Closed> {
        Ok(self.settled_requests().await?.into_iter().map(|message| message.body).collect())
    }

    /// The same, each request whole.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn settled_requests(&mut self) -> Result<Vec<Message>, Closed> {
        self.in_dialog("UPDATE", "", "").await?;
        Ok(self.inbox.drain(..).collect())
    }

    /// The next message, whatever it is, unanswered.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// When nothing comes for a long time.
    pub async fn any(&mut self) -> Result<Message, Closed> {
        match timeout(PATIENCE, self.reader.next(&mut *self.stream)).await {
            Ok(Ok(Some(message))) => Ok(message),
            Ok(Ok(None) | Err(_)) => Err(Closed),
            Err(_) => panic!("{} waited in vain for a message", self.address),
        }
    }

    /// All messages until the server closes the link, unanswered.
    ///
    /// # Panics
    /// When it does not for a long time.
    pub async fn until_closed(&mut self) -> Vec<Message> {
        let mut last = Vec::new();
        while let Ok(message) = self.any().await {
            last.push(message);
        }
        last
    }

    /// The next octets, whatever they are.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// When they do not come for a long time.
    pub async fn octets(&mut self, count: usize) -> Result<Vec<u8>, Closed> {
        match timeout(PATIENCE, self.reader.octets(&mut *self.stream, count)).await {
            Ok(octets) => octets.map_err(|_| Closed),
            Err(_) => panic!("{} waited in vain for octets", self.address),
        }
    }

    /// The next message; a request of the server is answered 200 first.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn any_answered(&mut self) -> Result<Message, Closed> {
        if let Some(message) = self.inbox.pop_front() {
            return Ok(message);
        }
        match self.receive().await? {
            Some(response) => Ok(response),
            None => Ok(self.inbox.pop_back().expect("a request was just put there")),
        }
    }

    /// As [`Person::any_answered`], but waits no longer than until then; `None` when nothing came. Nothing is lost by waiting.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn answered_until(&mut self, until: Instant) -> Result<Option<Message>, Closed> {
        if let Some(message) = self.inbox.pop_front() {
            return Ok(Some(message));
        }
        // Only the reading is given up half-way: what has arrived stays where it is.
        let message = match timeout_at(until, self.reader.next(&mut *self.stream)).await {
            Ok(Ok(Some(message))) => message,
            Ok(Ok(None) | Err(_)) => return Err(Closed),
            Err(_) => return Ok(None),
        };
        self.take_in(&message).await?;
        Ok(Some(message))
    }

    /// One message: a response is returned, a request is answered and put in the inbox.
    pub(super) async fn receive(&mut self) -> Result<Option<Message>, Closed> {
        let message = self.any().await?;
        self.take_in(&message).await?;
        if message.status().is_some() {
            return Ok(Some(message));
        }
        self.inbox.push_back(message);
        Ok(None)
    }

    /// Checks the signature of a message, and answers it if it is a request.
    async fn take_in(&mut self, message: &Message) -> Result<(), Closed> {
        if let Some(signing) = &self.signing {
            signing.check(message);
        }
        if message.status().is_some() {
            return Ok(());
        }
        let response = self.response(message, "200 OK");
        self.raw(&response).await
    }
}
