//! What may be read whole, and why. Nothing else may.
//! Explains nothing.

/// Tables that stay small, with what keeps them so.
pub const SMALL: &[(&str, &str)] = &[
    ("add_in", "an administrator makes each of them"),
    ("category", "an administrator makes each of them"),
    ("configuration", "an administrator makes each of them"),
    ("endpoint", "an administrator makes each of them"),
    ("lease", "one for each server, and a pool has eight"),
    ("main.search_config", "what the index is set to"),
    ("numbered", "a row for each table whose numbers are never given again"),
    ("policy", "an administrator makes each of them"),
    ("pool", "one row"),
    ("schema", "one row"),
    ("server", "a pool has eight, and a few were"),
    ("setting", "there are so many settings"),
    ("sqlite_schema", "what there is in the schema"),
    ("sqlite_sequence", "a row for each table whose numbers are never given again"),
    ("topology", "an administrator publishes each version, and the newest is asked for"),
];

/// Words of statements that may read a table, or an index of it, whole: words, table or index, reason.
pub const WHOLE: &[(&str, &str, &str)] = &[
    (
        "SELECT id, groups FROM affiliation WHERE",
        "affiliation",
        "at a start: everybody with what they belong to",
    ),
    (
        "SELECT id, groups FROM affiliation WHERE",
        "principal_group",
        "at a start: all groups with what they belong to",
    ),
    (
        "SELECT grp, groups, people FROM members ORDER BY grp",
        "members",
        "an import of a directory, and what an administrator changes of groups: one row for each group",
    ),
    ("SELECT id, parent FROM person WHERE parent IS NOT NULL", "person", "an import of a directory"),
    ("SELECT id, parent FROM principal_group WHERE parent", "principal_group", "an import of a directory"),
    ("SELECT id, source FROM principal_group", "principal_group", "a list of groups, for administrators"),
    ("SELECT server, epoch, person, endpoint, rooms FROM present", "present", "at a start: who is there"),
    (
        "SELECT person, role, granted FROM role_grant",
        "role_grant",
        "a list of those who administer, who are few",
    ),
    (
        "SELECT policy, count(*), CAST(sum(chat) AS BIGINT) FROM person",
        "person",
        "a count for administrators, out of the index alone",
    ),
    (
        "SELECT count(*) FROM person WHERE state <> 3 AND gone = 0",
        "person",
        "a count for administrators, out of the index alone",
    ),
    (
        "SELECT count(*) FROM person WHERE state = 1 AND gone = 0",
        "person",
        "a count for administrators, out of the index alone",
    ),
    (
        "SELECT category, count(*) FROM room WHERE removed = 0 GROUP BY category",
        "room",
        "a count for administrators, out of the index alone",
    ),
    (
        "SELECT id, name, guid FROM room WHERE removed = 1",
        "room",
        "removed rooms alone, by the index that holds no other",
    ),
    ("made, expires, revoked, own FROM token ORDER BY id", "token", "the list of all, for administrators"),
];
