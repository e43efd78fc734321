-- Oldest program that still runs on this: 0.1.0
--
-- The index is derived: it is filled from `statements`, which it follows at a distance, and can be emptied and made
-- again at any time (set `search_progress` to 0). What stands in it is keyed, see docs/decisions/0019.

CREATE TABLE search_progress (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    statement INTEGER NOT NULL      -- statements.seq up to which everything is in the index
) STRICT;
INSERT INTO search_progress (one, statement) VALUES (1, 0);

-- Terms are random, so that each would be written to a page of its own. Exchanges of about the same time share a
-- segment, whose pages fit in the cache; a search goes through all segments.

CREATE TABLE search_terms (
    segment  INTEGER NOT NULL,      -- of the exchange
    term     INTEGER NOT NULL,      -- the first 64 bits of an HMAC
    exchange INTEGER NOT NULL,      -- exchanges.seq
    personal INTEGER NOT NULL CHECK (personal IN (0, 1)),  -- only among personal data
    PRIMARY KEY (segment, term, exchange)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_sources (       -- which terms to remove when an exchange is blocked
    exchange  INTEGER NOT NULL,
    statement INTEGER NOT NULL,     -- statements.seq; 0 stands for what is filled in and not sent, records included
    terms     BLOB NOT NULL,        -- signed numbers of 64 bits, big-endian
    PRIMARY KEY (exchange, statement)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_facets (        -- narrow, so that going through all of it is quick; no personal data
    exchange    INTEGER PRIMARY KEY,
    area        TEXT NOT NULL,
    procedure   TEXT NOT NULL,
    state       TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('sent', 'received')),
    parties     TEXT NOT NULL,      -- with a blank before and after each
    authorities TEXT NOT NULL,
    opened_at   TEXT,
    accepted_at TEXT,
    due_at      TEXT,
    closed_at   TEXT,
    hides       INTEGER NOT NULL CHECK (hides IN (0, 1)),  -- personal data are not to be seen here yet
    blocked     INTEGER NOT NULL CHECK (blocked IN (0, 1))
) STRICT;

CREATE TABLE search_due (           -- exchanges of which something was filled in, or thrown away, since it was indexed
    exchange_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO search_due (exchange_id) SELECT DISTINCT exchange_id FROM drafts;
CREATE TRIGGER search_draft_added AFTER INSERT ON drafts
WHEN NOT EXISTS (SELECT 1 FROM search_due WHERE exchange_id = new.exchange_id)
BEGIN INSERT INTO search_due (exchange_id) VALUES (new.exchange_id); END;
CREATE TRIGGER search_draft_changed AFTER UPDATE ON drafts
WHEN NOT EXISTS (SELECT 1 FROM search_due WHERE exchange_id = new.exchange_id)
BEGIN INSERT INTO search_due (exchange_id) VALUES (new.exchange_id); END;
CREATE TRIGGER search_draft_removed AFTER DELETE ON drafts
WHEN NOT EXISTS (SELECT 1 FROM search_due WHERE exchange_id = old.exchange_id)
BEGIN INSERT INTO search_due (exchange_id) VALUES (old.exchange_id); END;

-- Statistics: what a report says besides rows, and years of which this node confirmed that it had no case.

ALTER TABLE reports ADD COLUMN indicators TEXT NOT NULL DEFAULT '[]';  -- list of schemas.statistics.IndicatorRow
ALTER TABLE reports ADD COLUMN no_cases TEXT NOT NULL DEFAULT '[]';    -- list of years

CREATE TABLE no_cases (
    year         INTEGER PRIMARY KEY,
    confirmed_at TEXT NOT NULL
) STRICT;
