//! Every limit of the words of chat, with its source; faces and the store have their own beside them.
//! "Documented" means the published documentation of the product this server succeeds.

/// Longest domain name in octets (RFC 1035, 2.3.4).
pub const DOMAIN_BYTES_MAX: usize = 255;
/// Longest address in octets (documented: principal names hold 256 characters).
pub const ADDRESS_BYTES_MAX: usize = 256;
/// Longest name of a room or category, in characters (documented: 256).
pub const NAME_CHARS_MAX: usize = 256;
/// Longest description of a room or category, in characters (documented: 256).
pub const DESCRIPTION_CHARS_MAX: usize = 256;
/// Longest display name of a person, in characters (documented: 256).
pub const DISPLAY_NAME_CHARS_MAX: usize = 256;
/// Longest plain text of a post, in octets of UTF-8; advertised to clients as `messageSizeLimit` (ours).
pub const MESSAGE_BYTES_MAX: usize = 8_000;
/// Longest plain text of a story, in octets of UTF-8; advertised to clients as `storySizeLimit` (ours).
pub const STORY_BYTES_MAX: usize = 64_000;
/// Longest rich rendering of a post, in octets (ours: eight times a story leaves room for `\u` escapes).
pub const RTF_BYTES_MAX: usize = 128_000;
/// Longest client id of a post, in octets (ours: room for a URI or two GUIDs).
pub const CLIENT_ID_BYTES_MAX: usize = 256;
/// Most rooms or people one query returns; advertised to clients as `searchLimit` (documented sample: 999).
pub const SEARCH_RESULTS_MAX: usize = 999;
/// Most posts one history request returns (documented: the history setting ends at 500).
pub const HISTORY_POSTS_MAX: usize = 500;
/// Posts returned when a history request names no number (documented default: 30).
pub const HISTORY_POSTS_DEFAULT: usize = 30;
/// Active participants above whom a room counts as large and notices stop (documented default: 75).
pub const PARTICIPANT_UPDATE_LIMIT: usize = 75;
/// Most principals in one list of a room or category (ours; a group is one principal).
pub const PRINCIPALS_MAX: usize = 10_000;
/// Most rooms one batch join may name (ours: typical people follow 16 to 24).
pub const JOIN_ROOMS_MAX: usize = 1_000;
/// Longest label of a stored preference, in characters (documented: 255).
pub const PREFERENCE_LABEL_CHARS_MAX: usize = 255;
/// Largest content of a stored preference, in octets (ours: 1 MiB).
pub const PREFERENCE_BYTES_MAX: usize = 1 << 20;
/// Most labels one person may store preferences under (ours).
pub const PREFERENCES_MAX: usize = 64;
/// Longest name of an add-in, in characters (documented: 50).
pub const ADD_IN_NAME_CHARS_MAX: usize = 50;
/// Longest address of a page, in characters (documented: 255).
pub const ADD_IN_URL_CHARS_MAX: usize = 255;
/// Longest name of a site, pool or policy, in characters (ours: as other names).
pub const SCOPE_NAME_CHARS_MAX: usize = 256;
/// Largest file in kilobytes of 1,000 octets (documented default: 20,000).
pub const FILE_KB_DEFAULT: u32 = 20_000;
/// Most words of a filter over texts (ours: as many as a search looks at).
pub const FILTER_WORDS_MAX: usize = 32;
/// Longest filter over texts, in octets (ours: thirty-two long words).
pub const FILTER_BYTES_MAX: usize = 1_024;
/// Most servers a pool has (documented: eight machines).
pub const SERVERS_MAX: usize = 8;
/// Most servers of a pool that serve people at the same time (documented: four).
pub const ACTIVE_SERVERS_MAX: usize = 4;
/// Most people, each under one name, a post mentions; who is named after that is not (ours: two screens of names).
pub const MENTIONS_MAX: usize = 50;
/// Most signs of a mention that are looked at in a post (ours: as many as mentions, and as many in vain).
pub const SIGNS_MAX: usize = 100;
/// Most people who are mentioned by one name; a name that more have mentions nobody (ours: more namesakes are no person one means).
pub const NAMESAKES_MAX: usize = 16;
