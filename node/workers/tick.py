"""Ask, again and again, what time has made due."""

import asyncio
import logging
import sqlite3

from node.runtime import Runtime

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0


class Ticker:
    """The loop that looks at the clock."""

    def __init__(self, runtime: Runtime) -> None:
        """Stand ready; `run` begins."""
        self._runtime = runtime

    async def run(self) -> None:
        """Tick, for ever."""
        while True:
            try:
                await self._runtime.tick()
            except sqlite3.OperationalError as error:
                log.warning("tick.postponed", extra={"reason": str(error)})
            await asyncio.sleep(EVERY_SECONDS)
