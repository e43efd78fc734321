"""The broker's port within one process: for tests, simulations and properties.

`MemoryExchange` is the place in the middle, `MemoryBroker` one node's connection to it. What a bad network or
a hostile operator can do is a knob in `Faults`, and all chance comes from one seed: the same calls with the
same seed give the same story, so that a failure found once can be told again.

Invariants:
- Time plays no part: a delay is counted in other envelopes for the same inbox, and what is held back is let
  go at the latest when nothing else waits there. So nothing but `drop` loses an envelope.
- Each publication draws the same number of times, whatever the knobs: turning one does not shuffle another.
"""

import asyncio
from random import Random
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from broker.port import BrokerDown, BrokerHealth, Delivery, Unroutable
from schemas.identifiers import NodeId

Chance = Annotated[float, Field(ge=0, le=1)]


class Faults(BaseModel):
    """What goes wrong with an envelope, each by its own chance, from 0 (never) to 1 (always)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fail_publish: Chance = 0
    """The exchange refuses: BrokerDown, and the envelope was not taken."""
    lose_confirm: Chance = 0
    """The envelope was taken, but the sender hears BrokerDown: it can't know."""
    drop: Chance = 0
    """Confirmed, yet never delivered."""
    repeat: Chance = 0
    """Delivered twice."""
    tamper: Chance = 0
    """Delivered with one bit flipped."""
    reorder: Chance = 0
    """Put in at any place of those that wait."""
    delay: Annotated[int, Field(ge=0)] = 0
    """Held back while up to this many other envelopes come to the same inbox; how many is drawn evenly."""


class Passed(NamedTuple):
    """One envelope as it was handed to the exchange, before any fault."""

    sender: NodeId
    recipient: NodeId
    envelope: bytes


class _Held(NamedTuple):
    until: int  # the inbox's count of arrivals at which it is let go
    body: bytes


class _Inbox:
    """A durable queue: it outlives the connections of its node."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []
        self.changed = asyncio.Event()
        self._held: list[_Held] = []
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self.waiting) + len(self._held)

    def put(self, body: bytes, *, delay: int, place: float | None) -> None:
        """Take one envelope: hold it back for `delay` others, or put it in at `place` (0 first, 1 and None last)."""
        self._arrivals += 1
        if delay:
            self._held.append(_Held(self._arrivals + delay, body))
        else:
            index = len(self.waiting) if place is None else round(place * len(self.waiting))
            self.waiting.insert(index, body)
        self._let_go(self._arrivals)
        self.changed.set()

    def put_back(self, bodies: list[bytes]) -> None:
        """Take back what was delivered but not settled: it comes first again, as with a real broker."""
        self.waiting[:0] = bodies
        self.changed.set()

    def take(self, limit: int) -> list[bytes]:
        """Hand out up to `limit` envelopes; when none waits, the one held back longest."""
        if not self.waiting and self._held:
            self._let_go(min(held.until for held in self._held))
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def _let_go(self, arrivals: int) -> None:
        self.waiting += [held.body for held in self._held if held.until <= arrivals]
        self._held = [held for held in self._held if held.until > arrivals]


class MemoryExchange:
    """The place in the middle, with its inboxes, its faults and a log of all that passed."""

    def __init__(self, seed: int = 0, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.log: list[Passed] = []
        """All that its operator could read: every envelope that was handed over, whatever became of it."""
        self._chance = Random(seed)  # noqa: S311 - a reproducible story, no secret
        self._inboxes: dict[NodeId, _Inbox] = {}
        self._cut: set[NodeId] = set()
        self._brokers: list[MemoryBroker] = []

    def cut(self, node: NodeId) -> None:
        """Part a node from the exchange; what it has not settled will be delivered again."""
        self._cut.add(node)
        for broker in self._brokers:
            if broker.node == node:
                broker.lose_link()

    def heal(self, node: NodeId) -> None:
        """Let a parted node reach the exchange again."""
        self._cut.discard(node)
        self.inbox(node).changed.set()

    def is_cut(self, node: NodeId) -> bool:
        """Say whether a node can't reach the exchange."""
        return node in self._cut

    def attach(self, broker: "MemoryBroker") -> _Inbox:
        """Give a node its inbox, made when the node is first seen and kept from then on."""
        self._brokers.append(broker)
        return self._inboxes.setdefault(broker.node, _Inbox())

    def inbox(self, node: NodeId) -> _Inbox:
        """Find a node's inbox.

        Raises:
            Unroutable: that node was never attached.
        """
        if node not in self._inboxes:
            raise Unroutable(f"no inbox of {node} is bound; is it admitted to this broker?")
        return self._inboxes[node]

    def take(self, sender: NodeId, recipient: NodeId, envelope: bytes) -> None:
        """Carry one envelope to the recipient's inbox, with whatever the faults do to it.

        Raises:
            BrokerDown: by `fail_publish` (not taken) or `lose_confirm` (taken).
            Unroutable: that node was never attached.
        """
        inbox, faults = self.inbox(recipient), self.faults
        fail, lose, drop, repeat, tamper, reorder, place, delay, bit = (self._chance.random() for _ in range(9))
        if fail < faults.fail_publish:
            raise BrokerDown("the exchange did not take the envelope (a fault that was asked for)")
        self.log.append(Passed(sender, recipient, envelope))
        if drop >= faults.drop:
            body = _flip(envelope, bit) if tamper < faults.tamper else envelope
            where = place if reorder < faults.reorder else None
            for _ in range(2 if repeat < faults.repeat else 1):
                inbox.put(body, delay=int(delay * (faults.delay + 1)), place=where)
        if lose < faults.lose_confirm:
            raise BrokerDown("the exchange's confirm was lost (a fault that was asked for)")


class MemoryBroker:
    """One node's connection to a `MemoryExchange`: implements `broker.port.Broker`."""

    def __init__(self, node: NodeId, exchange: MemoryExchange) -> None:
        self.node = node
        self._exchange = exchange
        self._inbox = exchange.attach(self)
        self._running = False
        self._link = 0
        self._tag = 0
        self._unsettled: dict[int, bytes] = {}

    async def start(self) -> None:
        """See `broker.port.Broker.start`."""
        self._running = True
        self._inbox.changed.set()

    async def stop(self) -> None:
        """See `broker.port.Broker.stop`."""
        self.crash()

    def crash(self) -> None:
        """End as a killed process does: nothing more is settled; what was not is delivered again."""
        self._running = False
        self.lose_link()

    def lose_link(self) -> None:
        """Lose the connection, as at a cut: the exchange takes back what is not settled."""
        self._inbox.put_back(list(self._unsettled.values()))
        self._unsettled.clear()
        self._link += 1

    async def publish(self, recipient: NodeId, envelope: bytes) -> None:
        """See `broker.port.Broker.publish`."""
        await asyncio.sleep(0)  # others run while a confirm is awaited, as with a real broker
        if not self._connected:
            raise BrokerDown(self.health().detail)
        self._exchange.take(self.node, recipient, envelope)

    async def receive(self, limit: int) -> list[Delivery]:
        """See `broker.port.Broker.receive`."""
        while not (self._connected and (bodies := self._inbox.take(limit))):
            self._inbox.changed.clear()
            await self._inbox.changed.wait()
        return [self._delivery(body) for body in bodies]

    async def settle(self, deliveries: list[Delivery]) -> None:
        """See `broker.port.Broker.settle`."""
        for delivery in deliveries:
            if delivery.link == self._link:
                self._unsettled.pop(delivery.tag, None)

    def health(self) -> BrokerHealth:
        """See `broker.port.Broker.health`."""
        if not self._running:
            detail = "Not started."
        elif self._exchange.is_cut(self.node):
            detail = f"{self.node} is cut off from the exchange; heal it to go on."
        else:
            detail = f"Connected in memory as {self.node}."
        return BrokerHealth(connected=self._connected, detail=detail, rebuilt=self._link)

    @property
    def _connected(self) -> bool:
        return self._running and not self._exchange.is_cut(self.node)

    def _delivery(self, body: bytes) -> Delivery:
        self._tag += 1
        self._unsettled[self._tag] = body
        return Delivery(body=body, tag=self._tag, link=self._link)


def _flip(envelope: bytes, where: float) -> bytes:
    """Flip the bit that lies at the fraction `where` of an envelope; an empty one has none."""
    if not envelope:
        return envelope
    byte, bit = divmod(int(where * len(envelope) * 8), 8)
    return envelope[:byte] + bytes([envelope[byte] ^ 1 << bit]) + envelope[byte + 1 :]
