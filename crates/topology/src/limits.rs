//! Every limit of a topology, with its source.
//! "Documented" means the published documentation of the product this server succeeds.

/// Largest document of our own form, in octets (ours: a hundred pools with all their machines need a fifth of it).
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;
/// Largest document of the original, in octets (ours: its documents carry the ports of every service; a large one has 1 MiB).
pub const ORIGINAL_BYTES_MAX: usize = 8 << 20;
/// Most elements of a document of the original (ours).
pub const ORIGINAL_ELEMENTS_MAX: usize = 100_000;
/// Deepest nesting of a document of the original (ours: known ones reach 8).
pub const ORIGINAL_DEPTH_MAX: usize = 32;
/// Most attributes of one element of the original (ours: known ones reach 10).
pub const ORIGINAL_ATTRIBUTES_MAX: usize = 64;
/// Most declarations of namespaces that hold at one place of the original (ours: known ones reach 3).
pub const ORIGINAL_NAMESPACES_MAX: usize = 64;
/// Longest text or attribute of the original, in octets (ours: the longest known is an address of 100).
pub const ORIGINAL_VALUE_BYTES_MAX: usize = 8_192;
/// Most unknown names an import lists; how many there are is said beside them (ours).
pub const UNKNOWN_LISTED_MAX: usize = 50;
/// Longest fully qualified domain name, in octets (RFC 1035, 2.3.4, without the last dot).
pub const FQDN_BYTES_MAX: usize = 253;
/// Longest label of a domain name, in octets (RFC 1035, 2.3.4).
pub const LABEL_BYTES_MAX: usize = 63;
/// Longest identity of a site, store or file store, in octets (ours: as long as a label of a domain name).
pub const IDENTITY_BYTES_MAX: usize = 63;
/// Longest display name, description or location, in characters (documented: 256).
pub const TEXT_CHARS_MAX: usize = 256;
/// Longest name of a share, in characters (documented: 80).
pub const SHARE_CHARS_MAX: usize = 80;
/// Longest local path, in octets (Linux: `PATH_MAX` without the closing zero).
pub const PATH_BYTES_MAX: usize = 4095;
/// Longest name of a database or instance, in octets (PostgreSQL: `NAMEDATALEN` less one).
pub const DATABASE_BYTES_MAX: usize = 63;
/// Most sites of a topology (ours).
pub const SITES_MAX: usize = 200;
/// Most servers and pools of each kind (ours).
pub const POOLS_MAX: usize = 200;
/// Most stores, and most file stores (ours: six stores for each pool of a large topology).
pub const STORES_MAX: usize = 1_200;
/// Most machines of a front-end pool (documented: 12).
pub const FRONT_END_MACHINES_MAX: usize = 12;
/// Most machines of a persistent chat pool (documented: 4 active and 4 standby).
pub const MACHINES_MAX: usize = 8;
/// Most active machines of a persistent chat pool (documented: 4).
pub const ACTIVE_MACHINES_MAX: usize = 4;
/// The port on which a persistent chat pool is reached by front ends, when none is named (documented: 5041).
pub const POOL_PORT: u16 = 5041;
/// The port of a PostgreSQL cluster, when none is named (PostgreSQL: 5432).
pub const DATABASE_PORT: u16 = 5432;
/// Most versions of one history that are checked at once (ours: ten a day for a quarter of a century).
pub const VERSIONS_MAX: usize = 100_000;
