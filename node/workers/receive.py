"""Take envelopes out of the inbox, open them, hand them to the runtime, and only then settle them.

While the directory is beyond its grace nothing is opened for good: deliveries are held, unsettled, and looked
through for the one thing that helps, a current directory from the Commission. It is signed by its holders, so
that it needs nobody's word.
"""

import asyncio
import logging
import sqlite3

from broker.port import Broker, Delivery
from node.crypto.envelope import EnvelopeRefused, OpenedStatement, RefusedStatement, open_envelope
from node.crypto.trust import TrustError
from node.runtime import Runtime, Seat
from node.runtime.intake import Arrival, Unopened
from schemas.messages import DirectoryUpdate, Signal
from schemas.refusal import Refusal

log = logging.getLogger(__name__)

GROUP = 20  # deliveries taken in with one commit
STORE_SECONDS = 1.0  # pause when the store can't write
DIRECTORY_SECONDS = 1.0  # how often to look whether the directory is in force again


class Receiver:
    """The loop that empties the inbox."""

    def __init__(self, seat: Seat, runtime: Runtime, broker: Broker) -> None:
        """Stand ready; `run` begins."""
        self._seat = seat
        self._runtime = runtime
        self._broker = broker

    async def run(self) -> None:
        """Receive, for ever."""
        while True:
            deliveries = await self._broker.receive(GROUP)
            if not self._seat.has_directory():
                deliveries = await self._hold(deliveries)
            await self.take_in(await self._opened(deliveries))
            await self._broker.settle(deliveries)

    async def _opened(self, deliveries: list[Delivery]) -> list[Arrival]:
        arrivals: list[Arrival] = []
        for delivery in deliveries:
            arrivals += self.open(delivery.body)
            await asyncio.sleep(0)  # a full one takes some 10 ms: pages and receipts must not wait for all of them
        return arrivals

    async def _hold(self, deliveries: list[Delivery]) -> list[Delivery]:
        """Wait for a directory in force; returns all that came until then and is not settled yet."""
        held = deliveries
        while True:
            log.warning("receiving.held", extra={"reason": "the directory expired, and its grace is over"})
            await self.look_for_directory(deliveries)
            if self._seat.has_directory():
                return held
            try:
                async with asyncio.timeout(DIRECTORY_SECONDS):
                    deliveries = await self._broker.receive(GROUP)
            except TimeoutError:
                deliveries = []
            newest = max((each.link for each in deliveries), default=held[-1].link)
            # Those of a link that broke are delivered again.
            held = [each for each in held if each.link == newest] + deliveries

    async def look_for_directory(self, deliveries: list[Delivery]) -> None:
        """Take over a newer directory, if one is among deliveries; each of them stays to be taken in."""
        for arrival in (arrival for delivery in deliveries for arrival in self.open(delivery.body)):
            if isinstance(arrival, OpenedStatement) and isinstance(arrival.statement, DirectoryUpdate):
                try:
                    await self._runtime.take_over_directory(arrival.statement)
                except TrustError as error:
                    log.warning("directory.not_trusted", extra={"reason": error.sentence})

    async def take_in(self, arrivals: list[Arrival]) -> None:
        """Take in what was opened; what the node fails at is kept and refused, and the rest goes on."""
        try:
            await self._patiently(arrivals)
        except Exception:  # noqa: BLE001  one of the group met a fault of ours: find it, keep it, go on
            for arrival in arrivals:
                await self._alone(arrival)

    async def _alone(self, arrival: Arrival) -> None:
        try:
            await self._patiently([arrival])
        except Exception as error:
            log.exception("receiving.failed", extra={"arrival": type(arrival).__name__})
            await self._patiently([_set_aside(arrival, error)])

    async def _patiently(self, arrivals: list[Arrival]) -> None:
        """Wait while the store can't write: what is not stored is not settled."""
        while True:
            try:
                await self._runtime.receive(arrivals)
            except sqlite3.OperationalError as error:
                log.warning("receiving.paused", extra={"reason": str(error)})
                await asyncio.sleep(STORE_SECONDS)
            else:
                return

    def open(self, body: bytes) -> list[Arrival]:
        """Open one envelope, steps 1 to 10; a failure of the whole is one arrival too."""
        try:
            opened = open_envelope(body, node=self._seat.node, keyring=self._seat.keyring, trust=self._seat.trust)
        except EnvelopeRefused as refused:
            sender = refused.header.sender if refused.header is not None else None
            return [Unopened(code=refused.code, detail=refused.detail, sender=sender, body=body)]
        except Exception as error:
            log.exception("opening.failed")
            detail = f"the node failed at opening it: {type(error).__name__}"
            return [Unopened(code=Refusal.NOT_PROCESSED, detail=detail, sender=None, body=body)]
        return list(opened.items)


def _set_aside(arrival: Arrival, error: Exception) -> Arrival:
    detail = f"the node failed at it: {type(error).__name__}"
    match arrival:
        case OpenedStatement(statement=statement) if isinstance(statement, Signal):
            return Unopened(Refusal.NOT_PROCESSED, detail, statement.sender, arrival.packed.jws.encode())
        case OpenedStatement(statement=statement):
            jws = arrival.packed.jws.encode()
            return RefusedStatement(Refusal.NOT_PROCESSED, detail, statement.sender, statement.id, arrival.hash, jws)
        case _:
            return arrival
