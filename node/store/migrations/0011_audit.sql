-- Oldest program that still runs on this: 0.1.0
--
-- Who saw what is asked by case number. The heads of ledgers, as their nodes signed them: the own ones with whom they
-- were given to, and those of peers, which a peer can't take back.

CREATE INDEX ledger_subject ON ledger (subject, seq);

CREATE TABLE checkpoints (
    node      TEXT NOT NULL,        -- whose ledger
    entries   INTEGER NOT NULL CHECK (entries > 0),
    head      TEXT NOT NULL,        -- hash of the last of them
    recipient TEXT NOT NULL,
    at        TEXT NOT NULL,
    jws       TEXT NOT NULL,
    PRIMARY KEY (node, entries, head, recipient)
) STRICT, WITHOUT ROWID;
