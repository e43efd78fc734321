"""Users of this node, each sealed. In clear stands only the id, which says nothing about the person."""

from collections.abc import Iterable
from dataclasses import dataclass

import aiosqlite

from node.store.columns import json_list


@dataclass(frozen=True, slots=True)
class KeptUser:
    """A user as kept."""

    id: str
    document: bytes
    """`schemas.people.User` as JSON, sealed."""


_ALL = "SELECT id, document FROM users ORDER BY id"
_PUT = """
INSERT INTO users (id, document) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document
"""
_FORGET = "DELETE FROM users WHERE id IN (SELECT value FROM json_each(?))"


async def all(db: aiosqlite.Connection) -> list[KeptUser]:  # noqa: A001  read as users.all
    """Read all users, those who left included, by id."""
    return [KeptUser(*row) for row in await db.execute_fetchall(_ALL)]


async def put(db: aiosqlite.Connection, users: Iterable[KeptUser]) -> None:
    """Add users, or put them in the place of what was known of them."""
    await db.executemany(_PUT, [(each.id, each.document) for each in users])


async def forget(db: aiosqlite.Connection, ids: Iterable[str]) -> None:
    """Delete users for good; `Store.compact` then clears them from the file."""
    await db.execute(_FORGET, (json_list(ids),))
