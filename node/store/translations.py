"""Translations of what was received, each a row from the moment that it is wanted.

    waiting --(an engine has it)--> sent --(it answers)--> done
       ^                             |
       +--(no answer in time, or away: again, or another engine)
    waiting --(nobody can, or may)--> failed, no_engine, withheld

Results are sealed under the data key of their exchange; all rows of an exchange go when it is blocked.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import aiosqlite

from node.store.columns import json_list, utc_text, with_times
from schemas.translation import SourceBy

State = Literal["waiting", "sent", "done", "failed", "no_engine", "withheld"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that is to be translated into one language."""

    statement: str
    """The hash of the statement that it stands in."""
    field: str
    target: str
    exchange_id: str
    source: str
    source_by: SourceBy
    text_mark: bytes
    personal: bool


@dataclass(frozen=True, slots=True)
class Row:
    """The same, with what has become of it."""

    id: int
    wanted: Wanted
    state: State
    next_attempt_at: datetime | None
    attempts: int
    tried: tuple[str, ...]
    engine: str
    via: str
    job: str | None
    references: tuple[str, ...]
    version: str
    unknown: float | None
    made_at: datetime | None
    result: bytes | None = field(repr=False)
    """Sealed."""
    reason: str


_EXPECT = "INSERT INTO translations_due (statement, exchange_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_DUE = "SELECT statement, exchange_id FROM translations_due LIMIT ?"
_NOT_DUE = "DELETE FROM translations_due WHERE statement IN (SELECT value FROM json_each(?))"
_WANT = """
INSERT INTO translations (statement, field, target, exchange_id, source, source_by, text_mark, personal, state,
                          next_attempt_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?) ON CONFLICT DO NOTHING
"""
_COLUMNS = """
SELECT id, statement, field, target, exchange_id, source, source_by, text_mark, personal, state, next_attempt_at,
       attempts, tried, engine, via, job, reference, version, unknown, made_at, result, reason FROM translations
"""
_OPEN = f"{_COLUMNS} WHERE state = ? AND next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?"
_OF_STATEMENTS = f"{_COLUMNS} WHERE statement IN (SELECT value FROM json_each(?)) ORDER BY id"  # noqa: S608
_BY_JOB = f"{_COLUMNS} WHERE job = ?"
_ALIKE = f"{_COLUMNS} WHERE state = 'done' AND text_mark = ? AND target = ? AND source = ? AND engine = ? LIMIT 20"
_SENT = """
UPDATE translations SET state = 'sent', engine = ?, via = ?, job = ?, next_attempt_at = ?, attempts = attempts + 1,
                        reason = ''
WHERE id = ?
"""
_REFERENCE = "UPDATE translations SET reference = trim(reference || ' ' || ?) WHERE id = ? AND job = ?"
_DONE = """
UPDATE translations SET state = 'done', engine = ?, via = ?, version = ?, unknown = ?, made_at = ?, result = ?,
                        next_attempt_at = NULL, reason = ''
WHERE id = ? AND state IN ('waiting', 'sent')
"""
_AGAIN = """
UPDATE translations SET state = 'waiting', next_attempt_at = ?, reason = ?, attempts = attempts - ? WHERE id = ?
"""
_ANOTHER = """
UPDATE translations SET state = 'waiting', next_attempt_at = ?, attempts = 0, tried = ?, job = NULL, reference = '',
                        reason = ?
WHERE id = ?
"""
_END = "UPDATE translations SET state = ?, next_attempt_at = NULL, reason = ? WHERE id = ?"
_RETRY = """
UPDATE translations SET state = 'waiting', next_attempt_at = ?, attempts = 0, tried = '[]', job = NULL, reference = ''
WHERE state IN ('failed', 'no_engine', 'withheld')
"""
_RECALL = "UPDATE translations SET next_attempt_at = ? WHERE state = 'sent' AND reference = ''"
_ACTIVE = "SELECT engine, count(*) FROM translations WHERE state = 'sent' GROUP BY engine"
_COUNTS = "SELECT state, count(*) FROM translations GROUP BY state"
_COUNT_DUE = "SELECT count(*) FROM translations_due"
_FORGET = "DELETE FROM translations WHERE exchange_id = ?"
_FORGET_DUE = "DELETE FROM translations_due WHERE exchange_id = ?"


async def expect(db: aiosqlite.Connection, statement: str, exchange_id: str) -> None:
    """Note that the texts of a statement are to be translated."""
    await db.execute(_EXPECT, (statement, exchange_id))


async def due(db: aiosqlite.Connection, limit: int) -> dict[str, str]:
    """Name statements whose texts are still to be looked at, each with its exchange."""
    return {row[0]: row[1] for row in await db.execute_fetchall(_DUE, (limit,))}


async def want(db: aiosqlite.Connection, looked_at: Iterable[str], wanted: Iterable[Wanted], now: datetime) -> None:
    """Put down what is wanted of statements, which are due no more."""
    at = utc_text(now)
    await db.executemany(
        _WANT,
        [
            (
                each.statement,
                each.field,
                each.target,
                each.exchange_id,
                each.source,
                each.source_by,
                each.text_mark,
                each.personal,
                at,
            )
            for each in wanted
        ],
    )
    await db.execute(_NOT_DUE, (json_list(looked_at),))


async def waiting(db: aiosqlite.Connection, now: datetime, limit: int) -> list[Row]:
    """Read what is to be handed to an engine now, the longest due first."""
    return [_row(row) for row in await db.execute_fetchall(_OPEN, ("waiting", utc_text(now), limit))]


async def unanswered(db: aiosqlite.Connection, now: datetime, limit: int) -> list[Row]:
    """Read what an engine has had for too long."""
    return [_row(row) for row in await db.execute_fetchall(_OPEN, ("sent", utc_text(now), limit))]


async def active(db: aiosqlite.Connection) -> dict[str, int]:
    """Count what each engine has."""
    return {str(row[0]): int(row[1]) for row in await db.execute_fetchall(_ACTIVE)}


async def by_job(db: aiosqlite.Connection, job: str) -> Row | None:
    """Read the translation that an engine names so."""
    return next((_row(row) for row in await db.execute_fetchall(_BY_JOB, (job,))), None)


async def alike(db: aiosqlite.Connection, wanted: Wanted, engine: str) -> list[Row]:
    """Read translations of equal texts by an engine."""
    given = (wanted.text_mark, wanted.target, wanted.source, engine)
    return [_row(row) for row in await db.execute_fetchall(_ALIKE, given)]


async def of_statements(db: aiosqlite.Connection, hashes: Iterable[str]) -> dict[str, list[Row]]:
    """Read the translations of what was said, by the statement's hash."""
    found: dict[str, list[Row]] = {}
    for row in await db.execute_fetchall(_OF_STATEMENTS, (json_list(hashes),)):
        found.setdefault(row[1], []).append(_row(row))
    return found


async def mark_sent(db: aiosqlite.Connection, row: Row, *, engine: str, via: str, job: str, until: datetime) -> None:
    """Note, before it is done, that an engine is handed a text, and until when it is to answer."""
    await db.execute(_SENT, (engine, via, job, utc_text(until), row.id))


async def name_reference(db: aiosqlite.Connection, row_id: int, job: str, reference: str) -> None:
    """Note the engine's own name of a job."""
    await db.execute(_REFERENCE, (reference, row_id, job))


async def mark_done(
    db: aiosqlite.Connection,
    row_id: int,
    *,
    engine: str,
    via: str,
    version: str,
    unknown: float | None,
    at: datetime,
    result: bytes,
) -> None:
    """Keep a translation; the first one that comes stays."""
    await db.execute(_DONE, (engine, via, version, unknown, utc_text(at), result, row_id))


async def postpone(db: aiosqlite.Connection, row_id: int, until: datetime, reason: str, *, counts: bool = True) -> None:
    """Note an attempt that came to nothing, and when to try again; one that does not count is taken back."""
    await db.execute(_AGAIN, (utc_text(until), reason, 0 if counts else 1, row_id))


async def try_another(db: aiosqlite.Connection, row: Row, now: datetime, reason: str) -> None:
    """Note that an engine gave nothing: the others may."""
    await db.execute(_ANOTHER, (utc_text(now), json.dumps([*row.tried, row.engine]), reason, row.id))


async def end(db: aiosqlite.Connection, row_id: int, state: State, reason: str) -> None:
    """Note that there will be no translation, and why."""
    await db.execute(_END, (state, reason, row_id))


async def retry(db: aiosqlite.Connection, now: datetime) -> int:
    """Try again what has no translation; returns how many."""
    return (await db.execute(_RETRY, (utc_text(now),))).rowcount


async def recall(db: aiosqlite.Connection, now: datetime) -> None:
    """After a start: what was being handed over when the node ended was perhaps never taken."""
    await db.execute(_RECALL, (utc_text(now),))


async def counts(db: aiosqlite.Connection) -> dict[str, int]:
    """Count translations by state; `due` are statements whose texts nobody has looked at yet."""
    [(due_still,)] = await db.execute_fetchall(_COUNT_DUE)
    return {**{str(row[0]): int(row[1]) for row in await db.execute_fetchall(_COUNTS)}, "due": int(due_still)}


async def forget(db: aiosqlite.Connection, exchange_id: str) -> None:
    """Remove all translations of an exchange, and whatever was still to be translated."""
    await db.execute(_FORGET, (exchange_id,))
    await db.execute(_FORGET_DUE, (exchange_id,))


async def unmark(db: aiosqlite.Connection) -> None:
    """Make the marks of texts random: they were made with a key that goes, and nothing is found by them any more."""
    await db.execute("UPDATE translations SET text_mark = randomblob(length(text_mark))")


def _row(row: sqlite3.Row) -> Row:
    values = with_times(row, 10, 19)
    number, *wanted, state, at, attempts, tried, engine, via, job, references, version, unknown, made, result, why = (
        values
    )
    return Row(
        id=number,
        wanted=Wanted(*wanted),
        state=state,
        next_attempt_at=at,
        attempts=attempts,
        tried=tuple(json.loads(tried)),
        engine=engine,
        via=via,
        job=job,
        references=tuple(references.split()),
        version=version,
        unknown=unknown,
        made_at=made,
        result=result,
        reason=why,
    )
