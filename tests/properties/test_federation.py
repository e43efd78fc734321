"""Whatever the network and the machines do, the federation comes to one truth.

Random acts by all parties on several exchanges, over a broker that drops, repeats, delays, reorders, tampers with
and refuses letters, with nodes cut off and crashing at any point. Then all is healed, and what was accepted has
taken effect exactly once everywhere (G1, G2, G4), has ended in a signed receipt (G3), and the broker has read
nothing (G5).

A failure prints the example, and a blob that reproduces it: `@reproduce_failure`.
"""

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from broker.memory import Faults, MemoryExchange
from broker.port import BrokerDown
from node.config import Config
from node.crypto.jws import unverified_payload
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.handlers.exchanges.procedure import possible_steps
from node.runtime import Refused
from node.runtime.audit import first_broken
from node.store import exchanges, ledger
from schemas.exchange import Act, Exchange
from schemas.messages import Step
from schemas.refusal import Refusal
from tests.properties.canaries import found
from tests.unit.runtime.desks import Desk, Town, TownLife

NODES = ("DE", "CY", "EC")
CANARY = "Canary-Erika-Mustermann-1975"
TAMPERED = {Refusal.BAD_HEADER, Refusal.NOT_FOR_ME, Refusal.UNKNOWN_KEY, Refusal.UNDECIPHERABLE}
"""What a flipped bit can come to: always refused on opening, never taken for another statement."""

FAULTS = st.builds(
    Faults,
    fail_publish=st.sampled_from([0, 0, 0.3]),
    lose_confirm=st.sampled_from([0, 0, 0.3]),
    drop=st.sampled_from([0, 0.2, 0.5]),
    repeat=st.sampled_from([0, 0.3, 1]),
    tamper=st.sampled_from([0, 0.2]),
    reorder=st.sampled_from([0, 1]),
    delay=st.sampled_from([0, 3]),
)


@dataclass(frozen=True)
class Event:
    """Something that happens; numbers choose among what is possible then."""

    kind: Literal["open", "act", "post", "take", "crash", "cut", "heal", "wait", "tick", "save"]
    node: str
    number: int


EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(
            ["open", "open", *["act"] * 6, *["post"] * 5, *["take"] * 5, "crash", "cut", "heal", "wait", "tick", "save"]
        ),
        st.sampled_from(NODES),
        st.integers(0, 255),
    ),
    min_size=10,
    max_size=70,
)


@dataclass
class Story:
    """What happens, and what was accepted on the way."""

    town: Town
    accepted: dict[str, str] = field(default_factory=dict)
    """Message id -> exchange."""

    async def tell(self, event: Event) -> None:  # noqa: C901  a table of events
        desk = self.town.desks[event.node]
        match event.kind:
            case "open":
                await self._open(desk, event.number)
            case "save":
                await self._save(desk)
            case "act":
                await self._act(desk, event.number)
            case "post":
                await self._post(desk)
            case "take":
                await self._take(desk, 1 + event.number % 5, settles=event.number % 4 != 0)
            case "crash":
                await self._crash(desk, event.number)
            case "cut":
                self.town.exchange.cut(desk.node)
            case "heal":
                self.town.exchange.heal(desk.node)
            case "wait":
                self.town.wall.advance(seconds=event.number % 64)
            case "tick":
                await desk.runtime.tick()

    async def _open(self, desk: Desk, number: int) -> None:
        if desk.node == "EC":
            return
        to = "CY" if desk.node == "DE" else "DE"
        procedure = "request" if number % 2 else "notification"
        exchange = await desk.act("send", procedure=procedure, country_of_establishment=to, subject=CANARY)
        self._note(exchange)

    async def _save(self, desk: Desk) -> None:
        authority = self.town.authority(desk.node)
        await desk.runtime.submit(Act(step="save", authority=authority, form={"subject": CANARY}), OWN_ACCOUNT_ALONE)

    async def _act(self, desk: Desk, number: int) -> None:
        known = [each for each in await exchanges.page(desk.seat.store.read, limit=100) if each.opened_at]
        choices = [
            (each, step)
            for each in known
            for step in possible_steps(each, self.town.area.procedures[each.procedure], desk.node)
        ]
        if choices:
            exchange, step = choices[number % len(choices)]
            rule = self.town.area.procedures[exchange.procedure].steps[step]
            self._note(
                await desk.act(
                    step,
                    exchange.id,
                    procedure=exchange.procedure,
                    addressed=_another(desk.node, exchange) if rule.authority in ("hands_over", "shares") else None,
                )
            )

    def _note(self, exchange: Exchange) -> None:
        self.accepted[exchange.history[-1].message] = exchange.id

    async def _post(self, desk: Desk) -> None:
        try:
            await desk.post()
        except BrokerDown:
            return

    async def _take(self, desk: Desk, limit: int, *, settles: bool) -> None:
        """Take letters in; without settling them they will come again."""
        if len(self.town.exchange.inbox(desk.node)) and not self.town.exchange.is_cut(desk.node):
            deliveries = await desk.broker.receive(limit)
            await desk.take_in(*(delivery.body for delivery in deliveries))
            if settles:
                await desk.broker.settle(deliveries)
            else:
                desk.broker.lose_link()

    async def _crash(self, desk: Desk, number: int) -> None:
        """Crash with an act and letters under way: they are stored as a whole, or not at all."""
        busy = [asyncio.create_task(self._take(desk, 5, settles=True))]
        if desk.node != "EC":
            busy.append(asyncio.create_task(self._open(desk, number)))
        for _ in range(number % 16):
            await asyncio.sleep(0)
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        await self.town.restart(desk.node)


def _another(node: str, exchange: Exchange) -> str:
    """An authority of a node that is not responsible for an exchange now: whom a split or a forwarding names."""
    both = (f"{node}/coordinator", f"{node}/consumer-protection")
    return next(each for each in both if each not in exchange.authorities.values())


async def copies(town: Town) -> dict[str, dict[str, Exchange]]:
    """Exchange -> node -> copy, of all that were sent."""
    told: dict[str, dict[str, Exchange]] = {}
    for node, desk in town.desks.items():
        for exchange in await exchanges.page(desk.seat.store.read, limit=1000):
            if exchange.opened_at is not None:
                told.setdefault(exchange.id, {})[node] = exchange
    return told


async def require_one_truth(town: Town, accepted: dict[str, str]) -> None:
    everywhere = Counter[str]()
    for name, held in (await copies(town)).items():
        one, *others = held.values()
        assert set(held) == set(one.parties.values()), f"{name} is known to {set(held)}"
        for other in others:
            assert shared(other) == shared(one), name
        everywhere.update({entry.message: len(held) for entry in one.history})
    assert {name for name in accepted if name not in everywhere} == set(), "accepted, and lost"
    for desk in town.desks.values():
        outbox = await desk.outbox()
        assert set(outbox) <= {"delivered"}, (desk.node, outbox)
        assert set(await desk.quarantined()) <= TAMPERED, desk.node
        assert first_broken(await ledger.following(desk.seat.store.read, 0, limit=100_000)) is None
        subjects = await desk.rows("SELECT detail, count(*) FROM ledger GROUP BY detail, action HAVING count(*) > 1")
        assert subjects == [], f"{desk.node} did something twice"
        await require_causal_order(desk)


async def require_causal_order(desk: Desk) -> None:
    """Nobody reads an answer before the question: each step took effect after all that its author had seen."""
    told = dict(await desk.rows("SELECT message_id, jws FROM statements WHERE kind = 'step'"))
    for exchange in await exchanges.page(desk.seat.store.read, limit=1000):
        applied: dict[str, int] = {}
        for entry in exchange.history:
            step = Step.model_validate_json(unverified_payload(told[entry.message]))
            assert all(applied.get(party, 0) >= seen.sequence for party, seen in step.seen.items()), exchange.id
            applied[entry.sender] = entry.sequence


def shared(copy: Exchange) -> tuple[object, ...]:
    """What all copies must agree on; only the order of the history may differ."""
    messages = sorted((entry.message, entry.step, entry.sender, entry.sequence) for entry in copy.history)
    assert len({message for message, *_ in messages}) == len(messages)
    for party in copy.parties.values():  # each sender's steps took effect in order
        numbers = [entry.sequence for entry in copy.history if entry.sender == party]
        assert numbers == list(range(1, len(numbers) + 1))
    agreed = copy.model_dump(include={"state", "parties", "authorities", "facts", "closed_at", "opened_at", "seen"})
    return agreed, messages


@given(faults=FAULTS, seed=st.integers(0, 2**32), events=EVENTS)
def test_all_copies_come_to_one_truth_whatever_happens(
    federation: dict[str, Config], faults: Faults, seed: int, events: list[Event]
) -> None:
    asyncio.run(_live(federation, faults, seed, events))


TALK = st.lists(
    st.builds(Event, st.sampled_from(["act", "post", "take"]), st.sampled_from(NODES), st.integers(0, 255)),
    min_size=30,
    max_size=90,
)
"""Three parties who talk in one open notification, while letters overtake each other."""


@given(seed=st.integers(0, 2**32), events=TALK)
def test_three_parties_who_talk_at_once_read_every_answer_after_its_question(
    federation: dict[str, Config], seed: int, events: list[Event]
) -> None:
    asyncio.run(_live(federation, Faults(reorder=1, delay=5), seed, events, opened=True))


async def _live(
    federation: dict[str, Config], faults: Faults, seed: int, events: list[Event], *, opened: bool = False
) -> None:
    exchange = MemoryExchange(seed)
    with tempfile.TemporaryDirectory(prefix="imi-") as folder:
        async with TownLife(Path(folder), federation, exchange=exchange) as town:
            town.chance.seed(seed)
            story = Story(town)
            if opened:
                await _open_for_comments(town)
            exchange.faults = faults
            for event in events:
                try:
                    await story.tell(event)
                except Refused as refused:
                    raise AssertionError(f"{event} was refused: {refused.detail}") from refused
                town.clock.advance(milliseconds=1)
            exchange.faults = Faults()
            for node in NODES:
                exchange.heal(node)
            await town.settle()
            await require_one_truth(town, story.accepted)
            require_nothing_read(exchange, town, (await copies(town)).keys())


async def _open_for_comments(town: Town) -> None:
    case = await town.DE.open("CY", "notification", subject=CANARY)
    await town.carry()
    await town.EC.act("open", case, procedure="notification")
    await town.carry()


def require_nothing_read(exchange: MemoryExchange, town: Town, cases: object) -> None:
    """G5: the broker has seen sender, recipient, time and size, and nothing of what is inside."""
    names = [CANARY, "notification", "awaiting_acceptance", "requesting", "responding", "e_commerce"]
    names += [town.authority(node) for node in NODES] + sorted(map(str, cases))  # type: ignore[call-overload]
    passed = b"\n".join(envelope for _, _, envelope in exchange.log)
    assert found(names, passed) == []
