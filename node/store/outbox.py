"""Numbered statements on their way: a row for each recipient, kept after its end, to be sent again on request.

    waiting --(confirmed by the broker)--> published --(signed receipt)--> delivered | refused

A broker's confirm ends nothing: a published row becomes due again until the receipt is there. A recipient
that asks for numbers again opens their rows again, however they ended: it may have lost its disk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiosqlite

from node.store.columns import json_list, utc_text, utc_time_or_none, with_times

State = Literal["waiting", "published", "delivered", "refused"]
End = Literal["delivered", "refused"]
Key = tuple[str, int]
"""Recipient, and number in our stream to it."""
Ranges = Iterable[tuple[int, int]]
"""Numbers from and to, both included."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A statement to put on its way to one recipient."""

    recipient: str
    number: int
    hash: str
    """Of the statement: its id is only as much as its sender's word."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """An outbox row with what the recipient is to get."""

    recipient: str
    number: int
    message_id: str
    state: State
    attempts: int
    exchange_id: str | None
    jws: str
    """Empty, and exchange and disclosures are none, where the caller has the statement at hand."""
    disclosures: bytes | None
    """Sealed under the exchange's data key."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a statement has come at one recipient."""

    hash: str
    recipient: str
    number: int
    state: State
    attempts: int
    created_at: datetime
    published_at: datetime | None
    """When the broker first confirmed it."""
    ended_at: datetime | None
    code: str | None
    """Why it was refused."""


_ADD = """
INSERT INTO outbox (recipient, number, hash, state, next_attempt_at, created_at)
VALUES (?, ?, ?, 'waiting', ?, ?)
"""
_TAKE_BACK = f"{_ADD} ON CONFLICT DO NOTHING"

# The longest due are chosen first, so that a long queue to one recipient does not hold up the others.
_DUE = """
WITH at_hand AS MATERIALIZED (SELECT value FROM json_each(?))
SELECT o.recipient, o.number, s.message_id, o.state, o.attempts, s.exchange_id,
       iif(s.message_id IN at_hand, '', s.jws), iif(s.message_id IN at_hand, NULL, s.disclosures)
FROM (SELECT recipient, number, hash, state, attempts FROM outbox
      WHERE ended_at IS NULL AND next_attempt_at <= ?
      ORDER BY next_attempt_at, recipient, number LIMIT ?) AS o
JOIN statements AS s ON s.hash = o.hash
ORDER BY o.recipient, o.number
"""

_BY_NUMBERS = """
SELECT o.recipient, o.number, s.message_id, o.state, o.attempts, s.exchange_id, s.jws, s.disclosures
FROM json_each(:ranges) AS r
CROSS JOIN outbox AS o ON o.recipient = :recipient
    AND o.number BETWEEN json_extract(r.value, '$[0]') AND json_extract(r.value, '$[1]')
JOIN statements AS s ON s.hash = o.hash
ORDER BY o.number LIMIT :limit
"""

# The receipt may be quicker than the broker's confirm: what has ended stays so.
_PUBLISHED = """
UPDATE outbox SET state = 'published', attempts = attempts + 1,
                  published_at = ifnull(published_at, ?), next_attempt_at = ?
WHERE recipient = ? AND number = ? AND ended_at IS NULL
"""
_POSTPONE = """
UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?
WHERE recipient = ? AND number = ? AND ended_at IS NULL
"""
_END = """
UPDATE outbox SET state = ?, ended_at = ?, code = ?
WHERE hash = ? AND recipient = ? AND ended_at IS NULL
"""
_WAKE = """
UPDATE outbox SET state = 'waiting', next_attempt_at = ?, ended_at = NULL, code = NULL
WHERE recipient = ? AND number BETWEEN ? AND ?
"""
_WAKE_LOST = """
UPDATE outbox SET state = 'waiting', next_attempt_at = ?, ended_at = NULL, code = NULL
WHERE recipient = ? AND number >= ? AND ended_at <= ?
"""
_NUMBERS = """
SELECT o.number FROM json_each(:ranges) AS r
CROSS JOIN outbox AS o ON o.recipient = :recipient
    AND o.number BETWEEN json_extract(r.value, '$[0]') AND json_extract(r.value, '$[1]')
"""
_COUNTS = "SELECT state, count(*) FROM outbox GROUP BY state"
_OLDEST = """
SELECT min(oldest) FROM (SELECT min(created_at) AS oldest FROM outbox WHERE state = 'waiting'
                         UNION ALL SELECT min(created_at) FROM outbox WHERE state = 'published')
"""
_OF_STATEMENTS = """
SELECT hash, recipient, number, state, attempts, created_at, published_at, ended_at, code
FROM outbox WHERE hash IN (SELECT value FROM json_each(?)) ORDER BY hash, recipient
"""


async def add(db: aiosqlite.Connection, rows: Iterable[Outgoing]) -> None:
    """Put statements on their way, due at once; each is recorded in `statements` in the same transaction.

    Raises:
        sqlite3.IntegrityError: a number is taken; or, at commit, a statement is not recorded.
    """
    timed = [(row, utc_text(row.created_at)) for row in rows]
    await db.executemany(_ADD, [(row.recipient, row.number, row.hash, at, at) for row, at in timed])


async def take_back(db: aiosqlite.Connection, rows: Iterable[Outgoing]) -> None:
    """Put statements of a former life on their way again; where a number is taken by another, that one stays."""
    timed = [(row, utc_text(row.created_at)) for row in rows]
    await db.executemany(_TAKE_BACK, [(row.recipient, row.number, row.hash, at, at) for row, at in timed])


async def due(db: aiosqlite.Connection, now: datetime, limit: int, *, at_hand: Iterable[str] = ()) -> list[Due]:
    """Read what is to be sent now, by recipient and number.

    Args:
        db: a connection.
        now: real time.
        limit: at most so many rows, the longest due.
        at_hand: messages whose statements need not be read.
    """
    return [Due(*row) for row in await db.execute_fetchall(_DUE, (json_list(at_hand), utc_text(now), limit))]


async def by_numbers(db: aiosqlite.Connection, recipient: str, ranges: Ranges, limit: int = 1000) -> list[Due]:
    """Read the statements of these numbers in order, whatever became of them; at most `limit`."""
    values = {"ranges": json_list(ranges), "recipient": recipient, "limit": limit}
    return [Due(*row) for row in await db.execute_fetchall(_BY_NUMBERS, values)]


async def mark_published(
    db: aiosqlite.Connection, keys: Iterable[Key], at: datetime, next_attempt_at: datetime
) -> None:
    """Note the broker's confirm, and when to send again if no receipt has come by then."""
    first, again = utc_text(at), utc_text(next_attempt_at)
    await db.executemany(_PUBLISHED, [(first, again, *key) for key in keys])


async def postpone(db: aiosqlite.Connection, keys: Iterable[Key], next_attempt_at: datetime) -> None:
    """Note an attempt that the broker did not confirm, and when to try again."""
    again = utc_text(next_attempt_at)
    await db.executemany(_POSTPONE, [(again, *key) for key in keys])


async def end(
    db: aiosqlite.Connection, statements: Iterable[tuple[str, str]], state: End, at: datetime, code: str | None = None
) -> int:
    """Close rows on the recipient's signed receipt.

    Args:
        db: the open transaction.
        statements: hash and recipient of each.
        state: the outcome that the receipt states.
        at: when the receipt was made.
        code: why it was refused.

    Returns:
        How many were still open; a repeated or unfounded receipt closes nothing.
    """
    cursor = await db.executemany(_END, [(state, utc_text(at), code, *statement) for statement in statements])
    return max(cursor.rowcount, 0)


async def wake(db: aiosqlite.Connection, recipient: str, ranges: Ranges, now: datetime) -> None:
    """Open the rows of these numbers again, due now: the recipient says that it lacks them."""
    at = utc_text(now)
    await db.executemany(_WAKE, [(at, recipient, first, last) for first, last in ranges])


async def wake_lost(
    db: aiosqlite.Connection, recipient: str, from_number: int, asked_at: datetime, now: datetime
) -> None:
    """Open again, due now, what the recipient signed for before it said that it waits for this number.

    Args:
        db: the open transaction.
        recipient: who has lost it.
        from_number: the number that it waits for.
        asked_at: when it said so, by its own clock, as the receipts are dated.
        now: the time.
    """
    await db.execute(_WAKE_LOST, (utc_text(now), recipient, from_number, utc_text(asked_at)))


async def numbers(db: aiosqlite.Connection, recipient: str, ranges: Ranges) -> set[int]:
    """Say which numbers of these ranges were given to a statement that is here."""
    rows = await db.execute_fetchall(_NUMBERS, {"ranges": json_list(ranges), "recipient": recipient})
    return {number for (number,) in rows}


async def counts(db: aiosqlite.Connection) -> dict[str, int]:
    """Count rows by state; a state without rows is left out."""
    return {row[0]: row[1] for row in await db.execute_fetchall(_COUNTS)}


async def oldest_waiting_at(db: aiosqlite.Connection) -> datetime | None:
    """Say since when the oldest row without a receipt has been on its way."""
    [(oldest,)] = await db.execute_fetchall(_OLDEST)
    return utc_time_or_none(oldest)


async def of_statements(db: aiosqlite.Connection, hashes: Iterable[str]) -> dict[str, list[Delivery]]:
    """Say how far these statements have come, by hash; what was never sent is left out."""
    found: dict[str, list[Delivery]] = {}
    for row in await db.execute_fetchall(_OF_STATEMENTS, (json_list(hashes),)):
        found.setdefault(row[0], []).append(Delivery(*with_times(row, 5, 6, 7)))
    return found
