-- Oldest program that still runs on this: 0.1.0
--
-- How often something was deleted that no byte may be left of, and up to where the file was compacted since: so that
-- a deletion just before a crash or a stop is followed by a compaction all the same.
CREATE TABLE compaction (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    owed    INTEGER NOT NULL,
    settled INTEGER NOT NULL
) STRICT;
INSERT INTO compaction (one, owed, settled)
SELECT 1, EXISTS (SELECT 1 FROM exchanges WHERE deleted_at IS NOT NULL), 0;

CREATE TRIGGER compaction_after_key AFTER DELETE ON data_keys
BEGIN UPDATE compaction SET owed = owed + 1; END;
CREATE TRIGGER compaction_after_disclosures AFTER UPDATE OF disclosures ON statements
WHEN old.disclosures IS NOT NULL AND new.disclosures IS NOT old.disclosures
BEGIN UPDATE compaction SET owed = owed + 1; END;
CREATE TRIGGER compaction_after_user AFTER DELETE ON users
BEGIN UPDATE compaction SET owed = owed + 1; END;
