"""Lives a recorded history through again: every step on its day, at the node of the party that took it.

One clock serves all nodes, so steps are taken one after the other in the order of time, over all cases. The clock
moves on only when every recipient has signed for a step: so no step of a case overtakes an earlier one, and
what the history says is what happens. The clock also stops at each day on which the retention of some case
becomes due, so that data are hidden and deleted on that very day, as in nodes whose clocks really tick.

What became of it all is not known here: it is read out of the nodes afterwards, see `observation`.
"""

import asyncio
import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from node.client import Declined
from node.sandbox.cases import Case, Event, Pilot
from node.sandbox.cluster import Cluster
from node.sandbox.filling import fill
from node.sandbox.pilot.history import addressing
from schemas.api import ExchangeView
from schemas.authorities import Authority, Coordination
from schemas.exchange import Act, Exchange
from schemas.identifiers import COMMISSION, node_of

PATIENCE_SECONDS = 60.0

_FIRST_LOOK_SECONDS = 0.015  # sealing, the broker's disk, opening, two stores and the way back take about that long
_LOOK_SECONDS = 0.004

REFERENCE_FIELD = "requests"
"""The field of an opening form that names the requests which a case follows."""

COMMISSION_AUTHORITY = Authority(
    id="EC/e-commerce",
    name="European Commission, unit for e-Commerce",
    languages=("en", "fr", "de"),
    modules={"e_commerce": ("request", "notification")},
)


class NotDelivered(Exception):
    """A step was refused by a recipient, or not signed for in time; the message names case, step and recipient."""


class StepDeclined(Exception):
    """A node did not take a step: the history is not one of this policy area; the message names case and step."""


@dataclass(order=True)
class _Stop:
    """A time at which the clock stops."""

    at: datetime
    order: int
    case: Case = field(compare=False)
    event: Event | None = field(compare=False)
    """The step to take; none where only time does something."""


class Replay:
    """A history on its way through a cluster."""

    def __init__(
        self,
        cluster: Cluster,
        pilot: Pilot,
        on_step: Callable[[datetime], None],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Get ready; `play_until` begins.

        Args:
            cluster: with a node for every country of the history, and a simulated clock that stands before it.
            pilot: the history.
            on_step: told the simulated time after every step.
            patience_seconds: real time in which every recipient must have signed for a step.
        """
        self.numbers: dict[str, str] = {}
        """The case number that each case of the history was given."""
        self.steps_taken = 0
        self._cluster = cluster
        self._on_step = on_step
        self._patience_seconds = patience_seconds
        self._holders = {case.id: _holders(case) for case in pilot.cases}
        stops = ((event.at, case, event) for case in pilot.cases for event in case.events)
        self._stops = [_Stop(at, order, case, event) for order, (at, case, event) in enumerate(stops)]
        heapq.heapify(self._stops)
        self._order = len(self._stops)

    async def play_until(self, at: datetime) -> None:
        """Take all steps, and let pass all periods, up to a time; the clock stands there afterwards.

        Raises:
            NotDelivered: see there.
            StepDeclined: see there.
        """
        while self._stops and self._stops[0].at <= at:
            stop = heapq.heappop(self._stops)
            self._set_clock(stop.at)
            if stop.event is None:
                await self._let_time_act(stop.case)
            else:
                await self._take(stop.case, stop.event)
                self.steps_taken += 1
                self._on_step(stop.at)
        self._set_clock(at)

    def _set_clock(self, at: datetime) -> None:
        if self._cluster.clock is None:
            raise ValueError("a history needs a simulated clock: make the cluster with `start`")
        self._cluster.clock.set(at)

    async def _take(self, case: Case, event: Event) -> None:
        holders = self._holders[case.id]
        client = self._cluster[event.by].client
        try:
            exchange = await client.take(self._act(case, event, authority=holders[event.by]))
        except Declined as declined:
            raise StepDeclined(f"case {case.id}, step {event.step} of {event.by}: {declined}") from declined
        self.numbers[case.id] = exchange.id
        if event.addressed is not None:
            holders[event.by] = event.addressed
        view = await self._signed_for(case, event, exchange)
        if view.exchange.closed_at is not None:
            self._stop_when_due(case, view)

    def _act(self, case: Case, event: Event, *, authority: str) -> Act:
        area = self._cluster.area
        procedure = area.procedures[case.procedure]
        opens = event.step == procedure.opening
        given: Mapping[str, object] = {name: _as_json(answer) for name, answer in event.form.items()}
        if opens:
            given = {**given, **self._opening_answers(case)}
        form = procedure.steps[event.step].form
        return Act(
            step=event.step,
            authority=authority,
            exchange=None if opens else self.numbers[case.id],
            area=area.area,
            procedure=case.procedure,
            form=fill(area, form, given, event.at) if form is not None else {},
            addressed=case.receiver if opens else event.addressed,
        )

    def _opening_answers(self, case: Case) -> dict[str, object]:
        area = self._cluster.area
        procedure = area.procedures[case.procedure]
        answers = addressing(case, area)
        form = area.forms[procedure.steps[procedure.opening].form or ""]
        if case.follows and any(field.name == REFERENCE_FIELD for field in form.fields):
            answers[REFERENCE_FIELD] = [self.numbers[label] for label in case.follows]
        return answers

    async def _signed_for(self, case: Case, event: Event, exchange: Exchange) -> ExchangeView:
        """Wait until every other party has signed for the step, which it does once its own copy is stored."""
        deadline = asyncio.get_running_loop().time() + self._patience_seconds
        pause = _FIRST_LOOK_SECONDS
        while True:
            await asyncio.sleep(pause)
            view = await self._cluster[event.by].client.exchange(exchange.id)
            deliveries = view.steps[-1].deliveries
            if len(deliveries) == len(case.parties) - 1 and all(each.state == "delivered" for each in deliveries):
                return view
            late = asyncio.get_running_loop().time() > deadline
            if late or any(each.state == "refused" for each in deliveries):
                states = ", ".join(f"{each.recipient} {each.code or each.state}" for each in deliveries)
                raise NotDelivered(f"case {case.id} ({exchange.id}), step {event.step} of {event.by}: {states}")
            pause = _LOOK_SECONDS

    async def _let_time_act(self, case: Case) -> None:
        await asyncio.gather(*(self._cluster[party].client.tick() for party in case.parties))
        self._stop_when_due(case, await self._cluster[min(case.parties)].client.exchange(self.numbers[case.id]))

    def _stop_when_due(self, case: Case, view: ExchangeView) -> None:
        if view.next_due_at is not None:
            self._order += 1
            heapq.heappush(self._stops, _Stop(view.next_due_at, self._order, case, None))


def authorities_of(pilot: Pilot) -> dict[str, Sequence[Authority]]:
    """The authorities of every node, as they stand in the directory; the Commission's included."""
    registered = {
        country: [
            Authority(
                id=authority.id,
                name=authority.name,
                modules={"e_commerce": authority.modules},
                coordination=Coordination(national=True) if authority.national_coordinator else None,
            )
            for authority in listed
        ]
        for country, listed in pilot.registry.items()
    }
    return {**registered, COMMISSION: [COMMISSION_AUTHORITY]}


def _holders(case: Case) -> dict[str, str]:
    """Which authority acts for each party, to begin with."""
    return {
        COMMISSION: COMMISSION_AUTHORITY.id,
        node_of(case.sender): case.sender,
        node_of(case.receiver): case.receiver,
    }


def _as_json(answer: str | bool | tuple[str, ...]) -> object:  # noqa: FBT001  a form's answer, whatever it is
    return list(answer) if isinstance(answer, tuple) else answer
