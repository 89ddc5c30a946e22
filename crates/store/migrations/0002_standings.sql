-- Raised by a new password and by being shut out: whoever signed on under a lesser one is not signed on any more.
ALTER TABLE person ADD COLUMN admission INTEGER NOT NULL DEFAULT 1;
-- Whether its owner made it himself; what is there was made so, except for programs.
ALTER TABLE token ADD COLUMN own INTEGER NOT NULL DEFAULT 1;
UPDATE token SET own = 0 WHERE person IS NULL OR person IN (SELECT id FROM person WHERE bot);
-- Disabled here, whatever the directory a person comes from says.
ALTER TABLE person ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
-- Sets of groups go with the last who had them.
CREATE INDEX principal_group_affiliation ON principal_group (affiliation) WHERE affiliation IS NOT NULL;
CREATE INDEX person_affiliation ON person (affiliation) WHERE affiliation IS NOT NULL;
