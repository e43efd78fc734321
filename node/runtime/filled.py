"""Forms that are filled in and not sent yet, sealed under the data key of their exchange."""

import json
from collections.abc import Mapping

from node.crypto import vault
from node.runtime.working_set import WorkingSet
from node.store import drafts


async def read_draft(work: WorkingSet, exchange_id: str, step: str) -> dict[str, object]:
    """What is filled in for a step; nothing where there is no draft of it."""
    sealed = await drafts.get(work.db, exchange_id, step)
    return opened(work.content_key(exchange_id), sealed, exchange_id) if sealed is not None else {}


async def keep_draft(work: WorkingSet, exchange_id: str, step: str, content: Mapping[str, object]) -> None:
    """Keep what is filled in for a step in place of what was."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    sealed = vault.seal_content(work.content_key(exchange_id), plain, exchange_id.encode(), work.seat.random)
    await drafts.put(work.db, exchange_id, step, sealed, work.seat.clock.now())


def opened(key: bytes, sealed: bytes, exchange_id: str) -> dict[str, object]:
    """Open a kept form."""
    return dict(json.loads(vault.open_content(key, sealed, exchange_id.encode())))
