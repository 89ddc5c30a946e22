-- Published versions of the topology: written once, never changed. Who and when is said by the operation.
CREATE TABLE topology (
    number    BIGINT PRIMARY KEY,
    previous  BYTEA NOT NULL,
    hash      BYTEA NOT NULL,
    document  TEXT COLLATE "C" NOT NULL,
    remark    TEXT COLLATE "C" NOT NULL,
    operation BIGINT NOT NULL
);
