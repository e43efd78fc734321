"""What arrived and was not admissible, kept as it came for the operator to look at.

Anybody who reaches the inbox can fill this table, so it is bounded three ways: a body is cut, a repetition
is counted, and `trim` removes the oldest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.store.columns import utc_text, with_times

MAX_KEPT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Inadmissible:
    """An envelope to put into quarantine."""

    at: datetime
    code: str
    sender: str | None
    """As far as it is known; an unverified one is a claim."""
    message_id: str | None
    detail: str
    body: bytes
    """As it arrived, whole."""
    body_hash: str
    """SHA-256 of the whole body, base64url."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An entry of the quarantine."""

    id: int
    at: datetime
    last_at: datetime
    repeats: int
    """How often the same body came again, and was refused for the same reason."""
    code: str
    sender: str | None
    message_id: str | None
    detail: str
    size: int
    """Of the whole body, in bytes."""
    body_hash: str


_ADD = """
INSERT INTO quarantine (at, last_at, code, sender, message_id, detail, size, body, body_hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (body_hash, code) DO UPDATE SET repeats = repeats + 1, last_at = excluded.last_at
"""
_PAGE = """
SELECT id, at, last_at, repeats, code, sender, message_id, detail, size, body_hash FROM quarantine
WHERE id < ifnull(?, 1 << 62) ORDER BY id DESC LIMIT ?
"""
_GET = """
SELECT id, at, last_at, repeats, code, sender, message_id, detail, size, body_hash FROM quarantine WHERE id = ?
"""
_BODY = "SELECT body FROM quarantine WHERE id = ?"
_COUNT = "SELECT count(*) FROM quarantine WHERE code = ifnull(?, code)"
_TRIM = "DELETE FROM quarantine WHERE id NOT IN (SELECT id FROM quarantine ORDER BY id DESC LIMIT ?)"


async def add(db: aiosqlite.Connection, entries: Iterable[Inadmissible]) -> None:
    """Add entries, the first 64 KiB of each body; a repetition is counted only."""
    await db.executemany(_ADD, [_values(each) for each in entries])


async def page(db: aiosqlite.Connection, *, before: int | None = None, limit: int = 50) -> list[Quarantined]:
    """List entries without their bodies, the newest first; `before` is the last id of the page before."""
    return [Quarantined(*with_times(row, 1, 2)) for row in await db.execute_fetchall(_PAGE, (before, limit))]


async def get(db: aiosqlite.Connection, entry_id: int) -> Quarantined | None:
    """Read one entry."""
    return next((Quarantined(*with_times(row, 1, 2)) for row in await db.execute_fetchall(_GET, (entry_id,))), None)


async def body(db: aiosqlite.Connection, entry_id: int) -> bytes | None:
    """Read what is kept of a body: hostile bytes."""
    return next((kept for (kept,) in await db.execute_fetchall(_BODY, (entry_id,))), None)


async def count(db: aiosqlite.Connection, code: str | None = None) -> int:
    """Count entries, all or those of one code; repetitions are none."""
    [(entries,)] = await db.execute_fetchall(_COUNT, (code,))
    return int(entries)


async def trim(db: aiosqlite.Connection, *, keep: int) -> None:
    """Remove all but the newest `keep` entries."""
    await db.execute(_TRIM, (keep,))


def _values(each: Inadmissible) -> tuple[object, ...]:
    at = utc_text(each.at)
    claim = (each.code, each.sender, each.message_id, each.detail)
    return (at, at, *claim, len(each.body), each.body[:MAX_KEPT_BYTES], each.body_hash)
