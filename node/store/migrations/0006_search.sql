-- Oldest program that still runs on this: 0.1.0
--
-- The index is derived: it is filled from `statements`, which it follows at a distance, and can be emptied and made
-- again at any time (set `search_progress` to 0). What stands in it is keyed, see docs/decisions/0019.

CREATE TABLE search_progress (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    statement INTEGER NOT NULL      -- statements.seq up to which everything is in the index
) STRICT;
INSERT INTO search_progress (one, statement) VALUES (1, 0);

CREATE TABLE search_terms (
    term     INTEGER NOT NULL,      -- the first 64 bits of an HMAC
    exchange INTEGER NOT NULL,      -- exchanges.seq
    personal INTEGER NOT NULL CHECK (personal IN (0, 1)),  -- only among personal data
    PRIMARY KEY (term, exchange)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_sources (       -- which terms to remove when an exchange is blocked
    exchange  INTEGER NOT NULL,
    statement INTEGER NOT NULL,
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

-- Statistics: what a report says besides rows, and years of which this node confirmed that it had no case.

ALTER TABLE reports ADD COLUMN indicators TEXT NOT NULL DEFAULT '[]';  -- list of schemas.statistics.IndicatorRow
ALTER TABLE reports ADD COLUMN no_cases TEXT NOT NULL DEFAULT '[]';    -- list of years

CREATE TABLE no_cases (
    year         INTEGER PRIMARY KEY,
    confirmed_at TEXT NOT NULL
) STRICT;
