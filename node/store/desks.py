"""How the own side works on each exchange: one JSON document for each that has anything to say of it."""

from collections.abc import Iterable, Sequence

import aiosqlite

from node.store.columns import json_list
from schemas.desk import Desk

_LOAD = "SELECT exchange_id, document FROM desks WHERE exchange_id IN (SELECT value FROM json_each(?))"
_SAVE = """
INSERT INTO desks (exchange_id, document, pending) VALUES (?, ?, ?)
ON CONFLICT (exchange_id) DO UPDATE SET document = excluded.document, pending = excluded.pending
"""
_PENDING = "SELECT document FROM desks WHERE pending = 1 ORDER BY exchange_id"
_REMOVE = "DELETE FROM desks WHERE exchange_id = ?"
_DISSEMINATE = "INSERT INTO disseminations (authority, exchange_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_DISSEMINATED = "SELECT exchange_id FROM disseminations WHERE authority IN (SELECT value FROM json_each(?))"
_STOP = "DELETE FROM disseminations WHERE exchange_id = ?"


async def load(db: aiosqlite.Connection, exchange_ids: Iterable[str]) -> dict[str, Desk]:
    """Read desks by exchange; those that there are."""
    rows = await db.execute_fetchall(_LOAD, (json_list(exchange_ids),))
    return {key: Desk.model_validate_json(document) for key, document in rows}


async def save(db: aiosqlite.Connection, desks: Sequence[Desk]) -> None:
    """Add or replace desks."""
    await db.executemany(_SAVE, [(each.exchange, each.model_dump_json(), bool(each.pending)) for each in desks])
    await db.executemany(_DISSEMINATE, [(name, each.exchange) for each in desks for name in each.disseminated_to])


async def pending(db: aiosqlite.Connection) -> list[Desk]:
    """All desks with a step that is prepared and not taken."""
    return [Desk.model_validate_json(document) for (document,) in await db.execute_fetchall(_PENDING)]


async def disseminated(db: aiosqlite.Connection, authorities: Iterable[str]) -> frozenset[str]:
    """The exchanges that were disseminated to any of these authorities."""
    rows = await db.execute_fetchall(_DISSEMINATED, (json_list(authorities),))
    return frozenset(exchange_id for (exchange_id,) in rows)


async def remove(db: aiosqlite.Connection, exchange_id: str) -> None:
    """Forget a desk, with the user ids and notes on it."""
    await db.execute(_REMOVE, (exchange_id,))
    await db.execute(_STOP, (exchange_id,))
