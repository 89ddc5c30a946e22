//! Every way in which an NTLM message or an answer is refused.
//! Never carries names, responses or keys, so that it can be logged.

use crate::flags::Flags;

/// Why a message could not be read, an answer was not accepted, or a message could not be built.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// The message is longer than its limit.
    #[error("the message has {octets} octets, {limit} are the most")]
    TooLong {
        /// Its length.
        octets: usize,
        /// The limit, see [`crate::limits`].
        limit: usize,
    },
    /// The message ends before its header does.
    #[error("the message has {octets} octets, its header alone needs {header}")]
    TooShort {
        /// Its length.
        octets: usize,
        /// The length of the header.
        header: usize,
    },
    /// The message does not begin with the NTLM signature and the expected type.
    #[error("not an NTLM message of the expected type")]
    OtherMessage,
    /// A field points into the header or beyond the end.
    #[error("the {0} field lies outside of the message's payload")]
    Outside(Field),
    /// A field has a length that its kind never has.
    #[error("the {field} field has {octets} octets, which it never has")]
    Size {
        /// The field.
        field: Field,
        /// Its length.
        octets: usize,
    },
    /// A name is not UTF-16.
    #[error("the {0} field is not UTF-16")]
    NotText(Field),
    /// A name is longer than its limit.
    #[error("the name in {field} has {units} UTF-16 units, {limit} are the most")]
    LongName {
        /// The field.
        field: Field,
        /// Its length in UTF-16 units.
        units: usize,
        /// The limit, see [`crate::limits`].
        limit: usize,
    },
    /// The peer did not set flags without which there is no signing of datagrams with a full key.
    #[error("the peer did not set the flags {0:?}")]
    MissingFlags(Flags),
    /// The peer wants to be nobody.
    #[error("anonymous sign-on")]
    Anonymous,
    /// The answer holds only what older protocols prove: an LM or NTLMv1 response.
    #[error("an LM or NTLMv1 response")]
    OldResponse,
    /// The NTLMv2 response, or the target information in it or in a CHALLENGE, is not built as it must be.
    #[error("the structure inside {0} is broken")]
    Broken(Field),
    /// The answer does not prove the password. Also what an unknown person's answer gets, checked against a decoy.
    #[error("the response does not prove the password")]
    WrongPassword,
    /// The answer proves the password but its message integrity code is wrong: it was changed on its way.
    #[error("the message integrity code is wrong")]
    WrongIntegrityCode,
}

/// The variable parts of the messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// LmChallengeResponse.
    LmResponse,
    /// NtChallengeResponse.
    NtResponse,
    /// DomainName.
    Domain,
    /// UserName.
    User,
    /// Workstation.
    Workstation,
    /// EncryptedRandomSessionKey.
    SessionKey,
    /// TargetName.
    TargetName,
    /// TargetInfo.
    TargetInfo,
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::LmResponse => "LM response",
            Self::NtResponse => "NT response",
            Self::Domain => "domain",
            Self::User => "user",
            Self::Workstation => "workstation",
            Self::SessionKey => "session key",
            Self::TargetName => "target name",
            Self::TargetInfo => "target information",
        })
    }
}
