"""Load, decide, commit: the only place where decisions meet the store.

What waits together is committed together. The first act that finds nobody at work sets a clerk to it, who takes
everything that waits, decides one after the other over one working set, commits once, answers all of them, and
begins again until nothing waits. So one `fsync` serves many messages, and nobody waits for a timer.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from node.crypto.trust import TrustedDirectory
from node.handlers import statistics
from node.handlers.procedure import Refused
from node.runtime import attachments, calendar, submission
from node.runtime.intake import Arrival, Intake, exchanges_of
from node.runtime.seat import DirectoryExpired, Seat
from node.runtime.trust import keep_trust
from node.runtime.working_set import WorkingSet
from node.store import exchanges, receipts
from node.store.errors import StoreBusy
from schemas.attachments import AttachmentNote
from schemas.exchange import Act, Exchange
from schemas.identifiers import COMMISSION
from schemas.messages import DirectoryUpdate, Receipt, StatisticsReport
from schemas.refusal import Refusal

__all__ = ["DirectoryExpired", "Refused", "Runtime", "Seat"]

log = logging.getLogger(__name__)

_T = TypeVar("_T")

GROUP = 200  # acts decided with one commit
COMPACT_EVERY = timedelta(days=1)  # the store is rewritten as a whole, and nothing is written meanwhile


@dataclass(eq=False)
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
        self._clerk: asyncio.Task[None] | None = None
        """Decides what waits; done when nothing does."""
        self._deleted = 0
        self._compacted_at: datetime | None = None

    async def submit(self, act: Act) -> Exchange:
        """Take a step for a user, and return the exchange after it, once it is safely stored.

        Raises:
            Refused: the step is not possible; nothing has changed.
            DirectoryExpired: nobody may be told anything until there is a current directory.
            sqlite3.OperationalError: the store can't be written; nothing has changed.
        """
        mine = _Waiting(act, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._clerk is None or self._clerk.done():
            # A task of its own: a caller who gives up must not take the others' acts with him.
            self._clerk = asyncio.create_task(self._decide_waiting(), name="clerk")
        try:
            return await mine.answer
        except asyncio.CancelledError:
            if mine in self._waiting:
                self._waiting.remove(mine)
            raise

    async def receive(self, arrivals: Sequence[Arrival]) -> None:
        """Take in what peers sent; when it returns, everything is stored and may be settled at the broker."""
        async with self._desk, self.seat.store.transaction() as db:
            work = await WorkingSet.load(self.seat, db, exchanges_of(arrivals))
            intake = await Intake.prepare(work, arrivals)
            for arrival in arrivals:
                await intake.take(arrival)
            await work.save()
        self._hand_over(work)
        self.seat.on_ended(work.ended)

    async def tick(self) -> int:
        """Do what time has made due; returns how many exchanges were blocked or deleted."""
        changed = 0
        while (done := await self._work(calendar.enforce_retention)).changed:
            changed += done.changed
            self._deleted += done.deleted
        await self._work(calendar.ask_for_missing)
        await self._work(calendar.bound_quarantine)
        await self._compact()
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
        """Take over a newly signed directory; the Commission passes it on to every active node.

        Returns:
            To how many.

        Raises:
            TrustError: the documents do not follow from those that are pinned.
            Refused: it is too large to pass on.
        """
        trust = self.seat.trust.update(roots, directory, self.seat.clock.now())
        count = await self._work(lambda work: _publish(work, trust, tuple(roots), directory))
        self.seat.trust = trust
        return count

    async def take_over_directory(self, update: DirectoryUpdate) -> None:
        """Take over what the Commission passed on, ahead of its turn: without it nothing else can be opened.

        Raises:
            TrustError: the documents do not follow from those that are pinned.
        """
        before, now = self.seat.trust, self.seat.clock.now()
        after = before.update(update.roots, update.directory, now)
        roots, directory = update.roots, update.directory
        await self._work(lambda work: keep_trust(work.db, before, after, roots=roots, directory=directory, at=now))
        self.seat.trust = after

    async def _work(self, task: Callable[[WorkingSet], Awaitable[_T]]) -> _T:
        async with self._desk, self.seat.store.transaction() as db:
            work = await WorkingSet.load(self.seat, db, ())
            result = await task(work)
            await work.save()
        self._hand_over(work)
        return result

    def _hand_over(self, work: WorkingSet) -> None:
        """Tell the sender what there is to send, once it is committed."""
        self.seat.handover.give(work.handed_over)
        self.seat.wake_sender()

    async def _decide_waiting(self) -> None:
        while self._waiting:
            async with self._desk:
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                await self._commit(group)

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        """Decide a group with one commit, and answer each; never raises."""
        try:
            outcomes = await self._decide([item.act for item in group])
        except Exception as error:  # noqa: BLE001  each caller gets it
            if len(group) > 1 and not isinstance(error, sqlite3.OperationalError):
                for item in group:  # one of them met a fault of ours: find it, and let the others through
                    await self._commit([item])
                return
            outcomes = [error for _ in group]
        for item, outcome in zip(group, outcomes, strict=True):
            if item.answer.done():
                continue
            if isinstance(outcome, Exception):
                item.answer.set_exception(outcome)
            else:
                item.answer.set_result(outcome)

    async def _decide(self, acts: Sequence[Act]) -> Sequence[Exchange | Exception]:
        async with self.seat.store.transaction() as db:
            work = await WorkingSet.load(self.seat, db, (act.exchange for act in acts if act.exchange))
            outcomes = [await _outcome(work, act) for act in acts]
            await work.save()
        self._hand_over(work)
        return outcomes

    async def _compact(self) -> None:
        """After deletions, leave no byte of what was deleted; not more often than once a day."""
        now = self.seat.wall.now()
        if not self._deleted or (self._compacted_at is not None and now < self._compacted_at + COMPACT_EVERY):
            return
        try:
            await self.seat.store.compact()
        except StoreBusy as error:
            log.warning("compaction.postponed", extra={"reason": str(error)})
            return
        self._deleted, self._compacted_at = 0, now


async def _outcome(work: WorkingSet, act: Act) -> Exchange | Refused | DirectoryExpired:
    serials = dict(work.serials)
    try:
        return await submission.take(work, act)
    except (Refused, DirectoryExpired) as refused:
        work.serials = serials  # the number that it was to have goes to the next
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


async def _publish(work: WorkingSet, trust: TrustedDirectory, roots: tuple[str, ...], directory: str) -> int:
    seat = work.seat
    await keep_trust(work.db, seat.trust, trust, roots=roots, directory=directory, at=seat.clock.now())
    peers = [entry.id for entry in trust.nodes() if entry.id != seat.node and entry.status == "active"]
    if seat.node != COMMISSION:
        return 0  # nobody would take it from us
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
