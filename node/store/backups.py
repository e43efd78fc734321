"""What a backup takes out of a store, and puts back: data keys apart from content, and which exchanges have ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiosqlite

from node.store import attachments, data_keys, desks, drafts, notices, search_index, statements, translations, waiting
from node.store.columns import utc_text_or_none, with_times
from node.store.data_keys import DataKey
from node.store.database import copy_store


@dataclass(frozen=True, slots=True)
class Ended:
    """An exchange whose personal data are blocked or deleted."""

    exchange_id: str
    blocked_at: datetime | None
    deleted_at: datetime | None


_KEYS = "SELECT exchange_id, wrapped, ring FROM data_keys ORDER BY exchange_id"
_ENDED = """
SELECT id, blocked_at, deleted_at FROM exchanges
WHERE blocked_at IS NOT NULL OR deleted_at IS NOT NULL ORDER BY id
"""
_WITHOUT_KEYS = "PRAGMA secure_delete = ON; DELETE FROM data_keys; VACUUM; PRAGMA journal_mode = DELETE;"
_MARK = """
UPDATE exchanges
SET blocked_at = ifnull(blocked_at, :blocked), deleted_at = ifnull(deleted_at, :deleted),
    document = json_set(document, '$.blocked_at', ifnull(blocked_at, :blocked),
                                  '$.deleted_at', ifnull(deleted_at, :deleted))
WHERE id = :id
"""
_KEYLESS = """
SELECT id FROM exchanges WHERE id NOT IN (SELECT exchange_id FROM data_keys)
UNION SELECT exchange_id FROM chunks WHERE exchange_id NOT IN (SELECT exchange_id FROM data_keys)
"""


async def copy_without_keys(store: Path, to: Path) -> None:
    """Write a consistent copy of a store that holds no data key, and so no content that anybody can read."""
    await copy_store(store, to)
    async with aiosqlite.connect(to, isolation_level=None) as copy:
        await copy.executescript(_WITHOUT_KEYS)


async def keys_and_ended(store: Path) -> tuple[list[DataKey], list[Ended]]:
    """Read all data keys there are, and which exchanges have ended, of one moment."""
    async with aiosqlite.connect(store, isolation_level=None) as db:
        await db.execute("BEGIN")
        keys = [DataKey(*row) for row in await db.execute_fetchall(_KEYS)]
        ended = [Ended(*with_times(row, 1, 2)) for row in await db.execute_fetchall(_ENDED)]
        await db.execute("COMMIT")
    return keys, ended


async def put_back(db: aiosqlite.Connection, keys: Iterable[DataKey], ended: Iterable[Ended]) -> int:
    """Give a restored store its keys, and let go of what has ended since; returns of how many exchanges.

    What has no key any more can't be read: it was deleted, whether or not anything else says so, and is erased.
    """
    await data_keys.add(db, keys)
    for each in ended:
        times = {"blocked": utc_text_or_none(each.blocked_at), "deleted": utc_text_or_none(each.deleted_at)}
        await db.execute(_MARK, {"id": each.exchange_id, **times})
        await search_index.forget(db, each.exchange_id)
    keyless = [name for (name,) in await db.execute_fetchall(_KEYLESS)]
    for name in keyless:
        await _erase(db, name)
    return len(keyless)


async def _erase(db: aiosqlite.Connection, exchange_id: str) -> None:
    await statements.erase_disclosures(db, exchange_id)
    await attachments.erase(db, exchange_id)
    await drafts.erase(db, exchange_id)
    await desks.remove(db, exchange_id)
    await notices.forget(db, exchange_id)
    await search_index.forget(db, exchange_id)
    await translations.forget(db, exchange_id)
    held_back = await waiting.of_exchanges(db, [exchange_id])
    await waiting.remove(db, [held.hash for held in held_back.get(exchange_id, ())])
