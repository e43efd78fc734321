"""Statements that came early: after a gap in their sender's stream, or before what they build on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiosqlite

from node.store.columns import json_list, utc_text, utc_time_or_none, with_times

Reason = Literal["stream", "exchange"]


@dataclass(frozen=True, slots=True)
class Early:
    """A verified statement that can't take effect yet."""

    sender: str
    number: int
    """In the sender's stream to this node; of this node's own, given back, in its stream to who gave it back."""
    message_id: str
    exchange_id: str | None
    hash: str
    jws: str
    disclosures: bytes | None
    """Sealed."""
    reason: Reason
    """It waits for earlier numbers of the stream, or for other steps of its exchange."""
    since: datetime


_ADD = """
INSERT INTO waiting (sender, number, message_id, exchange_id, hash, jws, disclosures, reason, since)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason
ON CONFLICT DO NOTHING
"""
_OF_STREAM = """
SELECT sender, number, message_id, exchange_id, hash, jws, disclosures, reason, since FROM waiting
WHERE sender = ? AND number >= ? AND reason = 'stream' ORDER BY number LIMIT ?
"""
_OF_EXCHANGES = """
SELECT sender, number, message_id, exchange_id, hash, jws, disclosures, reason, since FROM waiting
WHERE exchange_id IN (SELECT value FROM json_each(?)) AND reason = 'exchange' ORDER BY since, sender, number
"""
_REMOVE = "DELETE FROM waiting WHERE hash IN (SELECT value FROM json_each(?))"
_NUMBERS = "SELECT sender, number FROM waiting WHERE reason = 'stream' ORDER BY sender, number"
_COUNTS = "SELECT reason, count(*) FROM waiting GROUP BY reason"
_OLDEST = "SELECT min(since) FROM waiting"


async def add(db: aiosqlite.Connection, statements: Iterable[Early]) -> None:
    """Let statements wait; a repeated one only takes the newer reason, other content under its number is ignored."""
    await db.executemany(_ADD, [_values(each) for each in statements])


async def of_stream(db: aiosqlite.Connection, sender: str, from_number: int, limit: int = 500) -> list[Early]:
    """Read the run of statements that begins with this number and has no gap; empty if that number is missing."""
    rows = await db.execute_fetchall(_OF_STREAM, (sender, from_number, limit))
    found = [Early(*with_times(row, -1)) for row in rows]
    return [each for number, each in enumerate(found, from_number) if each.number == number]


async def of_exchanges(db: aiosqlite.Connection, exchange_ids: Iterable[str]) -> dict[str, list[Early]]:
    """Read what waits for other steps of these exchanges, by exchange, the longest waiting first."""
    found: dict[str, list[Early]] = {}
    for row in await db.execute_fetchall(_OF_EXCHANGES, (json_list(exchange_ids),)):
        early = Early(*with_times(row, -1))
        found.setdefault(str(early.exchange_id), []).append(early)
    return found


async def remove(db: aiosqlite.Connection, hashes: Iterable[str]) -> None:
    """Let go of statements that took effect or were refused."""
    await db.execute(_REMOVE, (json_list(hashes),))


async def numbers(db: aiosqlite.Connection) -> dict[str, list[int]]:
    """List by sender the numbers that are here already, behind a gap; between them is what is missing."""
    found: dict[str, list[int]] = {}
    for sender, number in await db.execute_fetchall(_NUMBERS):
        found.setdefault(sender, []).append(number)
    return found


async def counts(db: aiosqlite.Connection) -> dict[str, int]:
    """Count what waits, by reason; a reason that nothing waits for is left out."""
    return {row[0]: row[1] for row in await db.execute_fetchall(_COUNTS)}


async def oldest_since(db: aiosqlite.Connection) -> datetime | None:
    """Say since when the oldest of all has waited."""
    [(oldest,)] = await db.execute_fetchall(_OLDEST)
    return utc_time_or_none(oldest)


def _values(each: Early) -> tuple[object, ...]:
    return (
        each.sender,
        each.number,
        each.message_id,
        each.exchange_id,
        each.hash,
        each.jws,
        each.disclosures,
        each.reason,
        utc_text(each.since),
    )
