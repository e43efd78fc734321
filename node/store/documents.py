"""Roots and directories as they were received, every version, in their signed form."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.store.columns import utc_text, with_times


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a signed document."""

    name: str
    version: int
    text: str
    recorded_at: datetime


_ADD = """
INSERT INTO documents (name, version, text, recorded_at) VALUES (?, ?, ?, ?)
ON CONFLICT (name, version) DO NOTHING
"""
_LATEST = """
SELECT name, version, text, recorded_at FROM documents WHERE name = ? ORDER BY version DESC LIMIT 1
"""
_ALL = "SELECT name, version, text, recorded_at FROM documents WHERE name = ? ORDER BY version"


async def add(db: aiosqlite.Connection, documents: Iterable[Document]) -> None:
    """Keep documents; the text that a version had first stays."""
    await db.executemany(_ADD, [(d.name, d.version, d.text, utc_text(d.recorded_at)) for d in documents])


async def latest(db: aiosqlite.Connection, name: str) -> Document | None:
    """Read the greatest version."""
    return next((Document(*with_times(row, -1)) for row in await db.execute_fetchall(_LATEST, (name,))), None)


async def all(db: aiosqlite.Connection, name: str) -> list[Document]:  # noqa: A001  read as documents.all
    """Read all versions, the smallest first."""
    return [Document(*with_times(row, -1)) for row in await db.execute_fetchall(_ALL, (name,))]
