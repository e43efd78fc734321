"""Statistics that nodes reported to the Commission; kept by its node only."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite
from pydantic import TypeAdapter

from node.store.columns import json_list, utc_text, utc_time
from schemas.statistics import IndicatorRow, NodeStatistics, StatisticsRow


@dataclass(frozen=True, slots=True)
class Report:
    """What one node counted at one time."""

    sender: str
    message_id: str
    """The signed statement that it stands in."""
    told: NodeStatistics


_ROWS: TypeAdapter[tuple[StatisticsRow, ...]] = TypeAdapter(tuple[StatisticsRow, ...])
_INDICATORS: TypeAdapter[tuple[IndicatorRow, ...]] = TypeAdapter(tuple[IndicatorRow, ...])

_SAVE = """
INSERT INTO reports (sender, as_of, message_id, rows, indicators, no_cases) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (sender, as_of) DO UPDATE SET message_id = excluded.message_id, rows = excluded.rows,
                                          indicators = excluded.indicators, no_cases = excluded.no_cases
"""
# SQLite takes the other columns from the row that has the maximum (its documentation of SELECT, 2.5).
_LATEST = """
SELECT sender, message_id, max(as_of), rows, indicators, no_cases FROM reports WHERE as_of <= ? GROUP BY sender
"""


async def save(db: aiosqlite.Connection, reports: Iterable[Report]) -> None:
    """Add reports, or replace those of the same node and time."""
    await db.executemany(_SAVE, [_values(each) for each in reports])


async def latest(db: aiosqlite.Connection, as_of: datetime) -> dict[str, Report]:
    """Read the newest report of each node that is not newer than a time."""
    return {
        sender: Report(
            sender,
            message_id,
            NodeStatistics(
                as_of=utc_time(at),
                rows=_ROWS.validate_json(rows),
                indicators=_INDICATORS.validate_json(indicators),
                no_cases=tuple(json.loads(no_cases)),
            ),
        )
        for sender, message_id, at, rows, indicators, no_cases in await db.execute_fetchall(_LATEST, (utc_text(as_of),))
    }


def _values(report: Report) -> tuple[str, ...]:
    told = report.told
    return (
        report.sender,
        utc_text(told.as_of),
        report.message_id,
        _ROWS.dump_json(told.rows).decode(),
        _INDICATORS.dump_json(told.indicators).decode(),
        json_list(told.no_cases),
    )
