//! The negotiation flags of [MS-NLMP] 2.2.2.5 that datagram sign-on knows.
//! Keeps unknown bits as they came.

/// A set of negotiation flags.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flags(u32);

impl Flags {
    /// Names are UTF-16.
    pub const UNICODE: Self = Self(0x0000_0001);
    /// The client asks for a target name.
    pub const REQUEST_TARGET: Self = Self(0x0000_0004);
    /// Messages are signed.
    pub const SIGN: Self = Self(0x0000_0010);
    /// Connection-less: no NEGOTIATE, and a key of its own for every message.
    pub const DATAGRAM: Self = Self(0x0000_0040);
    /// NTLM session security.
    pub const NTLM: Self = Self(0x0000_0200);
    /// The client is nobody.
    pub const ANONYMOUS: Self = Self(0x0000_0800);
    /// A signature even where a dummy would do.
    pub const ALWAYS_SIGN: Self = Self(0x0000_8000);
    /// The target name is that of a domain.
    pub const TARGET_TYPE_DOMAIN: Self = Self(0x0001_0000);
    /// Extended session security: keys per direction.
    pub const EXTENDED_SESSION_SECURITY: Self = Self(0x0008_0000);
    /// The server may identify the client but not act as it.
    pub const IDENTIFY: Self = Self(0x0010_0000);
    /// The CHALLENGE has target information.
    pub const TARGET_INFO: Self = Self(0x0080_0000);
    /// The version field is filled.
    pub const VERSION: Self = Self(0x0200_0000);
    /// Sealing keys of 128 bits.
    pub const KEY_128: Self = Self(0x2000_0000);
    /// The client chooses the session key.
    pub const KEY_EXCHANGE: Self = Self(0x4000_0000);
    /// Sealing keys of 56 bits; of no effect beside [`Flags::KEY_128`].
    pub const KEY_56: Self = Self(0x8000_0000);

    /// What a CHALLENGE must set: a client misses none of these quietly, it gives up (measured, docs/protocol.md).
    pub const CHALLENGE_NEEDS: Self = Self::UNICODE
        .and(Self::SIGN)
        .and(Self::DATAGRAM)
        .and(Self::NTLM)
        .and(Self::ALWAYS_SIGN)
        .and(Self::EXTENDED_SESSION_SECURITY)
        .and(Self::IDENTIFY)
        .and(Self::TARGET_INFO)
        .and(Self::KEY_EXCHANGE)
        .and(Self::KEY_128);

    /// What our CHALLENGE sets: what is needed and, as other servers do, the version and the kind of target name.
    pub const CHALLENGE: Self = Self::CHALLENGE_NEEDS
        .and(Self::VERSION)
        .and(Self::REQUEST_TARGET)
        .and(Self::TARGET_TYPE_DOMAIN)
        .and(Self::KEY_56);

    /// What an AUTHENTICATE must set: all that names, keys and signatures of this crate rest on. Without one of them
    /// the peer computes something else or something weaker.
    pub const AUTHENTICATE_NEEDS: Self = Self::UNICODE
        .and(Self::SIGN)
        .and(Self::DATAGRAM)
        .and(Self::NTLM)
        .and(Self::EXTENDED_SESSION_SECURITY)
        .and(Self::KEY_EXCHANGE)
        .and(Self::KEY_128);

    /// From the 32 bits of the message.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The 32 bits of the message.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// These flags and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These flags but not those.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether none is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl std::fmt::Debug for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "0x{:08x}", self.0)
    }
}
