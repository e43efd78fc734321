-- Oldest program that still runs on this: 0.1.0
--
-- Names of authorities are public. Users and contact persons are sealed, under a key that the database does not hold.
-- A node without a row in `registers` has published nothing: then what the directory says of its authorities counts,
-- and its rows in `known_authorities` serve searching only.

CREATE TABLE registers (
    node    TEXT PRIMARY KEY,
    version INTEGER NOT NULL,       -- 0: of the own node, which has not published yet
    at      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE known_authorities (    -- of all countries: what counts now
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    node        TEXT NOT NULL,
    national    INTEGER NOT NULL CHECK (national IN (0, 1)),
    coordinates INTEGER NOT NULL CHECK (coordinates IN (0, 1)),
    languages   TEXT NOT NULL,      -- with a blank before and after each
    modules     TEXT NOT NULL,      -- area, area.procedure and .procedure; with a blank before and after each
    document    TEXT NOT NULL,      -- schemas.authorities.Authority as JSON, without contacts
    contacts    BLOB                -- sealed
) STRICT;
CREATE INDEX known_authorities_node ON known_authorities (node, national DESC, coordinates DESC, id);

-- Words are folded before they come here; so the tokenizer only has to split at blanks.
CREATE VIRTUAL TABLE authority_words USING fts5 (name, other, tokenize = "unicode61", prefix = '2 3 4');

CREATE TABLE staged_authorities (   -- pages of a version that has not come as a whole yet
    node     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    page     INTEGER NOT NULL,
    id       TEXT NOT NULL,
    document TEXT NOT NULL,
    contacts BLOB,                  -- sealed
    PRIMARY KEY (node, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE register_statements (  -- what was said of authorities, to be erased once something newer counts
    message_id TEXT PRIMARY KEY,
    node       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    page       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX register_statements_version ON register_statements (node, version);

CREATE TABLE register_told (        -- which version of the own register each node was told
    node    TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE register_progress (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    changed   INTEGER NOT NULL CHECK (changed IN (0, 1)),  -- the own register, since it was last published
    directory INTEGER NOT NULL                             -- the version whose lists can be searched
) STRICT;
INSERT INTO register_progress (one, changed, directory) VALUES (1, 0, -1);

CREATE TABLE own_authorities (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL,         -- schemas.people.RegisteredAuthority as JSON, without contacts
    contacts BLOB                   -- sealed
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id       TEXT PRIMARY KEY,      -- says nothing about the person
    document BLOB NOT NULL          -- schemas.people.User, sealed
) STRICT, WITHOUT ROWID;
