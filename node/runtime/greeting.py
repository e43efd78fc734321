"""After a start the peers say what this node may have lost; until they have, acts wait a little.

A store that was replaced by an older copy does not know that it is older, and would give numbers a second time.
"""

import asyncio
import logging
from collections.abc import Iterable

PATIENCE_SECONDS = 3.0

log = logging.getLogger(__name__)


class Greeting:
    """Which peers have not answered yet."""

    def __init__(self) -> None:
        """Nobody was asked, so nobody is waited for."""
        self._unanswered: set[str] = set()
        self._answered = asyncio.Event()
        self._answered.set()
        self._patience_ends = 0.0

    def ask(self, peers: Iterable[str]) -> None:
        """These peers were asked where the streams stand."""
        self._unanswered = set(peers)
        self._patience_ends = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        if self._unanswered:
            self._answered.clear()

    def hear(self, peers: Iterable[str]) -> None:
        """These peers have answered."""
        self._unanswered -= set(peers)
        if not self._unanswered:
            self._answered.set()

    async def over(self) -> None:
        """Wait until all have answered or patience ends, before another statement takes a number."""
        if self._answered.is_set():
            return
        try:
            async with asyncio.timeout_at(self._patience_ends):
                await self._answered.wait()
        except TimeoutError:
            if not self._answered.is_set():  # the first of those that waited says so
                log.warning("greeting.unanswered", extra={"peers": sorted(self._unanswered)})
                self._answered.set()

    async def answered(self, seconds: float) -> bool:
        """Wait until all have answered, but not longer than that; says if they have."""
        try:
            async with asyncio.timeout(seconds):
                await self._answered.wait()
        except TimeoutError:
            log.warning("restored.not_caught_up", extra={"peers": sorted(self._unanswered)})
            return False
        return True
