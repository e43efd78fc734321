"""Evidence of what became of messages: the receipts that peers gave us, and those that we gave.

One signed statement holds many receipts; it is kept once, and each receipt names it by hash.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiosqlite

from node.store.columns import json_list, utc_text, with_times

Outcome = Literal["delivered", "opened", "refused"]


@dataclass(frozen=True, slots=True)
class ReceiptStatement:
    """A signed statement of receipts."""

    hash: str
    """SHA-256 of the JWS, base64url."""
    message_id: str
    """Of the signal itself."""
    sender: str
    jws: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """One receipt: what a party says became of a message."""

    message_id: str
    party: str
    """The node that made the receipt."""
    outcome: Outcome
    code: str | None
    at: datetime
    jws_hash: str
    """The statement that says so."""


_ADD_STATEMENT = """
INSERT INTO receipt_statements (hash, message_id, sender, jws, recorded_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (hash) DO NOTHING
"""
_ADD = """
INSERT INTO receipts (message_id, party, outcome, code, at, jws_hash) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (message_id, party, outcome) DO NOTHING
"""
_GIVEN = """
SELECT r.message_id, s.jws FROM receipts AS r JOIN receipt_statements AS s ON s.hash = r.jws_hash
WHERE r.message_id IN (SELECT value FROM json_each(?)) AND r.party = ? AND r.outcome <> 'opened'
ORDER BY s.seq DESC
"""
_OF_MESSAGES = """
SELECT message_id, party, outcome, code, at, jws_hash FROM receipts
WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY message_id, at, party
"""
_STATEMENTS = """
SELECT hash, message_id, sender, jws, recorded_at FROM receipt_statements
WHERE hash IN (SELECT value FROM json_each(?))
"""


async def add(db: aiosqlite.Connection, statements: Iterable[ReceiptStatement], receipts: Iterable[Evidence]) -> None:
    """Keep receipts and the statements that they stand in; of repeated ones the first stays.

    Raises:
        sqlite3.IntegrityError: at commit, a receipt names a statement that is not kept.
    """
    await db.executemany(
        _ADD_STATEMENT, [(s.hash, s.message_id, s.sender, s.jws, utc_text(s.recorded_at)) for s in statements]
    )
    await db.executemany(
        _ADD, [(r.message_id, r.party, r.outcome, r.code, utc_text(r.at), r.jws_hash) for r in receipts]
    )


async def given(db: aiosqlite.Connection, message_ids: Iterable[str], *, by: str) -> dict[str, str]:
    """Find the signed statement in which a node first said that it has, or refuses, each of these messages.

    Args:
        db: a connection.
        message_ids: of messages that came again.
        by: this node; what others said about a message is not its answer.
    """
    return {row[0]: row[1] for row in await db.execute_fetchall(_GIVEN, (json_list(message_ids), by))}


async def of_messages(db: aiosqlite.Connection, message_ids: Iterable[str]) -> dict[str, list[Evidence]]:
    """Read all receipts about these messages, by message id, the oldest first."""
    found: dict[str, list[Evidence]] = {}
    for row in await db.execute_fetchall(_OF_MESSAGES, (json_list(message_ids),)):
        found.setdefault(row[0], []).append(Evidence(*with_times(row, 4)))
    return found


async def statements(db: aiosqlite.Connection, hashes: Iterable[str]) -> dict[str, ReceiptStatement]:
    """Read signed statements of receipts by hash, for those who verify them."""
    rows = await db.execute_fetchall(_STATEMENTS, (json_list(hashes),))
    return {row[0]: ReceiptStatement(*with_times(row, -1)) for row in rows}
