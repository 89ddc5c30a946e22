//! Every limit of the NTLM messages, each with its source.
//! Enforces nothing itself.

/// Octets of an AUTHENTICATE message. [MS-NLMP] sets none beyond its 16-bit lengths; ours: it carries our own CHALLENGE's
/// target information back (under 2 KiB), three names of at most [`NAME_UNITS_MAX`] and some 200 octets of keys.
pub const AUTHENTICATE_OCTETS_MAX: usize = 4096;

/// Octets of a CHALLENGE message. [MS-NLMP] sets none beyond its 16-bit lengths; ours: five names and a time.
pub const CHALLENGE_OCTETS_MAX: usize = 4096;

/// UTF-16 units of a user, domain or workstation name in AUTHENTICATE: the longest mail-like address, 64 + 1 + 255
/// (RFC 5321, 4.5.3.1).
pub const NAME_UNITS_MAX: usize = 320;

/// UTF-16 units of a DNS name in the target information (RFC 1035, 2.3.4).
pub const DNS_UNITS_MAX: usize = 255;

/// UTF-16 units of a NetBIOS name in the target information (RFC 1001, 5.2: 16 octets of which the last is a type).
pub const NETBIOS_UNITS_MAX: usize = 15;
