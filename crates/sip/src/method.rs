//! The methods of requests (RFC 3261 7.1 and what [MS-SIP] and RFC 3265, 3311, 6086 add).
//! Does not say what each one does.

use std::fmt;

use crate::text;

/// A method. Methods are compared as written: `invite` is not INVITE.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    /// ACK
    Ack,
    /// BENOTIFY: a NOTIFY that is not answered.
    Benotify,
    /// BYE
    Bye,
    /// CANCEL
    Cancel,
    /// INFO
    Info,
    /// INVITE
    Invite,
    /// MESSAGE
    Message,
    /// NOTIFY
    Notify,
    /// OPTIONS
    Options,
    /// REFER
    Refer,
    /// REGISTER
    Register,
    /// SERVICE
    Service,
    /// SUBSCRIBE
    Subscribe,
    /// UPDATE
    Update,
    /// Any other token.
    Other(Box<str>),
}

impl Method {
    const KNOWN: [(&'static str, Self); 14] = [
        ("ACK", Self::Ack),
        ("BENOTIFY", Self::Benotify),
        ("BYE", Self::Bye),
        ("CANCEL", Self::Cancel),
        ("INFO", Self::Info),
        ("INVITE", Self::Invite),
        ("MESSAGE", Self::Message),
        ("NOTIFY", Self::Notify),
        ("OPTIONS", Self::Options),
        ("REFER", Self::Refer),
        ("REGISTER", Self::Register),
        ("SERVICE", Self::Service),
        ("SUBSCRIBE", Self::Subscribe),
        ("UPDATE", Self::Update),
    ];

    /// The method written so; `None` when it is no token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((_, method)) = Self::KNOWN.iter().find(|(name, _)| *name == text) {
            return Some(method.clone());
        }
        text::is_token(text).then(|| Self::Other(text.into()))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Other(name) = self {
            return name;
        }
        Self::KNOWN.iter().find(|(_, method)| method == self).map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
