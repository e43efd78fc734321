"""Cases as this node knows them, and the numbers of new ones.

A case is kept as one JSON document; the columns beside it are what is searched by. There is no personal
data in either.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date, datetime

import aiosqlite

from node.store.columns import json_list, utc_text, utc_text_or_none
from schemas.exchange import Exchange

_LOAD = "SELECT id, document FROM exchanges WHERE id IN (SELECT value FROM json_each(?))"

_SAVE = """
INSERT INTO exchanges (id, area, procedure, version, state, parties,
                       opened_at, closed_at, blocked_at, deleted_at, next_due_at, due_on, document)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, parties = excluded.parties,
    opened_at = excluded.opened_at, closed_at = excluded.closed_at,
    blocked_at = excluded.blocked_at, deleted_at = excluded.deleted_at,
    next_due_at = excluded.next_due_at, due_on = excluded.due_on, document = excluded.document
"""

# Two statements, because an index on the state serves only where the state is compared for equality.
_PAGE = """
SELECT document FROM exchanges
WHERE seq < ifnull((SELECT seq FROM exchanges WHERE id = :after), iif(:after IS NULL, 1 << 62, 0))
  AND (:party IS NULL OR instr(parties, :party))
ORDER BY seq DESC LIMIT :limit
"""
_PAGE_OF_STATE = """
SELECT document FROM exchanges
WHERE state = :state
  AND seq < ifnull((SELECT seq FROM exchanges WHERE id = :after), iif(:after IS NULL, 1 << 62, 0))
  AND (:party IS NULL OR instr(parties, :party))
ORDER BY seq DESC LIMIT :limit
"""

# What ends first comes first.
_DUE_ON = "SELECT document FROM exchanges WHERE due_on <= ? ORDER BY due_on, seq LIMIT ?"

# Ids of authorities begin with their node, so that whatever names one of ours is on our side of the exchange.
_OPEN_OF = """
SELECT id FROM exchanges
WHERE closed_at IS NULL AND instr(document, :authority) AND (
    EXISTS (SELECT 1 FROM json_each(document, '$.authorities') WHERE value = :authority)
    OR EXISTS (SELECT 1 FROM json_tree(document, '$.further') WHERE value = :authority)
)
ORDER BY seq LIMIT :limit
"""

_DUE = "SELECT id FROM exchanges WHERE next_due_at <= ? ORDER BY next_due_at LIMIT ?"

_OPENED = """
SELECT seq, document FROM exchanges WHERE seq > ? AND opened_at IS NOT NULL ORDER BY seq LIMIT ?
"""

# Exchanges that came back from the peers after the restore of an old backup count too. A case number is its
# prefix, "-" and six digits, so that the greatest text is the greatest number; "." follows "-" in ASCII.
_LAST_SERIAL = """
SELECT max(
    ifnull((SELECT last FROM serials WHERE prefix = :prefix), 0),
    ifnull((SELECT CAST(substr(max(id), length(:prefix) + 2) AS INTEGER)
            FROM exchanges WHERE id > :prefix || '-' AND id < :prefix || '.'), 0)
)
"""
_KEEP_SERIAL = """
INSERT INTO serials (prefix, last) VALUES (?, ?) ON CONFLICT (prefix) DO UPDATE SET last = excluded.last
"""


async def load(db: aiosqlite.Connection, ids: Iterable[str]) -> dict[str, Exchange]:
    """Read exchanges by case number; what is not known is left out."""
    rows = await db.execute_fetchall(_LOAD, (json_list(ids),))
    return {key: Exchange.model_validate_json(document) for key, document in rows}


async def save(
    db: aiosqlite.Connection,
    exchanges: Iterable[Exchange],
    next_due: Mapping[str, datetime | None],
    due_on: Mapping[str, date] | None = None,
) -> None:
    """Add or replace exchanges.

    Args:
        db: the open transaction.
        exchanges: as they now are.
        next_due: for each of them when time alone makes something due, or none.
        due_on: for those in which a period runs, the day on which the first ends.

    Raises:
        KeyError: an exchange is missing in `next_due`; forgetting it would mean never blocking it.
    """
    await db.executemany(_SAVE, [_row(each, next_due[each.id], (due_on or {}).get(each.id)) for each in exchanges])


def _row(exchange: Exchange, next_due_at: datetime | None, due_on: date | None) -> tuple[object, ...]:
    times = (exchange.opened_at, exchange.closed_at, exchange.blocked_at, exchange.deleted_at, next_due_at)
    return (
        exchange.id,
        exchange.area,
        exchange.procedure,
        exchange.version,
        exchange.state,
        " ".join(sorted(set(exchange.parties.values()))),
        *map(utc_text_or_none, times),
        due_on.isoformat() if due_on is not None else None,
        exchange.model_dump_json(),
    )


async def page(
    db: aiosqlite.Connection,
    *,
    state: str | None = None,
    counterpart: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Exchange]:
    """List exchanges, the last recorded first.

    Args:
        db: a connection.
        state: only those in this state.
        counterpart: only those that this node is a party of.
        after: the last case number of the page before; an unknown one gives an empty page.
        limit: at most so many.
    """
    values = {"state": state, "party": counterpart, "after": after, "limit": limit}
    rows = await db.execute_fetchall(_PAGE if state is None else _PAGE_OF_STATE, values)
    return [Exchange.model_validate_json(document) for (document,) in rows]


async def due_until(db: aiosqlite.Connection, day: date, limit: int = 100) -> list[Exchange]:
    """List exchanges in which a period of any party ends by a day, or has ended, the earliest first."""
    rows = await db.execute_fetchall(_DUE_ON, (day.isoformat(), limit))
    return [Exchange.model_validate_json(document) for (document,) in rows]


async def open_of(db: aiosqlite.Connection, authority: str, limit: int) -> list[str]:
    """Name exchanges and drafts that are not closed, and in which an authority acts, the oldest first.

    Goes through all that are open: for what happens seldom.
    """
    values = {"authority": authority, "limit": limit}
    return [key for (key,) in await db.execute_fetchall(_OPEN_OF, values)]


async def due(db: aiosqlite.Connection, now: datetime, limit: int = 100) -> list[str]:
    """Name exchanges in which time alone has made something due, the longest overdue first."""
    return [key for (key,) in await db.execute_fetchall(_DUE, (utc_text(now), limit))]


async def statistics(db: aiosqlite.Connection, batch: int = 200) -> AsyncIterator[Exchange]:
    """Go through all exchanges that were opened, drafts left out, for counting.

    Reads `batch` at a time, so that memory stays small and no reader holds up the clearing of the WAL.
    """
    last = 0
    while rows := list(await db.execute_fetchall(_OPENED, (last, batch))):
        for last, document in rows:  # noqa: B007  the last one is where the next batch begins
            yield Exchange.model_validate_json(document)


async def last_serial(db: aiosqlite.Connection, prefix: str) -> int:
    """Find the greatest running number that was given or is in use, 0 if there is none.

    Args:
        db: the open transaction, in which the numbers given after it are kept with `keep_serials`.
        prefix: a case number without its last part, `ECOM-REQ-DE-2026`.
    """
    [(serial,)] = await db.execute_fetchall(_LAST_SERIAL, {"prefix": prefix})
    return int(serial)


async def keep_serials(db: aiosqlite.Connection, last: Mapping[str, int]) -> None:
    """Note by prefix the last number that was given; if the transaction is rolled back, it was not."""
    await db.executemany(_KEEP_SERIAL, list(last.items()))
