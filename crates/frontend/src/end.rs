//! Why a link ends, in words for the log.
//! Ends nothing itself.

use std::io;

use rooms::EndReason;
use sip::Fault;

use crate::security::Unproven;

/// Why a link ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum End {
    #[error("the peer closed it")]
    Closed,
    #[error("the network: {0}")]
    Network(io::ErrorKind),
    #[error("what came is no SIP: {0}")]
    Framing(Fault),
    #[error("nobody signed on in time")]
    NobodySignedOn,
    #[error("it sent too much while it was found out who it is")]
    TooMuchAhead,
    #[error("too many links without anybody signed on")]
    TooManyStrangers,
    #[error("a message is not proven: {0}")]
    Unproven(#[from] Unproven),
    #[error("the person may no longer be signed on")]
    PersonGone,
    #[error("the person may no longer chat, and the client cannot be told")]
    PolicyOff,
    #[error("the registration ran out")]
    RegistrationExpired,
    #[error("a request of ours was not answered in time")]
    Unanswered,
    #[error("the client refused what it is shown")]
    RefusedByClient,
    #[error("nothing was heard for too long")]
    Silent,
    #[error("the peer takes nothing")]
    Stalled,
    #[error("it fell too far behind what happens in its rooms")]
    TooSlow,
    #[error("another server has taken over")]
    Superseded,
    #[error("a part of the server failed")]
    Broken,
    #[error("nobody knows whether a post is kept")]
    OutcomeUnknown,
    #[error("the client no longer refreshes its dialog")]
    DialogIdle,
    #[error("the numbers of a dialog are used up")]
    NumbersUsedUp,
    #[error("its dialog is over")]
    DialogOver,
    #[error("the chat server of a dialog is gone")]
    ServerLost,
    #[error("the chat server wants it closed")]
    ServerCloses,
    #[error("a chat server is there again")]
    ServerBack,
    #[error("the server is emptied")]
    LedOut,
    #[error("the server stops")]
    Stopping,
}

impl End {
    /// Whether the peer is to get what still waits for it.
    pub(crate) fn says_goodbye(&self) -> bool {
        !matches!(
            self,
            Self::Closed
                | Self::Network(_)
                | Self::Unproven(_)
                | Self::Stalled
                | Self::Silent
                | Self::TooMuchAhead
        )
    }
}

impl From<EndReason> for End {
    fn from(reason: EndReason) -> Self {
        match reason {
            EndReason::PersonGone => Self::PersonGone,
            EndReason::PolicyOff => Self::PolicyOff,
            EndReason::Superseded => Self::Superseded,
            EndReason::Broken => Self::Broken,
            EndReason::TooSlow => Self::TooSlow,
        }
    }
}
