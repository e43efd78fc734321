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
    """One receipt: what a party says became of a statement."""

    about: str
    """The hash of that statement."""
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
INSERT INTO receipts (about, party, outcome, code, at, jws_hash) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (about, party, outcome) DO NOTHING
"""
_ABOUT = """
SELECT about, party, outcome, code, at, jws_hash FROM receipts
WHERE about IN (SELECT value FROM json_each(?)) ORDER BY about, at, party
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
    await db.executemany(_ADD, [(r.about, r.party, r.outcome, r.code, utc_text(r.at), r.jws_hash) for r in receipts])


async def about(db: aiosqlite.Connection, hashes: Iterable[str]) -> dict[str, list[Evidence]]:
    """Read all receipts about these statements, by hash, the oldest first."""
    found: dict[str, list[Evidence]] = {}
    for row in await db.execute_fetchall(_ABOUT, (json_list(hashes),)):
        found.setdefault(row[0], []).append(Evidence(*with_times(row, 4)))
    return found


async def statements(db: aiosqlite.Connection, hashes: Iterable[str]) -> dict[str, ReceiptStatement]:
    """Read signed statements of receipts by hash, for those who verify them."""
    rows = await db.execute_fetchall(_STATEMENTS, (json_list(hashes),))
    return {row[0]: ReceiptStatement(*with_times(row, -1)) for row in rows}
