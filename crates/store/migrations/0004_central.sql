-- Published versions of the topology: written once, never changed. Who and when is said by the operation.
CREATE TABLE topology (
    number    INTEGER PRIMARY KEY,
    previous  BLOB NOT NULL,
    hash      BLOB NOT NULL,
    document  TEXT NOT NULL,
    remark    TEXT NOT NULL,
    operation INTEGER NOT NULL
) STRICT;
