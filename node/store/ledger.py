"""The audit trail: who did what, each entry chained to the one before by its hash.

The chain is made and verified elsewhere. Here entries are only added: the database itself refuses to change
or remove one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.store.columns import json_list, utc_text, with_times


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One chained entry."""

    seq: int
    """From 1, without a gap."""
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str
    """JSON, the exact text that went into the hash."""
    hash: str


_APPEND = "INSERT INTO ledger (seq, at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
_LAST = "SELECT seq, at, actor, action, subject, detail, hash FROM ledger ORDER BY seq DESC LIMIT 1"
_PAGE = """
SELECT seq, at, actor, action, subject, detail, hash FROM ledger
WHERE seq < ifnull(?, 1 << 62) ORDER BY seq DESC LIMIT ?
"""
_ABOUT = """
SELECT seq, at, actor, action, subject, detail, hash FROM ledger
WHERE subject IN (SELECT value FROM json_each(?)) AND substr(action, 1, length(?)) = ?
ORDER BY seq DESC LIMIT ?
"""
_FOLLOWING = """
SELECT seq, at, actor, action, subject, detail, hash FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?
"""

_COUNT = "SELECT count(*) FROM ledger WHERE action = ? AND (actor = ? OR substr(actor, 1, 3) = ?)"


async def append(db: aiosqlite.Connection, entries: Iterable[LedgerEntry]) -> None:
    """Add entries that are chained already.

    Raises:
        sqlite3.IntegrityError: a number is taken: the chain was continued from an entry that is not the last.
    """
    await db.executemany(
        _APPEND, [(e.seq, utc_text(e.at), e.actor, e.action, e.subject, e.detail, e.hash) for e in entries]
    )


async def count(db: aiosqlite.Connection, action: str, node: str) -> int:
    """Count what a node, or one of its authorities, did."""
    [(number,)] = await db.execute_fetchall(_COUNT, (action, node, f"{node}/"))
    return int(number)


async def last(db: aiosqlite.Connection) -> LedgerEntry | None:
    """Read the entry that the next one is chained to."""
    return next((LedgerEntry(*with_times(row, 1)) for row in await db.execute_fetchall(_LAST)), None)


async def page(db: aiosqlite.Connection, *, before: int | None = None, limit: int = 50) -> list[LedgerEntry]:
    """List entries, the newest first; `before` is the last number of the page before."""
    return [LedgerEntry(*with_times(row, 1)) for row in await db.execute_fetchall(_PAGE, (before, limit))]


async def following(db: aiosqlite.Connection, seq: int, limit: int = 1000) -> list[LedgerEntry]:
    """Read entries in order, from the one after `seq` on: the way to verify the chain."""
    return [LedgerEntry(*with_times(row, 1)) for row in await db.execute_fetchall(_FOLLOWING, (seq, limit))]


async def about(db: aiosqlite.Connection, subjects: Iterable[str], kind: str, limit: int) -> list[LedgerEntry]:
    """Read entries about any of these subjects whose action begins so, the newest first."""
    rows = await db.execute_fetchall(_ABOUT, (json_list(subjects), kind, kind, limit))
    return [LedgerEntry(*with_times(row, 1)) for row in rows]
