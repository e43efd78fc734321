"""Brings a database to the form that this program knows; forward only.

A migration is a file `NNNN_name.sql`, numbered from 1 without a gap. `PRAGMA user_version` holds the number
of the last one that was applied, and changes in the same transaction as the tables. The first line of each
names the oldest program that still runs on the result, so that an operator knows how far back an upgrade
can be taken.
"""

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from node.store.errors import StoreTooNew

MIGRATIONS = Path(__file__).parent / "migrations"

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_HEAD = re.compile(r"-- Oldest program that still runs on this: (\d+\.\d+\.\d+)\n")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step forward."""

    number: int
    oldest_program: str
    sql: str


def read_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """Read all migrations in their order.

    Raises:
        ValueError: a file is misnamed, lacks its head comment, or a number is missing.
    """
    migrations = [_read(path) for path in sorted(folder.glob("*.sql"))]
    if [each.number for each in migrations] != list(range(1, len(migrations) + 1)):
        raise ValueError(f"the migrations in {folder.name} are not numbered from 0001 without a gap")
    return migrations


def _read(path: Path) -> Migration:
    sql = path.read_text(encoding="utf-8")
    name, head = _FILE_NAME.fullmatch(path.name), _HEAD.match(sql)
    if name is None or head is None:
        raise ValueError(f"{path.name} must be named NNNN_name.sql and begin with the oldest program that runs on it")
    return Migration(int(name[1]), head[1], sql)


async def migrate(db: aiosqlite.Connection, migrations: list[Migration]) -> None:
    """Apply what this database lacks, each migration in a transaction of its own.

    Raises:
        StoreTooNew: the database has a migration that this program does not know.
        sqlite3.Error: a migration failed; the database is as the last successful one left it.
    """
    [(version,)] = await db.execute_fetchall("PRAGMA user_version")
    if version > len(migrations):
        raise StoreTooNew(
            f"The store has form {version}, and this program knows forms up to {len(migrations)}: "
            "start the newer program again, or restore the backup that was made before the upgrade."
        )
    for migration in migrations[version:]:
        await _apply(db, migration)


async def _apply(db: aiosqlite.Connection, migration: Migration) -> None:
    try:
        await db.executescript(f"BEGIN IMMEDIATE;\n{migration.sql}\nPRAGMA user_version = {migration.number};\nCOMMIT;")
    except sqlite3.Error:
        await db.rollback()
        raise
