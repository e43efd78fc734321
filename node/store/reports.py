"""Statistics that nodes reported to the Commission; kept by its node only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite
from pydantic import TypeAdapter

from node.store.columns import utc_text, utc_time
from schemas.statistics import StatisticsRow


@dataclass(frozen=True, slots=True)
class Report:
    """What one node counted at one time."""

    sender: str
    as_of: datetime
    message_id: str
    """The signed statement that it stands in."""
    rows: tuple[StatisticsRow, ...]


_ROWS: TypeAdapter[tuple[StatisticsRow, ...]] = TypeAdapter(tuple[StatisticsRow, ...])

_SAVE = """
INSERT INTO reports (sender, as_of, message_id, rows) VALUES (?, ?, ?, ?)
ON CONFLICT (sender, as_of) DO UPDATE SET message_id = excluded.message_id, rows = excluded.rows
"""
# SQLite takes the other columns from the row that has the maximum (its documentation of SELECT, 2.5).
_LATEST = "SELECT sender, max(as_of), message_id, rows FROM reports WHERE as_of <= ? GROUP BY sender"


async def save(db: aiosqlite.Connection, reports: Iterable[Report]) -> None:
    """Add reports, or replace those of the same node and time."""
    await db.executemany(
        _SAVE, [(r.sender, utc_text(r.as_of), r.message_id, _ROWS.dump_json(r.rows).decode()) for r in reports]
    )


async def latest(db: aiosqlite.Connection, as_of: datetime) -> dict[str, Report]:
    """Read the newest report of each node that is not newer than a time."""
    rows = await db.execute_fetchall(_LATEST, (utc_text(as_of),))
    return {
        sender: Report(sender, utc_time(at), message_id, _ROWS.validate_json(counted))
        for sender, at, message_id, counted in rows
    }
