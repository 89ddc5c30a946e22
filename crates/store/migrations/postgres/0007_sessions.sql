-- Who is signed on with a browser. Only the hash of a session's secret is kept. admission: under which one it began;
-- ended: when somebody signed off, until every server knows.
CREATE TABLE session (
    hash      BYTEA PRIMARY KEY,
    person    BIGINT NOT NULL,
    admission BIGINT NOT NULL,
    made      BIGINT NOT NULL,
    used      BIGINT NOT NULL,
    ended     BIGINT
);
CREATE INDEX session_person ON session (person);
CREATE INDEX session_used ON session (used);
CREATE INDEX session_ended ON session (ended) WHERE ended IS NOT NULL;
