-- Journals, tables and the search index as of the first release.
-- Times are microseconds since the Unix epoch; GUIDs are 16 octets; numbers of journals start at 1.

CREATE TABLE schema (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    version    INTEGER NOT NULL,
    min_reader INTEGER NOT NULL,
    min_writer INTEGER NOT NULL
) STRICT;

CREATE TABLE pool (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    domain TEXT NOT NULL,
    name   TEXT NOT NULL,
    guid   BLOB NOT NULL,
    site   TEXT NOT NULL,
    era    INTEGER NOT NULL,
    graph  INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Servers. The batch number says whether a commit whose answer was lost was kept.
CREATE TABLE server (
    id    INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    batch INTEGER NOT NULL
) STRICT;

-- Apart from the epoch, so that renewing a lease never waits for an append.
CREATE TABLE lease (
    server  INTEGER PRIMARY KEY REFERENCES server (id),
    holder  TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

CREATE TABLE present (
    server   INTEGER NOT NULL REFERENCES server (id),
    person   INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    rooms    BLOB NOT NULL,
    PRIMARY KEY (server, person, endpoint)
) STRICT, WITHOUT ROWID;

-- Journals: kind 1 of a room, 2 of a server, 3 of the pool (subject 0). octets: of the kept posts of a room that have a text.
CREATE TABLE head (
    journal INTEGER PRIMARY KEY,
    kind    INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
    subject INTEGER NOT NULL,
    era     INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    posts   INTEGER NOT NULL,
    chain   BLOB NOT NULL,
    time    INTEGER NOT NULL,
    octets  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, subject)
) STRICT;

-- Headers are never rewritten; chain = SHA-256(chain before || header). A body may go, its number is never reused.
CREATE TABLE entry (
    journal INTEGER NOT NULL REFERENCES head (journal),
    number  INTEGER NOT NULL,
    header  BLOB NOT NULL,
    chain   BLOB NOT NULL,
    body    INTEGER,
    PRIMARY KEY (journal, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE body (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    salt BLOB NOT NULL,
    text TEXT NOT NULL,
    rtf  TEXT
) STRICT;

-- What retention has taken away from the beginning of a journal.
CREATE TABLE floor (
    journal INTEGER PRIMARY KEY REFERENCES head (journal),
    number  INTEGER NOT NULL,
    chain   BLOB NOT NULL
) STRICT;

-- Where a journal went on in a new era: numbers after fork are void for who saw them in an older one.
CREATE TABLE gap (
    journal INTEGER NOT NULL REFERENCES head (journal),
    era     INTEGER NOT NULL,
    fork    INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    PRIMARY KEY (journal, era)
) STRICT, WITHOUT ROWID;

-- Finding operations in the pool's journal: derived from its entries. number is that of the operation's first entry; a part is one
-- transaction; actor_kind: 1 person, 2 shell, 3 token, 4 server; kind: as operations.rs numbers what entries are about.
CREATE TABLE operation (
    number     INTEGER PRIMARY KEY,
    time       INTEGER NOT NULL,
    actor_kind INTEGER NOT NULL CHECK (actor_kind IN (1, 2, 3, 4)),
    actor      INTEGER NOT NULL
) STRICT;
CREATE INDEX operation_actor ON operation (actor_kind, actor);
CREATE INDEX operation_time ON operation (time);

CREATE TABLE operation_part (
    operation INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    entries   INTEGER NOT NULL,
    PRIMARY KEY (operation, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE operation_subject (
    kind      INTEGER NOT NULL,
    subject   INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    PRIMARY KEY (kind, subject, operation)
) STRICT, WITHOUT ROWID;

-- Policies and settings by scope: 'global' is always there; folded is the key.
CREATE TABLE policy (
    id          INTEGER PRIMARY KEY,
    scope       TEXT NOT NULL,
    folded      TEXT NOT NULL UNIQUE,
    enabled     INTEGER NOT NULL,
    description TEXT NOT NULL,
    version     INTEGER NOT NULL
) STRICT;

CREATE TABLE configuration (
    id                       INTEGER PRIMARY KEY,
    scope                    TEXT NOT NULL,
    folded                   TEXT NOT NULL UNIQUE,
    default_chat_history     INTEGER NOT NULL,
    max_file_size_kb         INTEGER NOT NULL,
    participant_update_limit INTEGER NOT NULL,
    room_management_url      TEXT,
    version                  INTEGER NOT NULL
) STRICT;

CREATE TABLE add_in (
    id      INTEGER PRIMARY KEY,
    guid    BLOB NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    folded  TEXT NOT NULL UNIQUE,
    url     TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- Further addresses under which clients find the pool.
CREATE TABLE endpoint (
    id           INTEGER PRIMARY KEY,
    address      TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL
) STRICT;

-- Groups, containers and directory domains. kind: 1 group, 2 container, 3 domain. source: the directory; none is local.
-- A number is never given to another group: sets of them are kept.
CREATE TABLE principal_group (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    guid         BLOB NOT NULL UNIQUE,
    kind         INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
    source       TEXT,
    name         TEXT NOT NULL,
    folded       TEXT NOT NULL,
    dn           TEXT,
    dn_folded    TEXT,
    parent       INTEGER REFERENCES principal_group (id),
    domain       TEXT,
    gone         INTEGER NOT NULL,
    affiliation  INTEGER REFERENCES affiliation (id),
    version      INTEGER NOT NULL
) STRICT;
CREATE INDEX principal_group_name ON principal_group (folded);
CREATE UNIQUE INDEX principal_group_local ON principal_group (folded) WHERE source IS NULL;
CREATE INDEX principal_group_parent ON principal_group (parent) WHERE parent IS NOT NULL;
CREATE INDEX principal_group_dn ON principal_group (dn_folded) WHERE dn_folded IS NOT NULL;

-- Sets of groups, four octets each, ascending; everybody who belongs to the same groups shares one.
CREATE TABLE affiliation (
    id     INTEGER PRIMARY KEY,
    hash   BLOB NOT NULL UNIQUE,
    groups BLOB NOT NULL
) STRICT;

-- source: the directory; none is local. gone: it does not know the person any more, whose address is free.
-- folded: the display name as it is searched. chat: whether the policy in force lets the person use persistent chat.
CREATE TABLE person (
    id           INTEGER PRIMARY KEY,
    guid         BLOB NOT NULL UNIQUE,
    address      TEXT NOT NULL,
    display_name TEXT NOT NULL,
    folded       TEXT NOT NULL,
    state        INTEGER NOT NULL CHECK (state IN (1, 2, 3)),
    standing     INTEGER NOT NULL,
    source       TEXT,
    bot          INTEGER NOT NULL,
    dn           TEXT,
    dn_folded    TEXT,
    parent       INTEGER REFERENCES principal_group (id),
    mail         TEXT,
    gone         INTEGER NOT NULL,
    policy       INTEGER REFERENCES policy (id),
    chat         INTEGER NOT NULL,
    affiliation  INTEGER REFERENCES affiliation (id)
) STRICT;
CREATE UNIQUE INDEX person_address ON person (address) WHERE state <> 3 AND gone = 0;
CREATE INDEX person_named ON person (address, folded) WHERE state <> 3 AND gone = 0;
CREATE INDEX person_policy ON person (policy, state, gone, chat);
CREATE INDEX person_parent ON person (parent) WHERE parent IS NOT NULL;
CREATE INDEX person_ever ON person (address);
CREATE INDEX person_dn ON person (dn_folded) WHERE dn_folded IS NOT NULL;

-- Direct members of groups that have any: numbers of groups and of people, four octets each, ascending.
CREATE TABLE members (
    grp    INTEGER PRIMARY KEY REFERENCES principal_group (id),
    groups BLOB NOT NULL,
    people BLOB NOT NULL
) STRICT;

-- Administrative roles: 1 reader, 2 user administrator, 3 persistent chat administrator, 4 administrator.
-- granted is the number of the operation in the pool's journal, here and in the lists below.
CREATE TABLE role_grant (
    person  INTEGER NOT NULL REFERENCES person (id),
    role    INTEGER NOT NULL CHECK (role IN (1, 2, 3, 4)),
    granted INTEGER NOT NULL,
    PRIMARY KEY (person, role)
) STRICT, WITHOUT ROWID;

-- Only the hash of a token is kept. person: whose it is; none acts for itself.
CREATE TABLE token (
    id      INTEGER PRIMARY KEY,
    guid    BLOB NOT NULL UNIQUE,
    hash    BLOB NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    scope   TEXT NOT NULL,
    person  INTEGER REFERENCES person (id),
    made    INTEGER NOT NULL,
    expires INTEGER,
    revoked INTEGER
) STRICT;
CREATE INDEX token_person ON token (person);

CREATE TABLE credential (
    person INTEGER PRIMARY KEY REFERENCES person (id),
    argon2 TEXT,
    nt     BLOB
) STRICT;

-- Rooms and categories share their names, case aside.
CREATE TABLE name (
    folded TEXT PRIMARY KEY,
    kind   INTEGER NOT NULL CHECK (kind IN (1, 2)),
    id     INTEGER NOT NULL,
    UNIQUE (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE category (
    id          INTEGER PRIMARY KEY,
    guid        BLOB NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    invitations INTEGER NOT NULL,
    file_upload INTEGER NOT NULL,
    history     INTEGER NOT NULL,
    rules       INTEGER NOT NULL,
    removed     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- list: 1 allowed, 2 denied, 3 creators.
CREATE TABLE category_principal (
    id      INTEGER PRIMARY KEY,
    category INTEGER NOT NULL REFERENCES category (id),
    list    INTEGER NOT NULL CHECK (list IN (1, 2, 3)),
    person  INTEGER REFERENCES person (id),
    grp     INTEGER REFERENCES principal_group (id),
    domain  TEXT,
    granted INTEGER NOT NULL,
    CHECK ((person IS NOT NULL) + (grp IS NOT NULL) + (domain IS NOT NULL) = 1)
) STRICT;
CREATE UNIQUE INDEX category_principal_person ON category_principal (category, list, person) WHERE person IS NOT NULL;
CREATE UNIQUE INDEX category_principal_group ON category_principal (category, list, grp) WHERE grp IS NOT NULL;
CREATE UNIQUE INDEX category_principal_domain ON category_principal (category, list, domain) WHERE domain IS NOT NULL;
CREATE INDEX category_principal_list ON category_principal (category, id);
CREATE INDEX category_principal_of ON category_principal (person) WHERE person IS NOT NULL;
CREATE INDEX category_principal_of_group ON category_principal (grp) WHERE grp IS NOT NULL;
CREATE INDEX category_principal_of_domain ON category_principal (domain) WHERE domain IS NOT NULL;

CREATE TABLE room (
    id          INTEGER PRIMARY KEY,
    guid        BLOB NOT NULL UNIQUE,
    category    INTEGER NOT NULL REFERENCES category (id),
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    privacy     INTEGER NOT NULL CHECK (privacy IN (1, 2, 3)),
    kind        INTEGER NOT NULL CHECK (kind IN (1, 2)),
    invitations INTEGER NOT NULL CHECK (invitations IN (1, 2)),
    disabled    INTEGER NOT NULL,
    add_in      INTEGER REFERENCES add_in (id),
    rules       INTEGER NOT NULL,
    removed     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX room_add_in ON room (add_in) WHERE add_in IS NOT NULL;
CREATE INDEX room_category ON room (category) WHERE removed = 0;
CREATE INDEX room_removed ON room (removed, name, guid) WHERE removed = 1;

-- list: 1 members, 2 managers, 3 presenters.
CREATE TABLE room_principal (
    id      INTEGER PRIMARY KEY,
    room    INTEGER NOT NULL REFERENCES room (id),
    list    INTEGER NOT NULL CHECK (list IN (1, 2, 3)),
    person  INTEGER REFERENCES person (id),
    grp     INTEGER REFERENCES principal_group (id),
    domain  TEXT,
    granted INTEGER NOT NULL,
    CHECK ((person IS NOT NULL) + (grp IS NOT NULL) + (domain IS NOT NULL) = 1)
) STRICT;
CREATE UNIQUE INDEX room_principal_person ON room_principal (room, list, person) WHERE person IS NOT NULL;
CREATE UNIQUE INDEX room_principal_group ON room_principal (room, list, grp) WHERE grp IS NOT NULL;
CREATE UNIQUE INDEX room_principal_domain ON room_principal (room, list, domain) WHERE domain IS NOT NULL;
CREATE INDEX room_principal_list ON room_principal (room, id);
CREATE INDEX room_principal_of ON room_principal (person) WHERE person IS NOT NULL;
CREATE INDEX room_principal_of_group ON room_principal (grp) WHERE grp IS NOT NULL;
CREATE INDEX room_principal_of_domain ON room_principal (domain) WHERE domain IS NOT NULL;

-- Post numbers to entry numbers; body is the present text, NULL once it was taken away; changed is the number of the
-- entry that last took the text away or replaced it.
CREATE TABLE post (
    id     INTEGER PRIMARY KEY,
    room   INTEGER NOT NULL REFERENCES room (id),
    post   INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kept   INTEGER NOT NULL,
    body   INTEGER,
    changed INTEGER,
    UNIQUE (room, post)
) STRICT;
CREATE UNIQUE INDEX post_number ON post (room, number);

-- What was said while history was off and still has its text.
CREATE INDEX post_passing ON post (room, post) WHERE kept = 0 AND body IS NOT NULL;

-- What a client sent again is kept once. The room belongs to the key: era and number alone say no place.
CREATE TABLE sent (
    author    INTEGER NOT NULL REFERENCES person (id),
    client_id TEXT NOT NULL,
    room      INTEGER NOT NULL REFERENCES room (id),
    era       INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    PRIMARY KEY (author, client_id, room)
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
    person  INTEGER NOT NULL REFERENCES person (id),
    shelf   INTEGER NOT NULL CHECK (shelf IN (1, 2, 3)),
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (person, shelf, name)
) STRICT;

CREATE TABLE invitation (
    person INTEGER NOT NULL REFERENCES person (id),
    room   INTEGER NOT NULL REFERENCES room (id),
    id     INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    PRIMARY KEY (person, room),
    UNIQUE (person, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE read_mark (
    person INTEGER NOT NULL REFERENCES person (id),
    room   INTEGER NOT NULL REFERENCES room (id),
    posts  INTEGER NOT NULL,
    PRIMARY KEY (person, room)
) STRICT, WITHOUT ROWID;

-- The index: rowid is post.id, room is the token 'r' || room.id. It holds no copy of the text,
-- and what leaves it leaves the file as well.
CREATE VIRTUAL TABLE search USING fts5 (
    room, text, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
