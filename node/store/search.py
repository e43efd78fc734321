"""Finding exchanges in the index that `search_index` fills."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiosqlite

from node.store.columns import json_list, utc_text_or_none
from node.store.search_index import SEGMENT_BITS

RARE = 3000
"""Exchanges that a rare term stands in at most: these are looked through instead of all."""


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
