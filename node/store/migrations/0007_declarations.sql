-- Oldest program that still runs on this: 0.1.0

-- Policy areas that the Commission published. A version keeps its text; there is no personal data in it.
CREATE TABLE declarations (
    area    TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    text    TEXT NOT NULL,
    PRIMARY KEY (area, version)
) STRICT;

CREATE TABLE publications (
    area        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    stage       TEXT NOT NULL CHECK (stage IN ('consultation', 'in_force', 'retired')),
    hash        TEXT NOT NULL,
    since       TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (area, version, stage),
    FOREIGN KEY (area, version) REFERENCES declarations (area, version)
) STRICT;

-- At the Commission: which nodes were told. A node that joins later is told then.
CREATE TABLE publications_told (
    area    TEXT NOT NULL,
    version INTEGER NOT NULL,
    stage   TEXT NOT NULL,
    node    TEXT NOT NULL,
    PRIMARY KEY (area, version, stage, node),
    FOREIGN KEY (area, version, stage) REFERENCES publications (area, version, stage)
) STRICT, WITHOUT ROWID;
