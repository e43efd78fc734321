"""Load, decide, commit: the only place where decisions meet the store.

What waits together is committed together. The first caller that finds the desk free takes everything that
waits, its own item included, decides one after the other over one working set, and commits once; the others
find their answer ready. So one `fsync` serves many messages, and nobody waits for a timer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from node.handlers import statistics
from node.handlers.procedure import Refused
from node.runtime import attachments, calendar, submission
from node.runtime.intake import Arrival, Intake, exchanges_of
from node.runtime.seat import Seat
from node.runtime.trust import keep_trust
from node.runtime.working_set import WorkingSet
from node.store import exchanges, receipts
from schemas.attachments import AttachmentNote
from schemas.exchange import Act, Exchange
from schemas.identifiers import COMMISSION
from schemas.messages import DirectoryUpdate, Receipt, StatisticsReport
from schemas.refusal import Refusal

__all__ = ["Refused", "Runtime", "Seat"]

_T = TypeVar("_T")

GROUP = 200  # acts decided with one commit


@dataclass
class _Waiting:
    act: Act
    answer: asyncio.Future[Exchange]


class Runtime:
    """A node's desk: users' acts and peers' messages are decided here, one after the other."""

    def __init__(self, seat: Seat) -> None:
        """Sit down; nothing is read or written yet."""
        self.seat = seat
        self._waiting: list[_Waiting] = []
        self._desk = asyncio.Lock()

    async def submit(self, act: Act) -> Exchange:
        """Take a step for a user, and return the exchange after it, once it is safely stored.

        Raises:
            Refused: the step is not possible; nothing has changed.
        """
        mine = _Waiting(act, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        async with self._desk:
            if not mine.answer.done():
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                await self._commit(group)
        return await mine.answer

    async def receive(self, arrivals: Sequence[Arrival]) -> None:
        """Take in what peers sent; when it returns, everything is stored and may be settled at the broker."""
        async with self._desk, self.seat.store.transaction() as db:
            work = await WorkingSet.load(self.seat, db, exchanges_of(arrivals))
            intake = await Intake.prepare(work, arrivals)
            for arrival in arrivals:
                await intake.take(arrival)
            await work.save()
        self.seat.wake_sender()
        self.seat.on_ended(work.ended)

    async def tick(self) -> int:
        """Do what time has made due; returns how many exchanges were blocked or deleted."""
        changed = 0
        while count := await self._work(calendar.enforce_retention):
            changed += count
        await self._work(calendar.ask_for_missing)
        self.seat.wake_sender()
        return changed

    async def attach(self, exchange_id: str, note: Mapping[str, object], content: bytes) -> AttachmentNote:
        """Keep a file in an exchange, until a step names it; returns what the form then says of it.

        Args:
            exchange_id: a draft, or an exchange under way.
            note: name, type, description, personal.
            content: the whole file.

        Raises:
            Refused: no such exchange, or the file is none that can be sent.
        """
        return await self._work(lambda work: attachments.keep_upload(work, exchange_id, note, content))

    async def note_opened(self, exchange_id: str) -> int:
        """Tell the other parties, signed, that the responsible authority has seen their steps; returns how many."""
        return await self._work(lambda work: _note_opened(work, exchange_id))

    async def report_statistics(self, as_of: datetime) -> StatisticsReport:
        """Tell the Commission, signed, how many exchanges of which kind this node opened."""
        return await self._work(lambda work: _report(work, as_of))

    async def publish_directory(self, roots: Sequence[str], directory: str) -> int:
        """Take over a newly signed directory, and pass it on to every active node; returns to how many.

        Raises:
            TrustError: the documents do not follow from those that are pinned.
        """
        self.seat.trust = self.seat.trust.update(roots, directory, self.seat.clock.now())
        return await self._work(lambda work: _publish(work, tuple(roots), directory))

    async def _work(self, task: Callable[[WorkingSet], Awaitable[_T]]) -> _T:
        async with self._desk, self.seat.store.transaction() as db:
            work = await WorkingSet.load(self.seat, db, ())
            result = await task(work)
            await work.save()
        self.seat.wake_sender()
        return result

    async def _commit(self, group: list[_Waiting]) -> None:
        try:
            async with self.seat.store.transaction() as db:
                work = await WorkingSet.load(self.seat, db, (item.act.exchange for item in group if item.act.exchange))
                outcomes = [await _outcome(work, item.act) for item in group]
                await work.save()
        except BaseException as error:
            for item in group:
                item.answer.set_exception(error) if not item.answer.done() else None
            raise
        for item, outcome in zip(group, outcomes, strict=True):
            if item.answer.done():
                continue
            if isinstance(outcome, Refused):
                item.answer.set_exception(outcome)
            else:
                item.answer.set_result(outcome)
        self.seat.wake_sender()


async def _outcome(work: WorkingSet, act: Act) -> Exchange | Refused:
    try:
        return await submission.take(work, act)
    except Refused as refused:
        return refused


async def _note_opened(work: WorkingSet, exchange_id: str) -> int:
    await work.include([exchange_id])
    exchange = work.exchanges.get(exchange_id)
    if exchange is None:
        raise Refused(Refusal.UNKNOWN_EXCHANGE, f"this node knows no exchange {exchange_id}")
    node = work.seat.node
    evidence = await receipts.of_messages(work.db, [entry.message for entry in exchange.history])
    unseen = [
        entry
        for entry in exchange.history
        if entry.sender != node
        and not any(each.party == node and each.outcome == "opened" for each in evidence.get(entry.message, ()))
    ]
    for entry in unseen:
        work.answer(entry.sender, Receipt(message=entry.message, hash=entry.hash, outcome="opened"))
    return len(unseen)


async def _report(work: WorkingSet, as_of: datetime) -> StatisticsReport:
    seat = work.seat
    everything = [exchange async for exchange in exchanges.statistics(work.db)]
    report = StatisticsReport(
        id=seat.new_id(),
        sender=seat.node,
        at=seat.clock.now(),
        to=work.next_numbers([COMMISSION]),
        as_of=as_of,
        rows=statistics.rows(everything, seat.areas, seat.node),
    )
    work.issue(report)
    return report


async def _publish(work: WorkingSet, roots: tuple[str, ...], directory: str) -> int:
    seat = work.seat
    now = seat.clock.now()
    await keep_trust(work.db, seat.trust, roots, directory, now)
    peers = [entry.id for entry in seat.trust.nodes() if entry.id != seat.node and entry.status == "active"]
    if peers:
        update = DirectoryUpdate(
            id=seat.new_id(),
            sender=seat.node,
            at=seat.clock.now(),
            to=work.next_numbers(peers),
            roots=roots,
            directory=directory,
        )
        work.issue(update)
    return len(peers)
