"""Registers of authorities: the own one in full, which version of each counts, and what was told to whom.

Several statements bring one version of a country's register, a page each. Their pages wait here until all are there.
What statements of an older version said can be erased then: `superseded` names them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.store.authorities import Kept
from node.store.columns import json_list, utc_text, utc_time


@dataclass(frozen=True, slots=True)
class Published:
    """Which version of a node's register counts here."""

    version: int
    at: datetime


_PUBLISHED = "SELECT version, at FROM registers WHERE node = ?"
_ALL_PUBLISHED = "SELECT node, version, at FROM registers ORDER BY node"
_SET_PUBLISHED = """
INSERT INTO registers (node, version, at) VALUES (?, ?, ?)
ON CONFLICT (node) DO UPDATE SET version = excluded.version, at = excluded.at
"""

_STAGE = "INSERT INTO staged_authorities (node, version, page, id, document, contacts) VALUES (?, ?, ?, ?, ?, ?)"
_DROP_OTHER_VERSIONS = "DELETE FROM staged_authorities WHERE node = ? AND version <> ?"
_STAGED_VERSION = "SELECT max(version) FROM staged_authorities WHERE node = ?"
_STAGED = "SELECT id, document, contacts FROM staged_authorities WHERE node = ? AND version = ? ORDER BY id"
_ON_STAGE = (
    "SELECT id FROM staged_authorities WHERE node = ? AND version = ? AND id IN (SELECT value FROM json_each(?))"
)
_UNSTAGE = "DELETE FROM staged_authorities WHERE node = ?"

_ADD_STATEMENT = "INSERT INTO register_statements (hash, node, version, page) VALUES (?, ?, ?, ?)"
_PAGES = "SELECT DISTINCT page FROM register_statements WHERE node = ? AND version = ?"
# What a member has not signed for yet may have to be sent again.
_SUPERSEDED = """
SELECT hash FROM register_statements s
WHERE version < (SELECT version FROM registers r WHERE r.node = s.node)
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.hash = s.hash AND o.ended_at IS NULL
                  AND o.recipient IN (SELECT value FROM json_each(?)))
"""
_DROP_STATEMENTS = "DELETE FROM register_statements WHERE hash IN (SELECT value FROM json_each(?))"

_TOLD = "SELECT node FROM register_told WHERE version >= ?"
_SET_TOLD = """
INSERT INTO register_told (node, version) VALUES (?, ?) ON CONFLICT (node) DO UPDATE SET version = excluded.version
"""
_PROGRESS = "SELECT changed, directory FROM register_progress"
_SET_CHANGED = "UPDATE register_progress SET changed = ?"
_SET_DIRECTORY = "UPDATE register_progress SET directory = ?"

_OWN = "SELECT id, document, contacts FROM own_authorities ORDER BY id"
_PUT_OWN = """
INSERT INTO own_authorities (id, document, contacts) VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET document = excluded.document, contacts = excluded.contacts
"""


async def published(db: aiosqlite.Connection, node: str) -> Published | None:
    """Say which version of a node's register counts; none while only the directory tells of its authorities."""
    return next(
        (Published(version, utc_time(at)) for version, at in await db.execute_fetchall(_PUBLISHED, (node,))), None
    )


async def all_published(db: aiosqlite.Connection) -> Mapping[str, Published]:
    """Say which versions count, by node."""
    rows = await db.execute_fetchall(_ALL_PUBLISHED)
    return {node: Published(version, utc_time(at)) for node, version, at in rows}


async def set_published(db: aiosqlite.Connection, node: str, version: int, at: datetime) -> None:
    """Note which version of a node's register counts from now on."""
    await db.execute(_SET_PUBLISHED, (node, version, utc_text(at)))


async def own(db: aiosqlite.Connection) -> list[Kept]:
    """Read the own register, by id; empty until it is begun."""
    return [Kept(*row) for row in await db.execute_fetchall(_OWN)]


async def put_own(db: aiosqlite.Connection, authorities: Iterable[Kept]) -> None:
    """Add authorities to the own register, or put them in the place of what was said of them."""
    await db.executemany(_PUT_OWN, [(each.id, each.document, each.contacts) for each in authorities])


async def stage(db: aiosqlite.Connection, node: str, version: int, page: int, authorities: Iterable[Kept]) -> None:
    """Keep a page of a version that has not come as a whole yet; what waited of others is dropped.

    Raises:
        sqlite3.IntegrityError: an authority stands on two pages; ask `on_stage` first.
    """
    await db.execute(_DROP_OTHER_VERSIONS, (node, version))
    rows = [(node, version, page, each.id, each.document, each.contacts) for each in authorities]
    await db.executemany(_STAGE, rows)


async def on_stage(db: aiosqlite.Connection, node: str, version: int, ids: Iterable[str]) -> list[str]:
    """Say which of these authorities wait already, on another page of the version."""
    return [name for (name,) in await db.execute_fetchall(_ON_STAGE, (node, version, json_list(ids)))]


async def staged(db: aiosqlite.Connection, node: str, version: int) -> list[Kept]:
    """Read what waits of a version."""
    return [Kept(*row) for row in await db.execute_fetchall(_STAGED, (node, version))]


async def staged_version(db: aiosqlite.Connection, node: str) -> int:
    """Say of which version something waits; 0 where nothing does."""
    [(version,)] = await db.execute_fetchall(_STAGED_VERSION, (node,))
    return int(version or 0)


async def unstage(db: aiosqlite.Connection, node: str) -> None:
    """Let go of what waits of a node."""
    await db.execute(_UNSTAGE, (node,))


async def add_statement(db: aiosqlite.Connection, digest: str, node: str, version: int, page: int) -> None:
    """Note which statement, by its hash, brought a page of a version."""
    await db.execute(_ADD_STATEMENT, (digest, node, version, page))


async def pages(db: aiosqlite.Connection, node: str, version: int) -> frozenset[int]:
    """Say which pages of a version have come."""
    return frozenset(page for (page,) in await db.execute_fetchall(_PAGES, (node, version)))


async def superseded(db: aiosqlite.Connection, members: Iterable[str]) -> list[str]:
    """Name statements, by hash, of versions that count no more, and that none of these nodes waits for."""
    return [digest for (digest,) in await db.execute_fetchall(_SUPERSEDED, (json_list(members),))]


async def drop_statements(db: aiosqlite.Connection, hashes: Iterable[str]) -> None:
    """Forget which pages statements brought."""
    await db.execute(_DROP_STATEMENTS, (json_list(hashes),))


async def told(db: aiosqlite.Connection, version: int) -> frozenset[str]:
    """Name the nodes that were told this version of the own register, or a newer one."""
    return frozenset(node for (node,) in await db.execute_fetchall(_TOLD, (version,)))


async def set_told(db: aiosqlite.Connection, nodes: Iterable[str], version: int) -> None:
    """Note that nodes are told a version of the own register."""
    await db.executemany(_SET_TOLD, [(node, version) for node in nodes])


async def is_changed(db: aiosqlite.Connection) -> bool:
    """Say whether the own register changed since it was last published."""
    [(changed, _)] = await db.execute_fetchall(_PROGRESS)
    return bool(changed)


async def set_changed(db: aiosqlite.Connection, *, changed: bool) -> None:
    """Note whether the own register has to be published."""
    await db.execute(_SET_CHANGED, (changed,))


async def searchable_directory(db: aiosqlite.Connection) -> int:
    """Give the version of the directory whose lists can be searched; -1 for none."""
    [(_, version)] = await db.execute_fetchall(_PROGRESS)
    return int(version)


async def set_searchable_directory(db: aiosqlite.Connection, version: int) -> None:
    """Note the version of the directory whose lists can be searched."""
    await db.execute(_SET_DIRECTORY, (version,))
