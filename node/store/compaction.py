"""Whether something was deleted since the file was last compacted.

Triggers count what may leave no byte: data keys, what statements say, users. So nobody who deletes has to think of it,
and it is kept in the transaction of the deletion, whatever becomes of the process after that.
"""

import aiosqlite

_OWED = "SELECT owed, owed > settled FROM compaction"
_SETTLE = "UPDATE compaction SET settled = ?"


async def owed(db: aiosqlite.Connection) -> int | None:
    """Up to where a compaction is owed, to be handed to `settle` after it; none where nothing was deleted."""
    [(upto, is_owed)] = await db.execute_fetchall(_OWED)
    return int(upto) if is_owed else None


async def settle(db: aiosqlite.Connection, upto: int) -> None:
    """Note that everything deleted up to there is gone; what was deleted during the compaction is still owed."""
    await db.execute(_SETTLE, (upto,))
