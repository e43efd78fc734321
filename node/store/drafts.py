"""What a user has filled in and not sent yet, sealed."""

from datetime import datetime

import aiosqlite

from node.store.columns import utc_text

_PUT = """
INSERT INTO drafts (exchange_id, content, updated_at) VALUES (?, ?, ?)
ON CONFLICT (exchange_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
"""
_GET = "SELECT content FROM drafts WHERE exchange_id = ?"
_REMOVE = "DELETE FROM drafts WHERE exchange_id = ?"


async def put(db: aiosqlite.Connection, exchange_id: str, content: bytes, at: datetime) -> None:
    """Keep the draft of an exchange in place of the one before."""
    await db.execute(_PUT, (exchange_id, content, utc_text(at)))


async def get(db: aiosqlite.Connection, exchange_id: str) -> bytes | None:
    """Read the draft of an exchange, if there is one."""
    return next((content for (content,) in await db.execute_fetchall(_GET, (exchange_id,))), None)


async def remove(db: aiosqlite.Connection, exchange_id: str) -> None:
    """Remove the draft of an exchange."""
    await db.execute(_REMOVE, (exchange_id,))
