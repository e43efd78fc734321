-- Oldest program that still runs on this: 0.1.0
--
-- Links between exchanges that this node knows of: said in a step, or noted here and told to nobody. They hold case
-- numbers only, and stay when the personal data of an exchange are gone.

CREATE TABLE links (
    exchange_id TEXT NOT NULL,
    other_id    TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('follows', 'relates_to')),
    told        INTEGER NOT NULL CHECK (told IN (0, 1)),
    at          TEXT NOT NULL,
    PRIMARY KEY (exchange_id, other_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_back ON links (other_id);
