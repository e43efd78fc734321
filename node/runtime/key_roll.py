"""Rolls the store key over while the node works: everything under a new key, then the old one is destroyed.

1 the keyring on disk gets a new store key, and keeps the old one as retiring; from here on all that is new is under
the new one; 2 page by page, what is under the old one is put under the new one; 3 the search index, whose terms can't
be turned back into words, is emptied and made again; 4 the store is compacted, so that no wrapping under the old key is
left in it; 5 the old key is destroyed. A crash leaves the retiring key in the keyring, and the next tick begins again
at 2, where what is done already is passed by.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from node.crypto.ring import with_new_store_key, without_retiring
from node.handlers import access
from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime.officials import Officials, contacts_context, user_context
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import search_index, translations, under_key
from node.store.errors import StoreBusy
from node.store.under_key import PLACES, Place, Sealed

log = logging.getLogger(__name__)

PAGE = 500  # values put under the new key with one commit


class StoreKeyRoll:
    """Puts everything under a new store key."""

    def __init__(self, seat: Seat, work: Callable[[Callable[[WorkingSet], Awaitable[int]]], Awaitable[int]]) -> None:
        """Stand ready; `work` carries out something in a transaction."""
        self._seat = seat
        self._work = work
        self._one = asyncio.Lock()

    async def roll(self, actor: Actor) -> int:
        """Roll the store key over; returns how many values were put under the new one.

        Raises:
            Denied: the actor does not operate the node.
        """
        access.require(actor, Right.OPERATE)
        async with self._one:
            if self._seat.keyring.retiring is None:
                await self._work(lambda work: self._begin(work, actor.id or work.seat.node))
            return await self._finish()

    async def go_on(self) -> None:
        """Finish what was begun before a crash, if anything was."""
        if self._seat.keyring.retiring is not None and not self._one.locked():
            async with self._one:
                await self._finish()

    async def _begin(self, work: WorkingSet, actor: str) -> int:
        """On disk first: a key that only memory knew would be lost with all that is under it."""
        seat = self._seat
        keyring = with_new_store_key(seat.keyring, seat.random)
        seat.keep_keyring(keyring)
        seat.keyring = keyring
        work.note(actor, "keys.roll_begun", seat.node)
        return 0

    async def _finish(self) -> int:
        seat, count = self._seat, 0
        if seat.keyring.retiring is None:
            return 0
        for place in PLACES:
            count += await self._put_under(place)
        await self._work(_begin_index_anew)
        try:
            await seat.store.compact()
        except StoreBusy as error:
            log.warning("keys.roll_postponed", extra={"reason": str(error)})
            return count
        keyring = without_retiring(seat.keyring)
        seat.keep_keyring(keyring)
        seat.keyring = keyring
        await self._work(_note_done)
        return count

    async def _put_under(self, place: Place) -> int:
        after, count = "", 0
        while page := await under_key.page(self._seat.store.read, place, after, PAGE):
            after = page[-1].name
            count += await self._work(lambda work, page=page: self._replace(work, place, page))  # type: ignore[misc]
        return count

    async def _replace(self, work: WorkingSet, place: Place, page: list[Sealed]) -> int:
        officials = Officials(self._seat)
        renewed = [(each, self._anew(officials, place, each)) for each in page]
        moved = [(old, new) for old, new in renewed if new != old.value]
        await under_key.replace(work.db, place, moved)
        return len(moved)

    def _anew(self, officials: Officials, place: Place, sealed: Sealed) -> bytes:
        keyring = self._seat.keyring
        match place, sealed.ring:
            case "data_keys", ("ordinary" | "blocked") as ring:
                if keyring.is_current(ring, sealed.value):
                    return sealed.value
                return keyring.wrap(ring, keyring.unwrap(ring, sealed.value))
            case "users", _:
                return officials.anew(sealed.value, user_context(sealed.name))
            case _:
                return officials.anew(sealed.value, contacts_context(sealed.name))


async def _begin_index_anew(work: WorkingSet) -> int:
    await search_index.begin_anew(work.db)
    await translations.unmark(work.db)
    return 0


async def _note_done(work: WorkingSet) -> int:
    work.note(work.seat.node, "keys.rolled", work.seat.node)
    return 0
