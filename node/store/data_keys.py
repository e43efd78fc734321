"""The wrapped data key of each exchange: without it, what the exchange says can't be read.

Blocking wraps it anew for the ring that is out of ordinary reach; deletion destroys it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import aiosqlite

from node.store.columns import json_list

Ring = Literal["ordinary", "blocked"]


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key as it lies in the store."""

    exchange_id: str
    wrapped: bytes
    """Encrypted under a key that the database does not hold."""
    ring: Ring = "ordinary"


_ADD = "INSERT INTO data_keys (exchange_id, wrapped, ring) VALUES (?, ?, ?)"
_GET = """
SELECT exchange_id, wrapped, ring FROM data_keys WHERE exchange_id IN (SELECT value FROM json_each(?))
"""
_MOVE = "UPDATE data_keys SET wrapped = ?, ring = ? WHERE exchange_id = ?"
_DESTROY = "DELETE FROM data_keys WHERE exchange_id IN (SELECT value FROM json_each(?))"


async def add(db: aiosqlite.Connection, keys: Iterable[DataKey]) -> None:
    """Add the keys of new exchanges.

    Raises:
        sqlite3.IntegrityError: an exchange has a key already; replacing it would lose its content.
    """
    await db.executemany(_ADD, [(key.exchange_id, key.wrapped, key.ring) for key in keys])


async def get(db: aiosqlite.Connection, exchange_ids: Iterable[str]) -> dict[str, DataKey]:
    """Read keys by exchange; destroyed ones are left out."""
    rows = await db.execute_fetchall(_GET, (json_list(exchange_ids),))
    return {exchange_id: DataKey(exchange_id, wrapped, ring) for exchange_id, wrapped, ring in rows}


async def move(db: aiosqlite.Connection, key: DataKey) -> None:
    """Put a key, wrapped anew, into another ring; the old wrapping is overwritten."""
    await db.execute(_MOVE, (key.wrapped, key.ring, key.exchange_id))


async def destroy(db: aiosqlite.Connection, exchange_ids: Iterable[str]) -> None:
    """Remove keys for good; `Store.compact` then clears them from the WAL."""
    await db.execute(_DESTROY, (json_list(exchange_ids),))
