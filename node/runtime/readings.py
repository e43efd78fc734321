"""Reading personal data, and the line in the ledger that says so. No line, no answer.

Who, which exchange, how, why and when stand in the ledger before the answer is given; what was read never does. Lines
that wait together are committed together, so that many readers wait for one `fsync`.

One line covers a visit: the same user, looking again in the same way for the same purpose at content that has not
changed, within five minutes. The line itself says until when it counts. Files and exports always have their own.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue

from node.crypto import base64url
from node.handlers.access import Actor
from node.runtime import evidence, reading, versions
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from schemas.api import ExchangeView
from schemas.audit import Purpose
from schemas.exchange import Exchange
from schemas.versions import Version

VISIT = timedelta(minutes=5)  # by the law's clock
MOST_VISITS = 10_000  # that are remembered; a forgotten one only costs a further line

Kind = Literal["view", "versions", "copy", "search_hit", "attachment", "evidence"]


@dataclass(frozen=True, slots=True)
class Read:
    """One reading, as the ledger has it: no content, and nothing that names a person outside the node."""

    actor: str
    kind: str
    exchange: str
    purpose: Purpose
    detail: tuple[tuple[str, JsonValue], ...] = ()

    @property
    def action(self) -> str:
        """How the ledger calls it."""
        return f"read.{self.kind}"


@dataclass(eq=False)
class _Waiting:
    reads: list[tuple[Read, datetime | None]]
    """Each with the end of its visit."""
    written: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Readings:
    """The way to personal data for everybody who reads."""

    def __init__(self, seat: Seat, work: Callable[[Callable[[WorkingSet], Awaitable[None]]], Awaitable[None]]) -> None:
        """Begin with nobody reading.

        Args:
            seat: of the node.
            work: carries out something in a transaction.
        """
        self._seat = seat
        self._work = work
        self._waiting: list[_Waiting] = []
        self._clerk: asyncio.Task[None] | None = None
        self._visits: dict[Read, datetime] = {}

    async def view(
        self, exchange_id: str, actor: Actor, purpose: Purpose = Purpose.HANDLING, kind: Kind = "view"
    ) -> ExchangeView:
        """Show an exchange with what its steps say; raises as `reading.exchange_view` does."""
        view = await reading.exchange_view(self._seat, exchange_id, actor)
        steps = sum(step.form is not None for step in view.steps)
        if steps or view.draft or view.pending:
            detail = (("personal", not view.withheld), ("steps", steps))
            await self._note([Read(self._name(actor), kind, exchange_id, purpose, detail)], visits=True)
        return view

    async def versions(self, exchange_id: str, actor: Actor, purpose: Purpose = Purpose.HANDLING) -> list[Version]:
        """What an exchange said and says; raises as `versions.versions_of` does."""
        found = await versions.versions_of(self._seat, exchange_id, actor)
        if found:
            detail = (("versions", len(found)),)
            await self._note([Read(self._name(actor), "versions", exchange_id, purpose, detail)], visits=True)
        return found

    async def attachment(
        self, exchange_id: str, digest: str, actor: Actor, purpose: Purpose = Purpose.HANDLING
    ) -> AsyncIterator[bytes]:
        """Find a file of an exchange; raises as `reading.attachment` does."""
        pieces = await reading.attachment(self._seat, exchange_id, digest, actor)
        await self._note([Read(self._name(actor), "attachment", exchange_id, purpose, (("file", digest),))])
        return pieces

    async def evidence(self, exchange_id: str, actor: Actor, purpose: Purpose = Purpose.HANDLING) -> bytes:
        """Gather the evidence of an exchange; raises as `evidence.evidence` does. The line names the file's hash."""
        archive = await evidence.evidence(self._seat, exchange_id, actor)
        digest = base64url.encode(hashlib.sha256(archive).digest())
        await self._note([Read(self._name(actor), "evidence", exchange_id, purpose, (("file", digest),))])
        return archive

    async def hits(self, found: Iterable[Exchange], actor: Actor, purpose: Purpose = Purpose.HANDLING) -> None:
        """Note that a search by words led to these exchanges: that alone says something of who is in them."""
        name = self._name(actor)
        await self._note([Read(name, "search_hit", each.id, purpose) for each in found], visits=True)

    def _name(self, actor: Actor) -> str:
        return actor.id or self._seat.node

    async def _note(self, reads: Iterable[Read], *, visits: bool = False) -> None:
        """Have lines written, and return once they are on disk; raises what the store raises."""
        now = self._seat.clock.now()
        new = [each for each in reads if not (visits and now < self._visits.get(each, now))]
        if not new:
            return
        mine = _Waiting([(each, now + VISIT if visits else None) for each in new])
        self._waiting.append(mine)
        if self._clerk is None or self._clerk.done():
            # A task of its own: a reader who gives up must not take the others' lines with him.
            self._clerk = asyncio.create_task(self._write_waiting(), name="reading clerk")
        await mine.written

    async def _write_waiting(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            reads = [each for waiting in group for each in waiting.reads]

            async def write(work: WorkingSet, reads: list[tuple[Read, datetime | None]] = reads) -> None:
                for read, until in reads:
                    _write(work, read, until)

            try:
                await self._work(write)
            except Exception as error:  # noqa: BLE001  each reader gets it
                for waiting in group:
                    if not waiting.written.done():
                        waiting.written.set_exception(error)
                continue
            self._remember(reads)
            for waiting in group:
                if not waiting.written.done():
                    waiting.written.set_result(None)

    def _remember(self, reads: list[tuple[Read, datetime | None]]) -> None:
        self._visits |= {read: until for read, until in reads if until is not None}
        if len(self._visits) > MOST_VISITS:
            now = self._seat.clock.now()
            self._visits = {read: until for read, until in self._visits.items() if now < until}
        if len(self._visits) > MOST_VISITS:
            self._visits = {}


def _write(work: WorkingSet, read: Read, until: datetime | None) -> None:
    detail = dict(read.detail)
    if until is not None:
        detail["until"] = f"{until:%Y-%m-%dT%H:%M:%S}Z"
    work.note(read.actor, read.action, read.exchange, purpose=read.purpose.value, **detail)
