"""Pieces of attachments, sealed; an attachment is never in memory as a whole."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.store.columns import utc_text


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a file."""

    exchange_id: str
    attachment: str
    """Of which file: SHA-256 of the whole, base64url; until that is proven, with its sender's name."""
    index: int
    count: int
    """How many pieces the file has."""
    data: bytes
    """Sealed under the exchange's data key."""


_ADD = """
INSERT INTO chunks (exchange_id, attachment, idx, count, data, since) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (exchange_id, attachment, idx) DO NOTHING
"""
_PRESENT = "SELECT count(*), max(count) FROM chunks WHERE exchange_id = ? AND attachment = ?"
_PIECE = "SELECT data FROM chunks WHERE exchange_id = ? AND attachment = ? AND idx = ?"
_STRAY = """
SELECT DISTINCT exchange_id FROM chunks AS c WHERE since < ?
AND NOT EXISTS (SELECT 1 FROM exchanges WHERE id = c.exchange_id)
AND NOT EXISTS (SELECT 1 FROM waiting WHERE exchange_id = c.exchange_id)
"""
_RENAME = "UPDATE chunks SET attachment = ? WHERE exchange_id = ? AND attachment = ?"
_REMOVE = "DELETE FROM chunks WHERE exchange_id = ? AND attachment = ?"
_ERASE = "DELETE FROM chunks WHERE exchange_id = ?"


async def add(db: aiosqlite.Connection, pieces: Iterable[Piece], at: datetime) -> None:
    """Keep pieces; of a repeated one the first stays."""
    since = utc_text(at)
    await db.executemany(_ADD, [(p.exchange_id, p.attachment, p.index, p.count, p.data, since) for p in pieces])


async def present(db: aiosqlite.Connection, exchange_id: str, attachment: str) -> tuple[int, int]:
    """Say how many pieces are here, and how many the file has; (0, 0) if there is none."""
    [(have, count)] = await db.execute_fetchall(_PRESENT, (exchange_id, attachment))
    return int(have), int(count or 0)


async def read(db: aiosqlite.Connection, exchange_id: str, attachment: str) -> AsyncIterator[bytes]:
    """Go through the pieces in order, up to the first that is missing; ask `present` before."""
    index = 0
    while rows := list(await db.execute_fetchall(_PIECE, (exchange_id, attachment, index))):
        [(data,)] = rows
        yield data
        index += 1


async def rename(db: aiosqlite.Connection, exchange_id: str, attachment: str, name: str) -> None:
    """Put the pieces of a file in the place of those under another name."""
    await db.execute(_REMOVE, (exchange_id, name))
    await db.execute(_RENAME, (name, exchange_id, attachment))


async def stray(db: aiosqlite.Connection, before: datetime) -> list[str]:
    """Name exchanges that pieces came for before a time, and that were never opened."""
    return [name for (name,) in await db.execute_fetchall(_STRAY, (utc_text(before),))]


async def erase_file(db: aiosqlite.Connection, exchange_id: str, attachment: str) -> None:
    """Remove all pieces of a file."""
    await db.execute(_REMOVE, (exchange_id, attachment))


async def erase(db: aiosqlite.Connection, exchange_id: str) -> None:
    """Remove all pieces of an exchange."""
    await db.execute(_ERASE, (exchange_id,))
