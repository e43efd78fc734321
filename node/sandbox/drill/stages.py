"""The course of a drill: cases through closure, six months, three years, absences, and an old copy that comes back."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from node.handlers.dates.periods import add_months
from node.sandbox.cluster import Cluster, Member
from node.sandbox.drill.cases import Docket
from node.sandbox.drill.expectation import Phase
from node.sandbox.drill.looking import Looking
from node.sandbox.drill.people import acting
from node.sandbox.drill.places import copies
from schemas.identifiers import COMMISSION

ABSENT, SENDER, NOTIFIER = "CY", "DE", "IT"
"""Who is away when it counts, who asks it, who notifies."""
_TRANSLATED_WITHIN_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_LATER = timedelta(minutes=1)
_AWAY = timedelta(days=5)  # after the day on which something was due


class Stage(StrEnum):
    """When everything is searched; the value is what the report calls it."""

    SENT = "A request was sent to a node that is down"
    UNDER_WAY = "Accepted, answered, commented; not closed"
    CLOSED = "Formally closed; an old copy of a store is put aside"
    SIX_MONTHS = "Six months later; one node is down that day"
    BLOCKED = "It comes back five days later"
    THREE_YEARS = "Three years after closure; one node is down that day"
    DELETED = "It comes back five days later, again"
    RESTORED = "The old copy takes the place of its store"


@dataclass(frozen=True)
class Course:
    """How much of a drill is played."""

    stages: tuple[Stage, ...] = tuple(Stage)
    """At which everything is searched; the drill ends with the last."""
    notifies: bool = True
    """Besides the request there are one that is withdrawn, and a notification."""


class Drill:
    """A drill under way, over a federation by a simulated clock, with the users of `people.employ`.

    Args:
        c: the federation, at rest.
        course: how much of it.
        say: told which stage is searched.
    """

    def __init__(self, c: Cluster, course: Course, say: Callable[[str], None] = lambda _: None) -> None:
        self.c = c
        self.course = course
        self.say = say
        self.looking = Looking(Docket(c), dict.fromkeys(c.members, Phase.KEPT))
        self._passed: set[Stage] = set()

    @property
    def docket(self) -> Docket:
        """The exchanges."""
        return self.looking.docket

    async def play(self) -> None:
        """Go from stage to stage, as far as the course goes."""
        await self._until_closed()
        closed, periods = self.c.now(), self.c.area.retention
        blocking = add_months(closed, periods.block_after_months) + _LATER
        deletion = add_months(closed, 12 * periods.delete_after_years) + _LATER
        away: list[tuple[Stage, Callable[[], Awaitable[None]]]] = [
            (Stage.SIX_MONTHS, lambda: self._pass(blocking, Phase.BLOCKED)),
            (Stage.BLOCKED, lambda: self._come_back(Stage.BLOCKED, Phase.BLOCKED)),
            (Stage.THREE_YEARS, lambda: self._pass(deletion, Phase.DELETED)),
            (Stage.DELETED, lambda: self._come_back(Stage.DELETED, Phase.DELETED)),
            (Stage.RESTORED, self._restore),
        ]
        for stage, act in away:
            if not self._is_over:
                await act()
                await self._look(stage)

    @property
    def _is_over(self) -> bool:
        return self.course.stages[-1] in self._passed

    async def _look(self, stage: Stage) -> None:
        self._passed.add(stage)
        if stage in self.course.stages:
            self.say(stage.value)
            await self.looking.look(stage)

    async def _until_closed(self) -> None:
        docket = self.docket
        await self.c[ABSENT].stop()
        await docket.open("request", "request", SENDER, ABSENT)
        await self._look(Stage.SENT)
        await self._start()
        await docket.delivered()
        await docket.take("request", ABSENT, "accept")
        await docket.prepare("request", ABSENT, "refuse")
        await docket.delivered()
        if self.course.notifies:
            await _notify(docket)
        await docket.take("request", ABSENT, "reply")
        await docket.delivered()
        await self._look(Stage.UNDER_WAY)
        await docket.take("request", SENDER, "close")
        await docket.delivered()
        if COMMISSION in self.c.members:
            for node in self.c.members.keys() - {COMMISSION}:
                await self.c[node].client.statistics.report()
        await self.c.settle()
        await self.c[ABSENT].stop()
        _back_up(self.c, self.c[ABSENT])
        await self._start()
        await self._look(Stage.CLOSED)

    async def _pass(self, to: datetime, phase: Phase) -> None:
        """Let time pass while one node is down."""
        await self.c[ABSENT].stop()
        await self._move(to, phase)

    async def _come_back(self, stage: Stage, phase: Phase) -> None:
        await self._move(self.c.now() + _AWAY, phase)
        self.looking.phases[ABSENT] = phase
        await self.looking.look_at_first_answers(stage, ABSENT)
        await self._settled()

    async def _restore(self) -> None:
        """Put the old copy in the place of a store, and start on it."""
        await self.c[ABSENT].stop()
        store = self.c[ABSENT].config.store
        for file in store.parent.glob(f"{store.name}*"):
            file.unlink()
        for file in (copies(self.c) / ABSENT).iterdir():
            shutil.copy(file, store.parent)
        await self.looking.look_at_first_answers(Stage.RESTORED, ABSENT)
        await self._settled()

    async def _move(self, to: datetime, phase: Phase) -> None:
        for node, member in self.c.members.items():
            if member.is_up:
                self.looking.phases[node] = phase
        await self.c.advance(seconds=(to - self.c.now()).total_seconds())

    async def _start(self) -> None:
        await self.c[ABSENT].start()
        await self._settled()

    async def _settled(self) -> None:
        await self.c[ABSENT].ready()
        await self.c.settle()


async def _notify(docket: Docket) -> None:
    """A request that is withdrawn before it is accepted, and a notification with all that follows."""
    await docket.open("withdrawn request", "request", SENDER, ABSENT, accepted=False)
    await docket.delivered()
    await docket.take("withdrawn request", SENDER, "withdraw")
    await docket.open("notification", "notification", NOTIFIER, SENDER, third=COMMISSION)
    await docket.delivered()
    await _translated(docket)
    steps = (COMMISSION, "open"), (SENDER, "comment"), (COMMISSION, "assess"), (NOTIFIER, "answer"), (NOTIFIER, "close")
    for node, step in steps:
        await docket.take("notification", node, step)
        await docket.delivered()


async def _translated(docket: Docket) -> None:
    """Wait until the notification's text stands translated at the Commission, if its node has an engine."""
    if docket.c[COMMISSION].config.translation is None:
        return
    reader = await docket.c[COMMISSION].as_user(acting(COMMISSION))
    async with asyncio.timeout(_TRANSLATED_WITHIN_SECONDS):
        while True:
            steps = (await reader.exchange(docket.cases["notification"].number)).steps
            states = [each.state for step in steps for each in step.translations]
            if "done" in states and "waiting" not in states:
                return
            await asyncio.sleep(_LOOK_SECONDS)


def _back_up(c: Cluster, member: Member) -> None:
    """Copy the store of a node that is down."""
    folder = copies(c) / member.node
    folder.mkdir(parents=True)
    for file in member.config.store.parent.glob(f"{member.config.store.name}*"):
        shutil.copy(file, folder)
