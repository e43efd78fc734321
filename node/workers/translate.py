"""Have translated what was received: hand texts to engines, and keep what they answer.

One text is one job. A slow engine holds up nobody but itself: each job is a task of its own, and an engine is handed
no more of them than it takes at once.
"""

import asyncio
import logging
import sqlite3

from node.runtime import Seat
from node.runtime.engines import Engines
from node.runtime.translation_jobs import Handed, Result, TranslationJobs
from node.runtime.translations import suggest
from node.translation.port import Engine, EngineAway, EngineDeclined, Outcome, Text, Translated

log = logging.getLogger(__name__)

POLL_SECONDS = 0.3


class Translator:
    """The loop that keeps engines at work."""

    def __init__(self, seat: Seat, jobs: TranslationJobs, engines: Engines) -> None:
        """Stand ready; `run` begins."""
        self._seat = seat
        self._jobs = jobs
        self._engines = engines
        self._told = False

    async def run(self) -> None:
        """Have translated whatever comes, for ever."""
        await suggest("warm")  # loading the model takes some tenths of a second, and must hold up no transaction
        await self._jobs.recall()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_asking())
            while True:
                try:
                    for handed in await self._next():
                        group.create_task(self._do(handed))
                except sqlite3.OperationalError as error:
                    log.warning("translation.postponed", extra={"reason": str(error)})
                await asyncio.sleep(POLL_SECONDS)

    async def round(self) -> int:
        """Do what can be done now, and wait for it; returns how many texts were handed over."""
        await self._engines.ask(self._seat.wall.now())
        handed = await self._next()
        await asyncio.gather(*(self._do(each) for each in handed))
        return len(handed)

    async def _keep_asking(self) -> None:
        """Ask engines what they can do; one that does not answer holds up no text for another."""
        while True:
            await self._engines.ask(self._seat.wall.now())
            self._tell_gaps()
            await asyncio.sleep(POLL_SECONDS)

    async def _next(self) -> list[Handed]:
        while await self._jobs.split():
            pass
        return await self._jobs.take()

    async def _do(self, handed: Handed) -> None:
        result: Result
        try:
            result = await translate(handed.engine, handed.text, handed.via)
        except (EngineAway, EngineDeclined) as error:
            log.warning("translation.not_made", extra={"engine": handed.engine.name, "reason": str(error)})
            result = error
        except Exception as error:  # noqa: BLE001  a fault of an engine's adapter must not end the node
            # Only the kind of it: what went wrong with a text may quote it.
            log.error("translation.fault", extra={"engine": handed.engine.name, "reason": type(error).__name__})  # noqa: TRY400
            return  # handed over again when no answer was noted in time
        try:
            await self._jobs.settle(handed, result)
        except sqlite3.OperationalError as error:  # handed over again when no answer was noted in time
            log.warning("translation.not_kept", extra={"reason": str(error)})

    def _tell_gaps(self) -> None:
        """Say once what the engines can't do."""
        if not self._told:
            self._told = True
            lacks = ["-".join(pair) for pair, way in self._engines.routes().items() if way is None]
            log.info("translation.no_engine_for", extra={"pairs": lacks})


async def translate(engine: Engine, text: Text, via: str) -> Outcome:
    """Hand a text to an engine, twice where it goes over a third language.

    Raises:
        EngineAway, EngineDeclined: as the engine does.
    """
    if not via:
        return await engine.submit(text)
    between = await engine.submit(Text(text.job, text.text, text.source, via))
    if not isinstance(between, Translated):
        raise EngineDeclined("an engine that answers later is not chained")
    end = await engine.submit(Text(text.job, between.text, via, text.target))
    if not isinstance(end, Translated):
        raise EngineDeclined("an engine that answers later is not chained")
    unknown = [each for each in (between.unknown, end.unknown) if each is not None]
    version = ", ".join(dict.fromkeys(filter(None, (between.version, end.version))))
    return Translated(end.text, version, min(1.0, sum(unknown)) if unknown else None)
