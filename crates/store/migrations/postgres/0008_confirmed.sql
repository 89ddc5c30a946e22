-- How far a server has followed the journal of the pool; NULL while it follows nothing.
ALTER TABLE lease ADD COLUMN confirmed BIGINT;
