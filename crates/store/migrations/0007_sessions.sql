-- Who is signed on with a browser. Only the hash of a session's secret is kept. admission: under which one it began;
-- ended: when somebody signed off, until every server knows.
CREATE TABLE session (
    hash      BLOB PRIMARY KEY,
    person    INTEGER NOT NULL REFERENCES person (id),
    admission INTEGER NOT NULL,
    made      INTEGER NOT NULL,
    used      INTEGER NOT NULL,
    ended     INTEGER
) STRICT;
CREATE INDEX session_person ON session (person);
CREATE INDEX session_used ON session (used);
CREATE INDEX session_ended ON session (ended) WHERE ended IS NOT NULL;
