-- Oldest program that still runs on this: 0.1.0
--
-- Drafts are of any step now, and not only of the one that opens an exchange. Until here that was `send` everywhere.

CREATE TABLE drafts_of_steps (
    exchange_id TEXT NOT NULL,
    step        TEXT NOT NULL,
    content     BLOB NOT NULL,  -- sealed
    updated_at  TEXT NOT NULL,
    PRIMARY KEY (exchange_id, step)
) STRICT;
INSERT INTO drafts_of_steps SELECT exchange_id, 'send', content, updated_at FROM drafts;
DROP TABLE drafts;
ALTER TABLE drafts_of_steps RENAME TO drafts;

CREATE TABLE desks (
    exchange_id TEXT PRIMARY KEY,
    document    TEXT NOT NULL,  -- schemas.desk.Desk as JSON; no personal data but user ids
    pending     INTEGER NOT NULL CHECK (pending IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX desks_pending ON desks (exchange_id) WHERE pending = 1;

CREATE TABLE disseminations (     -- by authority, so that its list of exchanges is found; from the desks
    authority   TEXT NOT NULL,
    exchange_id TEXT NOT NULL,
    PRIMARY KEY (authority, exchange_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX disseminations_exchange ON disseminations (exchange_id);
