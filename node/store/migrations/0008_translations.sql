-- Oldest program that still runs on this: 0.1.0
--
-- What was received and has free text is put down here in the transaction that stores it. Texts and translations
-- stand nowhere else than under the data key of their exchange.

CREATE TABLE translations_due (     -- statements whose texts are not in `translations` yet
    statement   TEXT PRIMARY KEY,   -- statements.hash
    exchange_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX translations_due_of ON translations_due (exchange_id);

CREATE TABLE translations (         -- one text into one language
    id              INTEGER PRIMARY KEY,
    statement       TEXT NOT NULL,  -- statements.hash
    field           TEXT NOT NULL,  -- where in its form
    target          TEXT NOT NULL,
    exchange_id     TEXT NOT NULL,
    source          TEXT NOT NULL,
    source_by       TEXT NOT NULL CHECK (source_by IN ('author', 'detector', 'country')),
    text_mark       BLOB NOT NULL,  -- the beginning of an HMAC: equal texts have it alike
    personal        INTEGER NOT NULL CHECK (personal IN (0, 1)),
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'done', 'failed', 'no_engine', 'withheld')),
    next_attempt_at TEXT,           -- of one that waits; until when an answer is expected, of one that was sent
    attempts        INTEGER NOT NULL DEFAULT 0,  -- at this engine
    tried           TEXT NOT NULL DEFAULT '[]',  -- engines that gave nothing, a list
    engine          TEXT NOT NULL DEFAULT '',
    via             TEXT NOT NULL DEFAULT '',
    job             TEXT UNIQUE,    -- what the engine is told to name it by
    reference       TEXT NOT NULL DEFAULT '',    -- the engine's own names of it, with a blank between
    version         TEXT NOT NULL DEFAULT '',
    unknown         REAL,
    made_at         TEXT,
    result          BLOB,           -- sealed
    reason          TEXT NOT NULL DEFAULT '',
    UNIQUE (statement, field, target)
) STRICT;
CREATE INDEX translations_open ON translations (state, next_attempt_at) WHERE state IN ('waiting', 'sent');
CREATE INDEX translations_of ON translations (exchange_id);
CREATE INDEX translations_alike ON translations (text_mark, target) WHERE state = 'done';
