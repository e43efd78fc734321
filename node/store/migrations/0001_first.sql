-- Oldest program that still runs on this: 0.1.0
--
-- No table refers to `exchanges`: pieces of an attachment, and the key that they are sealed with, come before
-- the step that opens the exchange. Explicit integer keys, because VACUUM renumbers implicit ones.

CREATE TABLE exchanges (
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    area        TEXT NOT NULL,
    procedure   TEXT NOT NULL,
    version     INTEGER NOT NULL,
    state       TEXT NOT NULL,
    parties     TEXT NOT NULL,  -- node ids in order, a blank between
    opened_at   TEXT,
    closed_at   TEXT,
    blocked_at  TEXT,
    deleted_at  TEXT,
    next_due_at TEXT,
    document    TEXT NOT NULL   -- schemas.exchange.Exchange as JSON
) STRICT;
CREATE INDEX exchanges_state ON exchanges (state, seq);
CREATE INDEX exchanges_due ON exchanges (next_due_at) WHERE next_due_at IS NOT NULL;

CREATE TABLE serials (
    prefix TEXT PRIMARY KEY,
    last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE statements (
    seq         INTEGER PRIMARY KEY,
    message_id  TEXT NOT NULL,
    exchange_id TEXT,
    kind        TEXT NOT NULL,
    sender      TEXT NOT NULL,
    sequence    INTEGER,
    hash        TEXT NOT NULL UNIQUE,
    jws         TEXT NOT NULL,
    disclosures BLOB,           -- sealed
    recorded_at TEXT NOT NULL,
    number      INTEGER,        -- in the sender's stream to this node
    UNIQUE (message_id, sender) -- an id is its sender's word: another one may have used the same
) STRICT;
CREATE INDEX statements_exchange ON statements (exchange_id, seq) WHERE exchange_id IS NOT NULL;
CREATE INDEX statements_stream ON statements (sender, number) WHERE number IS NOT NULL;

CREATE TABLE data_keys (
    exchange_id TEXT PRIMARY KEY,
    wrapped     BLOB NOT NULL,
    ring        TEXT NOT NULL CHECK (ring IN ('ordinary', 'blocked'))
) STRICT, WITHOUT ROWID;

CREATE TABLE streams (
    peer     TEXT PRIMARY KEY,
    next_out INTEGER NOT NULL CHECK (next_out > 0),
    next_in  INTEGER NOT NULL CHECK (next_in > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    recipient       TEXT NOT NULL,
    number          INTEGER NOT NULL CHECK (number > 0),
    hash            TEXT NOT NULL REFERENCES statements (hash) DEFERRABLE INITIALLY DEFERRED,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'published', 'delivered', 'refused')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    published_at    TEXT,
    ended_at        TEXT,
    code            TEXT,
    PRIMARY KEY (recipient, number),
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'published')))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX outbox_statement ON outbox (hash, recipient);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE ended_at IS NULL;
CREATE INDEX outbox_state ON outbox (state, created_at);

CREATE TABLE signals (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient  TEXT NOT NULL,
    jws        TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE returns (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient TEXT NOT NULL,
    hash      TEXT NOT NULL,
    UNIQUE (recipient, hash)
) STRICT;

CREATE TABLE receipt_statements (
    seq         INTEGER PRIMARY KEY,
    hash        TEXT NOT NULL UNIQUE,
    message_id  TEXT NOT NULL,  -- of the signal
    sender      TEXT NOT NULL,
    jws         TEXT NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;

CREATE TABLE receipts (
    about    TEXT NOT NULL,     -- hash of the statement that the receipt is about
    party    TEXT NOT NULL,     -- the node that made the receipt
    outcome  TEXT NOT NULL CHECK (outcome IN ('delivered', 'opened', 'refused')),
    code     TEXT,
    at       TEXT NOT NULL,
    jws_hash TEXT NOT NULL REFERENCES receipt_statements (hash) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (about, party, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE waiting (
    sender      TEXT NOT NULL,
    number      INTEGER NOT NULL CHECK (number > 0),
    message_id  TEXT NOT NULL,
    exchange_id TEXT,
    hash        TEXT NOT NULL UNIQUE,
    jws         TEXT NOT NULL,
    disclosures BLOB,           -- sealed
    reason      TEXT NOT NULL CHECK (reason IN ('stream', 'exchange')),
    since       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX waiting_stream ON waiting (sender, number) WHERE reason = 'stream';
CREATE INDEX waiting_exchange ON waiting (exchange_id) WHERE reason = 'exchange';
CREATE INDEX waiting_overview ON waiting (reason, sender, number, since);

CREATE TABLE quarantine (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         TEXT NOT NULL,
    last_at    TEXT NOT NULL,
    repeats    INTEGER NOT NULL DEFAULT 0,
    code       TEXT NOT NULL,
    sender     TEXT,
    message_id TEXT,
    detail     TEXT NOT NULL,
    size       INTEGER NOT NULL,
    body       BLOB NOT NULL,
    body_hash  TEXT NOT NULL,
    UNIQUE (body_hash, code)
) STRICT;

CREATE TABLE ledger (
    seq     INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL,      -- JSON, the exact text that was hashed
    hash    TEXT NOT NULL
) STRICT;
CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE (ABORT, 'the ledger is only added to'); END;
CREATE TRIGGER ledger_is_not_removed BEFORE DELETE ON ledger
BEGIN SELECT RAISE (ABORT, 'the ledger is only added to'); END;

CREATE TABLE documents (
    name        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    text        TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (name, version)
) STRICT;

CREATE TABLE reports (
    sender     TEXT NOT NULL,
    as_of      TEXT NOT NULL,
    message_id TEXT NOT NULL,
    rows       TEXT NOT NULL,   -- list of schemas.statistics.StatisticsRow as JSON
    PRIMARY KEY (sender, as_of)
) STRICT;

CREATE TABLE chunks (
    exchange_id TEXT NOT NULL,
    attachment  TEXT NOT NULL,
    idx         INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    data        BLOB NOT NULL,  -- sealed
    since       TEXT NOT NULL,
    PRIMARY KEY (exchange_id, attachment, idx),
    CHECK (idx >= 0 AND idx < count)
) STRICT;

CREATE INDEX chunks_since ON chunks (since, exchange_id);

CREATE TABLE drafts (
    exchange_id TEXT NOT NULL PRIMARY KEY,
    content     BLOB NOT NULL,  -- sealed
    updated_at  TEXT NOT NULL
) STRICT;
