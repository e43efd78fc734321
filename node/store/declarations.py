"""Policy areas that the Commission published: their texts, their stages, and at the Commission who was told."""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from node.store.columns import json_list, utc_text, utc_time
from schemas.publication import Publication

Key = tuple[str, int]
"""Policy area and version."""

_ADD_TEXT = "INSERT INTO declarations (area, version, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_ADD = """
INSERT INTO publications (area, version, stage, hash, since, recorded_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
_ALL = "SELECT area, version, stage, hash, since FROM publications ORDER BY recorded_at, area, version, rowid"
_TEXTS = "SELECT area, version, text FROM declarations"
_TEXT = "SELECT text FROM declarations WHERE area = ? AND version = ?"
_TOLD = "INSERT INTO publications_told (area, version, stage, node) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_UNTOLD = """
SELECT peer.value FROM json_each(?) AS peer
WHERE NOT EXISTS (
    SELECT 1 FROM publications_told WHERE area = ? AND version = ? AND stage = ? AND node = peer.value
)
"""


async def add(db: aiosqlite.Connection, publication: Publication, text: str, at: datetime) -> None:
    """Keep a publication; what a version or its stage had first stays."""
    await db.execute(_ADD_TEXT, (publication.area, publication.version, text))
    values = (*_key(publication), publication.hash, utc_text(publication.since), utc_text(at))
    await db.execute(_ADD, values)


async def publications(db: aiosqlite.Connection) -> dict[Key, tuple[Publication, ...]]:
    """Read all publications, by policy area and version, in the order in which they came."""
    found: dict[Key, tuple[Publication, ...]] = {}
    for area, version, stage, digest, since in await db.execute_fetchall(_ALL):
        each = Publication(area=area, version=version, stage=stage, hash=digest, since=utc_time(since))
        found[area, version] = (*found.get((area, version), ()), each)
    return found


async def texts(db: aiosqlite.Connection) -> dict[Key, str]:
    """Read the texts of all published declarations."""
    return {(area, version): text for area, version, text in await db.execute_fetchall(_TEXTS)}


async def text_of(db: aiosqlite.Connection, area: str, version: int) -> str | None:
    """Read the text of one published declaration."""
    return next((row[0] for row in await db.execute_fetchall(_TEXT, (area, version))), None)


async def untold(db: aiosqlite.Connection, publication: Publication, nodes: Iterable[str]) -> list[str]:
    """Say which of these nodes were not told of a publication yet."""
    rows = await db.execute_fetchall(_UNTOLD, (json_list(sorted(nodes)), *_key(publication)))
    return [row[0] for row in rows]


async def note_told(db: aiosqlite.Connection, publication: Publication, nodes: Iterable[str]) -> None:
    """Keep that these nodes were told."""
    await db.executemany(_TOLD, [(*_key(publication), node) for node in nodes])


def _key(publication: Publication) -> tuple[str, int, str]:
    return publication.area, publication.version, publication.stage
