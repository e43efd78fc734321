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

from node.crypto.envelope import OpenedStatement
from node.handlers import access
from node.handlers.access import Actor, Denied
from node.handlers.exchanges.procedure import Refused
from node.handlers.rights import Right
from node.runtime import (
    attachments,
    calendar,
    checkpoints,
    declarations,
    recovery,
    register_publication,
    search,
    statistics,
    submission,
)
from node.runtime.cases import case_for, desks_in, may_of
from node.runtime.desk import Desks
from node.runtime.greeting import Greeting
from node.runtime.intake import Arrival, Intake, exchanges_of
from node.runtime.key_roll import StoreKeyRoll
from node.runtime.ledgers import Ledgers
from node.runtime.links import Links
from node.runtime.notices import make_digests
from node.runtime.opened import note_opened
from node.runtime.privacy import Privacy, forget_details
from node.runtime.readings import Readings
from node.runtime.registers import Registers
from node.runtime.seat import DirectoryExpired, Seat
from node.runtime.translation_jobs import TranslationJobs
from node.runtime.trust import keep_trust, publish
from node.runtime.working_set import WorkingSet
from node.store import compaction
from node.store.errors import StoreBusy
from schemas.attachments import AttachmentNote
from schemas.audit import Purpose
from schemas.exchange import Act, Exchange
from schemas.messages import DirectoryUpdate, Resend, StatisticsReport
from schemas.publication import Publishing
from schemas.search import Found, Query

__all__ = ["DirectoryExpired", "Refused", "Runtime", "Seat"]

log = logging.getLogger(__name__)

_T = TypeVar("_T")

GROUP = 200  # acts decided with one commit
ALARMS_EVERY = timedelta(hours=1)  # by the law's clock
TIDY_EVERY = timedelta(days=1)
COMPACT_EVERY = timedelta(days=1)  # the store is rewritten as a whole, and nothing is written meanwhile


@dataclass(eq=False)
class _Waiting:
    act: Act
    actor: Actor
    answer: asyncio.Future[Exchange]


class Runtime:
    """A node's desk: users' acts and peers' messages are decided here, one after the other."""

    def __init__(self, seat: Seat) -> None:
        """Sit down; nothing is read or written yet."""
        self.seat = seat
        self.desks = Desks(seat, self._work)
        self.registers = Registers(seat, self._work)
        self.links = Links(seat, self._work)
        self.privacy = Privacy(seat, self._work)
        self.readings = Readings(seat, self._work)
        self.ledgers = Ledgers(seat, self._work)
        self.keys = StoreKeyRoll(seat, self._work)
        self.translations = TranslationJobs(seat, self._work)
        self._waiting: list[_Waiting] = []
        self._desk = asyncio.Lock()
        self._clerk: asyncio.Task[None] | None = None
        """Decides what waits; done when nothing does."""
        self._is_idle = True
        """Nobody has come to the desk since the index was last looked at."""
        self._compacted_at: datetime | None = None
        self._alarms_at: datetime | None = None
        self._tidied_at: datetime | None = None
        self._greeting = Greeting()

    async def submit(self, act: Act, actor: Actor) -> Exchange:
        """Take a step for a user, and return the exchange after it, once it is safely stored.

        Raises:
            Denied: the user may not; nothing has changed.
            Refused: the step is not possible; nothing has changed.
            DirectoryExpired: nobody may be told anything until there is a current directory.
            sqlite3.OperationalError: the store can't be written; nothing has changed.
        """
        if act.user != actor.id:
            act = act.model_copy(update={"user": actor.id})  # who acts is never taken from what was sent
        await self._greeting.over()
        mine = _Waiting(act, actor, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        self._is_idle = False
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
        self._is_idle = False
        await declarations.prove_ahead(self.seat, arrivals)
        async with self._desk, self.seat.store.transaction() as db:
            work = await WorkingSet.load(self.seat, db, exchanges_of(arrivals))
            intake = await Intake.prepare(work, arrivals)
            for arrival in arrivals:
                await intake.take(arrival)
            await work.save()
        self._hear(arrivals)
        self._hand_over(work)
        self.seat.on_ended(work.ended)

    async def tick(self) -> int:
        """Do what time has made due; returns how many exchanges were blocked or deleted."""
        changed = 0
        while (done := await self._work(calendar.do_what_is_due)).due:
            changed += done.changed
        await self._alarms()
        if self.seat.mail is not None:
            await self._work(make_digests)
        await self._index_now_and_then()
        await self._work(calendar.ask_for_missing)
        await self._work(calendar.bound_quarantine)
        await self._work(declarations.tell_newcomers)
        await self._work(checkpoints.give)
        await self._tidy()
        register = await self._work(register_publication.keep_up)
        self.seat.register = register or self.seat.register
        await self._compact()
        await self.keys.go_on()
        self.seat.wake_sender()
        return changed

    async def _index_now_and_then(self) -> None:
        """Take statements into the search index: as many as there are time for, but few while the desk is busy."""
        if self._is_idle:
            await self.index()
        else:
            self._is_idle = True
            await self._work(search.take_in_a_few)

    async def index(self) -> None:
        """Take a batch of statements into the search index, and some more while nobody comes to the desk."""
        self._is_idle = True
        for _ in range(search.MOST_BATCHES):
            if await self._work(search.take_in) < search.BATCH or not self._is_idle:
                return

    async def find(self, query: Query, actor: Actor, purpose: Purpose = Purpose.HANDLING) -> Found:
        """Find exchanges that a user may know of; raises Denied, Unsearchable."""
        access.require(actor, Right.SEARCH)
        await self.index()
        found = await search.find(self.seat, query, await may_of(self.seat, actor))
        if query.asks_content:
            await self.readings.hits(found.exchanges, actor, purpose)
        return found

    async def attach(
        self, exchange_id: str, note: Mapping[str, object], content: bytes, actor: Actor
    ) -> AttachmentNote:
        """Keep a file in an exchange, until a step names it; returns what the form then says of it.

        Args:
            exchange_id: a draft, or an exchange under way.
            note: name, type, description, personal.
            content: the whole file.
            actor: who adds it.

        Raises:
            Denied: the user may not.
            Refused: no such exchange, or the file is none that can be sent.
        """

        async def keep(work: WorkingSet) -> AttachmentNote:
            await case_for(work, actor, Right.ATTACH, exchange_id)
            return await attachments.keep_upload(work, exchange_id, note, content)

        return await self._work(keep)

    async def note_opened(self, exchange_id: str, actor: Actor) -> int:
        """Tell the other parties, signed, that the responsible authority has seen their steps; returns how many.

        Raises:
            Denied, Refused: the user does not open it for that authority, or there is no such exchange.
        """
        return await self._work(lambda work: note_opened(work, exchange_id, actor))

    async def report_statistics(self, as_of: datetime, actor: Actor) -> StatisticsReport:
        """Tell the Commission, signed, how many exchanges of which kind this node takes part in; raises Denied."""
        access.require(actor, Right.REPORT)
        return await self._work(lambda work: statistics.report(work, as_of))

    async def confirm_no_cases(self, year: int, actor: Actor) -> None:
        """Confirm that this node took part in no exchange of a year, and report it; raises Denied, Refused."""
        access.require(actor, Right.REPORT)
        await self._work(lambda work: statistics.confirm_none(work, year))
        await self.report_statistics(self.seat.clock.now(), actor)

    async def publish_directory(self, roots: Sequence[str], directory: str, actor: Actor) -> int:
        """Take over a newly signed directory; the Commission passes it on to every active node.

        Returns:
            To how many.

        Raises:
            Denied: the user does not operate the node.
            TrustError: the documents do not follow from those that are pinned.
            Refused: it is too large to pass on.
        """
        access.require(actor, Right.OPERATE)
        await self._greeting.over()
        trust = self.seat.trust.update(roots, directory, self.seat.clock.now())
        count = await self._work(lambda work: publish(work, trust, tuple(roots), directory))
        self.seat.trust = trust
        return count

    async def publish_declaration(self, publishing: Publishing, actor: Actor) -> int:
        """Publish a policy area, or a further stage of one; the Commission tells every active node.

        Returns:
            How many are told now; none of those that were told before.

        Raises:
            Denied: the user publishes no declarations.
            Refused: this is not the Commission's node, or the declaration can't be used or does not follow.
        """
        access.require(actor, Right.DECLARE)
        await declarations.require_provable(self.seat, publishing)
        count = await self._work(lambda work: declarations.publish(work, publishing, actor.id))
        await declarations.recall(self.seat)
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

    async def greet(self) -> None:
        """Ask the peers what this node may have lost; until they answer, acts wait a little."""
        self._greeting.ask(await self._work(recovery.greet))

    async def caught_up(self, seconds: float) -> bool:
        """Wait until every peer has said what this node may have lost, but not longer than that; says if all have."""
        has_caught_up = await self._greeting.answered(seconds)
        if has_caught_up:
            await self.tick()  # what they told may be due already
        return has_caught_up

    def _hear(self, arrivals: Sequence[Arrival]) -> None:
        said = (arrival.statement for arrival in arrivals if isinstance(arrival, OpenedStatement))
        self._greeting.hear(each.sender for each in said if isinstance(each, Resend))

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
            outcomes = await self._decide(group)
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

    async def _decide(self, group: Sequence[_Waiting]) -> Sequence[Exchange | Exception]:
        async with self.seat.store.transaction() as db:
            named = [item.act.exchange for item in group if item.act.exchange]
            work = await WorkingSet.load(self.seat, db, named)
            await desks_in(work, named)
            outcomes = [await _outcome(work, item.act, item.actor) for item in group]
            await work.save()
        self._hand_over(work)
        return outcomes

    async def _alarms(self) -> None:
        """Look for missing receipts, at most once an hour: each look goes through all that is on its way."""
        now = self.seat.clock.now()
        if self._alarms_at is None or now >= self._alarms_at + ALARMS_EVERY:
            while await self._work(calendar.raise_alarms):
                pass
            self._alarms_at = now

    async def _tidy(self) -> None:
        """Once a day, remove what nothing else removes."""
        now = self.seat.wall.now()
        if self._tidied_at is None or now >= self._tidied_at + TIDY_EVERY:
            await self._work(calendar.forget_stray_files)
            await self._work(forget_details)
            self._tidied_at = now

    async def _compact(self) -> None:
        """After deletions, leave no byte of what was deleted; not more often than once a day."""
        now = self.seat.wall.now()
        upto = await compaction.owed(self.seat.store.read)
        if upto is None or (self._compacted_at is not None and now < self._compacted_at + COMPACT_EVERY):
            return
        try:
            await self.seat.store.compact()
        except StoreBusy as error:
            log.warning("compaction.postponed", extra={"reason": str(error)})
            return
        async with self.seat.store.transaction() as db:
            await compaction.settle(db, upto)
        self._compacted_at = now


async def _outcome(work: WorkingSet, act: Act, actor: Actor) -> Exchange | Refused | DirectoryExpired | Denied:
    serials = dict(work.serials)
    try:
        return await submission.take(work, act, actor)
    except (Refused, DirectoryExpired, Denied) as refused:
        work.serials = serials  # the number that it was to have goes to the next
        return refused
