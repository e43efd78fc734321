"""All that lies in the store directly under the store key, or a key derived from it: what a roll-over goes through.

Content is not among it: that is sealed under data keys, and these alone are wrapped anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import aiosqlite

Place = Literal["data_keys", "known_authorities", "staged_authorities", "own_authorities", "users"]

PLACES: tuple[Place, ...] = ("data_keys", "known_authorities", "staged_authorities", "own_authorities", "users")

_COLUMNS = {
    "data_keys": ("exchange_id", "wrapped", "ring"),
    "known_authorities": ("id", "contacts", "''"),
    "staged_authorities": ("id", "contacts", "''"),
    "own_authorities": ("id", "contacts", "''"),
    "users": ("id", "document", "''"),
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """One value, with what it belongs to."""

    name: str
    value: bytes
    ring: str
    """Of a data key; else empty."""


async def page(db: aiosqlite.Connection, place: Place, after: str, limit: int) -> list[Sealed]:
    """Read the next values of a place, by name."""
    name, value, ring = _COLUMNS[place]
    sql = f"""
    SELECT {name}, {value}, {ring} FROM {place}
    WHERE {name} > ? AND {value} IS NOT NULL ORDER BY {name} LIMIT ?
    """  # noqa: S608  all parts are constants
    return [Sealed(*row) for row in await db.execute_fetchall(sql, (after, limit))]


async def replace(db: aiosqlite.Connection, place: Place, values: Iterable[tuple[Sealed, bytes]]) -> None:
    """Put new values in the place of old ones."""
    name, value, _ = _COLUMNS[place]
    sql = f"UPDATE {place} SET {value} = ? WHERE {name} = ? AND {value} = ?"  # noqa: S608  all parts are constants
    await db.executemany(sql, [(new, old.name, old.value) for old, new in values])
