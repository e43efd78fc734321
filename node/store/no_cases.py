"""Years of which this node confirmed that it took part in no exchange."""

from datetime import datetime

import aiosqlite

from node.store.columns import utc_text

_ADD = "INSERT OR IGNORE INTO no_cases (year, confirmed_at) VALUES (?, ?)"
_ALL = "SELECT year FROM no_cases ORDER BY year"


async def add(db: aiosqlite.Connection, year: int, at: datetime) -> None:
    """Keep a confirmation; the first one of a year stays."""
    await db.execute(_ADD, (year, utc_text(at)))


async def years(db: aiosqlite.Connection) -> tuple[int, ...]:
    """Name the years that were confirmed, in order."""
    return tuple(year for (year,) in await db.execute_fetchall(_ALL))
