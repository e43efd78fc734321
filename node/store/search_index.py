"""Filling the index that exchanges are searched by: keyed terms of what they say, facets of how they stand.

Invariant: no term of a blocked exchange is in it.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import aiosqlite

from node.store.columns import json_list, utc_text_or_none
from schemas.search import Facets

SEGMENT_BITS = 10  # 1024 exchanges: some megabytes of terms
DRAFTS = 0  # the place of what is filled in and not sent; statements are numbered from 1


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement that the index has not taken in yet."""

    seq: int
    message_id: str
    hash: str
    exchange_id: str
    disclosures: bytes | None
    """Sealed under the exchange's data key."""


@dataclass(frozen=True, slots=True)
class Source:
    """The terms of one statement, each with whether it stands among personal data only."""

    exchange_id: str
    statement: int
    terms: Mapping[int, bool]


_UNREAD = """
SELECT seq, message_id, hash, exchange_id, disclosures FROM statements
WHERE seq > (SELECT statement FROM search_progress) AND kind = 'step' AND exchange_id IS NOT NULL
ORDER BY seq LIMIT ?
"""
_READ_BEFORE = """
SELECT seq, message_id, hash, exchange_id, disclosures FROM statements
WHERE exchange_id = ? AND seq <= (SELECT statement FROM search_progress) AND kind = 'step' ORDER BY seq
"""
_BEHIND = """
SELECT max(ifnull((SELECT max(seq) FROM statements WHERE kind = 'step'), 0)
           - (SELECT statement FROM search_progress), 0) + (SELECT count(*) FROM search_due)
"""
_DUE = "SELECT exchange_id FROM search_due ORDER BY exchange_id LIMIT ?"
_NOT_DUE = "DELETE FROM search_due WHERE exchange_id = ?"
_DROP_SOURCE = "DELETE FROM search_sources WHERE exchange = ? AND statement = ?"
_PROGRESS = "UPDATE search_progress SET statement = max(statement, ?)"
_NUMBERS = "SELECT id, seq FROM exchanges WHERE id IN (SELECT value FROM json_each(?))"
_ADD_TERM = """
INSERT INTO search_terms (segment, term, exchange, personal) VALUES (?, ?, ?, ?)
ON CONFLICT (segment, term, exchange) DO UPDATE SET personal = 0 WHERE excluded.personal < personal
"""
_ADD_SOURCE = "INSERT OR REPLACE INTO search_sources (exchange, statement, terms) VALUES (?, ?, ?)"
_PUT_FACETS = """
INSERT OR REPLACE INTO search_facets (exchange, area, procedure, state, role, parties, authorities,
                                      opened_at, accepted_at, due_at, closed_at, hides, blocked)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SOURCES = "SELECT statement, terms FROM search_sources WHERE exchange = ?"
_DROP_TERM = "DELETE FROM search_terms WHERE segment = ? AND term = ? AND exchange = ?"
_DROP_SOURCES = "DELETE FROM search_sources WHERE exchange = ?"
_EMPTY = (
    "DELETE FROM search_terms",
    "DELETE FROM search_sources",
    "UPDATE search_progress SET statement = 0",
    "INSERT OR IGNORE INTO search_due (exchange_id) SELECT DISTINCT exchange_id FROM drafts",
)
_BLOCK = "UPDATE search_facets SET blocked = 1, due_at = NULL WHERE exchange = ?"


async def unread(db: aiosqlite.Connection, limit: int) -> list[Unread]:
    """Read steps that the index has not taken in yet, the oldest first."""
    return [Unread(*row) for row in await db.execute_fetchall(_UNREAD, (limit,))]


async def read_before(db: aiosqlite.Connection, exchange_id: str) -> list[Unread]:
    """Read the steps of an exchange that the index has taken in before, the oldest first."""
    return [Unread(*row) for row in await db.execute_fetchall(_READ_BEFORE, (exchange_id,))]


async def behind(db: aiosqlite.Connection) -> int:
    """Say at most how much is not in the index: statements since the last that was taken in, and drafts."""
    [(count,)] = await db.execute_fetchall(_BEHIND)
    return int(count)


async def add(db: aiosqlite.Connection, sources: Sequence[Source], until: int) -> None:
    """Add the terms of statements, and note that all statements up to a place are in the index."""
    await _add(db, sources)
    await db.execute(_PROGRESS, (until,))


async def due(db: aiosqlite.Connection, limit: int) -> list[str]:
    """Name exchanges of which something was filled in, or thrown away, since they were last taken in."""
    return [name for (name,) in await db.execute_fetchall(_DUE, (limit,))]


async def replace_drafts(db: aiosqlite.Connection, terms: Mapping[str, Mapping[int, bool]]) -> None:
    """Put the terms of what is filled in and not sent in the place of those there were; they are due no more."""
    numbers = await _numbers(db, terms)
    for exchange_id, number in numbers.items():
        said = await _terms(db, number)
        outdated = said.pop(DRAFTS, set()).difference(*said.values())
        await db.executemany(_DROP_TERM, [(number >> SEGMENT_BITS, term, number) for term in outdated])
        await db.execute(_DROP_SOURCE, (number, DRAFTS))
        if terms[exchange_id]:
            await _add(db, [Source(exchange_id, DRAFTS, terms[exchange_id])])
    await db.executemany(_NOT_DUE, [(exchange_id,) for exchange_id in terms])


async def _add(db: aiosqlite.Connection, sources: Sequence[Source]) -> None:
    numbers = await _numbers(db, (source.exchange_id for source in sources))
    rows = [
        (numbers[source.exchange_id] >> SEGMENT_BITS, term, numbers[source.exchange_id], int(personal))
        for source in sources
        for term, personal in source.terms.items()
    ]
    await db.executemany(_ADD_TERM, sorted(rows))  # in the order of the table, so that each page is touched once
    await db.executemany(
        _ADD_SOURCE,
        [(numbers[source.exchange_id], source.statement, _packed(source.terms)) for source in sources],
    )


async def put_facets(db: aiosqlite.Connection, facets: Sequence[Facets]) -> None:
    """Keep the facets of exchanges as they now are."""
    numbers = await _numbers(db, (each.exchange for each in facets))
    await db.executemany(_PUT_FACETS, [_values(numbers[each.exchange], each) for each in facets])


async def forget(db: aiosqlite.Connection, exchange_id: str) -> None:
    """Remove what an exchange says from the index; that there is such an exchange stays to be found."""
    number = (await _numbers(db, [exchange_id])).get(exchange_id)
    if number is None:
        return
    terms = set().union(*(await _terms(db, number)).values())
    await db.executemany(_DROP_TERM, [(number >> SEGMENT_BITS, term, number) for term in terms])
    await db.execute(_DROP_SOURCES, (number,))
    await db.execute(_BLOCK, (number,))


async def _numbers(db: aiosqlite.Connection, exchange_ids: Iterable[str]) -> dict[str, int]:
    rows = await db.execute_fetchall(_NUMBERS, (json_list(set(exchange_ids)),))
    return {exchange_id: number for exchange_id, number in rows}  # noqa: C416  rows are no tuples of two to the type checker


async def _terms(db: aiosqlite.Connection, number: int) -> dict[int, set[int]]:
    """The terms of an exchange, by the statement that they stand in."""
    sources = await db.execute_fetchall(_SOURCES, (number,))
    return {statement: {term for (term,) in struct.iter_unpack(">q", packed)} for statement, packed in sources}


def _packed(terms: Mapping[int, bool]) -> bytes:
    return struct.pack(f">{len(terms)}q", *terms)


def _values(number: int, row: Facets) -> tuple[object, ...]:
    times = (row.opened_at, row.accepted_at, row.due_at, row.closed_at)
    return (
        number,
        row.area,
        row.procedure,
        row.state,
        row.role,
        f" {' '.join(row.parties)} ",
        f" {' '.join(row.authorities)} ",
        *map(utc_text_or_none, times),
        row.hides_personal,
        row.blocked,
    )


async def begin_anew(db: aiosqlite.Connection) -> None:
    """Empty the index; everything is taken in again, as after a start with a new one."""
    for sql in _EMPTY:
        await db.execute(sql)
