"""The index that exchanges are searched by: keyed terms of what they say, and facets of how they stand.

Invariant: no term of a blocked exchange is in it.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiosqlite

from node.store.columns import json_list, utc_text_or_none
from schemas.search import Facets

SEGMENT_BITS = 10  # 1024 exchanges: some megabytes of terms
DRAFTS = 0  # the place of what is filled in and not sent; statements are numbered from 1
RARE = 3000
"""Exchanges that a rare term stands in at most: these are looked through instead of all."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement that the index has not taken in yet."""

    seq: int
    message_id: str
    exchange_id: str
    disclosures: bytes | None
    """Sealed under the exchange's data key."""


@dataclass(frozen=True, slots=True)
class Source:
    """The terms of one statement, each with whether it stands among personal data only."""

    exchange_id: str
    statement: int
    terms: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class Hit:
    """An exchange that meets all conditions."""

    exchange_id: str
    by_personal: bool
    """It meets them only by what stands among personal data."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a time on, and before another."""

    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to hold; what is None, or empty, does not matter."""

    groups: Sequence[Sequence[int]] = ()
    """Of each group at least one term."""
    number: str = ""
    role: Literal["sent", "received"] | None = None
    area: str | None = None
    procedure: str | None = None
    states: Sequence[str] | None = None
    party: str | None = None
    authority: str | None = None
    opened: Span = Span()
    accepted: Span = Span()
    due: Span = Span()
    closed: Span = Span()
    blocked: bool | None = None


_UNREAD = """
SELECT seq, message_id, exchange_id, disclosures FROM statements
WHERE seq > (SELECT statement FROM search_progress) AND kind = 'step' AND exchange_id IS NOT NULL
ORDER BY seq LIMIT ?
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
_BLOCK = "UPDATE search_facets SET blocked = 1, due_at = NULL WHERE exchange = ?"

_LAST_SEGMENT = "SELECT ifnull(max(exchange), 0) >> ? FROM search_facets"
_HOW_MANY = """
SELECT count(*) FROM (SELECT 1 FROM search_terms
                      WHERE segment IN (SELECT value FROM json_each(:segments))
                        AND term IN (SELECT value FROM json_each(:terms)) LIMIT :limit)
"""

# A group is met if one of its terms stands in the exchange where it may be seen. CROSS JOIN keeps SQLite from going
# through a whole segment for each term.
_SELECT = """
SELECT e.id, EXISTS (
    SELECT 1 FROM json_each(:groups) AS g WHERE NOT EXISTS (
        SELECT 1 FROM json_each(g.value) AS one
        CROSS JOIN search_terms AS t
            ON t.segment = f.exchange >> :bits AND t.term = one.value AND t.exchange = f.exchange
        WHERE t.personal = 0))
FROM search_facets AS f JOIN exchanges AS e ON e.seq = f.exchange
"""
_CONDITIONS = """
  AND (:number IS NULL OR f.exchange IN (SELECT seq FROM exchanges WHERE id LIKE :number ESCAPE '!'))
  AND (:role IS NULL OR f.role = :role)
  AND (:area IS NULL OR f.area = :area)
  AND (:procedure IS NULL OR f.procedure = :procedure)
  AND (:states IS NULL OR f.state IN (SELECT value FROM json_each(:states)))
  AND (:party IS NULL OR instr(f.parties, :party))
  AND (:authority IS NULL OR instr(f.authorities, :authority))
  AND (:blocked IS NULL OR f.blocked = :blocked)
  AND (:opened_since IS NULL OR f.opened_at >= :opened_since)
  AND (:opened_before IS NULL OR f.opened_at < :opened_before)
  AND (:accepted_since IS NULL OR f.accepted_at >= :accepted_since)
  AND (:accepted_before IS NULL OR f.accepted_at < :accepted_before)
  AND (:due_since IS NULL OR f.due_at >= :due_since)
  AND (:due_before IS NULL OR f.due_at < :due_before)
  AND (:closed_since IS NULL OR f.closed_at >= :closed_since)
  AND (:closed_before IS NULL OR f.closed_at < :closed_before)
  AND NOT EXISTS (
      SELECT 1 FROM json_each(:groups) AS g WHERE NOT EXISTS (
          SELECT 1 FROM json_each(g.value) AS one
          CROSS JOIN search_terms AS t
              ON t.segment = f.exchange >> :bits AND t.term = one.value AND t.exchange = f.exchange
          WHERE t.personal = 0 OR f.hides = 0))
ORDER BY f.exchange DESC LIMIT :limit
"""
_FIND = f"{_SELECT} WHERE f.exchange < :after {_CONDITIONS}"
# The plus keeps SQLite from going through all exchanges instead of the listed ones.
_FIND_AMONG_RARE = f"""
{_SELECT} WHERE +f.exchange < :after AND f.exchange IN (
    SELECT exchange FROM search_terms
    WHERE segment IN (SELECT value FROM json_each(:segments)) AND term IN (SELECT value FROM json_each(:rare)))
{_CONDITIONS}
"""  # noqa: S608  all parts are constants
_PLACE = "SELECT seq FROM exchanges WHERE id = ?"
_NEWER_THAN_ALL = 1 << 62


async def unread(db: aiosqlite.Connection, limit: int) -> list[Unread]:
    """Read steps that the index has not taken in yet, the oldest first."""
    return [Unread(*row) for row in await db.execute_fetchall(_UNREAD, (limit,))]


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


async def find(
    db: aiosqlite.Connection, conditions: Conditions, *, after: str | None = None, limit: int = 50
) -> list[Hit]:
    """Find the exchanges that meet all conditions, the last recorded first.

    Args:
        db: a connection.
        conditions: what has to hold.
        after: the last case number of the page before; an unknown one gives an empty page.
        limit: at most so many.
    """
    segments = await _segments(db)
    rare = await _rare(db, conditions.groups, segments)
    values = {
        "after": await _place(db, after),
        "bits": SEGMENT_BITS,
        "number": _like(conditions.number),
        "role": conditions.role,
        "area": conditions.area,
        "procedure": conditions.procedure,
        "states": json_list(conditions.states) if conditions.states is not None else None,
        "party": _among(conditions.party),
        "authority": _among(conditions.authority),
        "blocked": conditions.blocked,
        **_spans(conditions),
        "groups": json_list(conditions.groups),
        "limit": limit,
    }
    if rare is None:
        rows = await db.execute_fetchall(_FIND, values)
    else:
        rows = await db.execute_fetchall(_FIND_AMONG_RARE, {**values, "segments": segments, "rare": rare})
    return [Hit(exchange_id, bool(personal)) for exchange_id, personal in rows]


async def _place(db: aiosqlite.Connection, after: str | None) -> int:
    if after is None:
        return _NEWER_THAN_ALL
    rows = list(await db.execute_fetchall(_PLACE, (after,)))
    return int(rows[0][0]) if rows else 0


async def _segments(db: aiosqlite.Connection) -> str:
    [(last,)] = await db.execute_fetchall(_LAST_SEGMENT, (SEGMENT_BITS,))
    return json_list(range(last + 1))


async def _rare(db: aiosqlite.Connection, groups: Iterable[Sequence[int]], segments: str) -> str | None:
    """The rarest group, if it is rare enough to begin with: otherwise a page is full before long."""
    counted = []
    for group in groups:
        listed = json_list(group)
        values = {"segments": segments, "terms": listed, "limit": RARE + 1}
        [(count,)] = await db.execute_fetchall(_HOW_MANY, values)
        counted.append((count, listed))
    count, rarest = min(counted, default=(RARE + 1, ""))
    return rarest if count <= RARE else None


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


def _among(name: str | None) -> str | None:
    return f" {name} " if name is not None else None


def _like(part: str) -> str | None:
    escaped = part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%" if part else None


def _spans(conditions: Conditions) -> dict[str, str | None]:
    spans = {
        "opened": conditions.opened,
        "accepted": conditions.accepted,
        "due": conditions.due,
        "closed": conditions.closed,
    }
    values: dict[str, str | None] = {}
    for name, span in spans.items():
        values[f"{name}_since"] = utc_text_or_none(span.since)
        values[f"{name}_before"] = utc_text_or_none(span.before)
    return values
