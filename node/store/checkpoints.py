"""Signed heads of ledgers: what this node gave to peers, and what it holds of theirs."""

from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.store.columns import utc_text, utc_time, with_times


@dataclass(frozen=True, slots=True)
class Kept:
    """One checkpoint."""

    node: str
    """Whose ledger."""
    entries: int
    head: str
    """The hash of the last of them."""
    recipient: str
    at: datetime
    jws: str


_ADD = """
INSERT INTO checkpoints (node, entries, head, recipient, at, jws) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_ALL = "SELECT node, entries, head, recipient, at, jws FROM checkpoints ORDER BY node, entries, at"
_OF_NODE = """
SELECT node, entries, head, recipient, at, jws FROM checkpoints WHERE node = ? ORDER BY entries, at
"""
_LAST = "SELECT max(at), max(entries) FROM checkpoints WHERE node = ?"
_OTHER = "SELECT head FROM checkpoints WHERE node = ? AND entries = ? AND head <> ?"


async def add(db: aiosqlite.Connection, kept: Kept) -> None:
    """Keep a checkpoint; one that is here already stays."""
    await db.execute(_ADD, (kept.node, kept.entries, kept.head, kept.recipient, utc_text(kept.at), kept.jws))


async def all(db: aiosqlite.Connection) -> list[Kept]:  # noqa: A001  read as checkpoints.all
    """Read all, by node, the shortest ledger first."""
    return [Kept(*with_times(row, 4)) for row in await db.execute_fetchall(_ALL)]


async def of_node(db: aiosqlite.Connection, node: str) -> list[Kept]:
    """Read those of one node's ledger, the shortest first."""
    return [Kept(*with_times(row, 4)) for row in await db.execute_fetchall(_OF_NODE, (node,))]


async def last(db: aiosqlite.Connection, node: str) -> tuple[datetime, int] | None:
    """Say when the last of a node's ledger was signed, and how many entries the longest had."""
    [(at, entries)] = await db.execute_fetchall(_LAST, (node,))
    return (utc_time(at), int(entries)) if at is not None else None


async def other_heads(db: aiosqlite.Connection, node: str, entries: int, head: str) -> list[str]:
    """Say which other heads the node signed for a ledger of the same length: there must be none."""
    return [other for (other,) in await db.execute_fetchall(_OTHER, (node, entries, head))]
