//! What a person says inside the chat dialog: commands, posts, history; as the real client writes them.
//! Reads replies as text, so that a fault in the server's own reading cannot hide itself.

use super::message::Message;
use super::person::{Closed, Person};

impl Person {
    /// Sends one XCCOS element in an INFO and returns the final answer to that INFO.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn info(&mut self, element: &str) -> Result<Message, Closed> {
        let body = self.envelope(element);
        self.in_dialog("INFO", "Content-Type: text/plain\r\n", &body).await
    }

    /// Wraps one element in the next envelope.
    pub fn envelope(&mut self, element: &str) -> String {
        self.envelope += 1;
        let envid = self.envelope;
        format!("<xccos ver=\"1\" envid=\"{envid}\" xmlns=\"urn:parlano:xml:ns:xccos\">{element}</xccos>")
    }

    /// Sends one command and returns the body of its reply. Notices that come before it stay in the inbox.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// When the INFO is refused.
    pub async fn command(&mut self, element: &str) -> Result<String, Closed> {
        let answer = self.info(element).await?;
        assert_eq!(answer.status(), Some(200), "a command is accepted: {answer:?}");
        let mark = format!("envid=\"{}\"/>", self.envelope);
        self.next_where(|body| body.contains("<commandid") && body.contains(&mark)).await
    }

    /// Posts a text in a room; returns the status of the answer.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link before it answers.
    pub async fn post(&mut self, room: &str, text: &str) -> Result<u16, Closed> {
        let element = self.post_element(room, text);
        Ok(self.info(&element).await?.status().unwrap_or(0))
    }

    /// The element of a post, as the real client writes it.
    #[must_use]
    pub fn post_element(&self, room: &str, text: &str) -> String {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "<grpchat id=\"grpchat\" seqid=\"1\" chanUri=\"{room}\" author=\"{}\" ts=\"2026-11-24T10:15:00Z\">\
             <chat>{text}</chat></grpchat>",
            self.address
        )
    }

    /// Joins a room by its `ma-chan://` address; returns the reply.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn join(&mut self, room: &str) -> Result<String, Closed> {
        let (domain, guid) = room.trim_start_matches("ma-chan://").split_once('/').unwrap_or_default();
        let element = format!(
            "<cmd id=\"cmd:join\" seqid=\"1\"><data><chanid key=\"0\" domain=\"{domain}\" value=\"{guid}\"/></data></cmd>"
        );
        self.command(&element).await
    }

    /// The address of a room by its name, out of the whole room list.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    ///
    /// # Panics
    /// When the list has no such room.
    pub async fn room(&mut self, name: &str) -> Result<String, Closed> {
        let list = self
            .command("<cmd id=\"cmd:chansrch\" seqid=\"1\"><data><qib qtype=\"BYNAME\" criteria=\"\" extended=\"false\"/></data></cmd>")
            .await?;
        let found = list
            .split("<chanib ")
            .find(|block| block.contains(&format!("name=\"{name}\"")))
            .and_then(|block| {
                let (_, rest) = block.split_once("uri=\"ma-chan")?;
                Some(format!("ma-chan{}", rest.split_once('"')?.0))
            });
        Ok(found.unwrap_or_else(|| panic!("no room {name} in {list}")))
    }

    /// The last posts of a room as `(chatId, author, text)`, oldest first.
    ///
    /// # Errors
    /// [`Closed`] when the server closes the link.
    pub async fn history(&mut self, room: &str, count: usize) -> Result<Vec<(u64, String, String)>, Closed> {
        let reply = self
            .command(&format!(
                "<cmd id=\"cmd:bccontext\" seqid=\"1\"><data><chanib uri=\"{room}\"/><bcq><last cnt=\"{count}\"/></bcq></data></cmd>"
            ))
            .await?;
        Ok(reply.split("<msg ").skip(1).filter_map(said).collect())
    }
}

/// The number, author and text of one `msg` or `grpchat` element.
#[must_use]
pub fn said(element: &str) -> Option<(u64, String, String)> {
    let value = |name: &str| Some(element.split_once(&format!("{name}=\""))?.1.split_once('"')?.0);
    let text = element.split_once("<chat>")?.1.split_once("</chat>")?.0;
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    Some((value("chatId")?.parse().ok()?, value("author")?.to_owned(), text))
}
