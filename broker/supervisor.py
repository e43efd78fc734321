"""Keeps one link to the broker open: opens it, waits until it breaks, and opens it again.

AMQP libraries that promise to reconnect by themselves lose consumers, or wait for ever on a broker that hangs.
So nothing is repaired here: a link that shows any sign of trouble is thrown away as a whole, and built anew
after a pause. The pause doubles with each failure in a row, up to a limit, and is drawn at random, so that the
nodes of a federation don't all return in the same instant.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from random import SystemRandom
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, PositiveFloat

from broker.port import BrokerDown

_log = logging.getLogger(__name__)
_chance = SystemRandom()

_INSIST_SECONDS = 5.0  # longer than any link takes to close


class Pauses(BaseModel):
    """How long to wait before a link is built again."""

    model_config = ConfigDict(frozen=True)

    first_seconds: PositiveFloat = 0.2
    longest_seconds: PositiveFloat = 5.0

    def after(self, failures: int) -> float:
        """Give the seconds to wait after this many failures in a row: between half and the whole of the step."""
        step = min(self.longest_seconds, self.first_seconds * float(1 << min(failures, 16)))
        return step * _chance.uniform(0.5, 1)


class Link(Protocol):
    """A connection that says when it breaks; it is never mended, only closed."""

    @property
    def is_broken(self) -> bool:
        """Whether it is of no more use."""

    async def broken(self) -> str:
        """Wait until the link is of no more use, and say why in one sentence."""

    async def close(self) -> None:
        """Let go of it within a few seconds, however the other side behaves; never raises."""


L = TypeVar("L", bound=Link)


class Supervisor(Generic[L]):
    """Holds the link that is open now, and the task that keeps it so.

    Args:
        name: what the link is for, in log lines.
        build: opens a link; it gets the number of the attempt, which never comes twice, so that deliveries of a
            link that came about by half are not taken for those of the next. What it raises is a failure.
        explain: turns what `build` raised into one plain sentence.
        pauses: how long to wait between attempts.
    """

    def __init__(
        self,
        name: str,
        *,
        build: Callable[[int], Awaitable[L]],
        explain: Callable[[Exception], str],
        pauses: Pauses,
    ) -> None:
        self.detail = "Not started."
        self.built = 0
        self._attempts = 0
        self._name, self._build, self._explain, self._pauses = name, build, explain, pauses
        self._link: L | None = None
        self._opened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def link(self) -> L | None:
        """The link, while it is open and well."""
        return None if self._link is None or self._link.is_broken else self._link

    @property
    def rebuilt(self) -> int:
        """How often a link was opened after the first."""
        return max(0, self.built - 1)

    def start(self) -> None:
        """Begin to connect; a second call changes nothing."""
        if self._task is None:
            self.detail = "Connecting."
            self._task = asyncio.create_task(self._keep_open(), name=f"broker link: {self._name}")

    async def stop(self) -> None:
        """Close the link and end; `start` may follow."""
        task, self._task = self._task, None
        if task is not None:
            await ended(task)
        self.detail = "Stopped."

    async def wait_open(self, seconds: float) -> L:
        """Give the open link, waiting up to `seconds` for one that is being built.

        Raises:
            BrokerDown: there is none; the message says why.
        """
        if (link := self.link) is not None:
            return link
        if self._task is None:
            raise BrokerDown(self.detail)
        try:
            async with asyncio.timeout(seconds):
                while (link := self.link) is None:
                    await self._opened.wait()
                    await asyncio.sleep(0)  # one that has just broken is taken away in the next turn
        except TimeoutError:
            raise BrokerDown(self.detail) from None
        return link

    async def _keep_open(self) -> None:
        failures = 0
        while not _is_cancelled():
            self._attempts += 1
            try:
                link = await self._build(self._attempts)
            except Exception as problem:  # noqa: BLE001 - the outermost loop: whatever it was, try again
                self.detail = self._explain(problem)
                _log.warning("broker link %s failed: %s (%r)", self._name, self.detail, problem)
            else:
                failures = 0
                await self._hold(link)
            await asyncio.sleep(self._pauses.after(failures))
            failures += 1

    async def _hold(self, link: L) -> None:
        self.built += 1
        self._link = link
        self._opened.set()
        try:
            self.detail = await link.broken()
            _log.warning("broker link %s broke: %s", self._name, self.detail)
        finally:
            self._link = None
            self._opened.clear()
            await link.close()


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task until it has ended.

    Once is not always enough: `asyncio.wait_for` loses a cancellation that comes in the same turn as the end of
    what it waits for (github.com/python/cpython/issues/86296, mended in Python 3.12), and aiormq relies on it.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_INSIST_SECONDS)
    if not task.cancelled() and (problem := task.exception()) is not None:
        _log.error("task %s ended with %r", task.get_name(), problem)


def _is_cancelled() -> bool:
    """Say whether somebody asked the running task to end, even if the request itself was lost on the way."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
