"""What users and coordinators were told, or are to be told; no content, no names.

A notice is there once, whatever is added again. It stays until its exchange's personal data are deleted, so that
what was told is not told again.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

import aiosqlite

from node.store.columns import json_list, utc_text, utc_time
from schemas.notices import Audience, Notice, NoticeKind

_COLUMNS = "n.exchange_id, n.kind, n.subject, n.since, n.day, n.audience, n.at"
_ADD = """
INSERT INTO notices (exchange_id, kind, subject, since, day, audience, at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
_SEEN = """
UPDATE notices SET seen_at = ?1
WHERE seen_at IS NULL AND kind = ?2 AND exchange_id IN (SELECT value FROM json_each(?3))
  AND (?4 IS NULL OR audience = ?4) AND since NOT IN (SELECT value FROM json_each(?5))
"""
_TO_LOOK_AT = f"SELECT {_COLUMNS} FROM notices AS n WHERE n.seen_at IS NULL AND n.kind = ? ORDER BY n.id DESC LIMIT ?"  # noqa: S608
_OF_EXCHANGE = f"SELECT {_COLUMNS} FROM notices AS n WHERE n.exchange_id = ? ORDER BY n.at, n.id"  # noqa: S608
_TO_TELL = f"""
SELECT {_COLUMNS} FROM notices AS n WHERE n.digest_on IS NULL AND n.at <= ? AND n.seen_at IS NULL ORDER BY n.id
"""  # noqa: S608
_TOLD = "UPDATE notices SET digest_on = ? WHERE digest_on IS NULL AND at <= ?"
_SETTLE = "UPDATE notices SET seen_at = ? WHERE seen_at IS NULL AND exchange_id = ? AND kind = ? AND subject = ?"
_FORGET = "DELETE FROM notices WHERE exchange_id = ?"

# Statements of ours are told by the law's clock when they were made; how they fare stands in the outbox.
_UNRECEIVED = """
SELECT s.exchange_id, o.kind, o.recipient, s.message_id, s.recorded_at
FROM (SELECT hash, recipient, 'refused' AS kind FROM outbox WHERE state = 'refused'
      UNION ALL SELECT hash, recipient, 'unreceived' FROM outbox WHERE ended_at IS NULL) AS o
JOIN statements AS s ON s.hash = o.hash AND s.kind = 'step'
JOIN exchanges AS x ON x.id = s.exchange_id AND x.deleted_at IS NULL
WHERE (o.kind = 'refused' OR s.recorded_at <= ?)
  AND NOT EXISTS (SELECT 1 FROM notices AS n WHERE n.exchange_id = s.exchange_id AND n.kind = o.kind
                  AND n.subject = o.recipient AND n.since = s.message_id)
LIMIT ?
"""
_RECEIVED = """
UPDATE notices SET seen_at = ? WHERE seen_at IS NULL AND kind = 'unreceived' AND NOT EXISTS
    (SELECT 1 FROM outbox AS o JOIN statements AS s ON s.hash = o.hash
     WHERE s.message_id = notices.since AND o.recipient = notices.subject AND o.ended_at IS NULL)
"""


async def add(db: aiosqlite.Connection, notices: Iterable[Notice]) -> None:
    """Keep notices; one that is there already stays as it is."""
    await db.executemany(
        _ADD, [(n.exchange, n.kind, n.subject, n.since, n.day, n.audience, utc_text(n.at)) for n in notices]
    )


async def mark_seen(
    db: aiosqlite.Connection,
    exchanges: Iterable[str],
    kind: NoticeKind,
    at: datetime,
    *,
    audience: Audience | None = None,
    but: Collection[str] = (),
) -> int:
    """Note that nobody needs to look at notices of a kind any more; returns how many there were.

    Args:
        db: in its transaction.
        exchanges: of which exchanges.
        kind: of which kind.
        at: since when.
        audience: only those for it; none means all.
        but: the messages of steps of which somebody else is still told.
    """
    cursor = await db.execute(_SEEN, (utc_text(at), kind, json_list(exchanges), audience, json_list(but)))
    return max(cursor.rowcount, 0)


async def to_look_at(db: aiosqlite.Connection, kind: NoticeKind, limit: int) -> list[Notice]:
    """Notices of a kind that nobody has looked at, the newest first."""
    return [_notice(row) for row in await db.execute_fetchall(_TO_LOOK_AT, (kind, limit))]


async def of_exchange(db: aiosqlite.Connection, exchange_id: str) -> list[Notice]:
    """All that was told of an exchange, the earliest first."""
    return [_notice(row) for row in await db.execute_fetchall(_OF_EXCHANGE, (exchange_id,))]


async def to_tell(db: aiosqlite.Connection, until: datetime) -> list[Notice]:
    """Notices up to a time that no digest has told yet and that somebody is still to look at, the oldest first."""
    return [_notice(row) for row in await db.execute_fetchall(_TO_TELL, (utc_text(until),))]


async def mark_told(db: aiosqlite.Connection, until: datetime, day: date) -> None:
    """Note the day whose digests tell all notices up to a time."""
    await db.execute(_TOLD, (day.isoformat(), utc_text(until)))


async def settle(db: aiosqlite.Connection, exchange_id: str, kind: NoticeKind, subject: str, at: datetime) -> None:
    """Note that nobody needs to look any more at what a notice tells of a subject."""
    await db.execute(_SETTLE, (utc_text(at), exchange_id, kind, subject))


async def forget(db: aiosqlite.Connection, exchange_id: str) -> None:
    """Remove all notices of an exchange, when its personal data are deleted."""
    await db.execute(_FORGET, (exchange_id,))


async def unreceived(db: aiosqlite.Connection, made_until: datetime, limit: int) -> list[Notice]:
    """Steps of ours that a party refused, or has not signed for though they were made so long ago.

    Those that there is a notice of already are left out. `at` is when the step was made.
    """
    return [
        Notice(exchange=exchange, kind=kind, subject=party, since=message, at=utc_time(made))
        for exchange, kind, party, message, made in await db.execute_fetchall(
            _UNRECEIVED, (utc_text(made_until), limit)
        )
    ]


async def settle_received(db: aiosqlite.Connection, at: datetime) -> None:
    """Nobody needs to look any more at alarms about steps that were signed for since."""
    await db.execute(_RECEIVED, (utc_text(at),))


def _notice(row: Iterable[object]) -> Notice:
    exchange, kind, subject, since, day, audience, at = row
    told = {"exchange": exchange, "kind": kind, "subject": subject, "since": since, "day": day, "audience": audience}
    return Notice.model_validate({**told, "at": utc_time(str(at))})
