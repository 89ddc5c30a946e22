-- Servers have names. state: 1 active, 2 standby, 3 active and draining, 4 a command line, which serves nobody.
ALTER TABLE server ADD COLUMN name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE server ADD COLUMN state BIGINT NOT NULL DEFAULT 1 CHECK (state IN (1, 2, 3, 4));
UPDATE server SET name = coalesce((SELECT name FROM pool), 'server ' || id);
CREATE UNIQUE INDEX server_name ON server (name);
-- A lease names the epoch it is held under. Whoever was never given one holds one that is over.
ALTER TABLE lease ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
INSERT INTO lease (server, holder, expires, epoch) SELECT id, '', 0, epoch FROM server;
