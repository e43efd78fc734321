-- Oldest program that still runs on this: 0.1.0
--
-- The register of requests about personal data.

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
