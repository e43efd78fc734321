-- Oldest program that still runs on this: 0.1.0
--
-- An older program leaves `due_on` as it finds it, and reminds nobody. Every exchange that is under way is made due
-- once, so that its reminders and its day are reckoned at the next tick.

ALTER TABLE exchanges ADD COLUMN due_on TEXT;  -- the day on which the first of the periods that run ends
CREATE INDEX exchanges_due_on ON exchanges (due_on) WHERE due_on IS NOT NULL;
UPDATE exchanges SET next_due_at = '2000-01-01T00:00:00.000Z' WHERE opened_at IS NOT NULL AND closed_at IS NULL;

CREATE TABLE notices (
    id          INTEGER PRIMARY KEY,
    exchange_id TEXT NOT NULL,
    kind        TEXT NOT NULL
                CHECK (kind IN ('reminder', 'escalation', 'inactivity', 'unreceived', 'refused', 'news', 'unconfirmed')),
    subject     TEXT NOT NULL,  -- the deadline, the step or the party that it is about
    since       TEXT NOT NULL,  -- message id of the step that it counts from
    day         INTEGER NOT NULL,
    audience    TEXT NOT NULL CHECK (audience IN ('authority', 'coordinator')),
    at          TEXT NOT NULL,
    seen_at     TEXT,           -- since when nobody needs to look at it any more
    digest_on   TEXT,           -- the day whose digests tell it
    UNIQUE (exchange_id, kind, subject, since, day)
) STRICT;
CREATE INDEX notices_to_look_at ON notices (kind, exchange_id) WHERE seen_at IS NULL;
CREATE INDEX notices_to_tell ON notices (id) WHERE digest_on IS NULL;

CREATE TABLE mails (
    message_id      TEXT PRIMARY KEY,
    recipient       TEXT NOT NULL,  -- a user or an authority; never an address
    day             TEXT NOT NULL,
    subject         TEXT NOT NULL,
    body            TEXT NOT NULL,
    cases           INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT NOT NULL,
    ended_at        TEXT,
    answer          TEXT NOT NULL DEFAULT '',
    UNIQUE (recipient, day),
    CHECK ((ended_at IS NULL) = (state = 'waiting'))
) STRICT, WITHOUT ROWID;
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE ended_at IS NULL;
