"""Signed statements, own and others', as they were signed: the evidence.

The signed bytes stay for good. What they say stands apart in the sealed disclosures, and is erased when an
exchange is deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.store.columns import json_list, utc_text, with_times

Identity = tuple[str, str]
"""Sender and message id: what a statement is known by."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A statement that has taken effect here."""

    message_id: str
    exchange_id: str | None
    kind: str
    sender: str
    sequence: int | None
    """Among the sender's steps in the exchange; none for other kinds."""
    hash: str
    """SHA-256 of the JWS, base64url."""
    jws: str
    disclosures: bytes | None
    """Sealed under the exchange's data key; none where there are none, or they were erased."""
    recorded_at: datetime
    number: int | None = None
    """In the sender's stream to this node; none for what this node made itself."""


_ADD = """
INSERT INTO statements (message_id, exchange_id, kind, sender, sequence, hash, jws, disclosures, recorded_at, number)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_KNOWN = "SELECT sender, message_id, hash FROM statements WHERE message_id IN (SELECT value FROM json_each(?))"
_GET = """
SELECT message_id, exchange_id, kind, sender, sequence, hash, jws, disclosures, recorded_at, number
FROM statements WHERE hash IN (SELECT value FROM json_each(?))
"""
_OF_EXCHANGE = """
SELECT message_id, exchange_id, kind, sender, sequence, hash, jws, disclosures, recorded_at, number
FROM statements WHERE exchange_id = ? ORDER BY seq
"""
_OF_KIND = """
SELECT message_id, exchange_id, kind, sender, sequence, hash, jws, disclosures, recorded_at, number
FROM statements WHERE exchange_id = ? AND kind = ? ORDER BY seq
"""
_RESEAL = "UPDATE statements SET disclosures = ? WHERE hash = ?"
_ERASE = "UPDATE statements SET disclosures = NULL WHERE exchange_id = ? AND disclosures IS NOT NULL"
_ERASE_SAID = "UPDATE statements SET disclosures = NULL WHERE hash IN (SELECT value FROM json_each(?))"


async def add(db: aiosqlite.Connection, statements: Iterable[Recorded]) -> None:
    """Record statements in this order.

    Raises:
        sqlite3.IntegrityError: the sender's message id is recorded already; ask `known` first.
    """
    await db.executemany(_ADD, [_values(each) for each in statements])


async def known(db: aiosqlite.Connection, message_ids: Iterable[str]) -> dict[Identity, str]:
    """Say which of these ids are recorded, by sender, each with its hash: the same is a repetition, another a refusal.

    An id is its sender's word. Were it known by itself, a hostile party could use up the id of another one's
    statement, and have the true one refused elsewhere.
    """
    return {(row[0], row[1]): row[2] for row in await db.execute_fetchall(_KNOWN, (json_list(message_ids),))}


async def get(db: aiosqlite.Connection, hashes: Iterable[str]) -> dict[str, Recorded]:
    """Read statements by hash; what is not known is left out."""
    found = [Recorded(*with_times(row, -2)) for row in await db.execute_fetchall(_GET, (json_list(hashes),))]
    return {each.hash: each for each in found}


async def of_exchange(db: aiosqlite.Connection, exchange_id: str) -> list[Recorded]:
    """Read all statements of one exchange, in the order in which they were recorded here."""
    return [Recorded(*with_times(row, -2)) for row in await db.execute_fetchall(_OF_EXCHANGE, (exchange_id,))]


async def of_kind(db: aiosqlite.Connection, exchange_id: str, kind: str) -> list[Recorded]:
    """Read the statements of one exchange that are of a kind, in the order in which they were recorded here."""
    return [Recorded(*with_times(row, -2)) for row in await db.execute_fetchall(_OF_KIND, (exchange_id, kind))]


async def keep_only(db: aiosqlite.Connection, statement_hash: str, disclosures: bytes | None) -> None:
    """Keep what is left of what a statement said in the place of all of it."""
    await db.execute(_RESEAL, (disclosures, statement_hash))


async def erase_disclosures(db: aiosqlite.Connection, exchange_id: str) -> None:
    """Forget what was said in an exchange; that it was said stays."""
    await db.execute(_ERASE, (exchange_id,))


async def erase_said(db: aiosqlite.Connection, hashes: Iterable[str]) -> None:
    """Forget what single statements said; that it was said stays."""
    await db.execute(_ERASE_SAID, (json_list(hashes),))


def _values(each: Recorded) -> tuple[object, ...]:
    return (
        each.message_id,
        each.exchange_id,
        each.kind,
        each.sender,
        each.sequence,
        each.hash,
        each.jws,
        each.disclosures,
        utc_text(each.recorded_at),
        each.number,
    )
