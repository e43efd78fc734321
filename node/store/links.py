"""Links between exchanges that this node knows of."""

from collections.abc import Iterable
from typing import Any

import aiosqlite

from node.store.columns import utc_text
from schemas.links import Link

_ADD = """
INSERT INTO links (exchange_id, other_id, kind, told, at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (exchange_id, other_id, kind) DO UPDATE SET told = max(told, excluded.told)
"""
_OF = """
SELECT exchange_id, other_id, kind, told, at FROM links WHERE exchange_id = ?
UNION ALL
SELECT exchange_id, other_id, kind, told, at FROM links WHERE other_id = ?
ORDER BY at, exchange_id, other_id
"""


async def add(db: aiosqlite.Connection, links: Iterable[Link]) -> None:
    """Keep links; one that is there already stays, and counts as told once a step says it."""
    rows = [(one.exchange, one.other, one.kind, int(one.told), utc_text(one.at)) for one in links]
    if rows:
        await db.executemany(_ADD, rows)


async def of(db: aiosqlite.Connection, exchange_id: str) -> list[Link]:
    """The links of an exchange, from it and to it, the oldest first."""
    return [_link(row) for row in await db.execute_fetchall(_OF, (exchange_id, exchange_id))]


def _link(row: Any) -> Link:
    exchange, other, kind, told, at = row
    return Link(exchange=exchange, other=other, kind=kind, told=bool(told), at=at)
