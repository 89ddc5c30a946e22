//! In-band provisioning: where the chat server is ([MS-SIPREGE] 2.2.2.5.11). Asked once, answered at once, never changed.
//! Whether somebody may use the chat is decided when he invites it.

use bytes::Bytes;
use sip::{Request, TransactionKey};

use crate::codes::Refused;
use crate::document::xml::{Bounds, Unreadable, begin, end, leaf, read as read_xml};
use crate::link::Link;
use crate::subscribe::Asked;

/// The type of the bodies, asked and told.
pub(crate) const MEDIA_TYPE: &str = "application/vnd-microsoft-roaming-provisioning-v2+xml";
/// The one group we have something to say in.
const CHAT_GROUP: &str = "persistentChatConfiguration";

impl Link {
    /// A SUBSCRIBE to provisioning. It is over with its answer, however long it was asked for.
    pub(crate) fn provision(&mut self, request: &Request, key: &TransactionKey) -> Result<(), Refused> {
        if request.to().tag().is_some() {
            return Err(Refused::NoDialog);
        }
        self.own_address(request)?;
        let asked = Asked::read(request)?.once();
        let groups = match asked.body(request, MEDIA_TYPE)? {
            Some(body) => groups(body)?,
            None => vec![CHAT_GROUP.to_owned()],
        };
        let body = (MEDIA_TYPE, Bytes::from(print(&groups, &self.house.names.chat)));
        if asked.piggyback {
            let answer = asked.answer(&self.contact, Some((1, body)));
            self.reply(request, key, &answer);
            return Ok(());
        }
        self.answer_and_notify_once(request, key, asked, body)
    }
}

/// The names of the groups a client asks for.
fn groups(body: &[u8]) -> Result<Vec<String>, Unreadable> {
    let root = read_xml(body, Bounds::BODY)?;
    if root.local() != "provisioningGroupList" {
        return Err(Unreadable::Wrong("provisioningGroupList is expected"));
    }
    Ok(root
        .named("provisioningGroup")
        .filter_map(|group| group.attribute("name"))
        .map(str::to_owned)
        .collect())
}

/// The groups asked for that we have something to say in. Others are left out: an empty group would say that all its
/// settings are empty.
fn print(groups: &[String], chat: &str) -> String {
    let mut out = String::new();
    let xmlns = "http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification";
    begin(&mut out, "provisionGroupList", &[("xmlns", xmlns)]);
    if groups.iter().any(|name| name == CHAT_GROUP) {
        begin(&mut out, "provisionGroup", &[("name", CHAT_GROUP)]);
        begin(&mut out, "propertyEntryList", &[]);
        // Clients compare with exactly this word.
        leaf(&mut out, "property", &[("name", "EnablePersistentChat")], "true");
        leaf(&mut out, "property", &[("name", "DefaultPersistentChatPoolUri")], chat);
        end(&mut out, "propertyEntryList");
        end(&mut out, "provisionGroup");
    }
    end(&mut out, "provisionGroupList");
    out
}

#[cfg(test)]
mod tests;
