-- Oldest program that still runs on this: 0.1.0
--
-- Notices of a further kind, and the register of requests about personal data. An older program counts as it did.

CREATE TABLE notices_of_all_kinds (
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
INSERT INTO notices_of_all_kinds SELECT * FROM notices;
DROP TABLE notices;
ALTER TABLE notices_of_all_kinds RENAME TO notices;
CREATE INDEX notices_to_look_at ON notices (kind, exchange_id) WHERE seen_at IS NULL;
CREATE INDEX notices_to_tell ON notices (id) WHERE digest_on IS NULL;

CREATE TABLE privacy_requests (
    number      INTEGER PRIMARY KEY,
    exchange_id TEXT,
    kind        TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('open', 'granted', 'refused')),
    decided_at  TEXT,
    document    TEXT NOT NULL,  -- schemas.privacy.DataRequest as JSON; no personal data
    detail      BLOB            -- schemas.privacy.Detail, sealed under a data key of its own
) STRICT;
CREATE INDEX privacy_requests_exchange ON privacy_requests (exchange_id) WHERE exchange_id IS NOT NULL;
