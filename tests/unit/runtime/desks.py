"""Nodes without their loops: a test carries each letter by hand, moves both clocks, and crashes whom it likes.

A desk is all of a running node but the loops and the API: store, keys, directory, runtime, sender, receiver. The
place in the middle is the in-process broker.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from broker.memory import MemoryBroker, MemoryExchange
from broker.port import BrokerDown
from node.areas import Areas, Prover, load_areas
from node.ceremony.federation import DIRECTORY_FILE, ROOT_FILE
from node.config import Config
from node.crypto import statement as signing
from node.crypto.envelope import OpenedStatement, seal
from node.crypto.keyring import load_keyring
from node.crypto.statement import Packed
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime import Runtime, Seat, declarations, reading
from node.runtime.intake import Arrival
from node.runtime.trust import recall_trust
from node.sandbox.federation import Validity, found
from node.sandbox.filling import fill
from node.store.database import Store
from node.workers.receive import Receiver
from node.workers.send import Sender
from schemas.api import ExchangeView
from schemas.exchange import Act, Exchange
from schemas.messages import Numbered, Signal

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
RESENT_AFTER_SECONDS = 31
"""Without a receipt by then a letter is to have gone out again."""
LONG = Validity(*[timedelta(days=20 * 365)] * 3)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **period: float) -> None:
        self.at += timedelta(**period)


@dataclass
class Desk:
    """One node of a town."""

    config: Config
    town: "Town"
    seat: Seat
    runtime: Runtime
    broker: MemoryBroker
    sender: Sender
    receiver: Receiver
    life: AsyncExitStack

    @property
    def node(self) -> str:
        return self.config.node

    async def act(self, step: str, exchange: str | None = None, *, procedure: str = "request", **form: Any) -> Exchange:
        """Take a step with a form that is right."""
        return await self.runtime.submit(self.intention(step, exchange, procedure=procedure, **form), OWN_ACCOUNT_ALONE)

    def intention(
        self,
        step: str,
        exchange: str | None = None,
        *,
        procedure: str = "request",
        authority: str | None = None,
        addressed: str | None = None,
        form: Mapping[str, object] | None = None,
        **answers: Any,
    ) -> Act:
        """Say what a user wants to do, with a form that is right besides what is given."""
        area = self.town.area
        name = area.procedures[procedure].steps[step].form
        given = {**answers, **(form or {})}
        if name is not None:
            given = fill(area, name, given, self.seat.clock.now())
        authority = authority or self.town.authority(self.node)
        return Act(
            step=step,
            authority=authority,
            exchange=exchange,
            procedure=procedure,
            form=given,
            addressed=addressed,
        )

    async def open(self, to: str, procedure: str = "request", **form: Any) -> str:
        """Open an exchange; returns its number."""
        return (await self.act("send", procedure=procedure, country_of_establishment=to, **form)).id

    async def view(self, exchange: str) -> ExchangeView:
        return await reading.exchange_view(self.seat, exchange, OWN_ACCOUNT_ALONE)

    async def copy(self, exchange: str) -> Exchange:
        return (await self.view(exchange)).exchange

    async def post(self) -> int:
        """Publish all that is due."""
        total = 0
        while sent := await self.sender.send_due():
            total += sent
        return total

    async def take_in(self, *envelopes: bytes) -> list[Arrival]:
        """Open envelopes and take in what they hold, all with one commit."""
        arrivals = [arrival for envelope in envelopes for arrival in self.receiver.open(envelope)]
        await self.runtime.receive(arrivals)
        return arrivals

    def letters(self) -> list[bytes]:
        """Take what lies in the inbox, away from the broker."""
        inbox = self.town.exchange.inbox(self.node)
        taken: list[bytes] = []
        while more := inbox.take(1000):
            taken += more
        return taken

    def sealed(self, recipient: str, *packed: Packed) -> bytes:
        """Seal signed statements by hand."""
        return seal(
            packed,
            sender=self.node,
            recipient=recipient,
            envelope_id=self.seat.new_id(),
            key=self.seat.trust.sealing_key(recipient, self.seat.clock.now()),
        )

    def signed(self, statement: Numbered | Signal, form: Mapping[str, Any] | None = None) -> Packed:
        """Sign a statement by hand, with what it is to say."""
        digests, disclosures = signing.disclose(form or {}, self.seat.random)
        if digests:
            statement = statement.model_copy(update={"digests": digests})
        return Packed(jws=signing.sign(statement, self.seat.keyring.current), disclosures=disclosures)

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the store."""
        return [tuple(row) for row in await self.seat.store.read.execute_fetchall(sql, values)]

    async def counts(self, table: str) -> int:
        [(count,)] = await self.rows(f"SELECT count(*) FROM {table}")  # noqa: S608  a table of ours
        return int(count)

    async def quarantined(self) -> list[str]:
        """The codes of what lies in quarantine, the oldest first."""
        return [code for (code,) in await self.rows("SELECT code FROM quarantine ORDER BY id")]

    async def outbox(self) -> dict[str, int]:
        """Rows by state."""
        return dict(await self.rows("SELECT state, count(*) FROM outbox GROUP BY state"))

    async def stop(self) -> None:
        """End; what was not committed is gone, as with a killed process."""
        self.broker.crash()
        await self.life.aclose()


@dataclass
class Town:
    """The desks of a federation, and the exchange between them."""

    folder: Path
    configs: dict[str, Config]
    areas: Areas
    clock: HandClock = field(default_factory=HandClock)
    wall: HandClock = field(default_factory=HandClock)
    exchange: MemoryExchange = field(default_factory=MemoryExchange)
    desks: dict[str, Desk] = field(default_factory=dict)
    prover: Prover = field(default_factory=Prover)
    """One for all desks: what one proved, the others need not prove again."""
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311  a reproducible story

    @property
    def area(self) -> Any:
        return self.areas["e_commerce", 1]

    @staticmethod
    def authority(node: str) -> str:
        return "EC/e-commerce" if node == "EC" else f"{node}/consumer-protection"

    def __getattr__(self, node: str) -> Desk:
        desks = self.__dict__.get("desks", {})
        if node in desks:
            return desks[node]  # type: ignore[no-any-return]
        raise AttributeError(node)

    async def seat(self, node: str, *, name: str = "store.sqlite") -> Desk:
        """Seat a node at its store, new or as it was left."""
        config = self.configs[node]
        life = AsyncExitStack()
        place = self.folder / node
        place.mkdir(exist_ok=True)
        store = await Store.open(place / name)
        life.push_async_callback(store.close)
        root, directory = ((config.trust / file).read_text() for file in (ROOT_FILE, DIRECTORY_FILE))
        seat = Seat(
            node=node,
            areas=self.areas,
            keyring=load_keyring(config.keys),
            trust=await recall_trust(store.read, root, directory),
            store=store,
            clock=self.clock,
            wall=self.wall,
            random=self.chance.randbytes,
            prover=self.prover,
        )
        await declarations.recall(seat)
        runtime = Runtime(seat)
        broker = MemoryBroker(node, self.exchange)
        await broker.start()
        desk = Desk(config, self, seat, runtime, broker, Sender(seat, broker), Receiver(seat, runtime, broker), life)
        self.desks[node] = desk
        return desk

    async def restart(self, node: str) -> Desk:
        """Crash a node and start it again on its store."""
        await self.desks[node].stop()
        return await self.seat(node)

    async def carry(self, *, only: Iterable[str] | None = None) -> None:
        """Carry letters to and fro until no desk has anything more to say."""
        nodes = list(only if only is not None else self.desks)
        moved = True
        while moved:
            moved = False
            for node in nodes:
                moved |= bool(await self.desks[node].post())
            for node in nodes:
                if letters := self.desks[node].letters():
                    await self.desks[node].take_in(*letters)
                    moved = True

    async def settle(self, rounds: int = 60) -> None:
        """Let resends happen until every message has ended in a receipt, and nothing waits."""
        for _ in range(rounds):
            for desk in self.desks.values():
                await desk.runtime.tick()
            try:
                await self.carry()
            except BrokerDown:
                continue
            if not [desk for desk in self.desks.values() if await _open_ends(desk)]:
                return
            self.wall.advance(seconds=RESENT_AFTER_SECONDS)
        ends = {node: await _open_ends(desk) for node, desk in self.desks.items()}
        raise AssertionError(f"not at rest: {ends}")

    async def close(self) -> None:
        await asyncio.gather(*(desk.stop() for desk in self.desks.values()))


async def _open_ends(desk: Desk) -> dict[str, int]:
    outbox = await desk.outbox()
    ends = {state: outbox.get(state, 0) for state in ("waiting", "published")}
    ends |= {table: await desk.counts(table) for table in ("waiting", "signals")}
    return {name: count for name, count in ends.items() if count}


def make_federation(folder: Path, nodes: Sequence[str], *, validity: Validity = LONG) -> dict[str, Config]:
    """Found a federation whose keys and papers many tests may share."""
    return found(folder, nodes, at=START, validity=validity, random=Random(7).randbytes)  # noqa: S311


class TownLife:
    """`async with TownLife(folder, configs) as town`."""

    def __init__(self, folder: Path, configs: dict[str, Config], *, exchange: MemoryExchange | None = None) -> None:
        self._town = Town(folder, configs, load_areas(folder), exchange=exchange or MemoryExchange())

    async def __aenter__(self) -> Town:
        for node in self._town.configs:
            await self._town.seat(node)
        return self._town

    async def __aexit__(self, *_: object) -> None:
        await self._town.close()


def opened(arrivals: Iterable[Arrival]) -> list[Numbered | Signal]:
    """The statements among arrivals."""
    return [arrival.statement for arrival in arrivals if isinstance(arrival, OpenedStatement)]
