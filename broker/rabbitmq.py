"""The broker's port on RabbitMQ: publisher confirms, returns, manual acknowledgement, mutual TLS.

Two links, each under its own `Supervisor`: RabbitMQ stops reading from a connection that publishes too much
or while a disk or memory alarm lasts, and acknowledgements must get through just then.

Invariants:
- A link is never mended. Trouble of any kind (closed connection or channel, consumer cancelled or gone, publish
  without a confirm in time) breaks it, and the supervisor builds a new one.
- Deliveries of a link that broke are forgotten here; the broker delivers them again on the next.
- Links speak to the aiormq channels below aio-pika (`get_underlay_channel`): only there can one acknowledge by
  tag, and hear that the broker cancelled a consumer. As fast as aio-pika itself, measured side by side.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import aio_pika
from aio_pika.abc import AbstractConnection, ConnectionParameter
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, DeliveryError, PublishError
from aiormq import spec
from aiormq.abc import AbstractChannel, DeliveredMessage
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from broker import topology
from broker.acknowledgement import Outstanding
from broker.diagnosis import explain
from broker.port import BrokerDown, BrokerHealth, Delivery, Unroutable
from broker.supervisor import Pauses, Supervisor, ended
from broker.tls import TlsFiles, client_context
from schemas.identifiers import NodeId

_log = logging.getLogger(__name__)

_PERSISTENT = 2  # AMQP 0-9-1, basic class, delivery-mode
_CLOSE_SECONDS = 4.0


class Limits(BaseModel):
    """How long and how much; the defaults suit brokers in the same country as well as across the Union."""

    model_config = ConfigDict(frozen=True)

    connect_seconds: PositiveFloat = 10.0
    publish_seconds: PositiveFloat = 15.0
    """Without a confirm for so long the link counts as hung: the publication fails, and the link is rebuilt."""
    wait_seconds: PositiveFloat = 1.0
    """How long a publication waits for a link that is just being rebuilt."""
    watch_seconds: PositiveFloat = 15.0
    """How often the broker is asked whether the inbox still has a consumer."""
    heartbeat_seconds: PositiveInt = 15
    prefetch: PositiveInt = 400
    """How many deliveries may be unsettled; at 256 KiB each, 100 MiB of memory at most."""
    pauses: Pauses = Pauses()


class _Connection(aio_pika.Connection):
    # asyncio waits 30 s for a TLS peer's goodbye; one that hangs would hold up the rebuilding.
    PARAMETERS = (
        *aio_pika.Connection.PARAMETERS,
        ConnectionParameter(name="ssl_shutdown_timeout", parser=float, is_kwarg=True),
    )


class _Link:
    """One connection with one channel, until the first sign of trouble."""

    def __init__(self, connection: AbstractConnection, channel: AbstractChannel) -> None:
        self.channel = channel
        self._connection = connection
        self._broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._closing = channel.closing
        self._closing.add_done_callback(self._on_closing)

    @property
    def is_broken(self) -> bool:
        return self._broken.done()

    async def broken(self) -> str:
        return await self._broken

    def fail(self, reason: str) -> None:
        """Declare the link of no more use."""
        if not self._broken.done():
            self._broken.set_result(reason)

    async def close(self) -> None:
        self._closing.remove_done_callback(self._on_closing)
        self.fail("It was closed.")
        await _close(self._connection)

    def _on_closing(self, closing: asyncio.Future[object]) -> None:
        reason = None if closing.cancelled() else closing.exception()
        self.fail(f"The broker closed the link: {reason or 'no reason given'}.")


class _Inbound(_Link):
    """The link that receives; it asks now and then whether the broker still sees its consumer."""

    def __init__(self, connection: AbstractConnection, channel: AbstractChannel, number: int) -> None:
        super().__init__(connection, channel)
        self.number = number
        self.outstanding = Outstanding()
        self.consumer_tag: str | None = None
        self._arrived = 0
        self._watch: asyncio.Task[None] | None = None

    async def consume(self, queue: str, limits: Limits, deliver: Callable[[Delivery], None]) -> None:
        """Begin to receive; raises what aiormq raises when the broker refuses."""

        async def take(message: DeliveredMessage) -> None:
            tag = message.delivery_tag or 0
            self.outstanding.add(tag)
            self._arrived += 1
            deliver(Delivery(body=message.body, tag=tag, link=self.number))

        self.channel.on_consumer_cancel_callbacks.add(self._on_cancelled)
        await self.channel.basic_qos(prefetch_count=limits.prefetch)
        self.consumer_tag = (await self.channel.basic_consume(queue, take)).consumer_tag
        self._watch = asyncio.create_task(self._watch_consumer(queue, limits), name=f"watch {queue}")

    async def close(self) -> None:
        if self._watch is not None:
            await ended(self._watch)
        await super().close()

    def _on_cancelled(self, _: spec.Basic.Cancel) -> None:
        self.fail("The broker cancelled the consumer; was the inbox deleted?")

    async def _watch_consumer(self, queue: str, limits: Limits) -> None:
        try:
            while True:
                arrived = self._arrived
                await asyncio.sleep(limits.watch_seconds)
                seen = await self.channel.queue_declare(queue, passive=True, timeout=limits.publish_seconds)
                idle = self._arrived == arrived and not self.outstanding
                if consumer_is_lost(seen.consumer_count or 0, seen.message_count or 0, idle=idle):
                    self.fail("The broker has lost this node's consumer.")
        except TimeoutError:
            self.fail("The broker did not answer in time when asked about the consumer.")
        except CONNECTION_EXCEPTIONS as problem:
            self.fail(f"The broker could not be asked about the consumer: {problem!r}.")


def consumer_is_lost(consumers: int, waiting: int, *, idle: bool) -> bool:
    """Say whether the broker has forgotten a consumer that believes itself alive.

    Args:
        consumers: how many the broker counts for the inbox; other processes of the same node count too.
        waiting: how many envelopes are ready for delivery.
        idle: nothing came in since the last look, and nothing is unsettled, so there was room.
    """
    return consumers == 0 or (waiting > 0 and idle)


class RabbitBroker:
    """One node's connection to RabbitMQ: implements `broker.port.Broker`.

    Args:
        node: the node's name, which is also its user's name.
        url: `amqps://host:5671/` with certificate files, or `amqp://user:password@host:5672/`.
        tls: the link's files. Without a user in the URL the certificate signs in (SASL EXTERNAL). They are read
            anew for each link, so that a renewed certificate needs no restart.
        limits: times and sizes.
    """

    def __init__(self, node: NodeId, url: str, tls: TlsFiles | None = None, limits: Limits | None = None) -> None:
        self._node = node
        self._limits = limits or Limits()
        self._tls = tls
        self._url = _link_url(url, self._limits, by_certificate=tls is not None)
        self._address = urlsplit(url).netloc.rpartition("@")[2]
        self._waiting: deque[Delivery] = deque()
        self._arrived = asyncio.Event()
        self._receiving: _Inbound | None = None  # set before the first delivery can come, unlike the supervisor's
        self._outbound = Supervisor(
            "out", build=self._build_outbound, explain=self._explain, pauses=self._limits.pauses
        )
        self._inbound = Supervisor("in", build=self._build_inbound, explain=self._explain, pauses=self._limits.pauses)

    async def start(self) -> None:
        """See `broker.port.Broker.start`."""
        self._inbound.start()
        self._outbound.start()

    async def stop(self) -> None:
        """See `broker.port.Broker.stop`."""
        await asyncio.gather(self._inbound.stop(), self._outbound.stop())
        self._waiting.clear()

    async def publish(self, recipient: NodeId, envelope: bytes) -> None:
        """See `broker.port.Broker.publish`."""
        link = await self._outbound.wait_open(self._limits.wait_seconds)
        key = topology.routing_key(self._node, recipient)
        try:
            async with asyncio.timeout(self._limits.publish_seconds):
                await _confirmed(link.channel, key, envelope)
        except PublishError:
            raise Unroutable(f"no inbox of {recipient} is bound; is it admitted to {self._address}?") from None
        except DeliveryError:
            raise BrokerDown(f"the broker would not take it; the inbox of {recipient} may be full") from None
        except TimeoutError:
            link.fail(f"No confirm within {self._limits.publish_seconds:g} s.")
            raise BrokerDown(f"the broker at {self._address} gave no confirm in time") from None
        except CONNECTION_EXCEPTIONS as problem:
            link.fail(f"The link broke while publishing: {problem!r}.")
            raise BrokerDown(f"the link to {self._address} broke before the confirm: {problem!r}") from problem

    async def receive(self, limit: int) -> list[Delivery]:
        """See `broker.port.Broker.receive`."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    async def settle(self, deliveries: list[Delivery]) -> None:
        """See `broker.port.Broker.settle`."""
        link = self._receiving
        if link is None or link.is_broken:
            return
        try:
            for ack in link.outstanding.settle({d.tag for d in deliveries if d.link == link.number}):
                await link.channel.basic_ack(ack.tag, multiple=ack.multiple, wait=False)
        except CONNECTION_EXCEPTIONS as problem:
            _log.info("a settlement was lost with its link: %r", problem)

    def health(self) -> BrokerHealth:
        """See `broker.port.Broker.health`."""
        rebuilt = self._inbound.rebuilt + self._outbound.rebuilt
        for side in (self._inbound, self._outbound):
            if side.link is None:
                return BrokerHealth(connected=False, detail=side.detail, rebuilt=rebuilt)
        return BrokerHealth(connected=True, detail=f"Connected to {self._address} as {self._node}.", rebuilt=rebuilt)

    async def _build_outbound(self, _: int) -> _Link:
        connection, channel = await self._open()
        return _Link(connection, channel)

    async def _build_inbound(self, number: int) -> _Inbound:
        self._waiting.clear()  # of the link before: the broker delivers them again
        connection, channel = await self._open()
        link = self._receiving = _Inbound(connection, channel, number)
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                await link.consume(topology.inbox(self._node), self._limits, self._take)
        except BaseException:
            await link.close()
            raise
        return link

    async def _open(self) -> tuple[AbstractConnection, AbstractChannel]:
        context = client_context(self._tls) if self._tls else None
        seconds = self._limits.connect_seconds
        connection = await aio_pika.connect(
            self._url, ssl_context=context, timeout=seconds, connection_class=_Connection
        )
        try:
            async with asyncio.timeout(seconds):
                channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                return connection, await channel.get_underlay_channel()
        except BaseException:
            await _close(connection)
            raise

    def _take(self, delivery: Delivery) -> None:
        self._waiting.append(delivery)
        self._arrived.set()

    def _explain(self, problem: Exception) -> str:
        return explain(problem, node=self._node, address=self._address)


async def _confirmed(channel: AbstractChannel, key: str, envelope: bytes) -> None:
    """Publish, and wait for the broker's confirm; raises what aiormq raises, and ConnectionError."""
    try:
        await channel.basic_publish(
            envelope,
            exchange=topology.EXCHANGE,
            routing_key=key,
            properties=spec.Basic.Properties(delivery_mode=_PERSISTENT),
            mandatory=True,
        )
    except asyncio.CancelledError:
        # aiormq cancels the confirms of a channel that closes; only a cancellation of this task is one.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise ConnectionError("the channel closed before the confirm") from None


async def _close(connection: AbstractConnection) -> None:
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await connection.close()
    except (TimeoutError, *CONNECTION_EXCEPTIONS) as problem:
        _log.info("a broken link did not close cleanly: %r", problem)


def _link_url(url: str, limits: Limits, *, by_certificate: bool) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {"heartbeat": str(limits.heartbeat_seconds)}
    if parts.scheme == "amqps":
        query["ssl_shutdown_timeout"] = "1"
    if by_certificate and not parts.username:
        query["auth"] = "EXTERNAL"
    return parts._replace(query=urlencode(query)).geturl()
