//! In-band provisioning: whether there is a chat server for a person, and where ([MS-SIPREGE] 2.2.2.5.11). Asked once, answered
//! at once; a change is told at the next sign-on. It decides nothing: the real client looks for the chat server whatever stands
//! here, and is refused when it invites it.

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

/// What somebody who may chat is told.
struct Chat<'a> {
    /// The address of the pool.
    pool: &'a str,
    /// The pages for managing rooms; clients know pages of their own when nothing is said.
    pages: Option<&'a str>,
}

impl Link {
    /// A SUBSCRIBE to provisioning. It is over with its answer, however long it was asked for.
    pub(crate) fn provision(&mut self, request: &Request, key: &TransactionKey) -> Result<(), Refused> {
        if request.to().tag().is_some() {
            return Err(Refused::NoDialog);
        }
        let own = self.own_address(request)?;
        let asked = Asked::read(request)?.once();
        let groups = match asked.body(request, MEDIA_TYPE)? {
            Some(body) => groups(body)?,
            None => vec![CHAT_GROUP.to_owned()],
        };
        let pages = self.house.pages();
        let chat = self
            .house
            .may_chat(&own)
            .then(|| Chat { pool: self.house.default_contact(), pages: pages.as_deref() });
        let body = (MEDIA_TYPE, Bytes::from(print(&groups, chat.as_ref())));
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
fn print(groups: &[String], chat: Option<&Chat<'_>>) -> String {
    let mut out = String::new();
    let xmlns = "http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification";
    begin(&mut out, "provisionGroupList", &[("xmlns", xmlns)]);
    if groups.iter().any(|name| name == CHAT_GROUP) {
        begin(&mut out, "provisionGroup", &[("name", CHAT_GROUP)]);
        begin(&mut out, "propertyEntryList", &[]);
        let mut property = |name, value: &str| leaf(&mut out, "property", &[("name", name)], value);
        // Clients compare with exactly these words.
        property("EnablePersistentChat", if chat.is_some() { "true" } else { "false" });
        if let Some(Chat { pool, pages }) = chat {
            property("DefaultPersistentChatPoolUri", pool);
            // One address is used from inside and outside (documented).
            for name in ["PersistentChatWebManagerUriInt", "PersistentChatWebManagerUriExt"] {
                pages.iter().for_each(|url| property(name, url));
            }
        }
        end(&mut out, "propertyEntryList");
        end(&mut out, "provisionGroup");
    }
    end(&mut out, "provisionGroupList");
    out
}

#[cfg(test)]
mod tests;
