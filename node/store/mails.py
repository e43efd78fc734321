"""Digests on their way to the mail server.

    waiting --(taken by the mail server)--> sent
            --(refused for good)----------> refused

A crash between the server's answer and its record sends the same digest again, with the same message id. The
recipient is a user or an authority, never an address.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import aiosqlite

from node.store.columns import utc_text, utc_time_or_none
from schemas.notices import Digest, MailView

_ADD = """
INSERT INTO mails (message_id, recipient, day, subject, body, cases, state, next_attempt_at)
VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?) ON CONFLICT DO NOTHING
"""
_MADE_ON = "SELECT EXISTS (SELECT 1 FROM mails WHERE day = ?)"
_DUE = """
SELECT message_id, recipient, day, subject, body, cases, attempts FROM mails
WHERE ended_at IS NULL AND next_attempt_at <= ? ORDER BY next_attempt_at, message_id LIMIT ?
"""
_END = """
UPDATE mails SET state = ?, attempts = attempts + 1, ended_at = ?, answer = ? WHERE message_id = ? AND ended_at IS NULL
"""
_POSTPONE = """
UPDATE mails SET attempts = attempts + 1, next_attempt_at = ?, answer = ? WHERE message_id = ? AND ended_at IS NULL
"""
_PAGE = """
SELECT recipient, day, state, attempts, cases, answer, next_attempt_at, ended_at FROM mails
ORDER BY ended_at IS NOT NULL, day DESC, recipient LIMIT ?
"""
_FORGET = "DELETE FROM mails WHERE ended_at IS NOT NULL AND day < ?"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A digest to hand to the mail server."""

    digest: Digest
    attempts: int


async def add(db: aiosqlite.Connection, digests: Iterable[Digest], now: datetime) -> None:
    """Put digests on their way, due now."""
    at = utc_text(now)
    await db.executemany(
        _ADD, [(d.message_id, d.recipient, d.day.isoformat(), d.subject, d.body, d.cases, at) for d in digests]
    )


async def made_on(db: aiosqlite.Connection, day: date) -> bool:
    """Whether the digests of a day were made."""
    [(made,)] = await db.execute_fetchall(_MADE_ON, (day.isoformat(),))
    return bool(made)


async def due(db: aiosqlite.Connection, now: datetime, limit: int) -> list[Waiting]:
    """Digests to try now, the longest due first."""
    return [
        Waiting(
            Digest(
                message_id=message_id,
                recipient=recipient,
                day=date.fromisoformat(day),
                subject=subject,
                body=body,
                cases=cases,
            ),
            attempts,
        )
        for message_id, recipient, day, subject, body, cases, attempts in await db.execute_fetchall(
            _DUE, (utc_text(now), limit)
        )
    ]


async def mark_sent(db: aiosqlite.Connection, message_id: str, at: datetime) -> None:
    """Note that the mail server has taken a digest."""
    await db.execute(_END, ("sent", utc_text(at), "", message_id))


async def mark_refused(db: aiosqlite.Connection, message_id: str, at: datetime, answer: str) -> None:
    """Note that the mail server won't ever take a digest, and why."""
    await db.execute(_END, ("refused", utc_text(at), answer, message_id))


async def postpone(db: aiosqlite.Connection, message_ids: Iterable[str], until: datetime, answer: str) -> None:
    """Note an attempt that came to nothing, and when to try again."""
    await db.executemany(_POSTPONE, [(utc_text(until), answer, each) for each in message_ids])


async def page(db: aiosqlite.Connection, limit: int = 100) -> list[MailView]:
    """Digests, those on their way before the others, the latest day first."""
    return [
        MailView(
            recipient=recipient,
            day=date.fromisoformat(day),
            state=state,
            attempts=attempts,
            cases=cases,
            answer=answer,
            next_attempt_at=utc_time_or_none(again) if state == "waiting" else None,
            ended_at=utc_time_or_none(ended),
        )
        for recipient, day, state, attempts, cases, answer, again, ended in await db.execute_fetchall(_PAGE, (limit,))
    ]


async def forget_before(db: aiosqlite.Connection, day: date) -> None:
    """Remove digests of days before that have ended."""
    await db.execute(_FORGET, (day.isoformat(),))
