-- Whom a text mentions: stands with the text, is covered by its code, and goes with it. NULL when nobody.
ALTER TABLE body ADD COLUMN mentions BLOB;

-- Finding the posts that mention somebody: derived from the texts that are shown.
CREATE TABLE mention (
    person INTEGER NOT NULL REFERENCES person (id),
    room   INTEGER NOT NULL REFERENCES room (id),
    post   INTEGER NOT NULL,
    PRIMARY KEY (person, room, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_post ON mention (room, post);
