"""Where the gap-free numbering with each peer stands, in both directions."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiosqlite


@dataclass(frozen=True, slots=True)
class Stream:
    """The numbers of one peer."""

    next_out: int = 1
    """The number of our next statement to it."""
    next_in: int = 1
    """The number that we wait for: all before it have arrived."""


_LOAD = "SELECT peer, next_out, next_in FROM streams"
_SAVE = """
INSERT INTO streams (peer, next_out, next_in) VALUES (?, ?, ?)
ON CONFLICT (peer) DO UPDATE SET next_out = excluded.next_out, next_in = excluded.next_in
"""


async def load(db: aiosqlite.Connection) -> dict[str, Stream]:
    """Read the streams of all peers that there was anything with."""
    return {peer: Stream(next_out, next_in) for peer, next_out, next_in in await db.execute_fetchall(_LOAD)}


async def save(db: aiosqlite.Connection, streams: Mapping[str, Stream]) -> None:
    """Add or replace the streams of these peers; the others stay."""
    await db.executemany(_SAVE, [(peer, each.next_out, each.next_in) for peer, each in streams.items()])
