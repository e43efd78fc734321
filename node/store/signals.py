"""Signed signals (receipts, requests to send again) that wait to be published once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.store.columns import json_list, utc_text


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that waits."""

    id: int
    """Its place in this table; not a message id."""
    recipient: str
    jws: str


_ADD = "INSERT INTO signals (recipient, jws, created_at) VALUES (?, ?, ?)"
_WAITING = "SELECT id, recipient, jws FROM signals ORDER BY id LIMIT ?"
_COUNT = "SELECT count(*) FROM signals"
_REMOVE = "DELETE FROM signals WHERE id IN (SELECT value FROM json_each(?))"


async def add(db: aiosqlite.Connection, signals: Iterable[tuple[str, str]], at: datetime) -> None:
    """Add signals to publish: recipient and JWS of each."""
    created_at = utc_text(at)
    await db.executemany(_ADD, [(recipient, jws, created_at) for recipient, jws in signals])


async def waiting(db: aiosqlite.Connection, limit: int) -> list[Signal]:
    """Read the oldest that wait."""
    return [Signal(*row) for row in await db.execute_fetchall(_WAITING, (limit,))]


async def remove(db: aiosqlite.Connection, ids: Iterable[int]) -> None:
    """Forget signals that the broker has confirmed; if one is lost, the peer's next attempt asks for it anew."""
    await db.execute(_REMOVE, (json_list(ids),))


async def count(db: aiosqlite.Connection) -> int:
    """Count the signals that wait."""
    [(number,)] = await db.execute_fetchall(_COUNT)
    return int(number)
