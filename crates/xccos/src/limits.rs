//! Every limit of XCCOS documents, with its source; those of texts and lists are in `chat::limits`.
//! Enforces nothing itself.

/// Largest body a client may send, in octets (ours: the longest story fits beside its rich rendering).
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Largest body our own client reads, in octets (ours: 500 posts of 16 KiB).
pub const ANSWER_BYTES_MAX: usize = 8 << 20;
/// Deepest nesting of elements; the known documents need six (ours).
pub const DEPTH_MAX: usize = 16;
/// Most elements of a document from a client (ours: a batch join of 1,000 rooms needs 1,003).
pub const ELEMENTS_MAX: usize = 4_096;
/// Most elements of a document from a server (ours: a batch join reply of 1,000 rooms).
pub const ANSWER_ELEMENTS_MAX: usize = 131_072;
/// Most attributes of one element; the known ones have up to ten (ours).
pub const ATTRIBUTES_MAX: usize = 32;
/// Longest name of an element or attribute, in octets (ours).
pub const NAME_BYTES_MAX: usize = 64;
/// Most commands in one envelope; the known clients send one (ours).
pub const COMMANDS_MAX: usize = 64;
/// Longest `envid` or `seqid`, in octets; a 64-bit number needs twenty (ours).
pub const IDENTITY_BYTES_MAX: usize = 64;
/// Longest name of a command, in octets; the longest known one has twenty (ours).
pub const COMMAND_NAME_BYTES_MAX: usize = 64;
/// Longest address of a room as sent, in octets: scheme, domain and GUID, with room to spare (ours).
pub const ROOM_ADDRESS_BYTES_MAX: usize = 512;
/// Longest search text, in octets (ours).
pub const CRITERIA_BYTES_MAX: usize = 1_024;
/// Longest short value such as a time or `infoType`, in octets (ours).
pub const WORD_BYTES_MAX: usize = 64;
