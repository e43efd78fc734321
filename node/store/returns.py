"""Statements of a peer that it has asked back, to be sent to it once: it may have lost them."""

from collections.abc import Iterable
from dataclasses import dataclass

import aiosqlite

from node.store.columns import json_list


@dataclass(frozen=True, slots=True)
class Return:
    """A statement that waits to be given back."""

    id: int
    """Its place in this table; not a message id."""
    recipient: str
    message_id: str
    exchange_id: str | None
    jws: str
    disclosures: bytes | None
    """Sealed under the exchange's data key."""


# The bytes of a piece of a file lie apart from its statement, and are not given back.
_ADD = """
INSERT INTO returns (recipient, hash)
SELECT sender, hash FROM (SELECT sender, number, hash FROM statements
                          WHERE sender = :peer AND number >= :from_number AND kind <> 'chunk'
                          UNION SELECT sender, number, hash FROM waiting
                          WHERE sender = :peer AND number >= :from_number)
WHERE true ORDER BY number
ON CONFLICT (recipient, hash) DO NOTHING
"""
_WAITING = """
SELECT r.id, r.recipient, ifnull(s.message_id, w.message_id), ifnull(s.exchange_id, w.exchange_id),
       ifnull(s.jws, w.jws), ifnull(s.disclosures, w.disclosures)
FROM returns AS r LEFT JOIN statements AS s ON s.hash = r.hash LEFT JOIN waiting AS w ON w.hash = r.hash
WHERE s.hash IS NOT NULL OR w.hash IS NOT NULL ORDER BY r.id LIMIT ?
"""
_REMOVE = "DELETE FROM returns WHERE id IN (SELECT value FROM json_each(?))"


async def add(db: aiosqlite.Connection, peer: str, from_number: int) -> None:
    """Note what to give back to a peer: all that is here of its stream to this node, from a number on."""
    await db.execute(_ADD, {"peer": peer, "from_number": from_number})


async def waiting(db: aiosqlite.Connection, limit: int) -> list[Return]:
    """Read the first that wait, in the order of their numbers."""
    return [Return(*row) for row in await db.execute_fetchall(_WAITING, (limit,))]


async def count(db: aiosqlite.Connection) -> int:
    """Count what waits."""
    [(number,)] = await db.execute_fetchall("SELECT count(*) FROM returns")
    return int(number)


async def remove(db: aiosqlite.Connection, ids: Iterable[int]) -> None:
    """Forget what was sent; if it is lost, the peer asks again."""
    await db.execute(_REMOVE, (json_list(ids),))
