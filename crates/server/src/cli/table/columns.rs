//! Which values of each kind of row are worth a column, and under which head.
//! A kind that is not here gets a column for every value.

/// A column: its head, the value in it, and words for yes and no.
pub struct Column {
    /// Its head.
    pub head: &'static str,
    /// The name of the value in JSON.
    pub value: &'static str,
    /// Words for yes and no.
    pub words: [&'static str; 2],
    /// Whether it is left out where there is no room for all.
    pub can_be_spared: bool,
}

impl Column {
    /// The column, left out where there is no room for all.
    const fn spare(self) -> Self {
        Self { can_be_spared: true, ..self }
    }
}

/// Plain words.
pub const YES: [&str; 2] = ["yes", "no"];
/// The state of what can be disabled, by `enabled`.
const ENABLED: [&str; 2] = ["enabled", "disabled"];
/// The state of what can be disabled, by `disabled`.
const DISABLED: [&str; 2] = ["disabled", "enabled"];

/// The columns of a kind of rows; none for a kind that nobody chose columns for.
pub fn columns(kind: &str) -> &'static [Column] {
    CHOSEN.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, columns)| columns)
}

const fn is(head: &'static str, value: &'static str) -> Column {
    Column { head, value, words: YES, can_be_spared: false }
}

const fn switch(head: &'static str, value: &'static str, words: [&'static str; 2]) -> Column {
    Column { head, value, words, can_be_spared: false }
}

const CHOSEN: &[(&str, &[Column])] = &[
    (
        "users",
        &[
            is("ADDRESS", "address"),
            is("NAME", "displayName"),
            switch("STATE", "enabled", ENABLED),
            switch("PASSWORD", "hasPassword", ["set", "none"]).spare(),
            switch("LEGACY SIGN-ON", "legacySignOn", ["on", "off"]).spare(),
            switch("CHAT", "chat", ["on", "off"]),
        ],
    ),
    (
        "topologies",
        &[
            is("VERSION", "version"),
            is("PUBLISHED", "time"),
            is("BY", "by"),
            is("REMARK", "remark"),
            is("HASH", "hash").spare(),
        ],
    ),
    (
        "categories",
        &[
            is("CATEGORY", "name"),
            is("DESCRIPTION", "description").spare(),
            is("ALLOWED", "allowedMembers"),
            is("DENIED", "deniedMembers").spare(),
            is("CREATORS", "creators").spare(),
            is("ROOMS", "rooms"),
        ],
    ),
    (
        "rooms",
        &[
            is("ROOM", "name"),
            is("CATEGORY", "category"),
            is("PRIVACY", "privacy"),
            is("TYPE", "type"),
            switch("STATE", "disabled", DISABLED),
            is("MEMBERS", "members").spare(),
            is("MANAGERS", "managers").spare(),
            is("PRESENTERS", "presenters").spare(),
        ],
    ),
    (
        "groups",
        &[
            is("GROUP", "principal"),
            is("TYPE", "type"),
            is("SOURCE", "source").spare(),
            is("MEMBERS", "members").spare(),
            is("BELONGS TO", "belongsTo").spare(),
        ],
    ),
    ("import", &[is("WHAT", "what"), is("OF", "of"), is("COUNT", "count")]),
    (
        "policies",
        &[
            is("POLICY", "identity"),
            switch("CHAT", "enablePersistentChat", ["on", "off"]),
            is("GRANTED TO", "granted"),
            is("DESCRIPTION", "description").spare(),
        ],
    ),
    (
        "configurations",
        &[
            is("SETTINGS OF", "identity"),
            is("CHAT HISTORY", "defaultChatHistory"),
            is("FILE SIZE, KB", "maxFileSizeKB"),
            is("PARTICIPANT UPDATES UP TO", "participantUpdateLimit").spare(),
            is("ROOM MANAGEMENT", "roomManagementUrl").spare(),
        ],
    ),
    ("add-ins", &[is("ADD-IN", "name"), is("URL", "url")]),
    (
        "pool",
        &[
            is("POOL", "pool"),
            is("STATE", "state"),
            is("ERA", "era"),
            is("ACTIVE SERVERS", "activeServers"),
            is("ENDPOINTS", "endpoints"),
            is("LEAVING", "leaving"),
        ],
    ),
    (
        "servers",
        &[
            is("SERVER", "server"),
            is("STATE", "state"),
            switch("RUNS", "running", YES),
            is("ENDPOINTS", "endpoints"),
            switch("HERE", "here", YES).spare(),
            is("LEASE UNTIL", "leaseUntil").spare(),
        ],
    ),
    ("endpoints", &[is("ADDRESS", "address"), is("NAME", "displayName")]),
    (
        "principals",
        &[
            is("PRINCIPAL", "principal"),
            is("NAME", "name"),
            is("KIND", "kind"),
            switch("STATE", "enabled", ENABLED),
        ],
    ),
    (
        "roles",
        &[
            is("PERSON", "user"),
            is("ROLE", "role"),
            switch("STATE", "enabled", ENABLED),
            is("GRANTED BY", "grantedBy").spare(),
            is("AT", "grantedAt").spare(),
        ],
    ),
    (
        "tokens",
        &[
            is("NAME", "name"),
            is("SCOPE", "scope"),
            is("EXPIRES", "expires").spare(),
            is("FOR", "for").spare(),
            is("REVOKED", "revoked").spare(),
            is("TOKEN", "guid"),
        ],
    ),
    ("messages", &[is("MESSAGE", "message"), is("AUTHOR", "author"), is("TIME", "time")]),
    (
        "imported-rooms",
        &[
            is("LINE", "line"),
            is("ROOM", "name"),
            is("RESULT", "result"),
            is("COLUMN", "column"),
            is("WHY", "message"),
        ],
    ),
    (
        "record",
        &[
            is("NUMBER", "operation"),
            is("TIME", "time"),
            is("BY", "by"),
            is("WHAT", "verb"),
            is("ABOUT", "changes"),
        ],
    ),
    (
        "figures",
        &[is("LIST", "section"), is("WHAT", "what"), is("COUNT", "count"), is("LAST POST", "lastPost")],
    ),
    (
        "activity",
        &[
            is("ROOM", "room"),
            is("CATEGORY", "category"),
            switch("STATE", "disabled", DISABLED),
            is("POSTS", "posts"),
            is("LAST POST", "lastPost"),
            is("OCTETS", "octets").spare(),
        ],
    ),
    (
        "memberships",
        &[
            is("KIND", "kind"),
            is("NAME", "name"),
            is("ROLE", "role"),
            is("BY", "by"),
            is("THROUGH", "path").spare(),
            is("ADMITTED", "admitted").spare(),
            switch("STATE", "disabled", DISABLED),
        ],
    ),
    (super::RIGHTS, &[is("RIGHT", "right"), is("MAY", "allowed"), is("BECAUSE", "because")]),
    ("holders", &[is("ADDRESS", "address"), is("NAME", "displayName")]),
];
