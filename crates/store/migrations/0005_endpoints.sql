-- With each renewal of its lease a server tells how many endpoints of people it has.
ALTER TABLE lease ADD COLUMN endpoints INTEGER NOT NULL DEFAULT 0;
