"""Authorities of all countries as they count now: looked up by id, or found by what they are and do.

A row holds an authority without its contacts, and the contacts sealed. Words are folded by the caller.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aiosqlite

from node.store.columns import json_list


@dataclass(frozen=True, slots=True)
class Kept:
    """An authority as it is kept."""

    id: str
    document: str
    """`Authority` as JSON, without contacts."""
    contacts: bytes | None
    """Sealed; none where there are none."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An authority with what it is found by."""

    kept: Kept
    national: bool
    coordinates: bool
    languages: Sequence[str]
    modules: Sequence[str]
    """Area, area.procedure and .procedure."""
    name: str
    """Folded words."""
    other: str
    """Folded words of competences, region and id."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to hold for an authority to be found."""

    node: str | None = None
    module: str | None = None
    language: str | None = None
    words: Sequence[Sequence[str]] = ()
    """Beginnings of words, folded; of each group one has to be there."""


_GET = """
SELECT ids.value, r.node IS NOT NULL, a.document, a.contacts
FROM json_each(?) ids
LEFT JOIN registers r ON r.node = substr(ids.value, 1, 2)
LEFT JOIN known_authorities a ON a.id = ids.value
"""
_OF_NODE = "SELECT id, document, contacts FROM known_authorities WHERE node = ? ORDER BY id"
_NATIONAL = """
SELECT id, document, contacts FROM known_authorities
WHERE national AND node IN (SELECT value FROM json_each(?))
"""
_ADDRESSEE = """
SELECT id FROM known_authorities WHERE node = ? AND instr(modules, ?) ORDER BY national DESC, id LIMIT 1
"""

# Two statements, because an index on the node serves only where the node is compared for equality.
_FIND = """
SELECT id, document, contacts FROM known_authorities
WHERE (:module IS NULL OR instr(modules, :module)) AND (:language IS NULL OR instr(languages, :language))
ORDER BY node, national DESC, coordinates DESC, id LIMIT :limit
"""
_FIND_IN = """
SELECT id, document, contacts FROM known_authorities
WHERE node = :node
  AND (:module IS NULL OR instr(modules, :module)) AND (:language IS NULL OR instr(languages, :language))
ORDER BY national DESC, coordinates DESC, id LIMIT :limit
"""
_MATCH = """
SELECT a.id, a.document, a.contacts
FROM authority_words w JOIN known_authorities a ON a.seq = w.rowid
WHERE authority_words MATCH :match
  AND (:node IS NULL OR a.node = :node)
  AND (:module IS NULL OR instr(a.modules, :module)) AND (:language IS NULL OR instr(a.languages, :language))
ORDER BY a.coordinates DESC, bm25(authority_words, 4.0, 1.0), a.id LIMIT :limit
"""
_IDS = "SELECT id FROM known_authorities WHERE node = ?"
_DROP_WORDS = """
DELETE FROM authority_words
WHERE rowid IN (SELECT seq FROM known_authorities WHERE id IN (SELECT value FROM json_each(?)))
"""
_DROP = "DELETE FROM known_authorities WHERE id IN (SELECT value FROM json_each(?))"
_PUT = """
INSERT INTO known_authorities (id, node, national, coordinates, languages, modules, document, contacts)
VALUES (?, substr(?1, 1, 2), ?, ?, ?, ?, ?, ?)
"""
_PUT_WORDS = """
INSERT INTO authority_words (rowid, name, other) SELECT seq, ?, ? FROM known_authorities WHERE id = ?
"""
_COUNT = "SELECT count(*) FROM known_authorities WHERE node = ?"


async def get(db: aiosqlite.Connection, ids: Iterable[str]) -> dict[str, Kept | None]:
    """Look authorities up, of nodes whose own register counts.

    Returns:
        None where such a node has no authority of that id; nothing at all for nodes without a register here: of
        these the directory tells.
    """
    rows = await db.execute_fetchall(_GET, (json_list(ids),))
    return {
        name: Kept(name, document, contacts) if document is not None else None
        for name, counts, document, contacts in rows
        if counts
    }


async def of_node(db: aiosqlite.Connection, node: str) -> list[Kept]:
    """Read all authorities of a node, by id."""
    return [Kept(*row) for row in await db.execute_fetchall(_OF_NODE, (node,))]


async def count(db: aiosqlite.Connection, node: str) -> int:
    """Count the authorities of a node."""
    [(number,)] = await db.execute_fetchall(_COUNT, (node,))
    return int(number)


async def national(db: aiosqlite.Connection, nodes: Iterable[str]) -> list[Kept]:
    """Read the national coordinators of countries, as far as they have one."""
    return [Kept(*row) for row in await db.execute_fetchall(_NATIONAL, (json_list(nodes),))]


async def addressee(db: aiosqlite.Connection, node: str, module: str) -> str | None:
    """Name the authority that gets what is addressed to a country only: its coordinator, or else the first."""
    rows = await db.execute_fetchall(_ADDRESSEE, (node, f" {module} "))
    return next((name for (name,) in rows), None)


async def find(db: aiosqlite.Connection, condition: Condition, limit: int) -> list[Kept]:
    """Find authorities: coordinators first, then those whose names and competences fit best."""
    values = {
        "node": condition.node,
        "module": _among(condition.module),
        "language": _among(condition.language),
        "limit": limit,
    }
    if condition.words:
        rows = await db.execute_fetchall(_MATCH, {**values, "match": _match(condition.words)})
    else:
        rows = await db.execute_fetchall(_FIND if condition.node is None else _FIND_IN, values)
    return [Kept(*row) for row in rows]


async def replace(db: aiosqlite.Connection, node: str, authorities: Iterable[Indexed]) -> None:
    """Put authorities in the place of all that were known of a node."""
    await drop(db, [name for (name,) in await db.execute_fetchall(_IDS, (node,))])
    await _add(db, list(authorities))


async def put(db: aiosqlite.Connection, authorities: Iterable[Indexed]) -> None:
    """Add authorities, or put them in the place of what was known of them."""
    new = list(authorities)
    await drop(db, [each.kept.id for each in new])
    await _add(db, new)


async def drop(db: aiosqlite.Connection, ids: Iterable[str]) -> None:
    """Forget authorities."""
    listed = json_list(ids)
    await db.execute(_DROP_WORDS, (listed,))
    await db.execute(_DROP, (listed,))


async def _add(db: aiosqlite.Connection, new: Sequence[Indexed]) -> None:
    await db.executemany(_PUT, [_row(each) for each in new])
    await db.executemany(_PUT_WORDS, [(each.name, each.other, each.kept.id) for each in new])


def _row(each: Indexed) -> tuple[object, ...]:
    return (
        each.kept.id,
        each.national,
        each.coordinates,
        f" {' '.join(each.languages)} ",
        f" {' '.join(each.modules)} ",
        each.kept.document,
        each.kept.contacts,
    )


def _among(name: str | None) -> str | None:
    return f" {name} " if name is not None else None


def _match(words: Sequence[Sequence[str]]) -> str:
    """Write words, which are letters and digits only, as a query of FTS5: of each group the beginning of one."""
    groups = (" OR ".join(f'"{spelling}" *' for spelling in group) for group in words)
    return " AND ".join(f"({group})" for group in groups)
