"""Take envelopes out of the inbox, open them, hand them to the runtime, and only then settle them."""

import asyncio
import logging
import sqlite3

from broker.port import Broker, Delivery
from node.crypto.envelope import EnvelopeRefused, OpenedStatement, open_envelope
from node.runtime import Runtime, Seat
from node.runtime.intake import Arrival, Unopened
from schemas.refusal import Refusal

log = logging.getLogger(__name__)

GROUP = 100  # deliveries taken in with one commit
STORE_SECONDS = 1.0  # pause when the store can't write


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
            await self._take_in(deliveries)
            await self._broker.settle(deliveries)

    async def _take_in(self, deliveries: list[Delivery]) -> None:
        arrivals = [arrival for delivery in deliveries for arrival in self.open(delivery.body)]
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
        return list(opened.items)


def _set_aside(arrival: Arrival, error: Exception) -> Unopened:
    if isinstance(arrival, Unopened):
        return arrival
    jws = arrival.packed.jws.encode() if isinstance(arrival, OpenedStatement) else arrival.jws
    detail = f"the node failed at it: {type(error).__name__}"
    return Unopened(code=Refusal.NOT_PROCESSED, detail=detail, sender=None, body=jws)
