"""What a user has filled in for a step and not sent yet, sealed."""

from datetime import datetime

import aiosqlite

from node.store.columns import utc_text

_PUT = """
INSERT INTO drafts (exchange_id, step, content, updated_at) VALUES (?, ?, ?, ?)
ON CONFLICT (exchange_id, step) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
"""
_GET = "SELECT content FROM drafts WHERE exchange_id = ? AND step = ?"
_ALL = "SELECT step, content FROM drafts WHERE exchange_id = ? ORDER BY step"
_REMOVE = "DELETE FROM drafts WHERE exchange_id = ? AND step = ?"
_ERASE = "DELETE FROM drafts WHERE exchange_id = ?"


async def put(db: aiosqlite.Connection, exchange_id: str, step: str, content: bytes, at: datetime) -> None:
    """Keep the draft of a step in place of the one before."""
    await db.execute(_PUT, (exchange_id, step, content, utc_text(at)))


async def get(db: aiosqlite.Connection, exchange_id: str, step: str) -> bytes | None:
    """Read the draft of a step, if there is one."""
    return next((content for (content,) in await db.execute_fetchall(_GET, (exchange_id, step))), None)


async def of_exchange(db: aiosqlite.Connection, exchange_id: str) -> dict[str, bytes]:
    """Read all drafts of an exchange, by step."""
    rows = await db.execute_fetchall(_ALL, (exchange_id,))
    return {str(step): bytes(content) for step, content in rows}


async def remove(db: aiosqlite.Connection, exchange_id: str, step: str) -> None:
    """Remove the draft of a step."""
    await db.execute(_REMOVE, (exchange_id, step))


async def erase(db: aiosqlite.Connection, exchange_id: str) -> None:
    """Remove all drafts of an exchange."""
    await db.execute(_ERASE, (exchange_id,))
