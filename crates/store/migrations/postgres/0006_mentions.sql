-- Whom a text mentions: stands with the text, is covered by its code, and goes with it. NULL when nobody.
ALTER TABLE body ADD COLUMN mentions BYTEA;

-- Finding the posts that mention somebody: derived from the texts that are shown.
CREATE TABLE mention (
    person BIGINT NOT NULL,
    room   BIGINT NOT NULL,
    post   BIGINT NOT NULL,
    PRIMARY KEY (person, room, post)
);
CREATE INDEX mention_post ON mention (room, post);
